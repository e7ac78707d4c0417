//! Opens tables and hands out typed batches: files found, headers read, cells converted, bad rows named.
//!
//! Cells come out the same whichever format they were in. It refuses to guess: a zone that is not declared, an integer
//! that might be a time and a column that is almost the one asked for are errors with a fix.

mod batch;
mod cell;
mod coder;
mod error;
mod escape;
mod files;
mod frame;
mod iso;
mod parts;
mod queue;
mod rows;
mod scan;
mod spread;
mod stored;
mod table;
mod text;
mod texts;
mod wanted;
mod zone;

pub use batch::{Batch, Cells, Column, ColumnKind, ColumnRequest, Fault};
pub use cell::is_of_type;
pub use error::{Problem, SourceError};
pub use escape::{Escaped, Listed};
pub use files::{TableFile, files};
pub use iso::{WrittenTime, written_time};
pub use parts::has_table_ending;
pub use rows::TextRows;
pub use table::{ColumnDescription, PhysicalType, Source};
pub use texts::TextColumn;

/// Whether a panic on the current thread becomes an error of the table that is being read.
///
/// A damaged Parquet file can make its reader panic. This room catches that; a panic hook that finds `true` here has
/// nothing to restore or to print.
#[must_use]
pub fn panic_is_caught() -> bool {
    frame::is_caught()
}

#[cfg(test)]
mod tests;
