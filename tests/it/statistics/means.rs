//! Differences of means and their lifts on real data, against 50-digit arithmetic.

use serde::Deserialize;

use super::{
    NORMAL, POOLED, Published, Theirs, WELCH, absolute_of, assert_estimate, lift_of, reference,
    with_delta,
};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    control: Published,
    treatment: Published,
    welch: Difference,
    student: Difference,
    normal: Difference,
    delta: Delta,
    fieller_normal: Bounds,
}

#[derive(Deserialize)]
struct Difference {
    diff: f64,
    se: f64,
    df: Option<f64>,
    ci_low: f64,
    ci_high: f64,
    p: String,
}

impl From<Difference> for Theirs {
    fn from(theirs: Difference) -> Self {
        Self {
            estimate: theirs.diff,
            lower: theirs.ci_low,
            upper: theirs.ci_high,
            error: Some(theirs.se),
            freedom: theirs.df,
            p: Some(theirs.p),
        }
    }
}

#[derive(Deserialize)]
struct Delta {
    rel_lift: f64,
    se: f64,
    ci_low_z: f64,
    ci_high_z: f64,
    ci_low_t: f64,
    ci_high_t: f64,
    p_z: String,
    p_t: String,
}

#[derive(Deserialize)]
struct Bounds {
    ci_low: f64,
    ci_high: f64,
}

fn cases() -> Vec<Case> {
    let reference: Reference = reference(include_str!("../../reference/real_means.json"));
    assert_eq!(reference.cases.len(), 33);
    reference.cases
}

#[test]
fn differences_agree_by_welch_student_and_normal() {
    for case in cases() {
        let (control, treatment) = (case.control.sample_mean(), case.treatment.sample_mean());
        for (name, chosen, theirs) in [
            ("welch", WELCH, case.welch),
            ("student", POOLED, case.student),
            ("normal", NORMAL, case.normal),
        ] {
            let ours = absolute_of(&control, &treatment, chosen);
            assert_estimate(&ours, &theirs.into(), &format!("{} {name}", case.id));
        }
    }
}

#[test]
fn lifts_agree_by_the_delta_method() {
    for case in cases() {
        let (control, treatment) = (case.control.sample_mean(), case.treatment.sample_mean());
        let theirs = case.delta;
        let both = [
            (NORMAL, theirs.ci_low_z, theirs.ci_high_z, theirs.p_z),
            (WELCH, theirs.ci_low_t, theirs.ci_high_t, theirs.p_t),
        ];
        for (chosen, lower, upper, p) in both {
            let ours = lift_of(&control, &treatment, with_delta(chosen));
            let expected = Theirs {
                estimate: theirs.rel_lift,
                lower,
                upper,
                error: Some(theirs.se),
                freedom: None,
                p: Some(p),
            };
            assert_estimate(&ours, &expected, &format!("{} delta", case.id));
        }
    }
}

#[test]
fn lifts_agree_by_fieller_with_the_normal_quantile() {
    for case in cases() {
        let (control, treatment) = (case.control.sample_mean(), case.treatment.sample_mean());
        let ours = lift_of(&control, &treatment, NORMAL);
        assert_eq!(ours.standard_error, None);
        let expected = Theirs {
            estimate: case.delta.rel_lift,
            lower: case.fieller_normal.ci_low,
            upper: case.fieller_normal.ci_high,
            error: None,
            freedom: None,
            // Fieller decides as the absolute test does, so their p is the absolute one's.
            p: Some(case.normal.p),
        };
        assert_estimate(&ours, &expected, &format!("{} fieller", case.id));
    }
}
