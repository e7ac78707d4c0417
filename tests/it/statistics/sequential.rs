//! Sequential families on real data and against other tools: intervals, p-values, boundaries.

use proptest::prelude::*;
use readout::domain::definition::{Direction, Magnitude, Spending};
use readout::domain::evidence::Moments;
use readout::domain::result::{Absence, Estimate, GuardrailOutcome, Interval};
use readout::stats::sequential::mixture::{ln_one_sided_p, ln_p, one_sided_quantile, quantile};
use readout::stats::sequential::{Look, boundaries, information_of_units, intersection};
use readout::stats::{Comparison, Monitoring, SampleMean, difference, guardrail, relative};
use serde::Deserialize;

use super::{NORMAL, Published, TOLERANCE, WELCH, assert_close, assert_p, reference, with_delta};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
    group: Vec<Group>,
    boundaries: Vec<Boundaries>,
    growthbook: Vec<Sequence>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    looks: Vec<Looked>,
}

#[derive(Deserialize)]
struct Looked {
    control: Published,
    treatment: Published,
    diff: f64,
    se: f64,
    sequence: Theirs,
    running: (f64, f64),
    mixture: Theirs,
}

#[derive(Deserialize)]
struct Theirs {
    half_width: f64,
    ci: (f64, f64),
    p: String,
}

#[derive(Deserialize)]
struct Group {
    id: String,
    fractions: Vec<f64>,
    bounds: Vec<f64>,
    finer: Vec<f64>,
}

#[derive(Deserialize)]
struct Boundaries {
    spending: Spending,
    fractions: Vec<f64>,
    alpha: f64,
    bounds: Vec<f64>,
}

#[derive(Deserialize)]
struct Sequence {
    id: String,
    sides: String,
    alpha: f64,
    planned: f64,
    units: f64,
    effect: f64,
    se: f64,
    ci: (Option<f64>, Option<f64>),
    p: f64,
}

const TUNED: Monitoring = Monitoring::ConfidenceSequence {
    planned_units: 5000.0,
};
const MIXTURE: Monitoring = Monitoring::MixtureSprt {
    deviation: Magnitude::Relative(0.01),
};

fn sequential() -> Reference {
    reference(include_str!("../../reference/sequential.json"))
}

fn watched(look: &Looked, monitoring: &Monitoring) -> Estimate {
    let (control, treatment) = (look.control.sample_mean(), look.treatment.sample_mean());
    difference(&Comparison::monitored(&control, &treatment, &WELCH, monitoring).unwrap()).unwrap()
}

/// Differences of nearly equal means keep the digits that the means leave: bounds are held to the interval's own size.
#[track_caller]
fn assert_interval(ours: &Estimate, look: &Looked, theirs: &Theirs, what: &str) {
    assert_close(ours.estimate, look.diff, TOLERANCE, what);
    assert_close(ours.standard_error.unwrap(), look.se, TOLERANCE, what);
    let (lower, upper) = (
        ours.interval.lower().unwrap(),
        ours.interval.upper().unwrap(),
    );
    assert_close((upper - lower) / 2.0, theirs.half_width, TOLERANCE, what);
    assert!(
        (lower - theirs.ci.0).abs() <= TOLERANCE * theirs.half_width,
        "{what}"
    );
    assert!(
        (upper - theirs.ci.1).abs() <= TOLERANCE * theirs.half_width,
        "{what}"
    );
    if theirs.p == "1.0" {
        assert_eq!(ours.p_value.p, 1.0, "{what}");
    } else {
        assert_p(ours.p_value, &theirs.p, what);
    }
}

#[test]
fn confidence_sequences_mixture_tests_and_their_intersections_agree_at_every_look() {
    let reference = sequential();
    let looks: usize = reference.cases.iter().map(|case| case.looks.len()).sum();
    assert_eq!((reference.cases.len(), looks), (4, 59));
    for case in reference.cases {
        let mut taken = Vec::new();
        for look in &case.looks {
            let sequence = watched(look, &TUNED);
            assert_interval(&sequence, look, &look.sequence, &case.id);
            let mixture = watched(look, &MIXTURE);
            assert_interval(&mixture, look, &look.mixture, &case.id);
            taken.push(sequence.interval);
            let Some(Interval::Between { lower, upper }) = intersection(&taken) else {
                panic!("{}: the looks do not contradict each other", case.id);
            };
            let width = look.sequence.half_width;
            assert!((lower - look.running.0).abs() <= TOLERANCE * width);
            assert!((upper - look.running.1).abs() <= TOLERANCE * width);
        }
    }
}

