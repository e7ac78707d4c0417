//! Printed tables and certified values.

use readout::domain::evidence::JointSums;
use readout::stats::{EpochCounts, SampleMean, sample_ratio};
use serde::Deserialize;

use super::{
    TOLERANCE, WELCH, absolute_of, assert_close, assert_p, lift_of, moments_of_sums, reference,
};

#[derive(Deserialize)]
struct Reference {
    standard_errors_of_differences: Vec<DifferenceRow>,
    sample_ratios: Vec<SampleRatioRow>,
    lifts: Vec<LiftRow>,
    nist_strd: Vec<Certified>,
}

#[derive(Deserialize)]
struct DifferenceRow {
    name: String,
    control: (f64, f64),
    treatment: (f64, f64),
    printed: f64,
    se: f64,
}

#[derive(Deserialize)]
struct SampleRatioRow {
    citation: String,
    units: Vec<u64>,
    weights: Vec<f64>,
    p: String,
}

#[derive(Deserialize)]
struct LiftRow {
    citation: String,
    control: (f64, u64),
    treatment: (f64, u64),
    lift: f64,
}

#[derive(Deserialize)]
struct Certified {
    name: String,
    n: u64,
    mean: f64,
    sd: f64,
}

fn published() -> Reference {
    reference(include_str!("../../reference/published.json"))
}

#[test]
fn printed_standard_errors_of_differences_agree() {
    for row in published().standard_errors_of_differences {
        let of = |(mean, error): (f64, f64)| SampleMean {
            units: 1000,
            mean,
            variance: error * error,
            freedom: 999.0,
        };
        let ours = absolute_of(&of(row.control), &of(row.treatment), WELCH);
        let error = ours.standard_error.unwrap();
        assert_close(error, row.se, TOLERANCE, &row.name);
        assert_close(error, row.printed, 0.006, &row.name);
    }
}

#[test]
fn printed_sample_ratios_agree() {
    for row in published().sample_ratios {
        let epoch = EpochCounts {
            units: &row.units,
            weights: &row.weights,
        };
        let ours = sample_ratio(&[epoch]).unwrap();
        assert_p(ours.p_value, &row.p, &row.citation);
    }
}

#[test]
fn printed_lifts_agree() {
    for row in published().lifts {
        let of = |(sum, n): (f64, u64)| {
            SampleMean::of_quantity(&moments_of_sums(n, &[sum], &[sum]), 0).unwrap()
        };
        let ours = lift_of(&of(row.control), &of(row.treatment), WELCH);
        assert_close(ours.estimate, row.lift, TOLERANCE, &row.citation);
    }
}

/// A first value, then its two neighbours in turn, as the certified sets are described.
fn alternating(first: f64, low: f64, high: f64, n: u64) -> Vec<f64> {
    let rest = (1..n).map(|index| if index % 2 == 1 { low } else { high });
    std::iter::once(first).chain(rest).collect()
}

fn values(certified: &Certified) -> Vec<f64> {
    match certified.name.as_str() {
        "NumAcc1" => vec![10_000_001.0, 10_000_003.0, 10_000_002.0],
        "NumAcc2" => alternating(1.2, 1.1, 1.3, certified.n),
        "NumAcc3" => alternating(1_000_000.2, 1_000_000.1, 1_000_000.3, certified.n),
        "NumAcc4" => alternating(10_000_000.2, 10_000_000.1, 10_000_000.3, certified.n),
        other => panic!("{other}"),
    }
}

#[test]
fn certified_means_and_deviations_are_met_to_the_last_digit_that_the_values_hold() {
    let sets = published().nist_strd;
    assert_eq!(sets.len(), 4);
    for certified in sets {
        let values = values(&certified);
        let mut sums = JointSums::new(1);
        for value in &values {
            sums.add(&[*value]);
        }
        assert_eq!(sums.units(), certified.n);
        let ours = SampleMean::of_quantity(&sums.moments(), 0).unwrap();
        // 0.1 has no exact double: beside 1e7 it is off by up to 1e-9, so the data themselves hold 8 digits of it.
        let held = (2.0 * certified.mean * f64::EPSILON / certified.sd).max(1e-15);
        assert_close(ours.mean, certified.mean, 1e-15, &certified.name);
        assert_close(
            ours.standard_deviation(),
            certified.sd,
            held,
            &certified.name,
        );
    }
}
