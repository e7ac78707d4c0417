//! Defines an estimate in another unit: everything it says, times or over a known number.

use crate::domain::result::{Absence, Estimate, Interval};

/// The estimate, its standard error and its interval, each carried over by `to`, which keeps zero and order; p and degrees of
/// freedom stay.
///
/// # Errors
/// [`Absence::OutOfRange`] when a result is no finite double.
pub(crate) fn scaled(estimate: &Estimate, to: impl Fn(f64) -> f64) -> Result<Estimate, Absence> {
    let carried = |value: f64| {
        let found = to(value);
        if found.is_finite() {
            Ok(found)
        } else {
            Err(Absence::OutOfRange)
        }
    };
    let interval = match estimate.interval {
        Interval::Between { lower, upper } => Interval::Between {
            lower: carried(lower)?,
            upper: carried(upper)?,
        },
        Interval::Outside { below, above } => Interval::Outside {
            below: carried(below)?,
            above: carried(above)?,
        },
        Interval::WholeLine => Interval::WholeLine,
    };
    Ok(Estimate {
        estimate: carried(estimate.estimate)?,
        standard_error: estimate.standard_error.map(carried).transpose()?,
        interval,
        ..*estimate
    })
}
