//! Defines the CSV document: tidy, a row an effect, then a row a number beside it, the same columns always.
//!
//! `quantity` says what a row is. Rows with `effect` hold an effect in columns of its own. Every other row holds one number, in
//! `value` and the columns that start so, and leaves the effect's own columns empty: a table of one quantity a column is one
//! pivot away.
//!
//! Numbers are the readout's own, with the shortest digits that read back as the same number; absent ones are empty, with the
//! reason in a column of its own. Text never starts a formula. Bounds are filled for ordinary intervals only: of an interval
//! that is everything *outside* two values those have their own columns, so that nobody takes it for what it is not.

mod beside;

use ::csv::Writer;

use super::rows::{self, Row};
use super::{RenderError, escape};
use crate::domain::definition::Magnitude;
use crate::domain::evidence::Slice;
use crate::domain::result::{Estimate, Guardrail, Interval, Known, Readout, Trust, Verdict};

/// What one line is about.
struct Line<'a> {
    readout: &'a Readout,
    row: Row<'a>,
}

/// The quantity of a row that is an effect.
const EFFECT: &str = "effect";

/// The columns that say what a number beside an effect is of; it leaves the others empty.
const SHARED: &[&str] = &[
    "experiment",
    "experiment_version",
    "exploratory",
    "metric",
    "metric_version",
    "metric_hash",
    "role",
    "kind",
    "unit",
    "direction",
    "population",
    "slice",
    "segment",
    "segment_level",
    "variant",
    "control",
    "level",
    "trust",
    "trust_check",
    "as_of",
    "program",
];

/// The columns of numbers beside an effect, after those of the effect.
const FURTHER: [&str; 12] = [
    "quantity",
    "subject",
    "scale",
    "value",
    "value_standard_error",
    "value_interval",
    "value_lower",
    "value_upper",
    "value_outside_below",
    "value_outside_above",
    "value_p",
    "value_absent",
];

/// A column: its name and the text of its cell, escaped.
type Column = (&'static str, fn(&Line<'_>) -> String);

