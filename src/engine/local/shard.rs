//! Defines how units are split into shards: by the hash of their identity, so that threads work on disjoint units, what
//! is summed never depends on them, and a shard that does not fit into memory can wait on disk.

use hashbrown::HashTable;

use super::units::Units;

/// Shards of a run. Each holds a 256th of the units: few enough to be visited once a batch, small enough that a shard read
/// back from disk fits where all of them did not.
pub(super) const SHARDS: usize = 256;

/// The shard of a key: its highest byte. The low half indexes inside the shard.
#[inline]
pub(super) const fn shard_of(key: u128) -> usize {
    (key >> 120) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is the hash")]
const fn low_half(key: u128) -> u64 {
    key as u64
}

/// No number.
pub(super) const NO_NUMBER: u32 = u32::MAX;

/// A key's number, and enough of its high half to tell it from nearly every other without looking the whole key up.
#[derive(Debug, Clone, Copy)]
struct Entry {
    number: u32,
    tag: u32,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a tag is a part on purpose"
)]
const fn tag_of(key: u128) -> u32 {
    (key >> 64) as u32
}

/// Dense numbers for the keys of a shard. The low half of a key indexes, the whole of it is verified; hash order never
/// reaches output.
#[derive(Debug, Default)]
pub(super) struct KeyIndex {
    table: HashTable<Entry>,
    keys: Vec<u128>,
}

impl KeyIndex {
    /// The numbers of some keys, which are looked up together so that waiting for memory overlaps.
    pub(super) fn find_all(
        &self,
        keys: impl Iterator<Item = u128> + Clone,
        numbers: &mut Vec<u32>,
    ) {
        numbers.clear();
        for key in keys.clone() {
            let tag = tag_of(key);
            let found = self.table.find(low_half(key), |entry| entry.tag == tag);
            numbers.push(found.map_or(NO_NUMBER, |entry| entry.number));
        }
        for (number, key) in numbers.iter_mut().zip(keys) {
            if self.keys.get(*number as usize) != Some(&key) {
                *number = self.find(key);
            }
        }
    }

    #[inline]
    fn find(&self, key: u128) -> u32 {
        let tag = tag_of(key);
        self.table
            .find(low_half(key), |entry| {
                entry.tag == tag && self.keys[entry.number as usize] == key
            })
            .map_or(NO_NUMBER, |entry| entry.number)
    }

    /// The number of a key, which is given one if it is new. `None` past four billion keys a shard.
    #[inline]
    pub(super) fn insert(&mut self, key: u128) -> Option<u32> {
        let (keys, tag) = (&self.keys, tag_of(key));
        let entry = self.table.entry(
            low_half(key),
            |entry| entry.tag == tag && keys[entry.number as usize] == key,
            |entry| low_half(keys[entry.number as usize]),
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(entry) => Some(entry.get().number),
            hashbrown::hash_table::Entry::Vacant(entry) => {
                // The two highest numbers are not units: see `Known`.
                let number = u32::try_from(self.keys.len())
                    .ok()
                    .filter(|number| *number < NO_NUMBER - 1)?;
                entry.insert(Entry { number, tag });
                self.keys.push(key);
                Some(number)
            }
        }
    }

    fn bytes(&self) -> usize {
        self.keys.capacity() * size_of::<u128>() + self.table.capacity() * 10
    }
}

/// What a key is to one experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing.
    Nobody,
    /// A unit of another experiment in the same table: its events are not orphans.
    Elsewhere,
    /// A unit.
    Unit(u32),
}

const NOBODY: u32 = u32::MAX;
const ELSEWHERE: u32 = u32::MAX - 1;

/// The units of one experiment in a shard, and which of the shard's keys they are.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// By the key's number; absent as long as unit and key numbers are the same.
    numbers: Option<Vec<u32>>,
    pub(super) units: Units,
}

impl Members {
    pub(super) fn new(stride: usize) -> Self {
        Self {
            numbers: None,
            units: Units::new(stride),
        }
    }

