//! Defines what came of one rule of the data contract in one readout.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::definition::{ContractSeverity, Identifier};

/// A rule of the data contract, and the rows of this readout that break it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ContractOutcome {
    /// Its id.
    pub rule: Identifier,
    /// The logical name of the table that it is about.
    pub table: String,
    /// What it does to the check when it is broken.
    pub severity: ContractSeverity,
    /// Whether rows that break it are rejected; else they are only counted.
    pub rejects: bool,
    /// Who answers for it: its own owner, else the experiment's.
    pub owner: String,
    /// What a broken rule means for the business, where somebody wrote that.
    pub impact: Option<String>,
    /// Rows that break it. Of rows that break several rules which reject, each is under the one that is declared first.
    pub rows: u64,
    /// The same by variant id, of the row in assignments and exposures, of its unit elsewhere; the key "" holds rows that belong
    /// to none.
    pub by_variant: BTreeMap<String, u64>,
}

impl ContractOutcome {
    /// Rows that break it and are of this experiment's variants: what units outside of it did concerns no number of it.
    #[must_use]
    pub fn own_rows(&self) -> u64 {
        let own = self.by_variant.iter();
        own.filter(|(variant, _)| !variant.is_empty())
            .map(|(_, rows)| rows)
            .sum()
    }
}
