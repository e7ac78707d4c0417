//! Defines the effects of one metric: every population, slice and treatment variant against control.
//!
//! Whether they may be believed is said later, when the checks have run.

use super::method::{self, Pair};
use super::suppression::{self, Suppressed};
use super::{Extent, PlannedMetric, Request, beside, over_time, populations, segments};
use crate::domain::definition::{Application, Conventions, Experiment, Population, Role};
use crate::domain::evidence::{
    Cell, Evidence, JointSums, Layout, Moments, Partition, Slice, Summary,
};
use crate::domain::result::{
    Absence, Companion, CompanionKind, CompanionScale, Effect, Estimator, Known, MetricReadout,
    Trust, VariantStatistics,
};
use crate::stats::quantile::quantile;
use crate::stats::{
    Comparison, Contrast, Method, SampleMean, Side, contrast, guardrail, significance,
};

/// One metric of the plan. Absent only beyond the plan's end.
pub(super) fn metric(
    request: &Request<'_>,
    summary: &Summary,
    position: usize,
    extent: Extent,
) -> Option<MetricReadout> {
    let planned = request.metrics.get(position)?;
    let mut readout = described(planned, summary, position);
    for population in populations(request.experiment) {
        let view = View::new(request, summary, position, population, extent);
        for slice in &view.slices {
            readout.variants.extend(view.statistics(planned, slice));
            readout.effects.extend(view.effects(planned, slice));
        }
        if extent == Extent::Everything {
            let effects = over_time::cumulative(request, summary, position, population);
            readout.cumulative.extend(effects);
            let novelty = over_time::novelty(request, summary, planned, position, population);
            readout.novelty.extend(novelty);
        }
    }
    if extent == Extent::Everything {
        readout.heterogeneity = segments::of(&readout.effects);
        thin(request, summary, &mut readout, position);
    }
    Some(readout)
}

/// Puts the diluted effect of exposed units beside itt's, where there is one.
fn thin(request: &Request<'_>, summary: &Summary, readout: &mut MetricReadout, metric: usize) {
    let exposed = View::new(
        request,
        summary,
        metric,
        Population::Exposed,
        Extent::Wholes,
    );
    let (Some(planned), Some(slice), None) = (
        request.metrics.get(metric),
        exposed.slices.first(),
        exposed.nothing,
    ) else {
        return;
    };
    let variants = &request.experiment.variants;
    let Some((control, treatments)) = slice.variants.split_first() else {
        return;
    };
    for (position, treatment) in (Experiment::CONTROL + 1..).zip(treatments) {
        let method = exposed.method(planned, slice, position, control, treatment);
        let found = contrast(&control.side(), &treatment.side(), &method);
        let companion = beside::thinned(summary, metric, variants.len(), found.comparison);
        let itt = readout.effects.iter_mut().find(|effect| {
            effect.population == Population::Itt
                && effect.slice == Slice::All
                && variants.get(position) == Some(&effect.variant)
        });
        if let Some(itt) = itt {
            itt.companions.extend(companion);
        }
    }
}

/// What a metric is, before any number.
fn described(planned: &PlannedMetric<'_>, summary: &Summary, position: usize) -> MetricReadout {
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
        direction: metric.direction,
        unit: metric.unit.clone(),
        window: metric.window.clone(),
        cap: metric.cap,
        capped_at: summary.caps.get(position).copied().unwrap_or_default(),
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

/// One metric in one population.
struct View<'a> {
    request: &'a Request<'a>,
    summary: &'a Summary,
    metric: usize,
    extent: Extent,
    population: Population,
    /// Why there is nothing at all, where there is nothing.
    nothing: Option<Absence>,
    layout: Layout,
    slices: Vec<SliceView<'a>>,
}

/// The cells of one slice, a variant each.
struct SliceView<'a> {
    slice: Slice,
    suppressed: bool,
    variants: Vec<VariantCell<'a>>,
}

struct VariantCell<'a> {
    cell: Option<&'a Cell>,
    moments: Moments,
    /// Over clusters, where units nest in them.
    clusters: Option<Moments>,
}

impl<'a> VariantCell<'a> {
    /// A cell that was never made is an empty one.
    fn new(cell: Option<&'a Cell>, layout: Layout) -> Self {
        Self {
            cell,
            moments: cell.map_or_else(|| Cell::empty(layout).moments(), Cell::moments),
            clusters: cell
                .and_then(|cell| cell.further.clusters.as_ref())
                .map(JointSums::moments),
        }
    }

