//! Defines an effect on units that were randomised in clusters.

use serde::{Deserialize, Serialize};

use super::{Estimate, Known};

/// An effect whose error counts clusters, not units, as what was drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ClusteredEffect {
    /// Treatment − control of the mean a unit, in the metric's unit.
    pub absolute: Known<Estimate>,
    /// The same as a fraction of the absolute control mean.
    pub relative: Known<Estimate>,
    /// Clusters of both variants.
    pub clusters: u64,
    /// Whether there are so few that the error is likely too small.
    pub few_clusters: bool,
    /// The same difference with units taken as independent, which they are not; absent where they were not counted.
    pub unit_level: Option<Known<Estimate>>,
}
