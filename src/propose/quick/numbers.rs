//! Reads one column of a file as a metric's values, a row a unit.

use std::ops::ControlFlow;

use super::error::QuickError;
use super::guess::find;
use super::metrics::not_numbers;
use crate::domain::evidence::JointSums;
use crate::propose::profile::{ColumnProfile, profile};
use crate::source::{Column, ColumnKind, ColumnRequest, Escaped, Source, SourceError};

/// Why there are no numbers.
#[derive(Debug, thiserror::Error)]
pub enum NumbersError {
    /// The file cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The column is not there, or holds something else.
    #[error(transparent)]
    Quick(#[from] QuickError),
}

/// Exact sums of a column's filled cells, and whether all of them are 0, 1, true or false.
///
/// # Errors
/// [`NumbersError`] when the file cannot be read, the column is not there, or holds something else than finite numbers.
pub fn numbers_of(source: &Source, column: &str) -> Result<(JointSums, bool), NumbersError> {
    let profile = profile(source)?;
    let found = find(&profile, "metric", column)?;
    let refuse = |found: &str| QuickError::NotNumbers {
        flag: "metric",
        column: column.to_owned(),
        found: found.to_owned(),
    };
    if !found.is_number() {
        return Err(refuse(&not_numbers(found)).into());
    }
    let mut is_binary = ColumnProfile::is_number(found);
    let (mut sums, mut odd) = (JointSums::new(1), None);
    let request = ColumnRequest::required(column, ColumnKind::Label);
    source.scan(&[request], &mut |batch| {
        let Some(Some(cells)) = batch.columns.first() else {
            return ControlFlow::Continue(());
        };
        let Column::Text(texts) = &cells.column else {
            return ControlFlow::Continue(());
        };
        for row in (0..batch.rows).filter(|row| cells.is_valid(*row)) {
            let text = texts.get(row);
            let Some(value) = number(text) else {
                odd = Some(text.to_owned());
                return ControlFlow::Break(());
            };
            is_binary &= value == 0.0 || value == 1.0;
            sums.add(&[value]);
        }
        ControlFlow::Continue(())
    })?;
    match odd {
        Some(text) => Err(refuse(&format!(
            "'{}' is none; correct it, or leave the cell empty if it is missing",
            Escaped(&text)
        ))
        .into()),
        None => Ok((sums, is_binary)),
    }
}

fn number(text: &str) -> Option<f64> {
    match text {
        "true" | "True" | "TRUE" => Some(1.0),
        "false" | "False" | "FALSE" => Some(0.0),
        other => other.parse().ok().filter(|value: &f64| value.is_finite()),
    }
}
