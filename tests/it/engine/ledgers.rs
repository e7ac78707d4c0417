//! Nothing is lost in silence: every row of dirty tables has its line, by table and variant, to the row.

use std::collections::BTreeMap;

use readout::domain::evidence::{OutOfScope, RejectionRule, Summary};

use super::scene::{Asked, Scene, ledger};

const ASSIGNED: &str = "unit_id,experiment_id,experiment_version,variant_id,assigned_at
u1,trial,1,a,2026-03-02T00:00:00Z
u2,trial,1,a,2026-03-02T00:00:00Z
u3,trial,1,b,2026-03-02T00:00:00Z
u3,trial,1,b,2026-03-03T00:00:00Z
,trial,1,a,2026-03-02T00:00:00Z
undefined,trial,1,b,2026-03-02T00:00:00Z
,trial,1,?,2026-03-02T00:00:00Z
u4,trial,1,,2026-03-02T00:00:00Z
u5,trial,1,c,2026-03-02T00:00:00Z
u6,trial,1,b,
u7,trial,1,b,02/03/2026
u8,other,1,a,never
u9,trial,7,a,2026-03-02T00:00:00Z
u10,,1,a,2026-03-02T00:00:00Z
u11,trial,1,a,2026-02-02T00:00:00Z
u12,trial,1,b,2026-06-02T00:00:00Z
u13,trial,1,b
u14,trial,1,b,2026-03-02T00:00:00Z,more
";

const EXPOSED: &str = "unit_id,variant_id,exposed_at,exposure_type
u1,a,2026-03-02T00:00:00Z,view
u1,b,2026-03-02T00:00:00Z,view
u2,a,2026-03-01T00:00:00Z,view
u3,b,2026-03-20T00:00:00Z,view
u3,b,2026-03-02T01:00:00Z,preload
u3,b,,view
u3,b,soon,view
u3,x,2026-03-02T00:00:00Z,view
,b,2026-03-02T00:00:00Z,view
u77,b,2026-03-02T00:00:00Z,view
u3,b,2026-06-02T00:00:00Z,view
";

const EVENTS: &str = "unit_id,event_name,value,occurred_at
u1,buy,1.5,2026-03-03T00:00:00Z
u1,buy,,2026-03-03T00:00:00Z
u1,view,1,2026-03-03T00:00:00Z
u1,buy,1,2026-04-03T00:00:00Z
u2,buy,much,2026-03-03T00:00:00Z
u2,buy,inf,2026-03-03T00:00:00Z
u3,buy,NaN,2026-03-03T00:00:00Z
u3,buy,1,
u3,buy,1,yesterday
u3,buy,1,2026-06-03T00:00:00Z
u99,buy,1,2026-03-03T00:00:00Z
,buy,1,2026-03-03T00:00:00Z
n/a,buy,1,2026-03-03T00:00:00Z
u3,buy
";

fn dirty() -> Summary {
    Scene::new()
        .table("assignments", ASSIGNED)
        .table("exposures", EXPOSED)
        .table("events", EVENTS)
        .metric(
            "spent",
            "mean",
            "value = { table = \"events\", column = \"value\", where = [{ column = \"event_name\", op = \"=\", value = \"buy\" }] }\nwindow = \"7d\"",
        )
        .experiment("[exposure]\ntypes = [\"view\"]\nwithin = \"7d\"")
        .known_before("2026-06-01T00:00:00Z")
        .summary()
}

/// The lines of a table as `variant outcome` → rows.
fn lines(summary: &Summary, table: &str) -> BTreeMap<String, u64> {
    let mut lines = BTreeMap::new();
    for (variant, line) in &ledger(summary, table).by_variant {
        let mut enter = |outcome: &str, rows: u64| {
            if rows > 0 {
                lines.insert(format!("{variant} {outcome}"), rows);
            }
        };
        enter("used", line.used);
        for (rule, rows) in &line.rejected {
            enter(rule.name(), *rows);
        }
        for (reason, rows) in &line.out_of_scope {
            enter(reason.name(), *rows);
        }
    }
    lines
}

fn expected(lines: &[(&str, u64)]) -> BTreeMap<String, u64> {
    lines
        .iter()
        .map(|(line, rows)| ((*line).to_owned(), *rows))
        .collect()
}

#[test]
fn every_assignment_row_has_its_line() {
    let summary = dirty();
    assert_eq!(
        lines(&summary, "assignments"),
        expected(&[
            ("a used", 2),
            ("b used", 2),
            ("a null-unit-id", 1),
            ("b placeholder-unit-id", 1),
            (" null-unit-id", 1),
            (" null-variant", 1),
            (" unknown-variant", 1),
            ("b null-timestamp", 1),
            ("b bad-timestamp", 1),
            (" other-experiment", 1),
            (" other-version", 1),
            (" null-experiment", 1),
            ("a outside-dates", 1),
            ("b after-as-of", 1),
            (" field-count", 2),
        ])
    );
    assert_eq!(ledger(&summary, "assignments").read, 18);
}

#[test]
fn every_exposure_row_has_its_line() {
    let summary = dirty();
    assert_eq!(
        lines(&summary, "exposures"),
        expected(&[
            ("a used", 1),
            ("b other-variant", 1),
            ("a before-assignment", 1),
            ("b too-late", 1),
            ("b other-type", 1),
            ("b null-timestamp", 1),
            ("b bad-timestamp", 1),
            (" unknown-variant", 1),
            ("b null-unit-id", 1),
            ("b other-unit", 1),
            ("b after-as-of", 1),
        ])
    );
    assert_eq!(ledger(&summary, "exposures").read, 11);
}

#[test]
fn every_event_row_has_its_line() {
    let summary = dirty();
    assert_eq!(
        lines(&summary, "events"),
        expected(&[
            ("a used", 2),
            ("a not-asked", 1),
            ("a outside-windows", 1),
            ("a bad-number", 1),
            ("a not-finite", 1),
            ("b not-finite", 1),
            ("b null-timestamp", 1),
            ("b bad-timestamp", 1),
            ("b after-as-of", 1),
            (" other-unit", 1),
            (" null-unit-id", 1),
            (" placeholder-unit-id", 1),
            (" field-count", 1),
        ])
    );
    assert_eq!(ledger(&summary, "events").read, 14);
}

#[test]
fn rejected_rows_are_named_by_file_line_and_column() {
    let summary = dirty();
    let examples = &ledger(&summary, "events").examples;
    let place = |line: u64| examples.iter().find(|example| example.row == line).unwrap();
    assert_eq!(place(6).rule, RejectionRule::BadNumber);
    assert_eq!(place(6).column.as_deref(), Some("value"));
    assert_eq!(place(6).file, "tables/events.csv");
    assert_eq!(place(10).rule, RejectionRule::BadTimestamp);
    assert_eq!(place(10).column.as_deref(), Some("occurred_at"));
    assert_eq!(place(15).rule, RejectionRule::FieldCount);
    assert!(examples.is_sorted());
    assert_eq!(summary.left_out("events", OutOfScope::OtherUnit), 1);
    assert_eq!(summary.rejected("events", RejectionRule::NotFinite), 2);
    assert_eq!(summary.used("events"), 2);
}
