//! Bootstrap intervals against SciPy, and the generator of weights against its known answers.

use readout::domain::evidence::{REPLICATES_A_BLOCK, philox, poisson_weight, poisson_weights};
use readout::domain::result::{Absence, Interval};
use readout::stats::{acceleration_of_draws, bias_corrected, from_draws, percentile};
use serde::Deserialize;

use super::{TOLERANCE, assert_close, reference};

#[derive(Deserialize)]
struct Reference {
    philox: Vec<(String, String, String)>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    level: f64,
    estimate: f64,
    jackknife: Vec<Vec<f64>>,
    replicates: Vec<f64>,
    percentile: (f64, f64),
    bca: (f64, f64),
}

fn words<const N: usize>(text: &str) -> [u32; N] {
    let parsed: Vec<u32> = text
        .split(' ')
        .map(|word| u32::from_str_radix(word, 16).unwrap())
        .collect();
    parsed.try_into().unwrap()
}

fn bootstrap() -> Reference {
    reference(include_str!("../../reference/bootstrap.json"))
}

#[test]
fn the_generator_gives_its_known_answers() {
    let known = bootstrap().philox;
    assert_eq!(known.len(), 3);
    for (counter, key, output) in known {
        assert_eq!(philox(words(&counter), words(&key)), words::<4>(&output));
    }
}

#[track_caller]
fn assert_bounds(ours: Interval, theirs: (f64, f64), what: &str) {
    assert_close(ours.lower().unwrap(), theirs.0, TOLERANCE, what);
    assert_close(ours.upper().unwrap(), theirs.1, TOLERANCE, what);
}

/// The acceleration of a difference of two samples, from the differences with one unit left out, a group for each sample: sums of
/// Σd³/n³ over 6(Σd²/n²)^1.5 (Efron and Tibshirani 1993, chapter 14).
fn acceleration_of_jackknife(groups: &[Vec<f64>]) -> f64 {
    let (mut cubes, mut squares) = (0.0, 0.0);
    for group in groups {
        let n = group.len() as f64;
        let mean = group.iter().sum::<f64>() / n;
        for value in group {
            let influence = (n - 1.0) * (mean - value) / n;
            squares += influence * influence;
            cubes += influence * influence * influence;
        }
    }
    cubes / (6.0 * squares * f64::sqrt(squares))
}

#[test]
fn percentile_and_accelerated_intervals_agree() {
    let cases = bootstrap().cases;
    assert_eq!(cases.len(), 4);
    for case in cases {
        let ours = percentile(&case.replicates, case.level).unwrap();
        assert_bounds(ours, case.percentile, &case.id);
        let moved = acceleration_of_jackknife(&case.jackknife);
        let ours = bias_corrected(&case.replicates, case.estimate, moved, case.level).unwrap();
        assert_bounds(ours, case.bca, &case.id);
    }
}

#[test]
fn weights_are_poisson_with_mean_and_variance_one_and_differ_by_seed_unit_and_replicate() {
    let (mut sum, mut squares, mut zeros) = (0_u32, 0_u32, 0_u32);
    let units = 20_000;
    for unit in 0..units {
        for weight in poisson_weights(7, unit, 0) {
            let weight = u32::from(weight);
            sum += weight;
            squares += weight * weight;
            zeros += u32::from(weight == 0);
        }
    }
    let n = 4.0 * units as f64;
    let error = 1.0 / n.sqrt();
    let mean = f64::from(sum) / n;
    assert!((mean - 1.0).abs() < 4.0 * error, "{mean}");
    assert!((f64::from(squares) / n - 2.0).abs() < 4.0 * 11_f64.sqrt() * error);
    assert!((f64::from(zeros) / n - (-1_f64).exp()).abs() < 2.0 * error);
    let row = |seed, unit| {
        (0..64)
            .map(|replicate| poisson_weight(seed, unit, replicate))
            .collect::<Vec<_>>()
    };
    assert_eq!(row(1, 2), row(1, 2));
    assert_ne!(row(1, 2), row(2, 2));
    assert_ne!(row(1, 2), row(1, 3));
    assert_ne!(row(1, 2), row(1, 2 << 32));
    let replicate = 3 * REPLICATES_A_BLOCK + 2;
    assert_eq!(poisson_weight(1, 2, replicate), poisson_weights(1, 2, 3)[2]);
}