    /// What is compared.
    fn side(&self) -> Side<'_> {
        Side {
            moments: &self.moments,
            order: self.cell.and_then(|cell| cell.order.as_ref()),
            clusters: self.clusters.as_ref(),
        }
    }

    /// Why there is no unit here.
    fn without_units(&self) -> Absence {
        match self.cell {
            Some(cell) if cell.missing > 0 => Absence::AllMissing,
            Some(cell) if cell.open > 0 => Absence::NoneMatured,
            Some(_) | None => Absence::NoUnits,
        }
    }
}

impl<'a> View<'a> {
    fn new(
        request: &'a Request<'a>,
        summary: &'a Summary,
        metric: usize,
        population: Population,
        extent: Extent,
    ) -> Self {
        let partition = Partition::from(population);
        let layout = layout(request.experiment, summary, metric, partition);
        let nothing = (population == Population::Exposed && summary.exposure.is_none())
            .then_some(Absence::NoExposures);
        let mut slices = summary.slices(metric, partition);
        // Epochs are evidence for the whole, which is stratified by them; they are no slices to be read.
        slices.retain(|slice| match slice {
            Slice::All => true,
            Slice::Epoch(_) => false,
            Slice::Segment { .. } | Slice::EntryDay(_) => extent == Extent::Everything,
        });
        if slices.first() != Some(&Slice::All) {
            slices.insert(0, Slice::All);
        }
        let cells: Vec<(Slice, Vec<Option<&'a Cell>>)> = slices
            .into_iter()
            .map(|slice| {
                let variants = 0..request.experiment.variants.len();
                let cells = variants
                    .map(|variant| summary.cell(metric, partition, &slice, variant))
                    .collect();
                (slice, cells)
            })
            .collect();
        let suppressed = suppressed(&cells, request.privacy.min_cell);
        let slices = cells
            .into_iter()
            .map(|(slice, cells)| SliceView {
                suppressed: suppressed.contains(&slice),
                slice,
                variants: cells
                    .into_iter()
                    .map(|cell| VariantCell::new(cell, layout))
                    .collect(),
            })
            .collect();
        Self {
            request,
            summary,
            metric,
            extent,
            population,
            nothing,
            layout,
            slices,
        }
    }

    /// A row a variant, control first.
    fn statistics(
        &self,
        planned: &PlannedMetric<'_>,
        slice: &SliceView<'_>,
    ) -> Vec<VariantStatistics> {
        let names = &self.request.experiment.variants;
        names
            .iter()
            .zip(&slice.variants)
            .map(|(name, variant)| self.row(planned, slice, name, variant))
            .collect()
    }

    fn row(
        &self,
        planned: &PlannedMetric<'_>,
        slice: &SliceView<'_>,
        name: &str,
        variant: &VariantCell<'_>,
    ) -> VariantStatistics {
        let hidden = self.hidden(slice);
        let known = |found: Result<f64, Absence>| match hidden {
            Some(absence) => Known::Absent(absence),
            None => Known::from(found.map_err(|absence| explained(absence, &[variant]))),
        };
        let count = |of: fn(&Cell) -> u64| match (hidden, variant.cell) {
            (None, Some(cell)) => of(cell),
            _ => 0,
        };
        VariantStatistics {
            population: self.population,
            slice: slice.slice.clone(),
            variant: name.to_owned(),
            units: match hidden {
                Some(absence) => Known::Absent(absence),
                None => Known::Value(variant.moments.units),
            },
            mean: known(self.shown_mean(planned, variant)),
            standard_deviation: known(
                SampleMean::of_cell(&variant.moments, self.layout)
                    .map(|mean| mean.standard_deviation())
                    .and_then(finite),
            ),
            open: count(|cell| cell.open),
            missing: count(|cell| cell.missing),
            capped: count(|cell| cell.capped),
        }
    }

    /// An effect a treatment variant.
    fn effects(&self, planned: &PlannedMetric<'_>, slice: &SliceView<'a>) -> Vec<Effect> {
        let names = &self.request.experiment.variants;
        let Some(control) = slice.variants.get(Experiment::CONTROL) else {
            return Vec::new();
        };
        names
            .iter()
            .zip(&slice.variants)
            .enumerate()
            .skip(Experiment::CONTROL + 1)
            .map(|(position, (name, treatment))| {
                self.effect(planned, slice, (position, name), control, treatment)
            })
            .collect()
    }

    /// How two cells of a slice are compared.
    fn method(
        &self,
        planned: &PlannedMetric<'_>,
        slice: &SliceView<'_>,
        position: usize,
        control: &VariantCell<'_>,
        treatment: &VariantCell<'_>,
    ) -> Method<'a> {
        let pair = Pair {
            metric: self.metric,
            partition: Partition::from(self.population),
            slice: &slice.slice,
            layout: self.layout,
            treatment: position,
            units: (control.moments.units, treatment.moments.units),
        };
        method::method(self.request, self.summary, planned, &pair)
    }

