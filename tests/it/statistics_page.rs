//! `docs/statistics.md` lists every convention, value, estimator, metric kind and key there is, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use readout::catalog::{DefinitionKind, schema};
use readout::domain::definition::MetricKind;
use readout::domain::result::{CompanionKind, Estimator};
use readout::plan::{Overrides, resolve};
use serde_json::Value;

const PAGE: &str = include_str!("../../docs/statistics.md");

/// The rows of the first table below a heading: cells as they are written, without the header.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let opening = format!("\n## {heading}\n");
    let section = PAGE.split(opening.as_str()).nth(1).expect(heading);
    let section = section.split("\n## ").next().unwrap_or("");
    let table = section.lines().filter(|line| line.starts_with('|'));
    table
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

/// Words set as code in a cell.
fn words(cell: &str) -> BTreeSet<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The first column of the table below a heading, each once.
fn listed(heading: &str) -> BTreeSet<String> {
    let rows = rows(heading);
    let names: BTreeSet<String> = rows.iter().flat_map(|row| words(row[0])).collect();
    assert_eq!(
        names.len(),
        rows.len(),
        "{heading}: one name a row, each once"
    );
    names
}

fn named<T: Copy>(all: &[T], name: fn(T) -> &'static str) -> BTreeSet<String> {
    all.iter().map(|member| name(*member).to_owned()).collect()
}

/// What a part of a schema refers to.
fn resolved<'a>(schema: &'a Value, part: &'a Value) -> &'a Value {
    let inner = part["anyOf"].as_array().and_then(|any| any.first());
    let part = inner.unwrap_or(part);
    match part["$ref"].as_str() {
        Some(reference) => schema
            .pointer(reference.trim_start_matches('#'))
            .expect("a reference leads somewhere"),
        None => part,
    }
}

/// The words a part of a schema allows, where it is a closed vocabulary.
fn allowed(schema: &Value, part: &Value) -> BTreeSet<String> {
    let part = resolved(schema, part);
    let several = part["oneOf"].as_array().into_iter().flatten();
    let consts = several.filter_map(|one| one["const"].as_str());
    let words = part["enum"].as_array().into_iter().flatten();
    consts
        .chain(words.filter_map(Value::as_str))
        .map(str::to_owned)
        .collect()
}

fn keys(schema: &Value, name: &str) -> BTreeMap<String, Value> {
    let table = resolved(schema, &schema["properties"][name]);
    let properties = table["properties"].as_object().expect(name);
    properties.clone().into_iter().collect()
}

#[test]
fn every_convention_is_there_with_its_values_and_its_default() {
    let schema = schema(DefinitionKind::Experiment);
    let conventions = keys(&schema, "conventions");
    let (_, choices) = resolve(&Overrides::default()).expect("defaults are sound");
    assert_eq!(
        listed("Conventions"),
        choices.iter().map(|choice| choice.name.clone()).collect()
    );
    assert_eq!(listed("Conventions"), conventions.keys().cloned().collect());
    for row in rows("Conventions") {
        let name = words(row[0]).pop_first().expect("a name");
        let choice = choices.iter().find(|choice| choice.name == name);
        let default = choice.expect("it is a convention").value.clone();
        assert_eq!(words(row[2]), BTreeSet::from([default.clone()]), "{name}");
        let mut values = allowed(&schema, &conventions[&name]);
        if values.is_empty() {
            // A number, or a prior: described, not listed.
            continue;
        }
        values.insert(default);
        assert_eq!(words(row[1]), values, "{name}");
    }
}

#[test]
fn every_key_of_the_analysis_is_there() {
    let schema = schema(DefinitionKind::Experiment);
    let keys = keys(&schema, "analysis").into_keys().collect();
    assert_eq!(listed("Analysis"), keys);
}

#[test]
fn every_estimator_kind_and_companion_is_there() {
    assert_eq!(listed("Estimators"), named(Estimator::ALL, Estimator::name));
    assert_eq!(
        listed("Metric kinds"),
        named(MetricKind::ALL, MetricKind::name)
    );
    assert_eq!(
        listed("Beside an effect"),
        named(CompanionKind::ALL, CompanionKind::name)
    );
}

/// Cases of a reference file: the members of its lists and tables, but not what it says of itself or leaves out.
fn cases(file: &Path) -> usize {
    let text = std::fs::read_to_string(file).expect("a reference file is text");
    let file: BTreeMap<String, Value> = serde_json::from_str(&text).expect("it is JSON");
    let about = |name: &str| ["datasets", "skipped", "not_reproduced"].contains(&name);
    let lists = file.iter().filter(|(name, _)| !about(name));
    let size = |value: &Value| {
        let table = || value.as_object().map(serde_json::Map::len);
        value.as_array().map(Vec::len).or_else(table)
    };
    lists.filter_map(|(_, value)| size(value)).sum()
}

#[test]
fn every_reference_file_is_there_with_its_count() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let files = std::fs::read_dir(&folder).expect("reference files are there");
    let names = files.map(|file| {
        file.expect("readable")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    let names: BTreeSet<String> = names
        .filter(|name| std::path::Path::new(name).extension() == Some("json".as_ref()))
        .collect();
    let heading = "Proofs: numbers of independent tools";
    assert_eq!(listed(heading), names);
    for row in rows(heading) {
        let name = words(row[0]).pop_first().expect("a name");
        let said: usize = row[3].parse().expect("a count");
        assert_eq!(said, cases(&folder.join(&name)), "{name}");
    }
}
