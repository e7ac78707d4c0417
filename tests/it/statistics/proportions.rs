//! Two proportions from counts, against 50-digit arithmetic, statsmodels and scipy, with laws and corners.

use proptest::prelude::*;
use readout::domain::definition::ProportionMethod;
use readout::domain::result::{Absence, Estimate};
use readout::stats::{Proportion, fisher_exact, odds_ratio, proportion_difference, risk_ratio};
use serde::Deserialize;

use super::{
    NORMAL, TOLERANCE, Theirs, absolute_of, assert_close, assert_estimate, assert_p, lift_of,
    reference, with_delta,
};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    control: (u64, u64),
    treatment: (u64, u64),
    diff: f64,
    se_pooled: f64,
    se_unpooled: f64,
    p_pooled: String,
    p_unpooled: String,
    p_pooled_yates: String,
    p_fisher: Option<String>,
    ci_pooled: (f64, f64),
    ci_unpooled: (f64, f64),
    ci_pooled_cc: (f64, f64),
    ci_unpooled_cc: (f64, f64),
    newcombe: (f64, f64),
    agresti_caffo: (f64, f64),
    miettinen_nurminen: (f64, f64),
    log_rr: f64,
    se_log_rr: f64,
    rr_ci_low: f64,
    rr_ci_high: f64,
    rel_lift: f64,
    rel_delta_se_ddof0: f64,
    rel_delta_ci_low: f64,
    rel_delta_ci_high: f64,
    odds_ratio: f64,
    se_log_or: f64,
    or_ci_low: f64,
    or_ci_high: f64,
}

fn cases() -> Vec<Case> {
    let reference: Reference = reference(include_str!("../../reference/real_proportions.json"));
    assert_eq!(reference.cases.len(), 25);
    reference.cases
}

fn proportion((with, units): (u64, u64)) -> Proportion {
    Proportion::new(with, units).unwrap()
}

fn both(case: &Case) -> (Proportion, Proportion) {
    (proportion(case.control), proportion(case.treatment))
}

fn by(case: &Case, method: ProportionMethod) -> Estimate {
    let (control, treatment) = both(case);
    let ours = proportion_difference(control, treatment, method, 0.95).unwrap();
    assert!(!ours.exact, "{} has no small expected count", case.id);
    ours.estimate
}

#[test]
fn z_tests_and_their_intervals_agree() {
    for case in cases() {
        let theirs = |bounds: (f64, f64), error: f64, p: Option<&str>| Theirs {
            estimate: case.diff,
            lower: bounds.0,
            upper: bounds.1,
            error: Some(error),
            freedom: None,
            p: p.map(str::to_owned),
        };
        let (pooled, unpooled) = (case.se_pooled, case.se_unpooled);
        let (plain, yates) = (Some(&*case.p_pooled), Some(&*case.p_pooled_yates));
        let own = Some(&*case.p_unpooled);
        for (method, theirs) in [
            (
                ProportionMethod::PooledZ,
                theirs(case.ci_pooled, pooled, plain),
            ),
            (
                ProportionMethod::PooledZYates,
                theirs(case.ci_pooled_cc, pooled, yates),
            ),
            (
                ProportionMethod::UnpooledZ,
                theirs(case.ci_unpooled, unpooled, own),
            ),
            (
                ProportionMethod::UnpooledZYates,
                theirs(case.ci_unpooled_cc, unpooled, None),
            ),
            (
                ProportionMethod::ChiSquare,
                theirs(case.ci_unpooled, unpooled, plain),
            ),
            (
                ProportionMethod::ChiSquareYates,
                theirs(case.ci_unpooled_cc, unpooled, yates),
            ),
        ] {
            assert_estimate(
                &by(&case, method),
                &theirs,
                &format!("{} {method}", case.id),
            );
        }
    }
}

#[test]
fn intervals_for_small_counts_agree() {
    for case in cases() {
        for (method, theirs) in [
            (ProportionMethod::Newcombe, case.newcombe),
            (ProportionMethod::AgrestiCaffo, case.agresti_caffo),
            (ProportionMethod::MiettinenNurminen, case.miettinen_nurminen),
        ] {
            let ours = by(&case, method);
            let what = format!("{} {method}", case.id);
            assert_eq!(ours.estimate, by(&case, ProportionMethod::PooledZ).estimate);
            assert_close(ours.interval.lower().unwrap(), theirs.0, TOLERANCE, &what);
            assert_close(ours.interval.upper().unwrap(), theirs.1, TOLERANCE, &what);
        }
    }
}

