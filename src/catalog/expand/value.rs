//! Defines how a metric's value is found: by a named fact or in full, with its aggregate and its missing rule.

use super::super::document::{Document, KeyPath};
use super::super::file::{FilterFile, MetricFile, ValueFile, ValueOrFact};
use super::super::problem::{Rule, short, suggest};
use super::filter::filters;
use super::{Surroundings, TableFound, unreadable_workspace};
use crate::domain::definition::{Aggregate, MetricKind, Missing, TableKind, Value};

/// A value with what the rest of a metric needs to know of its table.
pub(super) struct FoundValue {
    pub(super) value: Value,
    pub(super) table_kind: TableKind,
}

/// What was written of a value, wherever it was written.
struct Written<'f> {
    table: &'f str,
    /// Where the table was named.
    table_path: KeyPath,
    column: Option<&'f str>,
    filters: &'f [FilterFile],
    filters_path: KeyPath,
    aggregate: Option<Aggregate>,
    aggregate_path: KeyPath,
    missing: Option<Missing>,
    /// Whether table, column and filters come from a named fact.
    by_fact: bool,
}

/// The value of a metric that is no ratio, or a ratio's numerator, and a ratio's denominator.
pub(super) fn of_metric(
    file: &MetricFile,
    kind: MetricKind,
    surroundings: &Surroundings,
    document: &mut Document,
) -> (Option<FoundValue>, Option<FoundValue>) {
    if kind == MetricKind::Ratio {
        forbid(
            document,
            "fact",
            "a ratio has a numerator and a denominator",
        );
        forbid(
            document,
            "value",
            "a ratio has a numerator and a denominator",
        );
        forbid(
            document,
            "aggregate",
            "each side of a ratio has its own aggregate",
        );
        forbid(
            document,
            "missing",
            "each side of a ratio has its own missing rule",
        );
        let above = side(
            file.numerator.as_ref(),
            "numerator",
            kind,
            surroundings,
            document,
        );
        let below = side(
            file.denominator.as_ref(),
            "denominator",
            kind,
            surroundings,
            document,
        );
        return (above, below);
    }
    forbid(document, "numerator", "only a ratio has a numerator");
    forbid(document, "denominator", "only a ratio has a denominator");
    let found = match (&file.fact, &file.value) {
        (Some(_), Some(_)) => {
            document.error(
                Rule::BadValue,
                &KeyPath::of("value"),
                "the value is given twice: by `fact` and by `value`",
                "keep one of the two",
            );
            None
        }
        (Some(fact), None) => {
            let written = ValueFile {
                fact: Some(fact.clone()),
                aggregate: file.aggregate,
                missing: file.missing,
                ..ValueFile::default()
            };
            in_full(&written, &KeyPath::root(), kind, surroundings, document)
        }
        (None, Some(value)) => {
            forbid(
                document,
                "aggregate",
                "with `value`, the aggregate stands inside it",
            );
            forbid(
                document,
                "missing",
                "with `value`, the missing rule stands inside it",
            );
            in_full(value, &KeyPath::of("value"), kind, surroundings, document)
        }
        (None, None) => {
            let given = |key: &str| document.holds(&KeyPath::of(key));
            if !given("fact") && !given("value") && document.is_whole {
                document.error(
                    Rule::MissingKey,
                    &KeyPath::of("fact"),
                    "the metric has no value",
                    "add `fact = \"…\"`, or `value = { table = \"…\", column = \"…\" }`",
                );
            }
            None
        }
    };
    (found, None)
}

/// Reports `key` if it is there, because it has no place here.
fn forbid(document: &mut Document, key: &str, reason: &str) {
    let path = KeyPath::of(key);
    if document.holds(&path) {
        document.error(Rule::BadValue, &path, reason, format!("remove `{key}`"));
    }
}

