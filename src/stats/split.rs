//! Defines tests of how units were split between variants that the sample ratio alone does not see: looked at every day, drifting
//! over days, and pooled over epochs of different weights.

use super::distribution::normal;
use super::p_value::p_value_from_ln;
use super::sample_mean::as_double;
use super::sample_ratio::EpochCounts;
use super::strata::Stratum;
use crate::domain::evidence::{Layout, Moments};
use crate::domain::result::{Absence, PValue};

/// The concentration of the alternative: shares within about a percent of the plan, which is what broken assignment looks like.
const CONCENTRATION: f64 = 10_000.0;

/// The Bayes factor against the planned weights, natural logarithm: multinomial with Dirichlet(10,000·w) against w itself, the
/// product over epochs (Lindon and Malek 2022). One over the largest factor met so far is a p-value that holds at every look.
///
/// ln Γ(A) − ln Γ(A + n) + Σ_i [ln Γ(A·w_i + n_i) − ln Γ(A·w_i) − n_i·ln w_i] with A = 10,000. Units of a variant without weight
/// are left out.
///
/// # Errors
/// [`Absence::NotApplicable`] when counts and weights do not match, or no two variants have weight.
pub fn ln_bayes_factor(epochs: &[EpochCounts<'_>]) -> Result<f64, Absence> {
    let mut sum = 0.0;
    for epoch in epochs {
        let total: f64 = epoch.weights.iter().sum();
        let is_sound = epoch.units.len() == epoch.weights.len() && total.is_finite();
        let weighted = epoch.weights.iter().filter(|weight| **weight > 0.0);
        if !is_sound || weighted.count() < 2 {
            return Err(Absence::NotApplicable);
        }
        let mut all = 0.0;
        for (units, weight) in epoch.units.iter().zip(epoch.weights) {
            if *weight <= 0.0 {
                continue;
            }
            let (n, share) = (as_double(*units), weight / total);
            let prior = CONCENTRATION * share;
            all += n;
            sum += libm::lgamma(prior + n) - libm::lgamma(prior) - n * libm::log(share);
        }
        sum += libm::lgamma(CONCENTRATION) - libm::lgamma(CONCENTRATION + all);
    }
    Ok(sum)
}

/// The p-value of a Bayes factor by its natural logarithm: one over it, at most 1.
///
/// # Errors
/// [`Absence::OutOfRange`] when it is not finite.
pub fn always_valid_p(ln_factor: f64) -> Result<PValue, Absence> {
    p_value_from_ln((-ln_factor).min(0.0))
}

/// Whether a share drifts over days (Cochran 1954; Armitage 1955): z = Σ s_d(x_d − n_d·p̄)/√(p̄(1 − p̄)(Σ n_d·s_d² − (Σ n_d·s_d)²/N)),
/// s_d the number of the day, x_d of n_d units with the variant.
///
/// # Errors
/// [`Absence::ZeroVariance`] when there is one day, or every unit or none has the variant; [`Absence::NoUnits`] without a unit.
pub fn share_trend(days: &[(u64, u64)]) -> Result<PValue, Absence> {
    let (mut units, mut with, mut first, mut second) = (0.0, 0.0, 0.0, 0.0);
    for (day, (has, of)) in days.iter().enumerate() {
        let (score, n) = (as_double(day as u64), as_double(*of));
        units += n;
        with += as_double(*has);
        first += n * score;
        second += n * score * score;
    }
    if units == 0.0 {
        return Err(Absence::NoUnits);
    }
    let share = with / units;
    let variance = share * (1.0 - share) * (second - first * first / units);
    if variance <= 0.0 {
        return Err(Absence::ZeroVariance);
    }
    let score: f64 = days
        .iter()
        .enumerate()
        .map(|(day, (has, of))| as_double(day as u64) * (as_double(*has) - as_double(*of) * share))
        .sum();
    p_value_from_ln(normal::ln_two_sided(score / libm::sqrt(variance)))
}

/// Whether pooling epochs of different weights moves an effect: the pooled less the stratified difference of means over its own
/// standard error, the weights taken as the plan's.
///
/// Σ_e (a_te·ȳ_te − a_ce·ȳ_ce) with a_ve = n_ve/n_v − w_e and w_e ∝ n_te·n_ce/(n_te + n_ce); variance Σ_e (a_te²·v_te + a_ce²·v_ce).
/// A ratio's units are N − R·D, with R that of both variants over all epochs: how much that differs is how much the ratio does,
/// on another scale.
///
/// # Errors
/// [`Absence::TooFewUnits`] when fewer than two epochs have two units of both variants; [`Absence::ZeroVariance`] when both are the
/// same whatever the values.
pub fn pooling_moves(epochs: &[Stratum], layout: Layout) -> Result<PValue, Absence> {
    let ratio = if layout.denominator {
        Some(ratio_of_all(epochs)?)
    } else {
        None
    };
    let thick: Vec<&Stratum> = epochs
        .iter()
        .filter(|epoch| epoch.control.units.min(epoch.treatment.units) > 1)
        .collect();
    if thick.len() < 2 {
        return Err(Absence::TooFewUnits);
    }
    let of = |pick: fn(&Stratum) -> u64| -> Vec<f64> {
        thick.iter().map(|epoch| as_double(pick(epoch))).collect()
    };
    let (control, treatment) = (of(|it| it.control.units), of(|it| it.treatment.units));
    let (all_control, all_treatment): (f64, f64) = (control.iter().sum(), treatment.iter().sum());
    let precision: Vec<f64> = control
        .iter()
        .zip(&treatment)
        .map(|(c, t)| c * t / (c + t))
        .collect();
    let all_precision: f64 = precision.iter().sum();
    let (mut gap, mut variance) = (0.0, 0.0);
    for (position, epoch) in thick.iter().enumerate() {
        let weight = precision[position] / all_precision;
        let sides = [
            (&epoch.treatment, treatment[position] / all_treatment, 1.0),
            (&epoch.control, control[position] / all_control, -1.0),
        ];
        for (moments, share, sign) in sides {
            let moved = share - weight;
            let (mean, own) = linearised(moments, ratio).ok_or(Absence::TooFewUnits)?;
            gap += sign * moved * mean;
            variance += moved * moved * own / as_double(moments.units);
        }
    }
    if variance <= 0.0 {
        return Err(Absence::ZeroVariance);
    }
    p_value_from_ln(normal::ln_two_sided(gap / libm::sqrt(variance)))
}

/// Sum over sum, of both variants over all epochs.
fn ratio_of_all(epochs: &[Stratum]) -> Result<f64, Absence> {
    let both = epochs
        .iter()
        .flat_map(|epoch| [&epoch.control, &epoch.treatment]);
    let sum = |quantity: usize| -> f64 {
        let both = both.clone();
        both.map(|moments| as_double(moments.units) * moments.mean(quantity))
            .sum()
    };
    let below = sum(1);
    if below == 0.0 {
        return Err(Absence::ZeroDenominator);
    }
    Ok(sum(0) / below)
}

/// The mean and variance of a value, or of N − R·D.
fn linearised(moments: &Moments, ratio: Option<f64>) -> Option<(f64, f64)> {
    let Some(ratio) = ratio else {
        return Some((moments.mean(0), moments.variance(0)?));
    };
    let variance = moments.variance(0)? - 2.0 * ratio * moments.covariance(0, 1)?
        + ratio * ratio * moments.variance(1)?;
    Some((moments.mean(0) - ratio * moments.mean(1), variance.max(0.0)))
}
