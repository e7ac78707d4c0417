//! Defines what is said of a definition that nobody owns yet: a name must stand there, and this one is nobody's.

use super::document::Document;
use super::key_path::KeyPath;
use super::load::{ExperimentDraft, MetricDraft};
use super::problem::{Rule, Severity};

/// The owner of a definition that a program proposed and nobody has taken over.
pub const NOBODY_YET: &str = "nobody yet";

/// Warns of every definition that nobody owns; under strict governance it is an error.
pub(super) fn owners(
    metrics: &mut [MetricDraft],
    experiments: &mut [ExperimentDraft],
    strict: bool,
) {
    for draft in metrics {
        let owner = draft.metric.as_ref().map(|metric| metric.owner.as_str());
        owned(owner, &mut draft.document, strict);
    }
    for draft in experiments {
        let experiment = draft.expanded.experiment.as_ref();
        let owner = experiment.map(|experiment| experiment.owner.as_str());
        owned(owner, &mut draft.document, strict);
    }
}

fn owned(owner: Option<&str>, document: &mut Document, strict: bool) {
    if owner != Some(NOBODY_YET) {
        return;
    }
    let severity = if strict {
        Severity::Error
    } else {
        Severity::Warning
    };
    document.report(
        severity,
        Rule::NoOwner,
        &KeyPath::of("owner"),
        format!("'{NOBODY_YET}' is a placeholder, so nobody answers for this definition"),
        "write the team or person who does",
    );
}
