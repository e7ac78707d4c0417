//! Defines the difference of two proportions from counts, by the tests and intervals that tools use.
//!
//! It refuses to be the default: the difference of means on 0 and 1 is. These are for reproducing other tools, and for counts
//! so small that only an exact test or a score interval can be trusted.

use super::distribution::normal;
use super::exact_mass::{SMALLEST_EXPECTED, table_p_value};
use super::p_value::p_value_from_ln;
use super::proportion_intervals::{agresti_caffo, miettinen_nurminen, newcombe};
use super::sample_mean::{SampleMean, as_double, mean_of_quantity};
use crate::domain::definition::ProportionMethod;
use crate::domain::evidence::Moments;
use crate::domain::result::{Absence, Estimate, Interval, PValue, ProportionDifference};

/// Units of one variant, and how many of them have something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proportion {
    pub(super) with: u64,
    pub(super) units: u64,
}

impl Proportion {
    /// `with` of `units`.
    ///
    /// # Errors
    /// [`Absence::NoUnits`] without a unit; [`Absence::NotApplicable`] when more have it than there are.
    pub const fn new(with: u64, units: u64) -> Result<Self, Absence> {
        if units == 0 {
            Err(Absence::NoUnits)
        } else if with > units {
            Err(Absence::NotApplicable)
        } else {
            Ok(Self { with, units })
        }
    }

    /// Of moments of 0 and 1: x is n·ȳ, which is whole.
    ///
    /// # Errors
    /// As [`Proportion::new`], and [`Absence::NotApplicable`] when the mean is no share.
    pub fn of(moments: &Moments) -> Result<Self, Absence> {
        let mean = mean_of_quantity(moments, 0)?;
        if !(0.0..=1.0).contains(&mean) {
            return Err(Absence::NotApplicable);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between zero and the number of units"
        )]
        let with = libm::round(mean * moments.n()) as u64;
        Self::new(with, moments.units)
    }

    /// x, units that have it.
    #[must_use]
    pub const fn with(self) -> u64 {
        self.with
    }

    /// n.
    #[must_use]
    pub const fn units(self) -> u64 {
        self.units
    }

    /// The share x/n.
    #[must_use]
    pub fn rate(self) -> f64 {
        self.x() / self.n()
    }

    /// The same as a mean of 0 and 1 with the variance p(1 − p)/n: s² with n, not n − 1.
    #[must_use]
    pub fn sample_mean(self) -> SampleMean {
        SampleMean {
            units: self.units,
            mean: self.rate(),
            variance: self.variance(),
            freedom: self.n() - 1.0,
        }
    }

    pub(super) fn x(self) -> f64 {
        as_double(self.with)
    }

    pub(super) fn n(self) -> f64 {
        as_double(self.units)
    }

    /// The share without it, with its own digits.
    pub(super) fn complement(self) -> f64 {
        as_double(self.units - self.with) / self.n()
    }

    /// p(1 − p)/n, the variance of the rate.
    fn variance(self) -> f64 {
        self.rate() * self.complement() / self.n()
    }
}

/// Difference of two proportions, treatment − control, with interval and p-value by `method`, always with the normal.
///
/// - Pooled z: p̄ over both variants, se² = p̄(1 − p̄)(1/n_t + 1/n_c); its square is Pearson's χ² (1900).
/// - Unpooled z: se² = p_t(1 − p_t)/n_t + p_c(1 − p_c)/n_c, with n or n − 1.
/// - χ²: the pooled test with the unpooled interval (R's `prop.test`, Spotify Confidence); the two can disagree.
/// - Yates (1934): |Δ| less ½(1/n_t + 1/n_c), never below zero, in the test; the interval is wider by as much.
/// - Newcombe (1998, method 10); its p is the level at which the interval reaches zero.
/// - Agresti and Caffo (2000); its p is of the shrunken difference that the interval is around.
/// - Miettinen and Nurminen (1985), with N/(N − 1); its p is of the score test at zero, to which the interval is dual.
///
/// The pooled and χ² tests give Fisher's exact p where an expected count is below 5 (`exact`); the interval stays the
/// method's. The standard error is absent where the interval has none.
///
/// # Errors
/// [`Absence::NotApplicable`] when the level is not inside (0, 1) or the exact test cannot be enumerated;
/// [`Absence::ZeroVariance`] when a z test has no variance to judge by; [`Absence::TooFewUnits`] for n − 1 with one unit.
pub fn proportion_difference(
    control: Proportion,
    treatment: Proportion,
    method: ProportionMethod,
    level: f64,
) -> Result<ProportionDifference, Absence> {
    if !(level > 0.0 && level < 1.0) {
        return Err(Absence::NotApplicable);
    }
    let pair = Pair {
        control,
        treatment,
        quantile: normal::upper_quantile(0.5 * (1.0 - level)),
    };
    let inexact = |estimate: Estimate| ProportionDifference {
        estimate,
        exact: false,
    };
    match method {
        ProportionMethod::PooledZ => pair.chi_square(pair.pooled(), 0.0),
        ProportionMethod::PooledZYates => pair.chi_square(pair.pooled(), pair.continuity()),
        ProportionMethod::ChiSquare => pair.chi_square(pair.unpooled(), 0.0),
        ProportionMethod::ChiSquareYates => pair.chi_square(pair.unpooled(), pair.continuity()),
        ProportionMethod::UnpooledZ => pair.wald(pair.unpooled(), 0.0).map(inexact),
        ProportionMethod::UnpooledZSample => pair.wald(pair.unpooled_sample()?, 0.0).map(inexact),
        ProportionMethod::UnpooledZYates => {
            pair.wald(pair.unpooled(), pair.continuity()).map(inexact)
        }
        ProportionMethod::Newcombe => newcombe(&pair).map(inexact),
        ProportionMethod::AgrestiCaffo => agresti_caffo(&pair).map(inexact),
        ProportionMethod::MiettinenNurminen => miettinen_nurminen(&pair).map(inexact),
    }
}

