//! Defines the units of one experiment while rows are read: who there is, in which variant, exposed when.

use std::collections::{HashMap, HashSet};

use super::exact_lane::Wide;
use super::left_out::LeftOut;
use super::unit_row::{
    ASSIGNED_AT, EXPOSED_AT, FLAGS, Rows, VARIANT, flags, instant_at, set_instant,
};
use super::watch::{Watch, Watching};

/// Units of one shard of one experiment, numbered as they were met. Their numbers never reach output.
#[derive(Debug, Default)]
pub(super) struct Units {
    pub(super) rows: Rows,
    /// First assignment by variant, only of units with several.
    several: HashMap<u32, Vec<(u8, i64)>>,
    /// Every assignment, only of units with more than one row.
    repeated: HashSet<(u32, u8, i64)>,
    /// Units with exact duplicates among their assignment rows.
    pub(super) duplicated: HashSet<u32>,
    /// Assignment rows that repeat another exactly.
    pub(super) duplicate_rows: u64,
    /// Units whose first-seen variant was settled by label.
    pub(super) tied: HashSet<u32>,
    /// The latest exposure before assignment, of units that have one.
    earlier: HashMap<u32, i64>,
    /// Unit, kind and instant of every exposure row: what duplicates are counted from, until the pass is over.
    met: Vec<(u32, u32, i64)>,
    /// Exposure rows that repeat another.
    pub(super) duplicate_exposures: u64,
    /// Units they belong to.
    pub(super) duplicate_exposed: Vec<u32>,
    /// Sums that did not fit their slot.
    pub(super) wide: HashMap<(u32, u32), Wide>,
    /// The values of slots that keep each row's.
    pub(super) each: HashMap<(u32, u32), Vec<f64>>,
    pub(super) each_values: usize,
    /// Distinct values met, by unit and slot.
    pub(super) distinct: HashSet<(u32, u32, u128)>,
    /// Ids whose person is known, by a part of their hash: the person, and the first assignment. Ties go to the first variant.
    pub(super) stitched: HashMap<u64, (u128, i64, u8)>,
    /// Units with such an id.
    pub(super) with_person: HashSet<u32>,
    /// Keys whose assignments do not count.
    pub(super) left_out: LeftOut,
    /// What rows of each event table told.
    pub(super) watches: Vec<Watch>,
}

