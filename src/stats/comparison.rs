//! Defines two variants under the conventions in force: what the difference, the lift and the guardrail share.
//!
//! They all take their quantile, degrees of freedom and variances from here, so none can decide otherwise than the rest.

use super::correlated::Correlated;
use super::distribution::{normal, student_t};
use super::p_value::p_value_from_ln;
use super::sample_mean::{SampleMean, as_double};
use super::sequential::{self, Monitoring, Rule, p_value_of_mixture};
use crate::domain::definition::{Conventions, ReferenceDistribution, RelativeMethod, VarianceForm};
use crate::domain::result::{Absence, Estimate, Interval, PValue};

/// Two means with the variances that the conventions give them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    pub(super) control: f64,
    pub(super) treatment: f64,
    pub(super) control_variance: f64,
    pub(super) treatment_variance: f64,
    /// Covariance of the two means: zero where the variants are independent.
    pub(super) covariance: f64,
    /// Degrees of freedom of the control's variance.
    control_freedom: f64,
    /// Degrees of freedom of the treatment's variance.
    treatment_freedom: f64,
    /// Absent where the reference is normal.
    pub(super) freedom: Option<f64>,
    /// The two-sided quantile at the level: the reference distribution's, or what a sequential family puts in its place.
    pub(super) quantile: f64,
    /// Where p-values come from.
    pub(super) rule: Rule,
    pub(super) relative_method: RelativeMethod,
    variance_form: VarianceForm,
    /// α/2 of the level.
    tail: f64,
}

impl Comparison {
    /// Two variants under conventions.
    ///
    /// Welch: a variance each, degrees of freedom by Welch (1947) and Satterthwaite (1946),
    /// (v_t + v_c)² / (v_t²/f_t + v_c²/f_c). Pooled (Student 1908): one s² = (f_t s_t² + f_c s_c²)/(f_t + f_c) for both.
    ///
    /// # Errors
    /// [`Absence::ZeroVariance`] when neither variant varies: there is nothing to judge by. [`Absence::NotApplicable`] when
    /// the level is not inside (0, 1). [`Absence::OutOfRange`] when a mean, variance or quantile is no finite double.
    pub fn new(
        control: &SampleMean,
        treatment: &SampleMean,
        conventions: &Conventions,
    ) -> Result<Self, Absence> {
        Self::monitored(control, treatment, conventions, &Monitoring::Fixed)
    }

    /// Two variants under conventions, watched: a sequential family's quantile and p-values govern all that follows.
    ///
    /// Its theory is normal, so there are no degrees of freedom but under [`Monitoring::Fixed`], which is
    /// [`Comparison::new`].
    ///
    /// # Errors
    /// As [`Comparison::new`], and as the family has it: [`Absence::NotApplicable`] when it is not tuned to anything.
    pub fn monitored(
        control: &SampleMean,
        treatment: &SampleMean,
        conventions: &Conventions,
        monitoring: &Monitoring,
    ) -> Result<Self, Absence> {
        let (control_variance, treatment_variance, freedom) = match conventions.variance {
            VarianceForm::Welch => (
                control.variance,
                treatment.variance,
                satterthwaite(
                    (control.variance, control.freedom),
                    (treatment.variance, treatment.freedom),
                ),
            ),
            VarianceForm::Pooled => pooled(control, treatment),
        };
        let sides = Self {
            control: control.mean,
            treatment: treatment.mean,
            control_variance,
            treatment_variance,
            covariance: 0.0,
            control_freedom: control.freedom,
            treatment_freedom: treatment.freedom,
            ..Self::unjudged(conventions)
        };
        let units = as_double(control.units) + as_double(treatment.units);
        sides.judged(freedom, units, conventions, monitoring)
    }

    /// A difference and a control mean that are not independent of each other, under conventions and watched; the form of the
    /// variance and its degrees of freedom are the pair's own.
    ///
    /// # Errors
    /// As [`Comparison::monitored`].
    pub fn correlated(
        pair: &Correlated,
        conventions: &Conventions,
        monitoring: &Monitoring,
    ) -> Result<Self, Absence> {
        let sides = Self {
            control: pair.control,
            treatment: pair.control + pair.difference,
            control_variance: pair.control_variance,
            // Var(Δ + c) and Cov(Δ + c, c).
            treatment_variance: (pair.difference_variance
                + 2.0 * pair.covariance
                + pair.control_variance)
                .max(0.0),
            covariance: pair.covariance + pair.control_variance,
            control_freedom: pair.freedom,
            treatment_freedom: pair.freedom,
            variance_form: VarianceForm::Pooled,
            ..Self::unjudged(conventions)
        };
        sides.judged(pair.freedom, as_double(pair.units), conventions, monitoring)
    }