const COLUMNS: &[Column] = &[
    ("experiment", |line| {
        text(line.readout.experiment.id.as_str())
    }),
    ("experiment_version", |line| {
        line.readout.experiment.version.to_string()
    }),
    ("exploratory", |line| {
        optional_text(line.readout.exploratory.as_deref())
    }),
    ("metric", |line| text(line.row.metric.id.as_str())),
    ("metric_version", |line| line.row.metric.version.to_string()),
    ("metric_hash", |line| text(&line.row.metric.semantic_hash)),
    ("role", |line| line.row.metric.role.name().to_owned()),
    ("kind", |line| line.row.metric.kind.name().to_owned()),
    ("unit", |line| {
        optional_text(line.row.metric.unit.as_deref())
    }),
    ("direction", |line| {
        line.row.metric.direction.name().to_owned()
    }),
    ("population", |line| {
        line.row.effect.population.name().to_owned()
    }),
    ("slice", |line| slice(&line.row.effect.slice).0.to_owned()),
    ("segment", |line| {
        optional_text(slice(&line.row.effect.slice).1)
    }),
    ("segment_level", |line| {
        optional_text(slice(&line.row.effect.slice).2)
    }),
    ("variant", |line| text(&line.row.effect.variant)),
    ("control", |line| text(line.readout.control())),
    ("control_units", |line| {
        side(line.row.control.map(|side| &side.units), u64::to_string)
    }),
    ("variant_units", |line| {
        side(line.row.variant.map(|side| &side.units), u64::to_string)
    }),
    ("control_mean", |line| {
        side(line.row.control.map(|side| &side.mean), |value| {
            float(*value)
        })
    }),
    ("variant_mean", |line| {
        side(line.row.variant.map(|side| &side.mean), |value| {
            float(*value)
        })
    }),
    ("control_standard_deviation", |line| {
        side(
            line.row.control.map(|side| &side.standard_deviation),
            |value| float(*value),
        )
    }),
    ("variant_standard_deviation", |line| {
        side(
            line.row.variant.map(|side| &side.standard_deviation),
            |value| float(*value),
        )
    }),
    ("estimator", |line| {
        line.row.effect.estimator.name().to_owned()
    }),
    ("level", |line| float(line.readout.conventions.level)),
    ("absolute", |line| {
        estimate(&line.row.effect.absolute, |value| Some(value.estimate))
    }),
    ("absolute_standard_error", |line| {
        estimate(&line.row.effect.absolute, |value| value.standard_error)
    }),
    ("absolute_degrees_of_freedom", |line| {
        estimate(&line.row.effect.absolute, |value| value.degrees_of_freedom)
    }),
    ("absolute_interval", |line| {
        shape_of(&line.row.effect.absolute)
    }),
    ("absolute_lower", |line| {
        estimate(&line.row.effect.absolute, |value| value.interval.lower())
    }),
    ("absolute_upper", |line| {
        estimate(&line.row.effect.absolute, |value| value.interval.upper())
    }),
    ("p", |line| {
        estimate(&line.row.effect.absolute, |value| Some(value.p_value.p))
    }),
    ("log10_p", |line| {
        estimate(&line.row.effect.absolute, |value| {
            Some(value.p_value.log10_p)
        })
    }),
    ("absolute_absent", |line| absent(&line.row.effect.absolute)),
    ("relative", |line| {
        estimate(&line.row.effect.relative, |value| Some(value.estimate))
    }),
    ("relative_standard_error", |line| {
        estimate(&line.row.effect.relative, |value| value.standard_error)
    }),
    ("relative_interval", |line| {
        shape_of(&line.row.effect.relative)
    }),
    ("relative_lower", |line| {
        estimate(&line.row.effect.relative, |value| value.interval.lower())
    }),
    ("relative_upper", |line| {
        estimate(&line.row.effect.relative, |value| value.interval.upper())
    }),
    ("relative_outside_below", |line| {
        estimate(&line.row.effect.relative, |value| {
            outside(&value.interval).map(|bounds| bounds.0)
        })
    }),
    ("relative_outside_above", |line| {
        estimate(&line.row.effect.relative, |value| {
            outside(&value.interval).map(|bounds| bounds.1)
        })
    }),
    ("relative_p", |line| {
        estimate(&line.row.effect.relative, |value| Some(value.p_value.p))
    }),
    ("relative_absent", |line| absent(&line.row.effect.relative)),
    ("variance_reduction", |line| {
        line.row
            .effect
            .variance_reduction
            .as_ref()
            .map_or_else(String::new, |value| float(*value))
    }),
    ("significance", |line| {
        line.row
            .effect
            .significance
            .map_or_else(String::new, |word| word.name().to_owned())
    }),
    ("correction", |line| {
        let corrected = line.row.effect.corrected.as_ref();
        optional_text(corrected.map(|corrected| corrected.method.as_str()))
    }),
    ("family", |line| {
        let corrected = line.row.effect.corrected.as_ref();
        corrected.map_or_else(String::new, |corrected| corrected.family.to_string())
    }),
    ("corrected_p", |line| {
        let corrected = line.row.effect.corrected.as_ref();
        corrected.map_or_else(String::new, |corrected| float(corrected.p))
    }),
    ("guardrail_margin_scale", |line| match margin(line) {
        Some(Magnitude::Absolute(_)) => "absolute".to_owned(),
        Some(Magnitude::Relative(_)) => "relative".to_owned(),
        None => String::new(),
    }),
    ("guardrail_margin", |line| match margin(line) {
        Some(Magnitude::Absolute(size) | Magnitude::Relative(size)) => float(size),
        None => String::new(),
    }),
    ("guardrail_outcome", |line| {
        guardrail(line).map_or_else(String::new, |judged| judged.outcome.name().to_owned())
    }),
    ("guardrail_distance", |line| {
        distance(line, |value| Some(value.estimate))
    }),
    ("guardrail_distance_lower", |line| {
        distance(line, |value| value.interval.lower())
    }),
    ("guardrail_distance_upper", |line| {
        distance(line, |value| value.interval.upper())
    }),
    ("guardrail_reason", |line| {
        optional_text(guardrail(line).map(|judged| judged.reason.as_str()))
    }),
    ("trust", |line| match &line.row.effect.trust {
        Trust::Trusted => "trusted".to_owned(),
        Trust::NotTrusted { .. } => "not-trusted".to_owned(),
    }),
    ("trust_check", |line| {
        optional_text(line.row.distrust().map(|(check, _)| check))
    }),
    ("trust_reason", |line| {
        optional_text(line.row.distrust().map(|(_, reason)| reason))
    }),
    ("verdict", |line| {
        verdict(line).map_or_else(String::new, |verdict| verdict.word.name().to_owned())
    }),
    ("verdict_clause", |line| {
        verdict(line).map_or_else(String::new, |verdict| verdict.clause.name().to_owned())
    }),
    ("as_of", |line| {
        let instant = line.readout.provenance.as_of.instant;
        instant.map_or_else(String::new, |instant| instant.to_string())
    }),
    ("program", |line| text(&line.readout.provenance.program)),
];

