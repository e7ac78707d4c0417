//! The same bytes for a seed, definitions that parse, folders and scenarios that are refused.

use super::*;
use crate::domain::definition::Aggregate;

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    for format in TableFormat::ALL {
        let layout = Layout::uniform(*format);
        let files = |seed| {
            generate(&small(|_| {}), seed)
                .unwrap()
                .files(layout)
                .unwrap()
        };
        assert_eq!(files(1), files(1));
        assert_ne!(files(1), files(2));
    }
}

#[test]
fn every_definition_is_toml_with_distinct_keys() {
    let files = sample_workspace(SAMPLE_SEED)
        .unwrap()
        .files(Layout::SAMPLE)
        .unwrap();
    let definitions: Vec<_> = files
        .iter()
        .filter(|(path, _)| path.rsplit('.').next() == Some("toml"))
        .collect();
    assert_eq!(definitions.len(), 1 + 5 + sample_scenario().metrics.len());
    for (path, bytes) in definitions {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(text.parse::<toml::Table>().is_ok(), "{path}:\n{text}");
    }
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(&small(|each| each.units = 50));
    let layout = Layout::uniform(TableFormat::Csv);
    world
        .write(folder.path(), layout, Overwrite::Never)
        .unwrap();
    let again = world.write(folder.path(), layout, Overwrite::Never);
    assert!(matches!(again, Err(WriteError::NotEmpty(_))));
    let written = world
        .write(folder.path(), layout, Overwrite::SameFiles)
        .unwrap();
    let expected = world.files(layout).unwrap();
    assert_eq!(written, expected.keys().cloned().collect::<Vec<_>>());
    for (path, bytes) in expected {
        assert_eq!(std::fs::read(folder.path().join(path)).unwrap(), bytes);
    }
}

#[test]
fn a_scenario_is_read_from_toml_with_every_other_knob_at_its_default() {
    let text = "name = 'mine'\n[[experiments]]\nid = 'one'\nunits = 100\n[experiments.faults]\nbots = 0.5\n";
    let scenario: Scenario = toml::from_str(text).unwrap();
    assert_eq!(scenario.experiments[0].faults.bots, 0.5);
    assert_eq!(scenario.experiments[0].variants.len(), 2);
    assert!(toml::from_str::<Scenario>("[[experiments]]\nunit = 3").is_err());
}

#[test]
fn a_scenario_that_makes_no_sense_is_refused_with_the_knob() {
    let refused =
        |turn: fn(&mut ExperimentScenario)| generate(&small(turn), 1).unwrap_err().to_string();
    assert!(refused(|each| each.faults.bots = 1.5).contains("bots is 1.5"));
    assert!(refused(|each| each.faults.bots = f64::NAN).contains("bots"));
    assert!(refused(|each| each.variants.truncate(1)).contains("at least one other variant"));
    assert!(refused(|each| each.id = "Bad id".to_owned()).contains("lower-case"));
    assert!(refused(|each| each.follow_days = 7).contains("follow_days"));
    assert!(refused(|each| each.primary = vec!["unknown".to_owned()]).contains("unknown"));
    assert!(refused(|each| each.activity_shape = 0).contains("activity_shape"));
    assert!(
        refused(|each| each.epochs = vec![EpochScenario {
            from_day: 1,
            weights: vec![1.0, 1.0]
        }])
        .contains("day 0")
    );
    let mut scenario = small(|_| {});
    scenario.metrics[0].measure.aggregate = Aggregate::Max;
    assert!(
        generate(&scenario, 1)
            .unwrap_err()
            .to_string()
            .contains("conversion")
    );
}

#[test]
fn any_text_in_a_definition_comes_back_as_it_was() {
    let nasty = "say \"hi\" = 'x'\n# [not.a.table]\t\\ \u{1b}[31m \u{202e} {";
    let mut scenario = small(|each| {
        each.hypothesis = nasty.to_owned();
        each.variants[1].id = nasty.to_owned();
    });
    scenario.metrics[1].if_worse = nasty.to_owned();
    let files = world(&scenario)
        .files(Layout::uniform(TableFormat::Csv))
        .unwrap();
    let table = |path: &str| {
        std::str::from_utf8(&files[path])
            .unwrap()
            .parse::<toml::Table>()
            .unwrap()
    };
    let experiment = table("experiments/experiment.toml");
    assert_eq!(experiment["hypothesis"].as_str(), Some(nasty));
    assert_eq!(experiment["variants"][nasty].as_integer(), Some(1));
    let revenue = table("metrics/revenue.toml");
    assert_eq!(revenue["decision"]["if_worse"].as_str(), Some(nasty));
}
