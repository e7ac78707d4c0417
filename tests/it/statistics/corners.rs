//! The corners: nothing, one unit, no variance, zeros, and values beyond every double. Each has a value or a reason.

use readout::domain::definition::{Application, Conventions, Direction, Magnitude, RelativeMethod};
use readout::domain::evidence::{JointSums, Layout, Moments};
use readout::domain::result::{
    Absence, Estimator, GuardrailOutcome, Interval, Known, Significance,
};
use readout::stats::covariate::adjusted;
use readout::stats::ratio::ratio;
use readout::stats::sample_mean::mean_of_cell;
use readout::stats::{
    Comparison, SampleMean, guardrail, relative, significance, within_minimum_effect,
};

use super::{assert_close, contrast};

const MEAN: Layout = Layout {
    denominator: false,
    covariates: 0,
    ..Layout::PLAIN
};
const RATIO: Layout = Layout {
    denominator: true,
    covariates: 0,
    ..Layout::PLAIN
};
const ADJUSTED: Layout = Layout {
    denominator: false,
    covariates: 1,
    ..Layout::PLAIN
};

fn moments(units: &[&[f64]], width: usize) -> Moments {
    let mut sums = JointSums::new(width);
    for unit in units {
        sums.add(unit);
    }
    sums.moments()
}

fn values(values: &[f64]) -> Moments {
    let units: Vec<&[f64]> = values.iter().map(std::slice::from_ref).collect();
    moments(&units, 1)
}

fn absence_of(control: &Moments, treatment: &Moments, layout: Layout) -> Option<Absence> {
    contrast(control, treatment, layout, &Conventions::default())
        .absolute
        .absence()
}

#[test]
fn none_one_and_two_units() {
    let (none, one, two) = (values(&[]), values(&[1.0]), values(&[1.0, 2.0]));
    assert_eq!(absence_of(&none, &two, MEAN), Some(Absence::NoUnits));
    assert_eq!(absence_of(&two, &none, MEAN), Some(Absence::NoUnits));
    assert_eq!(absence_of(&one, &two, MEAN), Some(Absence::TooFewUnits));
    assert_eq!(absence_of(&two, &one, MEAN), Some(Absence::TooFewUnits));
    assert_eq!(absence_of(&two, &two, MEAN), None);
    assert_eq!(mean_of_cell(&one, MEAN), Ok(1.0));
    assert_eq!(mean_of_cell(&none, MEAN), Err(Absence::NoUnits));
}

#[test]
fn no_variance_on_both_sides_is_nothing_to_judge_by_and_on_one_side_is_the_others_freedom() {
    let (flat, spread) = (values(&[3.0, 3.0, 3.0]), values(&[1.0, 2.0, 6.0]));
    assert_eq!(
        absence_of(&flat, &values(&[5.0, 5.0]), MEAN),
        Some(Absence::ZeroVariance)
    );
    let ours = contrast(&flat, &spread, MEAN, &Conventions::default());
    let absolute = ours.absolute.value().unwrap();
    assert_eq!(absolute.estimate, 0.0);
    assert_eq!(absolute.degrees_of_freedom, Some(2.0));
    assert_eq!(absolute.p_value.p, 1.0);
    assert_eq!(absolute.p_value.log10_p, 0.0);
}

#[test]
fn a_zero_control_mean_has_no_lift_and_a_negative_one_keeps_the_sign_of_the_difference() {
    let (zero, spread) = (values(&[-1.0, 1.0]), values(&[1.0, 2.0, 6.0]));
    let ours = contrast(&zero, &spread, MEAN, &Conventions::default());
    assert_eq!(ours.relative.absence(), Some(Absence::ZeroControlMean));
    assert!(ours.absolute.value().is_some());
    let control = values(&[-10.0, -11.0, -9.0]);
    let treatment = values(&[-5.0, -6.0, -4.0]);
    let lift = *contrast(&control, &treatment, MEAN, &Conventions::default())
        .relative
        .value()
        .unwrap();
    assert_close(lift.estimate, 0.5, 1e-15, "from -10 to -5");
    assert!(lift.interval.lower().unwrap() > 0.0);
}

