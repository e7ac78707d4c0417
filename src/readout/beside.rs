//! Defines what is said beside an effect on the whole of a population: beliefs, equivalence, compliers, a year's impact, power.
//!
//! None of it decides.

use super::method::{units, weights};
use super::{PlannedMetric, Request};
use crate::domain::definition::{
    Experiment, MICROSECONDS_PER_DAY, Magnitude, Metric, MetricKind, Prior, RatePrior,
    RelativeMethod,
};
use crate::domain::evidence::{Draw, Draws, Layout, Moments, Partition, Slice, Summary};
use crate::domain::result::{
    Absence, Companion, CompanionKind, CompanionScale, CompliersEffect, Detectable, Effect,
    Equivalence, Estimate, Interval, Known, Posterior, RatePosteriors, Significance,
};
use crate::stats::power::{Baseline, Demand, days_left, exaggeration, false_positive_risk, power};
use crate::stats::{
    Comparison, EffectPrior, Monitoring, SampleMean, bias_corrected, compliers, diluted,
    equivalence, impact, percentile, posterior, rate_posteriors, relative, units_a_year,
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
    let counts =
        |moments| crate::stats::Proportion::of(moments).map(|share| (share.with(), share.units()));
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
pub(super) fn on_compliers(
    request: &Request<'_>,
    summary: &Summary,
    metric: usize,
    layout: Layout,
    treatment: usize,
) -> Option<CompliersEffect> {
    summary.exposure.as_ref()?;
    if layout != Layout::PLAIN && layout.unadjusted() != Layout::PLAIN {
        return None;
    }
    let of = |partition, variant| summary.cell(metric, partition, &Slice::All, variant);
    let control = of(Partition::Itt, Experiment::CONTROL)?.moments();
    let all = of(Partition::Itt, treatment)?.moments();
    let exposed = of(Partition::ExposedFromAssignment, treatment)?.moments();
    let nobody = Moments {
        units: 0,
        ..exposed.clone()
    };
    Some(compliers(
        &with_exposure(&control, &nobody),
        &with_exposure(&all, &exposed),
        request.conventions.compliers,
        &request.conventions,
    ))
}

/// Moments of (value, exposed) over all units, from those over all and those over the exposed: Σyd is the exposed units' sum.
fn with_exposure(all: &Moments, exposed: &Moments) -> Moments {
    let (n, of_exposed) = (units(all.units), units(exposed.units));
    let share = if all.units == 0 { 0.0 } else { of_exposed / n };
    let mean = all.means.first().copied().unwrap_or(0.0);
    let of_mean = exposed.means.first().copied().unwrap_or(0.0);
    Moments {
        units: all.units,
        means: vec![mean, share],
        central: vec![
            all.central.first().copied().unwrap_or(0.0),
            if exposed.units == 0 {
                0.0
            } else {
                of_exposed * (of_mean - mean)
            },
            of_exposed * (1.0 - share),
        ],
    }
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
pub(super) fn thinned(
    summary: &Summary,
    metric: usize,
    variants: usize,
    exposed: Result<Comparison, Absence>,
) -> Option<Companion> {
    summary.exposure.as_ref()?;
    let units_of = |partition| {
        let cells =
            (0..variants).map(|variant| summary.cell(metric, partition, &Slice::All, variant));
        cells
            .flatten()
            .map(crate::domain::evidence::Cell::units)
            .sum::<u64>()
    };
    let (all, met) = (
        units_of(Partition::Itt),
        units_of(Partition::ExposedFromAssignment),
    );
    let n = units(all);
    let share = units(met) / n;
    let rate = Moments {
        units: all,
        means: vec![if all == 0 { 0.0 } else { share }],
        central: vec![if all == 0 {
            0.0
        } else {
            units(met) * (1.0 - share)
        }],
    };
    let estimate = exposed.and_then(|both| {
        let rate = SampleMean::of_quantity(&rate, 0)?;
        diluted(&both, &rate)
    });
    Some(Companion {
        kind: CompanionKind::Diluted,
        subject: None,
        scale: CompanionScale::Absolute,
        estimate: estimate.into(),
    })
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
///
/// The acceleration is a sixth of the draws' skewness, which for sums is what leaving out one unit at a time gives (Efron 1987).
pub(super) fn drawn(
    request: &Request<'_>,
    layout: Layout,
    (control, treatment): (&Draws, &Draws),
    difference: Option<f64>,
) -> Vec<Companion> {
    let value = |draw: &Draw| {
        let value = draw.means.first().copied()?;
        if !layout.denominator {
            return Some(value);
        }
        let below = draw.means.get(1).copied().filter(|below| *below != 0.0)?;
        Some(value / below)
    };
    let pairs = control.draws.iter().zip(&treatment.draws);
    let replicates: Vec<f64> = pairs
        .filter(|(control, treatment)| control.units > 0 && treatment.units > 0)
        .filter_map(|(control, treatment)| Some(value(treatment)? - value(control)?))
        .collect();
    let level = request.conventions.level;
    let estimate = difference.ok_or(Absence::NotApplicable);
    let skew = skewness(&replicates);
    let corrected =
        estimate.and_then(|estimate| bias_corrected(&replicates, estimate, skew / 6.0, level));
    [
        (
            CompanionKind::BootstrapPercentile,
            percentile(&replicates, level),
        ),
        (CompanionKind::BootstrapBca, corrected),
    ]
    .into_iter()
    .map(|(kind, interval)| Companion {
        kind,
        subject: Some(replicates.len().to_string()),
        scale: CompanionScale::Absolute,
        estimate: interval
            .and_then(|interval| from_draws(&replicates, estimate?, interval))
            .into(),
    })
    .collect()
}

/// An estimate whose standard error is the draws' deviation and whose p-value is twice the smaller share of draws on one side
/// of zero, one more counted on each (Davison and Hinkley 1997, chapter 4).
fn from_draws(replicates: &[f64], estimate: f64, interval: Interval) -> Result<Estimate, Absence> {
    let n = units(replicates.len() as u64);
    let mean = replicates.iter().sum::<f64>() / n;
    let square: f64 = replicates
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    if square == 0.0 {
        return Err(Absence::ZeroVariance);
    }
    let above = replicates.iter().filter(|value| **value >= 0.0).count() as u64;
    let below = replicates.iter().filter(|value| **value <= 0.0).count() as u64;
    let tail = (units(above.min(below)) + 1.0) / (n + 1.0);
    Ok(Estimate {
        estimate,
        standard_error: Some(libm::sqrt(square / (n - 1.0))),
        degrees_of_freedom: None,
        interval,
        p_value: crate::stats::p_value_from_ln(libm::log((2.0 * tail).min(1.0)))?,
    })
}

fn skewness(values: &[f64]) -> f64 {
    let n = units(values.len() as u64).max(1.0);
    let mean = values.iter().sum::<f64>() / n;
    let moment = |power: i32| {
        values
            .iter()
            .map(|value| (value - mean).powi(power))
            .sum::<f64>()
            / n
    };
    let (square, cube) = (moment(2), moment(3));
    if square > 0.0 {
        cube / (square * libm::sqrt(square))
    } else {
        0.0
    }
}

/// The difference over a year's units.
pub(super) fn over_a_year(
    request: &Request<'_>,
    summary: &Summary,
    metric: &Metric,
    effect: &Effect,
) -> Option<Companion> {
    if matches!(metric.kind, MetricKind::Ratio | MetricKind::Quantile) {
        return None;
    }
    let declared = request.experiment.analysis.units_per_year;
    let year = if let Some(declared) = declared {
        Ok(units(declared))
    } else {
        let (arrived, days) = arrivals(summary)?;
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
    request: &Request<'_>,
    summary: &Summary,
    planned: &PlannedMetric<'_>,
    comparison: Result<Comparison, Absence>,
    (treatment, sample, significance): (usize, (u64, u64), Option<Significance>),
) -> Known<Detectable> {
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
            let split = weights(request.experiment, treatment);
            let needed = baseline.units_needed(minimum, split, &demand).ok();
            found.units_needed = needed.map(|(control, treatment)| control + treatment);
            found.days_left = found.units_needed.and_then(|needed| {
                let (arrived, days) = arrivals(summary)?;
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
