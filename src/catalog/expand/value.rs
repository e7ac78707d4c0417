//! Defines how a metric's value is found: by a named fact or in full, with its aggregate and its missing rule.

use super::super::document::Document;
use super::super::file::{MetricFile, ValueFile, ValueOrFact};
use super::super::key_path::KeyPath;
use super::super::problem::{Rule, short, suggest};
use super::aggregate::{Written, events, published, ready_made, step};
use super::filter::filters;
use super::{Surroundings, TableFound, unreadable_workspace};
use crate::domain::definition::{Metric, MetricKind, TableKind, Value};

/// The values of a metric, by what they are.
pub(super) struct FoundValues {
    /// The value, a ratio's numerator, or a funnel's last step.
    pub(super) value: Option<FoundValue>,
    pub(super) denominator: Option<FoundValue>,
    /// A funnel's steps before the last.
    pub(super) steps: Vec<FoundValue>,
}

/// A value with what the rest of a metric needs to know of its table.
pub(super) struct FoundValue {
    pub(super) value: Value,
    pub(super) table_kind: TableKind,
}

/// The values of a metric.
pub(super) fn of_metric(
    file: &MetricFile,
    kind: MetricKind,
    surroundings: &Surroundings,
    document: &mut Document,
) -> FoundValues {
    if kind != MetricKind::Funnel {
        forbid(document, "steps", "only a funnel has steps");
    }
    if kind != MetricKind::Ratio {
        forbid(document, "numerator", "only a ratio has a numerator");
        forbid(document, "denominator", "only a ratio has a denominator");
    }
    let (value, denominator) = match kind {
        MetricKind::Ratio => ratio(file, surroundings, document),
        MetricKind::Funnel => return funnel(file, surroundings, document),
        _ => (one_value(file, kind, surroundings, document), None),
    };
    FoundValues {
        value,
        denominator,
        steps: Vec::new(),
    }
}

fn ratio(
    file: &MetricFile,
    surroundings: &Surroundings,
    document: &mut Document,
) -> (Option<FoundValue>, Option<FoundValue>) {
    let kind = MetricKind::Ratio;
    let both = "a ratio has a numerator and a denominator";
    forbid(document, "fact", both);
    forbid(document, "value", both);
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
    let mut of = |written: &Option<ValueOrFact>, key| {
        side(written.as_ref(), key, kind, surroundings, document)
    };
    (
        of(&file.numerator, "numerator"),
        of(&file.denominator, "denominator"),
    )
}

/// The steps of a funnel, each over the rows of an event table.
fn funnel(file: &MetricFile, surroundings: &Surroundings, document: &mut Document) -> FoundValues {
    for key in ["fact", "value", "aggregate", "missing"] {
        forbid(document, key, "a funnel has steps, and nothing else");
    }
    let path = KeyPath::of("steps");
    let written = file.steps.as_deref().unwrap_or_default();
    if !(2..=Metric::STEPS).contains(&written.len()) {
        let reason = format!("a funnel has two to {} steps", Metric::STEPS);
        if document.is_whole {
            document.error(
                Rule::BadValue,
                &path,
                reason,
                "write `steps = [\"view\", \"purchase\"]`",
            );
        }
    }
    let mut steps: Vec<FoundValue> = Vec::new();
    for (index, step) in written.iter().enumerate() {
        let path = path.index(index);
        steps.extend(one_step(step, &path, surroundings, document));
    }
    FoundValues {
        value: steps.pop(),
        denominator: None,
        steps,
    }
}

