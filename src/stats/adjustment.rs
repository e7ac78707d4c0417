//! Defines the conventions of covariate adjustment: whose slope, which degrees of freedom, and what a lift is relative to.
//!
//! The program's own is [`adjusted`](super::adjusted) with [`Comparison`]; the default here is the same.

use super::comparison::satterthwaite;
use super::correlated::Correlated;
use super::covariate::Outcome;
use super::linear::{Solution, solve};
use super::sample_mean::{SampleMean, as_double};
use super::{Comparison, Monitoring, relative};
use crate::domain::definition::{AdjustedLift, Conventions, ResidualFreedom, SlopeForm};
use crate::domain::evidence::{Layout, Moments};
use crate::domain::result::{Absence, Estimate};

/// How a covariate is adjusted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adjustment {
    /// Whose slope θ.
    pub slope: SlopeForm,
    /// Degrees of freedom of the residual variance.
    pub freedom: ResidualFreedom,
    /// What a lift is relative to.
    pub lift: AdjustedLift,
}

impl Default for Adjustment {
    fn default() -> Self {
        Self {
            slope: SlopeForm::PerPair,
            freedom: ResidualFreedom::LessCovariates,
            lift: AdjustedLift::AdjustedMean,
        }
    }
}

/// The adjusted difference under a convention, for [`Comparison::correlated`].
///
/// Slopes: per pair θ = (Σ_v S_xx/(n(n − 1)))⁻¹ Σ_v S_xy/(n(n − 1)); pooled from the moments of both variants together, the
/// difference of their means included (Deng, Xu, Kohavi and Walker 2013); within variants (analysis of covariance); control
/// only; per variant (Lin 2013), where Var Δ has (θ_t − θ_c)ᵀ s_xx (θ_t − θ_c)/N more for the mean that both are brought to.
///
/// The raw control mean has Cov(Δ, ȳ_c) = −v_c + θᵀs_xy,c/n_c.
///
/// # Errors
/// As [`adjusted`](super::adjusted); [`Absence::OutOfRange`] when a slope is not finite.
pub fn adjusted_effect(
    control: &Moments,
    treatment: &Moments,
    layout: Layout,
    adjustment: Adjustment,
) -> Result<Correlated, Absence> {
    Both::of(control, treatment, layout, adjustment.slope)?
        .effect(adjustment.freedom, adjustment.lift)
}

/// The lift of the adjusted difference under a convention, at one look.
///
/// Over the adjusted and the raw control mean by the conventions' method, as [`relative`](super::relative()) has it. The two forms
/// of GrowthBook are always the delta method with its derivative at the lift before adjustment: the first is that where
/// covariate means are equal (since 2025), the second besides has residual variances and no covariance (0.8.0).
///
/// # Errors
/// As [`adjusted_effect`] and [`relative`](super::relative()).
pub fn adjusted_lift(
    control: &Moments,
    treatment: &Moments,
    layout: Layout,
    adjustment: Adjustment,
    conventions: &Conventions,
) -> Result<Estimate, Absence> {
    let both = Both::of(control, treatment, layout, adjustment.slope)?;
    let pair = both.effect(adjustment.freedom, adjustment.lift)?;
    let comparison = Comparison::correlated(&pair, conventions, &Monitoring::Fixed)?;
    match adjustment.lift {
        AdjustedLift::AdjustedMean | AdjustedLift::RawMean => relative(&comparison),
        AdjustedLift::RawMeanBalanced | AdjustedLift::RawMeanIndependent => {
            if pair.control == 0.0 {
                return Err(Absence::ZeroControlMean);
            }
            let before = (both.treatment.mean - both.control.mean) / both.control.mean;
            let variance = pair.difference_variance - 2.0 * before * pair.covariance
                + before * before * pair.control_variance;
            let scale = pair.control.abs();
            comparison.symmetric(
                pair.difference / scale,
                libm::sqrt(variance.max(0.0)) / scale,
            )
        }
    }
}

/// The adjusted means of control and treatment under a convention, for a [`Comparison`] of the two.
///
/// What a lift is relative to is not asked here: it is the adjusted control mean. With a slope a variant the variance of the
/// mean that both are brought to is left out, as it is in print; [`adjusted_effect`] has it.
///
/// # Errors
/// As [`adjusted_effect`].
pub fn adjusted_means(
    control: &Moments,
    treatment: &Moments,
    layout: Layout,
    adjustment: Adjustment,
) -> Result<(SampleMean, SampleMean), Absence> {
    Both::of(control, treatment, layout, adjustment.slope)?.means(adjustment.freedom)
}

fn slopes(control: &Outcome, treatment: &Outcome, form: SlopeForm) -> (Solution, Solution) {
    let shared = match form {
        SlopeForm::PerPair => weighted(
            control,
            treatment,
            1.0 / control.divisor(),
            1.0 / treatment.divisor(),
            0.0,
        ),
        SlopeForm::WithinVariants => weighted(control, treatment, 1.0, 1.0, 0.0),
        SlopeForm::Pooled => {
            let (n_c, n_t) = (as_double(control.units), as_double(treatment.units));
            weighted(control, treatment, 1.0, 1.0, n_c * n_t / (n_c + n_t))
        }
        SlopeForm::ControlOnly => weighted(control, treatment, 1.0, 0.0, 0.0),
        SlopeForm::PerVariant => {
            let own = |one: f64, other: f64| weighted(control, treatment, one, other, 0.0);
            return (own(1.0, 0.0), own(0.0, 1.0));
        }
    };
    (shared.clone(), shared)
}

