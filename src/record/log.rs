//! Defines the log: lines of canonical JSON, each with the SHA-256 of the line before, and a seal with that of the last.
//!
//! The chain finds a line that was changed, taken out or put between; the seal finds lines cut from the end. Reading never
//! repairs anything: what is wrong is told, and a last line that was only half written is told apart from an edit.

use serde::{Deserialize, Serialize};

use super::decision::{Actor, Event, Line};
use super::error::RecordError;
use super::id::RecordId;
use crate::canonical::{self, sha256_hex};
use crate::domain::definition::Timestamp;

/// What stands in the first line for the line before it.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How far the log had come when it was last written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seal {
    /// Lines.
    pub(super) lines: u64,
    /// SHA-256 of the last of them, in hex.
    pub(super) last: String,
}

/// What is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogFault {
    /// A line that is none.
    #[error("line {number} cannot be read: {reason}")]
    Unreadable {
        /// The line, from 1.
        number: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A line that does not follow from the one before.
    #[error("line {number} does not follow line {}: a line was changed, taken out or put in", .number - 1)]
    BrokenChain {
        /// The line, from 1.
        number: u64,
    },
    /// Fewer lines than there were.
    #[error("it was cut: it had {had} lines and has {has}")]
    Cut {
        /// Lines that were sealed.
        had: u64,
        /// Lines there are.
        has: u64,
    },
    /// A line that is not the one which was sealed.
    #[error("line {number} is not the one that was sealed")]
    NotSealed {
        /// The line, from 1.
        number: u64,
    },
    /// No seal, or one that cannot be read.
    #[error("records/log.seal, which finds lines cut from the end, {0}")]
    NoSeal(&'static str),
}

/// The log as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// The lines that could be read, in order.
    pub lines: Vec<Line>,
    /// What is wrong with it; empty where it is what was written.
    pub faults: Vec<LogFault>,
    /// Bytes of a last line that was only half written: nobody was told that it was there.
    pub torn: usize,
    /// Bytes up to the end of the last whole line.
    pub(super) whole: usize,
    /// SHA-256 of the last whole line, or what stands for none.
    last: String,
    /// How many whole lines there are, also those that cannot be read.
    count: u64,
    /// Whether the seal is of the last line.
    pub(super) is_sealed: bool,
}

impl Log {
    /// Reads a log from its bytes and those of its seal.
    pub(super) fn parse(bytes: &[u8], seal: Option<&[u8]>) -> Self {
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        let (lines, torn) = bytes.split_at(whole);
        let mut log = Self {
            torn: torn.len(),
            whole,
            last: NOTHING.to_owned(),
            ..Self::default()
        };
        let mut hashes = Vec::new();
        for text in lines.split_inclusive(|byte| *byte == b'\n') {
            log.take(text.strip_suffix(b"\n").unwrap_or(text));
            hashes.push(log.last.clone());
        }
        log.hold_against(seal, &hashes);
        log
    }

    /// Takes in the next line.
    fn take(&mut self, text: &[u8]) {
        self.count += 1;
        let number = self.count;
        match serde_json::from_slice::<Line>(text) {
            Err(error) => self.faults.push(LogFault::Unreadable {
                number,
                reason: error.to_string().escape_debug().to_string(),
            }),
            Ok(line) => {
                if line.number != number || line.previous != self.last {
                    self.faults.push(LogFault::BrokenChain { number });
                }
                self.lines.push(line);
            }
        }
        self.last = sha256_hex(text);
    }

    /// Holds the lines against the seal. It is written after the line it seals, so that it may be one line behind, where
    /// whoever wrote the line was stopped.
    fn hold_against(&mut self, seal: Option<&[u8]>, hashes: &[String]) {
        let has = self.count;
        let Some(seal) = seal else {
            if has > 1 {
                self.faults.push(LogFault::NoSeal("is not there"));
            }
            self.is_sealed = has == 0;
            return;
        };
        let Ok(seal) = serde_json::from_slice::<Seal>(seal) else {
            self.faults.push(LogFault::NoSeal("cannot be read"));
            return;
        };
        let sealed = usize::try_from(seal.lines)
            .ok()
            .and_then(|lines| lines.checked_sub(1))
            .and_then(|last| hashes.get(last));
        if seal.lines > has {
            self.faults.push(LogFault::Cut {
                had: seal.lines,
                has,
            });
        } else if sealed != Some(&seal.last) {
            self.faults.push(LogFault::NotSealed { number: seal.lines });
        } else if seal.lines + 1 < has {
            let number = seal.lines + 2;
            self.faults.push(LogFault::NotSealed { number });
        }
        self.is_sealed = seal.lines == has;
    }

    /// The next line as bytes with its end.
    pub(super) fn next(
        &self,
        at: Timestamp,
        actor: &Actor,
        event: &Event,
    ) -> Result<Vec<u8>, RecordError> {
        let line = Line {
            number: self.count + 1,
            previous: self.last.clone(),
            at,
            actor: actor.clone(),
            event: event.clone(),
        };
        let mut bytes = canonical::to_bytes(&line)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The seal of the log as it is; `None` of an empty one.
    pub(super) fn seal(&self) -> Option<Seal> {
        (self.count > 0).then(|| Seal {
            lines: self.count,
            last: self.last.clone(),
        })
    }

    /// The lines about a record, in order.
    pub fn about<'a>(&'a self, record: &'a RecordId) -> impl Iterator<Item = &'a Line> {
        self.lines
            .iter()
            .filter(move |line| line.event.record() == record)
    }

    /// Whether it holds a line that says the same.
    #[must_use]
    pub fn says(&self, event: &Event) -> bool {
        self.lines.iter().any(|line| line.event == *event)
    }
}
