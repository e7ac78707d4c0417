//! Covariate adjustment on real data, against 50-digit arithmetic at other tools' θ.
//!
//! Ours minimises the variance of the difference, which none of them does for means; so their θ is put in, and the
//! residual variance is brought from our n − 2 to their n − 1.

use readout::domain::evidence::{JointSums, Layout, Moments};
use readout::stats::covariate::{adjusted, adjusted_with};
use readout::stats::{AdjustedPair, SampleMean};
use serde::Deserialize;

use super::{
    NORMAL, TOLERANCE, Theirs, WELCH, absolute_of, assert_close, assert_estimate, lift_of,
    moments_of_sums, reference, with_all_freedom, with_delta,
};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    control: Sums,
    treatment: Sums,
    pooled_total: Adjusted,
    within_arm_pooled: Adjusted,
    control_only: Adjusted,
    tea_tasting_lift: f64,
    variance_ratio_pooled_total: f64,
    unadjusted: Unadjusted,
}

#[derive(Deserialize)]
struct Sums {
    n: u64,
    y_sum: f64,
    y_sumsq: f64,
    x_sum: f64,
    x_sumsq: f64,
    xy_sum: f64,
}

#[derive(Deserialize)]
struct Adjusted {
    theta: f64,
    adj_mean_control: f64,
    adj_mean_treatment: f64,
    diff: f64,
    se: f64,
    df: f64,
    ci_low_t: f64,
    ci_high_t: f64,
    ci_low_z: f64,
    ci_high_z: f64,
    p_t: String,
}

#[derive(Deserialize)]
struct Unadjusted {
    diff: f64,
    se: f64,
}

/// The covariate is known of every unit: its indicator never varies.
const LAYOUT: Layout = Layout {
    denominator: false,
    covariates: 1,
    ..Layout::PLAIN
};

impl Sums {
    fn moments(&self) -> Moments {
        let products = [self.y_sumsq, self.xy_sum, 0.0, self.x_sumsq, 0.0, 0.0];
        moments_of_sums(self.n, &[self.y_sum, self.x_sum, 0.0], &products)
    }
}

fn cases() -> Vec<Case> {
    let reference: Reference = reference(include_str!("../../reference/real_covariates.json"));
    assert_eq!(reference.cases.len(), 6);
    reference.cases
}

fn at(case: &Case, theta: f64) -> AdjustedPair {
    let (control, treatment) = (case.control.moments(), case.treatment.moments());
    adjusted_with(&control, &treatment, LAYOUT, &[theta, 0.0]).unwrap()
}

#[test]
fn adjusted_differences_agree_at_other_tools_coefficients() {
    for case in cases() {
        for theirs in [
            &case.pooled_total,
            &case.within_arm_pooled,
            &case.control_only,
        ] {
            let ours = at(&case, theirs.theta);
            assert_eq!(ours.used, 1);
            assert_close(
                ours.control.mean,
                theirs.adj_mean_control,
                TOLERANCE,
                &case.id,
            );
            assert_close(
                ours.treatment.mean,
                theirs.adj_mean_treatment,
                TOLERANCE,
                &case.id,
            );
            let control = with_all_freedom(ours.control);
            let treatment = with_all_freedom(ours.treatment);
            let welch = Theirs {
                estimate: theirs.diff,
                lower: theirs.ci_low_t,
                upper: theirs.ci_high_t,
                error: Some(theirs.se),
                freedom: Some(theirs.df),
                p: Some(theirs.p_t.clone()),
            };
            assert_estimate(&absolute_of(&control, &treatment, WELCH), &welch, &case.id);
            let normal = Theirs {
                lower: theirs.ci_low_z,
                upper: theirs.ci_high_z,
                freedom: None,
                p: None,
                ..welch
            };
            assert_estimate(
                &absolute_of(&control, &treatment, NORMAL),
                &normal,
                &case.id,
            );
        }
    }
}

