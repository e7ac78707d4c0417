//! Defines the workspace file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ContractFile, FactFile, FilterFile, Moment};
use crate::domain::definition::{
    AdjustedLift, Application, CapForm, CompliersErrorForm, Correction, Prior, ProportionMethod,
    QuantileType, RampMethod, ReferenceDistribution, RelativeMethod, ResidualFreedom,
    SequentialFamily, SeveralVariants, SlopeForm, Spending, TableKind, Thresholds, UnitsRule,
    VarianceForm,
};

/// A table in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct TableOptions {
    /// A file, a folder of parts or a glob, relative to the workspace.
    pub(in crate::catalog) path: String,
    /// What it holds; absent: what its name says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) kind: Option<TableKind>,
    /// Our column name = the table's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) columns: Option<BTreeMap<String, String>>,
    /// The table's variant label = ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) variants: Option<BTreeMap<String, String>>,
    /// How late rows may arrive, such as `2d`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) lateness: Option<String>,
    /// The last day, or the first instant after the last one, for which the table is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) complete_through: Option<Moment>,
}

/// A table: its path, or in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub(in crate::catalog) enum TableFile {
    /// A file, a folder of parts or a glob, relative to the workspace.
    Path(String),
    /// In full.
    Options(Box<TableOptions>),
}

/// Declares the file's conventions: each with its field, its name everywhere else, and what it can be.
macro_rules! conventions_file {
    ($( $(#[$doc:meta])* $field:ident: $type:ty = $name:literal, )+) => {
        /// Analysis choices that differ from the program's own.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub(in crate::catalog) struct ConventionsFile {
            $(
                $(#[$doc])*
                #[serde(rename = $name, skip_serializing_if = "Option::is_none")]
                pub(in crate::catalog) $field: Option<$type>,
            )+
        }

        impl ConventionsFile {
            /// Those that are said, by name.
            pub(in crate::catalog) fn named(&self) -> BTreeMap<String, String> {
                let named = [$( ($name, self.$field.as_ref().map(ToString::to_string)), )+];
                let said = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
                said.collect()
            }

            /// The file that says them.
            pub(in crate::catalog) fn saying(named: &BTreeMap<String, String>) -> Self {
                Self {
                    $( $field: named.get($name).and_then(|text| text.parse().ok()), )+
                }
            }
        }
    };
}

conventions_file! {
    /// What becomes of a unit that was assigned to two variants.
    several_variants: SeveralVariants = "several-variants",
    /// Which units count while windows are still open.
    units: UnitsRule = "units",
    /// Whether caps are applied.
    cap: CapForm = "cap",
    /// Whether covariates are applied.
    covariate: Application = "covariate",
    /// How the variance of a difference is formed.
    variance: VarianceForm = "variance",
    /// Where quantiles and tails come from.
    reference: ReferenceDistribution = "reference",
    /// How the interval of a relative lift is formed.
    relative: RelativeMethod = "relative",
    /// How p-values of the primary family are corrected.
    correction: Correction = "correction",
    /// Confidence level of every interval, in (0, 1).
    level: f64 = "level",
    /// How shares of units are compared; absent: as means of 0 and 1.
    proportions: ProportionMethod = "proportions",
    /// How a quantile is interpolated.
    quantile: QuantileType = "quantile",
    /// Whose slope a covariate is adjusted with.
    slope: SlopeForm = "slope",
    /// Degrees of freedom of what is left after adjustment.
    residuals: ResidualFreedom = "residuals",
    /// What the lift of an adjusted difference is relative to.
    adjusted_lift: AdjustedLift = "adjusted-lift",
    /// Whether clusters are applied.
    clusters: Application = "clusters",
    /// Whether strata are applied.
    strata: Application = "strata",
    /// How several epochs of weights are put together.
    ramp: RampMethod = "ramp",
    /// What tests are allowed to look at.
    sequential: SequentialFamily = "sequential",
    /// How a group-sequential design spends its error.
    spending: Spending = "spending",
    /// The units a confidence sequence is tightest at; absent: those planned.
    sequential_units: u64 = "sequential-units",
    /// The standard error of the effect on compliers.
    compliers: CompliersErrorForm = "compliers",
    /// What is believed of lifts before the data: `flat`, or `normal(MEAN, DEVIATION)`.
    prior: Prior = "prior",
}

/// How strictly definitions are governed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct GovernanceFile {
    /// Whether warnings about decisions, drivers and metrics that are not in force are errors.
    pub(in crate::catalog) strict: Option<bool>,
}

/// What protects single people.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct PrivacyFile {
    /// Cells of fewer units than this are suppressed; absent: 10.
    pub(in crate::catalog) min_cell: Option<u64>,
    /// Conditions on columns of the assignment table that hold for units which consented; the others are left out of everything.
    pub(in crate::catalog) consent: Option<Vec<FilterFile>>,
    /// Days that rejected rows stay in quarantine; absent: 30.
    pub(in crate::catalog) quarantine_days: Option<u32>,
}

/// The workspace: where the tables are, and what holds for every experiment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "readout workspace")]
pub(in crate::catalog) struct WorkspaceFile {
    /// The format of the definition files: 1.
    #[schemars(required)]
    pub(in crate::catalog) format: Option<i64>,
    /// What people call the workspace.
    pub(in crate::catalog) name: Option<String>,
    /// The IANA zone of local days, and of dates and times that carry no offset.
    pub(in crate::catalog) time_zone: Option<String>,
    /// The tables, by the name that definitions use.
    #[schemars(required)]
    pub(in crate::catalog) tables: Option<BTreeMap<String, TableFile>>,
    /// Facts that many metrics use, by name.
    pub(in crate::catalog) facts: Option<BTreeMap<String, FactFile>>,
    /// Analysis choices that differ from the program's own.
    pub(in crate::catalog) conventions: Option<ConventionsFile>,
    /// How strictly definitions are governed.
    pub(in crate::catalog) governance: Option<GovernanceFile>,
    /// What protects single people.
    pub(in crate::catalog) privacy: Option<PrivacyFile>,
    /// Thresholds of the checks that differ from the program's own.
    pub(in crate::catalog) thresholds: Option<Thresholds>,
    /// The data contract: what rows have to be. Of several rules that a row breaks, the first declared rejects it.
    pub(in crate::catalog) contract: Option<Vec<ContractFile>>,
}
