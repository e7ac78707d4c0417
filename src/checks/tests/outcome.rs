//! Facts about too small and too soon; too good is asked of effects, in the readout's own tests.

use super::assert_status;
use crate::checks::shortfalls;
use crate::checks::support::{Scene, instant};
use crate::domain::definition::Role;
use crate::domain::evidence::DayCounts;
use crate::domain::result::{CheckId, CheckStatus, Invalidates};

const ID: CheckId = CheckId::Plausibility;

fn enough() -> Scene {
    Scene::new(&["old", "new"]).proportion("conversion", Role::Primary, &[(500, 100), (500, 110)])
}

#[test]
fn enough_units_days_and_conversions_pass() {
    assert_status(&enough().check(ID), CheckStatus::Pass);
}

#[test]
fn fewer_than_fifty_units_are_insufficient_for_the_decision() {
    let check = Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(500, 100), (49, 20)])
        .check(ID);
    assert_status(&check, CheckStatus::Insufficient);
    assert_eq!(check.invalidates, [Invalidates::Decision]);
    assert!(
        check.finding.contains("49 units in 'new'"),
        "{}",
        check.finding
    );
}

/// 8 conversions in 1,000 units: 4 expected in each half.
#[test]
fn fewer_than_five_expected_conversions_are_insufficient() {
    let few = Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(500, 8), (500, 0)])
        .check(ID);
    assert_status(&few, CheckStatus::Insufficient);
    assert!(
        few.finding.contains("expects 4.0 conversions"),
        "{}",
        few.finding
    );
    let five = Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(500, 10), (500, 0)])
        .check(ID);
    assert_status(&five, CheckStatus::Pass);
}

#[test]
fn a_rare_diagnostic_does_not_hold_anything_up() {
    let check = enough()
        .proportion("crash", Role::Diagnostic, &[(500, 0), (500, 1)])
        .check(ID);
    assert_status(&check, CheckStatus::Pass);
}

#[test]
fn one_small_variant_is_not_held_against_another() {
    let scene = Scene::new(&["old", "new", "newer"]).proportion(
        "conversion",
        Role::Primary,
        &[(500, 100), (500, 110), (20, 5)],
    );
    scene.ask(&[], |context| {
        assert!(shortfalls(context, 1).is_empty());
        assert!(!shortfalls(context, 2).is_empty());
    });
}

#[test]
fn two_days_are_too_soon() {
    let mut scene = enough();
    scene.summary.as_of.instant = Some(instant("2026-03-03T00:00:00Z"));
    let check = scene.check(ID);
    assert_status(&check, CheckStatus::Warn);
    assert!(check.finding.contains("only 2.0 days"), "{}", check.finding);
}

#[test]
fn part_weeks_are_noted_and_no_more() {
    let days = |count: u32| {
        enough()
            .assignment(|counts| {
                counts.by_day = (1..=count)
                    .map(|day| DayCounts {
                        day: format!("2026-03-{day:02}"),
                        units: vec![1, 1],
                    })
                    .collect();
            })
            .check(ID)
    };
    let part = days(10);
    assert_status(&part, CheckStatus::Pass);
    assert!(
        part.finding.contains("10 days, not whole weeks"),
        "{}",
        part.finding
    );
    assert!(!days(14).finding.contains("weeks"));
}

#[test]
fn more_than_a_tenth_of_windows_open_warns() {
    let open = |units: u64| enough().cell(0, 1, |cell| cell.open = units).check(ID);
    assert_status(&open(111), CheckStatus::Pass);
    let beyond = open(112);
    assert_status(&beyond, CheckStatus::Warn);
    assert!(beyond.finding.contains("10.07 %"), "{}", beyond.finding);
}
