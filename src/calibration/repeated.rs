//! Defines experiments that are judged more than once: by many looks, by margins, by several metrics.

use std::sync::OnceLock;

use super::bound::Bound;
use super::random::Draws;
use super::scenario::{Figure, Scenario, Seen, Uniformity};
use super::world::{Growing, compared, moments};
use crate::domain::definition::{
    Conventions, Correction, Direction, Magnitude, ReferenceDistribution, Spending,
};
use crate::domain::evidence::Layout;
use crate::domain::result::{Estimate, FigureKind, GuardrailOutcome, PValue};
use crate::stats::{
    Comparison, Monitoring, SampleMean, adjusted_p_values, difference, equivalence, guardrail,
    sequential,
};

const fn alarm(name: &'static str, bound: Bound) -> Figure {
    (name, FigureKind::FalseAlarms, bound)
}

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        any_look(),
        planned_looks(
            "group-sequential, O'Brien–Fleming, 5 looks",
            Spending::OBrienFleming,
        ),
        planned_looks("group-sequential, Pocock, 5 looks", Spending::Pocock),
        at_the_margin("guardrail at its margin of 2 %", Magnitude::Relative(0.02)),
        at_the_margin("guardrail at its margin of 0.2", Magnitude::Absolute(0.2)),
        family("Holm, 5 metrics without effect", 0),
        family("Holm, 5 metrics, 2 of them with an effect", 2),
    ]
}

/// The estimate under a way of watching.
fn watched(sides: &[Growing<1>; 2], monitoring: &Monitoring) -> Option<Estimate> {
    let mean = |side: &Growing<1>| SampleMean::of_quantity(&side.moments(), 0).ok();
    let both = Comparison::monitored(
        &mean(&sides[0])?,
        &mean(&sides[1])?,
        &Conventions::DEFAULT,
        monitoring,
    );
    difference(&both.ok()?).ok()
}

/// Looks at 100 units a variant and then after every 25, to 2,500: skewed values, no effect.
fn any_look() -> Scenario {
    let families = [
        Monitoring::ConfidenceSequence {
            planned_units: 5_000.0,
        },
        Monitoring::ConfidenceSequence {
            planned_units: 1_000.0,
        },
        Monitoring::MixtureSprt {
            deviation: Magnitude::Absolute(0.1),
        },
    ];
    Scenario {
        subject: "97 looks, 100 to 2,500 units a variant, no effect",
        figures: vec![
            alarm(
                "confidence sequence, tuned to 5,000, ever excludes it",
                Bound::AtMost(0.05),
            ),
            alarm(
                "confidence sequence, tuned to 1,000, ever excludes it",
                Bound::AtMost(0.05),
            ),
            alarm("mixture SPRT ever rejects", Bound::AtMost(0.05)),
            alarm("the test for one look ever rejects", Bound::Shown),
        ],
        uniform: Uniformity::Ignored,
        experiment: Box::new(move |draws| {
            let mut seen = Seen::default();
            let mut sides = [Growing::<1>::new(), Growing::<1>::new()];
            for unit in 1..=2_500_u32 {
                for side in &mut sides {
                    side.add([draws.lognormal(0.5)]);
                }
                if unit < 100 || unit % 25 != 0 {
                    continue;
                }
                for (figure, family) in families.iter().enumerate() {
                    let found = watched(&sides, family);
                    let excluded = |found: Estimate| !found.interval.contains(0.0);
                    seen.mark(figure, found.is_some_and(excluded));
                }
                seen.mark(families.len(), at_one_look(&sides));
            }
            seen
        }),
    }
}

/// Whether the normal test of a single look rejects.
fn at_one_look(sides: &[Growing<1>; 2]) -> bool {
    let conventions = Conventions {
        reference: ReferenceDistribution::Normal,
        ..Conventions::DEFAULT
    };
    statistic(sides, &conventions).is_some_and(|z| z.abs() > 1.959_963_984_540_054)
}

fn statistic(sides: &[Growing<1>; 2], conventions: &Conventions) -> Option<f64> {
    let mean = |side: &Growing<1>| SampleMean::of_quantity(&side.moments(), 0).ok();
    let both = Comparison::new(&mean(&sides[0])?, &mean(&sides[1])?, conventions).ok()?;
    let found = difference(&both).ok()?;
    Some(found.estimate / found.standard_error?)
}

