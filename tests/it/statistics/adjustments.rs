//! Conventions of covariate adjustment, against 50-digit arithmetic, tea-tasting and both versions of GrowthBook.

use proptest::prelude::*;
use readout::domain::definition::{
    AdjustedLift, Conventions, RelativeMethod, ResidualFreedom, SlopeForm,
};
use readout::domain::evidence::{JointSums, Layout, Moments};
use readout::domain::result::{Absence, Estimate};
use readout::stats::{
    Adjustment, Comparison, Correlated, Monitoring, adjusted, adjusted_effect, adjusted_lift,
    adjusted_means, difference, relative,
};
use serde::Deserialize;

use super::{
    TOLERANCE, Theirs, WELCH, assert_close, assert_estimate, moments_of_sums, reference,
    with_delta, with_relative,
};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
    growthbook: Vec<GrowthBookCase>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    control: Variant,
    treatment: Variant,
    pooled_total: Printed,
    within_arm_pooled: Printed,
    control_only: Printed,
    per_arm_lin: Printed,
    lin_common_mean_variance: f64,
    tea_tasting: Bounds,
    gbstats: GbStats,
}

#[derive(Deserialize)]
struct Variant {
    n: u64,
    sums: Vec<f64>,
    products: Vec<f64>,
}

#[derive(Deserialize)]
struct Printed {
    diff: f64,
    se: f64,
    df: f64,
    ci_low_t: f64,
    ci_high_t: f64,
    p: String,
}

#[derive(Deserialize)]
struct Bounds {
    rel: f64,
    lo: f64,
    hi: f64,
}

#[derive(Deserialize)]
struct GbStats {
    est: f64,
    se: f64,
    lo: f64,
    hi: f64,
    dof: f64,
}

#[derive(Deserialize)]
struct GrowthBookCase {
    id: String,
    control: Variant,
    treatment: Variant,
    head: Lift,
    published: Lift,
    plug_in_se: f64,
}

#[derive(Deserialize)]
struct Lift {
    effect: f64,
    se: f64,
    df: f64,
    ci: (f64, f64),
    p: String,
}

impl Variant {
    /// The covariate is known of every unit: its indicator never varies.
    fn moments(&self) -> Moments {
        let sums = [self.sums[0], self.sums[1], 0.0];
        let products = [
            self.products[0],
            self.products[1],
            0.0,
            self.products[2],
            0.0,
            0.0,
        ];
        moments_of_sums(self.n, &sums, &products)
    }
}

impl From<&Lift> for Theirs {
    fn from(theirs: &Lift) -> Self {
        Self {
            estimate: theirs.effect,
            lower: theirs.ci.0,
            upper: theirs.ci.1,
            error: Some(theirs.se),
            freedom: Some(theirs.df),
            p: Some(theirs.p.clone()),
        }
    }
}

const LAYOUT: Layout = Layout {
    covariates: 1,
    ..Layout::PLAIN
};

/// As other tools have it: n − 1 whatever was adjusted for.
const fn theirs(slope: SlopeForm, lift: AdjustedLift) -> Adjustment {
    Adjustment {
        slope,
        freedom: ResidualFreedom::UnitsLessOne,
        lift,
    }
}

fn file() -> Reference {
    let reference: Reference = reference(include_str!("../../reference/adjustments.json"));
    assert_eq!((reference.cases.len(), reference.growthbook.len()), (6, 4));
    reference
}

fn absolute(pair: &Correlated, conventions: &Conventions) -> Estimate {
    difference(&Comparison::correlated(pair, conventions, &Monitoring::Fixed).unwrap()).unwrap()
}

fn lift_of(
    control: &Variant,
    treatment: &Variant,
    lift: AdjustedLift,
    method: RelativeMethod,
) -> Estimate {
    let chosen = theirs(SlopeForm::Pooled, lift);
    let (control, treatment) = (control.moments(), treatment.moments());
    let conventions = with_relative(WELCH, method);
    adjusted_lift(&control, &treatment, LAYOUT, chosen, &conventions).unwrap()
}

