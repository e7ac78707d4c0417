//! Defines the effects of one metric: every population, slice and treatment variant against control.
//!
//! Whether they may be believed is said later, when the checks have run.

use super::method::Pair;
use super::view::{SliceView, VariantCell, View};
use super::{
    Extent, PlannedMetric, Request, beside, method, over_time, populations, segments, whole,
};
use crate::domain::definition::{Aggregate, Cap, Experiment, Population, Role};
use crate::domain::evidence::{Cell, Partition, Slice, Summary};
use crate::domain::result::{Absence, Effect, Known, MetricReadout, Trust, VariantStatistics};
use crate::stats::quantile::quantile;
use crate::stats::{
    Comparison, Contrast, Method, SampleMean, contrast, estimator, guardrail, mean_of_cell,
    significance,
};

/// One metric of the plan. Absent only beyond the plan's end.
pub(super) fn metric(
    request: &Request<'_>,
    summary: &Summary,
    position: usize,
) -> Option<MetricReadout> {
    let planned = request.metrics.get(position)?;
    let mut readout = described(planned, summary, position);
    if tells_few(summary, planned, position, request.privacy.min_cell) {
        readout.capped_at.clear();
    }
    for population in populations(request.experiment) {
        let view = View::new(request, summary, position, population, Extent::Everything);
        let (slices, variants) = (view.slices.len(), request.experiment.variants.len());
        readout.variants.reserve(slices * variants);
        readout.effects.reserve(slices * variants);
        for slice in &view.slices {
            let rows = request.experiment.variants.iter().zip(&slice.variants);
            let rows = rows.map(|(name, variant)| row(&view, planned, slice, name, variant));
            readout.variants.extend(rows);
            for (position, name) in treatments(request.experiment) {
                let (mut effect, comparison) = effect(&view, planned, slice, position, name);
                if view.shows_whole(slice) {
                    whole::stand_beside(&mut effect, &view, planned, slice, position, comparison);
                    if population == Population::Exposed {
                        dilute(&mut readout, &view, name, comparison);
                    }
                }
                readout.effects.push(effect);
            }
        }
        readout.cumulative.extend(over_time::cumulative(&view));
        readout.novelty.extend(over_time::novelty(&view, planned));
    }
    readout.heterogeneity = segments::of(&readout.effects);
    Some(readout)
}

/// One metric of the plan with its headlines on the whole of itt alone: what a verdict is judged by.
pub(super) fn headlines(
    request: &Request<'_>,
    summary: &Summary,
    position: usize,
) -> Option<MetricReadout> {
    let planned = request.metrics.get(position)?;
    let mut readout = described(planned, summary, position);
    let view = View::new(
        request,
        summary,
        position,
        Population::Itt,
        Extent::Headlines,
    );
    for slice in &view.slices {
        let effects = treatments(request.experiment)
            .map(|(position, name)| effect(&view, planned, slice, position, name).0);
        readout.effects.extend(effects);
    }
    Some(readout)
}

/// The treatment variants with their positions in the experiment.
pub(super) fn treatments(experiment: &Experiment) -> impl Iterator<Item = (usize, &str)> {
    let variants = experiment.variants.iter().enumerate();
    let treatments = variants.skip(Experiment::CONTROL + 1);
    treatments.map(|(position, name)| (position, name.as_str()))
}

/// Puts the exposed effect of a variant, thinned by the share that is exposed, beside its effect on all of itt.
fn dilute(
    readout: &mut MetricReadout,
    view: &View<'_>,
    variant: &str,
    exposed: Result<Comparison, Absence>,
) {
    let itt = readout.effects.iter_mut().find(|effect| {
        effect.population == Population::Itt
            && effect.slice == Slice::All
            && effect.variant == variant
    });
    if let Some(itt) = itt.filter(|_| view.summary.exposure.is_some()) {
        itt.companions.push(beside::thinned(view, exposed));
    }
}

/// Whether the limit that values were clipped at, if the data set it, stands for fewer people than may be shown.
fn tells_few(
    summary: &Summary,
    planned: &PlannedMetric<'_>,
    position: usize,
    min_cell: u64,
) -> bool {
    let wholes = summary.cells_of(position, Partition::Itt);
    let capped: u64 = wholes
        .filter(|(key, _)| key.slice == Slice::All)
        .map(|(_, cell)| cell.capped)
        .sum();
    matches!(planned.definition.cap, Some(Cap::Quantile(_))) && capped < min_cell
}

/// What a metric is, before any number.
pub(super) fn described(
    planned: &PlannedMetric<'_>,
    summary: &Summary,
    position: usize,
) -> MetricReadout {
    let metric = planned.definition;
    MetricReadout {
        id: metric.id.clone(),
        version: metric.version,
        semantic_hash: planned.semantic_hash.to_owned(),
        owner: metric.owner.clone(),
        description: metric.description.clone(),
        role: planned.role,
        kind: metric.kind,
        quantile: metric.quantile,
        over_rows: metric.value.aggregate == Aggregate::Each,
        direction: metric.direction,
        unit: metric.unit.clone(),
        window: metric.window.clone(),
        cap: metric.cap,
        capped_at: summary.caps.get(position).cloned().unwrap_or_default(),
        margin: metric.margin,
        minimum_effect: metric.minimum_effect,
        question: metric
            .decision
            .as_ref()
            .map(|decision| decision.question.clone()),
        variants: Vec::new(),
        effects: Vec::new(),
        heterogeneity: Vec::new(),
        cumulative: Vec::new(),
        novelty: Vec::new(),
    }
}

