//! Defines the change of an effect over days since assignment, as a contrast within units.
//!
//! It refuses to compare days as if they were independent: the same units are in all of them.

use super::sample_mean::{SampleMean, as_double, central, mean_of_quantity};
use crate::domain::evidence::Moments;
use crate::domain::result::Absence;

/// Coefficients of the linear trend over `days`: c_d = (d − d̄)/Σ(d − d̄)², so that Σ c_d y_d is a unit's slope a day.
///
/// `None` below two days.
#[must_use]
pub fn linear_trend(days: usize) -> Option<Vec<f64>> {
    if days < 2 {
        return None;
    }
    let n = as_double(days as u64);
    let middle = (n - 1.0) / 2.0;
    let square = n * (n * n - 1.0) / 12.0;
    let day = |index: usize| as_double(index as u64);
    Some(
        (0..days)
            .map(|index| (day(index) - middle) / square)
            .collect(),
    )
}

/// The mean over units of Σ_d c_d y_d, with its variance cᵀSc/n, from the moments of the daily values.
///
/// Two of them make a [`Comparison`](super::Comparison), whose difference is how the effect changes; with the linear trend,
/// by how much a day. The effect of one day since assignment is that of the quantity itself.
///
/// # Errors
/// As [`SampleMean::of_quantity`]; [`Absence::NotApplicable`] unless there is a coefficient a day.
pub fn daily_contrast(moments: &Moments, coefficients: &[f64]) -> Result<SampleMean, Absence> {
    if coefficients.len() != moments.width() || coefficients.is_empty() {
        return Err(Absence::NotApplicable);
    }
    let (mut mean, mut square) = (0.0, 0.0);
    for (left, of_left) in coefficients.iter().enumerate() {
        mean += of_left * mean_of_quantity(moments, left)?;
        for (right, of_right) in coefficients.iter().enumerate() {
            square += of_left * of_right * central(moments, left, right)?;
        }
    }
    // A contrast that is the same for every unit has no variance, but may be rounded to a little less.
    SampleMean::from_central(moments.units, mean, square.max(0.0), 0)
}
