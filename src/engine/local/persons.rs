//! Counts whose ids were assigned: how many a person has in each variant, and which days brought ids without a person.

use std::collections::{BTreeMap, HashMap};

use super::days::Days;
use super::identity::Identities;
use super::unit_values::UnitValues;
use crate::domain::evidence::{ByVariant, DayCounts, IdentityCounts};

/// Persons, over the shards seen so far.
#[derive(Debug)]
pub(super) struct Persons {
    variants: usize,
    /// Ids a person and variant.
    ids_of: HashMap<(u128, u8), u64>,
    /// Ids without a person, by variant.
    unstitched: ByVariant,
    stitched_days: BTreeMap<i64, ByVariant>,
}

impl Persons {
    pub(super) fn new(variants: usize) -> Self {
        Self {
            variants,
            ids_of: HashMap::new(),
            unstitched: vec![0; variants],
            stitched_days: BTreeMap::new(),
        }
    }

    /// Adds the units of a shard.
    pub(super) fn add(&mut self, values: UnitValues<'_>) {
        let (job, units) = (values.job, values.units);
        for (person, at, variant) in units.stitched.values() {
            *self.ids_of.entry((*person, *variant)).or_default() += 1;
            if job.has_time {
                let of_day = self.stitched_days.entry(job.days.day(*at));
                of_day.or_insert_with(|| vec![0; self.variants])[usize::from(*variant)] += 1;
            }
        }
        for unit in units.all() {
            if !units.with_person.contains(&unit) {
                self.unstitched[usize::from(units.variant(unit))] += 1;
            }
        }
    }

    /// Adds other shards: a person's ids may stand in any of them.
    pub(super) fn merge(&mut self, other: Self) {
        for (key, ids) in other.ids_of {
            *self.ids_of.entry(key).or_default() += ids;
        }
        for (ours, theirs) in self.unstitched.iter_mut().zip(other.unstitched) {
            *ours += theirs;
        }
        for (day, ids) in other.stitched_days {
            let known = self.stitched_days.entry(day);
            let known = known.or_insert_with(|| vec![0; ids.len()]);
            for (ours, theirs) in known.iter_mut().zip(ids) {
                *ours += theirs;
            }
        }
    }

    /// What the map says.
    pub(super) fn finish(&self, map: &Identities, by_person: bool) -> IdentityCounts {
        let mut counts = IdentityCounts {
            rows: map.rows,
            unusable: map.unusable,
            shared: map.shared,
            by_person,
            ids: self.unstitched.clone(),
            stitched: vec![0; self.variants],
            persons: vec![0; self.variants],
            squares: vec![0; self.variants],
            crossing: 0,
            stitched_by_day: Vec::new(),
        };
        let mut variants_of: HashMap<u128, u32> = HashMap::new();
        for ((person, variant), ids) in &self.ids_of {
            let variant = usize::from(*variant);
            counts.ids[variant] += ids;
            counts.stitched[variant] += ids;
            counts.persons[variant] += 1;
            counts.squares[variant] += ids * ids;
            *variants_of.entry(*person).or_default() += 1;
        }
        let crossing = variants_of.values().filter(|variants| **variants > 1);
        counts.crossing = crossing.count() as u64;
        let days = self.stitched_days.iter();
        counts.stitched_by_day = days
            .map(|(day, units)| DayCounts {
                day: Days::name(*day),
                units: units.clone(),
            })
            .collect();
        counts
    }
}
