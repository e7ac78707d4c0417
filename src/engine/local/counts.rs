//! Counts what checks need: units by variant, epoch and day; units in several variants; duplicates; exposures; attributes.
//! Counted a shard at a time and added up.

use std::collections::BTreeMap;

use super::days::Days;
use super::job::Job;
use super::persons::Persons;
use super::tally::Tally;
use super::unit_row::bit;
use super::unit_values::UnitValues;
use super::watch::{Tells, Watch};
use crate::domain::definition::{Experiment, Filter, Timestamp};
use crate::domain::evidence::{
    AssignmentCounts, AttributeCounts, ByVariant, ContractCounts, DayCounts, ExposureCounts,
    IdentityCounts, OutcomeCounts,
};

const HOUR: i64 = 3_600_000_000;

/// Counts over units, under one set of conventions.
#[derive(Debug)]
pub(super) struct Counts {
    assignment: AssignmentCounts,
    /// Units in itt by local day of assignment.
    days: BTreeMap<i64, ByVariant>,
    /// Pairs of unit and variant.
    memberships: u64,
    /// The first and last instant of assignment of units that count.
    enrolment: Option<(i64, i64)>,
    exposure: Option<ExposureCounts>,
    earlier_by_hours: BTreeMap<u32, u64>,
    /// Units that are not eligible, by local day of their first assignment.
    ineligible_days: BTreeMap<i64, ByVariant>,
    /// What ids say of persons.
    persons: Option<Persons>,
    /// What rows of each event table told.
    watches: Vec<Watch>,
    /// Of each attribute table: its name, its bits in a unit's row, units with several rows, units matched.
    attributes: Vec<(String, usize, u64, ByVariant)>,
    /// Of each rejecting rule of the contract: its bit in a unit's row, and the units with such rows.
    contract: Vec<(usize, ContractCounts)>,
}

/// The epoch of weights an instant falls into; the first where none has begun.
fn epoch_of(experiment: &Experiment, at: i64) -> usize {
    experiment
        .epochs
        .partition_point(|epoch| epoch.from.0 <= at)
        .saturating_sub(1)
}

/// The epoch of weights that a unit was assigned in, where there are several.
pub(super) fn epoch_of_unit(values: UnitValues<'_>, unit: u32) -> u8 {
    let experiment = &values.job.plan.experiment;
    if experiment.epochs.len() < 2 {
        return 0;
    }
    let epoch = epoch_of(experiment, values.units.assigned_at(unit));
    u8::try_from(epoch).unwrap_or(u8::MAX)
}

fn add(ours: &mut [u64], theirs: &[u64]) {
    for (ours, theirs) in ours.iter_mut().zip(theirs) {
        *ours += theirs;
    }
}

fn add_epochs(ours: &mut [ByVariant], theirs: &[ByVariant]) {
    for (ours, theirs) in ours.iter_mut().zip(theirs) {
        add(ours, theirs);
    }
}

fn add_days(ours: &mut BTreeMap<i64, ByVariant>, theirs: BTreeMap<i64, ByVariant>) {
    for (day, units) in theirs {
        let known = ours.entry(day).or_insert_with(|| vec![0; units.len()]);
        add(known, &units);
    }
}

fn by_day(days: &BTreeMap<i64, ByVariant>) -> Vec<DayCounts> {
    let days = days.iter().map(|(day, units)| DayCounts {
        day: Days::name(*day),
        units: units.clone(),
    });
    days.collect()
}

