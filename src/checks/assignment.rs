//! Checks of who got which variant: sample ratio (1), units in several variants (7).

use super::finding::{Finding, above, below, p_thresholds, share_thresholds};
use super::share::{Ratio, sample_ratio_of};
use super::{Context, blocked, share, total, wording};
use crate::domain::definition::Epoch;
use crate::domain::evidence::{ByVariant, Evidence, Partition, Slice};
use crate::domain::result::{Absence, Check, CheckId, CheckStatus, Invalidates};

/// 1: units a variant against the planned weights, before and after exclusions, over epochs of weights.
pub(super) fn sample_ratio(context: &Context<'_>, done: &[Check]) -> Check {
    sample_ratio_finding(context, done).into_check(context, CheckId::SampleRatio)
}

fn sample_ratio_finding(context: &Context<'_>, done: &[Check]) -> Finding {
    if let Some(reason) = blocked(done, CheckId::VariantVocabulary) {
        return Finding::not_run(reason);
    }
    if context.experiment.epochs.is_empty() {
        return Finding::not_run("because no weights are declared to hold the units against");
    }
    if context.nests() {
        return clusters_finding(context);
    }
    let (after, before) = match &context.summary.assignment {
        Some(assignment) => (
            assignment.by_epoch.clone(),
            Some(&assignment.by_epoch_before_exclusions),
        ),
        None => match published_units(context) {
            Ok(units) => (vec![units], None),
            Err(reason) => return Finding::could_not_run(reason),
        },
    };
    let mut stages: Vec<(&str, &[ByVariant])> = vec![("", &after)];
    if let Some(before) = before
        && *before != after
        && before.iter().flatten().any(|units| *units > 0)
    {
        stages = vec![("after exclusions", &after), ("before exclusions", before)];
    }
    let mut finding = judge_sample_ratio(context, &stages, Invalidates::All);
    let is_sequential = context.summary.assignment.is_some();
    let p = finding.observed.map_or(1.0, |(p, _)| p);
    if finding.status == CheckStatus::Fail
        && is_sequential
        && context.is_looked_at_often()
        && p >= context.thresholds.fail_p / LOOKS
    {
        // Looked at every day, healthy experiments would fail by chance: the test that holds at every look decides.
        finding.status = CheckStatus::Warn;
        finding.sentence += "; while units come the test that holds at every look decides";
    }
    finding
}

/// Clusters a variant against the planned weights, where they were randomised and not units.
fn clusters_finding(context: &Context<'_>) -> Finding {
    if context.experiment.epochs.len() > 1 {
        return Finding::not_run(
            "because units nest in clusters, which are not counted by epoch of weights",
        );
    }
    // A cluster counts in a metric where any of its units does: the metric with most of them has nearly all.
    let of_metric = |metric: usize| -> Option<ByVariant> {
        let variants = 0..context.variants().len();
        let cells = variants.map(|variant| {
            let cell = context
                .summary
                .cell(metric, Partition::Itt, &Slice::All, variant)?;
            Some(cell.further.clusters.as_ref()?.units())
        });
        cells.collect()
    };
    let clusters = (0..context.metrics.len()).filter_map(of_metric);
    let Some(clusters) = clusters.max_by_key(|clusters| clusters.iter().sum::<u64>()) else {
        return Finding::could_not_run("no metric counts the clusters that units nest in");
    };
    let counts = [clusters];
    judge_sample_ratio(context, &[("of clusters", &counts)], Invalidates::All)
}

/// A p-value below the threshold over so many looks stands however often one looks (Bonferroni), and is more powerful than the
/// sequential test where a split is far off on few units.
const LOOKS: f64 = 1_000.0;

/// n a variant as published: of the first metric that says it for every variant. One epoch only, as nothing dates them.
fn published_units(context: &Context<'_>) -> Result<ByVariant, String> {
    if context.experiment.epochs.len() > 1 {
        return Err(
            "published counts carry no dates, and the weights changed on the way".to_owned(),
        );
    }
    (0..context.metrics.len())
        .find_map(|metric| {
            (0..context.variants().len())
                .map(|variant| {
                    let cell =
                        context
                            .summary
                            .cell(metric, Partition::Itt, &Slice::All, variant)?;
                    match &cell.evidence {
                        Evidence::Published(moments) => Some(moments.units),
                        Evidence::Exact(_) => None,
                    }
                })
                .collect::<Option<ByVariant>>()
        })
        .ok_or_else(|| "there is neither an assignment table nor a published n".to_owned())
}

/// Tests each stage's units against the plan, and says what was found; the smaller p decides.
pub(super) fn judge_sample_ratio(
    context: &Context<'_>,
    stages: &[(&str, &[ByVariant])],
    invalidates: Invalidates,
) -> Finding {
    let epochs = &context.experiment.epochs;
    let mut tested: Vec<(&str, &[ByVariant], Ratio)> = Vec::new();
    for (name, counts) in stages {
        match sample_ratio_of(epochs, counts) {
            Ok(ratio) => tested.push((name, counts, ratio)),
            Err(absence) => return Finding::could_not_run(cannot_test(absence)),
        }
    }
    // Stages share nearly all their units, so that they are one test and not two: correcting for two would let a mismatch pass
    // that the same units fail where nobody is in two variants.
    let smallest = tested
        .iter()
        .map(|(_, _, ratio)| ratio.p)
        .min_by(|left, right| left.log10_p.total_cmp(&right.log10_p));
    let Some(smallest) = smallest else {
        return Finding::could_not_run("no stage could be tested");
    };
    let (warn, fail) = (context.thresholds.warn_p, context.fail_p());
    let sentences: Vec<String> = tested
        .iter()
        .map(|(name, counts, ratio)| stage_sentence(context, name, counts, ratio))
        .collect();
    let mut finding = Finding::new(below(&smallest, warn, fail), sentences.join("; "));
    let observed_as = if tested.len() > 1 {
        "the smaller p, before and after exclusions"
    } else {
        "p"
    };
    finding.observed = Some((smallest.p, observed_as));
    finding.thresholds = p_thresholds(warn, fail);
    finding.evaluated = tested.first().map(|(_, _, ratio)| ratio.units);
    finding.invalidates = vec![invalidates];
    finding
}

