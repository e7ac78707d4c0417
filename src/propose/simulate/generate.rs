//! Defines how a scenario becomes a world: experiment by experiment, unit by unit, then the rows that belong to no unit.

use std::sync::Arc;

use super::check::{InvalidScenario, MOST_UNITS};
use super::lives::Lives;
use super::random::Purpose;
use super::scenario::{ExperimentScenario, Scenario};
use super::tables::{AssignmentRow, EventRow, ExposureRow, Tables, UnitNumber};
use super::truth::{Counts, ExperimentTruth, Truth, metric_truths};
use crate::domain::definition::{MICROSECONDS_PER_DAY, Timestamp};

/// A generated workspace in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// What it was made from.
    pub scenario: Scenario,
    /// Its rows.
    pub tables: Tables,
    /// What is known of it.
    pub truth: Truth,
}

/// Makes the world that `scenario` describes from `seed`: always the same one.
///
/// # Errors
/// [`InvalidScenario`] when a knob makes no sense.
pub fn generate(scenario: &Scenario, seed: u64) -> Result<World, InvalidScenario> {
    scenario.check()?;
    let mut tables = Tables {
        segment_columns: scenario
            .segments
            .iter()
            .map(|each| each.column.clone())
            .collect(),
        covariate_column: scenario.covariate.as_ref().map(|each| each.column.clone()),
        ..Tables::default()
    };
    let mut experiments = Vec::new();
    for (index, experiment) in (1_u64..).zip(&scenario.experiments) {
        let first_number = index * 10_000_000 + 1;
        let mut counts = Counts::of_none(experiment);
        let lives = Lives::new(scenario, experiment, seed, first_number);
        for unit in 0..u64::from(experiment.units) {
            lives.live(unit, &mut tables, &mut counts);
        }
        Strays::new(scenario, experiment, seed, first_number).add(&mut tables, &mut counts);
        let rates = experiment
            .variants
            .iter()
            .map(|each| (each.id.clone(), each.exposure_rate));
        experiments.push(ExperimentTruth {
            id: experiment.id.clone(),
            finding: experiment.finding.clone(),
            expected_verdicts: experiment.expected_verdicts.clone(),
            expected_exposure_rates: rates.collect(),
            counts,
            metrics: metric_truths(scenario, experiment),
        });
    }
    tables.sort();
    Ok(World {
        scenario: scenario.clone(),
        tables,
        truth: Truth {
            format: 1,
            seed,
            experiments,
        },
    })
}

/// Rows of units that were never assigned, or that no table knows.
struct Strays<'a> {
    experiment: &'a ExperimentScenario,
    purpose: Purpose,
    first_number: u64,
    id: Arc<str>,
    from: Timestamp,
    /// Length of the time strays appear in, in microseconds.
    length: f64,
}

impl<'a> Strays<'a> {
    fn new(
        scenario: &Scenario,
        experiment: &'a ExperimentScenario,
        seed: u64,
        first_number: u64,
    ) -> Self {
        let enrolled = i64::from(experiment.enrol_days) * MICROSECONDS_PER_DAY;
        let end = scenario
            .complete_through
            .0
            .min(experiment.start.0 + enrolled);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a length of weeks fits a double"
        )]
        let length = (end - experiment.start.0).max(0) as f64;
        Self {
            experiment,
            purpose: Purpose::new(seed, &format!("{}/strays", experiment.id)),
            first_number,
            id: experiment.id.as_str().into(),
            from: experiment.start,
            length,
        }
    }

    /// A number that no unit of the experiment has.
    fn number(&self, index: u64) -> UnitNumber {
        UnitNumber(self.first_number + u64::from(MOST_UNITS) + index)
    }

    /// A second in the time strays appear in, leaving five minutes for the row to arrive.
    fn instant(&self, index: u64) -> Timestamp {
        let length = (self.length - 300e6).max(0.0);
        let offset = super::lives::whole_seconds(self.purpose.unit(index).uniform() * length / 1e6);
        Timestamp(self.from.0 + offset)
    }

    fn add(&self, tables: &mut Tables, counts: &mut Counts) {
        let faults = &self.experiment.faults;
        let variants: Vec<Arc<str>> = self
            .experiment
            .variants
            .iter()
            .map(|each| each.id.as_str().into())
            .collect();
        let mut numbers = 0_u64..;
        let mut next = |count: u32| numbers.by_ref().take(count as usize).collect::<Vec<_>>();
        let variant = |index: u64| {
            let turn = usize::try_from(index).unwrap_or(0) % variants.len().max(1);
            variants.get(turn).cloned().unwrap_or_default()
        };
        for index in next(faults.orphan_exposures) {
            tables.exposures.push(ExposureRow {
                unit: self.number(index),
                exposed_at: self.instant(index),
                experiment: self.id.clone(),
                version: self.experiment.version,
                variant: variant(index),
                exposure_type: self.experiment.exposure_type.as_str().into(),
            });
            counts.orphan_exposure_rows += 1;
        }
        for index in next(faults.orphan_events) {
            let behaviour = self.experiment.behaviours.first();
            let occurred_at = self.instant(index);
            tables.events.push(EventRow {
                unit: self.number(index),
                event: behaviour.map_or("visit", |each| &each.event).into(),
                value: None,
                occurred_at,
                ingested_at: Timestamp(occurred_at.0 + 300_000_000),
            });
            counts.orphan_event_rows += 1;
        }
        for index in next(faults.unknown_variants) {
            tables
                .assignments
                .push(self.assignment(index, true, "unheard-of".into()));
            counts.unknown_variant_rows += 1;
        }
        for index in next(faults.missing_unit_ids) {
            tables
                .assignments
                .push(self.assignment(index, false, variant(index)));
            counts.missing_unit_id_rows += 1;
        }
    }

    fn assignment(&self, index: u64, known: bool, variant: Arc<str>) -> AssignmentRow {
        AssignmentRow {
            unit: known.then(|| self.number(index)),
            assigned_at: self.instant(index),
            experiment: self.id.clone(),
            version: self.experiment.version,
            variant,
        }
    }
}
