//! Defines what levels of segments, and days, say of a mismatch: whether it is the same in all of them.
//!
//! Parts are compared with each other, not each with the plan: a mismatch that is the same everywhere departs clearly in large
//! parts and not in small ones. Parts that are withheld are counted and never named.

use std::collections::BTreeSet;

use super::{NAMED, Said, cannot_tell, points, silent};
use crate::checks::diagnosis::Scene;
use crate::checks::share::holm_p;
use crate::checks::wording;
use crate::domain::result::{BreakdownLine, CheckId, PValue};
use crate::stats::equal_rates;

/// 2: where levels of a segment are split differently, something particular to some of them makes it.
pub(super) fn segments(scene: &Scene<'_>) -> Said {
    let lines = &scene.lines.segments;
    let columns: BTreeSet<&str> = lines.iter().filter_map(column).collect();
    let tested: Vec<(&str, PValue)> = columns
        .into_iter()
        .filter_map(|name| {
            let levels = lines.iter().filter(|line| column(line) == Some(name));
            Some((name, heterogeneity(&units(levels))?))
        })
        .collect();
    let raw: Vec<PValue> = tested.iter().map(|(_, p)| *p).collect();
    let tested: Vec<(&str, PValue)> = tested
        .iter()
        .zip(holm_p(&raw))
        .map(|((name, _), p)| (*name, p))
        .collect();
    let withheld = withheld(lines, "level");
    let read = |(name, p): &(&str, PValue)| {
        format!("{} (p = {})", wording::label(name), wording::p_value(p))
    };
    if tested.is_empty() {
        return cannot_tell(format!(
            "no segment has two levels that could be compared{withheld}; name segments in the experiment, or add one with --segment"
        ));
    }
    let warn = scene.context.thresholds.warn_p;
    let differing: Vec<&(&str, PValue)> = tested.iter().filter(|(_, p)| p.p < warn).collect();
    if differing.is_empty() {
        let all: Vec<String> = tested.iter().map(read).collect();
        return silent(format!(
            "every level is split alike, by {}{withheld}",
            wording::list(&all)
        ));
    }
    let all: Vec<String> = differing.iter().map(|found| read(found)).collect();
    let departing: Vec<&BreakdownLine> = lines
        .iter()
        .filter(|line| line.departs())
        .filter(|line| {
            differing
                .iter()
                .any(|(name, _)| column(line) == Some(*name))
        })
        .collect();
    let named = if departing.is_empty() {
        String::new()
    } else {
        format!("; off the plan: {}", named(&departing))
    };
    points(format!(
        "levels are split differently, by {}{named}{withheld}",
        wording::list(&all)
    ))
}

/// The column of a level that is known.
fn column(line: &BreakdownLine) -> Option<&str> {
    line.name.split_once('=').map(|(column, _)| column)
}

/// Units of each line that is shown and was tested.
fn units<'a>(lines: impl Iterator<Item = &'a BreakdownLine>) -> Vec<&'a [u64]> {
    lines
        .filter_map(|line| line.found.value())
        .filter(|found| found.p.is_some())
        .map(|found| found.counts.as_slice())
        .collect()
}

/// Whether parts are split differently: χ² of each treatment against control over the parts, the smallest p after Holm.
///
/// A mismatch that is the same everywhere departs from the plan in the large parts and, by chance, not in the small ones: to
/// compare parts with each other and not with the plan tells it from one that is local.
fn heterogeneity(parts: &[&[u64]]) -> Option<PValue> {
    let width = parts.first()?.len();
    let raw: Vec<PValue> = (1..width)
        .filter_map(|variant| {
            let (with, of): (Vec<u64>, Vec<u64>) = parts
                .iter()
                .filter_map(|units| {
                    let (control, treatment) = (units.first()?, units.get(variant)?);
                    Some((*treatment, control + treatment))
                })
                .unzip();
            Some(equal_rates(&with, &of).ok()?.p_value)
        })
        .collect();
    holm_p(&raw)
        .into_iter()
        .min_by(|left, right| left.log10_p.total_cmp(&right.log10_p))
}

/// 3: a mismatch of the first day is made by caches, warm-ups and late starts; one of some days by what happened then.
pub(super) fn days(scene: &Scene<'_>) -> Said {
    let lines = &scene.lines.days;
    let days = units(lines.iter());
    let withheld = withheld(lines, "day");
    let Some((first, others)) = days.split_first().filter(|(_, others)| !others.is_empty()) else {
        return cannot_tell(format!(
            "fewer than two days could be compared: units carry no time, weights changed, or too few came on a day{withheld}"
        ));
    };
    let rest: Vec<u64> = (0..first.len())
        .map(|variant| others.iter().filter_map(|day| day.get(variant)).sum())
        .collect();
    let tests: Vec<PValue> = [heterogeneity(&[first, &rest]), heterogeneity(&days)]
        .into_iter()
        .flatten()
        .collect();
    let tests = holm_p(&tests);
    let warn = scene.context.thresholds.warn_p;
    let of = wording::counted(days.len() as u64, "day");
    if let Some(check) = scene.raised(CheckId::SampleRatioOverTime) {
        return points(format!("{}{withheld}", check.finding));
    }
    match tests.as_slice() {
        [first, _] if first.p < warn => points(format!(
            "the first of {of} is split otherwise than the rest (p = {}): a cache, a warm-up, or variants that did not start together{withheld}",
            wording::p_value(first)
        )),
        [_, all] if all.p < warn => points(format!(
            "{of} are split differently (p = {}): look at what was released, paused or lost on those that depart{withheld}",
            wording::p_value(all)
        )),
        [_, all] => silent(format!(
            "{of} are split alike (p = {}), so it is there all the time{withheld}",
            wording::p_value(all)
        )),
        _ => cannot_tell(format!(
            "days could not be compared with each other{withheld}"
        )),
    }
}

/// The first few lines by name.
fn named(lines: &[&BreakdownLine]) -> String {
    let mut names: Vec<String> = lines
        .iter()
        .take(NAMED)
        .map(|line| wording::label(&line.name))
        .collect();
    if lines.len() > NAMED {
        names.push(format!("{} more", lines.len() - NAMED));
    }
    wording::list(&names)
}

/// How many lines are withheld, where any is.
fn withheld(lines: &[BreakdownLine], noun: &str) -> String {
    let hidden = lines.iter().filter(|line| line.found.value().is_none());
    match hidden.count() {
        0 => String::new(),
        some => format!("; {} withheld", wording::counted(some as u64, noun)),
    }
}
