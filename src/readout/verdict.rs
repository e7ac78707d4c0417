//! Defines the verdict on each treatment variant: the first clause of the rule that holds, judged on itt.
//!
//! Invalid → do not ship → keep running → ship → no meaningful effect → inconclusive. Deterioration of a primary or
//! secondary metric is judged against zero, Bonferroni over those tested for the variant; guardrails against their margin.

mod notes;
mod phrase;
mod subject;

use crate::checks::{Context, shortfalls, wording};
use crate::domain::definition::{
    Correction, Experiment, ExperimentStatus, Population, Role, SequentialFamily, Timestamp,
};
use crate::domain::result::{
    Check, CheckStatus, GuardrailOutcome, Invalidates, PValue, Significance, Verdict,
    VerdictClause, VerdictWord,
};
use crate::stats::{adjusted_p_values, within_minimum_effect};
use subject::Subject;

/// A verdict a treatment variant, in the experiment's order.
pub(super) fn all(
    context: &Context<'_>,
    checks: &[Check],
    exploratory: Option<&str>,
) -> Vec<Verdict> {
    judges(context, checks)
        .map(|judge| {
            let decided = judge.decide(exploratory);
            Verdict {
                variant: judge.variant.to_owned(),
                notes: judge.notes(&decided),
                word: decided.word,
                clause: decided.clause,
                reason: decided.reason,
            }
        })
        .collect()
}

/// The words alone, in the same order.
pub(super) fn words(
    context: &Context<'_>,
    checks: &[Check],
    exploratory: Option<&str>,
) -> Vec<VerdictWord> {
    judges(context, checks)
        .map(|judge| judge.decide(exploratory).word)
        .collect()
}

fn judges<'a>(context: &'a Context<'a>, checks: &'a [Check]) -> impl Iterator<Item = Judge<'a>> {
    let variants = context.experiment.variants.iter().enumerate();
    variants
        .skip(Experiment::CONTROL + 1)
        .map(move |(position, variant)| Judge {
            context,
            checks,
            position,
            variant,
        })
}

/// The clause that holds first.
struct Decided {
    word: VerdictWord,
    clause: VerdictClause,
    reason: String,
}

impl Decided {
    fn new(word: VerdictWord, clause: VerdictClause, reason: String) -> Self {
        Self {
            word,
            clause,
            reason,
        }
    }
}

/// Everything the verdict on one variant is judged by.
struct Judge<'a> {
    context: &'a Context<'a>,
    checks: &'a [Check],
    position: usize,
    variant: &'a str,
}

impl<'a> Judge<'a> {
    fn decide(&self, exploratory: Option<&str>) -> Decided {
        if let Some(reason) = exploratory {
            return Decided::new(
                VerdictWord::None,
                VerdictClause::Exploratory,
                format!("the readout is exploratory: {reason}"),
            );
        }
        self.invalid()
            .or_else(|| self.breached())
            .or_else(|| self.worse())
            .or_else(|| self.shown_early())
            .or_else(|| self.too_early())
            .or_else(|| self.without_primary())
            .or_else(|| self.ships())
            .or_else(|| self.meaningless())
            .or_else(|| self.held_back())
            .unwrap_or_else(|| self.undecided())
    }

