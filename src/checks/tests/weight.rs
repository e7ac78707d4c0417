//! Means that rest on few units.

use crate::checks::support::{Scene, metric};
use crate::domain::definition::{MetricKind, Role};
use crate::domain::evidence::{Cell, Evidence, ExactSum, Heaviest, JointSums, Layout};
use crate::domain::result::{Check, CheckId, CheckStatus};

/// A cell of these values, with its heaviest units.
fn cell(values: &[f64]) -> Cell {
    let (mut sums, mut cubes, mut top) =
        (JointSums::new(1), ExactSum::default(), JointSums::new(1));
    let mut sorted = values.to_vec();
    sorted.sort_by(|one, other| other.abs().total_cmp(&one.abs()));
    for value in values {
        sums.add(&[*value]);
        cubes.add(value * value * value);
    }
    for value in sorted.iter().take(Heaviest::UNITS) {
        top.add(&[*value]);
    }
    let mut cell = Cell::of(Evidence::Exact(sums));
    cell.further.heaviest = Some(Heaviest { cubes, top });
    cell
}

fn scene(control: &[f64], treatment: &[f64]) -> Scene {
    Scene::new(&["old", "new"]).with(
        metric("revenue", MetricKind::Mean),
        Role::Primary,
        Layout::default(),
        vec![cell(control), cell(treatment)],
    )
}

fn check(control: &[f64], treatment: &[f64]) -> Check {
    scene(control, treatment).check(CheckId::FewUnits)
}

/// Values 1 to 9 in turns.
fn even(units: usize) -> Vec<f64> {
    (0..units)
        .map(|unit| f64::from(u32::try_from(unit % 9).unwrap()) + 1.0)
        .collect()
}

#[test]
fn values_that_are_much_alike_rest_on_many_units() {
    let check = check(&even(2_000), &even(2_000));
    assert_eq!(check.status, CheckStatus::Pass);
    assert!(check.invalidates.is_empty());
}

#[test]
fn one_unit_that_carries_the_mean_is_told_by_skewness_and_by_the_effect_without_it() {
    let mut heavy = even(2_000);
    heavy[0] = 5_000.0;
    let check = check(&even(2_000), &heavy);
    assert_eq!(check.status, CheckStatus::Warn);
    // Skewness 44.652 by NumPy 2.4.6, so that 707,793 units are needed.
    assert!(
        check.finding.contains("has a skewness of 44.7"),
        "{}",
        check.finding
    );
}

#[test]
fn an_effect_that_a_few_units_make_is_said_with_and_without_them() {
    let mut heavy = even(4_000);
    heavy.iter_mut().take(10).for_each(|value| *value = 60.0);
    let mut scene = scene(&even(4_000), &heavy);
    scene.thresholds.skewness_units = 0.0;
    let check = scene.check(CheckId::FewUnits);
    assert_eq!(check.status, CheckStatus::Warn);
    assert_eq!(
        check.finding,
        "without the 10 heaviest units a variant, the effect on revenue in 'new' is +0.01103 instead of +0.1385, 1.8 standard errors away"
    );
    scene.privacy.min_cell = 50;
    let silent = scene.check(CheckId::FewUnits).finding;
    assert!(!silent.contains("0.138"), "{silent}");
}

#[test]
fn published_moments_say_nothing_of_single_units() {
    let scene = Scene::new(&["old", "new"]).published(
        "revenue",
        Role::Primary,
        &[(1_000, 2.0, 1.0), (1_000, 2.1, 1.0)],
    );
    assert_eq!(scene.check(CheckId::FewUnits).status, CheckStatus::NotRun);
}
