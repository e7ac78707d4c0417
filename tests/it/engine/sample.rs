//! The sample workspace through the engine, against numbers that `tests/reference/sample_data.py` computed apart from it,
//! and against the truth it was made from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use readout::domain::definition::Population;
use readout::domain::result::{Effect, Estimate, Estimator, MetricReadout, Readout};
use readout::engine::{self, Progress};
use readout::propose::simulate::Truth;
use readout::workspace::{Settings, Workspace};
use serde_json::Value;
use tempfile::TempDir;

use super::scene::{ledger, plan_of};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn json(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(repository(path)).unwrap()).unwrap()
}

fn truth() -> Truth {
    serde_json::from_value(json("sample-data/truth.json")).unwrap()
}

static REFERENCE: LazyLock<Value> = LazyLock::new(|| json("tests/reference/sample_data.json"));

/// Every experiment as defined.
static READOUTS: LazyLock<BTreeMap<String, Readout>> = LazyLock::new(|| {
    read(
        &Workspace::open(&repository("sample-data"), None).unwrap(),
        &[],
    )
});

/// Every experiment as defined, and without caps and covariates, for definitions without an end of enrolment. The reference reads every assignment, where a second variant
/// that a unit was given after enrolment stopped is out of scope as defined.
static UNSTOPPED: LazyLock<(BTreeMap<String, Readout>, BTreeMap<String, Readout>)> =
    LazyLock::new(|| {
        let (_folder, workspace) = unstopped();
        let pooled = ("ramp", "pooled");
        let raw = [("cap", "ignored"), ("covariate", "ignored"), pooled];
        (read(&workspace, &[pooled]), read(&workspace, &raw))
    });

fn unstopped() -> (TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let sample = repository("sample-data");
    std::fs::copy(
        sample.join("readout.toml"),
        folder.path().join("readout.toml"),
    )
    .unwrap();
    for kind in ["experiments", "metrics"] {
        std::fs::create_dir(folder.path().join(kind)).unwrap();
        for entry in std::fs::read_dir(sample.join(kind)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let lines = text.lines().filter(|line| !line.starts_with("enrol_stop"));
            let kept: Vec<&str> = lines.collect();
            let target = folder.path().join(kind).join(path.file_name().unwrap());
            std::fs::write(target, kept.join("\n")).unwrap();
        }
    }
    let workspace = Workspace::open(folder.path(), Some(&sample)).unwrap();
    (folder, workspace)
}

fn read(workspace: &Workspace, conventions: &[(&str, &str)]) -> BTreeMap<String, Readout> {
    let conventions = conventions
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let settings = Settings {
        conventions: conventions.collect(),
        ..Settings::default()
    };
    let one = |id: String| {
        let readout = workspace.readout(&id, &settings, &Progress::default());
        (id, readout.unwrap())
    };
    workspace.experiment_ids().into_iter().map(one).collect()
}

fn close(place: &str, found: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap();
    assert!(
        (found - expected).abs() <= 1e-9 * expected.abs(),
        "{place}: {found}, not {expected}"
    );
}

fn metric<'r>(readout: &'r Readout, id: &str) -> &'r MetricReadout {
    readout
        .metrics
        .iter()
        .find(|metric| metric.id.as_str() == id)
        .unwrap()
}

fn compare_estimate(place: &str, found: &Estimate, expected: &Value) {
    close(
        &format!("{place} absolute"),
        found.estimate,
        &expected["absolute"],
    );
    close(
        &format!("{place} se"),
        found.standard_error.unwrap(),
        &expected["se"],
    );
    close(
        &format!("{place} df"),
        found.degrees_of_freedom.unwrap(),
        &expected["df"],
    );
    close(
        &format!("{place} lower"),
        found.interval.lower().unwrap(),
        &expected["lower"],
    );
    close(
        &format!("{place} upper"),
        found.interval.upper().unwrap(),
        &expected["upper"],
    );
    close(&format!("{place} p"), found.p_value.p, &expected["p"]);
    close(
        &format!("{place} log10 p"),
        found.p_value.log10_p,
        &expected["log10_p"],
    );
}

fn compare_effect(place: &str, effect: &Effect, expected: &Value) {
    compare_estimate(place, effect.absolute.value().unwrap(), expected);
    let lift = effect.relative.value().unwrap().estimate;
    close(&format!("{place} lift"), lift, &expected["lift"]);
}

/// Calls `each` with every effect of the reference: metric, population, variant and its numbers.
fn each_effect(id: &str, mut each: impl FnMut(&str, Population, &str, &Value)) {
    for (metric, entry) in REFERENCE["experiments"][id]["metrics"].as_object().unwrap() {
        for population in Population::ALL {
            for (variant, numbers) in entry[population.name()].as_object().unwrap() {
                each(metric, *population, variant, numbers);
            }
        }
    }
}

#[test]
fn raw_effects_are_those_of_an_independent_computation() {
    let mut compared = 0;
    for (id, raw) in &UNSTOPPED.1 {
        each_effect(id, |name, population, variant, numbers| {
            let numbers = &numbers["raw"];
            let place = format!("{id} {name} {population} {variant}");
            let found = metric(raw, name);
            compare_effect(&place, found.overall(population, variant).unwrap(), numbers);
            for (label, mean) in numbers["mean"].as_object().unwrap() {
                let statistics = found.overall_statistics(population, label).unwrap();
                close(
                    &format!("{place} mean"),
                    *statistics.mean.value().unwrap(),
                    mean,
                );
                assert_eq!(
                    Value::from(*statistics.units.value().unwrap()),
                    numbers["n"][label],
                    "{place}"
                );
            }
            compared += 1;
        });
    }
    assert_eq!(compared, 64, "effects of five experiments");
}

