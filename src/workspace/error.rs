//! Defines why a workspace gives no readout.

use std::path::PathBuf;

use crate::catalog::{LoadError, LookupError};
use crate::engine::EngineError;
use crate::plan::{ConventionError, PlanError};
use crate::propose::quick::{NumbersError, QuickError};
use crate::record::RecordError;
use crate::source::{Escaped, Listed, Problem, SourceError};

/// Why a workspace gives no readout.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// No workspace here or above.
    #[error(
        "there is no readout.toml in this folder or any above it; give the workspace's folder with -C DIR, read out a single file with `readout quick FILE`, or look at the sample workspace with `readout demo`"
    )]
    NotFound,
    /// The workspace file cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A folder given for tables that is not there.
    #[error("'{}' given by --tables is no folder", .0.display())]
    NoTablesFolder(PathBuf),
    /// A definition that is not there.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// Definitions that have errors.
    #[error("experiment '{id}' cannot be read out, because its definitions have errors:\n{}", problems.join("\n"))]
    Unsound {
        /// The experiment.
        id: String,
        /// The errors, each with its place.
        problems: Vec<String>,
    },
    /// A segment or a column of clusters that no table has.
    #[error(
        "{role} '{}': neither the attribute tables nor the assignment table have such a column; there are {}",
        Escaped(column),
        Listed(existing)
    )]
    NoSegment {
        /// What the column would be: segment or cluster.
        role: &'static str,
        /// The column.
        column: String,
        /// The columns there are that could be one.
        existing: Vec<String>,
    },
    /// A single file that cannot be read.
    #[error("'{}': {problem}", Escaped(file))]
    File {
        /// Its name as given.
        file: String,
        /// What is wrong, and the fix.
        problem: Box<Problem>,
    },
    /// A single file that is not there.
    #[error("there is no file '{}'", Escaped(.0))]
    NoFile(String),
    /// Something to be computed beside that does not exist, or cannot be had so.
    #[error("--analysis {}: {reason}", Escaped(name))]
    Analysis {
        /// What was asked for.
        name: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// A convention that does not exist.
    #[error(transparent)]
    Convention(#[from] ConventionError),
    /// Definitions that cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A table that cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file that could not be hashed.
    #[error("'{}' cannot be read: {reason}", Escaped(file))]
    UnreadableInput {
        /// The file, relative to the tables.
        file: String,
        /// Why.
        reason: String,
    },
    /// A file that was written to while it was read.
    #[error(
        "'{}' changed while it was read, so the readout is of neither state and was not recorded; run again when nobody writes to it",
        Escaped(.0)
    )]
    ChangedMeanwhile(String),
    /// A record that cannot be written, found or read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The engine gave up.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Nothing to plan by.
    #[error(
        "metric '{}' of experiment '{experiment}' cannot be planned by: {reason}",
        Escaped(metric)
    )]
    NoBaseline {
        /// The experiment.
        experiment: String,
        /// The metric.
        metric: String,
        /// Why, and what to do.
        reason: String,
    },
    /// Nothing could be guessed.
    #[error(transparent)]
    Quick(#[from] QuickError),
}

impl From<NumbersError> for WorkspaceError {
    fn from(error: NumbersError) -> Self {
        match error {
            NumbersError::Source(error) => error.into(),
            NumbersError::Quick(error) => error.into(),
        }
    }
}

impl WorkspaceError {
    /// Whether somebody asked to stop.
    #[must_use]
    pub const fn is_cancelled(&self) -> bool {
        matches!(self, Self::Engine(EngineError::Cancelled))
    }
}
