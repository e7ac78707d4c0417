//! Defines the words for what other conventions would say: which of them flip a verdict, in one order for every view.
//!
//! It refuses to try one: those that were tried are in the readout.

use super::beside::Name;
use super::number::{self, Scale};
use crate::domain::definition::Role;
use crate::domain::result::{
    Alternative, AlternativeEffect, AlternativeOutcome, Known, MetricReadout, Readout,
};

/// The alternatives, those that flip the verdict on any variant first.
#[must_use]
pub fn ordered(readout: &Readout) -> Vec<&Alternative> {
    let mut all: Vec<&Alternative> = readout.alternatives.iter().collect();
    all.sort_by_key(|each| !each.outcomes.iter().any(|outcome| outcome.flips));
    all
}

/// What an alternative says of a variant.
#[must_use]
pub fn outcome<'a>(alternative: &'a Alternative, variant: &str) -> Option<&'a AlternativeOutcome> {
    let mut outcomes = alternative.outcomes.iter();
    outcomes.find(|outcome| outcome.variant == variant)
}

/// The alternatives that flip the verdict on a variant.
pub fn flips<'a>(
    readout: &'a Readout,
    variant: &'a str,
) -> impl Iterator<Item = (&'a Alternative, &'a AlternativeOutcome)> {
    readout.alternatives.iter().filter_map(move |each| {
        let found = outcome(each, variant)?;
        found.flips.then_some((each, found))
    })
}

/// Which conventions would give a variant another verdict, or that none of those tried would; `None` where none was tried, or
/// there is no verdict because the readout is exploratory.
#[must_use]
pub fn sentence(readout: &Readout, variant: &str, name: Name<'_>) -> Option<String> {
    let tried = readout.alternatives.len();
    if tried == 0 || readout.exploratory.is_some() {
        return None;
    }
    let flipping: Vec<String> = flips(readout, variant)
        .map(|(each, found)| {
            format!(
                "{} = {} ({})",
                name(&each.convention),
                name(&each.value),
                found.verdict.label()
            )
        })
        .collect();
    Some(match (flipping.len(), tried) {
        (0, 1) => "The one other convention tried gives the same verdict.".to_owned(),
        (0, _) => format!("None of the {tried} other conventions tried gives another verdict."),
        (_, 1) => format!(
            "Another verdict under {}, the one other convention tried.",
            flipping.join(", ")
        ),
        (_, _) => format!(
            "Another verdict under {}; {tried} other conventions were tried.",
            flipping.join(", ")
        ),
    })
}

/// The effect on a metric there: the lift where there is one, else the difference, else why there is neither.
#[must_use]
pub fn effect(metric: &MetricReadout, found: &AlternativeEffect) -> String {
    match (&found.relative, &found.absolute) {
        (Known::Absent(_), Known::Value(_)) => {
            number::estimate_and_interval(&found.absolute, Scale::of(metric.kind))
        }
        _ => number::estimate_and_interval(&found.relative, Scale::Percent),
    }
}

/// The effects on primary metrics that are others there, each with its metric.
pub fn primary<'a>(
    readout: &'a Readout,
    outcome: &'a AlternativeOutcome,
) -> impl Iterator<Item = (&'a MetricReadout, &'a AlternativeEffect)> {
    outcome.effects.iter().filter_map(|found| {
        let mut metrics = readout.with_role(Role::Primary);
        let metric = metrics.find(|metric| metric.id.as_str() == found.metric)?;
        Some((metric, found))
    })
}