    /// Nothing yet, but what conventions say.
    fn unjudged(conventions: &Conventions) -> Self {
        Self {
            control: 0.0,
            treatment: 0.0,
            control_variance: 0.0,
            treatment_variance: 0.0,
            covariance: 0.0,
            control_freedom: 0.0,
            treatment_freedom: 0.0,
            freedom: None,
            quantile: 0.0,
            rule: Rule::Reference,
            relative_method: conventions.relative,
            variance_form: conventions.variance,
            tail: conventions.alpha() / 2.0,
        }
    }

    /// With its quantile, its degrees of freedom, and where its p-values come from.
    fn judged(
        self,
        freedom: f64,
        units: f64,
        conventions: &Conventions,
        monitoring: &Monitoring,
    ) -> Result<Self, Absence> {
        if !(conventions.level > 0.0 && conventions.level < 1.0) {
            return Err(Absence::NotApplicable);
        }
        let variance = self.variance_of(1.0);
        if variance == 0.0 {
            return Err(Absence::ZeroVariance);
        }
        let (rule, watched) =
            monitoring.rule(conventions.alpha(), units, variance, self.control)?;
        let freedom = match conventions.reference {
            ReferenceDistribution::StudentT if watched.is_none() => Some(freedom),
            ReferenceDistribution::StudentT | ReferenceDistribution::Normal => None,
        };
        let quantile = watched.unwrap_or_else(|| quantile(self.tail, freedom));
        let finite = [
            self.control,
            self.treatment,
            variance,
            self.control_variance,
            self.covariance,
            freedom.unwrap_or(0.0),
            quantile,
        ];
        if !finite.iter().all(|value| value.is_finite()) {
            return Err(Absence::OutOfRange);
        }
        Ok(Self {
            freedom,
            quantile,
            rule,
            ..self
        })
    }

    /// Var(ȳ_t − w·ȳ_c).
    pub(super) fn variance_of(&self, weight: f64) -> f64 {
        let independent = self.treatment_variance + weight * weight * self.control_variance;
        if self.covariance == 0.0 {
            return independent;
        }
        (independent - 2.0 * weight * self.covariance).max(0.0)
    }

    /// The standard error of ȳ_t − w·ȳ_c, which neither overflows nor vanishes.
    pub(super) fn error_of(&self, weight: f64) -> f64 {
        if self.covariance == 0.0 {
            let control = weight * libm::sqrt(self.control_variance);
            return libm::hypot(libm::sqrt(self.treatment_variance), control);
        }
        libm::sqrt(self.variance_of(weight))
    }

    /// The same variants on another scale: f(ȳ), f′(ȳ)²·v of both and f′·f′·Cov, with the degrees of freedom found anew by
    /// Welch's formula and kept where the variance is not a variant's own.
    pub(super) fn on_scale(
        &self,
        control: (f64, f64),
        treatment: (f64, f64),
        covariance: f64,
    ) -> Result<Self, Absence> {
        let freedom = match self.variance_form {
            VarianceForm::Pooled => self.freedom,
            VarianceForm::Welch => self.freedom.map(|_| {
                satterthwaite(
                    (control.1, self.control_freedom),
                    (treatment.1, self.treatment_freedom),
                )
            }),
        };
        let scaled = Self {
            control: control.0,
            control_variance: control.1,
            treatment: treatment.0,
            treatment_variance: treatment.1,
            covariance,
            freedom,
            // What watches keeps its quantile on every scale; only the reference distribution's has degrees of freedom.
            quantile: match freedom {
                Some(_) => quantile(self.tail, freedom),
                None => self.quantile,
            },
            ..*self
        };
        let variance = scaled.variance_of(1.0);
        if variance == 0.0 {
            Err(Absence::ZeroVariance)
        } else if variance.is_finite() && scaled.quantile.is_finite() {
            Ok(scaled)
        } else {
            Err(Absence::OutOfRange)
        }
    }

    /// The variances of the control mean and of the treatment mean, without what both share: their sum is that of the difference.
    #[must_use]
    pub fn variances(&self) -> (f64, f64) {
        let own = |variance: f64| (variance - self.covariance).max(0.0);
        (own(self.control_variance), own(self.treatment_variance))
    }

    /// The same with another interval of the lift.
    #[must_use]
    pub const fn with_relative(self, relative_method: RelativeMethod) -> Self {
        Self {
            relative_method,
            ..self
        }
    }

