//! Defines how columns of polars become cells: by declared type, in the same way text is read elsewhere in this room.

use polars::prelude::{DataType, PolarsResult, Series};

use super::labels::{self, labels};
use super::lane::{Lane, invalidate, is_valid, lane, texts, truths};
use super::times::times;
use crate::domain::evidence::RejectionRule;
use crate::source::batch::{Cells, Column, ColumnKind, Fault};
use crate::source::cell;
use crate::source::coder::Coder;
use crate::source::error::Problem;
use crate::source::wanted::Wanted;

/// Converts a column of one morsel to what is wanted; a cell that cannot be is null and a fault.
pub(super) fn convert(
    series: &Series,
    request: usize,
    want: &mut Wanted,
    faults: &mut Vec<Fault>,
) -> PolarsResult<Result<Cells, Problem>> {
    let mut faulty = |row, rule| {
        faults.push(Fault { row, request, rule });
    };
    let declared = super::physical(series.dtype());
    if let Err(problem) = want.check(&declared) {
        return Ok(Err(problem));
    }
    let cells = match (want.kind, series.dtype()) {
        (kind, DataType::Null) => nulls(kind, series.len()),
        (ColumnKind::Identifier, _) => identifiers(series, &mut faulty)?,
        (ColumnKind::Label, _) => labels(series, Coder::new(series.len()), &mut faulty)?,
        (ColumnKind::Number, _) => numbers(series, &mut faulty)?,
        (ColumnKind::Boolean, _) => booleans(series, &mut faulty)?,
        (ColumnKind::Time, _) => return times(series, want, &mut faulty),
    };
    Ok(Ok(cells))
}

fn nulls(kind: ColumnKind, rows: usize) -> Cells {
    let column = match kind {
        ColumnKind::Identifier | ColumnKind::Label => Column::Text(labels::nothing(rows)),
        ColumnKind::Number => Column::Integer(vec![0; rows]),
        ColumnKind::Boolean => Column::Boolean(vec![false; rows]),
        ColumnKind::Time => Column::Time(vec![0; rows]),
    };
    Cells {
        column,
        valid: Some(vec![false; rows]),
    }
}

/// Whole numbers of any width as i64; `None` if one does not fit.
pub(super) fn integers(series: &Series) -> PolarsResult<Option<Lane<i64>>> {
    let cast = series.cast(&DataType::Int64)?;
    if cast.null_count() != series.null_count() {
        return Ok(None);
    }
    Ok(Some(lane(cast.i64()?)))
}

/// Integers stay integers, integral floats and decimals become integers, the rest is text.
fn identifiers(
    series: &Series,
    faulty: &mut impl FnMut(usize, RejectionRule),
) -> PolarsResult<Cells> {
    let whole = match series.dtype() {
        kind if kind.is_integer() => integers(series)?,
        kind if kind.is_float() => {
            let (values, valid) = floats(series, faulty)?;
            let all_whole = values.iter().enumerate().all(|(row, value)| {
                cell::whole(*value).is_some() || !is_valid(valid.as_ref(), row)
            });
            all_whole.then(|| {
                let whole = values.iter().map(|value| cell::whole(*value).unwrap_or(0));
                (whole.collect(), valid)
            })
        }
        DataType::Decimal(_, scale) => whole_decimals(series, *scale)?,
        _ => None,
    };
    match whole {
        Some((values, valid)) => Ok(Cells {
            column: Column::Integer(values),
            valid,
        }),
        // Faults of floats are told once only: by the text, which is then what the reader gets.
        None if series.dtype().is_float() => {
            labels(series, Coder::plain(series.len()), &mut |_, _| {})
        }
        None => labels(series, Coder::plain(series.len()), faulty),
    }
}

