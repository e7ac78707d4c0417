//! Defines an experiment file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ConventionsFile, FilterFile, Moment};
use crate::domain::definition::{ExperimentStatus, Population, UnitOfAnalysis};

/// The variants: with weights, or names alone where no weights are declared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub(in crate::catalog) enum VariantsFile {
    /// A weight a variant; only proportions matter.
    Weights(BTreeMap<String, f64>),
    /// Names alone.
    Names(Vec<String>),
}

/// Weights that held from an instant on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct EpochFile {
    /// The first instant at which they held.
    pub(in crate::catalog) from: Moment,
    /// A weight a variant; may be zero.
    pub(in crate::catalog) weights: BTreeMap<String, f64>,
}

/// What the experiment was designed for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct PlanFile {
    /// Units over all variants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) units: Option<u64>,
    /// The expected share of assigned units that are exposed, in (0, 1].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) exposure_rate: Option<f64>,
    /// The planned end: before it, nothing ships.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) end: Option<Moment>,
}

/// What is computed beside the effects of single units, and with what.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct AnalysisFile {
    /// What counts as one unit: `unit`, an id; or `person`, by the table of identities. Absent: unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) by: Option<UnitOfAnalysis>,
    /// The column that says what was randomised, where units nest in it: of the assignment table or a table of units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) cluster: Option<String>,
    /// The segment whose levels effects are stratified by afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) strata: Option<String>,
    /// Whether effects are followed by days since entry; absent: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) novelty: Option<bool>,
    /// How many times units are drawn anew; absent: not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) bootstrap: Option<u32>,
    /// Whether every pair of variants is compared; absent: false, each with control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) all_pairs: Option<bool>,
    /// How many units a year the decision is about; absent: projected from the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) units_per_year: Option<u64>,
    /// The planned looks of a group-sequential design, as shares of the planned units: rising, the last 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) looks: Option<Vec<f64>>,
    /// How many units of both variants a sequential family needs before it says anything; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) first_look: Option<u64>,
}

/// Which exposures are valid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct ExposureFile {
    /// The exposure types that count; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) types: Option<Vec<String>>,
    /// Whether a unit in control can be exposed at all; absent: true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) control_can_be_exposed: Option<bool>,
    /// How long after assignment an exposure still counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) within: Option<String>,
    /// Repeats closer than this are duplicates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) dedupe: Option<String>,
}

/// Which assigned units are eligible.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct EligibilityFile {
    /// Conditions on columns of the assignment table.
    #[serde(rename = "where")]
    pub(in crate::catalog) filters: Vec<FilterFile>,
}

/// An experiment: variants, time, and the metrics that decide.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "readout experiment")]
pub(in crate::catalog) struct ExperimentFile {
    /// Its id, the name of its file.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) id: Option<String>,
    /// Its version, a whole number from 1: rows of other versions are out of scope.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) version: Option<i64>,
    /// Who answers for it.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) owner: Option<String>,
    /// Where it stands.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) status: Option<ExperimentStatus>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) hypothesis: Option<String>,
    /// The first instant of assignment; absent only where the tables hold no time at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) start: Option<Moment>,
    /// The first instant after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) end: Option<Moment>,
    /// The first instant after enrolment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) enrol_stop: Option<Moment>,
    /// The variant the others are compared with.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) control: Option<String>,
    /// The variants and their weights.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) variants: Option<VariantsFile>,
    /// Changes of the weights, first change first; until the first one the weights of `variants` hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) epochs: Option<Vec<EpochFile>>,
    /// The metrics that decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) primary: Option<Vec<String>>,
    /// The metrics that support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) secondary: Option<Vec<String>>,
    /// The metrics that must not get worse than their margin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) guardrails: Option<Vec<String>>,
    /// The metrics that explain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) diagnostics: Option<Vec<String>>,
    /// Columns of the assignment table or of a table of units, by which effects are broken down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) segments: Option<Vec<String>>,
    /// The populations to read out; absent: itt, and exposed where there is a table of exposures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) populations: Option<Vec<Population>>,
    /// What it was designed for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) plan: Option<PlanFile>,
    /// What is computed beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) analysis: Option<AnalysisFile>,
    /// Which exposures are valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) exposure: Option<ExposureFile>,
    /// Which assigned units are eligible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) eligibility: Option<EligibilityFile>,
    /// What other tools and tables call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) also_known_as: Option<Vec<String>>,
    /// The hashing salt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) salt: Option<String>,
    /// Analysis choices that differ from the workspace's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) conventions: Option<ConventionsFile>,
}
