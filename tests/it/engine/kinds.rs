//! Kinds of metrics and what is summed beside cells, named fact by named fact.

#![expect(
    clippy::cast_precision_loss,
    reason = "a handful of small whole numbers"
)]

use std::fmt::Write as _;

use readout::domain::evidence::{Cell, JointSums, Partition, Slice, Summary};

use super::scene::Scene;

/// Ten units, five a variant, assigned at noon on 1 March; the households are of two units each.
fn trial(events: &[&str]) -> Scene {
    let mut assigned = "unit_id,variant_id,assigned_at,household\n".to_owned();
    for unit in 0..10 {
        let variant = if unit < 5 { "a" } else { "b" };
        let household = if unit % 5 == 4 {
            String::new()
        } else {
            format!("h{}{}", variant, unit % 5 / 2)
        };
        let at = "2026-03-01T12:00:00Z";
        let _ = writeln!(assigned, "u{unit},{variant},{at},{household}");
    }
    let mut text = "unit_id,event_name,value,occurred_at,bought_at\n".to_owned();
    for event in events {
        text += event;
        text += "\n";
    }
    Scene::new()
        .table("assignments", &assigned)
        .table("events", &text)
        .known_before("2026-06-01T00:00:00Z")
}

fn cell(summary: &Summary, variant: usize) -> &Cell {
    summary
        .cell(0, Partition::Itt, &Slice::All, variant)
        .unwrap()
}

fn means(summary: &Summary, variant: usize) -> Vec<f64> {
    cell(summary, variant).moments().means
}

const FUNNEL: &str = r#"steps = [
    { table = "events", where = [{ column = "event_name", op = "=", value = "view" }] },
    { table = "events", where = [{ column = "event_name", op = "=", value = "cart" }] },
    { table = "events", where = [{ column = "event_name", op = "=", value = "buy" }] },
]
window = "7d""#;

#[test]
fn a_funnel_is_taken_in_the_order_of_first_times() {
    let summary = trial(&[
        // In order, at one instant, out of order, and with a step missing.
        "u0,view,,2026-03-02T10:00:00Z,",
        "u0,cart,,2026-03-02T11:00:00Z,",
        "u0,buy,,2026-03-02T12:00:00Z,",
        "u1,buy,,2026-03-02T10:00:00Z,",
        "u1,cart,,2026-03-02T10:00:00Z,",
        "u1,view,,2026-03-02T10:00:00Z,",
        "u2,buy,,2026-03-02T09:00:00Z,",
        "u2,view,,2026-03-02T10:00:00Z,",
        "u2,cart,,2026-03-02T11:00:00Z,",
        "u3,view,,2026-03-02T10:00:00Z,",
        "u3,buy,,2026-03-02T12:00:00Z,",
        // A later repetition changes nothing.
        "u0,view,,2026-03-03T10:00:00Z,",
    ])
    .metric("bought", "funnel", FUNNEL)
    .summary();
    // Bought in order; then those who viewed, and those who put into the cart after it, of five.
    assert_eq!(means(&summary, 0), [0.4, 0.8, 0.6]);
    assert_eq!(means(&summary, 1), [0.0, 0.0, 0.0]);
}

#[test]
fn retention_counts_units_that_come_back_in_the_window() {
    let rest = "value = { table = \"events\" }\nwindow = { start = \"7d\", end = \"8d\" }";
    let summary = trial(&[
        "u0,visit,,2026-03-08T12:00:00Z,",
        "u1,visit,,2026-03-08T11:59:59Z,",
        "u2,visit,,2026-03-09T12:00:00Z,",
        "u5,visit,,2026-03-09T11:59:59Z,",
    ])
    .metric("back", "retention", rest)
    .summary();
    assert_eq!(means(&summary, 0), [0.2]);
    assert_eq!(means(&summary, 1), [0.2]);
}

#[test]
fn a_quantile_keeps_the_values_around_it() {
    let rest =
        "quantile = 0.5\nvalue = { table = \"events\", column = \"value\" }\nwindow = \"7d\"";
    let summary = trial(&[
        "u0,buy,30,2026-03-02T10:00:00Z,",
        "u1,buy,10,2026-03-02T10:00:00Z,",
        "u1,buy,10,2026-03-02T11:00:00Z,",
        "u2,buy,40,2026-03-02T10:00:00Z,",
    ])
    .metric("spend", "quantile", rest)
    .summary();
    let order = cell(&summary, 0).order.as_ref().unwrap();
    let values: Vec<(u64, f64)> = order
        .values
        .iter()
        .map(|(rank, value)| (*rank, *value))
        .collect();
    assert_eq!(order.units, 5);
    assert_eq!(
        values,
        [(1, 0.0), (2, 0.0), (3, 20.0), (4, 30.0), (5, 40.0)]
    );
}