#[test]
fn growthbooks_sequences_agree_on_one_side_and_on_both() {
    let cases = sequential().growthbook;
    assert_eq!(cases.len(), 6);
    for case in cases {
        let both = case.sides == "both";
        let tuned = if both { case.alpha } else { 2.0 * case.alpha };
        let information = information_of_units(case.units, case.planned, tuned).unwrap();
        let q = if both {
            quantile(information, case.alpha).unwrap()
        } else {
            one_sided_quantile(information, case.alpha).unwrap()
        };
        for (bound, theirs) in [
            (case.effect - q * case.se, case.ci.0),
            (case.effect + q * case.se, case.ci.1),
        ] {
            if let Some(theirs) = theirs {
                assert_close(bound, theirs, TOLERANCE, &case.id);
            }
        }
        let z = case.effect / case.se;
        let p = match case.sides.as_str() {
            "both" => ln_p(information, z).exp(),
            "lower" => ln_one_sided_p(information, z).exp(),
            _ => ln_one_sided_p(information, -z).exp(),
        };
        let ours = if both { p } else { p.min(0.4999) };
        assert_close(ours, case.p, TOLERANCE, &case.id);
    }
}

#[test]
fn a_lift_under_a_sequence_has_growthbooks_interval() {
    // Their seq_mean_relative_tuning10000, from the moments on.
    let of = |n: u64, sum: f64, squares: f64| {
        SampleMean::of_quantity(&super::moments_of_sums(n, &[sum], &[squares]), 0).unwrap()
    };
    let (control, treatment) = (of(3000, 1396.87, 52377.9767), of(3461, 2422.7, 134_698.29));
    let tuned = Monitoring::ConfidenceSequence {
        planned_units: 10_000.0,
    };
    let comparison =
        Comparison::monitored(&control, &treatment, &with_delta(WELCH), &tuned).unwrap();
    let lift = relative(&comparison).unwrap();
    let bounds = (
        lift.interval.lower().unwrap(),
        lift.interval.upper().unwrap(),
    );
    assert_close(bounds.0, -0.514_845_353_842_712_5, TOLERANCE, "lower");
    assert_close(bounds.1, 1.521_567_525_555_184_2, TOLERANCE, "upper");
    assert_close(lift.p_value.p, 0.953_845_877_223_289_5, TOLERANCE, "p");
    assert_eq!(lift.degrees_of_freedom, None);
}

#[test]
fn boundaries_agree_with_another_integration() {
    let cases = sequential().boundaries;
    assert_eq!(cases.len(), 18);
    for case in cases {
        let ours = boundaries(case.spending, &case.fractions, case.alpha).unwrap();
        for (ours, theirs) in ours.iter().zip(&case.bounds) {
            assert_close(*ours, *theirs, 1e-10, case.spending.name());
        }
    }
}

#[test]
fn boundaries_at_uneven_looks_agree_with_spotify_confidence_to_its_own_precision() {
    let cases = sequential().group;
    assert_eq!(cases.len(), 4);
    for case in cases {
        let ours = boundaries(Spending::Quadratic, &case.fractions, 0.05).unwrap();
        assert_close(ours[0], case.bounds[0], 1e-12, "no integration yet");
        for (ours, finer) in ours.iter().zip(&case.finer) {
            assert_close(*ours, *finer, TOLERANCE, &case.id);
        }
        // Theirs from the second look on carry the error of their grid, which the file states.
        for (ours, theirs) in ours.iter().zip(&case.bounds) {
            assert!((ours - theirs).abs() < 4.5e-4, "{}", case.id);
        }
    }
}

fn look(spending: Spending, fractions: &[f64]) -> Look {
    Look::new(spending, fractions).unwrap()
}

#[test]
fn one_look_at_the_end_is_the_normal_test() {
    for spending in Spending::ALL {
        let only = look(*spending, &[1.0]);
        assert_close(
            only.quantile(0.05).unwrap(),
            1.959_963_984_540_054,
            1e-12,
            "z",
        );
        let p = only.p_value(3.0).unwrap().p;
        assert_close(p, 2.0 * 0.001_349_898_031_630_094_5, 1e-9, spending.name());
    }
}

#[test]
fn the_repeated_p_value_is_alpha_on_the_boundary() {
    for spending in Spending::ALL {
        let third = look(*spending, &[0.25, 0.5, 0.8]);
        for alpha in [0.5, 0.05, 1e-4, 1e-20] {
            let p = third.p_value(third.quantile(alpha).unwrap()).unwrap();
            assert_close(p.p, alpha, 1e-8, spending.name());
        }
        assert_eq!(third.p_value(0.0).unwrap().p, 1.0);
        assert!(third.p_value(1e6).unwrap().log10_p < -200.0);
        assert_eq!(third.p_value(f64::NAN), Err(Absence::OutOfRange));
    }
}

