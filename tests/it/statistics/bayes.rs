//! Posteriors of rates against 30-digit quadrature, and of effects against GrowthBook.

use proptest::prelude::*;
use readout::domain::definition::{Direction, RatePrior};
use readout::domain::result::Absence;
use readout::stats::distribution::{beta, normal};
use readout::stats::{
    Comparison, EffectPrior, SampleMean, difference, posterior, rate_posteriors, relative,
};
use serde::Deserialize;

use super::{TOLERANCE, WELCH, assert_close, reference, with_delta};

#[derive(Deserialize)]
struct Reference {
    rates: Vec<Rates>,
    quantiles: Vec<Quantile>,
    growthbook: Vec<Case>,
    skipped: Vec<Skipped>,
    risk: Vec<Certain>,
    flat_chance: Flat,
}

#[derive(Deserialize)]
struct Rates {
    id: String,
    prior: RatePrior,
    control: (u64, u64),
    treatment: (u64, u64),
    higher: f64,
    loss_if_chosen: f64,
    loss_if_not_chosen: f64,
    control_mean: f64,
    treatment_mean: f64,
    control_sd: f64,
    treatment_sd: f64,
}

#[derive(Deserialize)]
struct Quantile {
    a: f64,
    b: f64,
    p: f64,
    x: f64,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    difference: String,
    decrease: bool,
    prior: Option<(f64, f64)>,
    control: Variant,
    treatment: Variant,
    effect: f64,
    se: f64,
    ci: (f64, f64),
    chance: f64,
    risk: (f64, f64),
}

#[derive(Deserialize)]
struct Variant {
    n: u64,
    mean: f64,
    sd: f64,
}

impl Variant {
    fn sample_mean(&self) -> SampleMean {
        SampleMean {
            units: self.n,
            mean: self.mean,
            variance: self.sd * self.sd / self.n as f64,
            freedom: (self.n - 1) as f64,
        }
    }
}

#[derive(Deserialize)]
struct Skipped {
    reason: String,
}

#[derive(Deserialize)]
struct Certain {
    mu: f64,
    sigma: f64,
    risk: (f64, f64),
}

#[derive(Deserialize)]
struct Flat {
    effect: f64,
    se: f64,
    chance: f64,
}

fn bayes() -> Reference {
    reference(include_str!("../../reference/bayes.json"))
}

/// The other tool's losses are good to about 24 decimals, which the file states.
#[track_caller]
fn assert_loss(ours: f64, theirs: f64, what: &str) {
    let difference = (ours - theirs).abs();
    assert!(
        ours >= 0.0 && difference <= (TOLERANCE * theirs).max(1e-24),
        "{what}: {ours:e} {theirs:e}"
    );
}

#[test]
fn rates_agree() {
    let cases = bayes().rates;
    assert_eq!(cases.len(), 50);
    for case in cases {
        let ours = rate_posteriors(
            case.control,
            case.treatment,
            case.prior,
            Direction::Increase,
            0.95,
        )
        .unwrap();
        let (what, both) = (&case.id, ours.difference);
        assert_close(both.probability_better, case.higher, TOLERANCE, what);
        assert_loss(both.loss_if_chosen, case.loss_if_chosen, what);
        assert_loss(both.loss_if_not_chosen, case.loss_if_not_chosen, what);
        assert_close(ours.control.mean, case.control_mean, TOLERANCE, what);
        assert_close(ours.treatment.mean, case.treatment_mean, TOLERANCE, what);
        let deviations = (
            ours.control.standard_deviation,
            ours.treatment.standard_deviation,
        );
        assert_close(deviations.0, case.control_sd, TOLERANCE, what);
        assert_close(deviations.1, case.treatment_sd, TOLERANCE, what);
    }
}

#[test]
fn limits_of_rates_agree() {
    for case in bayes().quantiles {
        let what = format!("{} {} {}", case.a, case.b, case.p);
        assert_close(
            beta::quantile(case.p, case.a, case.b),
            case.x,
            TOLERANCE,
            &what,
        );
    }
}

#[test]
fn effects_agree_with_growthbook() {
    let reference = bayes();
    assert_eq!(
        (reference.growthbook.len(), reference.skipped.len()),
        (11, 1)
    );
    assert!(reference.skipped.iter().all(|case| !case.reason.is_empty()));
    for case in reference.growthbook {
        let (control, treatment) = (case.control.sample_mean(), case.treatment.sample_mean());
        let comparison = Comparison::new(&control, &treatment, &with_delta(WELCH)).unwrap();
        let absolute = case.difference == "absolute";
        let estimate = if absolute {
            difference(&comparison)
        } else {
            relative(&comparison)
        }
        .unwrap();
        let scale = if absolute { control.mean.abs() } else { 1.0 };
        let prior = case
            .prior
            .map_or(EffectPrior::Flat, |(mean, variance)| EffectPrior::Normal {
                mean: mean * scale,
                deviation: variance.sqrt() * scale,
            });
        let direction = if case.decrease {
            Direction::Decrease
        } else {
            Direction::Increase
        };
        let error = estimate.standard_error.unwrap();
        let ours = posterior(estimate.estimate, error, prior, direction, 0.95).unwrap();
        assert_close(ours.mean, case.effect, TOLERANCE, &case.id);
        assert_close(ours.standard_deviation, case.se, TOLERANCE, &case.id);
        let interval = ours.interval.unwrap();
        assert_close(interval.lower().unwrap(), case.ci.0, TOLERANCE, &case.id);
        assert_close(interval.upper().unwrap(), case.ci.1, TOLERANCE, &case.id);
        assert_close(ours.probability_better, case.chance, TOLERANCE, &case.id);
        assert_close(ours.loss_if_not_chosen, case.risk.0, TOLERANCE, &case.id);
        assert_close(ours.loss_if_chosen, case.risk.1, TOLERANCE, &case.id);
    }
}

