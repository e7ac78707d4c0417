//! The CSV document: tidy, stable, safe to open in a spreadsheet.

use std::collections::BTreeMap;

use super::*;
use crate::report::fixtures;

/// Rows as column → cell.
fn read(readouts: &[&Readout]) -> Vec<BTreeMap<String, String>> {
    let bytes = document(readouts).unwrap();
    let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

#[test]
fn the_document_of_a_win_is_stable() {
    let bytes = document(&[&fixtures::good_win()]).unwrap();
    insta::assert_snapshot!("csv-good-win", String::from_utf8(bytes).unwrap());
}

#[test]
fn there_is_a_row_an_effect_and_one_header_for_all() {
    let (win, ramp) = (fixtures::good_win(), fixtures::ramp_of_three());
    let mut rows = read(&[&win, &ramp]);
    rows.retain(|row| row["quantity"] == "effect");
    assert_eq!(rows.len(), 6 + 4);
    assert_eq!(rows[0]["experiment"], "checkout");
    assert_eq!(rows[9]["experiment"], "pricing-ramp");
    assert_eq!(rows[9]["estimator"], "adjusted");
}

#[test]
fn numbers_read_back_as_the_same_numbers() {
    let win = fixtures::good_win();
    let rows = read(&[&win]);
    let effect = &win.metrics[0].effects[0];
    let absolute = effect.absolute.value().unwrap();
    for (column, number) in [
        ("absolute", absolute.estimate),
        ("absolute_lower", absolute.interval.lower().unwrap()),
        ("p", absolute.p_value.p),
        ("log10_p", absolute.p_value.log10_p),
        ("relative", effect.relative.value().unwrap().estimate),
    ] {
        assert_eq!(
            rows[0][column].parse::<f64>().unwrap().to_bits(),
            number.to_bits(),
            "{column}"
        );
    }
}

#[test]
fn absent_numbers_are_empty_with_their_reason() {
    let rows = read(&[&fixtures::absences()]);
    let of = |metric: &str| rows.iter().find(|row| row["metric"] == metric).unwrap();
    assert_eq!(of("few")["absolute"], "");
    assert_eq!(of("few")["absolute_absent"], "too-few-units");
    assert_eq!(of("few")["control_units"], "");
    assert_eq!(of("zero-control")["relative_absent"], "zero-control-mean");
    assert_eq!(of("tiny-p")["log10_p"], "-350.5");
    assert_eq!(of("revenue")["guardrail_outcome"], "could-not-run");
}

#[test]
fn bounds_of_what_is_no_ordinary_interval_are_not_taken_for_bounds() {
    let rows = read(&[&fixtures::absences()]);
    let outside = &rows[0];
    assert_eq!(outside["relative_interval"], "outside");
    assert_eq!(
        (
            outside["relative_lower"].as_str(),
            outside["relative_upper"].as_str()
        ),
        ("", "")
    );
    assert_eq!(outside["relative_outside_below"], "-3.1");
    assert_eq!(outside["relative_outside_above"], "0.52");
    assert_eq!(rows[1]["relative_interval"], "whole-line");
    assert_eq!(rows[1]["relative_lower"], "");
}

#[test]
fn text_never_starts_a_formula_and_numbers_stay_numbers() {
    let readout = fixtures::hostile_with("=1+1");
    for row in read(&[&readout]) {
        assert_eq!(row["variant"], "'=1+1");
        assert_eq!(row["trust_check"], "'=1+1");
        for (column, cell) in &row {
            let is_number = cell.parse::<f64>().is_ok();
            assert!(
                is_number || !cell.starts_with(['=', '+', '-', '@']),
                "{column}: {cell}"
            );
        }
    }
    let breached = fixtures::guardrail_breached();
    let worse = read(&[&breached])
        .into_iter()
        .find(|row| row["guardrail_outcome"] == "fail")
        .unwrap();
    assert!(worse["absolute"].starts_with("-0.4"));
}

#[test]
fn what_is_not_to_be_trusted_says_so_in_its_row() {
    let rows = read(&[&fixtures::exposure_depends_on_variant()]);
    assert_eq!(
        (rows[0]["population"].as_str(), rows[0]["trust"].as_str()),
        ("itt", "trusted")
    );
    assert_eq!(
        (rows[1]["population"].as_str(), rows[1]["trust"].as_str()),
        ("exposed", "not-trusted")
    );
    assert_eq!(rows[1]["trust_check"], "exposure-rate");
    assert!(rows[1]["trust_reason"].contains("the exposed of the two are not alike"));
}

/// What is said beside effects: the columns that only such rows fill, after what they are of.
fn beside(readout: &Readout) -> String {
    let mut text = String::new();
    for row in read(&[readout]) {
        if row["quantity"] == "effect" {
            continue;
        }
        let cells = ["metric", "population", "variant"]
            .into_iter()
            .chain(FURTHER);
        let cells: Vec<&str> = cells.map(|column| row[column].as_str()).collect();
        text.push_str(cells.join(",").trim_end_matches(','));
        text.push('\n');
    }
    text
}

#[test]
fn what_stands_beside_effects_is_a_row_a_number() {
    insta::assert_snapshot!("csv-beside", beside(&fixtures::seen_otherwise()));
}

#[test]
fn rows_of_effects_are_as_they_were_and_others_leave_their_columns_empty() {
    let readout = fixtures::seen_otherwise();
    let effects: usize = readout
        .metrics
        .iter()
        .map(|metric| metric.effects.len())
        .sum();
    let rows = read(&[&readout]);
    let of_effects: Vec<_> = rows
        .iter()
        .filter(|row| row["quantity"] == "effect")
        .collect();
    assert_eq!(of_effects.len(), effects);
    for row in of_effects {
        assert!(FURTHER.iter().skip(1).all(|column| row[*column].is_empty()));
    }
    for row in rows.iter().filter(|row| row["quantity"] != "effect") {
        for column in ["absolute", "relative", "p", "control_units", "corrected_p"] {
            assert_eq!(row[column], "", "{column} of {}", row["quantity"]);
        }
        assert_eq!(row["experiment"], "delivery");
        assert_eq!(row["variant"], "new");
    }
}

#[test]
fn a_quantity_has_one_row_an_effect_subject_and_scale() {
    let mut seen = std::collections::BTreeSet::new();
    for row in read(&[&fixtures::seen_otherwise()]) {
        let of = [
            "metric",
            "population",
            "slice",
            "segment",
            "segment_level",
            "variant",
        ];
        let what = ["quantity", "subject", "scale"];
        let key: Vec<String> = of
            .into_iter()
            .chain(what)
            .map(|column| row[column].clone())
            .collect();
        assert!(seen.insert(key.clone()), "{key:?}");
    }
}
