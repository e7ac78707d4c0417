//! Defines how a finding becomes a [`Check`].

use super::{Context, runbook, wording};
use crate::domain::result::{Check, CheckId, CheckStatus, Invalidates, PValue, Scope};

/// What one check found.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    /// What became of it.
    pub(super) status: CheckStatus,
    /// One sentence, or a few; of a check that did not run, why.
    pub(super) sentence: String,
    /// The number the status was decided by, and what it is.
    pub(super) observed: Option<(f64, &'static str)>,
    /// The thresholds that warn and fail, in words.
    pub(super) thresholds: (Option<String>, Option<String>),
    /// Units or rows looked at.
    pub(super) evaluated: Option<u64>,
    /// Those that failed.
    pub(super) failing: Option<u64>,
    /// What a failure, or a lack of data, invalidates.
    pub(super) invalidates: Vec<Invalidates>,
}

impl Finding {
    /// A finding with a status and a sentence, and nothing else yet.
    pub(super) fn new(status: CheckStatus, sentence: impl Into<String>) -> Self {
        Self {
            status,
            sentence: sentence.into(),
            observed: None,
            thresholds: (None, None),
            evaluated: None,
            failing: None,
            invalidates: Vec::new(),
        }
    }

    /// The check did not look, for the stated reason.
    pub(super) fn not_run(reason: impl Into<String>) -> Self {
        Self::new(CheckStatus::NotRun, reason)
    }

    /// The check should have looked and could not.
    pub(super) fn could_not_run(reason: impl Into<String>) -> Self {
        Self::new(CheckStatus::CouldNotRun, reason)
    }

    /// Turns the finding into the check's result; what it invalidates is kept only where something is wrong.
    pub(super) fn into_check(self, context: &Context<'_>, id: CheckId) -> Check {
        let (number, stage) = runbook::place(id);
        let counts = matches!(self.status, CheckStatus::Fail | CheckStatus::Insufficient);
        Check {
            id,
            number,
            stage,
            question: runbook::question(id).to_owned(),
            scope: Scope::Experiment,
            status: self.status,
            finding: self.sentence,
            observed: self
                .observed
                .map(|(value, _)| value)
                .filter(|value| value.is_finite()),
            observed_as: self.observed.map(|(_, name)| name.to_owned()),
            warn_at: self.thresholds.0,
            fail_at: self.thresholds.1,
            evaluated: self.evaluated,
            failing: self.failing,
            invalidates: if counts { self.invalidates } else { Vec::new() },
            owner: context.experiment.owner.clone(),
            runbook: runbook::next_step(id).to_owned(),
            breakdown: None,
        }
    }
}

/// Where a number stands against the threshold that warns and the one that fails; beyond means larger.
pub(super) fn above(value: f64, warn: f64, fail: f64) -> CheckStatus {
    if value > fail {
        CheckStatus::Fail
    } else if value > warn {
        CheckStatus::Warn
    } else {
        CheckStatus::Pass
    }
}

/// Where a p-value stands: below `warn` warns, below `fail` fails.
pub(super) fn below(p: &PValue, warn: f64, fail: f64) -> CheckStatus {
    if p.p < fail {
        CheckStatus::Fail
    } else if p.p < warn {
        CheckStatus::Warn
    } else {
        CheckStatus::Pass
    }
}

/// The more serious of two judgements that both ran.
pub(super) fn worse(left: CheckStatus, right: CheckStatus) -> CheckStatus {
    const fn rank(status: CheckStatus) -> u8 {
        match status {
            CheckStatus::Fail => 3,
            CheckStatus::Insufficient => 2,
            CheckStatus::Warn => 1,
            CheckStatus::Pass | CheckStatus::CouldNotRun | CheckStatus::NotRun => 0,
        }
    }
    if rank(right) > rank(left) {
        right
    } else {
        left
    }
}

/// A pair of thresholds on a share, in words.
pub(super) fn share_thresholds(warn: f64, fail: f64) -> (Option<String>, Option<String>) {
    (
        Some(format!("above {}", wording::threshold(warn))),
        Some(format!("above {}", wording::threshold(fail))),
    )
}

/// A pair of thresholds on a p-value, in words.
pub(super) fn p_thresholds(warn: f64, fail: f64) -> (Option<String>, Option<String>) {
    (
        Some(format!("p below {warn}")),
        Some(format!("p below {fail}")),
    )
}
