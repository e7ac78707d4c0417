//! Tables of every kind and what their columns become: ids, ready-made columns, published summaries, segments, covariates,
//! caps, exact values; and what is refused.

use std::fmt::Write as _;

use polars::prelude::{Column, DataFrame, ParquetWriter};
use readout::domain::definition::Population;
use readout::domain::evidence::{Cell, Evidence, Partition, Slice, Summary};
use readout::engine::{self, EngineError, Progress};
use readout::workspace::Settings;

use super::scene::{Asked, Scene};

const ASSIGNED: &str = "unit_id,variant_id,assigned_at\nu1,a,2026-03-01T00:00:00Z\nu2,a,2026-03-01T00:00:00Z\n\
                        u3,b,2026-03-01T00:00:00Z\nu4,b,2026-03-01T00:00:00Z\n";
const EVENTS: &str = "unit_id,event_name,value,occurred_at\n";
const ACTS: &str = "value = { table = \"events\" }\nwindow = \"7d\"";
const SPENT: &str = "value = { table = \"events\", column = \"value\" }\nwindow = \"7d\"";
const JUNE: &str = "2026-06-01T00:00:00Z";

/// Events on 2 March: a unit and a value each.
fn events(rows: &[(&str, &str)]) -> String {
    let mut text = EVENTS.to_owned();
    for (unit, value) in rows {
        writeln!(text, "{unit},buy,{value},2026-03-02T00:00:00Z").unwrap();
    }
    text
}

fn scene(rows: &[(&str, &str)]) -> Scene {
    Scene::new()
        .table("assignments", ASSIGNED)
        .table("events", &events(rows))
        .known_before(JUNE)
}

/// Σ over the units of a variant, rounded once.
fn exact_sum(summary: &Summary, variant: usize) -> f64 {
    match &summary.all(0, Partition::Itt, variant).evidence {
        Evidence::Exact(sums) => sums.sum(0).to_f64(),
        Evidence::Published(_) => panic!("rows make exact sums"),
    }
}

fn parquet(columns: Vec<Column>) -> Vec<u8> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .finish(&mut DataFrame::new_infer_height(columns).unwrap())
        .unwrap();
    bytes
}

#[test]
fn an_integer_and_its_text_are_one_unit_and_007_is_another_that_is_counted() {
    let in_parquet = parquet(vec![
        Column::new("unit_id".into(), [42_i64, 7]),
        Column::new("variant_id".into(), ["a", "b"]),
        Column::new("assigned_at".into(), ["2026-03-01T00:00:00Z"; 2]),
    ]);
    let in_text =
        "unit_id,variant_id,assigned_at\n42,a,2026-03-01T00:00:00Z\n7,b,2026-03-01T00:00:00Z\n";
    for (format, assigned) in [("parquet", in_parquet), ("csv", in_text.into())] {
        let acts = [("42", "1"), ("007", "1"), ("007", "1"), ("42.0", "1")];
        let scene = Scene::new()
            .declare(&format!("assignments = \"tables/assignments.{format}\""))
            .table("events", &events(&acts))
            .metric("acts", "mean", ACTS)
            .known_before(JUNE);
        scene.file(&format!("tables/assignments.{format}"), assigned);
        let summary = scene.summary();
        assert_eq!(summary.sum(0, Population::Itt, 0), 1.0);
        assert_eq!(summary.sum(0, Population::Itt, 1), 0.0);
        assert_eq!(summary.identifiers.zero_padded, 2, "{format}");
        assert_eq!(summary.outcomes[0].orphan_rows, 3);
    }
}

#[test]
fn a_float_id_is_its_integer_and_ids_that_say_nothing_are_rejected() {
    let summary = Scene::new()
        .declare("assignments = \"tables/assignments.parquet\"")
        .table(
            "events",
            &events(&[("42", "1"), ("", "1"), ("NULL", "1"), ("0", "1")]),
        )
        .metric("acts", "mean", ACTS)
        .known_before(JUNE);
    let assigned = parquet(vec![
        Column::new("unit_id".into(), [Some(42.0), None, Some(0.0)]),
        Column::new("variant_id".into(), ["a", "b", "b"]),
        Column::new("assigned_at".into(), ["2026-03-01T00:00:00Z"; 3]),
    ]);
    summary.file("tables/assignments.parquet", assigned);
    let summary = summary.summary();
    assert_eq!(summary.sum(0, Population::Itt, 0), 1.0);
    assert_eq!(summary.assignment.as_ref().unwrap().units, 1);
    let counts = &summary.identifiers;
    assert_eq!((counts.rows, counts.null, counts.placeholder), (7, 2, 3));
}

