//! Defines the lift: the difference as a fraction of the absolute control mean.
//!
//! Its sign is the difference's also where the control mean is negative.

use super::{Comparison, difference};
use crate::domain::definition::RelativeMethod;
use crate::domain::result::{Absence, Estimate, Interval};

/// Relative lift ρ = (ȳ_t − ȳ_c)/|ȳ_c|, a fraction, by the comparison's method.
///
/// - Fieller (1954): all ρ that the absolute test does not reject, (Δ − ρ|ȳ_c|)² ≤ q²(v_t + (1 ± ρ)²v_c) with + where the
///   control mean is positive. Dual to the absolute test, whose p-value, quantile and degrees of freedom it shares; has no
///   standard error. It is [`Interval::Outside`] or [`Interval::WholeLine`] when the control mean is not clearly non-zero.
/// - Delta method: se² = v_t/ȳ_c² + ȳ_t²v_c/ȳ_c⁴, symmetric, with a p-value of its own and the absolute difference's
///   degrees of freedom (the convention of GrowthBook).
///
/// # Errors
/// [`Absence::ZeroControlMean`] when there is nothing to be relative to; [`Absence::OutOfRange`] when a result is no finite
/// double.
pub fn relative(comparison: &Comparison) -> Result<Estimate, Absence> {
    if comparison.control == 0.0 {
        return Err(Absence::ZeroControlMean);
    }
    match comparison.relative_method {
        RelativeMethod::Fieller => fieller(comparison),
        RelativeMethod::Delta => delta(comparison),
    }
}

fn lift(comparison: &Comparison) -> Result<f64, Absence> {
    let lift = (comparison.treatment - comparison.control) / comparison.control.abs();
    if lift.is_finite() {
        Ok(lift)
    } else {
        Err(Absence::OutOfRange)
    }
}

fn delta(comparison: &Comparison) -> Result<Estimate, Absence> {
    let ratio = comparison.treatment / comparison.control;
    let treatment = libm::sqrt(comparison.treatment_variance) / comparison.control.abs();
    let control = ratio * libm::sqrt(comparison.control_variance) / comparison.control.abs();
    comparison.symmetric(lift(comparison)?, libm::hypot(treatment, control))
}

fn fieller(comparison: &Comparison) -> Result<Estimate, Absence> {
    let absolute = difference(comparison)?;
    Ok(Estimate {
        estimate: lift(comparison)?,
        standard_error: None,
        degrees_of_freedom: absolute.degrees_of_freedom,
        interval: fieller_set(comparison)?,
        p_value: absolute.p_value,
    })
}

/// Fieller's set from the quadratic A r² − 2B r + C ≤ 0 in r = ȳ_t/ȳ_c − 1, all scaled by ȳ_c.
///
/// The discriminant is written q²(v_t·A + v_c·(ȳ_t/ȳ_c)²), which does not cancel while A is positive.
fn fieller_set(comparison: &Comparison) -> Result<Interval, Absence> {
    let scale = comparison.control;
    let ratio = comparison.treatment / scale;
    let lift = (comparison.treatment - comparison.control) / scale;
    let control = comparison.quantile * libm::sqrt(comparison.control_variance) / scale.abs();
    let treatment = comparison.quantile * libm::sqrt(comparison.treatment_variance) / scale.abs();
    let leading = (1.0 - control) * (1.0 + control);
    let middle = lift + control * control;
    let noise = libm::hypot(control, treatment);
    let constant = (lift - noise) * (lift + noise);
    let discriminant = treatment * treatment * leading + control * control * ratio * ratio;
    if ![leading, middle, constant, discriminant]
        .iter()
        .all(|term| term.is_finite())
    {
        return Err(Absence::OutOfRange);
    }
    if discriminant < 0.0 {
        return Ok(Interval::WholeLine);
    }
    // The root of larger magnitude first; the other from the product of the roots, so that neither cancels.
    let far = middle + libm::copysign(libm::sqrt(discriminant), middle);
    let first = far / leading;
    let second = if far == 0.0 { 0.0 } else { constant / far };
    let mirror = scale.signum();
    let (first, second) = (mirror * first, mirror * second);
    let (low, high) = (first.min(second), first.max(second));
    if leading > 0.0 {
        return if low.is_finite() && high.is_finite() {
            Ok(Interval::Between {
                lower: low,
                upper: high,
            })
        } else {
            Err(Absence::OutOfRange)
        };
    }
    // As the leading term passes zero one root goes through infinity: the largest double stands for it.
    let (low, high) = if leading == 0.0 && far == 0.0 {
        return Ok(Interval::WholeLine);
    } else if leading == 0.0 {
        half_line(mirror * middle, second)
    } else {
        (low.max(-f64::MAX), high.min(f64::MAX))
    };
    Ok(Interval::Outside {
        below: low,
        above: high,
    })
}

/// The set −2·middle·r ≤ … on one side of `bound`, the other end at the largest double.
fn half_line(middle: f64, bound: f64) -> (f64, f64) {
    if middle > 0.0 {
        (-f64::MAX, bound)
    } else {
        (bound, f64::MAX)
    }
}
