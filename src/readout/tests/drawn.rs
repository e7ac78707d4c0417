//! Facts about what is drawn: clusters in which units nest, and units drawn anew.

use super::methods::{companion, estimate};
use super::{effect, read};
use crate::checks::support::{Scene, around, cell, metric, zeros_and_ones};
use crate::domain::definition::{MetricKind, Population, Role};
use crate::domain::evidence::{Cell, Draw, Draws, JointSums, Layout, Partition, Slice};
use crate::domain::result::{Absence, CompanionKind, Estimator};

/// 500 pairs of units that do the same.
fn pairs_of_units(ones: u64) -> Cell {
    let mut clusters = JointSums::new(2);
    for pair in 0..500 {
        let value = if pair < ones { 2.0 } else { 0.0 };
        clusters.add(&[value, 2.0]);
    }
    let mut cell = cell(zeros_and_ones(1_000, 2 * ones));
    cell.further.clusters = Some(clusters);
    cell
}

fn nested() -> Scene {
    Scene::new(&["old", "new"])
        .with(
            metric("conversion", MetricKind::Proportion),
            Role::Primary,
            Layout::PLAIN,
            vec![pairs_of_units(100), pairs_of_units(125)],
        )
        .experiment(|experiment| experiment.analysis.cluster = Some("household".to_owned()))
}

#[test]
fn what_takes_units_as_drawn_one_by_one_is_absent_where_they_nest() {
    let mut scene = nested();
    let day = Slice::EntryDay("2026-03-01".to_owned());
    for variant in [0, 1] {
        let without_clusters = cell(zeros_and_ones(1_000, 200 + 50 * variant as u64));
        scene.put(0, Partition::Itt, day.clone(), variant, without_clusters);
    }
    let readout = read(&scene);
    let absent = Some(Absence::UnitsNest);
    let effects = &readout.metrics[0].effects;
    let of_day = effects.iter().find(|effect| effect.slice == day).unwrap();
    assert_eq!(of_day.absolute.absence(), absent);
    assert_eq!(readout.metrics[0].cumulative[0].absolute.absence(), absent);
    let whole = effect(&readout, "conversion", Population::Itt, "new");
    assert_eq!(whole.rates.as_ref().unwrap().absence(), absent);
    let ratio = companion(whole, CompanionKind::RiskRatio);
    assert_eq!(ratio.estimate.absence(), absent);
    assert!(whole.absolute.value().is_some());
}

#[test]
fn clusters_are_the_draws_where_units_nest_in_them() {
    let readout = read(&nested());
    let found = effect(&readout, "conversion", Population::Itt, "new");
    assert_eq!(
        (found.estimator, found.clusters),
        (Estimator::Clustered, Some(1_000))
    );
    let absolute = found.absolute.value().unwrap();
    super::assert_close(absolute.estimate, 0.05);
    assert_eq!(absolute.degrees_of_freedom, Some(998.0));
    let unit_level = companion(found, CompanionKind::UnitLevel);
    let ratio = absolute.standard_error.unwrap()
        / unit_level.estimate.value().unwrap().standard_error.unwrap();
    assert!((ratio - 2.0_f64.sqrt()).abs() < 0.01, "{ratio}");
}

/// A cell with 400 draws around its mean, in an order of their own.
fn drawn(mean: f64, stride: u32) -> Cell {
    let mut cell = cell(around(1_000, mean, 1.0));
    let draw = |draw: u32| Draw {
        units: 1_000,
        means: vec![mean + 0.01 * (f64::from(draw * stride % 400) / 400.0 - 0.5)],
    };
    cell.further.draws = Some(Draws {
        seed: 1,
        draws: (0..400).map(draw).collect(),
    });
    cell
}

fn with_draws(control: Cell, treatment: Cell) -> Scene {
    Scene::new(&["old", "new"])
        .with(
            metric("revenue", MetricKind::Mean),
            Role::Primary,
            Layout::PLAIN,
            vec![control, treatment],
        )
        .experiment(|experiment| experiment.analysis.bootstrap = Some(400))
}

const DRAWN: [CompanionKind; 2] = [
    CompanionKind::BootstrapPercentile,
    CompanionKind::BootstrapBca,
];

#[test]
fn units_drawn_anew_give_intervals_beside_the_effect() {
    let readout = read(&with_draws(drawn(10.0, 7919), drawn(10.1, 7001)));
    let found = effect(&readout, "revenue", Population::Itt, "new");
    for kind in DRAWN {
        let beside = companion(found, kind);
        assert_eq!(beside.subject.as_deref(), Some("400"), "{kind}");
        let drawn = beside.estimate.value().unwrap();
        super::assert_close(drawn.estimate, estimate(found));
        assert!(drawn.interval.lower().unwrap() < drawn.estimate, "{kind}");
        assert!(drawn.interval.upper().unwrap() > drawn.estimate, "{kind}");
    }
}

#[test]
fn draws_that_were_asked_for_and_are_not_there_say_why() {
    let without = cell(around(1_000, 10.0, 1.0));
    let readout = read(&with_draws(without, drawn(10.1, 7001)));
    let found = effect(&readout, "revenue", Population::Itt, "new");
    for kind in DRAWN {
        let beside = companion(found, kind);
        assert_eq!(beside.estimate.absence(), Some(Absence::OutOfRange));
        assert_eq!(beside.subject, None);
    }
}
