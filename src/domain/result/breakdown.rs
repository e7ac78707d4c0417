//! Defines the counts behind a check: what it counted, variant by variant, in the parts where it looked.
//!
//! A part that describes too few people is withheld as in effects: its counts are absent, and so is what follows from them.

use serde::{Deserialize, Serialize};

use super::Known;
use crate::domain::vocabulary;

vocabulary! {
    /// What a line of a breakdown is a part by.
    pub enum BreakdownBy {
        /// A stage of the data's way, such as before and after exclusions.
        Stage = "stage", "stage";
        /// A level of a segment column.
        Segment = "segment", "segment";
        /// A local day.
        Day = "day", "day";
        /// A metric.
        Metric = "metric", "metric";
        /// A table.
        Table = "table", "table";
    }
}

/// The counts behind a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Breakdown {
    /// What each number counts, such as `units`.
    pub counts: String,
    /// What the numbers of a line are of: the variants, control first; or the one thing that no variant tells apart.
    pub columns: Vec<String>,
    /// The parts, in order.
    pub lines: Vec<BreakdownLine>,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct BreakdownLine {
    /// What it is a part by.
    pub by: BreakdownBy,
    /// Its name, such as `country=DE` or `2026-03-09`.
    pub name: String,
    /// Its counts, or why they are withheld.
    pub found: Known<BreakdownCounts>,
}

/// The counts of one part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct BreakdownCounts {
    /// One number a column.
    pub counts: Vec<u64>,
    /// Of how many each, where they are parts of something.
    pub of: Option<Vec<u64>>,
    /// How many each would be by plan, where they are held against one.
    pub expected: Option<Vec<f64>>,
    /// The p-value against the plan, corrected over the lines of its kind; absent where the part was not tested.
    pub p: Option<f64>,
    /// Whether the part departs from the plan, by the threshold that warns.
    pub departs: bool,
}

impl BreakdownCounts {
    /// Counts that are held against nothing.
    #[must_use]
    pub const fn plain(counts: Vec<u64>, of: Option<Vec<u64>>) -> Self {
        Self {
            counts,
            of,
            expected: None,
            p: None,
            departs: false,
        }
    }
}

impl BreakdownLine {
    /// Whether it is shown and departs from the plan.
    #[must_use]
    pub fn departs(&self) -> bool {
        self.found.value().is_some_and(|found| found.departs)
    }

    /// Whether it is shown and was tested.
    #[must_use]
    pub fn is_tested(&self) -> bool {
        self.found.value().is_some_and(|found| found.p.is_some())
    }
}
