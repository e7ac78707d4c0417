//! Defines effects over time: on units that entered up to each day, and in each part of the window since entry.

use super::effects::treatments;
use super::method::nests;
use super::view::{SliceView, View};
use super::{PlannedMetric, Request};
use crate::domain::definition::{Duration, Experiment, Window};
use crate::domain::evidence::{Evidence, JointSums, Moments, Partition, Slice};
use crate::domain::result::{Absence, CumulativeEffect, Estimator, Known, Novelty, PartEffect};
use crate::stats::{
    Beside, Comparison, Contrast, Method, SampleMean, Side, contrast, daily_contrast, difference,
    linear_trend, relative,
};

/// Effects on units that entered up to each local day: at one look, without covariate and strata, which need the whole.
///
/// A day is left out where the days before it, or after it, that are withheld by themselves would be too few people together:
/// subtraction would give them away.
pub(super) fn cumulative(view: &View<'_>) -> Vec<CumulativeEffect> {
    let layout = view.layout.unadjusted();
    let is_day = |slice: &&SliceView<'_>| matches!(slice.slice, Slice::EntryDay(_));
    let days: Vec<&SliceView<'_>> = view.slices.iter().filter(is_day).collect();
    if layout.ordered {
        return Vec::new();
    }
    let method = Method {
        beside: Beside::Nothing,
        ..Method::plain(layout, &view.request.conventions)
    };
    let variants = view.request.experiment.variants.len();
    let mut sums = vec![JointSums::new(view.layout.width()); variants];
    let mut effects = Vec::new();
    for (slice, shown) in days.iter().zip(shown_days(view, &days)) {
        for (sums, variant) in sums.iter_mut().zip(&slice.variants) {
            if let Some(Evidence::Exact(of_day)) = variant.cell.map(|cell| &cell.evidence) {
                sums.merge(of_day);
            }
        }
        let Slice::EntryDay(day) = slice.slice else {
            continue;
        };
        if !shown {
            continue;
        }
        let moments: Vec<Moments> = sums.iter().map(JointSums::moments).collect();
        let control = &moments[Experiment::CONTROL];
        effects.extend(treatments(view.request.experiment).map(|(position, name)| {
            let treatment = &moments[position];
            let found = if nests(view.request) {
                // Clusters go over days: those of single days cannot be put together.
                Contrast::absent(Absence::UnitsNest, Estimator::Clustered, layout)
            } else {
                contrast(&Side::of(control), &Side::of(treatment), &method)
            };
            CumulativeEffect {
                population: view.population,
                variant: name.to_owned(),
                day: day.clone(),
                units: (control.units, treatment.units),
                absolute: found.absolute,
                relative: found.relative,
            }
        }));
    }
    effects
}

/// For each day whether the units up to it may be shown: withheld days since the last shown one, and all that come after, are
/// either none or enough people together in every variant.
fn shown_days(view: &View<'_>, days: &[&SliceView<'_>]) -> Vec<bool> {
    let min_cell = view.request.privacy.min_cell;
    let enough = |units: &[u64]| units.iter().all(|count| *count >= min_cell);
    let withheld = |slice: &SliceView<'_>| view.hidden(slice).is_some();
    let variants = view.request.experiment.variants.len();
    let mut after = vec![0_u64; variants];
    for slice in days.iter().filter(|slice| withheld(slice)) {
        add_units(&mut after, slice);
    }
    let mut after_count = days.iter().filter(|slice| withheld(slice)).count();
    let mut since = vec![0_u64; variants];
    let mut since_count = 0;
    days.iter()
        .map(|slice| {
            if withheld(slice) {
                add_units(&mut since, slice);
                since_count += 1;
                after_count -= 1;
                for (left, variant) in after.iter_mut().zip(&slice.variants) {
                    *left -= variant.units();
                }
            }
            let shown =
                (since_count == 0 || enough(&since)) && (after_count == 0 || enough(&after));
            if shown {
                since.fill(0);
                since_count = 0;
            }
            shown
        })
        .collect()
}

fn add_units(sums: &mut [u64], slice: &SliceView<'_>) {
    for (sum, variant) in sums.iter_mut().zip(&slice.variants) {
        *sum += variant.units();
    }
}

/// How effects go on after entry, over units whose whole window has ended.
pub(super) fn novelty(view: &View<'_>, planned: &PlannedMetric<'_>) -> Vec<Novelty> {
    let request = view.request;
    let parts = planned
        .definition
        .window
        .as_ref()
        .map(Window::parts)
        .unwrap_or_default();
    let of = |variant: usize| -> Option<Moments> {
        let cell = view.whole(Partition::from(view.population), variant)?;
        let sums = cell.further.parts.as_ref()?;
        (sums.width() == parts.len()).then(|| sums.moments())
    };
    let Some(control) = of(Experiment::CONTROL) else {
        return Vec::new();
    };
    treatments(request.experiment)
        .filter_map(|(position, variant)| {
            let treatment = of(position)?;
            let comparison_of = |quantity| {
                if nests(request) {
                    Err(Absence::UnitsNest)
                } else {
                    of_quantity(request, &control, &treatment, quantity)
                }
            };
            let part = |(index, (start, end)): (usize, &(Duration, Duration))| {
                let comparison = comparison_of(index);
                PartEffect {
                    start: start.0,
                    end: end.0,
                    absolute: Known::from(comparison.and_then(|both| difference(&both))),
                    relative: Known::from(comparison.and_then(|both| relative(&both))),
                }
            };
            let possible = if nests(request) {
                Err(Absence::UnitsNest)
            } else {
                linear_trend(parts.len()).ok_or(Absence::NotApplicable)
            };
            let trend = possible.and_then(|trend| {
                let comparison = Comparison::new(
                    &daily_contrast(&control, &trend)?,
                    &daily_contrast(&treatment, &trend)?,
                    &request.conventions,
                )?;
                difference(&comparison)
            });
            Some(Novelty {
                population: view.population,
                variant: variant.to_owned(),
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