#[test]
fn a_refund_counts_where_its_purchase_does() {
    let value = "column = \"value\"";
    let events = [
        "u0,buy,100,2026-03-02T10:00:00Z,2026-03-02T10:00:00Z",
        // Paid back after the week, bought inside it.
        "u0,refund,-100,2026-03-20T10:00:00Z,2026-03-02T10:00:00Z",
        // Paid back inside the week, bought before assignment.
        "u5,refund,-70,2026-03-02T10:00:00Z,2026-02-20T10:00:00Z",
        // Nobody knows when it was bought.
        "u6,refund,-30,2026-03-02T10:00:00Z,",
    ];
    let of = |dated: &str| {
        let rest = format!("value = {{ table = \"events\", {value}{dated} }}\nwindow = \"7d\"");
        trial(&events).metric("net", "mean", &rest).summary()
    };
    let by_purchase = of(", dated_by = \"bought_at\"");
    assert_eq!(means(&by_purchase, 0), [0.0]);
    assert_eq!(means(&by_purchase, 1), [0.0]);
    let by_row = of("");
    assert_eq!(means(&by_row, 0), [20.0]);
    assert_eq!(means(&by_row, 1), [-20.0]);
}

#[test]
fn a_refund_that_was_paid_after_as_of_is_not_known_whatever_it_is_dated_by() {
    let rest = "value = { table = \"events\", column = \"value\", dated_by = \"bought_at\" }\nwindow = \"7d\"";
    let summary = trial(&[
        "u0,buy,100,2026-03-02T10:00:00Z,2026-03-02T10:00:00Z",
        "u0,refund,-100,2026-06-20T10:00:00Z,2026-03-02T10:00:00Z",
    ])
    .metric("net", "mean", rest)
    .summary();
    assert_eq!(means(&summary, 0), [20.0]);
}

#[test]
fn a_quantile_over_rows_takes_every_row_and_units_as_the_draws() {
    let rest = "quantile = 0.5\nvalue = { table = \"events\", aggregate = \"each\", column = \"value\" }\nwindow = \"7d\"";
    let of = |events: &[&str]| trial(events).metric("load", "quantile", rest).summary();
    let events = [
        "u0,view,1,2026-03-02T10:00:00Z,",
        "u0,view,9,2026-03-02T10:00:00Z,",
        "u0,view,2,2026-03-03T10:00:00Z,",
        "u1,view,8,2026-03-02T10:00:00Z,",
        "u2,view,3,2026-03-02T10:00:00Z,",
        // After the window, and of nobody.
        "u2,view,99,2026-03-29T10:00:00Z,",
        "u77,view,99,2026-03-02T10:00:00Z,",
    ];
    let summary = of(&events);
    let cell_of_control = cell(&summary, 0);
    assert_eq!((cell_of_control.units(), cell_of_control.missing), (3, 2));
    let order = cell_of_control.order.as_ref().unwrap();
    assert_eq!(order.units, 5, "rows");
    let sorted = [1.0, 2.0, 3.0, 8.0, 9.0];
    for (rank, value) in &order.values {
        assert_eq!(*value, sorted[usize::try_from(rank - 1).unwrap()]);
    }
    // At or below 3: two of u0's three rows, none of u1's, u2's. R = 3/5; Σ(k − R·n)² = 0.04 + 0.36 + 0.16, over two and over
    // (5/3)²·3: 0.0336. A quarter over that.
    let effective = order.effective.unwrap();
    assert!((effective - 0.25 / 0.0336).abs() < 1e-9, "{effective}");
    let backwards: Vec<&str> = events.iter().rev().copied().collect();
    assert_eq!(of(&backwards), summary, "whatever order rows come in");
    // Nobody in treatment has a row.
    let nobody = cell(&summary, 1).order.as_ref().unwrap();
    assert_eq!((nobody.units, nobody.values.len()), (0, 0));
}

