//! Whatever an engine hands over, a readout comes back, with finite numbers only.

use proptest::prelude::*;

use super::read;
use crate::checks::support::{Scene, cell, instant, metric};
use crate::domain::definition::{Application, Epoch, Magnitude, MetricKind, Role};
use crate::domain::evidence::{
    AttributeCounts, Cell, Evidence, ExposureCounts, IdentifierCounts, JointSums, Layout, Moments,
    OutcomeCounts, Partition, Slice,
};

/// Values that break formulas: none, ties, extremes.
fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        4 => Just(0.0),
        4 => Just(1.0),
        2 => -5.0..5.0_f64,
        1 => Just(f64::MAX),
        1 => Just(f64::MIN_POSITIVE),
        1 => Just(-1e300),
    ];
    prop::collection::vec(value, 0..24)
}

fn evidence(layout: Layout) -> impl Strategy<Value = Evidence> {
    let exact = values().prop_map(move |values| {
        let width = layout.width();
        let mut sums = JointSums::new(width);
        for unit in values.chunks_exact(width) {
            sums.add(unit);
        }
        Evidence::Exact(sums)
    });
    let published = (0..100_u64, -1e6..1e6_f64, 0.0..1e3_f64).prop_map(|(n, mean, deviation)| {
        Evidence::Published(Moments::published(n, mean, deviation))
    });
    prop_oneof![5 => exact, 1 => published]
}

fn slice() -> impl Strategy<Value = Slice> {
    prop_oneof![
        4 => Just(Slice::All),
        2 => prop::option::of("[ab]").prop_map(|level| Slice::Segment { column: "country".to_owned(), level }),
        1 => "2026-03-0[1-3]".prop_map(Slice::EntryDay),
    ]
}

fn layout() -> impl Strategy<Value = Layout> {
    (any::<bool>(), any::<bool>()).prop_map(|(denominator, covariate)| Layout {
        denominator,
        covariates: u8::from(covariate),
        ..Layout::PLAIN
    })
}

type RandomCell = (usize, usize, Slice, Evidence, u64, u64);

fn cells(layout: Layout) -> impl Strategy<Value = (Layout, Vec<RandomCell>)> {
    let cell = (
        0..5_usize,
        0..3_usize,
        slice(),
        evidence(layout),
        0..5_u64,
        0..5_u64,
    );
    prop::collection::vec(cell, 0..24).prop_map(move |cells| (layout, cells))
}

fn counts() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![Just(0), 0..60_u64, Just(1_000_000)], 0..4)
}

fn metrics() -> impl Strategy<Value = Vec<(Layout, Vec<RandomCell>, Role)>> {
    let one = (
        layout().prop_flat_map(cells),
        prop::sample::select(Role::ALL),
    )
        .prop_map(|((layout, cells), role)| (layout, cells, role));
    prop::collection::vec(one, 0..4)
}

fn dressed(metrics: Vec<(Layout, Vec<RandomCell>, Role)>) -> Scene {
    let mut scene = Scene::new(&["old", "new", "newer"]);
    for (position, (layout, cells, role)) in metrics.into_iter().enumerate() {
        let kind = MetricKind::ALL[position % MetricKind::ALL.len()];
        let mut definition = metric(&format!("m{position}"), kind);
        definition.margin = Some(Magnitude::Relative(0.01));
        definition.minimum_effect = Some(Magnitude::Absolute(0.1));
        scene = scene.with(definition, role, layout, Vec::new());
        for (partition, variant, slice, evidence, open, missing) in cells {
            let cell = Cell {
                open,
                missing,
                ..Cell::of(evidence)
            };
            scene.put(position, Partition::ALL[partition], slice, variant, cell);
        }
    }
    scene
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(
        metrics in metrics(),
        units in counts(),
        exposed in prop::option::of((counts(), counts(), counts())),
        weights in prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), Just(f64::NAN), Just(-1.0)], 0..5),
        oddities in (0..3_u64, 0..3_u64, any::<bool>(), any::<bool>(), any::<bool>()),
    ) {
        let (some, more, no_assignment, no_weights, ignored) = oddities;
        let mut scene = dressed(metrics).experiment(|experiment| {
            experiment.exposure.control_can_be_exposed = no_weights;
            experiment.epochs = if no_weights {
                Vec::new()
            } else {
                vec![Epoch { from: instant("2026-03-01T00:00:00Z"), weights }]
            };
        });
        scene.summary.assignment = (!no_assignment).then(|| crate::domain::evidence::AssignmentCounts {
            units: units.iter().sum(),
            by_epoch: vec![units.clone()],
            by_epoch_before_exclusions: vec![units.clone(), units.clone()],
            several_variants: some,
            duplicate_units: units.clone(),
            ..Default::default()
        });
        scene.summary.exposure = exposed.map(|(exposed, earlier, affected)| ExposureCounts {
            by_epoch: vec![exposed.clone()],
            exposed,
            only_earlier: earlier.clone(),
            only_invalid: earlier,
            duplicate_units: affected,
            orphan_rows: more,
            rows: some,
            ..ExposureCounts::default()
        });
        scene.summary.identifiers = IdentifierCounts { rows: some, null: more, ..Default::default() };
        scene.summary.outcomes = vec![OutcomeCounts { table: "events".to_owned(), rows: some, orphan_rows: more, ..OutcomeCounts::default() }];
        scene.summary.attributes = vec![AttributeCounts { table: "units".to_owned(), rows: some, repeated_units: more, matched: Vec::new() }];
        if ignored {
            scene.conventions.covariate = Application::Ignored;
            scene.summary.layouts.pop();
            scene.summary.caps.clear();
            scene.summary.as_of.instant = None;
        }
        let readout = read(&scene);
        prop_assert_eq!(readout.verdicts.len(), 2);
        // JSON has no way to write a number that is not finite but null, which does not read back.
        let json = serde_json::to_string(&readout).unwrap();
        let back: crate::domain::result::Readout = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(back, readout);
    }
}

#[test]
fn an_experiment_with_nobody_and_nothing_still_reads() {
    let readout = read(&Scene::new(&["old", "new"]).units(&[0, 0]));
    assert_eq!(readout.verdicts.len(), 1);
    assert!(readout.metrics.is_empty());
}

#[test]
fn sums_beyond_every_double_are_absent_and_not_infinite() {
    let huge = || {
        let mut sums = JointSums::new(1);
        for value in [f64::MAX, -f64::MAX, f64::MAX] {
            sums.add(&[value]);
        }
        cell(sums)
    };
    let readout = read(&Scene::new(&["old", "new"]).with(
        metric("spend", MetricKind::Mean),
        Role::Primary,
        Layout::default(),
        vec![huge(), huge()],
    ));
    let effect = &readout.metrics[0].effects[0];
    assert_eq!(
        effect.absolute.absence(),
        Some(crate::domain::result::Absence::OutOfRange)
    );
}
