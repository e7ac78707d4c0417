//! Defines the correction of p-values for the size of their family, and the level that simultaneous intervals need.
//!
//! Order of the input does not matter, and equal p-values get equal corrections. It refuses simultaneous intervals for the
//! stepwise corrections, whose intervals are not the ones that are displayed.

use super::sample_mean::as_double;
use crate::domain::definition::{Conventions, Correction};
use crate::domain::result::{CorrectedP, PValue};

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

/// The level each of `family` intervals needs for all to cover together with probability `level`: 1 − (1 − level)/m.
///
/// `None` for every correction but Bonferroni (and none at all, whose level is its own): a stepwise correction's
/// simultaneous intervals are not symmetric ones at a level. `None` too without a family or a level inside (0, 1).
#[must_use]
pub fn simultaneous_level(correction: Correction, family: usize, level: f64) -> Option<f64> {
    if family == 0 || !(level > 0.0 && level < 1.0) {
        return None;
    }
    match correction {
        Correction::None => Some(level),
        Correction::Bonferroni => Some(1.0 - (1.0 - level) / as_double(family as u64)),
        Correction::Holm
        | Correction::Hochberg
        | Correction::BenjaminiHochberg
        | Correction::BenjaminiYekutieli => None,
    }
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
