//! Defines a difference and a control mean that are not independent of each other: absolute effect and lift.
//!
//! For two independent means it is what [`Comparison`] gives; it is for strata and for adjusted differences over the raw mean.

use super::quadratic::Quadratic;
use super::sample_mean::SampleMean;
use super::{Comparison, relative::back_transformed_from};
use crate::domain::definition::{Conventions, RelativeMethod, VarianceForm};
use crate::domain::result::{Absence, Estimate, Interval};

/// A difference, treatment − control, and the control mean it is relative to, with their variances and covariance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlated {
    /// Δ, in the metric's unit.
    pub difference: f64,
    /// The control mean, in the metric's unit.
    pub control: f64,
    /// Var(Δ).
    pub difference_variance: f64,
    /// Var of the control mean.
    pub control_variance: f64,
    /// Cov(Δ, control mean): −v_c where the variants are independent.
    pub covariance: f64,
    /// Degrees of freedom of Var(Δ).
    pub freedom: f64,
    /// Units of both variants.
    pub units: u64,
}

impl Correlated {
    /// Δ ± q·se with the conventions' level and reference distribution.
    ///
    /// # Errors
    /// As [`Comparison::new`] and [`difference`](super::difference()).
    pub fn absolute(&self, conventions: &Conventions) -> Result<Estimate, Absence> {
        let error = libm::sqrt(self.difference_variance);
        self.judge(conventions)?.symmetric(self.difference, error)
    }

    /// The lift Δ/|control| by the conventions' method: Fieller (1954) with the covariance, the delta method with
    /// se² = (Var Δ − 2ρ·Cov + ρ²·Var c)/c², its logarithm (se/(1 + ρ)), or the absolute interval over |c|.
    ///
    /// # Errors
    /// As [`relative`](super::relative()).
    pub fn lift(&self, conventions: &Conventions) -> Result<Estimate, Absence> {
        let judge = self.judge(conventions)?;
        if self.control == 0.0 {
            return Err(Absence::ZeroControlMean);
        }
        let ratio = self.difference / self.control;
        let sign = self.control.signum();
        if !ratio.is_finite() {
            return Err(Absence::OutOfRange);
        }
        match conventions.relative {
            RelativeMethod::Fieller => Ok(Estimate {
                estimate: sign * ratio,
                standard_error: None,
                interval: self.fieller(judge.quantile())?,
                ..self.absolute(conventions)?
            }),
            RelativeMethod::Delta => judge.symmetric(sign * ratio, self.delta_error(ratio)),
            RelativeMethod::LogRatio if self.control > 0.0 && ratio > -1.0 => {
                let error = self.delta_error(ratio) / (1.0 + ratio);
                let logarithm = judge.symmetric(libm::log1p(ratio), error)?;
                back_transformed_from(&logarithm, ratio)
            }
            RelativeMethod::LogRatio => Err(Absence::NotApplicable),
            RelativeMethod::Rescaled => {
                let error = libm::sqrt(self.difference_variance) / self.control.abs();
                judge.symmetric(sign * ratio, error)
            }
        }
    }

    /// A comparison that has this difference's quantile, degrees of freedom and refusals.
    fn judge(&self, conventions: &Conventions) -> Result<Comparison, Absence> {
        let mean = |mean: f64, variance: f64| SampleMean {
            units: self.units,
            mean,
            variance,
            freedom: self.freedom,
        };
        let welch = Conventions {
            variance: VarianceForm::Welch,
            ..*conventions
        };
        if ![self.control_variance, self.covariance, self.freedom]
            .iter()
            .all(|term| term.is_finite())
        {
            return Err(Absence::OutOfRange);
        }
        Comparison::new(
            &mean(self.control, 0.0),
            &mean(self.control + self.difference, self.difference_variance),
            &welch,
        )
    }

    fn delta_error(&self, ratio: f64) -> f64 {
        let variance = self.difference_variance - 2.0 * ratio * self.covariance
            + ratio * ratio * self.control_variance;
        libm::sqrt(variance.max(0.0)) / self.control.abs()
    }

    /// All r with (Δ − r·c)² ≤ q²(Var Δ − 2r·Cov + r²·Var c), mirrored where c is negative; all scaled by c.
    fn fieller(&self, quantile: f64) -> Result<Interval, Absence> {
        let scale = quantile * quantile / self.control / self.control;
        let ratio = self.difference / self.control;
        let (own, shared, base) = (
            scale * self.difference_variance,
            scale * self.covariance,
            scale * self.control_variance,
        );
        let discriminant =
            own - 2.0 * ratio * shared + ratio * ratio * base - (own * base - shared * shared);
        let leading = 1.0 - base;
        Quadratic {
            leading,
            middle: ratio - shared,
            constant: ratio * ratio - own,
            // While the leading term is positive the estimate itself is inside: below zero is rounding.
            discriminant: if leading > 0.0 && discriminant < 0.0 {
                0.0
            } else {
                discriminant
            },
        }
        .at_most_zero(self.control.signum())
    }
}
