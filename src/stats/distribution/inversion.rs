//! Defines how an upper tail is inverted, for distributions that are symmetric around zero.

/// A symmetric distribution by what its inversion needs, for t > 0.
pub(super) trait Symmetric {
    /// The upper tail.
    fn upper_tail(&self, t: f64) -> f64;
    /// The logarithm of the upper tail.
    fn ln_upper_tail(&self, t: f64) -> f64;
    /// The logarithm of the density.
    fn ln_density(&self, t: f64) -> f64;
    /// The logarithm of a point not far from where the upper tail is `p` < ¼.
    fn ln_start(&self, p: f64) -> f64;
}

/// Newton's method converges from one side on the functions below; this many steps are never needed.
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

/// Newton's method on the logarithm of the tail as a function of ln t, which is concave and nearly linear far out.
fn in_the_tail(distribution: &impl Symmetric, p: f64) -> f64 {
    let target = libm::log(p);
    let mut ln_t = distribution.ln_start(p);
    let mut before = f64::INFINITY;
    for _ in 0..MOST_STEPS {
        let t = libm::exp(ln_t);
        let ln_tail = distribution.ln_upper_tail(t);
        let slope = libm::exp(distribution.ln_density(t) + ln_t - ln_tail);
        let step = (ln_tail - target) / slope;
        ln_t += step;
        // Once steps no longer shrink, what is left is the rounding of the tail itself.
        if step.abs() <= f64::EPSILON || (step.abs() < 1e-13 && step.abs() >= before) {
            break;
        }
        before = step.abs();
    }
    libm::exp(ln_t)
}
