//! Defines what a readout says of its experiment before any effect: header, variants, units.

use super::{Request, populations};
use crate::domain::definition::{Experiment, Population};
use crate::domain::evidence::{ByVariant, Partition, Slice, Summary};
use crate::domain::result::{ExperimentHeader, PopulationUnits, VariantHeader};

/// The experiment in brief.
pub(super) fn experiment(experiment: &Experiment) -> ExperimentHeader {
    let variants = experiment
        .variants
        .iter()
        .enumerate()
        .map(|(position, id)| VariantHeader {
            id: id.clone(),
            share: last_share(experiment, position),
            control: position == Experiment::CONTROL,
        })
        .collect();
    ExperimentHeader {
        id: experiment.id.clone(),
        version: experiment.version,
        owner: experiment.owner.clone(),
        status: experiment.status,
        hypothesis: experiment.hypothesis.clone(),
        start: experiment.start,
        end: experiment.end,
        planned_end: experiment.plan.end,
        variants,
    }
}

/// A variant's share of the last epoch's weights.
fn last_share(experiment: &Experiment, position: usize) -> Option<f64> {
    let epoch = experiment.epochs.last()?;
    let sum: f64 = epoch.weights.iter().sum();
    let share = epoch.weights.get(position)? / sum;
    share.is_finite().then_some(share)
}

/// Units by population and variant, over all metrics.
pub(super) fn units(request: &Request<'_>, summary: &Summary) -> Vec<PopulationUnits> {
    let variants = &request.experiment.variants;
    populations(request.experiment)
        .into_iter()
        .filter_map(|population| Some((population, counted(request, summary, population)?)))
        .flat_map(|(population, counts)| {
            variants
                .iter()
                .zip(counts)
                .map(move |(variant, units)| PopulationUnits {
                    population,
                    variant: variant.clone(),
                    units,
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Units a variant: as the tables count them, else the most that any metric's cells hold. Absent without exposure data.
fn counted(request: &Request<'_>, summary: &Summary, population: Population) -> Option<ByVariant> {
    let width = request.experiment.variants.len();
    let by_epoch = match population {
        Population::Itt => summary.assignment.as_ref().map(|counts| &counts.by_epoch),
        Population::Exposed => Some(&summary.exposure.as_ref()?.by_epoch),
    };
    if let Some(by_epoch) = by_epoch
        && !by_epoch.is_empty()
    {
        let sum = |variant: usize| by_epoch.iter().filter_map(|epoch| epoch.get(variant)).sum();
        return Some((0..width).map(sum).collect());
    }
    if population == Population::Exposed {
        let exposed = &summary.exposure.as_ref()?.exposed;
        let at = |variant: usize| exposed.get(variant).copied().unwrap_or(0);
        return Some((0..width).map(at).collect());
    }
    let most = |variant: usize| {
        (0..request.metrics.len())
            .filter_map(|metric| summary.cell(metric, Partition::Itt, &Slice::All, variant))
            .map(|cell| cell.units() + cell.open + cell.missing)
            .max()
            .unwrap_or(0)
    };
    Some((0..width).map(most).collect())
}