#[test]
fn ready_made_columns_are_metrics_and_their_nulls_are_missing() {
    let wide = "unit_id,orders,member\nu1,3,true\nu2,,false\nu3,5,\nu4,7,true\nu9,100,true\n";
    let summary = Scene::new()
        .table("assignments", ASSIGNED)
        .table("units", wide)
        .metric(
            "orders",
            "mean",
            "value = { table = \"units\", column = \"orders\" }",
        )
        .metric(
            "members",
            "proportion",
            "value = { table = \"units\", column = \"member\" }",
        )
        .summary();
    let cell = |metric, variant| summary.all(metric, Partition::Itt, variant);
    let counted = |metric, variant| (cell(metric, variant).units(), cell(metric, variant).missing);
    assert_eq!(counted(0, 0), (1, 1));
    assert_eq!(summary.sum(0, Population::Itt, 1), 12.0);
    assert_eq!(counted(1, 1), (1, 1));
    assert_eq!(cell(1, 0).moments().means, [0.5]);
    assert_eq!(summary.attributes[0].matched, [2, 2]);
    assert_eq!(summary.attributes[0].rows, 5);
    assert!(
        summary.as_of.reason.contains("latest assignment"),
        "no table tells more"
    );
}

#[test]
fn a_unit_with_several_rows_in_a_table_of_units_is_counted_as_repeated() {
    let wide = "unit_id,country\nu1,NL\nu1,DE\nu1,FR\nu2,NL\n";
    let summary = scene(&[])
        .table("units", wide)
        .metric("acts", "mean", ACTS)
        .segment("units", "country")
        .summary();
    assert_eq!(summary.attributes[0].repeated_units, 1);
    let level = |level: &str| {
        let slice = Slice::Segment {
            column: "country".to_owned(),
            level: Some(level.to_owned()),
        };
        summary.cell(0, Partition::Itt, &slice, 0).map(Cell::units)
    };
    assert_eq!(
        (level("DE"), level("NL")),
        (Some(1), Some(1)),
        "the smallest label stays"
    );
}

#[test]
fn published_summaries_are_taken_as_they_are() {
    let published = "experiment_id,metric_id,variant_id,population,n,mean,standard_deviation\n\
                     trial,latency,a,,1000,250.5,40\ntrial,latency,b,itt,1010,245.25,41\ntrial,latency,b,exposed,500,240,42\n\
                     trial,signup,a,,200,0.25,\ntrial,signup,b,,200,0.5,\nother,signup,a,,9,0.1,\ntrial,unasked,a,,9,0.1,\n\
                     trial,signup,z,,9,0.1,\n";
    let scene = Scene::new()
        .table_with("published", "kind = \"summaries\"", published)
        .metric("latency", "mean", "value = { table = \"published\" }")
        .metric("signup", "proportion", "value = { table = \"published\" }");
    let summary = scene.summary();
    let moments = |metric, partition, variant| summary.all(metric, partition, variant).moments();
    let latency = moments(0, Partition::Itt, 0);
    assert_eq!((latency.units, latency.means[0]), (1000, 250.5));
    assert_eq!(latency.variance(0), Some(1600.0));
    assert_eq!(moments(0, Partition::Exposed, 1).units, 500);
    // Of 200 zeros and ones with mean 1/2, Σ(y − ȳ)² is 50.
    assert!((moments(1, Partition::Itt, 1).central[0] - 50.0).abs() < 1e-12);
    assert_eq!(summary.used("published"), 5);
    assert_eq!(summary.as_of.instant, None);
    let readout = scene.readout(&Settings::default()).unwrap();
    let effect = readout.metrics[0].overall(Population::Itt, "b").unwrap();
    assert_eq!(effect.absolute.value().unwrap().estimate, -5.25);
}

#[test]
fn a_published_summary_that_cannot_be_is_refused_with_its_row() {
    for (row, reason) in [
        ("latency,a,10,1,-1", "negative"),
        ("latency,a,1.5,1,1", "whole number"),
        ("latency,a,10,1,", "standard_deviation is missing"),
        ("latency,a,10,1,1\nlatency,a,10,1,1", "earlier row"),
    ] {
        let text = format!("metric_id,variant_id,n,mean,standard_deviation\n{row}\n");
        let error = Scene::new()
            .table_with("published", "kind = \"summaries\"", &text)
            .metric("latency", "mean", "value = { table = \"published\" }")
            .run()
            .unwrap_err();
        let EngineError::BadSummaryRow {
            table,
            row,
            reason: found,
        } = error
        else {
            panic!("{error}");
        };
        assert!(
            table == "published" && row >= 2 && found.contains(reason),
            "{row}: {found}"
        );
    }
}

