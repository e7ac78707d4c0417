//! Defines the expectation of a metric under each variant: integrals over activity, delay, trend and segments by the
//! midpoint rule, good to about 1e-5 relative.
//!
//! Expectations are of the generative model, over all units randomised, before any is lost and before any fault touches a
//! row. It refuses to look at generated rows.

use std::collections::BTreeMap;

use super::model::{Circumstances, exposure_probability, pace};
use super::scenario::{
    Behaviour, Effect, EffectFrom, ExperimentScenario, Measure, MetricScenario, Scenario, Values,
    VariantScenario,
};
use super::truth::{Expectation, MetricTruth};
use crate::domain::definition::{Aggregate, Population};

/// The truth of every metric that `experiment` names.
pub(super) fn metric_truths(
    scenario: &Scenario,
    experiment: &ExperimentScenario,
) -> Vec<MetricTruth> {
    let grid = Grid::new(scenario, experiment);
    experiment
        .metric_ids()
        .filter_map(|id| scenario.metrics.iter().find(|metric| metric.id == *id))
        .map(|metric| MetricTruth {
            metric: metric.id.clone(),
            itt: expectations(&grid, metric, Population::Itt),
            exposed: expectations(&grid, metric, Population::Exposed),
        })
        .collect()
}

fn expectations(
    grid: &Grid<'_>,
    metric: &MetricScenario,
    population: Population,
) -> BTreeMap<String, Expectation> {
    let mean = |variant: &VariantScenario| {
        let numerator = grid.expected(&metric.measure, metric.window_days, variant, population);
        let denominator = metric.denominator.as_ref().map_or(1.0, |measure| {
            grid.expected(measure, metric.window_days, variant, population)
        });
        tidy(numerator / denominator)
    };
    let Some(control) = grid.experiment.variants.first().map(mean) else {
        return BTreeMap::new();
    };
    let against_control = |variant: &VariantScenario| {
        let mean = mean(variant);
        let absolute = tidy(mean - control);
        let expectation = Expectation {
            mean,
            absolute,
            relative: (control != 0.0).then(|| tidy(absolute / control.abs())),
        };
        (variant.id.clone(), expectation)
    };
    grid.experiment
        .variants
        .iter()
        .map(against_control)
        .collect()
}

/// Nine decimals of `number`'s leading digit: more than the integrals know, and no effect is then exactly zero.
fn tidy(number: f64) -> f64 {
    format!("{number:.9e}").parse().unwrap_or(number)
}

/// A point of the integral over units.
#[derive(Debug, Clone, Copy)]
struct Node {
    weight: f64,
    activity: f64,
    circumstances: Circumstances,
}

/// The integral over units of one experiment.
struct Grid<'a> {
    experiment: &'a ExperimentScenario,
    nodes: Vec<Node>,
    /// Delays from assignment to exposure, in days; equally likely.
    delays: Vec<f64>,
}

const ACTIVITIES: u32 = 1_200;
const DELAYS: u32 = 16;
const TRENDS: u32 = 8;

impl<'a> Grid<'a> {
    fn new(scenario: &Scenario, experiment: &'a ExperimentScenario) -> Self {
        let mut nodes = Vec::new();
        for (activity_weight, activity) in erlang_points(experiment.activity_shape) {
            for (weight, circumstances) in circumstances(scenario, experiment) {
                nodes.push(Node {
                    weight: activity_weight * weight,
                    activity,
                    circumstances,
                });
            }
        }
        let longest = experiment.exposure_delay_hours / 24.0;
        let count = if longest > 0.0 { DELAYS } else { 1 };
        Self {
            experiment,
            nodes,
            delays: midpoints(count).map(|share| share * longest).collect(),
        }
    }

    /// The expected value of `measure` over the population's units; of a mean over rows, over units that have a row.
    fn expected(
        &self,
        measure: &Measure,
        window_days: u32,
        variant: &VariantScenario,
        population: Population,
    ) -> f64 {
        let Some(behaviour) = self.experiment.behaviour(&measure.event) else {
            return 0.0;
        };
        let effect = variant.effect(&measure.event);
        let window = f64::from(window_days);
        let mut total = Outcome::default();
        for node in &self.nodes {
            let exposed =
                exposure_probability(variant, node.activity, self.experiment.activity_shape);
            let outcome =
                |onset: f64| node_outcome(behaviour, effect, measure, node, onset, window);
            match (population, variant.effect_from) {
                (Population::Exposed, _) => total.add(node.weight * exposed, outcome(0.0)),
                (Population::Itt, EffectFrom::Assignment) => total.add(node.weight, outcome(0.0)),
                (Population::Itt, EffectFrom::Exposure) => {
                    total.add(node.weight * (1.0 - exposed), outcome(window));
                    for delay in &self.delays {
                        let weight = node.weight * exposed * self.delay_weight();
                        total.add(weight, outcome(delay.min(window)));
                    }
                }
            }
        }
        if total.units == 0.0 {
            0.0
        } else {
            total.value / total.units
        }
    }

    fn delay_weight(&self) -> f64 {
        if self.delays.len() > 1 {
            1.0 / f64::from(DELAYS)
        } else {
            1.0
        }
    }
}

