//! The corners of counts: small expected counts, ramps, variants without weight, families.

use readout::domain::definition::{Conventions, Correction};
use readout::domain::result::{Absence, PValue};
use readout::stats::{EpochCounts, corrected_family, equal_rates, sample_ratio};

use super::assert_close;

#[test]
fn small_expected_counts_are_enumerated() {
    let weights = [0.5, 0.5];
    let of = |units: &[u64]| {
        sample_ratio(&[EpochCounts {
            units,
            weights: &weights,
        }])
    };
    // 8 of 9: two-sided binomial, 2·(1 + 9)/512.
    let ours = of(&[8, 1]).unwrap();
    assert!(ours.exact && ours.statistic.is_none());
    assert_close(ours.p_value.p, 20.0 / 512.0, 1e-12, "binomial");
    // Three even variants, all six units in one: 3 of 729 outcomes are as unlikely.
    let epoch = EpochCounts {
        units: &[6, 0, 0],
        weights: &[1.0, 1.0, 1.0],
    };
    assert_close(
        sample_ratio(&[epoch]).unwrap().p_value.p,
        3.0 / 729.0,
        1e-12,
        "trinomial",
    );
    assert!(!of(&[80, 10]).unwrap().exact);
}

#[test]
fn small_tables_are_enumerated() {
    // Fisher's lady tasting tea: 3 of 4 against 1 of 4, two-sided 34/70.
    let tea = equal_rates(&[3, 1], &[4, 4]).unwrap();
    assert!(tea.exact);
    assert_close(tea.p_value.p, 34.0 / 70.0, 1e-12, "tea");
    // Three variants of two units, one success each way of three: Freeman and Halton, all outcomes of equal mass but one kind.
    let three = equal_rates(&[2, 0, 0], &[2, 2, 2]).unwrap();
    assert_close(three.p_value.p, 3.0 / 15.0, 1e-12, "three variants");
}

#[test]
fn rates_that_cannot_differ_have_p_one_and_no_units_have_none() {
    assert_eq!(equal_rates(&[0, 0], &[10, 20]).unwrap().p_value.p, 1.0);
    assert_eq!(equal_rates(&[10, 20], &[10, 20]).unwrap().p_value.p, 1.0);
    assert_eq!(equal_rates(&[0, 0], &[0, 20]), Err(Absence::NoUnits));
    assert_eq!(equal_rates(&[3, 0], &[2, 20]), Err(Absence::NotApplicable));
}

#[test]
fn a_table_of_two_is_the_pooled_two_proportion_test() {
    // Cookie Cats, retention after a day, as printed by write-ups: z −1.7840862247974725, p 0.07440965529691913.
    let ours = equal_rates(&[20034, 20119], &[44700, 45489]).unwrap();
    assert_close(
        ours.statistic.unwrap(),
        1.784_086_224_797_472_5_f64.powi(2),
        1e-12,
        "z²",
    );
    assert_close(ours.p_value.p, 0.074_409_655_296_919_13, 1e-12, "p");
}

#[test]
fn epochs_of_different_weights_are_summed_with_their_own_covariance() {
    // A ramp of two variants by hand: O₁ − E₁ = 130 − 110, variance 100·0.1·0.9 + 200·0.5·0.5 = 59.
    let epochs = [
        EpochCounts {
            units: &[15, 85],
            weights: &[0.1, 0.9],
        },
        EpochCounts {
            units: &[115, 85],
            weights: &[0.5, 0.5],
        },
    ];
    let ours = sample_ratio(&epochs).unwrap();
    assert_close(
        ours.statistic.unwrap(),
        400.0 / 59.0,
        1e-12,
        "one degree of freedom",
    );
    assert_eq!(ours.freedom, 1);
    assert_eq!(ours.observed, [130, 170]);
}

/// Exact fractions of (O − E)ᵀ V⁻ (O − E), worked by hand.
#[test]
fn ramps_of_several_variants_have_the_rank_of_their_covariance() {
    let ramp = |first: (&[u64], &[f64]), second: (&[u64], &[f64])| {
        let of = |(units, weights)| EpochCounts { units, weights };
        let ours = sample_ratio(&[of(first), of(second)]).unwrap();
        (ours.statistic.unwrap(), ours.freedom)
    };
    let (statistic, freedom) = ramp(
        (&[10, 20, 70], &[1.0, 2.0, 7.0]),
        (&[105, 90, 105], &[1.0, 1.0, 1.0]),
    );
    assert_close(statistic, 915.0 / 751.0, 1e-12, "three variants");
    assert_eq!(freedom, 2);
    let (statistic, freedom) = ramp(
        (&[60, 40, 0], &[1.0, 1.0, 0.0]),
        (&[100, 90, 110], &[1.0, 1.0, 1.0]),
    );
    assert_close(statistic, 4.5, 1e-12, "a variant that joined later");
    assert_eq!(freedom, 2);
    let (statistic, freedom) = ramp(
        (&[60, 40, 0, 0], &[1.0, 1.0, 0.0, 0.0]),
        (&[0, 0, 130, 70], &[0.0, 0.0, 1.0, 1.0]),
    );
    assert_close(
        statistic,
        4.0 + 18.0,
        1e-12,
        "two tests with nothing in common",
    );
    assert_eq!(freedom, 2);
}

#[test]
fn an_exact_test_that_cannot_be_enumerated_says_so() {
    let too_many = EpochCounts {
        units: &[1, 50_000, 50_000],
        weights: &[0.00001, 0.5, 0.5],
    };
    assert_eq!(sample_ratio(&[too_many]), Err(Absence::NotApplicable));
    let ramp = [
        EpochCounts {
            units: &[1, 3],
            weights: &[1.0, 9.0],
        },
        EpochCounts {
            units: &[2, 2],
            weights: &[1.0, 1.0],
        },
    ];
    assert_eq!(sample_ratio(&ramp), Err(Absence::NotApplicable));
}

#[test]
fn a_family_is_corrected_by_the_convention_in_force() {
    let p = |p: f64| PValue {
        p,
        log10_p: libm::log10(p),
    };
    let family = [p(0.012), p(0.04), p(0.03)];
    let corrected = |correction| {
        let conventions = Conventions {
            correction,
            ..Conventions::default()
        };
        let all = corrected_family(&family, &conventions);
        assert!(
            all.iter()
                .all(|one| one.family == 3 && one.method == correction.name())
        );
        all.iter().map(|one| one.significant).collect::<Vec<_>>()
    };
    assert_eq!(corrected(Correction::None), [true, true, true]);
    assert_eq!(corrected(Correction::Holm), [true, false, false]);
    assert_eq!(corrected(Correction::Bonferroni), [true, false, false]);
}

#[test]
fn variants_without_weight_are_left_out_of_units_and_freedom() {
    let epoch = |units| EpochCounts {
        units,
        weights: &[1.0, 1.0, 0.0],
    };
    let with = sample_ratio(&[epoch(&[1000, 1200, 900])]).unwrap();
    assert_eq!((with.left_out, with.freedom), (900, 1));
    let without = sample_ratio(&[epoch(&[1000, 1200, 0])]).unwrap();
    assert_eq!(with.p_value, without.p_value);
    let one = EpochCounts {
        units: &[5, 5],
        weights: &[1.0, 0.0],
    };
    assert_eq!(sample_ratio(&[one]), Err(Absence::NotApplicable));
    assert_eq!(sample_ratio(&[epoch(&[0, 0, 0])]), Err(Absence::NoUnits));
    assert_eq!(sample_ratio(&[]), Err(Absence::NoUnits));
}
