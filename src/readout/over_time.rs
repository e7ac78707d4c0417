//! Defines effects over time: on units that entered up to each day, and in each part of the window since entry.

use super::{PlannedMetric, Request};
use crate::domain::definition::{Duration, Experiment, Population, Window};
use crate::domain::evidence::{Cell, Evidence, JointSums, Moments, Partition, Slice, Summary};
use crate::domain::result::{Absence, CumulativeEffect, Known, Novelty, PartEffect};
use crate::stats::{
    Comparison, Method, SampleMean, Side, contrast, daily_contrast, difference, linear_trend,
    relative,
};

/// Effects on units that entered up to each local day: at one look, without covariate and strata, which need the whole.
///
/// A day whose units are too few to be shown is shown with the days after it.
pub(super) fn cumulative(
    request: &Request<'_>,
    summary: &Summary,
    metric: usize,
    population: Population,
) -> Vec<CumulativeEffect> {
    let partition = Partition::from(population);
    let layout = summary.layouts.get(metric).copied().unwrap_or_default();
    if layout.ordered {
        return Vec::new();
    }
    let days: Vec<Slice> = summary
        .slices(metric, partition)
        .into_iter()
        .filter(|slice| matches!(slice, Slice::EntryDay(_)))
        .collect();
    let variants = request.experiment.variants.len();
    let mut sums = vec![JointSums::new(layout.width()); variants];
    let mut since_shown = vec![0; variants];
    let mut effects = Vec::new();
    let method = Method {
        beside: false,
        ..Method::plain(layout.unadjusted(), &request.conventions)
    };
    for slice in &days {
        let Slice::EntryDay(day) = slice else {
            continue;
        };
        for (variant, sums) in sums.iter_mut().enumerate() {
            let cell = summary.cell(metric, partition, slice, variant);
            if let Some(Evidence::Exact(of_day)) = cell.map(|cell| &cell.evidence) {
                sums.merge(of_day);
                since_shown[variant] += of_day.units();
            }
        }
        if since_shown
            .iter()
            .any(|units| *units < request.privacy.min_cell)
        {
            continue;
        }
        since_shown.fill(0);
        let moments: Vec<Moments> = sums.iter().map(JointSums::moments).collect();
        let control = &moments[Experiment::CONTROL];
        let treatments = moments.iter().enumerate().skip(Experiment::CONTROL + 1);
        effects.extend(treatments.map(|(variant, treatment)| {
            let found = contrast(&Side::of(control), &Side::of(treatment), &method);
            CumulativeEffect {
                population,
                variant: request.experiment.variants[variant].clone(),
                day: day.clone(),
                units: (control.units, treatment.units),
                absolute: found.absolute,
                relative: found.relative,
            }
        }));
    }
    effects
}

/// How effects go on after entry, over units whose whole window has ended.
pub(super) fn novelty(
    request: &Request<'_>,
    summary: &Summary,
    planned: &PlannedMetric<'_>,
    metric: usize,
    population: Population,
) -> Vec<Novelty> {
    let partition = Partition::from(population);
    let parts = planned
        .definition
        .window
        .as_ref()
        .map(Window::parts)
        .unwrap_or_default();
    let of = |variant: usize| -> Option<Moments> {
        let cell: &Cell = summary.cell(metric, partition, &Slice::All, variant)?;
        let sums = cell.further.parts.as_ref()?;
        (sums.width() == parts.len()).then(|| sums.moments())
    };
    let Some(control) = of(Experiment::CONTROL) else {
        return Vec::new();
    };
    let variants = request.experiment.variants.iter().enumerate();
    let treatments = variants.skip(Experiment::CONTROL + 1);
    treatments
        .filter_map(|(position, variant)| {
            let treatment = of(position)?;
            let part = |(index, (start, end)): (usize, &(Duration, Duration))| {
                let comparison = of_quantity(request, &control, &treatment, index);
                PartEffect {
                    start: start.0,
                    end: end.0,
                    absolute: Known::from(comparison.and_then(|both| difference(&both))),
                    relative: Known::from(comparison.and_then(|both| relative(&both))),
                }
            };
            let trend = linear_trend(parts.len()).ok_or(Absence::NotApplicable);
            let trend = trend.and_then(|trend| {
                let comparison = Comparison::new(
                    &daily_contrast(&control, &trend)?,
                    &daily_contrast(&treatment, &trend)?,
                    &request.conventions,
                )?;
                difference(&comparison)
            });
            Some(Novelty {
                population,
                variant: variant.clone(),
                parts: parts.iter().enumerate().map(part).collect(),
                trend: trend.into(),
            })
        })
        .collect()
}

fn of_quantity(
    request: &Request<'_>,
    control: &Moments,
    treatment: &Moments,
    quantity: usize,
) -> Result<Comparison, Absence> {
    Comparison::new(
        &SampleMean::of_quantity(control, quantity)?,
        &SampleMean::of_quantity(treatment, quantity)?,
        &request.conventions,
    )
}
