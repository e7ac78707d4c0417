//! Defines what an experiment can detect: power, smallest detectable effect, units needed, days left, and how far to believe
//! what it did detect.
//!
//! It refuses the observed effect as a plan: power at what was observed says only what the p-value said already.

use super::distribution::normal;
use super::sequential::Monitoring;
use crate::domain::definition::Magnitude;
use crate::domain::result::Absence;

/// What is known of a metric before, or during, an experiment: per unit, not of a mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    /// The control mean.
    pub mean: f64,
    /// The variance over units of the control, s².
    pub control_variance: f64,
    /// The variance over units of the treatment; the control's where nothing else is known.
    pub treatment_variance: f64,
}

/// What a test must reach: its size, how it is watched, and the power asked of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    /// α of the two-sided test.
    pub alpha: f64,
    /// The power asked for, between α and 1.
    pub power: f64,
    /// How the experiment is watched.
    pub monitoring: Monitoring,
}

/// The power of a two-sided test: P(|Z + δ| > q) with δ = effect/error, on both sides.
///
/// With a sequential quantile it is the power of the one look; crossing at an earlier look adds to it.
#[must_use]
pub fn power(effect: f64, error: f64, quantile: f64) -> f64 {
    let shift = effect.abs() / error;
    normal::upper_tail(quantile - shift) + normal::upper_tail(quantile + shift)
}

/// How much a significant estimate exaggerates the true effect on average, E[|estimate| given significance]/|effect|.
///
/// The type M error of Gelman and Carlin (2014): (φ(q − δ) + δ(1 − Φ(q − δ)) + φ(q + δ) − δ(1 − Φ(q + δ)))/(δ·power).
#[must_use]
pub fn exaggeration(effect: f64, error: f64, quantile: f64) -> f64 {
    let shift = effect.abs() / error;
    let beyond = |bound: f64, mean: f64| {
        // E[(Z + mean)·1{Z > bound}] from the mean excess, which keeps its digits far out.
        normal::expected_excess(bound) + (bound + mean) * normal::upper_tail(bound)
    };
    let expected = beyond(quantile - shift, shift) + beyond(quantile + shift, -shift);
    expected / (shift * power(effect, error, quantile))
}

/// The share of significant improvements that are none: (α/2)(1 − π)/((α/2)(1 − π) + power·π).
///
/// π is the prior share of ideas that improve; half of α, for improvements only (Kohavi, Deng and Vermeer 2022).
///
/// # Errors
/// [`Absence::NotApplicable`] unless π, α and power are in (0, 1).
pub fn false_positive_risk(prior: f64, alpha: f64, power: f64) -> Result<f64, Absence> {
    if [prior, alpha, power]
        .iter()
        .all(|share| *share > 0.0 && *share < 1.0)
    {
        let (false_ones, true_ones) = (0.5 * alpha * (1.0 - prior), power * prior);
        Ok(false_ones / (false_ones + true_ones))
    } else {
        Err(Absence::NotApplicable)
    }
}

/// Days until a total is reached at this many units a day; none when it has been.
///
/// `needed` comes from the planned effect, as [`Baseline::units_needed`] gives it, both variants together.
///
/// # Errors
/// [`Absence::NotApplicable`] when units are missing and none arrive; [`Absence::OutOfRange`] beyond doubles.
pub fn days_left(needed: f64, present: f64, a_day: f64) -> Result<f64, Absence> {
    if needed <= present {
        return Ok(0.0);
    }
    if a_day.is_nan() || a_day <= 0.0 {
        return Err(Absence::NotApplicable);
    }
    let days = (needed - present) / a_day;
    if days.is_finite() {
        Ok(days)
    } else {
        Err(Absence::OutOfRange)
    }
}

impl Demand {
    /// z of the power asked for.
    fn reach(&self) -> Result<f64, Absence> {
        if self.alpha > 0.0 && self.power > self.alpha && self.power < 1.0 {
            Ok(-normal::upper_quantile(self.power))
        } else {
            Err(Absence::NotApplicable)
        }
    }

    /// The quantile at one look.
    fn at_one_look(&self) -> Result<f64, Absence> {
        if self.alpha > 0.0 && self.alpha < 1.0 {
            Ok(normal::upper_quantile(0.5 * self.alpha))
        } else {
            Err(Absence::NotApplicable)
        }
    }

    /// The quantile at this many units of both variants and this variance of the difference: `at_one_look` where nothing watches.
    fn quantile(
        &self,
        at_one_look: f64,
        units: f64,
        variance: f64,
        mean: f64,
    ) -> Result<f64, Absence> {
        let (_, watched) = self.monitoring.rule(self.alpha, units, variance, mean)?;
        Ok(watched.unwrap_or(at_one_look))
    }
}

impl Baseline {
    /// The standard error of the difference at these units a variant, or of the lift by the delta method.
    ///
    /// A lift's is that at the planned effect e: se² = s_t²/(ȳ_c² n_t) + (1 + e)²s_c²/(ȳ_c² n_c) with the sign of ȳ_c.
    ///
    /// # Errors
    /// [`Absence::NoUnits`], [`Absence::ZeroControlMean`] of a lift, [`Absence::ZeroVariance`], [`Absence::OutOfRange`].
    pub fn error(&self, effect: Magnitude, control: f64, treatment: f64) -> Result<f64, Absence> {
        let (of_control, of_treatment) = self.variances(effect, control, treatment)?;
        let weight = match effect {
            Magnitude::Absolute(_) => 1.0,
            Magnitude::Relative(size) => 1.0 + self.mean.signum() * size,
        };
        let error = libm::sqrt(of_treatment + weight * weight * of_control);
        if error == 0.0 {
            Err(Absence::ZeroVariance)
        } else if error.is_finite() {
            Ok(error)
        } else {
            Err(Absence::OutOfRange)
        }
    }

