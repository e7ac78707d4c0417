//! Runs a plan with what is kept of it, and keeps what it did not find.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::digest::Digests;
use super::index::Index;
use super::inputs::{Fingerprint, Inputs};
use super::{Cache, Found};
use crate::domain::definition::Conventions;
use crate::domain::evidence::Summary;
use crate::engine::{EngineError, Progress, Resources, run, run_together};
use crate::plan::Plan;

/// Between two looks at whether somebody asked to stop.
const PATIENCE: Duration = Duration::from_millis(20);
/// Hashing may take this long after the engine is done; for as long as the engine took, where that is longer.
const GRACE: Duration = Duration::from_secs(1);

/// What became of each of several plans.
type Outcomes = Vec<Result<Vec<Summary>, EngineError>>;

/// Runs plans as [`run`] does each of them, and returns the same summaries. Where `cache` has all of a plan's, none of its
/// tables is read for it; the others are read together.
///
/// # Errors
/// As [`run`], for each plan by itself; the cache brings none of its own.
pub fn run_cached(
    plans: &[Plan],
    root: &Path,
    resources: &Resources,
    progress: &Progress,
    cache: Option<&Cache>,
) -> Outcomes {
    let all: Vec<&Plan> = plans.iter().collect();
    let inputs: Option<Vec<Inputs>> = plans.iter().map(|plan| Inputs::of(plan, root)).collect();
    let Some((cache, inputs)) = cache.zip(inputs) else {
        return run_each(&all, root, resources, progress);
    };
    let job = Job {
        plans: plans.iter().map(of_data).collect(),
        root,
        resources,
        progress,
        cache,
        inputs,
    };
    let index = Index::load(&cache.shelf);
    let unknown: HashMap<Fingerprint, u64> = job
        .inputs
        .iter()
        .flat_map(Inputs::files)
        .filter(|file| index.find(&file.fingerprint).is_none())
        .map(|file| (file.fingerprint, file.fingerprint.bytes))
        .collect();
    if unknown.values().sum::<u64>() <= cache.at_once {
        job.after_hashing(index)
    } else {
        job.beside_hashing(index)
    }
}

/// Runs plans together, or, where one of them fails, each by itself: to know which, and to have the others.
fn run_each(plans: &[&Plan], root: &Path, resources: &Resources, progress: &Progress) -> Outcomes {
    if plans.len() > 1 {
        match run_together(plans, root, resources, progress) {
            Ok(summaries) => return summaries.into_iter().map(Ok).collect(),
            Err(EngineError::Cancelled) => {
                return plans.iter().map(|_| Err(EngineError::Cancelled)).collect();
            }
            Err(_) => progress.restart(),
        }
    }
    plans
        .iter()
        .map(|plan| run(plan, root, resources, progress))
        .collect()
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
            proportions: _,
            quantile: _,
            slope: _,
            residuals: _,
            adjusted_lift: _,
            clusters: _,
            strata: _,
            ramp: _,
            sequential: _,
            spending: _,
            sequential_units: _,
            compliers: _,
            prior: _,
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
    pub(super) plans: Vec<Plan>,
    pub(super) root: &'a Path,
    pub(super) resources: &'a Resources,
    pub(super) progress: &'a Progress,
    pub(super) cache: &'a Cache,
    /// Of each plan.
    pub(super) inputs: Vec<Inputs>,
}

impl Job<'_> {
    fn run(&self, plans: &[&Plan]) -> Outcomes {
        run_each(plans, self.root, self.resources, self.progress)
    }

    /// Hashes, looks, and runs the engine only for plans of which something is missing.
    pub(super) fn after_hashing(&self, mut index: Index) -> Outcomes {
        self.progress.enter("looking for what is known");
        let stop = || self.progress.is_cancelled();
        let digests: Vec<Option<Digests>> = self
            .inputs
            .iter()
            .map(|inputs| Digests::of(inputs, &mut index, &stop))
            .collect();
        index.save(&self.cache.shelf);
        if self.progress.is_cancelled() {
            return self
                .plans
                .iter()
                .map(|_| Err(EngineError::Cancelled))
                .collect();
        }
        let found: Vec<Option<Found>> = self
            .plans
            .iter()
            .zip(&digests)
            .map(|(plan, digests)| Some(self.cache.lookup(plan, digests.as_ref()?)))
            .collect();
        let known: Vec<Option<Vec<Summary>>> = found
            .iter()
            .map(|found| found.as_ref()?.summaries())
            .collect();
        let missing: Vec<&Plan> = self
            .plans
            .iter()
            .zip(&known)
            .filter(|(_, known)| known.is_none())
            .map(|(plan, _)| plan)
            .collect();
        let mut fresh = self.run(&missing).into_iter();
        let mut outcomes = Outcomes::with_capacity(self.plans.len());
        for (position, known) in known.into_iter().enumerate() {
            outcomes.push(match known {
                Some(summaries) => Ok(summaries),
                None => fresh.next().unwrap_or(Err(EngineError::Cancelled)),
            });
            if let (Some(Ok(summaries)), Some(found), Some(digests)) =
                (outcomes.last(), &found[position], &digests[position])
                && found.summaries().is_none()
                && self.is_unchanged(position, digests)
            {
                self.cache.store(found, summaries);
            }
        }
        outcomes
    }

    /// Runs the engine and hashes at the same time. What was known already is then found too late, which is what large
    /// tables that are new to the index cost.
    pub(super) fn beside_hashing(&self, mut index: Index) -> Outcomes {
        let enough = AtomicBool::new(false);
        let stop = || enough.load(Ordering::Relaxed) || self.progress.is_cancelled();
        std::thread::scope(|scope| {
            let (sender, receiver) = channel();
            scope.spawn(move || {
                let digests: Option<Vec<Digests>> = self
                    .inputs
                    .iter()
                    .map(|inputs| Digests::of(inputs, &mut index, &stop))
                    .collect();
                // Files that were hashed to their end need not be again, whether or not all were.
                index.save(&self.cache.shelf);
                let _ = sender.send(digests);
            });
            let started = Instant::now();
            let all: Vec<&Plan> = self.plans.iter().collect();
            let outcomes = self.run(&all);
            if outcomes.iter().any(Result::is_ok)
                && let Some(digests) = self.wait(&receiver, started.elapsed().max(GRACE))
            {
                for (position, outcome) in outcomes.iter().enumerate() {
                    if let Ok(summaries) = outcome
                        && self.is_unchanged(position, &digests[position])
                    {
                        let found = self.cache.lookup(&self.plans[position], &digests[position]);
                        self.cache.store(&found, summaries);
                    }
                }
            }
            enough.store(true, Ordering::Relaxed);
            outcomes
        })
    }

    /// Waits for the digests, no longer than `patience` and not at all once somebody asked to stop.
    fn wait(
        &self,
        digests: &Receiver<Option<Vec<Digests>>>,
        patience: Duration,
    ) -> Option<Vec<Digests>> {
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
    pub(super) fn is_unchanged(&self, position: usize, digests: &Digests) -> bool {
        let stop = || self.progress.is_cancelled();
        let now = Inputs::of(&self.plans[position], self.root);
        now.is_some_and(|now| now.tables == self.inputs[position].tables)
            && digests.still_hold(self.cache.at_once, &stop)
    }
}
