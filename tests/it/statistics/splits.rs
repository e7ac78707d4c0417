//! How units were split: the Bayes factor against the plan, drifts over days, and what pooling epochs moves; against mpmath 1.4.1
//! (50 digits) and NumPy 2.4.6 with SciPy 1.17.1 over written-out numbers.

use proptest::prelude::*;
use readout::domain::evidence::{Layout, Moments};
use readout::domain::result::Absence;
use readout::stats::{
    EpochCounts, RateStratum, Stratum, always_valid_p, equal_rates_within, ln_bayes_factor,
    pooling_moves, share_trend,
};

use super::assert_close;

fn factor(units: &[u64], weights: &[f64]) -> f64 {
    ln_bayes_factor(&[EpochCounts { units, weights }]).unwrap()
}

#[test]
fn bayes_factors_against_the_plan_agree() {
    let cases: [(&[u64], &[f64], f64); 4] = [
        // Kohavi, Tang and Xu (2020), chapter 21; Cookie Cats; Hillstrom.
        (&[821_588, 815_482], &[1.0, 1.0], 8.765_972_292_410_426),
        (&[44_700, 45_489], &[1.0, 1.0], 1.954_537_237_438_253_7),
        (
            &[21_306, 21_307, 21_387],
            &[1.0, 1.0, 1.0],
            -1.913_986_494_287_116_6,
        ),
        (&[900, 120], &[9.0, 1.0], 0.106_790_277_908_117_1),
    ];
    for (units, weights, expected) in cases {
        let ours = factor(units, weights);
        assert!((ours - expected).abs() < 1e-8, "{ours} is not {expected}");
    }
}

#[test]
fn epochs_multiply_and_variants_without_weight_do_not_count() {
    let of = |units: &'static [u64], weights: &'static [f64]| EpochCounts { units, weights };
    let both = [
        of(&[900, 120, 0], &[9.0, 1.0, 0.0]),
        of(&[500, 520, 480], &[1.0, 1.0, 1.0]),
    ];
    let together = ln_bayes_factor(&both).unwrap();
    let apart = factor(&[900, 120], &[9.0, 1.0]) + factor(&[500, 520, 480], &[1.0, 1.0, 1.0]);
    assert_close(together, apart, 1e-9, "the product over epochs");
    assert_eq!(
        ln_bayes_factor(&[of(&[5, 0], &[1.0, 0.0])]),
        Err(Absence::NotApplicable)
    );
    assert_eq!(
        ln_bayes_factor(&[of(&[5], &[1.0, 1.0])]),
        Err(Absence::NotApplicable)
    );
    assert_close(always_valid_p(-3.0).unwrap().p, 1.0, 1e-15, "never above 1");
}

#[test]
fn a_share_that_drifts_over_days_agrees() {
    let days = [(50, 110), (60, 115), (58, 120), (70, 131), (81, 139)];
    let p = share_trend(&days).unwrap().p;
    assert_close(p, 0.055_371_061_212_073_67, 1e-9, "Cochran and Armitage");
    assert_eq!(share_trend(&[]), Err(Absence::NoUnits));
    assert_eq!(share_trend(&[(5, 10)]), Err(Absence::ZeroVariance));
    assert_eq!(share_trend(&[(0, 10), (0, 20)]), Err(Absence::ZeroVariance));
}

/// Epochs at 3 : 1 and 1 : 3 whose rates differ: pooled they would differ between variants whatever these do.
#[test]
fn rates_within_strata_agree() {
    let stratum = |control, treatment| RateStratum { control, treatment };
    let ramp = [
        stratum((90, 300), (40, 100)),
        stratum((30, 100), (120, 300)),
    ];
    // χ² 6.59504132231405.
    let p = equal_rates_within(&ramp).unwrap();
    assert_close(
        p.p,
        0.010_226_318_263_997_834,
        1e-9,
        "Cochran, Mantel and Haenszel",
    );
    let same = [
        stratum((30, 300), (10, 100)),
        stratum((50, 100), (150, 300)),
    ];
    assert_close(
        equal_rates_within(&same).unwrap().p,
        1.0,
        1e-12,
        "the same rates",
    );
    let none = [stratum((0, 300), (0, 100)), stratum((5, 5), (0, 0))];
    assert_eq!(equal_rates_within(&none), Err(Absence::ZeroVariance));
    assert_eq!(equal_rates_within(&[]), Err(Absence::ZeroVariance));
}

fn epoch(control: (u64, f64, f64), treatment: (u64, f64, f64)) -> Stratum {
    let of = |(units, mean, deviation)| Moments::published(units, mean, deviation);
    Stratum {
        name: String::new(),
        control: of(control),
        treatment: of(treatment),
        of_clusters: false,
    }
}

#[test]
fn what_pooling_epochs_moves_agrees() {
    // Pooled 1.125, stratified 0.15: z = 11.36.
    let ramp = [
        epoch((300, 5.0, 2.0), (100, 5.2, 2.1)),
        epoch((100, 7.0, 2.2), (300, 7.1, 1.9)),
    ];
    let p = pooling_moves(&ramp, Layout::PLAIN).unwrap();
    assert_close(p.p, 6.632_758_896_696_844e-30, 1e-9, "p");
    let one = &ramp[..1];
    assert_eq!(pooling_moves(one, Layout::PLAIN), Err(Absence::TooFewUnits));
    let same = [ramp[0].clone(), ramp[0].clone()];
    assert_eq!(
        pooling_moves(&same, Layout::PLAIN),
        Err(Absence::ZeroVariance)
    );
}

proptest! {
    /// A level that moves with the calendar moves both variants alike where weights stay.
    #[test]
    fn equal_splits_are_not_moved_by_the_calendar(level in -50.0..50.0_f64, units in 20_u64..500) {
        let ramp = [
            epoch((units, 5.0, 2.0), (units, 5.3, 2.1)),
            epoch((2 * units, level, 2.2), (2 * units, level + 0.1, 1.9)),
        ];
        let moved = pooling_moves(&ramp, Layout::PLAIN);
        prop_assert!(moved == Err(Absence::ZeroVariance) || moved.unwrap().p > 0.5);
    }
}
