//! The engine agrees with the slow reading of small random worlds, cell by cell and row by row.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "worlds hold a handful of rows"
)]

use proptest::prelude::*;
use readout::domain::definition::{Aggregate, Metric, MetricKind, Missing, Role};
use readout::domain::evidence::{Cell, Evidence, JointSums, Partition, Slice, Summary};
use readout::engine::{self, Progress, Resources};
use readout::plan;

use super::model::{Expected, Ledger, Model};
use super::worlds::{World, world};

fn summary_of(world: &World) -> Summary {
    let folder = tempfile::tempdir().unwrap();
    world.write(folder.path());
    let mut workspace = World::workspace();
    let rules = world.contract.iter();
    workspace.contract = rules.map(|held| held.rule.clone()).collect();
    let plan = plan::build(&plan::Request {
        workspace: &workspace,
        experiment: &world.experiment,
        metrics: world
            .metrics
            .iter()
            .map(|metric| (metric, Role::Primary, String::new()))
            .collect(),
        segments: Vec::new(),
        cluster: None,
        conventions: vec![world.conventions],
        as_of: Some(world.as_of),
        rows_are_units: false,
    })
    .unwrap();
    let run = |resources: &Resources| {
        let mut summaries = engine::run(&plan, folder.path(), resources, &Progress::default());
        summaries.as_mut().unwrap().remove(0)
    };
    let summary = run(&Resources::with_threads(1));
    // The same units on disk, and read by several threads.
    let spilled = run(&Resources {
        memory: Some(1),
        ..Resources::with_threads(3)
    });
    assert_eq!(summary, spilled, "a spill to disk shows");
    summary
}

fn near(found: f64, expected: f64) -> bool {
    found == expected || (found - expected).abs() <= 1e-12 * expected.abs().max(1.0)
}

fn compare_cell(place: &str, cell: &Cell, expected: &Expected) {
    let Evidence::Exact(sums) = &cell.evidence else {
        panic!("{place}: sums of rows are exact");
    };
    let counts = [cell.units(), cell.open, cell.missing, cell.capped];
    let n = expected.units.len();
    let wanted = [n as u64, expected.open, expected.missing, expected.capped];
    assert_eq!(counts, wanted, "{place}: n, open, missing, capped");
    let width = expected.units.first().map_or(0, Vec::len);
    let mut pair = 0;
    for left in 0..width {
        let of = |quantity: usize| expected.units.iter().map(move |unit| unit[quantity]);
        let total: f64 = of(left).sum();
        let found = sums.sum(left).to_f64();
        assert!(
            near(found, total),
            "{place}: Σ of {left} is {found}, not {total}"
        );
        for right in left..width {
            let total: f64 = of(left).zip(of(right)).map(|(x, y)| x * y).sum();
            let found = sums.products()[pair].to_f64();
            assert!(
                near(found, total),
                "{place}: Σ of {left}·{right} is {found}, not {total}"
            );
            pair += 1;
        }
    }
}

fn compare_cells(world: &World, model: &Model<'_>, summary: &Summary) {
    for (position, metric) in world.metrics.iter().enumerate() {
        let limits = model.limits(metric);
        assert_eq!(summary.caps[position].len(), limits.len());
        for (found, expected) in summary.caps[position].iter().zip(&limits) {
            for (found, expected) in [(found.0, expected.0), (found.1, expected.1)] {
                assert_eq!(found.is_some(), expected.is_some(), "caps of {position}");
                assert!(near(found.unwrap_or(0.0), expected.unwrap_or(0.0)));
            }
        }
        for partition in Partition::ALL.iter().copied() {
            for (variant, expected) in model.cells(metric, partition).iter().enumerate() {
                let cell = summary
                    .cell(position, partition, &Slice::All, variant)
                    .unwrap();
                let place = format!("metric {position}, {partition}, variant {variant}");
                compare_cell(&place, cell, expected);
                if matches!(partition, Partition::Itt | Partition::Exposed) {
                    compare_further(&place, world, metric, cell, expected);
                    let key = (position, partition, variant);
                    compare_epochs(&place, world, summary, key, cell);
                }
            }
        }
    }
}

/// How many rows say as much as if each had been drawn by itself, written out; zero where it cannot be told.
fn effective(share: f64, sorted: &[f64], units: &[Vec<f64>]) -> f64 {
    let rank = share * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
    let quantile = low + (rank - rank.floor()) * (high - low);
    let n = units.len() as f64;
    let below = |unit: &Vec<f64>| unit.iter().filter(|value| **value <= quantile).count() as f64;
    let all = sorted.len() as f64;
    let ratio = units.iter().map(below).sum::<f64>() / all;
    let squares = units
        .iter()
        .map(|unit| (below(unit) - ratio * unit.len() as f64).powi(2));
    let variance = squares.sum::<f64>() / (n - 1.0) / (all * all / n);
    if units.len() < 2 || variance < 1e-15 {
        return 0.0;
    }
    share * (1.0 - share) / variance
}

