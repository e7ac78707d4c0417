//! Defines the effect of a variant on a metric, and everything shown with it.

use serde::{Deserialize, Serialize};

use super::{
    Companion, CompliersEffect, CumulativeEffect, Equivalence, Estimate, Heterogeneity, Known,
    Novelty, Posterior, RatePosteriors,
};
use crate::domain::definition::{
    Cap, Direction, Identifier, Magnitude, MetricKind, Population, Role, StratumWeights, Version,
    Window,
};
use crate::domain::evidence::Slice;
use crate::domain::vocabulary;

vocabulary! {
    /// How an estimate was made.
    pub enum Estimator {
        /// Difference of two means.
        DifferenceOfMeans = "difference-of-means", "difference of means";
        /// Difference of two ratios by the delta method.
        DifferenceOfRatios = "difference-of-ratios", "difference of ratios";
        /// Difference of means adjusted by a covariate.
        Adjusted = "adjusted", "difference adjusted by a covariate";
        /// Difference of two quantiles.
        DifferenceOfQuantiles = "difference-of-quantiles", "difference of quantiles";
        /// Difference over strata, each compared by itself.
        Stratified = "stratified", "difference over strata";
        /// Difference with clusters as the draws.
        Clustered = "clustered", "difference over clusters";
        /// Difference of two shares by a method on counts.
        DifferenceOfCounts = "difference-of-counts", "difference of shares by counts";
    }
}

/// What one variant looks like in one slice of one population, before any comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct VariantStatistics {
    /// The population.
    pub population: Population,
    /// The slice of it.
    pub slice: Slice,
    /// The variant.
    pub variant: String,
    /// Units that contributed.
    pub units: Known<u64>,
    /// Mean over units; of a ratio, the ratio of sums.
    pub mean: Known<f64>,
    /// Standard deviation over units; of a ratio, of its linearised values.
    pub standard_deviation: Known<f64>,
    /// Units left out because their window was open at as-of.
    pub open: u64,
    /// Units left out because they had no value.
    pub missing: u64,
    /// Units whose value was clipped.
    pub capped: u64,
}

vocabulary! {
    /// What an interval says about a difference from zero, good and bad judged by the metric's direction.
    pub enum Significance {
        /// Clearly better.
        Better = "better", "better";
        /// Clearly worse.
        Worse = "worse", "worse";
        /// Neither.
        Unclear = "unclear", "unclear";
    }
}

/// Whether an effect may be believed, by the checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// No check stands against it.
    Trusted,
    /// A check stands against it: shown, not to be believed.
    NotTrusted {
        /// The check that failed.
        check: String,
        /// Why, in one sentence.
        reason: String,
    },
}

vocabulary! {
    /// What became of a guardrail.
    pub enum GuardrailOutcome {
        /// Shown to be no worse than its margin.
        Pass = "pass", "pass";
        /// Shown to be worse than its margin.
        Fail = "fail", "fail";
        /// Neither shown; never to be read as fine.
        Inconclusive = "inconclusive", "inconclusive";
        /// Could not be judged, for the stated reason.
        CouldNotRun = "could-not-run", "could not run";
    }
}

/// A guardrail's judgement: D is how far the variant is on the safe side of the margin, in the metric's unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Guardrail {
    /// The margin.
    pub margin: Option<Magnitude>,
    /// What became of it.
    pub outcome: GuardrailOutcome,
    /// Estimate of D, its interval, and its p-value against zero.
    pub distance: Known<Estimate>,
    /// Why, in one sentence.
    pub reason: String,
}

/// A corrected p-value and the family it was corrected in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CorrectedP {
    /// The correction's stable name.
    pub method: String,
    /// The size of the family.
    pub family: usize,
    /// The corrected p-value.
    pub p: f64,
    /// Whether it is below 1 − level.
    pub significant: bool,
}

/// The effect of one variant against control on one metric, in one slice of one population.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Effect {
    /// The population.
    pub population: Population,
    /// The slice of it.
    pub slice: Slice,
    /// The variant.
    pub variant: String,
    /// How the headline estimate was made.
    pub estimator: Estimator,
    /// Variant minus control, in the metric's unit.
    pub absolute: Known<Estimate>,
    /// The same as a fraction of the absolute control mean.
    pub relative: Known<Estimate>,
    /// Without the covariate, where the headline is adjusted.
    pub unadjusted: Option<Known<Estimate>>,
    /// Share of variance the covariate removed, in [0, 1); absent without one.
    pub variance_reduction: Option<f64>,
    /// Better, worse or unclear, from the absolute interval; absent where there is none.
    pub significance: Option<Significance>,
    /// The corrected p-value, for effects of the primary family.
    pub corrected: Option<CorrectedP>,
    /// The guardrail's judgement, where the metric is one.
    pub guardrail: Option<Guardrail>,
    /// Whether it may be believed.
    pub trust: Trust,
    /// Of a ratio: the effect on the numerator and on the denominator by themselves.
    pub parts: Option<(Known<Estimate>, Known<Estimate>)>,
    /// The same difference seen otherwise.
    pub companions: Vec<Companion>,
    /// What the effect was put together from, where it is stratified.
    pub strata: Option<OverStrata>,
    /// Clusters of both variants, where they are the draws.
    pub clusters: Option<u64>,
    /// What is believed of the lift after the data; on the whole of a population.
    pub posterior: Option<Known<Posterior>>,
    /// What is believed of both shares after the data, exactly; where the metric is one.
    pub rates: Option<Known<RatePosteriors>>,
    /// Whether the variants are shown to differ by less than what matters, where the metric says what does.
    pub equivalence: Option<Known<Equivalence>>,
    /// The effect on units that comply, and what it rests on; on the whole of itt, where exposure is known.
    pub compliers: Option<CompliersEffect>,
    /// What the experiment can detect; on the whole of itt.
    pub power: Option<Known<Detectable>>,
}

