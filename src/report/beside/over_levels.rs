//! Defines the words for whether an effect is the same everywhere, and whether it wears off.

use super::{Line, Name, Topic, around};
use crate::domain::definition::{Conventions, Duration, MICROSECONDS_PER_DAY};
use crate::domain::result::{
    Interval, Known, MetricReadout, Novelty, PartEffect, SegmentHeterogeneity,
};
use crate::report::number::{self, Scale};

const WEEK: i64 = 7 * MICROSECONDS_PER_DAY;

/// Whether effects differ between the levels of a segment; the flag says whether they clearly do, after correction.
#[must_use]
pub fn segments(
    conventions: &Conventions,
    metric: &MetricReadout,
    found: &SegmentHeterogeneity,
    name: Name<'_>,
) -> (Line, bool) {
    let differs = found.corrected_p.is_some_and(|p| p < conventions.alpha());
    let text = match &found.heterogeneity {
        Known::Absent(absence) => format!("not compared: {}", absence.label()),
        Known::Value(between) => {
            let corrected = found.corrected_p.map_or_else(String::new, |p| {
                format!(", {} after Holm over all segments", number::probability(p))
            });
            let said = if differs {
                "effects differ between levels"
            } else {
                "no clear difference between levels"
            };
            let (common, _) = around(between.common, Interval::WholeLine, Scale::of(metric.kind));
            format!(
                "{said}, p {}{corrected}; Q {} over {} levels, I² {}; common to all levels {common}",
                number::p_value(&between.p_value),
                number::value(between.statistic),
                between.freedom + 1,
                number::percent(between.i_squared)
            )
        }
    };
    let label = format!("by {}", name(&found.column));
    (Line::new(Topic::Change, label, text), differs)
}

/// How an effect goes on after entry, in one line.
#[must_use]
pub fn wear(metric: &MetricReadout, novelty: &Novelty) -> Line {
    let step = novelty.parts.first().map_or_else(
        || "part".to_owned(),
        |part| match Duration(part.end - part.start) {
            Duration(MICROSECONDS_PER_DAY) => "day".to_owned(),
            Duration(WEEK) => "week".to_owned(),
            other => other.to_string(),
        },
    );
    let trend = number::estimate_and_interval(&novelty.trend, Scale::of(metric.kind));
    let said = match &novelty.trend {
        Known::Absent(_) => "",
        Known::Value(trend) if trend.interval.contains(0.0) => ", no clear trend",
        Known::Value(trend) if trend.estimate < 0.0 => ", it falls",
        Known::Value(_) => ", it rises",
    };
    let text =
        format!("from each {step} after entry to the next the difference changes by {trend}{said}");
    Line::new(Topic::Change, "novelty", text)
}

/// The part of the window that an effect is in: `0d to 1d`.
#[must_use]
pub fn part(part: &PartEffect) -> String {
    format!("{} to {}", Duration(part.start), Duration(part.end))
}
