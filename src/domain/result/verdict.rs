//! Defines the verdict on one variant and the clause that decided it.

use serde::{Deserialize, Serialize};

use crate::domain::vocabulary;

vocabulary! {
    /// The verdict.
    pub enum VerdictWord {
        /// Ship it.
        Ship = "ship", "ship";
        /// Do not.
        DoNotShip = "do-not-ship", "do not ship";
        /// Too early to say.
        KeepRunning = "keep-running", "keep running";
        /// Shown to do nothing that matters.
        NoMeaningfulEffect = "no-meaningful-effect", "no meaningful effect";
        /// The data do not say.
        Inconclusive = "inconclusive", "inconclusive";
        /// The data cannot be used.
        Invalid = "invalid", "invalid";
        /// An exploratory readout has none.
        None = "none", "no verdict";
    }
}

vocabulary! {
    /// The clause that decided.
    pub enum VerdictClause {
        /// A failed check invalidates everything or a primary metric.
        CheckFailed = "check-failed", "a validity check failed";
        /// A guardrail is beyond its margin.
        GuardrailBreached = "guardrail-breached", "a guardrail is beyond its margin";
        /// A primary or secondary metric is significantly worse.
        SignificantlyWorse = "significantly-worse", "a metric is significantly worse";
        /// The planned end is not reached.
        BeforePlannedEnd = "before-planned-end", "the planned end is not reached";
        /// A primary metric improves and every guardrail passes.
        PrimaryImproves = "primary-improves", "a primary metric improves and every guardrail passes";
        /// Too little data to ship on.
        InsufficientData = "insufficient-data", "too little data to ship on";
        /// A primary improves, a guardrail is not shown to be safe.
        GuardrailNotShown = "guardrail-not-shown", "a guardrail is not shown to be safe";
        /// The interval lies inside the smallest difference that matters.
        InsideMinimumEffect = "inside-minimum-effect", "the effect is shown to be smaller than what matters";
        /// Nothing is significant.
        NothingSignificant = "nothing-significant", "no primary metric changes significantly";
        /// The readout is exploratory.
        Exploratory = "exploratory", "the readout is exploratory";
        /// There is no primary metric.
        NoPrimary = "no-primary", "there is no primary metric";
    }
}

/// The verdict on one variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Verdict {
    /// The variant.
    pub variant: String,
    /// The verdict.
    pub word: VerdictWord,
    /// The clause that decided.
    pub clause: VerdictClause,
    /// The clause with its subjects and numbers, in one sentence.
    pub reason: String,
    /// What else a reader must know: warnings, unmet conditions.
    pub notes: Vec<String>,
}
