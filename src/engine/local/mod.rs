//! The local engine: reads files once each, sums exactly, hands over a summary a set of conventions.
//!
//! Passes come in the order of what they need: assignments make the units, exposures place them, facts are summed over
//! them. Units are split into shards by the hash of their identity. Nothing that is summed depends on the order of rows, so
//! neither batches, threads nor a spill to disk can show in the result.

mod accumulator;
mod alike;
mod as_of;
mod assignments;
mod beside;
mod cap;
mod clusters;
mod contract;
mod counts;
mod days;
mod draws;
mod exact_lane;
mod exposures;
mod facts;
mod filter;
mod finest;
mod finish;
mod grid;
mod heaviest;
mod identity;
mod job;
mod key;
mod keyed;
mod labels;
mod ledger;
mod left_out;
mod levels;
mod pass;
mod patterns;
mod persons;
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
mod watch;

use identity::Identities;
pub(in crate::engine) use levels::LEVELS;
pub(in crate::engine) use run::run;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::{EngineError, Progress};
use crate::domain::definition::{Table, Timestamp};
use crate::source::{Batch, ColumnRequest, Source};

/// What every pass shares: where tables are, and who waits.
pub(super) struct Scan<'a> {
    root: &'a Path,
    time_zone: Option<&'a str>,
    progress: &'a Progress,
    /// The most rejected rows that a ledger names.
    named: usize,
    /// Tables that were opened, with the options they were opened with: each is opened once.
    opened: RefCell<Vec<(Table, Arc<Source>)>>,
    /// Identity maps that were read.
    persons: RefCell<Vec<(Table, Arc<Identities>)>>,
    /// The latest instants that were looked for, by table and column.
    latest: RefCell<HashMap<(String, String), Option<Timestamp>>>,
}

impl<'a> Scan<'a> {
    fn new(
        root: &'a Path,
        time_zone: Option<&'a str>,
        progress: &'a Progress,
        named: usize,
    ) -> Self {
        Self {
            root,
            time_zone,
            progress,
            named,
            opened: RefCell::default(),
            persons: RefCell::default(),
            latest: RefCell::default(),
        }
    }

    fn open(&self, table: &Table) -> Result<Arc<Source>, EngineError> {
        let mut opened = self.opened.borrow_mut();
        if let Some((_, source)) = opened.iter().find(|(known, _)| known == table) {
            return Ok(source.clone());
        }
        let source = Arc::new(Source::open(table, self.root, self.time_zone)?);
        opened.push((table.clone(), source.clone()));
        Ok(source)
    }

    /// The identity map of a table; read once, however many experiments ask.
    fn identities(&self, table: &Table) -> Result<Arc<Identities>, EngineError> {
        let known = |(known, _): &&(Table, Arc<Identities>)| known == table;
        if let Some((_, found)) = self.persons.borrow().iter().find(known) {
            return Ok(found.clone());
        }
        self.progress.enter("reading identities");
        let read = Arc::new(Identities::read(table, self)?);
        let entry = (table.clone(), read.clone());
        self.persons.borrow_mut().push(entry);
        Ok(read)
    }

    /// The latest instant of a column; looked for once, however many experiments ask.
    fn latest(&self, table: &Table, column: &str) -> Result<Option<Timestamp>, EngineError> {
        let key = (table.name.clone(), column.to_owned());
        if let Some(known) = self.latest.borrow().get(&key) {
            return Ok(*known);
        }
        let stop = || self.progress.is_cancelled();
        let latest = self.open(table)?.latest(column, &stop)?;
        if stop() {
            return Err(EngineError::Cancelled);
        }
        self.latest.borrow_mut().insert(key, latest);
        Ok(latest)
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
            if outcome.is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        outcome
    }
}
