//! Defines the rows that belong to no unit of the experiment: orphans, unknown variants, missing ids.

use std::sync::Arc;

use super::check::{MOST_STRAYS, MOST_UNITS};
use super::doings::whole_seconds;
use super::random::Purpose;
use super::scenario::{ExperimentScenario, Scenario};
use super::tables::{AssignmentRow, EventRow, ExposureRow, Tables, UnitNumber};
use super::truth::Counts;
use crate::domain::definition::{MICROSECONDS_PER_DAY, Timestamp};

/// Rows of units that were never assigned, or that no table knows.
pub(super) struct Strays<'a> {
    experiment: &'a ExperimentScenario,
    purpose: Purpose,
    first_number: u64,
    id: Arc<str>,
    from: Timestamp,
    /// For how many days strays appear.
    days: f64,
}

impl<'a> Strays<'a> {
    pub(super) fn new(
        scenario: &Scenario,
        experiment: &'a ExperimentScenario,
        seed: u64,
        first_number: u64,
    ) -> Self {
        let known = scenario
            .complete_through
            .0
            .saturating_sub(experiment.start.0)
            .max(0);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a length of weeks fits a double"
        )]
        let known_days = known as f64 / MICROSECONDS_PER_DAY as f64;
        Self {
            experiment,
            purpose: Purpose::new(seed, &format!("{}/strays", experiment.id)),
            first_number,
            id: experiment.id.as_str().into(),
            from: experiment.start,
            days: known_days.min(f64::from(experiment.enrol_days)),
        }
    }

    /// A number that no unit of the experiment has.
    fn number(&self, index: u64) -> UnitNumber {
        UnitNumber(self.first_number + u64::from(MOST_UNITS) + index)
    }

    /// A second in the time strays appear in, leaving five minutes for the row to arrive.
    fn instant(&self, index: u64) -> Timestamp {
        let days = self.purpose.unit(index).uniform() * (self.days - 1.0 / 288.0).max(0.0);
        self.from.plus(whole_seconds(days))
    }

    /// Adds every stray row. Each kind has numbers of its own, so that more of one shifts no other.
    pub(super) fn add(&self, tables: &mut Tables, counts: &mut Counts) {
        let faults = &self.experiment.faults;
        for index in numbers(0, faults.orphan_exposures) {
            tables.exposures.push(self.exposure(index));
            counts.orphan_exposure_rows += 1;
        }
        for index in numbers(1, faults.orphan_events) {
            tables.events.push(self.event(index));
            counts.orphan_event_rows += 1;
        }
        for index in numbers(2, faults.unknown_variants) {
            let row = self.assignment(index, true, "unheard-of".into());
            tables.assignments.push(row);
            counts.unknown_variant_rows += 1;
        }
        for index in numbers(3, faults.missing_unit_ids) {
            let row = self.assignment(index, false, self.variant(index));
            tables.assignments.push(row);
            counts.missing_unit_id_rows += 1;
        }
    }

    /// Each variant in turn.
    fn variant(&self, index: u64) -> Arc<str> {
        let variants = &self.experiment.variants;
        let turn = usize::try_from(index).unwrap_or(0) % variants.len().max(1);
        variants
            .get(turn)
            .map_or_else(Arc::default, |each| each.id.as_str().into())
    }

    fn exposure(&self, index: u64) -> ExposureRow {
        ExposureRow {
            unit: self.number(index),
            exposed_at: self.instant(index),
            experiment: self.id.clone(),
            version: self.experiment.version,
            variant: self.variant(index),
            exposure_type: self.experiment.exposure_type.as_str().into(),
        }
    }

    fn event(&self, index: u64) -> EventRow {
        let behaviour = self.experiment.behaviours.first();
        let occurred_at = self.instant(index);
        EventRow {
            unit: self.number(index),
            event: behaviour.map_or("visit", |each| &each.event).into(),
            value: None,
            occurred_at,
            ingested_at: Timestamp(occurred_at.0 + 300_000_000),
        }
    }

    fn assignment(&self, index: u64, known: bool, variant: Arc<str>) -> AssignmentRow {
        AssignmentRow {
            unit: known.then(|| self.number(index)),
            assigned_at: self.instant(index),
            experiment: self.id.clone(),
            version: self.experiment.version,
            variant,
            is_eligible: true,
        }
    }
}

/// The numbers of `count` strays of one kind: so many each.
fn numbers(kind: u64, count: u32) -> std::ops::Range<u64> {
    let first = kind * u64::from(MOST_STRAYS);
    first..first + u64::from(count)
}
