//! Whose rows are: who is left out by what an experiment declares, whom an earlier version knew, which ids are one person's,
//! which rows say what another says. All of it the same with one thread and with none of the units in memory.

use readout::domain::evidence::{OutOfScope, Partition, Summary};
use readout::engine::{self, Progress, Resources};

use super::scene::{Asked, Scene};

const ASSIGNED: &str =
    "unit_id,experiment_id,experiment_version,variant_id,assigned_at,eligible,consent
u1,trial,1,a,2026-03-02T00:00:00Z,yes,true
u2,trial,1,a,2026-03-02T00:00:00Z,no,true
u2,trial,1,a,2026-03-04T00:00:00Z,no,true
u3,trial,1,b,2026-03-02T00:00:00Z,yes,true
u4,trial,1,b,2026-03-03T00:00:00Z,no,true
u5,trial,1,b,2026-03-02T00:00:00Z,yes,false
u6,trial,1,b,2026-03-02T00:00:00Z,no,false
u1,trial,0,b,2026-01-02T00:00:00Z,yes,true
u7,trial,0,b,2026-01-02T00:00:00Z,yes,true
u3,trial,2,a,2026-05-02T00:00:00Z,yes,true
";

const EXPOSED: &str = "unit_id,variant_id,exposed_at
u1,a,2026-03-02T01:00:00Z
u2,a,2026-03-02T01:00:00Z
u5,b,2026-03-02T01:00:00Z
u99,b,2026-03-02T01:00:00Z
";

const EVENTS: &str = "unit_id,event_name,value,occurred_at
u1,buy,5,2026-03-03T00:00:11Z
u1,buy,5,2026-03-03T00:00:11Z
u1,buy,7,2026-03-03T00:00:11Z
u2,buy,5,2026-03-03T00:00:11Z
u5,buy,5,2026-03-03T00:00:11Z
u7,buy,5,2026-03-03T00:00:11Z
u99,buy,5,2026-03-03T00:00:11Z
u3,buy,5,2026-03-05T00:00:11Z
";

const BUYS: &str = r#"window = "7d"
value = { table = "events", aggregate = "sum", column = "value" }"#;

const ELIGIBLE: &str = r#"[eligibility]
where = [{ column = "eligible", op = "=", value = "yes" }]
"#;

fn scene() -> Scene {
    Scene::new()
        .table("assignments", ASSIGNED)
        .table("exposures", EXPOSED)
        .table("events", EVENTS)
        .metric("revenue", "mean", BUYS)
        .experiment(ELIGIBLE)
        .known_before("2026-04-01T00:00:00Z")
}

/// What the engine makes of a scene, which must be the same with every unit on disk.
#[track_caller]
fn summary_of(scene: &Scene) -> Summary {
    let summary = scene.summary();
    let mut spilled = Resources::with_threads(3);
    spilled.memory = Some(1);
    let on_disk = engine::run(&scene.plan(), scene.root(), &spilled, &Progress::default());
    assert_eq!(on_disk.unwrap(), std::slice::from_ref(&summary));
    summary
}

#[test]
fn ineligible_units_are_counted_once_each_and_are_no_orphans() {
    let summary = summary_of(&scene());
    let counts = summary.assignment.as_ref().unwrap();
    assert_eq!(counts.ineligible, Some(vec![1, 2]));
    let days: Vec<(&str, &[u64])> = counts
        .ineligible_by_day
        .iter()
        .map(|day| (day.day.as_str(), day.units.as_slice()))
        .collect();
    // u2 is of the day it was first assigned; u6 has no consent either, which is not asked for here.
    assert_eq!(days, [("2026-03-02", &[1, 1][..]), ("2026-03-03", &[0, 1])]);
    assert_eq!(counts.without_consent, None);
    assert_eq!(summary.units_in(Partition::Itt), [1, 2]);
    assert_eq!(summary.left_out("exposures", OutOfScope::NotEligible), 1);
    assert_eq!(summary.exposure.as_ref().unwrap().orphan_rows, 1, "u99");
    assert_eq!(summary.outcomes[0].orphan_rows, 1, "u99");
}

#[test]
fn units_that_an_earlier_version_knew_are_counted_and_later_ones_are_not() {
    let summary = summary_of(&scene());
    let counts = summary.assignment.as_ref().unwrap();
    // u1 was in version 0; u7 was too, and is not in this one; u3 will be in version 2.
    assert_eq!(counts.seen_earlier, Some(vec![1, 0]));
}

