//! The sample workspace is what its scenario and seed make, and an independent reading of its tables finds its truth.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where the committed files do not hold"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use readout::domain::definition::{Identifier, Role};
use readout::propose::simulate::{
    ExperimentTruth, Layout, SAMPLE_SEED, Truth, sample_scenario, sample_workspace,
};
use serde_json::Value;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every file below `folder`, by its path in it with forward slashes.
fn files_below(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files_below(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
}

/// Numbers that `tests/reference/sample_data.py` computed from the tables, without any code of this program.
fn reference() -> Value {
    let text = std::fs::read_to_string(repository("tests/reference/sample_data.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn truth() -> Truth {
    let text = std::fs::read_to_string(repository("sample-data/truth.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn of_experiment<'a>(reference: &'a Value, truth: &ExperimentTruth) -> &'a Value {
    &reference["experiments"][&truth.id]
}

#[test]
fn the_committed_files_are_what_the_seed_makes() {
    let made = sample_workspace(SAMPLE_SEED)
        .unwrap()
        .files(Layout::SAMPLE)
        .unwrap();
    let mut committed = BTreeMap::new();
    files_below(&repository("sample-data"), "", &mut committed);
    for written_by_hand in ["README.md", ".gitattributes"] {
        assert!(committed.remove(written_by_hand).is_some());
    }
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&made), names(&committed));
    for (name, bytes) in &made {
        assert!(
            bytes == &committed[name],
            "{name} differs from what the seed makes"
        );
    }
    assert!(committed.values().map(Vec::len).sum::<usize>() < 6_000_000);
}

#[test]
fn an_independent_count_of_the_rows_is_the_truth() {
    let reference = reference();
    assert_eq!(reference["duplicate_event_rows"], 0);
    assert_eq!(reference["event_rows_of_unassigned_units"], 0);
    for truth in &truth().experiments {
        let (found, counts) = (of_experiment(&reference, truth), &truth.counts);
        assert_eq!(
            found["units_in_several_variants"],
            counts.units_in_several_variants
        );
        assert_eq!(
            found["duplicate_assignment_rows"],
            counts.duplicate_assignment_rows
        );
        assert_eq!(
            found["duplicate_exposure_rows"],
            counts.duplicate_exposure_rows
        );
        assert_eq!(found["units"], counts.units_assigned.values().sum::<u64>());
        let kept: u64 = found["units_by_variant"]
            .as_object()
            .unwrap()
            .values()
            .filter_map(Value::as_u64)
            .sum();
        assert_eq!(
            kept + counts.units_in_several_variants,
            found["units"].as_u64().unwrap()
        );
    }
}

#[test]
fn independent_estimates_find_the_true_effects() {
    let reference = reference();
    for truth in &truth().experiments {
        let biased = truth.counts.units_lost.values().any(|lost| *lost > 0);
        for metric in truth.metrics.iter().filter(|_| !biased) {
            for (population, expectations) in [("itt", &metric.itt), ("exposed", &metric.exposed)] {
                let found =
                    &of_experiment(&reference, truth)["metrics"][&metric.metric][population];
                for (variant, estimate) in found.as_object().unwrap() {
                    let number = |key: &str| estimate["raw"][key].as_f64().unwrap();
                    // 52 effects: one of them is beyond 3.3 standard errors once in twenty seeds.
                    let error = number("absolute") - expectations[variant].absolute;
                    let place = format!("{} {} {population} {variant}", truth.id, metric.metric);
                    assert!(error.abs() < 3.3 * number("se"), "{place}: off by {error}");
                }
            }
        }
    }
}

#[test]
fn each_experiment_shows_what_it_is_there_for() {
    let reference = reference();
    let experiment = |id: &str| &reference["experiments"][id];
    let effect = |id: &str, metric: &str, population: &str, variant: &str, key: &str| {
        let entry = &experiment(id)["metrics"][metric][population][variant];
        let chosen = entry.get("as_defined").unwrap_or(&entry["raw"]);
        chosen[key].as_f64().unwrap()
    };
    let sample_ratio = |id: &str| experiment(id)["sample_ratio"]["p"].as_f64().unwrap();
    let exposure_rate = |id: &str| experiment(id)["exposure_rate"]["p"].as_f64().unwrap();

    assert!(effect("checkout-button", "conversion", "itt", "one-tap", "lower") > 0.0);

    assert!(sample_ratio("search-ranking") < 1e-6);
    assert!(effect("search-ranking", "conversion", "itt", "learned", "lower") > 0.0);

    assert!(exposure_rate("onboarding-tour") < 1e-6);
    assert!(
        effect(
            "onboarding-tour",
            "activation-rate",
            "itt",
            "guided-tour",
            "upper"
        ) < 0.0
    );
    assert!(
        effect(
            "onboarding-tour",
            "activation-rate",
            "exposed",
            "guided-tour",
            "lower"
        ) > 0.0
    );

    assert!(effect("pricing-page", "revenue", "itt", "annual-first", "lower") > 0.0);
    // The margin is half a point.
    assert!(
        effect(
            "pricing-page",
            "cancellation-rate",
            "itt",
            "annual-first",
            "lower"
        ) > 0.005
    );

    assert!(
        effect(
            "homepage-ramp",
            "home-click-rate",
            "itt",
            "tiles",
            "log10_p"
        ) < 0.025_f64.log10()
    );
    assert!(effect("homepage-ramp", "home-click-rate", "itt", "tiles", "lower") > 0.0);
    assert!(effect("homepage-ramp", "home-click-rate", "itt", "feed", "upper") < 0.0);

    for id in [
        "checkout-button",
        "onboarding-tour",
        "pricing-page",
        "homepage-ramp",
    ] {
        assert!(sample_ratio(id) > 0.01, "{id}");
    }
    for id in [
        "checkout-button",
        "search-ranking",
        "pricing-page",
        "homepage-ramp",
    ] {
        assert!(exposure_rate(id) > 0.01, "{id}");
    }
}

#[test]
fn every_metric_of_the_sample_is_governed() {
    let scenario = sample_scenario();
    for metric in &scenario.metrics {
        assert!(Identifier::new(&metric.id).is_ok());
        for text in [
            &metric.owner,
            &metric.description,
            &metric.question,
            &metric.runbook,
        ] {
            assert!(!text.is_empty(), "{}", metric.id);
        }
    }
    for experiment in &scenario.experiments {
        for id in &experiment.guardrails {
            let guardrail = scenario
                .metrics
                .iter()
                .find(|metric| metric.id == *id)
                .unwrap();
            assert!(
                guardrail.margin.is_some(),
                "{} as a {}",
                id,
                Role::Guardrail
            );
        }
    }
}
