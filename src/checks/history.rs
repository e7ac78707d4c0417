//! Checks of what came before and around the experiment: carry-over (23), who may be in it (28), design drift (25).

use super::finding::{Finding, above};
use super::share::all_differing;
use super::{Context, share, wording};
use crate::domain::definition::{ExperimentStatus, SequentialFamily};
use crate::domain::evidence::DayCounts;
use crate::domain::result::{Check, CheckId, CheckStatus, Invalidates};
use crate::stats::{RateTest, equal_rates};

/// 23: units that an earlier version of the experiment knew, and a salt that another experiment splits units by.
pub(super) fn carry_over(context: &Context<'_>) -> Check {
    let id = CheckId::CarryOver;
    let earlier = context.summary.assignment.as_ref();
    let earlier = earlier.and_then(|assignment| assignment.seen_earlier.as_ref());
    let units: u64 = context.units().iter().sum();
    let seen = earlier.map(|by_variant| by_variant.iter().sum::<u64>());
    let observed = seen.and_then(|seen| share(seen, units));
    if observed.is_none() && context.experiment.salt.is_none() {
        return Finding::not_run(
            "because assignments carry no experiment version, and the experiment declares no salt",
        )
        .into_check(context, id);
    }
    let warn = context.thresholds.carry_over_warn;
    let mut sentences = Vec::new();
    let mut status = CheckStatus::Pass;
    if let (Some(seen), Some(observed)) = (seen, observed)
        && observed > warn
    {
        status = CheckStatus::Warn;
        sentences.push(format!(
            "{} of {} ({}) were in an earlier version of the experiment",
            wording::count(seen),
            wording::counted(units, "unit"),
            wording::percent(observed)
        ));
    }
    if !context.same_salt.is_empty() {
        status = CheckStatus::Fail;
        let others: Vec<String> = context
            .same_salt
            .iter()
            .map(|it| wording::label(it))
            .collect();
        sentences.push(format!(
            "the salt also splits the units of {}: who got which variant there decides it here",
            wording::list(&others)
        ));
    }
    if sentences.is_empty() {
        sentences.push(
            match seen {
                Some(0) => {
                    "no unit was in an earlier version, and no other experiment has the salt"
                }
                Some(_) => {
                    "few units were in an earlier version, and no other experiment has the salt"
                }
                None => "no other experiment has the salt; assignments carry no version",
            }
            .to_owned(),
        );
    }
    let mut finding = Finding::new(status, sentences.join("; "));
    finding.observed = observed.map(|share| (share, "share of units seen in an earlier version"));
    finding.thresholds = (
        Some(format!("above {}", wording::threshold(warn))),
        Some("a salt that another experiment has".to_owned()),
    );
    finding.evaluated = seen.map(|_| units);
    finding.failing = seen;
    finding.invalidates = vec![Invalidates::All];
    finding.into_check(context, id)
}

/// 28: units that were assigned though the experiment's own conditions leave them out.
pub(super) fn eligibility(context: &Context<'_>) -> Check {
    let id = CheckId::Eligibility;
    let assignment = context.summary.assignment.as_ref();
    let Some((assignment, left_out)) =
        assignment.and_then(|it| Some((it, it.ineligible.as_ref()?)))
    else {
        return Finding::not_run("because the experiment declares no eligibility")
            .into_check(context, id);
    };
    let kept = context.units();
    let all: Vec<u64> = kept
        .iter()
        .zip(left_out)
        .map(|(kept, out)| kept + out)
        .collect();
    let (out, units) = (left_out.iter().sum::<u64>(), all.iter().sum::<u64>());
    let Some(observed) = share(out, units) else {
        return Finding::could_not_run("no unit was assigned").into_check(context, id);
    };
    let fail = context.thresholds.ineligible_fail;
    let mut finding = Finding::new(
        above(observed, f64::INFINITY, fail),
        format!(
            "{} of {} assigned ({}) are not eligible, and are left out",
            wording::count(out),
            wording::counted(units, "unit"),
            wording::percent(observed)
        ),
    );
    let shift = day_shift(&assignment.by_day, &assignment.ineligible_by_day);
    let differing = all_differing(left_out, &all);
    let differs = differing
        .iter()
        .find(|test| test.p.p < context.thresholds.warn_p);
    if let Some(test) = differs {
        let sentence = test.sentence(context);
        finding.sentence = format!("{}; {sentence}", finding.sentence);
    }
    if let Some(test) = shift.filter(|test| test.p_value.p < context.fail_p()) {
        let p = wording::p_value(&test.p_value);
        finding.sentence = format!(
            "{}; the share changes over days (p = {p})",
            finding.sentence
        );
        finding.status = super::finding::worse(finding.status, CheckStatus::Warn);
    }
    if differs.is_some() {
        finding.status = super::finding::worse(finding.status, CheckStatus::Warn);
    }
    finding.observed = Some((observed, "share of assigned units that are not eligible"));
    finding.thresholds = (
        Some("a share that differs between variants or days".to_owned()),
        Some(format!("above {}", wording::threshold(fail))),
    );
    finding.evaluated = Some(units);
    finding.failing = Some(out);
    finding.invalidates = vec![Invalidates::All];
    finding.into_check(context, id)
}

/// Whether the share of units left out is the same on every day.
fn day_shift(kept: &[DayCounts], out: &[DayCounts]) -> Option<RateTest> {
    let of = |days: &[DayCounts], name: &str| -> u64 {
        let day = days.iter().find(|day| day.day == name);
        day.map_or(0, |day| day.units.iter().sum())
    };
    let mut names: Vec<&str> = kept.iter().chain(out).map(|day| day.day.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let (with, all): (Vec<u64>, Vec<u64>) = names
        .iter()
        .map(|name| (of(out, name), of(out, name) + of(kept, name)))
        .unzip();
    equal_rates(&with, &all).ok()
}

/// 25: a test that is read before its planned end although its error is for one look only.
pub(super) fn design_drift(context: &Context<'_>) -> Check {
    let id = CheckId::DesignDrift;
    let experiment = context.experiment;
    let end = experiment.plan.end.zip(context.summary.as_of.instant);
    let Some((end, as_of)) = end else {
        return Finding::not_run("because no end is planned, and no lock holds the design")
            .into_check(context, id);
    };
    let is_fixed = context.conventions.sequential == SequentialFamily::Fixed;
    let is_over = experiment.status == ExperimentStatus::Concluded;
    let mut finding = if as_of >= end {
        Finding::new(CheckStatus::Pass, "it is read at its planned end")
    } else if !is_fixed {
        Finding::new(
            CheckStatus::Pass,
            format!(
                "it is read before its planned end, which {} allows",
                context.conventions.sequential.label()
            ),
        )
    } else {
        let what = if is_over { "ended" } else { "is read" };
        Finding::new(
            CheckStatus::Warn,
            format!(
                "it {what} before its planned end, and its p-values hold for one look at that end: keep running, or declare a sequential family"
            ),
        )
    };
    finding.thresholds = (
        Some("a fixed-horizon test read before its planned end".to_owned()),
        None,
    );
    finding.invalidates = vec![Invalidates::Decision];
    finding.into_check(context, id)
}