#[test]
fn differences_agree_at_every_slope() {
    for case in file().cases {
        for (slope, printed) in [
            (SlopeForm::Pooled, &case.pooled_total),
            (SlopeForm::WithinVariants, &case.within_arm_pooled),
            (SlopeForm::ControlOnly, &case.control_only),
        ] {
            let chosen = theirs(slope, AdjustedLift::AdjustedMean);
            let ours = adjusted_effect(
                &case.control.moments(),
                &case.treatment.moments(),
                LAYOUT,
                chosen,
            );
            let expected = Theirs {
                estimate: printed.diff,
                lower: printed.ci_low_t,
                upper: printed.ci_high_t,
                error: Some(printed.se),
                freedom: Some(printed.df),
                p: Some(printed.p.clone()),
            };
            let what = format!("{} {slope}", case.id);
            assert_estimate(&absolute(&ours.unwrap(), &WELCH), &expected, &what);
        }
    }
}

#[test]
fn a_slope_a_variant_has_the_variance_of_the_common_mean_more() {
    for case in file().cases {
        let chosen = theirs(SlopeForm::PerVariant, AdjustedLift::AdjustedMean);
        let ours = adjusted_effect(
            &case.control.moments(),
            &case.treatment.moments(),
            LAYOUT,
            chosen,
        )
        .unwrap();
        let printed = &case.per_arm_lin;
        assert_close(ours.difference, printed.diff, TOLERANCE, &case.id);
        let expected = printed.se * printed.se + case.lin_common_mean_variance;
        assert_close(ours.difference_variance, expected, TOLERANCE, &case.id);
        assert_close(ours.freedom, printed.df, TOLERANCE, &case.id);
    }
}

#[test]
fn lifts_agree_with_tea_tasting_and_with_growthbook_as_published() {
    for case in file().cases {
        // Their degrees of freedom are found on the scale of the logarithm, from the two adjusted means.
        let chosen = theirs(SlopeForm::Pooled, AdjustedLift::AdjustedMean);
        let (one, other) = (case.control.moments(), case.treatment.moments());
        let means = adjusted_means(&one, &other, LAYOUT, chosen).unwrap();
        let log = with_relative(WELCH, RelativeMethod::LogRatio);
        let ours = relative(&Comparison::new(&means.0, &means.1, &log).unwrap()).unwrap();
        assert_close(ours.estimate, case.tea_tasting.rel, TOLERANCE, &case.id);
        assert_close(
            ours.interval.lower().unwrap(),
            case.tea_tasting.lo,
            TOLERANCE,
            &case.id,
        );
        assert_close(
            ours.interval.upper().unwrap(),
            case.tea_tasting.hi,
            TOLERANCE,
            &case.id,
        );
        let ours = lift_of(
            &case.control,
            &case.treatment,
            AdjustedLift::RawMeanIndependent,
            RelativeMethod::Delta,
        );
        let expected = Theirs {
            estimate: case.gbstats.est,
            lower: case.gbstats.lo,
            upper: case.gbstats.hi,
            error: Some(case.gbstats.se),
            freedom: Some(case.gbstats.dof),
            p: None,
        };
        assert_estimate(&ours, &expected, &case.id);
    }
}

#[test]
fn growthbooks_relative_cases_agree_in_both_versions() {
    for case in file().growthbook {
        let of = |lift| lift_of(&case.control, &case.treatment, lift, RelativeMethod::Delta);
        let head = of(AdjustedLift::RawMeanBalanced);
        assert_estimate(&head, &(&case.head).into(), &format!("{} head", case.id));
        let published = of(AdjustedLift::RawMeanIndependent);
        assert_estimate(
            &published,
            &(&case.published).into(),
            &format!("{} published", case.id),
        );
        let exact = of(AdjustedLift::RawMean).standard_error.unwrap();
        assert_close(exact, case.plug_in_se, 5e-6, &case.id);
    }
}

fn units(shift: f64, count: u8, ratio: bool) -> Moments {
    let mut sums = JointSums::new(if ratio { 4 } else { 3 });
    for index in 0..count {
        let x = f64::from(u32::from(index) * 7 % 11);
        let y = 2.0 * x + f64::from(u32::from(index) * 5 % 13) + shift * x;
        if ratio {
            sums.add(&[y, 1.0 + f64::from(index % 3), x, 0.0]);
        } else {
            sums.add(&[y, x, 0.0]);
        }
    }
    sums.moments()
}

