//! Defines how declared times, dates and times held as text become instants.

use polars::prelude::{DataType, PolarsResult, Series, TimeUnit};

use super::lane::{Lane, invalidate, is_valid, lane, texts};
use crate::domain::evidence::RejectionRule;
use crate::source::batch::{Cells, Column};
use crate::source::cell;
use crate::source::error::Problem;
use crate::source::wanted::Wanted;

/// Times of any unit as microseconds; nanoseconds are cut off toward the past.
pub(super) fn microseconds(series: &Series) -> PolarsResult<Lane<i64>> {
    let DataType::Datetime(unit, _) = series.dtype() else {
        return Ok((Vec::new(), None));
    };
    let (mut values, mut valid) = lane(series.datetime()?.physical());
    let rows = values.len();
    match unit {
        TimeUnit::Microseconds => {}
        TimeUnit::Nanoseconds => values
            .iter_mut()
            .for_each(|value| *value = value.div_euclid(1_000)),
        TimeUnit::Milliseconds => {
            for (row, value) in values.iter_mut().enumerate() {
                match value.checked_mul(1_000) {
                    Some(scaled) => *value = scaled,
                    None => invalidate(&mut valid, rows, row),
                }
            }
        }
    }
    Ok((values, valid))
}

/// Instants, by the declared zone where the column has none of its own.
pub(super) fn times(
    series: &Series,
    want: &mut Wanted,
    faulty: &mut impl FnMut(usize, RejectionRule),
) -> PolarsResult<Result<Cells, Problem>> {
    let (mut values, mut valid) = match series.dtype() {
        DataType::Datetime(..) => microseconds(series)?,
        DataType::Date => {
            let (days, valid) = lane(series.date()?.physical());
            let midnights = days.into_iter().map(|day| i64::from(day) * cell::DAY);
            (midnights.collect(), valid)
        }
        _ => return written_times(series, want, faulty),
    };
    let rows = values.len();
    if matches!(series.dtype(), DataType::Datetime(_, Some(_))) {
        return Ok(Ok(Cells {
            column: Column::Time(values),
            valid,
        }));
    }
    let Some(zone) = &mut want.zone else {
        return Ok(Err(want.no_zone()));
    };
    if !zone.is_utc() {
        for (row, value) in values.iter_mut().enumerate() {
            if !is_valid(valid.as_ref(), row) {
                continue;
            }
            if let Some(instant) = zone.instant(*value) {
                *value = instant;
            } else {
                invalidate(&mut valid, rows, row);
                faulty(row, RejectionRule::BadTimestamp);
            }
        }
    }
    Ok(Ok(Cells {
        column: Column::Time(values),
        valid,
    }))
}

/// Times that a file holds as text.
fn written_times(
    series: &Series,
    want: &mut Wanted,
    faulty: &mut impl FnMut(usize, RejectionRule),
) -> PolarsResult<Result<Cells, Problem>> {
    let rows = series.len();
    let mut values = Vec::with_capacity(rows);
    let mut valid = None;
    let mut zoneless = false;
    texts(series, faulty, |row, text| {
        let read = match text {
            None | Some("") => Err(None),
            Some(text) => cell::time(text, want.zone.as_mut()).map_err(|failure| match failure {
                cell::TimeFailure::NoZone => {
                    zoneless = true;
                    None
                }
                cell::TimeFailure::Unreadable => Some(RejectionRule::BadTimestamp),
            }),
        };
        values.push(read.unwrap_or(0));
        if read.is_err() {
            invalidate(&mut valid, rows, row);
        }
        read.err().flatten()
    })?;
    if zoneless {
        return Ok(Err(want.no_zone()));
    }
    Ok(Ok(Cells {
        column: Column::Time(values),
        valid,
    }))
}
