//! Defines the lift: the difference as a fraction of the absolute control mean.
//!
//! Its sign is the difference's also where the control mean is negative.

use super::quadratic::Quadratic;
use super::scaled::scaled;
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
/// - Log ratio: the [`log_ratio`] and its bounds carried back by exp(·) − 1 (the convention of tea-tasting), with the
///   p-value of that logarithm; no standard error, since the interval is not symmetric.
/// - Rescaled: the absolute estimate, standard error and interval over |ȳ_c|, as if the control mean were known (the
///   convention of Spotify Confidence); decides as the absolute test does and is too narrow by the control's noise.
///
/// # Errors
/// [`Absence::ZeroControlMean`] when there is nothing to be relative to; [`Absence::NotApplicable`] for the log ratio of
/// means that are not both positive; [`Absence::OutOfRange`] when a result is no finite double.
pub fn relative(comparison: &Comparison) -> Result<Estimate, Absence> {
    relative_beside(comparison, || difference(comparison))
}

/// The same beside the difference, which some methods share their p-value with.
pub(super) fn relative_beside(
    comparison: &Comparison,
    difference: impl FnOnce() -> Result<Estimate, Absence>,
) -> Result<Estimate, Absence> {
    if comparison.control == 0.0 {
        return Err(Absence::ZeroControlMean);
    }
    match comparison.relative_method {
        RelativeMethod::Fieller => fieller(comparison, &difference()?),
        RelativeMethod::Delta => delta(comparison),
        RelativeMethod::LogRatio => back_transformed(comparison),
        RelativeMethod::Rescaled => rescaled(comparison, &difference()?),
    }
}

/// The logarithm of the ratio of means ln(ȳ_t/ȳ_c), by the delta method.
///
/// se² = v_t/ȳ_t² + v_c/ȳ_c², symmetric on this scale, degrees of freedom by Welch's formula from these two terms; the
/// p-value is against a ratio of one. Both means must be positive.
///
/// # Errors
/// [`Absence::ZeroControlMean`]; [`Absence::NotApplicable`] when a mean is not positive; [`Absence::OutOfRange`].
pub fn log_ratio(comparison: &Comparison) -> Result<Estimate, Absence> {
    if comparison.control == 0.0 {
        return Err(Absence::ZeroControlMean);
    }
    if !(comparison.control > 0.0 && comparison.treatment > 0.0) {
        return Err(Absence::NotApplicable);
    }
    let share = |mean: f64, variance: f64| {
        let coefficient = libm::sqrt(variance) / mean;
        coefficient * coefficient
    };
    let scaled = comparison.on_scale(
        (0.0, share(comparison.control, comparison.control_variance)),
        (
            libm::log1p(lift(comparison)?),
            share(comparison.treatment, comparison.treatment_variance),
        ),
        comparison.covariance / comparison.treatment / comparison.control,
    )?;
    difference(&scaled)
}

fn back_transformed(comparison: &Comparison) -> Result<Estimate, Absence> {
    let logarithm = log_ratio(comparison)?;
    let bound = |bound: Option<f64>| match bound.map(libm::expm1) {
        Some(value) if value.is_finite() => Ok(value),
        _ => Err(Absence::OutOfRange),
    };
    Ok(Estimate {
        estimate: lift(comparison)?,
        standard_error: None,
        interval: Interval::Between {
            lower: bound(logarithm.interval.lower())?,
            upper: bound(logarithm.interval.upper())?,
        },
        ..logarithm
    })
}

fn rescaled(comparison: &Comparison, absolute: &Estimate) -> Result<Estimate, Absence> {
    let scale = comparison.control.abs();
    Ok(Estimate {
        estimate: lift(comparison)?,
        ..scaled(absolute, |value| value / scale)?
    })
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
    let error = comparison.error_of(ratio) / comparison.control.abs();
    comparison.symmetric(lift(comparison)?, error)
}

fn fieller(comparison: &Comparison, absolute: &Estimate) -> Result<Estimate, Absence> {
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
    if comparison.covariance != 0.0 {
        return correlated_set(comparison);
    }
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
    let set = Quadratic {
        leading,
        middle,
        constant,
        discriminant,
    };
    set.at_most_zero(scale.signum())
}

/// The same where the means are not independent: all r with (Δ − r·c)² ≤ q²(Var Δ − 2r·Cov(Δ, c) + r²·v_c), scaled by c.
fn correlated_set(comparison: &Comparison) -> Result<Interval, Absence> {
    let Comparison {
        control,
        control_variance,
        covariance,
        quantile,
        ..
    } = *comparison;
    let scale = quantile * quantile / control / control;
    let ratio = (comparison.treatment - control) / control;
    let (own, shared, base) = (
        scale * comparison.variance_of(1.0),
        scale * (covariance - control_variance),
        scale * control_variance,
    );
    let discriminant =
        own - 2.0 * ratio * shared + ratio * ratio * base - (own * base - shared * shared);
    let leading = 1.0 - base;
    let set = Quadratic {
        leading,
        middle: ratio - shared,
        constant: ratio * ratio - own,
        // While the leading term is positive the estimate itself is inside: below zero is rounding.
        discriminant: if leading > 0.0 && discriminant < 0.0 {
            0.0
        } else {
            discriminant
        },
    };
    set.at_most_zero(control.signum())
}
