//! The local engine: reads files once each, sums exactly, hands over a summary a set of conventions.
//!
//! Passes come in the order of what they need: assignments make the units, exposures place them, facts are summed over
//! them. Nothing that is summed depends on the order of rows, so neither batches nor threads can show in the result.

mod accumulator;
mod as_of;
mod assignments;
mod cap;
mod counts;
mod days;
mod exact_column;
mod exposures;
mod facts;
mod filter;
mod finish;
mod grid;
mod key;
mod ledger;
mod published;
mod read;
mod rows;
mod scope;
mod unit_values;
mod units;

pub(in crate::engine) use rows::LEVELS;

use std::ops::ControlFlow;
use std::path::Path;

use super::{EngineError, Progress};
use crate::domain::definition::{Table, TableKind};
use crate::domain::evidence::Summary;
use crate::plan::Plan;
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

    /// Hands every batch of a source to `take`; stops when cancelled.
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

/// Runs a plan over the tables below `root`, with at most `threads` of its own.
///
/// Returns one summary a set of conventions, in the plan's order.
///
/// # Errors
/// [`EngineError`] when a table cannot be read, a limit is passed or the work is cancelled. No partial result.
pub fn run(
    plan: &Plan,
    root: &Path,
    threads: usize,
    progress: &Progress,
) -> Result<Vec<Summary>, EngineError> {
    let scan = Scan {
        root,
        time_zone: plan.time_zone.as_deref(),
        progress,
    };
    let Some(assignments) = &plan.assignments else {
        return published::run(plan, &scan);
    };
    let days = days::Days::new(plan.time_zone.as_deref()).unwrap_or(days::Days::Utc);
    let facts: Vec<&Table> = plan
        .others
        .iter()
        .filter(|table| table.kind != TableKind::Summaries)
        .collect();
    let all = std::iter::once(assignments)
        .chain(&plan.exposures)
        .chain(facts.iter().copied());
    let mut total = 0;
    for table in all {
        total += scan.open(table)?.bytes();
    }
    progress.expect_bytes(total);

    // A column that is missing from the last table is found before the first one is read.
    if let Some(table) = &plan.exposures {
        exposures::expect(plan, table, &scan)?;
    }
    for table in &facts {
        facts::expect(plan, table, &scan)?;
    }

    progress.enter("finding as-of");
    let as_of = as_of::find(plan, &days, &scan)?;
    let instant = as_of.instant.map(|instant| instant.0);

    progress.enter("reading assignments");
    let mut assigned = assignments::read(plan, assignments, instant, &scan)?;
    if let Some(position) = assigned.reader.overflowed {
        return Err(EngineError::too_many_levels(&plan.segments[position]));
    }
    let rank = read::label_ranks(&plan.experiment.variants);
    let tied = assigned.units.settle(&rank);

    let exposed = match &plan.exposures {
        Some(table) => {
            progress.enter("reading exposures");
            let integer_ids = assigned.has_integer_ids;
            Some(exposures::read(
                plan,
                table,
                instant,
                integer_ids,
                &mut assigned.units,
                &scan,
            )?)
        }
        None => None,
    };

    let mut passes = Vec::with_capacity(facts.len());
    for table in facts {
        progress.enter(&format!("reading {}", table.name));
        let context = facts::Context {
            plan,
            units: &assigned.units,
            elsewhere: &assigned.elsewhere,
            integer_ids: assigned.has_integer_ids,
            as_of: instant,
        };
        passes.push(facts::read(&context, table, &scan)?);
    }
    progress.enter("summing");
    finish::finish(
        plan,
        read::Read {
            as_of,
            days,
            assigned,
            exposed,
            passes,
            tied,
        },
        threads,
        progress,
    )
}
