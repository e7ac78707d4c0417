//! Laws that hold whatever the data.

use proptest::prelude::*;

use readout::domain::definition::{
    Conventions, Correction, Direction, Magnitude, ReferenceDistribution, RelativeMethod,
    VarianceForm,
};
use readout::domain::evidence::{Layout, Moments};
use readout::domain::result::{Estimate, GuardrailOutcome, Interval, Known, PValue};
use readout::stats::{
    Comparison, Contrast, EpochCounts, SampleMean, adjusted_p_values, difference, equal_rates,
    guardrail, relative, sample_ratio, significance,
};

use super::contrast;

prop_compose! {
    fn conventions()(
        variance in prop::sample::select(VarianceForm::ALL),
        reference in prop::sample::select(ReferenceDistribution::ALL),
        relative in prop::sample::select(RelativeMethod::ALL),
        level in 0.5..0.999,
    ) -> Conventions {
        Conventions { variance, reference, relative, level, ..Conventions::default() }
    }
}

prop_compose! {
    /// A variant such as experiments have, its mean sometimes near zero or below.
    fn variant()(
        units in 2_u64..100_000,
        mean in -5.0..5.0,
        deviation in 0.01..20.0,
    ) -> SampleMean {
        SampleMean::of_quantity(&Moments::published(units, mean, deviation), 0).unwrap()
    }
}

fn absolute(control: &SampleMean, treatment: &SampleMean, chosen: &Conventions) -> Estimate {
    difference(&Comparison::new(control, treatment, chosen).unwrap()).unwrap()
}

fn lift(control: &SampleMean, treatment: &SampleMean, chosen: &Conventions) -> Estimate {
    relative(&Comparison::new(control, treatment, chosen).unwrap()).unwrap()
}

fn scaled(variant: &SampleMean, factor: f64) -> SampleMean {
    SampleMean {
        mean: variant.mean * factor,
        variance: variant.variance * factor * factor,
        ..*variant
    }
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-9 * left.abs().max(right.abs()).max(1e-300)
}

/// Whether a p-value is so near to α that rounding may decide either way.
fn on_the_edge(p: f64, alpha: f64) -> bool {
    (p - alpha).abs() < 1e-9
}

