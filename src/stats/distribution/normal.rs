//! Defines the standard normal distribution: tails, their logarithms, and quantiles.

use super::fraction::continued_fraction;
use super::gamma::HALF_LN_TWO_PI;
use super::inversion::{self, Symmetric};
use std::f64::consts::{FRAC_1_SQRT_2, LN_2};

/// From here on the tail is taken from its continued fraction, in logarithms.
const FAR: f64 = 5.0;

/// The share of the distribution above `z`: 1 − Φ(z).
#[must_use]
pub fn upper_tail(z: f64) -> f64 {
    if z < FAR {
        0.5 * libm::erfc(z * FRAC_1_SQRT_2)
    } else {
        libm::exp(ln_upper_tail(z))
    }
}

/// The natural logarithm of the share above `z`, finite for every |z| below 1e154.
///
/// Far out by Laplace's continued fraction of Mills' ratio, 1/(z + 1/(z + 2/(z + 3/(z + …)))) (Abramowitz and Stegun
/// 26.2.14).
#[must_use]
pub fn ln_upper_tail(z: f64) -> f64 {
    if z < 0.0 {
        libm::log1p(-upper_tail(-z))
    } else if z < FAR {
        libm::log(upper_tail(z))
    } else {
        ln_density(z) - libm::log(continued_fraction(z, |index| (index, z)))
    }
}

/// The natural logarithm of the two-sided tail P(|Z| ≥ |z|).
#[must_use]
pub fn ln_two_sided(z: f64) -> f64 {
    if z.abs() < 1.0 {
        libm::log1p(-libm::erf(z.abs() * FRAC_1_SQRT_2))
    } else {
        LN_2 + ln_upper_tail(z.abs())
    }
}

/// The mean of what a standard normal is above `z` by, zero where it is below: φ(z) − z·(1 − Φ(z)).
///
/// Far out both terms are nearly equal: with Mills' ratio as the fraction 1/(z + T), T = 1/(z + 2/(z + 3/(z + …))), it is
/// φ(z)·T/(z + T), which does not cancel.
#[must_use]
pub fn expected_excess(z: f64) -> f64 {
    if z < FAR {
        return libm::exp(ln_density(z)) - z * upper_tail(z);
    }
    let rest = 1.0 / continued_fraction(z, |index| (index + 1.0, z));
    libm::exp(ln_density(z)) * rest / (z + rest)
}

/// The point above which a share `p` of the distribution lies, 0 < p < 1.
///
/// By Halley's method on the tail, or far out and in the middle as every symmetric distribution's is.
#[must_use]
pub fn upper_quantile(p: f64) -> f64 {
    /// Each step leaves about the cube of its size: after one that small, nothing.
    const LAST: f64 = 1e-6;
    if !(1e-30..0.25).contains(&p) {
        return inversion::upper_quantile(&Normal, p);
    }
    let mut z = near_quantile(p);
    for _ in 0..5 {
        // Of the tail's derivatives −φ and zφ.
        let newton = (upper_tail(z) - p) / libm::exp(ln_density(z));
        let step = newton / (1.0 - 0.5 * z * newton);
        z += step;
        if step.abs() <= LAST {
            break;
        }
    }
    z
}

/// Within 4.5e-4 of the quantile, by Hastings' rational approximation (Abramowitz and Stegun 26.2.23).
fn near_quantile(p: f64) -> f64 {
    let r = libm::sqrt(-2.0 * libm::log(p));
    let over = (0.010_328 * r + 0.802_853) * r + 2.515_517;
    let under = ((0.001_308 * r + 0.189_269) * r + 1.432_788) * r + 1.0;
    r - over / under
}

/// ln φ(z).
fn ln_density(z: f64) -> f64 {
    -0.5 * z * z - HALF_LN_TWO_PI
}

struct Normal;

impl Symmetric for Normal {
    fn upper_tail(&self, t: f64) -> f64 {
        upper_tail(t)
    }

    fn ln_upper_tail(&self, t: f64) -> f64 {
        ln_upper_tail(t)
    }

    fn ln_density(&self, t: f64) -> f64 {
        ln_density(t)
    }

    fn fall(&self, t: f64) -> f64 {
        t * t
    }

    fn ln_start(&self, p: f64) -> f64 {
        libm::log(near_quantile(p))
    }
}
