//! Defines how many units, or rows, have a fault that a check counts: by variant, metric and table.

use super::line;
use crate::checks::{Context, integrity, total};
use crate::domain::evidence::{ByVariant, Partition, Slice};
use crate::domain::result::{Breakdown, BreakdownBy, BreakdownCounts, BreakdownLine, CheckId};

/// Parts of a whole, a variant each; `None` where they are not counted for every variant.
fn parts(context: &Context<'_>, counts: &[u64], of: Vec<u64>) -> Option<BreakdownCounts> {
    let width = context.variants().len();
    (counts.len() == width && of.len() == width)
        .then(|| BreakdownCounts::plain(counts.to_vec(), Some(of)))
}

pub(super) fn several_variants(context: &Context<'_>) -> Vec<BreakdownLine> {
    let Some(assignment) = &context.summary.assignment else {
        return Vec::new();
    };
    let width = context.variants().len();
    let all = total(&assignment.by_epoch_before_exclusions, width);
    let found = parts(context, &assignment.several_by_first_seen, all);
    found
        .map(|found| {
            let name = "in several variants, by the first seen";
            line(BreakdownBy::Stage, name, found)
        })
        .into_iter()
        .collect()
}

pub(super) fn duplicates(context: &Context<'_>) -> Vec<BreakdownLine> {
    let width = context.variants().len();
    let assigned = context.summary.assignment.as_ref().and_then(|counts| {
        let before = total(&counts.by_epoch_before_exclusions, width);
        let found = parts(context, &counts.duplicate_units, before)?;
        Some(line(BreakdownBy::Table, "assignments, repeated", found))
    });
    let exposed = context.summary.exposure.as_ref().and_then(|counts| {
        let met = integrity::met(counts, width);
        let found = parts(context, &counts.duplicate_units, met)?;
        Some(line(BreakdownBy::Table, "exposures, repeated", found))
    });
    assigned.into_iter().chain(exposed).collect()
}

pub(super) fn exposures(context: &Context<'_>, id: CheckId) -> Vec<BreakdownLine> {
    let Some(exposure) = &context.summary.exposure else {
        return Vec::new();
    };
    let met = integrity::met(exposure, context.variants().len());
    let asked: Vec<(&str, &ByVariant, Vec<u64>)> = match id {
        CheckId::ExposureRate => vec![
            ("exposed", &exposure.exposed, context.units()),
            (
                "only with exposures that do not count",
                &exposure.only_invalid,
                context.units(),
            ),
        ],
        CheckId::ContradictingVariant => {
            vec![("exposed to another variant", &exposure.contradicting, met)]
        }
        _ => vec![(
            "exposed only before assignment",
            &exposure.only_earlier,
            met,
        )],
    };
    asked
        .into_iter()
        .filter_map(|(name, counts, of)| {
            let found = parts(context, counts, of)?;
            Some(line(BreakdownBy::Stage, name, found))
        })
        .collect()
}

pub(super) fn missing(context: &Context<'_>) -> Vec<BreakdownLine> {
    let metrics = context.metrics.iter().enumerate();
    metrics
        .filter_map(|(metric, planned)| {
            let counts = |variant: usize| {
                let cell = context
                    .summary
                    .cell(metric, Partition::Itt, &Slice::All, variant)?;
                Some((cell.missing, cell.missing + cell.units()))
            };
            let counts: Option<Vec<(u64, u64)>> =
                (0..context.variants().len()).map(counts).collect();
            let (missing, of): (Vec<u64>, Vec<u64>) = counts?.into_iter().unzip();
            let found = parts(context, &missing, of)?;
            let name = format!("without a value of {}", planned.definition.id);
            Some(line(BreakdownBy::Metric, &name, found))
        })
        .collect()
}

/// Rows of each table that find no unit among the assignments.
pub(super) fn joined(context: &Context<'_>) -> Option<Breakdown> {
    let row = |name: &str, orphans: u64, rows: u64| {
        let found = BreakdownCounts::plain(vec![orphans], Some(vec![rows]));
        line(BreakdownBy::Table, name, found)
    };
    let exposures = context.summary.exposure.as_ref();
    let exposures = exposures.map(|counts| row("exposures", counts.orphan_rows, counts.rows));
    let outcomes = context.summary.outcomes.iter();
    let outcomes = outcomes.map(|counts| row(&counts.table, counts.orphan_rows, counts.rows));
    let lines: Vec<BreakdownLine> = exposures.into_iter().chain(outcomes).collect();
    (!lines.is_empty()).then(|| Breakdown {
        counts: "rows".to_owned(),
        columns: vec!["of units in no variant".to_owned()],
        lines,
    })
}
