//! Facts about labels, ids, duplicates and joins.

use super::assert_status;
use crate::checks::support::Scene;
use crate::domain::definition::Role;
use crate::domain::evidence::{
    AttributeCounts, IdentifierCounts, OutcomeCounts, RejectionRule, TableLedger,
};
use crate::domain::result::{CheckId, CheckStatus, Invalidates};

fn scene() -> Scene {
    Scene::new(&["old", "new"]).proportion("conversion", Role::Primary, &[(10, 5), (10, 6)])
}

#[test]
fn an_unknown_label_fails_and_is_named_with_its_rows() {
    let check = scene()
        .assignment(|counts| counts.unknown_labels = vec![("third".to_owned(), 1_234)])
        .check(CheckId::VariantVocabulary);
    assert_status(&check, CheckStatus::Fail);
    assert_eq!(
        check.finding,
        "1,234 rows with a label that the experiment does not know: 'third'"
    );
    assert_eq!(check.invalidates, [Invalidates::All]);
}

#[test]
fn a_case_or_space_twin_of_a_known_label_is_called_one() {
    for twin in ["New", " new", "NEW ", "n ew"] {
        let check = scene()
            .assignment(|counts| counts.unknown_labels = vec![(twin.to_owned(), 1)])
            .check(CheckId::VariantVocabulary);
        assert_status(&check, CheckStatus::Fail);
        assert!(check.finding.contains("twin of 'new'"), "{}", check.finding);
    }
}

#[test]
fn declared_variants_that_are_twins_fail() {
    let check = Scene::new(&["blue", "Blue"]).check(CheckId::VariantVocabulary);
    assert_status(&check, CheckStatus::Fail);
}

#[test]
fn an_empty_variant_fails_unless_its_weight_was_always_zero() {
    let empty = Scene::new(&["old", "new", "newer"]).units(&[900, 900, 0]);
    let check = empty.clone().check(CheckId::VariantVocabulary);
    assert_status(&check, CheckStatus::Fail);
    assert_eq!(check.finding, "no unit in 'newer'");
    let unweighted = empty.weights(&[1.0, 1.0, 0.0]);
    assert_status(
        &unweighted.check(CheckId::VariantVocabulary),
        CheckStatus::Pass,
    );
}

#[test]
fn a_ten_thousand_character_label_is_cut() {
    let check = scene()
        .assignment(|counts| counts.unknown_labels = vec![("x".repeat(10_000), 1)])
        .check(CheckId::VariantVocabulary);
    assert!(check.finding.chars().count() < 200);
}

#[test]
fn any_bad_unit_id_warns_and_more_than_one_in_a_thousand_fails() {
    let with = |null: u64, placeholder: u64, zero_padded: u64| {
        let mut scene = scene();
        scene.summary.identifiers = IdentifierCounts {
            rows: 100_000,
            null,
            placeholder,
            zero_padded,
        };
        scene.check(CheckId::UnitIds)
    };
    assert_status(&with(0, 0, 0), CheckStatus::Pass);
    assert_status(&with(1, 0, 0), CheckStatus::Warn);
    assert_status(&with(50, 40, 10), CheckStatus::Warn);
    let beyond = with(50, 40, 11);
    assert_status(&beyond, CheckStatus::Fail);
    assert_eq!(beyond.failing, Some(101));
    assert_eq!(beyond.invalidates, [Invalidates::All]);
}

#[test]
fn duplicates_alike_in_every_variant_fail_without_invalidating() {
    let even = |units: u64| {
        scene()
            .units(&[10_000, 10_000])
            .assignment(|counts| counts.duplicate_units = vec![units, units])
            .check(CheckId::Duplicates)
    };
    assert_status(&even(5), CheckStatus::Pass);
    assert_status(&even(50), CheckStatus::Warn);
    let beyond = even(600);
    assert_status(&beyond, CheckStatus::Fail);
    assert!(beyond.invalidates.is_empty());
}

/// 20 and 100 of 10,000: χ² = 53.7, far beyond 0.001.
#[test]
fn duplicates_that_differ_by_variant_invalidate_everything() {
    let check = scene()
        .units(&[10_000, 10_000])
        .assignment(|counts| counts.duplicate_units = vec![20, 100])
        .check(CheckId::Duplicates);
    assert_status(&check, CheckStatus::Fail);
    assert_eq!(check.invalidates, [Invalidates::All]);
    assert!(check.finding.contains("differs between variants"));
}

