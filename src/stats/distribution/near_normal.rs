//! Defines Student's t with many degrees of freedom as the normal distribution at a transformed point (Hill 1970).
//!
//! It refuses what its series do not reach to the last double: few degrees of freedom, and points far out for their number.
//!
//! With a = ν − ½, b = 48a² and u² = a·ln(1 + t²/ν), the normal point z of the same tail is u·(1 + P₁(u²)/b + P₂(u²)/b² + …),
//! and u in z likewise. Three terms are taken. Compared with 60-digit values on the border of the domain below, what is left
//! out is at most 8e-16 of a tail and 8e-17 of a quantile.

/// The fewest degrees of freedom.
pub(super) const FEWEST: f64 = 200.0;
/// The largest u²/a, about t²/ν.
const FARTHEST: f64 = 0.09;

/// The normal point with the same tail as `t`; `None` outside the domain. Infinite freedom is the normal itself.
pub(super) fn normal_point(t: f64, freedom: f64) -> Option<f64> {
    if freedom == f64::INFINITY {
        return Some(t);
    }
    let scaled = t / libm::sqrt(freedom);
    let spread = libm::log1p(scaled * scaled);
    if !(freedom >= FEWEST && spread <= FARTHEST) {
        return None;
    }
    let a = freedom - 0.5;
    let w = a * spread;
    let first = w + 3.0;
    let second = (((4.0 * w + 33.0) * w + 240.0) * w + 855.0) / -10.0;
    let third = (((((64.0 * w + 788.0) * w + 9_801.0) * w + 89_775.0) * w + 543_375.0) * w
        + 1_788_885.0)
        / 210.0;
    Some(libm::copysign(libm::sqrt(w), t) * (1.0 + in_powers(48.0 * a * a, [first, second, third])))
}

/// The point with the same tail as the normal's `z`; `None` outside the domain.
pub(super) fn student_point(z: f64, freedom: f64) -> Option<f64> {
    if freedom == f64::INFINITY {
        return Some(z);
    }
    let a = freedom - 0.5;
    let w = z * z;
    if !(freedom >= FEWEST && w <= FARTHEST * a) {
        return None;
    }
    let first = -(w + 3.0);
    let second = (((4.0 * w + 63.0) * w + 360.0) * w + 945.0) / 10.0;
    let third = (((((64.0 * w + 1_628.0) * w + 19_881.0) * w + 145_719.0) * w + 694_575.0) * w
        + 1_902_285.0)
        / -210.0;
    let u = z * (1.0 + in_powers(48.0 * a * a, [first, second, third]));
    Some(libm::copysign(
        libm::sqrt(freedom * libm::expm1(u * u / a)),
        z,
    ))
}

/// Σ termᵢ/bⁱ.
fn in_powers(b: f64, [first, second, third]: [f64; 3]) -> f64 {
    (first + (second + third / b) / b) / b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_degrees_of_freedom_and_far_points_are_refused() {
        assert_eq!(normal_point(1.0, 199.9), None);
        assert_eq!(student_point(1.0, 199.9), None);
        assert_eq!(normal_point(5.0, 200.0), None);
        assert_eq!(student_point(5.0, 200.0), None);
        assert_eq!(normal_point(f64::NAN, 1e6), None);
        assert_eq!(normal_point(-2.0, f64::INFINITY), Some(-2.0));
    }

    #[test]
    fn each_way_leads_back() {
        for freedom in [200.0, 431.5, 3_998.0, 1e6, 1e9] {
            for t in [-4.1, -1.96, -1e-9, 1e-9, 0.5, 1.96, 4.1] {
                let there = normal_point(t, freedom).unwrap();
                let back = student_point(there, freedom).unwrap();
                assert!((back / t - 1.0).abs() < 1e-15, "{t} with {freedom}: {back}");
            }
        }
    }
}