/// Order statistics, and the parts of the window.
fn compare_further(place: &str, world: &World, metric: &Metric, cell: &Cell, expected: &Expected) {
    let over_rows = metric.value.aggregate == Aggregate::Each;
    let mut values: Vec<f64> = if over_rows {
        expected.rows.iter().flatten().copied().collect()
    } else {
        expected.units.iter().map(|unit| unit[0]).collect()
    };
    values.sort_by(f64::total_cmp);
    match (&cell.order, metric.quantile) {
        (Some(order), Some(_)) => {
            assert_eq!(order.units, values.len() as u64, "{place}: ordered values");
            for (rank, value) in &order.values {
                let at = usize::try_from(rank - 1).unwrap();
                assert_eq!(*value, values[at], "{place}: the value of rank {rank}");
            }
            assert_eq!(order.values.is_empty(), values.is_empty(), "{place}");
            if over_rows && !values.is_empty() {
                let share = metric.quantile.unwrap();
                let effective = effective(share, &values, &expected.rows);
                assert!(
                    near(order.effective.unwrap(), effective),
                    "{place}: {effective}"
                );
            }
        }
        (order, quantile) => assert_eq!(order.is_some(), quantile.is_some(), "{place}"),
    }
    let window = metric.window.as_ref().unwrap();
    let adds_up = metric.kind == MetricKind::Mean && metric.value.missing == Missing::Zero;
    let followed = world.experiment.analysis.novelty && adds_up && !window.parts().is_empty();
    assert_eq!(cell.further.parts.is_some(), followed, "{place}: parts");
    let Some(parts) = &cell.further.parts else {
        return;
    };
    assert_eq!(
        parts.units(),
        expected.parts.len() as u64,
        "{place}: units in parts"
    );
    for part in 0..parts.width() {
        let total: f64 = expected.parts.iter().map(|unit| unit[part]).sum();
        let found = parts.sum(part).to_f64();
        assert!(
            near(found, total),
            "{place}: Σ of part {part} is {found}, not {total}"
        );
    }
}

/// Where weights changed, the epochs add up to the whole.
fn compare_epochs(
    place: &str,
    world: &World,
    summary: &Summary,
    (metric, partition, variant): (usize, Partition, usize),
    cell: &Cell,
) {
    let epochs = world.experiment.epochs.len();
    let mut units = 0;
    let mut merged = JointSums::new(summary.layouts[metric].width());
    for epoch in 0..epochs {
        let slice = Slice::Epoch(epoch);
        let Some(cell) = summary.cell(metric, partition, &slice, variant) else {
            continue;
        };
        units += cell.units();
        if let Evidence::Exact(sums) = &cell.evidence {
            merged.merge(sums);
        }
    }
    if epochs > 1 {
        assert_eq!(units, cell.units(), "{place}: units of epochs");
        assert_eq!(Evidence::Exact(merged), cell.evidence, "{place}: epochs");
    } else {
        assert_eq!(units, 0, "{place}: one epoch is the whole");
    }
}

fn ledger_of(summary: &Summary) -> Ledger {
    let mut rows = Ledger::new();
    for (table, ledger) in ["assignments", "exposures", "events"]
        .into_iter()
        .zip(&summary.ledgers)
    {
        assert_eq!(ledger.table, table);
        assert!(ledger.adds_up(), "{ledger:?}");
        for (variant, line) in &ledger.by_variant {
            let mut enter = |outcome: String, count: u64| {
                if count > 0 {
                    rows.insert((table, variant.clone(), outcome), count);
                }
            };
            enter("used".to_owned(), line.used);
            for (rule, count) in &line.rejected {
                enter(rule.to_string(), *count);
            }
            for (rule, count) in &line.counted {
                enter(format!("counted {rule}"), *count);
            }
            for (reason, count) in &line.out_of_scope {
                enter(reason.to_string(), *count);
            }
        }
    }
    rows
}

fn compare_contract(model: &Model<'_>, summary: &Summary) {
    let units = summary.contract.iter();
    let found: Vec<_> = units
        .map(|counts| (counts.rule.to_string(), counts.by_epoch.clone()))
        .collect();
    assert_eq!(
        found,
        model.units_rejected(),
        "units by rule of the contract"
    );
}

fn compare_counts(model: &Model<'_>, summary: &Summary) {
    let assignment = summary.assignment.as_ref().unwrap();
    assert_eq!(assignment.units, model.units());
    assert_eq!(assignment.by_epoch, model.in_itt());
    assert_eq!(assignment.several_variants, model.several());
    assert_eq!(assignment.tied_units, model.tied());
    assert_eq!(assignment.duplicate_rows, model.duplicate_assignments);
    assert_eq!(
        assignment.repeated_rows,
        model.used_assignments - model.memberships()
    );
    assert_eq!(assignment.ineligible, model.ineligible());
    let exposure = summary.exposure.as_ref().unwrap();
    assert_eq!(exposure.exposed, model.exposed(), "exposed");
    assert_eq!(exposure.only_invalid, model.only_invalid(), "only invalid");
    assert_eq!(exposure.only_earlier, model.only_earlier(), "only earlier");
    assert_eq!(
        exposure.contradicting,
        model.contradicting(),
        "contradicting"
    );
    assert_eq!(exposure.rows, model.exposure_rows);
    assert_eq!(exposure.orphan_rows, model.orphan_exposures);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_reads_what_a_slow_reader_reads(world in world()) {
        let summary = summary_of(&world);
        let model = Model::of(&world);
        assert_eq!(ledger_of(&summary), model.ledger);
        compare_counts(&model, &summary);
        compare_contract(&model, &summary);
        compare_cells(&world, &model, &summary);
    }
}
