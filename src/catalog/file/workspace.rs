//! Defines the workspace file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{FactFile, Moment};
use crate::domain::definition::{
    Application, Correction, ReferenceDistribution, RelativeMethod, SeveralVariants, TableKind,
    Thresholds, UnitsRule, VarianceForm,
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

/// Analysis choices that differ from the program's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::catalog) struct ConventionsFile {
    /// What becomes of a unit that was assigned to two variants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) several_variants: Option<SeveralVariants>,
    /// Which units count while windows are still open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) units: Option<UnitsRule>,
    /// Whether caps are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) cap: Option<Application>,
    /// Whether covariates are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) covariate: Option<Application>,
    /// How the variance of a difference is formed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) variance: Option<VarianceForm>,
    /// Where quantiles and tails come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) reference: Option<ReferenceDistribution>,
    /// How the interval of a relative lift is formed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) relative: Option<RelativeMethod>,
    /// How p-values of the primary family are corrected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) correction: Option<Correction>,
    /// Confidence level of every interval, in (0, 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) level: Option<f64>,
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
}
