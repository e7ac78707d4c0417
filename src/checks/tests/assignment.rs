//! Facts about the sample ratio and units in several variants.

use super::{assert_p, assert_status};
use crate::checks::support::{Scene, instant, zeros_and_ones};
use crate::domain::definition::{Epoch, Role};
use crate::domain::result::{CheckId, CheckStatus, Invalidates};

const ID: CheckId = CheckId::SampleRatio;

/// Cookie Cats: 44,700 and 45,489 players, planned even; χ² = 6.90, mpmath 1.4.1 and scipy 1.17.1.
#[test]
fn cookie_cats_warns() {
    let check = Scene::new(&["gate_30", "gate_40"])
        .units(&[44_700, 45_489])
        .check(ID);
    assert_status(&check, CheckStatus::Warn);
    assert_p(&check, 0.008_607_987_810_836_241);
    assert!(check.invalidates.is_empty());
    assert_eq!(
        check.finding,
        "'gate_30' 44,700 and 'gate_40' 45,489 against 50.00 % and 50.00 % planned, p = 0.0086"
    );
}

/// Kohavi, Tang and Xu (2020), chapter 21: 821,588 and 815,482 units, p = 1.8e-6.
#[test]
fn the_published_mismatch_of_kohavi_fails_and_invalidates_everything() {
    let check = Scene::new(&["control", "treatment"])
        .units(&[821_588, 815_482])
        .check(ID);
    assert_status(&check, CheckStatus::Fail);
    assert_p(&check, 1.821_792_872_619_187_3e-6);
    assert_eq!(check.invalidates, [Invalidates::All]);
}

/// Hillstrom: three variants, planned even; mpmath 1.4.1 and scipy 1.17.1.
#[test]
fn three_even_variants_of_hillstrom_pass() {
    let check = Scene::new(&["No E-Mail", "Mens E-Mail", "Womens E-Mail"])
        .units(&[21_306, 21_307, 21_387])
        .check(ID);
    assert_status(&check, CheckStatus::Pass);
    assert_p(&check, 0.903_692_957_560_419_6);
}

/// Criteo: 13,979,592 units, planned 15 to 85; mpmath 1.4.1 and scipy 1.17.1.
#[test]
fn uneven_weights_of_criteo_pass_and_even_ones_fail_beyond_every_double() {
    let units = [2_096_937, 11_882_655];
    let scene = Scene::new(&["control", "treatment"]).units(&units);
    let planned = scene.clone().weights(&[0.15, 0.85]).check(ID);
    assert_status(&planned, CheckStatus::Pass);
    assert_p(&planned, 0.998_924_253_121_999_6);
    let mistaken = scene.check(ID);
    assert_status(&mistaken, CheckStatus::Fail);
    assert!(mistaken.finding.contains("e-1487"), "{}", mistaken.finding);
}

/// Vitamin A: p = 0.00100876 is just above the threshold that fails.
#[test]
fn a_p_just_above_the_threshold_only_warns() {
    let check = Scene::new(&["control", "assigned"])
        .units(&[11_588, 12_094])
        .check(ID);
    assert_status(&check, CheckStatus::Warn);
    assert_p(&check, 0.001_008_760_114_045_301);
}

/// Each epoch is exactly as planned, though the pooled counts are nothing like the last weights.
#[test]
fn a_ramp_that_keeps_each_epoch_passes() {
    let check = Scene::new(&["old", "new"])
        .experiment(|experiment| {
            experiment.epochs = vec![
                Epoch {
                    from: instant("2026-03-01T00:00:00Z"),
                    weights: vec![9.0, 1.0],
                },
                Epoch {
                    from: instant("2026-03-08T00:00:00Z"),
                    weights: vec![1.0, 1.0],
                },
            ];
        })
        .assignment(|counts| {
            counts.units = 20_000;
            counts.by_epoch = vec![vec![9_000, 1_000], vec![5_000, 5_000]];
            counts.by_epoch_before_exclusions = counts.by_epoch.clone();
        })
        .check(ID);
    assert_status(&check, CheckStatus::Pass);
    assert_p(&check, 1.0);
}

/// Exclusions took 1,000 units of one variant. χ² = 1000²/99000 and p = erfc(√(χ²/2)) = 0.00148188 (CPython's math
/// module): both stages are one test of nearly the same units.
#[test]
fn exclusions_that_differ_by_variant_show_against_before_exclusions() {
    let check = Scene::new(&["old", "new"])
        .units(&[50_000, 49_000])
        .assignment(|counts| counts.by_epoch_before_exclusions = vec![vec![50_000, 50_000]])
        .check(ID);
    assert_status(&check, CheckStatus::Warn);
    assert_p(&check, AFTER_EXCLUSIONS);
    assert!(check.finding.contains("before exclusions"));
}

