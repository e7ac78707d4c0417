//! Defines how effects, margins and minimum effects read inside a verdict's sentence.

use crate::checks::wording;
use crate::domain::definition::{Direction, Magnitude};
use crate::domain::result::{Absence, Effect, Estimate, Interval, Known, MetricReadout};

/// An effect with its interval: relative where that has bounds, else absolute, else why there is none.
pub(super) fn effect(effect: &Effect) -> String {
    effect
        .relative
        .value()
        .and_then(|relative| with_interval(relative, wording::signed_percent))
        .unwrap_or_else(|| absolute(effect))
}

/// An effect in the terms of a size it is held against: absolute against an absolute one.
pub(super) fn effect_against(found: &Effect, size: Option<Magnitude>) -> String {
    match size {
        Some(Magnitude::Absolute(_)) => absolute(found),
        Some(Magnitude::Relative(_)) | None => effect(found),
    }
}

fn absolute(effect: &Effect) -> String {
    match &effect.absolute {
        Known::Value(absolute) => with_interval(absolute, wording::signed)
            .unwrap_or_else(|| wording::signed(absolute.estimate)),
        Known::Absent(absence) => without(*absence),
    }
}

fn with_interval(estimate: &Estimate, number: fn(f64) -> String) -> Option<String> {
    match estimate.interval {
        Interval::Between { lower, upper } => Some(format!(
            "{} [{}, {}]",
            number(estimate.estimate),
            number(lower),
            number(upper)
        )),
        Interval::Outside { .. } | Interval::WholeLine => None,
    }
}

fn without(absence: Absence) -> String {
    format!("no effect to judge ({})", absence.label())
}

/// A size: `1 %` or `0.05`.
pub(super) fn magnitude(magnitude: Magnitude) -> String {
    match magnitude {
        Magnitude::Relative(size) => wording::threshold(size),
        Magnitude::Absolute(size) => size.to_string(),
    }
}

/// A guardrail's margin in its bad direction: `its margin of −1 %`.
pub(super) fn margin(metric: &MetricReadout) -> String {
    let sign = match metric.direction {
        Direction::Increase => '\u{2212}',
        Direction::Decrease => '+',
    };
    metric.margin.map_or_else(
        || "its margin".to_owned(),
        |size| format!("its margin of {sign}{}", magnitude(size)),
    )
}
