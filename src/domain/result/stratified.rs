//! Defines an effect that was put together from strata.

use serde::{Deserialize, Serialize};

use super::{Estimate, Known};

/// An effect over strata: of an attribute known before assignment, or of the epochs of a ramp.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StratifiedEffect {
    /// Treatment − control, in the metric's unit.
    pub absolute: Known<Estimate>,
    /// The same as a fraction of the absolute control mean.
    pub relative: Known<Estimate>,
    /// Strata that were compared, after merging.
    pub strata: usize,
    /// Strata too thin to be compared alone, in the order given: all of them, and one more where these are too thin even
    /// together.
    pub merged: Vec<String>,
}
