//! Defines the only effects that are left under a mismatch: their least and most value, whatever the missing units did.

use super::stages::units_with_value;
use crate::checks::{Context, PlannedMetric, wording};
use crate::domain::definition::{Aggregate, Cap, Experiment, Metric, MetricKind, Population, Role};
use crate::domain::evidence::{Partition, Slice};
use crate::domain::result::{Absence, Bounds, EffectBounds, Known, MissingUnits};
use crate::stats::{SplitPair, Total, extreme_bounds, missing_units};

/// Bounds of every primary, secondary and guardrail metric in every treatment.
pub(super) fn of(context: &Context<'_>, population: Population) -> Vec<EffectBounds> {
    let metrics = context.metrics.iter().enumerate();
    let asked = metrics.filter(|(_, planned)| planned.role != Role::Diagnostic);
    let mut all: Vec<EffectBounds> = asked
        .flat_map(|(metric, planned)| {
            let treatments = Experiment::CONTROL + 1..context.variants().len();
            treatments.map(move |variant| bounded(context, population, metric, planned, variant))
        })
        .collect();
    // A stable sort: within a role, the plan's order, as in the readout.
    all.sort_by_key(|bounds| bounds.role);
    all
}

fn bounded(
    context: &Context<'_>,
    population: Population,
    metric: usize,
    planned: &PlannedMetric<'_>,
    variant: usize,
) -> EffectBounds {
    let partition = Partition::from(population);
    let missing = missing(context, metric, partition, variant);
    let range = value_range(planned.definition);
    let found = missing.and_then(|missing| {
        let total = |variant: usize| {
            let cell = context
                .summary
                .cell(metric, partition, &Slice::All, variant);
            let moments = cell.ok_or(Absence::NoUnits)?.moments();
            let mean = moments.means.first().ok_or(Absence::NoUnits)?;
            Ok(Total {
                units: moments.units,
                sum: mean * moments.n(),
            })
        };
        let (control, treatment) = (total(Experiment::CONTROL)?, total(variant)?);
        extreme_bounds(control, treatment, missing, range?)
    });
    let (absolute, relative) = split(found);
    EffectBounds {
        metric: planned.definition.id.clone(),
        role: planned.role,
        variant: context.variant(variant).to_owned(),
        reason: reason(context, planned.definition, missing, &absolute, variant),
        missing: missing.into(),
        absolute,
        relative,
    }
}

type Found = Result<(Bounds, Result<Bounds, Absence>), Absence>;

fn split(found: Found) -> (Known<Bounds>, Known<Bounds>) {
    match found {
        Ok((absolute, relative)) => (Known::Value(absolute), relative.into()),
        Err(absence) => (Known::Absent(absence), Known::Absent(absence)),
    }
}

/// The units that the metric lacks in control and in one treatment, under every set of weights.
fn missing(
    context: &Context<'_>,
    metric: usize,
    partition: Partition,
    variant: usize,
) -> Result<MissingUnits, Absence> {
    if context.experiment.epochs.is_empty() {
        return Err(Absence::NotPlanned);
    }
    let (plan, counts) = units_with_value(context, metric, partition);
    let pair = |units: &[u64], weights: &[f64]| {
        let control = (*units.first()?, *weights.first()?);
        let treatment = (*units.get(variant)?, *weights.get(variant)?);
        Some(SplitPair {
            units: (control.0, treatment.0),
            weights: (control.1, treatment.1),
        })
    };
    let pairs: Option<Vec<SplitPair>> = plan
        .iter()
        .zip(&counts)
        .map(|(epoch, units)| pair(units, &epoch.weights))
        .collect();
    missing_units(&pairs.ok_or(Absence::NotApplicable)?)
}

/// The least and the most value a unit can have, where the definition says both.
fn value_range(metric: &Metric) -> Result<(f64, f64), Absence> {
    match metric.kind {
        kind if kind.is_share() => Ok((0.0, 1.0)),
        MetricKind::Ratio | MetricKind::Quantile => Err(Absence::NotApplicable),
        _ => match (metric.value.aggregate, metric.cap) {
            (Aggregate::Any, _) => Ok((0.0, 1.0)),
            // A count is never below zero; a sum may be, and no definition says how far.
            (Aggregate::Count | Aggregate::CountDistinct, Some(Cap::Value(most))) => {
                Ok((0.0, most))
            }
            _ => Err(Absence::NoDeclaredBound),
        },
    }
}

fn reason(
    context: &Context<'_>,
    metric: &Metric,
    missing: Result<MissingUnits, Absence>,
    absolute: &Known<Bounds>,
    variant: usize,
) -> String {
    let missing = match missing {
        Ok(missing) => missing,
        Err(absence) => {
            return format!("the missing units cannot be counted: {}", absence.label());
        }
    };
    if let Some(absence) = absolute.absence() {
        return match absence {
            Absence::NoDeclaredBound => {
                "nothing declares how small and how large a value can be, so the missing units could have done anything; a count with a fixed cap would say it".to_owned()
            }
            Absence::NotApplicable => format!(
                "a {} has no bounds of this kind",
                metric.kind.label()
            ),
            other => format!("there are no bounds: {}", other.label()),
        };
    }
    let lacks = |units: u64, variant: usize| {
        (units > 0).then(|| {
            format!(
                "{} in {}",
                wording::counted(units, "unit"),
                wording::label(context.variant(variant))
            )
        })
    };
    let sides: Vec<String> = lacks(missing.control, Experiment::CONTROL)
        .into_iter()
        .chain(lacks(missing.treatment, variant))
        .collect();
    if sides.is_empty() {
        return "no unit is missing between the two".to_owned();
    }
    let did = if metric.kind.is_share() {
        "all or none of them convert"
    } else {
        "all of them have the least or the most value"
    };
    format!("missing {}; {did}", wording::list(&sides))
}
