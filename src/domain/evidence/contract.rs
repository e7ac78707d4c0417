//! Defines what the tables say of the data contract, by units: whose rows it rejects.

use serde::{Deserialize, Serialize};

use super::ByVariant;
use crate::domain::definition::Identifier;

/// Units with rows that a rule of the contract rejects. Only of exposures and outcomes: the unit of a rejected assignment may
/// be in no variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ContractCounts {
    /// The rule, which is the row's own: of several that it breaks, the one that is declared first.
    pub rule: Identifier,
    /// The logical name of its table.
    pub table: String,
    /// Units in itt with such a row, by epoch of weights of their assignment (outer) and variant (inner).
    pub by_epoch: Vec<ByVariant>,
}
