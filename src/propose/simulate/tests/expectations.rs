//! The truth is that of the model: closed forms, and the mean of many rows.

use std::collections::BTreeMap;

use super::*;

#[test]
fn an_expectation_has_its_closed_form() {
    // Everyone is exposed at once, activity is Erlang with k = 2: E count = λ, P(any) = 1 − (1 + λ/2)^−2, E sum = λμ.
    let scenario = small(|each| {
        each.exposure_delay_hours = 0.0;
        each.variants[1].effects.insert(
            "purchase".to_owned(),
            Effect {
                rate: 1.5,
                value: 1.2,
            },
        );
    });
    let truth = &world(&scenario).truth.experiments[0].metrics;
    let any = |rate: f64| 1.0 - (1.0 + rate / 2.0).powi(-2);
    let conversion = truth[0].itt["treatment"];
    assert!((truth[0].itt["control"].mean - any(0.3)).abs() < 1e-7);
    assert!((conversion.mean - any(0.45)).abs() < 1e-7);
    assert!((conversion.absolute - (any(0.45) - any(0.3))).abs() < 1e-7);
    let revenue = truth[1].itt["treatment"];
    assert!((revenue.mean - 0.3 * 1.5 * 40.0 * 1.2).abs() < 1e-6);
    assert!((revenue.relative.unwrap() - 0.8).abs() < 1e-7);
}

#[test]
fn dilution_is_in_the_truth() {
    // Half the units are exposed, on average half a day into a window of seven: 1 + 0.5 × 0.4 × 6.5/7.
    let scenario = small(|each| {
        each.variants[1].exposure_rate = 0.5;
        each.variants[1].effects.insert(
            "purchase".to_owned(),
            Effect {
                rate: 1.4,
                value: 1.0,
            },
        );
    });
    let revenue = &world(&scenario).truth.experiments[0].metrics[1];
    let expected = 0.5 * 0.4 * 6.5 / 7.0;
    assert!((revenue.itt["treatment"].relative.unwrap() - expected).abs() < 1e-4);
    assert!((revenue.exposed["treatment"].relative.unwrap() - 0.4).abs() < 1e-4);
}

#[test]
fn the_mean_of_the_rows_is_the_truth() {
    let scenario = small(|each| {
        each.units = 20_000;
        each.variants[1].effects.insert(
            "purchase".to_owned(),
            Effect {
                rate: 1.3,
                value: 1.1,
            },
        );
    });
    let world = world(&scenario);
    let assigned: BTreeMap<_, _> = world
        .tables
        .assignments
        .iter()
        .filter(|row| &*row.variant == "treatment")
        .map(|row| (row.unit.unwrap(), row.assigned_at.0))
        .collect();
    let week = 7 * 86_400_000_000;
    let mut sums: BTreeMap<UnitNumber, f64> = assigned.keys().map(|unit| (*unit, 0.0)).collect();
    for row in &world.tables.events {
        let Some(from) = assigned.get(&row.unit) else {
            continue;
        };
        if (*from..from + week).contains(&row.occurred_at.0) {
            *sums.get_mut(&row.unit).unwrap() += row.value.unwrap();
        }
    }
    let n = f64::from(u32::try_from(sums.len()).unwrap());
    let mean = sums.values().sum::<f64>() / n;
    let variance = sums.values().map(|sum| (sum - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let expected = world.truth.experiments[0].metrics[1].itt["treatment"].mean;
    assert!((mean - expected).abs() < 4.0 * (variance / n).sqrt());
}
