//! Writes a proposal as the files of a workspace, by path.

use std::collections::BTreeMap;

use super::experiments::ProposedExperiment;
use super::proposal::InitProposal;
use crate::catalog::{Remarks, RenderError, draft_experiment, draft_metric, draft_workspace};
use crate::domain::definition::{Direction, TableKind};

/// What stays out of version control: rows that were rejected hold unit ids, and what is derived is made again.
const IGNORED: &str = "\
# Rows that were set aside, kept sums and what waits on disk: derived, and about single people.
quarantine/
cache/
spill/
.readout-*
";

/// Files by their path in the workspace.
pub type ProposedFiles = BTreeMap<String, String>;

/// Every file of the workspace.
///
/// # Errors
/// [`RenderError`] when a value has no form in TOML.
pub fn proposed_files(proposal: &InitProposal) -> Result<ProposedFiles, RenderError> {
    let mut files = BTreeMap::from([(".gitignore".to_owned(), IGNORED.to_owned())]);
    let text = draft_workspace(&proposal.workspace, &proposal.facts, &remarks(proposal))?;
    files.insert("readout.toml".to_owned(), text);
    for each in &proposal.experiments {
        let mut remarks = each.remarks.clone();
        if !each.experiment.metrics.is_empty() {
            remarks.above(
                "diagnostics",
                "Every metric is a draft that only explains. Once one is active and you have confirmed which way is good, let it decide:",
            );
            let first = deciding(proposal, each);
            remarks.above("diagnostics", format!("primary = [\"{first}\"]"));
        }
        let text = draft_experiment(&each.experiment, &remarks)?;
        files.insert(format!("experiments/{}.toml", each.experiment.id), text);
    }
    for each in &proposal.metrics {
        let text = draft_metric(&each.metric, each.fact.as_deref(), &each.remarks)?;
        files.insert(format!("metrics/{}.toml", each.metric.id), text);
    }
    Ok(files)
}

/// The metric that a comment names as the one that could decide: the first for which more is better, by its name.
fn deciding<'p>(proposal: &'p InitProposal, each: &'p ProposedExperiment) -> &'p str {
    let good = proposal
        .metrics
        .iter()
        .find(|one| one.metric.direction == Direction::Increase)
        .map(|one| one.metric.id.as_str());
    let first = each.experiment.metrics.first();
    good.or_else(|| first.map(|metric| metric.id.as_str()))
        .unwrap_or_default()
}

fn remarks(proposal: &InitProposal) -> Remarks {
    let mut remarks = Remarks {
        head: vec!["Proposed by `readout init`: a guess until somebody confirms it. `readout lint` says what is open.".to_owned()],
        ..Remarks::default()
    };
    if proposal.workspace.time_zone.is_none() {
        remarks.above(
            "tables",
            "time_zone = \"UTC\"   (unknown: the zone of local days, and of times that carry none)",
        );
    }
    for (name, last) in &proposal.latest {
        remarks.above(
            &format!("tables.{name}"),
            format!("complete_through is not guessed: add the last day that is whole. The latest row is of {last}."),
        );
    }
    for table in proposal.tables.iter().filter(|table| !table.is_read) {
        let key = format!("tables.{}", table.table.name);
        remarks.above(
            &key,
            "Only the dbt manifest tells of this table: say where its file is.",
        );
    }
    for table in proposal
        .tables
        .iter()
        .filter(|table| table.table.kind == TableKind::Events)
    {
        if table.table.lateness.is_some() {
            remarks.beside(
                &format!("tables.{}", table.table.name),
                "lateness: all but one row in a thousand arrived within it",
            );
        }
    }
    remarks
}
