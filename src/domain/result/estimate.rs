//! Defines an estimate with its interval and p-value.

use serde::{Deserialize, Serialize};

/// The set of values that the data do not contradict at a level. Fieller's need not be an ordinary interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "shape", rename_all = "snake_case")]
pub enum Interval {
    /// Every value between two bounds.
    Between {
        /// Lower bound.
        lower: f64,
        /// Upper bound.
        upper: f64,
    },
    /// Every value outside two bounds: the control mean is not clearly non-zero.
    Outside {
        /// Values up to here belong to it.
        below: f64,
        /// Values from here on belong to it.
        above: f64,
    },
    /// Every value: the data say nothing about it.
    WholeLine,
}

impl Interval {
    /// The lower bound, where there is one.
    #[must_use]
    pub const fn lower(&self) -> Option<f64> {
        match self {
            Self::Between { lower, .. } => Some(*lower),
            Self::Outside { .. } | Self::WholeLine => None,
        }
    }

    /// The upper bound, where there is one.
    #[must_use]
    pub const fn upper(&self) -> Option<f64> {
        match self {
            Self::Between { upper, .. } => Some(*upper),
            Self::Outside { .. } | Self::WholeLine => None,
        }
    }

    /// Whether `value` belongs to it.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        match *self {
            Self::Between { lower, upper } => lower <= value && value <= upper,
            Self::Outside { below, above } => value <= below || value >= above,
            Self::WholeLine => true,
        }
    }
}

/// A two-sided p-value, with its logarithm for when it is smaller than any double.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PValue {
    /// The p-value in [0, 1]; 0 only where it is below 1e-308.
    pub p: f64,
    /// Its decimal logarithm, finite always.
    pub log10_p: f64,
}

/// An estimate with everything that says how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Estimate {
    /// The estimate, in the metric's unit; of a lift, a fraction (0.02 is two percent).
    pub estimate: f64,
    /// Its standard error; absent where the method has none (Fieller).
    pub standard_error: Option<f64>,
    /// Degrees of freedom; absent where the reference is normal.
    pub degrees_of_freedom: Option<f64>,
    /// The two-sided interval at the convention's level.
    pub interval: Interval,
    /// The two-sided p-value against zero.
    pub p_value: PValue,
}