#[test]
fn a_ratio_whose_denominator_sums_to_zero_has_none() {
    let none = moments(&[&[1.0, 0.0], &[2.0, 0.0]], 2);
    let some = moments(&[&[1.0, 2.0], &[2.0, 3.0], &[0.0, 0.0]], 2);
    assert_eq!(ratio(&none), Err(Absence::ZeroDenominator));
    assert_eq!(mean_of_cell(&none, RATIO), Err(Absence::ZeroDenominator));
    assert_eq!(mean_of_cell(&some, RATIO), Ok(0.6));
    let ours = contrast(&some, &none, RATIO, &Conventions::default());
    assert_eq!(ours.absolute.absence(), Some(Absence::ZeroDenominator));
    let (numerator, denominator) = ours.parts.unwrap();
    assert!(numerator.value().is_some() && denominator.value().is_some());
}

#[test]
fn a_ratio_that_is_the_same_for_every_unit_has_no_variance() {
    let constant = moments(&[&[0.3, 0.1], &[2.1, 0.7], &[3.3, 1.1]], 2);
    assert_eq!(ratio(&constant).unwrap().variance, 0.0);
    assert_eq!(
        absence_of(&constant, &constant, RATIO),
        Some(Absence::ZeroVariance)
    );
}

#[test]
fn values_beyond_every_double_are_out_of_range() {
    let huge = values(&[f64::MAX, -f64::MAX, f64::MAX]);
    let spread = values(&[1.0, 2.0, 6.0]);
    assert_eq!(absence_of(&spread, &huge, MEAN), Some(Absence::OutOfRange));
    for broken in [f64::NAN, f64::INFINITY] {
        let published = Moments::published(10, broken, 1.0);
        assert_eq!(
            absence_of(&spread, &published, MEAN),
            Some(Absence::OutOfRange)
        );
    }
}

#[test]
fn moments_that_do_not_hold_the_quantity_do_not_apply() {
    let published = Moments::published(10, 1.0, 1.0);
    assert_eq!(
        absence_of(&published, &published, RATIO),
        Some(Absence::NotApplicable)
    );
    assert_eq!(
        absence_of(&published, &published, ADJUSTED),
        Some(Absence::NotApplicable)
    );
    let conventions = Conventions {
        level: 1.0,
        ..Conventions::default()
    };
    let ours = contrast(&published, &published, MEAN, &conventions);
    assert_eq!(ours.absolute.absence(), Some(Absence::NotApplicable));
}

#[test]
fn tails_below_every_double_keep_their_logarithm() {
    let control = Moments::published(1_000_000, 0.0, 1.0);
    let treatment = Moments::published(1_000_000, 1.0, 1.0);
    let absolute = *contrast(&control, &treatment, MEAN, &Conventions::default())
        .absolute
        .value()
        .unwrap();
    assert_eq!(absolute.p_value.p, 0.0);
    // Student t with 1,999,998 degrees of freedom, two-sided at √500,000: 50-digit arithmetic.
    assert_close(absolute.p_value.log10_p, LOG10_OF_A_TAIL, 1e-12, "log10 p");
}

/// mpmath 1.3.0, 50 digits: log10 of the two-sided tail at t² = 500,000, ν = 1,999,998.
const LOG10_OF_A_TAIL: f64 = -96_912.902_047_744_72;

#[test]
fn fiellers_set_is_said_to_be_unbounded_where_the_control_is_not_clearly_non_zero() {
    let at = |mean: f64, treatment: f64| {
        let of = |mean| SampleMean::of_quantity(&Moments::published(100, mean, 1.0), 0).unwrap();
        let comparison =
            Comparison::new(&of(mean), &of(treatment), &Conventions::default()).unwrap();
        relative(&comparison).unwrap().interval
    };
    assert!(matches!(at(10.0, 11.0), Interval::Between { .. }));
    let Interval::Outside { below, above } = at(0.01, 3.0) else {
        panic!("two pieces expected");
    };
    assert!(below < 0.0 && above > 0.0, "no effect is ruled out");
    assert_eq!(at(0.01, 0.02), Interval::WholeLine);
}