/// Fisher's exact test (1935), two-sided: the mass of all tables with these margins that are no likelier than this one.
///
/// # Errors
/// [`Absence::NotApplicable`] when there are too many tables to enumerate.
pub fn fisher_exact(control: Proportion, treatment: Proportion) -> Result<PValue, Absence> {
    let with = [control.with, treatment.with];
    let of = [control.units, treatment.units];
    let ln_p = table_p_value(&with, &of).ok_or(Absence::NotApplicable)?;
    p_value_from_ln(ln_p)
}

/// Two proportions and the normal quantile at the level.
pub(super) struct Pair {
    pub(super) control: Proportion,
    pub(super) treatment: Proportion,
    pub(super) quantile: f64,
}

impl Pair {
    /// p_t − p_c, from integers, so that near rates do not cancel.
    pub(super) fn difference(&self) -> f64 {
        let cross =
            |one: Proportion, other: Proportion| i128::from(one.with) * i128::from(other.units);
        let numerator = cross(self.treatment, self.control) - cross(self.control, self.treatment);
        #[expect(
            clippy::cast_precision_loss,
            reason = "the single rounding of an exact integer"
        )]
        let numerator = numerator as f64;
        numerator / (self.treatment.n() * self.control.n())
    }

    /// 1/n_t + 1/n_c.
    fn shares(&self) -> f64 {
        1.0 / self.treatment.n() + 1.0 / self.control.n()
    }

    /// The rate over both variants and the rate without.
    fn pooled_rates(&self) -> (f64, f64) {
        let units = self.control.n() + self.treatment.n();
        let with = self.control.x() + self.treatment.x();
        (with / units, (units - with) / units)
    }

    pub(super) fn pooled(&self) -> f64 {
        let (rate, complement) = self.pooled_rates();
        rate * complement * self.shares()
    }

    fn unpooled(&self) -> f64 {
        self.control.variance() + self.treatment.variance()
    }

    fn unpooled_sample(&self) -> Result<f64, Absence> {
        let one = |variant: Proportion| {
            if variant.units < 2 {
                return Err(Absence::TooFewUnits);
            }
            Ok(variant.rate() * variant.complement() / (variant.n() - 1.0))
        };
        Ok(one(self.control)? + one(self.treatment)?)
    }

    /// Yates' correction of the difference, never more than the difference.
    fn continuity(&self) -> f64 {
        (0.5 * self.shares()).min(self.difference().abs())
    }

    /// The difference ± (q·se + continuity), and the p-value of (|Δ| − continuity)/se.
    fn wald(&self, variance: f64, continuity: f64) -> Result<Estimate, Absence> {
        if variance <= 0.0 {
            return Err(Absence::ZeroVariance);
        }
        let standard_error = libm::sqrt(variance);
        let difference = self.difference();
        let margin = self.quantile * standard_error + continuity;
        Ok(Estimate {
            estimate: difference,
            standard_error: Some(standard_error),
            degrees_of_freedom: None,
            interval: Interval::Between {
                lower: difference - margin,
                upper: difference + margin,
            },
            p_value: normal_p((difference.abs() - continuity) / standard_error)?,
        })
    }

    /// The pooled test, or Fisher's where counts are small, with the interval of `variance`.
    fn chi_square(&self, variance: f64, continuity: f64) -> Result<ProportionDifference, Absence> {
        let test = self.wald(self.pooled(), continuity)?;
        let shown = self.wald(variance, continuity)?;
        let exact = self.smallest_expected() < SMALLEST_EXPECTED;
        let p_value = if exact {
            fisher_exact(self.control, self.treatment)?
        } else {
            test.p_value
        };
        Ok(ProportionDifference {
            estimate: Estimate { p_value, ..shown },
            exact,
        })
    }

    fn smallest_expected(&self) -> f64 {
        let (rate, complement) = self.pooled_rates();
        rate.min(complement) * self.control.n().min(self.treatment.n())
    }
}

/// The two-sided p-value of a normal statistic.
pub(super) fn normal_p(statistic: f64) -> Result<PValue, Absence> {
    p_value_from_ln(normal::ln_two_sided(statistic))
}
