//! Quantiles and their differences on real data, against numpy, R and GrowthBook, with laws and corners.

use std::collections::BTreeMap;

use proptest::prelude::*;
use readout::domain::definition::{QuantileErrorForm, QuantileType};
use readout::domain::evidence::{JointSums, OrderStatistics, effective_values, quantile_ranks};
use readout::domain::result::Absence;
use readout::stats::quantile::{QuantileRequest, quantile, quantile_mean};
use serde::Deserialize;

use super::{
    NORMAL, TOLERANCE, Theirs, WELCH, absolute_of, assert_close, assert_estimate, reference,
};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
    growthbook: Vec<GrowthBookCase>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    q: f64,
    control: Variant,
    treatment: Variant,
    diff: f64,
    se: f64,
    ci: (f64, f64),
    gbstats: Printed,
}

#[derive(Deserialize)]
struct Variant {
    n: u64,
    ranks: Vec<(u64, f64)>,
    by_type: Vec<f64>,
    se: f64,
}

#[derive(Deserialize)]
struct Printed {
    diff: f64,
    se: f64,
    lo: f64,
    hi: f64,
    p: String,
}

#[derive(Deserialize)]
struct GrowthBookCase {
    id: String,
    control: Bounds,
    treatment: Bounds,
    effect: f64,
    se: f64,
    ci: (f64, f64),
}

#[derive(Deserialize)]
struct Bounds {
    n: u64,
    nu: f64,
    quantile_hat: f64,
    quantile_lower: f64,
    quantile_upper: f64,
}

const LEVEL: f64 = 0.95;

fn request(share: f64) -> QuantileRequest {
    QuantileRequest {
        share,
        interpolation: QuantileType::Linear,
        error: QuantileErrorForm::BinomialInterval,
        level: LEVEL,
    }
}

fn growthbook(share: f64) -> QuantileRequest {
    QuantileRequest {
        error: QuantileErrorForm::BinomialIntervalSample,
        ..request(share)
    }
}

impl Variant {
    /// Only the ranks that were asked for, which are all that is needed.
    fn order(&self, share: f64) -> OrderStatistics {
        let all: BTreeMap<u64, f64> = self.ranks.iter().copied().collect();
        let ranks = quantile_ranks(self.n, share, LEVEL, self.n as f64);
        assert!(ranks.len() <= 18);
        OrderStatistics {
            units: self.n,
            values: ranks.iter().map(|rank| (*rank, all[rank])).collect(),
            effective: None,
        }
    }
}

fn cases() -> Reference {
    let reference: Reference = reference(include_str!("../../reference/real_quantiles.json"));
    assert_eq!(reference.cases.len(), 6);
    reference
}

#[test]
fn the_nine_types_agree() {
    for case in cases().cases {
        for variant in [&case.control, &case.treatment] {
            let order = variant.order(case.q);
            for (interpolation, theirs) in QuantileType::ALL.iter().zip(&variant.by_type) {
                let ours = quantile(&order, case.q, *interpolation).unwrap();
                assert_close(
                    ours,
                    *theirs,
                    TOLERANCE,
                    &format!("{} {interpolation}", case.id),
                );
            }
        }
    }
}

#[test]
fn differences_of_quantiles_agree() {
    let mut tied = 0;
    for case in cases().cases {
        let (control, treatment) = (case.control.order(case.q), case.treatment.order(case.q));
        if case.se == 0.0 {
            // Others print a standard error of 0, or of 0.00002.
            assert_eq!(
                quantile_mean(&control, &request(case.q)),
                Err(Absence::TiedValues)
            );
            tied += 1;
            continue;
        }
        let of = |order, request: QuantileRequest| quantile_mean(order, &request).unwrap();
        let (one, other) = (
            of(&control, request(case.q)),
            of(&treatment, request(case.q)),
        );
        assert_close(one.variance.sqrt(), case.control.se, TOLERANCE, &case.id);
        assert_close(
            other.variance.sqrt(),
            case.treatment.se,
            TOLERANCE,
            &case.id,
        );
        let theirs = Theirs {
            estimate: case.diff,
            lower: case.ci.0,
            upper: case.ci.1,
            error: Some(case.se),
            freedom: None,
            p: None,
        };
        assert_estimate(&absolute_of(&one, &other, NORMAL), &theirs, &case.id);
        let printed = Theirs {
            estimate: case.gbstats.diff,
            lower: case.gbstats.lo,
            upper: case.gbstats.hi,
            error: Some(case.gbstats.se),
            freedom: None,
            p: Some(case.gbstats.p),
        };
        let (one, other) = (
            of(&control, growthbook(case.q)),
            of(&treatment, growthbook(case.q)),
        );
        assert_estimate(&absolute_of(&one, &other, WELCH), &printed, &case.id);
    }
    assert_eq!(tied, 1);
}

