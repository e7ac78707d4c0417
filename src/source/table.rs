//! Defines a table that is open: its parts, its columns, and the scan over them.

use std::ops::ControlFlow;
use std::path::Path;

use super::batch::{Batch, ColumnRequest};
use super::error::{Problem, SourceError};
use crate::domain::definition::{Table, Timestamp};

/// The type a file declares for a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhysicalType {
    /// A text format, which declares none: each cell says.
    Undeclared,
    /// Text, categories and enumerations.
    Text,
    /// Whole numbers of any width.
    Integer,
    /// Binary floating point.
    Float,
    /// Exact decimals with this many digits after the point.
    Decimal(u32),
    /// True or false.
    Boolean,
    /// Calendar days.
    Date,
    /// Times without a zone.
    LocalTime,
    /// Instants.
    Instant,
    /// Nothing but nulls.
    Null,
    /// Lists, structs, binary and others that no metric reads, by the format's own name.
    Other(String),
}

/// A column as a reader names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDescription {
    /// Our name, after the table's mapping.
    pub name: String,
    /// Its types over the parts that have it, without repeats.
    pub types: Vec<PhysicalType>,
}

/// A table that is open: its files found and their headers read, no row yet.
#[derive(Debug)]
pub struct Source {
    name: String,
    columns: Vec<ColumnDescription>,
    bytes: u64,
}

impl Source {
    /// Finds the files of `table` under `root` and reads their headers or footers, no more.
    ///
    /// `time_zone` is the IANA zone of times that carry none; `None`: such times are an error once they are asked for.
    ///
    /// # Errors
    /// When a file is missing, outside `root`, of no known format, or not what its extension says.
    pub fn open(
        table: &Table,
        _root: &Path,
        _time_zone: Option<&str>,
    ) -> Result<Self, SourceError> {
        Ok(Self {
            name: table.name.clone(),
            columns: Vec::new(),
            bytes: 0,
        })
    }

    /// The columns over all parts, by our names, in the order of the first part that has each.
    ///
    /// For NDJSON, those of its first rows.
    #[must_use]
    pub fn columns(&self) -> &[ColumnDescription] {
        &self.columns
    }

    /// Bytes of all parts, as stored.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads the whole table, part after part in the order of their names, and hands each batch to `each` on this thread.
    ///
    /// Stops early and without an error when `each` breaks.
    ///
    /// # Errors
    /// When a required column is in no part, a column's type cannot be what was asked for, a time has no zone, or a file
    /// turns out to be damaged. Batches handed out before an error are not to be used.
    pub fn scan(
        &self,
        _requests: &[ColumnRequest],
        _each: &mut dyn FnMut(Batch) -> ControlFlow<()>,
    ) -> Result<(), SourceError> {
        Err(SourceError {
            table: self.name.clone(),
            file: None,
            problem: Box::new(Problem::MissingFile),
        })
    }

    /// The largest time in `column`; `None` when it holds none.
    ///
    /// # Errors
    /// As [`Source::scan`].
    pub fn latest(&self, _column: &str) -> Result<Option<Timestamp>, SourceError> {
        Ok(None)
    }
}