    /// Variances of both means, over the squared control mean for a lift.
    fn variances(
        &self,
        effect: Magnitude,
        control: f64,
        treatment: f64,
    ) -> Result<(f64, f64), Absence> {
        if !(control > 0.0 && treatment > 0.0) {
            return Err(Absence::NoUnits);
        }
        let scale = match effect {
            Magnitude::Absolute(_) => 1.0,
            Magnitude::Relative(_) if self.mean == 0.0 => return Err(Absence::ZeroControlMean),
            Magnitude::Relative(_) => self.mean,
        };
        let squared = scale * scale;
        Ok((
            self.control_variance / control / squared,
            self.treatment_variance / treatment / squared,
        ))
    }

    /// The power at a planned effect and these units a variant.
    ///
    /// # Errors
    /// As [`Baseline::error`] and as the family that watches has it.
    pub fn power(
        &self,
        effect: Magnitude,
        control: f64,
        treatment: f64,
        demand: &Demand,
    ) -> Result<f64, Absence> {
        let (Magnitude::Absolute(size) | Magnitude::Relative(size)) = effect;
        let error = self.error(effect, control, treatment)?;
        let absolute = self.error(Magnitude::Absolute(size), control, treatment)?;
        let variance = absolute * absolute;
        let at_one_look = demand.at_one_look()?;
        let quantile = demand.quantile(at_one_look, control + treatment, variance, self.mean)?;
        Ok(power(size, error, quantile))
    }

    /// The smallest effect that is detected with the power asked for: in the metric's unit, or as a fraction.
    ///
    /// (q + z_power)·se, without the tail of the wrong sign. Of a lift, whose error grows with it, the root of
    /// e² = k²(A + (1 + e)²B): e = k(kB + √(A + B − k²AB))/(1 − k²B), k = q + z_power, A and B the variances over ȳ_c². Of an effect
    /// away from zero: an increase, or a decrease where the control mean is negative.
    ///
    /// # Errors
    /// As [`Baseline::error`]; [`Absence::OutOfRange`] when no lift however large is detected.
    pub fn smallest_detectable(
        &self,
        relative: bool,
        control: f64,
        treatment: f64,
        demand: &Demand,
    ) -> Result<f64, Absence> {
        let absolute = self.error(Magnitude::Absolute(0.0), control, treatment)?;
        let (reach, at_one_look) = (demand.reach()?, demand.at_one_look()?);
        let (units, variance) = (control + treatment, absolute * absolute);
        let k = reach + demand.quantile(at_one_look, units, variance, self.mean)?;
        if !relative {
            return Ok(k * absolute);
        }
        let (b, a) = self.variances(Magnitude::Relative(0.0), control, treatment)?;
        let left = 1.0 - k * k * b;
        if left.is_nan() || left <= 0.0 {
            return Err(Absence::OutOfRange);
        }
        Ok(k * (k * b + libm::sqrt(a + b - k * k * a * b)) / left)
    }

    /// Units needed (control, treatment) to detect a planned effect when units are split by these weights.
    ///
    /// N = k²(s_t²/w_t + (1 + e)²s_c²/w_c)/effect² with weights summing to one; with a sequential family k depends on N and N
    /// is found by bisection. Rounded up.
    ///
    /// # Errors
    /// As [`Baseline::error`]; [`Absence::NotApplicable`] for no effect, or weights not above zero.
    pub fn units_needed(
        &self,
        effect: Magnitude,
        weights: (f64, f64),
        demand: &Demand,
    ) -> Result<(f64, f64), Absence> {
        let (Magnitude::Absolute(size) | Magnitude::Relative(size)) = effect;
        let total = weights.0 + weights.1;
        let usable = weights.0 > 0.0 && weights.1 > 0.0 && total.is_finite();
        if !usable || size == 0.0 || !size.is_finite() {
            return Err(Absence::NotApplicable);
        }
        let (control, treatment) = (weights.0 / total, weights.1 / total);
        let (reach, at_one_look) = (demand.reach()?, demand.at_one_look()?);
        let high = smallest_enough(|units| {
            let (c, t) = (control * units, treatment * units);
            let absolute = self.error(Magnitude::Absolute(size), c, t)?;
            let variance = absolute * absolute;
            let k = reach + demand.quantile(at_one_look, units, variance, self.mean)?;
            Ok(size.abs() >= k * self.error(effect, c, t)?)
        })?;
        // A whole number that bisection met from above is not one more.
        let up = |units: f64| libm::ceil(units * (1.0 - 1e-10));
        Ok((up(control * high), up(treatment * high)))
    }
}

/// The smallest number from which on there is enough, to 1e-12 of itself, by bisection between powers of four.
fn smallest_enough(enough: impl Fn(f64) -> Result<bool, Absence>) -> Result<f64, Absence> {
    let (mut low, mut high) = (0.0, 4.0);
    while !enough(high)? {
        (low, high) = (high, high * 4.0);
        if high > 1e18 {
            return Err(Absence::OutOfRange);
        }
    }
    while high - low > 1e-12 * high {
        let middle = 0.5 * (low + high);
        if enough(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}
