//! Defines the effect on compliers (CACE): the effect of assignment over the difference of exposure that it makes.
//!
//! It refuses to hide what it assumes: that assignment does nothing to those it does not expose, and exposes nobody less.

use super::quadratic::Quadratic;
use super::ratio::settled;
use super::sample_mean::{SampleMean, as_double, central, mean_of_quantity};
use super::{Comparison, difference};
use crate::domain::definition::{CompliersErrorForm, Conventions};
use crate::domain::evidence::Moments;
use crate::domain::result::{Absence, ComplierMeans, CompliersEffect, Estimate, Interval};

/// Quantities of the moments: the value, and 1 for a unit that was exposed.
const VALUE: usize = 0;
const EXPOSED: usize = 1;

/// The effect on compliers from moments over assigned units of (value, exposed 0 or 1).
///
/// τ = Δ_Y/Δ_D (Wald 1940; Imbens and Angrist 1994), which is two-stage least squares with assignment as the instrument. With
/// residuals e = y − τd, S_ee their central sum a variant, se² = V/Δ_D²:
///
/// - HC0: V = Σ_v S_ee/n²; HC1 (default): the same times N/(N − 2); HC2: Σ_v S_ee/(n(n − 1)), the delta method with the
///   covariance. Homoskedastic: σ²(1/n_t + 1/n_c) with σ² over N − 2, or over N.
/// - Fixed first stage: V = Var(Δ_Y). No covariance: Var(Δ_Y) + τ²Var(Δ_D). Both are seen in print and are not right.
///
/// Quantile and degrees of freedom are the residuals' under the conventions. Anderson and Rubin's set (1949) has all τ with
/// (Δ_Y − τΔ_D)² ≤ q²Var(Δ_Y − τΔ_D), q that of the assignment effect: it has zero exactly when that effect is not
/// significant, and is never empty, since it has the estimate. First-stage F = Δ_D²/Var(Δ_D).
#[must_use]
pub fn compliers(
    control: &Moments,
    treatment: &Moments,
    form: CompliersErrorForm,
    conventions: &Conventions,
) -> CompliersEffect {
    let stages = Stages::of(control, treatment, conventions);
    let known = stages.as_ref().map_err(|absence| *absence);
    CompliersEffect {
        estimate: known
            .and_then(|stages| stages.effect(form, conventions))
            .into(),
        anderson_rubin: known.and_then(Stages::anderson_rubin).into(),
        first_stage: first_stage(control, treatment, conventions).into(),
        first_stage_f: known.and_then(Stages::first_stage_f).into(),
        one_sided: nobody_exposed(control),
        means: complier_means(control, treatment).into(),
    }
}

/// Moments over assigned units of (value, exposed 0 or 1), from the moments of the value over them and over the exposed of them:
/// the sum of products Σyd is the exposed units' sum of y.
#[must_use]
pub fn with_exposure(all: &Moments, exposed: &Moments) -> Moments {
    let first = |values: &[f64]| values.first().copied().unwrap_or(0.0);
    let (units, of_exposed) = (as_double(all.units), as_double(exposed.units));
    let share = if all.units == 0 {
        0.0
    } else {
        of_exposed / units
    };
    let mean = first(&all.means);
    let product = if exposed.units == 0 {
        0.0
    } else {
        of_exposed * (first(&exposed.means) - mean)
    };
    Moments {
        units: all.units,
        means: vec![mean, share],
        central: vec![first(&all.central), product, of_exposed * (1.0 - share)],
    }
}

/// The exposure rate times the effect among the exposed: what that effect is worth over all who were assigned.
///
/// r·Δ with se² = r²·se²_Δ + Δ²·v_r, quantile and degrees of freedom of the exposed comparison. It may be shown only where the
/// exposed of both variants may be compared: where exposure does not depend on the variant.
///
/// # Errors
/// As [`difference()`]; [`Absence::ZeroVariance`] when nobody was exposed.
pub fn diluted(exposed: &Comparison, rate: &SampleMean) -> Result<Estimate, Absence> {
    let effect = difference(exposed)?;
    let error = effect.standard_error.ok_or(Absence::NotApplicable)?;
    let spread = libm::hypot(
        rate.mean * error,
        effect.estimate * libm::sqrt(rate.variance),
    );
    exposed.symmetric(rate.mean * effect.estimate, spread)
}

