//! Defines the intervals that bootstrap replicates give. The replicates themselves are made where the units are.
//!
//! It refuses replicates that are not finite, and too few for the tail that is asked of them.

use super::distribution::normal;
use super::sample_mean::as_double;
use crate::domain::result::{Absence, Interval};

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
/// below the estimate, half of those equal to it, and the acceleration a as [`acceleration`] gives it.
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

/// The acceleration from leave-one-out estimates: Σd³/(6(Σd²)^1.5), d = mean − each.
///
/// Of the difference of two independent samples, `groups` holds the leave-one-out estimates of the difference for each sample,
/// and sums of Σd³/n³ and Σd²/n² over samples take their place (Efron and Tibshirani 1993, chapter 14).
///
/// # Errors
/// [`Absence::TooFewUnits`] when a group has fewer than two; [`Absence::ZeroVariance`] when none differ;
/// [`Absence::OutOfRange`] when one is not finite.
pub fn acceleration(groups: &[&[f64]]) -> Result<f64, Absence> {
    let (mut cubes, mut squares) = (0.0, 0.0);
    for group in groups {
        if group.len() < 2 {
            return Err(Absence::TooFewUnits);
        }
        let n = as_double(group.len() as u64);
        let mean = group.iter().sum::<f64>() / n;
        for value in *group {
            // In units of influence, which are comparable between groups of different sizes.
            let influence = (n - 1.0) * (mean - value) / n;
            squares += influence * influence;
            cubes += influence * influence * influence;
        }
    }
    if squares == 0.0 {
        return Err(Absence::ZeroVariance);
    }
    let ours = cubes / (6.0 * squares * libm::sqrt(squares));
    if ours.is_finite() {
        Ok(ours)
    } else {
        Err(Absence::OutOfRange)
    }
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
