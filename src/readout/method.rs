//! Defines how the cells of one metric are compared: which conventions, how watched, over which strata.
//!
//! It refuses to decide what is best: it puts together what definitions and conventions say.

use super::{PlannedMetric, Request};
use crate::domain::definition::{
    Application, Experiment, Magnitude, RampMethod, SequentialFamily, StratumWeights,
};
use crate::domain::evidence::{Cell, JointSums, Layout, Partition, Slice, Summary};
use crate::domain::result::Absence;
use crate::stats::sequential::{Look, NEAREST};
use crate::stats::{Beside, Method, Monitoring, Stratum};

/// The units a confidence sequence is tuned to where nobody plans any: what others tune theirs to (GrowthBook).
pub(super) const UNPLANNED_UNITS: u64 = 5_000;

/// The cells that are compared.
pub(super) struct Pair<'a> {
    pub(super) metric: usize,
    pub(super) partition: Partition,
    pub(super) slice: &'a Slice,
    pub(super) layout: Layout,
    /// Position in the experiment of the variant that is compared with: control, but for pairs of treatments.
    pub(super) control: usize,
    /// Position of the treatment in the experiment.
    pub(super) treatment: usize,
    /// Units of both.
    pub(super) units: (u64, u64),
    /// What is said beside their difference.
    pub(super) beside: Beside,
}

/// How they are compared.
pub(super) fn method<'a>(
    request: &'a Request<'_>,
    summary: &Summary,
    planned: &PlannedMetric<'_>,
    pair: &Pair<'_>,
) -> Method<'a> {
    let metric = planned.definition;
    Method {
        layout: pair.layout,
        is_share: metric.kind.is_share(),
        quantile: metric.quantile,
        conventions: &request.conventions,
        monitoring: monitoring(request, metric.minimum_effect, pair),
        strata: strata(request, summary, pair),
        beside: pair.beside,
    }
}

/// How an experiment is watched; absent where its family is not tuned to anything.
fn monitoring(
    request: &Request<'_>,
    minimum_effect: Option<Magnitude>,
    pair: &Pair<'_>,
) -> Result<Monitoring, Absence> {
    let conventions = &request.conventions;
    let planned = planned_units(request, pair);
    let present = pair.units.0 + pair.units.1;
    let watched = conventions.sequential != SequentialFamily::Fixed;
    if watched && present < request.experiment.analysis.first_look.unwrap_or(0) {
        return Err(Absence::BeforeFirstLook);
    }
    match conventions.sequential {
        SequentialFamily::Fixed => Ok(Monitoring::Fixed),
        SequentialFamily::ConfidenceSequence => Ok(Monitoring::ConfidenceSequence {
            planned_units: planned.unwrap_or(units(UNPLANNED_UNITS)),
        }),
        SequentialFamily::MixtureSprt => Ok(Monitoring::MixtureSprt {
            deviation: minimum_effect.ok_or(Absence::NotPlanned)?,
        }),
        SequentialFamily::GroupSequential => {
            let planned = planned.ok_or(Absence::NotPlanned)?;
            let now = units(present) / planned;
            // Looks that were planned before this one have been taken; beyond the plan there is nothing left to spend. A look that
            // is hardly before this one is this one.
            let now = now.min(1.0);
            let looks = request.experiment.analysis.looks.iter().copied();
            let before = looks.filter(|look| now - look >= NEAREST);
            let taken: Vec<f64> = before.chain([now]).collect();
            Look::new(conventions.spending, &taken).map(Monitoring::GroupSequential)
        }
    }
}

/// The units planned for both variants of a pair together, by the weights that held last.
fn planned_units(request: &Request<'_>, pair: &Pair<'_>) -> Option<f64> {
    if let Some(declared) = request.conventions.sequential_units {
        return Some(units(declared));
    }
    let experiment = request.experiment;
    let all = units(experiment.plan.units?);
    let (control, treatment) = weights(experiment, (pair.control, pair.treatment));
    Some(all * (control + treatment))
}

/// The shares of all units that two variants are meant to have.
pub(super) fn weights(experiment: &Experiment, (control, treatment): (usize, usize)) -> (f64, f64) {
    let even = vec![1.0; experiment.variants.len()];
    let last = experiment.epochs.last();
    let weights = last.map_or(&even, |epoch| &epoch.weights);
    let total: f64 = weights.iter().sum();
    let share = |variant: usize| weights.get(variant).map_or(0.0, |weight| weight / total);
    (share(control), share(treatment))
}

#[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
pub(super) const fn units(count: u64) -> f64 {
    count as f64
}

/// The strata of a whole: the epochs where weights changed, else the levels the experiment names.
fn strata(
    request: &Request<'_>,
    summary: &Summary,
    pair: &Pair<'_>,
) -> (Vec<Stratum>, StratumWeights) {
    let none = (Vec::new(), StratumWeights::Precision);
    let conventions = &request.conventions;
    if *pair.slice != Slice::All || pair.layout.ordered {
        return none;
    }
    if conventions.ramp == RampMethod::Stratified && request.experiment.epochs.len() > 1 {
        let is_epoch = |slice: &Slice| matches!(slice, Slice::Epoch(_));
        let epochs = of_slices(request, summary, pair, is_epoch);
        if epochs.len() > 1 {
            return (epochs, StratumWeights::Precision);
        }
    }
    let strata = request.experiment.analysis.strata.as_ref();
    match strata.filter(|_| conventions.strata == Application::AsDefined) {
        Some(wanted) => {
            let is_level =
                |slice: &Slice| matches!(slice, Slice::Segment { column, .. } if column == wanted);
            let levels = of_slices(request, summary, pair, is_level);
            (levels, StratumWeights::PooledShares)
        }
        None => none,
    }
}

/// Strata from the slices that are wanted and have anybody in them.
fn of_slices(
    request: &Request<'_>,
    summary: &Summary,
    pair: &Pair<'_>,
    wanted: impl Fn(&Slice) -> bool,
) -> Vec<Stratum> {
    let of_clusters = nests(request);
    let slices = summary.slices(pair.metric, pair.partition);
    let wanted = slices.into_iter().filter(|slice| wanted(slice));
    let strata = wanted.map(|slice| {
        let moments = |variant: usize| {
            let cell = summary.cell(pair.metric, pair.partition, &slice, variant);
            let clusters = || cell.and_then(|cell| cell.further.clusters.as_ref());
            match cell {
                _ if of_clusters => clusters().map_or_else(
                    || JointSums::new(pair.layout.width() + 1).moments(),
                    JointSums::moments,
                ),
                Some(cell) => cell.moments(),
                None => Cell::empty(pair.layout).moments(),
            }
        };
        Stratum {
            control: moments(pair.control),
            treatment: moments(pair.treatment),
            name: named(&slice),
            of_clusters,
        }
    });
    strata
        .filter(|stratum| stratum.control.units + stratum.treatment.units > 0)
        .collect()
}

/// Whether units nest in clusters, and clusters are the draws.
pub(super) fn nests(request: &Request<'_>) -> bool {
    request.experiment.analysis.cluster.is_some()
        && request.conventions.clusters == Application::AsDefined
}

fn named(slice: &Slice) -> String {
    match slice {
        Slice::All => "all".to_owned(),
        Slice::Segment { level, .. } => level.clone().unwrap_or_else(|| "unknown".to_owned()),
        Slice::EntryDay(day) => day.clone(),
        Slice::Epoch(epoch) => format!("epoch {}", epoch + 1),
    }
}
