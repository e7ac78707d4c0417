//! Defines how a proposed definition is written for people to correct: the short form, and a comment beside every guess.
//!
//! It writes by the types that files are read by, so that what it writes is what the catalog reads. It refuses to let a
//! comment end: what a remark quotes from data stays on its line.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::Error as _;
use toml_edit::{DocumentMut, Item, Table as Section};

use super::file::{
    ExperimentFile, FactFile, MetricFile, TableFile, TableOptions, ValueFile, ValueOrFact,
    VariantsFile, WindowFile, WorkspaceFile,
};
use super::problem::visible;
use super::render::{RenderError, experiment_file, filter, listed, metric_file, moment, value};
use crate::domain::definition::{
    Aggregate, Anchor, DesignPlan, Duration, Experiment, Filter, Metric, MetricKind, Missing, Role,
    Table, TableKind, UnitsRule, Value, Workspace,
};

/// A fact to be written into the workspace file.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedFact {
    /// Its name.
    pub name: String,
    /// The table.
    pub table: String,
    /// The column that sums and means are of.
    pub column: Option<String>,
    /// The rows that count.
    pub filters: Vec<Filter>,
}

/// Comments of a file, in plain words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Lines at the head of the file.
    pub head: Vec<String>,
    /// Lines above a key; a table of the workspace is `tables.NAME`.
    pub above: BTreeMap<String, Vec<String>>,
    /// Behind the value of a key, on its line.
    pub beside: BTreeMap<String, String>,
}

impl Remarks {
    /// Adds a line above a key.
    pub fn above(&mut self, key: &str, line: impl Into<String>) {
        self.above
            .entry(key.to_owned())
            .or_default()
            .push(line.into());
    }

    /// Says something behind a value.
    pub fn beside(&mut self, key: &str, text: impl Into<String>) {
        self.beside.insert(key.to_owned(), text.into());
    }
}

/// The text of a workspace file.
///
/// # Errors
/// [`RenderError`] when a value has no form in TOML.
pub fn draft_workspace(
    workspace: &Workspace,
    facts: &[ProposedFact],
    remarks: &Remarks,
) -> Result<String, RenderError> {
    let tables = workspace.tables.values();
    let facts = facts.iter().map(|fact| {
        let file = FactFile {
            table: fact.table.clone(),
            column: fact.column.clone(),
            filters: listed(fact.filters.iter().map(filter).collect()),
            dated_by: None,
        };
        (fact.name.clone(), file)
    });
    let facts: BTreeMap<String, FactFile> = facts.collect();
    let file = WorkspaceFile {
        format: Some(1),
        name: Some(workspace.name.clone()),
        time_zone: workspace.time_zone.clone(),
        tables: Some(
            tables
                .map(|table| (table.name.clone(), table_file(table)))
                .collect(),
        ),
        facts: (!facts.is_empty()).then_some(facts),
        ..WorkspaceFile::default()
    };
    written(&file, remarks)
}

fn table_file(table: &Table) -> TableFile {
    let said = table.name.parse().unwrap_or(TableKind::Events);
    TableFile::Options(Box::new(TableOptions {
        path: table.path.clone(),
        kind: (table.kind != said).then_some(table.kind),
        columns: (!table.columns.is_empty()).then(|| table.columns.clone()),
        variants: (!table.variants.is_empty()).then(|| table.variants.clone()),
        lateness: table.lateness.map(|length| length.to_string()),
        complete_through: table.complete_through.and_then(moment),
    }))
}

/// The text of an experiment file. Weights that are not declared leave the variants as names alone, populations that are
/// not named leave them to the tables, and metrics are named without a version.
///
/// # Errors
/// As [`draft_workspace`].
pub fn draft_experiment(experiment: &Experiment, remarks: &Remarks) -> Result<String, RenderError> {
    let full = experiment_file(experiment);
    let named = |role: Role| {
        let metrics = experiment.metrics.iter();
        let of_role = metrics.filter(|metric| metric.role == role);
        listed(of_role.map(|metric| metric.id.to_string()).collect())
    };
    // Weights from the start on stand beside the variants; only changes of them are epochs.
    let only = match experiment.epochs.as_slice() {
        [only] if Some(only.from) == experiment.start => Some(only),
        _ => None,
    };
    let weights = only.map(|epoch| {
        let names = experiment.variants.iter().cloned();
        VariantsFile::Weights(names.zip(epoch.weights.iter().copied()).collect())
    });
    let rule = &experiment.exposure;
    let any_exposure = rule.types.is_empty()
        && rule.control_can_be_exposed
        && rule.within.is_none()
        && rule.dedupe.is_none();
    let file = ExperimentFile {
        epochs: full.epochs.filter(|_| only.is_none()),
        variants: weights.or(full.variants),
        primary: named(Role::Primary),
        secondary: named(Role::Secondary),
        guardrails: named(Role::Guardrail),
        diagnostics: named(Role::Diagnostic),
        populations: full.populations.filter(|named| !named.is_empty()),
        plan: full
            .plan
            .filter(|_| experiment.plan != DesignPlan::default()),
        exposure: full.exposure.filter(|_| !any_exposure),
        ..full
    };
    written(&file, remarks)
}