#[test]
fn losses_and_chances_keep_their_digits_where_the_effect_is_certain() {
    for case in bayes().risk {
        let ours = posterior(
            case.mu,
            case.sigma,
            EffectPrior::Flat,
            Direction::Increase,
            0.95,
        );
        let ours = ours.unwrap();
        for (ours, theirs) in [
            (ours.loss_if_not_chosen, case.risk.0),
            (ours.loss_if_chosen, case.risk.1),
        ] {
            assert!(
                (ours - theirs).abs() <= 1e-12 * theirs,
                "{ours:e} {theirs:e}"
            );
        }
    }
    let flat = bayes().flat_chance;
    let ours = posterior(
        flat.effect,
        flat.se,
        EffectPrior::Flat,
        Direction::Increase,
        0.95,
    );
    assert_close(
        ours.unwrap().probability_better,
        flat.chance,
        TOLERANCE,
        "chance",
    );
}

/// φ(z) − z(1 − Φ(z)) by mpmath 1.4.1, 40 digits.
#[test]
fn the_expected_excess_keeps_its_digits_far_out() {
    for (z, theirs) in EXCESSES {
        assert_close(normal::expected_excess(z), theirs, 1e-12, &z.to_string());
    }
}

const EXCESSES: [(f64, f64); 6] = [
    (-10.0, 10.0),
    (-1.0, 1.083_315_470_587_686_3),
    (0.0, 0.398_942_280_401_432_7),
    (4.99, 5.640_376_097_025_625e-8),
    (5.01, 5.066_825_139_423_786e-8),
    (30.0, 1.631_956_734_091_401_2e-199),
];

#[test]
fn no_units_impossible_counts_and_priors_are_refused() {
    let rates = |control, treatment, level| {
        rate_posteriors(
            control,
            treatment,
            RatePrior::Uniform,
            Direction::Increase,
            level,
        )
        .map(|_| ())
    };
    assert_eq!(rates((0, 0), (1, 2), 0.95), Err(Absence::NoUnits));
    assert_eq!(rates((3, 2), (1, 2), 0.95), Err(Absence::NotApplicable));
    assert_eq!(rates((1, 2), (1, 2), 1.0), Err(Absence::NotApplicable));
    assert_eq!(rates((0, 1), (1, 1), 0.95), Ok(()));
    let effect = |estimate, error, prior| {
        posterior(estimate, error, prior, Direction::Increase, 0.95).map(|_| ())
    };
    let flat = EffectPrior::Flat;
    assert_eq!(effect(1.0, 0.0, flat), Err(Absence::ZeroVariance));
    assert_eq!(effect(f64::NAN, 1.0, flat), Err(Absence::OutOfRange));
    assert_eq!(effect(1.0, f64::INFINITY, flat), Err(Absence::OutOfRange));
    for deviation in [0.0, -1.0, f64::NAN] {
        let prior = EffectPrior::Normal {
            mean: 0.0,
            deviation,
        };
        assert_eq!(effect(1.0, 1.0, prior), Err(Absence::NotApplicable));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn swapping_rates_swaps_what_is_said(
        a in (0_u64..500, 1_u64..100_000), b in (0_u64..500, 1_u64..100_000),
        prior in prop::sample::select(RatePrior::ALL),
    ) {
        let counts = |(successes, more): (u64, u64)| (successes, successes + more);
        let of = |a, b| rate_posteriors(a, b, prior, Direction::Increase, 0.9).unwrap().difference;
        let (forth, back) = (of(counts(a), counts(b)), of(counts(b), counts(a)));
        let near = |left: f64, right: f64| (left - right).abs() <= 1e-9 * left.abs().max(1e-200);
        prop_assert!(near(forth.probability_better, back.probability_worse));
        prop_assert!(near(forth.loss_if_chosen, back.loss_if_not_chosen));
        prop_assert!((forth.probability_better + forth.probability_worse - 1.0).abs() < 1e-9);
        let difference = forth.loss_if_not_chosen - forth.loss_if_chosen;
        prop_assert!((difference - forth.mean).abs() < 1e-9);
    }

    #[test]
    fn one_success_of_one_against_none_has_its_closed_form(units in 1_u64..2_000) {
        let ours = rate_posteriors((0, units), (1, 1), RatePrior::Uniform, Direction::Increase, 0.9).unwrap();
        // A is Beta(1, n + 1), B is Beta(2, 1): P(B > A) = E[1 − A²] = 1 − 2/((n + 2)(n + 3)).
        let n = units as f64;
        prop_assert!((ours.difference.probability_worse * (n + 2.0) * (n + 3.0) / 2.0 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_tighter_prior_draws_the_effect_nearer(estimate in -5.0..5.0, error in 0.01..5.0, deviation in 0.01..5.0) {
        let of = |prior| posterior(estimate, error, prior, Direction::Increase, 0.95).unwrap();
        let ours = of(EffectPrior::Normal { mean: 0.0, deviation });
        prop_assert!(ours.mean.abs() <= estimate.abs() && ours.standard_deviation < error);
        prop_assert!((ours.probability_better + ours.probability_worse - 1.0).abs() < 1e-12);
        let losses = ours.loss_if_not_chosen - ours.loss_if_chosen;
        prop_assert!((losses - ours.mean).abs() <= 1e-12 * (1.0 + ours.mean.abs()));
    }
}
