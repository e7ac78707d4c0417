//! Lifts by the logarithm of the ratio and by rescaling, against independent tools, with their laws and corners.

use proptest::prelude::*;
use readout::domain::definition::{Conventions, RelativeMethod};
use readout::domain::evidence::Moments;
use readout::domain::result::{Absence, Estimate};
use readout::stats::{Comparison, SampleMean, difference, log_ratio, relative};
use serde::Deserialize;

use super::{
    NORMAL, POOLED, Published, TOLERANCE, WELCH, absolute_of, assert_close, lift_of, reference,
    with_relative,
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
    log_ratio: f64,
    se_log: f64,
    rel_lift: f64,
    ci_low_z: f64,
    ci_high_z: f64,
    ci_low_t: f64,
    ci_high_t: f64,
    df_t: f64,
}

#[test]
fn lifts_agree_by_the_logarithm_of_the_ratio() {
    let reference: Reference = reference(include_str!("../../reference/real_log_ratios.json"));
    assert_eq!(reference.cases.len(), 33);
    for case in reference.cases {
        let (control, treatment) = (case.control.sample_mean(), case.treatment.sample_mean());
        let bounds = [
            (WELCH, case.ci_low_t, case.ci_high_t, Some(case.df_t)),
            (NORMAL, case.ci_low_z, case.ci_high_z, None),
        ];
        for (chosen, lower, upper, freedom) in bounds {
            let chosen = with_relative(chosen, RelativeMethod::LogRatio);
            let comparison = Comparison::new(&control, &treatment, &chosen).unwrap();
            let logarithm = log_ratio(&comparison).unwrap();
            assert_close(logarithm.estimate, case.log_ratio, TOLERANCE, &case.id);
            assert_close(
                logarithm.standard_error.unwrap(),
                case.se_log,
                TOLERANCE,
                &case.id,
            );
            let lift = relative(&comparison).unwrap();
            assert_close(lift.estimate, case.rel_lift, TOLERANCE, &case.id);
            assert_close(lift.interval.lower().unwrap(), lower, TOLERANCE, &case.id);
            assert_close(lift.interval.upper().unwrap(), upper, TOLERANCE, &case.id);
            assert_eq!(lift.standard_error, None);
            assert_eq!(lift.degrees_of_freedom.is_some(), freedom.is_some());
            if let Some(freedom) = freedom {
                assert_close(
                    lift.degrees_of_freedom.unwrap(),
                    freedom,
                    TOLERANCE,
                    &case.id,
                );
            }
        }
    }
}

/// Spotify Confidence divides its absolute bounds, which `real_means.json` holds, by the control mean.
#[test]
fn a_rescaled_lift_is_the_absolute_interval_over_the_control_mean() {
    let reference: Reference = reference(include_str!("../../reference/real_log_ratios.json"));
    for case in reference.cases {
        let (control, treatment) = (case.control.sample_mean(), case.treatment.sample_mean());
        let plain = absolute_of(&control, &treatment, WELCH);
        let chosen = with_relative(WELCH, RelativeMethod::Rescaled);
        let lift = lift_of(&control, &treatment, chosen);
        let (lower, upper) = (
            plain.interval.lower().unwrap(),
            plain.interval.upper().unwrap(),
        );
        assert_close(lift.estimate, case.rel_lift, TOLERANCE, &case.id);
        assert_close(
            lift.interval.lower().unwrap(),
            lower / control.mean,
            1e-15,
            &case.id,
        );
        assert_close(
            lift.interval.upper().unwrap(),
            upper / control.mean,
            1e-15,
            &case.id,
        );
        assert_eq!(lift.p_value, plain.p_value);
    }
}

fn variant(mean: f64, deviation: f64) -> SampleMean {
    SampleMean::of_quantity(&Moments::published(50, mean, deviation), 0).unwrap()
}

