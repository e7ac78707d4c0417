//! Effects over strata, against GrowthBook, with laws and corners.

use proptest::prelude::*;
use readout::domain::definition::{Conventions, RelativeMethod, StratumWeights};
use readout::domain::evidence::{JointSums, Layout, Moments};
use readout::domain::result::{Absence, Estimate, Known};
use readout::stats::{
    Comparison, Correlated, Monitoring, SampleMean, Stratum, difference, relative,
};
use serde::Deserialize;

use super::{
    NORMAL, TOLERANCE, WELCH, assert_close, contrast, moments_of_sums, reference, with_delta,
    with_relative,
};

/// An effect over strata, judged.
struct Judged {
    absolute: Known<Estimate>,
    relative: Known<Estimate>,
    strata: usize,
    thin: Vec<String>,
}

fn stratified(
    strata: &[Stratum],
    layout: Layout,
    weights: StratumWeights,
    conventions: &Conventions,
) -> Judged {
    let ours = readout::stats::stratified(strata, layout, weights);
    let comparison = ours
        .pair
        .and_then(|pair| Comparison::correlated(&pair, conventions, &Monitoring::Fixed));
    Judged {
        absolute: Known::from(comparison.and_then(|both| difference(&both))),
        relative: Known::from(comparison.and_then(|both| relative(&both))),
        strata: ours.strata,
        thin: ours.thin,
    }
}

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    ratio: bool,
    difference: String,
    strata: Vec<(Variant, Variant)>,
    effect: f64,
    se: f64,
}

#[derive(Deserialize)]
struct Variant {
    n: u64,
    sums: Vec<f64>,
    products: Vec<f64>,
}

impl Variant {
    fn moments(&self) -> Moments {
        moments_of_sums(self.n, &self.sums, &self.products)
    }
}

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

fn named(pairs: Vec<(Moments, Moments)>) -> Vec<Stratum> {
    let numbered = pairs.into_iter().enumerate();
    numbered
        .map(|(index, (control, treatment))| Stratum {
            name: format!("s{index}"),
            control,
            treatment,
            of_clusters: false,
        })
        .collect()
}

#[test]
fn post_stratified_effects_agree_with_growthbook() {
    let reference: Reference = reference(include_str!("../../reference/strata.json"));
    assert_eq!(reference.cases.len(), 4);
    for case in reference.cases {
        let strata = named(
            case.strata
                .iter()
                .map(|(c, t)| (c.moments(), t.moments()))
                .collect(),
        );
        let layout = if case.ratio { RATIO } else { MEAN };
        let ours = stratified(
            &strata,
            layout,
            StratumWeights::PooledShares,
            &with_delta(WELCH),
        );
        assert_eq!((ours.strata, ours.thin.len()), (5, 0));
        let shown = if case.difference == "relative" {
            &ours.relative
        } else {
            &ours.absolute
        };
        let shown = shown.value().unwrap();
        assert_close(shown.estimate, case.effect, TOLERANCE, &case.id);
        assert_close(shown.standard_error.unwrap(), case.se, TOLERANCE, &case.id);
    }
}

fn moments(units: &[&[f64]], width: usize) -> Moments {
    let mut sums = JointSums::new(width);
    for unit in units {
        sums.add(unit);
    }
    sums.moments()
}

/// Twelve units a variant around a level, with a numerator, a denominator or covariate, and whether that is unknown.
fn variant(level: f64, effect: f64, width: usize) -> Moments {
    let units: Vec<Vec<f64>> = (0..12_u8)
        .map(|index| {
            let x = f64::from(index * 7 % 12);
            vec![level + effect + x + f64::from(index % 5), 1.0 + x, 0.0][..width].to_vec()
        })
        .collect();
    let units: Vec<&[f64]> = units.iter().map(Vec::as_slice).collect();
    moments(&units, width)
}

