//! Defines how columns of polars become texts: as they stand, or in their one canonical writing.
//!
//! A value that a row held lately is neither written nor copied again: its text has a code.

use polars::prelude::{DataType, PolarsResult, Series, StringChunked};

use super::cells::{floats, integers};
use super::lane::{Lane, invalidate, is_valid, lane, texts};
use super::times::microseconds;
use crate::domain::evidence::RejectionRule;
use crate::source::batch::{Cells, Column};
use crate::source::cell;
use crate::source::coder::{Coder, Recent};
use crate::source::texts::TextColumn;

/// Texts, gathered in `coder`. An empty text is null, as it is in a format that has no null.
pub(super) fn labels(
    series: &Series,
    coder: Coder,
    faulty: &mut impl FnMut(usize, RejectionRule),
) -> PolarsResult<Cells> {
    let (written, valid) = match series.dtype() {
        DataType::String => views(series.str()?, coder, faulty),
        DataType::Boolean | DataType::Binary => plain(series, coder, faulty)?,
        kind if kind.is_float() => rendered(
            floats(series, faulty)?,
            coder,
            |value| u128::from(value.to_bits()),
            cell::write_float,
        ),
        DataType::Decimal(_, scale) => rendered(
            lane(series.decimal()?.physical()),
            coder,
            i128::cast_unsigned,
            |text, value| cell::write_decimal(text, value, *scale),
        ),
        DataType::Datetime(_, zone) => rendered(
            microseconds(series)?,
            coder,
            |value| u128::from(value.cast_unsigned()),
            |text, value| cell::write_time(text, value, zone.is_some()),
        ),
        kind if kind.is_integer() => match integers(series)? {
            Some(whole) => rendered(
                whole,
                coder,
                |value| u128::from(value.cast_unsigned()),
                cell::write_integer,
            ),
            None => views(series.cast(&DataType::String)?.str()?, coder, faulty),
        },
        _ => views(series.cast(&DataType::String)?.str()?, coder, faulty),
    };
    Ok(Cells {
        column: Column::Text(written),
        valid,
    })
}

/// A column that holds nothing in any row.
pub(super) fn nothing(rows: usize) -> TextColumn {
    let mut coder = Coder::new(rows);
    (0..rows).for_each(|_| coder.push_nothing());
    coder.finish()
}

/// Values, each written down; those with the same `key` have the same writing.
fn rendered<T: Copy>(
    (values, valid): Lane<T>,
    mut coder: Coder,
    key: impl Fn(T) -> u128,
    write: impl Fn(&mut String, T),
) -> (TextColumn, Option<Vec<bool>>) {
    let mut recent = Recent::new();
    for (row, value) in values.into_iter().enumerate() {
        if !is_valid(valid.as_ref(), row) {
            coder.push_nothing();
            continue;
        }
        let key = key(value);
        match recent.get(key) {
            Some(code) if coder.is_coded() => coder.repeat(code),
            _ => {
                if let Some(code) = coder.push_with(|text| write(text, value)) {
                    recent.set(key, code);
                }
            }
        }
    }
    (coder.finish(), valid)
}

/// Texts as they stand.
///
/// Polars holds a text of up to 12 bytes in a view of 16, and a longer one by its place in a buffer of the chunk. So in one
/// chunk views that are equal are texts that are equal.
fn views(
    array: &StringChunked,
    mut coder: Coder,
    faulty: &mut impl FnMut(usize, RejectionRule),
) -> (TextColumn, Option<Vec<bool>>) {
    let rows = array.len();
    let mut valid = None;
    // Texts of which most are distinct are seldom met again.
    let mut recent = coder.is_coded().then(Recent::new);
    let mut row = 0;
    for (chunk, untyped) in array.downcast_iter().zip(array.chunks()) {
        if let Some(recent) = &mut recent {
            recent.clear();
        }
        let there = untyped.validity();
        for (place, view) in chunk.views().iter().enumerate() {
            let is_null = there.is_some_and(|bits| !bits.get_bit(place));
            let is_nothing = is_null || view.length == 0;
            let is_long = view.length as usize > cell::LONGEST && !is_null;
            if is_nothing || is_long {
                invalidate(&mut valid, rows, row);
                coder.push_nothing();
                if is_long {
                    faulty(row, RejectionRule::TooLong);
                }
            } else if let Some(recent) = &mut recent {
                let view = view.as_u128();
                match recent.get(view) {
                    Some(code) if coder.is_coded() => coder.repeat(code),
                    _ => {
                        if let Some(code) = coder.push(chunk.value(place)) {
                            recent.set(view, code);
                        }
                    }
                }
            } else {
                coder.push(chunk.value(place));
            }
            row += 1;
        }
    }
    (coder.finish(), valid)
}

/// Truth values and bytes.
fn plain(
    series: &Series,
    mut coder: Coder,
    faulty: &mut impl FnMut(usize, RejectionRule),
) -> PolarsResult<(TextColumn, Option<Vec<bool>>)> {
    let mut valid = None;
    texts(series, faulty, |row, text| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            coder.push(text);
        } else {
            coder.push_nothing();
            invalidate(&mut valid, series.len(), row);
        }
        None
    })?;
    Ok((coder.finish(), valid))
}
