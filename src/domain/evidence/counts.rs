//! Defines the counts that checks need, all over units unless they say rows.

use serde::{Deserialize, Serialize};

/// A count a variant, in the experiment's order of variants.
pub type ByVariant = Vec<u64>;

/// Units of one local day of entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DayCounts {
    /// The day in the workspace's zone, `YYYY-MM-DD`.
    pub day: String,
    /// Units a variant.
    pub units: ByVariant,
}

/// Rows with unusable unit ids, over all tables that carry them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IdentifierCounts {
    /// Rows looked at.
    pub rows: u64,
    /// Rows whose id is null or empty.
    pub null: u64,
    /// Rows whose id is a placeholder.
    pub placeholder: u64,
    /// Text ids with leading zeros where the assignment table has integers: they can never match.
    pub zero_padded: u64,
}

/// What the assignment table says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AssignmentCounts {
    /// Distinct units with a valid assignment row, in whichever variant.
    pub units: u64,
    /// Units in itt by epoch of weights (outer, the experiment's order) and variant (inner), after exclusions.
    pub by_epoch: Vec<ByVariant>,
    /// The same before exclusions, each unit in its first-seen variant; without the tied ones, which were in none first.
    pub by_epoch_before_exclusions: Vec<ByVariant>,
    /// Units with two or more variants.
    pub several_variants: u64,
    /// Those by first-seen variant.
    pub several_by_first_seen: ByVariant,
    /// Variant labels the experiment does not know, sorted bytewise, with their rows.
    pub unknown_labels: Vec<(String, u64)>,
    /// Rows that repeat the unit and variant of an earlier row.
    pub repeated_rows: u64,
    /// Rows that repeat unit, variant and time of another row exactly.
    pub duplicate_rows: u64,
    /// Units with duplicate rows by first-seen variant.
    pub duplicate_units: ByVariant,
    /// Units whose variants have the same first time, so that first-seen was settled by label.
    pub tied_units: u64,
    /// Units in itt by local day of assignment; empty where assignments carry no time.
    pub by_day: Vec<DayCounts>,
}

/// What the exposure table says. Absent where there is no exposure table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ExposureCounts {
    /// Units in the exposed population by epoch of weights of their assignment (outer) and variant (inner).
    pub by_epoch: Vec<ByVariant>,
    /// Assigned units with a valid exposure by variant.
    pub exposed: ByVariant,
    /// Assigned units whose exposures are all before their assignment, by variant.
    pub only_earlier: ByVariant,
    /// Those units by how long before assignment their latest exposure was, rounded to whole hours: a pile-up betrays
    /// a time-zone shift. Sorted by hours.
    pub earlier_by_hours: Vec<(u32, u64)>,
    /// Assigned units with an exposure that carries another variant than their own, by variant.
    pub contradicting: ByVariant,
    /// Assigned units whose exposures are all invalid for any reason (earlier, contradicting, too late), by variant.
    pub only_invalid: ByVariant,
    /// Rows of this experiment of units without an assignment.
    pub orphan_rows: u64,
    /// Rows of this experiment.
    pub rows: u64,
    /// Rows that repeat unit, variant, type and time of another row, or follow one within the declared dedupe interval.
    pub duplicate_rows: u64,
    /// Units with duplicate rows by variant.
    pub duplicate_units: ByVariant,
}

/// What one event table says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OutcomeCounts {
    /// The logical table name.
    pub table: String,
    /// Rows that some metric asks for, of any unit.
    pub rows: u64,
    /// Those whose unit is in no variant.
    pub orphan_rows: u64,
    /// Rows that happened more than five minutes after they were ingested: their clock is wrong.
    /// Absent where the table has no `ingested_at`.
    pub future_rows: Option<u64>,
}

/// What one attribute or ready-made table says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AttributeCounts {
    /// The logical table name.
    pub table: String,
    /// Rows read.
    pub rows: u64,
    /// Units with more than one row: joining would fan out.
    pub repeated_units: u64,
    /// Assigned units found in the table, by variant.
    pub matched: ByVariant,
}
