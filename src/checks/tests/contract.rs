//! Facts about the workspace's own data contract.

use super::assert_status;
use crate::checks::support::Scene;
use crate::domain::definition::{
    CellType, ContractRule, ContractSeverity, Identifier, Requirement, Role, TableKind,
};
use crate::domain::evidence::{ContractCounts, RowRule, TableLedger};
use crate::domain::result::{CheckId, CheckStatus, Invalidates};

const ID: CheckId = CheckId::Contract;

fn rule(id: &str, kind: TableKind, severity: ContractSeverity) -> ContractRule {
    ContractRule {
        id: Identifier::new(id).unwrap(),
        table: kind.name().to_owned(),
        kind,
        filters: Vec::new(),
        requirement: Requirement::Type {
            column: "value".to_owned(),
            is: CellType::Number,
        },
        severity,
        reject: true,
        owner: Some("payments".to_owned()),
        impact: Some("revenue is too small".to_owned()),
    }
}

/// A ledger of a table with these rows rejected by a rule, by variant.
fn ledger(table: &str, rule: &str, rejected: [u64; 2]) -> TableLedger {
    let mut ledger = TableLedger::new(table);
    for (variant, rows) in ["old", "new"].into_iter().zip(rejected) {
        let line = ledger.by_variant.entry(variant.to_owned()).or_default();
        line.used = 1_000;
        if rows > 0 {
            let rule = RowRule::Contract(Identifier::new(rule).unwrap());
            line.rejected.insert(rule, rows);
        }
        ledger.read += line.read();
    }
    ledger
}

fn scene(kind: TableKind, severity: ContractSeverity, rejected: [u64; 2]) -> Scene {
    let mut scene = Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(2_000, 200); 2])
        .ledger(ledger(kind.name(), "value-is-number", rejected));
    scene.contract.push(rule("value-is-number", kind, severity));
    scene
}

#[test]
fn a_contract_that_nobody_declares_is_not_run_and_one_that_is_kept_passes() {
    assert_status(&Scene::new(&["old", "new"]).check(ID), CheckStatus::NotRun);
    let kept = scene(TableKind::Events, ContractSeverity::Fail, [0, 0]).check(ID);
    assert_status(&kept, CheckStatus::Pass);
    assert_eq!((kept.evaluated, kept.failing), (Some(2_000), Some(0)));
}

#[test]
fn a_broken_rule_fails_or_warns_as_it_says_with_its_owner_and_what_it_means() {
    let broken = scene(TableKind::Events, ContractSeverity::Fail, [3, 5]).check(ID);
    assert_status(&broken, CheckStatus::Fail);
    assert_eq!(broken.owner, "payments");
    assert_eq!((broken.evaluated, broken.failing), (Some(2_008), Some(8)));
    insta::assert_snapshot!(broken.finding, @"value-is-number: 8 rows of 'events' (0.40 % of those of its units) rejected, owned by payments: revenue is too small");
    let warned = scene(TableKind::Events, ContractSeverity::Warn, [3, 5]).check(ID);
    assert_status(&warned, CheckStatus::Warn);
    assert!(warned.invalidates.is_empty());
}

#[test]
fn what_units_outside_the_experiment_did_is_no_fault_of_it() {
    let mut scene = scene(TableKind::Events, ContractSeverity::Fail, [0, 0]);
    let rule = RowRule::Contract(Identifier::new("value-is-number").unwrap());
    let ledger = &mut scene.summary.ledgers[0];
    let nobody = ledger.by_variant.entry(String::new()).or_default();
    nobody.rejected.insert(rule, 500);
    ledger.read += 500;
    let check = scene.check(ID);
    assert_status(&check, CheckStatus::Pass);
    assert_eq!((check.evaluated, check.failing), (Some(2_000), Some(0)));
}

#[test]
fn it_invalidates_what_reads_the_table() {
    let of = |kind| {
        scene(kind, ContractSeverity::Fail, [1, 0])
            .check(ID)
            .invalidates
    };
    assert_eq!(of(TableKind::Assignments), [Invalidates::All]);
    assert_eq!(of(TableKind::Exposures), [Invalidates::Exposed]);
    assert_eq!(
        of(TableKind::Events),
        [Invalidates::Metric("conversion".to_owned())]
    );
    assert_eq!(of(TableKind::Units), []);
}

#[test]
fn units_with_rejected_rows_must_be_as_many_in_every_variant() {
    let id = CheckId::DifferentialMissingness;
    let of = |units: [u64; 2]| {
        let mut scene =
            scene(TableKind::Events, ContractSeverity::Warn, [9, 9]).units(&[2_000, 2_000]);
        scene.summary.contract.push(ContractCounts {
            rule: Identifier::new("value-is-number").unwrap(),
            table: "events".to_owned(),
            by_epoch: vec![units.to_vec()],
        });
        scene.check(id)
    };
    assert_status(&of([100, 104]), CheckStatus::Pass);
    let differing = of([100, 190]);
    assert_status(&differing, CheckStatus::Fail);
    assert_eq!(
        differing.invalidates,
        [Invalidates::Metric("conversion".to_owned())]
    );
    assert_eq!(differing.failing, Some(290));
    assert!(
        differing
            .finding
            .starts_with("units with rows rejected by value-is-number: 9.50 % in 'new'"),
        "{}",
        differing.finding
    );
}
