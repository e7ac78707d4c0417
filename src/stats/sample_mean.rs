//! Defines the one shape that every effect is computed from: a mean with the variance of that mean.
//!
//! It refuses moments that cannot be: widths that do not match their layout, negative or non-finite second moments.

use crate::domain::evidence::{Layout, Moments};
use crate::domain::result::Absence;

/// The mean of one variant, however it was made, with what is needed to judge it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleMean {
    /// Units n.
    pub units: u64,
    /// The mean, in the metric's unit; of a ratio, the ratio of sums; of an adjusted metric, the adjusted mean.
    pub mean: f64,
    /// The variance of that mean v = s²/n, in the metric's unit squared.
    pub variance: f64,
    /// Degrees of freedom of s²: n − 1, less one for each covariate.
    pub freedom: f64,
}

impl SampleMean {
    /// The mean of one quantity with v = s²/n, s² with n − 1.
    ///
    /// # Errors
    /// [`Absence::NoUnits`] and [`Absence::TooFewUnits`] below one and two units; [`Absence::OutOfRange`] when the mean or
    /// the variance is no finite double; [`Absence::NotApplicable`] when the moments do not hold the quantity.
    pub fn of_quantity(moments: &Moments, quantity: usize) -> Result<Self, Absence> {
        let mean = mean_of_quantity(moments, quantity)?;
        let central = central(moments, quantity, quantity)?;
        Self::from_central(moments.units, mean, central, 0)
    }

    /// The headline mean of a cell before any covariate: of the value, or of a ratio where there is a denominator.
    ///
    /// # Errors
    /// As [`SampleMean::of_quantity`] and [`ratio`](super::ratio::ratio).
    pub fn of_cell(moments: &Moments, layout: Layout) -> Result<Self, Absence> {
        if layout.denominator {
            super::ratio::ratio(moments)
        } else {
            Self::of_quantity(moments, 0)
        }
    }

    /// From a central second moment Σ(y − ȳ)² around a mean, with `spent` degrees of freedom used beside the mean's.
    pub(crate) fn from_central(
        units: u64,
        mean: f64,
        central: f64,
        spent: u64,
    ) -> Result<Self, Absence> {
        if units == 0 {
            return Err(Absence::NoUnits);
        }
        if units < 2 + spent {
            return Err(Absence::TooFewUnits);
        }
        let freedom = as_double(units - 1 - spent);
        let variance = central / freedom / as_double(units);
        if !mean.is_finite() || !variance.is_finite() {
            return Err(Absence::OutOfRange);
        }
        if variance < 0.0 {
            return Err(Absence::NotApplicable);
        }
        Ok(Self {
            units,
            mean,
            variance,
            freedom,
        })
    }

    /// The standard deviation over units √(n·v), in the metric's unit.
    #[must_use]
    pub fn standard_deviation(&self) -> f64 {
        libm::sqrt(self.variance * as_double(self.units))
    }
}

/// The mean of a cell as it is shown: of the value, or the ratio of sums. Needs one unit only.
///
/// # Errors
/// [`Absence::NoUnits`], [`Absence::ZeroDenominator`], [`Absence::OutOfRange`], [`Absence::NotApplicable`].
pub fn mean_of_cell(moments: &Moments, layout: Layout) -> Result<f64, Absence> {
    let mean = mean_of_quantity(moments, 0)?;
    if !layout.denominator {
        return Ok(mean);
    }
    super::ratio::ratio_of_means(mean, mean_of_quantity(moments, 1)?)
}

/// The mean of one quantity, where there is a unit to have one.
pub(crate) fn mean_of_quantity(moments: &Moments, quantity: usize) -> Result<f64, Absence> {
    if moments.units == 0 {
        return Err(Absence::NoUnits);
    }
    match moments.means.get(quantity) {
        Some(mean) if mean.is_finite() => Ok(*mean),
        Some(_) => Err(Absence::OutOfRange),
        None => Err(Absence::NotApplicable),
    }
}

/// Central second moment of two quantities, where the moments hold both and it is finite.
pub(crate) fn central(moments: &Moments, left: usize, right: usize) -> Result<f64, Absence> {
    let width = moments.means.len();
    if left.max(right) >= width || moments.central.len() != width * (width + 1) / 2 {
        return Err(Absence::NotApplicable);
    }
    let value = moments.central(left, right);
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Absence::OutOfRange)
    }
}

/// A count as a double.
#[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
pub(crate) fn as_double(count: u64) -> f64 {
    count as f64
}
