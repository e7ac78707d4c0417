//! Defines what each of the ten rules of Fabijan et al. (KDD 2019) says of one readout, and by what evidence.

use std::collections::BTreeSet;

use super::Scene;
use crate::checks::share::holm_p;
use crate::checks::wording;
use crate::domain::definition::{Direction, Population, Role};
use crate::domain::evidence::Slice;
use crate::domain::result::{
    BreakdownLine, CheckId, DiagnosisRule, Effect, Known, MetricReadout, PValue, RuleFinding,
    RuleReading, Significance, SplitStage,
};
use crate::stats::equal_rates;

/// A variant that lacks this share of its units is hardly recorded.
pub(super) const MOST_OF_A_VARIANT: f64 = 0.5;
/// At most this many are named.
const NAMED: usize = 3;

/// Every rule, in the paper's order.
pub(super) fn all(scene: &Scene<'_>) -> Vec<RuleFinding> {
    DiagnosisRule::ALL
        .iter()
        .map(|rule| {
            let (reading, evidence) = read(scene, *rule);
            RuleFinding {
                rule: *rule,
                reading,
                evidence,
            }
        })
        .collect()
}

type Said = (RuleReading, String);

fn points(evidence: impl Into<String>) -> Said {
    (RuleReading::Points, evidence.into())
}

fn silent(evidence: impl Into<String>) -> Said {
    (RuleReading::Silent, evidence.into())
}

fn cannot_tell(why: impl Into<String>) -> Said {
    (RuleReading::CannotTell, why.into())
}

fn read(scene: &Scene<'_>, rule: DiagnosisRule) -> Said {
    match rule {
        DiagnosisRule::Populations => populations(scene),
        DiagnosisRule::Segments => segments(scene),
        DiagnosisRule::Days => days(scene),
        DiagnosisRule::Performance => performance(scene),
        DiagnosisRule::Engagement => engagement(scene),
        DiagnosisRule::Frequency => cannot_tell(
            "one experiment does not tell; `readout check --all` shows whether others that ran then have it too, which would be a fault of the platform",
        ),
        DiagnosisRule::AaTest => cannot_tell(
            "this readout is of one experiment; an A/A test on the same assignment that has it too would clear the treatment",
        ),
        DiagnosisRule::Severity => severity(scene),
        DiagnosisRule::Downstream => downstream(scene),
        DiagnosisRule::Pipelines => pipelines(scene),
    }
}

/// 1: a mismatch of the exposed alone is made by what selects them.
fn populations(scene: &Scene<'_>) -> Said {
    let exposed = scene
        .stages
        .iter()
        .find(|stage| stage.stage == SplitStage::Exposed);
    match (
        scene.begins,
        exposed.and_then(|stage| stage.found.absence()),
    ) {
        (Some(SplitStage::Exposed), _) => points(
            "assigned units are split as planned and exposed ones are not: what selects the exposed depends on the variant",
        ),
        (Some(SplitStage::Assigned | SplitStage::Itt), _) => silent(
            "all assigned units have it already, so no trigger or filter on exposure has made it",
        ),
        (_, Some(absence)) => cannot_tell(format!(
            "the exposed population was not held against the plan: {}",
            absence.label()
        )),
        _ => silent("neither assigned nor exposed units depart from the plan"),
    }
}

