//! Defines what the passes over the tables left behind, and who counts in which variant.

use std::collections::HashSet;

use super::assignments::Assigned;
use super::days::Days;
use super::exposures::Exposed;
use super::facts::Facts;
use super::rows::RowReader;
use super::units::Units;
use crate::domain::definition::SeveralVariants;
use crate::domain::evidence::AsOf;

/// Everything that the passes read.
pub(super) struct Read {
    pub(super) as_of: AsOf,
    pub(super) days: Days,
    pub(super) assigned: Assigned,
    pub(super) exposed: Option<Exposed>,
    pub(super) passes: Vec<Facts>,
    /// Units whose first-seen variant was settled by label.
    pub(super) tied: HashSet<u32>,
}

/// Which anchor a unit's numbers are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    Assignment,
    Exposure,
}

impl Read {
    /// Every unit.
    pub(super) fn units(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.assigned.units.len()).unwrap_or(u32::MAX)
    }

    /// The readers of every table.
    pub(super) fn readers(&self) -> impl Iterator<Item = &RowReader> {
        let exposed = self.exposed.iter().map(|exposed| &exposed.reader);
        let passes = self.passes.iter().map(|pass| &pass.reader);
        std::iter::once(&self.assigned.reader)
            .chain(exposed)
            .chain(passes)
    }

    /// When a unit entered a population, if it did.
    pub(super) fn entry(&self, unit: u32, from: From) -> Option<i64> {
        let units = &self.assigned.units;
        match from {
            From::Assignment => Some(units.assigned_at[unit as usize]),
            From::Exposure => units
                .exposures
                .get(unit as usize)
                .and_then(|exposure| exposure.first),
        }
    }
}

/// Ranks of variants by label, bytewise: what ties are settled by.
pub(super) fn label_ranks(variants: &[String]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..variants.len()).collect();
    order.sort_unstable_by_key(|position| &variants[*position]);
    let mut ranks = vec![0; variants.len()];
    for (rank, position) in order.into_iter().enumerate() {
        ranks[position] = rank;
    }
    ranks
}

/// Who is in which variant under one convention.
pub(super) struct Members<'a> {
    pub(super) units: &'a Units,
    pub(super) rule: SeveralVariants,
}

impl Members<'_> {
    /// Whether a unit counts in any variant.
    pub(super) fn counts(&self, unit: u32) -> bool {
        self.variants(unit).next().is_some()
    }

    /// The variants a unit counts in.
    pub(super) fn variants(&self, unit: u32) -> impl Iterator<Item = u8> + use<> {
        let slot = unit as usize;
        let (all, first) = (self.units.variants[slot], 1_u64 << self.units.variant[slot]);
        let counted = match self.rule {
            SeveralVariants::Exclude if all.count_ones() > 1 => 0,
            SeveralVariants::Exclude | SeveralVariants::FirstSeen => first,
            SeveralVariants::KeepInBoth => all,
        };
        (0..64).filter(move |bit| counted >> bit & 1 == 1)
    }
}