impl Effect {
    /// With fewer clusters than this the error is likely too small (Angrist and Pischke 2009, section 8.2.3: 42).
    pub const ENOUGH_CLUSTERS: u64 = 40;

    /// Whether clusters are the draws, and too few of them.
    #[must_use]
    pub fn has_few_clusters(&self) -> bool {
        self.clusters
            .is_some_and(|clusters| clusters < Self::ENOUGH_CLUSTERS)
    }
}

/// The strata an effect was put together from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OverStrata {
    /// How they were weighted: levels by their shares, epochs of weights by their precision.
    pub weights: StratumWeights,
    /// How many were compared.
    pub compared: usize,
    /// Those too thin to be compared by themselves: levels were put together, epochs were left out.
    pub thin: Vec<String>,
}

/// What an experiment can detect of a metric, at its observed variance; never at its observed effect.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Detectable {
    /// The power asked for.
    pub power: f64,
    /// The smallest difference detected with it, in the metric's unit.
    pub absolute: f64,
    /// The same as a fraction of the control mean; absent where that is zero.
    pub relative: Option<f64>,
    /// Units of both variants needed for the metric's smallest difference that matters, where it has one.
    pub units_needed: Option<f64>,
    /// Days until they are there, at the rate they have come.
    pub days_left: Option<f64>,
    /// Of a significant effect: the share of such results that are false, where one idea in ten works.
    pub false_positive_risk: Option<f64>,
    /// Of a significant effect: how many times too large such estimates are on average, were the truth the smallest difference
    /// that matters.
    pub exaggeration: Option<f64>,
}

/// One metric of a readout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MetricReadout {
    /// Its id.
    pub id: Identifier,
    /// Its version.
    pub version: Version,
    /// SHA-256 of the meaning of its definition, hexadecimal.
    pub semantic_hash: String,
    /// Who answers for it.
    pub owner: String,
    /// One sentence on what it measures.
    pub description: Option<String>,
    /// What it is in this experiment.
    pub role: Role,
    /// What it measures over units.
    pub kind: MetricKind,
    /// Of a quantile: which one, in (0, 1).
    pub quantile: Option<f64>,
    /// Of a quantile: whether it is over the rows of units, and not over units.
    pub over_rows: bool,
    /// Which way is good.
    pub direction: Direction,
    /// The unit of its values.
    pub unit: Option<String>,
    /// Its window.
    pub window: Option<Window>,
    /// Its cap as defined.
    pub cap: Option<Cap>,
    /// What the value (or numerator) and the denominator were clipped at: once for all variants, or of each, control first.
    pub capped_at: Vec<(Option<f64>, Option<f64>)>,
    /// Its margin as a guardrail.
    pub margin: Option<Magnitude>,
    /// The smallest difference that matters.
    pub minimum_effect: Option<Magnitude>,
    /// The question it answers.
    pub question: Option<String>,
    /// Variants by population and slice, control first.
    pub variants: Vec<VariantStatistics>,
    /// Effects by population and slice.
    pub effects: Vec<Effect>,
    /// Whether effects differ between the levels of a segment.
    pub heterogeneity: Vec<SegmentHeterogeneity>,
    /// Effects on units that entered up to each day.
    pub cumulative: Vec<CumulativeEffect>,
    /// How effects go on after entry, where the experiment asks.
    pub novelty: Vec<Novelty>,
}

/// Whether a variant's effect differs between the levels of a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SegmentHeterogeneity {
    /// The population.
    pub population: Population,
    /// The variant.
    pub variant: String,
    /// The segment column.
    pub column: String,
    /// Cochran's Q and I², or why there is none.
    pub heterogeneity: Known<Heterogeneity>,
    /// Q's p-value corrected for the number of segments and metrics looked at (Holm).
    pub corrected_p: Option<f64>,
}

impl MetricReadout {
    /// The effect of a variant on the whole of a population.
    #[must_use]
    pub fn overall(&self, population: Population, variant: &str) -> Option<&Effect> {
        self.effects.iter().find(|effect| {
            effect.population == population
                && effect.slice == Slice::All
                && effect.variant == variant
        })
    }

    /// A variant's statistics on the whole of a population.
    #[must_use]
    pub fn overall_statistics(
        &self,
        population: Population,
        variant: &str,
    ) -> Option<&VariantStatistics> {
        self.variants.iter().find(|row| {
            row.population == population && row.slice == Slice::All && row.variant == variant
        })
    }
}