fn cannot_test(absence: Absence) -> String {
    match absence {
        Absence::NoUnits => "no unit is in a variant with weight".to_owned(),
        Absence::NotApplicable => "fewer than two variants have weight, the counts do not fit the epochs, or they are too small for χ² and too many to enumerate".to_owned(),
        other => format!(
            "the units cannot be held against the weights: {}",
            other.label()
        ),
    }
}

/// `after exclusions: control 44,700 and gate_40 45,489 against 50.00 % and 50.00 % planned, p = 0.0086`.
fn stage_sentence(
    context: &Context<'_>,
    name: &str,
    counts: &[ByVariant],
    ratio: &Ratio,
) -> String {
    let units = total(counts, context.variants().len());
    let prefix = if name.is_empty() {
        String::new()
    } else {
        format!("{name}: ")
    };
    let unweighted = if ratio.unweighted == 0 {
        String::new()
    } else {
        format!(
            "; {} entered a variant while its weight was zero, and are left out",
            wording::counted(ratio.unweighted, "unit")
        )
    };
    format!(
        "{prefix}{} against {}, p = {}{unweighted}",
        named_counts(context, &units),
        planned(&context.experiment.epochs),
        wording::p_value(&ratio.p)
    )
}

/// Units a variant, each with its name.
fn named_counts(context: &Context<'_>, units: &ByVariant) -> String {
    let named = context.variants().iter().zip(units);
    let named: Vec<String> = named
        .map(|(variant, units)| format!("{} {}", wording::label(variant), wording::count(*units)))
        .collect();
    wording::list(&named)
}

fn planned(epochs: &[Epoch]) -> String {
    match epochs {
        [only] => {
            let sum: f64 = only.weights.iter().sum();
            let shares: Vec<String> = only
                .weights
                .iter()
                .map(|weight| wording::percent(weight / sum))
                .collect();
            format!("{} planned", wording::list(&shares))
        }
        several => format!("the plan of {} epochs of weights", several.len()),
    }
}

/// 7: units with two or more variants, as a share of all assigned units.
pub(super) fn several_variants(context: &Context<'_>) -> Check {
    let Some(assignment) = &context.summary.assignment else {
        return Finding::not_run("because there is no assignment table")
            .into_check(context, CheckId::SeveralVariants);
    };
    let Some(observed) = share(assignment.several_variants, assignment.units) else {
        return Finding::could_not_run("no unit was assigned")
            .into_check(context, CheckId::SeveralVariants);
    };
    let thresholds = context.thresholds;
    let warn = if context.experiment.epochs.iter().any(uneven) {
        thresholds.several_variants_warn_uneven
    } else {
        thresholds.several_variants_warn
    };
    let fail = thresholds.several_variants_fail;
    let surely = surely_above(assignment.several_variants, assignment.units, fail);
    let status = match above(observed, warn, fail) {
        // The first days of a healthy experiment have a share beyond it now and then.
        CheckStatus::Fail if !surely => CheckStatus::Warn,
        status => status,
    };
    let mut finding = Finding::new(status, several_sentence(context, observed));
    finding.observed = Some((observed, "share of units"));
    finding.thresholds = share_thresholds(warn, thresholds.several_variants_fail);
    finding.evaluated = Some(assignment.units);
    finding.failing = Some(assignment.several_variants);
    finding.invalidates = vec![Invalidates::All];
    finding.into_check(context, CheckId::SeveralVariants)
}

/// Whether a share is above a threshold by more than three standard errors of what it would be there: one in a thousand.
fn surely_above(part: u64, whole: u64, threshold: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
    let (part, whole) = (part as f64, whole as f64);
    let expected = whole * threshold;
    part - expected > 3.0 * libm::sqrt(expected * (1.0 - threshold))
}

fn several_sentence(context: &Context<'_>, observed: f64) -> String {
    let Some(assignment) = &context.summary.assignment else {
        return String::new();
    };
    if assignment.several_variants == 0 {
        return "every unit is in one variant".to_owned();
    }
    let tied = if assignment.tied_units == 0 {
        String::new()
    } else {
        format!(
            "; for {} no time tells which variant came first, so the label settled it",
            wording::counted(assignment.tied_units, "unit")
        )
    };
    format!(
        "{} of {} ({}) are in two or more variants and are {}{tied}",
        wording::count(assignment.several_variants),
        wording::counted(assignment.units, "unit"),
        wording::percent(observed),
        context.conventions.several_variants.label()
    )
}

/// Whether the variants that get units get different shares: then a unit in two variants is not lost evenly.
fn uneven(epoch: &Epoch) -> bool {
    let mut positive = epoch.weights.iter().filter(|weight| **weight > 0.0);
    positive
        .next()
        .is_some_and(|first| positive.any(|weight| (weight - first).abs() > 1e-9 * first.abs()))
}
