//! Facts about bookkeeping: an identity of exact sums has no tolerance.

use super::assert_status;
use crate::checks::support::{Scene, cell, zeros_and_ones};
use crate::domain::definition::{MetricKind, Role};
use crate::domain::evidence::{
    Cell, Evidence, JointSums, Layout, LedgerLine, Partition, Slice, TableLedger,
};
use crate::domain::result::{CheckId, CheckStatus, Invalidates};

const ID: CheckId = CheckId::Bookkeeping;

fn of(values: &[f64]) -> Cell {
    let mut sums = JointSums::new(1);
    for value in values {
        sums.add(&[*value]);
    }
    cell(sums)
}

/// Itt of 0.1, 0.2, 0.3, 1e300 in both variants, split into parts by `new`.
fn split(parts: [&[f64]; 3]) -> Scene {
    let whole = [0.1, 0.2, 0.3, 1e300];
    let mut scene = Scene::new(&["old", "new"]).with(
        crate::checks::support::metric("spend", MetricKind::Mean),
        Role::Primary,
        Layout::default(),
        vec![of(&whole), of(&whole)],
    );
    scene.put(0, Partition::Unexposed, Slice::All, 0, of(&whole));
    let partitions = [
        Partition::ExposedFromAssignment,
        Partition::Unexposed,
        Partition::Unplaced,
    ];
    for (partition, values) in partitions.into_iter().zip(parts) {
        if !values.is_empty() {
            scene.put(0, partition, Slice::All, 1, of(values));
        }
    }
    scene
}

#[test]
fn parts_that_add_up_pass_in_any_order() {
    let check = split([&[1e300, 0.2], &[0.3], &[0.1]]).check(ID);
    assert_status(&check, CheckStatus::Pass);
    assert_eq!(check.evaluated, Some(2));
}

#[test]
fn a_missing_part_is_an_empty_one() {
    assert_status(
        &split([&[1e300, 0.2, 0.1, 0.3], &[], &[]]).check(ID),
        CheckStatus::Pass,
    );
}

#[test]
fn a_lost_unit_fails_and_invalidates_everything() {
    let check = split([&[1e300, 0.2], &[0.3], &[]]).check(ID);
    assert_status(&check, CheckStatus::Fail);
    assert_eq!(check.invalidates, [Invalidates::All]);
    assert_eq!(
        check.finding,
        "spend in 'new': itt has 4 units, its parts 3"
    );
}

/// In floating point both sums are 1e300; the exact ones differ in the last bit of 0.3.
#[test]
fn a_sum_off_by_one_bit_beside_a_huge_value_fails() {
    let almost = f64::from_bits(0.3_f64.to_bits() + 1);
    let check = split([&[1e300, 0.2], &[almost], &[0.1]]).check(ID);
    assert_status(&check, CheckStatus::Fail);
}

#[test]
fn units_with_open_windows_must_add_up_too() {
    let check = split([&[1e300, 0.2], &[0.3], &[0.1]])
        .cell(0, 1, |cell| cell.open = 1)
        .check(ID);
    assert_status(&check, CheckStatus::Fail);
}

#[test]
fn without_parts_it_does_not_run() {
    let check = Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(10, 5), (10, 6)])
        .check(ID);
    assert_status(&check, CheckStatus::NotRun);
}

#[test]
fn a_ledger_that_does_not_add_up_fails() {
    let mut ledger = TableLedger::new("events");
    ledger.read = 10;
    let line = LedgerLine {
        used: 9,
        ..LedgerLine::default()
    };
    ledger.by_variant.insert(String::new(), line);
    let check = Scene::new(&["old", "new"]).ledger(ledger).check(ID);
    assert_status(&check, CheckStatus::Fail);
    assert!(check.finding.contains("'events'"));
}

#[test]
fn published_moments_have_no_parts() {
    let mut scene = Scene::new(&["old", "new"]).with(
        crate::checks::support::metric("spend", MetricKind::Mean),
        Role::Primary,
        Layout::default(),
        vec![cell(zeros_and_ones(4, 2)), cell(zeros_and_ones(4, 2))],
    );
    for cell in scene.summary.cells.values_mut() {
        cell.evidence = Evidence::Published(cell.moments());
    }
    assert_status(&scene.check(ID), CheckStatus::NotRun);
}
