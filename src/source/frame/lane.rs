//! Defines how values leave polars: plain vectors, which of them are there, and texts one by one.

use polars::prelude::{
    ChunkedArray, DataType, PolarsDataType, PolarsNumericType, PolarsResult, Series, StringChunked,
};

use crate::domain::evidence::RejectionRule;
use crate::source::cell;

/// Values and which of them are there.
pub(super) type Lane<T> = (Vec<T>, Option<Vec<bool>>);

pub(super) fn lane<T: PolarsNumericType>(array: &ChunkedArray<T>) -> Lane<T::Native> {
    let mut values = Vec::with_capacity(array.len());
    for chunk in array.downcast_iter() {
        values.extend_from_slice(chunk.values());
    }
    (values, validity(array))
}

fn validity<T: PolarsDataType>(array: &ChunkedArray<T>) -> Option<Vec<bool>> {
    if array.null_count() == 0 {
        return None;
    }
    let mut valid = Vec::with_capacity(array.len());
    for chunk in array.chunks() {
        match chunk.validity() {
            Some(bits) => valid.extend(bits.iter()),
            None => valid.resize(valid.len() + chunk.len(), true),
        }
    }
    Some(valid)
}

pub(super) fn is_valid(valid: Option<&Vec<bool>>, row: usize) -> bool {
    valid.is_none_or(|rows| rows.get(row).copied().unwrap_or(false))
}

pub(super) fn invalidate(valid: &mut Option<Vec<bool>>, rows: usize, row: usize) {
    if let Some(cell) = valid.get_or_insert_with(|| vec![true; rows]).get_mut(row) {
        *cell = false;
    }
}

/// True and false, and which of them are there.
pub(super) fn truths(series: &Series) -> PolarsResult<Lane<bool>> {
    let array = series.bool()?;
    let mut values = Vec::with_capacity(array.len());
    for chunk in array.downcast_iter() {
        values.extend(chunk.values().iter());
    }
    Ok((values, validity(array)))
}

/// Walks over the texts of a column; bytes that are no text are null and a fault.
pub(super) fn texts(
    series: &Series,
    faulty: &mut impl FnMut(usize, RejectionRule),
    mut each: impl FnMut(usize, Option<&str>) -> Option<RejectionRule>,
) -> PolarsResult<()> {
    let mut step = |row: usize, text: Option<&str>| {
        let (text, rule) = match text {
            Some(long) if long.len() > cell::LONGEST => (None, Some(RejectionRule::TooLong)),
            text => (text, None),
        };
        let told = each(row, text);
        if let Some(rule) = rule.or(told) {
            faulty(row, rule);
        }
    };
    match series.dtype() {
        DataType::String => walk(series.str()?, &mut step),
        DataType::Boolean => {
            let name = |truth| if truth { "true" } else { "false" };
            for (row, truth) in series.bool()?.iter().enumerate() {
                step(row, truth.map(name));
            }
        }
        DataType::Binary => {
            let mut bad = Vec::new();
            for (row, bytes) in series.binary()?.iter().enumerate() {
                let text = bytes.map(std::str::from_utf8);
                if matches!(text, Some(Err(_))) {
                    bad.push(row);
                }
                step(row, text.and_then(Result::ok));
            }
            for row in bad {
                faulty(row, RejectionRule::BadEncoding);
            }
        }
        _ => walk(series.cast(&DataType::String)?.str()?, &mut step),
    }
    Ok(())
}

fn walk(array: &StringChunked, step: &mut impl FnMut(usize, Option<&str>)) {
    for (row, text) in array.iter().enumerate() {
        step(row, text);
    }
}
