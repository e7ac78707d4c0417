//! Defines the plan of an experiment: what is known before, what is asked for, and what that takes.

use serde::{Deserialize, Serialize};

use super::Known;
use crate::domain::definition::{Magnitude, MetricKind, SequentialFamily, Spending};

/// What is known of a metric before the experiment, a unit each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PowerBaseline {
    /// Where it comes from, in words.
    pub source: String,
    /// What the metric measures.
    pub kind: MetricKind,
    /// The control mean.
    pub mean: f64,
    /// The standard deviation over units, less what covariates remove.
    pub standard_deviation: f64,
    /// The units it was found on; absent where it was given.
    pub units: Option<u64>,
    /// The share of variance that covariates removed; absent where there are none.
    pub variance_reduction: Option<f64>,
}

/// How the experiment will be judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PowerDemand {
    /// Confidence level of the two-sided interval.
    pub level: f64,
    /// The power asked for.
    pub power: f64,
    /// What tests are allowed to look at.
    pub sequential: SequentialFamily,
    /// How a group-sequential design spends its error.
    pub spending: Option<Spending>,
    /// Its looks, as shares of the planned units.
    pub looks: Vec<f64>,
    /// The share of units of each variant, control first.
    pub shares: Vec<f64>,
    /// Units a day over all variants, where they are known.
    pub a_day: Option<f64>,
}

/// Units that a planned effect takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PowerNeed {
    /// The effect: of a lift, the interval of the lift must exclude zero.
    pub effect: Magnitude,
    /// The same in the metric's unit.
    pub absolute: f64,
    /// Units of each variant, control first; every variant is detected against control.
    pub units: Vec<u64>,
    /// Units over all variants.
    pub total: u64,
    /// Days until they are there; absent where no rate is known.
    pub days: Option<f64>,
}

/// What a number of units detects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PowerReach {
    /// Units over all variants.
    pub units: f64,
    /// After how many days they are there, where that was asked.
    pub days: Option<f64>,
    /// The smallest difference detected, in the metric's unit, of the variant with the least units.
    pub absolute: Known<f64>,
    /// The smallest lift detected, as a fraction of the control mean.
    pub relative: Known<f64>,
    /// The power at the planned effect, where there is one.
    pub power: Option<Known<f64>>,
}

/// The plan of an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PowerPlan {
    /// What is known.
    pub baseline: PowerBaseline,
    /// What is asked for.
    pub demand: PowerDemand,
    /// What a planned effect takes, where there is one.
    pub need: Option<Known<PowerNeed>>,
    /// What given units, or days, detect.
    pub reaches: Vec<PowerReach>,
}