/// With n − 1 and the normal they are the difference of means on 0 and 1, which `real_means.json` holds to other tools.
#[test]
fn the_unpooled_test_with_n_less_one_is_the_one_of_means() {
    use readout::domain::evidence::Moments;
    use readout::stats::SampleMean;
    for case in cases() {
        let mean = |(with, units): (u64, u64)| {
            let share = proportion((with, units)).rate();
            let central = share * (1.0 - share) * units as f64;
            let moments = Moments {
                units,
                means: vec![share],
                central: vec![central],
            };
            SampleMean::of_quantity(&moments, 0).unwrap()
        };
        let theirs = absolute_of(&mean(case.control), &mean(case.treatment), NORMAL);
        let ours = by(&case, ProportionMethod::UnpooledZSample);
        let error = theirs.standard_error.unwrap();
        assert_close(ours.standard_error.unwrap(), error, TOLERANCE, &case.id);
        assert_close(
            ours.p_value.log10_p,
            theirs.p_value.log10_p,
            TOLERANCE,
            &case.id,
        );
    }
}

#[test]
fn ratios_of_rates_and_of_odds_agree() {
    for case in cases() {
        let (control, treatment) = both(&case);
        let risk = risk_ratio(control, treatment, 0.95).unwrap();
        assert_close(risk.logarithm.estimate, case.log_rr, TOLERANCE, &case.id);
        assert_close(
            risk.logarithm.standard_error.unwrap(),
            case.se_log_rr,
            TOLERANCE,
            &case.id,
        );
        assert_close(risk.ratio, 1.0 + case.rel_lift, TOLERANCE, &case.id);
        assert_close(risk.lower, case.rr_ci_low, TOLERANCE, &case.id);
        assert_close(risk.upper, case.rr_ci_high, TOLERANCE, &case.id);
        let odds = odds_ratio(control, treatment, 0.95).unwrap();
        assert_close(odds.ratio, case.odds_ratio, TOLERANCE, &case.id);
        assert_close(
            odds.logarithm.standard_error.unwrap(),
            case.se_log_or,
            TOLERANCE,
            &case.id,
        );
        assert_close(odds.lower, case.or_ci_low, TOLERANCE, &case.id);
        assert_close(odds.upper, case.or_ci_high, TOLERANCE, &case.id);
        let lift = lift_of(
            &control.sample_mean(),
            &treatment.sample_mean(),
            with_delta(NORMAL),
        );
        let theirs = Theirs {
            estimate: case.rel_lift,
            lower: case.rel_delta_ci_low,
            upper: case.rel_delta_ci_high,
            error: Some(case.rel_delta_se_ddof0),
            freedom: None,
            p: None,
        };
        assert_estimate(&lift, &theirs, &case.id);
    }
}

#[test]
fn fishers_exact_test_agrees() {
    let mut compared = 0;
    for case in cases() {
        let Some(theirs) = &case.p_fisher else {
            continue;
        };
        let (control, treatment) = both(&case);
        assert_p(fisher_exact(control, treatment).unwrap(), theirs, &case.id);
        compared += 1;
    }
    assert_eq!(compared, 4);
    // Criteo's conversions, as a public analysis of them has it.
    let (control, treatment) = (
        proportion((4063, 2_096_937)),
        proportion((36_711, 11_882_655)),
    );
    let ours = fisher_exact(control, treatment).unwrap();
    assert_p(ours, "1.3844128272013261e-198", "criteo conversion");
}

#[test]
fn a_small_expected_count_makes_the_pooled_tests_exact() {
    // Fisher's tea: 3 of 4 against 1 of 4, p = 34/70.
    let (control, treatment) = (proportion((1, 4)), proportion((3, 4)));
    for method in [
        ProportionMethod::PooledZ,
        ProportionMethod::PooledZYates,
        ProportionMethod::ChiSquare,
        ProportionMethod::ChiSquareYates,
    ] {
        let ours = proportion_difference(control, treatment, method, 0.95).unwrap();
        assert!(ours.exact, "{method}");
        assert_close(ours.estimate.p_value.p, 34.0 / 70.0, 1e-12, method.name());
    }
    let ours =
        proportion_difference(control, treatment, ProportionMethod::UnpooledZ, 0.95).unwrap();
    assert!(!ours.exact);
}

#[test]
fn impossible_counts_are_refused() {
    assert_eq!(Proportion::new(0, 0), Err(Absence::NoUnits));
    assert_eq!(Proportion::new(2, 1), Err(Absence::NotApplicable));
    let half = proportion((5, 10));
    for level in [0.0, 1.0, -1.0, f64::NAN, f64::INFINITY] {
        for method in ProportionMethod::ALL {
            let ours = proportion_difference(half, half, *method, level);
            assert_eq!(ours, Err(Absence::NotApplicable));
        }
        assert_eq!(risk_ratio(half, half, level), Err(Absence::NotApplicable));
        assert_eq!(odds_ratio(half, half, level), Err(Absence::NotApplicable));
    }
}

