//! Defines the exact comparison of two rates with beta posteriors.
//!
//! It refuses simulation and closed sums: one integral, of a log-concave function, for any number of units.

use super::distribution::beta;
use super::sample_mean::as_double;
use crate::domain::definition::{Direction, RatePrior};
use crate::domain::result::{Absence, Posterior, RatePosterior, RatePosteriors};

/// A beta distribution, and its scale in log-odds.
#[derive(Debug, Clone, Copy)]
struct Beta {
    a: f64,
    b: f64,
}

/// Two rates, each a successes of units, with independent Beta posteriors under the same prior.
///
/// P(B > A) = ∫ f_A·S_B and E[(A − B)⁺] = ∫ F_B·S_A are integrated in the log-odds, where densities and tails of beta
/// distributions are log-concave, by the trapezoidal rule, whose error there falls like exp(−2π²σ²/h²) (Trefethen and
/// Weideman 2014). The smaller of two complementary numbers is integrated and the larger follows from it.
///
/// # Errors
/// [`Absence::NoUnits`] when a variant has none; [`Absence::NotApplicable`] with more successes than units or a level
/// outside (0, 1); [`Absence::OutOfRange`] when a result is no finite double.
pub fn rate_posteriors(
    control: (u64, u64),
    treatment: (u64, u64),
    prior: RatePrior,
    direction: Direction,
    level: f64,
) -> Result<RatePosteriors, Absence> {
    if !(level > 0.0 && level < 1.0) {
        return Err(Absence::NotApplicable);
    }
    let (a, b) = (Beta::after(control, prior)?, Beta::after(treatment, prior)?);
    let (probability_higher, probability_lower) = probabilities(a, b);
    let (gain, loss) = excesses(a, b);
    let ours = RatePosteriors {
        control: a.said(level),
        treatment: b.said(level),
        difference: Posterior {
            mean: b.mean() - a.mean(),
            standard_deviation: libm::hypot(a.deviation(), b.deviation()),
            interval: None,
            probability_better: probability_higher,
            probability_worse: probability_lower,
            loss_if_chosen: loss,
            loss_if_not_chosen: gain,
        },
    };
    let finite = [probability_higher, probability_lower, gain, loss];
    if finite.iter().all(|value| value.is_finite()) {
        Ok(in_direction(ours, direction))
    } else {
        Err(Absence::OutOfRange)
    }
}

/// What was said of an increase, said of the direction that is good.
fn in_direction(mut ours: RatePosteriors, direction: Direction) -> RatePosteriors {
    if direction.sign() < 0.0 {
        let both = &mut ours.difference;
        std::mem::swap(&mut both.probability_better, &mut both.probability_worse);
        std::mem::swap(&mut both.loss_if_chosen, &mut both.loss_if_not_chosen);
    }
    ours
}

impl Beta {
    fn after((successes, units): (u64, u64), prior: RatePrior) -> Result<Self, Absence> {
        if units == 0 {
            return Err(Absence::NoUnits);
        }
        let failures = units.checked_sub(successes).ok_or(Absence::NotApplicable)?;
        Ok(Self {
            a: as_double(successes) + prior.parameter(),
            b: as_double(failures) + prior.parameter(),
        })
    }

    fn mean(self) -> f64 {
        self.a / (self.a + self.b)
    }

    /// √(ab/((a + b)²(a + b + 1))).
    fn deviation(self) -> f64 {
        let n = self.a + self.b;
        libm::sqrt(self.a / n * (self.b / n) / (n + 1.0))
    }

    fn centre(self) -> f64 {
        libm::log(self.a) - libm::log(self.b)
    }

    /// About the standard deviation of the log-odds.
    fn scale(self) -> f64 {
        libm::sqrt(1.0 / self.a + 1.0 / self.b)
    }

    fn ln_density(self, at: f64) -> f64 {
        beta::ln_density_at(at, self.a, self.b)
    }