/// GrowthBook is given the quantile and both ends; here they stand at every rank near to where they belong.
#[test]
fn growthbooks_quantile_case_agrees() {
    for case in cases().growthbook {
        let mean = |bounds: &Bounds| {
            let n = bounds.n as f64;
            let values = quantile_ranks(bounds.n, bounds.nu, LEVEL, n)
                .into_iter()
                .map(|rank| {
                    let over = rank as f64 - n * bounds.nu;
                    let value = if over.abs() < 10.0 {
                        bounds.quantile_hat
                    } else if over < 0.0 {
                        bounds.quantile_lower
                    } else {
                        bounds.quantile_upper
                    };
                    (rank, value)
                });
            let order = OrderStatistics {
                effective: None,
                units: bounds.n,
                values: values.collect(),
            };
            quantile_mean(&order, &growthbook(bounds.nu)).unwrap()
        };
        let theirs = Theirs {
            estimate: case.effect,
            lower: case.ci.0,
            upper: case.ci.1,
            error: Some(case.se),
            freedom: None,
            p: None,
        };
        // With a flat prior the posterior interval is the normal's.
        let ours = absolute_of(&mean(&case.control), &mean(&case.treatment), NORMAL);
        assert_estimate(&ours, &theirs, &case.id);
    }
}

fn order(values: &[f64]) -> OrderStatistics {
    let ranked = values.iter().enumerate();
    OrderStatistics {
        effective: None,
        units: values.len() as u64,
        values: ranked
            .map(|(index, value)| (index as u64 + 1, *value))
            .collect(),
    }
}

#[test]
fn none_one_and_a_few_values() {
    for interpolation in QuantileType::ALL {
        assert_eq!(
            quantile(&order(&[]), 0.5, *interpolation),
            Err(Absence::NoUnits)
        );
        assert_eq!(quantile(&order(&[3.0]), 0.9, *interpolation), Ok(3.0));
        for share in [0.0, 1.0, -0.5, f64::NAN] {
            assert_eq!(
                quantile(&order(&[3.0]), share, *interpolation),
                Err(Absence::NotApplicable)
            );
        }
        let infinite = order(&[f64::NEG_INFINITY, f64::NAN]);
        assert_eq!(
            quantile(&infinite, 0.5, *interpolation),
            Err(Absence::OutOfRange)
        );
    }
    assert_eq!(
        quantile_mean(&order(&[]), &request(0.5)),
        Err(Absence::NoUnits)
    );
    assert_eq!(
        quantile_mean(&order(&[3.0]), &request(0.5)),
        Err(Absence::TooFewUnits)
    );
    assert_eq!(
        quantile_mean(&order(&[3.0, 4.0]), &request(0.5)),
        Err(Absence::TooFewUnits)
    );
    let some: Vec<f64> = (0..40_u8).map(f64::from).collect();
    assert!(quantile_mean(&order(&some), &request(0.5)).is_ok());
    assert_eq!(
        quantile_mean(&order(&some), &request(0.99)),
        Err(Absence::TooFewUnits)
    );
    let level = QuantileRequest {
        level: 1.0,
        ..request(0.5)
    };
    assert_eq!(
        quantile_mean(&order(&some), &level),
        Err(Absence::NotApplicable)
    );
    assert_eq!(
        quantile_mean(&order(&[7.0; 40]), &request(0.5)),
        Err(Absence::TiedValues)
    );
}

#[test]
fn a_rank_that_was_not_asked_for_is_refused() {
    let mut some = order(&[1.0, 2.0, 3.0, 4.0]);
    some.values.remove(&3);
    assert_eq!(
        quantile(&some, 0.5, QuantileType::Linear),
        Err(Absence::NotApplicable)
    );
    assert_eq!(quantile(&some, 0.5, QuantileType::InvertedSteps), Ok(2.0));
}

#[test]
fn no_ranks_are_asked_for_where_there_is_no_quantile() {
    assert!(quantile_ranks(0, 0.5, 0.95, 1.0).is_empty());
    for (share, level, effective) in [
        (0.0, 0.95, 9.0),
        (0.5, 1.0, 9.0),
        (0.5, 0.95, 0.0),
        (f64::NAN, 0.95, 9.0),
        (0.5, 0.95, f64::NAN),
    ] {
        assert!(quantile_ranks(9, share, level, effective).is_empty());
    }
    assert_eq!(quantile_ranks(1, 0.5, 0.95, 1.0), [1]);
}

