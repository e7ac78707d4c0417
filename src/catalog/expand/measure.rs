//! Defines how windows, caps, covariates and magnitudes are expanded, and which cannot be.

use super::super::document::Document;
use super::super::file::{
    CapFile, CovariateFile, MagnitudeFile, MetricFile, WindowFile, WindowTable,
};
use super::super::key_path::KeyPath;
use super::super::problem::Rule;
use super::time::{length, positive_length};
use super::{Surroundings, TableFound};
use crate::domain::definition::{
    Anchor, Cap, Covariate, Duration, Magnitude, Metric, MetricKind, TableKind, UnitsRule, Value,
    Window,
};

/// The window at `window`.
pub(super) fn window(written: &WindowFile, document: &mut Document) -> Option<Window> {
    let path = KeyPath::of("window");
    let short_form;
    let (table, end_path) = match written {
        WindowFile::Length(end) => {
            short_form = WindowTable {
                anchor: None,
                start: None,
                end: end.clone(),
                units: None,
            };
            (&short_form, path.clone())
        }
        WindowFile::Table(table) => (table, path.key("end")),
    };
    let start = match &table.start {
        Some(start) => length(start, document, &path.key("start")),
        None => Some(Duration::ZERO),
    };
    let end = length(&table.end, document, &end_path);
    let (start, end) = (start?, end?);
    if start < Duration::ZERO {
        document.error(
            Rule::ImpossibleWindow,
            &path.key("start"),
            "a window that starts before its anchor counts what the variant cannot have caused",
            "start at 0d or later; for earlier values use `covariate = { window = \"14d\" }`",
        );
        return None;
    }
    if end <= start {
        document.error(
            Rule::ImpossibleWindow,
            &end_path,
            format!("a window from {start} to {end} holds no time"),
            "end it after its start",
        );
        return None;
    }
    Some(Window {
        anchor: table.anchor.unwrap_or(Anchor::Entry),
        start,
        end,
        units: table.units.unwrap_or(UnitsRule::Matured),
    })
}

/// The cap at `cap`.
pub(super) fn cap(
    written: &CapFile,
    kind: MetricKind,
    table_kind: TableKind,
    document: &mut Document,
) -> Option<Cap> {
    let path = KeyPath::of("cap");
    let mut bad = |path: &KeyPath, reason: &str, fix: &str| {
        document.error(Rule::BadCap, path, reason, fix);
        None
    };
    if kind.is_share() {
        return bad(
            &path,
            "its values are 0 and 1, so there is nothing to cap",
            "remove `cap`",
        );
    }
    if table_kind == TableKind::Summaries {
        return bad(
            &path,
            "a published summary has no units left to cap",
            "remove `cap`",
        );
    }
    match (written.value, written.quantile) {
        (Some(value), None) => Some(Cap::Value(value)),
        (None, Some(quantile)) if quantile > 0.0 && quantile < 1.0 => Some(Cap::Quantile(quantile)),
        (None, Some(_)) => bad(
            &path.key("quantile"),
            "the quantile of a cap lies between 0 and 1, both outside",
            "write a share, such as 0.999",
        ),
        _ => bad(
            &path,
            "a cap is either a value or a quantile",
            "write `cap = { quantile = 0.999 }` or `cap = { value = 500 }`",
        ),
    }
}

