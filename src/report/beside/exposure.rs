//! Defines the words for the effect on units that comply, and what it rests on.

use super::{Line, Topic, around};
use crate::domain::definition::MetricKind;
use crate::domain::result::{
    CompanionKind, CompliersEffect, Effect, Interval, Known, MetricReadout,
};
use crate::report::number::{self, Scale};

/// The effect on compliers with its set and first stage, then their means.
pub(super) fn on_compliers(metric: &MetricReadout, effect: &Effect) -> Vec<Line> {
    let Some(found) = &effect.compliers else {
        return Vec::new();
    };
    let scale = Scale::of(metric.kind);
    let text = [
        number::estimate_and_interval(&found.estimate, scale),
        set(found, scale),
        first_stage(found),
        "assumes no effect on units that were not exposed".to_owned(),
    ]
    .join("; ");
    let label = CompanionKind::Compliers.label();
    let mut lines = vec![Line::new(Topic::Compliers, label, text).warning(found.is_weak())];
    lines.extend(means(metric.kind, found));
    lines
}

fn set(found: &CompliersEffect, scale: Scale) -> String {
    match &found.anderson_rubin {
        Known::Value(interval) => {
            let middle = match interval {
                Interval::Between { lower, upper } => f64::midpoint(*lower, *upper),
                Interval::Outside { .. } | Interval::WholeLine => 0.0,
            };
            let point = found.estimate.value().map_or(middle, |each| each.estimate);
            format!("Anderson–Rubin set {}", around(point, *interval, scale).1)
        }
        Known::Absent(absence) => format!("Anderson–Rubin set {}", number::absent(*absence)),
    }
}

fn first_stage(found: &CompliersEffect) -> String {
    let share = number::known(&found.first_stage, |stage| number::percent(stage.estimate));
    let f = match found.first_stage_f {
        Known::Value(f) => format!("first stage F {}", number::value(f)),
        Known::Absent(_) => "exposure follows assignment without exception".to_owned(),
    };
    let weak = if found.is_weak() {
        ", WEAK: below 10 only the Anderson–Rubin set holds its level"
    } else {
        ""
    };
    let sides = if found.one_sided {
        ""
    } else {
        "; some control units were exposed too"
    };
    format!("{share} comply, {f}{weak}{sides}")
}

fn means(kind: MetricKind, found: &CompliersEffect) -> Option<Line> {
    let means = found.means.value()?;
    let text = format!(
        "control {}, variant {}, over {} of units",
        number::level(kind, means.control),
        number::level(kind, means.treatment),
        number::percent(means.share)
    );
    Some(Line::new(
        Topic::Otherwise,
        "means of units that comply",
        text,
    ))
}
