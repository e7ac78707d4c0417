//! Defines what one experiment counts while one table is read: a tally a thread, added up afterwards.

use std::collections::BTreeMap;

use super::ledger::LedgerBuilder;
use crate::domain::evidence::IdentifierCounts;

/// Counts of rows.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) ledger: LedgerBuilder,
    pub(super) identifiers: IdentifierCounts,
    /// Variant labels the experiment does not know.
    pub(super) unknown_labels: BTreeMap<String, u64>,
    /// Rows that place units: assignments taken in; exposures of this experiment; events that some metric asks for.
    pub(super) rows: u64,
    /// Those of units that no experiment knows.
    pub(super) orphan_rows: u64,
    /// Events that were stamped after their ingestion.
    pub(super) future_rows: u64,
    /// A segment column that turned out to have too many levels.
    pub(super) overflowed: Option<usize>,
}

impl Tally {
    pub(super) fn new(ledger: LedgerBuilder) -> Self {
        Self {
            ledger,
            identifiers: IdentifierCounts::default(),
            unknown_labels: BTreeMap::new(),
            rows: 0,
            orphan_rows: 0,
            future_rows: 0,
            overflowed: None,
        }
    }

    /// Adds what another thread counted.
    pub(super) fn merge(&mut self, other: Self) {
        self.ledger.merge(other.ledger);
        add_identifiers(&mut self.identifiers, &other.identifiers);
        for (label, rows) in other.unknown_labels {
            *self.unknown_labels.entry(label).or_default() += rows;
        }
        self.rows += other.rows;
        self.orphan_rows += other.orphan_rows;
        self.future_rows += other.future_rows;
        self.overflowed = match (self.overflowed, other.overflowed) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

/// Adds counts of unit ids.
pub(super) fn add_identifiers(total: &mut IdentifierCounts, more: &IdentifierCounts) {
    total.rows += more.rows;
    total.null += more.null;
    total.placeholder += more.placeholder;
    total.zero_padded += more.zero_padded;
}