/// The columns, in order.
pub fn columns() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().map(|(name, _)| *name).chain(FURTHER)
}

pub(super) fn document(readouts: &[&Readout]) -> Result<Vec<u8>, RenderError> {
    let mut writer = Writer::from_writer(Vec::new());
    write(&mut writer, columns())?;
    for readout in readouts {
        for metric in &readout.metrics {
            for row in rows::of_metric(readout, metric) {
                let line = Line { readout, row };
                let further = (0..FURTHER.len()).map(|at| match at {
                    0 => EFFECT.to_owned(),
                    _ => String::new(),
                });
                let cells = COLUMNS.iter().map(|(_, cell)| cell(&line));
                write(&mut writer, cells.chain(further))?;
            }
            for number in beside::of_metric(readout, metric) {
                let line = Line {
                    readout,
                    row: number.row,
                };
                let cells = COLUMNS.iter().map(|(name, cell)| {
                    if SHARED.contains(name) {
                        cell(&line)
                    } else {
                        String::new()
                    }
                });
                write(&mut writer, cells.chain(number.cells()))?;
            }
        }
    }
    writer
        .into_inner()
        .map_err(|error| unwritable(error.error()))
}

fn write<T: AsRef<[u8]>>(
    writer: &mut Writer<Vec<u8>>,
    cells: impl IntoIterator<Item = T>,
) -> Result<(), RenderError> {
    writer
        .write_record(cells)
        .map_err(|error| unwritable(&error))
}

fn unwritable(error: &impl ToString) -> RenderError {
    RenderError::Unwritable {
        reason: error.to_string(),
    }
}

fn text(text: &str) -> String {
    escape::csv_text(text)
}

fn optional_text(text: Option<&str>) -> String {
    text.map_or_else(String::new, escape::csv_text)
}

/// The shortest digits that read back as the same number.
fn float(value: f64) -> String {
    format!("{value:?}")
}

fn side<T>(side: Option<&Known<T>>, write: impl Fn(&T) -> String) -> String {
    side.and_then(Known::value).map_or_else(String::new, write)
}

fn estimate(known: &Known<Estimate>, part: impl Fn(&Estimate) -> Option<f64>) -> String {
    known.value().and_then(part).map_or_else(String::new, float)
}

fn shape_of(known: &Known<Estimate>) -> String {
    let interval = known.value().map(|value| &value.interval);
    interval.map_or("", shape).to_owned()
}

const fn shape(interval: &Interval) -> &'static str {
    match interval {
        Interval::Between { .. } => "between",
        Interval::Outside { .. } => "outside",
        Interval::WholeLine => "whole-line",
    }
}

const fn outside(interval: &Interval) -> Option<(f64, f64)> {
    match interval {
        Interval::Outside { below, above } => Some((*below, *above)),
        Interval::Between { .. } | Interval::WholeLine => None,
    }
}

fn absent(known: &Known<Estimate>) -> String {
    known
        .absence()
        .map_or_else(String::new, |absence| absence.name().to_owned())
}

fn slice(slice: &Slice) -> (&'static str, Option<&str>, Option<&str>) {
    match slice {
        Slice::All => ("all", None, None),
        Slice::Segment { column, level } => ("segment", Some(column), level.as_deref()),
        Slice::EntryDay(day) => ("entry-day", None, Some(day)),
        Slice::Epoch(_) => ("epoch", None, None),
    }
}

fn guardrail<'a>(line: &Line<'a>) -> Option<&'a Guardrail> {
    line.row.effect.guardrail.as_ref()
}

fn margin(line: &Line<'_>) -> Option<Magnitude> {
    guardrail(line).and_then(|judged| judged.margin)
}

fn distance(line: &Line<'_>, part: impl Fn(&Estimate) -> Option<f64>) -> String {
    guardrail(line).map_or_else(String::new, |judged| estimate(&judged.distance, part))
}

fn verdict<'a>(line: &Line<'a>) -> Option<&'a Verdict> {
    let verdicts = &line.readout.verdicts;
    verdicts
        .iter()
        .find(|verdict| verdict.variant == line.row.effect.variant)
}

#[cfg(test)]
mod tests;