fn whole_decimals(series: &Series, scale: usize) -> PolarsResult<Option<Lane<i64>>> {
    let Some(unit) = u32::try_from(scale)
        .ok()
        .and_then(|digits| 10_i128.checked_pow(digits))
    else {
        return Ok(None);
    };
    let (values, valid) = lane(series.decimal()?.physical());
    let whole: Option<Vec<i64>> = values
        .iter()
        .enumerate()
        .map(|(row, value)| match is_valid(valid.as_ref(), row) {
            false => Some(0),
            true if value % unit == 0 => i64::try_from(value / unit).ok(),
            true => None,
        })
        .collect();
    Ok(whole.map(|values| (values, valid)))
}

/// Finite floats; those that are not are null and a fault.
pub(super) fn floats(
    series: &Series,
    faulty: &mut impl FnMut(usize, RejectionRule),
) -> PolarsResult<Lane<f64>> {
    let cast = series.cast(&DataType::Float64)?;
    let (mut values, mut valid) = lane(cast.f64()?);
    let rows = values.len();
    for (row, value) in values.iter_mut().enumerate() {
        if !value.is_finite() {
            *value = 0.0;
            if is_valid(valid.as_ref(), row) {
                invalidate(&mut valid, rows, row);
                faulty(row, RejectionRule::NotFinite);
            }
        }
    }
    Ok((values, valid))
}

fn numbers(series: &Series, faulty: &mut impl FnMut(usize, RejectionRule)) -> PolarsResult<Cells> {
    let (column, valid) = match series.dtype() {
        DataType::Boolean => {
            let (values, valid) = truths(series)?;
            (
                Column::Integer(values.into_iter().map(i64::from).collect()),
                valid,
            )
        }
        DataType::Decimal(_, scale) => {
            let (values, valid) = lane(series.decimal()?.physical());
            let scale = u32::try_from(*scale).unwrap_or(u32::MAX);
            (Column::Decimal { values, scale }, valid)
        }
        kind if kind.is_float() => {
            let (values, valid) = floats(series, faulty)?;
            (Column::Float(values), valid)
        }
        _ => match integers(series)? {
            Some((values, valid)) => (Column::Integer(values), valid),
            None => wide_integers(series, faulty)?,
        },
    };
    Ok(Cells { column, valid })
}

/// Whole numbers beyond 64 bits, as decimals without a fraction.
fn wide_integers(
    series: &Series,
    faulty: &mut impl FnMut(usize, RejectionRule),
) -> PolarsResult<(Column, Option<Vec<bool>>)> {
    let cast = series.cast(&DataType::Int128)?;
    let (values, valid) = lane(cast.i128()?);
    for row in 0..values.len() {
        if !is_valid(valid.as_ref(), row) && !series.get(row)?.is_null() {
            faulty(row, RejectionRule::BadNumber);
        }
    }
    Ok((Column::Decimal { values, scale: 0 }, valid))
}

fn booleans(series: &Series, faulty: &mut impl FnMut(usize, RejectionRule)) -> PolarsResult<Cells> {
    let (values, valid) = match series.dtype() {
        DataType::Boolean => truths(series)?,
        kind if kind.is_integer() || kind.is_float() => {
            let (numbers, mut valid) = floats(series, faulty)?;
            let rows = numbers.len();
            let mut values = Vec::with_capacity(rows);
            for (row, number) in numbers.into_iter().enumerate() {
                values.push(number == 1.0);
                if number != 0.0 && number != 1.0 && is_valid(valid.as_ref(), row) {
                    invalidate(&mut valid, rows, row);
                    faulty(row, RejectionRule::BadNumber);
                }
            }
            (values, valid)
        }
        _ => {
            let mut values = Vec::with_capacity(series.len());
            let mut valid = None;
            texts(series, faulty, |row, text| {
                let read = text.and_then(cell::boolean);
                values.push(read.unwrap_or(false));
                if read.is_none() {
                    invalidate(&mut valid, series.len(), row);
                }
                match (text, read) {
                    (Some(text), None) if !text.is_empty() => Some(RejectionRule::BadNumber),
                    _ => None,
                }
            })?;
            (values, valid)
        }
    };
    Ok(Cells {
        column: Column::Boolean(values),
        valid,
    })
}
