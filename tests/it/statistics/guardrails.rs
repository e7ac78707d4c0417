//! Non-inferiority on real data, against 50-digit arithmetic.

use readout::domain::definition::{Conventions, Direction, Magnitude};
use readout::domain::result::{Estimate, Guardrail, GuardrailOutcome};
use readout::stats::{Comparison, guardrail};
use serde::Deserialize;

use super::{NORMAL, Published, TOLERANCE, WELCH, assert_close, reference};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    control: Published,
    treatment: Published,
    absolute_margin: f64,
    relative_margin: f64,
    absolute: Absolute,
    relative_fieller_test: Relative,
}

#[derive(Deserialize)]
struct Absolute {
    stat: f64,
    p_welch_t: f64,
    p_z: f64,
    one_sided_95_bound_t: f64,
    one_sided_95_bound_z: f64,
    non_inferior: bool,
}

#[derive(Deserialize)]
struct Relative {
    theta0: f64,
    z: f64,
    p_z: f64,
}

/// One-sided at 0.05 is two-sided at 0.90.
fn judged(case: &Case, margin: Magnitude, chosen: Conventions) -> Guardrail {
    let chosen = Conventions {
        level: 0.9,
        ..chosen
    };
    let (control, treatment) = (case.control.sample_mean(), case.treatment.sample_mean());
    let comparison = Comparison::new(&control, &treatment, &chosen);
    guardrail(comparison, Some(margin), Direction::Increase)
}

/// The one-sided p-value of "D is not above zero".
fn one_sided(distance: &Estimate) -> f64 {
    if distance.estimate > 0.0 {
        distance.p_value.p / 2.0
    } else {
        1.0 - distance.p_value.p / 2.0
    }
}

fn statistic(distance: &Estimate) -> f64 {
    distance.estimate / distance.standard_error.unwrap()
}

#[test]
fn non_inferiority_agrees() {
    let reference: Reference = reference(include_str!("../../reference/real_guardrails.json"));
    assert_eq!(reference.cases.len(), 3);
    for case in reference.cases {
        let theirs = &case.absolute;
        let margin = Magnitude::Absolute(case.absolute_margin);
        for (chosen, p, bound) in [
            (WELCH, theirs.p_welch_t, theirs.one_sided_95_bound_t),
            (NORMAL, theirs.p_z, theirs.one_sided_95_bound_z),
        ] {
            let ours = judged(&case, margin, chosen);
            assert_eq!(ours.outcome == GuardrailOutcome::Pass, theirs.non_inferior);
            let distance = ours.distance.value().unwrap();
            assert_close(statistic(distance), theirs.stat, TOLERANCE, &case.id);
            assert_close(one_sided(distance), p, TOLERANCE, &case.id);
            let lower = distance.interval.lower().unwrap() - case.absolute_margin;
            assert_close(lower, bound, TOLERANCE, &case.id);
        }
        let theirs = &case.relative_fieller_test;
        assert_close(1.0 - case.relative_margin, theirs.theta0, 1e-15, &case.id);
        let ours = judged(&case, Magnitude::Relative(case.relative_margin), NORMAL);
        let distance = ours.distance.value().unwrap();
        assert_close(statistic(distance), theirs.z, TOLERANCE, &case.id);
        assert_close(one_sided(distance), theirs.p_z, TOLERANCE, &case.id);
        assert_eq!(ours.outcome == GuardrailOutcome::Pass, theirs.p_z < 0.05);
    }
}
