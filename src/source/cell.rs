//! Defines what one written cell means, for every format that writes cells as text; and how values are written as labels.

use std::fmt::Write;

use super::iso;
use super::zone::Zone;
use crate::domain::definition::CellType;
use crate::domain::evidence::RejectionRule;

/// Bytes a cell may have.
pub(super) const LONGEST: usize = 1 << 20;

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// Whole floats up to here are integers; beyond it floats skip integers.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The integer a float is, if it is one and every integer as small is a float too.
pub(super) fn whole(value: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "whole and at most 2^53")]
    let integer = value as i64;
    (value.abs() <= EXACT && value.fract() == 0.0).then_some(integer)
}

/// True or false, as programs write it.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.trim_ascii() {
        "true" | "True" | "TRUE" | "1" => Some(true),
        "false" | "False" | "FALSE" | "0" => Some(false),
        _ => None,
    }
}

/// A number as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// A whole number of 64 bits.
    Integer(i64),
    /// Any other, possibly not finite.
    Float(f64),
}

/// The number a text means; `Err(None)` for an empty one. True and false are 1 and 0.
pub(super) fn number(text: &str) -> Result<Number, Option<RejectionRule>> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Err(None);
    }
    if let Ok(integer) = text.parse() {
        return Ok(Number::Integer(integer));
    }
    if let Ok(float) = text.parse() {
        return Ok(Number::Float(float));
    }
    boolean(text)
        .map(|truth| Number::Integer(i64::from(truth)))
        .ok_or(Some(RejectionRule::BadNumber))
}

/// Whether a text is a value of a type; one of blanks is none, and of every type.
#[must_use]
pub fn is_of_type(text: &str, is: CellType) -> bool {
    if text.trim_ascii().is_empty() {
        return true;
    }
    let number = || number(text).ok();
    match is {
        CellType::Number => match number() {
            Some(Number::Float(value)) => value.is_finite(),
            Some(Number::Integer(_)) => true,
            None => false,
        },
        CellType::Integer => match number() {
            Some(Number::Float(value)) => whole(value).is_some(),
            Some(Number::Integer(_)) => true,
            None => false,
        },
        CellType::Timestamp => iso::read(text.trim_ascii()).is_some(),
        CellType::Boolean => boolean(text).is_some(),
    }
}

/// A whole number in decimal.
pub(super) fn write_integer(text: &mut String, value: impl std::fmt::Display) {
    let _ = write!(text, "{value}");
}

/// Why a text is no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeFailure {
    /// It is no time.
    Unreadable,
    /// It has no zone, and none is declared.
    NoZone,
}

/// The instant a text means, in microseconds since 1970 in UTC.
pub(super) fn time(text: &str, zone: Option<&mut Zone>) -> Result<i64, TimeFailure> {
    let written = iso::read(text.trim_ascii()).ok_or(TimeFailure::Unreadable)?;
    match (written.offset, zone) {
        (Some(offset), _) => Ok(written.local - offset),
        (None, None) => Err(TimeFailure::NoZone),
        (None, Some(zone)) => zone.instant(written.local).ok_or(TimeFailure::Unreadable),
    }
}

/// The shortest writing that reads back as the same float; whole ones without a point.
pub(super) fn write_float(text: &mut String, value: f64) {
    // Negative zero is zero.
    let _ = write!(text, "{}", value + 0.0);
}

/// A decimal without zeros at its end.
pub(super) fn write_decimal(text: &mut String, value: i128, scale: usize) {
    let digits = value.unsigned_abs().to_string();
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    let fraction = fraction.trim_end_matches('0');
    if value < 0 {
        text.push('-');
    }
    text.push_str(whole);
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
}

/// A time as RFC 3339; without the `Z` for a time that has no zone.
pub(super) fn write_time(text: &mut String, microseconds: i64, zoned: bool) {
    match jiff::Timestamp::from_microsecond(microseconds) {
        Ok(instant) if zoned => {
            let _ = write!(text, "{instant}");
        }
        Ok(instant) => text.push_str(instant.to_string().trim_end_matches('Z')),
        Err(_) => {
            let _ = write!(text, "{microseconds}");
        }
    }
}
