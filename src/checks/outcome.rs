//! Checks of what units did: too good, too small, too soon (24).

use std::collections::BTreeSet;

use super::finding::Finding;
use super::{Context, PlannedMetric, share, wording};
use crate::domain::definition::{Experiment, MICROSECONDS_PER_DAY, Population, Role};
use crate::domain::evidence::{Cell, Moments, Partition, Slice};
use crate::domain::result::{
    Check, CheckId, CheckStatus, Invalidates, MetricReadout, Significance,
};

/// 24: lifts beyond the bound, too few units or conversions, too few days, too many open windows.
pub(super) fn plausibility(context: &Context<'_>) -> Check {
    if context.metrics.is_empty() {
        return Finding::not_run("because the experiment names no metric")
            .into_check(context, CheckId::Plausibility);
    }
    let thresholds = context.thresholds;
    let mut small: Vec<String> = (1..context.variants().len())
        .flat_map(|variant| shortfalls(context, variant))
        .collect();
    // A small control is short for every treatment, and said once.
    let mut said = BTreeSet::new();
    small.retain(|sentence| said.insert(sentence.clone()));
    let warnings: Vec<String> = too_good(context)
        .into_iter()
        .chain(too_soon(context))
        .chain(open_windows(context))
        .collect();
    let status = match (small.is_empty(), warnings.is_empty()) {
        (false, _) => CheckStatus::Insufficient,
        (true, false) => CheckStatus::Warn,
        (true, true) => CheckStatus::Pass,
    };
    let mut sentences = small;
    sentences.extend(warnings);
    if sentences.is_empty() {
        sentences.push("sizes, counts and times are plausible".to_owned());
    }
    sentences.extend(part_weeks(context));
    let mut finding = Finding::new(status, sentences.join("; "));
    finding.observed = largest_lift(context).map(|lift| (lift, "largest lift of a primary metric"));
    finding.thresholds = (
        Some(format!(
            "significant lift beyond {}, under {} days, above {} of windows open; insufficient: under {} units or {} expected conversions",
            wording::threshold(thresholds.lift_bound),
            thresholds.minimum_days,
            wording::threshold(thresholds.open_windows_warn),
            thresholds.minimum_units,
            thresholds.minimum_conversions
        )),
        None,
    );
    finding.evaluated = Some(context.units().iter().sum());
    finding.invalidates = vec![Invalidates::Decision];
    finding.into_check(context, CheckId::Plausibility)
}

/// Why there is too little data to ship the variant at a position: units, and pooled expected conversions of proportions,
/// of the metrics that shipping rests on (primary and guardrail), in it or in control. Empty when there is enough.
#[must_use]
pub fn shortfalls(context: &Context<'_>, variant: usize) -> Vec<String> {
    let decisive = context
        .metrics
        .iter()
        .enumerate()
        .filter(|(_, planned)| matches!(planned.role, Role::Primary | Role::Guardrail));
    decisive
        .flat_map(|(position, planned)| {
            let few_units = [Experiment::CONTROL, variant]
                .into_iter()
                .filter_map(move |side| few_units(context, position, planned, side));
            few_units.chain(few_conversions(context, position, planned, variant))
        })
        .collect()
}

fn itt_cell<'a>(context: &Context<'a>, metric: usize, variant: usize) -> Option<&'a Cell> {
    context
        .summary
        .cell(metric, Partition::Itt, &Slice::All, variant)
}

fn few_units(
    context: &Context<'_>,
    metric: usize,
    planned: &PlannedMetric<'_>,
    variant: usize,
) -> Option<String> {
    let units = itt_cell(context, metric, variant).map_or(0, Cell::units);
    let least = context.thresholds.minimum_units;
    (units < least).then(|| {
        format!(
            "{} has {} in {}, fewer than {least}",
            planned.definition.id,
            wording::counted(units, "unit"),
            wording::label(context.variant(variant)),
        )
    })
}

fn few_conversions(
    context: &Context<'_>,
    metric: usize,
    planned: &PlannedMetric<'_>,
    variant: usize,
) -> Option<String> {
    if !planned.definition.kind.is_share() {
        return None;
    }
    let control = itt_cell(context, metric, Experiment::CONTROL)?;
    let treatment = itt_cell(context, metric, variant)?;
    let expected = expected_conversions(&control.moments(), &treatment.moments())?;
    let least = context.thresholds.minimum_conversions;
    (expected < least).then(|| {
        format!(
            "{} expects {expected:.1} conversions a variant for {}, fewer than {least}",
            planned.definition.id,
            wording::label(context.variant(variant)),
        )
    })
}

