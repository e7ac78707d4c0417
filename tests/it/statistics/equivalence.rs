//! Equivalence by two one-sided tests, against SciPy.

use proptest::prelude::*;
use readout::domain::definition::{Conventions, Magnitude};
use readout::domain::evidence::Moments;
use readout::domain::result::Absence;
use readout::stats::{Comparison, Monitoring, SampleMean, difference, equivalence, relative};
use serde::Deserialize;

use super::{Published, WELCH, assert_p, reference};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    control: Published,
    treatment: Published,
    margin: f64,
    lower: String,
    upper: String,
}

#[test]
fn both_sides_agree() {
    let reference: Reference = reference(include_str!("../../reference/equivalence.json"));
    assert_eq!(reference.cases.len(), 6);
    for case in reference.cases {
        let (control, treatment) = (case.control.sample_mean(), case.treatment.sample_mean());
        let comparison = Comparison::new(&control, &treatment, &WELCH).unwrap();
        let ours = equivalence(&comparison, Magnitude::Absolute(case.margin), 0.05).unwrap();
        assert_p(ours.lower, &case.lower, &case.id);
        assert_p(ours.upper, &case.upper, &case.id);
        assert_eq!(ours.p_value.p, ours.lower.p.max(ours.upper.p));
        assert_eq!(ours.equivalent, ours.p_value.p < 0.05);
    }
}

fn of(units: u64, mean: f64, deviation: f64) -> SampleMean {
    SampleMean::of_quantity(&Moments::published(units, mean, deviation), 0).unwrap()
}

#[test]
fn margins_that_cannot_be_judged_are_refused() {
    let judged = |mean, margin| {
        let comparison = Comparison::new(&of(100, mean, 1.0), &of(100, 1.0, 1.0), &WELCH).unwrap();
        equivalence(&comparison, margin, 0.05).map(|_| ())
    };
    for size in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            judged(1.0, Magnitude::Absolute(size)),
            Err(Absence::NotApplicable)
        );
    }
    assert_eq!(
        judged(0.0, Magnitude::Relative(0.1)),
        Err(Absence::ZeroControlMean)
    );
    assert_eq!(
        judged(0.01, Magnitude::Relative(0.1)),
        Err(Absence::NotApplicable)
    );
    assert_eq!(judged(-5.0, Magnitude::Relative(0.1)), Ok(()));
}

proptest! {
    #[test]
    fn equivalent_is_the_wider_interval_inside_the_margin(
        n in 20_u64..5_000, m in 20_u64..5_000, mean in -1.0..1.0, margin in 0.01..2.0,
    ) {
        let (control, treatment) = (of(n, 5.0, 1.0), of(m, 5.0 + mean, 2.0));
        let at = |level| Comparison::new(&control, &treatment, &Conventions { level, ..WELCH }).unwrap();
        let ours = equivalence(&at(0.95), Magnitude::Absolute(margin), 0.05).unwrap();
        prop_assume!((ours.p_value.p - 0.05).abs() > 1e-9);
        let interval = difference(&at(0.9)).unwrap().interval;
        let inside = interval.lower().unwrap() > -margin && interval.upper().unwrap() < margin;
        prop_assert_eq!(ours.equivalent, inside);
    }

    #[test]
    fn a_relative_margin_is_judged_as_fiellers_set_is(mean in -1.0..1.0, margin in 0.01..0.5, sign in prop::sample::select(vec![-1.0, 1.0])) {
        let (control, treatment) = (of(500, sign * 5.0, 1.0), of(400, sign * (5.0 + mean), 2.0));
        let at = |level| Comparison::new(&control, &treatment, &Conventions { level, ..WELCH }).unwrap();
        let ours = equivalence(&at(0.95), Magnitude::Relative(margin), 0.05).unwrap();
        prop_assume!((ours.p_value.p - 0.05).abs() > 1e-9);
        let interval = relative(&at(0.9)).unwrap().interval;
        let inside = interval.lower().unwrap() > -margin && interval.upper().unwrap() < margin;
        prop_assert_eq!(ours.equivalent, inside);
    }

    #[test]
    fn equivalent_while_watched_is_equivalent_at_the_end(mean in -1.0..1.0, margin in 0.01..2.0) {
        let judged = |how: &Monitoring| {
            let comparison = Comparison::monitored(&of(5_000, 5.0, 1.0), &of(5_000, 5.0 + mean, 2.0), &WELCH, how).unwrap();
            equivalence(&comparison, Magnitude::Absolute(margin), 0.05).unwrap().equivalent
        };
        let watched = judged(&Monitoring::ConfidenceSequence { planned_units: 5_000.0 });
        prop_assert!(!watched || judged(&Monitoring::Fixed));
    }
}
