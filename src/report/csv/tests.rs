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
    let rows = read(&[&win, &ramp]);
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
