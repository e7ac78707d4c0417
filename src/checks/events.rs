//! Checks of event tables: rows that repeat (13), rows that have not come yet (17).

use std::collections::BTreeSet;

use super::finding::{Finding, above, share_thresholds, worse};
use super::{Context, share, wording};
use crate::domain::evidence::{Arrivals, ByVariant, OutcomeCounts, Repeats};
use crate::domain::result::{Check, CheckId, CheckStatus, Invalidates};
use crate::stats::{Arrived, completeness};

/// Why nothing about events can be asked.
pub(super) const NO_EVENTS: &str = "because no metric reads an event table";
/// Where so many rows happened at whole minutes, times do not tell rows apart.
const COARSE: f64 = 0.5;

/// What one table gave, and whether it fails a metric.
pub(super) struct OfTable {
    pub(super) status: CheckStatus,
    pub(super) sentence: String,
    pub(super) observed: Option<f64>,
    pub(super) evaluated: u64,
    pub(super) failing: u64,
}

/// One finding over the tables that could be judged: the worst status, every table's sentence that is not a pass.
pub(super) fn over_tables(
    context: &Context<'_>,
    judge: impl Fn(&OutcomeCounts) -> Option<OfTable>,
    fine: &str,
    observed_as: &'static str,
) -> Option<Finding> {
    let mut finding = Finding::new(CheckStatus::Pass, fine);
    let (mut sentences, mut touched) = (Vec::new(), BTreeSet::new());
    let (mut evaluated, mut failing, mut looked) = (0, 0, false);
    for outcome in &context.summary.outcomes {
        let Some(found) = judge(outcome) else {
            continue;
        };
        looked = true;
        evaluated += found.evaluated;
        failing += found.failing;
        if let Some(value) = found.observed
            && finding.observed.is_none_or(|(worst, _)| value > worst)
        {
            finding.observed = Some((value, observed_as));
        }
        if found.status == CheckStatus::Pass {
            continue;
        }
        finding.status = worse(finding.status, found.status);
        sentences.push(format!(
            "table {}: {}",
            wording::label(&outcome.table),
            found.sentence
        ));
        if found.status == CheckStatus::Fail {
            touched.extend(context.metrics_reading(&outcome.table));
        }
    }
    if !sentences.is_empty() {
        finding.sentence = sentences.join("; ");
    }
    finding.evaluated = Some(evaluated);
    finding.failing = Some(failing);
    finding.invalidates = touched.into_iter().collect::<Vec<Invalidates>>();
    looked.then_some(finding)
}

/// 13: rows of event tables that repeat another of their unit, by units with any.
pub(super) fn duplicate_outcomes(context: &Context<'_>) -> Check {
    let id = CheckId::DuplicateOutcomes;
    if context.summary.outcomes.is_empty() {
        return Finding::not_run(NO_EVENTS).into_check(context, id);
    }
    let thresholds = context.thresholds;
    let (warn, fail) = (
        thresholds.outcome_duplicates_warn,
        thresholds.outcome_duplicates_fail,
    );
    let judge = |outcome: &OutcomeCounts| {
        let repeats = outcome.repeats.as_ref().filter(|it| !is_coarse(it))?;
        let observed = share(repeats.rows, repeats.looked_at)?;
        // At the threshold counts too: the share that is agreed as bad is bad.
        let status = above(observed, warn.next_down(), fail.next_down());
        Some(OfTable {
            status,
            sentence: repeats_sentence(context, repeats, observed),
            observed: Some(observed),
            evaluated: repeats.looked_at,
            failing: repeats.rows,
        })
    };
    let found = over_tables(
        context,
        judge,
        "no more rows than chance allows say what another says",
        "share of rows that repeat another",
    );
    let mut finding = found.unwrap_or_else(|| {
        Finding::not_run(
            "because events have no `event_id` and times too coarse to tell them apart, or there are none",
        )
    });
    if finding.status == CheckStatus::Pass {
        finding.sentence = match finding.failing {
            Some(rows) if rows > 0 => {
                format!(
                    "{} that say what another says",
                    wording::counted(rows, "row")
                )
            }
            _ => "no row says what another says".to_owned(),
        };
    }
    finding.thresholds = share_thresholds(warn, fail);
    finding.into_check(context, id)
}

