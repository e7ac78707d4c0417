//! Defines the life of one unit: when it arrives, which variant it gets, whether it is exposed, and which faults its rows
//! have. What it does is in `doings`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::doings::{Doing, occurrences, whole_seconds};
use super::model::{Circumstances, exposure_probability, loss_probability};
use super::random::{Draws, Purpose};
use super::scenario::{ExperimentScenario, LevelScenario, Scenario, VariantScenario};
use super::tables::{AssignmentRow, ExposureRow, Tables, UnitNumber, UnitRow};
use super::truth::Counts;
use crate::domain::definition::{Duration, MICROSECONDS_PER_DAY, Timestamp};

const A_SECOND: Duration = Duration(1_000_000);
/// Second ids are so much larger than the first: beyond every unit and stray of any experiment.
const SECOND_IDS: u64 = 1_000_000_000_000;
const TWO_MONTHS: Duration = Duration(60 * MICROSECONDS_PER_DAY);
const AN_HOUR: Duration = Duration(3_600_000_000);

/// The units of one experiment.
pub(super) struct Lives<'a> {
    scenario: &'a Scenario,
    experiment: &'a ExperimentScenario,
    first_number: u64,
    id: Arc<str>,
    exposure_type: Arc<str>,
    names: Vec<Arc<str>>,
    arrival: Purpose,
    variant: Purpose,
    activity: Purpose,
    segments: Purpose,
    loss: Purpose,
    exposure: Purpose,
    repeats: Purpose,
    /// One for each fault of a unit, by name, so that a new fault shifts none of the others.
    faults: BTreeMap<&'static str, Purpose>,
    doings: Vec<Doing<'a>>,
}

const UNIT_FAULTS: [&str; 9] = [
    "bot",
    "contradictory-exposure",
    "duplicate-assignment",
    "duplicate-exposure",
    "earlier-version",
    "early-exposure",
    "ineligible",
    "second-id",
    "several-variants",
];

/// One unit, before any of its rows is written.
pub(super) struct Unit<'a> {
    pub(super) index: u64,
    pub(super) number: UnitNumber,
    pub(super) assigned_at: Timestamp,
    pub(super) variant_index: usize,
    pub(super) variant: &'a VariantScenario,
    pub(super) activity: f64,
    pub(super) circumstances: Circumstances,
    pub(super) levels: Vec<&'a LevelScenario>,
    /// Delay of the first exposure in days; absent where the unit is never exposed.
    pub(super) exposure_delay: Option<f64>,
}

