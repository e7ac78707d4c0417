//! Defines every choice that other tools make silently, as values.
//!
//! `Conventions` is what an analysis computes with; a [`Choice`] is one of them in words, with where it came from.

use serde::{Deserialize, Serialize};

use super::{
    AdjustedLift, CompliersErrorForm, ProportionMethod, QuantileType, ResidualFreedom,
    SequentialFamily, SlopeForm, Spending,
};
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
    /// On which values the quantile is found that a metric's large values are clipped at.
    pub enum CapForm {
        /// Once, on the values of all variants together: as the metric says.
        AsDefined = "as-defined", "as defined";
        /// For each variant on its own values, so that variants are clipped at different limits.
        PerVariant = "per-variant", "each variant at its own quantile";
        /// On values that are not zero.
        NonZero = "non-zero", "at the quantile of values that are not zero";
        /// Both.
        PerVariantNonZero = "per-variant-non-zero", "each variant at its own quantile of values that are not zero";
        /// Nowhere: nothing is clipped.
        Ignored = "ignored", "ignored";
    }
}

impl CapForm {
    /// Whether each variant has its own limit.
    #[must_use]
    pub const fn is_per_variant(self) -> bool {
        matches!(self, Self::PerVariant | Self::PerVariantNonZero)
    }

    /// Whether a limit is found on values that are not zero.
    #[must_use]
    pub const fn is_of_non_zero(self) -> bool {
        matches!(self, Self::NonZero | Self::PerVariantNonZero)
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
        /// The delta method on the logarithm of the ratio of means, which must both be positive.
        LogRatio = "log-ratio", "log ratio";
        /// The absolute interval over the control mean, which is taken as if it were known.
        Rescaled = "rescaled", "rescaled";
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

vocabulary! {
    /// How units of several epochs of weights are put together.
    pub enum RampMethod {
        /// An effect an epoch, weighted by what each knows.
        Stratified = "stratified", "stratified by epoch";
        /// All in one: where weights changed, epochs with other levels look like effects.
        Pooled = "pooled", "pooled over epochs";
    }
}

/// What is believed of a lift before the data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Prior {
    /// Nothing.
    #[default]
    Flat,
    /// A normal.
    Normal {
        /// Its mean, a fraction of the control mean.
        mean: f64,
        /// Its standard deviation, likewise.
        deviation: f64,
    },
}

/// A prior that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no prior; write flat, or normal(MEAN, DEVIATION) of the lift, such as normal(0, 0.1)"
)]
pub struct InvalidPrior(String);

impl std::fmt::Display for Prior {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flat => formatter.write_str("flat"),
            Self::Normal { mean, deviation } => write!(formatter, "normal({mean}, {deviation})"),
        }
    }
}

impl std::str::FromStr for Prior {
    type Err = InvalidPrior;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "flat" {
            return Ok(Self::Flat);
        }
        let inside = text
            .strip_prefix("normal(")
            .and_then(|rest| rest.strip_suffix(')'))
            .and_then(|inside| inside.split_once(','));
        let number = |text: &str| {
            text.trim()
                .parse::<f64>()
                .ok()
                .filter(|value| value.is_finite())
        };
        match inside.map(|(mean, deviation)| (number(mean), number(deviation))) {
            Some((Some(mean), Some(deviation))) if deviation > 0.0 => {
                Ok(Self::Normal { mean, deviation })
            }
            _ => Err(InvalidPrior(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Prior {
    type Error = InvalidPrior;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Prior> for String {
    fn from(prior: Prior) -> Self {
        prior.to_string()
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
    pub cap: CapForm,
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
    /// How shares of units are compared; absent: as means of 0 and 1.
    pub proportions: Option<ProportionMethod>,
    /// How a quantile is interpolated.
    pub quantile: QuantileType,
    /// Whose slope a covariate is adjusted with.
    pub slope: SlopeForm,
    /// Degrees of freedom of what is left after it.
    pub residuals: ResidualFreedom,
    /// What the lift of an adjusted difference is relative to.
    pub adjusted_lift: AdjustedLift,
    /// Clusters that experiments name.
    pub clusters: Application,
    /// Strata that experiments name.
    pub strata: Application,
    /// Several epochs of weights.
    pub ramp: RampMethod,
    /// What tests are allowed to look at.
    pub sequential: SequentialFamily,
    /// How a group-sequential design spends its error.
    pub spending: Spending,
    /// The units a confidence sequence is tightest at; absent: those planned.
    pub sequential_units: Option<u64>,
    /// The standard error of the effect on compliers.
    pub compliers: CompliersErrorForm,
    /// What is believed of lifts before the data.
    pub prior: Prior,
}

impl Default for Conventions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Conventions {
    /// What holds where nobody says otherwise.
    pub const DEFAULT: Self = Self {
        several_variants: SeveralVariants::Exclude,
        units: None,
        cap: CapForm::AsDefined,
        covariate: Application::AsDefined,
        variance: VarianceForm::Welch,
        reference: ReferenceDistribution::StudentT,
        relative: RelativeMethod::Fieller,
        correction: Correction::Holm,
        level: 0.95,
        proportions: None,
        quantile: QuantileType::Linear,
        slope: SlopeForm::PerPair,
        residuals: ResidualFreedom::LessCovariates,
        adjusted_lift: AdjustedLift::AdjustedMean,
        clusters: Application::AsDefined,
        strata: Application::AsDefined,
        ramp: RampMethod::Stratified,
        sequential: SequentialFamily::Fixed,
        spending: Spending::OBrienFleming,
        sequential_units: None,
        compliers: CompliersErrorForm::Hc1,
        prior: Prior::Flat,
    };

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
