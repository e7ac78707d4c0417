//! Defines what is said beside an estimate: equivalence and posteriors.
//!
//! None of it decides a verdict by itself.

use serde::{Deserialize, Serialize};

use super::{Interval, PValue};
use crate::domain::definition::Magnitude;

/// Whether two variants are shown to differ by less than a margin, by two one-sided tests.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Equivalence {
    /// The margin, on both sides.
    pub margin: Magnitude,
    /// The p-value against "not above minus the margin".
    pub lower: PValue,
    /// The p-value against "not below the margin".
    pub upper: PValue,
    /// The larger of both: the p-value of equivalence.
    pub p_value: PValue,
    /// Whether it is below 1 − level.
    pub equivalent: bool,
}

/// What is believed about an effect after the data. Probabilities sum to one, each with digits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Posterior {
    /// The mean of the effect, in its unit.
    pub mean: f64,
    /// The standard deviation of the effect.
    pub standard_deviation: f64,
    /// The equal-tailed interval at the level; absent for the difference of two rates.
    pub interval: Option<Interval>,
    /// The probability that the treatment is better, by the metric's direction.
    pub probability_better: f64,
    /// The probability that it is worse.
    pub probability_worse: f64,
    /// Expected loss of choosing the treatment, in the effect's unit: the mean of what it is worse by, zero where better.
    pub loss_if_chosen: f64,
    /// Expected loss of staying with the control: the mean of what the treatment is better by, zero where worse.
    pub loss_if_not_chosen: f64,
}

/// What is believed about one variant's rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RatePosterior {
    /// The mean, in [0, 1].
    pub mean: f64,
    /// The standard deviation.
    pub standard_deviation: f64,
    /// Lower limit of the equal-tailed interval at the level.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// What is believed about two rates, independent of each other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RatePosteriors {
    /// The control's rate.
    pub control: RatePosterior,
    /// The treatment's rate.
    pub treatment: RatePosterior,
    /// Treatment − control.
    pub difference: Posterior,
}

/// Whether effects differ between the levels of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Heterogeneity {
    /// The effect common to all levels, each weighted by 1/se².
    pub common: f64,
    /// Its standard error.
    pub common_error: f64,
    /// Cochran's Q.
    pub statistic: f64,
    /// Levels − 1.
    pub freedom: usize,
    /// The p-value against "the effect is the same everywhere".
    pub p_value: PValue,
    /// I², the share of the spread between levels that is not chance, in [0, 1).
    pub i_squared: f64,
}
