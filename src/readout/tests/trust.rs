//! Facts about which effects a failed check stands against.

use super::{effect, read};
use crate::checks::support::{Scene, cell, zeros_and_ones};
use crate::domain::definition::{Population, Role};
use crate::domain::evidence::{OutcomeCounts, Partition, Slice};
use crate::domain::result::{CheckId, CheckStatus, Trust, VerdictWord};

/// Two metrics of two tables, itt and exposed.
fn scene() -> Scene {
    let mut scene = Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(1_000, 300), (1_000, 300)])
        .proportion("refund", Role::Secondary, &[(1_000, 300), (1_000, 300)])
        .last(|metric| metric.value.table = "refunds".to_owned())
        .exposed(&[500, 500]);
    for metric in 0..2 {
        for variant in 0..2 {
            let sums = zeros_and_ones(500, 150 + 20 * u64::try_from(variant).unwrap());
            scene.put(metric, Partition::Exposed, Slice::All, variant, cell(sums));
        }
    }
    scene
}

fn distrusted(scene: &Scene) -> Vec<(String, Population)> {
    read(scene)
        .metrics
        .iter()
        .flat_map(|metric| {
            metric
                .effects
                .iter()
                .filter(|effect| effect.trust != Trust::Trusted)
                .map(|effect| (metric.id.to_string(), effect.population))
        })
        .collect()
}

#[test]
fn healthy_data_are_trusted() {
    assert!(distrusted(&scene()).is_empty());
}

#[test]
fn an_exposure_that_depends_on_the_variant_blocks_only_exposed_effects() {
    let scene = scene().exposure(|counts| {
        counts.exposed = vec![500, 700];
        counts.by_epoch = vec![vec![500, 700]];
    });
    assert_eq!(
        distrusted(&scene),
        [
            ("conversion".to_owned(), Population::Exposed),
            ("refund".to_owned(), Population::Exposed)
        ]
    );
    let readout = read(&scene);
    let Trust::NotTrusted { check, reason } =
        &effect(&readout, "refund", Population::Exposed, "new").trust
    else {
        panic!("not to be trusted");
    };
    assert_eq!(check, "exposure-rate");
    assert!(
        reason.contains("exposure depends on the variant"),
        "{reason}"
    );
    assert_ne!(readout.verdicts[0].word, VerdictWord::Invalid);
    assert!(
        readout.verdicts[0]
            .notes
            .iter()
            .any(|note| note.contains("exposed-only effects"))
    );
}

#[test]
fn a_broken_outcome_table_blocks_only_its_metric() {
    let mut scene = scene();
    scene.summary.outcomes = vec![OutcomeCounts {
        table: "refunds".to_owned(),
        rows: 10,
        orphan_rows: 10,
        future_rows: None,
        ..OutcomeCounts::default()
    }];
    assert_eq!(
        distrusted(&scene),
        [
            ("refund".to_owned(), Population::Itt),
            ("refund".to_owned(), Population::Exposed)
        ]
    );
}

#[test]
fn a_sample_ratio_mismatch_blocks_everything() {
    let scene = scene().units(&[1_000, 1_300]);
    assert_eq!(distrusted(&scene).len(), 4);
    let readout = read(&scene);
    let trust = &effect(&readout, "conversion", Population::Itt, "new").trust;
    assert!(matches!(trust, Trust::NotTrusted { check, .. } if check == "sample-ratio"));
}

#[test]
fn a_fan_out_of_segments_blocks_only_slices() {
    let mut scene = scene().experiment(|experiment| {
        experiment.segments = vec!["country".to_owned()];
    });
    scene.summary.attributes = vec![crate::domain::evidence::AttributeCounts {
        table: "units".to_owned(),
        rows: 2_001,
        repeated_units: 1,
        matched: vec![1_000, 1_000],
    }];
    for variant in 0..2 {
        let slice = Slice::Segment {
            column: "country".to_owned(),
            level: Some("DE".to_owned()),
        };
        let sums = zeros_and_ones(1_000, 300);
        scene.put(0, Partition::Itt, slice, variant, cell(sums));
    }
    let readout = read(&scene);
    for effect in readout.metrics.iter().flat_map(|metric| &metric.effects) {
        assert_eq!(effect.trust == Trust::Trusted, effect.slice == Slice::All);
    }
}

#[test]
fn where_control_cannot_be_exposed_exposed_effects_say_so() {
    let scene = scene().experiment(|experiment| {
        experiment.exposure.control_can_be_exposed = false;
    });
    let readout = read(&scene);
    let Trust::NotTrusted { reason, .. } =
        &effect(&readout, "conversion", Population::Exposed, "new").trust
    else {
        panic!("not to be trusted");
    };
    assert!(reason.starts_with("control cannot be exposed"), "{reason}");
    let itt = effect(&readout, "conversion", Population::Itt, "new");
    assert_eq!(itt.trust, Trust::Trusted);
}

/// 10 % against 30 %: three times as many, significantly.
#[test]
fn a_significant_lift_beyond_the_bound_is_too_good() {
    let readout = read(&Scene::new(&["old", "new"]).proportion(
        "conversion",
        Role::Primary,
        &[(1_000, 100), (1_000, 300)],
    ));
    let check = readout
        .checks
        .iter()
        .find(|check| check.id == CheckId::Plausibility)
        .unwrap();
    assert_eq!(check.status, CheckStatus::Warn);
    assert!(check.finding.contains("+200.00 %"), "{}", check.finding);
}

/// 5 against 8 of 60 is + 60 %, and nothing but noise.
#[test]
fn a_large_lift_within_its_noise_is_no_surprise() {
    let readout = read(&Scene::new(&["old", "new"]).proportion(
        "conversion",
        Role::Primary,
        &[(60, 5), (60, 8)],
    ));
    let check = readout
        .checks
        .iter()
        .find(|check| check.id == CheckId::Plausibility)
        .unwrap();
    assert_eq!(check.status, CheckStatus::Pass, "{}", check.finding);
}
