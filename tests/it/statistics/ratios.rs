//! Ratios of sums by the delta method, against 50-digit arithmetic.

use readout::stats::ratio::ratio;
use serde::Deserialize;

use super::{
    NORMAL, TOLERANCE, Theirs, WELCH, absolute_of, assert_close, assert_estimate, lift_of,
    moments_of_sums, reference, with_delta,
};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    control: Sums,
    treatment: Sums,
    ratio_control: f64,
    ratio_treatment: f64,
    diff: f64,
    se: f64,
    df: f64,
    ci_low_z: f64,
    ci_high_z: f64,
    ci_low_t: f64,
    ci_high_t: f64,
    p_z: String,
    p_t: String,
    rel_lift: f64,
    rel_delta_se: f64,
    rel_delta_ci_t: (f64, f64),
    rel_delta_ci_z: (f64, f64),
}

#[derive(Deserialize)]
struct Sums {
    n: u64,
    num_sum: f64,
    den_sum: f64,
    num_sumsq: f64,
    den_sumsq: f64,
    cross: f64,
}

impl Sums {
    fn ratio(&self) -> readout::stats::SampleMean {
        let products = [self.num_sumsq, self.cross, self.den_sumsq];
        ratio(&moments_of_sums(
            self.n,
            &[self.num_sum, self.den_sum],
            &products,
        ))
        .unwrap()
    }
}

#[test]
fn ratios_their_difference_and_their_lift_agree() {
    let reference: Reference = reference(include_str!("../../reference/real_ratios.json"));
    assert_eq!(reference.cases.len(), 5);
    for case in reference.cases {
        let (control, treatment) = (case.control.ratio(), case.treatment.ratio());
        assert_close(control.mean, case.ratio_control, TOLERANCE, &case.id);
        assert_close(treatment.mean, case.ratio_treatment, TOLERANCE, &case.id);
        let welch = Theirs {
            estimate: case.diff,
            lower: case.ci_low_t,
            upper: case.ci_high_t,
            error: Some(case.se),
            freedom: Some(case.df),
            p: Some(case.p_t),
        };
        assert_estimate(&absolute_of(&control, &treatment, WELCH), &welch, &case.id);
        let normal = Theirs {
            lower: case.ci_low_z,
            upper: case.ci_high_z,
            freedom: None,
            p: Some(case.p_z),
            ..welch
        };
        assert_estimate(
            &absolute_of(&control, &treatment, NORMAL),
            &normal,
            &case.id,
        );
        for (chosen, bounds) in [(WELCH, case.rel_delta_ci_t), (NORMAL, case.rel_delta_ci_z)] {
            let lift = Theirs {
                estimate: case.rel_lift,
                lower: bounds.0,
                upper: bounds.1,
                error: Some(case.rel_delta_se),
                freedom: None,
                p: None,
            };
            let ours = lift_of(&control, &treatment, with_delta(chosen));
            assert_estimate(&ours, &lift, &case.id);
        }
    }
}
