//! Defines how a written time is read: ISO 8601 and RFC 3339, as databases and data frames write them, and no other.
//!
//! It refuses integers, day-first and month-first dates and names of months: what they mean would be a guess.

/// A time as written: microseconds since 1970 on its own clock, and that clock's offset where it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    /// Microseconds since 1970-01-01T00:00:00 on the clock it was read from.
    pub(super) local: i64,
    /// Microseconds that clock is ahead of UTC; `None` where the text does not say.
    pub(super) offset: Option<i64>,
}

/// What a text that is a time says of its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenTime {
    /// Nothing: a day, or a time on a clock that is not named.
    Local,
    /// Its offset from UTC.
    Zoned,
}

/// What a text says of its zone, if it is a time as tables write them.
#[must_use]
pub fn written_time(text: &str) -> Option<WrittenTime> {
    read(text).map(|written| match written.offset {
        Some(_) => WrittenTime::Zoned,
        None => WrittenTime::Local,
    })
}

const MICROSECONDS_PER_SECOND: i64 = 1_000_000;

/// Reads `2026-03-01`, `2026-03-01 12:30`, `2026-03-01T12:30:00.123456`, with `Z`, ` UTC`, `+01`, `+01:00` or `+0100` behind a time.
///
/// Digits beyond the microsecond are cut off. `None` for anything else.
pub(super) fn read(text: &str) -> Option<Written> {
    let mut rest = text.as_bytes();
    let year = digits(&mut rest, 4)?;
    literal(&mut rest, b'-')?;
    let month = digits(&mut rest, 2)?;
    literal(&mut rest, b'-')?;
    let day = digits(&mut rest, 2)?;
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let midnight = days_since_1970(year, month, day) * 86_400 * MICROSECONDS_PER_SECOND;
    let Some((separator, behind)) = rest.split_first() else {
        return Some(Written {
            local: midnight,
            offset: None,
        });
    };
    if !matches!(separator, b'T' | b't' | b' ') {
        return None;
    }
    rest = behind;
    let local = midnight + clock(&mut rest)?;
    let offset = offset(rest)?;
    Some(Written { local, offset })
}

/// Microseconds since midnight.
fn clock(rest: &mut &[u8]) -> Option<i64> {
    let hour = digits(rest, 2)?;
    literal(rest, b':')?;
    let minute = digits(rest, 2)?;
    let mut second = 0;
    let mut fraction = 0;
    if rest.first() == Some(&b':') {
        literal(rest, b':')?;
        second = digits(rest, 2)?;
        if matches!(rest.first(), Some(b'.' | b',')) {
            *rest = rest.get(1..)?;
            fraction = microseconds(rest)?;
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(((hour * 60 + minute) * 60 + second) * MICROSECONDS_PER_SECOND + fraction)
}

/// The digits behind the point, as microseconds.
fn microseconds(rest: &mut &[u8]) -> Option<i64> {
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 {
        return None;
    }
    let (fraction, behind) = rest.split_at(count);
    *rest = behind;
    let mut value = 0;
    for place in 0..6 {
        value = value * 10 + fraction.get(place).map_or(0, |byte| i64::from(byte - b'0'));
    }
    Some(value)
}

/// The offset that ends a time: `Some(None)` where there is none, `None` where something else follows.
#[expect(
    clippy::option_option,
    reason = "an offset that is not given differs from one that cannot be read"
)]
fn offset(mut rest: &[u8]) -> Option<Option<i64>> {
    let (sign, behind) = match rest {
        [] => return Some(None),
        b"Z" | b"z" | b" UTC" | b" Z" => return Some(Some(0)),
        [b' ', b'+', behind @ ..] | [b'+', behind @ ..] => (1, behind),
        [b' ', b'-', behind @ ..] | [b'-', behind @ ..] => (-1, behind),
        _ => return None,
    };
    rest = behind;
    let hours = digits(&mut rest, 2)?;
    let minutes = if rest.is_empty() {
        0
    } else {
        if rest.first() == Some(&b':') {
            literal(&mut rest, b':')?;
        }
        digits(&mut rest, 2)?
    };
    if !rest.is_empty() || hours > 23 || minutes > 59 {
        return None;
    }
    Some(Some(
        sign * (hours * 60 + minutes) * 60 * MICROSECONDS_PER_SECOND,
    ))
}

fn digits(rest: &mut &[u8], count: usize) -> Option<i64> {
    let (found, behind) = rest.split_at_checked(count)?;
    *rest = behind;
    found.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit()
            .then(|| value * 10 + i64::from(byte - b'0'))
    })
}

fn literal(rest: &mut &[u8], wanted: u8) -> Option<()> {
    let (found, behind) = rest.split_first()?;
    *rest = behind;
    (*found == wanted).then_some(())
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, counting years from March so that leap days come last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let months_since_march = (month + 9) % 12;
    let day_of_year = (153 * months_since_march + 2) / 5 + day - 1;
    let leap_days = shifted.div_euclid(4) - shifted.div_euclid(100) + shifted.div_euclid(400);
    // 719 468 days lie between 0000-03-01 and 1970-01-01.
    365 * shifted + leap_days + day_of_year - 719_468
}
