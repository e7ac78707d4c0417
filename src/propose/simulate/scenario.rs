//! Defines the knobs of a world. Every knob has a default that does no harm: a scenario that says nothing is a healthy
//! experiment without an effect.
//!
//! It refuses to be a definition file: the definitions a world comes with are written from a scenario, by `definitions`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::definition::{
    Aggregate, Direction, ExperimentStatus, Magnitude, MetricKind, Timestamp,
};
use crate::domain::result::VerdictWord;

/// A workspace to make: metrics, segments and experiments that share their tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// What the workspace is called.
    pub name: String,
    /// The first instant for which no table holds anything: the data end here.
    pub complete_through: Timestamp,
    /// The segment columns of the attribute table.
    pub segments: Vec<SegmentScenario>,
    /// The covariate column of the attribute table, if any.
    pub covariate: Option<CovariateScenario>,
    /// The metrics.
    pub metrics: Vec<MetricScenario>,
    /// The experiments. Their units never overlap, so that no experiment is another's noise.
    pub experiments: Vec<ExperimentScenario>,
}

/// A column of the attribute table and its levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentScenario {
    /// The column.
    pub column: String,
    /// Its levels.
    pub levels: Vec<LevelScenario>,
}

/// One level of a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelScenario {
    /// What the column holds.
    pub name: String,
    /// How common it is; only proportions matter.
    pub weight: f64,
    /// Multiplies the rate of everything its units do.
    #[serde(default = "one")]
    pub rate: f64,
    /// Multiplies every effect on its units: 0 is no effect, 1 the variant's own, 2 twice it.
    #[serde(default = "one")]
    pub effect: f64,
}

/// A column of the attribute table that holds what units did before assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CovariateScenario {
    /// The column.
    pub column: String,
    /// The event whose values it sums.
    pub event: String,
    /// Over how many days before assignment.
    pub days: u32,
}

/// What a metric sums, counts or averages: rows of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// The event.
    pub event: String,
    /// `any`, `count`, `sum` or `mean` of the event's values.
    pub aggregate: Aggregate,
}

/// A metric to define, and what its truth is taken of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricScenario {
    /// Its id.
    pub id: String,
    /// Who answers for it.
    pub owner: String,
    /// One sentence on what it measures.
    pub description: String,
    /// What it measures over units.
    pub kind: MetricKind,
    /// Which way is good.
    pub direction: Direction,
    /// The unit of its values, such as EUR.
    pub unit: Option<String>,
    /// The value of a unit; of a ratio, the numerator.
    pub measure: Measure,
    /// The denominator of a ratio.
    pub denominator: Option<Measure>,
    /// Length of its window from entry, in days.
    pub window_days: u32,
    /// The quantile it is capped at. The truth is always of the uncapped value.
    pub cap_quantile: Option<f64>,
    /// The days before assignment whose own value is its covariate.
    pub covariate_days: Option<u32>,
    /// The column of the attribute table that is its covariate.
    pub covariate_column: Option<String>,
    /// As a guardrail: how much worse is still acceptable.
    pub margin: Option<Magnitude>,
    /// The smallest difference that matters.
    pub minimum_effect: Option<Magnitude>,
    /// The question it answers.
    pub question: String,
    /// Who decides.
    pub decided_by: String,
    /// What happens when it gets worse.
    pub if_worse: String,
    /// Where to look when it turns red.
    pub runbook: String,
    /// The metrics it is made of or moved by: id and `component` or `influence`.
    pub drivers: BTreeMap<String, String>,
}

