//! The local engine: reads files once each, sums exactly, hands over a summary a set of conventions.
//!
//! Passes come in the order of what they need: assignments make the units, exposures place them, facts are summed over
//! them. Units are split into shards by the hash of their identity. Nothing that is summed depends on the order of rows, so
//! neither batches, threads nor a spill to disk can show in the result.

mod accumulator;
mod as_of;
mod assignments;
mod cap;
mod counts;
mod days;
mod exact_lane;
mod exposures;
mod facts;
mod filter;
mod finish;
mod grid;
mod job;
mod key;
mod keyed;
mod labels;
mod ledger;
mod levels;
mod pass;
mod patterns;
mod published;
mod rows;
mod run;
mod scope;
mod shard;
mod spill;
mod store;
mod tally;
mod unit_row;
mod unit_values;
mod units;

pub(in crate::engine) use levels::LEVELS;
pub(in crate::engine) use run::run;

use std::ops::ControlFlow;
use std::path::Path;

use super::{EngineError, Progress};
use crate::domain::definition::Table;
use crate::source::{Batch, ColumnRequest, Source};

/// What every pass shares: where tables are, and who waits.
pub(super) struct Scan<'a> {
    root: &'a Path,
    time_zone: Option<&'a str>,
    progress: &'a Progress,
}

impl Scan<'_> {
    fn open(&self, table: &Table) -> Result<Source, EngineError> {
        Ok(Source::open(table, self.root, self.time_zone)?)
    }

    /// Hands every batch of a source to `take`, in order; stops when cancelled.
    fn each_batch(
        &self,
        source: &Source,
        requests: &[ColumnRequest],
        take: &mut dyn FnMut(&Batch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let mut outcome = Ok(());
        source.scan(requests, &mut |batch| {
            if self.progress.is_cancelled() {
                outcome = Err(EngineError::Cancelled);
                return ControlFlow::Break(());
            }
            outcome = take(&batch);
            self.progress
                .advance(batch.rows as u64 + batch.lost.len() as u64, batch.bytes);
            if outcome.is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        outcome
    }
}
