//! Runs plans over the tables below a folder: opens, reads, sums.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::job::Job;
use super::pass::{Pass, Purpose};
use super::shard::SHARDS;
use super::store::{Stop, Store};
use super::{EngineError, Scan, finish, published};
use crate::domain::definition::Table;
use crate::domain::evidence::Summary;
use crate::engine::{Progress, Resources};
use crate::plan::Plan;
use crate::source::Batch;

/// Runs plans that share a folder of tables: a table that several need is read once.
///
/// Returns one summary a set of conventions for each plan, in their order.
pub(in crate::engine) fn run(
    plans: &[&Plan],
    root: &Path,
    resources: &Resources,
    progress: &Progress,
) -> Result<Vec<Vec<Summary>>, EngineError> {
    // Whose a row is, is found out once for all: experiments that compare persons run apart from those that compare ids.
    let (persons, ids): (Vec<usize>, Vec<usize>) =
        (0..plans.len()).partition(|plan| plans[*plan].is_by_person());
    let mut summaries: Vec<Vec<Summary>> = plans.iter().map(|_| Vec::new()).collect();
    for together in [persons, ids] {
        let own: Vec<&Plan> = together.iter().map(|plan| plans[*plan]).collect();
        let made = run_alike(&own, root, resources, progress)?;
        for (plan, made) in together.into_iter().zip(made) {
            summaries[plan] = made;
        }
    }
    Ok(summaries)
}

/// Runs plans that all compare persons, or all ids.
fn run_alike(
    plans: &[&Plan],
    root: &Path,
    resources: &Resources,
    progress: &Progress,
) -> Result<Vec<Vec<Summary>>, EngineError> {
    let zone = plans.iter().find_map(|plan| plan.time_zone.as_deref());
    let scan = Scan::new(root, zone, progress, resources.named);
    let mut summaries: Vec<Vec<Summary>> = Vec::with_capacity(plans.len());
    let mut jobs = Vec::new();
    for plan in plans {
        summaries.push(match &plan.assignments {
            Some(assignments) => {
                progress.enter("finding as-of");
                jobs.push(Job::new(plan, assignments, &scan)?);
                Vec::new()
            }
            None => published::run(plan, &scan)?,
        });
    }
    if jobs.is_empty() {
        return Ok(summaries);
    }
    let mut read = read(&jobs, &scan, resources)?.into_iter();
    for (summaries, plan) in summaries.iter_mut().zip(plans) {
        if plan.assignments.is_some() {
            *summaries = read.next().unwrap_or_default();
        }
    }
    Ok(summaries)
}

/// Reads every table and sums it; with fewer shards in memory each time they turn out to be too large.
fn read(
    jobs: &[Job<'_>],
    scan: &Scan<'_>,
    resources: &Resources,
) -> Result<Vec<Vec<Summary>>, EngineError> {
    // A quarter is left for what reading itself takes.
    let limit = resources.memory.map_or(usize::MAX, |bytes| {
        usize::try_from(bytes / 4 * 3).unwrap_or(usize::MAX)
    });
    let mut resident = SHARDS;
    loop {
        let passes = passes(jobs, scan)?;
        scan.progress
            .expect_bytes(passes.iter().map(|pass| pass.source.bytes()).sum());
        let placing = (resident, limit, resources.spill.as_path());
        let store = Store::new(jobs, &passes, resources.threads, scan.progress, placing);
        match read_tables(jobs, &passes, &store, scan, resources.threads) {
            Ok(()) => {
                scan.progress.enter("summing");
                let finished = finish::finish(jobs, &passes, &store);
                if finished.is_err() {
                    store.abandon();
                }
                return finished;
            }
            Err(Stop::Failed(error)) => {
                store.abandon();
                return Err(error);
            }
            Err(Stop::TooLarge { read }) => {
                resident = store.fewer(read);
                scan.progress.restart();
            }
        }
    }
}

/// Reads table after table.
fn read_tables<'a>(
    jobs: &[Job<'a>],
    passes: &[Pass<'a>],
    store: &Store<'_, 'a>,
    scan: &Scan<'_>,
    threads: usize,
) -> Result<(), Stop> {
    for (position, pass) in passes.iter().enumerate() {
        scan.progress.enter(&format!("reading {}", pass.table.name));
        let stopped = Mutex::new(None);
        let (before, _) = scan.progress.bytes();
        let progress = scan.progress;
        let take = |batch: Batch| {
            let taken = if progress.is_cancelled() {
                Err(EngineError::Cancelled.into())
            } else {
                let read = progress.bytes().0.saturating_sub(before);
                store.take(position, &batch, part(read, pass.source.bytes()))
            };
            progress.advance(batch.rows as u64 + batch.lost.len() as u64, batch.bytes);
            match taken {
                Ok(()) => ControlFlow::Continue(()),
                Err(stop) => {
                    stopped
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .get_or_insert(stop);
                    ControlFlow::Break(())
                }
            }
        };
        pass.source
            .scan_on(threads, pass.requests.as_slice(), &take)
            .map_err(EngineError::from)?;
        if let Some(stop) = stopped.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(stop);
        }
        store.settle(position)?;
        pass.refuse_overflow(jobs)?;
    }
    Ok(())
}

/// A part as a number from 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn part(done: u64, total: u64) -> f64 {
    done as f64 / total.max(1) as f64
}

/// The passes of a run, in the order of what they need. Every table's headers are held to what is asked of them.
fn passes<'a>(jobs: &[Job<'a>], scan: &Scan<'_>) -> Result<Vec<Pass<'a>>, EngineError> {
    let mut passes = Vec::new();
    let placing = [
        (
            Purpose::Assignments,
            tables(jobs, |job| vec![job.assignments]),
        ),
        (
            Purpose::Exposures,
            tables(jobs, |job| job.plan.exposures.iter().collect()),
        ),
    ];
    for (purpose, tables) in placing {
        for (table, members) in tables {
            let source = scan.open(table)?;
            passes.push(Pass::new(
                table, purpose, source, jobs, &members, scan.named,
            ));
        }
    }
    for (table, members) in tables(jobs, |job| job.facts().collect()) {
        passes.push(Pass::new(
            table,
            Purpose::Facts,
            scan.open(table)?,
            jobs,
            &members,
            scan.named,
        ));
    }
    for pass in &passes {
        pass.source.expect(pass.requests.as_slice())?;
    }
    Ok(passes)
}

/// Tables, each with the experiments that need it.
fn tables<'a>(
    jobs: &[Job<'a>],
    needs: impl Fn(&Job<'a>) -> Vec<&'a Table>,
) -> Vec<(&'a Table, Vec<usize>)> {
    let mut tables: Vec<(&'a Table, Vec<usize>)> = Vec::new();
    for (position, job) in jobs.iter().enumerate() {
        for table in needs(job) {
            // Rows are judged once for all, so those who read them together hold them to the same contract.
            let is_same = |(known, members): &(&Table, Vec<usize>)| {
                let first = members.first().map(|first| &jobs[*first]);
                *known == table
                    && first.is_some_and(|first| {
                        let ours = job.plan.rules_about(&table.name);
                        ours.eq(first.plan.rules_about(&table.name))
                    })
            };
            match tables.iter_mut().find(|known| is_same(known)) {
                Some((_, members)) => members.push(position),
                None => tables.push((table, vec![position])),
            }
        }
    }
    tables
}
