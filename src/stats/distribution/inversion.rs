//! Defines how an upper tail is inverted, for distributions that are symmetric around zero.

/// A symmetric distribution by what its inversion needs, for t > 0.
pub(super) trait Symmetric {
    /// The upper tail.
    fn upper_tail(&self, t: f64) -> f64;
    /// The logarithm of the upper tail.
    fn ln_upper_tail(&self, t: f64) -> f64;
    /// The logarithm of the density.
    fn ln_density(&self, t: f64) -> f64;
    /// How fast the logarithm of the density falls as ln t grows.
    fn fall(&self, t: f64) -> f64;
    /// The logarithm of a point not far from where the upper tail is `p` < ¼.
    fn ln_start(&self, p: f64) -> f64;
}

/// Both methods below converge from where they start; this many steps are never needed.
const MOST_STEPS: u32 = 100;

/// The point above which a share `p` of the distribution lies. NaN unless 0 < p < 1.
pub(super) fn upper_quantile(distribution: &impl Symmetric, p: f64) -> f64 {
    if !(p > 0.0 && p < 1.0) {
        f64::NAN
    } else if p > 0.5 {
        -upper_quantile(distribution, 1.0 - p)
    } else if p == 0.5 {
        0.0
    } else if p >= 0.25 {
        central(distribution, p)
    } else {
        in_the_tail(distribution, p)
    }
}

/// Newton's method in t from 0, on a tail that is convex there.
fn central(distribution: &impl Symmetric, p: f64) -> f64 {
    let mut t = 0.0;
    for _ in 0..MOST_STEPS {
        let density = libm::exp(distribution.ln_density(t));
        let step = (distribution.upper_tail(t) - p) / density;
        t += step;
        if step.abs() <= 2.0 * f64::EPSILON * t.abs() {
            break;
        }
    }
    t
}

/// Halley's method on the logarithm of the tail as a function of ln t, which is concave and nearly linear far out.
///
/// With s = t·f(t)/tail its derivatives are −s and −s(1 + s − fall).
fn in_the_tail(distribution: &impl Symmetric, p: f64) -> f64 {
    /// Each step leaves about the cube of its size: after one that small, nothing.
    const LAST: f64 = 1e-6;
    let target = libm::log(p);
    let mut ln_t = distribution.ln_start(p);
    for _ in 0..MOST_STEPS {
        let t = libm::exp(ln_t);
        let ln_tail = distribution.ln_upper_tail(t);
        let slope = libm::exp(distribution.ln_density(t) + ln_t - ln_tail);
        let newton = (ln_tail - target) / slope;
        let bend = 0.5 * newton * (1.0 + slope - distribution.fall(t));
        // Far from the root the second derivative misleads.
        let step = newton / (1.0 + bend.clamp(-0.5, 0.5));
        ln_t += step;
        if step.abs() <= LAST {
            break;
        }
    }
    libm::exp(ln_t)
}
