//! Defines the rows of a world, before any format.

use std::sync::Arc;

use crate::domain::definition::Timestamp;

/// The tables of a world. Rows are in the order they are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tables {
    /// By unit, then time.
    pub assignments: Vec<AssignmentRow>,
    /// By unit, then time.
    pub exposures: Vec<ExposureRow>,
    /// By unit, then time.
    pub events: Vec<EventRow>,
    /// By unit.
    pub units: Vec<UnitRow>,
    /// Ids with the number of the person they are of; none where nobody has a second one.
    pub identities: Vec<(UnitNumber, UnitNumber)>,
    /// Whether assignments say who is eligible.
    pub says_eligible: bool,
    /// The names of the segment columns of `units`.
    pub segment_columns: Vec<String>,
    /// The name of the covariate column of `units`, if there is one.
    pub covariate_column: Option<String>,
}

/// A number that is written as a unit id: `u` and its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitNumber(pub u64);

impl std::fmt::Display for UnitNumber {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "u{:08}", self.0)
    }
}

/// A unit is given a variant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssignmentRow {
    /// The unit; absent where the id is missing.
    pub unit: Option<UnitNumber>,
    /// When.
    pub assigned_at: Timestamp,
    /// The experiment.
    pub experiment: Arc<str>,
    /// Its version.
    pub version: u32,
    /// The variant.
    pub variant: Arc<str>,
    /// Whether the unit may be in the experiment.
    pub is_eligible: bool,
}

/// A unit meets its variant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExposureRow {
    /// The unit.
    pub unit: UnitNumber,
    /// When.
    pub exposed_at: Timestamp,
    /// The experiment.
    pub experiment: Arc<str>,
    /// Its version.
    pub version: u32,
    /// The variant.
    pub variant: Arc<str>,
    /// The type of exposure.
    pub exposure_type: Arc<str>,
}

/// A unit does something.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    /// The unit.
    pub unit: UnitNumber,
    /// What it does.
    pub event: Arc<str>,
    /// What that is worth, where it has a value.
    pub value: Option<f64>,
    /// When.
    pub occurred_at: Timestamp,
    /// When the row arrived.
    pub ingested_at: Timestamp,
}

/// What is known of a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRow {
    /// The unit.
    pub unit: UnitNumber,
    /// A level a segment column.
    pub segments: Vec<Arc<str>>,
    /// The covariate; absent where the unit is too new to have one.
    pub covariate: Option<f64>,
}

impl Tables {
    /// Puts rows in their order: by unit, then time, then the rest.
    pub(super) fn sort(&mut self) {
        self.assignments.sort();
        self.exposures.sort();
        self.identities.sort_unstable();
        self.units.sort_by_key(|row| row.unit);
        self.events.sort_by(|left, right| {
            let key = |row: &EventRow| {
                (
                    row.unit,
                    row.occurred_at,
                    row.event.clone(),
                    row.ingested_at,
                )
            };
            let values = (left.value.unwrap_or(0.0), right.value.unwrap_or(0.0));
            key(left)
                .cmp(&key(right))
                .then(values.0.total_cmp(&values.1))
        });
    }
}