    /// The itt effects of metrics with a role, whether or not they may be believed.
    fn with_role(&self, role: Role) -> impl Iterator<Item = Subject<'a>> {
        let variant = self.variant;
        self.context
            .effects
            .iter()
            .filter(move |metric| metric.role == role)
            .filter_map(move |metric| {
                Some(Subject {
                    metric,
                    effect: metric.overall(Population::Itt, variant)?,
                })
            })
    }

    /// A failed check invalidates everything, or a primary metric.
    fn invalid(&self) -> Option<Decided> {
        let check = self.deciding_check()?;
        Some(Decided::new(
            VerdictWord::Invalid,
            VerdictClause::CheckFailed,
            format!(
                "the check \"{}\" failed: {}",
                check.id.label(),
                check.finding
            ),
        ))
    }

    fn deciding_check(&self) -> Option<&'a Check> {
        let is_primary = |id: &str| {
            self.context
                .effects
                .iter()
                .any(|metric| metric.role == Role::Primary && metric.id.as_str() == id)
        };
        self.checks
            .iter()
            .filter(|check| check.status == CheckStatus::Fail)
            .find(|check| {
                check
                    .invalidates
                    .iter()
                    .any(|invalidated| match invalidated {
                        Invalidates::All => true,
                        Invalidates::Metric(id) => is_primary(id),
                        Invalidates::Exposed
                        | Invalidates::Slice(_)
                        | Invalidates::PooledEstimate
                        | Invalidates::Decision => false,
                    })
            })
    }

    /// A guardrail that may be believed is beyond its margin.
    fn breached(&self) -> Option<Decided> {
        let breached: Vec<String> = self
            .with_role(Role::Guardrail)
            .filter(Subject::is_trusted)
            .filter(|subject| {
                subject.guardrail().map(|guardrail| guardrail.outcome)
                    == Some(GuardrailOutcome::Fail)
            })
            .map(|subject| {
                format!(
                    "{} is beyond {}: {}",
                    subject.metric.id,
                    phrase::margin(subject.metric),
                    phrase::effect_against(subject.effect, subject.metric.margin)
                )
            })
            .collect();
        (!breached.is_empty()).then(|| {
            Decided::new(
                VerdictWord::DoNotShip,
                VerdictClause::GuardrailBreached,
                breached.join("; "),
            )
        })
    }

    /// A primary or secondary metric is significantly worse, Bonferroni over those tested for this variant.
    fn worse(&self) -> Option<Decided> {
        let tested: Vec<(Subject<'a>, PValue)> = self
            .with_role(Role::Primary)
            .chain(self.with_role(Role::Secondary))
            .filter(Subject::is_trusted)
            .filter_map(|subject| Some((subject, subject.effect.absolute.value()?.p_value)))
            .collect();
        let raw: Vec<PValue> = tested.iter().map(|(_, p)| *p).collect();
        let adjusted = adjusted_p_values(Correction::Bonferroni, &raw);
        let family = if raw.len() > 1 {
            format!(", Bonferroni over {} metrics", raw.len())
        } else {
            String::new()
        };
        let worse: Vec<String> = tested
            .iter()
            .zip(&adjusted)
            .filter(|((subject, _), p)| {
                subject.is(Significance::Worse) && p.p < self.context.conventions.alpha()
            })
            .map(|((subject, _), p)| {
                format!(
                    "{} is significantly worse: {}, p = {}{family}",
                    subject.metric.id,
                    phrase::effect(subject.effect),
                    wording::p_value(p)
                )
            })
            .collect();
        (!worse.is_empty()).then(|| {
            Decided::new(
                VerdictWord::DoNotShip,
                VerdictClause::SignificantlyWorse,
                worse.join("; "),
            )
        })
    }

    /// A test that may be looked at any time may be believed any time: what it shows need not wait for the planned end.
    fn shown_early(&self) -> Option<Decided> {
        if self.context.conventions.sequential == SequentialFamily::Fixed {
            return None;
        }
        self.ships().or_else(|| self.meaningless())
    }

    /// The planned end is after as-of.
    fn too_early(&self) -> Option<Decided> {
        let end = planned_end(self.context.experiment)?;
        let as_of = self.context.summary.as_of.instant?;
        (end > as_of).then(|| {
            Decided::new(
                VerdictWord::KeepRunning,
                VerdictClause::BeforePlannedEnd,
                format!("the planned end {end} is not reached at {as_of}"),
            )
        })
    }

    fn without_primary(&self) -> Option<Decided> {
        self.with_role(Role::Primary).next().is_none().then(|| {
            Decided::new(
                VerdictWord::Inconclusive,
                VerdictClause::NoPrimary,
                "the experiment names no primary metric to decide by".to_owned(),
            )
        })
    }

    /// At least one primary improves after correction, every guardrail passes, and there is enough data.
    fn ships(&self) -> Option<Decided> {
        let improved = self.improved()?;
        if !self.not_shown().is_empty() || !self.shortfalls().is_empty() {
            return None;
        }
        let guardrails = self.with_role(Role::Guardrail).count();
        let safe = match guardrails {
            0 => "no guardrail is declared".to_owned(),
            1 => "its guardrail passes".to_owned(),
            several => format!("all {several} guardrails pass"),
        };
        Some(Decided::new(
            VerdictWord::Ship,
            VerdictClause::PrimaryImproves,
            format!("{improved}; {safe}"),
        ))
    }

    /// Every primary metric's interval lies inside its smallest difference that matters.
    fn meaningless(&self) -> Option<Decided> {
        let mut inside = Vec::new();
        for subject in self.with_role(Role::Primary) {
            let minimum = subject.metric.minimum_effect?;
            let effect = subject.effect;
            if !within_minimum_effect(effect.absolute.value(), effect.relative.value(), minimum)? {
                return None;
            }
            inside.push(format!(
                "{}: {} lies inside ±{}, the smallest difference that matters",
                subject.metric.id,
                phrase::effect_against(effect, Some(minimum)),
                phrase::magnitude(minimum)
            ));
        }
        Some(Decided::new(
            VerdictWord::NoMeaningfulEffect,
            VerdictClause::InsideMinimumEffect,
            inside.join("; "),
        ))
    }

    /// A primary improves, but something stands against shipping.
    fn held_back(&self) -> Option<Decided> {
        let improved = self.improved()?;
        let small = self.shortfalls();
        let (clause, but) = if small.is_empty() {
            let not_shown: Vec<String> = self
                .not_shown()
                .iter()
                .map(Subject::guardrail_sentence)
                .collect();
            (VerdictClause::GuardrailNotShown, not_shown.join("; "))
        } else {
            (VerdictClause::InsufficientData, small.join("; "))
        };
        Some(Decided::new(
            VerdictWord::Inconclusive,
            clause,
            format!("{improved}; but {but}"),
        ))
    }

    fn undecided(&self) -> Decided {
        let said: Vec<String> = self
            .with_role(Role::Primary)
            .map(|subject| {
                format!(
                    "{}: {}{}",
                    subject.metric.id,
                    phrase::effect(subject.effect),
                    subject.p_phrase()
                )
            })
            .collect();
        Decided::new(
            VerdictWord::Inconclusive,
            VerdictClause::NothingSignificant,
            format!(
                "no primary metric changes significantly; {}",
                said.join("; ")
            ),
        )
    }

    /// The primaries that improve after correction, in words.
    fn improved(&self) -> Option<String> {
        let improved: Vec<String> = self
            .with_role(Role::Primary)
            .filter(|subject| {
                subject.is(Significance::Better)
                    && subject
                        .effect
                        .corrected
                        .as_ref()
                        .is_some_and(|corrected| corrected.significant)
            })
            .map(|subject| {
                format!(
                    "{} improves: {}{}",
                    subject.metric.id,
                    phrase::effect(subject.effect),
                    subject.p_phrase()
                )
            })
            .collect();
        (!improved.is_empty()).then(|| improved.join("; "))
    }

    /// Guardrails that are not shown to be within their margin: inconclusive, not judged, or not to be believed.
    fn not_shown(&self) -> Vec<Subject<'a>> {
        self.with_role(Role::Guardrail)
            .filter(|subject| {
                !subject.is_trusted()
                    || subject.guardrail().map(|guardrail| guardrail.outcome)
                        != Some(GuardrailOutcome::Pass)
            })
            .collect()
    }

    fn shortfalls(&self) -> Vec<String> {
        shortfalls(self.context, self.position)
    }
}

/// The planned end; without one the experiment's own end, unless it has concluded already.
fn planned_end(experiment: &Experiment) -> Option<Timestamp> {
    experiment.plan.end.or_else(|| {
        experiment
            .end
            .filter(|_| experiment.status != ExperimentStatus::Concluded)
    })
}
