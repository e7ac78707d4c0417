//! Turns what the passes read into summaries: the last step, and the only one that depends on the set of conventions.

use std::collections::BTreeMap;

use super::counts;
use super::grid::Grid;
use super::read::{Members, Read};
use super::{EngineError, Progress};
use crate::domain::definition::Timestamp;
use crate::domain::evidence::{IdentifierCounts, Summary};
use crate::plan::Plan;

/// Makes one summary a set of conventions.
pub(super) fn finish(
    plan: &Plan,
    mut read: Read,
    threads: usize,
    progress: &Progress,
) -> Result<Vec<Summary>, EngineError> {
    let exposure = counts::exposure(&plan.experiment, &mut read);
    let mut summaries = Vec::with_capacity(plan.conventions.len());
    for conventions in &plan.conventions {
        let members = Members {
            units: &read.assigned.units,
            rule: conventions.several_variants,
        };
        let assignment = counts::assignment(&plan.experiment, &read, &members);
        let exposure = exposure
            .clone()
            .map(|counts| counts::place_exposures(&plan.experiment, &read, &members, counts));
        let enrolment = enrolment(&read, &members);
        let metrics =
            Grid::new(plan, &read, conventions, members).all_metrics(threads, progress)?;
        let mut cells = BTreeMap::new();
        let mut caps = Vec::with_capacity(metrics.len());
        for (metric_cells, limits) in metrics {
            cells.extend(metric_cells);
            caps.push(limits);
        }
        summaries.push(Summary {
            as_of: read.as_of.clone(),
            enrolment,
            layouts: plan.metrics.iter().map(|planned| planned.layout).collect(),
            caps,
            cells,
            assignment: Some(assignment),
            exposure,
            outcomes: read
                .passes
                .iter()
                .filter_map(|pass| pass.outcomes.clone())
                .collect(),
            attributes: read
                .passes
                .iter()
                .filter_map(|pass| pass.attributes.clone())
                .collect(),
            identifiers: identifiers(&read),
            ledgers: Vec::new(),
        });
    }
    let variants = &plan.experiment.variants;
    let mut ledgers = vec![read.assigned.ledger.finish(variants)];
    ledgers.extend(read.exposed.map(|exposed| exposed.ledger.finish(variants)));
    ledgers.extend(
        read.passes
            .into_iter()
            .map(|pass| pass.ledger.finish(variants)),
    );
    for summary in &mut summaries {
        summary.ledgers.clone_from(&ledgers);
    }
    Ok(summaries)
}

fn identifiers(read: &Read) -> IdentifierCounts {
    let mut total = IdentifierCounts::default();
    let passes = read.passes.iter().map(|pass| &pass.identifiers);
    let exposed = read.exposed.iter().map(|exposed| &exposed.identifiers);
    for counts in std::iter::once(&read.assigned.identifiers)
        .chain(exposed)
        .chain(passes)
    {
        total.rows += counts.rows;
        total.null += counts.null;
        total.placeholder += counts.placeholder;
        total.zero_padded += counts.zero_padded;
    }
    total
}

/// The first and last instant of assignment of units that count.
fn enrolment(read: &Read, members: &Members<'_>) -> Option<(Timestamp, Timestamp)> {
    if !read.assigned.has_time {
        return None;
    }
    let counted = read.units().filter(|unit| members.counts(*unit));
    let instants = counted.map(|unit| Timestamp(read.assigned.units.assigned_at[unit as usize]));
    instants.fold(None, |range: Option<(Timestamp, Timestamp)>, at| {
        Some(range.map_or((at, at), |(first, last)| (first.min(at), last.max(at))))
    })
}