#[test]
fn a_constant_covariate_and_indicator_are_left_out() {
    let flat = moments(&[&[1.0, 5.0, 0.0], &[2.0, 5.0, 0.0], &[4.0, 5.0, 0.0]], 3);
    let pair = adjusted(&flat, &flat, ADJUSTED).unwrap();
    assert_eq!(pair.used, 0);
    assert_eq!(pair.coefficients, [0.0, 0.0]);
    assert_eq!(pair.variance_removed, 0.0);
    assert_eq!(Ok(pair.control), SampleMean::of_quantity(&flat, 0));
}

#[test]
fn a_covariate_that_its_indicator_explains_is_used_once() {
    // Known covariates all 5, unknown ones 0: the indicator says the same as the covariate.
    let cell = |values: [f64; 4]| {
        let units = [
            [values[0], 5.0, 0.0],
            [values[1], 5.0, 0.0],
            [values[2], 0.0, 1.0],
            [values[3], 0.0, 1.0],
        ];
        let units: Vec<&[f64]> = units.iter().map(<[f64; 3]>::as_slice).collect();
        moments(&units, 3)
    };
    let pair = adjusted(
        &cell([1.0, 2.0, 7.0, 9.0]),
        &cell([2.0, 2.5, 8.0, 8.0]),
        ADJUSTED,
    )
    .unwrap();
    assert_eq!(pair.used, 1);
    assert!(pair.variance_removed > 0.9);
}

#[test]
fn a_covariate_that_explains_everything_leaves_no_variance() {
    let cell = |shift: f64| {
        let units: Vec<[f64; 3]> = (0..10)
            .map(|index| [3.0 * f64::from(index) + shift, f64::from(index), 0.0])
            .collect();
        let units: Vec<&[f64]> = units.iter().map(<[f64; 3]>::as_slice).collect();
        moments(&units, 3)
    };
    let ours = contrast(&cell(0.0), &cell(1.0), ADJUSTED, &Conventions::default());
    assert_eq!(ours.absolute.absence(), Some(Absence::ZeroVariance));
    assert_eq!(ours.variance_reduction, Some(1.0));
    assert!(ours.unadjusted.as_ref().and_then(Known::value).is_some());
}

#[test]
fn an_adjustment_needs_a_unit_more_for_each_covariate() {
    let three = moments(&[&[1.0, 1.0, 0.0], &[2.0, 3.0, 0.0], &[4.0, 2.0, 0.0]], 3);
    let two = moments(&[&[1.0, 1.0, 0.0], &[2.0, 3.0, 0.0]], 3);
    assert_eq!(adjusted(&three, &two, ADJUSTED), Err(Absence::TooFewUnits));
    assert_eq!(
        adjusted(&three, &three, ADJUSTED).unwrap().control.freedom,
        1.0
    );
}

#[test]
fn a_guardrail_without_a_margin_or_a_clear_control_could_not_run() {
    let of = |mean| SampleMean::of_quantity(&Moments::published(100, mean, 1.0), 0).unwrap();
    let comparison = Comparison::new(&of(0.01), &of(0.0), &Conventions::default());
    let outcome = |margin| guardrail(comparison, margin, Direction::Increase).outcome;
    assert_eq!(outcome(None), GuardrailOutcome::CouldNotRun);
    assert_eq!(
        outcome(Some(Magnitude::Relative(0.1))),
        GuardrailOutcome::CouldNotRun
    );
    assert_eq!(
        outcome(Some(Magnitude::Absolute(0.0))),
        GuardrailOutcome::CouldNotRun
    );
    assert_eq!(
        outcome(Some(Magnitude::Absolute(f64::NAN))),
        GuardrailOutcome::CouldNotRun
    );
    assert_eq!(
        outcome(Some(Magnitude::Absolute(1.0))),
        GuardrailOutcome::Pass
    );
    let absent = guardrail(
        Err(Absence::NoUnits),
        Some(Magnitude::Absolute(1.0)),
        Direction::Increase,
    );
    assert_eq!(absent.distance, Known::Absent(Absence::NoUnits));
}

