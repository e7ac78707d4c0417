//! Defines the correction of p-values for the size of their family, and intervals that hold for all of it together.
//!
//! Order of the input does not matter, and equal p-values get equal corrections. It refuses simultaneous intervals for the
//! stepwise corrections, whose intervals are not the ones that are displayed.

use super::distribution::{normal, student_t};
use super::sample_mean::as_double;
use crate::domain::definition::{Conventions, Correction, SequentialFamily};
use crate::domain::result::{Absence, CorrectedP, Estimate, Interval, PValue};

/// Corrected p-values in the order given, with their decimal logarithms. With p₍₁₎ ≤ … ≤ p₍ₘ₎, all at most 1:
///
/// - Bonferroni: m·p.
/// - Holm (1979), step-down: the largest of (m − k + 1)·p₍ₖ₎ over the ranks k up to one's own.
/// - Hochberg (1988), step-up: the smallest of (m − k + 1)·p₍ₖ₎ over the ranks k from one's own on.
/// - Benjamini and Hochberg (1995), false discovery rate: the smallest of (m/k)·p₍ₖ₎ from one's own rank on.
/// - Benjamini and Yekutieli (2001), under any dependence: the same times Σ 1/i for i from 1 to m.
#[must_use]
pub fn adjusted_p_values(correction: Correction, raw: &[PValue]) -> Vec<PValue> {
    let size = as_double(raw.len() as u64);
    let remaining = |rank: f64| size - rank + 1.0;
    match correction {
        Correction::None => raw.to_vec(),
        Correction::Bonferroni => raw.iter().map(|p| times(*p, size)).collect(),
        Correction::Holm => step_down(raw, remaining),
        Correction::Hochberg => step_up(raw, remaining),
        Correction::BenjaminiHochberg => step_up(raw, |rank| size / rank),
        Correction::BenjaminiYekutieli => {
            let harmonic: f64 = (1..=raw.len() as u64).map(|i| 1.0 / as_double(i)).sum();
            step_up(raw, |rank| size * harmonic / rank)
        }
    }
}

/// The family corrected by the convention in force, each significant when its corrected p is below 1 − level.
#[must_use]
pub fn corrected_family(raw: &[PValue], conventions: &Conventions) -> Vec<CorrectedP> {
    adjusted_p_values(conventions.correction, raw)
        .into_iter()
        .map(|corrected| CorrectedP {
            method: conventions.correction.name().to_owned(),
            family: raw.len(),
            p: corrected.p,
            significant: corrected.p < conventions.alpha(),
        })
        .collect()
}

/// An estimate with an interval that covers together with those of all its family, and the p-value that decides alike:
/// Bonferroni's, with α/(2m) in each tail of its reference distribution.
///
/// # Errors
/// [`Absence::NotApplicable`] for every other correction (a stepwise one's simultaneous intervals are no symmetric ones at a
/// level), under a sequential family, and where the estimate has no standard error or its interval is not made from it.
pub fn simultaneous(
    estimate: &Estimate,
    family: usize,
    conventions: &Conventions,
) -> Result<Estimate, Absence> {
    let error = estimate.standard_error.ok_or(Absence::NotApplicable)?;
    let m = as_double(family as u64);
    let fixed = conventions.sequential == SequentialFamily::Fixed;
    if conventions.correction != Correction::Bonferroni || !fixed || family == 0 {
        return Err(Absence::NotApplicable);
    }
    let quantile = |tail: f64| match estimate.degrees_of_freedom {
        Some(freedom) => student_t::upper_quantile(tail, freedom),
        None => normal::upper_quantile(tail),
    };
    let around = |reach: f64| Interval::Between {
        lower: estimate.estimate - reach,
        upper: estimate.estimate + reach,
    };
    let tail = conventions.alpha() / 2.0;
    if around(quantile(tail) * error) != estimate.interval {
        return Err(Absence::NotApplicable);
    }
    let reach = quantile(tail / m) * error;
    if !(estimate.estimate.abs() + reach).is_finite() {
        return Err(Absence::OutOfRange);
    }
    Ok(Estimate {
        interval: around(reach),
        p_value: times(estimate.p_value, m),
        ..*estimate
    })
}

/// Each p times its rank's factor, and the largest so far going up the ranks.
fn step_down(raw: &[PValue], factor: impl Fn(f64) -> f64) -> Vec<PValue> {
    let mut corrected = raw.to_vec();
    let mut largest: Option<PValue> = None;
    for (rank, index) in ranked(raw) {
        let own = times(raw[index], factor(rank));
        let held = largest
            .filter(|before| before.log10_p > own.log10_p)
            .unwrap_or(own);
        corrected[index] = held;
        largest = Some(held);
    }
    corrected
}

/// Each p times its rank's factor, and the smallest so far going down the ranks.
fn step_up(raw: &[PValue], factor: impl Fn(f64) -> f64) -> Vec<PValue> {
    let mut corrected = raw.to_vec();
    let mut smallest: Option<PValue> = None;
    for (rank, index) in ranked(raw).into_iter().rev() {
        let own = times(raw[index], factor(rank));
        let held = smallest
            .filter(|before| before.log10_p < own.log10_p)
            .unwrap_or(own);
        corrected[index] = held;
        smallest = Some(held);
    }
    corrected
}

/// Ranks from 1, smallest p first, each with its place in the input.
fn ranked(raw: &[PValue]) -> Vec<(f64, usize)> {
    let mut order: Vec<usize> = (0..raw.len()).collect();
    order.sort_by(|left, right| raw[*left].log10_p.total_cmp(&raw[*right].log10_p));
    order
        .into_iter()
        .enumerate()
        .map(|(rank, index)| (as_double(rank as u64 + 1), index))
        .collect()
}

/// p times a factor, at most 1, on both scales.
fn times(raw: PValue, factor: f64) -> PValue {
    PValue {
        p: (raw.p * factor).min(1.0),
        log10_p: (raw.log10_p + libm::log10(factor)).min(0.0),
    }
}
