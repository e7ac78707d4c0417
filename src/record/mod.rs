//! Keeps readouts for good: a record is a readout with everything it follows from, stored under the SHA-256 of its bytes.
//!
//! - [`Record`] is what is hashed: what was asked, by which program, from which inputs and definitions, and what came out.
//!   No clock, host, user, absolute path or state of a cache is in it, so the same readout is the same record.
//! - [`Store`] is the folder `records/`: a record is there whole or not at all, is written once, and is checked when read.
//! - [`Log`] says who recorded, superseded and decided what, and when. Every line holds the SHA-256 of the line before, and a
//!   seal beside the log that of the last: a log that was edited or cut is found.
//! - [`Verification`] says how far a record still holds, and what changed since where it does not.
//!
//! The hashes find accidents and edits. They are no signature: who can write all files of the folder can write them anew.
//!
//! It refuses to read a table, to compute a readout, and to ask a clock: those who call it bring all three.

mod change;
mod comparison;
mod content;
mod decision;
mod disk;
mod error;
mod id;
mod log;
mod overview;
mod store;
mod verification;

pub use change::{Change, ChangeKind};
pub use comparison::{Agreement, Comparison, Difference, compare};
pub use content::{
    Definition, Definitions, External, Input, InputFile, Internal, NO_CONTENT_DIGEST,
    RECORD_FORMAT, Record, Resolved, Results, Supersedes, WorkspaceDefinition,
};
pub use decision::{Actor, ActorSource, Decision, Event, Line};
pub use disk::Folder;
pub use error::RecordError;
pub use id::RecordId;
pub use log::{Log, LogFault};
pub use overview::{Decided, Overview};
pub use store::{Put, Store};
pub use verification::{Level, Reproducibility, Verification};

#[cfg(test)]
mod tests;