/// The text of a metric file; `fact` names the fact that its value is of, where there is one.
///
/// # Errors
/// As [`draft_workspace`].
pub fn draft_metric(
    metric: &Metric,
    fact: Option<&str>,
    remarks: &Remarks,
) -> Result<String, RenderError> {
    let full = metric_file(metric);
    let is_ratio = metric.kind == MetricKind::Ratio;
    let by_default = by_default(metric.kind, &metric.value);
    let aggregate = fact.and(Some(metric.value.aggregate));
    let short = |value: &Value| ValueOrFact::Value(Box::new(short_value(value)));
    let file = MetricFile {
        eligible_as: full.eligible_as.filter(|roles| *roles != Role::ALL),
        fact: fact.map(str::to_owned),
        aggregate: aggregate.filter(|own| *own != by_default),
        value: full
            .value
            .filter(|_| fact.is_none())
            .map(|_| short_value(&metric.value)),
        numerator: is_ratio.then(|| short(&metric.value)),
        denominator: metric.denominator.as_ref().map(short),
        window: full.window.map(|full| short_window(metric, full)),
        ..full
    };
    written(&file, remarks)
}

/// The aggregate that a fact has where none is written.
fn by_default(kind: MetricKind, value: &Value) -> Aggregate {
    match &value.column {
        _ if kind.is_share() => Aggregate::Any,
        Some(_) => Aggregate::Sum,
        None => Aggregate::Count,
    }
}

/// A value without what it means anyway.
fn short_value(written: &Value) -> ValueFile {
    let zero = written.aggregate.is_zero_without_rows();
    let usual = if zero { Missing::Zero } else { Missing::Drop };
    let full = value(written);
    ValueFile {
        missing: full.missing.filter(|missing| *missing != usual),
        ..full
    }
}

fn short_window(metric: &Metric, full: WindowFile) -> WindowFile {
    match &metric.window {
        Some(window)
            if window.anchor == Anchor::Entry
                && window.start == Duration::ZERO
                && window.units == UnitsRule::Matured =>
        {
            WindowFile::Length(window.end.to_string())
        }
        _ => full,
    }
}

/// A file as text: one line a key, and the comments in their places.
fn written<T: Serialize>(file: &T, remarks: &Remarks) -> Result<String, RenderError> {
    let text = toml::to_string(file)?;
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        RenderError::from(toml::ser::Error::custom(error.message()))
    })?;
    for (mut key, item) in document.iter_mut() {
        let name = key.get().to_owned();
        match (name.as_str(), item) {
            ("tables", Item::Table(tables)) => {
                on_lines(tables, "tables.", remarks);
                tables.decor_mut().set_prefix("\n");
            }
            ("facts", Item::Table(facts)) => {
                for (_, fact) in facts.iter_mut() {
                    if let Item::Table(fact) = fact {
                        on_lines(fact, "facts.", &Remarks::default());
                        fact.decor_mut().set_prefix("\n");
                    }
                }
            }
            (_, item) => {
                key.leaf_decor_mut().clear();
                on_a_line(item);
                key.leaf_decor_mut().set_prefix(lines_above(&name, remarks));
                comment(item, &name, remarks);
            }
        }
    }
    let mut text = String::new();
    for line in &remarks.head {
        text.push_str(&format_comment(line));
        text.push('\n');
    }
    text.push_str(&document.to_string());
    Ok(text)
}

fn on_lines(section: &mut Section, under: &str, remarks: &Remarks) {
    section.set_implicit(false);
    for (mut key, item) in section.iter_mut() {
        let name = format!("{under}{}", key.get());
        key.leaf_decor_mut().clear();
        on_a_line(item);
        key.leaf_decor_mut().set_prefix(lines_above(&name, remarks));
        comment(item, &name, remarks);
    }
}

/// A value, however deep, on one line.
fn on_a_line(item: &mut Item) {
    if !item.is_value() {
        item.make_value();
    }
}

fn comment(item: &mut Item, name: &str, remarks: &Remarks) {
    if let (Some(text), Item::Value(value)) = (remarks.beside.get(name), item) {
        value
            .decor_mut()
            .set_suffix(format!("  {}", format_comment(text)));
    }
}

fn lines_above(name: &str, remarks: &Remarks) -> String {
    let lines = remarks.above.get(name).into_iter().flatten();
    lines.map(|line| format_comment(line) + "\n").collect()
}

fn format_comment(text: &str) -> String {
    format!("# {}", visible(text))
}