#[test]
fn one_stratum_is_no_stratification() {
    for (layout, width) in [(MEAN, 1), (RATIO, 2), (ADJUSTED, 3)] {
        let (control, treatment) = (variant(3.0, 0.0, width), variant(3.0, 2.0, width));
        let strata = named(vec![(control.clone(), treatment.clone())]);
        let plain = contrast(&control, &treatment, layout, &with_delta(WELCH));
        for weights in StratumWeights::ALL {
            let ours = stratified(&strata, layout, *weights, &with_delta(WELCH));
            for (ours, plain) in [
                (&ours.absolute, &plain.absolute),
                (&ours.relative, &plain.relative),
            ] {
                let (ours, plain) = (ours.value().unwrap(), plain.value().unwrap());
                assert_close(ours.estimate, plain.estimate, TOLERANCE, "estimate");
                let error = plain.standard_error.unwrap();
                assert_close(
                    ours.standard_error.unwrap(),
                    error,
                    TOLERANCE,
                    "standard error",
                );
                let freedom = plain.degrees_of_freedom.unwrap();
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
fn thin_strata_are_merged_and_named() {
    let pair = |level| (variant(level, 0.0, 1), variant(level, 1.0, 1));
    let thin = |level: f64, units: usize| {
        let values: Vec<[f64; 1]> = (0..units).map(|index| [level + index as f64]).collect();
        let values: Vec<&[f64]> = values.iter().map(|value| &value[..]).collect();
        (moments(&values, 1), moments(&values, 1))
    };
    let of = |pairs| stratified(&named(pairs), MEAN, StratumWeights::PooledShares, &WELCH);
    let ours = of(vec![thin(1.0, 6), pair(3.0), thin(2.0, 5)]);
    assert_eq!(
        (ours.strata, ours.thin),
        (2, vec!["s0".to_owned(), "s2".to_owned()])
    );
    let ours = of(vec![thin(1.0, 6), pair(3.0), pair(4.0)]);
    assert_eq!(
        (ours.strata, ours.thin.len()),
        (2, 2),
        "not thick enough even together"
    );
    assert!(ours.absolute.value().is_some());
    let ours = of(vec![thin(1.0, 3), thin(2.0, 3)]);
    assert_eq!((ours.strata, ours.thin.len()), (1, 2));
    let whole = [1.0, 2.0, 3.0, 2.0, 3.0, 4.0];
    let whole: Vec<&[f64]> = whole.iter().map(std::slice::from_ref).collect();
    let whole = moments(&whole, 1);
    let plain = contrast(&whole, &whole, MEAN, &WELCH);
    let error = |known: &Known<readout::domain::result::Estimate>| {
        known.value().unwrap().standard_error.unwrap()
    };
    assert_close(
        error(&ours.absolute),
        error(&plain.absolute),
        1e-12,
        "merged exactly",
    );
}

/// A variant that enters in the second epoch has nobody in the first. Put together with another epoch, control's early units
/// would be compared with treated units of later, and the calendar would look like an effect.
#[test]
fn epochs_that_are_too_thin_are_left_out_and_named() {
    let nobody = moments(&[], 1);
    let early = variant(1.0, 0.0, 1);
    let (control, treatment) = (variant(5.0, 0.0, 1), variant(5.0, 0.5, 1));
    let strata = vec![
        (early.clone(), nobody),
        (control.clone(), treatment.clone()),
    ];
    let ours = stratified(&named(strata), MEAN, StratumWeights::Precision, &WELCH);
    assert_eq!((ours.strata, ours.thin), (1, vec!["s0".to_owned()]));
    let alone = contrast(&control, &treatment, MEAN, &WELCH);
    let (ours, alone) = (
        ours.absolute.value().unwrap(),
        alone.absolute.value().unwrap(),
    );
    assert_close(
        ours.estimate,
        alone.estimate,
        1e-12,
        "that of the second epoch",
    );
    let errors = (ours.standard_error.unwrap(), alone.standard_error.unwrap());
    assert_close(errors.0, errors.1, 1e-12, "and its error");
}

#[test]
fn strata_have_their_corners() {
    let absence = |strata: &[Stratum], layout| {
        stratified(strata, layout, StratumWeights::Precision, &WELCH)
            .absolute
            .absence()
    };
    assert_eq!(absence(&[], MEAN), Some(Absence::NoUnits));
    let none = moments(&[], 1);
    let one = moments(&[&[1.0]], 1);
    let some = variant(1.0, 0.0, 1);
    assert_eq!(
        absence(&named(vec![(none.clone(), none.clone())]), MEAN),
        Some(Absence::NoUnits)
    );
    assert_eq!(
        absence(&named(vec![(none, some.clone())]), MEAN),
        Some(Absence::NoUnits)
    );
    assert_eq!(
        absence(&named(vec![(one, some.clone())]), MEAN),
        Some(Absence::TooFewUnits)
    );
    assert_eq!(
        absence(&named(vec![(some.clone(), some)]), RATIO),
        Some(Absence::NotApplicable)
    );
    let still = moments(&[[1.0].as_slice(); 12], 1);
    assert_eq!(
        absence(&named(vec![(still.clone(), still)]), MEAN),
        Some(Absence::ZeroVariance)
    );
    let empty = moments(&[[1.0, 0.0].as_slice(); 12], 2);
    assert_eq!(
        absence(&named(vec![(empty.clone(), empty)]), RATIO),
        Some(Absence::ZeroDenominator)
    );
    let mut broken = variant(1.0, 0.0, 1);
    broken.means[0] = f64::NAN;
    assert_eq!(
        absence(&named(vec![(broken.clone(), broken)]), MEAN),
        Some(Absence::OutOfRange)
    );
}

/// Two epochs at 1/99 and 50/50: weights by precision nearly leave out the first, shares do not.
#[test]
fn weights_of_a_ramp_have_the_smaller_standard_error() {
    let large = |level: f64, units: u64| Moments::published(units, level, 2.0);
    let strata = named(vec![
        (large(5.0, 99_000), large(5.1, 1000)),
        (large(7.0, 20_000), large(7.1, 20_000)),
    ]);
    let error = |weights| {
        let ours = stratified(&strata, MEAN, weights, &NORMAL);
        let absolute = *ours.absolute.value().unwrap();
        assert_close(absolute.estimate, 0.1, 1e-9, "the same effect in both");
        absolute.standard_error.unwrap()
    };
    // By hand: weights 990 : 10,000, so se² = 4/(990 + 10,000).
    assert_close(
        error(StratumWeights::Precision),
        (4.0_f64 / 10_990.0).sqrt(),
        1e-12,
        "se",
    );
    assert!(error(StratumWeights::PooledShares) > 2.0 * error(StratumWeights::Precision));
}

proptest! {
    /// For two independent means the correlated form gives what the comparison does.
    #[test]
    fn correlated_lifts_are_those_of_independent_means(
        a in -5.0..5.0_f64, b in -5.0..5.0_f64, s in 0.01..9.0_f64, t in 0.01..9.0_f64,
        method in prop::sample::select(RelativeMethod::ALL),
    ) {
        let mean = |mean, deviation| SampleMean::of_quantity(&Moments::published(60, mean, deviation), 0).unwrap();
        let (control, treatment) = (mean(a, s), mean(b, t));
        // With the normal, since the logarithm has its own degrees of freedom there.
        let chosen: Conventions = with_relative(NORMAL, method);
        let comparison = Comparison::new(&control, &treatment, &chosen).unwrap();
        let pair = Correlated {
            difference: treatment.mean - control.mean,
            control: control.mean,
            difference_variance: control.variance + treatment.variance,
            control_variance: control.variance,
            covariance: -control.variance,
            freedom: 118.0,
            units: 120,
        };
        let ours = Comparison::correlated(&pair, &chosen, &Monitoring::Fixed).and_then(|both| relative(&both));
        match (ours, relative(&comparison)) {
            (Ok(ours), Ok(theirs)) => {
                prop_assert!((ours.estimate - theirs.estimate).abs() <= 1e-9 * theirs.estimate.abs().max(1e-3));
                match (ours.interval.lower(), theirs.interval.lower()) {
                    (Some(ours), Some(theirs)) => prop_assert!((ours - theirs).abs() <= 1e-7 * theirs.abs().max(1.0)),
                    (ours, theirs) => prop_assert_eq!(ours.is_some(), theirs.is_some()),
                }
            }
            (ours, theirs) => prop_assert_eq!(ours.err(), theirs.err()),
        }
    }

    #[test]
    fn swapping_variants_negates_the_stratified_difference(
        levels in prop::collection::vec((-9.0..9.0_f64, -2.0..2.0_f64), 1..5),
        weights in prop::sample::select(StratumWeights::ALL),
    ) {
        let pairs: Vec<(Moments, Moments)> = levels
            .iter()
            .map(|(level, effect)| (variant(*level, 0.0, 1), variant(*level, *effect, 1)))
            .collect();
        let back: Vec<(Moments, Moments)> = pairs.iter().cloned().map(|(c, t)| (t, c)).collect();
        let of = |pairs| *stratified(&named(pairs), MEAN, weights, &WELCH).absolute.value().unwrap();
        let (forth, back) = (of(pairs), of(back));
        prop_assert!((forth.estimate + back.estimate).abs() <= 1e-12);
        let (one, other) = (forth.standard_error.unwrap(), back.standard_error.unwrap());
        prop_assert!((one - other).abs() <= 1e-9 * one);
    }
}
