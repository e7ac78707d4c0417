//! Defines what an interval says: better, worse or unclear, and whether it is too small to matter.

use crate::domain::definition::{Direction, Magnitude};
use crate::domain::result::{Estimate, Interval, Significance};

/// Better, worse or unclear, from the absolute interval and the metric's direction.
#[must_use]
pub fn significance(absolute: &Estimate, direction: Direction) -> Significance {
    let Interval::Between { lower, upper } = absolute.interval else {
        return Significance::Unclear;
    };
    let increases = direction.sign() > 0.0;
    if lower > 0.0 {
        if increases {
            Significance::Better
        } else {
            Significance::Worse
        }
    } else if upper < 0.0 {
        if increases {
            Significance::Worse
        } else {
            Significance::Better
        }
    } else {
        Significance::Unclear
    }
}

/// Whether the interval lies inside ± the smallest difference that matters: shown to be no meaningful effect.
///
/// An absolute size is held against the absolute interval, a relative one against the relative; `None` where that one is
/// absent. An interval without bounds is never inside.
#[must_use]
pub fn within_minimum_effect(
    absolute: Option<&Estimate>,
    relative: Option<&Estimate>,
    minimum: Magnitude,
) -> Option<bool> {
    let (estimate, size) = match minimum {
        Magnitude::Absolute(size) => (absolute?, size),
        Magnitude::Relative(size) => (relative?, size),
    };
    Some(match estimate.interval {
        Interval::Between { lower, upper } => -size < lower && upper < size,
        Interval::Outside { .. } | Interval::WholeLine => false,
    })
}
