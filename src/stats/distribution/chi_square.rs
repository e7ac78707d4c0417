//! Defines the upper tail of the χ² distribution.

use super::fraction::continued_fraction;
use super::gamma::ln_poisson;

/// The share of the distribution above `x` ≥ 0 with `freedom` > 0 degrees of freedom.
#[must_use]
pub fn upper_tail(x: f64, freedom: f64) -> f64 {
    libm::exp(ln_upper_tail(x, freedom))
}

/// The natural logarithm of the share above `x`, finite where the share is below every double.
///
/// With a = ν/2 and z = x/2, Q(a, z): below a + 1 one less the series Σ z^k/((a + 1)…(a + k)) (DLMF 8.11.4), above it
/// Legendre's continued fraction (DLMF 8.9.2), each times z^a e^(−z)/Γ(a + 1) by the saddle-point form.
#[must_use]
pub fn ln_upper_tail(x: f64, freedom: f64) -> f64 {
    if !(freedom > 0.0 && x >= 0.0) {
        return f64::NAN;
    }
    if x == 0.0 {
        return 0.0;
    }
    let (a, z) = (0.5 * freedom, 0.5 * x);
    if z < a + 1.0 {
        let (mut term, mut sum) = (1.0, 1.0);
        for index in 1..200_000_u32 {
            term *= z / (a + f64::from(index));
            sum += term;
            if term <= 0.25 * f64::EPSILON * sum {
                break;
            }
        }
        return libm::log1p(-(libm::exp(ln_poisson(a, z)) * sum).min(1.0));
    }
    let fraction = continued_fraction(z + 1.0 - a, |n| (n * (a - n), z + 2.0 * n + 1.0 - a));
    ln_poisson(a, z) + libm::log(a) - libm::log(fraction)
}
