//! Facts about time order, exposure rate and the sample ratio among the exposed.

use super::{assert_p, assert_status};
use crate::checks::support::{Scene, instant};
use crate::domain::definition::{Epoch, Role};
use crate::domain::evidence::OutcomeCounts;
use crate::domain::result::{CheckId, CheckStatus, Invalidates};

fn scene() -> Scene {
    Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(10, 5), (10, 6)])
        .units(&[10_000, 10_000])
}

fn earlier(units: [u64; 2], by_hours: &[(u32, u64)]) -> Scene {
    scene().exposed(&[4_990, 4_990]).exposure(|counts| {
        counts.only_earlier = units.to_vec();
        counts.only_invalid = units.to_vec();
        counts.earlier_by_hours = by_hours.to_vec();
    })
}

#[test]
fn exposures_only_before_assignment_warn_then_stand_against_exposed() {
    let of = |units: [u64; 2]| earlier(units, &[]).check(CheckId::TimeOrder);
    assert_status(&of([4, 4]), CheckStatus::Pass);
    assert_status(&of([20, 20]), CheckStatus::Warn);
    let beyond = of([100, 100]);
    assert_status(&beyond, CheckStatus::Fail);
    assert_eq!(beyond.invalidates, [Invalidates::Exposed]);
}

#[test]
fn a_pile_up_at_whole_hours_is_called_a_time_zone_shift() {
    let shifted = earlier([300, 300], &[(0, 40), (1, 60), (2, 500)]).check(CheckId::TimeOrder);
    assert!(
        shifted
            .finding
            .contains("looks like a time-zone shift of 2 hours"),
        "{}",
        shifted.finding
    );
    let spread = earlier([300, 300], &[(0, 300), (1, 100), (2, 200)]).check(CheckId::TimeOrder);
    assert!(!spread.finding.contains("time-zone"), "{}", spread.finding);
    let skew = earlier([300, 300], &[(0, 600)]).check(CheckId::TimeOrder);
    assert!(!skew.finding.contains("time-zone"), "{}", skew.finding);
}

/// 100,000 event rows, of which `rows` happened after they were ingested.
fn future(rows: u64) -> Scene {
    scene().outcome(OutcomeCounts {
        table: "events".to_owned(),
        rows: 100_000,
        orphan_rows: 0,
        future_rows: Some(rows),
        ..OutcomeCounts::default()
    })
}

#[test]
fn rows_that_happened_after_their_ingestion_warn_then_stand_against_the_metrics_that_read_them() {
    assert_status(&future(0).check(CheckId::TimeOrder), CheckStatus::Pass);
    assert_status(&future(100).check(CheckId::TimeOrder), CheckStatus::Warn);
    let beyond = future(101).check(CheckId::TimeOrder);
    assert_status(&beyond, CheckStatus::Fail);
    assert_eq!(
        beyond.invalidates,
        [Invalidates::Metric("conversion".to_owned())]
    );
}

#[test]
fn equal_exposure_rates_pass() {
    let check = scene()
        .exposed(&[5_000, 5_010])
        .check(CheckId::ExposureRate);
    assert_status(&check, CheckStatus::Pass);
    assert_eq!(
        check.finding,
        "exposed of assigned: 'old' 50.00 % and 'new' 50.10 %"
    );
}

/// 5,000 and 5,300 of 10,000: χ² = 18.0, p = 2e-5, six percent apart.
#[test]
fn an_exposure_that_depends_on_the_variant_stands_against_exposed() {
    let check = scene()
        .exposed(&[5_000, 5_300])
        .check(CheckId::ExposureRate);
    assert_status(&check, CheckStatus::Fail);
    assert_eq!(check.invalidates, [Invalidates::Exposed]);
    assert!(
        check.finding.contains("+6.00 % relative"),
        "{}",
        check.finding
    );
}

/// 0.3 % apart is sure at ten million units (χ² = 22.5, p = 2e-6), and too little to matter.
#[test]
fn a_sure_but_tiny_difference_in_exposure_passes() {
    let check = scene()
        .units(&[10_000_000, 10_000_000])
        .exposed(&[5_000_000, 5_015_000])
        .check(CheckId::ExposureRate);
    assert_status(&check, CheckStatus::Pass);
}

#[test]
fn a_variant_with_nobody_exposed_fails() {
    let check = scene().exposed(&[5_000, 0]).check(CheckId::ExposureRate);
    assert_status(&check, CheckStatus::Fail);
    assert_eq!(check.finding, "no unit of 'new' is exposed");
}

