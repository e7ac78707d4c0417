//! Defines why a record cannot be written, found or read.

use super::id::RecordId;
use crate::canonical::CanonicalError;

/// Why a record cannot be written, found or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A text that no id begins with.
    #[error(
        "'{}' is no record: an id is lower-case hex digits, and the first few are enough; `readout record list` lists them",
        shown(.0)
    )]
    NotAnId(String),
    /// No record begins so.
    #[error("there is no record {}; `readout record list` lists them", shown(.0))]
    Unknown(String),
    /// Several records begin so.
    #[error("{} is the beginning of {} records; write more digits: {}", shown(.prefix), .ids.len(), listed(.ids))]
    Ambiguous {
        /// What was asked for.
        prefix: String,
        /// The records that begin so.
        ids: Vec<RecordId>,
    },
    /// A record whose bytes are not those it was stored with.
    #[error(
        "records/{id}.json has been changed since it was recorded: its bytes hash to {found}; restore it from a copy, or move it away and record again"
    )]
    Edited {
        /// The record.
        id: RecordId,
        /// What its bytes hash to now.
        found: RecordId,
    },
    /// A record with the right hash that this program cannot read.
    #[error(
        "records/{id}.json cannot be read by this version of readout: {reason}; read it with the version that wrote it"
    )]
    Unreadable {
        /// The record.
        id: RecordId,
        /// What is wrong.
        reason: String,
    },
    /// A file in the place of another kind of file, or beyond the limit.
    #[error("records/{name} {reason}")]
    Misplaced {
        /// The file.
        name: String,
        /// What it is, and what to do.
        reason: String,
    },
    /// A log that is not what was written: nothing is added to it.
    #[error(
        "records/log.ndjson is not what was written: {0}; restore it from a copy, or move it and records/log.seal away to begin a new one (`readout record log --verify` says more)"
    )]
    BrokenLog(String),
    /// The folder or a file of it.
    #[error("records/{name} could not be {action}: {source}")]
    Io {
        /// The file.
        name: String,
        /// What was to be done with it.
        action: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// A readout with a number that is none.
    #[error("the readout cannot be recorded: {0}")]
    Canonical(#[from] CanonicalError),
}

impl RecordError {
    pub(super) fn io(name: &str, action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let name = name.to_owned();
        move |source| Self::Io {
            name,
            action,
            source,
        }
    }
}

/// Characters of a text that is no id which are shown.
const SHOWN: usize = 80;

fn shown(text: &str) -> String {
    let short: String = text.chars().take(SHOWN).collect();
    short.escape_debug().to_string()
}

fn listed(ids: &[RecordId]) -> String {
    let ids: Vec<&str> = ids.iter().map(RecordId::as_str).collect();
    ids.join(", ")
}