/// The covariates at `covariate` or `covariates`.
pub(super) fn covariates(
    file: &MetricFile,
    kind: MetricKind,
    table_kind: TableKind,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Vec<Covariate> {
    let (one, many) = (KeyPath::of("covariate"), KeyPath::of("covariates"));
    let written: Vec<(KeyPath, &CovariateFile)> = match (&file.covariate, &file.covariates) {
        (Some(_), Some(_)) => {
            let reason = "covariates are given twice: by `covariate` and by `covariates`";
            bad_covariate(document, &many, reason, "keep one of the two");
            return Vec::new();
        }
        (Some(written), None) => vec![(one, written)],
        (None, Some(written)) => {
            let written = written.iter().enumerate();
            written
                .map(|(index, written)| (many.index(index), written))
                .collect()
        }
        (None, None) => return Vec::new(),
    };
    let path = written
        .first()
        .map_or(many.clone(), |(path, _)| path.clone());
    if matches!(kind, MetricKind::Quantile | MetricKind::Funnel) && !written.is_empty() {
        let reason = format!("a {kind} cannot be adjusted by covariates");
        bad_covariate(document, &path, &reason, "remove it");
        return Vec::new();
    }
    if written.len() > Metric::COVARIATES {
        let reason = format!("a metric has at most {} covariates", Metric::COVARIATES);
        bad_covariate(document, &many, &reason, "keep those that explain most");
        return Vec::new();
    }
    let mut found: Vec<Covariate> = Vec::new();
    for (path, written) in written {
        let Some(own) = covariate(written, &path, kind, table_kind, surroundings, document) else {
            continue;
        };
        if found.contains(&own) {
            bad_covariate(
                document,
                &path,
                "the same covariate twice",
                "remove one of them",
            );
        }
        found.push(own);
    }
    found
}

/// The covariate at `path`.
fn covariate(
    written: &CovariateFile,
    path: &KeyPath,
    kind: MetricKind,
    table_kind: TableKind,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Option<Covariate> {
    if table_kind == TableKind::Summaries {
        bad_covariate(
            document,
            path,
            "a published summary has no units left to adjust",
            "remove `covariate`",
        );
        return None;
    }
    let earlier = match (&written.fact, &written.value) {
        (None, None) => None,
        _ if written.window.is_none() => {
            let reason = "a value is a covariate by the time before assignment it is taken from";
            bad_covariate(document, path, reason, "add `window = \"14d\"`");
            return None;
        }
        _ => Some(earlier_value(written, path, kind, surroundings, document)?),
    };
    match (&written.window, &written.column, &written.table) {
        (Some(window), None, None) => {
            if earlier.is_none() && table_kind != TableKind::Events {
                let reason = "a ready-made value has no earlier rows to take a covariate from";
                bad_covariate(
                    document,
                    path,
                    reason,
                    "write `covariate = { column = \"…\" }`",
                );
                return None;
            }
            let window = positive_length(window, document, &path.key("window"))?;
            Some(Covariate::PrePeriod {
                window,
                value: earlier,
            })
        }
        (None, Some(column), table) => {
            let table = covariate_table(table.as_deref(), surroundings, document, path)?;
            Some(Covariate::Column {
                table,
                column: column.clone(),
            })
        }
        _ => {
            let fix =
                "write `covariate = { window = \"14d\" }` or `covariate = { column = \"…\" }`";
            bad_covariate(
                document,
                path,
                "a covariate is either a window or a column",
                fix,
            );
            None
        }
    }
}

/// Another value than the metric's own, over the rows of an event table.
fn earlier_value(
    written: &CovariateFile,
    path: &KeyPath,
    kind: MetricKind,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Option<Value> {
    let found = super::value::earlier(written, path, kind, surroundings, document)?;
    if found.table_kind == TableKind::Events {
        return Some(found.value);
    }
    let reason = "only events have a time before assignment";
    bad_covariate(document, path, reason, "name a fact of an event table");
    None
}

fn bad_covariate(document: &mut Document, path: &KeyPath, reason: &str, fix: &str) {
    document.error(Rule::BadCovariate, path, reason, fix);
}

fn covariate_table(
    written: Option<&str>,
    surroundings: &Surroundings,
    document: &mut Document,
    path: &KeyPath,
) -> Option<String> {
    let Some(name) = written else {
        let only = surroundings.only_table(TableKind::Units).map(str::to_owned);
        if only.is_none() {
            let reason =
                "the workspace does not have exactly one table of units to take the column from";
            bad_covariate(
                document,
                path,
                reason,
                "add `table = \"…\"` to the covariate",
            );
        }
        return only;
    };
    let table_path = path.key("table");
    match surroundings.table(name, document, &table_path) {
        TableFound::Kind(TableKind::Units) => Some(name.to_owned()),
        TableFound::Kind(other) => {
            document.error(
                Rule::WrongTable,
                &table_path,
                format!(
                    "'{name}' is a table of {other}; a covariate is a column of a table of units"
                ),
                "name a table of units",
            );
            None
        }
        TableFound::Reported => None,
    }
}

/// The magnitude at `path`.
pub(super) fn magnitude(
    written: &MagnitudeFile,
    document: &mut Document,
    path: &KeyPath,
) -> Option<Magnitude> {
    let (size, found, at) = match (written.absolute, written.relative) {
        (Some(size), None) => (size, Magnitude::Absolute(size), path.key("absolute")),
        (None, Some(size)) => (size, Magnitude::Relative(size), path.key("relative")),
        _ => {
            document.error(
                Rule::BadMagnitude,
                path,
                format!("'{path}' is either absolute or relative"),
                format!(
                    "write `{path} = {{ relative = 0.01 }}` or `{path} = {{ absolute = 0.5 }}`"
                ),
            );
            return None;
        }
    };
    if size > 0.0 {
        return Some(found);
    }
    document.error(
        Rule::BadMagnitude,
        &at,
        format!("'{path}' must be larger than zero"),
        "write its size without a sign; the metric's direction says which way is worse",
    );
    None
}
