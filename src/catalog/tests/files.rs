//! Facts about what the catalog writes: bumped versions, scaffolds, schemas; and about any text at all.

use std::fs;

use proptest::prelude::*;

use super::{CONVERSION, EXPERIMENT, Folder, NET_REVENUE, WORKSPACE};
use crate::catalog::{BumpError, BumpLevel, DefinitionKind, ScaffoldError, bump, scaffold, schema};
use crate::domain::definition::Identifier;

fn id(text: &str) -> Identifier {
    Identifier::new(text).unwrap()
}

#[test]
fn a_bump_keeps_the_old_version_and_changes_only_the_number_in_the_new_one() {
    let text = CONVERSION.replace("\"1.0.0\"", "'1.0.0'   # the first");
    let folder = Folder::healthy().with("metrics/conversion.toml", &text);
    let bumped = bump(folder.root(), &id("conversion"), BumpLevel::Minor).unwrap();
    assert_eq!(bumped.superseded, "metrics/conversion/1.0.0.toml");
    assert_eq!(bumped.to.to_string(), "1.1.0");
    let read = |file: &str| fs::read_to_string(folder.root().join(file)).unwrap();
    assert_eq!(read("metrics/conversion/1.0.0.toml"), text);
    assert_eq!(
        read("metrics/conversion.toml"),
        text.replace("'1.0.0'   # the first", "\"1.1.0\"   # the first")
    );
    let catalog = folder.load();
    assert_eq!(catalog.problems, []);
    assert_eq!(
        catalog.metric("conversion@1.0").unwrap().hash,
        catalog.metric("conversion").unwrap().hash
    );
}

#[test]
fn a_bump_never_overwrites_a_version_that_is_there() {
    let folder = Folder::healthy().with("metrics/conversion/1.0.0.toml", "# kept");
    let error = bump(folder.root(), &id("conversion"), BumpLevel::Major).unwrap_err();
    assert!(matches!(error, BumpError::AlreadyThere { .. }));
    let kept = fs::read_to_string(folder.root().join("metrics/conversion/1.0.0.toml")).unwrap();
    assert_eq!(kept, "# kept");
    let current = fs::read_to_string(folder.root().join("metrics/conversion.toml")).unwrap();
    assert_eq!(current, CONVERSION);
}

#[test]
fn what_says_no_version_and_what_is_not_there_cannot_be_bumped() {
    let folder = Folder::healthy()
        .with("metrics/odd.toml", "version = 1")
        .with("metrics/last.toml", "version = \"4294967295.0.0\"");
    let error = |metric: &str, level| bump(folder.root(), &id(metric), level).unwrap_err();
    assert!(matches!(
        error("nothing", BumpLevel::Patch),
        BumpError::Missing { .. }
    ));
    assert!(matches!(
        error("odd", BumpLevel::Patch),
        BumpError::NoVersion { .. }
    ));
    assert!(matches!(
        error("last", BumpLevel::Major),
        BumpError::NoVersion { .. }
    ));
    assert!(!folder.root().join("metrics/last").exists());
}

#[test]
fn a_new_metric_lacks_only_what_a_person_must_say() {
    let folder = Folder::healthy();
    let file = scaffold(&folder.load(), DefinitionKind::Metric, &id("signups")).unwrap();
    assert_eq!(file, "metrics/signups.toml");
    assert_eq!(
        folder.problems(),
        [
            "error bad-text metrics/signups.toml:4:9",
            "error unknown-word metrics/signups.toml:8:13",
        ]
    );
    let text = fs::read_to_string(folder.root().join(&file)).unwrap();
    let filled = text
        .replace("owner = \"\"", "owner = \"me\"")
        .replace("direction = \"\"", "direction = \"increase\"");
    let options = ["cap", "covariate", "margin", "minimum_effect", "runbook"];
    let uncommented: Vec<&str> = filled
        .lines()
        .map(|line| {
            let is_option = options
                .iter()
                .any(|key| line.starts_with(&format!("# {key} =")));
            if is_option {
                line.trim_start_matches("# ")
            } else {
                line
            }
        })
        .collect();
    let uncommented = uncommented.join("\n");
    for text in [filled, uncommented] {
        fs::write(folder.root().join(&file), text).unwrap();
        assert_eq!(folder.load().problems, []);
    }
}

#[test]
fn a_new_experiment_lacks_only_its_owner() {
    let folder = Folder::healthy();
    let file = scaffold(&folder.load(), DefinitionKind::Experiment, &id("signup")).unwrap();
    assert_eq!(
        folder.problems(),
        ["error bad-text experiments/signup.toml:3:9"]
    );
    let text = fs::read_to_string(folder.root().join(&file)).unwrap();
    fs::write(
        folder.root().join(&file),
        text.replace("owner = \"\"", "owner = \"me\""),
    )
    .unwrap();
    assert_eq!(folder.load().problems, []);
}

#[test]
fn a_scaffold_never_overwrites() {
    let folder = Folder::healthy();
    let error = scaffold(&folder.load(), DefinitionKind::Metric, &id("conversion")).unwrap_err();
    assert!(matches!(error, ScaffoldError::AlreadyThere { .. }));
    assert_eq!(
        fs::read_to_string(folder.root().join("metrics/conversion.toml")).unwrap(),
        CONVERSION
    );
}

#[test]
fn a_schema_is_strict_requires_what_must_be_there_and_knows_no_null() {
    for (kind, key) in [
        (DefinitionKind::Workspace, "format"),
        (DefinitionKind::Experiment, "control"),
        (DefinitionKind::Metric, "direction"),
    ] {
        let schema = schema(kind);
        assert_eq!(schema["additionalProperties"], false);
        assert!(
            schema["required"]
                .as_array()
                .unwrap()
                .iter()
                .any(|required| required == key)
        );
        assert!(schema["properties"][key]["description"].is_string());
        assert!(!schema.to_string().contains("\"null\""));
    }
}

/// Texts near enough to definitions to reach every part of the reading of them.
fn almost_a_definition() -> impl Strategy<Value = String> {
    let lines = [WORKSPACE, EXPERIMENT, CONVERSION, NET_REVENUE].concat();
    let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
    let pieces = prop_oneof![
        8 => proptest::sample::select(lines),
        2 => "[a-z_.\\[\\]{}=\",0-9 #-]{0,20}",
        1 => any::<String>(),
    ];
    let text = proptest::collection::vec(pieces, 0..25).prop_map(|pieces| pieces.join("\n"));
    (text, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(text, at, cut)| {
        let at = at.index(text.chars().count() + 1);
        if cut {
            text.chars().take(at).collect()
        } else {
            text
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_makes_reading_panic_and_every_problem_has_a_place(
        workspace in almost_a_definition(),
        experiment in almost_a_definition(),
        metric in almost_a_definition(),
    ) {
        let folder = Folder::empty()
            .with("readout.toml", &workspace)
            .with("experiments/a.toml", &experiment)
            .with("metrics/b.toml", &metric);
        let catalog = folder.load();
        for problem in &catalog.problems {
            let text = fs::read_to_string(folder.root().join(&problem.file)).unwrap();
            let line = text.split('\n').nth(problem.line - 1);
            prop_assert!(line.is_some(), "{problem:?}");
            prop_assert!(problem.column <= line.unwrap_or_default().chars().count() + 1, "{problem:?}");
            prop_assert!(!problem.to_string().chars().any(|character| character.is_control() && character != '\n'));
        }
        prop_assert_eq!(folder.load().problems, catalog.problems);
    }
}