/// Least squares on a·S of control + b·S of treatment + c·(gap of the means)².
fn weighted(control: &Outcome, treatment: &Outcome, a: f64, b: f64, c: f64) -> Solution {
    let gap: Vec<f64> = control
        .covariate_means
        .iter()
        .zip(&treatment.covariate_means)
        .map(|(control, treatment)| treatment - control)
        .collect();
    let rise = treatment.mean - control.mean;
    let width = gap.len();
    let right: Vec<f64> = (0..width)
        .map(|row| a * control.products[row] + b * treatment.products[row] + c * gap[row] * rise)
        .collect();
    let matrix: Vec<Vec<f64>> = (0..width)
        .map(|row| {
            (0..width)
                .map(|column| {
                    a * control.covariates[row][column]
                        + b * treatment.covariates[row][column]
                        + c * gap[row] * gap[column]
                })
                .collect()
        })
        .collect();
    solve(&matrix, &right)
}

struct Both {
    control: Outcome,
    treatment: Outcome,
    slopes: (Solution, Solution),
}

impl Both {
    fn of(
        control: &Moments,
        treatment: &Moments,
        layout: Layout,
        slope: SlopeForm,
    ) -> Result<Self, Absence> {
        let control = Outcome::of(control, layout)?;
        let treatment = Outcome::of(treatment, layout)?;
        let slopes = slopes(&control, &treatment, slope);
        for solution in [&slopes.0, &slopes.1] {
            if !solution.coefficients.iter().all(|theta| theta.is_finite()) {
                return Err(Absence::OutOfRange);
            }
        }
        Ok(Self {
            control,
            treatment,
            slopes,
        })
    }

    fn means(&self, freedom: ResidualFreedom) -> Result<(SampleMean, SampleMean), Absence> {
        Ok((
            self.mean(&self.control, &self.slopes.0, freedom)?,
            self.mean(&self.treatment, &self.slopes.1, freedom)?,
        ))
    }

    fn effect(&self, freedom: ResidualFreedom, lift: AdjustedLift) -> Result<Correlated, Absence> {
        let (control, treatment) = self.means(freedom)?;
        let raw = self.control.square / self.control.divisor();
        let (base, variance, covariance) = match lift {
            AdjustedLift::AdjustedMean => (control.mean, control.variance, -control.variance),
            AdjustedLift::RawMean | AdjustedLift::RawMeanBalanced => {
                (self.control.mean, raw, self.shared() - raw)
            }
            AdjustedLift::RawMeanIndependent => {
                (self.control.mean, control.variance, -control.variance)
            }
        };
        Ok(Correlated {
            difference: treatment.mean - control.mean,
            control: base,
            difference_variance: control.variance + treatment.variance + self.common_mean(),
            control_variance: variance,
            covariance,
            freedom: satterthwaite(
                (control.variance, control.freedom),
                (treatment.variance, treatment.freedom),
            ),
            units: self.control.units.saturating_add(self.treatment.units),
        })
    }

    /// ȳ_v − θ_vᵀ(x̄_v − x̄_pair) with the variance of its residuals.
    fn mean(
        &self,
        outcome: &Outcome,
        solution: &Solution,
        freedom: ResidualFreedom,
    ) -> Result<SampleMean, Absence> {
        let theta = &solution.coefficients;
        let shift: f64 = theta
            .iter()
            .zip(&outcome.covariate_means)
            .zip(self.pair_means())
            .map(|((theta, mean), pair)| theta * (mean - pair))
            .sum();
        let spent = match freedom {
            ResidualFreedom::LessCovariates => solution.rank as u64,
            ResidualFreedom::UnitsLessOne => 0,
        };
        let residual = outcome.residual(theta);
        SampleMean::from_central(outcome.units, outcome.mean - shift, residual, spent)
    }

    fn treatment_share(&self) -> f64 {
        let (n_c, n_t) = (
            as_double(self.control.units),
            as_double(self.treatment.units),
        );
        n_t / (n_c + n_t)
    }

    fn pair_means(&self) -> Vec<f64> {
        let share = self.treatment_share();
        let means = self
            .control
            .covariate_means
            .iter()
            .zip(&self.treatment.covariate_means);
        means
            .map(|(control, treatment)| control + share * (treatment - control))
            .collect()
    }

    /// θᵀs_xy,c/n_c: what the control's raw mean shares with the adjustment, through its own covariate mean and the pair's.
    fn shared(&self) -> f64 {
        let own = 1.0 - self.treatment_share();
        let slopes = self
            .slopes
            .0
            .coefficients
            .iter()
            .zip(&self.slopes.1.coefficients);
        let products = slopes.zip(&self.control.products);
        let sum: f64 = products
            .map(|((control, treatment), product)| {
                (control + own * (treatment - control)) * product
            })
            .sum();
        sum / self.control.divisor()
    }

    /// (θ_t − θ_c)ᵀ s_xx (θ_t − θ_c)/N, s_xx over both variants together with N − 1; zero where they share a slope.
    fn common_mean(&self) -> f64 {
        let slopes = self
            .slopes
            .1
            .coefficients
            .iter()
            .zip(&self.slopes.0.coefficients);
        let gap: Vec<f64> = slopes
            .map(|(treatment, control)| treatment - control)
            .collect();
        let share = self.treatment_share();
        let units = as_double(self.control.units) + as_double(self.treatment.units);
        let apart =
            |row: usize| self.treatment.covariate_means[row] - self.control.covariate_means[row];
        let mut sum = 0.0;
        for (row, left) in gap.iter().enumerate() {
            for (column, right) in gap.iter().enumerate() {
                let together = self.control.covariates[row][column]
                    + self.treatment.covariates[row][column]
                    + units * share * (1.0 - share) * apart(row) * apart(column);
                sum += left * right * together;
            }
        }
        sum.max(0.0) / (units - 1.0) / units
    }
}
