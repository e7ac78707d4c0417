//! Defines instants and durations as integers of microseconds, so that no comparison is ever a rounding matter.
//!
//! Local days are made from instants by a time zone elsewhere; nothing here knows a zone but UTC.

use serde::{Deserialize, Serialize};

/// A day of 24 hours, the only day a window knows, in microseconds.
pub const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;

/// An instant, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// A text that is no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an instant is written with its offset, such as 2026-03-01T00:00:00Z")]
pub struct InvalidTimestamp;

impl Timestamp {
    /// The instant `duration` later; saturates at the ends of time.
    #[must_use]
    pub const fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.0))
    }

    /// The instant `duration` earlier; saturates at the ends of time.
    #[must_use]
    pub const fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.0))
    }
}

impl std::str::FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>()
            .map(|instant| Self(instant.as_microsecond()))
            .map_err(|_| InvalidTimestamp)
    }
}

impl std::fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with as many fractional digits as the instant has and no more.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => write!(formatter, "{instant}"),
            Err(_) => write!(formatter, "{} µs since 1970", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// A length of time, in microseconds; written `7d`, `36h`, `30m` or `10s`, a whole number of one unit. May be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

/// A text that is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a duration is a whole number and one of d, h, m, s, such as 7d or 36h")]
pub struct InvalidDuration;

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    const UNITS: [(char, i64); 4] = [
        ('d', MICROSECONDS_PER_DAY),
        ('h', 3_600_000_000),
        ('m', 60_000_000),
        ('s', 1_000_000),
    ];
}

impl std::str::FromStr for Duration {
    type Err = InvalidDuration;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (sign, digits_and_unit) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (_, length) = Self::UNITS
            .iter()
            .find(|(letter, _)| digits_and_unit.ends_with(*letter))
            .ok_or(InvalidDuration)?;
        let digits = &digits_and_unit[..digits_and_unit.len() - 1];
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidDuration);
        }
        let count: i64 = digits.parse().map_err(|_| InvalidDuration)?;
        count
            .checked_mul(*length)
            .map(|total| Self(sign * total))
            .ok_or(InvalidDuration)
    }
}

impl std::fmt::Display for Duration {
    /// The largest unit that holds it in whole numbers.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 {
            return formatter.write_str("0d");
        }
        match Self::UNITS.iter().find(|(_, length)| self.0 % length == 0) {
            Some((letter, length)) => write!(formatter, "{}{letter}", self.0 / length),
            None => write!(formatter, "{}us", self.0),
        }
    }
}

impl Serialize for Duration {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Duration {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": r"^-?\d+[dhms]$" })
    }
}