/// Whether times are too coarse to tell rows apart: two clicks within a minute are no repetition.
fn is_coarse(repeats: &Repeats) -> bool {
    !repeats.by_event_id
        && share(repeats.on_whole_minutes, repeats.looked_at).is_none_or(|share| share > COARSE)
}

fn repeats_sentence(context: &Context<'_>, repeats: &Repeats, observed: f64) -> String {
    let by = if repeats.by_event_id {
        "an event id"
    } else {
        "unit, event, time and value"
    };
    let sample = if repeats.of_sample {
        " of a sample of units"
    } else {
        ""
    };
    let units: Vec<String> = rates(context, &repeats.repeating_units, &repeats.units);
    format!(
        "{} of {}{sample} ({}) repeat {by} of another; of units {}",
        wording::count(repeats.rows),
        wording::counted(repeats.looked_at, "row"),
        wording::percent(observed),
        wording::list(&units)
    )
}

/// `part of whole in 'variant'` of each variant that has any.
fn rates(context: &Context<'_>, parts: &[u64], wholes: &[u64]) -> Vec<String> {
    let pairs = parts.iter().zip(wholes).enumerate();
    let rates = pairs.filter_map(|(variant, (part, whole))| {
        let rate = share(*part, *whole)?;
        let label = wording::label(context.variant(variant));
        Some(format!("{} in {label}", wording::percent(rate)))
    });
    rates.collect()
}

/// 17: how complete the rows are that metrics used, from how late earlier ones came.
pub(super) fn late_events(context: &Context<'_>) -> Check {
    let id = CheckId::LateEvents;
    if context.summary.outcomes.is_empty() {
        return Finding::not_run(NO_EVENTS).into_check(context, id);
    }
    let thresholds = context.thresholds;
    let judge = |outcome: &OutcomeCounts| {
        let arrivals = outcome.arrivals.as_ref()?;
        let complete: Vec<(usize, f64)> = (0..context.variants().len())
            .filter_map(|variant| Some((variant, completeness(&of_variant(arrivals, variant))?)))
            .collect();
        let least = complete.iter().map(|(_, share)| *share).reduce(f64::min)?;
        let rows = |of: &ByVariant| of.iter().sum::<u64>();
        let evaluated = arrivals.rows.iter().map(|(.., of)| rows(of)).sum();
        let beyond = arrivals.beyond_declared.as_ref().map(rows);
        let kept = beyond.and_then(|beyond| Some(1.0 - share(beyond, evaluated)?));
        let worst = kept.map_or(least, |kept| kept.min(least));
        Some(OfTable {
            status: above(
                1.0 - worst,
                1.0 - thresholds.completeness_warn,
                1.0 - thresholds.completeness_fail,
            ),
            sentence: late_sentence(context, &complete, beyond, evaluated),
            observed: Some(1.0 - worst),
            evaluated,
            failing: beyond.unwrap_or(0),
        })
    };
    let found = over_tables(
        context,
        judge,
        "rows are complete, as far as earlier ones tell how late they come",
        "share of rows missing or late",
    );
    let mut finding = found.unwrap_or_else(|| {
        Finding::not_run("because no event table has `ingested_at`, or no metric uses a row of it")
    });
    let below = |share: f64| Some(format!("completeness below {}", wording::threshold(share)));
    finding.thresholds = (
        below(thresholds.completeness_warn),
        below(thresholds.completeness_fail),
    );
    finding.into_check(context, id)
}

fn of_variant(arrivals: &Arrivals, variant: usize) -> Vec<Arrived> {
    let rows = arrivals.rows.iter();
    rows.map(|(age, lag, of)| Arrived {
        age: *age,
        lag: *lag,
        rows: of.get(variant).copied().unwrap_or(0),
    })
    .collect()
}

fn late_sentence(
    context: &Context<'_>,
    complete: &[(usize, f64)],
    beyond: Option<u64>,
    rows: u64,
) -> String {
    let shares: Vec<String> = complete
        .iter()
        .map(|(variant, share)| {
            let label = wording::label(context.variant(*variant));
            format!("{} in {label}", wording::percent(*share))
        })
        .collect();
    let late = beyond.filter(|beyond| *beyond > 0).map(|beyond| {
        format!(
            "; {} of {} came later than the table declares",
            wording::count(beyond),
            wording::counted(rows, "row")
        )
    });
    format!(
        "complete to {}, by how late earlier rows came{}",
        wording::list(&shares),
        late.unwrap_or_default()
    )
}
