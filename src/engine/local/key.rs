//! Defines a unit's identity: canonical bytes hashed to 128 bits, the same from any table and format.
//!
//! Integers, and integral floats the source hands out as integers, are written as decimal ASCII; texts stay untouched, so
//! 42 is "42" while "007" stays its own unit. 64 bits would collide among a billion units with 2.7 %; 128 do not.

use xxhash_rust::xxh3::xxh3_128;

use crate::source::{Cells, Column};

/// What a cell of a unit id column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    /// A unit.
    Key(u128),
    /// Nothing.
    Null,
    /// A word that systems write where they have no id.
    Placeholder,
}

/// Words that stand for "no id" in exports, in lower case.
const PLACEHOLDERS: &[&str] = &[
    "null",
    "none",
    "nil",
    "nan",
    "na",
    "n/a",
    "undefined",
    "unknown",
    "anonymous",
    "(not set)",
    "(null)",
    "0",
    "-1",
    "00000000-0000-0000-0000-000000000000",
];

/// The lengths of placeholders that begin and end with a letter or digit.
const PLACEHOLDER_LENGTHS: &[usize] = &[1, 2, 3, 4, 7, 9, 36];

/// Tells `each` the identity in every row of a unit id column, and whether it is an integer written with leading zeros:
/// against a table of integer ids such a text can never match.
pub(super) fn identities(cells: &Cells, mut each: impl FnMut(Identity, bool)) {
    let mut told = |row: usize, identity: Identity, is_padded: bool| match identity {
        _ if !cells.is_valid(row) => each(Identity::Null, false),
        identity => each(identity, is_padded),
    };
    match &cells.column {
        Column::Integer(values) => {
            for (row, value) in values.iter().enumerate() {
                told(row, of_integer(*value), false);
            }
        }
        Column::Text(texts) => {
            for (row, text) in texts.iter().enumerate() {
                told(row, of_text(text), is_zero_padded(text));
            }
        }
        // The source hands out identifiers as integers or text only.
        Column::Float(_) | Column::Decimal { .. } | Column::Boolean(_) | Column::Time(_) => {
            (0..cells.column.len()).for_each(|row| told(row, Identity::Null, false));
        }
    }
}

fn of_integer(value: i64) -> Identity {
    if value == 0 || value == -1 {
        return Identity::Placeholder;
    }
    Identity::Key(integer_key(value))
}

/// Hashes a whole number as its text would be.
fn integer_key(value: i64) -> u128 {
    let mut buffer = [0_u8; 20];
    let mut start = buffer.len();
    let mut rest = value.unsigned_abs();
    loop {
        start -= 1;
        buffer[start] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        start -= 1;
        buffer[start] = b'-';
    }
    xxh3_128(&buffer[start..])
}

/// Hashes what tells an event from others: a whole number or a text, the same from any format.
pub(super) fn event_key(column: &Column, row: usize) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "half of it is enough inside one unit"
    )]
    match column {
        Column::Integer(values) => integer_key(values[row]) as u64,
        Column::Text(texts) => label_key(texts.get(row)) as u64,
        // The source hands out identifiers as integers or text only.
        Column::Float(_) | Column::Decimal { .. } | Column::Boolean(_) | Column::Time(_) => 0,
    }
}

#[inline]
fn of_text(text: &str) -> Identity {
    // Ids begin and end with a letter or digit, and few are as short as a placeholder: most need no closer look.
    let bytes = text.as_bytes();
    let is_plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let is_plain = is_plain(bytes.first()) && is_plain(bytes.last());
    if is_plain && !PLACEHOLDER_LENGTHS.contains(&bytes.len()) {
        return Identity::Key(xxh3_128(bytes));
    }
    of_odd_text(text)
}

fn of_odd_text(text: &str) -> Identity {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Identity::Null;
    }
    if PLACEHOLDERS
        .iter()
        .any(|word| word.eq_ignore_ascii_case(trimmed))
    {
        return Identity::Placeholder;
    }
    Identity::Key(xxh3_128(text.as_bytes()))
}

/// The half of a key that points to no place in a shard: what draws and samples of units go by, so that they do not depend
/// on where a unit stands.
pub(super) const fn word_of(key: u128) -> u64 {
    (key >> 64) as u64
}

/// Hashes a label for distinct counts.
pub(super) fn label_key(text: &str) -> u128 {
    xxh3_128(text.as_bytes())
}

/// Whether a text is an integer in its one canonical writing.
pub(super) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_canonical = !digits.is_empty() && !digits.starts_with('0');
    is_canonical && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is an integer written with leading zeros.
#[inline]
fn is_zero_padded(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_and_its_text_are_one_unit() {
        assert_eq!(of_integer(42), of_text("42"));
        assert_eq!(of_integer(i64::MIN), of_text("-9223372036854775808"));
        assert_ne!(of_integer(7), of_text("007"));
    }

    #[test]
    fn every_placeholder_is_looked_at_closely() {
        for word in PLACEHOLDERS {
            let plain = word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'/');
            assert!(
                !plain || word.len() == 2 || PLACEHOLDER_LENGTHS.contains(&word.len()),
                "{word}"
            );
            for written in [word.to_uppercase(), format!(" {word} ")] {
                assert_eq!(of_text(&written), Identity::Placeholder, "{written:?}");
            }
        }
    }

    #[test]
    fn words_that_mean_no_id_are_placeholders() {
        assert_eq!(of_text("NULL"), Identity::Placeholder);
        assert_eq!(
            of_text("00000000-0000-0000-0000-000000000000"),
            Identity::Placeholder
        );
        assert_eq!(of_integer(0), Identity::Placeholder);
        assert_eq!(of_text("  "), Identity::Null);
        assert!(matches!(of_text("nullable"), Identity::Key(_)));
    }
}
