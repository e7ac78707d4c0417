//! Defines an experiment in full: variants and weights over time, metrics by role, exposure rule, plan.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Duration, Filter, Identifier, Role, Timestamp, Version};
use crate::domain::vocabulary;

vocabulary! {
    /// Where an experiment stands.
    pub enum ExperimentStatus {
        /// Being designed.
        Draft = "draft", "draft";
        /// Enrolling with fixed weights.
        Running = "running", "running";
        /// Enrolling with weights that change.
        Ramping = "ramping", "ramping";
        /// Not enrolling for now.
        Paused = "paused", "paused";
        /// Over.
        Concluded = "concluded", "concluded";
    }
}

vocabulary! {
    /// Which units an effect is over.
    pub enum Population {
        /// Every validly assigned unit: intention to treat.
        Itt = "itt", "intention to treat";
        /// Units with a valid first exposure, anchored on it.
        Exposed = "exposed", "exposed only";
    }
}

/// Weights that held from an instant on. Only their proportions matter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Epoch {
    /// The first instant at which they held.
    pub from: Timestamp,
    /// A weight a variant, in the experiment's order of variants; may be zero.
    pub weights: Vec<f64>,
}

/// A metric as an experiment names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MetricReference {
    /// The metric.
    pub id: Identifier,
    /// What it is here.
    pub role: Role,
    /// The version the experiment was resolved to.
    pub version: Version,
}

/// What the experiment was designed for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DesignPlan {
    /// Units over all variants.
    pub units: Option<u64>,
    /// The expected share of assigned units that are exposed, in (0, 1].
    pub exposure_rate: Option<f64>,
    /// The planned end of the experiment: before it, nothing ships.
    pub end: Option<Timestamp>,
}

vocabulary! {
    /// What counts as one unit.
    pub enum UnitOfAnalysis {
        /// An id, as the tables have it.
        Unit = "unit", "unit";
        /// A person, by the identity map; an id that the map does not know is a person by itself.
        Person = "person", "person";
    }
}

/// What is computed beside the effects of single units in one go, and with what.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Analysis {
    /// What counts as one unit; absent: an id.
    pub by: Option<UnitOfAnalysis>,
    /// The column that says what was randomised, where units nest in it: a household, an account, a village.
    pub cluster: Option<String>,
    /// The segment column whose levels effects are stratified by afterwards.
    pub strata: Option<String>,
    /// Whether effects are followed by days since entry.
    pub novelty: bool,
    /// How many times units are drawn anew; absent: not at all.
    pub bootstrap: Option<u32>,
    /// Whether every pair of variants is compared, and not only each with control.
    pub all_pairs: bool,
    /// How many units a year the decision is about; absent: projected from the run.
    pub units_per_year: Option<u64>,
    /// The planned looks of a group-sequential design, as shares of the planned units: rising, in (0, 1].
    pub looks: Vec<f64>,
    /// Below so many units of both variants a sequential family says nothing: its theory needs a mean that is nearly normal.
    pub first_look: Option<u64>,
}

impl Analysis {
    /// Fewer draws leave the ends of an interval to chance; more change no digit that is shown.
    pub const DRAWS: std::ops::RangeInclusive<u32> = 100..=20_000;

    /// Whether looks are shares that rise, above 0 and up to 1.
    #[must_use]
    pub fn are_looks(looks: &[f64]) -> bool {
        let inside = looks.iter().all(|look| *look > 0.0 && *look <= 1.0);
        inside && looks.windows(2).all(|pair| pair[0] < pair[1])
    }

    /// Whether persons are compared and not ids.
    #[must_use]
    pub fn is_by_person(&self) -> bool {
        self.by == Some(UnitOfAnalysis::Person)
    }

    /// Whether nothing was asked for.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Which exposures are valid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ExposureRule {
    /// The exposure types that count; empty: all.
    pub types: Vec<String>,
    /// Whether a unit in control can be exposed at all.
    pub control_can_be_exposed: bool,
    /// How long after assignment an exposure still counts.
    pub within: Option<Duration>,
    /// Repeats closer than this are duplicates.
    pub dedupe: Option<Duration>,
}

/// Which assigned units are eligible: conditions on columns of the assignment table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Eligibility {
    /// All hold together; empty: every unit is eligible.
    #[serde(rename = "where")]
    pub filters: Vec<Filter>,
}

/// An experiment, every default filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Experiment {
    /// Its id.
    pub id: Identifier,
    /// Its version: rows of other versions are out of scope.
    pub version: u32,
    /// Who answers for it.
    pub owner: String,
    /// Where it stands.
    pub status: ExperimentStatus,
    /// What it is for.
    pub hypothesis: Option<String>,
    /// The first instant of assignment. Absent only where the tables hold no time at all.
    pub start: Option<Timestamp>,
    /// The first instant after it: exposures and assignments from here on are out of scope.
    pub end: Option<Timestamp>,
    /// The first instant after enrolment.
    pub enrol_stop: Option<Timestamp>,
    /// The id of the control variant, one of `variants`.
    pub control: String,
    /// Variant ids: control first, then the others sorted bytewise.
    pub variants: Vec<String>,
    /// Weights over time, first epoch first; empty where no weights are declared.
    pub epochs: Vec<Epoch>,
    /// Metrics, in the order primary, secondary, guardrail, diagnostic.
    pub metrics: Vec<MetricReference>,
    /// Segment columns, of attribute tables or the assignment table.
    pub segments: Vec<String>,
    /// The populations to read out.
    pub populations: Vec<Population>,
    /// What it was designed for.
    pub plan: DesignPlan,
    /// What is computed beside.
    #[serde(default, skip_serializing_if = "Analysis::is_default")]
    pub analysis: Analysis,
    /// Which exposures are valid.
    pub exposure: ExposureRule,
    /// Which units are eligible.
    pub eligibility: Eligibility,
    /// What other tools and tables call it: values of `experiment_id` that mean this experiment.
    pub aliases: Vec<String>,
    /// The hashing salt, if known.
    pub salt: Option<String>,
    /// Conventions that differ from the workspace's, by name.
    #[serde(default)]
    pub conventions: BTreeMap<String, String>,
}

impl Experiment {
    /// The index of the control variant in `variants`; control is always first.
    pub const CONTROL: usize = 0;
}
