//! Checks of how units were split: at every look (2), by segment (4), over days (5), over epochs of weights (6).

use super::finding::{Finding, below, p_thresholds};
use super::share::{holm_p, sample_ratio_of};
use super::{Context, blocked, share, split_failed, wording};
use crate::domain::definition::{Correction, Epoch, Experiment, Role};
use crate::domain::evidence::{ByVariant, Cell, Moments, Partition, Slice};
use crate::domain::result::{Check, CheckId, CheckStatus, Invalidates, PValue};
use crate::stats::{
    EpochCounts, Stratum, adjusted_p_values, always_valid_p, ln_bayes_factor, pooling_moves,
    share_trend,
};

/// Fewer units than this in a level are not held against the plan.
pub(super) const UNITS_OF_A_LEVEL: u64 = 100;
/// Fewer days than this have no trend.
const DAYS_OF_A_TREND: usize = 3;
/// At most this many are spelled out.
const SPELLED_OUT: usize = 3;

/// 2: the same at every look: one over the largest Bayes factor met on any day.
pub(super) fn sequential_sample_ratio(context: &Context<'_>, done: &[Check]) -> Check {
    sequential_finding(context, done).into_check(context, CheckId::SampleRatioSequential)
}

fn sequential_finding(context: &Context<'_>, done: &[Check]) -> Finding {
    if let Some(reason) = blocked(done, CheckId::VariantVocabulary) {
        return Finding::not_run(reason);
    }
    let Some(assignment) = &context.summary.assignment else {
        return Finding::not_run("because there is no assignment table");
    };
    let epochs = &context.experiment.epochs;
    if epochs.is_empty() {
        return Finding::not_run("because no weights are declared to hold the units against");
    }
    let counts: Vec<EpochCounts<'_>> = epochs
        .iter()
        .zip(&assignment.by_epoch)
        .map(|(epoch, units)| EpochCounts {
            units,
            weights: &epoch.weights,
        })
        .collect();
    let Ok(now) = ln_bayes_factor(&counts) else {
        return Finding::could_not_run("fewer than two variants have weight in an epoch");
    };
    let largest = looks(context).fold(now, f64::max);
    let Ok(p) = always_valid_p(largest) else {
        return Finding::could_not_run("the Bayes factor is no finite number");
    };
    let (warn, fail) = (context.thresholds.warn_p, context.thresholds.fail_p);
    let decides = context.is_looked_at_often();
    let status = match below(&p, warn, fail) {
        // Of an experiment that is over the one test of all its units decides.
        CheckStatus::Fail | CheckStatus::Warn if !decides => CheckStatus::Warn,
        status => status,
    };
    let who = if decides {
        "it decides while units come"
    } else {
        "the one test of all units decides, as none come any more"
    };
    let sentence = format!(
        "looked at on any day, the split is at most this likely by chance: p = {}; {who}",
        wording::p_value(&p)
    );
    let mut finding = Finding::new(status, sentence);
    finding.observed = Some((p.p, "p that holds at every look"));
    finding.thresholds = p_thresholds(warn, fail);
    finding.evaluated = Some(assignment.by_epoch.iter().flatten().sum());
    finding.invalidates = vec![Invalidates::All];
    finding
}

/// The Bayes factors of units up to each day; none where weights changed, as days do not tell epochs apart.
fn looks(context: &Context<'_>) -> impl Iterator<Item = f64> {
    let days = context.summary.assignment.as_ref();
    let days = days.map_or(&[][..], |assignment| assignment.by_day.as_slice());
    let weights = single_weights(context);
    let mut up_to = vec![0_u64; context.variants().len()];
    days.iter().filter_map(move |day| {
        for (sum, units) in up_to.iter_mut().zip(&day.units) {
            *sum += units;
        }
        let counts = EpochCounts {
            units: &up_to,
            weights: weights?,
        };
        ln_bayes_factor(&[counts]).ok()
    })
}

