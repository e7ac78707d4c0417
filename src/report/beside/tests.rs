//! What stands beside effects, read as prose.

use super::*;
use crate::domain::definition::Population;
use crate::domain::result::Absence;
use crate::report::fixtures;

fn code(name: &str) -> String {
    format!("`{name}`")
}

/// Every line of every effect of a readout.
fn said(readout: &crate::domain::result::Readout) -> String {
    let mut text = String::new();
    for metric in &readout.metrics {
        for effect in &metric.effects {
            for line in lines(metric, effect, &code) {
                let mark = if line.topic.changes_reading() {
                    "!"
                } else {
                    " "
                };
                text.push_str(&format!("{mark} {}: {}\n", line.label, line.text));
            }
        }
        for found in &metric.heterogeneity {
            let (line, differs) = segments(&readout.conventions, metric, found, &code);
            let mark = if differs { "!" } else { " " };
            text.push_str(&format!("{mark} {}: {}\n", line.label, line.text));
        }
        for novelty in &metric.novelty {
            let line = wear(metric, novelty);
            text.push_str(&format!("  {}: {}\n", line.label, line.text));
        }
    }
    text
}

#[test]
fn every_line_reads_well() {
    insta::assert_snapshot!("lines", said(&fixtures::seen_otherwise()));
}

#[test]
fn few_clusters_are_warned_of_and_enough_are_not() {
    let mut readout = fixtures::seen_otherwise();
    assert!(said(&readout).contains("36 clusters, WHICH ARE FEW: below 40"));
    readout.metrics[0].effects[0].clusters = Some(Effect::ENOUGH_CLUSTERS);
    let text = said(&readout);
    assert!(text.contains("40 clusters;") && !text.contains("WHICH ARE FEW"));
}

#[test]
fn a_weak_first_stage_is_told_and_a_strong_one_is_not() {
    let mut readout = fixtures::seen_otherwise();
    assert!(said(&readout).contains("first stage F 6.660, WEAK"));
    let found = readout.metrics[0].effects[0].compliers.as_mut().unwrap();
    found.first_stage_f = Known::Value(10.0);
    assert!(!said(&readout).contains("WEAK"));
    let found = readout.metrics[0].effects[0].compliers.as_mut().unwrap();
    found.first_stage_f = Known::Absent(Absence::ZeroVariance);
    found.anderson_rubin = Known::Value(Interval::WholeLine);
    found.one_sided = false;
    let text = said(&readout);
    assert!(text.contains("exposure follows assignment without exception"));
    assert!(text.contains("Anderson–Rubin set every value"));
    assert!(text.contains("some control units were exposed too"));
}

#[test]
fn where_there_is_no_effect_the_bootstrap_changes_the_reading() {
    let readout = fixtures::seen_otherwise();
    let load = &readout.metrics[2];
    let effect = load.overall(Population::Itt, "new").unwrap();
    let drawn = |effect: &Effect| {
        let lines = lines(load, effect, &code);
        let line = lines.iter().find(|line| line.label.contains("BCa"));
        line.unwrap().topic
    };
    assert_eq!(drawn(effect), Topic::Instead);
    let mut known = effect.clone();
    known.absolute = known.companions[0].estimate.clone();
    assert_eq!(drawn(&known), Topic::Otherwise);
}

#[test]
fn a_kind_is_said_in_its_own_words() {
    let readout = fixtures::seen_otherwise();
    let words: Vec<String> = readout.metrics.iter().map(measure).collect();
    assert_eq!(
        words,
        ["proportion", "mean", "90 % quantile", "retention", "funnel"]
    );
}

#[test]
fn conventions_that_flip_come_first_and_are_named() {
    use crate::report::otherwise::{ordered, sentence};
    let mut readout = fixtures::seen_otherwise();
    assert_eq!(ordered(&readout)[0].convention, "level");
    assert_eq!(
        sentence(&readout, "new", &code).unwrap(),
        "Another verdict under `level` = `0.99` (inconclusive); 5 other conventions were tried."
    );
    readout.alternatives.pop();
    assert_eq!(
        sentence(&readout, "new", &code).unwrap(),
        "None of the 4 other conventions tried gives another verdict."
    );
    readout.alternatives.clear();
    assert_eq!(sentence(&readout, "new", &code), None);
}
