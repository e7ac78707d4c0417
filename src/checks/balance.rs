//! Checks of what the variants cannot have changed: units that never met them (20), what units did before (21), and who has a
//! value at all (22).

use super::finding::{Finding, below, p_thresholds};
use super::share::{all_differing, all_differing_over, holm_p};
use super::{Context, PlannedMetric, blocked, wording};
use crate::domain::definition::{Conventions, Experiment, Role, StratumWeights};
use crate::domain::evidence::{Cell, Evidence, Layout, Moments, Partition, Slice};
use crate::domain::result::{Absence, Check, CheckId, CheckStatus, Invalidates, PValue};
use crate::stats::{Comparison, Monitoring, SampleMean, Stratum, difference, stratified};

use super::exposure::{CONTROL_CANNOT_BE_EXPOSED, NO_EXPOSURES};

/// At most this many are spelled out.
const SPELLED_OUT: usize = 3;

/// One difference that should be none.
struct Test {
    /// Of what, in which variant.
    what: String,
    p: PValue,
    invalidates: Invalidates,
}

/// A test of who lacks what, whether its difference is large enough to matter, and what else it invalidates.
type MissingTest = (Test, bool, Vec<Invalidates>);

/// 20: effects on units that were assigned and not exposed, of primary and guardrail metrics.
pub(super) fn placebo(context: &Context<'_>, done: &[Check]) -> Check {
    placebo_finding(context, done).into_check(context, CheckId::Placebo)
}

fn placebo_finding(context: &Context<'_>, done: &[Check]) -> Finding {
    if let Some(reason) = cannot_compare_exposed(context, done) {
        return Finding::not_run(reason);
    }
    let decide =
        |planned: &PlannedMetric<'_>| matches!(planned.role, Role::Primary | Role::Guardrail);
    let mut tests = Vec::new();
    for (metric, planned) in context.metrics.iter().enumerate() {
        let layout = context.layout(metric).unadjusted();
        if !decide(planned) || layout.ordered {
            continue;
        }
        for variant in Experiment::CONTROL + 1..context.variants().len() {
            let of = |variant| moments(context, metric, Partition::Unexposed, variant);
            let (Some(control), Some(treatment)) = (of(Experiment::CONTROL), of(variant)) else {
                continue;
            };
            let mean = |moments: &Moments| SampleMean::of_cell(moments, layout);
            let p = mean(&control)
                .and_then(|control| Ok((control, mean(&treatment)?)))
                .and_then(|(control, treatment)| p_of(&control, &treatment));
            if let Ok(p) = p {
                let of = wording::label(context.variant(variant));
                tests.push(Test {
                    what: format!("{} in {of}", planned.definition.id),
                    p,
                    invalidates: Invalidates::Exposed,
                });
            }
        }
    }
    if tests.is_empty() {
        return Finding::not_run("because too few assigned units are not exposed");
    }
    let (warn, fail) = (context.thresholds.warn_p, context.fail_p());
    let mut finding = judge(
        &mut tests,
        warn,
        fail,
        "units that never met the variant differ",
        "units that never met the variant do not differ",
    );
    finding.thresholds = p_thresholds(warn, fail);
    finding
}

/// Why exposed units, or unexposed ones, cannot be compared between variants.
fn cannot_compare_exposed(context: &Context<'_>, done: &[Check]) -> Option<String> {
    if context.summary.exposure.is_none() {
        return Some(NO_EXPOSURES.to_owned());
    }
    if !context.experiment.exposure.control_can_be_exposed {
        return Some(format!("because {CONTROL_CANNOT_BE_EXPOSED}"));
    }
    if context.weights_changed() {
        return Some(
            "because weights changed, and parts of itt are not kept by epoch of weights".to_owned(),
        );
    }
    if context.experiment.analysis.cluster.is_some() {
        return Some(
            "because units nest in clusters, of which none are kept for parts of itt".to_owned(),
        );
    }
    blocked(done, CheckId::ExposureRate)
}

/// 21: what units did before assignment, by variant, in itt and among the exposed.
pub(super) fn before_assignment(context: &Context<'_>, done: &[Check]) -> Check {
    before_finding(context, done).into_check(context, CheckId::PrePeriodBalance)
}

fn before_finding(context: &Context<'_>, done: &[Check]) -> Finding {
    if context.experiment.analysis.cluster.is_some() {
        return Finding::not_run("because units nest in clusters, which these tests do not know");
    }
    let mut populations = vec![Partition::Itt];
    let without_exposed = cannot_compare_exposed(context, done);
    if without_exposed.is_none() {
        populations.push(Partition::Exposed);
    }
    let mut tests = Vec::new();
    for (metric, planned) in context.metrics.iter().enumerate() {
        let layout = context.layout(metric);
        for partition in &populations {
            tests.extend(covariates(context, metric, planned, layout, *partition));
        }
    }
    if tests.is_empty() {
        return Finding::not_run("because no metric has a covariate from before assignment");
    }
    let fail = context.fail_p();
    let mut finding = judge(
        &mut tests,
        0.0,
        fail,
        "before assignment variants differ already",
        "before assignment variants do not differ",
    );
    if let Some(reason) = without_exposed {
        finding.sentence = format!(
            "{}; not asked among the exposed, {reason}",
            finding.sentence
        );
    }
    finding.thresholds = (None, Some(format!("p below {fail}")));
    finding
}

