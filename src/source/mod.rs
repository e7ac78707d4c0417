//! Opens tables and hands out typed batches: files found, headers read, cells converted, bad rows named.
//!
//! Cells come out the same whichever format they were in. It refuses to guess: a zone that is not declared, an integer
//! that might be a time and a column that is almost the one asked for are errors with a fix.

mod batch;
mod error;
mod escape;
mod parts;
mod table;

pub use batch::{Batch, Cells, Column, ColumnKind, ColumnRequest, Fault, TextColumn};
pub use error::{Problem, SourceError};
pub use table::{ColumnDescription, PhysicalType, Source};