fn side(
    written: Option<&ValueOrFact>,
    key: &str,
    kind: MetricKind,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Option<FoundValue> {
    let path = KeyPath::of(key);
    match written {
        Some(ValueOrFact::Value(value)) => in_full(value, &path, kind, surroundings, document),
        Some(ValueOrFact::Fact(fact)) => {
            let written = ValueFile {
                fact: Some(fact.clone()),
                ..ValueFile::default()
            };
            in_full(&written, &path, kind, surroundings, document)
        }
        None => {
            if !document.holds(&path) && document.is_whole {
                document.error(
                    Rule::MissingKey,
                    &path,
                    format!("a ratio has no {key}"),
                    format!("add `{key} = \"FACT\"`, or a value in full"),
                );
            }
            None
        }
    }
}

/// A value whose table, or whose fact, is named at `path`.
fn in_full(
    written: &ValueFile,
    path: &KeyPath,
    kind: MetricKind,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Option<FoundValue> {
    let own_fact = path.key("fact");
    // In `numerator = "purchase"` the fact stands where the value does.
    let fact_path = if document.holds(&own_fact) {
        own_fact
    } else {
        path.clone()
    };
    let aggregate_path = path.key("aggregate");
    if let Some(name) = &written.fact {
        for key in ["table", "column", "where"] {
            let extra = path.key(key);
            if *path != KeyPath::root() && document.holds(&extra) {
                document.error(
                    Rule::BadValue,
                    &extra,
                    format!("the fact '{}' already says what `{key}` is", short(name)),
                    format!("remove `{key}`, or write the value without the fact"),
                );
                return None;
            }
        }
        let fact = fact(name, surroundings, document, &fact_path)?;
        let found = Written {
            table: &fact.table,
            table_path: fact_path.clone(),
            column: fact.column.as_deref(),
            filters: fact.filters.as_deref().unwrap_or_default(),
            filters_path: fact_path,
            aggregate: written.aggregate,
            aggregate_path,
            missing: written.missing,
            by_fact: true,
        };
        return resolve(&found, kind, surroundings, document);
    }
    let Some(table) = &written.table else {
        if !document.holds(&path.key("table")) {
            document.error(
                Rule::MissingKey,
                path,
                format!("'{path}' has neither a table nor a fact"),
                "add `table = \"…\"` or `fact = \"…\"`",
            );
        }
        return None;
    };
    let found = Written {
        table,
        table_path: path.key("table"),
        column: written.column.as_deref(),
        filters: written.filters.as_deref().unwrap_or_default(),
        filters_path: path.key("where"),
        aggregate: written.aggregate,
        aggregate_path,
        missing: written.missing,
        by_fact: false,
    };
    resolve(&found, kind, surroundings, document)
}

fn fact<'s>(
    name: &str,
    surroundings: &'s Surroundings,
    document: &mut Document,
    path: &KeyPath,
) -> Option<&'s super::FactFile> {
    match surroundings.facts.get(name) {
        Some(Some(fact)) => Some(fact),
        Some(None) => {
            document.error(
                Rule::BrokenReference,
                path,
                format!(
                    "the fact '{}' has errors of its own in readout.toml",
                    short(name)
                ),
                "correct the fact first",
            );
            None
        }
        None => {
            if surroundings.is_whole {
                let names = surroundings.facts.keys().map(String::as_str);
                document.error(
                    Rule::UnknownFact,
                    path,
                    format!("the workspace has no fact '{}'", short(name)),
                    suggest(name, names, "fact"),
                );
            } else {
                unreadable_workspace(document, path);
            }
            None
        }
    }
}

fn resolve(
    written: &Written<'_>,
    kind: MetricKind,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Option<FoundValue> {
    let TableFound::Kind(table_kind) =
        surroundings.table(written.table, document, &written.table_path)
    else {
        return None;
    };
    let filters = filters(
        written.filters,
        surroundings,
        document,
        &written.filters_path,
    )?;
    let value = match table_kind {
        TableKind::Events => events(written, kind, document),
        TableKind::Units => ready_made(written, kind, document),
        TableKind::Summaries => published(written, kind, document),
        TableKind::Assignments | TableKind::Exposures => {
            document.error(
                Rule::WrongTable,
                &written.table_path,
                format!(
                    "'{}' is a table of {table_kind}, which hold no outcomes",
                    written.table
                ),
                "name a table of events, units or summaries",
            );
            None
        }
    }?;
    Some(FoundValue {
        value: Value { filters, ..value },
        table_kind,
    })
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
    }
}

/// A value over the rows of an event table.
fn events(written: &Written<'_>, kind: MetricKind, document: &mut Document) -> Option<Value> {
    let aggregate = written.aggregate.unwrap_or(match (kind, written.column) {
        (MetricKind::Proportion, _) => Aggregate::Any,
        (_, Some(_)) => Aggregate::Sum,
        (_, None) => Aggregate::Count,
    });
    if kind == MetricKind::Proportion && aggregate != Aggregate::Any {
        not_a_proportion(written, aggregate, document);
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

fn not_a_proportion(written: &Written<'_>, aggregate: Aggregate, document: &mut Document) {
    document.error(
        Rule::BadValue,
        &written.aggregate_path,
        format!("a proportion is of units that have any row, never '{aggregate}'"),
        "remove `aggregate`, or use `kind = \"mean\"`",
    );
}

/// A value that stands in a column of a ready-made table, one row a unit. A unit without one is left out unless the
/// metric says otherwise: nobody knows that it is zero.
fn ready_made(written: &Written<'_>, kind: MetricKind, document: &mut Document) -> Option<Value> {
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
    let aggregate = if kind == MetricKind::Proportion {
        Aggregate::Any
    } else {
        Aggregate::Sum
    };
    match written.aggregate {
        Some(other) if kind == MetricKind::Proportion && other != aggregate => {
            not_a_proportion(written, other, document);
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
fn published(written: &Written<'_>, kind: MetricKind, document: &mut Document) -> Option<Value> {
    let name = written.table;
    let problem = if kind == MetricKind::Ratio {
        Some("a published summary holds a mean or a proportion, no side of a ratio")
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
