//! Defines the life of one unit: when it arrives, which variant it gets, whether it is exposed, what it does, and which
//! faults its rows have.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::{Circumstances, Pace, exposure_probability, loss_probability, pace};
use super::random::{Draws, Purpose};
use super::scenario::{
    Behaviour, EffectFrom, ExperimentScenario, LevelScenario, Scenario, Values, VariantScenario,
};
use super::tables::{AssignmentRow, EventRow, ExposureRow, Tables, UnitNumber, UnitRow};
use super::truth::Counts;
use crate::domain::definition::Timestamp;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Whole seconds of `seconds`, as microseconds: tables hold no fractions of a second.
pub(super) fn whole_seconds(seconds: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "offsets are days; a cast of a double saturates"
    )]
    let whole = seconds.floor() as i64;
    whole.saturating_mul(1_000_000)
}

/// The streams of one behaviour.
struct BehaviourStreams<'a> {
    behaviour: &'a Behaviour,
    event: Arc<str>,
    times: Purpose,
    values: Purpose,
    arrival: Purpose,
    copies: Purpose,
}

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
    behaviours: Vec<BehaviourStreams<'a>>,
}

const UNIT_FAULTS: [&str; 6] = [
    "bot",
    "contradictory-exposure",
    "duplicate-assignment",
    "duplicate-exposure",
    "early-exposure",
    "several-variants",
];

/// One unit, before any of its rows is written.
struct Unit<'a> {
    index: u64,
    number: UnitNumber,
    assigned_at: Timestamp,
    variant_index: usize,
    variant: &'a VariantScenario,
    activity: f64,
    circumstances: Circumstances,
    levels: Vec<&'a LevelScenario>,
    /// Delay of the first exposure in days; absent where the unit is never exposed.
    exposure_delay: Option<f64>,
}