fn one_step(
    written: &ValueOrFact,
    path: &KeyPath,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Option<FoundValue> {
    let kind = MetricKind::Funnel;
    match written {
        ValueOrFact::Value(value) => in_full(value, path, kind, surroundings, document),
        ValueOrFact::Fact(fact) => in_full(&of_fact(fact), path, kind, surroundings, document),
    }
}

fn of_fact(fact: &str) -> ValueFile {
    ValueFile {
        fact: Some(fact.to_owned()),
        ..ValueFile::default()
    }
}

/// The value of a covariate that is not the metric's own: a fact's or one in full.
pub(super) fn earlier(
    written: &super::super::file::CovariateFile,
    path: &KeyPath,
    kind: MetricKind,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Option<FoundValue> {
    // How a metric's own value is formed says nothing of another's: a share may be explained by an amount.
    let kind = if kind.is_share() {
        MetricKind::Mean
    } else {
        kind
    };
    match (&written.fact, &written.value) {
        (Some(fact), None) => in_full(&of_fact(fact), path, kind, surroundings, document),
        (None, Some(value)) => in_full(value, &path.key("value"), kind, surroundings, document),
        _ => {
            document.error(
                Rule::BadCovariate,
                path,
                "the covariate's value is given twice: by `fact` and by `value`",
                "keep one of the two",
            );
            None
        }
    }
}

/// The value of a metric that is neither ratio nor funnel: by a fact, or in full.
fn one_value(
    file: &MetricFile,
    kind: MetricKind,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Option<FoundValue> {
    match (&file.fact, &file.value) {
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
    }
}

/// Reports `key` if it is there, because it has no place here.
fn forbid(document: &mut Document, key: &str, reason: &str) {
    let path = KeyPath::of(key);
    if document.holds(&path) {
        document.error_at_key(Rule::BadValue, &path, reason, format!("remove `{key}`"));
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
            in_full(&of_fact(fact), &path, kind, surroundings, document)
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
    if let Some(name) = &written.fact {
        return by_fact(name, written, path, kind, surroundings, document);
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
        dated_by: written.dated_by.as_deref(),
        table,
        table_path: path.key("table"),
        column: written.column.as_deref(),
        filters: written.filters.as_deref().unwrap_or_default(),
        filters_path: path.key("where"),
        aggregate: written.aggregate,
        aggregate_path: path.key("aggregate"),
        missing: written.missing,
        by_fact: false,
    };
    resolve(&found, kind, surroundings, document)
}

/// A value whose table, column and filters a fact says.
fn by_fact(
    name: &str,
    written: &ValueFile,
    path: &KeyPath,
    kind: MetricKind,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Option<FoundValue> {
    let own = path.key("fact");
    // In `numerator = "purchase"` the fact stands where the value does.
    let fact_path = if document.holds(&own) {
        own
    } else {
        path.clone()
    };
    for key in ["table", "column", "where", "dated_by"] {
        let extra = path.key(key);
        if *path != KeyPath::root() && document.holds(&extra) {
            document.error_at_key(
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
        dated_by: fact.dated_by.as_deref(),
        table: &fact.table,
        table_path: fact_path.clone(),
        column: fact.column.as_deref(),
        filters: fact.filters.as_deref().unwrap_or_default(),
        filters_path: fact_path,
        aggregate: written.aggregate,
        aggregate_path: path.key("aggregate"),
        missing: written.missing,
        by_fact: true,
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
    if kind == MetricKind::Funnel && table_kind != TableKind::Events {
        document.error(
            Rule::WrongTable,
            &written.table_path,
            format!(
                "'{}' is a table of {table_kind}; a step is taken by rows of an event table",
                written.table
            ),
            "name a fact of an event table",
        );
        return None;
    }
    if written.dated_by.is_some() && table_kind != TableKind::Events {
        document.error(
            Rule::BadValue,
            &written.table_path,
            format!(
                "'{}' has no windows, so nothing is dated there",
                written.table
            ),
            "remove `dated_by`",
        );
        return None;
    }
    let filters = filters(
        written.filters,
        surroundings,
        document,
        &written.filters_path,
    )?;
    let value = match table_kind {
        TableKind::Events if kind == MetricKind::Funnel => step(written, document),
        TableKind::Events => events(written, kind, document),
        TableKind::Units => ready_made(written, kind, document),
        TableKind::Summaries => published(written, kind, document),
        TableKind::Assignments | TableKind::Exposures | TableKind::Identities => {
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
