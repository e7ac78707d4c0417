//! As-of, windows, zones and late rows, named fact by named fact.

use readout::domain::definition::Population;
use readout::domain::evidence::{OutOfScope, Partition, Summary};

use super::scene::{Asked, Scene, instant};

const ASSIGNED: &str =
    "unit_id,variant_id,assigned_at\nu1,a,2026-03-01T00:00:00Z\nu2,b,2026-03-01T00:00:00Z\n";
const EVENTS: &str = "unit_id,event_name,value,occurred_at\n";
const ACTS: &str = "value = { table = \"events\" }\nwindow = \"7d\"";

fn scene(events: &str) -> Scene {
    Scene::new()
        .table("assignments", ASSIGNED)
        .table("events", events)
        .metric("acts", "mean", ACTS)
}

fn as_of(summary: &Summary, instant_text: &str, reason: &str) {
    assert_eq!(summary.as_of.instant, Some(instant(instant_text)));
    assert!(
        summary.as_of.reason.contains(reason),
        "{}",
        summary.as_of.reason
    );
}

#[test]
fn as_of_is_what_was_asked_for_first_of_all() {
    let events = format!("{EVENTS}u1,buy,,2026-03-02T00:00:00Z\nu1,buy,,2026-03-03T00:00:00Z\n");
    let summary = Scene::new()
        .table("assignments", ASSIGNED)
        .table_with("events", "complete_through = 2026-05-01T00:00:00Z", &events)
        .metric(
            "acts",
            "mean",
            "value = { table = \"events\" }\nwindow = { end = \"7d\", units = \"all\" }",
        )
        .known_before("2026-03-03T00:00:00Z")
        .summary();
    as_of(&summary, "2026-03-03T00:00:00Z", "asked");
    assert_eq!(
        summary.sum(0, Population::Itt, 0),
        1.0,
        "as-of itself is no longer known"
    );
    assert_eq!(summary.left_out("events", OutOfScope::AfterAsOf), 1);
}

#[test]
fn as_of_is_else_the_earliest_complete_through() {
    let summary = Scene::new()
        .table_with(
            "assignments",
            "complete_through = 2026-04-02T00:00:00Z",
            ASSIGNED,
        )
        .table_with("events", "complete_through = 2026-04-01T00:00:00Z", EVENTS)
        .metric("acts", "mean", ACTS)
        .summary();
    as_of(&summary, "2026-04-01T00:00:00Z", "complete_through");
}

#[test]
fn as_of_is_else_just_after_the_latest_ingestion() {
    let events = "unit_id,value,occurred_at,ingested_at\n\
                  u1,1,2026-03-02T00:00:00Z,2026-03-09T10:00:00Z\nu1,1,2026-03-03T00:00:00Z,2026-03-04T00:00:00Z\n";
    let summary = scene(events).summary();
    as_of(&summary, "2026-03-09T10:00:00.000001Z", "ingested_at");
    assert_eq!(
        summary.sum(0, Population::Itt, 0),
        2.0,
        "the latest row is known"
    );
}

#[test]
fn as_of_is_else_the_end_of_the_last_complete_day_in_the_declared_zone() {
    // Berlin is one hour ahead of UTC on 28 March 2026 and two from the 29th on, a day of 23 hours.
    for (latest, expected) in [
        ("2026-03-28T22:59:59Z", "2026-03-27T23:00:00Z"),
        ("2026-03-28T23:00:00Z", "2026-03-28T23:00:00Z"),
        ("2026-03-29T21:59:59Z", "2026-03-28T23:00:00Z"),
        ("2026-03-29T22:00:00Z", "2026-03-29T22:00:00Z"),
    ] {
        let events = format!("{EVENTS}u1,buy,,2026-03-02T00:00:00Z\nu1,buy,,{latest}\n");
        let summary = scene(&events).zone(Some("Europe/Berlin")).summary();
        as_of(&summary, expected, "complete in every table");
    }
}

#[test]
fn the_slowest_event_table_says_which_day_is_complete() {
    let late = format!("{EVENTS}u1,buy,,2026-03-20T10:00:00Z\n");
    let early = format!("{EVENTS}u1,buy,,2026-03-18T10:00:00Z\n");
    let summary = scene(&late)
        .declare("visits = { path = \"tables/visits.csv\", kind = \"events\" }")
        .metric(
            "visits",
            "mean",
            "value = { table = \"visits\" }\nwindow = \"7d\"",
        );
    summary.file("tables/visits.csv", &early);
    as_of(
        &summary.summary(),
        "2026-03-18T00:00:00Z",
        "complete in every table",
    );
}

