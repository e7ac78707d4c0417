//! Judges the rows of a batch of facts before anybody asks whose they are, once for all experiments that judge alike, and
//! counts them for all of those at once: to most experiments of a run a row is nobody's, and that shall cost nothing.
//!
//! It refuses rows that are rejected: those are few, and each experiment enters them by itself.

use std::rc::Rc;

use super::facts::FactLook;
use super::job::Job;
use super::keyed::{Keyed, What};
use super::ledger::Entry;
use super::shard::NO_NUMBER;
use super::tally::Tally;
use crate::domain::evidence::OutOfScope;

/// What a row is, whoever's it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Rejected: each experiment says why.
    Aside,
    /// No declaration's filters hold.
    NotAsked,
    Asked,
    /// Asked for, and stamped after its ingestion.
    AskedOfFuture,
}

impl Verdict {
    pub(super) const fn is_asked(self) -> bool {
        matches!(self, Self::Asked | Self::AskedOfFuture)
    }
}

/// Experiments with the same verdicts on a batch, and what they are on the rows that were taken so far.
struct Alike {
    verdicts: Rc<Vec<Verdict>>,
    /// Positions in the pass.
    parts: Vec<usize>,
    not_asked: u64,
    asked: u64,
    /// Those of the asked whose key no experiment knows.
    unknown: u64,
    /// Those of the asked that were stamped after their ingestion.
    of_future: u64,
    /// Those whose id has leading zeros.
    padded: u64,
}

/// The counts of a batch.
#[derive(Default)]
pub(super) struct Counting {
    groups: Vec<Alike>,
    /// The group of each part of the pass.
    group_of: Vec<usize>,
    /// Rows of each part's own units that are not asked for, and those that are: its ledger has them already.
    of_units: Vec<[u64; 2]>,
}

impl Counting {
    /// Nothing yet, of parts that look at a batch.
    pub(super) fn new<'l, 'b: 'l>(looks: impl Iterator<Item = &'l FactLook<'b>>) -> Self {
        let mut counting = Self::default();
        for (part, look) in looks.enumerate() {
            let groups = &mut counting.groups;
            let same = groups
                .iter()
                .position(|it| Rc::ptr_eq(&it.verdicts, &look.verdicts));
            let group = same.unwrap_or_else(|| {
                groups.push(Alike {
                    verdicts: look.verdicts.clone(),
                    parts: Vec::new(),
                    not_asked: 0,
                    asked: 0,
                    unknown: 0,
                    of_future: 0,
                    padded: 0,
                });
                groups.len() - 1
            });
            groups[group].parts.push(part);
            counting.group_of.push(group);
            counting.of_units.push([0; 2]);
        }
        counting
    }

    /// A part of every group.
    pub(super) fn representatives(&self) -> impl Iterator<Item = usize> {
        self.groups
            .iter()
            .filter_map(|group| group.parts.first().copied())
    }

    /// The verdict of a part on a row.
    #[inline]
    pub(super) fn verdict(&self, part: usize, row: usize) -> Verdict {
        self.groups[self.group_of[part]].verdicts[row]
    }

    /// Counts rows, with the number of each one's key in the shard, as if they were nobody's. Rejected ones are told to
    /// `aside`: the part of the pass, and the position of the row.
    pub(super) fn count(
        &mut self,
        keyed: &Keyed,
        rows: &[u32],
        numbers: &[u32],
        mut aside: impl FnMut(usize, usize),
    ) {
        for group in &mut self.groups {
            for (position, (row, number)) in rows.iter().zip(numbers).enumerate() {
                let row = *row as usize;
                let verdict = group.verdicts[row];
                match verdict {
                    Verdict::Aside => {
                        group.parts.iter().for_each(|part| aside(*part, position));
                        continue;
                    }
                    Verdict::NotAsked => group.not_asked += 1,
                    Verdict::Asked | Verdict::AskedOfFuture => {
                        group.asked += 1;
                        group.unknown += u64::from(*number == NO_NUMBER);
                        group.of_future += u64::from(verdict == Verdict::AskedOfFuture);
                    }
                }
                group.padded += u64::from(keyed.what[row] == What::PaddedKey);
            }
        }
    }

    /// Notes that a row is one of a part's own units.
    #[inline]
    pub(super) fn note_unit(&mut self, part: usize, verdict: Verdict) {
        self.of_units[part][usize::from(verdict.is_asked())] += 1;
    }

    /// Adds the counts to those of every part; `jobs` are the experiments of the parts.
    pub(super) fn end<'j, 'a: 'j>(
        &self,
        jobs: impl Iterator<Item = &'j Job<'a>>,
        tallies: &mut [Tally],
    ) {
        for (part, (job, tally)) in jobs.zip(tallies).enumerate() {
            let (Some(group), Some([not_asked, asked])) = (
                self.group_of.get(part).map(|group| &self.groups[*group]),
                self.of_units.get(part),
            ) else {
                continue;
            };
            tally.rows += group.asked;
            tally.orphan_rows += group.unknown;
            tally.future_rows += group.of_future;
            tally.identifiers.rows += group.asked + group.not_asked;
            tally.identifiers.zero_padded += if job.has_integer_ids() {
                group.padded
            } else {
                0
            };
            for (reason, rows) in [
                (OutOfScope::NotAsked, group.not_asked - not_asked),
                (OutOfScope::OtherUnit, group.asked - asked),
            ] {
                tally.ledger.add(None, Entry::OutOfScope(reason), rows);
            }
        }
    }
}
