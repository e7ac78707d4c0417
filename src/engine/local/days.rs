//! Turns instants into local days of the workspace's zone.

use jiff::tz::TimeZone;

use crate::domain::definition::MICROSECONDS_PER_DAY;

/// Local days, counted from 1970-01-01.
#[derive(Debug, Clone)]
pub(super) enum Days {
    /// Of UTC: arithmetic.
    Utc,
    /// Of another zone.
    Zone(TimeZone),
}

impl Days {
    /// Days of a zone; UTC where none is declared. `None` when the zone is unknown.
    pub(super) fn new(zone: Option<&str>) -> Option<Self> {
        match zone {
            None | Some("UTC") => Some(Self::Utc),
            Some(name) => TimeZone::get(name).ok().map(Self::Zone),
        }
    }

    /// The day of an instant in microseconds.
    pub(super) fn day(&self, instant: i64) -> i64 {
        let offset = match self {
            Self::Utc => 0,
            Self::Zone(zone) => jiff::Timestamp::from_microsecond(instant).map_or(0, |timestamp| {
                i64::from(zone.to_offset(timestamp).seconds()) * 1_000_000
            }),
        };
        (instant + offset).div_euclid(MICROSECONDS_PER_DAY)
    }

    /// The first instant of the day of an instant.
    pub(super) fn start_of_day(&self, instant: i64) -> i64 {
        match self {
            Self::Utc => instant - instant.rem_euclid(MICROSECONDS_PER_DAY),
            Self::Zone(zone) => jiff::Timestamp::from_microsecond(instant)
                .ok()
                .and_then(|timestamp| timestamp.to_zoned(zone.clone()).start_of_day().ok())
                .map_or(instant, |start| start.timestamp().as_microsecond()),
        }
    }

    /// `YYYY-MM-DD` of a day.
    pub(super) fn name(day: i64) -> String {
        jiff::Timestamp::from_microsecond(day.saturating_mul(MICROSECONDS_PER_DAY)).map_or_else(
            |_| format!("day {day}"),
            |timestamp| timestamp.to_zoned(TimeZone::UTC).date().to_string(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_microsecond()
    }

    #[test]
    fn a_local_day_starts_at_local_midnight() {
        let berlin = Days::new(Some("Europe/Berlin")).unwrap();
        let late = instant("2026-03-28T23:30:00Z");
        assert_eq!(Days::name(berlin.day(late)), "2026-03-29");
        assert_eq!(Days::name(Days::Utc.day(late)), "2026-03-28");
        assert_eq!(berlin.start_of_day(late), instant("2026-03-28T23:00:00Z"));
        // The day that summer time begins has 23 hours.
        assert_eq!(
            berlin.start_of_day(instant("2026-03-29T22:30:00Z")),
            instant("2026-03-29T22:00:00Z")
        );
    }

    #[test]
    fn days_before_1970_are_days_too() {
        assert_eq!(Days::name(Days::Utc.day(-1)), "1969-12-31");
    }
}