/// One experiment to make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExperimentScenario {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// Who answers for it.
    pub owner: String,
    /// What it is for.
    pub hypothesis: String,
    /// Where it stands.
    pub status: ExperimentStatus,
    /// The first instant of assignment.
    pub start: Timestamp,
    /// For how many days units are assigned, evenly over time.
    pub enrol_days: u32,
    /// The planned end, in days from the start.
    pub planned_days: u32,
    /// Units randomised; those that come after the data end, or that a variant loses, are in no table.
    pub units: u32,
    /// The variants, control first.
    pub variants: Vec<VariantScenario>,
    /// Weights over time; empty: even weights throughout.
    pub epochs: Vec<EpochScenario>,
    /// The share of units expected to be exposed, as the definition declares it.
    pub planned_exposure_rate: Option<f64>,
    /// Hours from assignment to first exposure: uniform between 0 and this.
    pub exposure_delay_hours: f64,
    /// Further exposures an exposed unit has in the week after its first, on average.
    pub repeated_exposures: f64,
    /// What `exposure_type` holds.
    pub exposure_type: String,
    /// What units do.
    pub behaviours: Vec<Behaviour>,
    /// How alike units are: activity is Erlang with this shape and mean 1; 1 is very unlike.
    pub activity_shape: u32,
    /// Days of events before assignment; 0: the units are new.
    pub pre_days: u32,
    /// Days of events after assignment, at least the longest window and the exposure delay together.
    pub follow_days: u32,
    /// Relative growth of every rate from the first to the last unit assigned: 0.2 is a fifth more.
    pub trend: f64,
    /// Primary metrics.
    pub primary: Vec<String>,
    /// Secondary metrics.
    pub secondary: Vec<String>,
    /// Guardrails.
    pub guardrails: Vec<String>,
    /// Diagnostic metrics.
    pub diagnostics: Vec<String>,
    /// What is wrong with the rows.
    pub faults: Faults,
    /// What there is to find in it, in words.
    pub finding: String,
    /// The verdict a trustworthy readout reaches, by variant.
    pub expected_verdicts: BTreeMap<String, VerdictWord>,
}

/// One variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VariantScenario {
    /// Its id.
    pub id: String,
    /// The share of assigned units that is exposed.
    pub exposure_rate: f64,
    /// How much of that depends on activity, from 0 (nothing: a coin) to 1 (everything: the active are exposed first).
    pub exposure_selection: f64,
    /// The share of randomised units that leave no row in any table.
    pub lost_share: f64,
    /// How much of that depends on activity, from 0 to 1 (everything: the least active are lost first).
    pub loss_selection: f64,
    /// From which day on units are lost.
    pub lost_from_day: f64,
    /// The only level of a segment in which units are lost; absent: in all.
    pub lost_level: Option<String>,
    /// The share of its units that are assigned another variant up to three days later.
    pub moved_share: f64,
    /// The share of its units that are assigned once more under a second id; an identity map knows whose both are.
    pub second_id_share: f64,
    /// When its effects start.
    pub effect_from: EffectFrom,
    /// Its effects, by event.
    pub effects: BTreeMap<String, Effect>,
}

/// When an effect starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectFrom {
    /// At first exposure; a unit that is never exposed has none.
    #[default]
    Exposure,
    /// At assignment, exposed or not.
    Assignment,
}

/// What a variant does to one event.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Effect {
    /// Multiplies how often it happens.
    pub rate: f64,
    /// Multiplies its value (of a chance: the chance).
    pub value: f64,
}

/// Weights from a day on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochScenario {
    /// Days from the start.
    pub from_day: u32,
    /// A weight a variant, in the order of the variants.
    pub weights: Vec<f64>,
}

/// Something units do: a Poisson process whose rate is the unit's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    /// The event's name.
    pub event: String,
    /// How often a unit of activity 1 does it in seven days.
    pub weekly_rate: f64,
    /// Whether active units do it more often.
    #[serde(default = "yes")]
    pub follows_activity: bool,
    /// Whether it also happens before assignment.
    #[serde(default = "yes")]
    pub pre_period: bool,
    /// What the value column holds.
    #[serde(default)]
    pub values: Values,
}

