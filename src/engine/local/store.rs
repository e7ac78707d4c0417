//! Keeps the shards of a run: in memory, or, past the limit on memory, as rows on disk that are read back a shard at a time
//! once every table has been read.
//!
//! Whether a shard was resident or spilled never shows: its rows go through the same code, and nothing depends on their
//! order.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::job::Job;
use super::pass::Pass;
use super::shard::{SHARDS, Shard};
use super::spill::{SpillFile, SpillSpace};
use super::{EngineError, Progress};
use crate::source::Batch;

/// Where a shard is.
enum Place {
    Resident(Mutex<Shard>),
    Spilled(Mutex<SpillFile>),
}

/// Why reading stopped.
pub(super) enum Stop {
    /// It cannot go on.
    Failed(EngineError),
    /// The resident shards outgrew the limit on memory: fewer must be resident.
    TooLarge {
        /// The part of the pass that had been read, from 0 to 1.
        read: f64,
    },
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Self::Failed(error)
    }
}

/// The shards of a run.
pub(super) struct Store<'s, 'a> {
    jobs: &'s [Job<'a>],
    passes: &'s [Pass<'a>],
    places: Vec<Place>,
    strides: Vec<usize>,
    threads: usize,
    progress: &'s Progress,
    /// Bytes of resident shards, about.
    bytes: AtomicUsize,
    /// The most they may be.
    limit: usize,
    /// What they were when the pass began.
    before: AtomicUsize,
    /// Batches begun: threads start at different shards, so that they seldom meet.
    begun: AtomicUsize,
}

