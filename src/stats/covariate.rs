//! Defines the adjustment of a pair of variants by covariates (CUPED), by least squares on the moments.
//!
//! It refuses to divide by a covariate that does not vary: one that is constant, or explained by those before it, is left
//! out.

use super::linear::{Solution, solve};
use super::ratio::{ratio_of_means, settled};
use super::sample_mean::{SampleMean, as_double, central, mean_of_quantity};
use crate::domain::evidence::{Layout, Moments};
use crate::domain::result::Absence;

/// Two variants adjusted by the same coefficients.
#[derive(Debug, Clone, PartialEq)]
pub struct AdjustedPair {
    /// The control.
    pub control: SampleMean,
    /// The treatment.
    pub treatment: SampleMean,
    /// θ a covariate quantity, in the layout's order; 0 for one that was left out.
    pub coefficients: Vec<f64>,
    /// Covariates that were used, k: each costs a degree of freedom.
    pub used: usize,
    /// Share of the difference's variance that the covariates removed, in [0, 1].
    pub variance_removed: f64,
}

/// A variant's value as one outcome beside its covariates: its own, or a ratio's linearisation.
pub(super) struct Outcome {
    pub(super) units: u64,
    pub(super) mean: f64,
    /// Σ(y − ȳ)².
    pub(super) square: f64,
    /// Σ(y − ȳ)(x − x̄) a covariate.
    pub(super) products: Vec<f64>,
    /// Σ(x − x̄)(x' − x̄'), square.
    pub(super) covariates: Vec<Vec<f64>>,
    pub(super) covariate_means: Vec<f64>,
}

/// Covariate-adjusted means of a pair of variants (Deng, Xu, Kohavi and Walker 2013), on each other's footing.
///
/// θ = (Σ_v S_xx,v/n_v)⁻¹ Σ_v s_yx,v/n_v over the two variants, which minimises the variance of the difference; adjusted
/// means ȳ_v − θᵀ(x̄_v − x̄_pair) with x̄_pair over the units of both; residual variance with n_v − 1 − k for k covariates
/// used. A ratio is linearised at each variant's own R_v, (N − R_v·D)/D̄_v, first. The covariate quantities are those of
/// the layout: the covariate and the indicator that it is unknown.
///
/// The difference does not depend on x̄_pair. The lift does: it takes the adjusted means as independent, given x̄_pair, which
/// is exact when both variants have the slope θ.
///
/// # Errors
/// [`Absence::NotApplicable`] when the layout has no covariate or the moments do not hold it; [`Absence::TooFewUnits`] when
/// a variant has fewer than 2 + k units; else as [`SampleMean::of_cell`].
pub fn adjusted(
    control: &Moments,
    treatment: &Moments,
    layout: Layout,
) -> Result<AdjustedPair, Absence> {
    let control = Outcome::of(control, layout)?;
    let treatment = Outcome::of(treatment, layout)?;
    let solution = coefficients(&control, &treatment)?;
    adjust(&control, &treatment, &solution)
}

/// The same with coefficients that were found elsewhere, one a covariate quantity: another tool's θ.
///
/// Every coefficient that is not zero costs a degree of freedom.
///
/// # Errors
/// As [`adjusted`], and [`Absence::NotApplicable`] when the coefficients do not match the layout.
pub fn adjusted_with(
    control: &Moments,
    treatment: &Moments,
    layout: Layout,
    coefficients: &[f64],
) -> Result<AdjustedPair, Absence> {
    let control = Outcome::of(control, layout)?;
    let treatment = Outcome::of(treatment, layout)?;
    if coefficients.len() != control.covariate_means.len() {
        return Err(Absence::NotApplicable);
    }
    let solution = Solution {
        coefficients: coefficients.to_vec(),
        rank: coefficients.iter().filter(|theta| **theta != 0.0).count(),
    };
    adjust(&control, &treatment, &solution)
}

