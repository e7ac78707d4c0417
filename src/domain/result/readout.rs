//! Defines the readout: one versioned value that every view only arranges.

use serde::{Deserialize, Serialize};

use super::{Alternative, Check, ContractOutcome, Diagnosis, MetricReadout, Verdict};
use crate::domain::definition::{
    Choice, Conventions, ExperimentStatus, Identifier, MetricKind, Population, Role, Thresholds,
    Timestamp,
};
use crate::domain::evidence::{AsOf, Slice, TableLedger};

/// The version of the readout's JSON; changes when a reader of the old one would misread the new.
pub const SCHEMA_VERSION: u32 = 1;

/// One variant of the experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct VariantHeader {
    /// Its id.
    pub id: String,
    /// Its planned share of the last epoch of weights, in [0, 1]; absent where no weights are declared.
    pub share: Option<f64>,
    /// Whether it is the control.
    pub control: bool,
}

/// The experiment in brief.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ExperimentHeader {
    /// Its id.
    pub id: Identifier,
    /// Its version.
    pub version: u32,
    /// Who answers for it.
    pub owner: String,
    /// Where it stands.
    pub status: ExperimentStatus,
    /// What it is for.
    pub hypothesis: Option<String>,
    /// Its first instant.
    pub start: Option<Timestamp>,
    /// Its end.
    pub end: Option<Timestamp>,
    /// Its planned end.
    pub planned_end: Option<Timestamp>,
    /// Its variants, control first.
    pub variants: Vec<VariantHeader>,
}

/// Where a readout came from. No clock, host, user or absolute path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Provenance {
    /// `readout` and its version.
    pub program: String,
    /// The workspace's name.
    pub workspace: String,
    /// The engine that read the tables.
    pub engine: String,
    /// As-of and its reason.
    pub as_of: AsOf,
    /// The time zone of local days; absent where none is declared.
    pub time_zone: Option<String>,
    /// First and last instant of assignment among the units read out.
    pub enrolment: Option<(Timestamp, Timestamp)>,
    /// The inputs.
    pub inputs: Vec<InputHeader>,
    /// The command line that reproduces it, each word by itself.
    pub command: Vec<String>,
}

/// One input table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct InputHeader {
    /// The logical table name.
    pub table: String,
    /// Rows read.
    pub rows: u64,
}

/// Units of one population in one variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PopulationUnits {
    /// The population.
    pub population: Population,
    /// The variant.
    pub variant: String,
    /// Its units.
    pub units: u64,
}

/// The whole versioned result: a pure function of data × definitions × conventions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Readout {
    /// See [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The experiment in brief.
    pub experiment: ExperimentHeader,
    /// Where it came from.
    pub provenance: Provenance,
    /// The conventions it was computed with.
    pub conventions: Conventions,
    /// Each of them in words, with its reason.
    pub choices: Vec<Choice>,
    /// The thresholds its checks used.
    pub thresholds: Thresholds,
    /// Why it is exploratory, where it is: ad-hoc overrides that no file holds.
    pub exploratory: Option<String>,
    /// Verdicts, a variant each, in the experiment's order.
    pub verdicts: Vec<Verdict>,
    /// Checks, in the order they ran.
    pub checks: Vec<Check>,
    /// Where a sample ratio mismatch comes from: where a check of it warns or fails, or where it was asked for.
    #[serde(default)]
    pub diagnosis: Option<Diagnosis>,
    /// Units by population and variant.
    pub units: Vec<PopulationUnits>,
    /// Metrics, in the order primary, secondary, guardrail, diagnostic.
    pub metrics: Vec<MetricReadout>,
    /// What would come out under other conventions, one changed at a time.
    pub alternatives: Vec<Alternative>,
    /// Rows, table by table.
    pub ledgers: Vec<TableLedger>,
    /// What came of each rule of the workspace's data contract about these tables, in the order of their declaration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contract: Vec<ContractOutcome>,
}

impl Readout {
    /// The control variant's id.
    #[must_use]
    pub fn control(&self) -> &str {
        self.experiment
            .variants
            .iter()
            .find(|variant| variant.control)
            .map_or("", |variant| variant.id.as_str())
    }

    /// Whether a check is one of those that show the mismatch which is diagnosed.
    #[must_use]
    pub fn is_diagnosed(&self, check: &Check) -> bool {
        let diagnosis = self.diagnosis.as_ref();
        diagnosis.is_some_and(|diagnosis| diagnosis.shown_by.contains(&check.id))
    }

    /// The variants that are compared with control.
    pub fn treatments(&self) -> impl Iterator<Item = &str> {
        self.experiment
            .variants
            .iter()
            .filter(|variant| !variant.control)
            .map(|variant| variant.id.as_str())
    }

    /// The metrics of one role, in order.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &MetricReadout> {
        self.metrics
            .iter()
            .filter(move |metric| metric.role == role)
    }

    /// Segment columns that appear, in order.
    #[must_use]
    pub fn segments(&self) -> Vec<&str> {
        let mut columns = Vec::new();
        for effect in self.metrics.iter().flat_map(|metric| &metric.effects) {
            if let Slice::Segment { column, .. } = &effect.slice
                && !columns.contains(&column.as_str())
            {
                columns.push(column);
            }
        }
        columns
    }

    /// Whether any metric is of a kind.
    #[must_use]
    pub fn has_kind(&self, kind: MetricKind) -> bool {
        self.metrics.iter().any(|metric| metric.kind == kind)
    }
}
