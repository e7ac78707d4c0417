//! Defines the difference of two means.

use super::Comparison;
use crate::domain::result::{Absence, Estimate};

/// Difference of two means, treatment − control, in the metric's unit.
///
/// Δ = ȳ_t − ȳ_c with se² = v_t + v_c and interval Δ ± q·se; the p-value is two-sided against Δ = 0. Variances, degrees of
/// freedom and q are the comparison's: Welch (1947) with Student's t unless a convention says otherwise.
///
/// # Errors
/// [`Absence::OutOfRange`] when the estimate, a bound or the logarithm of p is no finite double.
pub fn difference(comparison: &Comparison) -> Result<Estimate, Absence> {
    comparison.symmetric(
        comparison.treatment - comparison.control,
        libm::sqrt(comparison.variance_of(1.0)),
    )
}
