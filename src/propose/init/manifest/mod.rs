//! Reads what a dbt project declares of its tables and metrics, from its `manifest.json` (schema v10 to v12).
//!
//! The shape is that of dbt's published artifact schema: `sources` and `nodes` with their columns, tests among the nodes,
//! `semantic_models` with measures, `metrics` over them. A manifest is input like any other: its size and depth are
//! limited, no text of it becomes a path, and what is not understood is listed.

mod document;
mod measures;
mod taken;

pub(super) use taken::{declared_rules, declared_tables, metrics_of_dbt};

pub use document::{ManifestError, read_manifest};

use super::contract::RuleSubject;
use crate::domain::definition::{Aggregate, Filter};

/// What a manifest declares that a workspace can use.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Manifest {
    /// Sources, models, seeds and snapshots, by name.
    pub(super) tables: Vec<DeclaredTable>,
    /// Metrics over the rows of one table, or a ratio of two.
    pub(super) metrics: Vec<DeclaredMetric>,
    /// What tests declare: the table's name in dbt, and the rule with dbt's column names.
    pub(super) rules: Vec<(String, RuleSubject)>,
    /// What was not understood, with the reason.
    pub(super) left: Vec<String>,
}

/// A table that a project declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DeclaredTable {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
}

/// A metric that a project declares.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DeclaredMetric {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) value: Measure,
    pub(super) denominator: Option<Measure>,
}

/// How rows of a table become a number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measure {
    /// The table, by its name in dbt.
    pub(super) table: String,
    pub(super) aggregate: Aggregate,
    pub(super) column: Option<String>,
    pub(super) filters: Vec<Filter>,
}