/// What the value column of an event holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Values {
    /// Nothing.
    #[default]
    Absent,
    /// A lognormal amount; a share of rows has its amount multiplied by a Pareto draw.
    Amount {
        /// The mean of the lognormal.
        mean: f64,
        /// The standard deviation of its logarithm.
        sigma: f64,
        /// The share of rows in the heavy tail.
        #[serde(default)]
        tail_share: f64,
        /// The tail index of the Pareto, above 1; the smaller, the heavier.
        #[serde(default = "three")]
        tail_shape: f64,
        /// Decimals kept.
        decimals: u8,
    },
    /// 1 with this probability, else 0.
    Chance {
        /// The probability.
        probability: f64,
    },
}

/// What is wrong with the rows of an experiment. Shares are of units or of rows, in [0, 1].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Share of units that are assigned a second variant up to three days later.
    pub several_variants: f64,
    /// Share of units whose assignment row is there twice.
    pub duplicate_assignments: f64,
    /// Share of exposed units whose first exposure row is there twice.
    pub duplicate_exposures: f64,
    /// Share of event rows that are there twice.
    pub duplicate_events: f64,
    /// Share of exposed units whose every exposure is an hour before their assignment.
    pub early_exposures: f64,
    /// Share of exposed units whose exposures carry another variant than their assignment.
    pub contradictory_exposures: f64,
    /// Share of event rows that arrive late.
    pub late_events: f64,
    /// How late, in days: uniform between 0 and this.
    pub late_days: f64,
    /// Share of units that are bots.
    pub bots: f64,
    /// How many times a bot's activity is that of anyone else.
    pub bot_activity: f64,
    /// Share of units that the version before had assigned too, two months earlier.
    pub earlier_version: f64,
    /// Share of units that are assigned though they are not eligible.
    pub ineligible: f64,
    /// The day of the experiment, from 0, of whose events no row arrives.
    pub lost_event_day: Option<u32>,
    /// Exposure rows of units that were never assigned.
    pub orphan_exposures: u32,
    /// Event rows of units that no other table knows.
    pub orphan_events: u32,
    /// Assignment rows of further units whose variant no definition knows.
    pub unknown_variants: u32,
    /// Assignment rows without a unit id.
    pub missing_unit_ids: u32,
}

const fn one() -> f64 {
    1.0
}

const fn three() -> f64 {
    3.0
}

const fn yes() -> bool {
    true
}

impl ExperimentScenario {
    /// The ids of its metrics, in the order primary, secondary, guardrail, diagnostic.
    pub fn metric_ids(&self) -> impl Iterator<Item = &String> {
        let supporting = self.secondary.iter().chain(&self.guardrails);
        self.primary
            .iter()
            .chain(supporting)
            .chain(&self.diagnostics)
    }

    /// Whether its assignments say who is eligible.
    #[must_use]
    pub fn says_eligible(&self) -> bool {
        self.faults.ineligible > 0.0
    }

    /// Whether units have several ids, and a table says whose they are.
    #[must_use]
    pub fn says_persons(&self) -> bool {
        self.variants
            .iter()
            .any(|variant| variant.second_id_share > 0.0)
    }

    /// The behaviour whose event is `event`.
    #[must_use]
    pub fn behaviour(&self, event: &str) -> Option<&Behaviour> {
        self.behaviours.iter().find(|each| each.event == event)
    }

    /// The weights in force `days` after the start.
    #[must_use]
    pub fn weights_at(&self, days: f64) -> Vec<f64> {
        let begun = |epoch: &&EpochScenario| f64::from(epoch.from_day) <= days;
        let epoch = self.epochs.iter().rfind(begun);
        epoch.map_or_else(
            || vec![1.0; self.variants.len()],
            |epoch| epoch.weights.clone(),
        )
    }
}

impl VariantScenario {
    /// What it does to `event`.
    #[must_use]
    pub fn effect(&self, event: &str) -> Effect {
        self.effects.get(event).copied().unwrap_or_default()
    }
}
