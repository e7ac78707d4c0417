//! Defines the units of one experiment while rows are read: who there is, in which variant, exposed when.

use std::collections::{HashMap, HashSet};

use hashbrown::HashTable;

/// No unit.
pub(super) const NO_UNIT: u32 = u32::MAX;

/// Dense numbers for unit keys. The low half of a key indexes, the whole of it is verified; hash order never reaches output.
#[derive(Debug, Default)]
pub(super) struct UnitIndex {
    table: HashTable<u32>,
    keys: Vec<u128>,
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is the hash")]
const fn low_half(key: u128) -> u64 {
    key as u64
}

impl UnitIndex {
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn find(&self, key: u128) -> u32 {
        self.table
            .find(low_half(key), |unit| self.keys[*unit as usize] == key)
            .copied()
            .unwrap_or(NO_UNIT)
    }

    /// The number of a key and whether it is new. `None` past four billion units.
    pub(super) fn insert(&mut self, key: u128) -> Option<(u32, bool)> {
        let keys = &self.keys;
        let entry = self.table.entry(
            low_half(key),
            |unit| keys[*unit as usize] == key,
            |unit| low_half(keys[*unit as usize]),
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(entry) => Some((*entry.get(), false)),
            hashbrown::hash_table::Entry::Vacant(entry) => {
                let unit = u32::try_from(self.keys.len())
                    .ok()
                    .filter(|unit| *unit != NO_UNIT)?;
                entry.insert(unit);
                self.keys.push(key);
                Some((unit, true))
            }
        }
    }
}

/// What is known of a unit's exposures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ExposureState {
    /// The first valid exposure.
    pub(super) first: Option<i64>,
    /// The latest exposure before assignment.
    pub(super) latest_earlier: Option<i64>,
    /// Whether an exposure carries a variant the unit was never assigned to.
    pub(super) contradicts: bool,
    /// Whether there is any other exposure that does not count.
    pub(super) otherwise_invalid: bool,
}

impl ExposureState {
    /// Whether the unit has exposures and none of them is valid.
    pub(super) fn only_invalid(&self) -> bool {
        self.first.is_none()
            && (self.latest_earlier.is_some() || self.contradicts || self.otherwise_invalid)
    }

    /// The latest exposure of a unit whose exposures are all before its assignment.
    pub(super) fn only_earlier(&self) -> Option<i64> {
        self.latest_earlier
            .filter(|_| self.first.is_none() && !self.contradicts && !self.otherwise_invalid)
    }
}

/// Every unit with a valid assignment row.
#[derive(Debug, Default)]
pub(super) struct Units {
    pub(super) index: UnitIndex,
    /// First assignment, microseconds; 0 where assignments carry no time.
    pub(super) assigned_at: Vec<i64>,
    /// First-seen variant: earliest assignment, ties to the smallest label.
    pub(super) variant: Vec<u8>,
    /// A bit a variant the unit was assigned to.
    pub(super) variants: Vec<u64>,
    /// First assignment by variant, only of units with several.
    pub(super) several: HashMap<u32, Vec<(u8, i64)>>,
    /// Exposures; empty where there is no exposure table.
    pub(super) exposures: Vec<ExposureState>,
}

impl Units {
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// Takes in one assignment.
    pub(super) fn assign(&mut self, key: u128, variant: u8, at: i64) -> Option<(u32, bool)> {
        let (unit, is_new) = self.index.insert(key)?;
        let slot = unit as usize;
        if is_new {
            self.assigned_at.push(at);
            self.variant.push(variant);
            self.variants.push(1 << variant);
            return Some((unit, true));
        }
        let known = self.variants[slot];
        self.variants[slot] |= 1 << variant;
        if known == 1 << variant {
            self.assigned_at[slot] = self.assigned_at[slot].min(at);
            return Some((unit, false));
        }
        let (first_variant, first_at) = (self.variant[slot], self.assigned_at[slot]);
        let by_variant = self
            .several
            .entry(unit)
            .or_insert_with(|| vec![(first_variant, first_at)]);
        match by_variant.iter_mut().find(|(known, _)| *known == variant) {
            Some((_, first)) => *first = (*first).min(at),
            None => by_variant.push((variant, at)),
        }
        Some((unit, false))
    }

    /// Settles the first-seen variant of units with several; `rank` orders variants by label. Returns those whose first
    /// assignments tie, so that the label decided.
    pub(super) fn settle(&mut self, rank: &[usize]) -> HashSet<u32> {
        let mut tied = HashSet::new();
        for (unit, by_variant) in &self.several {
            let first = by_variant.iter().map(|(_, at)| *at).min().unwrap_or(0);
            let mut earliest: Vec<u8> = by_variant
                .iter()
                .filter(|(_, at)| *at == first)
                .map(|(variant, _)| *variant)
                .collect();
            earliest.sort_unstable_by_key(|variant| rank[usize::from(*variant)]);
            if earliest.len() > 1 {
                tied.insert(*unit);
            }
            self.assigned_at[*unit as usize] = first;
            if let Some(variant) = earliest.first() {
                self.variant[*unit as usize] = *variant;
            }
        }
        tied
    }

    /// Whether the unit was assigned to more than one variant.
    pub(super) fn is_in_several(&self, unit: u32) -> bool {
        self.variants[unit as usize].count_ones() > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_seen_does_not_depend_on_the_order_of_rows() {
        let rows = [
            (1_u128, 0_u8, 50_i64),
            (1, 1, 10),
            (1, 0, 5),
            (2, 1, 7),
            (2, 0, 7),
            (3, 1, 9),
        ];
        let mut orders = vec![rows.to_vec(), rows.iter().rev().copied().collect()];
        orders.push(vec![rows[2], rows[4], rows[0], rows[5], rows[3], rows[1]]);
        for order in orders {
            let mut units = Units::default();
            for (key, variant, at) in order {
                units.assign(key, variant, at).unwrap();
            }
            assert_eq!(units.settle(&[1, 0]).len(), 1, "one tie");
            let of = |key| {
                let unit = units.index.find(key) as usize;
                (units.variant[unit], units.assigned_at[unit])
            };
            assert_eq!(of(1), (0, 5));
            assert_eq!(of(2), (1, 7), "the tie goes to the smaller label");
            assert_eq!(of(3), (1, 9));
        }
    }
}