    /// The mean, or the quantile, as it is shown.
    fn shown_mean(
        &self,
        planned: &PlannedMetric<'_>,
        variant: &VariantCell<'_>,
    ) -> Result<f64, Absence> {
        let Some(share) = planned.definition.quantile else {
            return mean(&variant.moments, self.layout);
        };
        let order = variant.cell.and_then(|cell| cell.order.as_ref());
        let order = order.ok_or(Absence::NoUnits)?;
        quantile(order, share, self.request.conventions.quantile)
    }

    fn effect(
        &self,
        planned: &PlannedMetric<'_>,
        slice: &SliceView<'a>,
        (position, name): (usize, &str),
        control: &VariantCell<'_>,
        treatment: &VariantCell<'_>,
    ) -> Effect {
        let found = match self.hidden(slice) {
            Some(absence) => absent(absence, self.layout, &self.request.conventions),
            None => explained_contrast(
                contrast(
                    &control.side(),
                    &treatment.side(),
                    &self.method(planned, slice, position, control, treatment),
                ),
                &[control, treatment],
            ),
        };
        let metric = planned.definition;
        // Judged on the whole of a population only: in slices, chance would breach a margin somewhere.
        let judged = (planned.role == Role::Guardrail && slice.slice == Slice::All)
            .then(|| guardrail(found.comparison, metric.margin, metric.direction));
        let comparison = found.comparison;
        let mut effect = Effect {
            population: self.population,
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
            merged_strata: found.merged,
            clusters: found.clusters,
            posterior: None,
            rates: None,
            equivalence: None,
            compliers: None,
            power: None,
        };
        let is_whole = slice.slice == Slice::All && self.hidden(slice).is_none();
        if is_whole && self.extent == Extent::Everything {
            self.stand_beside(&mut effect, planned, comparison, position, slice);
        }
        effect
    }

    /// Puts what is said of wholes beside an effect.
    fn stand_beside(
        &self,
        effect: &mut Effect,
        planned: &PlannedMetric<'_>,
        comparison: Result<Comparison, Absence>,
        position: usize,
        slice: &SliceView<'a>,
    ) {
        let metric = planned.definition;
        let request = self.request;
        let Some((control, treatment)) = slice.variants.first().zip(slice.variants.get(position))
        else {
            return;
        };
        effect.posterior = Some(beside::belief(request, metric, comparison));
        effect.equivalence = beside::equivalent(request, metric, comparison);
        if metric.kind.is_share() && self.layout.unadjusted() == Layout::PLAIN {
            let rates = beside::rates(request, metric, &control.moments, &treatment.moments);
            effect.rates = Some(rates);
        }
        let draws =
            |variant: &VariantCell<'a>| variant.cell.and_then(|cell| cell.further.draws.as_ref());
        if let (Some(of_control), Some(of_treatment)) = (draws(control), draws(treatment)) {
            let plain = self.shown_mean(planned, treatment).ok();
            let plain = plain.zip(self.shown_mean(planned, control).ok());
            let difference = plain.map(|(treatment, control)| treatment - control);
            let pair = (of_control, of_treatment);
            let drawn = beside::drawn(request, self.layout, pair, difference);
            effect.companions.extend(drawn);
        }
        if request.experiment.analysis.all_pairs {
            let pairs = slice.variants.iter().enumerate().take(position);
            for (other, variant) in pairs.skip(Experiment::CONTROL + 1) {
                let method = self.method(planned, slice, position, variant, treatment);
                let found = contrast(&variant.side(), &treatment.side(), &method);
                effect.companions.push(Companion {
                    kind: CompanionKind::Against,
                    subject: request.experiment.variants.get(other).cloned(),
                    scale: CompanionScale::Absolute,
                    estimate: found.absolute,
                });
            }
        }
        if self.population == Population::Exposed {
            return;
        }
        let found = beside::on_compliers(request, self.summary, self.metric, self.layout, position);
        effect
            .companions
            .extend(found.as_ref().map(beside::complying));
        effect.compliers = found;
        let year = beside::over_a_year(request, self.summary, metric, effect);
        effect.companions.extend(year);
        let units = (control.moments.units, treatment.moments.units);
        effect.power = Some(beside::detectable(
            request,
            self.summary,
            planned,
            comparison,
            (position, units, effect.significance),
        ));
    }

