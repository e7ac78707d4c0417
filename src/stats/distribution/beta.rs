//! Defines the beta distribution's tails: the regularised incomplete beta function.

use super::fraction::continued_fraction;
use super::gamma::{HALF_LN_TWO_PI, deviance, stirling_remainder};
use super::normal;

/// The share of Beta(a, b) below `x`: I_x(a, b), for a, b > 0 and x in [0, 1].
///
/// The continued fraction of DiDonato and Morris (1992, ACM TOMS 18:360) on the side where it converges fast, the
/// complement on the other; the factor before it by Loader's saddle-point form (2000).
#[must_use]
pub fn lower_tail(x: f64, a: f64, b: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && (0.0..=1.0).contains(&x)) {
        return f64::NAN;
    }
    let y = 1.0 - x;
    if x == 0.0 {
        0.0
    } else if y == 0.0 {
        1.0
    } else if x <= (a + 1.0) / (a + b + 2.0) {
        libm::exp(ln_factor(a, b, x, y)) / fraction(a, b, x, y)
    } else {
        1.0 - libm::exp(ln_factor(b, a, y, x)) / fraction(b, a, y, x)
    }
}

/// The share of Beta(a, b) above `x`.
#[must_use]
pub fn upper_tail(x: f64, a: f64, b: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && (0.0..=1.0).contains(&x)) {
        return f64::NAN;
    }
    let y = 1.0 - x;
    if x == 0.0 {
        1.0
    } else if y == 0.0 {
        0.0
    } else if x <= (a + 1.0) / (a + b + 2.0) {
        1.0 - libm::exp(ln_factor(a, b, x, y)) / fraction(a, b, x, y)
    } else {
        libm::exp(ln_factor(b, a, y, x)) / fraction(b, a, y, x)
    }
}

/// The natural logarithm of the share of Beta(a, b) below the point whose log-odds are `logit`.
#[must_use]
pub fn ln_lower_tail_at(logit: f64, a: f64, b: f64) -> f64 {
    if !(a > 0.0 && b > 0.0) || logit.is_nan() {
        return f64::NAN;
    }
    let (x, y) = odds(logit);
    if x <= (a + 1.0) / (a + b + 2.0) {
        ln_density_at(logit, a, b) - libm::log(fraction(a, b, x, y))
    } else {
        let above = libm::exp(ln_density_at(-logit, b, a)) / fraction(b, a, y, x);
        libm::log1p(-above)
    }
}

/// The natural logarithm of the share above.
#[must_use]
pub fn ln_upper_tail_at(logit: f64, a: f64, b: f64) -> f64 {
    ln_lower_tail_at(-logit, b, a)
}

/// The natural logarithm of the density of the log-odds, x^a·y^b / B(a, b).
#[must_use]
pub fn ln_density_at(logit: f64, a: f64, b: f64) -> f64 {
    let (x, y) = odds(logit);
    ln_factor(a, b, x, y)
}

/// The point below which a share `p` of Beta(a, b) lies, 0 < p < 1.
///
/// Newton's method on the logarithm of the smaller tail as a function of the log-odds, which is concave: from the second
/// step on it comes to the root from one side.
#[must_use]
pub fn quantile(p: f64, a: f64, b: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && p > 0.0 && p < 1.0) {
        return f64::NAN;
    }
    if p > 0.5 {
        odds(logit_quantile(1.0 - p, b, a)).1
    } else {
        odds(logit_quantile(p, a, b)).0
    }
}

/// From about where the log-odds' normal approximation has it.
fn logit_quantile(p: f64, a: f64, b: f64) -> f64 {
    /// Of the scale of the log-odds: each step leaves about the square of its size, after one that small nothing.
    const LAST: f64 = 1e-9;
    let target = libm::log(p);
    let scale = libm::sqrt(1.0 / a + 1.0 / b);
    let mut logit = libm::log(a) - libm::log(b) - scale * normal::upper_quantile(p);
    for _ in 0..200 {
        let ln_tail = ln_lower_tail_at(logit, a, b);
        let slope = libm::exp(ln_density_at(logit, a, b) - ln_tail);
        let step = (target - ln_tail) / slope;
        if !step.is_finite() {
            break;
        }
        logit += step;
        if step.abs() <= LAST * scale {
            break;
        }
    }
    logit
}

/// (x, 1 − x) of log-odds, each with its own digits.
fn odds(logit: f64) -> (f64, f64) {
    (
        1.0 / (1.0 + libm::exp(-logit)),
        1.0 / (1.0 + libm::exp(logit)),
    )
}

/// x^a·y^b / (B(a, b)·I_x(a, b)), as the even part of the continued fraction DLMF 8.17.22.
pub(super) fn fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let excess = a * y - b * x;
    let under = |n: f64| {
        n + n * (b - n) * x / (a + 2.0 * n - 1.0)
            + (a + n) / (a + 2.0 * n + 1.0) * (excess + 1.0 + n * (1.0 + y))
    };
    continued_fraction(a / (a + 1.0) * (excess + 1.0), |n| {
        let below = a + 2.0 * n - 1.0;
        let over = (a + n - 1.0) / below * ((a + b + n - 1.0) / below) * n * (b - n) * x * x;
        (over, under(n))
    })
}

/// ln of x^a·y^b / B(a, b): the binomial mass of a in a + b, times a·b/(a + b).
fn ln_factor(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let remainders = stirling_remainder(n) - stirling_remainder(a) - stirling_remainder(b);
    let deviances = deviance(a, n * x) + deviance(b, n * y);
    remainders - deviances + 0.5 * (libm::log(a) + libm::log(b / n)) - HALF_LN_TWO_PI
}