#[test]
fn a_guardrail_judges_in_the_metrics_direction() {
    let of = |mean| SampleMean::of_quantity(&Moments::published(10_000, mean, 1.0), 0).unwrap();
    let comparison = Comparison::new(&of(10.0), &of(10.5), &Conventions::default());
    let outcome =
        |direction| guardrail(comparison, Some(Magnitude::Relative(0.01)), direction).outcome;
    assert_eq!(outcome(Direction::Increase), GuardrailOutcome::Pass);
    assert_eq!(outcome(Direction::Decrease), GuardrailOutcome::Fail);
}

#[test]
fn the_delta_lift_may_contradict_the_absolute_test_and_fiellers_never_does() {
    let chosen = |relative| Conventions {
        relative,
        ..Conventions::default()
    };
    let (control, treatment) = (
        Moments::published(3407, 0.41, 3.9),
        Moments::published(3461, 0.7, 6.2),
    );
    let lift = |method| {
        *contrast(&control, &treatment, MEAN, &chosen(method))
            .relative
            .value()
            .unwrap()
    };
    // GrowthBook's first test case: absolute p 0.0202, delta p 0.0619.
    assert!(lift(RelativeMethod::Delta).interval.contains(0.0));
    assert!(!lift(RelativeMethod::Fieller).interval.contains(0.0));
}

#[test]
fn an_interval_inside_the_minimum_effect_is_no_meaningful_effect() {
    let (control, treatment) = (
        Moments::published(1_000_000, 10.0, 1.0),
        Moments::published(1_000_000, 10.01, 1.0),
    );
    let ours = contrast(&control, &treatment, MEAN, &Conventions::default());
    let (absolute, relative) = (ours.absolute.value(), ours.relative.value());
    let inside = |minimum| within_minimum_effect(absolute, relative, minimum);
    // Absolute 0.01 ± 0.0028, relative a tenth of it.
    assert_eq!(inside(Magnitude::Absolute(0.02)), Some(true));
    assert_eq!(inside(Magnitude::Absolute(0.012)), Some(false));
    assert_eq!(inside(Magnitude::Relative(0.002)), Some(true));
    assert_eq!(inside(Magnitude::Relative(0.0011)), Some(false));
    assert_eq!(
        within_minimum_effect(absolute, None, Magnitude::Relative(0.1)),
        None
    );
    let significant = significance(absolute.unwrap(), Direction::Increase);
    assert_eq!(
        significant,
        Significance::Better,
        "significant, but smaller than what matters"
    );
}

#[test]
fn an_ignored_covariate_changes_nothing() {
    let cell = |shift: f64| {
        let units: Vec<[f64; 3]> = [1.0, 5.0, 2.0, 8.0, 4.0, 4.5]
            .iter()
            .zip([0.0, 4.0, 3.0, 6.0, 1.0, 5.0])
            .map(|(value, covariate)| [value + shift, covariate, 0.0])
            .collect();
        let units: Vec<&[f64]> = units.iter().map(<[f64; 3]>::as_slice).collect();
        moments(&units, 3)
    };
    let (control, treatment) = (cell(0.0), cell(1.0));
    let adjusted = contrast(&control, &treatment, ADJUSTED, &Conventions::default());
    assert_eq!(adjusted.estimator, Estimator::Adjusted);
    assert!(adjusted.variance_reduction.unwrap() > 0.3);
    let conventions = Conventions {
        covariate: Application::Ignored,
        ..Conventions::default()
    };
    let ignored = contrast(&control, &treatment, ADJUSTED, &conventions);
    assert_eq!(ignored.estimator, Estimator::DifferenceOfMeans);
    assert_eq!(ignored.variance_reduction, None);
    assert_eq!(Some(&ignored.absolute), adjusted.unadjusted.as_ref());
}