#[test]
fn a_row_that_became_known_after_as_of_is_left_out_however_early_it_happened() {
    let events = "unit_id,value,occurred_at,ingested_at\n\
                  u1,1,2026-03-02T00:00:00Z,2026-03-19T23:59:59Z\nu1,1,2026-03-02T00:00:00Z,2026-03-20T00:00:00Z\n\
                  u1,1,2026-03-02T00:00:00Z,\n";
    let summary = scene(events).known_before("2026-03-20T00:00:00Z").summary();
    assert_eq!(summary.sum(0, Population::Itt, 0), 2.0);
    assert_eq!(summary.left_out("events", OutOfScope::AfterAsOf), 1);
}

#[test]
fn windows_hold_their_first_instant_and_not_their_last() {
    let events = format!(
        "{EVENTS}u1,buy,1,2026-03-01T23:59:59.999999Z\nu1,buy,10,2026-03-02T00:00:00Z\n\
         u1,buy,100,2026-03-02T23:59:59.999999Z\nu1,buy,1000,2026-03-03T00:00:00Z\n"
    );
    let summary = Scene::new()
        .table("assignments", ASSIGNED)
        .table("events", &events)
        .metric(
            "spent",
            "mean",
            "value = { table = \"events\", column = \"value\" }\nwindow = { start = \"1d\", end = \"2d\" }",
        )
        .known_before("2026-06-01T00:00:00Z")
        .summary();
    assert_eq!(summary.sum(0, Population::Itt, 0), 110.0);
    assert_eq!(summary.left_out("events", OutOfScope::OutsideWindows), 2);
}

#[test]
fn a_covariate_window_ends_at_assignment_also_for_the_exposed() {
    let events = format!(
        "{EVENTS}u1,buy,1,2026-02-26T23:59:59Z\nu1,buy,10,2026-02-27T00:00:00Z\n\
         u1,buy,100,2026-02-28T23:59:59Z\nu1,buy,1000,2026-03-01T00:00:00Z\nu1,buy,10000,2026-03-03T00:00:00Z\n"
    );
    let summary = Scene::new()
        .table("assignments", ASSIGNED)
        .table("exposures", "unit_id,variant_id,exposed_at\nu1,a,2026-03-02T00:00:00Z\n")
        .table("events", &events)
        .metric(
            "spent",
            "mean",
            "value = { table = \"events\", column = \"value\" }\nwindow = \"7d\"\ncovariate = { window = \"2d\" }",
        )
        .known_before("2026-06-01T00:00:00Z")
        .summary();
    let means = |partition| summary.all(0, partition, 0).moments().means;
    assert_eq!(means(Partition::Itt), [11_000.0, 110.0, 0.0]);
    assert_eq!(means(Partition::Exposed), [10_000.0, 110.0, 0.0]);
}

#[test]
fn a_date_is_the_start_of_its_day_in_the_declared_zone_and_an_offset_speaks_for_itself() {
    let assigned =
        "unit_id,variant_id,assigned_at\nu1,a,2026-03-02\nu2,b,2026-03-02T00:00:00+05:30\n";
    let summary = Scene::new()
        .table("assignments", assigned)
        .table("events", EVENTS)
        .metric("acts", "mean", ACTS)
        .zone(Some("America/New_York"))
        .known_before("2026-06-01T00:00:00Z")
        .summary();
    let (first, last) = summary.enrolment.unwrap();
    assert_eq!(first, instant("2026-03-01T18:30:00Z"));
    assert_eq!(last, instant("2026-03-02T05:00:00Z"));
}

#[test]
fn without_a_declared_zone_a_local_time_is_refused() {
    let assigned =
        "unit_id,variant_id,assigned_at\nu1,a,2026-03-02 10:00:00\nu2,b,2026-03-02 10:00:00\n";
    let error = Scene::new()
        .table("assignments", assigned)
        .table("events", EVENTS)
        .metric("acts", "mean", ACTS)
        .zone(None)
        .run()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("assigned_at") && error.contains("time_zone"),
        "{error}"
    );
}

#[test]
fn an_event_stamped_after_its_ingestion_has_a_wrong_clock() {
    let events = "unit_id,value,occurred_at,ingested_at\n\
                  u1,1,2026-03-02T00:05:00Z,2026-03-02T00:00:00Z\nu1,1,2026-03-02T00:05:01Z,2026-03-02T00:00:00Z\n";
    let summary = scene(events).known_before("2026-06-01T00:00:00Z").summary();
    assert_eq!(summary.outcomes[0].future_rows, Some(1));
    assert_eq!(
        scene(EVENTS)
            .known_before("2026-06-01T00:00:00Z")
            .summary()
            .outcomes[0]
            .future_rows,
        None
    );
}