    fn ln_below(self, at: f64) -> f64 {
        beta::ln_lower_tail_at(at, self.a, self.b)
    }

    fn ln_above(self, at: f64) -> f64 {
        beta::ln_upper_tail_at(at, self.a, self.b)
    }

    fn said(self, level: f64) -> RatePosterior {
        let tail = 0.5 * (1.0 - level);
        RatePosterior {
            mean: self.mean(),
            standard_deviation: self.deviation(),
            lower: beta::quantile(tail, self.a, self.b),
            upper: 1.0 - beta::quantile(tail, self.b, self.a),
        }
    }
}

/// (P(B > A), P(B < A)): the smaller one integrated, over the density of the narrower distribution.
fn probabilities(a: Beta, b: Beta) -> (f64, f64) {
    let higher = b.mean() > a.mean();
    let (low, high) = if higher { (a, b) } else { (b, a) };
    // P(low one > high one), which is at most about one half.
    let smaller = if low.scale() < high.scale() {
        integral(low, high, |at| low.ln_density(at) + high.ln_below(at))
    } else {
        integral(low, high, |at| high.ln_density(at) + low.ln_above(at))
    };
    if higher {
        (1.0 - smaller, smaller)
    } else {
        (smaller, 1.0 - smaller)
    }
}

/// (E[(B − A)⁺], E[(A − B)⁺]): the smaller one integrated, the other by their difference, which is that of the means.
fn excesses(a: Beta, b: Beta) -> (f64, f64) {
    let difference = b.mean() - a.mean();
    let (low, high) = if difference > 0.0 { (a, b) } else { (b, a) };
    // ln of dx/du = x(1 − x) is the density of Beta(1, 1).
    let smaller = integral(low, high, |at| {
        high.ln_below(at) + low.ln_above(at) + beta::ln_density_at(at, 1.0, 1.0)
    });
    if difference > 0.0 {
        (smaller + difference, smaller)
    } else {
        (smaller, smaller - difference)
    }
}

/// ∫ exp(f) over the real line for a concave f whose peak is between two distributions, or near.
///
/// Near the middle f is narrower than the narrower of both by √2 at most, and the rule's error far below rounding; deep in a
/// skewed tail it is narrower still, and a longer step would cost digits.
fn integral(low: Beta, high: Beta, f: impl Fn(f64) -> f64) -> f64 {
    /// Terms smaller than the largest by this many powers of e are not told from none.
    const DEEP: f64 = 40.0;
    let wide = low.scale().max(high.scale());
    let step = (0.25 * low.scale().min(high.scale())).min(0.2);
    let (from, to) = (
        low.centre().min(high.centre()),
        low.centre().max(high.centre()),
    );
    // Near the peak is enough: both sides are followed uphill before they are followed down.
    let start = highest(from - wide, to + wide, step, &f);
    let first = f(start);
    let (mut terms, mut top) = (Vec::with_capacity(64), first);
    terms.push(first);
    for sign in [1.0, -1.0] {
        let mut before = first;
        for index in 1..1_000_000_u32 {
            let term = f(start + sign * step * f64::from(index));
            if term.is_nan() || (term < before && term <= top - DEEP) {
                break;
            }
            terms.push(term);
            top = top.max(term);
            before = term;
        }
    }
    let sum: f64 = terms.iter().map(|term| libm::exp(term - top)).sum();
    libm::exp(top) * step * sum
}

/// About where a concave function is highest, to some steps, by thirds.
fn highest(mut from: f64, mut to: f64, step: f64, f: &impl Fn(f64) -> f64) -> f64 {
    for _ in 0..100 {
        if to - from <= 4.0 * step {
            break;
        }
        let third = (to - from) / 3.0;
        let (left, right) = (from + third, to - third);
        if f(left) < f(right) {
            from = left;
        } else {
            to = right;
        }
    }
    0.5 * (from + to)
}