#[test]
fn capped_and_adjusted_effects_are_those_of_an_independent_computation() {
    let mut compared = 0;
    for (id, defined) in &UNSTOPPED.0 {
        each_effect(id, |name, population, variant, numbers| {
            let found = metric(defined, name);
            let threshold = &REFERENCE["experiments"][id]["metrics"][name]["cap_threshold"];
            if !threshold.is_null() {
                close(
                    &format!("{id} {name} cap"),
                    found.capped_at[0].0.unwrap(),
                    threshold,
                );
            }
            let Some(numbers) = numbers.get("as_defined") else {
                return;
            };
            let place = format!("{id} {name} {population} {variant} as defined");
            compare_effect(&place, found.overall(population, variant).unwrap(), numbers);
            compared += 1;
        });
    }
    assert_eq!(compared, 16, "effects with a cap or a covariate");
}

#[test]
fn effects_over_epochs_are_those_of_an_independent_computation() {
    let (_folder, workspace) = unstopped();
    let mut compared = 0;
    for (id, defined) in &read(&workspace, &[]) {
        each_effect(id, |name, population, variant, numbers| {
            let Some(numbers) = numbers.get("over_epochs") else {
                return;
            };
            let effect = metric(defined, name).overall(population, variant).unwrap();
            assert_eq!(effect.estimator, Estimator::Stratified);
            let place = format!("{id} {name} {population} {variant} over epochs");
            compare_effect(&place, effect, numbers);
            compared += 1;
        });
    }
    assert_eq!(compared, 24, "effects of the ramp");
}

#[test]
fn units_repeats_and_rows_are_those_of_an_independent_count() {
    let (_folder, workspace) = unstopped();
    for (id, defined) in &UNSTOPPED.0 {
        let expected = &REFERENCE["experiments"][id];
        for (population, key) in [
            (Population::Itt, "units_by_variant"),
            (Population::Exposed, "exposed_by_variant"),
        ] {
            let of = defined
                .units
                .iter()
                .filter(|units| units.population == population);
            let found: BTreeMap<&str, u64> = of
                .map(|units| (units.variant.as_str(), units.units))
                .collect();
            assert_eq!(serde_json::to_value(found).unwrap(), expected[key], "{id}");
        }
        for table in &defined.ledgers {
            assert!(table.adds_up(), "{id} {}", table.table);
            assert_eq!(
                Value::from(table.read),
                REFERENCE["rows"][&table.table],
                "{id}"
            );
        }
        let mut plan = plan_of(&workspace, id, vec![defined.conventions], None, Vec::new());
        // Who is assigned and exposed does not depend on what is measured.
        plan.metrics.clear();
        plan.declarations.clear();
        plan.others.clear();
        let summary = engine::run(
            &plan,
            &repository("sample-data"),
            &engine::Resources::with_threads(2),
            &Progress::default(),
        )
        .unwrap()
        .remove(0);
        let counted =
            |count: u64, key: &str| assert_eq!(Value::from(count), expected[key], "{id} {key}");
        let assignment = summary.assignment.as_ref().unwrap();
        counted(assignment.units, "units");
        counted(assignment.several_variants, "units_in_several_variants");
        counted(assignment.duplicate_rows, "duplicate_assignment_rows");
        let exposure = summary.exposure.as_ref().unwrap();
        counted(exposure.rows, "exposure_rows");
        counted(exposure.duplicate_rows, "duplicate_exposure_rows");
        counted(ledger(&summary, "assignments").used(), "assignment_rows");
    }
}

#[test]
fn each_variant_gets_the_verdict_it_was_made_for() {
    for experiment in &truth().experiments {
        let defined = &READOUTS[&experiment.id];
        let found: BTreeMap<String, _> = defined
            .verdicts
            .iter()
            .map(|verdict| (verdict.variant.clone(), verdict.word))
            .collect();
        assert_eq!(found, experiment.expected_verdicts, "{}", experiment.id);
    }
}

#[test]
fn the_readout_recovers_the_truth() {
    let truth = truth();
    let mut compared = 0;
    for experiment in &truth.experiments {
        // Where units are lost for a reason, no estimate is of the truth: that is what its verdict says.
        if experiment.counts.units_lost.values().any(|lost| *lost > 0) {
            continue;
        }
        let raw = &UNSTOPPED.1[&experiment.id];
        for expected in &experiment.metrics {
            let found = metric(raw, &expected.metric);
            for (population, effects) in [
                (Population::Itt, &expected.itt),
                (Population::Exposed, &expected.exposed),
            ] {
                for variant in raw.treatments() {
                    let effect = found.overall(population, variant).unwrap();
                    let estimate = effect.absolute.value().unwrap();
                    let error = estimate.estimate - effects[variant].absolute;
                    let place = format!(
                        "{} {} {population} {variant}",
                        experiment.id, expected.metric
                    );
                    assert!(
                        error.abs() < 3.3 * estimate.standard_error.unwrap(),
                        "{place}: off by {error}"
                    );
                    compared += 1;
                }
            }
        }
    }
    assert_eq!(compared, 54, "effects of the four unbiased experiments");
}
