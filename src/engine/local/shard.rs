//! Defines how units are split into shards: by the hash of their identity, so that threads work on disjoint units, what
//! is summed never depends on them, and a shard that does not fit into memory can wait on disk.

use super::contract::RuleNumber;
use super::ledger;
use super::unit_row::set_bit;
use super::units::Units;
use crate::domain::evidence::OutOfScope;

/// Shards of a run. Each holds a 256th of the units: few enough to be visited once a batch, small enough that a shard read
/// back from disk fits where all of them did not.
pub(super) const SHARDS: usize = 256;

/// Keys or units that are fetched from memory together, before any of them is worked on: the waits overlap.
pub(super) const TOGETHER: usize = 64;

/// Has what stands in some places, at most [`TOGETHER`] of them, fetched from memory. Reading it is all it takes; where it
/// stands is found out before, so that the processor sees little else than those reads and lets many of them wait at once.
#[inline]
pub(super) fn fetch<'m, T: Copy + Default + 'm>(things: impl Iterator<Item = &'m T>) {
    let nothing = T::default();
    let mut places = [&nothing; TOGETHER];
    for (place, thing) in places.iter_mut().zip(things) {
        *place = thing;
    }
    for place in places {
        std::hint::black_box(*place);
    }
}

/// The shard of a key: its highest byte. Lower bytes index inside the shard.
#[inline]
pub(super) const fn shard_of(key: u128) -> usize {
    (key >> 120) as usize
}

/// No number.
pub(super) const NO_NUMBER: u32 = u32::MAX;

/// A key and its number in 16 bytes, four to a line of memory: looking one up waits for memory once. The shard tells eight
/// more bits of the key, so that 104 are verified; of ten billion units, two would share them once in 400 billion runs.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    low: u64,
    high: u32,
    /// One more than the number; zero where nothing is entered.
    number: u32,
}

impl Entry {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "each takes its part of the key"
    )]
    const fn of(key: u128) -> Self {
        Self {
            low: key as u64,
            high: (key >> 64) as u32,
            number: 0,
        }
    }

    const fn has_key_of(self, other: Self) -> bool {
        self.low == other.low && self.high == other.high
    }
}

/// Dense numbers for the keys of a shard. Hash order never reaches output.
#[derive(Debug, Default)]
pub(super) struct KeyIndex {
    /// A power of two of places, at most three quarters of them taken. A key stands in the first free place from where
    /// its low half points.
    places: Vec<Entry>,
    len: u32,
}

impl KeyIndex {
    /// Places of the first table.
    const FIRST: usize = 16;

    /// The numbers of some keys.
    pub(super) fn find_all(
        &self,
        keys: impl Iterator<Item = u128> + Clone,
        numbers: &mut Vec<u32>,
    ) {
        self.fetch(keys.clone());
        numbers.clear();
        numbers.extend(keys.map(|key| self.find(key)));
    }

    /// Has the places of some keys fetched from memory.
    pub(super) fn fetch(&self, keys: impl Iterator<Item = u128>) {
        fetch(keys.filter_map(|key| self.first_place(key)));
    }

    /// What stands where a key points.
    #[inline]
    fn first_place(&self, key: u128) -> Option<&u32> {
        let last = self.places.len().wrapping_sub(1);
        let place = self.places.get(key as usize & last);
        place.map(|entry| &entry.high)
    }

    #[inline]
    fn find(&self, key: u128) -> u32 {
        if self.places.is_empty() {
            return NO_NUMBER;
        }
        // An empty place has the number before zero, which is none.
        self.places[self.place(Entry::of(key))]
            .number
            .wrapping_sub(1)
    }