fn nobody_exposed(control: &Moments) -> bool {
    mean_of_quantity(control, EXPOSED) == Ok(0.0) && central(control, EXPOSED, EXPOSED) == Ok(0.0)
}

fn first_stage(
    control: &Moments,
    treatment: &Moments,
    conventions: &Conventions,
) -> Result<Estimate, Absence> {
    let exposed = |moments| SampleMean::of_quantity(moments, EXPOSED);
    difference(&Comparison::new(
        &exposed(control)?,
        &exposed(treatment)?,
        conventions,
    )?)
}

/// Both differences with their variances and covariance, n − 1 a variant.
struct Stages<'a> {
    control: &'a Moments,
    treatment: &'a Moments,
    value: f64,
    exposure: f64,
    value_variance: f64,
    exposure_variance: f64,
    covariance: f64,
    /// The quantile of the test of the assignment effect.
    quantile: Result<f64, Absence>,
}

impl<'a> Stages<'a> {
    fn of(
        control: &'a Moments,
        treatment: &'a Moments,
        conventions: &Conventions,
    ) -> Result<Self, Absence> {
        let values = (
            SampleMean::of_quantity(control, VALUE)?,
            SampleMean::of_quantity(treatment, VALUE)?,
        );
        let exposures = (
            SampleMean::of_quantity(control, EXPOSED)?,
            SampleMean::of_quantity(treatment, EXPOSED)?,
        );
        let covariance = |moments: &Moments| {
            let divisor = as_double(moments.units) * as_double(moments.units - 1);
            central(moments, VALUE, EXPOSED).map(|central| central / divisor)
        };
        Ok(Self {
            control,
            treatment,
            value: values.1.mean - values.0.mean,
            exposure: exposures.1.mean - exposures.0.mean,
            value_variance: values.0.variance + values.1.variance,
            exposure_variance: exposures.0.variance + exposures.1.variance,
            covariance: covariance(control)? + covariance(treatment)?,
            quantile: Comparison::new(&values.0, &values.1, conventions)
                .map(|comparison| comparison.quantile()),
        })
    }

    fn first_stage_f(&self) -> Result<f64, Absence> {
        let f = self.exposure / self.exposure_variance * self.exposure;
        if self.exposure_variance == 0.0 {
            Err(Absence::ZeroVariance)
        } else if f.is_finite() {
            Ok(f)
        } else {
            Err(Absence::OutOfRange)
        }
    }

    fn effect(
        &self,
        form: CompliersErrorForm,
        conventions: &Conventions,
    ) -> Result<Estimate, Absence> {
        if self.exposure == 0.0 {
            return Err(Absence::ZeroDenominator);
        }
        let effect = self.value / self.exposure;
        let (control, treatment) = (
            residual_mean(self.control, effect)?,
            residual_mean(self.treatment, effect)?,
        );
        let variance = self.variance(form, effect, &control, &treatment);
        let comparison = Comparison::new(&control, &treatment, conventions)?;
        comparison.symmetric(effect, libm::sqrt(variance) / self.exposure.abs())
    }

