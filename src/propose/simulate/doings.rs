//! Defines what units do: the times of a Poisson process, the values of its rows, and when each row arrives.

use std::sync::Arc;

use super::lives::Unit;
use super::model::{Pace, pace};
use super::random::{Draws, Purpose};
use super::scenario::{Behaviour, EffectFrom, ExperimentScenario, Scenario, Values};
use super::tables::{EventRow, Tables};
use super::truth::Counts;
use crate::domain::definition::{Duration, MICROSECONDS_PER_DAY, Timestamp};

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Rows are loaded every five minutes.
const LOAD_EVERY: i64 = 300_000_000;

/// Whole seconds of `days`: tables hold no fractions of a second.
pub(super) fn whole_seconds(days: f64) -> Duration {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "offsets are days; a cast of a double saturates"
    )]
    let whole = (days * SECONDS_PER_DAY).floor() as i64;
    Duration(whole.saturating_mul(1_000_000))
}

/// One behaviour in one experiment, with its streams.
pub(super) struct Doing<'a> {
    experiment: &'a ExperimentScenario,
    behaviour: &'a Behaviour,
    complete_through: Timestamp,
    event: Arc<str>,
    times: Purpose,
    values: Purpose,
    arrival: Purpose,
    copies: Purpose,
}

impl<'a> Doing<'a> {
    pub(super) fn new(
        scenario: &Scenario,
        experiment: &'a ExperimentScenario,
        behaviour: &'a Behaviour,
        seed: u64,
    ) -> Self {
        let purpose = |name: &str| {
            Purpose::new(
                seed,
                &format!("{}/event-{name}/{}", experiment.id, behaviour.event),
            )
        };
        Self {
            experiment,
            behaviour,
            complete_through: scenario.complete_through,
            event: behaviour.event.as_str().into(),
            times: purpose("times"),
            values: purpose("values"),
            arrival: purpose("arrival"),
            copies: purpose("copies"),
        }
    }

    /// Whether this is what `event` names.
    pub(super) fn is(&self, event: &str) -> bool {
        *self.event == *event
    }

    /// Its rows in one unit, in time order, not yet arrived anywhere.
    pub(super) fn rows(&self, unit: &Unit<'_>) -> Vec<EventRow> {
        let behaviour = self.behaviour;
        let effect = unit.variant.effect(&behaviour.event);
        let pace = pace(behaviour, effect, unit.activity, unit.circumstances);
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
        let times = occurrences(&mut self.times.unit(unit.index), &stretches);
        let mut values = self.values.unit(unit.index);
        let row = |days: f64| EventRow {
            unit: unit.number,
            event: self.event.clone(),
            value: behaviour
                .values
                .draw(&mut values, &pace, days - pre >= onset),
            occurred_at: unit.assigned_at.plus(whole_seconds(days - pre)),
            ingested_at: unit.assigned_at,
        };
        times.into_iter().map(row).collect()
    }

    /// Lets a row arrive, on time or late, once or twice; or not, where the data end before.
    pub(super) fn record(
        &self,
        unit: &Unit<'_>,
        mut row: EventRow,
        tables: &mut Tables,
        counts: &mut Counts,
    ) {
        if row.occurred_at >= self.complete_through {
            return;
        }
        let faults = &self.experiment.faults;
        let day = (row.occurred_at.0 - self.experiment.start.0).div_euclid(MICROSECONDS_PER_DAY);
        if faults
            .lost_event_day
            .is_some_and(|lost| i64::from(lost) == day)
        {
            return;
        }
        // Streams of rows are keyed by unit and second, so that one row more shifts no other.
        let second = (row.occurred_at.0 / 1_000_000).unsigned_abs() & 0xffff_ffff;
        let key = unit.index << 32 | second;
        let mut draws = self.arrival.unit(key);
        let late = draws.chance(faults.late_events);
        // On time is within ten minutes.
        let longest = if late {
            faults.late_days
        } else {
            600.0 / SECONDS_PER_DAY
        };
        let sent = row
            .occurred_at
            .plus(whole_seconds(draws.uniform() * longest));
        row.ingested_at = Timestamp((sent.0.div_euclid(LOAD_EVERY) + 1) * LOAD_EVERY);
        if row.ingested_at >= self.complete_through {
            counts.events_not_yet_arrived += 1;
            return;
        }
        counts.late_event_rows += u64::from(late);
        if self.copies.unit(key).chance(faults.duplicate_events) {
            counts.duplicate_event_rows += 1;
            tables.events.push(row.clone());
        }
        tables.events.push(row);
    }
}

/// The times, in days, at which a Poisson process happens that goes through `stretches` of (days, times a day).
pub(super) fn occurrences(draws: &mut Draws, stretches: &[(f64, f64)]) -> Vec<f64> {
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
