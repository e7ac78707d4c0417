//! Defines the root of a monotone function by bisection, to the last double.
//!
//! It refuses nothing: where the function does not change sign, the end that is nearer to doing so is the answer.

/// The point of (low, high) where a decreasing function passes zero.
///
/// Ends when no double is left between the bounds, so a root near zero keeps all its digits. A function that is positive
/// throughout gives `high`, one that is negative throughout `low`; it is never evaluated at the ends themselves.
pub(crate) fn of_decreasing(low: f64, high: f64, function: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low, high);
    loop {
        let middle = low + 0.5 * (high - low);
        if middle <= low || middle >= high {
            return middle;
        }
        if function(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
}