    /// Why a slice shows nothing, whatever its cells hold.
    fn hidden(&self, slice: &SliceView<'_>) -> Option<Absence> {
        self.nothing
            .or_else(|| slice.suppressed.then_some(Absence::Suppressed))
    }
}

/// The metric's layout. Published moments are plain: they carry no covariate.
fn layout(
    experiment: &Experiment,
    summary: &Summary,
    metric: usize,
    partition: Partition,
) -> Layout {
    let layout = summary.layouts.get(metric).copied().unwrap_or_default();
    let published = (0..experiment.variants.len()).any(|variant| {
        summary
            .cell(metric, partition, &Slice::All, variant)
            .is_some_and(|cell| matches!(cell.evidence, Evidence::Published(_)))
    });
    Layout {
        covariates: if published { 0 } else { layout.covariates },
        ..layout
    }
}

/// The slices to withhold, by the units of their cells.
fn suppressed(cells: &[(Slice, Vec<Option<&Cell>>)], min_cell: u64) -> Suppressed {
    let counts = cells.iter().map(|(slice, cells)| {
        let units = cells.iter().map(|cell| cell.map_or(0, Cell::units));
        (slice, units.collect())
    });
    suppression::of(counts, min_cell)
}

/// The mean over units, or the ratio of sums; one unit is enough for it.
fn mean(moments: &Moments, layout: Layout) -> Result<f64, Absence> {
    if moments.units == 0 {
        return Err(Absence::NoUnits);
    }
    let quantity = |position: usize| {
        moments
            .means
            .get(position)
            .copied()
            .ok_or(Absence::NotApplicable)
    };
    let value = quantity(0)?;
    if !layout.denominator {
        return finite(value);
    }
    let denominator = quantity(1)?;
    if denominator == 0.0 {
        return Err(Absence::ZeroDenominator);
    }
    finite(value / denominator)
}

fn finite(value: f64) -> Result<f64, Absence> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Absence::OutOfRange)
    }
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

fn explained_contrast(mut found: Contrast, variants: &[&VariantCell<'_>]) -> Contrast {
    let close = |known: &mut Known<_>| {
        if let Known::Absent(absence) = known {
            *absence = explained(*absence, variants);
        }
    };
    close(&mut found.absolute);
    close(&mut found.relative);
    if let Some(unadjusted) = &mut found.unadjusted {
        close(unadjusted);
    }
    if let Some((numerator, denominator)) = &mut found.parts {
        close(numerator);
        close(denominator);
    }
    found.comparison = found
        .comparison
        .map_err(|absence| explained(absence, variants));
    found
}

/// A contrast of which nothing is shown.
fn absent(absence: Absence, layout: Layout, conventions: &Conventions) -> Contrast {
    let adjusted = layout.covariates > 0 && conventions.covariate == Application::AsDefined;
    Contrast {
        estimator: if adjusted {
            Estimator::Adjusted
        } else if layout.denominator {
            Estimator::DifferenceOfRatios
        } else {
            Estimator::DifferenceOfMeans
        },
        comparison: Err(absence),
        absolute: Known::Absent(absence),
        relative: Known::Absent(absence),
        unadjusted: adjusted.then_some(Known::Absent(absence)),
        variance_reduction: None,
        parts: layout
            .denominator
            .then_some((Known::Absent(absence), Known::Absent(absence))),
        companions: Vec::new(),
        merged: Vec::new(),
        clusters: None,
    }
}