/// The weights, where every epoch has the same.
pub(super) fn single_weights<'a>(context: &Context<'a>) -> Option<&'a [f64]> {
    let (first, others) = context.experiment.epochs.split_first()?;
    others
        .iter()
        .all(|epoch| epoch.weights == first.weights)
        .then_some(first.weights.as_slice())
}

/// Why units cannot be held against one set of weights.
fn no_single_weights(context: &Context<'_>) -> &'static str {
    if context.experiment.epochs.is_empty() {
        "because no weights are declared"
    } else {
        "because weights changed, and only the epochs together can be held against them"
    }
}

/// 5: the share of each treatment over days, and the split of the first day.
pub(super) fn sample_ratio_over_time(context: &Context<'_>, done: &[Check]) -> Check {
    over_time_finding(context, done).into_check(context, CheckId::SampleRatioOverTime)
}

fn over_time_finding(context: &Context<'_>, done: &[Check]) -> Finding {
    if let Some(reason) = blocked(done, CheckId::VariantVocabulary) {
        return Finding::not_run(reason);
    }
    let days = context.summary.assignment.as_ref();
    let days = days.map_or(&[][..], |assignment| assignment.by_day.as_slice());
    let Some(weights) = single_weights(context) else {
        return Finding::not_run(no_single_weights(context));
    };
    if days.len() < DAYS_OF_A_TREND {
        return Finding::not_run(format!(
            "because units came on fewer than {DAYS_OF_A_TREND} days"
        ));
    }
    let of = |variant: usize, units: &ByVariant| units.get(variant).copied().unwrap_or(0);
    let mut tests: Vec<(String, PValue)> = Vec::new();
    for (variant, name) in context.variants().iter().enumerate().skip(1) {
        let daily: Vec<(u64, u64)> = days
            .iter()
            .map(|day| {
                let has = of(variant, &day.units);
                (has, has + of(Experiment::CONTROL, &day.units))
            })
            .collect();
        if let Ok(p) = share_trend(&daily) {
            let what = format!("the share of {} drifts over days", wording::label(name));
            tests.push((what, p));
        }
    }
    let first = Epoch {
        from: context.experiment.epochs[0].from,
        weights: weights.to_vec(),
    };
    if let Ok(ratio) = sample_ratio_of(&[first], std::slice::from_ref(&days[0].units)) {
        tests.push((
            "the first day is split otherwise than planned".to_owned(),
            ratio.p,
        ));
    }
    let raw: Vec<PValue> = tests.iter().map(|(_, p)| *p).collect();
    let adjusted = tests
        .into_iter()
        .zip(holm_p(&raw))
        .map(|((what, _), p)| (what, p));
    let Some((what, p)) = adjusted.min_by(|left, right| left.1.log10_p.total_cmp(&right.1.log10_p))
    else {
        return Finding::could_not_run("no day could be tested");
    };
    let fail = context.thresholds.fail_p;
    let with_the_whole = split_failed(done).is_some();
    let (status, sentence) = if p.p >= fail {
        let days = wording::counted(days.len() as u64, "day");
        (
            CheckStatus::Pass,
            format!("the split is the same over {days}"),
        )
    } else {
        let sentence = format!("{what} (p = {})", wording::p_value(&p));
        let status = if with_the_whole {
            CheckStatus::Fail
        } else {
            CheckStatus::Warn
        };
        (status, sentence)
    };
    let mut finding = Finding::new(status, sentence);
    finding.observed = Some((p.p, "p, Holm over variants and the first day"));
    finding.thresholds = (
        Some(format!("p below {fail}")),
        Some(format!("p below {fail}, and the sample ratio fails")),
    );
    finding.evaluated = Some(days.iter().flat_map(|day| &day.units).sum());
    finding.invalidates = vec![Invalidates::All];
    finding
}

/// 4: units a variant in each level of the segments against the planned weights.
pub(super) fn sample_ratio_by_segment(context: &Context<'_>, done: &[Check]) -> Check {
    by_segment_finding(context, done).into_check(context, CheckId::SampleRatioBySegment)
}

fn by_segment_finding(context: &Context<'_>, done: &[Check]) -> Finding {
    if let Some(reason) = blocked(done, CheckId::VariantVocabulary) {
        return Finding::not_run(reason);
    }
    let Some(weights) = single_weights(context) else {
        return Finding::not_run(no_single_weights(context));
    };
    let levels = levels(context);
    if levels.is_empty() {
        return Finding::not_run(format!(
            "because no segment has a level of {UNITS_OF_A_LEVEL} units"
        ));
    }
    let plan = Epoch {
        from: context.experiment.epochs[0].from,
        weights: weights.to_vec(),
    };
    let tested: Vec<(&String, PValue)> = levels
        .iter()
        .filter_map(|(name, units)| {
            let ratio = sample_ratio_of(std::slice::from_ref(&plan), std::slice::from_ref(units));
            Some((name, ratio.ok()?.p))
        })
        .collect();
    let raw: Vec<PValue> = tested.iter().map(|(_, p)| *p).collect();
    let shares = adjusted_p_values(Correction::BenjaminiHochberg, &raw);
    let warn = context.thresholds.warn_p;
    let found: Vec<(&(&String, PValue), &PValue)> = tested
        .iter()
        .zip(&shares)
        .filter(|(_, q)| q.p < warn)
        .collect();
    if shares.is_empty() {
        return Finding::could_not_run("no level could be tested");
    }
    // Where a level of a column is withheld, a q of its siblings would give its units away.
    let withheld = columns_with_small_levels(context);
    let is_told = |name: &str| !withheld.iter().any(|column| slice_of(name, column));
    let told = tested.iter().zip(&shares);
    let smallest = told
        .filter(|((name, _), _)| is_told(name))
        .map(|(_, q)| q)
        .min_by(|left, right| left.log10_p.total_cmp(&right.log10_p));
    let exposed = blocked(done, CheckId::SampleRatioExposed);
    let with_the_whole = split_failed(done).or(exposed).is_some();
    let (status, sentence) = if found.is_empty() {
        let levels = wording::counted(tested.len() as u64, "level");
        (
            CheckStatus::Pass,
            format!("the split is as planned in {levels}"),
        )
    } else {
        let status = if with_the_whole {
            CheckStatus::Fail
        } else {
            CheckStatus::Warn
        };
        // Never how many units: a variant may have few in a level, and a level that is withheld would be told.
        let mut surest: Vec<_> = found.iter().collect();
        surest.sort_by(|left, right| left.1.log10_p.total_cmp(&right.1.log10_p));
        let mut named: Vec<String> = surest
            .iter()
            .take(SPELLED_OUT)
            .map(|((name, _), q)| {
                let label = wording::label(name);
                if is_told(name) {
                    let q = wording::p_value(q);
                    format!("{label} is split otherwise than planned (q = {q})")
                } else {
                    format!("{label} is split otherwise than planned")
                }
            })
            .collect();
        if surest.len() > SPELLED_OUT {
            named.push(format!("and {} more", surest.len() - SPELLED_OUT));
        }
        (status, named.join("; "))
    };
    let mut finding = Finding::new(status, sentence);
    finding.observed = smallest.map(|q| (q.p, "q, Benjamini and Hochberg over levels"));
    finding.thresholds = (
        Some(format!("q below {warn}")),
        Some(format!(
            "q below {warn}, and a sample ratio of all units fails"
        )),
    );
    finding.invalidates = found
        .iter()
        .map(|((name, _), _)| Invalidates::Slice((*name).clone()))
        .collect();
    finding
}

/// Whether a slice by name is of a column.
fn slice_of(name: &str, column: &str) -> bool {
    let rest = name.strip_prefix(column);
    rest.is_some_and(|rest| rest.starts_with('='))
}

/// Columns of which a level has too few units in a variant to be shown.
fn columns_with_small_levels(context: &Context<'_>) -> Vec<String> {
    let slices = context.summary.slices(0, Partition::Itt).into_iter();
    let mut columns: Vec<String> = slices
        .filter_map(|slice| {
            let is_small = (0..context.variants().len()).any(|variant| {
                let cell = context.summary.cell(0, Partition::Itt, &slice, variant);
                cell.map_or(0, |cell| cell.units() + cell.open + cell.missing) < context.min_cell
            });
            match slice {
                Slice::Segment { column, .. } if is_small => Some(column),
                _ => None,
            }
        })
        .collect();
    columns.dedup();
    columns
}

/// Units of itt a variant in each level that has enough, by the name of its slice.
fn levels(context: &Context<'_>) -> Vec<(String, ByVariant)> {
    let slices = context.summary.slices(0, Partition::Itt).into_iter();
    slices
        .filter_map(|slice| {
            let Slice::Segment { column, level } = &slice else {
                return None;
            };
            // Whoever has no level is no level.
            let name = format!("{column}={}", level.as_ref()?);
            let units: ByVariant = (0..context.variants().len())
                .map(|variant| {
                    let cell = context.summary.cell(0, Partition::Itt, &slice, variant);
                    cell.map_or(0, |cell| cell.units() + cell.open + cell.missing)
                })
                .collect();
            (units.iter().sum::<u64>() >= UNITS_OF_A_LEVEL).then_some((name, units))
        })
        .collect()
}

/// 6: whether weights changed, and whether pooling over them moves the effects on primary metrics.
pub(super) fn allocation_change(context: &Context<'_>) -> Check {
    allocation_finding(context).into_check(context, CheckId::AllocationChange)
}

fn allocation_finding(context: &Context<'_>) -> Finding {
    if single_weights(context).is_some() || context.experiment.epochs.is_empty() {
        return Finding::not_run("because weights never changed");
    }
    let primaries = context.metrics.iter().enumerate();
    // A quantile pools otherwise, and is not stratified anyway.
    let primaries = primaries.filter(|(position, planned)| {
        planned.role == Role::Primary && !context.layout(*position).ordered
    });
    let mut tests: Vec<(String, PValue)> = Vec::new();
    for (metric, planned) in primaries {
        for variant in Experiment::CONTROL + 1..context.variants().len() {
            if let Ok(p) = pooling_moves(&strata(context, metric, variant), context.layout(metric))
            {
                let of = wording::label(context.variant(variant));
                tests.push((format!("{} in {of}", planned.definition.id), p));
            }
        }
    }
    let raw: Vec<PValue> = tests.iter().map(|(_, p)| *p).collect();
    let adjusted = tests.iter().zip(holm_p(&raw));
    let smallest = adjusted.min_by(|left, right| left.1.log10_p.total_cmp(&right.1.log10_p));
    let fail = context.fail_p();
    let epochs = context.experiment.epochs.len();
    let mut finding = match smallest {
        None => Finding::new(
            CheckStatus::Warn,
            format!(
                "weights changed: {epochs} epochs; whether pooling them moves an effect could not be tested"
            ),
        ),
        Some(((what, _), p)) => {
            let (status, moves) = if p.p < fail {
                (CheckStatus::Fail, "moves")
            } else {
                (CheckStatus::Warn, "does not visibly move")
            };
            let mut finding = Finding::new(
                status,
                format!(
                    "weights changed: {epochs} epochs; pooling them {moves} the effect on {what} (p = {})",
                    wording::p_value(&p)
                ),
            );
            finding.observed = Some((p.p, "p, Holm over primary metrics and variants"));
            finding
        }
    };
    finding.thresholds = (
        Some("weights changed".to_owned()),
        Some(format!("p below {fail} that pooling moves an effect")),
    );
    finding.invalidates = vec![Invalidates::PooledEstimate];
    finding
}

/// The epochs of one metric, control against a variant.
fn strata(context: &Context<'_>, metric: usize, variant: usize) -> Vec<Stratum> {
    let slices = context.summary.slices(metric, Partition::Itt).into_iter();
    let epochs = slices.filter(|slice| matches!(slice, Slice::Epoch(_)));
    epochs
        .map(|slice| {
            let moments = |variant: usize| -> Moments {
                let cell = context
                    .summary
                    .cell(metric, Partition::Itt, &slice, variant);
                let layout = context.layout(metric);
                cell.map_or_else(|| Cell::empty(layout).moments(), Cell::moments)
            };
            Stratum {
                name: String::new(),
                control: moments(Experiment::CONTROL),
                treatment: moments(variant),
                of_clusters: false,
            }
        })
        .collect()
}

/// 8: whether units in several variants came to one variant first more often than to another.
pub(super) fn asymmetric_exclusion(context: &Context<'_>, done: &[Check]) -> Check {
    let id = CheckId::AsymmetricExclusion;
    let Some(assignment) = &context.summary.assignment else {
        return Finding::not_run("because there is no assignment table").into_check(context, id);
    };
    if assignment.several_variants == 0 {
        return Finding::not_run("because every unit is in one variant").into_check(context, id);
    }
    if context.weights_changed() {
        let reason = "because weights changed, and units in several variants are not counted by epoch of weights";
        return Finding::not_run(reason).into_check(context, id);
    }
    if assignment.tied_units.saturating_mul(2) > assignment.several_variants {
        let reason = "because times do not tell which variant most of them were in first";
        return Finding::not_run(reason).into_check(context, id);
    }
    let width = context.variants().len();
    let all = super::total(&assignment.by_epoch_before_exclusions, width);
    let several = &assignment.several_by_first_seen;
    let Some(differing) = super::share::differing(several, &all) else {
        return Finding::could_not_run("no unit has a variant that it was in first")
            .into_check(context, id);
    };
    let (warn, fail) = (context.thresholds.warn_p, context.fail_p());
    let many = done.iter().any(|check| {
        check.id == CheckId::SeveralVariants
            && matches!(check.status, CheckStatus::Warn | CheckStatus::Fail)
    });
    let status = match below(&differing.p, warn, fail) {
        CheckStatus::Fail if !many => CheckStatus::Warn,
        status => status,
    };
    let sentence = if status == CheckStatus::Pass {
        "units in several variants came to each of them first alike".to_owned()
    } else {
        format!(
            "units in several variants, by the first: {}",
            differing.sentence(context)
        )
    };
    let mut finding = Finding::new(status, sentence);
    finding.observed = Some((differing.p.p, "p, Holm over variants"));
    finding.thresholds = (
        Some(format!("p below {warn}")),
        Some(format!(
            "p below {fail}, and units in several variants at least warn"
        )),
    );
    finding.evaluated = Some(all.iter().sum());
    finding.failing = Some(several.iter().sum());
    finding.invalidates = vec![Invalidates::All];
    finding.into_check(context, id)
}

/// 15: units whose exposures carry another variant than their assignment.
pub(super) fn contradicting_variant(context: &Context<'_>) -> Check {
    let id = CheckId::ContradictingVariant;
    let Some(exposure) = &context.summary.exposure else {
        return Finding::not_run("because there is no exposure table").into_check(context, id);
    };
    let contradicting: u64 = exposure.contradicting.iter().sum();
    let met: u64 = super::integrity::met(exposure, context.variants().len())
        .iter()
        .sum();
    let Some(observed) = share(contradicting, met) else {
        return Finding::could_not_run("no unit has an exposure").into_check(context, id);
    };
    let fail = context.thresholds.contradicting_fail;
    let status = super::finding::above(observed, 0.0, fail);
    let sentence = if contradicting == 0 {
        "no unit was exposed to another variant than its own".to_owned()
    } else {
        format!(
            "{} of {} were exposed to another variant than their own ({})",
            wording::count(contradicting),
            wording::counted(met, "unit"),
            wording::percent(observed)
        )
    };
    let mut finding = Finding::new(status, sentence);
    finding.observed = Some((observed, "share of units with an exposure"));
    finding.thresholds = (
        Some("any".to_owned()),
        Some(format!("above {}", wording::threshold(fail))),
    );
    finding.evaluated = Some(met);
    finding.failing = Some(contradicting);
    finding.invalidates = vec![Invalidates::Exposed];
    finding.into_check(context, id)
}