/// A sum of values over a sum of units.
#[derive(Debug, Clone, Copy, Default)]
struct Outcome {
    value: f64,
    units: f64,
}

impl Outcome {
    fn add(&mut self, weight: f64, other: Self) {
        self.value += weight * other.value;
        self.units += weight * other.units;
    }
}

/// The expectation in one node when the effect starts `onset` days into a window of `window` days.
fn node_outcome(
    behaviour: &Behaviour,
    effect: Effect,
    measure: &Measure,
    node: &Node,
    onset: f64,
    window: f64,
) -> Outcome {
    let pace = pace(behaviour, effect, node.activity, node.circumstances);
    let before = pace.before * onset;
    let after = pace.after * (window - onset);
    let some = 1.0 - libm::exp(-(before + after));
    let mean = behaviour.values.mean();
    let of_value = before * mean + after * behaviour.values.mean_times(pace.value);
    let (value, units) = match measure.aggregate {
        Aggregate::Any => (some, 1.0),
        Aggregate::Count => (before + after, 1.0),
        Aggregate::Mean if before + after > 0.0 => (of_value / (before + after) * some, some),
        Aggregate::Mean => (0.0, 0.0),
        _ => (of_value, 1.0),
    };
    Outcome { value, units }
}

impl Values {
    /// The mean of the value column, before any effect.
    fn mean(&self) -> f64 {
        self.mean_times(1.0)
    }

    /// The mean of the value column under an effect that multiplies it.
    fn mean_times(&self, multiplier: f64) -> f64 {
        match *self {
            Self::Absent => 0.0,
            Self::Amount {
                mean,
                tail_share,
                tail_shape,
                ..
            } => mean * multiplier * (1.0 + tail_share * (tail_shape / (tail_shape - 1.0) - 1.0)),
            Self::Chance { probability } => (probability * multiplier).min(1.0),
        }
    }
}

/// Points and weights (summing to 1) of an Erlang of mean 1: midpoints in u with x = longest·u³, so that the integrand is
/// flat at 0 whatever the shape, and the rule is accurate there.
fn erlang_points(shape: u32) -> Vec<(f64, f64)> {
    let k = f64::from(shape);
    let longest = 40.0 / k + 3.0;
    let density = |x: f64| libm::exp((k - 1.0) * libm::log(x) - k * (x - 1.0));
    let points: Vec<(f64, f64)> = midpoints(ACTIVITIES)
        .map(|u| (u * u * density(longest * u * u * u), longest * u * u * u))
        .collect();
    let total: f64 = points.iter().map(|(weight, _)| weight).sum();
    points
        .into_iter()
        .map(|(weight, x)| (weight / total, x))
        .collect()
}

fn midpoints(count: u32) -> impl Iterator<Item = f64> {
    (0..count).map(move |index| (f64::from(index) + 0.5) / f64::from(count))
}

/// Every combination of trend, segment levels and kind of unit, with its share; combinations that differ in nothing are one.
fn circumstances(
    scenario: &Scenario,
    experiment: &ExperimentScenario,
) -> Vec<(f64, Circumstances)> {
    let trends = if experiment.trend == 0.0 { 1 } else { TRENDS };
    let mut combinations: Vec<(f64, Circumstances)> = midpoints(trends)
        .map(|share| {
            let rate = 1.0 + experiment.trend * share;
            (
                1.0 / f64::from(trends),
                Circumstances {
                    rate,
                    effect: 1.0,
                    activity: 1.0,
                },
            )
        })
        .collect();
    for segment in &scenario.segments {
        let total: f64 = segment.levels.iter().map(|level| level.weight).sum();
        combinations = combine(
            &combinations,
            segment.levels.iter().map(|level| {
                let factor = Circumstances {
                    rate: level.rate,
                    effect: level.effect,
                    activity: 1.0,
                };
                (level.weight / total, factor)
            }),
        );
    }
    let bots = experiment.faults.bots;
    let ordinary = Circumstances {
        rate: 1.0,
        effect: 1.0,
        activity: 1.0,
    };
    let bot = Circumstances {
        activity: experiment.faults.bot_activity,
        ..ordinary
    };
    combine(
        &combinations,
        [(1.0 - bots, ordinary), (bots, bot)].into_iter(),
    )
}

fn combine(
    combinations: &[(f64, Circumstances)],
    factors: impl Iterator<Item = (f64, Circumstances)>,
) -> Vec<(f64, Circumstances)> {
    let mut distinct: Vec<(f64, Circumstances)> = Vec::new();
    for (factor_weight, factor) in factors {
        for (weight, each) in combinations {
            let product = Circumstances {
                rate: each.rate * factor.rate,
                effect: each.effect * factor.effect,
                activity: each.activity * factor.activity,
            };
            match distinct.iter_mut().find(|(_, known)| *known == product) {
                Some((known_weight, _)) => *known_weight += weight * factor_weight,
                None => distinct.push((weight * factor_weight, product)),
            }
        }
    }
    distinct.retain(|(weight, _)| *weight > 0.0);
    distinct
}
