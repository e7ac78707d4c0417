//! Defines the normal mixture boundary that confidence sequences and mixture tests share.
//!
//! With r the information of the data relative to the mixture's: q² = 2(1 + 1/r)·ln(√(1 + r)/α), and the p-value is
//! √(1 + r)·exp(−z²r/(2(1 + r))), at most 1. Valid at every look (Robbins 1970). It refuses r that is not above zero.

use crate::domain::result::{Absence, Interval};

/// The information r = Nρ² of an asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2021).
///
/// N units of both variants, ρ² = (−2 ln α + ln(1 − 2 ln α))/N*, which makes the sequence tightest near N* units. The
/// half-width se·q is the paper's se·√N·√(2(Nρ² + 1)/(N²ρ²)·ln(√(Nρ² + 1)/α)). A one-sided test at α is this one at 2α.
///
/// # Errors
/// [`Absence::NotApplicable`] unless α is in (0, 1) and the planned units are above zero; [`Absence::NoUnits`] without units.
pub fn information_of_units(units: f64, planned: f64, alpha: f64) -> Result<f64, Absence> {
    if !(alpha > 0.0 && alpha < 1.0 && planned > 0.0 && planned.is_finite()) {
        return Err(Absence::NotApplicable);
    }
    if units == 0.0 {
        return Err(Absence::NoUnits);
    }
    let exponent = -2.0 * libm::log(alpha);
    positive(units * ((exponent + libm::log1p(exponent)) / planned))
}

/// The information r = τ²/V of a mixture sequential probability ratio test (Johari, Koomen, Pekelis and Walsh 2017).
///
/// V is the variance of the difference, τ the standard deviation of the effects that the test is tuned to, in the same
/// unit. The p-value is then 1/Λ, Λ = √(V/(V + τ²))·exp(τ²Δ²/(2V(V + τ²))).
///
/// # Errors
/// [`Absence::ZeroVariance`] without variance, [`Absence::NotApplicable`] unless τ is above zero.
pub fn information_of_deviation(variance: f64, deviation: f64) -> Result<f64, Absence> {
    if variance == 0.0 {
        return Err(Absence::ZeroVariance);
    }
    if !(variance > 0.0 && deviation > 0.0 && deviation.is_finite()) {
        return Err(Absence::NotApplicable);
    }
    let scaled = deviation / libm::sqrt(variance);
    positive(scaled * scaled)
}

/// The effective two-sided quantile q at α; a one-sided test at α takes 2α.
///
/// # Errors
/// [`Absence::NotApplicable`] unless α is in (0, 1) and the information above zero; [`Absence::OutOfRange`] beyond doubles.
pub fn quantile(information: f64, alpha: f64) -> Result<f64, Absence> {
    if !(alpha > 0.0 && alpha < 1.0) {
        return Err(Absence::NotApplicable);
    }
    let r = positive(information)?;
    let ln = 0.5 * libm::log1p(r) - libm::log(alpha);
    positive(libm::sqrt(2.0 * (1.0 + 1.0 / r) * ln))
}

/// The natural logarithm of the always-valid p-value of z, at most 0.
#[must_use]
pub fn ln_p(information: f64, statistic: f64) -> f64 {
    let share = information / (1.0 + information);
    (0.5 * libm::log1p(information) - 0.5 * statistic * statistic * share).min(0.0)
}

/// The one-sided quantile: Δ − q·se is a lower (or Δ + q·se an upper) bound at 1 − α, at every look.
///
/// q² = 2(1 + 1/r)·ln(1 + √(1 + r)/(2α)), the one-sided sequence of Waudby-Smith et al., near the two-sided one at 2α. The
/// information of a confidence sequence is then [`information_of_units`] at 2α. Guardrails do not need this: their bound is
/// the displayed two-sided interval's limit.
///
/// # Errors
/// As [`quantile`]; α below ½.
pub fn one_sided_quantile(information: f64, alpha: f64) -> Result<f64, Absence> {
    if !(alpha > 0.0 && alpha < 0.5) {
        return Err(Absence::NotApplicable);
    }
    let r = positive(information)?;
    let ln = libm::log1p(libm::sqrt(1.0 + r) / (2.0 * alpha));
    positive(libm::sqrt(2.0 * (1.0 + 1.0 / r) * ln))
}

/// The natural logarithm of the one-sided p-value against "not above zero": √(1 + r)/(2(exp(z²r/(2(1 + r))) − 1)).
///
/// The smallest α at which the lower bound is above zero, at most ½ where z is not above zero or hardly.
#[must_use]
pub fn ln_one_sided_p(information: f64, statistic: f64) -> f64 {
    let highest = -std::f64::consts::LN_2;
    if statistic <= 0.0 {
        return highest;
    }
    let exponent = 0.5 * statistic * statistic * information / (1.0 + information);
    let ln_growth = if exponent > 30.0 {
        exponent
    } else {
        libm::log(libm::expm1(exponent))
    };
    (0.5 * libm::log1p(information) + highest - ln_growth).min(highest)
}

/// What is left when every look's interval must hold: from the largest lower to the smallest upper bound.
///
/// Looks without two bounds say nothing. `None` when nothing is left: the looks contradict each other.
#[must_use]
pub fn intersection(looks: &[Interval]) -> Option<Interval> {
    let bounds = looks.iter().filter_map(|look| match *look {
        Interval::Between { lower, upper } => Some((lower, upper)),
        Interval::Outside { .. } | Interval::WholeLine => None,
    });
    let common = bounds.reduce(|(low, high), (lower, upper)| (low.max(lower), high.min(upper)));
    match common {
        None => Some(Interval::WholeLine),
        Some((lower, upper)) => (lower <= upper).then_some(Interval::Between { lower, upper }),
    }
}

fn positive(value: f64) -> Result<f64, Absence> {
    if !value.is_finite() {
        Err(Absence::OutOfRange)
    } else if value > 0.0 {
        Ok(value)
    } else {
        Err(Absence::NotApplicable)
    }
}