/// The smaller of both variants' expected conversions at their pooled rate.
fn expected_conversions(control: &Moments, treatment: &Moments) -> Option<f64> {
    let conversions = |moments: &Moments| Some(moments.n() * moments.means.first()?);
    let pooled = conversions(control)? + conversions(treatment)?;
    let smaller = control.n().min(treatment.n());
    let expected = pooled * smaller / (control.n() + treatment.n());
    expected.is_finite().then_some(expected)
}

/// Significant lifts beyond the bound. A lift within its noise is no surprise, however large.
fn too_good(context: &Context<'_>) -> Vec<String> {
    let bound = context.thresholds.lift_bound;
    context
        .effects
        .iter()
        .flat_map(|metric| metric.effects.iter().map(move |effect| (metric, effect)))
        .filter(|(_, effect)| {
            effect.population == Population::Itt
                && effect.slice == Slice::All
                && matches!(
                    effect.significance,
                    Some(Significance::Better | Significance::Worse)
                )
        })
        .filter_map(|(metric, effect)| {
            let lift = effect.relative.value()?.estimate;
            (lift.abs() > bound).then(|| {
                format!(
                    "a lift of {} on {} in {} is beyond {}",
                    wording::signed_percent(lift),
                    metric.id,
                    wording::label(&effect.variant),
                    wording::threshold(bound)
                )
            })
        })
        .collect()
}

fn largest_lift(context: &Context<'_>) -> Option<f64> {
    context
        .effects
        .iter()
        .filter(|metric| metric.role == Role::Primary)
        .flat_map(|metric| treatment_lifts(context, metric))
        .max_by(|left, right| left.abs().total_cmp(&right.abs()))
}

fn treatment_lifts(context: &Context<'_>, metric: &MetricReadout) -> Vec<f64> {
    context
        .variants()
        .iter()
        .filter_map(|variant| metric.overall(Population::Itt, variant))
        .filter_map(|effect| effect.relative.value())
        .map(|lift| lift.estimate)
        .collect()
}

/// Days from the first assignment to as-of.
fn days(context: &Context<'_>) -> Option<f64> {
    let (first, _) = context.summary.enrolment?;
    let as_of = context.summary.as_of.instant?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "a length of time in days needs no more digits than a double has"
    )]
    let days = as_of.0.saturating_sub(first.0) as f64 / MICROSECONDS_PER_DAY as f64;
    Some(days.max(0.0))
}

fn too_soon(context: &Context<'_>) -> Option<String> {
    let days = days(context)?;
    (days < context.thresholds.minimum_days).then(|| {
        format!(
            "only {days:.1} days since the first assignment, fewer than {}",
            context.thresholds.minimum_days
        )
    })
}

/// A note, never a warning: weekdays that are not equally often in the data.
fn part_weeks(context: &Context<'_>) -> Option<String> {
    let assignment = context.summary.assignment.as_ref()?;
    let days = assignment.by_day.len();
    (days > 0 && !days.is_multiple_of(7)).then(|| {
        let noun = if days == 1 { "day" } else { "days" };
        format!("note: assignments span {days} {noun}, not whole weeks")
    })
}

/// Primary metrics with too many windows still open at as-of.
fn open_windows(context: &Context<'_>) -> Vec<String> {
    let primaries = context
        .metrics
        .iter()
        .enumerate()
        .filter(|(_, planned)| planned.role == Role::Primary);
    primaries
        .filter_map(|(position, planned)| {
            let open = open_share(context, position)?;
            (open > context.thresholds.open_windows_warn).then(|| {
                format!(
                    "{} of units have a window of {} that is still open",
                    wording::percent(open),
                    planned.definition.id
                )
            })
        })
        .collect()
}

/// The share of a metric's itt units whose window is still open at as-of.
pub(crate) fn open_share(context: &Context<'_>, metric: usize) -> Option<f64> {
    let variants = 0..context.variants().len();
    let cells = variants.filter_map(|variant| itt_cell(context, metric, variant));
    let (open, all) = cells.fold((0, 0), |(open, all), cell| {
        (
            open + cell.open,
            all + cell.units() + cell.open + cell.missing,
        )
    });
    share(open, all)
}