#[test]
fn a_rate_far_from_the_plan_warns() {
    let check = scene()
        .exposed(&[5_000, 5_000])
        .experiment(|experiment| experiment.plan.exposure_rate = Some(0.8))
        .check(CheckId::ExposureRate);
    assert_status(&check, CheckStatus::Warn);
    assert!(
        check
            .finding
            .contains("\u{2212}37.50 % off the planned 80.00 %")
    );
}

/// Criteo: 428,212 of 11,882,655 treated units are exposed and nobody in control can be.
#[test]
fn where_control_cannot_be_exposed_equality_is_not_asked_and_the_reason_said() {
    let scene = Scene::new(&["control", "treatment"])
        .weights(&[0.15, 0.85])
        .units(&[2_096_937, 11_882_655])
        .exposed(&[0, 428_212])
        .experiment(|experiment| experiment.exposure.control_can_be_exposed = false);
    let check = scene.check(CheckId::ExposureRate);
    assert_status(&check, CheckStatus::NotRun);
    assert!(check.finding.contains("control cannot be exposed"));
    assert!(
        check.finding.contains("'treatment' 3.60 %"),
        "{}",
        check.finding
    );
    assert_status(
        &scene.check(CheckId::SampleRatioExposed),
        CheckStatus::NotRun,
    );
}

/// The counts of the published mismatch, among the exposed only.
#[test]
fn a_mismatch_among_the_exposed_stands_against_exposed_only() {
    let check = scene()
        .units(&[2_000_000, 2_000_000])
        .exposed(&[821_588, 815_482])
        .check(CheckId::SampleRatioExposed);
    assert_status(&check, CheckStatus::Fail);
    assert_p(&check, 1.821_792_872_619_187_3e-6);
    assert_eq!(check.invalidates, [Invalidates::Exposed]);
}

/// Cookie Cats, players with at least 30 rounds as exposed: mpmath 1.4.1 and scipy 1.17.1.
#[test]
fn the_exposed_of_cookie_cats_pass() {
    let check = Scene::new(&["gate_30", "gate_40"])
        .units(&[44_700, 45_489])
        .exposed(&[16_656, 16_613])
        .check(CheckId::SampleRatioExposed);
    assert_status(&check, CheckStatus::Pass);
    assert_p(&check, 0.813_627_982_813_913_4);
}

#[test]
fn after_a_failed_sample_ratio_the_exposed_one_does_not_run() {
    let check = scene()
        .units(&[821_588, 815_482])
        .exposed(&[400_000, 390_000])
        .check(CheckId::SampleRatioExposed);
    assert_status(&check, CheckStatus::NotRun);
    assert_eq!(check.finding, "because check 1 (Sample ratio) failed");
}

#[test]
fn without_exposure_data_the_exposure_checks_do_not_run() {
    for id in [CheckId::ExposureRate, CheckId::SampleRatioExposed] {
        let check = scene().check(id);
        assert_status(&check, CheckStatus::NotRun);
        assert_eq!(check.finding, "because there is no exposure table");
    }
}

/// Exposure rises over the weeks in both variants alike, and treatment's share of units rises with it.
#[test]
fn a_ramp_in_which_exposure_rises_is_no_difference_of_variants() {
    let epoch = |from: &str, weights: [f64; 2]| Epoch {
        from: instant(from),
        weights: weights.to_vec(),
    };
    let ramp = |late: u64| {
        Scene::new(&["old", "new"])
            .experiment(|experiment| {
                experiment.epochs = vec![
                    epoch("2026-03-01T00:00:00Z", [3.0, 1.0]),
                    epoch("2026-03-08T00:00:00Z", [1.0, 3.0]),
                ];
            })
            .assignment(|counts| counts.by_epoch = vec![vec![3_000, 1_000], vec![1_000, 3_000]])
            .exposed(&[1_500 + 800, 500 + late])
            .exposure(|counts| counts.by_epoch = vec![vec![1_500, 500], vec![800, late]])
            .check(CheckId::ExposureRate)
    };
    assert_status(&ramp(2_400), CheckStatus::Pass);
    let apart = ramp(2_100);
    assert_status(&apart, CheckStatus::Fail);
    assert!(
        apart.finding.contains("depends on the variant"),
        "{}",
        apart.finding
    );
}
