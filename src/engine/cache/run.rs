//! Runs a plan with what is kept of it, and keeps what it did not find.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::Cache;
use super::digest::Digests;
use super::index::Index;
use super::inputs::Inputs;
use crate::domain::definition::Conventions;
use crate::domain::evidence::Summary;
use crate::engine::{EngineError, Progress, run};
use crate::plan::Plan;

/// Between two looks at whether somebody asked to stop.
const PATIENCE: Duration = Duration::from_millis(20);
/// Hashing may take this long after the engine is done; for as long as the engine took, where that is longer.
const GRACE: Duration = Duration::from_secs(1);

/// Runs a plan as [`run`] does, and returns the same summaries. Where `cache` has all of them, no table is read.
///
/// # Errors
/// As [`run`]; the cache brings none of its own.
pub fn run_cached(
    plan: &Plan,
    root: &Path,
    threads: usize,
    progress: &Progress,
    cache: Option<&Cache>,
) -> Result<Vec<Summary>, EngineError> {
    let Some((cache, inputs)) = cache.zip(Inputs::of(plan, root)) else {
        return run(plan, root, threads, progress);
    };
    let job = Job {
        plan: &of_data(plan),
        root,
        threads,
        progress,
        cache,
        inputs,
    };
    let index = Index::load(&cache.shelf);
    let unknown = job
        .inputs
        .files()
        .filter(|file| index.find(&file.fingerprint).is_none());
    if unknown.map(|file| file.fingerprint.bytes).sum::<u64>() <= cache.at_once {
        job.after_hashing(index)
    } else {
        job.beside_hashing(index)
    }
}

/// The plan as far as data are concerned: how intervals are formed and corrected is not the engine's to know. It is run
/// as it is keyed, so that no cell can depend on what its key leaves out.
fn of_data(plan: &Plan) -> Plan {
    let of_data = |conventions: &Conventions| {
        let Conventions {
            several_variants,
            units,
            cap,
            covariate,
            variance: _,
            reference: _,
            relative: _,
            correction: _,
            level: _,
        } = *conventions;
        Conventions {
            several_variants,
            units,
            cap,
            covariate,
            ..Conventions::default()
        }
    };
    Plan {
        conventions: plan.conventions.iter().map(of_data).collect(),
        ..plan.clone()
    }
}

/// One run, and the files as they were before it.
pub(super) struct Job<'a> {
    pub(super) plan: &'a Plan,
    pub(super) root: &'a Path,
    pub(super) threads: usize,
    pub(super) progress: &'a Progress,
    pub(super) cache: &'a Cache,
    pub(super) inputs: Inputs,
}

impl Job<'_> {
    fn run(&self) -> Result<Vec<Summary>, EngineError> {
        run(self.plan, self.root, self.threads, self.progress)
    }

    /// Hashes, looks, and runs the engine only for what is not there.
    pub(super) fn after_hashing(&self, mut index: Index) -> Result<Vec<Summary>, EngineError> {
        self.progress.enter("looking for what is known");
        let digests = Digests::of(&self.inputs, &mut index, &|| self.progress.is_cancelled());
        index.save(&self.cache.shelf);
        if self.progress.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        let Some(digests) = digests else {
            return self.run();
        };
        let found = self.cache.lookup(self.plan, &digests);
        if let Some(summaries) = found.summaries() {
            return Ok(summaries);
        }
        // An engine that is told which metrics to leave out will be told `found.metrics` here.
        let summaries = found.complete(self.run()?);
        if self.is_unchanged(&digests) {
            self.cache.store(&found, &summaries);
        }
        Ok(summaries)
    }

    /// Runs the engine and hashes at the same time. What was known already is then found too late, which is what large
    /// tables that are new to the index cost.
    pub(super) fn beside_hashing(&self, mut index: Index) -> Result<Vec<Summary>, EngineError> {
        let enough = AtomicBool::new(false);
        let stop = || enough.load(Ordering::Relaxed) || self.progress.is_cancelled();
        std::thread::scope(|scope| {
            let (sender, receiver) = channel();
            scope.spawn(move || {
                let digests = Digests::of(&self.inputs, &mut index, &stop);
                // Files that were hashed to their end need not be again, whether or not all were.
                index.save(&self.cache.shelf);
                let _ = sender.send(digests);
            });
            let started = Instant::now();
            let summaries = self.run();
            if summaries.is_ok() {
                let digests = self.wait(&receiver, started.elapsed().max(GRACE));
                if let (Some(digests), Ok(summaries)) = (digests, &summaries)
                    && self.is_unchanged(&digests)
                {
                    let found = self.cache.lookup(self.plan, &digests);
                    self.cache.store(&found, summaries);
                }
            }
            enough.store(true, Ordering::Relaxed);
            summaries
        })
    }

    /// Waits for the digests, no longer than `patience` and not at all once somebody asked to stop.
    fn wait(&self, digests: &Receiver<Option<Digests>>, patience: Duration) -> Option<Digests> {
        self.progress.enter("hashing tables for next time");
        let started = Instant::now();
        while started.elapsed() < patience && !self.progress.is_cancelled() {
            match digests.recv_timeout(PATIENCE) {
                Ok(digests) => return digests,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }

    /// Whether the files that were read are those that were hashed: what was put in their place meanwhile is not kept
    /// under their digests.
    pub(super) fn is_unchanged(&self, digests: &Digests) -> bool {
        let stop = || self.progress.is_cancelled();
        Inputs::of(self.plan, self.root).is_some_and(|now| now.tables == self.inputs.tables)
            && digests.still_hold(self.cache.at_once, &stop)
    }
}