fn clusters(units: &[[f64; 2]]) -> readout::domain::evidence::Moments {
    let mut sums = JointSums::new(2);
    for unit in units {
        sums.add(unit);
    }
    sums.moments()
}

#[test]
fn one_event_a_unit_says_as_much_as_a_unit() {
    let units: Vec<[f64; 2]> = (0..1000)
        .map(|index| [f64::from(u8::from(index < 900)), 1.0])
        .collect();
    let effective = effective_values(0.9, &clusters(&units)).unwrap();
    assert_close(effective, 999.0, 1e-12, "n − 1");
}

#[test]
fn events_that_are_all_alike_in_a_unit_count_once() {
    let units: Vec<[f64; 2]> = (0..1000)
        .map(|index| [4.0 * f64::from(u8::from(index < 900)), 4.0])
        .collect();
    let effective = effective_values(0.9, &clusters(&units)).unwrap();
    assert_close(effective, 999.0, 1e-12, "not 4,000");
}

#[test]
fn how_much_events_say_has_its_corners() {
    let of = |share, units: &[[f64; 2]]| effective_values(share, &clusters(units));
    let same = [[1.0, 2.0], [1.0, 2.0]];
    assert_eq!(of(0.5, &same), None, "shares that do not vary");
    assert_eq!(of(1.0, &[[1.0, 2.0], [2.0, 2.0]]), None);
    assert_eq!(of(0.5, &[]), None);
    assert_eq!(of(0.5, &[[1.0, 2.0]]), None);
    assert_eq!(of(0.5, &[[0.0, 0.0]; 3]), None);
}

/// 400 units of 1 to 5 events; a unit's events are near each other.
fn events_of_units() -> (Vec<f64>, Vec<u32>) {
    let sizes: Vec<u32> = (0..400).map(|unit| 1 + unit * 7 % 5).collect();
    let mut values = Vec::new();
    for (unit, size) in sizes.iter().enumerate() {
        let level = (unit * 37 % 101) as f64;
        values.extend((0..*size).map(|event| level + 3.0 * f64::from(event * 11 % 4)));
    }
    (values, sizes)
}

/// The error over events is that of the share of them below the quantile, which NumPy computed over written-out units, spread over
/// the distance between order statistics that this share's interval reaches.
#[test]
fn a_quantile_over_events_takes_units_as_the_draws() {
    let (values, sizes) = events_of_units();
    let order = OrderStatistics::of_rows(0.9, &values, &sizes);
    assert_eq!(order.units, 1200);
    assert_close(
        order.effective.unwrap(),
        422.332_571_055_210_5,
        TOLERANCE,
        "n*",
    );
    let over_events = quantile_mean(&order, &request(0.9)).unwrap();
    assert_close(over_events.mean, 94.0, TOLERANCE, "quantile");
    let error = over_events.variance.sqrt();
    assert_close(error, 1.530_640_370_773_961_5, TOLERANCE, "se");
    let as_if = OrderStatistics::of(0.9, values);
    let as_if = quantile_mean(&as_if, &request(0.9)).unwrap();
    assert!(as_if.variance.sqrt() < error, "events of a unit are alike");
}

proptest! {
    #[test]
    fn the_ranks_asked_for_are_enough(
        units in 1_u64..5000, share in 0.001..0.999_f64, level in 0.5..0.999_f64, crowding in 1.0..9.0_f64,
        interpolation in prop::sample::select(QuantileType::ALL),
    ) {
        let effective = units as f64 / crowding;
        let ranks = quantile_ranks(units, share, level, effective);
        let values = ranks.iter().map(|rank| (*rank, *rank as f64)).collect();
        let order = OrderStatistics { units, values, effective: Some(effective) };
        let request = QuantileRequest { interpolation, level, ..request(share) };
        match quantile_mean(&order, &request) {
            Ok(mean) => prop_assert!((mean.mean - units as f64 * share).abs() <= 2.0),
            Err(absence) => prop_assert!(matches!(absence, Absence::TooFewUnits | Absence::TiedValues)),
        }
    }

    #[test]
    fn quantiles_rise_with_their_share(
        mut values in prop::collection::vec(-1e6..1e6_f64, 1..40), a in 0.01..0.99_f64, b in 0.01..0.99_f64,
        interpolation in prop::sample::select(QuantileType::ALL),
    ) {
        values.sort_by(f64::total_cmp);
        let order = order(&values);
        let (low, high) = (a.min(b), a.max(b));
        let of = |share| quantile(&order, share, interpolation).unwrap();
        prop_assert!(of(low) <= of(high) + 1e-9);
        prop_assert!(values[0] <= of(low) && of(high) <= values[values.len() - 1]);
    }
}