    /// The variance of Δ_Y − τΔ_D in the form that is asked for.
    fn variance(
        &self,
        form: CompliersErrorForm,
        effect: f64,
        control: &SampleMean,
        treatment: &SampleMean,
    ) -> f64 {
        let (n_c, n_t) = (as_double(control.units), as_double(treatment.units));
        let units = n_c + n_t;
        let hc0 =
            control.variance * control.freedom / n_c + treatment.variance * treatment.freedom / n_t;
        let squares =
            control.variance * control.freedom * n_c + treatment.variance * treatment.freedom * n_t;
        let pooled = squares * (1.0 / n_c + 1.0 / n_t);
        match form {
            CompliersErrorForm::Hc0 => hc0,
            CompliersErrorForm::Hc1 => hc0 * units / (units - 2.0),
            CompliersErrorForm::Hc2 => control.variance + treatment.variance,
            CompliersErrorForm::Homoskedastic => pooled / (units - 2.0),
            CompliersErrorForm::HomoskedasticLarge => pooled / units,
            CompliersErrorForm::FixedFirstStage => self.value_variance,
            CompliersErrorForm::NoCovariance => {
                self.value_variance + effect * effect * self.exposure_variance
            }
        }
    }

    fn anderson_rubin(&self) -> Result<Interval, Absence> {
        let square = self.quantile? * self.quantile?;
        let leading = self.exposure * self.exposure - square * self.exposure_variance;
        let middle = self.value * self.exposure - square * self.covariance;
        let constant = self.value * self.value - square * self.value_variance;
        // B² − A·C without the two products of squares that cancel in it.
        let discriminant = square
            * (self.exposure * self.exposure * self.value_variance
                - 2.0 * self.value * self.exposure * self.covariance
                + self.value * self.value * self.exposure_variance
                + square
                    * (self.covariance * self.covariance
                        - self.value_variance * self.exposure_variance));
        if leading == 0.0 && middle == 0.0 && constant > 0.0 {
            // Exposure does not differ at all and the values do: no effect on compliers explains that.
            return Err(Absence::NotApplicable);
        }
        let set = Quadratic {
            leading,
            middle,
            constant,
            // While the leading term is positive the estimate itself is inside: below zero is rounding.
            discriminant: if leading > 0.0 && discriminant < 0.0 {
                0.0
            } else {
                discriminant
            },
        };
        set.at_most_zero(1.0)
    }
}

/// The mean of e = y − τd with n − 1.
fn residual_mean(moments: &Moments, effect: f64) -> Result<SampleMean, Absence> {
    let values = central(moments, VALUE, VALUE)?;
    let products = central(moments, VALUE, EXPOSED)?;
    let exposures = central(moments, EXPOSED, EXPOSED)?;
    let mean = mean_of_quantity(moments, VALUE)? - effect * mean_of_quantity(moments, EXPOSED)?;
    let spread = values - 2.0 * effect * products + effect * effect * exposures;
    let scale = values.abs() + effect * effect * exposures.abs();
    SampleMean::from_central(moments.units, mean, settled(spread, scale), 0)
}

/// Means of compliers (Sommer and Zeger 1991): of the exposed in treatment, and (ȳ_c − (1 − π)·ȳ_unexposed)/π in control.
///
/// # Errors
/// [`Absence::NotApplicable`] when a control unit was exposed; [`Absence::ZeroDenominator`] when no treatment unit was; else
/// as [`SampleMean::of_quantity`].
pub fn complier_means(control: &Moments, treatment: &Moments) -> Result<ComplierMeans, Absence> {
    let control_mean = mean_of_quantity(control, VALUE)?;
    let share = mean_of_quantity(treatment, EXPOSED)?;
    let mean = mean_of_quantity(treatment, VALUE)?;
    if !nobody_exposed(control) {
        return Err(Absence::NotApplicable);
    }
    if share == 0.0 {
        return Err(Absence::ZeroDenominator);
    }
    // Σyd/n = S_yd/n + ȳ·d̄: what the exposed bring to the mean.
    let exposed = central(treatment, VALUE, EXPOSED)? / as_double(treatment.units) + mean * share;
    let means = ComplierMeans {
        share,
        treatment: exposed / share,
        control: (control_mean - (mean - exposed)) / share,
    };
    if means.treatment.is_finite() && means.control.is_finite() {
        Ok(means)
    } else {
        Err(Absence::OutOfRange)
    }
}
