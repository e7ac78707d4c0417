//! Defines the test that a share of units is the same in two or more variants.
//!
//! It refuses the χ² approximation where an expected count is below 5: the table is enumerated there, or it says that it
//! cannot.

use super::distribution::chi_square;
use super::exact_mass::{SMALLEST_EXPECTED, table_p_value};
use super::p_value::p_value_from_ln;
use super::sample_mean::as_double;
use crate::domain::result::{Absence, PValue};

/// The result of a test of equal rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateTest {
    /// χ²; absent where the test is exact.
    pub statistic: Option<f64>,
    /// Degrees of freedom: variants with units, less one.
    pub freedom: usize,
    /// The p-value.
    pub p_value: PValue,
    /// Whether the table was enumerated (Fisher 1935; with more than two variants Freeman and Halton 1951).
    pub exact: bool,
}

/// χ² test on the 2 × k table of units with and without something, by variant (Pearson 1900; no continuity correction).
///
/// `with` and `of` are units a variant, `with` ≤ `of`. Variants without units are left out. When every unit has it or none
/// has, the rates are equal and p is 1. Exact when an expected count is below 5.
///
/// # Errors
/// [`Absence::NoUnits`] when fewer than two variants have units; [`Absence::NotApplicable`] when the counts do not match or
/// an exact test is needed and cannot be enumerated.
pub fn equal_rates(with: &[u64], of: &[u64]) -> Result<RateTest, Absence> {
    if with.len() != of.len() || with.iter().zip(of).any(|(with, of)| with > of) {
        return Err(Absence::NotApplicable);
    }
    let (with, of): (Vec<u64>, Vec<u64>) = with.iter().zip(of).filter(|(_, of)| **of > 0).unzip();
    if of.len() < 2 {
        return Err(Absence::NoUnits);
    }
    let total = |counts: &[u64]| counts.iter().copied().fold(0, u64::saturating_add);
    let (all_with, all) = (total(&with), total(&of));
    let freedom = of.len() - 1;
    let rarer = all_with.min(all - all_with);
    let smallest = of
        .iter()
        .map(|of| as_double(*of) * as_double(rarer) / as_double(all))
        .fold(f64::INFINITY, f64::min);
    if rarer > 0 && smallest < SMALLEST_EXPECTED {
        let ln_p = table_p_value(&with, &of).ok_or(Absence::NotApplicable)?;
        return Ok(RateTest {
            statistic: None,
            freedom,
            p_value: p_value_from_ln(ln_p)?,
            exact: true,
        });
    }
    let statistic = if rarer == 0 {
        0.0
    } else {
        chi_square_of(&with, &of, as_double(all_with) / as_double(all))
    };
    let ln_p = chi_square::ln_upper_tail(statistic, as_double(freedom as u64));
    Ok(RateTest {
        statistic: Some(statistic),
        freedom,
        p_value: p_value_from_ln(ln_p)?,
        exact: false,
    })
}

/// Units of one stratum: of both variants, how many have it and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateStratum {
    /// Control: with, of.
    pub control: (u64, u64),
    /// Treatment: with, of.
    pub treatment: (u64, u64),
}

/// Whether a share of units is the same in two variants within every stratum (Cochran 1954; Mantel and Haenszel 1959, without their
/// continuity correction): χ² = (Σ (x_t − n_t·m/N))²/Σ n_c·n_t·m(N − m)/(N²(N − 1)) with one degree of freedom, m of N units having
/// it.
///
/// # Errors
/// [`Absence::ZeroVariance`] when no stratum has units of both variants of which some have it and some do not.
pub fn equal_rates_within(strata: &[RateStratum]) -> Result<PValue, Absence> {
    let (mut gap, mut variance) = (0.0, 0.0);
    for stratum in strata {
        let (n_c, n_t) = (as_double(stratum.control.1), as_double(stratum.treatment.1));
        let (n, with) = (
            n_c + n_t,
            as_double(stratum.control.0) + as_double(stratum.treatment.0),
        );
        if n < 2.0 {
            continue;
        }
        gap += as_double(stratum.treatment.0) - n_t * with / n;
        variance += n_c * n_t * with * (n - with) / (n * n * (n - 1.0));
    }
    if variance <= 0.0 {
        return Err(Absence::ZeroVariance);
    }
    p_value_from_ln(chi_square::ln_upper_tail(gap * gap / variance, 1.0))
}

/// Σ n_v(p_v − p)²/(p(1 − p)).
fn chi_square_of(with: &[u64], of: &[u64], rate: f64) -> f64 {
    let terms = with.iter().zip(of).map(|(with, of)| {
        let n = as_double(*of);
        let deviation = as_double(*with) - n * rate;
        deviation * deviation / n
    });
    terms.sum::<f64>() / (rate * (1.0 - rate))
}
