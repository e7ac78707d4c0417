//! GrowthBook's own test cases, where this program has the same convention. The file names the rest, each with its reason.

use readout::domain::definition::{Conventions, Correction};
use readout::domain::evidence::{Layout, Moments};
use readout::domain::result::PValue;
use readout::stats::covariate::{adjusted, adjusted_with};
use readout::stats::ratio::ratio;
use readout::stats::{EpochCounts, SampleMean, adjusted_p_values, sample_ratio};
use serde::Deserialize;

use super::{
    TOLERANCE, Theirs, WELCH, absolute_of, assert_close, assert_estimate, lift_of, moments_of_sums,
    reference, with_all_freedom, with_delta,
};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
    skipped: Vec<Skipped>,
    sample_ratio: Vec<SampleRatioCase>,
    holm: Vec<FamilyCase>,
    benjamini_hochberg: Vec<FamilyCase>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    r#type: String,
    difference: String,
    level: f64,
    control: Variant,
    treatment: Variant,
    effect: f64,
    se: f64,
    df: f64,
    ci: (f64, f64),
    p: String,
    theta: Option<f64>,
    control_sd: f64,
    treatment_sd: f64,
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

#[derive(Deserialize)]
struct Skipped {
    reason: String,
}

#[derive(Deserialize)]
struct SampleRatioCase {
    units: Vec<u64>,
    weights: Vec<f64>,
    p: f64,
}

#[derive(Deserialize)]
struct FamilyCase {
    raw: Vec<f64>,
    adjusted: Vec<f64>,
}

fn growthbook() -> Reference {
    reference(include_str!("../../reference/growthbook.json"))
}

/// Both variants under GrowthBook's convention for the case's type.
fn variants(case: &Case) -> (SampleMean, SampleMean) {
    match case.r#type.as_str() {
        "mean" => (of_value(&case.control), of_value(&case.treatment)),
        // Theirs divides by n where ours has n − 1: their standard deviation is taken as published.
        "proportion" => (
            with_deviation(&case.control, case.control_sd),
            with_deviation(&case.treatment, case.treatment_sd),
        ),
        "ratio" => (
            ratio(&case.control.moments()).unwrap(),
            ratio(&case.treatment.moments()).unwrap(),
        ),
        "mean_cuped" => {
            let (control, treatment) = (covariate_of(&case.control), covariate_of(&case.treatment));
            let layout = Layout {
                denominator: false,
                covariates: 1,
                ..Layout::PLAIN
            };
            let theta = [case.theta.unwrap(), 0.0];
            let pair = adjusted_with(&control, &treatment, layout, &theta).unwrap();
            (
                with_all_freedom(pair.control),
                with_all_freedom(pair.treatment),
            )
        }
        "ratio_cuped" => adjusted_ratios(case),
        other => panic!("{other}"),
    }
}

fn of_value(variant: &Variant) -> SampleMean {
    SampleMean::of_quantity(&variant.moments(), 0).unwrap()
}

fn with_deviation(variant: &Variant, deviation: f64) -> SampleMean {
    let published = Moments::published(variant.n, variant.sums[0] / variant.n as f64, deviation);
    SampleMean::of_quantity(&published, 0).unwrap()
}

/// Value and covariate, with an indicator that never varies.
fn covariate_of(variant: &Variant) -> Moments {
    let [y, x] = variant.sums[..] else { panic!() };
    let [yy, xy, xx] = variant.products[..] else {
        panic!()
    };
    moments_of_sums(variant.n, &[y, x, 0.0], &[yy, xy, 0.0, xx, 0.0, 0.0])
}

/// θ that minimises the variance of the difference is their θ of a ratio, and is found here, not put in.
fn adjusted_ratios(case: &Case) -> (SampleMean, SampleMean) {
    let layout = Layout {
        denominator: true,
        covariates: 1,
        ..Layout::PLAIN
    };
    let (control, treatment) = (
        with_ratio_covariate(&case.control),
        with_ratio_covariate(&case.treatment),
    );
    let pair = adjusted(&control, &treatment, layout).unwrap();
    assert_close(
        pair.coefficients[0],
        case.theta.unwrap(),
        TOLERANCE,
        &case.id,
    );
    (
        with_all_freedom(pair.control),
        with_all_freedom(pair.treatment),
    )
}

/// Numerator, denominator and the earlier ratio, linearised, as the covariate.
fn with_ratio_covariate(variant: &Variant) -> Moments {
    let all = variant.moments();
    let (earlier, under) = (all.mean(2) / all.mean(3), all.mean(3));
    let with = |other: usize| (all.central(other, 2) - earlier * all.central(other, 3)) / under;
    let square = (with(2) - earlier * with(3)) / under;
    Moments {
        units: all.units,
        means: vec![all.mean(0), all.mean(1), earlier, 0.0],
        central: vec![
            all.central(0, 0),
            all.central(0, 1),
            with(0),
            0.0,
            all.central(1, 1),
            with(1),
            0.0,
            square,
            0.0,
            0.0,
        ],
    }
}

#[test]
fn frequentist_cases_agree() {
    let reference = growthbook();
    assert_eq!((reference.cases.len(), reference.skipped.len()), (11, 33));
    assert!(
        reference
            .skipped
            .iter()
            .all(|skipped| !skipped.reason.is_empty())
    );
    for case in reference.cases {
        let (control, treatment) = variants(&case);
        let chosen = Conventions {
            level: case.level,
            ..with_delta(WELCH)
        };
        let ours = if case.difference == "relative" {
            lift_of(&control, &treatment, chosen)
        } else {
            absolute_of(&control, &treatment, chosen)
        };
        let theirs = Theirs {
            estimate: case.effect,
            lower: case.ci.0,
            upper: case.ci.1,
            error: Some(case.se),
            freedom: Some(case.df),
            p: (case.p != "0.0").then_some(case.p),
        };
        assert_estimate(&ours, &theirs, &case.id);
        if theirs.p.is_none() {
            assert!(ours.p_value.p < 1e-15, "{}", case.id);
        }
    }
}

#[test]
fn sample_ratios_agree_and_what_cannot_be_tested_has_no_p_value() {
    for case in growthbook().sample_ratio {
        let what = format!("{:?} {:?}", case.units, case.weights);
        let epoch = EpochCounts {
            units: &case.units,
            weights: &case.weights,
        };
        match sample_ratio(&[epoch]) {
            Ok(ours) => assert_close(ours.p_value.p, case.p, TOLERANCE, &what),
            // No unit, one variant with weight, or a count too few: theirs says 1 and ours says why not.
            Err(_) => assert_eq!(case.p, 1.0, "{what}"),
        }
    }
}

#[test]
fn corrections_agree() {
    let reference = growthbook();
    for (correction, cases) in [
        (Correction::Holm, reference.holm),
        (Correction::BenjaminiHochberg, reference.benjamini_hochberg),
    ] {
        assert_eq!(cases.len(), 2);
        for case in cases {
            let raw: Vec<PValue> = case
                .raw
                .iter()
                .map(|p| PValue {
                    p: *p,
                    log10_p: p.log10(),
                })
                .collect();
            let ours = adjusted_p_values(correction, &raw);
            for (ours, theirs) in ours.iter().zip(case.adjusted) {
                assert_close(ours.p, theirs, TOLERANCE, correction.name());
            }
        }
    }
}
