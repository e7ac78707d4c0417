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
    /// Units with an assignment that the declared eligibility leaves out, by the variant of it; absent where none is declared.
    pub ineligible: Option<ByVariant>,
    /// Those by local day of their first such assignment.
    pub ineligible_by_day: Vec<DayCounts>,
    /// Units left out before anything else because they did not consent, by variant; absent where no consent is declared.
    pub without_consent: Option<ByVariant>,
    /// Units in itt that an earlier version of the experiment had assigned, by variant; absent where rows carry no version.
    pub seen_earlier: Option<ByVariant>,
}

/// What the identity map says of the ids in itt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IdentityCounts {
    /// Rows of the map.
    pub rows: u64,
    /// Rows without an id or a person.
    pub unusable: u64,
    /// Ids that the map gives to several persons: each stays by itself.
    pub shared: u64,
    /// Whether persons are compared and not ids.
    pub by_person: bool,
    /// Assigned ids, by the variant they had first.
    pub ids: ByVariant,
    /// Those that the map knows a person of.
    pub stitched: ByVariant,
    /// Persons with an id in a variant.
    pub persons: ByVariant,
    /// Σ over those persons of their ids in the variant, squared.
    pub squares: ByVariant,
    /// Persons with ids in several variants.
    pub crossing: u64,
    /// Stitched ids by local day of assignment.
    pub stitched_by_day: Vec<DayCounts>,
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
    /// Rows that some metric asks for, of units in itt, by local day on which they happened and the unit's variant: from the
    /// experiment's start to as-of.
    pub by_day: Vec<DayCounts>,
    /// How late rows came; absent where the table has no `ingested_at`.
    pub arrivals: Option<Arrivals>,
    /// Rows that repeat another.
    pub repeats: Option<Repeats>,
}

/// Rows of an event table that say what another row says already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Repeats {
    /// Whether rows are told apart by an `event_id`; else by unit, event, time and value.
    pub by_event_id: bool,
    /// Whether only a sample of units was looked at.
    pub of_sample: bool,
    /// Rows looked at.
    pub looked_at: u64,
    /// Those whose time is a whole minute: if nearly all are, times are too coarse to tell rows apart.
    pub on_whole_minutes: u64,
    /// Rows that repeat another.
    pub rows: u64,
    /// Units looked at, by variant: those with any row.
    pub units: ByVariant,
    /// Units with a repeated row, by variant.
    pub repeating_units: ByVariant,
}

/// Rows that metrics used by how old they were at as-of, and by how long after they happened they were ingested.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Arrivals {
    /// Rows a variant by age and lag: how many of [`Arrivals::EDGES`] each reaches. Sorted.
    pub rows: Vec<(u8, u8, ByVariant)>,
    /// Rows that came later than the table declares, by variant; absent where it declares nothing.
    pub beyond_declared: Option<ByVariant>,
}

impl Arrivals {
    /// The edges between ages, and between lags, in microseconds: a minute to ninety days.
    pub const EDGES: [i64; 28] = {
        const MINUTE: i64 = 60_000_000;
        let minutes = [
            1, 5, 15, 30, 60, 120, 180, 240, 360, 480, 720, 1080, 1440, 2160, 2880, 4320, 5760,
            7200, 10_080, 14_400, 20_160, 30_240, 43_200, 57_600, 64_800, 86_400, 108_000, 129_600,
        ];
        let mut edges = [0; 28];
        let mut edge = 0;
        while edge < edges.len() {
            edges[edge] = minutes[edge] * MINUTE;
            edge += 1;
        }
        edges
    };

    /// How many edges a time span reaches.
    #[must_use]
    pub fn reach(microseconds: i64) -> u8 {
        let reached = Self::EDGES.partition_point(|edge| *edge <= microseconds);
        u8::try_from(reached).unwrap_or(u8::MAX)
    }
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
