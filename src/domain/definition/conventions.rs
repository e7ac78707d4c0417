//! Defines every choice that other tools make silently, as values.
//!
//! `Conventions` is what an analysis computes with; a [`Choice`] is one of them in words, with where it came from.

use serde::{Deserialize, Serialize};

use crate::domain::vocabulary;

vocabulary! {
    /// What becomes of a unit that was assigned to two variants.
    pub enum SeveralVariants {
        /// It is in no variant, and counted.
        Exclude = "exclude", "left out";
        /// It is in the variant it was assigned to first.
        FirstSeen = "first-seen", "kept in the first";
        /// It is in every variant it was assigned to, its windows anchored on its first assignment.
        KeepInBoth = "keep-in-both", "kept in each";
    }
}

vocabulary! {
    /// Which units count while windows are still open.
    pub enum UnitsRule {
        /// Only units whose window ended by as-of.
        Matured = "matured", "matured units";
        /// Every unit, however little of its window has passed.
        All = "all", "all units";
    }
}

vocabulary! {
    /// Whether something that a metric defines is applied.
    pub enum Application {
        /// As the metric says.
        AsDefined = "as-defined", "as defined";
        /// Ignored.
        Ignored = "ignored", "ignored";
    }
}

vocabulary! {
    /// How the variance of a difference is formed.
    pub enum VarianceForm {
        /// A variance a variant (Welch).
        Welch = "welch", "unequal variances";
        /// One variance for both (Student).
        Pooled = "pooled", "pooled variance";
    }
}

vocabulary! {
    /// The distribution quantiles and tails come from.
    pub enum ReferenceDistribution {
        /// Student's t.
        StudentT = "student-t", "Student t";
        /// The normal.
        Normal = "normal", "normal";
    }
}

vocabulary! {
    /// How the interval of a relative lift is formed.
    pub enum RelativeMethod {
        /// Fieller's quadratic: decides exactly as the absolute test does.
        Fieller = "fieller", "Fieller";
        /// The delta method on the ratio of means.
        Delta = "delta", "delta method";
    }
}

vocabulary! {
    /// How p-values of the primary family are corrected.
    pub enum Correction {
        /// Not at all.
        None = "none", "uncorrected";
        /// Bonferroni.
        Bonferroni = "bonferroni", "Bonferroni";
        /// Holm's step-down.
        Holm = "holm", "Holm";
        /// Hochberg's step-up: valid for independent or positively dependent tests.
        Hochberg = "hochberg", "Hochberg";
        /// Benjamini and Hochberg's step-up: the false discovery rate, not any false discovery.
        BenjaminiHochberg = "benjamini-hochberg", "Benjamini–Hochberg";
        /// Benjamini and Yekutieli's: the false discovery rate under any dependence.
        BenjaminiYekutieli = "benjamini-yekutieli", "Benjamini–Yekutieli";
    }
}

/// Every convention in force. A readout computes with one of these; explaining computes with many.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Conventions {
    /// Units assigned to two variants.
    pub several_variants: SeveralVariants,
    /// Units with open windows; absent: as each metric says.
    pub units: Option<UnitsRule>,
    /// Caps.
    pub cap: Application,
    /// Covariates.
    pub covariate: Application,
    /// Variance of a difference.
    pub variance: VarianceForm,
    /// Quantiles and tails.
    pub reference: ReferenceDistribution,
    /// Interval of a relative lift.
    pub relative: RelativeMethod,
    /// Correction of the primary family.
    pub correction: Correction,
    /// Confidence level of every two-sided interval, in (0, 1).
    pub level: f64,
}

impl Default for Conventions {
    fn default() -> Self {
        Self {
            several_variants: SeveralVariants::Exclude,
            units: None,
            cap: Application::AsDefined,
            covariate: Application::AsDefined,
            variance: VarianceForm::Welch,
            reference: ReferenceDistribution::StudentT,
            relative: RelativeMethod::Fieller,
            correction: Correction::Holm,
            level: 0.95,
        }
    }
}

impl Conventions {
    /// The significance level α of every two-sided test: 1 − level.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        1.0 - self.level
    }
}

vocabulary! {
    /// Where a convention's value came from.
    pub enum ConventionSource {
        /// The program's own default.
        Default = "default", "default";
        /// The workspace file.
        Workspace = "workspace", "workspace";
        /// The experiment file.
        Experiment = "experiment", "experiment";
        /// The command line.
        CommandLine = "command-line", "command line";
        /// Decided from what was found, for the stated reason.
        Automatic = "automatic", "automatic";
    }
}

/// One convention in words: its value, where it came from, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Choice {
    /// The convention's stable name, such as `relative`.
    pub name: String,
    /// Its value's stable name.
    pub value: String,
    /// Where it came from.
    pub source: ConventionSource,
    /// Why, in one sentence.
    pub reason: String,
}
