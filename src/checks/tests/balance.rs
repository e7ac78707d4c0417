//! Facts about what variants cannot have changed.

use super::assert_status;
use crate::checks::support::{Scene, cell, metric, zeros_and_ones};
use crate::domain::definition::{MetricKind, Role};
use crate::domain::evidence::{Cell, Evidence, JointSums, Layout, Partition, Slice};
use crate::domain::result::{CheckId, CheckStatus, Invalidates};

/// Half of 2,000 units a variant are exposed; of the others so many convert.
fn unexposed(ones: [u64; 2]) -> Scene {
    let mut scene = Scene::new(&["old", "new"])
        .units(&[2_000, 2_000])
        .exposed(&[1_000, 1_000])
        .proportion("conversion", Role::Primary, &[(2_000, 300), (2_000, 300)]);
    for (variant, ones) in ones.into_iter().enumerate() {
        let rest = cell(zeros_and_ones(1_000, ones));
        scene.put(0, Partition::Unexposed, Slice::All, variant, rest);
    }
    scene
}

#[test]
fn an_effect_on_units_that_never_met_the_variant_fails() {
    let id = CheckId::Placebo;
    let found = unexposed([100, 160]).check(id);
    assert_status(&found, CheckStatus::Fail);
    assert_eq!(found.invalidates, [Invalidates::Exposed]);
    assert!(
        found.finding.contains("conversion in 'new'"),
        "{}",
        found.finding
    );
    assert_status(&unexposed([100, 104]).check(id), CheckStatus::Pass);
    let mut one_sided = unexposed([100, 160]);
    one_sided.experiment.exposure.control_can_be_exposed = false;
    assert_status(&one_sided.check(id), CheckStatus::NotRun);
    let uneven = unexposed([100, 160]).exposed(&[1_000, 700]);
    let after = uneven.check(id);
    assert_status(&after, CheckStatus::NotRun);
    assert!(after.finding.contains("Exposure rate"), "{}", after.finding);
}

/// A value, a covariate around a level, and whether it is unknown.
fn adjusted(level: f64) -> Cell {
    let mut sums = JointSums::new(3);
    for unit in 0..1_000 {
        let noise = f64::from(unit % 7) - 3.0;
        sums.add(&[noise, level + noise, 0.0]);
    }
    Cell::of(Evidence::Exact(sums))
}

fn before(levels: [f64; 2], exposed: [f64; 2]) -> Scene {
    let layout = Layout {
        covariates: 1,
        ..Layout::PLAIN
    };
    let cells = levels.map(adjusted).to_vec();
    let mut scene = Scene::new(&["old", "new"]).exposed(&[1_000, 1_000]).with(
        metric("revenue", MetricKind::Mean),
        Role::Primary,
        layout,
        cells,
    );
    for (variant, level) in exposed.into_iter().enumerate() {
        scene.put(0, Partition::Exposed, Slice::All, variant, adjusted(level));
    }
    scene
}

#[test]
fn variants_that_differed_before_assignment_fail_and_say_among_whom() {
    let id = CheckId::PrePeriodBalance;
    assert_status(
        &before([5.0, 5.01], [5.0, 5.02]).check(id),
        CheckStatus::Pass,
    );
    let all = before([5.0, 5.5], [5.0, 5.0]).check(id);
    assert_status(&all, CheckStatus::Fail);
    assert_eq!(all.invalidates, [Invalidates::Metric("revenue".to_owned())]);
    let selected = before([5.0, 5.0], [5.0, 5.5]).check(id);
    assert_eq!(selected.invalidates, [Invalidates::Exposed]);
    assert!(
        selected.finding.contains("among the exposed"),
        "{}",
        selected.finding
    );
    let plain = Scene::new(&["old", "new"]).proportion("c", Role::Primary, &[(100, 10); 2]);
    assert_status(&plain.check(id), CheckStatus::NotRun);
    let unequal = before([5.0, 5.0], [5.0, 5.5])
        .exposed(&[1_000, 600])
        .check(id);
    assert_status(&unequal, CheckStatus::Pass);
    assert!(
        unequal.finding.contains("not asked among the exposed"),
        "{}",
        unequal.finding
    );
}

#[test]
fn more_missing_values_in_one_variant_fail_where_they_are_enough_to_matter() {
    let id = CheckId::DifferentialMissingness;
    let missing = |counts: [u64; 2], units: u64| {
        let mut scene = Scene::new(&["old", "new"]).proportion(
            "latency",
            Role::Secondary,
            &[(units, units / 10); 2],
        );
        for (variant, count) in counts.into_iter().enumerate() {
            scene = scene.cell(0, variant, |cell| cell.missing = count);
        }
        scene
    };
    assert_status(&missing([0, 0], 2_000).check(id), CheckStatus::Pass);
    assert_status(&missing([100, 104], 2_000).check(id), CheckStatus::Pass);
    let lost = missing([100, 190], 2_000).check(id);
    assert_status(&lost, CheckStatus::Fail);
    assert_eq!(
        lost.invalidates,
        [Invalidates::Metric("latency".to_owned())]
    );
    // 0.02 % against 0.06 %, of two hundred thousand: sure, and too little to matter.
    assert_status(&missing([40, 120], 200_000).check(id), CheckStatus::Warn);
    assert_status(&Scene::new(&["old", "new"]).check(id), CheckStatus::NotRun);
}

#[test]
fn consent_that_differs_between_variants_fails_everything() {
    let with = |refused: [u64; 2]| {
        Scene::new(&["old", "new"])
            .units(&[10_000, 10_000])
            .proportion("purchase", Role::Primary, &[(10_000, 900), (10_000, 950)])
            .assignment(|counts| counts.without_consent = Some(refused.to_vec()))
            .check(CheckId::DifferentialMissingness)
    };
    assert_status(&with([500, 510]), CheckStatus::Pass);
    let check = with([500, 900]);
    assert_status(&check, CheckStatus::Fail);
    assert_eq!(check.invalidates, [Invalidates::All]);
    assert!(
        check.finding.contains("without consent 8.26 %"),
        "{}",
        check.finding
    );
}