fn lift(
    control: &SampleMean,
    treatment: &SampleMean,
    method: RelativeMethod,
) -> Result<Estimate, Absence> {
    let chosen = with_relative(WELCH, method);
    Comparison::new(control, treatment, &chosen).and_then(|both| relative(&both))
}

#[test]
fn the_log_ratio_asks_for_positive_means() {
    let (positive, negative, zero) = (variant(2.0, 1.0), variant(-2.0, 1.0), variant(0.0, 1.0));
    let log = |control, treatment| lift(control, treatment, RelativeMethod::LogRatio);
    assert_eq!(log(&negative, &positive), Err(Absence::NotApplicable));
    assert_eq!(log(&positive, &negative), Err(Absence::NotApplicable));
    assert_eq!(log(&negative, &negative), Err(Absence::NotApplicable));
    assert_eq!(log(&positive, &zero), Err(Absence::NotApplicable));
    assert_eq!(log(&zero, &positive), Err(Absence::ZeroControlMean));
    assert!(log(&positive, &positive).is_ok());
}

#[test]
fn bounds_beyond_every_double_are_refused() {
    let (tiny, large) = (variant(1e-300, 1.0), variant(1e10, 1.0));
    for method in [RelativeMethod::LogRatio, RelativeMethod::Rescaled] {
        assert_eq!(
            lift(&tiny, &large, method),
            Err(Absence::OutOfRange),
            "{method}"
        );
    }
}

#[test]
fn a_rescaled_lift_keeps_the_sign_of_the_difference_where_the_control_is_negative() {
    let ours = lift(
        &variant(-2.0, 1.0),
        &variant(-1.0, 1.0),
        RelativeMethod::Rescaled,
    )
    .unwrap();
    assert_eq!(ours.estimate, 0.5);
    assert!(ours.interval.lower().unwrap() > 0.0);
}

proptest! {
    #[test]
    fn swapping_variants_negates_the_log_ratio(
        a in 0.1..9.0_f64, b in 0.1..9.0_f64, spread in 0.01..5.0_f64,
        chosen in prop::sample::select(&[WELCH, POOLED, NORMAL][..]),
    ) {
        let (a, b) = (variant(a, spread), variant(b, 2.0 * spread));
        let of = |control, treatment, chosen: &Conventions| {
            log_ratio(&Comparison::new(control, treatment, chosen).unwrap()).unwrap()
        };
        let (forth, back) = (of(&a, &b, &chosen), of(&b, &a, &chosen));
        let scale = forth.estimate.abs().max(forth.standard_error.unwrap());
        prop_assert!((forth.estimate + back.estimate).abs() <= 1e-12 * scale);
        prop_assert!((forth.p_value.p - back.p_value.p).abs() <= 1e-9);
    }

    #[test]
    fn the_log_ratio_and_its_interval_agree(
        a in 0.1..9.0_f64, b in 0.1..9.0_f64, spread in 0.01..5.0_f64,
    ) {
        let ours = lift(&variant(a, spread), &variant(b, spread), RelativeMethod::LogRatio).unwrap();
        prop_assume!((ours.p_value.p - 0.05).abs() > 1e-9);
        prop_assert_eq!(!ours.interval.contains(0.0), ours.p_value.p < 0.05);
        prop_assert!(ours.interval.contains(ours.estimate));
        prop_assert!(ours.interval.lower().unwrap() >= -1.0);
    }

    #[test]
    fn a_rescaled_lift_decides_as_the_absolute_test(
        a in -9.0..9.0_f64, b in -9.0..9.0_f64, spread in 0.01..5.0_f64,
    ) {
        prop_assume!(a.abs() > 1e-6);
        let (a, b) = (variant(a, spread), variant(b, spread));
        let comparison = Comparison::new(&a, &b, &with_relative(WELCH, RelativeMethod::Rescaled)).unwrap();
        let (plain, ours) = (difference(&comparison).unwrap(), relative(&comparison).unwrap());
        prop_assert_eq!(plain.interval.contains(0.0), ours.interval.contains(0.0));
    }
}
