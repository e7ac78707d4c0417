//! Defines what is said beside an effect on the whole of a population: beliefs, equivalence, compliers, a year's impact, power.
//!
//! None of it decides.

use super::method::{nests, units, weights};
use super::view::View;
use super::{PlannedMetric, Request};
use crate::domain::definition::{
    Experiment, MICROSECONDS_PER_DAY, Magnitude, Metric, MetricKind, Prior, RatePrior,
    RelativeMethod,
};
use crate::domain::evidence::{Cell, Draw, Draws, Layout, Moments, Partition, Summary};
use crate::domain::result::{
    Absence, Companion, CompanionKind, CompanionScale, CompliersEffect, Detectable, Effect,
    Equivalence, Known, Posterior, RatePosteriors, Significance,
};
use crate::stats::power::{Baseline, Demand, days_left, exaggeration, false_positive_risk, power};
use crate::stats::{
    Comparison, EffectPrior, Monitoring, Proportion, acceleration_of_draws, bias_corrected,
    compliers, diluted, equivalence, from_draws, impact, percentile, posterior, rate_posteriors,
    relative, units_a_year, with_exposure,
};

/// The power that a smallest detectable effect is said for.
pub(super) const POWER: f64 = 0.8;
/// The share of ideas that work, for the risk that a significant result is false: about what large programmes report (Kohavi,
/// Deng and Vermeer 2022).
const WORKING_IDEAS: f64 = 0.1;

/// What is believed of the lift after the data; with the delta method's standard error, as Fieller's lift has none.
pub(super) fn belief(
    request: &Request<'_>,
    metric: &Metric,
    comparison: Result<Comparison, Absence>,
) -> Known<Posterior> {
    let prior = match request.conventions.prior {
        Prior::Flat => EffectPrior::Flat,
        Prior::Normal { mean, deviation } => EffectPrior::Normal { mean, deviation },
    };
    let lift = comparison.and_then(|both| relative(&both.with_relative(RelativeMethod::Delta)));
    Known::from(lift.and_then(|lift| {
        let error = lift.standard_error.ok_or(Absence::NotApplicable)?;
        let level = request.conventions.level;
        posterior(lift.estimate, error, prior, metric.direction, level)
    }))
}

/// What is believed of both shares, each under a uniform prior.
pub(super) fn rates(
    request: &Request<'_>,
    metric: &Metric,
    control: &Moments,
    treatment: &Moments,
) -> Known<RatePosteriors> {
    let counts = |moments| Proportion::of(moments).map(|share| (share.with(), share.units()));
    if nests(request) {
        return Known::Absent(Absence::UnitsNest);
    }
    let both = counts(control).and_then(|control| Ok((control, counts(treatment)?)));
    let level = request.conventions.level;
    Known::from(both.and_then(|(control, treatment)| {
        rate_posteriors(
            control,
            treatment,
            RatePrior::Uniform,
            metric.direction,
            level,
        )
    }))
}

/// Whether the variants are shown to differ by less than what matters.
pub(super) fn equivalent(
    request: &Request<'_>,
    metric: &Metric,
    comparison: Result<Comparison, Absence>,
) -> Option<Known<Equivalence>> {
    let margin = metric.minimum_effect?;
    let alpha = request.conventions.alpha();
    let found = comparison.and_then(|both| equivalence(&both, margin, alpha));
    Some(Known::from(found))
}

/// The effect on units that comply: those that are exposed because they were assigned to be. Treatment is exposure in a
/// variant that is not control.
pub(super) fn on_compliers(view: &View<'_>, treatment: usize) -> Option<CompliersEffect> {
    view.summary.exposure.as_ref()?;
    if view.layout.unadjusted() != Layout::PLAIN {
        return None;
    }
    let of = |partition, variant| view.whole(partition, variant).map(Cell::moments);
    let control = of(Partition::Itt, Experiment::CONTROL)?;
    let all = of(Partition::Itt, treatment)?;
    let exposed = of(Partition::ExposedFromAssignment, treatment)?;
    let nobody = Moments {
        units: 0,
        ..exposed.clone()
    };
    let conventions = &view.request.conventions;
    if nests(view.request) {
        return Some(CompliersEffect::absent(Absence::UnitsNest));
    }
    Some(compliers(
        &with_exposure(&control, &nobody),
        &with_exposure(&all, &exposed),
        conventions.compliers,
        conventions,
    ))
}

/// The effect on compliers as an estimate beside the others.
pub(super) fn complying(effect: &CompliersEffect) -> Companion {
    Companion {
        kind: CompanionKind::Compliers,
        subject: None,
        scale: CompanionScale::Absolute,
        estimate: effect.estimate.clone(),
    }
}

/// The effect on exposed units, times the share of all that is exposed.
pub(super) fn thinned(view: &View<'_>, exposed: Result<Comparison, Absence>) -> Companion {
    let units_of = |partition| -> u64 {
        let variants = 0..view.request.experiment.variants.len();
        let cells = variants.filter_map(|variant| view.whole(partition, variant));
        cells.map(Cell::units).sum()
    };
    let (all, met) = (
        units_of(Partition::Itt),
        units_of(Partition::ExposedFromAssignment),
    );
    let estimate = exposed.and_then(|both| {
        let rate = Proportion::new(met, all)?.sample_mean();
        diluted(&both, &rate)
    });
    Companion {
        kind: CompanionKind::Diluted,
        subject: None,
        scale: CompanionScale::Absolute,
        estimate: estimate.into(),
    }
}

