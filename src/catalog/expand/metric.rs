//! Defines the expansion of a metric file.

use super::super::document::Document;
use super::super::file::{DriverFile, MetricFile};
use super::super::key_path::KeyPath;
use super::super::problem::{Rule, short};
use super::Surroundings;
use super::measure::{cap, covariates, magnitude, window};
use super::time::{DateMeans, instant};
use super::value::{FoundValue, FoundValues, of_metric};
use crate::domain::definition::{
    Aggregate, Cap, Covariate, Decision, Driver, Identifier, Metric, MetricKind, Role, TableKind,
    Version, Window,
};

/// The metric that a file defines; `None` when something of it cannot be, which is then reported.
pub(in crate::catalog) fn metric(
    file: &MetricFile,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Option<Metric> {
    let id = file
        .id
        .as_deref()
        .and_then(|id| identifier(id, document, &KeyPath::of("id")));
    let version = file
        .version
        .as_deref()
        .and_then(|text| version(text, document));
    let owner = file
        .owner
        .as_deref()
        .and_then(|owner| filled(owner, document, "owner"));
    let found = match file.kind {
        Some(kind) => of_metric(file, kind, surroundings, document),
        None => FoundValues {
            value: None,
            denominator: None,
            steps: Vec::new(),
        },
    };
    let FoundValues {
        value: found,
        denominator,
        steps,
    } = found;
    let window = the_window(file, found.as_ref(), denominator.as_ref(), document);
    let quantile = quantile(file, document);
    let kinds = file.kind.zip(found.as_ref().map(|found| found.table_kind));
    let (cap, covariates) = the_adjustments(file, kinds, surroundings, document);
    let over_rows = found
        .as_ref()
        .is_some_and(|found| found.value.aggregate == Aggregate::Each);
    if over_rows && cap.is_some() {
        let reason = "a quantile over rows is not moved by how large the largest are";
        document.error(Rule::BadCap, &KeyPath::of("cap"), reason, "remove `cap`");
    }
    let margin = file
        .margin
        .as_ref()
        .and_then(|written| magnitude(written, document, &KeyPath::of("margin")));
    let minimum_effect = file
        .minimum_effect
        .as_ref()
        .and_then(|written| magnitude(written, document, &KeyPath::of("minimum_effect")));
    let drivers = drivers(
        file.drivers.as_deref().unwrap_or_default(),
        id.as_ref(),
        document,
    );
    let deprecated_on = file.deprecated_on.and_then(|moment| {
        instant(
            moment,
            DateMeans::Start,
            surroundings,
            document,
            &KeyPath::of("deprecated_on"),
        )
    });
    let eligible_as = roles(file.eligible_as.as_deref(), document);
    if document.has_errors() {
        return None;
    }
    Some(Metric {
        id: id?,
        version: version?,
        status: file.status?,
        owner: owner?,
        description: file.description.clone(),
        kind: file.kind?,
        unit: file.unit.clone(),
        direction: file.direction?,
        eligible_as,
        value: found?.value,
        denominator: denominator.map(|found| found.value),
        steps: steps.into_iter().map(|step| step.value).collect(),
        quantile,
        window,
        cap,
        covariates,
        margin,
        minimum_effect,
        decision: file.decision.as_ref().map(|written| Decision {
            question: written.question.clone(),
            reader: written.reader.clone(),
            if_worse: written.if_worse.clone(),
        }),
        drivers,
        runbook: file.runbook.clone(),
        deprecated_on,
    })
}

/// The id at `path`.
pub(super) fn identifier(
    text: &str,
    document: &mut Document,
    path: &KeyPath,
) -> Option<Identifier> {
    match Identifier::new(text) {
        Ok(id) => Some(id),
        Err(error) => {
            document.error(
                Rule::BadId,
                path,
                format!("'{}' is no id: {error}", short(text)),
                "write an id such as net-revenue",
            );
            None
        }
    }
}

/// A text that must say something.
pub(super) fn filled(text: &str, document: &mut Document, key: &str) -> Option<String> {
    if text.trim().is_empty() {
        document.error(
            Rule::BadText,
            &KeyPath::of(key),
            format!("'{key}' is empty"),
            format!("write the {key}"),
        );
        return None;
    }
    Some(text.to_owned())
}

fn version(text: &str, document: &mut Document) -> Option<Version> {
    match text.parse::<Version>() {
        Ok(version) => Some(version),
        Err(error) => {
            document.error(
                Rule::BadVersion,
                &KeyPath::of("version"),
                format!("'{}' is no version: {error}", short(text)),
                "write three numbers, such as \"1.0.0\"",
            );
            None
        }
    }
}

/// The roles a metric may take, in the order of the vocabulary; all of them where it does not say.
fn roles(written: Option<&[Role]>, document: &mut Document) -> Vec<Role> {
    let Some(written) = written else {
        return Role::ALL.to_vec();
    };
    if written.is_empty() && document.is_whole {
        document.error(
            Rule::BadText,
            &KeyPath::of("eligible_as"),
            "a metric that is eligible for no role cannot be used",
            "name a role, or remove `eligible_as` to allow every one",
        );
    }
    Role::ALL
        .iter()
        .copied()
        .filter(|role| written.contains(role))
        .collect()
}

fn the_window(
    file: &MetricFile,
    found: Option<&FoundValue>,
    denominator: Option<&FoundValue>,
    document: &mut Document,
) -> Option<Window> {
    let path = KeyPath::of("window");
    let expanded = file
        .window
        .as_ref()
        .and_then(|written| window(written, document));
    let mut values = found.into_iter().chain(denominator).peekable();
    values.peek()?;
    let of_events = values.any(|value| value.table_kind == TableKind::Events);
    let written = document.holds(&path);
    if of_events && !written && document.is_whole {
        let at = ["value", "fact", "numerator"].map(KeyPath::of);
        document.error(
            Rule::ImpossibleWindow,
            at.iter().find(|path| document.holds(path)).unwrap_or(&path),
            "a value over events has no window, so units would count for as long as they happen to be there",
            "add `window = \"7d\"`",
        );
    }
    let both_known = file.kind != Some(MetricKind::Ratio) || denominator.is_some();
    let starts_late = expanded
        .as_ref()
        .is_some_and(|window| window.start > crate::domain::definition::Duration::ZERO);
    if file.kind == Some(MetricKind::Retention) && expanded.is_some() && !starts_late {
        document.error(
            Rule::ImpossibleWindow,
            &path,
            "whoever has just come is not yet back: retention needs a window that begins later",
            "write `window = { start = \"7d\", end = \"8d\" }`, or use `kind = \"proportion\"`",
        );
    }
    if !of_events && written && both_known {
        document.error(
            Rule::ImpossibleWindow,
            &path,
            "a ready-made value has no time, so no window can be laid over it",
            "remove `window`",
        );
        return None;
    }
    expanded
}

fn the_adjustments(
    file: &MetricFile,
    kinds: Option<(MetricKind, TableKind)>,
    surroundings: &Surroundings,
    document: &mut Document,
) -> (Option<Cap>, Vec<Covariate>) {
    let Some((kind, table_kind)) = kinds else {
        return (None, Vec::new());
    };
    let cap = file
        .cap
        .as_ref()
        .and_then(|written| cap(written, kind, table_kind, document));
    let covariates = covariates(file, kind, table_kind, surroundings, document);
    (cap, covariates)
}

/// Which quantile, of a metric that is one.
fn quantile(file: &MetricFile, document: &mut Document) -> Option<f64> {
    let path = KeyPath::of("quantile");
    let problem = match (file.kind?, file.quantile) {
        (MetricKind::Quantile, Some(quantile)) if quantile > 0.0 && quantile < 1.0 => {
            return Some(quantile);
        }
        (MetricKind::Quantile, Some(_)) => "a quantile lies between 0 and 1, both outside",
        (MetricKind::Quantile, None) => "the metric does not say which quantile it is",
        (_, Some(_)) => {
            let reason = "only a metric of kind quantile has one";
            document.error(Rule::BadValue, &path, reason, "remove `quantile`");
            return None;
        }
        (_, None) => return None,
    };
    if file.quantile.is_some() || (!document.holds(&path) && document.is_whole) {
        document.error(Rule::BadValue, &path, problem, "write `quantile = 0.9`");
    }
    None
}

fn drivers(
    written: &[DriverFile],
    own: Option<&Identifier>,
    document: &mut Document,
) -> Vec<Driver> {
    let mut found = Vec::new();
    for (index, driver) in written.iter().enumerate() {
        let path = KeyPath::of("drivers").index(index).key("metric");
        let Some(metric) = identifier(&driver.metric, document, &path) else {
            continue;
        };
        if own == Some(&metric) {
            document.error(
                Rule::UnknownMetric,
                &path,
                "a metric does not drive itself",
                "name another metric",
            );
        }
        found.push(Driver {
            metric,
            kind: driver.kind.name().to_owned(),
            evidence: driver.evidence.clone().unwrap_or_default(),
        });
    }
    found
}