    /// The place of a key, or the one where it would be entered. There are free places always.
    #[inline]
    fn place(&self, entry: Entry) -> usize {
        let last = self.places.len() - 1;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "only the lowest bits point"
        )]
        let mut place = entry.low as usize & last;
        loop {
            let known = self.places[place];
            if known.number == 0 || known.has_key_of(entry) {
                return place;
            }
            place = (place + 1) & last;
        }
    }

    /// The number of a key, which is given one if it is new. `None` past four billion keys a shard.
    #[inline]
    pub(super) fn insert(&mut self, key: u128) -> Option<u32> {
        if self.len as usize * 4 >= self.places.len() * 3 {
            self.grow();
        }
        let entry = Entry::of(key);
        let place = self.place(entry);
        let known = &mut self.places[place];
        if known.number == 0 {
            // The two highest numbers are not units: see `Known`.
            self.len = self.len.checked_add(1).filter(|len| *len < ELSEWHERE)?;
            *known = Entry {
                number: self.len,
                ..entry
            };
        }
        Some(known.number - 1)
    }

    fn grow(&mut self) {
        let places = (self.places.len() * 2).max(Self::FIRST);
        let known = std::mem::replace(&mut self.places, vec![Entry::default(); places]);
        for entry in known.into_iter().filter(|entry| entry.number > 0) {
            let place = self.place(entry);
            self.places[place] = entry;
        }
    }

    fn bytes(&self) -> usize {
        self.places.capacity() * size_of::<Entry>()
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

    /// Marks the unit of the key with a number, if it is one: a rule of the contract rejects a row of it. `first` is the bit
    /// of the table's first rule.
    pub(super) fn mark(&mut self, number: u32, first: Option<usize>, rule: RuleNumber) {
        if let (Some(unit), Some(first)) = (self.unit(number), first) {
            set_bit(self.units.rows.row_mut(unit), first + usize::from(rule));
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

    /// Notes an assignment that does not count, of the key with a number: its events are not orphans.
    pub(super) fn leave_out(
        &mut self,
        number: u32,
        entry: ledger::Entry,
        is_earlier: bool,
        variant: Option<u8>,
        at: i64,
    ) {
        let ledger::Entry::OutOfScope(reason) = entry else {
            return;
        };
        let units = &mut self.units;
        match (reason, variant) {
            (OutOfScope::NotEligible, Some(variant)) => {
                units.left_out.enter_ineligible(number, at, variant);
            }
            (OutOfScope::NoConsent, Some(variant)) => {
                units.left_out.enter_without_consent(number, variant);
            }
            (OutOfScope::OtherVersion, _) if is_earlier => units.left_out.enter_earlier(number),
            _ => return,
        }
        self.note_elsewhere(number);
    }

    /// Why an assignment of the key with a number does not count, where there is one and none that does.
    pub(super) fn left_out(&self, number: u32) -> Option<OutOfScope> {
        self.units.left_out.reason(number)
    }

    /// Finds the units that an earlier version knew, once every assignment is in.
    pub(super) fn settle_earlier(&mut self) {
        let earlier = std::mem::take(&mut self.units.left_out.earlier);
        let units = earlier.into_iter().filter_map(|number| self.unit(number));
        self.units.left_out.seen_earlier = units.collect();
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

/// What the keys of a shard are to the experiments of a run, by key, so that a row of a table that several read is looked
/// up once for all of them, and those it does not concern cost it nothing.
#[derive(Debug, Default)]
struct Links {
    /// Of each key its one experiment and its unit there, or [`NOBODY`]. Experiments that know the key to be another's are
    /// left out. Of a key of none or several experiments, [`SEVERAL`] and where `more` has theirs.
    of_key: Vec<(u32, u32)>,
    /// How many links there are, with [`SEVERAL`] before it; then those.
    more: Vec<(u32, u32)>,
}

/// No experiment.
const SEVERAL: u32 = u32::MAX;

impl Links {
    fn of(keys: u32, members: &[Members]) -> Self {
        let mut links = Self {
            of_key: Vec::with_capacity(keys as usize),
            more: Vec::new(),
        };
        let mut own = Vec::with_capacity(members.len());
        for number in 0..keys {
            own.clear();
            for (experiment, members) in (0_u32..).zip(members) {
                match members.find(number) {
                    Known::Unit(unit) => own.push((experiment, unit)),
                    Known::Nobody => own.push((experiment, NOBODY)),
                    Known::Elsewhere => {}
                }
            }
            if let [link] = own.as_slice() {
                links.of_key.push(*link);
                continue;
            }
            let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            links.of_key.push((SEVERAL, number(links.more.len())));
            links.more.push((SEVERAL, number(own.len())));
            links.more.extend_from_slice(&own);
        }
        links
    }

    /// The links of a key; none for [`NO_NUMBER`].
    #[inline]
    fn of_key(&self, number: u32) -> &[(u32, u32)] {
        match self.of_key.get(number as usize) {
            None => &[],
            Some((SEVERAL, start)) => {
                let more = self.more.get(*start as usize..).unwrap_or_default();
                match more.split_first() {
                    Some(((_, count), links)) => links.get(..*count as usize).unwrap_or_default(),
                    None => &[],
                }
            }
            Some(link) => std::slice::from_ref(link),
        }
    }

    /// Has the links of some keys fetched from memory.
    fn fetch(&self, numbers: &[u32]) {
        let links = numbers
            .iter()
            .filter_map(|number| self.of_key.get(*number as usize));
        fetch(links.map(|link| &link.1));
    }

    fn bytes(&self) -> usize {
        (self.of_key.capacity() + self.more.capacity()) * size_of::<(u32, u32)>()
    }
}

/// What the key of a row is to one experiment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// Of the row, among those asked about.
    pub(super) position: usize,
    /// Its position in the run.
    pub(super) experiment: usize,
    /// The unit; absent where the key is nobody's.
    pub(super) unit: Option<u32>,
}

/// Disjoint units of every experiment of a run.
#[derive(Debug, Default)]
pub(super) struct Shard {
    pub(super) index: KeyIndex,
    /// By experiment of the run.
    pub(super) members: Vec<Members>,
    /// Of several experiments, once every assignment is in.
    links: Option<Links>,
}

impl Shard {
    /// An empty shard for experiments whose units' rows have these many bytes.
    pub(super) fn new(strides: &[usize]) -> Self {
        Self {
            index: KeyIndex::default(),
            members: strides.iter().map(|stride| Members::new(*stride)).collect(),
            links: None,
        }
    }

    /// Notes what keys are to experiments; to be called once every assignment is in.
    pub(super) fn link(&mut self) {
        if self.members.len() > 1 && self.links.is_none() {
            self.links = Some(Links::of(self.index.len, &self.members));
        }
    }

    /// What the keys of some rows are to experiments. Those that know a key to be another's are left out, and where it has
    /// no number so are all, since it is nobody's to any.
    pub(super) fn links(&self, numbers: &[u32], links: &mut Vec<Link>) {
        links.clear();
        if let Some(known) = &self.links {
            known.fetch(numbers);
        }
        for (position, number) in numbers.iter().enumerate() {
            if let Some(known) = &self.links {
                links.extend(known.of_key(*number).iter().map(|(experiment, unit)| Link {
                    position,
                    experiment: *experiment as usize,
                    unit: Some(*unit).filter(|unit| *unit != NOBODY),
                }));
                continue;
            }
            let first = self.members.first().filter(|_| *number != NO_NUMBER);
            let unit = match first.map(|members| members.find(*number)) {
                Some(Known::Unit(unit)) => Some(unit),
                Some(Known::Nobody) => None,
                Some(Known::Elsewhere) | None => continue,
            };
            links.push(Link {
                position,
                experiment: 0,
                unit,
            });
        }
        for links in links.chunks(TOGETHER) {
            fetch(links.iter().filter_map(|link| {
                let units = &self.members[link.experiment].units;
                link.unit.map(|unit| &units.rows.row(unit)[0])
            }));
        }
    }

    /// Bytes held, about.
    pub(super) fn bytes(&self) -> usize {
        let links = self.links.as_ref().map_or(0, Links::bytes);
        self.index.bytes() + links + self.members.iter().map(Members::bytes).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::Known::{Elsewhere, Nobody, Unit};
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn keys_are_numbered_as_they_come_however_many_share_their_low_bits(
            keys in proptest::collection::vec((0_u128..40, 0_u128..4, 0_u128..3), 0..300),
        ) {
            let mut index = KeyIndex::default();
            let mut expected: HashMap<u128, u32> = HashMap::new();
            for (low, middle, high) in keys {
                let key = low | middle << 40 | high << 70;
                let next = u32::try_from(expected.len()).unwrap();
                let number = *expected.entry(key).or_insert(next);
                prop_assert_eq!(index.insert(key), Some(number));
            }
            for (key, number) in expected {
                prop_assert_eq!(index.find(key), number);
                prop_assert_eq!(index.find(key | 1 << 90), NO_NUMBER);
            }
        }
    }

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