#[test]
fn empty_and_full_variants_have_a_value_or_a_reason() {
    let (none, all, one) = (
        proportion((0, 20)),
        proportion((20, 20)),
        proportion((1, 1)),
    );
    for method in ProportionMethod::ALL {
        for (control, treatment) in [
            (none, none),
            (all, all),
            (none, all),
            (all, none),
            (one, one),
            (none, one),
        ] {
            match proportion_difference(control, treatment, *method, 0.95) {
                Ok(ours) => {
                    let (lower, upper) = (
                        ours.estimate.interval.lower().unwrap(),
                        ours.estimate.interval.upper().unwrap(),
                    );
                    assert!(
                        lower <= ours.estimate.estimate + 1e-12
                            && ours.estimate.estimate <= upper + 1e-12
                    );
                    assert!(ours.estimate.p_value.p >= 0.0 && ours.estimate.p_value.p <= 1.0);
                }
                Err(absence) => assert!(matches!(
                    absence,
                    Absence::ZeroVariance | Absence::TooFewUnits
                )),
            }
        }
    }
    assert_eq!(risk_ratio(none, all, 0.95), Err(Absence::ZeroControlMean));
    assert_eq!(risk_ratio(all, none, 0.95), Err(Absence::NotApplicable));
    assert_eq!(risk_ratio(all, all, 0.95), Err(Absence::ZeroVariance));
    assert_eq!(odds_ratio(none, all, 0.95), Err(Absence::NotApplicable));
}

/// Methods whose p-value belongs to their interval.
const DUAL: [ProportionMethod; 8] = [
    ProportionMethod::PooledZ,
    ProportionMethod::PooledZYates,
    ProportionMethod::UnpooledZ,
    ProportionMethod::UnpooledZSample,
    ProportionMethod::UnpooledZYates,
    ProportionMethod::Newcombe,
    ProportionMethod::AgrestiCaffo,
    ProportionMethod::MiettinenNurminen,
];

prop_compose! {
    fn variant()(units in 2_u64..3000, with in 0_u64..3000) -> Proportion {
        Proportion::new(with % (units + 1), units).unwrap()
    }
}

proptest! {
    #[test]
    fn swapping_variants_negates_the_difference_of_proportions(
        a in variant(), b in variant(), method in prop::sample::select(ProportionMethod::ALL),
    ) {
        let (forth, back) = (
            proportion_difference(a, b, method, 0.95),
            proportion_difference(b, a, method, 0.95),
        );
        if let (Ok(forth), Ok(back)) = (forth, back) {
            let (forth, back) = (forth.estimate, back.estimate);
            prop_assert_eq!(forth.estimate, -back.estimate);
            prop_assert!((forth.interval.lower().unwrap() + back.interval.upper().unwrap()).abs() <= 1e-11);
            prop_assert!((forth.p_value.p - back.p_value.p).abs() <= 1e-9);
        } else {
            prop_assert_eq!(forth, back);
        }
    }

    #[test]
    fn intervals_and_tests_of_proportions_agree(
        a in variant(), b in variant(), method in prop::sample::select(&DUAL[..]), level in 0.5..0.999,
    ) {
        if let Ok(ours) = proportion_difference(a, b, method, level) {
            let p = ours.estimate.p_value.p;
            prop_assume!(!ours.exact && (p - (1.0 - level)).abs() > 1e-9);
            let inside = ours.estimate.interval.contains(0.0);
            prop_assert_eq!(!inside, p < 1.0 - level);
        }
    }

    #[test]
    fn score_intervals_stay_inside_what_is_possible(
        a in variant(), b in variant(), level in 0.5..0.999,
    ) {
        for method in [ProportionMethod::Newcombe, ProportionMethod::AgrestiCaffo, ProportionMethod::MiettinenNurminen] {
            let ours = proportion_difference(a, b, method, level).unwrap().estimate;
            prop_assert!(ours.interval.lower().unwrap() >= -1.0 - 1e-12);
            prop_assert!(ours.interval.upper().unwrap() <= 1.0 + 1e-12);
        }
    }

    #[test]
    fn ratios_of_swapped_variants_are_reciprocal(a in variant(), b in variant()) {
        for ratio in [risk_ratio, odds_ratio] {
            if let (Ok(forth), Ok(back)) = (ratio(a, b, 0.95), ratio(b, a, 0.95)) {
                prop_assert!((forth.ratio * back.ratio - 1.0).abs() <= 1e-9);
                prop_assert!((forth.lower * back.upper - 1.0).abs() <= 1e-9);
            }
        }
    }
}
