//! Defines the scan of a table over several threads: whoever is free reads a part, converts rows or hands them out.
//!
//! It refuses to keep an order: batches come as they are ready. What it tells in the end is what [`Source::scan`] tells.

use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{self, Scope};

use super::batch::{Batch, ColumnRequest};
use super::error::SourceError;
use super::frame::{self, Piece};
use super::parts::{Format, Part, unreadable};
use super::queue::{Place, Queue, Task, end_of};
use super::table::Source;
use super::text;
use super::wanted::Wanted;

impl Source {
    /// Reads the whole table and hands its batches to `each` on `workers` threads, this one among them, in any order.
    ///
    /// Stops early and without an error when any call breaks; calls that have begun by then still end. A few batches
    /// wait at most, however fast the file is read.
    ///
    /// # Errors
    /// As [`Source::scan`], and the same one whichever thread was faster. Batches handed out before an error are not to
    /// be used.
    ///
    /// # Panics
    /// When `each` does.
    pub fn scan_on(
        &self,
        workers: usize,
        requests: &[ColumnRequest],
        each: &(dyn Fn(Batch) -> ControlFlow<()> + Sync),
    ) -> Result<(), SourceError> {
        let wanted = self.resolve(requests)?;
        let workers = workers.max(1);
        let streamed = self.parts.iter().map(is_streamed).collect();
        let spread = Spread {
            source: self,
            queue: Arc::new(Queue::new(streamed, workers + 1)),
            each,
        };
        let done = spread.run(workers, &wanted);
        match spread.queue.outcome() {
            Err((number, problem)) => Err(self.blame(&self.parts[number], problem)),
            Ok(ControlFlow::Break(())) => Ok(()),
            Ok(ControlFlow::Continue(())) => self.complete(requests, &done.wanted, done.rows),
        }
    }
}

/// Whether polars reads a part, on threads of its own.
fn is_streamed(part: &Part) -> bool {
    matches!(part.format, Format::Parquet | Format::Arrow)
}

/// One scan: what its threads share.
struct Spread<'a> {
    source: &'a Source,
    queue: Arc<Queue>,
    each: &'a (dyn Fn(Batch) -> ControlFlow<()> + Sync),
}

/// One of the threads: what it has seen.
struct Worker {
    wanted: Vec<Wanted>,
    rows: u64,
}

impl Worker {
    fn new(wanted: &[Wanted]) -> Self {
        let wanted = wanted.to_vec();
        Self { wanted, rows: 0 }
    }

    fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        for (want, other) in self.wanted.iter_mut().zip(&other.wanted) {
            want.seen |= other.seen;
        }
    }
}

impl Spread<'_> {
    /// Works on all threads until nothing is left; what they have seen together.
    fn run(&self, workers: usize, wanted: &[Wanted]) -> Worker {
        thread::scope(|scope| {
            let spawn = |number: usize| {
                thread::Builder::new()
                    .name(format!("readout-scan-{number}"))
                    .spawn_scoped(scope, move || self.work(scope, Worker::new(wanted)))
            };
            // A thread that the system refuses is missed and no error: this one works in any case.
            let others: Vec<_> = (1..workers).filter_map(|it| spawn(it).ok()).collect();
            let mut done = self.work(scope, Worker::new(wanted));
            for other in others {
                match other.join() {
                    Ok(other) => done.merge(&other),
                    Err(payload) => resume_unwind(payload),
                }
            }
            done
        })
    }

    /// Does what is to be done next until nothing is left.
    fn work<'scope, 'env>(
        &'env self,
        scope: &'scope Scope<'scope, 'env>,
        mut worker: Worker,
    ) -> Worker {
        let _leaving = Leaving(&self.queue);
        while let Some(task) = self.queue.take() {
            match task {
                Task::Stream(number) => self.stream(scope, number, &worker.wanted),
                Task::Parse(number) => self.parse(number, &mut worker),
                Task::Convert(number, piece) => self.convert(number, &piece, &mut worker),
                Task::HandOut(number, batch) => {
                    self.hand_out((number, 0), batch, &mut worker.rows);
                }
            }
        }
        worker
    }

    /// Lets polars read a part; a thread that only waits for it puts the pieces into the queue.
    fn stream<'scope, 'env>(
        &'env self,
        scope: &'scope Scope<'scope, 'env>,
        number: usize,
        wanted: &[Wanted],
    ) {
        let part = &self.source.parts[number];
        let columns = frame::columns(part, wanted);
        let queue = self.queue.clone();
        let hand_on =
            move |piece: Piece| queue.push((number, piece.first), Task::Convert(number, piece));
        let query = move || {
            let _reading = Reading(&self.queue, number);
            if let Err(problem) = frame::stream(part, &columns, hand_on) {
                self.queue.fail(end_of(number), problem);
            }
        };
        let started = thread::Builder::new()
            .name(frame::THREAD.to_owned())
            .spawn_scoped(scope, query);
        if let Err(error) = started {
            self.queue.fail(end_of(number), unreadable(&error));
            self.queue.end(number);
        }
    }

    fn convert(&self, number: usize, piece: &Piece, worker: &mut Worker) {
        let place = (number, piece.first);
        match frame::convert(&self.source.parts[number], piece, &mut worker.wanted) {
            Ok(batch) => self.hand_out(place, batch, &mut worker.rows),
            Err(problem) => self.queue.fail(place, problem),
        }
    }

    /// Reads a part of text. A batch is left to whoever is free; where nobody is, this thread hands it out itself.
    fn parse(&self, number: usize, worker: &mut Worker) {
        let _reading = Reading(&self.queue, number);
        let Worker { wanted, rows } = worker;
        let mut emit = |batch: Batch| {
            if !self.queue.wants((number, 0)) {
                return ControlFlow::Break(());
            }
            if let Some(Task::HandOut(_, batch)) = self.queue.offer(Task::HandOut(number, batch)) {
                self.hand_out((number, 0), batch, rows);
            }
            ControlFlow::Continue(())
        };
        if let Err(problem) = text::read(&self.source.parts[number], wanted, &mut emit) {
            self.queue.fail(end_of(number), problem);
        }
    }

    fn hand_out(&self, place: Place, batch: Batch, rows: &mut u64) {
        *rows += batch.rows as u64;
        if self.queue.wants(place) && (self.each)(batch).is_break() {
            self.queue.stop();
        }
    }
}

/// Ends the scan when its thread panics, so that no other waits for it.
struct Leaving<'a>(&'a Queue);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

/// Says that a part is read once its reader is done, however that ends.
struct Reading<'a>(&'a Queue, usize);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.end(self.1);
    }
}
