//! Defines the intervals that bootstrap replicates give. The replicates themselves are made where the units are.
//!
//! It refuses replicates that are not finite, and too few for the tail that is asked of them.

use super::distribution::normal;
use super::p_value::p_value_from_ln;
use super::sample_mean::as_double;
use crate::domain::result::{Absence, Estimate, Interval};

/// The percentile interval (Efron 1979): the α/2 and 1 − α/2 quantiles of the replicates (Hyndman and Fan's type 7).
///
/// # Errors
/// [`Absence::TooFewUnits`] with fewer than 2/α replicates; [`Absence::OutOfRange`] when one is not finite;
/// [`Absence::NotApplicable`] for a level outside (0, 1).
pub fn percentile(replicates: &[f64], level: f64) -> Result<Interval, Absence> {
    let sorted = sorted(replicates, level)?;
    let tail = 0.5 * (1.0 - level);
    Ok(Interval::Between {
        lower: quantile(&sorted, tail),
        upper: quantile(&sorted, 1.0 - tail),
    })
}

/// The bias-corrected and accelerated interval (Efron 1987).
///
/// Quantiles of the replicates at Φ(z₀ + (z₀ + z)/(1 − a(z₀ + z))), z = ± z_(α/2), with z₀ = Φ⁻¹ of the share of replicates
/// below the estimate, half of those equal to it, and the acceleration a as [`acceleration_of_draws`] gives it.
///
/// # Errors
/// As [`percentile`]; [`Absence::ZeroVariance`] when all replicates are on one side of the estimate.
pub fn bias_corrected(
    replicates: &[f64],
    estimate: f64,
    acceleration: f64,
    level: f64,
) -> Result<Interval, Absence> {
    let sorted = sorted(replicates, level)?;
    if !(estimate.is_finite() && acceleration.is_finite()) {
        return Err(Absence::OutOfRange);
    }
    let below = sorted.partition_point(|value| *value < estimate);
    let up_to = sorted.partition_point(|value| *value <= estimate);
    let share = as_double((below + up_to) as u64) / as_double(2 * sorted.len() as u64);
    if share <= 0.0 || share >= 1.0 {
        return Err(Absence::ZeroVariance);
    }
    let bias = -normal::upper_quantile(share);
    let z = normal::upper_quantile(0.5 * (1.0 - level));
    let moved = |z: f64| {
        let scale = 1.0 - acceleration * (bias + z);
        if scale > 0.0 {
            Ok(normal::upper_tail(-(bias + (bias + z) / scale)))
        } else {
            Err(Absence::NotApplicable)
        }
    };
    Ok(Interval::Between {
        lower: quantile(&sorted, moved(-z)?),
        upper: quantile(&sorted, moved(z)?),
    })
}

/// The acceleration of a difference of means: a sixth of its replicates' skewness, which for sums is what leaving out one unit
/// at a time gives (Efron 1987). Zero of replicates that do not differ.
#[must_use]
pub fn acceleration_of_draws(replicates: &[f64]) -> f64 {
    let n = as_double(replicates.len().max(1) as u64);
    let mean = replicates.iter().sum::<f64>() / n;
    let (mut squares, mut cubes) = (0.0, 0.0);
    for value in replicates {
        let gap = value - mean;
        squares += gap * gap / n;
        cubes += gap * gap * gap / n;
    }
    if squares > 0.0 {
        cubes / (squares * libm::sqrt(squares)) / 6.0
    } else {
        0.0
    }
}

/// An estimate with an interval that replicates gave.
///
/// Its standard error is their deviation; its p-value is twice the smaller share of them on one side of zero, one more counted
/// on each (Davison and Hinkley 1997, chapter 4).
///
/// # Errors
/// [`Absence::ZeroVariance`] when no two replicates differ.
pub fn from_draws(
    replicates: &[f64],
    estimate: f64,
    interval: Interval,
) -> Result<Estimate, Absence> {
    let n = as_double(replicates.len() as u64);
    let mean = replicates.iter().sum::<f64>() / n;
    let squares = replicates
        .iter()
        .map(|value| (value - mean) * (value - mean));
    let square: f64 = squares.sum();
    if replicates.len() < 2 || square == 0.0 {
        return Err(Absence::ZeroVariance);
    }
    let above = replicates.iter().filter(|value| **value >= 0.0).count();
    let below = replicates.iter().filter(|value| **value <= 0.0).count();
    let tail = (as_double(above.min(below) as u64) + 1.0) / (n + 1.0);
    Ok(Estimate {
        estimate,
        standard_error: Some(libm::sqrt(square / (n - 1.0))),
        degrees_of_freedom: None,
        interval,
        p_value: p_value_from_ln(libm::log((2.0 * tail).min(1.0)))?,
    })
}

fn sorted(replicates: &[f64], level: f64) -> Result<Vec<f64>, Absence> {
    if !(level > 0.0 && level < 1.0) {
        return Err(Absence::NotApplicable);
    }
    if as_double(replicates.len() as u64) * (1.0 - level) < 2.0 - 1e-9 {
        return Err(Absence::TooFewUnits);
    }
    if !replicates.iter().all(|value| value.is_finite()) {
        return Err(Absence::OutOfRange);
    }
    let mut sorted = replicates.to_vec();
    sorted.sort_by(f64::total_cmp);
    Ok(sorted)
}

/// The type 7 quantile of sorted values.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let place = share.clamp(0.0, 1.0) * as_double(last as u64);
    let whole = libm::floor(place);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in the list"
    )]
    let index = (whole as usize).min(last);
    match (sorted.get(index), sorted.get(index + 1)) {
        (Some(low), Some(high)) => low + (place - whole) * (high - low),
        (Some(low), None) => *low,
        _ => f64::NAN,
    }
}