impl<'a> Lives<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        experiment: &'a ExperimentScenario,
        seed: u64,
        first_number: u64,
    ) -> Self {
        let purpose = |name: &str| Purpose::new(seed, &format!("{}/{name}", experiment.id));
        let behaviours = experiment
            .behaviours
            .iter()
            .map(|behaviour| BehaviourStreams {
                behaviour,
                event: behaviour.event.as_str().into(),
                times: purpose(&format!("event-times/{}", behaviour.event)),
                values: purpose(&format!("event-values/{}", behaviour.event)),
                arrival: purpose(&format!("event-arrival/{}", behaviour.event)),
                copies: purpose(&format!("event-copies/{}", behaviour.event)),
            });
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
            behaviours: behaviours.collect(),
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
        let progress =
            (index as f64 + self.arrival.unit(index).uniform()) / f64::from(experiment.units);
        let seconds = progress * f64::from(experiment.enrol_days) * SECONDS_PER_DAY;
        let assigned_at = Timestamp(experiment.start.0 + whole_seconds(seconds));
        if assigned_at >= self.scenario.complete_through {
            return None;
        }
        counts.units_randomised += 1;
        let weights = experiment.weights_at(seconds / SECONDS_PER_DAY);
        let variant_index = self.variant.unit(index).weighted(&weights);
        let variant = experiment.variants.get(variant_index)?;
        let activity = self.activity.unit(index).erlang(experiment.activity_shape);
        if self.loss.unit(index).chance(loss_probability(
            variant,
            activity,
            experiment.activity_shape,
        )) {
            *counts.units_lost.entry(variant.id.clone()).or_default() += 1;
            return None;
        }
        let levels = self.levels(index);
        let is_bot = self.has_fault("bot", index, experiment.faults.bots);
        counts.units_bots += u64::from(is_bot);
        let circumstances = Circumstances {
            rate: levels.iter().map(|level| level.rate).product::<f64>()
                * (1.0 + experiment.trend * progress),
            effect: levels.iter().map(|level| level.effect).product(),
            activity: if is_bot {
                experiment.faults.bot_activity
            } else {
                1.0
            },
        };
        let mut draws = self.exposure.unit(index);
        let exposed = draws.chance(exposure_probability(
            variant,
            activity,
            experiment.activity_shape,
        ));
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
        };
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

    /// A later assignment to another variant, for units that have one before the data end.
    fn second_assignment(&self, unit: &Unit<'_>, first: &AssignmentRow) -> Option<AssignmentRow> {
        let mut draws = self.fault_draws("several-variants", unit.index)?;
        if !draws.chance(self.experiment.faults.several_variants) {
            return None;
        }
        let later = 1 + whole_seconds(draws.uniform() * 3.0 * SECONDS_PER_DAY) / 1_000_000;
        let others = vec![1.0; self.names.len() - 1];
        let row = AssignmentRow {
            assigned_at: Timestamp(unit.assigned_at.0 + later * 1_000_000),
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
        let contradictory = self.has_fault(
            "contradictory-exposure",
            unit.index,
            faults.contradictory_exposures,
        );
        let first_at = unit.assigned_at.0 + whole_seconds(delay * SECONDS_PER_DAY);
        let mut times = vec![if early {
            unit.assigned_at.0 - 3_600_000_000
        } else {
            first_at
        }];
        if !early {
            let pace = [(7.0, self.experiment.repeated_exposures / 7.0)];
            let repeats = occurrences(&mut self.repeats.unit(unit.index), &pace);
            times.extend(
                repeats
                    .iter()
                    .map(|days| first_at + 1_000_000 + whole_seconds(days * SECONDS_PER_DAY)),
            );
        }
        let rows = times
            .into_iter()
            .map(Timestamp)
            .filter(|exposed_at| *exposed_at < self.scenario.complete_through)
            .map(|exposed_at| ExposureRow {
                unit: unit.number,
                exposed_at,
                experiment: self.id.clone(),
                version: self.experiment.version,
                variant: self.name(unit.variant_index + usize::from(contradictory)),
                exposure_type: self.exposure_type.clone(),
            });
        let rows: Vec<ExposureRow> = rows.collect();
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

    /// Writes what the unit does, and returns its covariate.
    fn act(&self, unit: &Unit<'_>, tables: &mut Tables, counts: &mut Counts) -> Option<f64> {
        let covariate = self.scenario.covariate.as_ref();
        let mut sum = 0.0;
        for streams in &self.behaviours {
            let sums = covariate.filter(|each| *each.event == *streams.event);
            for row in self.rows_of(streams, unit) {
                let days_before = sums.map_or(0, |each| i64::from(each.days));
                let from = unit.assigned_at.0 - days_before * 86_400_000_000;
                if (from..unit.assigned_at.0).contains(&row.occurred_at.0) {
                    sum += row.value.unwrap_or(0.0);
                }
                self.record(streams, unit, row, tables, counts);
            }
        }
        covariate
            .filter(|each| self.experiment.pre_days >= each.days)
            .map(|_| (sum * 100.0).round() / 100.0)
    }

    /// The rows of one behaviour in one unit, in time order, not yet arrived anywhere.
    fn rows_of(&self, streams: &BehaviourStreams<'_>, unit: &Unit<'_>) -> Vec<EventRow> {
        let behaviour = streams.behaviour;
        let pace = pace(
            behaviour,
            unit.variant.effect(&behaviour.event),
            unit.activity,
            unit.circumstances,
        );
        let pre = if behaviour.pre_period {
            f64::from(self.experiment.pre_days)
        } else {
            0.0
        };
        let follow = f64::from(self.experiment.follow_days);
        let onset = match unit.variant.effect_from {
            EffectFrom::Assignment => 0.0,
            EffectFrom::Exposure => unit
                .exposure_delay
                .map_or(follow, |delay| delay.min(follow)),
        };
        let stretches = [(pre + onset, pace.before), (follow - onset, pace.after)];
        let times = occurrences(&mut streams.times.unit(unit.index), &stretches);
        let mut values = streams.values.unit(unit.index);
        let row = |days: f64| EventRow {
            unit: unit.number,
            event: streams.event.clone(),
            value: behaviour
                .values
                .draw(&mut values, &pace, days - pre >= onset),
            occurred_at: Timestamp(
                unit.assigned_at.0 + whole_seconds((days - pre) * SECONDS_PER_DAY),
            ),
            ingested_at: unit.assigned_at,
        };
        times.into_iter().map(row).collect()
    }

    /// Lets a row arrive, on time or late, once or twice; or not, where the data end before.
    fn record(
        &self,
        streams: &BehaviourStreams<'_>,
        unit: &Unit<'_>,
        mut row: EventRow,
        tables: &mut Tables,
        counts: &mut Counts,
    ) {
        if row.occurred_at >= self.scenario.complete_through {
            return;
        }
        let faults = &self.experiment.faults;
        // Streams of rows are keyed by unit and second, so that one row more shifts no other.
        let key = unit.index << 32 | (row.occurred_at.0 / 1_000_000).unsigned_abs() & 0xffff_ffff;
        let mut draws = streams.arrival.unit(key);
        let late = draws.chance(faults.late_events);
        let lag = draws.uniform()
            * if late {
                faults.late_days * SECONDS_PER_DAY
            } else {
                600.0
            };
        // Rows are loaded every five minutes.
        let loaded = (row.occurred_at.0 + whole_seconds(lag)).div_euclid(300_000_000) + 1;
        row.ingested_at = Timestamp(loaded * 300_000_000);
        if row.ingested_at >= self.scenario.complete_through {
            counts.events_not_yet_arrived += 1;
            return;
        }
        counts.late_event_rows += u64::from(late);
        if streams.copies.unit(key).chance(faults.duplicate_events) {
            counts.duplicate_event_rows += 1;
            tables.events.push(row.clone());
        }
        tables.events.push(row);
    }
}

/// The times, in days, at which a Poisson process happens that goes through `stretches` of (days, times a day).
fn occurrences(draws: &mut Draws, stretches: &[(f64, f64)]) -> Vec<f64> {
    let mut times = Vec::new();
    let mut wait = draws.exponential();
    let mut from = 0.0;
    for &(length, rate) in stretches {
        let mut position = 0.0;
        while rate > 0.0 && wait <= (length - position) * rate {
            position += wait / rate;
            times.push(from + position);
            wait = draws.exponential();
        }
        wait -= (length - position).max(0.0) * rate;
        from += length;
    }
    times
}

impl Values {
    /// The value of one row.
    fn draw(&self, draws: &mut Draws, pace: &Pace, under_effect: bool) -> Option<f64> {
        let multiplier = if under_effect { pace.value } else { 1.0 };
        match *self {
            Self::Absent => None,
            Self::Chance { probability } => Some(if draws.chance(probability * multiplier) {
                1.0
            } else {
                0.0
            }),
            Self::Amount {
                mean,
                sigma,
                tail_share,
                tail_shape,
                decimals,
            } => {
                let amount = mean * multiplier * draws.lognormal(sigma);
                let in_tail = draws.chance(tail_share);
                let tail = draws.pareto(tail_shape);
                let scale = libm::pow(10.0, f64::from(decimals));
                let amount = if in_tail { amount * tail } else { amount };
                Some((amount * scale).round() / scale)
            }
        }
    }
}