proptest! {
    #[test]
    fn swapping_variants_negates_the_difference(a in variant(), b in variant(), chosen in conventions()) {
        let (forth, back) = (absolute(&a, &b, &chosen), absolute(&b, &a, &chosen));
        prop_assert_eq!(forth.estimate, -back.estimate);
        prop_assert_eq!(forth.interval.lower(), back.interval.upper().map(|bound| -bound));
        prop_assert_eq!(forth.p_value, back.p_value);
    }

    #[test]
    fn scaling_values_scales_the_difference_and_leaves_p(
        a in variant(), b in variant(), chosen in conventions(), factor in 1e-6..1e6,
    ) {
        let before = absolute(&a, &b, &chosen);
        let after = absolute(&scaled(&a, factor), &scaled(&b, factor), &chosen);
        prop_assert!((before.estimate * factor - after.estimate).abs() <= 1e-12 * factor * 10.0);
        prop_assert!(near(before.standard_error.unwrap() * factor, after.standard_error.unwrap()));
        prop_assert!((before.p_value.log10_p - after.p_value.log10_p).abs() <= 1e-9 * before.p_value.log10_p.abs().max(1.0));
    }

    #[test]
    fn scaling_values_leaves_the_lift(
        a in variant(), b in variant(), chosen in conventions(), power in -30_i32..30,
    ) {
        prop_assume!(chosen.relative != RelativeMethod::LogRatio || (a.mean > 0.0 && b.mean > 0.0));
        let factor = 2.0_f64.powi(power);
        let before = lift(&a, &b, &chosen);
        prop_assert_eq!(before, lift(&scaled(&a, factor), &scaled(&b, factor), &chosen));
    }

    #[test]
    fn mirroring_values_mirrors_the_lift(a in variant(), b in variant(), chosen in conventions()) {
        prop_assume!(chosen.relative != RelativeMethod::LogRatio);
        let (before, after) = (lift(&a, &b, &chosen), lift(&scaled(&a, -1.0), &scaled(&b, -1.0), &chosen));
        prop_assert_eq!(before.estimate, -after.estimate);
        let mirrored = match after.interval {
            Interval::Between { lower, upper } => Interval::Between { lower: -upper, upper: -lower },
            Interval::Outside { below, above } => Interval::Outside { below: -above, above: -below },
            Interval::WholeLine => Interval::WholeLine,
        };
        prop_assert_eq!(before.interval, mirrored);
    }

    #[test]
    fn the_absolute_interval_and_test_agree(a in variant(), b in variant(), chosen in conventions()) {
        let ours = absolute(&a, &b, &chosen);
        prop_assume!(!on_the_edge(ours.p_value.p, chosen.alpha()));
        prop_assert_eq!(!ours.interval.contains(0.0), ours.p_value.p < chosen.alpha());
    }

    #[test]
    fn fiellers_interval_and_the_absolute_test_agree(a in variant(), b in variant(), chosen in conventions()) {
        let chosen = Conventions { relative: RelativeMethod::Fieller, ..chosen };
        let (plain, lift) = (absolute(&a, &b, &chosen), lift(&a, &b, &chosen));
        prop_assert_eq!(plain.p_value, lift.p_value);
        prop_assume!(!on_the_edge(plain.p_value.p, chosen.alpha()));
        prop_assert_eq!(!lift.interval.contains(0.0), plain.p_value.p < chosen.alpha());
        prop_assert!(lift.interval.contains(lift.estimate));
    }

    /// A lift ρ belongs to Fieller's set exactly when a guardrail with margin −ρ is inconclusive.
    #[test]
    fn fiellers_interval_and_the_relative_guardrail_agree(
        a in variant(), b in variant(), chosen in conventions(), margin in 0.001..0.9,
    ) {
        let chosen = Conventions { relative: RelativeMethod::Fieller, ..chosen };
        let comparison = Comparison::new(&a, &b, &chosen);
        let judged = guardrail(comparison, Some(Magnitude::Relative(margin)), Direction::Increase);
        let interval = lift(&a, &b, &chosen).interval;
        match judged.outcome {
            GuardrailOutcome::CouldNotRun => {
                let bounded = interval.lower().is_some();
                prop_assert!(!bounded);
            }
            outcome => {
                let distance = *judged.distance.value().unwrap();
                prop_assume!(!on_the_edge(distance.p_value.p, chosen.alpha()));
                prop_assert_eq!(interval.contains(-margin), outcome == GuardrailOutcome::Inconclusive);
            }
        }
    }

    #[test]
    fn a_guardrail_does_not_pass_one_way_and_fail_with_more_room(
        a in variant(), b in variant(), chosen in conventions(), margin in 0.001..5.0, more in 0.0..5.0,
        direction in prop::sample::select(Direction::ALL),
    ) {
        let outcome = |size: f64| {
            guardrail(Comparison::new(&a, &b, &chosen), Some(Magnitude::Absolute(size)), direction)
        };
        let (strict, loose) = (outcome(margin), outcome(margin + more));
        for judged in [&strict, &loose] {
            let interval = judged.distance.value().unwrap().interval;
            let (passes, fails) = (interval.lower().unwrap() > 0.0, interval.upper().unwrap() < 0.0);
            prop_assert!(!(passes && fails));
            prop_assert_eq!(judged.outcome == GuardrailOutcome::Pass, passes);
            prop_assert_eq!(judged.outcome == GuardrailOutcome::Fail, fails);
        }
        if strict.outcome == GuardrailOutcome::Pass {
            prop_assert_eq!(loose.outcome, GuardrailOutcome::Pass);
        }
    }

    #[test]
    fn turning_the_direction_turns_better_into_worse(a in variant(), b in variant(), chosen in conventions()) {
        use readout::domain::result::Significance::{Better, Unclear, Worse};
        let ours = absolute(&a, &b, &chosen);
        let turned = match significance(&ours, Direction::Increase) {
            Better => Worse,
            Worse => Better,
            Unclear => Unclear,
        };
        prop_assert_eq!(turned, significance(&ours, Direction::Decrease));
    }

    #[test]
    fn corrections_only_raise_p_and_do_not_depend_on_order(
        raw in prop::collection::vec(-400.0..0.0_f64, 1..12), rotation in 0_usize..12,
    ) {
        let family: Vec<PValue> = raw.iter().map(|log10_p| PValue { p: libm::exp10(*log10_p), log10_p: *log10_p }).collect();
        let holm = adjusted_p_values(Correction::Holm, &family);
        let bonferroni = adjusted_p_values(Correction::Bonferroni, &family);
        for ((raw, holm), bonferroni) in family.iter().zip(&holm).zip(&bonferroni) {
            prop_assert!(raw.p <= holm.p && holm.p <= bonferroni.p);
            prop_assert!(raw.log10_p <= holm.log10_p && holm.log10_p <= bonferroni.log10_p);
            prop_assert!(bonferroni.log10_p <= 0.0);
        }
        let by = rotation % family.len();
        let mut turned = family.clone();
        turned.rotate_left(by);
        let mut expected = holm;
        expected.rotate_left(by);
        prop_assert_eq!(adjusted_p_values(Correction::Holm, &turned), expected);
    }

    #[test]
    fn equal_p_values_get_equal_corrections(log10_p in -20.0..0.0_f64, more in -20.0..0.0_f64) {
        let of = |log10_p: f64| PValue { p: libm::exp10(log10_p), log10_p };
        let ours = adjusted_p_values(Correction::Holm, &[of(log10_p), of(more), of(log10_p)]);
        prop_assert_eq!(ours[0], ours[2]);
    }

    #[test]
    fn one_epoch_told_in_two_parts_is_the_same_test(
        first in prop::collection::vec(50_u64..5000, 3), second in prop::collection::vec(50_u64..5000, 3),
        weights in prop::collection::vec(0.5..3.0, 3),
    ) {
        let whole: Vec<u64> = first.iter().zip(&second).map(|(a, b)| a + b).collect();
        let of = |units| EpochCounts { units, weights: &weights };
        let one = sample_ratio(&[of(&whole)]).unwrap();
        let two = sample_ratio(&[of(&first), of(&second)]).unwrap();
        prop_assert!(near(one.statistic.unwrap(), two.statistic.unwrap()));
        prop_assert_eq!(one.freedom, two.freedom);
    }

    #[test]
    fn nothing_panics_and_no_result_is_not_finite(
        control in anything(), treatment in anything(), layout in layouts(), chosen in conventions(),
    ) {
        let ours = contrast(&control, &treatment, layout, &chosen);
        prop_assert!(every_estimate(&ours).all(is_finite));
        let judged = guardrail(ours.comparison, Some(Magnitude::Relative(0.01)), Direction::Decrease);
        prop_assert!(judged.distance.value().is_none_or(is_finite));
    }

    #[test]
    fn no_counts_panic(
        units in prop::collection::vec(any::<u64>(), 0..5), small in prop::collection::vec(0_u64..9, 0..5),
        weights in prop::collection::vec(any::<f64>(), 0..5),
    ) {
        for counts in [&units, &small] {
            let _ = sample_ratio(&[EpochCounts { units: counts, weights: &weights }]);
            if let Ok(ours) = equal_rates(&small, counts) {
                prop_assert!((0.0..=1.0).contains(&ours.p_value.p));
            }
        }
    }
}

