//! Whatever a piece follows from is in its name: each field of a plan, one at a time.

use super::changes::{changes, plan, with};
use super::scene::{plan_metric, spend};
use crate::domain::definition::{Filter, FilterOperator, Literal, Table};
use crate::engine::cache::digest::Digests;
use crate::engine::cache::key::Keys;
use crate::plan::{AsOfRule, Plan};

fn digests() -> Digests {
    let tables = ["assignments", "exposures", "events", "units"];
    let tables = tables.map(|table| {
        let files = vec![
            (format!("{table}/1.csv"), "11".to_owned()),
            (format!("{table}/2.csv"), "22".to_owned()),
        ];
        (table.to_owned(), files)
    });
    Digests::known(tables.to_vec())
}

fn keys(plan: &Plan) -> Keys {
    Keys::of(plan, &digests())
}

#[test]
fn every_field_of_a_plan_is_in_the_names_of_its_pieces() {
    let known = keys(&plan());
    let changes = changes();
    assert!(changes.len() > 130, "{}", changes.len());
    for (place, plan) in changes {
        let other = keys(&plan);
        assert_ne!(other.counts, known.counts, "{place}");
        if !place.starts_with("experiment/metrics") {
            assert_ne!(other.metrics, known.metrics, "{place}");
        }
    }
}

#[test]
fn every_file_and_its_place_is_in_the_names_of_its_pieces() {
    let known = keys(&plan());
    for table in 0..4 {
        type Change = fn(&mut Vec<(String, String)>);
        let changes: [Change; 4] = [
            |files| files[1].1.push('0'),
            |files| files[1].0.push('0'),
            |files| files.swap(0, 1),
            |files| drop(files.pop()),
        ];
        for change in changes {
            let mut digests = digests();
            change(&mut digests.tables[table].1);
            let other = Keys::of(&plan(), &digests);
            assert_ne!(other.counts, known.counts, "{table}");
            assert_ne!(other.metrics, known.metrics, "{table}");
        }
    }
}

#[test]
fn the_same_plan_has_the_same_names() {
    assert_eq!(keys(&plan()), keys(&plan()));
}

#[test]
fn another_metric_over_the_same_columns_leaves_the_names_of_the_others() {
    let known = keys(&plan());
    let more = with(|plan| {
        plan_metric(plan, spend("refunds", "refund", "value"));
        plan.metrics.swap(0, 1);
    });
    let found = keys(&more);
    assert_eq!(found.metrics[1], known.metrics[0]);
    assert_ne!(found.metrics[0], known.metrics[0]);
    assert_ne!(found.counts, known.counts);
}

#[test]
fn another_metric_over_a_column_that_may_be_faulty_changes_them() {
    let known = keys(&plan());
    let more = with(|plan| plan_metric(plan, spend("prices", "purchase", "price")));
    assert_ne!(keys(&more).metrics[0], known.metrics[0]);
}

#[test]
fn an_instant_and_its_characters_are_different_filters() {
    let filtered = |literal: Literal| {
        with(|plan| {
            plan.metrics[0].metric.value.filters = vec![Filter {
                column: "value".to_owned(),
                operator: FilterOperator::Equal,
                values: vec![literal],
            }];
        })
    };
    let text = "2026-04-09T00:00:00Z";
    let as_text = keys(&filtered(Literal::Text(text.to_owned())));
    let as_time = keys(&filtered(Literal::Time(text.parse().unwrap())));
    assert_ne!(as_text.metrics, as_time.metrics);
    let whole = keys(&filtered(Literal::Integer(5)));
    let float = keys(&filtered(Literal::Float(5.0)));
    assert_ne!(whole.metrics, float.metrics);
}

#[test]
fn a_table_that_a_metric_does_not_read_leaves_its_name() {
    let with_content = |content: &str| {
        let mut plan = plan();
        plan.segments.clear();
        plan.others.push(Table {
            name: "visits".to_owned(),
            ..plan.others[0].clone()
        });
        let mut digests = digests();
        let files = vec![("visits.csv".to_owned(), content.to_owned())];
        digests.tables.push(("visits".to_owned(), files));
        let own = Keys::of(&plan, &digests);
        plan.as_of = AsOfRule::FromTables;
        (own, Keys::of(&plan, &digests))
    };
    let (before, before_from_tables) = with_content("33");
    let (after, after_from_tables) = with_content("44");
    assert_eq!(before.metrics, after.metrics);
    assert_ne!(before.counts, after.counts);
    // Any table may move as-of where the tables tell it.
    assert_ne!(before_from_tables.metrics, after_from_tables.metrics);
}
