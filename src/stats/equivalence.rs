//! Defines equivalence by two one-sided tests: are two variants shown to differ by less than a margin?
//!
//! It refuses to read "not shown to differ" as equivalent.

use super::Comparison;
use crate::domain::definition::Magnitude;
use crate::domain::result::{Absence, Equivalence, PValue};

/// Two one-sided tests (Schuirmann 1987) of |Δ| < m, or of |Δ| < m·|ȳ_c| for a relative margin.
///
/// Each side is tested at α, so that "equivalent" is the interval at 1 − 2α inside ± m, and an interval at 1 − α inside it
/// always is. Relative margins: (Δ ± m|ȳ_c|)/√(v_t + (1 ∓ sgn(ȳ_c)·m)²v_c), which is what Fieller's set says of ∓ m.
///
/// # Errors
/// [`Absence::NotApplicable`] unless the margin is above zero, or when it is relative and the control mean not clearly
/// non-zero ([`Absence::ZeroControlMean`] when it is zero); [`Absence::OutOfRange`] when a statistic is no finite double.
pub fn equivalence(
    comparison: &Comparison,
    margin: Magnitude,
    alpha: f64,
) -> Result<Equivalence, Absence> {
    let (Magnitude::Absolute(size) | Magnitude::Relative(size)) = margin;
    if !(size > 0.0 && size.is_finite() && alpha > 0.0 && alpha < 1.0) {
        return Err(Absence::NotApplicable);
    }
    if matches!(margin, Magnitude::Relative(_)) && !comparison.control_is_clearly_not_zero() {
        return Err(if comparison.control == 0.0 {
            Absence::ZeroControlMean
        } else {
            Absence::NotApplicable
        });
    }
    let lower = one_side(comparison, margin, 1.0)?;
    let upper = one_side(comparison, margin, -1.0)?;
    let p_value = if lower.log10_p > upper.log10_p {
        lower
    } else {
        upper
    };
    Ok(Equivalence {
        margin,
        lower,
        upper,
        p_value,
        equivalent: p_value.p < alpha,
    })
}

/// The p-value against "sΔ is not above minus the margin", s = ±1.
fn one_side(comparison: &Comparison, margin: Magnitude, sign: f64) -> Result<PValue, Absence> {
    let difference = sign * (comparison.treatment - comparison.control);
    let (distance, weight) = match margin {
        Magnitude::Absolute(size) => (difference + size, 1.0),
        Magnitude::Relative(size) => (
            difference + size * comparison.control.abs(),
            1.0 - sign * comparison.control.signum() * size,
        ),
    };
    let error = comparison.error_of(weight);
    if error == 0.0 {
        return Err(Absence::ZeroVariance);
    }
    comparison.one_sided(distance / error)
}
