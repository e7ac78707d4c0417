//! Checks of who met their variant: time order (16), exposure rate (19), sample ratio among the exposed (3).

use std::collections::BTreeSet;

use super::assignment::judge_sample_ratio;
use super::finding::{Finding, above, share_thresholds, worse};
use super::integrity::met;
use super::share::{Differing, all_differing, all_differing_over};
use super::{Context, blocked, share, split_failed, wording};
use crate::domain::evidence::{ExposureCounts, OutcomeCounts};
use crate::domain::result::{Check, CheckId, CheckStatus, Invalidates};

/// Fewer units than this in one hour are no pile-up.
const PILE_UP_UNITS: u64 = 10;

/// Why nothing about exposure can be asked.
pub(super) const NO_EXPOSURES: &str = "because there is no exposure table";

/// Why exposed-only effects mislead where control cannot be exposed.
pub(crate) const CONTROL_CANNOT_BE_EXPOSED: &str = "control cannot be exposed: an exposed-only comparison sets units that met the variant against units that nothing selected";

/// 16: exposures only before assignment, rows from before they can be known, whole-hour shifts between the two clocks.
pub(super) fn time_order(context: &Context<'_>) -> Check {
    if context.summary.assignment.is_none() {
        return Finding::not_run("because there is no assignment table")
            .into_check(context, CheckId::TimeOrder);
    }
    if context.summary.as_of.instant.is_none() && context.summary.exposure.is_none() {
        return Finding::not_run("because the tables hold no time")
            .into_check(context, CheckId::TimeOrder);
    }
    let thresholds = context.thresholds;
    let mut finding = Finding::new(CheckStatus::Pass, "");
    let mut sentences = Vec::new();
    if let Some(exposure) = &context.summary.exposure {
        sentences.extend(only_earlier(context, exposure, &mut finding));
    }
    let mut touched = BTreeSet::new();
    for outcome in &context.summary.outcomes {
        let Some((status, sentence)) = future_rows(context, outcome) else {
            continue;
        };
        finding.status = worse(finding.status, status);
        sentences.push(sentence);
        if status == CheckStatus::Fail {
            touched.extend(context.metrics_reading(&outcome.table));
        }
    }
    if sentences.is_empty() {
        sentences.push("nothing happens before it can".to_owned());
    }
    finding.sentence = sentences.join("; ");
    let (warn, fail) = share_thresholds(thresholds.order_warn, thresholds.order_fail);
    let future = wording::threshold(thresholds.future_fail);
    finding.thresholds = (
        warn,
        fail.map(|fail| {
            format!("{fail}, or {future} of a table's rows ingested before they happened")
        }),
    );
    touched.extend(std::mem::take(&mut finding.invalidates));
    finding.invalidates = touched.into_iter().collect();
    finding.into_check(context, CheckId::TimeOrder)
}

/// Units whose exposures are all before their assignment: judged, and said.
fn only_earlier(
    context: &Context<'_>,
    exposure: &ExposureCounts,
    finding: &mut Finding,
) -> Option<String> {
    let units: u64 = met(exposure, context.variants().len()).iter().sum();
    let earlier: u64 = exposure.only_earlier.iter().sum();
    let observed = share(earlier, units)?;
    let thresholds = context.thresholds;
    let status = above(observed, thresholds.order_warn, thresholds.order_fail);
    finding.status = worse(finding.status, status);
    finding.observed = Some((observed, "share of units with an exposure"));
    finding.evaluated = Some(units);
    finding.failing = Some(earlier);
    if status == CheckStatus::Fail {
        finding.invalidates.push(Invalidates::Exposed);
    }
    Some(earlier_sentence(exposure, earlier, units, observed, status))
}

fn earlier_sentence(
    exposure: &ExposureCounts,
    earlier: u64,
    units: u64,
    observed: f64,
    judged: CheckStatus,
) -> String {
    let shift = (judged != CheckStatus::Pass)
        .then(|| pile_up(exposure))
        .flatten()
        .map(|hours| {
            let noun = if hours == 1 { "hour" } else { "hours" };
            format!("; looks like a time-zone shift of {hours} {noun}")
        })
        .unwrap_or_default();
    if earlier == 0 {
        return "no unit has its exposures only before its assignment".to_owned();
    }
    format!(
        "{} of {} that have an exposure have it only before their assignment ({}){shift}",
        wording::count(earlier),
        wording::counted(units, "unit"),
        wording::percent(observed)
    )
}