    /// The control mean.
    #[must_use]
    pub const fn control_mean(&self) -> f64 {
        self.control
    }

    /// The treatment mean.
    #[must_use]
    pub const fn treatment_mean(&self) -> f64 {
        self.treatment
    }

    /// Degrees of freedom; absent where the reference is normal.
    #[must_use]
    pub const fn degrees_of_freedom(&self) -> Option<f64> {
        self.freedom
    }

    /// The two-sided quantile at the level, or what a sequential family puts in its place.
    #[must_use]
    pub const fn quantile(&self) -> f64 {
        self.quantile
    }

    /// Whether the control mean is clearly not zero: |ȳ_c| > q·√v_c, the condition for Fieller's set to be an interval.
    #[must_use]
    pub fn control_is_clearly_not_zero(&self) -> bool {
        self.control.abs() > self.quantile * libm::sqrt(self.control_variance)
    }

    /// The two-sided p-value of a statistic: below α exactly where its size is beyond the quantile.
    pub(super) fn two_sided(&self, statistic: f64) -> Result<PValue, Absence> {
        match &self.rule {
            Rule::Reference => p_value_from_ln(self.freedom.map_or_else(
                || normal::ln_two_sided(statistic),
                |freedom| student_t::ln_two_sided(statistic, freedom),
            )),
            Rule::Mixture(information) => p_value_of_mixture(*information, statistic),
            Rule::Look(look) => look.p_value(statistic),
        }
    }

    /// The one-sided p-value of a statistic against "not above zero".
    ///
    /// Of a group-sequential look, half the two-sided one: each side spends half of α by itself.
    pub(super) fn one_sided(&self, statistic: f64) -> Result<PValue, Absence> {
        match &self.rule {
            Rule::Reference => p_value_from_ln(self.freedom.map_or_else(
                || normal::ln_upper_tail(statistic),
                |freedom| student_t::ln_upper_tail(statistic, freedom),
            )),
            Rule::Mixture(information) => {
                p_value_from_ln(sequential::mixture::ln_one_sided_p(*information, statistic))
            }
            Rule::Look(look) => {
                let both = look.p_value(statistic)?.log10_p * std::f64::consts::LN_10;
                let half = both - std::f64::consts::LN_2;
                p_value_from_ln(if statistic > 0.0 {
                    half
                } else {
                    libm::log1p(-libm::exp(half))
                })
            }
        }
    }

    /// The estimate ± quantile × standard error, and its p-value against zero.
    pub(super) fn symmetric(
        &self,
        estimate: f64,
        standard_error: f64,
    ) -> Result<Estimate, Absence> {
        if standard_error == 0.0 {
            return Err(Absence::ZeroVariance);
        }
        let margin = self.quantile * standard_error;
        let (lower, upper) = (estimate - margin, estimate + margin);
        if !(lower.is_finite() && upper.is_finite()) {
            return Err(Absence::OutOfRange);
        }
        Ok(Estimate {
            estimate,
            standard_error: Some(standard_error),
            degrees_of_freedom: self.freedom,
            interval: Interval::Between { lower, upper },
            p_value: self.two_sided(estimate / standard_error)?,
        })
    }
}

/// The reference distribution's two-sided quantile with α/2 in each tail.
fn quantile(tail: f64, freedom: Option<f64>) -> f64 {
    freedom.map_or_else(
        || normal::upper_quantile(tail),
        |freedom| student_t::upper_quantile(tail, freedom),
    )
}

/// Welch–Satterthwaite degrees of freedom from shares of the variance, which neither overflow nor vanish; each variant is
/// its variance of the mean and that variance's degrees of freedom.
pub(super) fn satterthwaite(control: (f64, f64), treatment: (f64, f64)) -> f64 {
    let largest = control.0.max(treatment.0);
    if largest == 0.0 {
        return control.1 + treatment.1;
    }
    let (c, t) = (control.0 / largest, treatment.0 / largest);
    (c + t) * (c + t) / (c * c / control.1 + t * t / treatment.1)
}

/// Variances of both means from one pooled s², and its degrees of freedom.
fn pooled(control: &SampleMean, treatment: &SampleMean) -> (f64, f64, f64) {
    let freedom = control.freedom + treatment.freedom;
    let (control_units, treatment_units) = (as_double(control.units), as_double(treatment.units));
    let spread = control.variance * control_units * (control.freedom / freedom)
        + treatment.variance * treatment_units * (treatment.freedom / freedom);
    (spread / control_units, spread / treatment_units, freedom)
}