#[test]
fn looks_that_do_not_grow_are_refused() {
    for fractions in [
        &[][..],
        &[0.0],
        &[0.5, 0.5],
        &[0.5, 0.4],
        &[0.5, 1.1],
        &[f64::NAN],
        &[0.5, 0.500_001],
    ] {
        let refused = Look::new(Spending::Pocock, fractions);
        assert_eq!(refused, Err(Absence::NotApplicable), "{fractions:?}");
    }
    for alpha in [0.0, 1.0, f64::NAN] {
        let refused = boundaries(Spending::Pocock, &[1.0], alpha);
        assert_eq!(refused, Err(Absence::NotApplicable));
    }
}

#[test]
fn families_that_are_tuned_to_nothing_are_refused() {
    let of = |mean| SampleMean::of_quantity(&Moments::published(100, mean, 1.0), 0).unwrap();
    let under = |monitoring: Monitoring| {
        Comparison::monitored(&of(0.0), &of(1.0), &WELCH, &monitoring).map(|_| ())
    };
    for planned_units in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refused = under(Monitoring::ConfidenceSequence { planned_units });
        assert_eq!(refused, Err(Absence::NotApplicable));
    }
    let tau = |deviation| under(Monitoring::MixtureSprt { deviation });
    assert_eq!(tau(Magnitude::Relative(0.1)), Err(Absence::ZeroControlMean));
    assert_eq!(tau(Magnitude::Absolute(0.0)), Err(Absence::NotApplicable));
    assert_eq!(tau(Magnitude::Absolute(0.1)), Ok(()));
}

#[test]
fn looks_that_contradict_each_other_leave_nothing() {
    let between = |lower, upper| Interval::Between { lower, upper };
    assert_eq!(intersection(&[]), Some(Interval::WholeLine));
    assert_eq!(intersection(&[between(0.0, 1.0), between(2.0, 3.0)]), None);
    let left = intersection(&[between(0.0, 2.0), Interval::WholeLine, between(1.0, 3.0)]);
    assert_eq!(left, Some(between(1.0, 2.0)));
}

prop_compose! {
    fn variant()(units in 2_u64..1_000_000, mean in -5.0..5.0, deviation in 0.01..20.0) -> SampleMean {
        SampleMean::of_quantity(&Moments::published(units, mean, deviation), 0).unwrap()
    }
}

fn monitoring() -> impl Strategy<Value = Monitoring> {
    prop_oneof![
        (10.0..1e7).prop_map(|planned_units| Monitoring::ConfidenceSequence { planned_units }),
        (1e-3..10.0).prop_map(|size| Monitoring::MixtureSprt {
            deviation: Magnitude::Absolute(size)
        }),
    ]
}

proptest! {
    #[test]
    fn watching_widens_the_interval_and_never_makes_p_smaller(a in variant(), b in variant(), how in monitoring()) {
        let of = |how: &Monitoring| difference(&Comparison::monitored(&a, &b, &NORMAL, how).unwrap()).unwrap();
        let (once, often) = (of(&Monitoring::Fixed), of(&how));
        prop_assert!(often.interval.lower() < once.interval.lower());
        prop_assert!(often.interval.upper() > once.interval.upper());
        prop_assert!(often.p_value.log10_p >= once.p_value.log10_p);
    }

    #[test]
    fn interval_and_p_value_agree_at_alpha(a in variant(), b in variant(), how in monitoring()) {
        let ours = difference(&Comparison::monitored(&a, &b, &WELCH, &how).unwrap()).unwrap();
        prop_assume!((ours.p_value.p - 0.05).abs() > 1e-9);
        prop_assert_eq!(ours.p_value.p < 0.05, !ours.interval.contains(0.0));
    }

    #[test]
    fn the_lift_decides_as_the_difference_does(a in variant(), b in variant(), how in monitoring()) {
        let comparison = Comparison::monitored(&a, &b, &WELCH, &how).unwrap();
        let (absolute, lift) = (difference(&comparison).unwrap(), relative(&comparison));
        prop_assume!((absolute.p_value.p - 0.05).abs() > 1e-9);
        if let Ok(lift) = lift {
            prop_assert_eq!(absolute.interval.contains(0.0), lift.interval.contains(0.0));
        }
    }

    #[test]
    fn a_guardrail_that_passes_while_watched_passes_at_the_end(a in variant(), b in variant(), how in monitoring()) {
        let outcome = |how: &Monitoring| guardrail(
            Comparison::monitored(&a, &b, &NORMAL, how), Some(Magnitude::Absolute(0.5)), Direction::Increase,
        ).outcome;
        if outcome(&how) == GuardrailOutcome::Pass {
            prop_assert_eq!(outcome(&Monitoring::Fixed), GuardrailOutcome::Pass);
        }
    }
}
