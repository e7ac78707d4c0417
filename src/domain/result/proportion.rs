//! Defines what is said about two proportions beyond the difference of means.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// The difference of two proportions by a method on counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ProportionDifference {
    /// Treatment − control, a share of units.
    pub estimate: Estimate,
    /// Whether the p-value is Fisher's, because an expected count is too small for the method's own.
    pub exact: bool,
}

/// A ratio of rates or of odds, treatment over control.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RatioOfRates {
    /// The ratio; 1 is no difference.
    pub ratio: f64,
    /// Lower bound of the ratio.
    pub lower: f64,
    /// Upper bound of the ratio.
    pub upper: f64,
    /// Its natural logarithm, on which the interval is symmetric and the p-value is found.
    pub logarithm: Estimate,
}
