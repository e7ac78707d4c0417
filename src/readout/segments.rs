//! Defines whether effects differ between the levels of a segment.
//!
//! It refuses to pick a winner from a slice: the whole family of segments, metrics and variants is corrected together.

use std::collections::BTreeSet;

use crate::domain::definition::{Correction, Population};
use crate::domain::evidence::Slice;
use crate::domain::result::{Effect, Known, MetricReadout, PValue, SegmentHeterogeneity};
use crate::stats::adjusted_p_values;
use crate::stats::heterogeneity::heterogeneity;

/// Cochran's Q and I² of each segment, variant and population; over levels that are known and shown.
pub(super) fn of(effects: &[Effect]) -> Vec<SegmentHeterogeneity> {
    let keys: BTreeSet<(Population, &str, &str)> = effects
        .iter()
        .filter_map(|effect| match &effect.slice {
            Slice::Segment { column, .. } => {
                Some((effect.population, column.as_str(), effect.variant.as_str()))
            }
            _ => None,
        })
        .collect();
    keys.into_iter()
        .map(|(population, wanted, variant)| {
            let levels: Vec<(f64, f64)> = effects
                .iter()
                .filter(|effect| effect.population == population && effect.variant == variant)
                .filter(|effect| {
                    matches!(&effect.slice, Slice::Segment { column, level: Some(_) } if column == wanted)
                })
                .filter_map(|effect| {
                    let estimate = effect.absolute.value()?;
                    Some((estimate.estimate, estimate.standard_error?))
                })
                .collect();
            SegmentHeterogeneity {
                population,
                variant: variant.to_owned(),
                column: wanted.to_owned(),
                heterogeneity: Known::from(heterogeneity(&levels)),
                corrected_p: None,
            }
        })
        .collect()
}

/// Corrects the p-values of every segment, metric and variant of itt for their number (Holm).
pub(super) fn correct(metrics: &mut [MetricReadout]) {
    let mut family: Vec<(&mut SegmentHeterogeneity, PValue)> = metrics
        .iter_mut()
        .flat_map(|metric| &mut metric.heterogeneity)
        .filter(|found| found.population == Population::Itt)
        .filter_map(|found| {
            let p = found.heterogeneity.value()?.p_value;
            Some((found, p))
        })
        .collect();
    let raw: Vec<PValue> = family.iter().map(|(_, p)| *p).collect();
    for ((found, _), p) in family
        .iter_mut()
        .zip(adjusted_p_values(Correction::Holm, &raw))
    {
        found.corrected_p = Some(p.p);
    }
}
