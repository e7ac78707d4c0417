//! Defines how a p-value is made from the logarithm of a tail, so that one smaller than any double keeps its size.

use crate::domain::result::{Absence, PValue};

/// A p-value from its natural logarithm. Rounding above 0 is taken for 0: a probability is at most 1.
///
/// # Errors
/// [`Absence::OutOfRange`] when the logarithm itself is no finite double.
pub(super) fn p_value_from_ln(ln_p: f64) -> Result<PValue, Absence> {
    if !ln_p.is_finite() {
        return Err(Absence::OutOfRange);
    }
    let ln_p = ln_p.min(0.0);
    Ok(PValue {
        p: libm::exp(ln_p),
        log10_p: ln_p / std::f64::consts::LN_10,
    })
}
