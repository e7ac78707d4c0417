//! Defines the normal posterior of an effect, beside the estimate and never instead of it.
//!
//! It refuses an estimate without a standard error: Fieller's lift has none, the delta method's has.

use super::distribution::normal;
use crate::domain::definition::Direction;
use crate::domain::result::{Absence, Interval, Posterior};

/// What is believed of an effect before the data, in the effect's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EffectPrior {
    /// Every effect alike.
    Flat,
    /// Normal, N(mean, deviation²).
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation, above zero.
        deviation: f64,
    },
}

/// The posterior of an effect with a normal likelihood N(estimate, error²) (Gelman et al. 2013, section 2.5).
///
/// Precision 1/τ² + 1/se², mean the average of prior mean and estimate weighted by precision. P(better) and P(worse) are
/// Φ(±s·mean/sd), each from its own tail; the expected losses E[max(∓sθ, 0)] = sd·(φ(z) − z·(1 − Φ(z))), z = ±s·mean/sd, keep
/// their digits far out; the interval is mean ± z_(α/2)·sd.
///
/// # Errors
/// [`Absence::NotApplicable`] unless level is in (0, 1) and a prior deviation above zero; [`Absence::ZeroVariance`] when the
/// error is zero; [`Absence::OutOfRange`] when an input or result is no finite double.
pub fn posterior(
    estimate: f64,
    error: f64,
    prior: EffectPrior,
    direction: Direction,
    level: f64,
) -> Result<Posterior, Absence> {
    if !(level > 0.0 && level < 1.0) {
        return Err(Absence::NotApplicable);
    }
    if error == 0.0 {
        return Err(Absence::ZeroVariance);
    }
    if !(estimate.is_finite() && error.is_finite()) {
        return Err(Absence::OutOfRange);
    }
    let (mean, deviation) = match prior {
        EffectPrior::Flat => (estimate, error.abs()),
        EffectPrior::Normal { mean, deviation } => weighted(estimate, error, mean, deviation)?,
    };
    let z = direction.sign() * mean / deviation;
    let margin = normal::upper_quantile(0.5 * (1.0 - level)) * deviation;
    let ours = Posterior {
        mean,
        standard_deviation: deviation,
        interval: Some(Interval::Between {
            lower: mean - margin,
            upper: mean + margin,
        }),
        probability_better: normal::upper_tail(-z),
        probability_worse: normal::upper_tail(z),
        loss_if_chosen: deviation * normal::expected_excess(z),
        loss_if_not_chosen: deviation * normal::expected_excess(-z),
    };
    if [mean, deviation, margin, z].iter().all(|x| x.is_finite()) {
        Ok(ours)
    } else {
        Err(Absence::OutOfRange)
    }
}

/// Mean and deviation of the product of two normal densities, from the share of the precision that the data have.
fn weighted(estimate: f64, error: f64, mean: f64, deviation: f64) -> Result<(f64, f64), Absence> {
    if !(deviation > 0.0 && deviation.is_finite() && mean.is_finite()) {
        return Err(Absence::NotApplicable);
    }
    let hypotenuse = libm::hypot(error, deviation);
    let (of_prior, of_data) = (error / hypotenuse, deviation / hypotenuse);
    Ok((
        of_data * of_data * estimate + of_prior * of_prior * mean,
        error.abs() * of_data,
    ))
}