const AFTER_EXCLUSIONS: f64 = 0.001_481_880_774_720_387_5;

#[test]
fn a_variant_without_weight_is_left_out_and_its_units_are_named() {
    let check = Scene::new(&["old", "new", "paused"])
        .weights(&[1.0, 1.0, 0.0])
        .units(&[1_000, 1_000, 3])
        .check(ID);
    assert_status(&check, CheckStatus::Pass);
    assert_p(&check, 1.0);
    assert_eq!(check.evaluated, Some(2_000));
    assert!(
        check
            .finding
            .contains("3 units entered a variant while its weight was zero")
    );
}

#[test]
fn without_declared_weights_it_does_not_run() {
    let check = Scene::new(&["old", "new"])
        .units(&[900, 100])
        .experiment(|experiment| experiment.epochs.clear())
        .check(ID);
    assert_status(&check, CheckStatus::NotRun);
    assert!(check.finding.contains("no weights are declared"));
}

#[test]
fn after_failed_variant_labels_it_does_not_run_and_says_because_of_what() {
    let check = Scene::new(&["old", "new"])
        .assignment(|counts| counts.unknown_labels = vec![("third".to_owned(), 7)])
        .check(ID);
    assert_status(&check, CheckStatus::NotRun);
    assert_eq!(check.finding, "because check 9 (Variant labels) failed");
}

#[test]
fn published_counts_are_held_against_the_weights() {
    let mut scene = Scene::new(&["control", "treatment"]).published(
        "visits",
        Role::Primary,
        &[(821_588, 0.1, 0.3), (815_482, 0.1, 0.3)],
    );
    scene.summary.assignment = None;
    let check = scene.check(ID);
    assert_status(&check, CheckStatus::Fail);
    assert_p(&check, 1.821_792_872_619_187_3e-6);
}

/// The landing-page test: 1,895 of 290,584 users are in both variants, 0.65 %.
#[test]
fn users_in_both_variants_of_the_landing_page_test_warn() {
    let check = Scene::new(&["control", "treatment"])
        .assignment(|counts| {
            counts.units = 290_584;
            counts.several_variants = 1_895;
        })
        .check(CheckId::SeveralVariants);
    assert_status(&check, CheckStatus::Warn);
    assert!(check.finding.starts_with("1,895 of 290,584 units (0.65 %)"));
    assert_eq!(check.failing, Some(1_895));
}

#[test]
fn units_in_several_variants_weigh_more_when_weights_are_uneven() {
    let several = |weights: &[f64], units: u64| {
        Scene::new(&["old", "new"])
            .weights(weights)
            .assignment(|counts| {
                counts.units = 10_000;
                counts.several_variants = units;
            })
            .check(CheckId::SeveralVariants)
    };
    assert_status(&several(&[1.0, 1.0], 20), CheckStatus::Pass);
    assert_status(&several(&[9.0, 1.0], 20), CheckStatus::Warn);
    assert_status(&several(&[1.0, 1.0], 101), CheckStatus::Warn);
    let beyond = several(&[1.0, 1.0], 131);
    assert_status(&beyond, CheckStatus::Fail);
    assert_eq!(beyond.invalidates, [Invalidates::All]);
}

#[test]
fn clusters_are_held_against_the_weights_where_units_nest_in_them() {
    // 30 and 34 households of a hundred units each: as units that would be p = 5e-7.
    let nested = |clusters: [u64; 2]| {
        let mut scene = Scene::new(&["old", "new"])
            .units(&clusters.map(|count| 100 * count))
            .proportion("purchase", Role::Primary, &[(3_000, 300), (3_400, 330)])
            .experiment(|experiment| experiment.analysis.cluster = Some("household".to_owned()));
        for (variant, count) in clusters.into_iter().enumerate() {
            scene = scene.cell(0, variant, |cell| {
                cell.further.clusters = Some(zeros_and_ones(count, 0));
            });
        }
        scene
    };
    let check = nested([30, 34]).check(CheckId::SampleRatio);
    assert_status(&check, CheckStatus::Pass);
    assert_eq!(check.evaluated, Some(64));
    assert_status(
        &nested([300, 400]).check(CheckId::SampleRatio),
        CheckStatus::Fail,
    );
    for id in [
        CheckId::SampleRatioSequential,
        CheckId::ExposureRate,
        CheckId::DifferentialMissingness,
    ] {
        assert_status(&nested([30, 34]).check(id), CheckStatus::NotRun);
    }
}
