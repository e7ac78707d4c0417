//! Defines whether effects differ between the levels of a segment by more than chance.
//!
//! It refuses to name a level that does: that is picking a winner from a slice.

use super::distribution::chi_square;
use super::p_value::p_value_from_ln;
use super::sample_mean::as_double;
use crate::domain::result::{Absence, Heterogeneity};

/// Cochran's Q (1954) and I² (Higgins and Thompson 2002) over independent effects, each (estimate, standard error).
///
/// Q = Σ w(d − d̄)² with w = 1/se² and d̄ the effect common to all, weighted by w, is χ² on levels − 1 degrees of freedom
/// when the effects are the same; I² = max(0, (Q − df)/Q), the share of the spread that is not chance.
///
/// # Errors
/// [`Absence::NotApplicable`] below two levels; [`Absence::ZeroVariance`] when an error is zero; [`Absence::OutOfRange`] when a
/// number is not finite.
pub fn heterogeneity(levels: &[(f64, f64)]) -> Result<Heterogeneity, Absence> {
    refused(levels).map_or(Ok(()), Err)?;
    // Weights relative to the largest, which neither overflow nor vanish.
    let smallest = levels
        .iter()
        .fold(f64::INFINITY, |least, (_, error)| least.min(*error));
    let weight = |error: f64| (smallest / error) * (smallest / error);
    let total: f64 = levels.iter().map(|(_, error)| weight(*error)).sum();
    let weighted = levels
        .iter()
        .map(|(estimate, error)| weight(*error) / total * estimate);
    let common: f64 = weighted.sum();
    let statistic: f64 = levels
        .iter()
        .map(|(estimate, error)| {
            let z = (estimate - common) / error;
            z * z
        })
        .sum();
    let freedom = levels.len() - 1;
    let df = as_double(freedom as u64);
    let ln_p = chi_square::ln_upper_tail(statistic, df);
    let i_squared = if statistic > df {
        1.0 - df / statistic
    } else {
        0.0
    };
    if !(statistic.is_finite() && common.is_finite()) {
        return Err(Absence::OutOfRange);
    }
    Ok(Heterogeneity {
        common,
        common_error: smallest / libm::sqrt(total),
        statistic,
        freedom,
        p_value: p_value_from_ln(ln_p)?,
        i_squared,
    })
}

/// Why these levels cannot be compared, if they cannot.
fn refused(levels: &[(f64, f64)]) -> Option<Absence> {
    let finite = |(estimate, error): &(f64, f64)| estimate.is_finite() && error.is_finite();
    if levels.len() < 2 {
        Some(Absence::NotApplicable)
    } else if !levels.iter().all(finite) {
        Some(Absence::OutOfRange)
    } else if levels.iter().any(|(_, error)| *error <= 0.0) {
        Some(Absence::ZeroVariance)
    } else {
        None
    }
}
