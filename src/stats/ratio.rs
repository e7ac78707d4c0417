//! Defines the ratio metric R = ΣN/ΣD over units, by the delta method.

use super::sample_mean::{SampleMean, central, mean_of_quantity};
use crate::domain::evidence::Moments;
use crate::domain::result::Absence;

/// The ratio of two sums with the variance of its linearisation.
///
/// R = N̄/D̄ and s²_R = (s²_N − 2R·s_ND + R²·s²_D)/D̄² with n − 1, v = s²_R/n: each unit stands as (N − R·D)/D̄. Quantity 0 is
/// the numerator and quantity 1 the denominator; units whose denominator is 0 stay in. Deng, Knoblich and Lu (2018).
///
/// # Errors
/// [`Absence::ZeroDenominator`] when the denominator sums to zero, else as [`SampleMean::of_quantity`].
pub fn ratio(moments: &Moments) -> Result<SampleMean, Absence> {
    let denominator = mean_of_quantity(moments, 1)?;
    let value = ratio_of_means(mean_of_quantity(moments, 0)?, denominator)?;
    let numerators = central(moments, 0, 0)?;
    let products = central(moments, 0, 1)?;
    let denominators = central(moments, 1, 1)?;
    let spread = numerators - 2.0 * value * products + value * value * denominators;
    let scale = numerators.abs() + value * value * denominators.abs();
    let linearised = settled(spread, scale) / denominator / denominator;
    SampleMean::from_central(moments.units, value, linearised, 0)
}

/// N̄/D̄, where the denominator is not zero.
pub(crate) fn ratio_of_means(numerator: f64, denominator: f64) -> Result<f64, Absence> {
    if denominator == 0.0 {
        return Err(Absence::ZeroDenominator);
    }
    let value = numerator / denominator;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Absence::OutOfRange)
    }
}

/// A difference of squares that lost every digit to cancellation is zero: what is left is rounding, not variance.
pub(crate) fn settled(spread: f64, scale: f64) -> f64 {
    const DIGITS_LEFT: f64 = 1e-13;
    if spread.abs() <= DIGITS_LEFT * scale {
        0.0
    } else {
        spread
    }
}
