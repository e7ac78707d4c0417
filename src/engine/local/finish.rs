//! Turns what the passes read into summaries: the last step, and the only one that depends on the set of conventions.

use std::collections::BTreeMap;

use super::EngineError;
use super::cap::{CapSearch, Limits};
use super::counts::Counts;
use super::grid::{Grid, Together};
use super::job::Job;
use super::pass::{Pass, Purpose};
use super::shard::Shard;
use super::store::Store;
use super::tally::{Tally, add_identifiers};
use super::unit_values::{From, UnitValues};
use crate::domain::definition::{Conventions, TableKind};
use crate::domain::evidence::{IdentifierCounts, Summary};

/// One experiment under one set of conventions, summed over the shards seen so far.
struct Harvest {
    counts: Counts,
    grids: Vec<Grid>,
}

/// The limits of each metric of a summary, once for all variants or of each.
type MetricLimits = Vec<Vec<Limits>>;

/// A summary to be made: the experiment's position in the run, and the conventions.
type Wanted<'a> = (usize, &'a Conventions);

/// Makes one summary a set of conventions, for every experiment.
pub(super) fn finish(
    jobs: &[Job<'_>],
    passes: &[Pass<'_>],
    store: &Store<'_, '_>,
) -> Result<Vec<Vec<Summary>>, EngineError> {
    let wanted: Vec<Wanted<'_>> = jobs
        .iter()
        .enumerate()
        .flat_map(|(job, of)| of.plan.conventions.iter().map(move |set| (job, set)))
        .collect();
    let limits = limits(jobs, &wanted, store)?;
    let harvests = harvest(jobs, &wanted, &limits, store)?;
    // Rows that came back from disk have been counted by now.
    for pass in passes {
        pass.refuse_overflow(jobs)?;
    }
    let tallies: Vec<Vec<(usize, Tally)>> =
        passes.iter().map(|pass| pass.take_tallies(jobs)).collect();
    let mut summaries: Vec<Vec<Summary>> = jobs.iter().map(|_| Vec::new()).collect();
    for (((job, _), harvest), limits) in wanted.iter().zip(&harvests).zip(&limits) {
        let mut own: Vec<(&Pass<'_>, &Tally)> = passes
            .iter()
            .zip(&tallies)
            .filter_map(|(pass, tallies)| {
                let tally = tallies.iter().find(|(known, _)| known == job);
                tally.map(|(_, tally)| (pass, tally))
            })
            .collect();
        // In the plan's own order, which another plan's tables may have changed.
        let others = &jobs[*job].plan.others;
        own.sort_by_key(|(pass, _)| {
            let position = others.iter().position(|table| table == pass.table);
            (pass.purpose, position)
        });
        summaries[*job].push(summary(&jobs[*job], harvest, limits, &own));
    }
    Ok(summaries)
}

/// The limits of every metric, for every summary.
fn limits(
    jobs: &[Job<'_>],
    wanted: &[Wanted<'_>],
    store: &Store<'_, '_>,
) -> Result<Vec<MetricLimits>, EngineError> {
    let searches = || -> Vec<CapSearch> {
        let wanted = wanted.iter();
        wanted
            .map(|(job, conventions)| CapSearch::new(&jobs[*job], conventions))
            .collect()
    };
    let mut total = searches();
    if !total.iter().all(CapSearch::is_idle) {
        let parts = store.over_shards(false, searches, |searches, shard| {
            for ((job, conventions), search) in wanted.iter().zip(searches) {
                search.add(values(jobs, *job, conventions, shard));
            }
        })?;
        for part in parts {
            for (total, part) in total.iter_mut().zip(part) {
                total.merge(part);
            }
        }
    }
    let finished = wanted.iter().zip(total);
    Ok(finished
        .map(|((job, _), search)| search.limits(&jobs[*job]))
        .collect())
}

fn values<'a>(
    jobs: &'a [Job<'a>],
    job: usize,
    conventions: &'a Conventions,
    shard: &'a Shard,
) -> UnitValues<'a> {
    UnitValues {
        job: &jobs[job],
        conventions,
        units: &shard.members[job].units,
    }
}

/// Sums every shard.
fn harvest(
    jobs: &[Job<'_>],
    wanted: &[Wanted<'_>],
    limits: &[MetricLimits],
    store: &Store<'_, '_>,
) -> Result<Vec<Harvest>, EngineError> {
    let together: Vec<Together> = jobs.iter().map(Together::new).collect();
    let fresh = || -> Vec<Harvest> {
        let wanted = wanted.iter().zip(limits);
        wanted
            .map(|((job, conventions), limits)| Harvest {
                counts: Counts::new(&jobs[*job]),
                grids: grids(&jobs[*job], conventions, limits, &together[*job]),
            })
            .collect()
    };
    let parts = store.over_shards(true, fresh, |harvests, shard| {
        for ((job, conventions), harvest) in wanted.iter().zip(harvests) {
            let values = values(jobs, *job, conventions, shard);
            harvest.counts.add(values);
            for grid in &mut harvest.grids {
                // A shard of many units takes a while, and what is left out of a cancelled run nobody sees.
                if store.is_cancelled() {
                    return;
                }
                grid.add(values);
            }
        }
    })?;
    let mut total = fresh();
    for part in parts {
        for (((job, _), total), part) in wanted.iter().zip(&mut total).zip(part) {
            total.counts.merge(part.counts);
            for (total, part) in total.grids.iter_mut().zip(part.grids) {
                total.merge(part, &jobs[*job]);
            }
        }
    }
    Ok(total)
}

fn grids(
    job: &Job<'_>,
    conventions: &Conventions,
    limits: &[Vec<Limits>],
    together: &Together,
) -> Vec<Grid> {
    let exposed = job.plan.reads_exposed() && job.plan.exposures.is_some();
    let mut grids = vec![Grid::new(
        job,
        conventions,
        From::Assignment,
        limits,
        together,
    )];
    grids.extend(exposed.then(|| Grid::new(job, conventions, From::Exposure, limits, together)));
    grids
}

fn summary(
    job: &Job<'_>,
    harvest: &Harvest,
    limits: &[Vec<Limits>],
    tallies: &[(&Pass<'_>, &Tally)],
) -> Summary {
    let plan = job.plan;
    let of = |purpose| {
        tallies
            .iter()
            .filter(move |(pass, _)| pass.purpose == purpose)
    };
    let mut cells = BTreeMap::new();
    for grid in &harvest.grids {
        grid.finish(job, &mut cells);
    }
    let mut identifiers = IdentifierCounts::default();
    for (_, tally) in tallies {
        add_identifiers(&mut identifiers, &tally.identifiers);
    }
    let counts = &harvest.counts;
    let events = of(Purpose::Facts).filter(|(pass, _)| pass.table.kind == TableKind::Events);
    Summary {
        as_of: job.as_of.clone(),
        enrolment: counts.enrolment(),
        layouts: plan.metrics.iter().map(|planned| planned.layout).collect(),
        caps: limits.to_vec(),
        cells,
        assignment: of(Purpose::Assignments)
            .map(|(_, tally)| counts.assignment(tally))
            .next(),
        identity: counts.identity(job),
        exposure: of(Purpose::Exposures).find_map(|(_, tally)| counts.exposure(tally)),
        outcomes: events
            .enumerate()
            .map(|(position, (pass, tally))| {
                counts.outcome((position, &pass.table.name), pass.tells(), tally)
            })
            .collect(),
        attributes: of(Purpose::Facts)
            .filter_map(|(pass, tally)| counts.attributes(&pass.table.name, tally))
            .collect(),
        contract: counts.contract(),
        identifiers,
        ledgers: tallies
            .iter()
            .map(|(_, tally)| tally.ledger.finished(&plan.experiment.variants))
            .collect(),
    }
}
