//! Carry-over, eligibility, design drift.

use crate::checks::support::{Scene, instant};
use crate::domain::definition::{ExperimentStatus, SequentialFamily};
use crate::domain::evidence::DayCounts;
use crate::domain::result::{CheckId, CheckStatus};

fn scene() -> Scene {
    Scene::new(&["old", "new"])
}

#[test]
fn units_of_an_earlier_version_warn_above_a_twentieth() {
    let seen = |units: [u64; 2]| {
        scene()
            .assignment(|counts| counts.seen_earlier = Some(units.to_vec()))
            .check(CheckId::CarryOver)
    };
    assert_eq!(seen([0, 0]).status, CheckStatus::Pass);
    assert_eq!(seen([50, 50]).status, CheckStatus::Pass);
    let check = seen([60, 50]);
    assert_eq!(check.status, CheckStatus::Warn);
    assert_eq!(
        check.finding,
        "110 of 2,000 units (5.50 %) were in an earlier version of the experiment"
    );
}

#[test]
fn a_salt_that_another_experiment_has_fails_everything() {
    let mut scene = scene().experiment(|experiment| experiment.salt = Some("s1".to_owned()));
    assert_eq!(scene.check(CheckId::CarryOver).status, CheckStatus::Pass);
    scene.same_salt = vec!["search".to_owned()];
    let check = scene.check(CheckId::CarryOver);
    assert_eq!(check.status, CheckStatus::Fail);
    assert!(check.finding.contains("'search'"), "{}", check.finding);
}

#[test]
fn without_versions_and_salt_carry_over_is_not_looked_at() {
    assert_eq!(
        scene().check(CheckId::CarryOver).status,
        CheckStatus::NotRun
    );
}

/// A day with the units that are in, and those that are not.
type Day<'a> = (&'a str, [u64; 2], [u64; 2]);

fn left_out(units: [u64; 2], days: &[Day<'_>]) -> (CheckStatus, String) {
    let of = |pick: fn(&Day<'_>) -> [u64; 2]| -> Vec<DayCounts> {
        let days = days.iter();
        days.map(|day| DayCounts {
            day: day.0.to_owned(),
            units: pick(day).to_vec(),
        })
        .collect()
    };
    let check = scene()
        .assignment(|counts| {
            counts.ineligible = Some(units.to_vec());
            counts.by_day = of(|day| day.1);
            counts.ineligible_by_day = of(|day| day.2);
        })
        .check(CheckId::Eligibility);
    (check.status, check.finding)
}

#[test]
fn ineligible_units_fail_above_a_thousandth() {
    assert_eq!(left_out([1, 0], &[]).0, CheckStatus::Pass);
    let (status, finding) = left_out([10, 9], &[]);
    assert_eq!(status, CheckStatus::Fail);
    assert_eq!(
        finding,
        "19 of 2,019 units assigned (0.94 %) are not eligible, and are left out"
    );
    assert_eq!(
        scene().check(CheckId::Eligibility).status,
        CheckStatus::NotRun
    );
}

#[test]
fn a_share_of_ineligible_units_that_differs_or_shifts_is_said() {
    let (_, finding) = left_out([60, 5], &[]);
    assert!(finding.contains("it differs between variants"), "{finding}");
    let days = [
        ("2026-03-01", [500, 500], [0, 0]),
        ("2026-03-02", [500, 500], [30, 31]),
    ];
    let (_, finding) = left_out([30, 31], &days);
    assert!(finding.contains("changes over days"), "{finding}");
}

#[test]
fn a_fixed_horizon_is_not_read_early() {
    let planned = |family, status, end| {
        let mut scene = scene().experiment(|experiment| {
            experiment.status = status;
            experiment.plan.end = Some(instant(end));
        });
        scene.conventions.sequential = family;
        scene.check(CheckId::DesignDrift).status
    };
    let (running, over) = (ExperimentStatus::Running, ExperimentStatus::Concluded);
    let (early, due) = ("2026-05-01T00:00:00Z", "2026-04-01T00:00:00Z");
    assert_eq!(
        planned(SequentialFamily::Fixed, running, early),
        CheckStatus::Warn
    );
    assert_eq!(
        planned(SequentialFamily::Fixed, over, early),
        CheckStatus::Warn
    );
    assert_eq!(
        planned(SequentialFamily::Fixed, running, due),
        CheckStatus::Pass
    );
    assert_eq!(
        planned(SequentialFamily::ConfidenceSequence, running, early),
        CheckStatus::Pass
    );
    assert_eq!(
        scene().check(CheckId::DesignDrift).status,
        CheckStatus::NotRun
    );
}