/// Any double, often an ordinary one.
fn number() -> impl Strategy<Value = f64> {
    let broken = vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 5e-324];
    prop_oneof![
        3 => -10.0..10.0,
        1 => Just(0.0),
        1 => any::<f64>(),
        1 => prop::sample::select(broken),
    ]
}

/// Moments that no table could have, as well as ones that one could.
fn anything() -> impl Strategy<Value = Moments> {
    let shapes = (1_usize..5).prop_flat_map(|width| {
        let right = width * (width + 1) / 2;
        (Just(width), prop_oneof![9 => Just(right), 1 => 0_usize..12])
    });
    shapes.prop_flat_map(|(width, pairs)| {
        let units = prop_oneof![0_u64..4, 5_u64..1000, any::<u64>()];
        let means = prop::collection::vec(number(), width);
        let central = prop::collection::vec(number(), pairs);
        (units, means, central).prop_map(|(units, means, central)| Moments {
            units,
            means,
            central,
        })
    })
}

fn layouts() -> impl Strategy<Value = Layout> {
    (any::<bool>(), any::<bool>()).prop_map(|(denominator, covariate)| Layout {
        denominator,
        covariates: u8::from(covariate),
        ..Layout::PLAIN
    })
}

fn every_estimate(contrast: &Contrast) -> impl Iterator<Item = &Estimate> {
    let parts = contrast
        .parts
        .iter()
        .flat_map(|(over, under)| [over, under]);
    [&contrast.absolute, &contrast.relative]
        .into_iter()
        .chain(&contrast.unadjusted)
        .chain(parts)
        .filter_map(Known::value)
}

fn is_finite(estimate: &Estimate) -> bool {
    let bounds = match estimate.interval {
        Interval::Between { lower, upper } => [lower, upper],
        Interval::Outside { below, above } => [below, above],
        Interval::WholeLine => [0.0, 0.0],
    };
    let optional = [estimate.standard_error, estimate.degrees_of_freedom];
    let p = estimate.p_value;
    [estimate.estimate, p.p, p.log10_p]
        .into_iter()
        .chain(bounds)
        .chain(optional.into_iter().flatten())
        .all(f64::is_finite)
        && bounds[0] <= bounds[1]
        && (0.0..=1.0).contains(&p.p)
}
