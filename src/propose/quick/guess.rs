//! Turns a profile and what was asked for into a proposal, and says every guess.

use super::asked::Asked;
use super::definitions::{experiment, workspace};
use super::error::QuickError;
use super::metrics::metrics;
use super::variants::{control, labels, unit_column, variant_column, weights};
use crate::domain::definition::{Experiment, Metric, Workspace};
use crate::propose::profile::{ColumnProfile, Profile};

/// One guess: what, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// What was guessed, such as `unit`.
    pub subject: String,
    /// The guess.
    pub value: String,
    /// Why.
    pub reason: String,
}

/// Definitions for one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The workspace: one table that is assignments and metric columns at once.
    pub workspace: Workspace,
    /// The experiment.
    pub experiment: Experiment,
    /// Its metrics, all primary unless they were guessed to be something else.
    pub metrics: Vec<Metric>,
    /// What was guessed.
    pub guesses: Vec<Guess>,
    /// Whether a row is a unit, since no column tells units apart.
    pub rows_are_units: bool,
}

/// Proposes definitions for a file at `path` (relative to its folder) called `name`.
///
/// # Errors
/// [`QuickError`] when a column that was asked for is not there, or nothing can be guessed safely.
pub fn propose(
    profile: &Profile,
    name: &str,
    path: &str,
    asked: &Asked,
) -> Result<Proposal, QuickError> {
    if let [only] = profile.columns.as_slice()
        && only.name.contains([';', '\t', '|', ','])
    {
        return Err(QuickError::OtherDelimiter {
            column: only.name.clone(),
        });
    }
    if profile.rows == 0 {
        return Err(QuickError::Empty);
    }
    let mut guesses = Vec::new();
    let variant = variant_column(profile, asked, &mut guesses)?;
    let unit = unit_column(profile, asked, &variant.name, &mut guesses)?;
    apart(asked, &variant.name, unit.as_deref())?;
    let labels = labels(variant)?;
    let control = control(variant, &labels, asked, &mut guesses)?;
    let metrics = metrics(profile, asked, &variant.name, unit.as_deref(), &mut guesses)?;
    for segment in &asked.segments {
        find(profile, "segment", segment)?;
    }
    for (flag, column) in [("strata", &asked.strata), ("cluster", &asked.cluster)] {
        if let Some(column) = column {
            find(profile, flag, column)?;
        }
    }
    let mut variants = vec![control.clone()];
    variants.extend(labels.iter().filter(|label| **label != control).cloned());
    let epochs = weights(variant, &variants, asked, &mut guesses)?;
    let experiment = experiment(name, &control, variants, epochs, &metrics, asked);
    let workspace = workspace(name, path, &variant.name, unit.as_deref(), asked);
    Ok(Proposal {
        workspace,
        experiment,
        metrics,
        guesses,
        rows_are_units: unit.is_none(),
    })
}

/// Refuses one column as two things.
fn apart(asked: &Asked, variant: &str, unit: Option<&str>) -> Result<(), QuickError> {
    let twice = |column: &str, one, other| QuickError::OneColumnTwice {
        column: column.to_owned(),
        one,
        other,
    };
    if unit == Some(variant) {
        return Err(twice(variant, "unit", "variant"));
    }
    for metric in &asked.metrics {
        if metric.column == variant {
            return Err(twice(variant, "metric", "variant"));
        }
    }
    for (position, metric) in asked.metrics.iter().enumerate() {
        let before = asked.metrics.get(..position).unwrap_or_default();
        if before.iter().any(|other| other.column == metric.column) {
            return Err(twice(&metric.column, "metric", "metric"));
        }
    }
    let once: Vec<(&str, &'static str)> = [("strata", &asked.strata), ("cluster", &asked.cluster)]
        .into_iter()
        .filter_map(|(flag, column)| Some((column.as_deref()?, flag)))
        .chain(
            asked
                .covariates
                .iter()
                .map(|column| (column.as_str(), "covariate")),
        )
        .collect();
    for (position, (column, flag)) in once.iter().enumerate() {
        if *column == variant {
            return Err(twice(column, flag, "variant"));
        }
        if unit == Some(*column) {
            return Err(twice(column, flag, "unit"));
        }
        if asked.metrics.iter().any(|metric| metric.column == *column) {
            return Err(twice(column, flag, "metric"));
        }
        let before = once.get(..position).unwrap_or_default();
        if let Some((_, other)) = before.iter().find(|(other, _)| other == column) {
            return Err(twice(column, other, flag));
        }
    }
    if asked.segments.iter().any(|segment| segment == variant) {
        return Err(twice(variant, "segment", "variant"));
    }
    Ok(())
}

pub(super) fn names(profile: &Profile) -> Vec<String> {
    profile
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect()
}

pub(super) fn find<'a>(
    profile: &'a Profile,
    flag: &'static str,
    name: &str,
) -> Result<&'a ColumnProfile, QuickError> {
    profile.column(name).ok_or_else(|| {
        let existing = names(profile);
        let nearest = existing
            .iter()
            .map(|known| {
                (
                    strsim::jaro_winkler(&known.to_lowercase(), &name.to_lowercase()),
                    known,
                )
            })
            .filter(|(likeness, _)| *likeness > 0.8)
            .max_by(|left, right| left.0.total_cmp(&right.0))
            .map(|(_, known)| known.clone());
        QuickError::NoColumn {
            flag,
            column: name.to_owned(),
            existing,
            nearest,
        }
    })
}

pub(super) fn guess(guesses: &mut Vec<Guess>, subject: &str, value: &str, reason: &str) {
    guesses.push(Guess {
        subject: subject.to_owned(),
        value: value.to_owned(),
        reason: reason.to_owned(),
    });
}
