//! Defines the set where a quadratic is not above zero, as a set of values that data do not contradict.

use crate::domain::result::{Absence, Interval};

/// A quadratic A·r² − 2B·r + C, with its discriminant B² − A·C as its owner computes it best.
pub(super) struct Quadratic {
    pub(super) leading: f64,
    /// B, half the linear coefficient and its sign changed.
    pub(super) middle: f64,
    pub(super) constant: f64,
    pub(super) discriminant: f64,
}

impl Quadratic {
    /// Every r with A·r² − 2B·r + C ≤ 0, times `mirror`, which is ±1. It must not be empty.
    ///
    /// # Errors
    /// [`Absence::OutOfRange`] when a coefficient or a bound is no finite double.
    pub(super) fn at_most_zero(&self, mirror: f64) -> Result<Interval, Absence> {
        let coefficients = [self.leading, self.middle, self.constant, self.discriminant];
        if !coefficients.iter().all(|term| term.is_finite()) {
            return Err(Absence::OutOfRange);
        }
        if self.discriminant < 0.0 {
            return Ok(Interval::WholeLine);
        }
        // The root of larger magnitude first; the other from the product of the roots, so that neither cancels.
        let far = self.middle + libm::copysign(libm::sqrt(self.discriminant), self.middle);
        let first = far / self.leading;
        let second = if far == 0.0 { 0.0 } else { self.constant / far };
        let (first, second) = (mirror * first, mirror * second);
        let (low, high) = (first.min(second), first.max(second));
        if self.leading > 0.0 {
            return if low.is_finite() && high.is_finite() {
                Ok(Interval::Between {
                    lower: low,
                    upper: high,
                })
            } else {
                Err(Absence::OutOfRange)
            };
        }
        // As the leading term passes zero one root goes through infinity: the largest double stands for it.
        let (below, above) = if self.leading == 0.0 && far == 0.0 {
            return Ok(Interval::WholeLine);
        } else if self.leading == 0.0 {
            half_line(mirror * self.middle, second)
        } else {
            (low.max(-f64::MAX), high.min(f64::MAX))
        };
        Ok(Interval::Outside { below, above })
    }
}

/// The set −2·middle·r ≤ … on one side of `bound`, the other end at the largest double.
fn half_line(middle: f64, bound: f64) -> (f64, f64) {
    if middle > 0.0 {
        (-f64::MAX, bound)
    } else {
        (bound, f64::MAX)
    }
}