/// 2: where levels of a segment are split differently, something particular to some of them makes it.
fn segments(scene: &Scene<'_>) -> Said {
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
fn days(scene: &Scene<'_>) -> Said {
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

/// 4: where a performance guardrail is worse, units leave before they are recorded.
fn performance(scene: &Scene<'_>) -> Said {
    let guardrails: Vec<&MetricReadout> = scene
        .context
        .effects
        .iter()
        .filter(|metric| metric.role == Role::Guardrail && metric.direction == Direction::Decrease)
        .collect();
    if guardrails.is_empty() {
        return cannot_tell(
            "the experiment has no guardrail that should not rise, such as latency or crashes",
        );
    }
    let worse = moved(&guardrails, |significance| {
        significance == Significance::Worse
    });
    if worse.is_empty() {
        let names: Vec<String> = guardrails.iter().map(|one| one.id.to_string()).collect();
        return silent(format!("{} did not get worse", wording::list(&names)));
    }
    points(format!(
        "{}: units that wait or meet an error leave before they are recorded",
        wording::list(&worse)
    ))
}

/// 5: the lift of units that remain tells which kind was lost.
fn engagement(scene: &Scene<'_>) -> Said {
    let metrics: Vec<&MetricReadout> = scene
        .context
        .effects
        .iter()
        .filter(|metric| metric.role != Role::Guardrail)
        .collect();
    let Some((lacking, _)) = scene.lacking() else {
        return cannot_tell("no variant lacks units, so nothing tells which kind of them is lost");
    };
    if metrics.is_empty() {
        return cannot_tell("there is no metric beside guardrails to tell engagement by");
    }
    let found = moved(&metrics, |significance| {
        significance != Significance::Unclear
    });
    if found.is_empty() {
        return silent(
            "no metric differs among the units that remain, so those lost look like the others",
        );
    }
    let kind = match engaged(scene, &metrics, lacking) {
        Some(true) => format!(
            "; the units that {} lacks seem to be its less engaged ones",
            scene.lacking_name()
        ),
        Some(false) => format!(
            "; the units that {} lacks seem to be its more engaged ones",
            scene.lacking_name()
        ),
        None => String::new(),
    };
    points(format!("{}{kind}", wording::list(&found)))
}

/// Whether the variant that lacks units is above the others on what is clear; `None` where that is not one answer.
fn engaged(scene: &Scene<'_>, metrics: &[&MetricReadout], lacking: usize) -> Option<bool> {
    let mut signs = metrics
        .iter()
        .flat_map(|metric| clear(metric))
        .filter_map(|effect| {
            let rises = effect.relative.value()?.estimate > 0.0;
            let is_lacking = effect.variant == scene.context.variant(lacking);
            // Control lacks units: what remains of it is above where treatments are below.
            (is_lacking || lacking == 0).then_some(rises == is_lacking)
        });
    let first = signs.next()?;
    signs.all(|sign| sign == first).then_some(first)
}

/// Clear effects on the whole of intention to treat.
fn clear(metric: &MetricReadout) -> impl Iterator<Item = &Effect> {
    metric.effects.iter().filter(|effect| {
        effect.population == Population::Itt
            && effect.slice == Slice::All
            && matches!(
                effect.significance,
                Some(Significance::Better | Significance::Worse)
            )
    })
}

/// `conversion is +10.30 % in 'learned'` of every clear effect that is asked for.
fn moved(metrics: &[&MetricReadout], wanted: impl Fn(Significance) -> bool) -> Vec<String> {
    let mut found: Vec<String> = metrics
        .iter()
        .flat_map(|metric| clear(metric).map(move |effect| (metric, effect)))
        .filter(|(_, effect)| effect.significance.is_some_and(&wanted))
        .map(|(metric, effect)| {
            let lift = match &effect.relative {
                Known::Value(lift) => wording::signed_percent(lift.estimate),
                Known::Absent(_) => "different".to_owned(),
            };
            format!(
                "{} is {lift} in {}",
                metric.id,
                wording::label(&effect.variant)
            )
        })
        .collect();
    if found.len() > NAMED {
        let more = found.len() - NAMED;
        found.truncate(NAMED);
        found.push(format!("{more} more"));
    }
    found
}

/// 8: where most of a variant is missing, it is hardly recorded at all.
fn severity(scene: &Scene<'_>) -> Said {
    let Some((_, share)) = scene.lacking() else {
        return cannot_tell("no variant lacks units of its plan");
    };
    let evidence = format!(
        "{} lacks {} of its planned units",
        scene.lacking_name(),
        wording::percent(share)
    );
    if share >= MOST_OF_A_VARIANT {
        points(format!(
            "{evidence}: it is hardly recorded, or hardly served"
        ))
    } else {
        silent(format!("{evidence}: some of them, not most"))
    }
}

/// 9: the stage at which it begins says whose data to look at.
fn downstream(scene: &Scene<'_>) -> Said {
    let Some(stage) = scene.begins else {
        return cannot_tell("no stage departs from the plan as it stands now");
    };
    let p = scene
        .stages
        .iter()
        .find(|split| split.stage == stage)
        .and_then(|split| split.found.value()?.p)
        .map_or_else(String::new, |p| {
            let log10_p = libm::log10(p.max(f64::MIN_POSITIVE));
            format!(" (p = {})", wording::p_value(&PValue { p, log10_p }))
        });
    points(match stage {
        SplitStage::Assigned => format!(
            "it is there when units are first recorded{p}: in assignment itself, or in the loss of units before it"
        ),
        SplitStage::Itt => format!(
            "assignments are split as planned, and what the conventions keep of them is not{p}: exclusion makes it"
        ),
        SplitStage::Exposed => format!(
            "assignments are split as planned, and exposures are not{p}: look between the two"
        ),
        SplitStage::WithValue => format!(
            "assignments and exposures are split as planned, and units with a value are not{p}: look at the outcome's events"
        ),
    })
}

/// 10: what the tables themselves lose; another pipeline would tell the rest.
fn pipelines(scene: &Scene<'_>) -> Said {
    let raised: Vec<String> = [
        CheckId::VariantVocabulary,
        CheckId::UnitIds,
        CheckId::Duplicates,
        CheckId::JoinIntegrity,
    ]
    .into_iter()
    .filter_map(|id| scene.raised(id))
    .map(|check| {
        format!(
            "check {} ({}): {}",
            check.number,
            check.id.label(),
            check.finding
        )
    })
    .collect();
    if raised.is_empty() {
        cannot_tell(
            "no rows are lost that these tables know of; tables of another pipeline, read with --tables, would show what never reached them",
        )
    } else {
        points(raised.join("; "))
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
