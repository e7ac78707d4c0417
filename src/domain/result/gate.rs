//! Defines what closes a gate on a readout: the one rule behind the exit code and every file that tells of it.

use super::{Check, CheckStatus, Effect, GuardrailOutcome, MetricReadout, Readout};
use crate::domain::definition::Population;
use crate::domain::evidence::Slice;
use crate::domain::vocabulary;

vocabulary! {
    /// Something a gate can close for.
    pub enum GateReason {
        /// A check that fails.
        Fail = "fail", "a check that fails";
        /// A check that warns.
        Warn = "warn", "a check that warns";
        /// A guardrail beyond its margin.
        Breach = "breach", "a guardrail beyond its margin";
        /// A guardrail that is not shown to be safe.
        Inconclusive = "inconclusive", "a guardrail that is not shown to be safe";
        /// A check that could not run, or data that do not suffice.
        Incomplete = "incomplete", "a check that could not run, or too little data";
    }
}

impl GateReason {
    /// The one reason a check's status closes a gate for; a pass, and what did not run for a stated reason, closes none.
    #[must_use]
    pub const fn of_check(status: CheckStatus) -> Option<Self> {
        match status {
            CheckStatus::Fail => Some(Self::Fail),
            CheckStatus::Warn => Some(Self::Warn),
            CheckStatus::CouldNotRun | CheckStatus::Insufficient => Some(Self::Incomplete),
            CheckStatus::Pass | CheckStatus::NotRun => None,
        }
    }

    /// The one reason a guardrail's outcome closes a gate for.
    #[must_use]
    pub const fn of_guardrail(outcome: GuardrailOutcome) -> Option<Self> {
        match outcome {
            GuardrailOutcome::Fail => Some(Self::Breach),
            GuardrailOutcome::Inconclusive | GuardrailOutcome::CouldNotRun => {
                Some(Self::Inconclusive)
            }
            GuardrailOutcome::Pass => None,
        }
    }

    /// Whether it is about guardrails, not checks.
    #[must_use]
    pub const fn is_about_guardrails(self) -> bool {
        matches!(self, Self::Breach | Self::Inconclusive)
    }
}

impl Check {
    /// Whether it closes a gate for any of these reasons.
    #[must_use]
    pub fn closes(&self, reasons: &[GateReason]) -> bool {
        GateReason::of_check(self.status).is_some_and(|reason| reasons.contains(&reason))
    }
}

impl Readout {
    /// The guardrails a gate looks at: every metric and effect on the whole of itt that has a judgement.
    pub fn gated_guardrails(&self) -> impl Iterator<Item = (&MetricReadout, &Effect)> {
        self.metrics.iter().flat_map(|metric| {
            let whole = metric.effects.iter().filter(|effect| {
                effect.population == Population::Itt
                    && effect.slice == Slice::All
                    && effect.guardrail.is_some()
            });
            whole.map(move |effect| (metric, effect))
        })
    }

    /// Whether it closes a gate for any of these reasons.
    #[must_use]
    pub fn closes(&self, reasons: &[GateReason]) -> bool {
        self.checks.iter().any(|check| check.closes(reasons))
            || self
                .gated_guardrails()
                .filter_map(|(_, effect)| effect.guardrail.as_ref())
                .filter_map(|guardrail| GateReason::of_guardrail(guardrail.outcome))
                .any(|reason| reasons.contains(&reason))
    }
}
