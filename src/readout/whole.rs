//! Puts what is said of wholes beside their effects: beliefs, equivalence, draws, other pairs, compliers, a year, power.

use super::effects::{method_of, shown_mean};
use super::method::nests;
use super::view::{SliceView, VariantCell, View};
use super::{PlannedMetric, beside};
use crate::domain::definition::{Experiment, Population};
use crate::domain::evidence::{Draws, Evidence, Layout};
use crate::domain::result::{Absence, Companion, CompanionKind, CompanionScale, Effect};
use crate::stats::{Beside, Comparison, Method, contrast};

/// Puts everything beside an effect on the whole of a population.
pub(super) fn stand_beside(
    effect: &mut Effect,
    view: &View<'_>,
    planned: &PlannedMetric<'_>,
    slice: &SliceView<'_>,
    position: usize,
    comparison: Result<Comparison, Absence>,
) {
    let metric = planned.definition;
    let request = view.request;
    let (control, treatment) = (
        &slice.variants[Experiment::CONTROL],
        &slice.variants[position],
    );
    effect.posterior = Some(beside::belief(request, metric, comparison));
    effect.equivalence = beside::equivalent(request, metric, comparison);
    if metric.kind.is_share() && view.layout.unadjusted() == Layout::PLAIN {
        let rates = beside::rates(request, metric, &control.moments, &treatment.moments);
        effect.rates = Some(rates);
    }
    let companions = &mut effect.companions;
    companions.extend(drawn(view, planned, control, treatment));
    if request.experiment.analysis.all_pairs {
        companions.extend(against(view, planned, slice, position));
    }
    if view.population == Population::Exposed {
        return;
    }
    effect.compliers = beside::on_compliers(view, position);
    let compliers = effect.compliers.as_ref().map(beside::complying);
    effect.companions.extend(compliers);
    let year = beside::over_a_year(view, metric, effect);
    effect.companions.extend(year);
    let units = (control.moments.units, treatment.moments.units);
    let significance = effect.significance;
    effect.power = Some(beside::detectable(
        view,
        planned,
        comparison,
        (position, units, significance),
    ));
}

/// Intervals from units drawn anew, where the experiment asks.
fn drawn(
    view: &View<'_>,
    planned: &PlannedMetric<'_>,
    control: &VariantCell<'_>,
    treatment: &VariantCell<'_>,
) -> Vec<Companion> {
    if view.request.experiment.analysis.bootstrap.is_none() {
        return Vec::new();
    }
    let draws = if nests(view.request) {
        Err(Absence::UnitsNest)
    } else {
        drawn_pair(control, treatment)
    };
    let mean = |variant| shown_mean(view, planned, variant);
    let difference = mean(treatment).and_then(|treatment| Ok(treatment - mean(control)?));
    beside::drawn(view.request, view.layout, draws, difference).into()
}

fn drawn_pair<'a>(
    control: &VariantCell<'a>,
    treatment: &VariantCell<'a>,
) -> Result<(&'a Draws, &'a Draws), Absence> {
    Ok((drawn_units(control)?, drawn_units(treatment)?))
}

fn drawn_units<'a>(variant: &VariantCell<'a>) -> Result<&'a Draws, Absence> {
    let Some(cell) = variant.cell else {
        return Err(Absence::NoUnits);
    };
    // Published moments have no units to draw; values too large for the sums of draws leave none.
    cell.further.draws.as_ref().ok_or(match cell.evidence {
        Evidence::Exact(_) => Absence::OutOfRange,
        Evidence::Published(_) => Absence::NotApplicable,
    })
}

/// The differences from every other treatment before this one.
fn against(
    view: &View<'_>,
    planned: &PlannedMetric<'_>,
    slice: &SliceView<'_>,
    position: usize,
) -> Vec<Companion> {
    let treatment = &slice.variants[position];
    let others = Experiment::CONTROL + 1..position;
    others
        .map(|other| {
            let method = Method {
                beside: Beside::Nothing,
                ..method_of(view, planned, slice, (other, position))
            };
            let found = contrast(&slice.variants[other].side(), &treatment.side(), &method);
            Companion {
                kind: CompanionKind::Against,
                subject: view.request.experiment.variants.get(other).cloned(),
                scale: CompanionScale::Absolute,
                estimate: found.absolute,
            }
        })
        .collect()
}