#[test]
fn rows_that_repeat_another_of_their_unit_are_counted() {
    let summary = summary_of(&scene());
    let outcome = &summary.outcomes[0];
    let repeats = outcome.repeats.as_ref().unwrap();
    assert_eq!((repeats.looked_at, repeats.rows), (5, 1), "of u1, u3, u5");
    assert_eq!(repeats.units, [1, 2]);
    assert_eq!(repeats.repeating_units, [1, 0]);
    assert!(!repeats.by_event_id && !repeats.of_sample);
    let days: Vec<&[u64]> = outcome.by_day.iter().map(|day| &day.units[..]).collect();
    assert_eq!(days, [&[3, 1][..], &[0, 1]]);
    assert_eq!(outcome.arrivals, None);
}

#[test]
fn an_event_id_tells_events_apart_whatever_they_say() {
    let events = "unit_id,event_name,value,occurred_at,event_id
u1,buy,5,2026-03-03T00:00:11Z,1
u1,buy,5,2026-03-03T00:00:11Z,2
u1,buy,9,2026-03-04T00:00:12Z,2
";
    let summary = summary_of(
        &Scene::new()
            .table("assignments", ASSIGNED)
            .table("events", events)
            .metric("revenue", "mean", BUYS)
            .known_before("2026-04-01T00:00:00Z"),
    );
    let repeats = summary.outcomes[0].repeats.as_ref().unwrap();
    assert!(repeats.by_event_id);
    assert_eq!((repeats.looked_at, repeats.rows), (3, 1));
}

#[test]
fn how_late_rows_came_is_counted_where_metrics_used_them() {
    let events = "unit_id,event_name,value,occurred_at,ingested_at
u1,buy,5,2026-03-03T00:00:11Z,2026-03-03T00:01:11Z
u1,buy,5,2026-03-04T00:00:11Z,2026-03-06T00:01:11Z
u1,buy,9,2026-02-04T00:00:12Z,2026-02-05T00:00:12Z
";
    let summary = summary_of(
        &Scene::new()
            .table("assignments", ASSIGNED)
            .table_with("events", "lateness = \"1d\"", events)
            .metric("revenue", "mean", BUYS)
            .known_before("2026-04-01T00:00:00Z"),
    );
    let arrivals = summary.outcomes[0].arrivals.as_ref().unwrap();
    let rows: u64 = arrivals.rows.iter().map(|(.., rows)| rows[0]).sum();
    assert_eq!(rows, 2, "February is before every window");
    assert_eq!(arrivals.beyond_declared, Some(vec![1, 0]));
}

const PEOPLE: &str = "unit_id,person_id
u1,anna
u3,anna
u4,ben
u5,ben
u5,carl
,dora
";

fn people(rest: &str) -> Summary {
    summary_of(
        &Scene::new()
            .table("assignments", ASSIGNED)
            .table("events", EVENTS)
            .table("identities", PEOPLE)
            .metric("revenue", "mean", BUYS)
            .experiment(rest)
            .known_before("2026-04-01T00:00:00Z"),
    )
}

#[test]
fn an_identity_map_tells_whose_ids_were_assigned() {
    let summary = people("");
    let counts = summary.identity.as_ref().unwrap();
    assert_eq!((counts.rows, counts.unusable, counts.shared), (6, 1, 1));
    // a: u1, u2; b: u3, u4, u5, u6. u5 is of two persons, so it is nobody's.
    assert_eq!(counts.ids, [2, 4]);
    assert_eq!(counts.stitched, [1, 2]);
    assert_eq!(counts.persons, [1, 2]);
    assert_eq!(counts.crossing, 1, "anna");
    assert_eq!(summary.units_in(Partition::Itt), [2, 4]);
    assert!(!counts.by_person);
}

#[test]
fn persons_are_one_unit_each_where_they_are_compared() {
    let summary = people("[analysis]\nby = \"person\"\n");
    let counts = summary.identity.as_ref().unwrap();
    assert!(counts.by_person);
    assert_eq!(counts.ids, [2, 4], "they are counted all the same");
    assert_eq!(counts.crossing, 1);
    // anna was in both variants, which leaves her out; u2, ben and two ids without a person stay.
    let assigned = summary.assignment.as_ref().unwrap();
    assert_eq!((assigned.units, assigned.several_variants), (5, 1));
    assert_eq!(summary.units_in(Partition::Itt), [1, 3]);
}
