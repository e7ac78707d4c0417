//! Defines which causes the evidence speaks for, the likeliest first.
//!
//! What acts only after the stage at which the mismatch begins cannot be its first cause, however loud its check.

use std::collections::BTreeMap;

use super::Scene;
use crate::checks::runbook;
use crate::domain::result::{
    Cause, CauseKind, CheckId, CheckStatus, DiagnosisRule, Likelihood, RuleFinding, RuleReading,
    SplitStage,
};

/// Checks that point to a cause by themselves.
const POINTING: [(CheckId, CauseKind); 12] = [
    (CheckId::VariantVocabulary, CauseKind::Labels),
    (CheckId::UnitIds, CauseKind::UnitIds),
    (CheckId::Duplicates, CauseKind::Duplicates),
    (CheckId::JoinIntegrity, CauseKind::Joins),
    (CheckId::ContradictingVariant, CauseKind::Served),
    (CheckId::SeveralVariants, CauseKind::Exclusion),
    (CheckId::AsymmetricExclusion, CauseKind::Exclusion),
    (CheckId::SampleRatioOverTime, CauseKind::Timing),
    (CheckId::AllocationChange, CauseKind::Assignment),
    (CheckId::TimeOrder, CauseKind::Clocks),
    (CheckId::ExposureRate, CauseKind::Trigger),
    (CheckId::DifferentialMissingness, CauseKind::Values),
];

/// What is gathered of one cause.
#[derive(Default)]
struct Gathered {
    strong: bool,
    evidence: Vec<String>,
    checks: Vec<CheckId>,
}

/// Every cause with evidence, the likeliest first; of equally likely ones, those with more evidence.
pub(super) fn ranked(scene: &Scene<'_>, rules: &[RuleFinding]) -> Vec<Cause> {
    let mut gathered: BTreeMap<CauseKind, Gathered> = BTreeMap::new();
    by_rules(scene, rules, &mut gathered);
    by_checks(scene, &mut gathered);
    by_stage(scene, &mut gathered);
    let mut causes: Vec<Cause> = gathered
        .into_iter()
        .map(|(kind, found)| Cause {
            kind,
            likelihood: likelihood(scene, kind, found.strong),
            next: next(kind, &found.checks).to_owned(),
            evidence: found.evidence,
            checks: found.checks,
        })
        .collect();
    // A stable sort: what is alike stays in the order of the vocabulary.
    causes.sort_by_key(|cause| (cause.likelihood, std::cmp::Reverse(cause.evidence.len())));
    causes
}

fn by_rules(
    scene: &Scene<'_>,
    rules: &[RuleFinding],
    gathered: &mut BTreeMap<CauseKind, Gathered>,
) {
    let pointing = rules
        .iter()
        .filter(|found| found.reading == RuleReading::Points);
    for found in pointing {
        let (kind, strong) = match found.rule {
            DiagnosisRule::Populations => (CauseKind::Trigger, true),
            DiagnosisRule::Segments => (CauseKind::Segment, true),
            DiagnosisRule::Days => (CauseKind::Timing, true),
            DiagnosisRule::Performance => (CauseKind::Performance, true),
            // A lift of those that remain may be the treatment's own.
            DiagnosisRule::Engagement => (CauseKind::Engagement, false),
            DiagnosisRule::Severity => (CauseKind::Recording, true),
            // The stage and the checks of rows speak for themselves below; the others never point.
            DiagnosisRule::Downstream
            | DiagnosisRule::Pipelines
            | DiagnosisRule::Frequency
            | DiagnosisRule::AaTest => continue,
        };
        let cause = gathered.entry(kind).or_default();
        cause.strong |= strong && scene.begins.is_some();
        cause
            .evidence
            .push(format!("rule {}: {}", found.rule.number(), found.evidence));
    }
}

fn by_checks(scene: &Scene<'_>, gathered: &mut BTreeMap<CauseKind, Gathered>) {
    for (id, kind) in POINTING {
        let Some(check) = scene.raised(id) else {
            continue;
        };
        let cause = gathered.entry(kind).or_default();
        cause.strong |= check.status == CheckStatus::Fail;
        cause.checks.push(id);
        cause.evidence.push(format!(
            "check {} ({}) {}: {}",
            check.number,
            check.id.label(),
            if check.status == CheckStatus::Fail {
                "fails"
            } else {
                "warns"
            },
            check.finding
        ));
    }
}

/// The stage itself, and where nothing localises it, that it is everywhere.
fn by_stage(scene: &Scene<'_>, gathered: &mut BTreeMap<CauseKind, Gathered>) {
    let Some(stage) = scene.begins else { return };
    let (kind, evidence) = match stage {
        SplitStage::Assigned => {
            let local = [CauseKind::Segment, CauseKind::Timing, CauseKind::Labels];
            if local.iter().any(|kind| gathered.contains_key(kind)) {
                return;
            }
            (
                CauseKind::Assignment,
                "rule 9: it is there when units are first recorded, and neither segments nor days localise it",
            )
        }
        SplitStage::Itt => (
            CauseKind::Exclusion,
            "rule 9: it begins where units in several variants are excluded",
        ),
        SplitStage::Exposed => (
            CauseKind::Trigger,
            "rule 9: it begins between assignment and exposure",
        ),
        SplitStage::WithValue => (
            CauseKind::Values,
            "rule 9: it begins where units need a value",
        ),
    };
    let cause = gathered.entry(kind).or_default();
    cause.strong = true;
    cause.evidence.push(evidence.to_owned());
}

/// The stage at which a cause acts first.
const fn acts_at(kind: CauseKind) -> SplitStage {
    match kind {
        CauseKind::Labels
        | CauseKind::UnitIds
        | CauseKind::Assignment
        | CauseKind::Segment
        | CauseKind::Timing
        | CauseKind::Performance
        | CauseKind::Engagement
        | CauseKind::Recording
        | CauseKind::Duplicates => SplitStage::Assigned,
        CauseKind::Exclusion => SplitStage::Itt,
        CauseKind::Joins | CauseKind::Served | CauseKind::Clocks | CauseKind::Trigger => {
            SplitStage::Exposed
        }
        CauseKind::Values => SplitStage::WithValue,
    }
}

fn likelihood(scene: &Scene<'_>, kind: CauseKind, strong: bool) -> Likelihood {
    match scene.begins {
        Some(begins) if acts_at(kind) > begins => Likelihood::Unlikely,
        _ if strong => Likelihood::Likely,
        _ => Likelihood::Possible,
    }
}

/// What to look at next: the runbook line of the check that points there, else the cause's own.
const fn next(kind: CauseKind, checks: &[CheckId]) -> &'static str {
    if let Some(id) = checks.first() {
        return runbook::next_step(*id);
    }
    match kind {
        CauseKind::Segment => runbook::next_step(CheckId::SampleRatioBySegment),
        CauseKind::Timing => runbook::next_step(CheckId::SampleRatioOverTime),
        CauseKind::Trigger => runbook::next_step(CheckId::SampleRatioExposed),
        CauseKind::Exclusion => runbook::next_step(CheckId::AsymmetricExclusion),
        CauseKind::Values => runbook::next_step(CheckId::DifferentialMissingness),
        CauseKind::Performance => {
            "Compare load times and errors before the first record, variant by variant; record units before the variant acts."
        }
        CauseKind::Engagement => {
            "Look for what is recorded only after a unit has done something, such as a second page, and record it at assignment."
        }
        CauseKind::Recording => {
            "Check that the variant is served and logged at all: one request of your own in each variant tells."
        }
        _ => runbook::next_step(CheckId::SampleRatio),
    }
}
