//! Defines why there is no summary.

use std::path::PathBuf;

use crate::plan::PlannedSegment;
use crate::source::SourceError;

/// Why there is no summary.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A table cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Somebody asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// Rows that wait on disk cannot be kept there.
    #[error(
        "rows that do not fit into memory cannot be kept in '{}': {reason}; \
         free space there, name another folder in TMPDIR, or allow more with --memory",
        folder.display()
    )]
    Spill {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// More units than the engine can number.
    #[error("there are more than four billion units; split the experiment's tables")]
    TooManyUnits,
    /// A segment column with more levels than can be read out.
    #[error(
        "segment '{column}' of table '{table}' has more than {limit} levels, which is an identifier and not a segment; \
         name a coarser column under `segments`"
    )]
    TooManyLevels {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The most there may be.
        limit: usize,
    },
    /// A published summary that cannot be used.
    #[error("table '{table}', row {row}: {reason}")]
    BadSummaryRow {
        /// The table.
        table: String,
        /// The row, counted from 1.
        row: u64,
        /// What is wrong and how to mend it.
        reason: String,
    },
}

impl EngineError {
    /// A segment column that is no segment.
    pub(super) fn too_many_levels(segment: &PlannedSegment) -> Self {
        Self::TooManyLevels {
            table: segment.table.clone(),
            column: segment.column.clone(),
            limit: super::local::LEVELS,
        }
    }
}
