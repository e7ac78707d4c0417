//! Checks of what the variants cannot have changed: units that never met them (20), what units did before (21), and who has a
//! value at all (22).

use super::finding::{Finding, below, p_thresholds};
use super::share::holm_p;
use super::{Context, PlannedMetric, blocked, wording};
use crate::domain::definition::{Conventions, Experiment, Role, StratumWeights};
use crate::domain::evidence::{Cell, Layout, Moments, Partition, Slice};
use crate::domain::result::{Absence, Check, CheckId, CheckStatus, Invalidates, PValue};
use crate::stats::{Comparison, Monitoring, SampleMean, Stratum, difference, stratified};

use super::exposure::{CONTROL_CANNOT_BE_EXPOSED, NO_EXPOSURES};

/// At most this many are spelled out.
pub(super) const SPELLED_OUT: usize = 3;

/// One difference that should be none.
pub(super) struct Test {
    /// Of what, in which variant.
    pub(super) what: String,
    pub(super) p: PValue,
    pub(super) invalidates: Invalidates,
}

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

/// With fewer units in a variant the mean of a skewed covariate is not nearly normal: of 2,000 simulated healthy ramps, whose
/// treatment has a few hundred units in the first days and a covariate with a skewness of 11, 2.3 % failed on some day.
const UNITS_OF_A_MEAN: u64 = 1_000;

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
        return Finding::not_run(format!(
            "because no metric has a covariate from before assignment, of {UNITS_OF_A_MEAN} units a variant"
        ));
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
            let units = |variant| {
                let cell = context
                    .summary
                    .cell(metric, partition, &Slice::All, variant);
                cell.map_or(0, Cell::units)
            };
            if units(Experiment::CONTROL).min(units(variant)) < UNITS_OF_A_MEAN {
                continue;
            }
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
pub(super) fn compared_slices(
    context: &Context<'_>,
    metric: usize,
    partition: Partition,
) -> Vec<Slice> {
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
