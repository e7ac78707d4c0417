//! Defines intervals of a difference of proportions that hold their level where counts are small.
//!
//! They refuse no count: none, or all, of a variant's units may have it.

use super::proportions::{Pair, Proportion, normal_p};
use super::root;
use crate::domain::result::{Absence, Estimate, Interval};

/// Newcombe (1998, method 10): Δ − √((p_t − l_t)² + (u_c − p_c)²) and its mirror, l and u by Wilson (1927).
pub(super) fn newcombe(pair: &Pair) -> Result<Estimate, Absence> {
    let (lower, upper) = newcombe_bounds(pair, pair.quantile);
    let difference = pair.difference();
    // The bound on zero's side moves towards zero and past it as the quantile grows.
    let nearer = |quantile: f64| {
        let (lower, upper) = newcombe_bounds(pair, quantile);
        if difference > 0.0 { lower } else { -upper }
    };
    let mut beyond = 1.0;
    while nearer(beyond) > 0.0 && beyond < FARTHEST_STATISTIC {
        beyond *= 2.0;
    }
    let statistic = if difference == 0.0 {
        0.0
    } else {
        root::of_decreasing(0.0, beyond, nearer)
    };
    estimate(difference, None, (lower, upper), statistic)
}

/// No statistic of counts in 64 bits is beyond this.
const FARTHEST_STATISTIC: f64 = 1e12;

fn newcombe_bounds(pair: &Pair, quantile: f64) -> (f64, f64) {
    let (treatment, control) = (
        wilson(pair.treatment, quantile),
        wilson(pair.control, quantile),
    );
    let difference = pair.difference();
    (
        difference - libm::hypot(treatment.0, control.1),
        difference + libm::hypot(treatment.1, control.0),
    )
}

/// How far Wilson's bounds lie below and above the rate: roots of (p − π)² = z²π(1 − π)/n.
fn wilson(variant: Proportion, quantile: f64) -> (f64, f64) {
    let (n, square) = (variant.n(), quantile * quantile);
    let (rate, complement) = (variant.rate(), variant.complement());
    let half = quantile * libm::sqrt(rate * complement / n + square / (4.0 * n * n));
    let shift = square / n * (0.5 - rate);
    let scale = 1.0 + square / n;
    ((half - shift) / scale, (half + shift) / scale)
}

/// Agresti and Caffo (2000): the unpooled z interval with one success and one failure added to each variant.
pub(super) fn agresti_caffo(pair: &Pair) -> Result<Estimate, Absence> {
    let shrunk = |variant: Proportion| {
        let (x, n) = (variant.x() + 1.0, variant.n() + 2.0);
        let rate = x / n;
        (rate, rate * ((n - x) / n) / n)
    };
    let (treatment, control) = (shrunk(pair.treatment), shrunk(pair.control));
    let difference = treatment.0 - control.0;
    let standard_error = libm::sqrt(treatment.1 + control.1);
    let margin = pair.quantile * standard_error;
    let bounds = (
        (difference - margin).max(-1.0),
        (difference + margin).min(1.0),
    );
    let statistic = difference / standard_error;
    estimate(pair.difference(), Some(standard_error), bounds, statistic)
}

/// Miettinen and Nurminen (1985): all δ with |p_t − p_c − δ| ≤ q·se(δ), se² = (p̃_t(1 − p̃_t)/n_t + p̃_c(1 − p̃_c)/n_c)·N/(N − 1)
/// at the rates that are likeliest when they differ by δ.
pub(super) fn miettinen_nurminen(pair: &Pair) -> Result<Estimate, Absence> {
    let difference = pair.difference();
    let lower = root::of_decreasing(-1.0, difference, |delta| score(pair, delta) - pair.quantile);
    let upper = root::of_decreasing(difference, 1.0, |delta| score(pair, delta) + pair.quantile);
    let statistic = if difference == 0.0 {
        0.0
    } else {
        score(pair, 0.0)
    };
    estimate(difference, None, (lower, upper), statistic)
}

fn score(pair: &Pair, delta: f64) -> f64 {
    let (treatment, control) = (pair.treatment.n(), pair.control.n());
    let units = treatment + control;
    let variance = if delta == 0.0 {
        pair.pooled()
    } else {
        let control_rate = likeliest_control(pair, delta);
        let treatment_rate = control_rate + delta;
        treatment_rate * (1.0 - treatment_rate) / treatment
            + control_rate * (1.0 - control_rate) / control
    };
    let correction = units / (units - 1.0);
    (pair.difference() - delta) / libm::sqrt(variance * correction)
}

/// The control rate that is likeliest given that the treatment's is higher by δ: where the score of the likelihood, which
/// falls, is zero.
fn likeliest_control(pair: &Pair, delta: f64) -> f64 {
    let (x_t, x_c) = (pair.treatment.x(), pair.control.x());
    let (without_t, without_c) = (pair.treatment.n() - x_t, pair.control.n() - x_c);
    root::of_decreasing((-delta).max(0.0), (1.0 - delta).min(1.0), |rate| {
        let other = rate + delta;
        x_c / rate + x_t / other - without_c / (1.0 - rate) - without_t / (1.0 - other)
    })
}

fn estimate(
    difference: f64,
    standard_error: Option<f64>,
    (lower, upper): (f64, f64),
    statistic: f64,
) -> Result<Estimate, Absence> {
    Ok(Estimate {
        estimate: difference,
        standard_error,
        degrees_of_freedom: None,
        interval: Interval::Between { lower, upper },
        p_value: normal_p(statistic)?,
    })
}
