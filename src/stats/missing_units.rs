//! Defines what units that are missing from a variant could have done to an effect: worst-case bounds of a difference of means.
//!
//! It refuses to guess what the missing units did: they take the least or the most value that there is. The bounds hold for
//! the units at hand; sampling error is none of them.

use super::sample_mean::as_double;
use crate::domain::result::{Absence, Bounds, MissingUnits};

/// Units of two variants under one set of weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitPair {
    /// Units of control and of the treatment.
    pub units: (u64, u64),
    /// Their planned weights; they need not add up to 1.
    pub weights: (f64, f64),
}

/// Units and the sum of their values, of one variant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Total {
    /// Units with a value.
    pub units: u64,
    /// The sum of their values, in the metric's unit.
    pub sum: f64,
}

/// A rounding error of the weights is no unit.
const NO_UNIT: f64 = 1e-6;

/// The fewest units that restore the planned ratio of two variants under every set of weights: added to the variant that has too
/// few, rounded up to whole units.
///
/// # Errors
/// [`Absence::NotApplicable`] when a variant with units has no weight, or a weight is negative or not finite;
/// [`Absence::NoUnits`] without a unit.
pub fn missing_units(epochs: &[SplitPair]) -> Result<MissingUnits, Absence> {
    let mut missing = MissingUnits {
        control: 0,
        treatment: 0,
    };
    for epoch in epochs.iter().filter(|epoch| epoch.units != (0, 0)) {
        let (control, treatment) = (as_double(epoch.units.0), as_double(epoch.units.1));
        let (weight, other) = epoch.weights;
        let usable = |weight: f64| weight.is_finite() && weight > 0.0;
        if !usable(weight) || !usable(other) {
            return Err(Absence::NotApplicable);
        }
        missing.treatment += whole_units(control * other / weight - treatment);
        missing.control += whole_units(treatment * weight / other - control);
    }
    if epochs.iter().all(|epoch| epoch.units == (0, 0)) {
        return Err(Absence::NoUnits);
    }
    Ok(missing)
}

/// A shortfall in whole units, none where it is none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative by the maximum, and unit counts are far below 2^53"
)]
fn whole_units(shortfall: f64) -> u64 {
    libm::ceil(shortfall - NO_UNIT).max(0.0) as u64
}

/// Bounds of treatment mean − control mean, and of the same as a fraction of control's, when every missing unit has a value in
/// `range` (least, most): worst-case bounds in the sense of Manski ("Nonparametric Bounds on Treatment Effects", 1990).
///
/// # Errors
/// [`Absence::NoUnits`] when a variant has no unit and misses none; [`Absence::OutOfRange`] when a bound is not finite. The
/// second, relative bounds are [`Absence::ZeroControlMean`] where control's mean may be zero or below.
pub fn extreme_bounds(
    control: Total,
    treatment: Total,
    missing: MissingUnits,
    range: (f64, f64),
) -> Result<(Bounds, Result<Bounds, Absence>), Absence> {
    let control = mean_bounds(control, missing.control, range)?;
    let treatment = mean_bounds(treatment, missing.treatment, range)?;
    let absolute = finite(Bounds {
        lower: treatment.lower - control.upper,
        upper: treatment.upper - control.lower,
    })?;
    if control.lower <= 0.0 {
        return Ok((absolute, Err(Absence::ZeroControlMean)));
    }
    // A mean below zero is further below in units of a smaller control mean.
    let over = |mean: f64, pick: fn(f64, f64) -> f64| {
        pick(mean / control.lower, mean / control.upper) - 1.0
    };
    let relative = finite(Bounds {
        lower: over(treatment.lower, f64::min),
        upper: over(treatment.upper, f64::max),
    });
    Ok((absolute, relative))
}

/// The least and the most mean of a variant with its missing units.
fn mean_bounds(total: Total, missing: u64, (least, most): (f64, f64)) -> Result<Bounds, Absence> {
    let all = total.units.saturating_add(missing);
    if all == 0 {
        return Err(Absence::NoUnits);
    }
    let mean = |value: f64| (total.sum + as_double(missing) * value) / as_double(all);
    Ok(Bounds {
        lower: mean(least),
        upper: mean(most),
    })
}

fn finite(bounds: Bounds) -> Result<Bounds, Absence> {
    if bounds.lower.is_finite() && bounds.upper.is_finite() {
        Ok(bounds)
    } else {
        Err(Absence::OutOfRange)
    }
}
