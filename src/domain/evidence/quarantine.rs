//! Defines rejected rows with what they hold: the one thing that leaves the tables as it is, unit ids included.

use super::Rejection;

/// A rejected row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedRow {
    /// Where it stands, and why it was rejected.
    pub rejection: Rejection,
    /// Its cells as text, in the order of the table's columns; `None` within: a null, or a cell that is no text.
    /// `None`: a line that never became cells.
    pub cells: Option<Vec<Option<String>>>,
}

/// The rejected rows of one table, in one readout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedTable {
    /// The logical name of the table.
    pub table: String,
    /// Its columns, by our names.
    pub columns: Vec<String>,
    /// The first rejected rows, by file and row.
    pub rows: Vec<QuarantinedRow>,
    /// All that were rejected.
    pub rejected: u64,
}