/// The difference is sure, but one unit in two thousand is too few to matter.
#[test]
fn a_sure_difference_in_very_few_duplicates_passes() {
    let check = scene()
        .units(&[1_000_000, 1_000_000])
        .assignment(|counts| counts.duplicate_units = vec![300, 700])
        .check(CheckId::Duplicates);
    assert_status(&check, CheckStatus::Pass);
}

#[test]
fn exposures_without_assignment_stand_against_exposed_only() {
    let orphans = |rows: u64| {
        scene()
            .exposed(&[900, 900])
            .exposure(|counts| {
                counts.rows = 10_000;
                counts.orphan_rows = rows;
            })
            .check(CheckId::JoinIntegrity)
    };
    assert_status(&orphans(10), CheckStatus::Pass);
    assert_status(&orphans(11), CheckStatus::Warn);
    let beyond = orphans(101);
    assert_status(&beyond, CheckStatus::Fail);
    assert_eq!(beyond.invalidates, [Invalidates::Exposed]);
}

#[test]
fn events_of_other_units_are_no_fault_but_events_that_never_join_are() {
    let orphans = |rows: u64| {
        let mut scene = scene();
        scene.summary.outcomes = vec![OutcomeCounts {
            table: "events".to_owned(),
            rows: 1_000,
            orphan_rows: rows,
            future_rows: None,
            ..OutcomeCounts::default()
        }];
        scene.check(CheckId::JoinIntegrity)
    };
    assert_status(&orphans(999), CheckStatus::Pass);
    let none = orphans(1_000);
    assert_status(&none, CheckStatus::Fail);
    assert_eq!(
        none.invalidates,
        [Invalidates::Metric("conversion".to_owned())]
    );
}

#[test]
fn a_fan_out_stands_against_what_reads_the_table() {
    let fanned = |table: &str| {
        let mut scene = scene().experiment(|experiment| {
            experiment.segments = vec!["country".to_owned()];
        });
        scene.summary.attributes = vec![AttributeCounts {
            table: table.to_owned(),
            rows: 11,
            repeated_units: 1,
            matched: vec![5, 5],
        }];
        scene.check(CheckId::JoinIntegrity)
    };
    let metric = fanned("events");
    assert_status(&metric, CheckStatus::Fail);
    assert_eq!(
        metric.invalidates,
        [Invalidates::Metric("conversion".to_owned())]
    );
    let segment = fanned("units");
    assert_status(&segment, CheckStatus::Fail);
    assert_eq!(
        segment.invalidates,
        [Invalidates::Slice("country".to_owned())]
    );
}

#[test]
fn rows_without_a_variant_warn() {
    let mut ledger = TableLedger::new("assignments");
    ledger.read = 3;
    let line = ledger.by_variant.entry(String::new()).or_default();
    line.rejected.insert(RejectionRule::NullVariant.into(), 3);
    let check = scene().ledger(ledger).check(CheckId::VariantVocabulary);
    assert_status(&check, CheckStatus::Warn);
    assert_eq!(check.finding, "3 rows without any variant");
}

#[test]
fn units_without_a_row_of_attributes_warn_and_fail_where_one_variant_lacks_them() {
    let lacking = |matched: [u64; 2]| {
        let mut scene = Scene::new(&["old", "new"]);
        scene.summary.attributes = vec![AttributeCounts {
            table: "units".to_owned(),
            rows: 2_000,
            repeated_units: 0,
            matched: matched.to_vec(),
        }];
        scene.check(CheckId::JoinIntegrity)
    };
    assert_status(&lacking([1_000, 999]), CheckStatus::Pass);
    assert_status(&lacking([950, 945]), CheckStatus::Warn);
    let check = lacking([1_000, 500]);
    assert_status(&check, CheckStatus::Fail);
    assert!(
        check
            .finding
            .contains("500 of 2,000 units (25.00 %) have no row in table 'units'"),
        "{}",
        check.finding
    );
}
