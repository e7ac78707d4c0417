//! Which file is which, and what its columns are.

use super::super::{ProposedRule, RuleSource, RuleSubject, contract_rules};
use super::{Folder, asked};
use crate::domain::definition::TableKind;
use crate::propose::init::InitAsked;

const WIDE: &str = "user_id,grp,group,converted,spend,pre_spend\n1,x,old,0,0,1\n2,y,new,1,5.5,2\n3,x,old,1,2,3\n4,y,new,0,0,4\n";
const EVENTS: &str = "\
account_id,event,ts,amount
1,buy,2026-03-01T10:00:00Z,5
2,buy,2026-03-02T10:00:00Z,7
1,visit,2026-03-03T10:00:00Z,
2,visit,2026-03-03T11:00:00Z,
";

#[test]
fn columns_are_mapped_by_their_usual_names_and_it_is_said() {
    let proposal = Folder::with(&[("log.csv", EVENTS)]).proposal();
    let table = proposal.table("events");
    assert_eq!(table.kind, TableKind::Events);
    let mapped: Vec<String> = table
        .columns
        .iter()
        .map(|(ours, theirs)| format!("{ours}={theirs}"))
        .collect();
    assert_eq!(
        mapped,
        ["event_name=event", "occurred_at=ts", "unit_id=account_id"]
    );
    assert!(
        proposal
            .reason("unit of events")
            .starts_with("account_id: named like one")
    );
    assert_eq!(
        proposal.reason("table events"),
        "log.csv: taken for events: it has the name and time of events"
    );
}

#[test]
fn assignments_with_numbers_are_a_table_of_units_too() {
    let proposal = Folder::with(&[("users.csv", WIDE)]).proposal();
    assert_eq!(proposal.table("assignments").kind, TableKind::Assignments);
    assert_eq!(proposal.table("units").path, "users.csv");
    assert_eq!(proposal.metric_ids(), ["converted", "spend"]);
    let kinds: Vec<&str> = proposal
        .metrics
        .iter()
        .map(|one| one.metric.kind.name())
        .collect();
    assert_eq!(kinds, ["proportion", "mean"]);
}

#[test]
fn the_column_called_group_is_the_variant_and_not_the_one_beside_it() {
    let proposal = Folder::with(&[("users.csv", WIDE)]).proposal();
    assert_eq!(
        proposal.reason("variant of assignments"),
        "group: 2 labels, and named like one"
    );
}

#[test]
fn a_number_named_as_from_before_is_a_covariate_of_what_it_is_named_for() {
    let proposal = Folder::with(&[("users.csv", WIDE)]).proposal();
    let with: Vec<&str> = proposal
        .metrics
        .iter()
        .filter(|one| !one.metric.covariates.is_empty())
        .map(|one| one.metric.id.as_str())
        .collect();
    assert_eq!(with, ["spend"]);
    assert!(
        proposal
            .reason("covariate of units")
            .starts_with("pre_spend: named as from before")
    );
}

#[test]
fn a_folder_of_parts_with_one_schema_is_one_table() {
    let folder = Folder::with(&[
        ("events/a.csv", EVENTS),
        ("events/b.csv", EVENTS),
        ("users.csv", WIDE),
    ]);
    assert_eq!(folder.proposal().table("events").path, "events/*.csv");
}

#[test]
fn files_numbered_alike_beside_others_are_parts_of_one_table() {
    let folder = Folder::with(&[
        ("log-2026-03.csv", EVENTS),
        ("log-2026-04.csv", EVENTS),
        ("users.csv", WIDE),
    ]);
    assert_eq!(folder.proposal().table("events").path, "log-*.csv");
}

#[test]
fn tables_of_one_schema_with_other_names_stay_apart() {
    let folder = Folder::with(&[
        ("buy.csv", EVENTS),
        ("look.csv", EVENTS),
        ("users.csv", WIDE),
    ]);
    let proposal = folder.proposal();
    assert_eq!(proposal.table("buy").path, "buy.csv");
    assert_eq!(proposal.table("look").path, "look.csv");
}

#[test]
fn a_time_with_exposure_in_its_name_makes_exposures() {
    let text =
        "user_id,variant,exposure_time\n1,a,2026-03-01T10:00:00Z\n2,b,2026-03-01T11:00:00Z\n";
    let proposal = Folder::with(&[("seen.csv", text), ("users.csv", WIDE)]).proposal();
    let table = proposal.table("exposures");
    assert_eq!(table.path, "seen.csv");
    assert_eq!(
        table.columns.get("exposed_at").map(String::as_str),
        Some("exposure_time")
    );
}

#[test]
fn published_means_are_summaries() {
    let text = "metric,variant,n,mean,sd\nrevenue,a,10,1.5,2\nrevenue,b,12,1.7,2\n";
    let proposal = Folder::with(&[("tool.csv", text)]).proposal();
    assert_eq!(proposal.table("summaries").kind, TableKind::Summaries);
}

