//! Defines row filters: a closed, typed list, so that a definition never holds code.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use crate::domain::vocabulary;

vocabulary! {
    /// How a filter compares a column with its value. A null cell satisfies only `is-null` and never any other.
    pub enum FilterOperator {
        /// Equal.
        Equal = "=", "is";
        /// Not equal (and not null).
        NotEqual = "!=", "is not";
        /// Smaller.
        Less = "<", "is below";
        /// Smaller or equal.
        LessOrEqual = "<=", "is at most";
        /// Larger.
        Greater = ">", "is above";
        /// Larger or equal.
        GreaterOrEqual = ">=", "is at least";
        /// Between two values, both included.
        Between = "between", "is between";
        /// One of a list.
        In = "in", "is one of";
        /// None of a list (and not null).
        NotIn = "not-in", "is none of";
        /// Null.
        IsNull = "is-null", "is missing";
        /// Not null.
        NotNull = "not-null", "is present";
        /// Holds a text.
        Contains = "contains", "contains";
        /// Starts with a text.
        StartsWith = "starts-with", "starts with";
        /// Ends with a text.
        EndsWith = "ends-with", "ends with";
    }
}

/// A typed value in a definition.
#[derive(Debug, Clone, PartialEq, PartialOrd, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Literal {
    /// true or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// An instant, written with its offset.
    Time(Timestamp),
    /// Any other text.
    Text(String),
}

/// One condition on a row. All conditions of a list hold together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Filter {
    /// The mapped column name.
    pub column: String,
    /// The comparison.
    pub operator: FilterOperator,
    /// Its values: none for null tests, two for `between`, one or more for lists, else one.
    pub values: Vec<Literal>,
}
