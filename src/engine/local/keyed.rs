//! Reads who the rows of a batch are about, and sorts them by shard.

use super::identity::Identities;
use super::key::{Identity, identities, is_integer, label_key};
use super::scope::cells;
use super::shard::{SHARDS, shard_of};
use crate::domain::evidence::{IdentifierCounts, RejectionRule};
use crate::source::{Batch, Column};

/// What a row's unit id is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A unit.
    Key,
    /// A unit whose id is an integer written with leading zeros.
    PaddedKey,
    /// Nothing.
    Null,
    /// A word that systems write where they have no id.
    Placeholder,
}

/// The identities of a batch's rows, and the rows of each shard.
#[derive(Debug)]
pub(super) struct Keyed {
    pub(super) keys: Vec<u128>,
    /// Of ids that became persons: what they were before. Empty where nothing was resolved.
    pub(super) ids: Vec<u128>,
    pub(super) what: Vec<What>,
    /// Rows by shard, those without a key last; inside a shard as in the batch.
    order: Vec<u32>,
    /// Where the rows of each shard begin in `order`.
    starts: Vec<usize>,
}

impl Keyed {
    /// Reads the ids of a column; or makes each row a unit of its own.
    pub(super) fn of(
        batch: &Batch,
        unit: usize,
        rows_are_units: bool,
        persons: Option<&Identities>,
    ) -> Self {
        let mut keys = Vec::with_capacity(batch.rows);
        let mut what = Vec::with_capacity(batch.rows);
        let mut enter = |identity, is_padded| {
            let (key, is) = match identity {
                Identity::Key(key) if is_padded => (key, What::PaddedKey),
                Identity::Key(key) => (key, What::Key),
                Identity::Null => (0, What::Null),
                Identity::Placeholder => (0, What::Placeholder),
            };
            keys.push(key);
            what.push(is);
        };
        match cells(batch, unit) {
            _ if rows_are_units => {
                for row in 0..batch.rows {
                    let (file, position) = batch.position(row);
                    let key = label_key(&format!("{position}:{file}"));
                    enter(Identity::Key(key), false);
                }
            }
            Some(ids) => identities(ids, enter),
            None => (0..batch.rows).for_each(|_| enter(Identity::Null, false)),
        }
        let Some(persons) = persons else {
            return Self::sorted(keys, what);
        };
        let resolved = keys.iter().map(|id| persons.person(*id).unwrap_or(*id));
        Self {
            ids: keys.clone(),
            ..Self::sorted(resolved.collect(), what)
        }
    }

    /// The id in a row, whoever's it is.
    pub(super) fn id(&self, row: usize) -> u128 {
        self.ids.get(row).copied().unwrap_or(self.keys[row])
    }

    /// Identities of rows that are known to be of one shard.
    pub(super) const fn of_one_shard(keys: Vec<u128>, ids: Vec<u128>, what: Vec<What>) -> Self {
        Self {
            keys,
            ids,
            what,
            order: Vec::new(),
            starts: Vec::new(),
        }
    }

    /// Sorts rows by shard.
    pub(super) fn sorted(keys: Vec<u128>, what: Vec<What>) -> Self {
        let place = |row: usize| match what[row] {
            What::Key | What::PaddedKey => shard_of(keys[row]),
            What::Null | What::Placeholder => SHARDS,
        };
        let mut starts = vec![0; SHARDS + 2];
        for row in 0..keys.len() {
            starts[place(row) + 1] += 1;
        }
        for shard in 0..=SHARDS {
            starts[shard + 1] += starts[shard];
        }
        let mut next = starts.clone();
        let mut order = vec![0; keys.len()];
        for row in 0..keys.len() {
            let slot = &mut next[place(row)];
            order[*slot] = u32::try_from(row).unwrap_or(u32::MAX);
            *slot += 1;
        }
        Self {
            keys,
            ids: Vec::new(),
            what,
            order,
            starts,
        }
    }

    /// The rows of a shard.
    pub(super) fn rows(&self, shard: usize) -> &[u32] {
        &self.order[self.starts[shard]..self.starts[shard + 1]]
    }

    /// The rows that are about nobody.
    pub(super) fn without_key(&self) -> &[u32] {
        self.rows(SHARDS)
    }

    /// Counts a row's id, and says why it is none.
    pub(super) fn count(
        &self,
        row: usize,
        counts: &mut IdentifierCounts,
        assignments_are_integers: bool,
    ) -> Result<u128, RejectionRule> {
        counts.rows += 1;
        match self.what[row] {
            What::Key => Ok(self.keys[row]),
            What::PaddedKey => {
                counts.zero_padded += u64::from(assignments_are_integers);
                Ok(self.keys[row])
            }
            What::Null => {
                counts.null += 1;
                Err(RejectionRule::NullUnitId)
            }
            What::Placeholder => {
                counts.placeholder += 1;
                Err(RejectionRule::PlaceholderUnitId)
            }
        }
    }

    /// Whether the ids of a batch are integers, whether its file declares them so or writes them as text.
    pub(super) fn are_integers(&self, batch: &Batch, unit: usize) -> bool {
        let Some(cells) = cells(batch, unit) else {
            return false;
        };
        match &cells.column {
            Column::Integer(_) => true,
            Column::Text(texts) => (0..batch.rows).all(|row| {
                matches!(self.what[row], What::Null | What::Placeholder)
                    || is_integer(texts.get(row))
            }),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_shard_and_keeps_its_order_there() {
        let keys: Vec<u128> = (0..1000_u128).map(|row| (row % 7) << 120 | row).collect();
        let mut what = vec![What::Key; keys.len()];
        what[3] = What::Null;
        what[999] = What::Placeholder;
        let keyed = Keyed::sorted(keys, what);
        let mut met = 0;
        for shard in 0..SHARDS {
            let rows = keyed.rows(shard);
            assert!(rows.is_sorted());
            assert!(rows.iter().all(|row| *row as usize % 7 == shard));
            met += rows.len();
        }
        assert_eq!(met, 998);
        assert_eq!(keyed.without_key(), [3, 999]);
    }
}