#[test]
fn weights_of_two_replicates_do_not_move_together() {
    let units = 20_000;
    let mut together = 0.0;
    for unit in 0..units {
        let [a, b, ..] = poisson_weights(11, unit, 5);
        together += (f64::from(a) - 1.0) * (f64::from(b) - 1.0);
    }
    assert!((together / units as f64).abs() < 4.0 / (units as f64).sqrt());
}

#[test]
fn too_few_replicates_and_those_that_are_not_finite_are_refused() {
    let some: Vec<f64> = (0..100).map(f64::from).collect();
    assert_eq!(percentile(&[], 0.95), Err(Absence::TooFewUnits));
    assert_eq!(percentile(&some[..39], 0.95), Err(Absence::TooFewUnits));
    assert!(percentile(&some[..40], 0.95).is_ok());
    for level in [0.0, 1.0, f64::NAN] {
        assert_eq!(percentile(&some, level), Err(Absence::NotApplicable));
    }
    let mut broken = some.clone();
    broken[3] = f64::NAN;
    assert_eq!(percentile(&broken, 0.95), Err(Absence::OutOfRange));
    let outside = bias_corrected(&some, -1.0, 0.0, 0.95);
    assert_eq!(outside, Err(Absence::ZeroVariance));
    let moved = bias_corrected(&some, 50.0, f64::NAN, 0.95);
    assert_eq!(moved, Err(Absence::OutOfRange));
}

#[test]
fn the_acceleration_of_draws_is_a_sixth_of_their_skewness() {
    // SciPy 1.17.1: skew([1, 2, 3, 10]).
    let skewed = acceleration_of_draws(&[1.0, 2.0, 3.0, 10.0]);
    assert_close(skewed, 1.018_233_764_908_628_4 / 6.0, 1e-12, "skewed");
    assert_eq!(acceleration_of_draws(&[1.0, 2.0, 3.0]).abs(), 0.0);
    assert_eq!(acceleration_of_draws(&[2.0, 2.0]).abs(), 0.0);
    assert_eq!(acceleration_of_draws(&[]).abs(), 0.0);
}

#[test]
fn an_estimate_from_draws_has_their_deviation_and_the_share_beyond_zero() {
    let interval = Interval::Between {
        lower: -1.0,
        upper: 8.0,
    };
    let draws = [-1.0, 2.0, 4.0, 9.0];
    let found = from_draws(&draws, 3.5, interval).unwrap();
    // NumPy: std([-1, 2, 4, 9], ddof=1); one of four draws is on the other side of zero: 2·(1 + 1)/(4 + 1).
    assert_close(
        found.standard_error.unwrap(),
        4.203_173_404_306_164,
        1e-12,
        "se",
    );
    assert_close(found.p_value.p, 0.8, 1e-12, "p");
    assert_eq!(found.interval, interval);
    let alike = from_draws(&[1.0, 1.0], 1.0, interval);
    assert_eq!(alike, Err(Absence::ZeroVariance));
}

#[test]
fn without_bias_and_acceleration_the_interval_is_the_percentile_one() {
    let some: Vec<f64> = (0..200).map(f64::from).collect();
    let plain = percentile(&some, 0.9).unwrap();
    let moved = bias_corrected(&some, 99.5, 0.0, 0.9).unwrap();
    assert_bounds(
        moved,
        (plain.lower().unwrap(), plain.upper().unwrap()),
        "same",
    );
}
