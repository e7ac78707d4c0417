//! Defines how times without a zone become instants: by the zone that is declared, and never by a guess.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::error::Problem;

const MICROSECONDS_PER_SECOND: i64 = 1_000_000;
const MICROSECONDS_PER_DAY: i64 = 86_400 * MICROSECONDS_PER_SECOND;

/// Days that a zone remembers; of those that are so many apart, the last that was asked for.
const DAYS: u16 = 1024;

/// The declared zone, remembering the days whose offset it has already found.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    /// `None` for UTC itself.
    rules: Option<TimeZone>,
    /// By the remainder of the day; empty until a day is asked for.
    days: Vec<Option<Day>>,
}

/// A day since 1970 and its offset in microseconds, or `None` where the day has a transition near it.
type Day = (i64, Option<i64>);

impl Zone {
    /// The zone an IANA name means.
    pub(super) fn named(name: &str) -> Result<Self, Problem> {
        let rules = match name {
            "UTC" | "Etc/UTC" | "Z" => None,
            _ => Some(TimeZone::get(name).map_err(|_| Problem::UnknownZone {
                zone: name.to_owned(),
            })?),
        };
        Ok(Self {
            rules,
            days: Vec::new(),
        })
    }

    /// Whether local times are instants as they stand.
    pub(super) fn is_utc(&self) -> bool {
        self.rules.is_none()
    }

    /// The instant of a local time given as microseconds since 1970 on the local clock; `None` outside the calendar.
    ///
    /// A time that happens twice is the first of the two; one that the clock jumps over is moved on by the jump.
    pub(super) fn instant(&mut self, local: i64) -> Option<i64> {
        let Some(rules) = &self.rules else {
            return Some(local);
        };
        let day = local.div_euclid(MICROSECONDS_PER_DAY);
        if self.days.is_empty() {
            self.days = vec![None; usize::from(DAYS)];
        }
        let known = usize::try_from(day.rem_euclid(i64::from(DAYS)))
            .ok()
            .and_then(|place| self.days.get_mut(place));
        let offset = match known {
            Some(Some((held, offset))) if *held == day => *offset,
            Some(place) => place.insert((day, steady_offset(rules, day))).1,
            None => steady_offset(rules, day),
        };
        match offset {
            Some(offset) => local.checked_sub(offset),
            None => resolve(rules, local),
        }
    }
}

/// The offset of `day`, if it is the same from the day before to the day after.
fn steady_offset(rules: &TimeZone, day: i64) -> Option<i64> {
    let offset = |day: i64| {
        let second = day.checked_mul(86_400)?;
        let instant = jiff::Timestamp::from_second(second).ok()?;
        Some(i64::from(rules.to_offset(instant).seconds()) * MICROSECONDS_PER_SECOND)
    };
    let before = offset(day - 1)?;
    let steady = offset(day)? == before && offset(day + 1)? == before && offset(day + 2)? == before;
    steady.then_some(before)
}

fn resolve(rules: &TimeZone, local: i64) -> Option<i64> {
    let civil: DateTime = jiff::Timestamp::from_microsecond(local)
        .ok()?
        .to_zoned(TimeZone::UTC)
        .datetime();
    let instant = rules
        .to_ambiguous_timestamp(civil)
        .disambiguate(jiff::tz::Disambiguation::Compatible)
        .ok()?;
    Some(instant.as_microsecond())
}