/// A segment column of this many levels, a unit each.
fn levels(count: usize) -> Scene {
    let mut assigned = "unit_id,variant_id,assigned_at,city\n".to_owned();
    for unit in 1..=count {
        let variant = if unit % 2 == 0 { "a" } else { "b" };
        writeln!(
            assigned,
            "u{unit},{variant},2026-03-01T00:00:00Z,city {unit}"
        )
        .unwrap();
    }
    Scene::new()
        .table("assignments", &assigned)
        .table("events", EVENTS)
        .metric("acts", "mean", ACTS)
        .segment("assignments", "city")
        .known_before(JUNE)
}

#[test]
fn a_segment_of_more_than_200_levels_is_an_identifier_and_refused() {
    let summary = levels(200).summary();
    assert_eq!(
        summary.slices(0, Partition::Itt).len(),
        202,
        "all, a day and each level"
    );
    let error = levels(201).run().unwrap_err();
    assert!(
        matches!(&error, EngineError::TooManyLevels { table, column, limit: 200 } if table == "assignments" && column == "city"),
        "{error}"
    );
}

#[test]
fn units_without_a_level_are_a_slice_of_their_own() {
    let summary = scene(&[("u1", "1"), ("u2", "1")])
        .table("units", "unit_id,country\nu1,DE\nu3,\n")
        .metric("acts", "mean", ACTS)
        .segment("units", "country")
        .summary();
    let units = |level: Option<&str>, variant| {
        let slice = Slice::Segment {
            column: "country".to_owned(),
            level: level.map(str::to_owned),
        };
        summary
            .cell(0, Partition::Itt, &slice, variant)
            .map_or(0, Cell::units)
    };
    assert_eq!(
        [units(Some("DE"), 0), units(None, 0), units(None, 1)],
        [1, 1, 2]
    );
}

#[test]
fn a_covariate_that_is_unknown_is_said_to_be() {
    let summary = scene(&[("u1", "10"), ("u2", "20")])
        .table("units", "unit_id,before\nu1,4\nu2,\nu3,0\n")
        .metric(
            "spent",
            "mean",
            &format!("{SPENT}\ncovariate = {{ column = \"before\" }}"),
        )
        .summary();
    let means = |variant| summary.all(0, Partition::Itt, variant).moments().means;
    assert_eq!(
        means(0),
        [15.0, 2.0, 0.5],
        "value, covariate with 0 where unknown, share unknown"
    );
    assert_eq!(means(1), [0.0, 0.0, 0.5]);
}

#[test]
fn a_quantile_cap_is_found_once_on_matured_itt_units_and_clips_everywhere() {
    // u5 has an open window and u6 no valid assignment; their values must not move the cap.
    let assigned = format!("{ASSIGNED}u5,b,2026-05-30T00:00:00Z\n");
    let scene = Scene::new()
        .table("assignments", &assigned)
        .table(
            "exposures",
            "unit_id,variant_id,exposed_at\nu2,a,2026-03-01T06:00:00Z\n",
        )
        .table(
            "events",
            &format!(
                "{}u5,buy,9000,2026-05-30T00:00:00Z\n",
                events(&[
                    ("u1", "1"),
                    ("u2", "100"),
                    ("u3", "2"),
                    ("u4", "3"),
                    ("u6", "900")
                ])
            ),
        )
        .metric(
            "spent",
            "mean",
            &format!("{SPENT}\ncap = {{ quantile = 0.5 }}"),
        )
        .known_before(JUNE);
    let summary = scene.summary();
    // Of 1, 2, 3, 100: halfway between 2 and 3.
    assert_eq!(summary.caps, [[(Some(2.5), None)]]);
    assert_eq!(summary.sum(0, Population::Itt, 0), 3.5);
    assert_eq!(summary.sum(0, Population::Itt, 1), 4.5);
    assert_eq!(summary.sum(0, Population::Exposed, 0), 2.5);
    let capped = |partition, variant| summary.all(0, partition, variant).capped;
    assert_eq!(
        [capped(Partition::Itt, 0), capped(Partition::Itt, 1)],
        [1, 1]
    );
    assert_eq!(capped(Partition::Exposed, 0), 1);
    assert_eq!(summary.all(0, Partition::Itt, 1).open, 1);
}

