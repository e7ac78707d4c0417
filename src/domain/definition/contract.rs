//! Defines the rules of a workspace's data contract: what every row of a table has to be, and who answers for it.
//!
//! A rule judges a row by that row alone. Rules over several rows (unique keys, references between tables) are none of these.

use serde::{Deserialize, Serialize};

use super::{Filter, Identifier, TableKind};
use crate::domain::vocabulary;

vocabulary! {
    /// What a broken rule of the contract does to the check of it.
    pub enum ContractSeverity {
        /// It warns.
        Warn = "warn", "warns";
        /// It fails, and what was read from the table is not to be trusted.
        Fail = "fail", "fails";
    }
}

vocabulary! {
    /// What a cell can be said to hold, whatever type its file declares.
    pub enum CellType {
        /// A finite number; true and false are 1 and 0, as wherever a number is read.
        Number = "number", "a number";
        /// A whole number of at most 64 bits, or a float without a fraction up to 2^53.
        Integer = "integer", "a whole number";
        /// A date, or a date and time as ISO 8601 has it, with or without an offset.
        Timestamp = "timestamp", "a date or time";
        /// true, false, 1 or 0.
        Boolean = "boolean", "true or false";
    }
}

/// What a row has to be. A rule is broken by a row that it is about and that is not so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Requirement {
    /// Every filter holds. A null cell satisfies `is-null` only, as everywhere.
    Holds(Vec<Filter>),
    /// The instants in these columns come in this order, equal ones included; a null is passed over.
    Order(Vec<String>),
    /// The cells of a column are of a type; a null is of every type.
    Type {
        /// The mapped column name.
        column: String,
        /// The type.
        is: CellType,
    },
}

/// A rule of the data contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ContractRule {
    /// Its id, which is none of the built-in rules'.
    pub id: Identifier,
    /// The logical name of the table that it is about.
    pub table: String,
    /// What that table holds.
    pub kind: TableKind,
    /// The rows that it is about: those for which all of these hold.
    pub filters: Vec<Filter>,
    /// What they have to be.
    pub requirement: Requirement,
    /// What a broken rule does to the check.
    pub severity: ContractSeverity,
    /// Whether a row that breaks it is rejected; else such rows are only counted.
    pub reject: bool,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What a broken rule means for the business, in a sentence.
    pub impact: Option<String>,
}

/// Rejected rows stay in quarantine for this many days where the workspace does not say.
pub const QUARANTINE_DAYS: u32 = 30;