    #[inline]
    pub(super) fn find(&self, number: u32) -> Known {
        let known = match &self.numbers {
            None if (number as usize) < self.units.len() => number,
            None => NOBODY,
            Some(numbers) => numbers.get(number as usize).copied().unwrap_or(NOBODY),
        };
        match known {
            NOBODY => Known::Nobody,
            ELSEWHERE => Known::Elsewhere,
            unit => Known::Unit(unit),
        }
    }

    /// The unit of the key with a number, if it is one.
    pub(super) fn unit(&self, number: u32) -> Option<u32> {
        match self.find(number) {
            Known::Unit(unit) => Some(unit),
            Known::Nobody | Known::Elsewhere => None,
        }
    }

    /// Takes in an assignment of the key with a number.
    pub(super) fn assign(&mut self, number: u32, variant: u8, at: i64) -> u32 {
        if let Known::Unit(unit) = self.find(number) {
            return self.units.assign(Some(unit), variant, at);
        }
        let unit = self.units.assign(None, variant, at);
        if self.numbers.is_some() || unit != number {
            self.bind(number, unit);
        }
        unit
    }

    /// Notes that the key with a number is a unit of another experiment.
    pub(super) fn note_elsewhere(&mut self, number: u32) {
        if self.find(number) == Known::Nobody {
            self.bind(number, ELSEWHERE);
        }
    }

    fn bind(&mut self, number: u32, meaning: u32) {
        // Until now, units were numbered as keys are; a unit that was just added is not among those.
        let same = u32::try_from(self.units.len()).unwrap_or(NOBODY);
        let same = if meaning == ELSEWHERE { same } else { meaning };
        let numbers = self.numbers.get_or_insert_with(|| (0..same).collect());
        let position = number as usize;
        if numbers.len() <= position {
            numbers.resize(position + 1, NOBODY);
        }
        numbers[position] = meaning;
    }

    fn bytes(&self) -> usize {
        let numbers = self.numbers.as_ref().map_or(0, Vec::capacity);
        self.units.bytes() + numbers * size_of::<u32>()
    }
}

/// Disjoint units of every experiment of a run.
#[derive(Debug, Default)]
pub(super) struct Shard {
    pub(super) index: KeyIndex,
    /// By experiment of the run.
    pub(super) members: Vec<Members>,
}

impl Shard {
    /// An empty shard for experiments whose units' rows have these many bytes.
    pub(super) fn new(strides: &[usize]) -> Self {
        Self {
            index: KeyIndex::default(),
            members: strides.iter().map(|stride| Members::new(*stride)).collect(),
        }
    }

    /// Bytes held, about.
    pub(super) fn bytes(&self) -> usize {
        self.index.bytes() + self.members.iter().map(Members::bytes).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_several_experiments_are_told_apart() {
        let mut shard = Shard::new(&[32, 32]);
        let numbers: Vec<u32> = (0..6_u128)
            .map(|key| shard.index.insert(key).unwrap())
            .collect();
        let [first, second] = shard.members.as_mut_slice() else {
            panic!("two experiments");
        };
        // The first experiment's units come in the order of keys until one is missing.
        for number in [0, 1, 3, 1, 5] {
            first.assign(numbers[number], 0, 7);
        }
        first.note_elsewhere(numbers[2]);
        first.note_elsewhere(numbers[3]);
        second.note_elsewhere(numbers[0]);
        second.assign(numbers[0], 1, 9);
        second.assign(numbers[2], 1, 9);
        let of = |members: &Members| {
            numbers
                .iter()
                .map(|number| members.find(*number))
                .collect::<Vec<_>>()
        };
        use Known::{Elsewhere, Nobody, Unit};
        assert_eq!(
            of(first),
            [Unit(0), Unit(1), Elsewhere, Unit(2), Nobody, Unit(3)]
        );
        assert_eq!(
            of(second),
            [Unit(0), Nobody, Unit(1), Nobody, Nobody, Nobody]
        );
        assert_eq!(first.find(99), Nobody);
        assert_eq!((first.units.len(), second.units.len()), (4, 2));
        let mut found = Vec::new();
        shard.index.find_all([4, 77, 0].into_iter(), &mut found);
        assert_eq!(found, [4, NO_NUMBER, 0]);
    }
}
