//! Defines what can be asked of a proposal, and why there is none.

use crate::source::SourceError;

/// What was asked for; everything else is guessed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InitAsked {
    /// What the workspace is called.
    pub name: String,
    /// Who answers for every definition; a placeholder that lint warns of where nobody was named.
    pub owner: Option<String>,
    /// The zone of local days, and of times that carry none.
    pub time_zone: Option<String>,
}

/// Why nothing is proposed.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// No table at all.
    #[error(
        "there is no table to propose a workspace from; put Parquet, CSV, NDJSON or Arrow files there, or name their folder with --tables"
    )]
    Nothing,
    /// Tables, and none that a readout could use.
    #[error("none of the tables can be used for a readout:\n{}", .0.join("\n"))]
    NoneUsable(Vec<String>),
    /// A time zone that does not exist.
    #[error("--time-zone '{}' is no time zone; write an IANA name such as Europe/Berlin, or UTC", crate::source::Escaped(.0))]
    NoZone(String),
    /// A table that cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Somebody asked to stop.
    #[error("stopped")]
    Stopped,
}