impl Counts {
    pub(super) fn new(job: &Job<'_>) -> Self {
        let experiment = &job.plan.experiment;
        let width = experiment.variants.len();
        let by_epoch = vec![vec![0; width]; experiment.epochs.len().max(1)];
        let by_variant = || vec![0; width];
        let declared = |filters: &[Filter]| (!filters.is_empty()).then(by_variant);
        Self {
            assignment: AssignmentCounts {
                by_epoch: by_epoch.clone(),
                by_epoch_before_exclusions: by_epoch.clone(),
                several_by_first_seen: by_variant(),
                duplicate_units: by_variant(),
                ineligible: declared(&experiment.eligibility.filters),
                without_consent: declared(&job.plan.consent),
                seen_earlier: job.has_versions.then(by_variant),
                ..AssignmentCounts::default()
            },
            days: BTreeMap::new(),
            memberships: 0,
            enrolment: None,
            exposure: job.plan.exposures.as_ref().map(|_| ExposureCounts {
                by_epoch: by_epoch.clone(),
                exposed: by_variant(),
                only_earlier: by_variant(),
                contradicting: by_variant(),
                only_invalid: by_variant(),
                duplicate_units: by_variant(),
                ..ExposureCounts::default()
            }),
            earlier_by_hours: BTreeMap::new(),
            ineligible_days: BTreeMap::new(),
            persons: job.identities.as_ref().map(|_| Persons::new(width)),
            watches: Vec::new(),
            attributes: job
                .attributes
                .iter()
                .map(|(table, bits)| ((*table).to_owned(), *bits, 0, by_variant()))
                .collect(),
            contract: job
                .marking_rules()
                .into_iter()
                .map(|(rule, bit)| {
                    let counts = ContractCounts {
                        rule: rule.id.clone(),
                        table: rule.table.clone(),
                        by_epoch: by_epoch.clone(),
                    };
                    (bit, counts)
                })
                .collect(),
        }
    }

    /// Adds the units of a shard.
    pub(super) fn add(&mut self, values: UnitValues<'_>) {
        let units = values.units;
        self.assignment.units += units.len() as u64;
        self.assignment.duplicate_rows += units.duplicate_rows;
        self.assignment.tied_units += units.tied.len() as u64;
        for unit in &units.duplicated {
            self.assignment.duplicate_units[usize::from(units.variant(*unit))] += 1;
        }
        self.add_watches(&units.watches);
        if let Some(persons) = &mut self.persons {
            persons.add(values);
        }
        self.add_left_out(values);
        for unit in units.all() {
            self.add_assignment(values, unit);
            self.add_attributes(values, unit);
            self.add_contract(values, unit);
        }
        if let Some(mut exposure) = self.exposure.take() {
            exposure.duplicate_rows += units.duplicate_exposures;
            for unit in &units.duplicate_exposed {
                exposure.duplicate_units[usize::from(units.variant(*unit))] += 1;
            }
            for unit in units.all() {
                self.add_exposure(values, unit, &mut exposure);
            }
            self.exposure = Some(exposure);
        }
    }

    /// Counts who was left out by what the experiment declares.
    fn add_left_out(&mut self, values: UnitValues<'_>) {
        let (job, left_out) = (values.job, &values.units.left_out);
        if let Some(units) = &mut self.assignment.ineligible {
            for (at, variant) in left_out.ineligible.values() {
                units[usize::from(*variant)] += 1;
                if job.has_time {
                    let of_day = self.ineligible_days.entry(job.days.day(*at));
                    of_day.or_insert_with(|| vec![0; units.len()])[usize::from(*variant)] += 1;
                }
            }
        }
        if let Some(units) = &mut self.assignment.without_consent {
            for variant in left_out.without_consent.values() {
                units[usize::from(*variant)] += 1;
            }
        }
        if let Some(units) = &mut self.assignment.seen_earlier {
            for unit in &left_out.seen_earlier {
                for variant in values.variants(*unit) {
                    units[usize::from(variant)] += 1;
                }
            }
        }
    }

    fn add_watches(&mut self, watches: &[Watch]) {
        let width = self.watches.len().max(watches.len());
        self.watches.resize_with(width, Watch::default);
        for (ours, theirs) in self.watches.iter_mut().zip(watches) {
            ours.merge(theirs);
        }
    }