/// The whole number of hours before assignment at which most only-earlier units pile up.
fn pile_up(exposure: &ExposureCounts) -> Option<u32> {
    let all: u64 = exposure
        .earlier_by_hours
        .iter()
        .map(|(_, units)| units)
        .sum();
    let (hours, units) = exposure
        .earlier_by_hours
        .iter()
        .filter(|(hours, _)| *hours >= 1)
        .copied()
        .reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    (units >= PILE_UP_UNITS && units.saturating_mul(2) > all).then_some(hours)
}

/// Rows of one event table that happened after they were ingested: their clock is wrong. `None` where nothing tells.
fn future_rows(context: &Context<'_>, outcome: &OutcomeCounts) -> Option<(CheckStatus, String)> {
    let future = outcome.future_rows.filter(|rows| *rows > 0)?;
    let observed = share(future, outcome.rows)?;
    let status = if observed > context.thresholds.future_fail {
        CheckStatus::Fail
    } else {
        CheckStatus::Warn
    };
    let sentence = format!(
        "{} of table {} ({}) happened after they were ingested",
        wording::counted(future, "row"),
        wording::label(&outcome.table),
        wording::percent(observed)
    );
    Some((status, sentence))
}

/// 19: exposed over assigned, between variants and against the plan.
pub(super) fn exposure_rate(context: &Context<'_>, done: &[Check]) -> Check {
    let id = CheckId::ExposureRate;
    let Some(exposure) = &context.summary.exposure else {
        return Finding::not_run(NO_EXPOSURES).into_check(context, id);
    };
    if let Some(reason) = blocked(done, CheckId::VariantVocabulary) {
        return Finding::not_run(reason).into_check(context, id);
    }
    let rates = Rates::new(context, exposure);
    if rates.variants.is_empty() {
        return Finding::could_not_run("no unit was assigned").into_check(context, id);
    }
    let mut finding = rates.judge(context);
    finding.evaluated = Some(rates.variants.iter().map(|rate| rate.assigned).sum());
    finding.invalidates = vec![Invalidates::Exposed];
    finding.into_check(context, id)
}

/// One variant's exposure.
struct Rate {
    variant: usize,
    exposed: u64,
    assigned: u64,
    share: f64,
}

/// The variants that can be exposed and have units.
struct Rates {
    variants: Vec<Rate>,
    sentence: String,
}

impl Rates {
    fn new(context: &Context<'_>, exposure: &ExposureCounts) -> Self {
        let first = usize::from(!context.experiment.exposure.control_can_be_exposed);
        let variants: Vec<Rate> = context
            .units()
            .iter()
            .enumerate()
            .skip(first)
            .filter_map(|(variant, assigned)| {
                let exposed = exposure.exposed.get(variant).copied().unwrap_or(0);
                Some(Rate {
                    variant,
                    exposed,
                    assigned: *assigned,
                    share: share(exposed, *assigned)?,
                })
            })
            .collect();
        let described: Vec<String> = variants
            .iter()
            .map(|rate| {
                format!(
                    "{} {}",
                    wording::label(context.variant(rate.variant)),
                    wording::percent(rate.share)
                )
            })
            .collect();
        Self {
            variants,
            sentence: format!("exposed of assigned: {}", wording::list(&described)),
        }
    }

    fn judge(&self, context: &Context<'_>) -> Finding {
        let thresholds = context.thresholds;
        let warn = Some(format!(
            "{} off the planned rate",
            wording::threshold(thresholds.exposure_plan_warn)
        ));
        let fail = Some(format!(
            "p below {} and {} relative between variants, or nobody exposed",
            context.fail_p(),
            wording::threshold(thresholds.exposure_difference_fail)
        ));
        let mut finding = self
            .nobody(context)
            .or_else(|| self.unequal(context))
            .or_else(|| self.off_plan(context))
            .unwrap_or_else(|| self.fine(context));
        if finding.observed.is_none() {
            finding.observed = self
                .largest_difference()
                .map(|difference| (difference, "largest relative difference from control"));
        }
        finding.thresholds = (warn, fail);
        finding
    }

    /// Fails where nobody in a variant is exposed.
    fn nobody(&self, context: &Context<'_>) -> Option<Finding> {
        let empty: Vec<String> = self
            .variants
            .iter()
            .filter(|rate| rate.exposed == 0)
            .map(|rate| wording::label(context.variant(rate.variant)))
            .collect();
        (!empty.is_empty()).then(|| {
            Finding::new(
                CheckStatus::Fail,
                format!("no unit of {} is exposed", wording::list(&empty)),
            )
        })
    }

