//! Facts about each check, one file a family. Expected p-values come from independent tools, as named there.

mod allocation;
mod assignment;
mod balance;
mod contract;
mod events;
mod exposure;
mod false_alarms;
mod history;
mod identity;
mod inference;
mod integrity;
mod outcome;
mod weight;

use super::support::Scene;
use crate::domain::result::{Check, CheckId, CheckStatus};

/// Asserts a status, with the finding in the message.
#[track_caller]
fn assert_status(check: &Check, status: CheckStatus) {
    assert_eq!(check.status, status, "{}", check.finding);
}

/// Asserts a check's p-value to nine digits.
#[track_caller]
fn assert_p(check: &Check, expected: f64) {
    let observed = check.observed.unwrap();
    assert!(
        (observed / expected - 1.0).abs() < 1e-9,
        "{observed} is not {expected}: {}",
        check.finding
    );
}

#[test]
fn every_check_answers_once_in_the_order_of_dependence() {
    let scene = Scene::new(&["old", "new"]);
    let ids: Vec<CheckId> = scene
        .ask(&[], super::run)
        .iter()
        .map(|check| check.id)
        .collect();
    assert_eq!(ids, CheckId::ALL);
}

#[test]
fn every_check_has_a_question_an_owner_and_a_runbook_line() {
    for check in Scene::new(&["old", "new"]).ask(&[], super::run) {
        assert!(check.question.ends_with('?'), "{}", check.question);
        assert!(check.runbook.ends_with('.'), "{}", check.runbook);
        assert_eq!(check.owner, "checkout");
        assert!(!check.finding.is_empty());
    }
}

#[test]
fn checks_keep_their_runbook_numbers() {
    let numbers: Vec<u32> = Scene::new(&["old", "new"])
        .ask(&[], super::run)
        .iter()
        .map(|check| check.number)
        .collect();
    assert_eq!(
        numbers,
        [
            9, 10, 11, 12, 14, 13, 15, 29, 1, 2, 7, 8, 5, 23, 28, 6, 16, 19, 3, 4, 20, 21, 22, 17,
            18, 24, 25, 26, 27
        ]
    );
}

#[test]
fn only_what_went_wrong_invalidates() {
    for check in Scene::new(&["old", "new"]).ask(&[], super::run) {
        let wrong = matches!(check.status, CheckStatus::Fail | CheckStatus::Insufficient);
        assert!(wrong || check.invalidates.is_empty(), "{}", check.id);
    }
}

#[test]
fn published_summaries_leave_row_checks_unrun_and_never_passed() {
    use crate::domain::definition::Role;
    let mut scene = Scene::new(&["old", "new"]).published(
        "spend",
        Role::Primary,
        &[(500, 1.0, 2.0), (500, 1.1, 2.0)],
    );
    scene.summary.assignment = None;
    for id in [
        CheckId::UnitIds,
        CheckId::Duplicates,
        CheckId::JoinIntegrity,
        CheckId::Contract,
        CheckId::SeveralVariants,
        CheckId::TimeOrder,
        CheckId::ExposureRate,
        CheckId::SampleRatioExposed,
        CheckId::DifferentialMissingness,
        CheckId::FewUnits,
        CheckId::DuplicateOutcomes,
        CheckId::LateEvents,
        CheckId::Gaps,
        CheckId::Bookkeeping,
    ] {
        assert_status(&scene.check(id), CheckStatus::NotRun);
    }
}