impl<'s, 'a> Store<'s, 'a> {
    /// A store with the first `resident` shards in memory, the others in a file in `folder`.
    pub(super) fn new(
        jobs: &'s [Job<'a>],
        passes: &'s [Pass<'a>],
        threads: usize,
        progress: &'s Progress,
        (resident, limit, folder): (usize, usize, &Path),
    ) -> Self {
        let strides: Vec<usize> = jobs.iter().map(|job| job.stride).collect();
        let mut places = Vec::with_capacity(SHARDS);
        let space = Arc::new(SpillSpace::new(folder));
        for shard in 0..SHARDS {
            places.push(if shard < resident {
                Place::Resident(Mutex::new(Shard::new(&strides)))
            } else {
                Place::Spilled(Mutex::new(SpillFile::new(space.clone())))
            });
        }
        Self {
            jobs,
            passes,
            places,
            strides,
            threads: threads.max(1),
            progress,
            bytes: AtomicUsize::new(0),
            before: AtomicUsize::new(0),
            limit,
            begun: AtomicUsize::new(0),
        }
    }

    /// Takes a batch of a pass into its shards, after a part `read` of the pass.
    pub(super) fn take(&self, pass: usize, batch: &Batch, read: f64) -> Result<(), Stop> {
        let of = &self.passes[pass];
        let keyed = of.keyed(self.jobs, batch);
        let mut reading = of.begin(self.jobs, batch, &keyed, true);
        reading.enter_lost();
        reading.take_without_key();
        let start = self.begun.fetch_add(SHARDS / 2 + 1, Ordering::Relaxed);
        for step in 0..SHARDS {
            let shard = (start + step) % SHARDS;
            let rows = keyed.rows(shard);
            if rows.is_empty() {
                continue;
            }
            match &self.places[shard] {
                Place::Resident(shard) => {
                    let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
                    let before = shard.bytes();
                    reading.take_into(&mut shard, rows)?;
                    let grown = shard.bytes().wrapping_sub(before);
                    // Adding a negative growth wraps around to the right sum.
                    self.bytes.fetch_add(grown, Ordering::Relaxed);
                }
                Place::Spilled(file) => {
                    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                    file.write(pass, batch, &keyed, rows, of.unit())?;
                }
            }
        }
        reading.end();
        if self.bytes.load(Ordering::Relaxed) > self.limit && self.resident() > 0 {
            return Err(Stop::TooLarge { read });
        }
        Ok(())
    }

    /// Whether somebody asked to stop.
    pub(super) fn is_cancelled(&self) -> bool {
        self.progress.is_cancelled()
    }

    /// Gives the shards up: their memory is given back on a thread of its own, since of millions of units that takes longer
    /// than somebody who cancelled wants to wait.
    pub(super) fn abandon(self) {
        let places = self.places;
        let freeing = std::thread::Builder::new().name("readout-free".to_owned());
        // Where the system refuses a thread, the memory is given back here.
        drop(freeing.spawn(move || drop(places)));
    }

    /// How many shards are in memory.
    pub(super) fn resident(&self) -> usize {
        let is_resident = |place: &&Place| matches!(place, Place::Resident(_));
        self.places.iter().filter(is_resident).count()
    }

    /// How many shards to keep in memory after these turned out to be too large when a part of the pass, from 0 to 1, was
    /// read: all shards grow alike, and an eighth is left for what later passes add.
    pub(super) fn fewer(&self, read: f64) -> usize {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an estimate between none and all of them"
        )]
        let fitting = {
            let before = self.before.load(Ordering::Relaxed) as f64;
            let grown = self.bytes.load(Ordering::Relaxed) as f64 - before;
            let expected = before + grown / read.clamp(0.01, 1.0);
            (self.resident() as f64 * self.limit as f64 / expected * 0.875) as usize
        };
        fitting.min(self.resident().saturating_sub(1))
    }

    /// Settles what a pass learned, once it is over.
    pub(super) fn settle(&self, pass: usize) -> Result<(), EngineError> {
        let settle = |(): &mut (), place: &Place| {
            if let Place::Resident(shard) = place {
                let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
                let before = shard.bytes();
                self.passes[pass].settle(self.jobs, &mut shard);
                let grown = shard.bytes().wrapping_sub(before);
                self.bytes.fetch_add(grown, Ordering::Relaxed);
            }
            Ok(())
        };
        self.over_places(|| (), settle)?;
        let bytes = self.bytes.load(Ordering::Relaxed);
        self.before.store(bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Shows every shard to `each`, on several threads, each of which has a state of its own; returns the states.
    /// `is_last`: shards are not needed afterwards, and rows read back from disk are counted.
    pub(super) fn over_shards<T: Send>(
        &self,
        is_last: bool,
        state: impl Fn() -> T + Sync,
        each: impl Fn(&mut T, &Shard) + Sync,
    ) -> Result<Vec<T>, EngineError> {
        self.over_places(state, |state, place| {
            match place {
                Place::Resident(shard) => {
                    let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
                    each(state, &shard);
                    if is_last {
                        *shard = Shard::default();
                    }
                }
                Place::Spilled(file) => {
                    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                    each(state, &self.read_back(&mut file, is_last)?);
                }
            }
            Ok(())
        })
    }

    fn over_places<T: Send>(
        &self,
        state: impl Fn() -> T + Sync,
        each: impl Fn(&mut T, &Place) -> Result<(), EngineError> + Sync,
    ) -> Result<Vec<T>, EngineError> {
        let next = AtomicUsize::new(0);
        let states = Mutex::new(Vec::with_capacity(self.threads));
        let failed = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| {
                    let mut state = state();
                    while let Some(place) = self.places.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let done = if self.progress.is_cancelled() {
                            Err(EngineError::Cancelled)
                        } else {
                            each(&mut state, place)
                        };
                        if let Err(error) = done {
                            next.store(SHARDS, Ordering::Relaxed);
                            failed
                                .lock()
                                .unwrap_or_else(PoisonError::into_inner)
                                .get_or_insert(error);
                        }
                    }
                    states
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(state);
                });
            }
        });
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            // Whoever saw that in the middle of a shard left it there.
            None if self.progress.is_cancelled() => Err(EngineError::Cancelled),
            None => Ok(states.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// Makes a spilled shard from its rows.
    fn read_back(&self, file: &mut SpillFile, counts: bool) -> Result<Shard, EngineError> {
        let mut shard = Shard::new(&self.strides);
        for (position, pass) in self.passes.iter().enumerate() {
            file.read(position, &mut |batch, keyed| {
                if self.progress.is_cancelled() {
                    return Err(EngineError::Cancelled);
                }
                let mut reading = pass.begin(self.jobs, batch, keyed, counts);
                let rows: Vec<u32> = (0_u32..).take(batch.rows).collect();
                reading.take_into(&mut shard, &rows)?;
                reading.end();
                Ok(())
            })?;
            pass.settle(self.jobs, &mut shard);
        }
        Ok(shard)
    }
}
