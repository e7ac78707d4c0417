//! Defines how a value of a unit is written: a table, an aggregate, filters; or the name of a fact.

use serde::{Deserialize, Serialize};

use super::Moment;
use crate::domain::definition::{Aggregate, FilterOperator, Missing};

/// A typed value in a filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub(in crate::catalog) enum LiteralFile {
    /// true or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// A date or time.
    Moment(Moment),
    /// A text.
    Text(String),
}

/// What a filter compares with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub(in crate::catalog) enum FilterValue {
    /// Two for `between`, one or more for `in` and `not-in`.
    Many(Vec<LiteralFile>),
    /// One for every other comparison.
    One(LiteralFile),
}

/// One condition on a row. All conditions of a list hold together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct FilterFile {
    /// The mapped column name.
    pub(in crate::catalog) column: String,
    /// The comparison.
    pub(in crate::catalog) op: FilterOperator,
    /// What it compares with; absent for `is-null` and `not-null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) value: Option<FilterValue>,
}

/// A fact: rows that are named once and used by many metrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct FactFile {
    /// The table, by its name in the workspace.
    pub(in crate::catalog) table: String,
    /// The column that sums and means are of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) column: Option<String>,
    /// The rows that count; absent: all.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) filters: Option<Vec<FilterFile>>,
    /// The column of time that decides whether a row is in a window; absent: the row's own time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) dated_by: Option<String>,
}

/// How rows become one number a unit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct ValueFile {
    /// A named fact, instead of table, column and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) fact: Option<String>,
    /// The table, by its name in the workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) table: Option<String>,
    /// How rows become one number; absent: `any` for a proportion, else `sum` of a column or `count` of rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) aggregate: Option<Aggregate>,
    /// The column aggregated; of a ready-made table, the column that is the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) column: Option<String>,
    /// The rows that count; absent: all.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) filters: Option<Vec<FilterFile>>,
    /// What a unit without rows counts as; absent: zero for counts, sums and any, else it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) missing: Option<Missing>,
    /// The column of time that decides whether a row is in a window, such as the time of the purchase that a refund is of;
    /// absent: the row's own time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) dated_by: Option<String>,
}

/// One side of a ratio, or one step of a funnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub(in crate::catalog) enum ValueOrFact {
    /// The name of a fact.
    Fact(String),
    /// A value in full.
    Value(Box<ValueFile>),
}
