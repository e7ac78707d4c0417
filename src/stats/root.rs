//! Defines the root of a monotone function by secants and bisection, to the last double.
//!
//! It refuses nothing: where the function does not change sign, the end that is nearer to doing so is the answer.

/// The point of (low, high) where a decreasing function passes zero.
///
/// Ends when no double is left between the bounds, so a root near zero keeps all its digits. A function that is positive
/// throughout gives `high`, one that is negative throughout `low`; it is never evaluated at the ends themselves.
///
/// By the secant; where that did not halve the bounds, by a point just beyond the next secant, which brings up the bound that
/// lags behind; where neither did, by halving. So a smooth function takes some fifteen evaluations, and any other three times
/// those of bisection at most.
pub(crate) fn of_decreasing(low: f64, high: f64, function: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low, high);
    let (mut at_low, mut at_high) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut steps_that_did_not_halve = 0;
    loop {
        let width = high - low;
        let middle = low + 0.5 * width;
        if middle <= low || middle >= high {
            return middle;
        }
        let secant = low + width * (at_low / (at_low - at_high));
        let point = match steps_that_did_not_halve {
            0 => secant,
            1 if secant < middle => secant + 2.0 * (secant - low) + 2.0 * f64::EPSILON * low.abs(),
            1 => secant - 2.0 * (high - secant) - 2.0 * f64::EPSILON * high.abs(),
            _ => middle,
        };
        let point = if point > low && point < high {
            point
        } else {
            middle
        };
        let value = function(point);
        if value > 0.0 {
            (low, at_low) = (point, value);
        } else {
            (high, at_high) = (point, value);
        }
        steps_that_did_not_halve = if high - low > 0.5 * width {
            steps_that_did_not_halve + 1
        } else {
            0
        };
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_root_has_all_its_digits_after_few_evaluations() {
        for (root, most) in [(1e-12, 60), (0.01, 25), (0.3, 20), (0.9, 20)] {
            let evaluations = Cell::new(0);
            let found = of_decreasing(0.0, 1.0, |x| {
                evaluations.set(evaluations.get() + 1);
                root / x - (1.0 - root) / (1.0 - x)
            });
            assert!((found / root - 1.0).abs() < 1e-14, "{root}: {found}");
            assert!(evaluations.get() <= most, "{root}: {}", evaluations.get());
        }
    }

    #[test]
    fn without_a_change_of_sign_the_nearer_end_is_the_answer() {
        assert!(of_decreasing(0.0, 1.0, |_| 1.0) > 1.0 - 1e-15);
        assert!(of_decreasing(0.0, 1.0, |x| -1.0 - x) < 1e-300);
    }
}
