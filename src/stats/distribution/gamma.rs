//! Defines the pieces that the gamma and beta families share: Stirling's remainder and the deviance of a Poisson count.

use std::f64::consts::PI;

/// ½ ln 2π.
pub(crate) const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// Stirling's remainder δ(z) = ln Γ(z + 1) − (z + ½) ln z + z − ½ ln 2π, for z > 0.
///
/// Its asymptotic series Σ B₂ⱼ/(2j(2j − 1)z^(2j−1)) (Abramowitz and Stegun 6.1.40) from z = 16 on; below, the definition.
pub(crate) fn stirling_remainder(z: f64) -> f64 {
    const COEFFICIENTS: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
        -3617.0 / 122_400.0,
    ];
    if z < 16.0 {
        return libm::lgamma(z + 1.0) - (z + 0.5) * libm::log(z) + z - HALF_LN_TWO_PI;
    }
    let square = 1.0 / (z * z);
    let series = COEFFICIENTS
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * square + coefficient);
    series / z
}

/// The deviance D(x, m) = x ln(x/m) + m − x of a count x from its mean m, without cancellation where they are near.
///
/// Loader (2000), "Fast and accurate computation of binomial probabilities".
pub(crate) fn deviance(count: f64, mean: f64) -> f64 {
    if count == 0.0 {
        return mean;
    }
    let difference = count - mean;
    if difference.abs() < 0.1 * (count + mean) {
        let ratio = difference / (count + mean);
        let square = ratio * ratio;
        let mut power = 2.0 * count * ratio;
        let mut sum = difference * ratio;
        for odd in (3..).step_by(2) {
            power *= square;
            let next = sum + power / f64::from(odd);
            if next == sum {
                break;
            }
            sum = next;
        }
        return sum;
    }
    count * libm::log(count / mean) - difference
}

/// ln of the Poisson mass e^(−m) m^x / Γ(x + 1), for real x ≥ 0 and m > 0, by the saddle-point form (Loader 2000).
pub(super) fn ln_poisson(count: f64, mean: f64) -> f64 {
    if count == 0.0 {
        return -mean;
    }
    -stirling_remainder(count) - deviance(count, mean) - 0.5 * libm::log(2.0 * PI * count)
}
