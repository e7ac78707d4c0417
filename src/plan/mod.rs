//! Turns governed definitions into a plan: what will be read, aggregated and computed, decided before any row is seen.
//!
//! Metrics *declare* the aggregates they need; equal declarations are merged, so that one pass over each table serves
//! everything. A plan takes a *set* of conventions: a readout is a set of one.

mod build;
mod conventions;
mod declaration;

pub use build::{PlanError, Request, build};
pub use conventions::{ConventionError, Overrides, resolve};
pub use declaration::{Declaration, Declarations};

use crate::domain::definition::{
    ContractRule, Conventions, Experiment, Filter, Identifier, Metric, Population, Role, Table,
    Timestamp, UnitsRule,
};
use crate::domain::evidence::Layout;

/// One metric of a plan: its definition, its role here, and which declarations its quantities come from.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedMetric {
    /// The definition.
    pub metric: Metric,
    /// What it is in this experiment.
    pub role: Role,
    /// SHA-256 of the meaning of its definition.
    pub semantic_hash: String,
    /// What its quantities are.
    pub layout: Layout,
    /// The declaration of the value, or of a ratio's numerator. Absent where somebody published the moments.
    pub value: Option<usize>,
    /// The declaration of a ratio's denominator.
    pub denominator: Option<usize>,
    /// The declarations of the covariates, in the metric's order; empty where conventions ignore them.
    pub covariates: Vec<usize>,
    /// The declarations of a funnel's steps before the last, in order.
    pub steps: Vec<usize>,
    /// The declarations of the value in each part of the window since entry, where effects are followed over it.
    pub parts: Vec<usize>,
}

impl PlannedMetric {
    /// Every declaration it has.
    pub fn declarations(&self) -> impl Iterator<Item = usize> {
        let sides = self.value.into_iter().chain(self.denominator);
        let lists = [&self.covariates, &self.steps, &self.parts];
        sides.chain(lists.into_iter().flatten().copied())
    }
}

/// A column by which units are split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSegment {
    /// The table that holds it.
    pub table: String,
    /// The column.
    pub column: String,
}

/// How as-of is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AsOfRule {
    /// It was asked for.
    Asked(Timestamp),
    /// The earliest `complete_through` of the tables that declare one.
    CompleteThrough(Timestamp),
    /// The engine finds it in the tables.
    FromTables,
}

/// Everything an engine needs to know, and all it may do.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The experiment.
    pub experiment: Experiment,
    /// Its metrics, in the order of the readout.
    pub metrics: Vec<PlannedMetric>,
    /// Merged declarations.
    pub declarations: Vec<Declaration>,
    /// Segment columns.
    pub segments: Vec<PlannedSegment>,
    /// The column that says in which cluster a unit nests.
    pub cluster: Option<PlannedSegment>,
    /// The populations to read out; exposed only where there is an exposure table.
    pub populations: Vec<Population>,
    /// The sets of conventions to compute summaries for; never empty.
    pub conventions: Vec<Conventions>,
    /// How as-of is found.
    pub as_of: AsOfRule,
    /// The assignment table; absent for published summaries.
    pub assignments: Option<Table>,
    /// The exposure table.
    pub exposures: Option<Table>,
    /// Which ids are the same person's.
    pub identities: Option<Table>,
    /// What holds for units that consented, of columns of the assignment table; empty: nobody has to.
    pub consent: Vec<Filter>,
    /// Every other table that is needed, by name.
    pub others: Vec<Table>,
    /// The zone of local days and of timestamps that carry none.
    pub time_zone: Option<String>,
    /// Whether a row of the assignment table is a unit, since no column tells units apart.
    pub rows_are_units: bool,
    /// The rules of the data contract about the tables that are read row by row, in the order of their declaration.
    pub contract: Vec<ContractRule>,
}

impl Plan {
    /// Whether the exposed population is read out.
    #[must_use]
    pub fn reads_exposed(&self) -> bool {
        self.populations.contains(&Population::Exposed)
    }

    /// Whether persons are compared and not ids.
    #[must_use]
    pub fn is_by_person(&self) -> bool {
        self.experiment.analysis.is_by_person() && self.identities.is_some()
    }

    /// Which units of a metric count while windows are open, under one set of conventions.
    #[must_use]
    pub fn units_rule(&self, metric: usize, conventions: &Conventions) -> UnitsRule {
        conventions.units.unwrap_or_else(|| {
            self.metrics[metric]
                .metric
                .window
                .as_ref()
                .map_or(UnitsRule::All, |window| window.units)
        })
    }

    /// The rules of the data contract about a table, in the order of their declaration.
    pub fn rules_about<'a>(&'a self, table: &str) -> impl Iterator<Item = &'a ContractRule> {
        self.contract.iter().filter(move |rule| rule.table == table)
    }

    /// The position of a metric by id.
    #[must_use]
    pub fn metric(&self, id: &Identifier) -> Option<usize> {
        self.metrics
            .iter()
            .position(|planned| &planned.metric.id == id)
    }
}
