//! Defines what stands beside an effect: the same difference seen otherwise, in one shape, so that every view shows all of it.

use serde::{Deserialize, Serialize};

use super::{Estimate, Known};
use crate::domain::vocabulary;

vocabulary! {
    /// What an estimate beside an effect is.
    pub enum CompanionKind {
        /// With a single look, where a sequential family governs the effect.
        OneLook = "one-look", "with a single look at the end";
        /// Without strata or epochs, where the effect is stratified.
        Pooled = "pooled", "pooled over strata";
        /// With units as the draws, where the effect is over clusters.
        UnitLevel = "unit-level", "as if each unit had been drawn by itself";
        /// As means of 0 and 1, where shares are compared otherwise.
        AsMeans = "as-means", "as a difference of means";
        /// The effect on units that were exposed because they were assigned to be.
        Compliers = "compliers", "on units that comply (CACE)";
        /// The effect on exposed units, times the share that is exposed.
        Diluted = "diluted", "effect on exposed units, over all assigned";
        /// Times a year's units.
        PerYear = "per-year", "over a year's units";
        /// From units drawn anew, between percentiles of the draws.
        BootstrapPercentile = "bootstrap-percentile", "bootstrap of the plain difference, percentiles";
        /// The same, corrected for bias and skew.
        BootstrapBca = "bootstrap-bca", "bootstrap of the plain difference, corrected (BCa)";
        /// The ratio of two shares.
        RiskRatio = "risk-ratio", "risk ratio";
        /// The ratio of two odds.
        OddsRatio = "odds-ratio", "odds ratio";
        /// The share of units that came as far as an earlier step of a funnel.
        Step = "step", "as far as step";
        /// With an interval that covers together with those of the whole primary family.
        Simultaneous = "simultaneous", "with the primary family's simultaneous interval";
        /// Against another variant than control.
        Against = "against", "against";
    }
}

vocabulary! {
    /// What a companion is measured in.
    pub enum CompanionScale {
        /// The metric's unit.
        Absolute = "absolute", "difference";
        /// A fraction of the absolute control mean.
        Relative = "relative", "lift";
        /// A ratio, where 1 is no difference; its p-value is of the logarithm.
        Ratio = "ratio", "ratio";
        /// The metric's unit, summed over a year's units.
        Total = "total", "total";
    }
}

/// An estimate beside an effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Companion {
    /// What it is.
    pub kind: CompanionKind,
    /// Which one, where there are several: the number of a step, another variant, the units of a year.
    pub subject: Option<String>,
    /// What it is measured in.
    pub scale: CompanionScale,
    /// The estimate.
    pub estimate: Known<Estimate>,
}

/// How one other choice would move effects and verdicts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Alternative {
    /// The convention.
    pub convention: String,
    /// The value it would have.
    pub value: String,
    /// What would come out, a variant each.
    pub outcomes: Vec<AlternativeOutcome>,
}

/// One variant under one other choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AlternativeOutcome {
    /// The variant.
    pub variant: String,
    /// The verdict there would be.
    pub verdict: super::VerdictWord,
    /// Whether it is another one than now.
    pub flips: bool,
    /// Effects on the whole of itt that would be others than now.
    pub effects: Vec<AlternativeEffect>,
}

/// The effect on one metric under another choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AlternativeEffect {
    /// The metric.
    pub metric: String,
    /// The difference there would be.
    pub absolute: Known<Estimate>,
    /// The lift there would be.
    pub relative: Known<Estimate>,
}

/// The effect on units that entered up to a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CumulativeEffect {
    /// The population.
    pub population: crate::domain::definition::Population,
    /// The variant.
    pub variant: String,
    /// The last local day of entry, `YYYY-MM-DD`.
    pub day: String,
    /// Units of control and variant up to then.
    pub units: (u64, u64),
    /// The difference.
    pub absolute: Known<Estimate>,
    /// The lift.
    pub relative: Known<Estimate>,
}

/// The effect in one part of the window since entry, over units whose whole window has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PartEffect {
    /// From how long after entry, in microseconds.
    pub start: i64,
    /// To how long after entry, itself outside.
    pub end: i64,
    /// The difference.
    pub absolute: Known<Estimate>,
    /// The lift.
    pub relative: Known<Estimate>,
}

/// How an effect goes on after entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Novelty {
    /// The population.
    pub population: crate::domain::definition::Population,
    /// The variant.
    pub variant: String,
    /// The effect in each part of the window.
    pub parts: Vec<PartEffect>,
    /// How much the effect rises from one part to the next, by a straight line: below zero it wears off.
    pub trend: Known<Estimate>,
}
