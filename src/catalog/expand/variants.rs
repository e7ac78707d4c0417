//! Defines the variants of an experiment and their weights over time.

use std::collections::{BTreeMap, BTreeSet};

use super::super::document::Document;
use super::super::file::{EpochFile, ExperimentFile, VariantsFile};
use super::super::key_path::KeyPath;
use super::super::problem::{Rule, list, short, suggest};
use super::Surroundings;
use super::experiment::Times;
use super::time::{DateMeans, instant};
use crate::domain::definition::{Epoch, Timestamp};

/// From when weights hold that hold from the start of an experiment whose start is not known: the year 1.
const FROM_EVER: Timestamp = Timestamp(-62_135_596_800_000_000);

/// Variants that can be told apart: a unit's are kept as bits of one word.
const MOST: usize = 64;

/// The variants: control first, the others sorted bytewise.
pub(super) fn variants(file: &ExperimentFile, document: &mut Document) -> Vec<String> {
    let path = KeyPath::of("variants");
    let Some(written) = &file.variants else {
        return Vec::new();
    };
    let names: Vec<String> = match written {
        // Also those whose weight has the wrong type: they are variants all the same.
        VariantsFile::Weights(_) => document.keys_of(&path),
        VariantsFile::Names(names) => names.clone(),
    };
    let distinct: BTreeSet<&String> = names.iter().collect();
    if distinct.len() < names.len() {
        document.error(
            Rule::DuplicateName,
            &path,
            "a variant is named twice",
            "name each variant once",
        );
    }
    if names.iter().any(|name| name.trim().is_empty()) {
        document.error(Rule::BadText, &path, "a variant has no name", "name it");
    }
    if distinct.len() < 2 {
        document.error(
            Rule::OneVariant,
            &path,
            "an experiment needs a control and something to compare with it",
            "name at least two variants, such as `variants = { old = 1, new = 1 }`",
        );
    }
    if distinct.len() > MOST {
        document.error(
            Rule::ManyVariants,
            &path,
            format!(
                "an experiment has at most {MOST} variants, and this one has {}",
                distinct.len()
            ),
            "split it, or name the variants that are compared",
        );
    }
    if let Some(control) = &file.control
        && !distinct.contains(control)
    {
        document.error(
            Rule::NoControl,
            &KeyPath::of("control"),
            format!("the control '{}' is none of the variants", short(control)),
            suggest(
                control,
                distinct.iter().map(|name| name.as_str()),
                "variant",
            ),
        );
    }
    let mut sorted: Vec<String> = distinct.into_iter().cloned().collect();
    // Stable, so that the others stay sorted.
    sorted.sort_by_key(|name| Some(name) != file.control.as_ref());
    sorted
}

/// The weights over time, in the order of `variants`.
pub(super) fn epochs(
    file: &ExperimentFile,
    variants: &[String],
    times: &Times,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Vec<Epoch> {
    let initial = match &file.variants {
        Some(VariantsFile::Weights(written)) => {
            weights(written, variants, document, &KeyPath::of("variants"))
        }
        _ => None,
    };
    let changes: Vec<Epoch> = file
        .epochs
        .iter()
        .flatten()
        .enumerate()
        .filter_map(|(index, written)| epoch(index, written, variants, surroundings, document))
        .collect();
    order(&changes, times, document);
    let first_change = changes.first().map(|epoch| epoch.from);
    let from = times.start.unwrap_or(FROM_EVER);
    let mut found = Vec::new();
    if let Some(weights) = initial
        && first_change.is_none_or(|change| from < change)
    {
        found.push(Epoch { from, weights });
    } else if let (Some(start), Some(first)) = (times.start, first_change)
        && start < first
        && matches!(file.variants, Some(VariantsFile::Names(_)))
    {
        document.error(
            Rule::BadEpochs,
            &KeyPath::of("epochs").index(0).key("from"),
            format!("no weights are declared between the start at {start} and {first}"),
            "start the first epoch at the start, or give `variants` its weights",
        );
    }
    found.extend(changes);
    found
}

fn epoch(
    index: usize,
    written: &EpochFile,
    variants: &[String],
    surroundings: &Surroundings,
    document: &mut Document,
) -> Option<Epoch> {
    let path = KeyPath::of("epochs").index(index);
    let from = instant(
        written.from,
        DateMeans::Start,
        surroundings,
        document,
        &path.key("from"),
    );
    let weights = weights(&written.weights, variants, document, &path.key("weights"));
    Some(Epoch {
        from: from?,
        weights: weights?,
    })
}

fn order(changes: &[Epoch], times: &Times, document: &mut Document) {
    let mut latest: Option<Timestamp> = None;
    for (index, epoch) in changes.iter().enumerate() {
        let path = KeyPath::of("epochs").index(index).key("from");
        let reason = if latest.is_some_and(|latest| epoch.from <= latest) {
            "this epoch does not start after the one before it"
        } else if times.start.is_some_and(|start| epoch.from < start) {
            "this epoch starts before the experiment does"
        } else if times.end.is_some_and(|end| epoch.from >= end) {
            "this epoch starts when the experiment is over"
        } else {
            latest = Some(epoch.from);
            continue;
        };
        document.error(
            Rule::BadEpochs,
            &path,
            reason,
            "list epochs in the order of time, from the start to the end",
        );
    }
}

/// The weights at `path` in the order of `variants`.
fn weights(
    written: &BTreeMap<String, f64>,
    variants: &[String],
    document: &mut Document,
    path: &KeyPath,
) -> Option<Vec<f64>> {
    let mut sound = true;
    let known: BTreeSet<&String> = variants.iter().collect();
    for (name, weight) in written {
        let at = path.key(name);
        if !known.contains(name) {
            sound = false;
            document.error_at_key(
                Rule::UnknownVariant,
                &at,
                format!("'{}' is none of the variants", short(name)),
                suggest(name, variants.iter().map(String::as_str), "variant"),
            );
        } else if *weight < 0.0 {
            sound = false;
            document.error(
                Rule::BadWeights,
                &at,
                format!("the weight of '{}' is negative", short(name)),
                "write 0 or a positive number; only proportions matter",
            );
        }
    }
    let missing: Vec<&str> = variants
        .iter()
        .map(String::as_str)
        .filter(|name| !written.contains_key(*name))
        .collect();
    // A weight of the wrong type was reported as that.
    if missing.iter().any(|name| !document.holds(&path.key(name))) {
        document.error(
            Rule::BadWeights,
            path,
            format!("there is no weight for {}", list(missing.iter().copied())),
            "give every variant a weight; it may be 0",
        );
    }
    if sound && missing.is_empty() && written.values().all(|weight| *weight == 0.0) {
        sound = false;
        document.error(
            Rule::BadWeights,
            path,
            "every weight is zero, so nobody is assigned",
            "give at least one variant a positive weight",
        );
    }
    (sound && missing.is_empty()).then(|| {
        variants
            .iter()
            .filter_map(|name| written.get(name).copied())
            .collect()
    })
}