#[test]
fn a_table_without_units_is_left_with_the_reason() {
    let proposal =
        Folder::with(&[("users.csv", WIDE), ("rates.csv", "day,rate\n1,2\n2,3\n")]).proposal();
    let left = proposal.left.join("\n");
    assert!(
        left.contains("'rates.csv' is no table of a workspace: no column tells units apart"),
        "{left}"
    );
}

#[test]
fn a_second_table_of_assignments_is_left_with_the_reason() {
    let small = "user_id,group\n1,a\n2,b\n3,a\n4,b\n";
    let proposal = Folder::with(&[
        ("other.csv", small),
        ("users.csv", &format!("{WIDE}5,x,old,1,2,3\n")),
    ])
    .proposal();
    assert_eq!(proposal.table("assignments").path, "users.csv");
    let left = proposal.left.join("\n");
    assert!(
        left.contains("'other.csv' looks like assignments too"),
        "{left}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_the_others_are_used() {
    let folder = Folder::with(&[("users.csv", WIDE), ("broken.parquet", "no parquet")]);
    let proposal = folder.proposal();
    assert_eq!(proposal.workspace.tables.len(), 2);
    let left = proposal.left.join("\n");
    assert!(left.contains("broken.parquet"), "{left}");
}

#[test]
fn lateness_is_how_late_all_but_one_row_in_a_thousand_arrived() {
    let text = "\
user_id,event_name,occurred_at,ingested_at
1,buy,2026-03-01T10:00:00Z,2026-03-01T10:10:00Z
2,buy,2026-03-01T10:00:00Z,2026-03-03T09:00:00Z
1,buy,2026-03-02T10:00:00Z,2026-03-02T10:00:00Z
";
    let proposal = Folder::with(&[("events.csv", text)]).proposal();
    let lateness = proposal
        .table("events")
        .lateness
        .map(|length| length.to_string());
    assert_eq!(lateness.as_deref(), Some("2d"));
    let without = Folder::with(&[("events.csv", EVENTS)]).proposal();
    assert_eq!(without.table("events").lateness, None);
}

#[test]
fn nothing_says_how_far_a_table_is_complete() {
    let proposal = Folder::with(&[("events.csv", EVENTS), ("users.csv", WIDE)]).proposal();
    assert!(
        proposal
            .workspace
            .tables
            .values()
            .all(|table| table.complete_through.is_none())
    );
}

#[test]
fn times_without_a_zone_are_left_out_until_one_is_given() {
    let text = "user_id,timestamp,group\n1,2026-03-01 10:00:00,a\n2,2026-03-01 11:00:00,b\n3,2026-03-02 11:00:00,b\n";
    let folder = Folder::with(&[("users.csv", text)]);
    let proposal = folder.proposal();
    assert!(
        !proposal
            .table("assignments")
            .columns
            .contains_key("assigned_at")
    );
    assert!(
        proposal
            .reason("time zone of assignments.timestamp")
            .contains("--time-zone")
    );
    let told = InitAsked {
        time_zone: Some("Europe/Berlin".to_owned()),
        ..asked()
    };
    let proposal = folder.tried(&told).unwrap();
    assert!(
        proposal
            .table("assignments")
            .columns
            .contains_key("assigned_at")
    );
    let start = proposal.experiments[0]
        .experiment
        .start
        .map(|start| start.to_string());
    assert_eq!(start.as_deref(), Some("2026-02-28T23:00:00Z"));
}

#[test]
fn a_time_zone_that_is_none_is_refused() {
    let told = InitAsked {
        time_zone: Some("Mars/Base".to_owned()),
        ..asked()
    };
    let error = Folder::with(&[("users.csv", WIDE)])
        .tried(&told)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("--time-zone 'Mars/Base' is no time zone")
    );
}

#[test]
fn attributes_with_few_labels_are_segments_and_numbers_are_not() {
    let units = "user_id,country,age\n1,DE,30\n2,FR,31\n3,DE,32\n4,FR,33\n";
    let proposal = Folder::with(&[("users.csv", WIDE), ("units.csv", units)]).proposal();
    assert_eq!(proposal.experiments[0].experiment.segments, ["country"]);
}

#[test]
fn a_contract_starts_from_what_was_seen_to_hold() {
    let units = "user_id,country\n1,DE\n2,FR\n3,\n4,FR\n";
    let rules = contract_rules(&Folder::with(&[("units.csv", units)]).proposal());
    let seen = |subject| ProposedRule {
        table: "units".to_owned(),
        subject,
        source: RuleSource::Seen { rows: 4 },
    };
    let unit = "unit_id".to_owned();
    assert_eq!(
        rules,
        [
            seen(RuleSubject::NotNull {
                column: unit.clone()
            }),
            seen(RuleSubject::Unique {
                columns: vec![unit]
            }),
            seen(RuleSubject::AcceptedValues {
                column: "country".to_owned(),
                values: vec!["DE".to_owned(), "FR".to_owned()],
            }),
        ]
    );
}