/// Every covariate of a metric, and whether it is unknown, for every treatment.
fn covariates(
    context: &Context<'_>,
    metric: usize,
    planned: &PlannedMetric<'_>,
    layout: Layout,
    partition: Partition,
) -> Vec<Test> {
    let mut tests = Vec::new();
    for quantity in layout.covariates_at() {
        for variant in Experiment::CONTROL + 1..context.variants().len() {
            let Ok(p) = p_over_epochs(context, metric, partition, variant, quantity) else {
                continue;
            };
            let id = planned.definition.id.to_string();
            let (whom, invalidates) = if partition == Partition::Itt {
                ("", Invalidates::Metric(id.clone()))
            } else {
                (" among the exposed", Invalidates::Exposed)
            };
            let of = wording::label(context.variant(variant));
            tests.push(Test {
                what: format!("the covariate of {id} in {of}{whom}"),
                p,
                invalidates,
            });
        }
    }
    tests
}

/// The p-value of a quantity's difference; over epochs, each compared by itself, where weights changed: what comes early or late
/// would otherwise look like a difference of variants.
fn p_over_epochs(
    context: &Context<'_>,
    metric: usize,
    partition: Partition,
    variant: usize,
    quantity: usize,
) -> Result<PValue, Absence> {
    let strata: Vec<Stratum> = compared_slices(context, metric, partition)
        .into_iter()
        .map(|slice| {
            let of = |variant| {
                let cell = context.summary.cell(metric, partition, &slice, variant);
                one_quantity(cell, quantity)
            };
            Stratum {
                name: String::new(),
                control: of(Experiment::CONTROL),
                treatment: of(variant),
                of_clusters: false,
            }
        })
        .collect();
    if let [whole] = strata.as_slice() {
        let mean = |moments| SampleMean::of_quantity(moments, 0);
        return p_of(&mean(&whole.control)?, &mean(&whole.treatment)?);
    }
    let pair = stratified(&strata, Layout::PLAIN, StratumWeights::Precision).pair?;
    let both = Comparison::correlated(&pair, &Conventions::DEFAULT, &Monitoring::Fixed)?;
    difference(&both).map(|found| found.p_value)
}

/// The whole, or every epoch where weights changed.
fn compared_slices(context: &Context<'_>, metric: usize, partition: Partition) -> Vec<Slice> {
    if !context.weights_changed() {
        return vec![Slice::All];
    }
    let slices = context.summary.slices(metric, partition).into_iter();
    slices
        .filter(|slice| matches!(slice, Slice::Epoch(_)))
        .collect()
}

/// The moments of one quantity of a cell; of a cell that is not there, of nobody.
fn one_quantity(cell: Option<&Cell>, quantity: usize) -> Moments {
    let moments = cell.map(Cell::moments);
    let known = moments.filter(|moments| quantity < moments.width());
    known.map_or_else(
        || Cell::empty(Layout::PLAIN).moments(),
        |moments| Moments {
            units: moments.units,
            means: vec![moments.mean(quantity)],
            central: vec![moments.central(quantity, quantity)],
        },
    )
}

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

fn moments(
    context: &Context<'_>,
    metric: usize,
    partition: Partition,
    variant: usize,
) -> Option<Moments> {
    let cell = context
        .summary
        .cell(metric, partition, &Slice::All, variant)?;
    Some(cell.moments())
}

fn p_of(control: &SampleMean, treatment: &SampleMean) -> Result<PValue, Absence> {
    let comparison = Comparison::new(control, treatment, &Conventions::DEFAULT)?;
    difference(&comparison).map(|found| found.p_value)
}

/// Holm over the tests; what is wrong is named, the surest first.
fn judge(tests: &mut [Test], warn: f64, fail: f64, wrong: &str, right: &str) -> Finding {
    let raw: Vec<PValue> = tests.iter().map(|test| test.p).collect();
    for (test, p) in tests.iter_mut().zip(holm_p(&raw)) {
        test.p = p;
    }
    tests.sort_by(|left, right| left.p.log10_p.total_cmp(&right.p.log10_p));
    let statuses = tests.iter().map(|test| below(&test.p, warn, fail));
    let status = statuses.fold(CheckStatus::Pass, super::finding::worse);
    let found: Vec<&Test> = tests
        .iter()
        .filter(|test| below(&test.p, warn, fail) == status)
        .collect();
    let sentence = if status == CheckStatus::Pass {
        format!(
            "{right}: {} tested",
            wording::counted(tests.len() as u64, "difference")
        )
    } else {
        let named = found.iter().take(SPELLED_OUT);
        let named: Vec<String> = named
            .map(|test| format!("{} (p = {})", test.what, wording::p_value(&test.p)))
            .collect();
        format!("{wrong}: {}", wording::list(&named))
    };
    let mut finding = Finding::new(status, sentence);
    finding.observed = tests
        .first()
        .map(|test| (test.p.p, "p, Holm over metrics and variants"));
    finding.invalidates = found.iter().map(|test| test.invalidates.clone()).collect();
    finding.invalidates.sort();
    finding.invalidates.dedup();
    finding
}