#[test]
fn the_default_is_the_programs_own_adjustment() {
    for ratio in [false, true] {
        let layout = Layout {
            denominator: ratio,
            covariates: 1,
            ..Layout::PLAIN
        };
        let (control, treatment) = (units(0.0, 20, ratio), units(0.3, 26, ratio));
        for method in [RelativeMethod::Fieller, RelativeMethod::Delta] {
            let chosen = with_relative(WELCH, method);
            let pair = adjusted(&control, &treatment, layout).unwrap();
            let plain = Comparison::new(&pair.control, &pair.treatment, &chosen).unwrap();
            let own = Adjustment::default();
            let effect = adjusted_effect(&control, &treatment, layout, own).unwrap();
            let lift = adjusted_lift(&control, &treatment, layout, own, &chosen).unwrap();
            for (ours, theirs) in [
                (absolute(&effect, &chosen), difference(&plain).unwrap()),
                (lift, relative(&plain).unwrap()),
            ] {
                assert_close(ours.estimate, theirs.estimate, TOLERANCE, "estimate");
                let bound = theirs.interval.lower().unwrap();
                assert_close(ours.interval.lower().unwrap(), bound, TOLERANCE, "lower");
                let freedom = theirs.degrees_of_freedom.unwrap();
                assert_close(
                    ours.degrees_of_freedom.unwrap(),
                    freedom,
                    TOLERANCE,
                    "freedom",
                );
            }
        }
    }
}

#[test]
fn adjustments_have_their_corners() {
    let some = units(0.0, 20, false);
    for slope in SlopeForm::ALL {
        for lift in AdjustedLift::ALL {
            let chosen = Adjustment {
                slope: *slope,
                lift: *lift,
                ..Adjustment::default()
            };
            let of = |control: &Moments, treatment: &Moments| {
                adjusted_effect(control, treatment, LAYOUT, chosen).map(|_| ())
            };
            assert_eq!(of(&units(0.0, 0, false), &some), Err(Absence::NoUnits));
            assert_eq!(of(&units(0.0, 1, false), &some), Err(Absence::TooFewUnits));
            assert_eq!(
                of(&some, &units(0.0, 2, false)),
                Err(Absence::TooFewUnits),
                "{slope}"
            );
            let mut broken = some.clone();
            broken.central[1] = f64::INFINITY;
            assert_eq!(of(&broken, &some), Err(Absence::OutOfRange));
            // A covariate that never varies is left out, whoever's slope it is.
            let mut flat = JointSums::new(3);
            for value in [1.0, 2.0, 5.0] {
                flat.add(&[value, 4.0, 0.0]);
            }
            let flat = flat.moments();
            let effect = adjusted_effect(&flat, &flat, LAYOUT, chosen).unwrap();
            assert_eq!(effect.difference, 0.0);
            let lift = adjusted_lift(&flat, &flat, LAYOUT, chosen, &with_delta(WELCH));
            assert_eq!(lift.unwrap().estimate, 0.0);
        }
    }
    let plain = Layout {
        denominator: false,
        covariates: 0,
        ..Layout::PLAIN
    };
    let refused = adjusted_effect(&some, &some, plain, Adjustment::default());
    assert_eq!(refused, Err(Absence::NotApplicable));
}

proptest! {
    #[test]
    fn no_slope_has_a_smaller_variance_than_the_pairs(a in 3_u8..60, b in 3_u8..60, shift in -3.0..3.0_f64) {
        let (control, treatment) = (units(0.0, a, false), units(shift, b, false));
        let variance = |slope| {
            let chosen = theirs(slope, AdjustedLift::AdjustedMean);
            adjusted_effect(&control, &treatment, LAYOUT, chosen).unwrap().difference_variance
        };
        let best = variance(SlopeForm::PerPair);
        for slope in [SlopeForm::Pooled, SlopeForm::WithinVariants, SlopeForm::ControlOnly] {
            prop_assert!(best <= variance(slope) * (1.0 + 1e-12));
        }
    }
}
