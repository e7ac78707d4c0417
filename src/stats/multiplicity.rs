//! Defines the correction of p-values for the size of their family.
//!
//! Order of the input does not matter, and equal p-values get equal corrections.

use crate::domain::definition::{Conventions, Correction};
use crate::domain::result::{CorrectedP, PValue};

/// Corrected p-values in the order given, with their decimal logarithms.
///
/// Bonferroni: m·p. Holm (1979): the largest of (m − j + 1)·p₍ⱼ₎ over the ranks j up to one's own. Both at most 1.
#[must_use]
pub fn adjusted_p_values(correction: Correction, raw: &[PValue]) -> Vec<PValue> {
    match correction {
        Correction::None => raw.to_vec(),
        Correction::Bonferroni => raw.iter().map(|p| times(*p, raw.len())).collect(),
        Correction::Holm => holm(raw),
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

fn holm(raw: &[PValue]) -> Vec<PValue> {
    let mut order: Vec<usize> = (0..raw.len()).collect();
    order.sort_by(|left, right| raw[*left].log10_p.total_cmp(&raw[*right].log10_p));
    let mut corrected = raw.to_vec();
    let mut largest: Option<PValue> = None;
    for (rank, index) in order.into_iter().enumerate() {
        let own = times(raw[index], raw.len() - rank);
        let held = match largest {
            Some(before) if before.log10_p > own.log10_p => before,
            _ => own,
        };
        corrected[index] = held;
        largest = Some(held);
    }
    corrected
}

/// p times a count, at most 1, on both scales.
fn times(raw: PValue, count: usize) -> PValue {
    #[expect(clippy::cast_precision_loss, reason = "families are small")]
    let factor = count as f64;
    PValue {
        p: (raw.p * factor).min(1.0),
        log10_p: (raw.log10_p + libm::log10(factor)).min(0.0),
    }
}
