//! Defines what a line of the log says: who did what to which record, and when.
//!
//! The actor is whoever the program was told to write down. Nothing here proves it, and every view says so.

use serde::{Deserialize, Serialize};

use super::id::RecordId;
use crate::domain::definition::{Identifier, Timestamp};
use crate::domain::vocabulary;

vocabulary! {
    /// What somebody decided on the evidence of a record.
    pub enum Decision {
        /// The variant goes to everybody.
        Ship = "ship", "ship";
        /// It does not.
        DoNotShip = "do-not-ship", "do not ship";
        /// Too early to say.
        KeepRunning = "keep-running", "keep running";
        /// What had been shipped is taken back.
        RollBack = "roll-back", "roll back";
    }
}

vocabulary! {
    /// Where an actor's name came from.
    pub enum ActorSource {
        /// Typed.
        Flag = "flag", "--actor";
        /// The user's own settings of git.
        Git = "git", "git";
        /// The environment.
        Environment = "environment", "the environment";
    }
}

/// Who did something. Self-asserted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The name.
    pub name: String,
    /// Where it came from.
    pub source: ActorSource,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "entry", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// A readout was stored.
    Recorded {
        /// The record.
        record: RecordId,
        /// The experiment.
        experiment: Identifier,
    },
    /// A record was replaced by another.
    Superseded {
        /// The record.
        record: RecordId,
        /// The one in its place.
        by: RecordId,
        /// Why.
        reason: String,
    },
    /// Somebody decided.
    Decided {
        /// The record that it was decided on.
        record: RecordId,
        /// What.
        decision: Decision,
        /// Why.
        reason: String,
    },
}

impl Event {
    /// The record that it is about.
    #[must_use]
    pub const fn record(&self) -> &RecordId {
        match self {
            Self::Recorded { record, .. }
            | Self::Superseded { record, .. }
            | Self::Decided { record, .. } => record,
        }
    }
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its number, from 1.
    pub number: u64,
    /// SHA-256 of the line before, without its end, in hex; of the first line, 64 zeros.
    pub previous: String,
    /// When, by the clock of whoever did it.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub event: Event,
}