#[test]
fn the_lift_divides_by_the_adjusted_control_mean_as_tea_tasting_does() {
    for case in cases() {
        let ours = at(&case, case.pooled_total.theta);
        let lift = lift_of(&ours.control, &ours.treatment, with_delta(WELCH));
        assert_close(lift.estimate, case.tea_tasting_lift, TOLERANCE, &case.id);
    }
}

#[test]
fn our_coefficient_has_the_smallest_variance_of_all() {
    for case in cases() {
        let best = adjusted(&case.control.moments(), &case.treatment.moments(), LAYOUT).unwrap();
        assert_eq!(best.used, 1, "the indicator never varies and is left out");
        let variance = |pair: SampleMean| with_all_freedom(pair).variance;
        let error = (variance(best.control) + variance(best.treatment)).sqrt();
        for theirs in [
            &case.pooled_total,
            &case.within_arm_pooled,
            &case.control_only,
        ] {
            assert!(error <= theirs.se * (1.0 + 1e-12), "{}", case.id);
        }
    }
}

#[test]
fn the_share_of_variance_removed_agrees() {
    for case in cases() {
        let removed = at(&case, case.pooled_total.theta).variance_removed;
        let theirs = (case.pooled_total.se / case.unadjusted.se).powi(2);
        assert_close(1.0 - removed, theirs, TOLERANCE, &case.id);
        // Theirs pools the variants' variances; ours is of the difference. The two are close on these data.
        assert!((1.0 - removed - case.variance_ratio_pooled_total).abs() < 0.01);
        let control = SampleMean::of_quantity(&case.control.moments(), 0).unwrap();
        let treatment = SampleMean::of_quantity(&case.treatment.moments(), 0).unwrap();
        let plain = absolute_of(&control, &treatment, WELCH);
        assert_close(plain.estimate, case.unadjusted.diff, TOLERANCE, &case.id);
    }
}

#[derive(Deserialize)]
struct UnitsReference {
    cases: Vec<UnitsCase>,
}

#[derive(Deserialize)]
struct UnitsCase {
    name: String,
    ratio: bool,
    control: Vec<Vec<f64>>,
    treatment: Vec<Vec<f64>>,
    theta: Vec<f64>,
    means: (f64, f64),
    difference: f64,
    standard_error: f64,
    degrees_of_freedom: f64,
    variance_removed: f64,
}

fn moments_of_units(units: &[Vec<f64>], layout: Layout) -> Moments {
    let mut sums = JointSums::new(layout.width());
    for unit in units {
        sums.add(unit);
    }
    sums.moments()
}

/// Moments give what the definition gives unit by unit, with a covariate and its indicator, for means and ratios.
#[test]
fn adjustment_on_moments_is_adjustment_of_each_unit() {
    let reference: UnitsReference = reference(include_str!("../../reference/adjusted_units.json"));
    assert_eq!(reference.cases.len(), 2);
    for case in reference.cases {
        let layout = Layout {
            denominator: case.ratio,
            covariates: 1,
            ..Layout::PLAIN
        };
        let control = moments_of_units(&case.control, layout);
        let treatment = moments_of_units(&case.treatment, layout);
        let ours = adjusted(&control, &treatment, layout).unwrap();
        assert_eq!(ours.used, 2);
        for (ours, theirs) in ours.coefficients.iter().zip(&case.theta) {
            assert_close(*ours, *theirs, TOLERANCE, &case.name);
        }
        assert_close(ours.control.mean, case.means.0, TOLERANCE, &case.name);
        assert_close(ours.treatment.mean, case.means.1, TOLERANCE, &case.name);
        assert_close(
            ours.variance_removed,
            case.variance_removed,
            TOLERANCE,
            &case.name,
        );
        let difference = absolute_of(&ours.control, &ours.treatment, WELCH);
        let error = difference.standard_error.unwrap();
        let freedom = difference.degrees_of_freedom.unwrap();
        assert_close(difference.estimate, case.difference, TOLERANCE, &case.name);
        assert_close(error, case.standard_error, TOLERANCE, &case.name);
        assert_close(freedom, case.degrees_of_freedom, TOLERANCE, &case.name);
    }
}
