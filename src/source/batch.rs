//! Defines what a scan hands out: typed columns of a few thousand rows, with every cell that could not be read named.
//!
//! It refuses to judge a row: whether a null or a fault rejects it is for the engine to say.

use std::sync::Arc;

use super::texts::TextColumn;
use crate::domain::evidence::{Rejection, RejectionRule};

/// What the reader wants of a column; decides how its cells are converted, in every format alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// Integers and integral floats up to 2^53 as integers, everything else as text.
    Identifier,
    /// Text; other types in their canonical writing.
    Label,
    /// Integers, floats or decimals by declared type; booleans are 0 and 1.
    Number,
    /// True or false.
    Boolean,
    /// Instants, as microseconds since 1970 in UTC.
    Time,
}

/// A column that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRequest {
    /// Our name for it, after the table's mapping.
    pub name: String,
    /// What is wanted of its cells.
    pub kind: ColumnKind,
    /// Whether it is an error that no part of the table has it.
    pub required: bool,
}

impl ColumnRequest {
    /// A column that must be there.
    #[must_use]
    pub fn required(name: &str, kind: ColumnKind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            required: true,
        }
    }

    /// A column that may be absent.
    #[must_use]
    pub fn optional(name: &str, kind: ColumnKind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            required: false,
        }
    }
}

/// The values of a column, one a row. A row that is not valid holds a value without meaning.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Labels, and identifiers that are text.
    Text(TextColumn),
    /// Whole numbers.
    Integer(Vec<i64>),
    /// Finite numbers.
    Float(Vec<f64>),
    /// Exact decimals: value × 10^-scale.
    Decimal {
        /// Unscaled values.
        values: Vec<i128>,
        /// Digits after the point.
        scale: u32,
    },
    /// Truth values.
    Boolean(Vec<bool>),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Time(Vec<i64>),
}

impl Column {
    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(texts) => texts.len(),
            Self::Integer(values) | Self::Time(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Decimal { values, .. } => values.len(),
            Self::Boolean(values) => values.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The cells of a column in one batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    /// Their values.
    pub column: Column,
    /// Which rows hold a value; `None`: all do.
    pub valid: Option<Vec<bool>>,
}

impl Cells {
    /// Whether `row` holds a value.
    #[inline]
    #[must_use]
    pub fn is_valid(&self, row: usize) -> bool {
        match &self.valid {
            None => row < self.column.len(),
            Some(valid) => valid.get(row).copied().unwrap_or(false),
        }
    }
}

/// A cell that holds something which is not what was asked for; the cell is null in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The row in the batch, counted from 0.
    pub row: usize,
    /// The request it answers, counted from 0.
    pub request: usize,
    /// What is wrong with it.
    pub rule: RejectionRule,
}

/// Where the rows of a batch stand in their file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Positions {
    /// One after the other, the first being this one, counted from 1.
    From(u64),
    /// The line each starts on, counted from 1.
    Lines(Vec<u64>),
}

/// Consecutive rows of one file of a table.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Rows that became cells.
    pub rows: usize,
    /// One a request, in their order; `None`: an optional column that this file does not have.
    pub columns: Vec<Option<Cells>>,
    /// Cells that could not be read, by row and then request.
    pub faults: Vec<Fault>,
    /// Rows that never became cells, and so are in no column.
    pub lost: Vec<Rejection>,
    /// Bytes of input this batch stands for; over a scan they add up to [`super::Source::bytes`].
    pub bytes: u64,
    pub(super) file: Arc<str>,
    pub(super) positions: Positions,
}

impl Batch {
    /// The file `row` is in, relative to the workspace, and its row (its line, in a text file), counted from 1.
    #[must_use]
    pub fn position(&self, row: usize) -> (&str, u64) {
        let place = match &self.positions {
            Positions::From(first) => first.saturating_add(row as u64),
            Positions::Lines(lines) => lines.get(row).copied().unwrap_or(0),
        };
        (&self.file, place)
    }
}
