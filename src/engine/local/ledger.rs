//! Builds a table's ledger while its rows are read: every row is entered once, and the entries add up to the rows read.

use std::collections::BTreeSet;

use super::contract::RuleNumber;
use crate::domain::definition::Identifier;
use crate::domain::evidence::{OutOfScope, Rejection, RejectionRule, RowRule, TableLedger};
use crate::source::Batch;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Used,
    Rejected(RejectionRule),
    /// Rejected by a rule of the contract, by its position among those of the table.
    Broken(RuleNumber),
    OutOfScope(OutOfScope),
}

/// The ledger of one table in the making. Line 0 holds rows that belong to no variant.
#[derive(Debug)]
pub(super) struct LedgerBuilder {
    ledger: TableLedger,
    lines: Vec<[u64; SLOTS]>,
    /// The table's rules of the contract, and whether they reject.
    rules: Vec<(Identifier, bool)>,
    /// Rows that break each rule: rejected by it, or counted; by line.
    broken: Vec<Vec<u64>>,
    /// The first rejected rows by file and row.
    examples: BTreeSet<Rejection>,
    /// How many of them are kept.
    kept: usize,
}

const USED: usize = 0;
const REJECTED: usize = 1;
const OUT_OF_SCOPE: usize = REJECTED + RejectionRule::ALL.len();
const SLOTS: usize = OUT_OF_SCOPE + OutOfScope::ALL.len();

impl LedgerBuilder {
    /// A ledger that names the first `kept` rejected rows.
    pub(super) fn new(
        table: &str,
        variants: usize,
        rules: Vec<(Identifier, bool)>,
        kept: usize,
    ) -> Self {
        Self {
            ledger: TableLedger::new(table),
            lines: vec![[0; SLOTS]; variants + 1],
            broken: vec![vec![0; rules.len()]; variants + 1],
            rules,
            examples: BTreeSet::new(),
            kept,
        }
    }

    /// Enters a batch's lost rows.
    pub(super) fn enter_lost(&mut self, batch: &Batch) {
        for lost in &batch.lost {
            if let RowRule::BuiltIn(rule) = lost.rule {
                self.count(None, Entry::Rejected(rule));
                self.keep_example(lost.clone());
            }
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
        if let Some(rule) = self.rule_of(entry) {
            let (file, position) = batch.position(row);
            let worst = self.examples.last();
            if self.examples.len() < self.kept
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

    /// The rule that rejects a row, if it is rejected.
    fn rule_of(&self, entry: Entry) -> Option<RowRule> {
        match entry {
            Entry::Rejected(rule) => Some(rule.into()),
            Entry::Broken(number) => {
                let rule = self.rules.get(usize::from(number));
                rule.map(|(id, _)| RowRule::Contract(id.clone()))
            }
            Entry::Used | Entry::OutOfScope(_) => None,
        }
    }

    /// Counts a row that breaks rules which do not reject it, whatever becomes of it.
    pub(super) fn note(&mut self, variant: Option<u8>, rules: &[RuleNumber]) {
        let line = &mut self.broken[line_of(variant)];
        for rule in rules {
            line[usize::from(*rule)] += 1;
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
        let line = line_of(variant);
        let slot = match entry {
            Entry::Used => USED,
            Entry::Rejected(rule) => REJECTED + rule as usize,
            Entry::Broken(rule) => {
                self.broken[line][usize::from(rule)] += rows;
                return;
            }
            Entry::OutOfScope(reason) => OUT_OF_SCOPE + reason as usize,
        };
        self.lines[line][slot] += rows;
    }

    /// Keeps the first rejections by file and row, whatever order batches came in.
    fn keep_example(&mut self, rejection: Rejection) {
        self.examples.insert(rejection);
        if self.examples.len() > self.kept {
            self.examples.pop_last();
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
        for (ours, theirs) in self
            .broken
            .iter_mut()
            .flatten()
            .zip(other.broken.iter().flatten())
        {
            *ours += theirs;
        }
        for rejection in other.examples {
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
        ledger.examples = self.examples.iter().cloned().collect();
        let labels = std::iter::once("").chain(variants.iter().map(String::as_str));
        for ((label, counts), broken) in labels.zip(&self.lines).zip(&self.broken) {
            if counts.iter().chain(broken).all(|count| *count == 0) {
                continue;
            }
            let line = ledger.by_variant.entry(label.to_owned()).or_default();
            line.used = counts[USED];
            for (rule, count) in RejectionRule::ALL.iter().zip(&counts[REJECTED..]) {
                if *count > 0 {
                    line.rejected.insert((*rule).into(), *count);
                }
            }
            for ((id, rejects), count) in self.rules.iter().zip(broken) {
                if *count > 0 && *rejects {
                    line.rejected.insert(RowRule::Contract(id.clone()), *count);
                } else if *count > 0 {
                    line.counted.insert(id.clone(), *count);
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

/// The line of a variant, or of rows that belong to none.
fn line_of(variant: Option<u8>) -> usize {
    variant.map_or(0, |variant| usize::from(variant) + 1)
}
