//! The check of units that lack something by variant (22): a value, their consent, rows that the data contract rejects.

use super::balance::{SPELLED_OUT, Test, compared_slices};
use super::finding::{Finding, below};
use super::share::{all_differing, all_differing_over, holm_p};
use super::{Context, PlannedMetric, wording};
use crate::domain::evidence::{Evidence, Partition};
use crate::domain::result::{Check, CheckId, CheckStatus, Invalidates, PValue};

/// A test of who lacks what, whether its difference is large enough to matter, and what else it invalidates.
type MissingTest = (Test, bool, Vec<Invalidates>);

/// 22: units without a value, by variant.
pub(super) fn missing_values(context: &Context<'_>) -> Check {
    missing_finding(context).into_check(context, CheckId::DifferentialMissingness)
}

fn missing_finding(context: &Context<'_>) -> Finding {
    let mut tests = Vec::new();
    let (mut failing, mut evaluated) = (0, 0);
    for (metric, planned) in context.metrics.iter().enumerate() {
        let (mut without, mut units) = (0, 0);
        for slice in compared_slices(context, metric, Partition::Itt) {
            let counts = |variant: usize| {
                let cell = context
                    .summary
                    .cell(metric, Partition::Itt, &slice, variant);
                // Whoever publishes moments does not say who had no value.
                let counted = cell.filter(|cell| matches!(cell.evidence, Evidence::Exact(_)));
                counted.map_or((0, 0), |cell| (cell.missing, cell.missing + cell.units()))
            };
            let (missing, of): (Vec<u64>, Vec<u64>) =
                (0..context.variants().len()).map(counts).unzip();
            units += of.iter().sum::<u64>();
            let missing_here: u64 = missing.iter().sum();
            if missing_here > 0 {
                without += missing_here;
                tests.extend(missing_tests(context, planned, &missing, &of));
            }
        }
        evaluated = evaluated.max(units);
        failing = failing.max(without);
    }
    let refused = without_consent(context);
    failing += refused.0;
    tests.extend(refused.1);
    if evaluated == 0 {
        return Finding::not_run(
            "because no metric has units, or published summaries do not say who lacks a value",
        );
    }
    let (rejected, of_rejected) = rejected_tests(context);
    failing = failing.max(rejected);
    let any_rejected = !of_rejected.is_empty();
    tests.extend(of_rejected);
    let (warn, fail) = (context.thresholds.warn_p, context.fail_p());
    if tests.is_empty() {
        let mut finding = Finding::new(CheckStatus::Pass, "every unit has a value");
        finding.evaluated = Some(evaluated);
        finding.failing = Some(0);
        return finding;
    }
    let raw: Vec<PValue> = tests.iter().map(|(test, ..)| test.p).collect();
    let mut finding = Finding::new(
        CheckStatus::Pass,
        if any_rejected {
            "as many units lack a value, or have rows that the data contract rejects, in every variant"
        } else {
            "as many units lack a value in every variant"
        },
    );
    let mut sentences = Vec::new();
    let mut smallest = 1.0_f64;
    for ((test, matters, more), p) in tests.iter().zip(holm_p(&raw)) {
        smallest = smallest.min(p.p);
        let status = match below(&p, warn, fail) {
            // A sure difference between very few units is too little to matter.
            CheckStatus::Fail if !matters => CheckStatus::Warn,
            status => status,
        };
        if status != CheckStatus::Pass {
            sentences.push(test.what.clone());
        }
        if status == CheckStatus::Fail {
            finding.invalidates.push(test.invalidates.clone());
            finding.invalidates.extend_from_slice(more);
        }
        finding.status = super::finding::worse(finding.status, status);
    }
    if !sentences.is_empty() {
        sentences.truncate(SPELLED_OUT);
        finding.sentence = sentences.join("; ");
    }
    finding.observed = Some((smallest, "p, Holm over metrics and variants"));
    finding.thresholds = (
        Some(format!("p below {warn}")),
        Some(format!(
            "p below {fail} and {} of units",
            wording::threshold(context.thresholds.missing_difference_fail)
        )),
    );
    finding.evaluated = Some(evaluated);
    finding.failing = Some(failing);
    finding
}

/// Units left out because they did not consent, and whether their share differs between variants: that would select units.
fn without_consent(context: &Context<'_>) -> (u64, Vec<MissingTest>) {
    let assignment = context.summary.assignment.as_ref();
    let Some(refused) = assignment.and_then(|counts| counts.without_consent.as_ref()) else {
        return (0, Vec::new());
    };
    let large = context.thresholds.missing_difference_fail;
    let kept = context.units();
    let all: Vec<u64> = kept
        .iter()
        .zip(refused)
        .map(|(kept, out)| kept + out)
        .collect();
    let tests = all_differing(refused, &all).into_iter().map(|found| {
        let matters = (found.rate - found.control).abs() >= large;
        let test = Test {
            what: format!("without consent {}", found.sentence(context)),
            p: found.p,
            invalidates: Invalidates::All,
        };
        (test, matters, Vec::new())
    });
    (refused.iter().sum(), tests.collect())
}

/// Units with rows that the data contract rejects, and the share of them in each treatment against control's, a rule each.
/// Epochs are compared each by itself, since what comes late is not shared by variants alike where weights change.
fn rejected_tests(context: &Context<'_>) -> (u64, Vec<MissingTest>) {
    let large = context.thresholds.missing_difference_fail;
    let assigned = context.summary.assignment.as_ref();
    let (mut most, mut tests) = (0, Vec::new());
    for counts in &context.summary.contract {
        let units: u64 = counts.by_epoch.iter().flatten().sum();
        most = most.max(units);
        let Some(assigned) = assigned.filter(|_| units > 0) else {
            continue;
        };
        let wrong = super::contract::invalidates(context, &counts.table);
        // Where no metric reads the table, nothing is lost that anybody compares.
        let Some((first, more)) = wrong.split_first() else {
            continue;
        };
        for found in all_differing_over(&counts.by_epoch, &assigned.by_epoch) {
            let matters = (found.rate - found.control).abs() >= large;
            let what = format!(
                "units with rows rejected by {}: {}",
                counts.rule,
                found.sentence(context)
            );
            let test = Test {
                what,
                p: found.p,
                invalidates: first.clone(),
            };
            tests.push((test, matters, more.to_vec()));
        }
    }
    (most, tests)
}

/// The share without a value of each treatment against control's, and whether its difference is large enough to matter.
fn missing_tests(
    context: &Context<'_>,
    planned: &PlannedMetric<'_>,
    missing: &[u64],
    of: &[u64],
) -> Vec<MissingTest> {
    let large = context.thresholds.missing_difference_fail;
    let id = &planned.definition.id;
    all_differing(missing, of)
        .into_iter()
        .map(|found| {
            let matters = (found.rate - found.control).abs() >= large;
            let test = Test {
                what: format!("{id}: without a value {}", found.sentence(context)),
                p: found.p,
                invalidates: Invalidates::Metric(id.to_string()),
            };
            (test, matters, Vec::new())
        })
        .collect()
}
