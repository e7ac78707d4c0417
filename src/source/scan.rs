//! Defines the scan of a table in order: part after part, on the reader's own thread.

use std::ops::ControlFlow;
use std::sync::mpsc::sync_channel;
use std::thread;

use super::batch::{Batch, Column, ColumnKind, ColumnRequest};
use super::error::{Problem, SourceError};
use super::frame;
use super::parts::{Format, Part};
use super::table::Source;
use super::text;
use super::wanted::Wanted;
use crate::domain::definition::Timestamp;

impl Source {
    /// Reads the whole table, part after part in the order of their names, and hands each batch to `each` on this thread.
    ///
    /// Stops early and without an error when `each` breaks.
    ///
    /// # Errors
    /// When a required column is in no part, a column's type cannot be what was asked for, a time has no zone, or a file
    /// turns out to be damaged. Batches handed out before an error are not to be used.
    pub fn scan(
        &self,
        requests: &[ColumnRequest],
        each: &mut dyn FnMut(Batch) -> ControlFlow<()>,
    ) -> Result<(), SourceError> {
        let mut wanted = self.resolve(requests)?;
        let (sender, receiver) = sync_channel::<Batch>(2);
        thread::scope(|scope| {
            let reader = scope.spawn(move || {
                let mut emit = |batch| match sender.send(batch) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                };
                self.read(requests, &mut wanted, &mut emit)
            });
            let broke = receiver.into_iter().any(|batch| each(batch).is_break());
            let read = reader.join().unwrap_or_else(|_| {
                let reason = "its reader gave up".to_owned();
                Err(SourceError::new(
                    &self.name,
                    None,
                    Problem::Unreadable { reason },
                ))
            });
            if broke { Ok(()) } else { read }
        })
    }

    /// The largest time in `column`; `None` when it holds none. Once `stop` holds, what was read so far.
    ///
    /// # Errors
    /// As [`Source::scan`].
    pub fn latest(
        &self,
        column: &str,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Timestamp>, SourceError> {
        let mut latest = None;
        let request = ColumnRequest::required(column, ColumnKind::Time);
        self.scan(&[request], &mut |batch| {
            for cells in batch.columns.iter().flatten() {
                if let Column::Time(values) = &cells.column {
                    let valid = values
                        .iter()
                        .enumerate()
                        .filter(|(row, _)| cells.is_valid(*row));
                    latest = latest.max(valid.map(|(_, value)| *value).max());
                }
            }
            if stop() {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        Ok(latest.map(Timestamp))
    }

    /// Reads part after part until one breaks; then looks for required columns that no row had.
    fn read(
        &self,
        requests: &[ColumnRequest],
        wanted: &mut [Wanted],
        emit: &mut dyn FnMut(Batch) -> ControlFlow<()>,
    ) -> Result<(), SourceError> {
        let mut rows = 0;
        let mut flow = ControlFlow::Continue(());
        for part in &self.parts {
            let mut emit = |batch: Batch| {
                rows += batch.rows as u64;
                flow = emit(batch);
                flow
            };
            read(part, wanted, &mut emit).map_err(|problem| self.blame(part, problem))?;
            if flow.is_break() {
                return Ok(());
            }
        }
        self.complete(requests, wanted, rows)
    }

    /// What can be wrong with a table once all its `rows` are read: a part that changed meanwhile, or a required column
    /// that no row had.
    pub(super) fn complete(
        &self,
        requests: &[ColumnRequest],
        wanted: &[Wanted],
        rows: u64,
    ) -> Result<(), SourceError> {
        if let Some(part) = self.parts.iter().find(|part| part.has_changed()) {
            return Err(self.blame(part, Problem::Changed));
        }
        let absent = |want: &Wanted| {
            !want.seen && !self.parts.iter().any(|part| part.declares(&want.source))
        };
        match requests
            .iter()
            .zip(wanted)
            .find(|(request, want)| rows > 0 && request.required && absent(want))
        {
            Some((request, want)) => Err(self.missing(&request.name, &want.source)),
            None => Ok(()),
        }
    }

    /// A problem of one part. Where the part changed meanwhile, that is the problem, and the other may come of it.
    pub(super) fn blame(&self, part: &Part, problem: Problem) -> SourceError {
        let problem = if part.has_changed() {
            Problem::Changed
        } else {
            problem
        };
        SourceError::new(&self.name, Some(part.name.to_string()), problem)
    }
}

fn read(
    part: &Part,
    wanted: &mut [Wanted],
    emit: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<(), Problem> {
    match part.format {
        Format::Parquet | Format::Arrow => frame::read(part, wanted, emit),
        Format::Delimited(..) | Format::JsonLines(_) => text::read(part, wanted, emit),
    }
}
