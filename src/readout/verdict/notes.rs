//! Defines what a reader must know beside the deciding clause: warnings and unmet conditions.

use super::{Decided, Judge, planned_end};
use crate::checks::{open_share, wording};
use crate::domain::definition::{ExperimentStatus, Role};
use crate::domain::result::{
    Check, CheckStatus, GuardrailOutcome, Invalidates, Significance, VerdictClause,
};
use crate::stats::within_minimum_effect;

impl Judge<'_> {
    /// The notes, in the order checks, guardrails, effects, time.
    pub(super) fn notes(&self, decided: &Decided) -> Vec<String> {
        let mut notes = self.check_notes(decided);
        notes.extend(self.guardrail_notes(decided));
        notes.extend(self.small_effects());
        notes.extend(self.open_windows());
        notes.extend(self.open_ended());
        notes
    }

    /// Checks that found something and did not decide.
    fn check_notes(&self, decided: &Decided) -> Vec<String> {
        let deciding = (decided.clause == VerdictClause::CheckFailed)
            .then(|| self.deciding_check())
            .flatten();
        self.checks
            .iter()
            .filter(|check| deciding.is_none_or(|deciding| deciding.id != check.id))
            .filter_map(|check| {
                let found = match check.status {
                    CheckStatus::Fail => format!("failed{}", spared(check)),
                    CheckStatus::Warn => "warns".to_owned(),
                    CheckStatus::Insufficient => "finds too little data".to_owned(),
                    CheckStatus::CouldNotRun => "could not run".to_owned(),
                    CheckStatus::Pass | CheckStatus::NotRun => return None,
                };
                let label = check.id.label();
                Some(format!("check \"{label}\" {found}: {}", check.finding))
            })
            .collect()
    }

    /// Guardrails that did not pass, unless the reason names them already.
    fn guardrail_notes(&self, decided: &Decided) -> Vec<String> {
        if decided.clause == VerdictClause::GuardrailNotShown {
            return Vec::new();
        }
        let breach_decided = decided.clause == VerdictClause::GuardrailBreached;
        self.not_shown()
            .into_iter()
            .filter(|subject| {
                let failed = subject.guardrail().map(|guardrail| guardrail.outcome)
                    == Some(GuardrailOutcome::Fail);
                !(breach_decided && failed && subject.is_trusted())
            })
            .map(|subject| subject.guardrail_sentence())
            .collect()
    }

    /// Primaries that change significantly, but by less than what matters.
    fn small_effects(&self) -> Vec<String> {
        self.with_role(Role::Primary)
            .filter(|subject| {
                subject.is(Significance::Better) || subject.is(Significance::Worse)
            })
            .filter_map(|subject| {
                let minimum = subject.metric.minimum_effect?;
                let effect = subject.effect;
                let inside = within_minimum_effect(
                    effect.absolute.value(),
                    effect.relative.value(),
                    minimum,
                )?;
                let size = super::phrase::magnitude(minimum);
                if inside {
                    return Some(format!(
                        "{} changes significantly, but by less than {size}, the smallest difference that matters",
                        subject.metric.id
                    ));
                }
                subject.estimate_below(minimum).then(|| {
                    format!(
                        "the estimate of {} is smaller than {size}, the smallest difference that matters",
                        subject.metric.id
                    )
                })
            })
            .collect()
    }

    /// Primaries of which some units are left out because their window is open; where they are many, a check said so.
    fn open_windows(&self) -> Vec<String> {
        let metrics = self.context.metrics.iter().enumerate();
        metrics
            .filter(|(_, planned)| planned.role == Role::Primary)
            .filter_map(|(position, planned)| {
                let open = open_share(self.context, position)?;
                if open <= 0.0 || open > self.context.thresholds.open_windows_warn {
                    return None;
                }
                Some(format!(
                    "{} of units are not in {} yet: their window was open at as-of",
                    wording::percent(open),
                    planned.definition.id
                ))
            })
            .collect()
    }

    /// An experiment that still runs and has no end to wait for.
    fn open_ended(&self) -> Option<String> {
        let experiment = self.context.experiment;
        let runs = matches!(
            experiment.status,
            ExperimentStatus::Running | ExperimentStatus::Ramping | ExperimentStatus::Paused
        );
        (runs && planned_end(experiment).is_none()).then(|| {
            "no planned end is declared: reading a running experiment again and again finds effects that are not there"
                .to_owned()
        })
    }
}

/// What a failed check that did not decide stands against.
fn spared(check: &Check) -> String {
    let subjects: Vec<String> = check
        .invalidates
        .iter()
        .map(|invalidated| match invalidated {
            Invalidates::All => "everything".to_owned(),
            Invalidates::Exposed => "exposed-only effects".to_owned(),
            Invalidates::Metric(id) => format!("metric {id}"),
            Invalidates::Slice(name) => format!("slice {}", wording::label(name)),
            Invalidates::PooledEstimate => "the pooled estimate".to_owned(),
            Invalidates::Decision => "the decision".to_owned(),
        })
        .collect();
    if subjects.is_empty() {
        String::new()
    } else {
        format!(" and stands against {}", wording::list(&subjects))
    }
}
