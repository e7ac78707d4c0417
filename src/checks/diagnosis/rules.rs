//! Defines what each of the ten rules of Fabijan et al. (KDD 2019) says of one readout, and by what evidence.

mod parts;

use super::Scene;
use crate::checks::wording;
use crate::domain::definition::{Direction, Population, Role};
use crate::domain::evidence::Slice;
use crate::domain::result::{
    CheckId, DiagnosisRule, Effect, Known, MetricReadout, PValue, RuleFinding, RuleReading,
    Significance, SplitStage,
};

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
        DiagnosisRule::Segments => parts::segments(scene),
        DiagnosisRule::Days => parts::days(scene),
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
