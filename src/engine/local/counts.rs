//! Counts what checks need: units by variant, epoch and day; units in several variants; duplicates; exposures.

use std::collections::BTreeMap;

use super::days::Days;
use super::read::{Members, Read};
use crate::domain::definition::Experiment;
use crate::domain::evidence::{AssignmentCounts, ByVariant, DayCounts, ExposureCounts};

/// The epoch of weights an instant falls into; the first where none has begun.
fn epoch_of(experiment: &Experiment, at: i64) -> usize {
    experiment
        .epochs
        .partition_point(|epoch| epoch.from.0 <= at)
        .saturating_sub(1)
}

fn by_epoch(experiment: &Experiment) -> Vec<ByVariant> {
    vec![vec![0; experiment.variants.len()]; experiment.epochs.len().max(1)]
}

/// Units with duplicate rows, by first-seen variant.
fn by_variant(units: impl Iterator<Item = u32>, variants: &[u8], width: usize) -> ByVariant {
    let mut counts = vec![0; width];
    for unit in units {
        counts[usize::from(variants[unit as usize])] += 1;
    }
    counts
}

/// What the assignment table says, under one set of conventions.
pub(super) fn assignment(
    experiment: &Experiment,
    read: &Read,
    members: &Members<'_>,
) -> AssignmentCounts {
    let units = &read.assigned.units;
    let width = experiment.variants.len();
    let mut counts = AssignmentCounts {
        units: units.len() as u64,
        by_epoch: by_epoch(experiment),
        by_epoch_before_exclusions: by_epoch(experiment),
        several_by_first_seen: vec![0; width],
        unknown_labels: read
            .assigned
            .unknown_labels
            .iter()
            .map(|(label, rows)| (label.clone(), *rows))
            .collect(),
        duplicate_rows: read.assigned.duplicate_rows,
        duplicate_units: by_variant(
            read.assigned.duplicate_units.iter().copied(),
            &units.variant,
            width,
        ),
        tied_units: read.tied.len() as u64,
        ..AssignmentCounts::default()
    };
    let mut days: BTreeMap<i64, ByVariant> = BTreeMap::new();
    let mut memberships = 0;
    for unit in 0..u32::try_from(units.len()).unwrap_or(u32::MAX) {
        let slot = unit as usize;
        let (at, first) = (units.assigned_at[slot], usize::from(units.variant[slot]));
        let epoch = epoch_of(experiment, at);
        memberships += u64::from(units.variants[slot].count_ones());
        // Where a label settled it, all would fall on one side and look like a sample ratio mismatch.
        if !read.tied.contains(&unit) {
            counts.by_epoch_before_exclusions[epoch][first] += 1;
        }
        if units.is_in_several(unit) {
            counts.several_variants += 1;
            counts.several_by_first_seen[first] += 1;
        }
        for variant in members.variants(unit) {
            counts.by_epoch[epoch][usize::from(variant)] += 1;
            if read.assigned.has_time {
                days.entry(read.days.day(at))
                    .or_insert_with(|| vec![0; width])[usize::from(variant)] += 1;
            }
        }
    }
    counts.repeated_rows = read.assigned.used_rows - memberships;
    counts.by_day = days
        .into_iter()
        .map(|(day, units)| DayCounts {
            day: Days::name(day),
            units,
        })
        .collect();
    counts
}

/// What the exposure table says, under one set of conventions.
pub(super) fn exposure(experiment: &Experiment, read: &mut Read) -> Option<ExposureCounts> {
    let width = experiment.variants.len();
    let interval = experiment.exposure.dedupe.map(|interval| interval.0);
    let (duplicate_rows, duplicated) = read.exposed.as_mut()?.duplicates(interval);
    let units = &read.assigned.units;
    let exposed = read.exposed.as_ref()?;
    Some(ExposureCounts {
        by_epoch: by_epoch(experiment),
        exposed: vec![0; width],
        only_earlier: vec![0; width],
        contradicting: vec![0; width],
        only_invalid: vec![0; width],
        orphan_rows: exposed.orphan_rows,
        rows: exposed.rows,
        duplicate_rows,
        duplicate_units: by_variant(duplicated.into_iter(), &units.variant, width),
        ..ExposureCounts::default()
    })
}

/// Adds what depends on who is in which variant.
pub(super) fn place_exposures(
    experiment: &Experiment,
    read: &Read,
    members: &Members<'_>,
    mut counts: ExposureCounts,
) -> ExposureCounts {
    const HOUR: i64 = 3_600_000_000;
    let units = &read.assigned.units;
    let mut hours: BTreeMap<u32, u64> = BTreeMap::new();
    for unit in 0..u32::try_from(units.len()).unwrap_or(u32::MAX) {
        let slot = unit as usize;
        let (state, at) = (&units.exposures[slot], units.assigned_at[slot]);
        for variant in members.variants(unit).map(usize::from) {
            counts.contradicting[variant] += u64::from(state.contradicts);
            counts.only_invalid[variant] += u64::from(state.only_invalid());
            if state.first.is_some() {
                counts.exposed[variant] += 1;
                counts.by_epoch[epoch_of(experiment, at)][variant] += 1;
            } else if let Some(earlier) = state.only_earlier() {
                counts.only_earlier[variant] += 1;
                let early_by = (at.saturating_sub(earlier).saturating_add(HOUR / 2)) / HOUR;
                *hours
                    .entry(u32::try_from(early_by).unwrap_or(u32::MAX))
                    .or_default() += 1;
            }
        }
    }
    counts.earlier_by_hours = hours.into_iter().collect();
    counts
}