    fn add_assignment(&mut self, values: UnitValues<'_>, unit: u32) {
        let (job, units) = (values.job, values.units);
        let (at, first) = (units.assigned_at(unit), usize::from(units.variant(unit)));
        let epoch = epoch_of(&job.plan.experiment, at);
        let counts = &mut self.assignment;
        // Where a label settled it, all would fall on one side and look like a sample ratio mismatch.
        if units.tied.is_empty() || !units.tied.contains(&unit) {
            counts.by_epoch_before_exclusions[epoch][first] += 1;
        }
        if units.is_in_several(unit) {
            counts.several_variants += 1;
            counts.several_by_first_seen[first] += 1;
            self.memberships += u64::from(units.variants(unit).count_ones());
        } else {
            self.memberships += 1;
        }
        let width = job.plan.experiment.variants.len();
        let day = job.has_time.then(|| job.days.day(at));
        for variant in values.variants(unit).map(usize::from) {
            counts.by_epoch[epoch][variant] += 1;
            if let Some(day) = day {
                self.days.entry(day).or_insert_with(|| vec![0; width])[variant] += 1;
            }
        }
        if job.has_time && values.counts(unit) {
            let range = self.enrolment.get_or_insert((at, at));
            *range = (range.0.min(at), range.1.max(at));
        }
    }

    fn add_attributes(&mut self, values: UnitValues<'_>, unit: u32) {
        let row = values.units.rows.row(unit);
        for (_, bits, repeated, matched) in &mut self.attributes {
            if bit(row, *bits) {
                matched[usize::from(values.units.variant(unit))] += 1;
                *repeated += u64::from(bit(row, *bits + 1));
            }
        }
    }

    fn add_contract(&mut self, values: UnitValues<'_>, unit: u32) {
        let row = values.units.rows.row(unit);
        for (at, counts) in &mut self.contract {
            if !bit(row, *at) {
                continue;
            }
            let epoch = epoch_of(&values.job.plan.experiment, values.units.assigned_at(unit));
            for variant in values.variants(unit).map(usize::from) {
                counts.by_epoch[epoch][variant] += 1;
            }
        }
    }

    fn add_exposure(&mut self, values: UnitValues<'_>, unit: u32, counts: &mut ExposureCounts) {
        let units = values.units;
        for variant in values.variants(unit).map(usize::from) {
            counts.contradicting[variant] += u64::from(units.contradicts(unit));
            counts.only_invalid[variant] += u64::from(units.only_invalid(unit));
            if units.exposed_at(unit).is_some() {
                let epoch = epoch_of(&values.job.plan.experiment, units.assigned_at(unit));
                counts.exposed[variant] += 1;
                counts.by_epoch[epoch][variant] += 1;
            } else if let Some(earlier) = units.only_earlier(unit) {
                counts.only_earlier[variant] += 1;
                let early_by = units.assigned_at(unit).saturating_sub(earlier);
                let hours = early_by.saturating_add(HOUR / 2) / HOUR;
                let hours = u32::try_from(hours).unwrap_or(u32::MAX);
                *self.earlier_by_hours.entry(hours).or_default() += 1;
            }
        }
    }

    /// Adds the units of other shards.
    pub(super) fn merge(&mut self, other: Self) {
        let (ours, theirs) = (&mut self.assignment, other.assignment);
        ours.units += theirs.units;
        ours.duplicate_rows += theirs.duplicate_rows;
        ours.tied_units += theirs.tied_units;
        ours.several_variants += theirs.several_variants;
        add(&mut ours.duplicate_units, &theirs.duplicate_units);
        add(
            &mut ours.several_by_first_seen,
            &theirs.several_by_first_seen,
        );
        add_epochs(&mut ours.by_epoch, &theirs.by_epoch);
        add_epochs(
            &mut ours.by_epoch_before_exclusions,
            &theirs.by_epoch_before_exclusions,
        );
        for (ours, theirs) in [
            (&mut ours.ineligible, &theirs.ineligible),
            (&mut ours.without_consent, &theirs.without_consent),
            (&mut ours.seen_earlier, &theirs.seen_earlier),
        ] {
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                add(ours, theirs);
            }
        }
        add_days(&mut self.days, other.days);
        add_days(&mut self.ineligible_days, other.ineligible_days);
        if let (Some(ours), Some(theirs)) = (&mut self.persons, other.persons) {
            ours.merge(theirs);
        }
        self.add_watches(&other.watches);
        self.memberships += other.memberships;
        self.enrolment = match (self.enrolment, other.enrolment) {
            (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
            (one, other) => one.or(other),
        };
        if let (Some(ours), Some(theirs)) = (&mut self.exposure, other.exposure) {
            ours.duplicate_rows += theirs.duplicate_rows;
            add_epochs(&mut ours.by_epoch, &theirs.by_epoch);
            for (ours, theirs) in [
                (&mut ours.exposed, &theirs.exposed),
                (&mut ours.only_earlier, &theirs.only_earlier),
                (&mut ours.contradicting, &theirs.contradicting),
                (&mut ours.only_invalid, &theirs.only_invalid),
                (&mut ours.duplicate_units, &theirs.duplicate_units),
            ] {
                add(ours, theirs);
            }
        }
        for (hours, units) in other.earlier_by_hours {
            *self.earlier_by_hours.entry(hours).or_default() += units;
        }
        for (ours, theirs) in self.attributes.iter_mut().zip(other.attributes) {
            ours.2 += theirs.2;
            add(&mut ours.3, &theirs.3);
        }
        for ((_, ours), (_, theirs)) in self.contract.iter_mut().zip(other.contract) {
            add_epochs(&mut ours.by_epoch, &theirs.by_epoch);
        }
    }

