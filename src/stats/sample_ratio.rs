//! Defines the test of units a variant against planned weights, over the epochs of a ramp.
//!
//! It refuses the χ² approximation where an expected count is below 5: the multinomial is enumerated there, or it says that
//! it cannot.

use super::distribution::chi_square;
use super::exact_mass::{SMALLEST_EXPECTED, multinomial_p_value};
use super::linear::solve;
use super::p_value::p_value_from_ln;
use super::sample_mean::as_double;
use crate::domain::result::{Absence, PValue};

/// Units of one epoch of weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochCounts<'a> {
    /// Units a variant.
    pub units: &'a [u64],
    /// Planned weight a variant, in the same order; they need not add up to 1.
    pub weights: &'a [f64],
}

/// The result of a sample ratio test.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleRatio {
    /// Units counted a variant, over all epochs, without those that had no weight in theirs.
    pub observed: Vec<u64>,
    /// Units expected a variant.
    pub expected: Vec<f64>,
    /// Units of variants that had no weight in their epoch: in neither of the above.
    pub left_out: u64,
    /// χ²; absent where the test is exact.
    pub statistic: Option<f64>,
    /// Degrees of freedom of χ².
    pub freedom: usize,
    /// The p-value.
    pub p_value: PValue,
    /// Whether the multinomial was enumerated.
    pub exact: bool,
}

/// χ² goodness of fit of units a variant to the plan, summed over epochs (Pearson 1900).
///
/// With O and E = Σ_e n_e·w_e: (O − E)ᵀ V⁻ (O − E), V = Σ_e n_e(diag w_e − w_e·w_eᵀ), on rank V degrees of freedom; with one
/// epoch that is Σ(O − E)²/E. Variants without weight in an epoch are left out of its n and, where they have none in any,
/// of the degrees of freedom. Exact multinomial when an expected count is below 5 (one set of weights only).
///
/// # Errors
/// [`Absence::NoUnits`] without a unit; [`Absence::NotApplicable`] when fewer than two variants have weight, when weights
/// are negative, not finite or do not match the units, or when an exact test is needed and cannot be enumerated.
pub fn sample_ratio(epochs: &[EpochCounts<'_>]) -> Result<SampleRatio, Absence> {
    let pooled = Pooled::of(epochs)?;
    let present = pooled.expected.iter().filter(|count| **count > 0.0);
    if present.clone().count() < 2 {
        return Err(Absence::NotApplicable);
    }
    let small = present.clone().any(|count| *count < SMALLEST_EXPECTED);
    let (statistic, freedom) = pooled.chi_square();
    let ln_p = if small {
        let shares = pooled
            .single_shares
            .as_ref()
            .ok_or(Absence::NotApplicable)?;
        multinomial_p_value(&pooled.observed, shares).ok_or(Absence::NotApplicable)?
    } else {
        chi_square::ln_upper_tail(statistic, as_double(freedom as u64))
    };
    Ok(SampleRatio {
        statistic: (!small).then_some(statistic),
        freedom,
        p_value: p_value_from_ln(ln_p)?,
        exact: small,
        observed: pooled.observed,
        expected: pooled.expected,
        left_out: pooled.left_out,
    })
}

/// Counts, expectation and covariance over all epochs.
struct Pooled {
    observed: Vec<u64>,
    expected: Vec<f64>,
    covariance: Vec<Vec<f64>>,
    left_out: u64,
    /// The shares, where every epoch that has units has the same.
    single_shares: Option<Vec<f64>>,
}

impl Pooled {
    fn of(epochs: &[EpochCounts<'_>]) -> Result<Self, Absence> {
        let width = epochs.first().ok_or(Absence::NoUnits)?.units.len();
        let mut pooled = Self {
            observed: vec![0; width],
            expected: vec![0.0; width],
            covariance: vec![vec![0.0; width]; width],
            left_out: 0,
            single_shares: None,
        };
        let mut several = false;
        for epoch in epochs {
            if epoch.units.len() != width {
                return Err(Absence::NotApplicable);
            }
            let shares = shares(epoch)?;
            let counted = pooled.add(epoch, &shares);
            if counted > 0 {
                several |= pooled
                    .single_shares
                    .as_ref()
                    .is_some_and(|before| !alike(before, &shares));
                pooled.single_shares = Some(shares);
            }
        }
        if several {
            pooled.single_shares = None;
        }
        if pooled.observed.iter().all(|count| *count == 0) {
            return Err(Absence::NoUnits);
        }
        Ok(pooled)
    }

    /// Adds an epoch; gives the units counted.
    fn add(&mut self, epoch: &EpochCounts<'_>, shares: &[f64]) -> u64 {
        let mut counted = 0_u64;
        for (index, (units, share)) in epoch.units.iter().zip(shares).enumerate() {
            if *share > 0.0 {
                self.observed[index] = self.observed[index].saturating_add(*units);
                counted = counted.saturating_add(*units);
            } else {
                self.left_out = self.left_out.saturating_add(*units);
            }
        }
        let n = as_double(counted);
        for (row, left) in shares.iter().enumerate() {
            self.expected[row] += n * left;
            for (column, right) in shares.iter().enumerate() {
                let diagonal = if row == column { *left } else { 0.0 };
                self.covariance[row][column] += n * (diagonal - left * right);
            }
        }
        counted
    }

    /// The statistic and its degrees of freedom.
    fn chi_square(&self) -> (f64, usize) {
        let deviations: Vec<f64> = self
            .observed
            .iter()
            .zip(&self.expected)
            .map(|(observed, expected)| as_double(*observed) - expected)
            .collect();
        if self.single_shares.is_some() {
            let terms = deviations.iter().zip(&self.expected);
            let present = terms.filter(|(_, expected)| **expected > 0.0);
            let statistic = present.clone().map(|(d, e)| d * d / e).sum();
            return (statistic, present.count().saturating_sub(1));
        }
        let solution = solve(&self.covariance, &deviations);
        let statistic: f64 = solution
            .coefficients
            .iter()
            .zip(&deviations)
            .map(|(coefficient, deviation)| coefficient * deviation)
            .sum();
        (statistic.max(0.0), solution.rank)
    }
}

/// Weights of one epoch divided by their sum.
fn shares(epoch: &EpochCounts<'_>) -> Result<Vec<f64>, Absence> {
    let usable = |weight: &f64| weight.is_finite() && *weight >= 0.0;
    let total: f64 = epoch.weights.iter().sum();
    let matching = epoch.weights.len() == epoch.units.len();
    if matching && epoch.weights.iter().all(usable) && total > 0.0 && total.is_finite() {
        Ok(epoch.weights.iter().map(|weight| weight / total).collect())
    } else {
        Err(Absence::NotApplicable)
    }
}

fn alike(left: &[f64], right: &[f64]) -> bool {
    left.iter()
        .zip(right)
        .all(|(left, right)| (left - right).abs() <= 1e-12)
}
