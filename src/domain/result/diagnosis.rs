//! Defines the diagnosis of a sample ratio mismatch: where it shows, what may have caused it, and the bounds of the effect that
//! are left.
//!
//! The rules are those of Fabijan et al., "Diagnosing Sample Ratio Mismatch in Online Controlled Experiments: A Taxonomy and
//! Rules of Thumb for Practitioners" (KDD 2019), stated as questions to one readout. A rule that one readout cannot answer says so.

use serde::{Deserialize, Serialize};

use super::{BreakdownCounts, BreakdownLine, CheckId, Known};
use crate::domain::definition::{Identifier, Population, Role};
use crate::domain::vocabulary;

vocabulary! {
    /// A stage at which units are counted, in the order of the data's way.
    pub enum SplitStage {
        /// Every unit with a valid assignment, in its first-seen variant.
        Assigned = "assigned", "assigned, before exclusions";
        /// Those that the conventions keep.
        Itt = "itt", "intention to treat";
        /// Those with a valid exposure.
        Exposed = "exposed", "exposed";
        /// Those of intention to treat that have a value of the first primary metric.
        WithValue = "with-value", "with a value of the primary metric";
    }
}

vocabulary! {
    /// The ten rules of thumb, in the order of the paper.
    pub enum DiagnosisRule {
        /// Populations against each other.
        Populations = "populations", "Only in a selected population?";
        /// Levels of segments.
        Segments = "segments", "Only in some segment?";
        /// Days.
        Days = "days", "Only on some days?";
        /// Performance guardrails.
        Performance = "performance", "Is a variant slower, or does it break?";
        /// Engagement of the units that remain.
        Engagement = "engagement", "Are those that remain more, or less, engaged?";
        /// Other experiments at the same time.
        Frequency = "frequency", "Do other experiments have it too?";
        /// An experiment without a difference.
        AaTest = "a-a-test", "Does an A/A test have it too?";
        /// How many are missing.
        Severity = "severity", "Are most units of a variant missing?";
        /// Stages of the data's way.
        Downstream = "downstream", "At which stage does it begin?";
        /// Rows lost on the way, and another pipeline.
        Pipelines = "pipelines", "Are rows lost, and would another pipeline tell?";
    }
}

impl DiagnosisRule {
    /// Its number in the paper.
    #[must_use]
    pub fn number(self) -> usize {
        Self::ALL
            .iter()
            .position(|rule| *rule == self)
            .map_or(0, |position| position + 1)
    }
}

vocabulary! {
    /// What a rule says of a readout.
    pub enum RuleReading {
        /// It points to a cause.
        Points = "points", "points to a cause";
        /// It was asked, and points to none.
        Silent = "silent", "points to none";
        /// It cannot be asked of this readout.
        CannotTell = "cannot-tell", "cannot tell";
    }
}

/// One rule and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RuleFinding {
    /// The rule.
    pub rule: DiagnosisRule,
    /// What it says.
    pub reading: RuleReading,
    /// By what evidence, or why it cannot tell, in one sentence.
    pub evidence: String,
}

