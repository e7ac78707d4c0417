//! Defines how the rows of a table become one number a unit: the aggregate, its column and what a missing unit counts as,
//! for each kind of table.

use super::super::document::Document;
use super::super::file::FilterFile;
use super::super::key_path::KeyPath;
use super::super::problem::Rule;
use crate::domain::definition::{Aggregate, MetricKind, Missing, Value};

/// What was written of a value, wherever it was written.
pub(super) struct Written<'f> {
    pub(super) table: &'f str,
    /// Where the table was named.
    pub(super) table_path: KeyPath,
    pub(super) column: Option<&'f str>,
    pub(super) filters: &'f [FilterFile],
    pub(super) filters_path: KeyPath,
    pub(super) aggregate: Option<Aggregate>,
    pub(super) aggregate_path: KeyPath,
    pub(super) missing: Option<Missing>,
    pub(super) dated_by: Option<&'f str>,
    /// Whether table, column and filters come from a named fact.
    pub(super) by_fact: bool,
}

fn value(
    written: &Written<'_>,
    aggregate: Aggregate,
    column: Option<&str>,
    missing: Missing,
) -> Value {
    Value {
        table: written.table.to_owned(),
        aggregate,
        column: column.map(str::to_owned),
        filters: Vec::new(),
        missing: written.missing.unwrap_or(missing),
        dated_by: written.dated_by.map(str::to_owned),
    }
}

/// A value over the rows of an event table.
pub(super) fn events(
    written: &Written<'_>,
    kind: MetricKind,
    document: &mut Document,
) -> Option<Value> {
    let aggregate = written.aggregate.unwrap_or(match (kind, written.column) {
        (kind, _) if kind.is_share() => Aggregate::Any,
        (_, Some(_)) => Aggregate::Sum,
        (_, None) => Aggregate::Count,
    });
    if kind.is_share() && aggregate != Aggregate::Any {
        not_a_proportion(written, kind, aggregate, document);
        return None;
    }
    if aggregate == Aggregate::Each && kind != MetricKind::Quantile {
        not_a_quantile(written, kind, document);
        return None;
    }
    if aggregate == Aggregate::Each && written.missing == Some(Missing::Zero) {
        let reason = "a unit without rows has none to be of a quantile over rows";
        document.error(
            Rule::BadValue,
            &written.aggregate_path,
            reason,
            "remove `missing`",
        );
        return None;
    }
    let column = match aggregate {
        Aggregate::Count if written.column.is_some() && !written.by_fact => {
            document.error(
                Rule::BadValue,
                &written.aggregate_path,
                "a count counts rows, of no column",
                "remove `column`, filter by `not-null`, or use `count-distinct` or `sum`",
            );
            return None;
        }
        Aggregate::Count => None,
        // A fact's column is what sums are of: a purchase of nothing is still a purchase.
        Aggregate::Any if written.by_fact => None,
        Aggregate::Any => written.column,
        _ => {
            if written.column.is_none() {
                document.error(
                    Rule::BadValue,
                    &written.aggregate_path,
                    format!("'{aggregate}' needs a column"),
                    "name a `column`, or use `count` or `any`",
                );
                return None;
            }
            written.column
        }
    };
    let missing = if aggregate.is_zero_without_rows() {
        Missing::Zero
    } else {
        Missing::Drop
    };
    Some(value(written, aggregate, column, missing))
}

fn not_a_proportion(
    written: &Written<'_>,
    kind: MetricKind,
    aggregate: Aggregate,
    document: &mut Document,
) {
    document.error(
        Rule::BadValue,
        &written.aggregate_path,
        format!("a {kind} is of units that have any row, never '{aggregate}'"),
        "remove `aggregate`, or use `kind = \"mean\"`",
    );
}

fn not_a_quantile(written: &Written<'_>, kind: MetricKind, document: &mut Document) {
    document.error(
        Rule::BadValue,
        &written.aggregate_path,
        format!("a {kind} has one number a unit, and 'each' row by itself is of a quantile"),
        "use `sum` or `mean`, or `kind = \"quantile\"`",
    );
}

/// A step of a funnel: when the unit first did something. Its rows count by being there, whatever they hold.
pub(super) fn step(written: &Written<'_>, document: &mut Document) -> Option<Value> {
    if written.aggregate.is_some() || (written.column.is_some() && !written.by_fact) {
        document.error(
            Rule::BadValue,
            &written.aggregate_path,
            "a step is taken by having any row, of no column and by no aggregate",
            "remove `column` and `aggregate`; filter by `where`",
        );
        return None;
    }
    Some(value(written, Aggregate::First, None, Missing::Zero))
}

/// A value that stands in a column of a ready-made table, one row a unit. A unit without one is left out unless the
/// metric says otherwise: nobody knows that it is zero.
pub(super) fn ready_made(
    written: &Written<'_>,
    kind: MetricKind,
    document: &mut Document,
) -> Option<Value> {
    let Some(column) = written.column else {
        document.error(
            Rule::BadValue,
            &written.table_path,
            format!(
                "'{}' has one row a unit, so its value is a column",
                written.table
            ),
            "add `column = \"…\"`",
        );
        return None;
    };
    let aggregate = if kind.is_share() {
        Aggregate::Any
    } else {
        Aggregate::Sum
    };
    match written.aggregate {
        Some(Aggregate::Each) => {
            let reason = "a ready-made table has one row a unit, which 'each' row is already";
            document.error(
                Rule::BadValue,
                &written.aggregate_path,
                reason,
                "remove `aggregate`",
            );
            None
        }
        Some(other) if kind.is_share() && other != aggregate => {
            not_a_proportion(written, kind, other, document);
            None
        }
        other => Some(value(
            written,
            other.unwrap_or(aggregate),
            Some(column),
            Missing::Drop,
        )),
    }
}

/// A value that somebody else computed: n, mean and standard deviation a variant.
pub(super) fn published(
    written: &Written<'_>,
    kind: MetricKind,
    document: &mut Document,
) -> Option<Value> {
    let name = written.table;
    let problem = if !matches!(kind, MetricKind::Mean | MetricKind::Proportion) {
        Some("a published summary holds a mean or a proportion, nothing else")
    } else if written.column.is_some() || !written.filters.is_empty() || written.aggregate.is_some()
    {
        Some("a published summary is taken as it is, without column, filter or aggregate")
    } else {
        None
    };
    if let Some(reason) = problem {
        let fix = format!("write `value = {{ table = \"{name}\" }}`");
        document.error(Rule::BadValue, &written.table_path, reason, fix);
        return None;
    }
    Some(value(written, Aggregate::Mean, None, Missing::Drop))
}
