//! Defines the result of a validity check.

use serde::{Deserialize, Serialize};

use super::Breakdown;
use crate::domain::vocabulary;

vocabulary! {
    /// The checks, in the order they run.
    pub enum CheckId {
        /// 9. Labels that the experiment does not know; empty variants; twins.
        VariantVocabulary = "variant-vocabulary", "Variant labels";
        /// 10. Null, empty and placeholder unit ids.
        UnitIds = "unit-ids", "Unit ids";
        /// 11. Ids and the persons they belong to.
        Identity = "identity", "Identity";
        /// 12. Duplicate assignments and exposures.
        Duplicates = "duplicates", "Duplicate rows";
        /// 14. Rows without their unit; fan-out.
        JoinIntegrity = "join-integrity", "Join integrity";
        /// 13. Rows of events that say what another says.
        DuplicateOutcomes = "duplicate-outcomes", "Duplicate outcomes";
        /// 15. Units exposed to another variant than their own.
        ContradictingVariant = "contradicting-variant", "Contradicting variant";
        /// 29. Rules that the workspace declares.
        Contract = "contract", "Data contract";
        /// 1. Units a variant against the planned weights.
        SampleRatio = "sample-ratio", "Sample ratio";
        /// 2. The same at every look.
        SampleRatioSequential = "sample-ratio-sequential", "Sample ratio, at every look";
        /// 7. Units in several variants.
        SeveralVariants = "several-variants", "Units in several variants";
        /// 8. Units in several variants, by the one they were in first.
        AsymmetricExclusion = "asymmetric-exclusion", "Exclusion by variant";
        /// 5. The split over days.
        SampleRatioOverTime = "sample-ratio-over-time", "Sample ratio over time";
        /// 23. Units of an earlier version, salts that two experiments share.
        CarryOver = "carry-over", "Carry-over";
        /// 28. Units that were assigned though they are not eligible.
        Eligibility = "eligibility", "Eligibility";
        /// 6. Weights that changed.
        AllocationChange = "allocation-change", "Allocation change";
        /// 16. Only-earlier exposures, rows after as-of, whole-hour shifts.
        TimeOrder = "time-order", "Time order";
        /// 19. Exposed over assigned, by variant.
        ExposureRate = "exposure-rate", "Exposure rate";
        /// 3. Exposed units a variant against the planned weights.
        SampleRatioExposed = "sample-ratio-exposed", "Sample ratio, exposed";
        /// 4. The split in each level of a segment.
        SampleRatioBySegment = "sample-ratio-by-segment", "Sample ratio by segment";
        /// 20. Effects on units that were not exposed.
        Placebo = "placebo", "Placebo on the unexposed";
        /// 21. What units did before assignment.
        PrePeriodBalance = "pre-period-balance", "Balance before assignment";
        /// 22. Units without a value, by variant.
        DifferentialMissingness = "differential-missingness", "Missing values by variant";
        /// 17. Rows that have not come yet.
        LateEvents = "late-events", "Late events";
        /// 18. Days without rows.
        Gaps = "gaps", "Gaps and freshness";
        /// 24. Too good, too small, too soon.
        Plausibility = "plausibility", "Too good, too small, too soon";
        /// 25. What was promised before the data, and what is done now.
        DesignDrift = "design-drift", "Design drift";
        /// 26. Effects that few units carry.
        FewUnits = "few-units", "Few units carry it";
        /// 27. The parts add up to itt.
        Bookkeeping = "bookkeeping", "Bookkeeping";
    }
}

vocabulary! {
    /// At which stage of the data's way a check looks.
    pub enum CheckStage {
        /// The tables themselves.
        Integrity = "integrity", "Integrity";
        /// Who got which variant.
        Assignment = "assignment", "Assignment";
        /// Who met it.
        Exposure = "exposure", "Exposure";
        /// What they had done before.
        PrePeriod = "pre-period", "Before assignment";
        /// What they did.
        Outcome = "outcome", "Outcome";
        /// What follows.
        Inference = "inference", "Inference";
    }
}

vocabulary! {
    /// What became of a check.
    pub enum CheckStatus {
        /// Looked, and found nothing.
        Pass = "pass", "pass";
        /// Something to look at.
        Warn = "warn", "warn";
        /// Something is wrong.
        Fail = "fail", "fail";
        /// Too little data to judge what depends on it: shown, no ship.
        Insufficient = "insufficient", "insufficient";
        /// Should have looked and could not.
        CouldNotRun = "could-not-run", "could not run";
        /// Did not look, for the stated reason.
        NotRun = "not-run", "not run";
    }
}

/// What a failed check invalidates.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Invalidates {
    /// Everything.
    All,
    /// The exposed-only effects.
    Exposed,
    /// One metric, by id.
    Metric(String),
    /// One slice.
    Slice(String),
    /// The estimate pooled over epochs.
    PooledEstimate,
    /// The decision, not the numbers.
    Decision,
}

/// What a check's finding is about.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The whole experiment.
    Experiment,
    /// One table, by logical name.
    Table(String),
    /// One metric, by id.
    Metric(String),
    /// One variant.
    Variant(String),
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Check {
    /// Which check.
    pub id: CheckId,
    /// Its number in the runbook.
    pub number: u32,
    /// At which stage it looks.
    pub stage: CheckStage,
    /// The question it answers.
    pub question: String,
    /// What it is about.
    pub scope: Scope,
    /// What became of it.
    pub status: CheckStatus,
    /// What was found, in one sentence; of a check that did not run, why.
    pub finding: String,
    /// The number the status was decided by, where there is one.
    pub observed: Option<f64>,
    /// What `observed` is, such as `p` or `share of units`.
    pub observed_as: Option<String>,
    /// The threshold that warns, in words.
    pub warn_at: Option<String>,
    /// The threshold that fails, in words.
    pub fail_at: Option<String>,
    /// Units (or rows, where the question says rows) looked at.
    pub evaluated: Option<u64>,
    /// Those that failed.
    pub failing: Option<u64>,
    /// What it invalidates when it fails. Empty unless failed or insufficient.
    pub invalidates: Vec<Invalidates>,
    /// Who answers for it.
    pub owner: String,
    /// What to do next, in one line.
    pub runbook: String,
    /// The counts behind it, where it counts something by part.
    #[serde(default)]
    pub breakdown: Option<Breakdown>,
}
