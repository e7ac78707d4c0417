//! What the engine makes of a data contract: which rows it rejects, which it counts, under whose name.

use std::fmt::Write as _;

use readout::domain::definition::Identifier;
use readout::domain::evidence::{RejectionRule, RowRule, Summary};
use readout::engine::{self, Progress, Resources};

use super::scene::{Asked, Scene, ledger};

/// Four units, two a variant, with purchases in euros and in nothing.
fn shop() -> Scene {
    Scene::new()
        .table(
            "assignments",
            "unit_id,variant_id,assigned_at\n1,a,2026-03-02T00:00:00Z\n2,a,2026-03-02T00:00:00Z\n\
             3,b,2026-03-02T00:00:00Z\n4,b,2026-03-02T00:00:00Z\n",
        )
        .table(
            "events",
            "unit_id,event_name,value,currency,occurred_at,ingested_at\n\
             1,buy,5,EUR,2026-03-03T00:00:00Z,2026-03-03T01:00:00Z\n\
             2,buy,7,,2026-03-03T00:00:00Z,2026-03-03T01:00:00Z\n\
             3,buy,9,XXX,2026-03-03T00:00:00Z,2026-03-02T01:00:00Z\n\
             3,view,,,2026-03-03T00:00:00Z,\n\
             4,buy,much,EUR,2026-03-03T00:00:00Z,2026-03-03T01:00:00Z\n\
             9,buy,1,XXX,2026-03-03T00:00:00Z,2026-03-03T01:00:00Z\n\
             ,buy,1,XXX,2026-03-03T00:00:00Z,2026-03-03T01:00:00Z\n",
        )
        .metric(
            "spend",
            "mean",
            "value = { table = \"events\", aggregate = \"sum\", column = \"value\" }\nwindow = \"7d\"",
        )
        .known_before("2026-04-01T00:00:00Z")
}

const CURRENCY: &str = "require = [{ column = \"currency\", op = \"in\", value = [\"EUR\", \"USD\"] }]\n\
    where = [{ column = \"event_name\", op = \"=\", value = \"buy\" }]";

fn rejected_by(summary: &Summary, table: &str, rule: &str) -> Vec<(String, u64)> {
    let rule = RowRule::Contract(Identifier::new(rule).unwrap());
    let lines = ledger(summary, table).by_variant.iter();
    lines
        .filter_map(|(variant, line)| Some((variant.clone(), *line.rejected.get(&rule)?)))
        .collect()
}

fn lines(counts: &[(&str, u64)]) -> Vec<(String, u64)> {
    let counts = counts.iter();
    counts
        .map(|(variant, rows)| ((*variant).to_owned(), *rows))
        .collect()
}

#[test]
fn a_row_that_breaks_a_rule_is_rejected_under_its_id_by_the_variant_of_its_unit() {
    let summary = shop().rule("currency-known", "events", CURRENCY).summary();
    let found = rejected_by(&summary, "events", "currency-known");
    assert_eq!(found, lines(&[("", 1), ("a", 1), ("b", 1)]));
    assert_eq!(
        summary.sum(0, readout::domain::definition::Population::Itt, 0),
        5.0
    );
    let first = &ledger(&summary, "events").examples[0];
    assert_eq!((first.row, first.column.as_deref()), (3, Some("currency")));
    // A row about nobody is held to no rule: there is nobody whose rule it could be.
    assert_eq!(summary.rejected("events", RejectionRule::NullUnitId), 1);
    assert_eq!(summary.contract[0].by_epoch, [[1, 1]]);
}

#[test]
fn a_rule_that_only_counts_leaves_every_number_as_it_is() {
    let without = shop().summary();
    let counted = shop()
        .rule(
            "currency-known",
            "events",
            &format!("{CURRENCY}\nreject = false"),
        )
        .summary();
    let of = |variant: &str| {
        let line = &ledger(&counted, "events").by_variant[variant];
        line.counted.values().copied().collect::<Vec<_>>()
    };
    assert_eq!([of("a"), of("b"), of("")], [[1], [1], [1]]);
    assert_eq!(counted.cells, without.cells);
    assert_eq!(
        ledger(&counted, "events").rejected(),
        ledger(&without, "events").rejected()
    );
}

#[test]
fn of_several_rules_the_first_declared_rejects_a_row() {
    let order = "order = [\"occurred_at\", \"ingested_at\"]";
    let one = shop()
        .rule("known-after", "events", order)
        .rule("currency-known", "events", CURRENCY)
        .summary();
    assert_eq!(
        rejected_by(&one, "events", "known-after"),
        lines(&[("b", 1)])
    );
    assert_eq!(
        rejected_by(&one, "events", "currency-known"),
        lines(&[("", 1), ("a", 1)])
    );
    let other = shop()
        .rule("currency-known", "events", CURRENCY)
        .rule("known-after", "events", order)
        .summary();
    assert_eq!(rejected_by(&other, "events", "known-after"), []);
    assert_eq!(one.cells, other.cells);
}