impl Outcome {
    pub(super) fn of(moments: &Moments, layout: Layout) -> Result<Self, Absence> {
        let positions: Vec<usize> = layout.covariates_at().collect();
        if positions.is_empty() {
            return Err(Absence::NotApplicable);
        }
        let unadjusted = SampleMean::of_cell(moments, layout)?;
        let square = unadjusted.variance * as_double(moments.units) * as_double(moments.units - 1);
        let products = positions
            .iter()
            .map(|position| linearised_product(moments, layout, *position))
            .collect::<Result<_, _>>()?;
        let covariates = positions
            .iter()
            .map(|row| {
                positions
                    .iter()
                    .map(|column| central(moments, *row, *column))
                    .collect()
            })
            .collect::<Result<_, _>>()?;
        let covariate_means = positions
            .iter()
            .map(|position| mean_of_quantity(moments, *position))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            units: moments.units,
            mean: unadjusted.mean,
            square,
            products,
            covariates,
            covariate_means,
        })
    }

    /// Divisor that turns Σ(x − x̄)(y − ȳ) into a covariance of means: n(n − 1).
    pub(super) fn divisor(&self) -> f64 {
        as_double(self.units) * as_double(self.units.saturating_sub(1))
    }

    fn adjusted(&self, solution: &Solution, pair_means: &[f64]) -> Result<SampleMean, Absence> {
        let theta = &solution.coefficients;
        let shift: f64 = theta
            .iter()
            .zip(&self.covariate_means)
            .zip(pair_means)
            .map(|((theta, mean), pair)| theta * (mean - pair))
            .sum();
        let residual = self.residual(theta);
        let spent = u64::try_from(solution.rank).unwrap_or(u64::MAX);
        SampleMean::from_central(self.units, self.mean - shift, residual, spent)
    }

    /// Σ of squared residuals around the adjusted mean: Σ(y − ȳ)² − 2θᵀ·products + θᵀ·covariates·θ.
    pub(super) fn residual(&self, theta: &[f64]) -> f64 {
        let linear: f64 = theta.iter().zip(&self.products).map(|(t, p)| t * p).sum();
        let quadratic: f64 = theta
            .iter()
            .zip(&self.covariates)
            .map(|(t, row)| t * row.iter().zip(theta).map(|(c, u)| c * u).sum::<f64>())
            .sum();
        let scale = self.square.abs() + quadratic.abs();
        settled(self.square - 2.0 * linear + quadratic, scale)
    }
}

/// Σ(y − ȳ)(x − x̄) of one covariate, y the value or the ratio's linearisation.
fn linearised_product(moments: &Moments, layout: Layout, position: usize) -> Result<f64, Absence> {
    let value = central(moments, 0, position)?;
    if !layout.denominator {
        return Ok(value);
    }
    let denominator = mean_of_quantity(moments, 1)?;
    let ratio = ratio_of_means(mean_of_quantity(moments, 0)?, denominator)?;
    Ok((value - ratio * central(moments, 1, position)?) / denominator)
}

/// θ that minimises the variance of the adjusted difference.
fn coefficients(control: &Outcome, treatment: &Outcome) -> Result<Solution, Absence> {
    let width = control.products.len();
    let both = |pick: &dyn Fn(&Outcome) -> f64| {
        pick(control) / control.divisor() + pick(treatment) / treatment.divisor()
    };
    let right: Vec<f64> = (0..width)
        .map(|row| both(&|outcome| outcome.products[row]))
        .collect();
    let matrix: Vec<Vec<f64>> = (0..width)
        .map(|row| {
            (0..width)
                .map(|column| both(&|outcome| outcome.covariates[row][column]))
                .collect()
        })
        .collect();
    let solution = solve(&matrix, &right);
    if solution.coefficients.iter().all(|theta| theta.is_finite()) {
        Ok(solution)
    } else {
        Err(Absence::OutOfRange)
    }
}

fn adjust(
    control: &Outcome,
    treatment: &Outcome,
    solution: &Solution,
) -> Result<AdjustedPair, Absence> {
    let (n_control, n_treatment) = (as_double(control.units), as_double(treatment.units));
    let share = n_treatment / (n_control + n_treatment);
    let pair_means: Vec<f64> = control
        .covariate_means
        .iter()
        .zip(&treatment.covariate_means)
        .map(|(control, treatment)| control + share * (treatment - control))
        .collect();
    let before = control.square / control.divisor() + treatment.square / treatment.divisor();
    let after = control.residual(&solution.coefficients) / control.divisor()
        + treatment.residual(&solution.coefficients) / treatment.divisor();
    let variance_removed = if before > 0.0 && after.is_finite() {
        (1.0 - after / before).clamp(0.0, 1.0)
    } else {
        0.0
    };
    Ok(AdjustedPair {
        control: control.adjusted(solution, &pair_means)?,
        treatment: treatment.adjusted(solution, &pair_means)?,
        coefficients: solution.coefficients.clone(),
        used: solution.rank,
        variance_removed,
    })
}
