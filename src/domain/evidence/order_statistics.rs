//! Defines the few order statistics of one cell that a quantile is made of, and which those are.
//!
//! It refuses to hold the values between them: ranks are asked for before the rows are read and only those come back.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{JointSums, Moments};

/// Sorted values of one cell at some ranks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderStatistics {
    /// The number of values n.
    pub units: u64,
    /// The value at a rank, counted from 1, in the metric's unit.
    pub values: BTreeMap<u64, f64>,
    /// How many values would say as much if each had been drawn by itself, where several come from one unit; absent: all of
    /// them. Zero where it cannot be told.
    pub effective: Option<f64>,
}

/// The level whose binomial interval standard errors of quantiles are taken from, whatever the level of the intervals that
/// are then made of them: so the ranks to keep are known before any convention is.
pub const QUANTILE_LEVEL: f64 = 0.95;

impl OrderStatistics {
    /// What the quantile `share` of `values` needs, at [`QUANTILE_LEVEL`]; the values come in any order.
    #[must_use]
    pub fn of(share: f64, mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        Self::of_sorted(share, &values, None)
    }

    /// The same of values of which several come from one unit: `sizes` are of each unit in turn, and a unit's values stand
    /// together, in any order.
    #[must_use]
    pub fn of_rows(share: f64, values: &[f64], sizes: &[u32]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let quantile = linear_quantile(share, &sorted);
        let mut over_units = JointSums::new(2);
        let mut rest = values;
        for size in sizes {
            let (of_unit, others) = rest.split_at((*size as usize).min(rest.len()));
            rest = others;
            let below = of_unit.iter().filter(|value| **value <= quantile).count();
            #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
            over_units.add(&[below as f64, f64::from(*size)]);
        }
        let effective = effective_values(share, &over_units.moments()).unwrap_or(0.0);
        Self::of_sorted(share, &sorted, Some(effective))
    }

    fn of_sorted(share: f64, values: &[f64], effective: Option<f64>) -> Self {
        let units = values.len() as u64;
        #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
        let independent = effective
            .filter(|effective| *effective > 0.0)
            .unwrap_or(units as f64);
        let ranks = quantile_ranks(units, share, QUANTILE_LEVEL, independent);
        let at = |rank: u64| {
            let position = usize::try_from(rank - 1).ok()?;
            Some((rank, *values.get(position)?))
        };
        Self {
            units,
            values: ranks.into_iter().filter_map(at).collect(),
            effective,
        }
    }
}

/// How many values of a quantile would say as much if each had been drawn by itself (Deng, Knoblich and Lu 2018):
/// n* = q(1 − q)/v, v the variance of the share of values at or below the quantile, by the delta method over units.
///
/// `over_units` are moments over units of (values at or below the quantile, values), of one variant. `None` with fewer than two
/// units, without a value, and where the shares do not vary.
#[must_use]
pub fn effective_values(share: f64, over_units: &Moments) -> Option<f64> {
    if over_units.units < 2 || over_units.width() != 2 || !(share > 0.0 && share < 1.0) {
        return None;
    }
    let (below, all) = (over_units.mean(0), over_units.mean(1));
    let ratio = below / all;
    let terms = [
        over_units.variance(0)?,
        -2.0 * ratio * over_units.covariance(0, 1)?,
        ratio * ratio * over_units.variance(1)?,
    ];
    let spread: f64 = terms.iter().sum();
    // A difference that lost every digit to cancellation is rounding, not variance.
    if spread <= 1e-13 * terms.iter().map(|term| term.abs()).sum::<f64>() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
    let variance = spread / (all * all * over_units.units as f64);
    let effective = share * (1.0 - share) / variance;
    (variance > 0.0 && effective.is_finite()).then_some(effective)
}

/// Hyndman and Fan's type 7 of sorted values; NaN of none, which nothing is at or below.
fn linear_quantile(share: f64, sorted: &[f64]) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
    let position = last as f64 * share;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between zero and the last index"
    )]
    let below = (libm::floor(position) as usize).min(last);
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    low + (position - libm::floor(position)) * (high - low)
}

/// Ranks at which any of the nine types interpolates lie from this much below ⌊nq⌋ to [`RANKS_ABOVE`] above it, with one
/// to spare for rounding.
const RANKS_BELOW: u64 = 2;
const RANKS_ABOVE: u64 = 3;

/// The ranks that a quantile `share` of `units` values and its standard error need, each from 1 to n, in order.
///
/// They lie around n(q ± d) and nq, d = z√(q(1 − q)/n*), z the two-sided normal quantile at `level` and n* the effective
/// units (n itself unless values come in clusters). At most 18; none when there are no units or an argument is out of range.
#[must_use]
pub fn quantile_ranks(units: u64, share: f64, level: f64, effective_units: f64) -> Vec<u64> {
    let inside = |value: f64| value > 0.0 && value < 1.0;
    if units == 0
        || !inside(share)
        || !inside(level)
        || effective_units.is_nan()
        || effective_units <= 0.0
    {
        return Vec::new();
    }
    let width = two_sided_quantile(level) * libm::sqrt(share * (1.0 - share) / effective_units);
    let mut ranks = BTreeSet::new();
    for centre in [share - width, share, share + width] {
        let near = rank_below(units, centre);
        ranks.extend(near.saturating_sub(RANKS_BELOW).max(1)..=(near + RANKS_ABOVE).min(units));
    }
    ranks.into_iter().collect()
}

/// ⌊n·share⌋, within 0 and n.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to [0, n], and unit counts are far below 2^53"
)]
fn rank_below(units: u64, share: f64) -> u64 {
    ((units as f64 * share).max(0.0) as u64).min(units)
}

/// The z with P(|Z| < z) = level, by Newton's method from 0 on erfc(z/√2), which is convex there.
fn two_sided_quantile(level: f64) -> f64 {
    const MOST_STEPS: u32 = 2000;
    let mut z = 0.0;
    for _ in 0..MOST_STEPS {
        let tail = libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2);
        let slope = 2.0 * libm::exp(-0.5 * z * z) / libm::sqrt(2.0 * std::f64::consts::PI);
        let step = (tail - (1.0 - level)) / slope;
        z += step;
        if step.abs() <= 1e-12 * z {
            break;
        }
    }
    z
}
