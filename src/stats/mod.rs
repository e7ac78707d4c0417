//! Defines every statistic: pure functions from exact moments and counts to estimates, intervals, p-values, or the reason
//! why there is none.
//!
//! It refuses to read a row, a file or a clock, and to return a number that is not finite.
//!
//! The way of an effect: a variant's [`Moments`](crate::domain::evidence::Moments) reduce to one [`SampleMean`], whether
//! the metric is a mean, a [`ratio()`] or [`adjusted`] by a covariate; two of those and the conventions in force
//! make a [`Comparison`]; and the [`difference()`], the [`relative()`] lift and the [`guardrail()`] are functions of that one
//! shape, so that they decide alike. [`contrast()`] walks the whole way for one pair of cells.
//!
//! Beside that way: [`sequential`] families govern a comparison made under a [`Monitoring`]; [`equivalence()`], the
//! [`posterior`]s, [`power`], [`heterogeneity()`], [`novelty`] and the [`bootstrap`]'s intervals are said with an effect.

#![expect(
    clippy::doc_markdown,
    reason = "formulas are written in the field's own symbols, which are not code"
)]

pub mod adjustment;
pub mod bayes;
pub mod bootstrap;
pub mod clusters;
mod comparison;
pub mod completeness;
pub mod compliers;
pub mod contrast;
pub mod correlated;
pub mod covariate;
pub mod difference;
pub mod distribution;
pub mod equivalence;
mod exact_mass;
pub mod guardrail;
pub mod heterogeneity;
pub mod impact;
mod linear;
pub mod missing_units;
pub mod multiplicity;
pub mod novelty;
mod p_value;
pub mod power;
mod proportion_intervals;
pub mod proportions;
mod quadratic;
pub mod quantile;
pub mod rate_posterior;
pub mod rate_ratios;
pub mod rates;
pub mod ratio;
pub mod relative;
mod root;
pub mod sample_mean;
pub mod sample_ratio;
mod scaled;
pub mod sequential;
pub mod significance;
pub mod split;
pub mod strata;

pub use adjustment::{Adjustment, adjusted_effect, adjusted_lift, adjusted_means};
pub use bayes::{EffectPrior, posterior};
pub use bootstrap::{acceleration_of_draws, bias_corrected, from_draws, percentile};
pub use clusters::as_draws;
pub use comparison::Comparison;
pub use completeness::{Arrived, completeness};
pub use compliers::{complier_means, compliers, diluted, with_exposure};
pub use contrast::{Beside, Contrast, Method, Side, contrast, estimator};
pub use correlated::Correlated;
pub use covariate::{AdjustedPair, adjusted, adjusted_with};
pub use difference::difference;
pub use equivalence::equivalence;
pub use guardrail::guardrail;
pub use heterogeneity::heterogeneity;
pub use impact::{impact, units_a_year};
pub use missing_units::{SplitPair, Total, extreme_bounds, missing_units};
pub use multiplicity::{adjusted_p_values, corrected_family, simultaneous};
pub use novelty::{daily_contrast, linear_trend};
pub use power::{Baseline, Demand};
pub use proportions::{Proportion, fisher_exact, proportion_difference};
pub use quantile::{QuantileRequest, quantile_mean};
pub use rate_posterior::rate_posteriors;
pub use rate_ratios::{odds_ratio, risk_ratio};
pub use rates::{RateStratum, RateTest, equal_rates, equal_rates_within};
pub use ratio::ratio;
pub use relative::{log_ratio, relative};
pub use sample_mean::{SampleMean, mean_of_cell};
pub use sample_ratio::{EpochCounts, SampleRatio, sample_ratio};
pub use sequential::Monitoring;
pub use significance::{significance, within_minimum_effect};
pub use split::{always_valid_p, ln_bayes_factor, pooling_moves, share_trend};
pub use strata::{Stratified, Stratum, stratified};
