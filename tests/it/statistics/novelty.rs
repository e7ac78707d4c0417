//! The change of an effect over days: the contrast from moments is the one that each unit would give.

use proptest::prelude::*;
use readout::domain::evidence::{JointSums, Moments};
use readout::domain::result::Absence;
use readout::stats::{Comparison, SampleMean, daily_contrast, difference, linear_trend};

use super::{WELCH, assert_close};

fn moments(units: &[Vec<f64>], width: usize) -> Moments {
    let mut sums = JointSums::new(width);
    for unit in units {
        sums.add(unit);
    }
    sums.moments()
}

#[test]
fn the_linear_trend_gives_a_line_its_slope() {
    assert_eq!(linear_trend(0), None);
    assert_eq!(linear_trend(1), None);
    assert_eq!(linear_trend(2), Some(vec![-1.0, 1.0]));
    for days in [3, 7, 14, 60] {
        let coefficients = linear_trend(days).unwrap();
        let slope: f64 = (0..days)
            .zip(&coefficients)
            .map(|(day, c)| c * (5.0 - 0.25 * day as f64))
            .sum();
        assert_close(slope, -0.25, 1e-12, "slope");
        assert!(coefficients.iter().sum::<f64>().abs() < 1e-15);
    }
}

#[test]
fn an_effect_that_wears_off_has_a_slope_against_control() {
    let unit = |noise: f64, effects: [f64; 4]| {
        effects
            .iter()
            .map(|effect| noise + effect)
            .collect::<Vec<f64>>()
    };
    let noises = [0.3, -1.0, 0.7, 0.1, 2.0];
    let control: Vec<Vec<f64>> = noises
        .iter()
        .map(|noise| unit(*noise, [0.0, 0.1 * noise, 0.0, 0.0]))
        .collect();
    let treatment: Vec<Vec<f64>> = noises
        .iter()
        .map(|noise| unit(*noise, [3.0, 2.0 + 0.1 * noise, 1.0, 0.0]))
        .collect();
    let trend = linear_trend(4).unwrap();
    let of = |units: &[Vec<f64>]| daily_contrast(&moments(units, 4), &trend).unwrap();
    let ours =
        difference(&Comparison::new(&of(&control), &of(&treatment), &WELCH).unwrap()).unwrap();
    assert_close(ours.estimate, -1.0, 1e-12, "a unit a day");
    // What units differ in on all days alike does not blur it.
    assert!(ours.standard_error.unwrap() < 0.05);
}

#[test]
fn widths_that_do_not_match_are_refused_and_equal_units_have_no_variance() {
    let same = moments(&[vec![1.0, 2.0], vec![3.0, 4.0], vec![0.1, 1.1]], 2);
    assert_eq!(daily_contrast(&same, &[1.0]), Err(Absence::NotApplicable));
    assert_eq!(
        daily_contrast(&moments(&[], 0), &[]),
        Err(Absence::NotApplicable)
    );
    assert_eq!(
        daily_contrast(&moments(&[], 2), &[-1.0, 1.0]),
        Err(Absence::NoUnits)
    );
    let one = daily_contrast(&moments(&[vec![1.0, 2.0]], 2), &[-1.0, 1.0]);
    assert_eq!(one, Err(Absence::TooFewUnits));
    let ours = daily_contrast(&same, &[-1.0, 1.0]).unwrap();
    assert!(ours.variance < 1e-15 && (ours.mean - 1.0).abs() < 1e-15);
    let broken = daily_contrast(&same, &[f64::NAN, 1.0]);
    assert_eq!(broken, Err(Absence::OutOfRange));
}

proptest! {
    #[test]
    fn the_contrast_of_moments_is_the_moment_of_contrasts(
        units in prop::collection::vec(prop::collection::vec(-10.0..10.0_f64, 5), 2..40),
    ) {
        let trend = linear_trend(5).unwrap();
        let ours = daily_contrast(&moments(&units, 5), &trend).unwrap();
        let slopes: Vec<Vec<f64>> = units.iter().map(|unit| vec![unit.iter().zip(&trend).map(|(y, c)| y * c).sum()]).collect();
        let theirs = SampleMean::of_quantity(&moments(&slopes, 1), 0).unwrap();
        prop_assert!((ours.mean - theirs.mean).abs() < 1e-12);
        prop_assert!((ours.variance - theirs.variance).abs() < 1e-10 * (1.0 + theirs.variance));
        prop_assert_eq!(ours.freedom, theirs.freedom);
    }
}
