//! The statistics against numbers from independent tools, in `tests/reference/`. No expected number is our own output.

#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "helpers of tests: a file or number that is wrong must fail the test"
)]

mod adjustments;
mod bayes;
mod bootstrap;
mod certified;
mod clusters;
mod compliers;
mod corners;
mod count_corners;
mod counts;
mod covariates;
mod distributions;
mod equivalence;
mod families;
mod growthbook;
mod guardrails;
mod heterogeneity;
mod laws;
mod lifts;
mod means;
mod missing_units;
mod novelty;
mod power;
mod proportions;
mod published;
mod quantiles;
mod ratios;
mod second_opinion;
mod sequential;
mod splits;
mod strata;

use readout::domain::definition::{
    Conventions, ReferenceDistribution, RelativeMethod, VarianceForm,
};
use readout::domain::evidence::{Layout, Moments};
use readout::domain::result::{Estimate, PValue};
use readout::stats::{Comparison, SampleMean, difference, relative};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Asked of estimates, standard errors and bounds.
const TOLERANCE: f64 = 1e-9;

/// A reference file, parsed.
fn reference<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

/// Fails unless two numbers agree to a relative tolerance.
#[track_caller]
fn assert_close(ours: f64, theirs: f64, tolerance: f64, what: &str) {
    let difference = (ours - theirs).abs();
    assert!(
        difference <= tolerance * theirs.abs(),
        "{what}: ours {ours:e}, theirs {theirs:e}, relative {:e}",
        difference / theirs.abs()
    );
}

/// Fails unless a p-value agrees with a printed one: on the log10 scale below 1e-12, where doubles may not hold it.
#[track_caller]
fn assert_p(ours: PValue, theirs: &str, what: &str) {
    let log10 = log10_of_literal(theirs);
    if log10 == f64::NEG_INFINITY {
        // A tool that takes 1 − cdf, or prints into a double, says no more than this by zero.
        assert!(ours.log10_p < -15.0, "{what}: ours {ours:?}, theirs zero");
    } else if log10 < -12.0 {
        assert_close(ours.log10_p, log10, TOLERANCE, what);
    } else {
        assert_close(ours.p, theirs.parse().unwrap(), TOLERANCE, what);
    }
}

/// The decimal logarithm of a positive literal such as `2.7e-926`.
fn log10_of_literal(literal: &str) -> f64 {
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let (mantissa, exponent): (f64, f64) = (mantissa.parse().unwrap(), exponent.parse().unwrap());
    mantissa.log10() + exponent
}

/// Fails unless estimate and interval agree; standard errors and degrees of freedom are compared where both have one.
#[track_caller]
fn assert_estimate(ours: &Estimate, theirs: &Theirs, what: &str) {
    assert_close(
        ours.estimate,
        theirs.estimate,
        TOLERANCE,
        &format!("{what} estimate"),
    );
    let bounds = (
        ours.interval.lower().unwrap(),
        ours.interval.upper().unwrap(),
    );
    assert_close(
        bounds.0,
        theirs.lower,
        TOLERANCE,
        &format!("{what} lower bound"),
    );
    assert_close(
        bounds.1,
        theirs.upper,
        TOLERANCE,
        &format!("{what} upper bound"),
    );
    if let Some(error) = theirs.error {
        let ours = ours.standard_error.unwrap();
        assert_close(ours, error, TOLERANCE, &format!("{what} standard error"));
    }
    if let Some(freedom) = theirs.freedom {
        let ours = ours.degrees_of_freedom.unwrap();
        assert_close(
            ours,
            freedom,
            TOLERANCE,
            &format!("{what} degrees of freedom"),
        );
    }
    if let Some(p) = &theirs.p {
        assert_p(ours.p_value, p, &format!("{what} p"));
    }
}

/// An estimate as another tool gives it.
struct Theirs {
    estimate: f64,
    lower: f64,
    upper: f64,
    error: Option<f64>,
    freedom: Option<f64>,
    p: Option<String>,
}

/// A variant as published: n, mean, and variance with n − 1.
#[derive(Deserialize, Clone, Copy)]
struct Published {
    n: u64,
    mean: f64,
    variance: f64,
}

impl Published {
    fn sample_mean(self) -> SampleMean {
        SampleMean::of_quantity(
            &Moments::published(self.n, self.mean, self.variance.sqrt()),
            0,
        )
        .unwrap()
    }
}

/// Moments from Σx and Σxy (upper triangle, row by row) as other tools publish them.
fn moments_of_sums(n: u64, sums: &[f64], products: &[f64]) -> Moments {
    let count = n as f64;
    let mut products = products.iter();
    let mut central = Vec::new();
    for (row, left) in sums.iter().enumerate() {
        for right in &sums[row..] {
            central.push(products.next().unwrap() - left * right / count);
        }
    }
    Moments {
        units: n,
        means: sums.iter().map(|sum| sum / count).collect(),
        central,
    }
}

/// An adjusted mean with its residual variance brought from our n − 1 − k, with one covariate, to other tools' n − 1.
fn with_all_freedom(ours: SampleMean) -> SampleMean {
    let freedom = ours.freedom + 1.0;
    SampleMean {
        variance: ours.variance * ours.freedom / freedom,
        freedom,
        ..ours
    }
}

const WELCH: Conventions = conventions(VarianceForm::Welch, ReferenceDistribution::StudentT);
const POOLED: Conventions = conventions(VarianceForm::Pooled, ReferenceDistribution::StudentT);
const NORMAL: Conventions = conventions(VarianceForm::Welch, ReferenceDistribution::Normal);

const fn conventions(variance: VarianceForm, reference: ReferenceDistribution) -> Conventions {
    Conventions {
        variance,
        reference,
        ..Conventions::DEFAULT
    }
}

fn with_delta(conventions: Conventions) -> Conventions {
    Conventions {
        relative: RelativeMethod::Delta,
        ..conventions
    }
}

fn with_relative(conventions: Conventions, relative: RelativeMethod) -> Conventions {
    Conventions {
        relative,
        ..conventions
    }
}

fn absolute_of(control: &SampleMean, treatment: &SampleMean, chosen: Conventions) -> Estimate {
    difference(&Comparison::new(control, treatment, &chosen).unwrap()).unwrap()
}

fn lift_of(control: &SampleMean, treatment: &SampleMean, chosen: Conventions) -> Estimate {
    relative(&Comparison::new(control, treatment, &chosen).unwrap()).unwrap()
}

/// Two cells of moments compared at one look, without strata or clusters.
fn contrast(
    control: &Moments,
    treatment: &Moments,
    layout: Layout,
    conventions: &Conventions,
) -> readout::stats::Contrast {
    use readout::stats::{Method, Side};
    readout::stats::contrast(
        &Side::of(control),
        &Side::of(treatment),
        &Method::plain(layout, conventions),
    )
}
