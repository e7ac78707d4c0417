//! Defines the ratio of two rates and of two odds from counts.
//!
//! It refuses empty cells, whose logarithm is infinite: no half is added in silence.

use super::distribution::normal;
use super::proportions::{Pair, Proportion, normal_p};
use crate::domain::result::{Absence, Estimate, Interval, RatioOfRates};

/// Risk ratio p_t/p_c with the interval of Katz et al. (1978): se² of its logarithm 1/x_t − 1/n_t + 1/x_c − 1/n_c.
///
/// # Errors
/// [`Absence::ZeroControlMean`] when no control unit has it; [`Absence::NotApplicable`] when no treatment unit has it or the
/// level is not inside (0, 1); [`Absence::ZeroVariance`] when every unit has it.
pub fn risk_ratio(
    control: Proportion,
    treatment: Proportion,
    level: f64,
) -> Result<RatioOfRates, Absence> {
    if control.with == 0 {
        return Err(Absence::ZeroControlMean);
    }
    if treatment.with == 0 {
        return Err(Absence::NotApplicable);
    }
    let part = |variant: Proportion| variant.complement() / variant.x();
    let lift = Pair {
        control,
        treatment,
        quantile: f64::NAN,
    }
    .difference()
        / control.rate();
    exponentiated(libm::log1p(lift), part(control) + part(treatment), level)
}

/// Odds ratio x_t(n_c − x_c)/(x_c(n_t − x_t)) with the interval of Woolf (1955): se² of its logarithm is the sum of the
/// reciprocals of the four counts.
///
/// # Errors
/// [`Absence::NotApplicable`] when one of the four counts is zero or the level is not inside (0, 1).
pub fn odds_ratio(
    control: Proportion,
    treatment: Proportion,
    level: f64,
) -> Result<RatioOfRates, Absence> {
    let part = |variant: Proportion| {
        let without = variant.n() - variant.x();
        if variant.with == 0 || variant.with == variant.units {
            return Err(Absence::NotApplicable);
        }
        Ok((variant.x() / without, 1.0 / variant.x() + 1.0 / without))
    };
    let (control, treatment) = (part(control)?, part(treatment)?);
    exponentiated(
        libm::log(treatment.0 / control.0),
        control.1 + treatment.1,
        level,
    )
}

fn exponentiated(logarithm: f64, variance: f64, level: f64) -> Result<RatioOfRates, Absence> {
    if !(level > 0.0 && level < 1.0) {
        return Err(Absence::NotApplicable);
    }
    if variance <= 0.0 {
        return Err(Absence::ZeroVariance);
    }
    let standard_error = libm::sqrt(variance);
    let margin = normal::upper_quantile(0.5 * (1.0 - level)) * standard_error;
    let (lower, upper) = (logarithm - margin, logarithm + margin);
    let ratio = RatioOfRates {
        ratio: libm::exp(logarithm),
        lower: libm::exp(lower),
        upper: libm::exp(upper),
        logarithm: Estimate {
            estimate: logarithm,
            standard_error: Some(standard_error),
            degrees_of_freedom: None,
            interval: Interval::Between { lower, upper },
            p_value: normal_p(logarithm / standard_error)?,
        },
    };
    if ratio.upper.is_finite() {
        Ok(ratio)
    } else {
        Err(Absence::OutOfRange)
    }
}
