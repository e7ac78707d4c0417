//! What is taken from a dbt manifest. The manifest beside this file is made by hand, of the documented shape of version 12.

use super::super::{
    ManifestError, RuleSource, RuleSubject, contract_rules, proposed_files, read_manifest,
};
use super::Folder;
use crate::domain::definition::TableKind;

const MANIFEST: &str = include_str!("manifest.json");

fn dbt() -> Folder {
    Folder::with(&[("manifest.json", MANIFEST)])
}

fn read(text: &str) -> Result<super::super::Manifest, ManifestError> {
    let folder = Folder::with(&[("manifest.json", text)]);
    read_manifest(&folder.path().join("manifest.json"))
}

#[test]
fn tables_are_taken_for_what_their_columns_are_named_and_their_files_are_left_open() {
    let proposal = dbt().proposal();
    let tables: Vec<String> = proposal
        .workspace
        .tables
        .values()
        .map(|table| format!("{} {} {}", table.name, table.kind, table.path))
        .collect();
    assert_eq!(
        tables,
        [
            "assignments assignments tables/assignments.parquet",
            "events events tables/orders.parquet",
            "units units tables/users.parquet",
        ]
    );
    let text = &proposed_files(&proposal).unwrap()["readout.toml"];
    assert!(
        text.contains("# Only the dbt manifest tells of this table"),
        "{text}"
    );
}

#[test]
fn a_file_of_that_name_is_the_table() {
    let folder = dbt();
    folder.write(
        "data/orders.csv",
        "user_id,event_name,event_time,amount\n1,buy,2026-03-01T10:00:00Z,5\n2,buy,2026-03-01T11:00:00Z,6\n",
    );
    let proposal = folder.proposal();
    assert_eq!(proposal.table("events").path, "data/orders.csv");
    assert_eq!(proposal.table("events").kind, TableKind::Events);
    assert!(
        proposal.metric_ids().contains(&"revenue"),
        "{:?}",
        proposal.left
    );
}

#[test]
fn metrics_come_with_their_owner_and_description() {
    let proposal = dbt().proposal();
    let metrics: Vec<String> = proposal
        .metrics
        .iter()
        .map(|one| {
            let metric = &one.metric;
            let value = &metric.value;
            format!(
                "{} {} {} {}({}) by {}",
                metric.id,
                metric.kind,
                value.table,
                value.aggregate,
                value.column.as_deref().unwrap_or(""),
                metric.owner
            )
        })
        .collect();
    assert_eq!(
        metrics,
        [
            "days-bought mean events count-distinct(occurred_at) by growth",
            "order-value ratio events sum(amount) by growth",
            "orders mean events count() by Finance",
            "revenue mean events sum(amount) by Pricing",
        ]
    );
    let revenue = proposal
        .metrics
        .iter()
        .find(|one| one.metric.id.as_str() == "revenue");
    assert_eq!(
        revenue.and_then(|one| one.metric.description.as_deref()),
        Some("What was paid")
    );
}

#[test]
fn what_is_not_understood_is_listed() {
    let left = dbt().proposal().left.join("\n");
    for part in [
        "dbt metric 'large_orders': it has a filter in SQL",
        "dbt metric 'net': it is over the expression 'amount - discount'",
        "dbt metric 'typical': it aggregates by 'median'",
        "dbt metric 'taxes': its table 'orders' has no column 'tax'",
        "dbt metric 'growth': metrics of type 'derived' have no counterpart",
        "dbt tests that declare nothing of one column",
        "test.shop.no_negative_amounts",
        "dbt node 'function.shop.later': resources of type 'function' are not known",
        "dbt tables that no readout could use by the columns they declare: calendar, sessions",
    ] {
        assert!(left.contains(part), "{part} in {left}");
    }
}

#[test]
fn tests_are_rules_of_the_contract_by_our_names() {
    let rules = contract_rules(&dbt().proposal());
    assert!(rules.iter().all(|rule| rule.source == RuleSource::Declared));
    let rules: Vec<(String, RuleSubject)> = rules
        .into_iter()
        .map(|rule| (rule.table, rule.subject))
        .collect();
    let unit = || "unit_id".to_owned();
    assert_eq!(
        rules,
        [
            (
                "assignments".to_owned(),
                RuleSubject::AcceptedValues {
                    column: "variant_id".to_owned(),
                    values: vec!["new".to_owned(), "old".to_owned()],
                }
            ),
            ("events".to_owned(), RuleSubject::NotNull { column: unit() }),
            (
                "events".to_owned(),
                RuleSubject::References {
                    column: unit(),
                    table: "units".to_owned(),
                    field: unit(),
                }
            ),
            (
                "units".to_owned(),
                RuleSubject::Unique {
                    columns: vec![unit()]
                }
            ),
        ]
    );
}

#[test]
fn another_version_or_another_file_is_refused() {
    let other = MANIFEST.replace("manifest/v12.json", "manifest/v4.json");
    let error = read(&other).unwrap_err().to_string();
    assert!(error.contains("v10 to v12 are read"), "{error}");
    let error = read("{\"a\": 1}").unwrap_err().to_string();
    assert!(error.contains("is no dbt manifest"), "{error}");
    assert!(matches!(read("{"), Err(ManifestError::NotJson { .. })));
    let deep = "[".repeat(100_000);
    assert!(matches!(read(&deep), Err(ManifestError::NotJson { .. })));
}

#[test]
fn names_that_would_act_reach_no_path_and_no_line() {
    let hostile = MANIFEST
        .replace(
            "\"name\": \"orders\", \"alias\"",
            "\"name\": \"../../x\\u001b[2J\\nkey = 1\", \"alias\"",
        )
        .replace(
            "\"name\": \"revenue\"",
            "\"name\": \"../re\\nvenue\\u202e\"",
        );
    let proposal = Folder::with(&[("manifest.json", &hostile)]).proposal();
    for path in proposed_files(&proposal).unwrap().keys() {
        assert!(
            !path.contains("..") && !path.chars().any(char::is_control),
            "{path}"
        );
    }
    for table in proposal.workspace.tables.values() {
        assert!(
            table.path.starts_with("tables/") && !table.path.contains(".."),
            "{}",
            table.path
        );
    }
    for line in &proposal.left {
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

#[test]
fn shapes_that_are_not_the_documented_ones_are_survived() {
    for part in ["nodes", "sources", "metrics", "semantic_models", "groups"] {
        for value in [
            "null",
            "[]",
            "7",
            "{\"a\": null}",
            "{\"a\": {\"name\": 3, \"resource_type\": \"model\"}}",
        ] {
            let text = format!(
                "{{\"metadata\": {{\"dbt_schema_version\": \"x/manifest/v11.json\"}}, \"{part}\": {value}}}"
            );
            read(&text).unwrap();
        }
    }
}