fn row(
    view: &View<'_>,
    planned: &PlannedMetric<'_>,
    slice: &SliceView<'_>,
    name: &str,
    variant: &VariantCell<'_>,
) -> VariantStatistics {
    let hidden = view.hidden(slice);
    let known = |found: Result<f64, Absence>| match hidden {
        Some(absence) => Known::Absent(absence),
        None => Known::from(found.map_err(|absence| explained(absence, &[variant]))),
    };
    let count = |of: fn(&Cell) -> u64| match (hidden, variant.cell) {
        (None, Some(cell)) => of(cell),
        _ => 0,
    };
    let deviation = SampleMean::of_cell(&variant.moments, view.layout)
        .map(|mean| mean.standard_deviation())
        .and_then(|deviation| {
            let finite = Some(deviation).filter(|deviation| deviation.is_finite());
            finite.ok_or(Absence::OutOfRange)
        });
    VariantStatistics {
        population: view.population,
        slice: slice.slice.clone(),
        variant: name.to_owned(),
        units: match hidden {
            Some(absence) => Known::Absent(absence),
            None => Known::Value(variant.moments.units),
        },
        mean: known(shown_mean(view, planned, variant)),
        standard_deviation: known(deviation),
        open: count(|cell| cell.open),
        missing: count(|cell| cell.missing),
        capped: count(|cell| cell.capped),
    }
}

/// The mean, or the quantile, as it is shown; one unit is enough for it.
pub(super) fn shown_mean(
    view: &View<'_>,
    planned: &PlannedMetric<'_>,
    variant: &VariantCell<'_>,
) -> Result<f64, Absence> {
    let Some(share) = planned.definition.quantile else {
        return mean_of_cell(&variant.moments, view.layout);
    };
    let order = variant.cell.and_then(|cell| cell.order.as_ref());
    let order = order.ok_or(Absence::NoUnits)?;
    quantile(order, share, view.request.conventions.quantile)
}

/// How two variants of a slice are compared.
pub(super) fn method_of<'a>(
    view: &View<'a>,
    planned: &PlannedMetric<'_>,
    slice: &SliceView<'_>,
    (control, treatment): (usize, usize),
) -> Method<'a> {
    let units = |position: usize| {
        let variant = slice.variants.get(position);
        variant.map_or(0, |variant| variant.moments.units)
    };
    let pair = Pair {
        metric: view.metric,
        partition: view.population.into(),
        slice: slice.slice,
        layout: view.layout,
        control,
        treatment,
        units: (units(control), units(treatment)),
        beside: view.beside(slice.slice),
    };
    method::method(view.request, view.summary, planned, &pair)
}

/// An effect, and the comparison that it was made from.
fn effect(
    view: &View<'_>,
    planned: &PlannedMetric<'_>,
    slice: &SliceView<'_>,
    position: usize,
    name: &str,
) -> (Effect, Result<Comparison, Absence>) {
    let found = compared(view, planned, slice, position);
    let metric = planned.definition;
    // Judged on the whole of a population only: in slices, chance would breach a margin somewhere.
    let judged = (planned.role == Role::Guardrail && *slice.slice == Slice::All)
        .then(|| guardrail(found.comparison, metric.margin, metric.direction));
    let effect = Effect {
        population: view.population,
        slice: slice.slice.clone(),
        variant: name.to_owned(),
        estimator: found.estimator,
        significance: found
            .absolute
            .value()
            .map(|estimate| significance(estimate, metric.direction)),
        absolute: found.absolute,
        relative: found.relative,
        unadjusted: found.unadjusted,
        variance_reduction: found.variance_reduction,
        corrected: None,
        guardrail: judged,
        trust: Trust::Trusted,
        parts: found.parts,
        companions: found.companions,
        strata: found.strata,
        clusters: found.clusters,
        posterior: None,
        rates: None,
        equivalence: None,
        compliers: None,
        power: None,
    };
    (effect, found.comparison)
}

/// The comparison of a slice's variant with its control, or why nothing of it is shown.
fn compared(
    view: &View<'_>,
    planned: &PlannedMetric<'_>,
    slice: &SliceView<'_>,
    position: usize,
) -> Contrast {
    let control = &slice.variants[Experiment::CONTROL];
    let treatment = &slice.variants[position];
    let (left, right) = (control.side(), treatment.side());
    let method = method_of(view, planned, slice, (Experiment::CONTROL, position));
    // Of days no clusters are kept: those go over several.
    let nested = method::nests(view.request) && control.clusters_are_unknown();
    let nested = nested.then_some(Absence::UnitsNest);
    if let Some(absence) = view.hidden(slice).or(nested) {
        let estimator = estimator(&left, &right, &method);
        return Contrast::absent(absence, estimator, view.layout);
    }
    let found = contrast(&left, &right, &method);
    found.explained(|absence| explained(absence, &[control, treatment]))
}

/// `NoUnits` said more closely, where cells know why nobody is left.
fn explained(absence: Absence, variants: &[&VariantCell<'_>]) -> Absence {
    if absence != Absence::NoUnits {
        return absence;
    }
    variants
        .iter()
        .find(|variant| variant.moments.units == 0)
        .map_or(absence, |variant| variant.without_units())
}