    /// Fails where a variant's rate differs from control's by more than chance and by more than the smallest difference.
    fn unequal(&self, context: &Context<'_>) -> Option<Finding> {
        if self.variants.first()?.variant != 0 {
            return None;
        }
        let exposed: Vec<u64> = self.variants.iter().map(|rate| rate.exposed).collect();
        let assigned: Vec<u64> = self.variants.iter().map(|rate| rate.assigned).collect();
        let thresholds = context.thresholds;
        let tests = match (&context.summary.assignment, &context.summary.exposure) {
            (Some(assignment), Some(exposure)) if context.weights_changed() => {
                let tests = all_differing_over(&exposure.by_epoch, &assignment.by_epoch);
                let own = |variant| {
                    self.variants
                        .iter()
                        .position(|rate| rate.variant == variant)
                };
                let known = tests.into_iter().filter_map(|test| {
                    let variant = own(test.variant)?;
                    Some(Differing { variant, ..test })
                });
                known.collect()
            }
            _ => all_differing(&exposed, &assigned),
        };
        let differing = tests.into_iter().find(|test| {
            test.p.p < context.fail_p()
                && test.relative().abs() >= thresholds.exposure_difference_fail
        })?;
        let rate = self.variants.get(differing.variant)?;
        let mut finding = Finding::new(
            CheckStatus::Fail,
            format!(
                "{}; the rate of {} differs from control's by {} relative (p = {}), so exposure depends on the variant",
                self.sentence,
                wording::label(context.variant(rate.variant)),
                wording::signed_percent(differing.relative()),
                wording::p_value(&differing.p)
            ),
        );
        finding.observed = Some((differing.p.p, "p, Holm over variants"));
        Some(finding)
    }

    /// Warns where a rate is far from the planned one.
    fn off_plan(&self, context: &Context<'_>) -> Option<Finding> {
        let planned = context
            .experiment
            .plan
            .exposure_rate
            .filter(|planned| *planned > 0.0)?;
        let furthest = self
            .variants
            .iter()
            .map(|rate| rate.share / planned - 1.0)
            .max_by(|left, right| left.abs().total_cmp(&right.abs()))?;
        (furthest.abs() > context.thresholds.exposure_plan_warn).then(|| {
            let mut finding = Finding::new(
                CheckStatus::Warn,
                format!(
                    "{}; {} off the planned {}",
                    self.sentence,
                    wording::signed_percent(furthest),
                    wording::percent(planned)
                ),
            );
            finding.observed = Some((furthest, "relative departure from plan"));
            finding
        })
    }

    /// Nothing found; where control cannot be exposed, equality was never asked.
    fn fine(&self, context: &Context<'_>) -> Finding {
        if context.experiment.exposure.control_can_be_exposed {
            Finding::new(CheckStatus::Pass, self.sentence.clone())
        } else {
            Finding::not_run(format!(
                "because {CONTROL_CANNOT_BE_EXPOSED}; {}",
                self.sentence
            ))
        }
    }

    fn largest_difference(&self) -> Option<f64> {
        let (control, others) = self.variants.split_first()?;
        if control.variant != 0 || control.exposed == 0 {
            return None;
        }
        others
            .iter()
            .map(|rate| rate.share / control.share - 1.0)
            .max_by(|left, right| left.abs().total_cmp(&right.abs()))
    }
}

/// 3: exposed units a variant against the planned weights of their assignment.
pub(super) fn sample_ratio(context: &Context<'_>, done: &[Check]) -> Check {
    sample_ratio_finding(context, done).into_check(context, CheckId::SampleRatioExposed)
}

fn sample_ratio_finding(context: &Context<'_>, done: &[Check]) -> Finding {
    let Some(exposure) = &context.summary.exposure else {
        return Finding::not_run(NO_EXPOSURES);
    };
    if !context.experiment.exposure.control_can_be_exposed {
        return Finding::not_run(format!("because {CONTROL_CANNOT_BE_EXPOSED}"));
    }
    if context.experiment.epochs.is_empty() {
        return Finding::not_run("because no weights are declared to hold the units against");
    }
    let reason = blocked(done, CheckId::VariantVocabulary).or_else(|| split_failed(done));
    if let Some(reason) = reason {
        return Finding::not_run(reason);
    }
    if exposure.by_epoch.iter().flatten().all(|units| *units == 0) {
        return Finding::could_not_run("no unit is exposed");
    }
    judge_sample_ratio(context, &[("", &exposure.by_epoch)], Invalidates::Exposed)
}
