//! Defines how a finding becomes a [`Check`]: question, stage, number and runbook line of each check in one table.

use super::{Context, wording};
use crate::domain::result::{Check, CheckId, CheckStage, CheckStatus, Invalidates, PValue, Scope};

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
        let entry = entry(id);
        let counts = matches!(self.status, CheckStatus::Fail | CheckStatus::Insufficient);
        Check {
            id,
            number: entry.number,
            stage: entry.stage,
            question: entry.question.to_owned(),
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
            runbook: entry.runbook.to_owned(),
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

struct Entry {
    number: u32,
    stage: CheckStage,
    question: &'static str,
    runbook: &'static str,
}

/// The runbook's table.
const fn entry(id: CheckId) -> Entry {
    let (number, stage, question, runbook) = match id {
        CheckId::VariantVocabulary => (
            9,
            CheckStage::Integrity,
            "Does every assignment carry a variant that the experiment knows, and does every variant have units?",
            "Map the label to a variant in the table's `variants`, or correct the experiment's; then look why a variant is empty.",
        ),
        CheckId::UnitIds => (
            10,
            CheckStage::Integrity,
            "Do rows carry usable unit ids?",
            "Find the client or job that writes empty, placeholder or re-formatted ids, and fix it at the source.",
        ),
        CheckId::Duplicates => (
            12,
            CheckStage::Integrity,
            "Are assignments and exposures logged once?",
            "Look for a retry without a request id or a job that loads a day twice; compare the affected units by variant.",
        ),
        CheckId::JoinIntegrity => (
            14,
            CheckStage::Integrity,
            "Does every row find its unit, and every unit one row of attributes?",
            "Compare unit ids of both tables for one affected unit: format, hashing and late assignment are the usual causes.",
        ),
        CheckId::SampleRatio => (
            1,
            CheckStage::Assignment,
            "Do variants have the units that the planned weights promise?",
            "Before anyone reads the effects, check weights and ramp dates, then redirects, bots, and filters that depend on the variant.",
        ),
        CheckId::SeveralVariants => (
            7,
            CheckStage::Assignment,
            "Is every unit in one variant only?",
            "Look for units that change id or device, a changed salt, or overlapping flags; compare with the units left out.",
        ),
        CheckId::TimeOrder => (
            16,
            CheckStage::Exposure,
            "Does assignment come before exposure, and everything before as-of?",
            "Compare the clocks and time zones of the two tables for a few affected units.",
        ),
        CheckId::ExposureRate => (
            19,
            CheckStage::Exposure,
            "Is the same share of units exposed in every variant, and the share that was planned?",
            "Check that exposure is logged at the same point in every variant, before anything the variant changes.",
        ),
        CheckId::SampleRatioExposed => (
            3,
            CheckStage::Exposure,
            "Do exposed units keep the planned weights?",
            "Read itt. Then find what decides about exposure after assignment and differs between variants.",
        ),
        CheckId::Plausibility => (
            24,
            CheckStage::Outcome,
            "Are the effects too good, the numbers too small, or is it too soon?",
            "Wait for more units or windows to end; look for a logging change behind an effect that is too good.",
        ),
        CheckId::Bookkeeping => (
            27,
            CheckStage::Inference,
            "Do the parts of the population add up to the whole, exactly?",
            "This is an error of the program or of a custom engine: keep the inputs and report it.",
        ),
    };
    Entry {
        number,
        stage,
        question,
        runbook,
    }
}
