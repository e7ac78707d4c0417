//! Puts the counts behind each check, and the diagnosis of a sample ratio mismatch, into a readout.
//!
//! It decides which levels and days are withheld, as for effects: a slice that any metric withholds, and one whose own counts
//! describe too few people, with the siblings that would give it away.

use std::collections::BTreeSet;

use super::{Request, suppression};
use crate::checks::{self, Context, SplitLines};
use crate::domain::definition::Population;
use crate::domain::evidence::Slice;
use crate::domain::result::{Absence, Check, Diagnosis, MetricReadout};

/// Adds its counts to every check; gives the diagnosis where a sample ratio check warns or fails, or where it is asked for.
pub(super) fn add(
    request: &Request<'_>,
    context: &Context<'_>,
    checks: &mut [Check],
) -> Option<Diagnosis> {
    let itt = split_lines(request, context, Population::Itt);
    for check in checks.iter_mut() {
        check.breakdown = checks::breakdown(context, check, &itt);
    }
    if checks::mismatches(checks).is_empty() && !request.diagnose {
        return None;
    }
    let lines = match checks::population_of_mismatch(context) {
        Population::Itt => itt,
        Population::Exposed => split_lines(request, context, Population::Exposed),
    };
    Some(checks::diagnosis(context, checks, lines))
}

fn split_lines(request: &Request<'_>, context: &Context<'_>, population: Population) -> SplitLines {
    let counts = checks::units_by_slice(context, population);
    let own = counts.iter().map(|(slice, units)| (slice, units.clone()));
    let mut withheld = suppression::of(own, request.privacy.min_cell);
    withheld.extend(withheld_by_metrics(context.effects, population));
    checks::split_lines(context, population, &counts, &withheld)
}

/// The slices that any metric withholds.
fn withheld_by_metrics(metrics: &[MetricReadout], population: Population) -> BTreeSet<Slice> {
    let rows = metrics.iter().flat_map(|metric| &metric.variants);
    rows.filter(|row| {
        row.population == population && row.units.absence() == Some(Absence::Suppressed)
    })
    .map(|row| row.slice.clone())
    .collect()
}
