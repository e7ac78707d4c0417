//! Defines Student's t distribution: tails, their logarithms, and quantiles, for any real degrees of freedom.

use super::beta::fraction;
use super::gamma::{HALF_LN_TWO_PI, stirling_remainder};
use super::inversion::{self, Symmetric};
use super::near_normal::{FEWEST, normal_point, student_point};
use super::normal;
use std::f64::consts::LN_2;

/// Below this |t| the tail is one half less a series around zero, above it a continued fraction.
const CENTRAL: f64 = 1.75;

/// The share of the distribution above `t` with `freedom` > 0 degrees of freedom; infinite freedom is the normal.
///
/// Around zero ½ − t·f(t)·Σ, the series of the incomplete beta function I_y(½, ν/2), y = t²/(ν + t²) (DLMF 8.17.8). Beyond,
/// ½·t·f(t)·K with the continued fraction K of I_x(ν/2, ½) in the form of DiDonato and Morris (1992), whose terms do not
/// cancel however large ν is. With many degrees of freedom the normal's tail at the point that has the same (Hill 1970).
#[must_use]
pub fn upper_tail(t: f64, freedom: f64) -> f64 {
    if let Some(z) = normal_point(t, freedom) {
        return normal::upper_tail(z);
    }
    let Some(student) = Student::new(freedom) else {
        return f64::NAN;
    };
    if t < 0.0 {
        1.0 - student.upper_tail(-t)
    } else {
        student.upper_tail(t)
    }
}

/// The natural logarithm of the share above `t`.
#[must_use]
pub fn ln_upper_tail(t: f64, freedom: f64) -> f64 {
    if let Some(z) = normal_point(t, freedom) {
        return normal::ln_upper_tail(z);
    }
    let Some(student) = Student::new(freedom) else {
        return f64::NAN;
    };
    if t < 0.0 {
        libm::log1p(-student.upper_tail(-t))
    } else {
        student.ln_upper_tail(t)
    }
}

/// The natural logarithm of the two-sided tail P(|T| ≥ |t|).
#[must_use]
pub fn ln_two_sided(t: f64, freedom: f64) -> f64 {
    if let Some(z) = normal_point(t, freedom) {
        return normal::ln_two_sided(z);
    }
    let Some(student) = Student::new(freedom) else {
        return f64::NAN;
    };
    if t.abs() < CENTRAL {
        libm::log1p(-2.0 * student.below(t.abs()))
    } else {
        LN_2 + student.ln_upper_tail(t.abs())
    }
}

/// The point above which a share `p` of the distribution lies, 0 < p < 1.
///
/// Newton's method on the tail above, not on an approximation of it; with many degrees of freedom from the normal's quantile
/// (Hill 1970).
#[must_use]
pub fn upper_quantile(p: f64, freedom: f64) -> f64 {
    if freedom >= FEWEST
        && let Some(t) = student_point(normal::upper_quantile(p), freedom)
    {
        return t;
    }
    Student::new(freedom).map_or(f64::NAN, |student| inversion::upper_quantile(&student, p))
}

struct Student {
    freedom: f64,
    /// ln of the density at zero.
    ln_constant: f64,
}

impl Student {
    fn new(freedom: f64) -> Option<Self> {
        (freedom > 0.0).then(|| Self {
            freedom,
            ln_constant: ln_density_at_zero(freedom),
        })
    }

    /// ln(1 + t²/ν), also where t² overflows.
    fn ln_spread(&self, t: f64) -> f64 {
        let scaled = t / libm::sqrt(self.freedom);
        if scaled > 1e100 {
            2.0 * libm::log(scaled)
        } else {
            libm::log1p(scaled * scaled)
        }
    }

    /// (ν/(ν + t²), t²/(ν + t²)), each with its own digits.
    fn shares(&self, t: f64) -> (f64, f64) {
        let scaled = t / libm::sqrt(self.freedom);
        if scaled > 1e100 {
            return (0.0, 1.0);
        }
        let square = scaled * scaled;
        (1.0 / (1.0 + square), square / (1.0 + square))
    }

    /// P(0 < T < t) for small t.
    fn below(&self, t: f64) -> f64 {
        let (_, y) = self.shares(t);
        let half = 0.5 * self.freedom;
        let (mut term, mut sum) = (1.0, 1.0);
        for index in 0..10_000_u32 {
            let index = f64::from(index);
            term *= (half + 0.5 + index) / (1.5 + index) * y;
            sum += term;
            if term <= 0.25 * f64::EPSILON * sum {
                break;
            }
        }
        t * libm::exp(self.ln_density(t)) * sum
    }
}

impl Symmetric for Student {
    fn upper_tail(&self, t: f64) -> f64 {
        if t < CENTRAL {
            0.5 - self.below(t)
        } else {
            libm::exp(self.ln_upper_tail(t))
        }
    }

    fn ln_upper_tail(&self, t: f64) -> f64 {
        if t < CENTRAL {
            return libm::log(0.5 - self.below(t));
        }
        let (x, y) = self.shares(t);
        let ratio = fraction(0.5 * self.freedom, 0.5, x, y);
        self.ln_density(t) + libm::log(t) - LN_2 - libm::log(ratio)
    }

    fn ln_density(&self, t: f64) -> f64 {
        self.ln_constant - 0.5 * (self.freedom + 1.0) * self.ln_spread(t)
    }

    fn fall(&self, t: f64) -> f64 {
        (self.freedom + 1.0) * self.shares(t).1
    }

    /// From ½(1 + t²/ν)^(−ν/2), which is the normal's bound for large ν and has the t's own power for small; with many degrees
    /// of freedom from the normal's quantile z by powers of 1/ν (Abramowitz and Stegun 26.7.5), which leaves one step to do.
    fn ln_start(&self, p: f64) -> f64 {
        let z = normal::upper_quantile(p);
        if self.freedom > 4.0 * z * z + 20.0 {
            let (v, w) = (self.freedom, z * z);
            let series = (w + 1.0) / 4.0
                + ((5.0 * w + 16.0) * w + 3.0) / (96.0 * v)
                + (((3.0 * w + 19.0) * w + 17.0) * w - 15.0) / (384.0 * v * v)
                + ((((79.0 * w + 776.0) * w + 1482.0) * w - 1920.0) * w - 945.0)
                    / (92_160.0 * v * v * v);
            return libm::log(z + z * series / v);
        }
        let width = -2.0 * libm::log(2.0 * p) / self.freedom;
        0.5 * (libm::log(self.freedom) + width + libm::log(-libm::expm1(-width)))
    }
}

/// ln[Γ((ν + 1)/2) / (Γ(ν/2)·√(νπ))], from Stirling's remainders, in which the large terms have cancelled already.
fn ln_density_at_zero(freedom: f64) -> f64 {
    let half = 0.5 * freedom;
    // ln Γ(a + ½) − ln Γ(a) with Γ(z) = Γ(z + 1)/z: a ln(1 + 1/(2a)) − ½ + ½ ln a + remainders.
    let growth = half * libm::log1p(0.5 / half) - 0.5;
    let remainders = stirling_remainder(half + 0.5) - stirling_remainder(half);
    growth + remainders - HALF_LN_TWO_PI
}