impl<'a> Lives<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        experiment: &'a ExperimentScenario,
        seed: u64,
        first_number: u64,
    ) -> Self {
        let purpose = |name: &str| Purpose::new(seed, &format!("{}/{name}", experiment.id));
        Self {
            scenario,
            experiment,
            first_number,
            id: experiment.id.as_str().into(),
            exposure_type: experiment.exposure_type.as_str().into(),
            names: experiment
                .variants
                .iter()
                .map(|each| each.id.as_str().into())
                .collect(),
            arrival: purpose("arrival"),
            variant: purpose("variant"),
            activity: purpose("activity"),
            segments: purpose("segments"),
            loss: purpose("loss"),
            exposure: purpose("exposure"),
            repeats: purpose("repeated-exposures"),
            faults: UNIT_FAULTS
                .into_iter()
                .map(|name| (name, purpose(&format!("fault/{name}"))))
                .collect(),
            doings: experiment
                .behaviours
                .iter()
                .map(|behaviour| Doing::new(scenario, experiment, behaviour, seed))
                .collect(),
        }
    }

    /// Lives the life of unit `index`: its rows go to `tables`, what is known of them to `counts`.
    pub(super) fn live(&self, index: u64, tables: &mut Tables, counts: &mut Counts) {
        let Some(unit) = self.unit(index, counts) else {
            return;
        };
        self.assign(&unit, tables, counts);
        self.expose(&unit, tables, counts);
        let covariate = self.act(&unit, tables, counts);
        tables.units.push(UnitRow {
            unit: unit.number,
            segments: unit
                .levels
                .iter()
                .map(|level| level.name.as_str().into())
                .collect(),
            covariate,
        });
    }

    /// The unit, unless it arrives after the data end or is lost.
    fn unit(&self, index: u64, counts: &mut Counts) -> Option<Unit<'a>> {
        let experiment = self.experiment;
        // Evenly over the enrolment, each unit somewhere in its own slot: ids then rise with time, as they do in life.
        #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^52")]
        let slot = index as f64;
        let progress = (slot + self.arrival.unit(index).uniform()) / f64::from(experiment.units);
        let days = progress * f64::from(experiment.enrol_days);
        let assigned_at = experiment.start.plus(whole_seconds(days));
        if assigned_at >= self.scenario.complete_through {
            return None;
        }
        counts.units_randomised += 1;
        let variant_index = self
            .variant
            .unit(index)
            .weighted(&experiment.weights_at(days));
        let variant = experiment.variants.get(variant_index)?;
        let activity = self.activity.unit(index).erlang(experiment.activity_shape);
        let levels = self.levels(index);
        let only = variant.lost_level.as_ref();
        let may_be_lost = days >= variant.lost_from_day
            && only.is_none_or(|only| levels.iter().any(|level| level.name == *only));
        let loss = if may_be_lost {
            loss_probability(variant, activity, experiment.activity_shape)
        } else {
            0.0
        };
        if self.loss.unit(index).chance(loss) {
            *counts.units_lost.entry(variant.id.clone()).or_default() += 1;
            return None;
        }
        let circumstances = self.circumstances(index, progress, &levels, counts);
        let mut draws = self.exposure.unit(index);
        let exposed = exposure_probability(variant, activity, experiment.activity_shape);
        let exposed = draws.chance(exposed);
        let delay = draws.uniform() * experiment.exposure_delay_hours / 24.0;
        Some(Unit {
            index,
            number: UnitNumber(self.first_number + index),
            assigned_at,
            variant_index,
            variant,
            activity,
            circumstances,
            levels,
            exposure_delay: exposed.then_some(delay),
        })
    }

    fn circumstances(
        &self,
        index: u64,
        progress: f64,
        levels: &[&LevelScenario],
        counts: &mut Counts,
    ) -> Circumstances {
        let faults = &self.experiment.faults;
        let is_bot = self.has_fault("bot", index, faults.bots);
        counts.units_bots += u64::from(is_bot);
        let rate: f64 = levels.iter().map(|level| level.rate).product();
        Circumstances {
            rate: rate * (1.0 + self.experiment.trend * progress),
            effect: levels.iter().map(|level| level.effect).product(),
            activity: if is_bot { faults.bot_activity } else { 1.0 },
        }
    }

    fn levels(&self, index: u64) -> Vec<&'a LevelScenario> {
        let mut draws = self.segments.unit(index);
        let drawn = self.scenario.segments.iter().filter_map(|segment| {
            let weights: Vec<f64> = segment.levels.iter().map(|level| level.weight).collect();
            segment.levels.get(draws.weighted(&weights))
        });
        drawn.collect()
    }

    fn has_fault(&self, name: &str, index: u64, share: f64) -> bool {
        self.fault_draws(name, index)
            .is_some_and(|mut draws| draws.chance(share))
    }

    fn fault_draws(&self, name: &str, index: u64) -> Option<Draws> {
        self.faults.get(name).map(|purpose| purpose.unit(index))
    }

    fn name(&self, index: usize) -> Arc<str> {
        self.names
            .get(index % self.names.len().max(1))
            .cloned()
            .unwrap_or_default()
    }

    fn assign(&self, unit: &Unit<'_>, tables: &mut Tables, counts: &mut Counts) {
        let faults = &self.experiment.faults;
        let row = AssignmentRow {
            unit: Some(unit.number),
            assigned_at: unit.assigned_at,
            experiment: self.id.clone(),
            version: self.experiment.version,
            variant: self.name(unit.variant_index),
            is_eligible: !self.has_fault("ineligible", unit.index, faults.ineligible),
        };
        if self.has_fault("earlier-version", unit.index, faults.earlier_version) {
            tables.assignments.push(AssignmentRow {
                assigned_at: unit.assigned_at.minus(TWO_MONTHS),
                version: self.experiment.version.saturating_sub(1),
                ..row.clone()
            });
        }
        self.identify(unit, &row, tables);
        *counts
            .units_assigned
            .entry(unit.variant.id.clone())
            .or_default() += 1;
        if self.has_fault(
            "duplicate-assignment",
            unit.index,
            faults.duplicate_assignments,
        ) {
            counts.duplicate_assignment_rows += 1;
            tables.assignments.push(row.clone());
        }
        if let Some(second) = self.second_assignment(unit, &row) {
            counts.units_in_several_variants += 1;
            tables.assignments.push(second);
        }
        tables.assignments.push(row);
    }

    /// Tells whose the unit's id is, and assigns its second one if it has any.
    fn identify(&self, unit: &Unit<'_>, row: &AssignmentRow, tables: &mut Tables) {
        if !self.experiment.says_persons() {
            return;
        }
        tables.identities.push((unit.number, unit.number));
        if self.has_fault("second-id", unit.index, unit.variant.second_id_share) {
            let second = UnitNumber(unit.number.0 + SECOND_IDS);
            tables.identities.push((second, unit.number));
            tables.assignments.push(AssignmentRow {
                unit: Some(second),
                ..row.clone()
            });
        }
    }

    /// A later assignment to another variant, for units that have one before the data end.
    fn second_assignment(&self, unit: &Unit<'_>, first: &AssignmentRow) -> Option<AssignmentRow> {
        let mut draws = self.fault_draws("several-variants", unit.index)?;
        let share = self.experiment.faults.several_variants + unit.variant.moved_share;
        if !draws.chance(share) {
            return None;
        }
        let later = whole_seconds(draws.uniform() * 3.0).0 + A_SECOND.0;
        let others = vec![1.0; self.names.len().saturating_sub(1)];
        let row = AssignmentRow {
            assigned_at: unit.assigned_at.plus(Duration(later)),
            variant: self.name(unit.variant_index + 1 + draws.weighted(&others)),
            ..first.clone()
        };
        (row.assigned_at < self.scenario.complete_through).then_some(row)
    }

    fn expose(&self, unit: &Unit<'_>, tables: &mut Tables, counts: &mut Counts) {
        let Some(delay) = unit.exposure_delay else {
            return;
        };
        let faults = &self.experiment.faults;
        let early = self.has_fault("early-exposure", unit.index, faults.early_exposures);
        let share = faults.contradictory_exposures;
        let contradictory = self.has_fault("contradictory-exposure", unit.index, share);
        let row = |exposed_at: Timestamp| ExposureRow {
            unit: unit.number,
            exposed_at,
            experiment: self.id.clone(),
            version: self.experiment.version,
            variant: self.name(unit.variant_index + usize::from(contradictory)),
            exposure_type: self.exposure_type.clone(),
        };
        let times = self.exposure_times(unit, delay, early).into_iter();
        let in_time = |at: &Timestamp| *at < self.scenario.complete_through;
        let rows: Vec<ExposureRow> = times.filter(in_time).map(row).collect();
        let Some(first) = rows.first() else {
            return;
        };
        *counts
            .units_with_exposure
            .entry(unit.variant.id.clone())
            .or_default() += 1;
        counts.units_with_early_exposure += u64::from(early);
        counts.units_with_contradictory_exposure += u64::from(contradictory);
        if self.has_fault("duplicate-exposure", unit.index, faults.duplicate_exposures) {
            counts.duplicate_exposure_rows += 1;
            tables.exposures.push(first.clone());
        }
        tables.exposures.extend(rows);
    }

    /// The first exposure and its repeats; or the only one, an hour before assignment.
    fn exposure_times(&self, unit: &Unit<'_>, delay: f64, early: bool) -> Vec<Timestamp> {
        if early {
            return vec![unit.assigned_at.minus(AN_HOUR)];
        }
        let first = unit.assigned_at.plus(whole_seconds(delay));
        let week = [(7.0, self.experiment.repeated_exposures / 7.0)];
        let repeats = occurrences(&mut self.repeats.unit(unit.index), &week);
        let repeat = |days: f64| first.plus(A_SECOND).plus(whole_seconds(days));
        std::iter::once(first)
            .chain(repeats.into_iter().map(repeat))
            .collect()
    }

    /// Writes what the unit does, and returns its covariate.
    fn act(&self, unit: &Unit<'_>, tables: &mut Tables, counts: &mut Counts) -> Option<f64> {
        let covariate = self.scenario.covariate.as_ref();
        let mut sum = 0.0;
        for doing in &self.doings {
            let rows = doing.rows(unit);
            if let Some(covariate) = covariate.filter(|each| doing.is(&each.event)) {
                let from = unit
                    .assigned_at
                    .minus(Duration(i64::from(covariate.days) * MICROSECONDS_PER_DAY));
                let before = rows
                    .iter()
                    .filter(|row| (from..unit.assigned_at).contains(&row.occurred_at));
                sum += before.filter_map(|row| row.value).sum::<f64>();
            }
            for row in rows {
                doing.record(unit, row, tables, counts);
            }
        }
        covariate
            .filter(|each| self.experiment.pre_days >= each.days)
            .map(|_| (sum * 100.0).round() / 100.0)
    }
}