#[test]
fn households_are_summed_and_a_unit_without_one_stands_alone() {
    let events = [
        "u0,buy,10,2026-03-02T10:00:00Z,",
        "u1,buy,20,2026-03-02T10:00:00Z,",
        "u2,buy,5,2026-03-02T10:00:00Z,",
        "u4,buy,7,2026-03-02T10:00:00Z,",
    ];
    let rest = "value = { table = \"events\", column = \"value\" }\nwindow = \"7d\"";
    let summary = trial(&events)
        .metric("spend", "mean", rest)
        .experiment("[analysis]\ncluster = \"household\"")
        .summary();
    let clusters = cell(&summary, 0).further.clusters.as_ref().unwrap();
    assert_eq!(
        clusters.units(),
        3,
        "two households, and one unit by itself"
    );
    assert_eq!(clusters.sum(0).to_f64(), 42.0);
    assert_eq!(clusters.sum(1).to_f64(), 5.0, "units");
    // Σ of squares: 30², 5², 7²; of sizes: 2², 2², 1².
    assert_eq!(clusters.products()[0].to_f64(), 974.0);
    assert_eq!(clusters.products()[2].to_f64(), 9.0);
}

#[test]
fn households_are_summed_in_each_level_of_a_segment_and_not_by_day() {
    let events = [
        "u0,buy,10,2026-03-02T10:00:00Z,",
        "u1,buy,20,2026-03-02T10:00:00Z,",
    ];
    let rest = "value = { table = \"events\", column = \"value\" }\nwindow = \"7d\"";
    let summary = trial(&events)
        .metric("spend", "mean", rest)
        .segment("assignments", "household")
        .experiment("[analysis]\ncluster = \"household\"")
        .summary();
    let mut levels = 0;
    for slice in summary.slices(0, Partition::Itt) {
        let Some(cell) = summary.cell(0, Partition::Itt, &slice, 0) else {
            continue;
        };
        let clusters = cell.further.clusters.as_ref().map(JointSums::units);
        let expected = match slice {
            Slice::All => Some(3),
            Slice::EntryDay(_) => None,
            // Two of a household, or the unit without one.
            Slice::Segment { .. } | Slice::Epoch(_) => Some(1),
        };
        levels += usize::from(matches!(slice, Slice::Segment { .. }));
        assert_eq!(clusters, expected, "{slice:?}");
    }
    assert_eq!(levels, 3);
}

#[test]
fn the_parts_of_a_window_add_up_to_it() {
    let events = [
        "u0,buy,10,2026-03-01T13:00:00Z,",
        "u0,buy,20,2026-03-02T13:00:00Z,",
        "u1,buy,5,2026-03-03T11:59:59Z,",
        "u1,buy,9,2026-03-08T12:00:00Z,",
    ];
    let rest = "value = { table = \"events\", column = \"value\" }\nwindow = \"7d\"";
    let summary = trial(&events)
        .metric("spend", "mean", rest)
        .experiment("[analysis]\nnovelty = true")
        .summary();
    let parts = cell(&summary, 0).further.parts.as_ref().unwrap();
    let sums: Vec<f64> = (0..parts.width())
        .map(|part| parts.sum(part).to_f64())
        .collect();
    assert_eq!(sums, [10.0, 25.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(means(&summary, 0), [7.0]);
}

#[test]
fn units_drawn_anew_are_drawn_the_same_in_every_order() {
    let rest = "value = { table = \"events\", column = \"value\" }\nwindow = \"7d\"";
    let of = |events: &[&str]| {
        trial(events)
            .metric("spend", "mean", rest)
            .experiment("[analysis]\nbootstrap = 200")
            .summary()
    };
    let one = of(&[
        "u0,buy,10,2026-03-02T10:00:00Z,",
        "u1,buy,20,2026-03-02T10:00:00Z,",
    ]);
    let other = of(&[
        "u1,buy,20,2026-03-02T10:00:00Z,",
        "u0,buy,10,2026-03-02T10:00:00Z,",
    ]);
    let draws = |summary: &Summary| cell(summary, 0).further.draws.clone().unwrap().draws;
    assert_eq!(draws(&one), draws(&other));
    assert_eq!(draws(&one).len(), 200);
    let units: u64 = draws(&one).iter().map(|draw| draw.units).sum();
    // Five units a draw on average: 1,000 ± 32.
    assert!((840..1160).contains(&units), "{units}");
    let mean: f64 = draws(&one)
        .iter()
        .map(|draw| draw.means[0] * draw.units as f64)
        .sum::<f64>()
        / units as f64;
    assert!((mean - 6.0).abs() < 2.0, "{mean}");
}