#[test]
fn missing_values_are_zero_or_left_out_as_the_metric_says() {
    let value = |missing: &str| {
        format!(
            "value = {{ table = \"events\", aggregate = \"mean\", column = \"value\"{missing} }}\nwindow = \"7d\""
        )
    };
    let summary = scene(&[("u1", "4"), ("u1", "6"), ("u2", "")])
        .metric("dropped", "mean", &value(""))
        .metric("zero", "mean", &value(", missing = \"zero\""))
        .summary();
    let cell = |metric| summary.all(metric, Partition::Itt, 0);
    assert_eq!((cell(0).units(), cell(0).missing), (1, 1));
    assert_eq!(cell(0).moments().means, [5.0]);
    assert_eq!((cell(1).units(), cell(1).missing), (2, 0));
    assert_eq!(cell(1).moments().means, [2.5]);
}

#[test]
fn a_units_sum_is_the_double_nearest_its_exact_value() {
    let summary = scene(&[
        ("u1", "1e16"),
        ("u1", "1"),
        ("u1", "-1e16"),
        ("u2", "0.1"),
        ("u2", "0.2"),
        ("u2", "0.3"),
        ("u3", "1e300"),
        ("u3", "-1e300"),
        ("u3", "5e-324"),
        ("u4", "-0.0"),
    ])
    .metric("spent", "mean", SPENT)
    .summary();
    // 0.1 + 0.2 + 0.3 as doubles, rounded once, is 0.6.
    assert_eq!(exact_sum(&summary, 0), 1.6);
    assert_eq!(exact_sum(&summary, 1), 5e-324);
}

#[test]
fn large_whole_numbers_are_exact_in_text_and_in_parquet() {
    // 2^53 + 1 is no double: with 1 it makes 2^53 + 2, which is one.
    let in_text = scene(&[("u1", "9007199254740993"), ("u1", "1")]).metric("spent", "mean", SPENT);
    let in_parquet = Scene::new()
        .table("assignments", ASSIGNED)
        .declare("events = \"tables/events.parquet\"")
        .metric("spent", "mean", SPENT)
        .known_before(JUNE);
    let events = parquet(vec![
        Column::new("unit_id".into(), ["u1", "u1"]),
        Column::new("value".into(), [9_007_199_254_740_993_i64, 1]),
        Column::new("occurred_at".into(), ["2026-03-02T00:00:00Z"; 2]),
    ]);
    in_parquet.file("tables/events.parquet", events);
    for scene in [in_text, in_parquet] {
        assert_eq!(exact_sum(&scene.summary(), 0), 9_007_199_254_740_994.0);
    }
}

#[test]
fn exposures_to_two_variants_at_one_instant_do_not_repeat_each_other() {
    let exposed = "unit_id,variant_id,exposed_at,exposure_type\nu1,a,2026-03-01T01:00:00Z,view\nu1,b,2026-03-01T01:00:00Z,view\n\
                   u2,a,2026-03-01T01:00:00Z,view\nu2,a,2026-03-01T01:00:00Z,view\nu2,a,2026-03-01T01:00:00Z,click\n\
                   u3,b,2026-03-01T01:00:00Z,view\nu3,b,2026-03-01T01:00:09Z,view\n";
    let with = |rule: &str| {
        let summary = scene(&[])
            .table("exposures", exposed)
            .metric("acts", "mean", ACTS)
            .experiment(rule)
            .summary();
        let exposure = summary.exposure.unwrap();
        (
            exposure.rows,
            exposure.duplicate_rows,
            exposure.duplicate_units,
        )
    };
    assert_eq!(with(""), (7, 1, vec![1, 0]));
    assert_eq!(with("[exposure]\ndedupe = \"10s\""), (7, 2, vec![1, 1]));
}

#[test]
fn work_that_was_cancelled_gives_nothing_else() {
    let scene = scene(&[("u1", "1")]).metric("acts", "mean", ACTS);
    let cancelled = Progress::default();
    cancelled.cancel();
    let outcome = engine::run(
        &scene.plan(),
        scene.root(),
        &engine::Resources::with_threads(2),
        &cancelled,
    );
    assert!(
        matches!(outcome, Err(EngineError::Cancelled)),
        "{outcome:?}"
    );
    let readout = scene
        .workspace()
        .readout("trial", &Settings::default(), &cancelled);
    assert!(readout.is_err_and(|error| error.is_cancelled()));
    let published = Scene::new()
        .table_with(
            "published",
            "kind = \"summaries\"",
            "metric_id,variant_id,n,mean,standard_deviation\nm,a,2,1,1\n",
        )
        .metric("m", "mean", "value = { table = \"published\" }");
    let outcome = engine::run(
        &published.plan(),
        published.root(),
        &engine::Resources::with_threads(1),
        &cancelled,
    );
    assert!(
        matches!(outcome, Err(EngineError::Cancelled)),
        "{outcome:?}"
    );
}