vocabulary! {
    /// What may have caused a mismatch.
    pub enum CauseKind {
        /// Labels that the experiment does not know.
        Labels = "labels", "variant labels are misspelt or unknown";
        /// Unit ids that are unusable or change.
        UnitIds = "unit-ids", "unit ids are lost, shared or change";
        /// Buckets, weights or ramp dates other than declared, or units lost before anything is recorded.
        Assignment = "assignment", "bucketing or weights are not as declared, or units are lost before they are recorded";
        /// Something particular to a segment.
        Segment = "segment", "something particular to one segment";
        /// Variants that started or stopped at different times.
        Timing = "timing", "variants did not start, pause or warm up together";
        /// A variant that is slower or breaks, so that units leave before they are recorded.
        Performance = "performance", "a variant is slower or breaks, and units leave before they are recorded";
        /// Units of one kind of engagement are lost.
        Engagement = "engagement", "units are lost, or kept, by how engaged they are";
        /// A variant that is hardly recorded.
        Recording = "recording", "a variant is hardly recorded at all";
        /// Units that met several variants, excluded unevenly.
        Exclusion = "exclusion", "units in several variants are excluded from one variant more than from another";
        /// Rows that repeat.
        Duplicates = "duplicates", "rows are repeated in one variant more than in another";
        /// Rows that lose their unit.
        Joins = "joins", "rows are lost in a join";
        /// A variant is served other than assigned.
        Served = "served", "units meet another variant than they were assigned";
        /// Clocks or time zones.
        Clocks = "clocks", "clocks or time zones of two tables disagree";
        /// Exposure is triggered or logged otherwise in one variant.
        Trigger = "trigger", "exposure is triggered or logged otherwise in one variant";
        /// Values are lost by variant.
        Values = "values", "values are missing in one variant more than in another";
    }
}

vocabulary! {
    /// How well a cause fits the evidence.
    pub enum Likelihood {
        /// The evidence points to it.
        Likely = "likely", "likely";
        /// Some evidence fits it.
        Possible = "possible", "possible";
        /// It acts after the stage at which the mismatch begins, so it cannot be all of it.
        Unlikely = "unlikely", "not the first cause";
    }
}

/// One cause with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Cause {
    /// What it is.
    pub kind: CauseKind,
    /// How well it fits.
    pub likelihood: Likelihood,
    /// What speaks for it, a sentence each.
    pub evidence: Vec<String>,
    /// The checks that point to it.
    pub checks: Vec<CheckId>,
    /// What to look at next, in one line.
    pub next: String,
}

/// Units at one stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StageSplit {
    /// The stage.
    pub stage: SplitStage,
    /// Its units a variant, or why there are none to count.
    pub found: Known<BreakdownCounts>,
}

/// A least and a most value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Bounds {
    /// The least.
    pub lower: f64,
    /// The most.
    pub upper: f64,
}

/// The units that would restore the planned ratio of two variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MissingUnits {
    /// Missing in control.
    pub control: u64,
    /// Missing in the treatment.
    pub treatment: u64,
}

/// What is left of an effect under a mismatch: its least and most value, had the missing units the least or most value there is.
///
/// These are bounds of what the missing units could do, without sampling error, and hold where units are missing, not added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EffectBounds {
    /// The metric.
    pub metric: Identifier,
    /// Its role.
    pub role: Role,
    /// The treatment.
    pub variant: String,
    /// The units missing.
    pub missing: Known<MissingUnits>,
    /// Bounds of the difference, in the metric's unit.
    pub absolute: Known<Bounds>,
    /// Bounds of the lift, a fraction.
    pub relative: Known<Bounds>,
    /// What the bounds rest on, or why there are none, in one sentence.
    pub reason: String,
}

/// The diagnosis of a sample ratio mismatch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Diagnosis {
    /// The sample ratio checks that warn or fail; empty where the diagnosis was only asked for.
    pub shown_by: Vec<CheckId>,
    /// The variants, control first: the columns of every count.
    pub variants: Vec<String>,
    /// The stage at which the mismatch shows first; absent where it shows at none.
    pub begins: Option<SplitStage>,
    /// Units at each stage.
    pub stages: Vec<StageSplit>,
    /// The population whose segments and days follow: the one in which the mismatch begins.
    pub population: Population,
    /// Its units by level of each segment.
    pub segments: Vec<BreakdownLine>,
    /// Its units by local day of entry.
    pub days: Vec<BreakdownLine>,
    /// The ten rules, in order.
    pub rules: Vec<RuleFinding>,
    /// Causes, the likeliest first.
    pub causes: Vec<Cause>,
    /// The only effects that are left, a metric and treatment each.
    pub bounds: Vec<EffectBounds>,
}
