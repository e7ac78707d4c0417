//! Defines how dates and durations in definitions become instants and lengths.
//!
//! Zones come from the database that is built into the program, so that a definition means the same on every machine.

use jiff::civil;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use super::super::document::Document;
use super::super::file::Moment;
use super::super::key_path::KeyPath;
use super::super::problem::{Rule, short};
use super::Surroundings;
use crate::domain::definition::{Duration, Timestamp};

/// The zone of dates and times that carry no offset.
pub(super) enum Zone {
    /// Declared, and known.
    Declared(TimeZone),
    /// Not declared.
    Absent,
    /// Declared, and wrong in a way that was reported.
    Broken,
}

impl Zone {
    /// The zone called `name`, if the program knows it.
    pub(super) fn named(name: &str) -> Option<TimeZone> {
        TimeZoneDatabase::bundled().get(name).ok()
    }

    /// The known zone name nearest to `name`.
    pub(super) fn nearest_name(name: &str) -> Option<String> {
        let names: Vec<String> = TimeZoneDatabase::bundled()
            .available()
            .map(|name| name.to_string())
            .collect();
        super::super::problem::nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
    }
}

/// Which instant a date without a time stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DateMeans {
    /// The first instant of the day.
    Start,
    /// The first instant after the day.
    Through,
}

/// The instant that the moment at `path` stands for.
pub(super) fn instant(
    moment: Moment,
    means: DateMeans,
    surroundings: &Surroundings,
    document: &mut Document,
    path: &KeyPath,
) -> Option<Timestamp> {
    let zone = match (&surroundings.zone, moment.0.offset) {
        (_, Some(_)) => None,
        (Zone::Declared(zone), None) => Some(zone),
        (Zone::Broken, None) => return None,
        (Zone::Absent, None) => {
            if surroundings.is_whole {
                document.error(
                    Rule::NoZone,
                    path,
                    "this time has no offset, and the workspace declares no time zone",
                    "write an offset, such as 2026-03-01T00:00:00Z, or set `time_zone` in readout.toml",
                );
            } else {
                super::unreadable_workspace(document, path);
            }
            return None;
        }
    };
    let found = in_zone(moment, means, zone);
    if found.is_none() {
        document.error(
            Rule::BadText,
            path,
            "this is no instant on the calendar",
            "write a date such as 2026-03-01 or an instant such as 2026-03-01T00:00:00Z",
        );
    }
    found
}

fn in_zone(moment: Moment, means: DateMeans, zone: Option<&TimeZone>) -> Option<Timestamp> {
    let written = moment.0.date?;
    let date = civil::Date::new(
        i16::try_from(written.year).ok()?,
        i8::try_from(written.month).ok()?,
        i8::try_from(written.day).ok()?,
    )
    .ok()?;
    let local = match moment.0.time {
        Some(time) => date.to_datetime(
            civil::Time::new(
                i8::try_from(time.hour).ok()?,
                i8::try_from(time.minute).ok()?,
                i8::try_from(time.second.unwrap_or(0)).ok()?,
                i32::try_from(time.nanosecond.unwrap_or(0)).ok()?,
            )
            .ok()?,
        ),
        None if means == DateMeans::Through => {
            date.tomorrow().ok()?.to_datetime(civil::Time::midnight())
        }
        None => date.to_datetime(civil::Time::midnight()),
    };
    let instant = match (moment.0.offset, zone) {
        (Some(toml::value::Offset::Z), _) => Offset::UTC.to_timestamp(local).ok()?,
        (Some(toml::value::Offset::Custom { minutes }), _) => {
            Offset::from_seconds(i32::from(minutes) * 60)
                .ok()?
                .to_timestamp(local)
                .ok()?
        }
        (None, Some(zone)) => local.to_zoned(zone.clone()).ok()?.timestamp(),
        (None, None) => return None,
    };
    Some(Timestamp(instant.as_microsecond()))
}

/// The length that the text at `path` stands for.
pub(super) fn length(text: &str, document: &mut Document, path: &KeyPath) -> Option<Duration> {
    if let Ok(length) = text.parse::<Duration>() {
        return Some(length);
    }
    document.error(
        Rule::BadText,
        path,
        format!("'{}' is no length of time", short(text)),
        "write a whole number and one of d, h, m, s, such as 7d or 36h",
    );
    None
}

/// A length that must be longer than nothing.
pub(super) fn positive_length(
    text: &str,
    document: &mut Document,
    path: &KeyPath,
) -> Option<Duration> {
    let length = length(text, document, path)?;
    if length > Duration::ZERO {
        return Some(length);
    }
    document.error(
        Rule::OutOfRange,
        path,
        format!("'{path}' must be longer than nothing"),
        "write a positive length, such as 7d",
    );
    None
}
