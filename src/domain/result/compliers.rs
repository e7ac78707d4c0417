//! Defines the effect on those who were exposed because they were assigned to be, and what it rests on.

use serde::{Deserialize, Serialize};

use super::{Absence, Estimate, Interval, Known};

/// The effect on compliers (CACE), which assumes that assignment does nothing to those it does not expose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CompliersEffect {
    /// Effect on a complier, treatment − control, in the metric's unit.
    pub estimate: Known<Estimate>,
    /// Anderson and Rubin's set, which holds its level however weak the first stage; it need not be bounded.
    pub anderson_rubin: Known<Interval>,
    /// Difference of the shares exposed: the share of compliers.
    pub first_stage: Known<Estimate>,
    /// The first stage's F; below 10 it is weak. Absent where exposure follows assignment without exception.
    pub first_stage_f: Known<f64>,
    /// Whether no control unit was exposed.
    pub one_sided: bool,
    /// Means of compliers, where non-compliance is one-sided.
    pub means: Known<ComplierMeans>,
}

impl CompliersEffect {
    /// Nothing, for one reason.
    #[must_use]
    pub const fn absent(absence: Absence) -> Self {
        Self {
            estimate: Known::Absent(absence),
            anderson_rubin: Known::Absent(absence),
            first_stage: Known::Absent(absence),
            first_stage_f: Known::Absent(absence),
            one_sided: false,
            means: Known::Absent(absence),
        }
    }

    /// Whether the first stage is too weak for the estimate's own interval (F < 10, Staiger and Stock 1997).
    #[must_use]
    pub fn is_weak(&self) -> bool {
        matches!(self.first_stage_f, Known::Value(f) if f < 10.0)
    }
}

/// Means of the compliers of each variant (Sommer and Zeger 1991), in the metric's unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ComplierMeans {
    /// Share of units that are compliers.
    pub share: f64,
    /// Mean of those who were exposed in the treatment.
    pub treatment: f64,
    /// Mean of those in control who would have been.
    pub control: f64,
}