impl Units {
    /// No units yet; rows will have `stride` bytes.
    pub(super) fn new(stride: usize) -> Self {
        Self {
            rows: Rows::new(stride),
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Every unit.
    pub(super) fn all(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.len()).unwrap_or(u32::MAX)
    }

    #[inline]
    pub(super) fn assigned_at(&self, unit: u32) -> i64 {
        instant_at(self.rows.row(unit), ASSIGNED_AT)
    }

    /// First-seen variant: earliest assignment, ties to the smallest label.
    #[inline]
    pub(super) fn variant(&self, unit: u32) -> u8 {
        self.rows.row(unit)[VARIANT]
    }

    #[inline]
    fn has(&self, unit: u32, flag: u8) -> bool {
        self.rows.row(unit)[FLAGS] & flag != 0
    }

    fn raise(&mut self, unit: u32, flag: u8) {
        self.rows.row_mut(unit)[FLAGS] |= flag;
    }

    /// Whether the unit was assigned to more than one variant.
    #[inline]
    pub(super) fn is_in_several(&self, unit: u32) -> bool {
        self.has(unit, flags::SEVERAL)
    }

    /// A bit a variant the unit was assigned to.
    #[inline]
    pub(super) fn variants(&self, unit: u32) -> u64 {
        if !self.is_in_several(unit) {
            return 1 << self.variant(unit);
        }
        let by_variant = self.several.get(&unit).into_iter().flatten();
        by_variant.fold(0, |variants, (variant, _)| variants | 1 << variant)
    }

    /// Takes in one assignment, of a unit that is known or of a new one. Returns its number.
    pub(super) fn assign(&mut self, known: Option<u32>, variant: u8, at: i64) -> u32 {
        let Some(unit) = known else {
            let unit = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
            self.rows.push();
            let row = self.rows.row_mut(unit);
            set_instant(row, ASSIGNED_AT, at);
            row[VARIANT] = variant;
            return unit;
        };
        let (first_variant, first_at) = (self.variant(unit), self.assigned_at(unit));
        if !self.has(unit, flags::REPEATED) {
            self.raise(unit, flags::REPEATED);
            self.repeated.insert((unit, first_variant, first_at));
        }
        if !self.repeated.insert((unit, variant, at)) {
            self.duplicate_rows += 1;
            self.duplicated.insert(unit);
        }
        if variant == first_variant && !self.is_in_several(unit) {
            set_instant(self.rows.row_mut(unit), ASSIGNED_AT, first_at.min(at));
            return unit;
        }
        self.raise(unit, flags::SEVERAL);
        let by_variant = self
            .several
            .entry(unit)
            .or_insert_with(|| vec![(first_variant, first_at)]);
        match by_variant.iter_mut().find(|(known, _)| *known == variant) {
            Some((_, first)) => *first = (*first).min(at),
            None => by_variant.push((variant, at)),
        }
        unit
    }

    /// Notes that an id which was assigned is a person's.
    pub(super) fn stitch(&mut self, unit: u32, id: u64, person: u128, at: i64, variant: u8) {
        self.with_person.insert(unit);
        let first = self.stitched.entry(id).or_insert((person, at, variant));
        if (at, variant) < (first.1, first.2) {
            *first = (person, at, variant);
        }
    }

    /// Settles the first-seen variant of units with several, once every assignment is in; `rank` orders variants by label.
    pub(super) fn settle_assignments(&mut self, rank: &[usize]) {
        self.repeated = HashSet::new();
        for (unit, by_variant) in &self.several {
            let first = by_variant.iter().map(|(_, at)| *at).min().unwrap_or(0);
            let mut earliest: Vec<u8> = by_variant
                .iter()
                .filter(|(_, at)| *at == first)
                .map(|(variant, _)| *variant)
                .collect();
            earliest.sort_unstable_by_key(|variant| rank[usize::from(*variant)]);
            if earliest.len() > 1 {
                self.tied.insert(*unit);
            }
            let row = self.rows.row_mut(*unit);
            set_instant(row, ASSIGNED_AT, first);
            if let Some(variant) = earliest.first() {
                row[VARIANT] = *variant;
            }
        }
    }

    /// Remembers an exposure row for the count of duplicates.
    pub(super) fn meet(&mut self, unit: u32, kind: u32, at: i64) {
        self.met.push((unit, kind, at));
    }

    /// Takes in a valid exposure.
    pub(super) fn expose(&mut self, unit: u32, at: i64) {
        let first = self.exposed_at(unit).map_or(at, |known| known.min(at));
        set_instant(self.rows.row_mut(unit), EXPOSED_AT, first);
        self.raise(unit, flags::EXPOSED);
    }

    /// Takes in an exposure before assignment.
    pub(super) fn expose_earlier(&mut self, unit: u32, at: i64) {
        self.raise(unit, flags::EARLIER);
        let latest = self.earlier.entry(unit).or_insert(at);
        *latest = (*latest).max(at);
    }

    /// Takes in an exposure to a variant that is not the unit's own.
    pub(super) fn expose_otherwise(&mut self, unit: u32, variant: u8) {
        let ever_assigned = self.variants(unit) & (1 << variant) != 0;
        self.raise(
            unit,
            if ever_assigned {
                flags::OTHERWISE_INVALID
            } else {
                flags::CONTRADICTS
            },
        );
    }

    /// Takes in an exposure that came too late.
    pub(super) fn expose_late(&mut self, unit: u32) {
        self.raise(unit, flags::OTHERWISE_INVALID);
    }

    /// Counts duplicates once every exposure is in: rows of the same unit, variant and type at the same instant, or within
    /// `interval` after another.
    pub(super) fn settle_exposures(&mut self, interval: Option<i64>) {
        let mut met = std::mem::take(&mut self.met);
        met.sort_unstable();
        for pair in met.windows(2) {
            let ((unit, kind, at), (next_unit, next_kind, next_at)) = (pair[0], pair[1]);
            let close = next_at.saturating_sub(at) < interval.unwrap_or(1).max(1);
            if unit == next_unit && kind == next_kind && close {
                self.duplicate_exposures += 1;
                self.duplicate_exposed.push(unit);
            }
        }
        self.duplicate_exposed.dedup();
    }

    /// The first valid exposure.
    #[inline]
    pub(super) fn exposed_at(&self, unit: u32) -> Option<i64> {
        let row = self.rows.row(unit);
        (row[FLAGS] & flags::EXPOSED != 0).then(|| instant_at(row, EXPOSED_AT))
    }

    /// Whether an exposure carries a variant the unit was never assigned to.
    pub(super) fn contradicts(&self, unit: u32) -> bool {
        self.has(unit, flags::CONTRADICTS)
    }

    /// Whether the unit has exposures and none of them is valid.
    pub(super) fn only_invalid(&self, unit: u32) -> bool {
        let invalid = flags::EARLIER | flags::CONTRADICTS | flags::OTHERWISE_INVALID;
        !self.has(unit, flags::EXPOSED) && self.has(unit, invalid)
    }

    /// The latest exposure of a unit whose exposures are all before its assignment.
    pub(super) fn only_earlier(&self, unit: u32) -> Option<i64> {
        let otherwise = flags::EXPOSED | flags::CONTRADICTS | flags::OTHERWISE_INVALID;
        let earlier = self.earlier.get(&unit).copied();
        earlier.filter(|_| !self.has(unit, otherwise))
    }

    /// The watch of an event table.
    #[inline]
    pub(super) fn watch(&mut self, watching: &Watching) -> &mut Watch {
        while self.watches.len() <= watching.position {
            self.watches.push(watching.begin());
        }
        &mut self.watches[watching.position]
    }

    /// Settles a watch, once every row of its table is in.
    pub(super) fn settle_watch(&mut self, position: Option<usize>) {
        let mut watches = std::mem::take(&mut self.watches);
        if let Some(watch) = position.and_then(|position| watches.get_mut(position)) {
            watch.settle(|unit| self.variant(unit));
        }
        self.watches = watches;
    }

    /// Bytes held, about: what a limit on memory is held against.
    pub(super) fn bytes(&self) -> usize {
        const SLACK: usize = 2;
        let side = self.repeated.len() * size_of::<(u32, u8, i64)>()
            + (self.tied.len() + self.duplicated.len() + self.duplicate_exposed.len())
                * size_of::<u32>()
            + self.several.len() * 96
            + self.earlier.len() * size_of::<(u32, i64)>()
            + self.wide.len() * 160
            + self.each.len() * 48
            + self.each_values * size_of::<f64>()
            + self.distinct.len() * size_of::<(u32, u32, u128)>();
        let watches = self.watches.iter().map(Watch::bytes).sum::<usize>();
        watches
            + SLACK * (self.left_out.bytes() + self.stitched.len() * 64)
            + self.rows.bytes()
            + self.met.capacity() * size_of::<(u32, u32, i64)>()
            + SLACK * side
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_seen_does_not_depend_on_the_order_of_rows() {
        let rows = [
            (0_u32, 0_u8, 50_i64),
            (0, 1, 10),
            (0, 0, 5),
            (1, 1, 7),
            (1, 0, 7),
            (2, 1, 9),
        ];
        let mut orders = vec![rows.to_vec(), rows.iter().rev().copied().collect()];
        orders.push(vec![rows[2], rows[4], rows[0], rows[5], rows[3], rows[1]]);
        for order in orders {
            let mut units = Units::new(32);
            let mut numbers = HashMap::new();
            for (name, variant, at) in order {
                let known = numbers.get(&name).copied();
                numbers.insert(name, units.assign(known, variant, at));
            }
            units.settle_assignments(&[1, 0]);
            assert_eq!(units.tied.len(), 1, "one tie");
            let of = |name| {
                let unit = numbers[&name];
                (units.variant(unit), units.assigned_at(unit))
            };
            assert_eq!(of(0), (0, 5));
            assert_eq!(of(1), (1, 7), "the tie goes to the smaller label");
            assert_eq!(of(2), (1, 9));
        }
    }

    #[test]
    fn exact_duplicates_are_counted_whatever_stands_between_them() {
        let mut units = Units::new(32);
        let unit = units.assign(None, 0, 5);
        for (variant, at) in [(0, 3), (1, 4), (0, 5), (1, 4), (1, 4)] {
            units.assign(Some(unit), variant, at);
        }
        assert_eq!(units.duplicate_rows, 3);
        assert_eq!(units.duplicated.len(), 1);
    }
}
