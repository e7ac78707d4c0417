//! Builds a table's ledger while its rows are read: every row is entered once, and the entries add up to the rows read.

use crate::domain::evidence::{OutOfScope, Rejection, RejectionRule, TableLedger};
use crate::source::Batch;

/// Rejected rows kept as examples.
const EXAMPLES: usize = 20;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Used,
    Rejected(RejectionRule),
    OutOfScope(OutOfScope),
}

/// The ledger of one table in the making. Line 0 holds rows that belong to no variant.
#[derive(Debug)]
pub(super) struct LedgerBuilder {
    ledger: TableLedger,
    lines: Vec<[u64; SLOTS]>,
}

const USED: usize = 0;
const REJECTED: usize = 1;
const OUT_OF_SCOPE: usize = REJECTED + RejectionRule::ALL.len();
const SLOTS: usize = OUT_OF_SCOPE + OutOfScope::ALL.len();

impl LedgerBuilder {
    pub(super) fn new(table: &str, variants: usize) -> Self {
        Self {
            ledger: TableLedger::new(table),
            lines: vec![[0; SLOTS]; variants + 1],
        }
    }

    /// Enters a batch's lost rows.
    pub(super) fn enter_lost(&mut self, batch: &Batch) {
        for lost in &batch.lost {
            self.count(None, Entry::Rejected(lost.rule));
            self.keep_example(lost.clone());
        }
    }

    /// Enters one row of a batch. `request` names the column to blame.
    pub(super) fn enter(
        &mut self,
        batch: &Batch,
        row: usize,
        variant: Option<u8>,
        entry: Entry,
        column: Option<&str>,
    ) {
        self.count(variant, entry);
        if let Entry::Rejected(rule) = entry {
            let (file, position) = batch.position(row);
            let worst = self.ledger.examples.last();
            if self.ledger.examples.len() < EXAMPLES
                || worst.is_some_and(|worst| (file, position) < (worst.file.as_str(), worst.row))
            {
                let column = column.map(str::to_owned);
                self.keep_example(Rejection {
                    file: file.to_owned(),
                    row: position,
                    rule,
                    column,
                });
            }
        }
    }

    /// Enters a row that is not rejected.
    #[inline]
    pub(super) fn count(&mut self, variant: Option<u8>, entry: Entry) {
        self.add(variant, entry, 1);
    }

    /// Enters as many rows, none of which is rejected.
    #[inline]
    pub(super) fn add(&mut self, variant: Option<u8>, entry: Entry, rows: u64) {
        self.ledger.read += rows;
        let slot = match entry {
            Entry::Used => USED,
            Entry::Rejected(rule) => REJECTED + rule as usize,
            Entry::OutOfScope(reason) => OUT_OF_SCOPE + reason as usize,
        };
        self.lines[variant.map_or(0, |variant| usize::from(variant) + 1)][slot] += rows;
    }

    /// Keeps the first rejections by file and row, whatever order batches came in.
    fn keep_example(&mut self, rejection: Rejection) {
        let position = self
            .ledger
            .examples
            .partition_point(|known| *known <= rejection);
        if position < EXAMPLES {
            self.ledger.examples.insert(position, rejection);
            self.ledger.examples.truncate(EXAMPLES);
        }
    }

    /// Adds what another thread entered.
    pub(super) fn merge(&mut self, other: Self) {
        self.ledger.read += other.ledger.read;
        for (ours, theirs) in self
            .lines
            .iter_mut()
            .flatten()
            .zip(other.lines.iter().flatten())
        {
            *ours += theirs;
        }
        for rejection in other.ledger.examples {
            self.keep_example(rejection);
        }
    }

    /// Rows entered so far.
    pub(super) fn read(&self) -> u64 {
        self.ledger.read
    }

    /// The finished ledger.
    pub(super) fn finished(&self, variants: &[String]) -> TableLedger {
        let mut ledger = self.ledger.clone();
        let labels = std::iter::once("").chain(variants.iter().map(String::as_str));
        for (label, counts) in labels.zip(&self.lines) {
            if counts.iter().all(|count| *count == 0) {
                continue;
            }
            let line = ledger.by_variant.entry(label.to_owned()).or_default();
            line.used = counts[USED];
            for (rule, count) in RejectionRule::ALL.iter().zip(&counts[REJECTED..]) {
                if *count > 0 {
                    line.rejected.insert(*rule, *count);
                }
            }
            for (reason, count) in OutOfScope::ALL.iter().zip(&counts[OUT_OF_SCOPE..]) {
                if *count > 0 {
                    line.out_of_scope.insert(*reason, *count);
                }
            }
        }
        ledger
    }
}
