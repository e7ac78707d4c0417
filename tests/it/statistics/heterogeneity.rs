//! Cochran's Q and I² against published and recomputed numbers.

use proptest::prelude::*;
use readout::domain::result::Absence;
use readout::stats::heterogeneity;
use serde::Deserialize;

use super::{TOLERANCE, assert_close, assert_p, reference};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    levels: Vec<(f64, f64)>,
    common: f64,
    error: f64,
    q: f64,
    df: usize,
    p: String,
    i2: f64,
}

#[test]
fn spread_between_levels_agrees() {
    let reference: Reference = reference(include_str!("../../reference/heterogeneity.json"));
    assert_eq!(reference.cases.len(), 2);
    for case in reference.cases {
        let ours = heterogeneity(&case.levels).unwrap();
        assert_close(ours.common, case.common, TOLERANCE, &case.id);
        assert_close(ours.common_error, case.error, TOLERANCE, &case.id);
        assert_close(ours.statistic, case.q, TOLERANCE, &case.id);
        assert_close(ours.i_squared, case.i2, TOLERANCE, &case.id);
        assert_eq!(ours.freedom, case.df);
        assert_p(ours.p_value, &case.p, &case.id);
    }
}

#[test]
fn one_level_and_levels_without_error_are_refused() {
    assert_eq!(heterogeneity(&[]), Err(Absence::NotApplicable));
    assert_eq!(heterogeneity(&[(1.0, 1.0)]), Err(Absence::NotApplicable));
    let with = |level| heterogeneity(&[(1.0, 1.0), level]).map(|_| ());
    assert_eq!(with((1.0, 0.0)), Err(Absence::ZeroVariance));
    assert_eq!(with((f64::NAN, 1.0)), Err(Absence::OutOfRange));
    assert_eq!(with((1.0, f64::INFINITY)), Err(Absence::OutOfRange));
    let same = heterogeneity(&[(1.0, 1.0), (1.0, 2.0)]).unwrap();
    assert_eq!(
        (same.statistic, same.i_squared, same.p_value.p),
        (0.0, 0.0, 1.0)
    );
}

proptest! {
    #[test]
    fn shifting_and_scaling_all_levels_leaves_q(
        levels in prop::collection::vec((-5.0..5.0_f64, 0.1..3.0_f64), 2..12), shift in -10.0..10.0, factor in 1e-3..1e3,
    ) {
        let before = heterogeneity(&levels).unwrap();
        let moved: Vec<(f64, f64)> = levels.iter().map(|(at, error)| (factor * (at + shift), factor * error)).collect();
        let after = heterogeneity(&moved).unwrap();
        prop_assert!((before.statistic - after.statistic).abs() <= 1e-9 * before.statistic.max(1.0));
        prop_assert!((0.0..1.0).contains(&before.i_squared));
    }
}
