//! Defines how a rule of the data contract is written.

use serde::{Deserialize, Serialize};

use super::FilterFile;
use crate::domain::definition::{CellType, ContractSeverity};

/// The type that the cells of a column have to be of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct TypeFile {
    /// The mapped column name.
    pub(in crate::catalog) column: String,
    /// The type; a null is of every type.
    pub(in crate::catalog) is: CellType,
}

/// A rule of the data contract. Exactly one of `require`, `order` and `type` says what its rows have to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct ContractFile {
    /// Its id, which is none of the built-in rules'.
    pub(in crate::catalog) id: String,
    /// The table that it is about, by its name in the workspace.
    pub(in crate::catalog) table: String,
    /// The rows that it is about; absent: all.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) filters: Option<Vec<FilterFile>>,
    /// Conditions that all hold for every such row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) require: Option<Vec<FilterFile>>,
    /// Columns of times that come in this order in every such row; a null is passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) order: Option<Vec<String>>,
    /// The type of a column's cells.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) cells: Option<TypeFile>,
    /// What a broken rule does to the check; absent: it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) severity: Option<ContractSeverity>,
    /// Whether a row that breaks it is rejected; absent: it is. Else such rows are only counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) reject: Option<bool>,
    /// Who answers for it; absent: the owner of the experiment that is read out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) owner: Option<String>,
    /// What a broken rule means for the business, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) impact: Option<String>,
}