    /// Units with rows that the contract rejects.
    pub(super) fn contract(&self) -> Vec<ContractCounts> {
        let counts = self.contract.iter();
        counts.map(|(_, counts)| counts.clone()).collect()
    }

    /// The first and last instant of assignment of units that count.
    pub(super) fn enrolment(&self) -> Option<(Timestamp, Timestamp)> {
        self.enrolment
            .map(|(first, last)| (Timestamp(first), Timestamp(last)))
    }

    /// What the assignment table says, with what was counted by row.
    pub(super) fn assignment(&self, rows: &Tally) -> AssignmentCounts {
        let labels = rows.unknown_labels.iter();
        AssignmentCounts {
            unknown_labels: labels.map(|(label, rows)| (label.clone(), *rows)).collect(),
            repeated_rows: rows.rows.saturating_sub(self.memberships),
            by_day: by_day(&self.days),
            ineligible_by_day: by_day(&self.ineligible_days),
            ..self.assignment.clone()
        }
    }

    /// What the identity map says.
    pub(super) fn identity(&self, job: &Job<'_>) -> Option<IdentityCounts> {
        let (persons, map) = self.persons.as_ref().zip(job.identities.as_deref())?;
        Some(persons.finish(map, job.plan.is_by_person()))
    }

    /// What the exposure table says, with what was counted by row.
    pub(super) fn exposure(&self, rows: &Tally) -> Option<ExposureCounts> {
        let hours = self.earlier_by_hours.iter();
        self.exposure.clone().map(|counts| ExposureCounts {
            orphan_rows: rows.orphan_rows,
            rows: rows.rows,
            earlier_by_hours: hours.map(|(hours, units)| (*hours, *units)).collect(),
            ..counts
        })
    }

    /// What an event table says, the one at a position, with what was counted by row.
    pub(super) fn outcome(
        &self,
        (position, table): (usize, &str),
        tells: Tells,
        rows: &Tally,
    ) -> OutcomeCounts {
        let mut counts = OutcomeCounts {
            table: table.to_owned(),
            rows: rows.rows,
            orphan_rows: rows.orphan_rows,
            future_rows: tells.ingestion.then_some(rows.future_rows),
            ..OutcomeCounts::default()
        };
        let variants = self.assignment.several_by_first_seen.len();
        let nothing = Watch::default();
        let watch = self.watches.get(position).unwrap_or(&nothing);
        watch.finish(&mut counts, tells, variants);
        counts
    }

    /// What an attribute table says, with what was counted by row; `None` for a table of events.
    pub(super) fn attributes(&self, table: &str, rows: &Tally) -> Option<AttributeCounts> {
        let known = self.attributes.iter();
        let (_, _, repeated_units, matched) = known.into_iter().find(|(name, ..)| name == table)?;
        Some(AttributeCounts {
            table: table.to_owned(),
            rows: rows.ledger.read(),
            repeated_units: *repeated_units,
            matched: matched.clone(),
        })
    }
}