/// Looks at fifths of 1,000 units a variant, no effect: the bound of a look is the same in every experiment.
fn planned_looks(subject: &'static str, spending: Spending) -> Scenario {
    const LOOKS: [f64; 5] = [0.2, 0.4, 0.6, 0.8, 1.0];
    let bounds: OnceLock<Vec<f64>> = OnceLock::new();
    Scenario {
        subject,
        figures: vec![
            alarm("ever rejects", Bound::Around(0.05)),
            alarm("the test for one look ever rejects", Bound::Shown),
        ],
        uniform: Uniformity::Ignored,
        experiment: Box::new(move |draws| {
            let bounds = bounds
                .get_or_init(|| sequential::boundaries(spending, &LOOKS, 0.05).unwrap_or_default());
            let conventions = Conventions {
                reference: ReferenceDistribution::Normal,
                ..Conventions::DEFAULT
            };
            let mut seen = Seen::default();
            let mut sides = [Growing::<1>::new(), Growing::<1>::new()];
            for bound in bounds {
                for side in &mut sides {
                    for _ in 0..200 {
                        side.add([draws.normal()]);
                    }
                }
                let z = statistic(&sides, &conventions).unwrap_or(0.0).abs();
                seen.mark(0, z > *bound);
                seen.mark(1, z > 1.959_963_984_540_054);
            }
            seen
        }),
    }
}

/// A treatment that is exactly as much worse as is still acceptable, on either side of the margin.
fn at_the_margin(subject: &'static str, margin: Magnitude) -> Scenario {
    Scenario {
        subject,
        figures: vec![
            alarm("passes", Bound::AtMost(0.025)),
            alarm("fails", Bound::AtMost(0.025)),
            alarm("is said to be equivalent", Bound::AtMost(0.05)),
        ],
        uniform: Uniformity::Ignored,
        experiment: Box::new(move |draws| {
            let mut group =
                |mean: f64| moments(1_000, draws, |draws| [mean * draws.lognormal(0.5)]);
            let (control, treatment) = (group(10.0), group(9.8));
            let comparison = compared(&control, &treatment, Layout::PLAIN).comparison;
            let judged = guardrail(comparison, Some(margin), Direction::Increase).outcome;
            let equal = comparison.and_then(|both| equivalence(&both, margin, 0.05));
            let mut seen = Seen::default();
            seen.mark(0, judged == GuardrailOutcome::Pass);
            seen.mark(1, judged == GuardrailOutcome::Fail);
            seen.mark(2, equal.is_ok_and(|equal| equal.equivalent));
            seen
        }),
    }
}

/// Five metrics of which some move: whether one that does not is said to.
fn family(subject: &'static str, moving: usize) -> Scenario {
    Scenario {
        subject,
        figures: vec![
            alarm("Holm: any false discovery", Bound::AtMost(0.05)),
            alarm("uncorrected: any false discovery", Bound::Shown),
        ],
        uniform: Uniformity::Ignored,
        experiment: Box::new(move |draws| {
            let mut p_value = |effect: f64| -> PValue {
                let group = |mean: f64, draws: &mut Draws| {
                    moments(200, draws, |draws| [mean + draws.normal()])
                };
                let (control, treatment) = (group(0.0, draws), group(effect, draws));
                let found = compared(&control, &treatment, Layout::PLAIN).absolute;
                let none = PValue {
                    p: 1.0,
                    log10_p: 0.0,
                };
                found.value().map_or(none, |estimate| estimate.p_value)
            };
            let raw: Vec<PValue> = (0..5)
                .map(|metric| p_value(if metric < moving { 1.0 } else { 0.0 }))
                .collect();
            let any = |p_values: &[PValue]| p_values[moving..].iter().any(|p| p.p < 0.05);
            let mut seen = Seen::default();
            seen.mark(0, any(&adjusted_p_values(Correction::Holm, &raw)));
            seen.mark(1, any(&raw));
            seen
        }),
    }
}