/// Units of itt, and the days in which they came; absent where assignments carry no time.
fn arrivals(summary: &Summary) -> Option<(u64, f64)> {
    let (first, last) = summary.enrolment?;
    let units = summary.assignment.as_ref()?.units;
    #[expect(
        clippy::cast_precision_loss,
        reason = "microseconds of some years are far below 2^53"
    )]
    let days = (last.0 - first.0) as f64 / MICROSECONDS_PER_DAY as f64;
    (days > 0.0).then_some((units, days))
}

/// Intervals of the plain difference from units drawn anew: between percentiles, and corrected for bias and skew.
pub(super) fn drawn(
    request: &Request<'_>,
    layout: Layout,
    draws: Result<(&Draws, &Draws), Absence>,
    difference: Result<f64, Absence>,
) -> [Companion; 2] {
    let level = request.conventions.level;
    let drawn = draws.map(|(control, treatment)| differences(layout, control, treatment));
    let known = || drawn.as_deref().map_err(|absence| *absence);
    let percentiles = known().and_then(|drawn| percentile(drawn, level));
    let corrected = known()
        .and_then(|drawn| bias_corrected(drawn, difference?, acceleration_of_draws(drawn), level));
    [
        (CompanionKind::BootstrapPercentile, percentiles),
        (CompanionKind::BootstrapBca, corrected),
    ]
    .map(|(kind, interval)| {
        let estimate = interval.and_then(|interval| from_draws(known()?, difference?, interval));
        Companion {
            kind,
            subject: known().ok().map(|drawn| drawn.len().to_string()),
            scale: CompanionScale::Absolute,
            estimate: estimate.into(),
        }
    })
}

/// The difference in each draw in which both variants have a mean.
fn differences(layout: Layout, control: &Draws, treatment: &Draws) -> Vec<f64> {
    let value = |draw: &Draw| {
        let value = draw.means.first().copied()?;
        if !layout.denominator {
            return Some(value);
        }
        let below = draw.means.get(1).copied().filter(|below| *below != 0.0)?;
        Some(value / below)
    };
    let pairs = control.draws.iter().zip(&treatment.draws);
    pairs
        .filter(|(control, treatment)| control.units > 0 && treatment.units > 0)
        .filter_map(|(control, treatment)| Some(value(treatment)? - value(control)?))
        .collect()
}

/// The difference over a year's units.
pub(super) fn over_a_year(view: &View<'_>, metric: &Metric, effect: &Effect) -> Option<Companion> {
    if matches!(metric.kind, MetricKind::Ratio | MetricKind::Quantile) {
        return None;
    }
    let declared = view.request.experiment.analysis.units_per_year;
    let year = if let Some(declared) = declared {
        Ok(units(declared))
    } else {
        let (arrived, days) = arrivals(view.summary)?;
        units_a_year(arrived, days, 1.0)
    };
    let absolute = match &effect.absolute {
        Known::Value(estimate) => Ok(*estimate),
        Known::Absent(absence) => Err(*absence),
    };
    let estimate = year.and_then(|year| impact(&absolute?, year));
    Some(Companion {
        kind: CompanionKind::PerYear,
        subject: year.ok().map(|year| format!("{year:.0}")),
        scale: CompanionScale::Total,
        estimate: estimate.into(),
    })
}

/// What the experiment can detect of a metric.
pub(super) fn detectable(
    view: &View<'_>,
    planned: &PlannedMetric<'_>,
    comparison: Result<Comparison, Absence>,
    (treatment, sample, significance): (usize, (u64, u64), Option<Significance>),
) -> Known<Detectable> {
    let request = view.request;
    Known::from(comparison.and_then(|both| {
        let (control, variant) = (units(sample.0), units(sample.1));
        let (of_control, of_variant) = both.variances();
        let baseline = Baseline {
            mean: both.control_mean(),
            control_variance: of_control * control,
            treatment_variance: of_variant * variant,
        };
        let demand = Demand {
            alpha: request.conventions.alpha(),
            power: POWER,
            monitoring: Monitoring::Fixed,
        };
        let mut found = Detectable {
            power: POWER,
            absolute: baseline.smallest_detectable(false, control, variant, &demand)?,
            relative: baseline
                .smallest_detectable(true, control, variant, &demand)
                .ok(),
            units_needed: None,
            days_left: None,
            false_positive_risk: None,
            exaggeration: None,
        };
        if let Some(minimum) = planned.definition.minimum_effect {
            let split = weights(request.experiment, (Experiment::CONTROL, treatment));
            let needed = baseline.units_needed(minimum, split, &demand).ok();
            found.units_needed = needed.map(|(control, treatment)| control + treatment);
            found.days_left = found.units_needed.and_then(|needed| {
                let (arrived, days) = arrivals(view.summary)?;
                let share = split.0 + split.1;
                days_left(needed, control + variant, units(arrived) * share / days).ok()
            });
            if matches!(
                significance,
                Some(Significance::Better | Significance::Worse)
            ) {
                let error = libm::sqrt(of_control + of_variant);
                let truth = size(minimum, both.control_mean());
                let at_truth = power(truth, error, both.quantile());
                found.false_positive_risk =
                    false_positive_risk(WORKING_IDEAS, demand.alpha, at_truth).ok();
                let factor = exaggeration(truth, error, both.quantile());
                found.exaggeration = Some(factor).filter(|factor| factor.is_finite());
            }
        }
        Ok(found)
    }))
}

/// A size in the metric's unit.
fn size(magnitude: Magnitude, control: f64) -> f64 {
    match magnitude {
        Magnitude::Absolute(size) => size,
        Magnitude::Relative(size) => size * control.abs(),
    }
}