#[test]
fn a_rule_on_a_cell_comes_before_the_built_in_one_whatever_metrics_read() {
    let rule = "type = { column = \"value\", is = \"number\" }";
    let summary = shop().rule("value-is-number", "events", rule).summary();
    assert_eq!(
        rejected_by(&summary, "events", "value-is-number"),
        lines(&[("b", 1)])
    );
    assert_eq!(summary.rejected("events", RejectionRule::BadNumber), 0);
}

#[test]
fn assignments_that_break_a_rule_make_no_unit() {
    let rule = "require = [{ column = \"unit_id\", op = \"!=\", value = \"3\" }]";
    let summary = shop().rule("not-three", "assignments", rule).summary();
    assert_eq!(
        rejected_by(&summary, "assignments", "not-three"),
        lines(&[("b", 1)])
    );
    assert_eq!(
        summary.units_in(readout::domain::evidence::Partition::Itt),
        [2, 1]
    );
}

#[test]
fn a_column_that_no_file_has_is_an_error_that_names_it() {
    let rule = "require = [{ column = \"curency\", op = \"not-null\" }]";
    let error = shop()
        .rule("currency-known", "events", rule)
        .run()
        .unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("'curency'") && said.contains("'currency'"),
        "{said}"
    );
}

#[test]
fn every_format_is_judged_alike() {
    // The same cells as JSON, where numbers are numbers and a list is no text.
    let lines = "{\"unit_id\":1,\"value\":5,\"note\":\"x\",\"occurred_at\":\"2026-03-03T00:00:00Z\"}\n\
        {\"unit_id\":2,\"value\":7.5,\"note\":null,\"occurred_at\":\"2026-03-03T00:00:00Z\"}\n\
        {\"unit_id\":3,\"value\":\"8\",\"note\":[1],\"occurred_at\":\"2026-03-03T00:00:00Z\"}\n";
    let scene = Scene::new()
        .table(
            "assignments",
            "unit_id,variant_id,assigned_at\n1,a,2026-03-02T00:00:00Z\n2,a,2026-03-02T00:00:00Z\n3,b,2026-03-02T00:00:00Z\n",
        )
        .declare("events = \"tables/events.ndjson\"")
        .metric(
            "orders",
            "mean",
            "value = { table = \"events\", aggregate = \"count\" }\nwindow = \"7d\"",
        )
        .known_before("2026-04-01T00:00:00Z")
        .rule("whole", "events", "type = { column = \"value\", is = \"integer\" }")
        .rule("noted", "events", "require = [{ column = \"note\", op = \"is-null\" }]");
    scene.file("tables/events.ndjson", lines);
    let summary = scene.summary();
    assert_eq!(
        rejected_by(&summary, "events", "whole"),
        [("a".to_owned(), 1)]
    );
    // A list cannot be read as text, so nobody knows that there is nothing.
    assert_eq!(
        rejected_by(&summary, "events", "noted"),
        [("a".to_owned(), 1), ("b".to_owned(), 1)]
    );
}

#[test]
fn all_rejected_rows_are_named_when_asked_for_whatever_threads_and_memory() {
    let mut text = "unit_id,event_name,value,currency,occurred_at,ingested_at\n".to_owned();
    for row in 0..20_000 {
        let currency = if row % 3 == 0 { "EUR" } else { "?" };
        writeln!(text, "{},buy,1,{currency},2026-03-03T00:00:00Z,", row % 7).unwrap();
    }
    let scene = shop().rule("currency-known", "events", CURRENCY);
    scene.file("tables/events.csv", text);
    let plan = scene.plan();
    let run = |resources: &Resources| {
        let mut summaries =
            engine::run(&plan, scene.root(), resources, &Progress::default()).unwrap();
        summaries.remove(0)
    };
    let one = run(&Resources {
        named: 5_000,
        ..Resources::with_threads(1)
    });
    let examples = &ledger(&one, "events").examples;
    assert_eq!(examples.len(), 5_000);
    assert!(examples.is_sorted());
    let several = run(&Resources {
        named: 5_000,
        memory: Some(1),
        ..Resources::with_threads(3)
    });
    assert_eq!(one, several);
}

#[test]
fn experiments_that_share_a_table_each_hold_it_to_their_own_contract() {
    let order = "order = [\"occurred_at\", \"ingested_at\"]";
    let scene = shop().rule("currency-known", "events", CURRENCY).rule(
        "known-after",
        "events",
        &format!("{order}\nreject = false"),
    );
    let with = scene.plan();
    let mut without = with.clone();
    without.contract.clear();
    let mut other = with.clone();
    other.contract.reverse();
    let plans = [&with, &without, &other, &with];
    let resources = Resources::with_threads(2);
    let alone: Vec<Vec<Summary>> = plans
        .iter()
        .map(|plan| engine::run(plan, scene.root(), &resources, &Progress::default()).unwrap())
        .collect();
    let together =
        engine::run_together(&plans, scene.root(), &resources, &Progress::default()).unwrap();
    assert_eq!(together, alone);
    assert_ne!(alone[0], alone[1]);
}
