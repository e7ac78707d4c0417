//! Defines which slices are withheld because a cell describes too few people.
//!
//! A slice is withheld as a whole, for every variant. The whole of a population never is.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::evidence::Slice;

/// The slices that are withheld.
pub(super) type Suppressed = BTreeSet<Slice>;

/// Siblings add up to the whole: the levels of one column, or the days.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    Column(String),
    Days,
}

/// The slices to withhold, given units a variant of each slice of one metric and population.
///
/// First every slice with a cell below `min_cell`. Then, where the whole less its shown siblings would still give away a
/// cell below it, the smallest sibling as well, until subtraction gives nothing away (complementary suppression).
pub(super) fn of<'a>(
    counts: impl Iterator<Item = (&'a Slice, Vec<u64>)>,
    min_cell: u64,
) -> Suppressed {
    let mut families: BTreeMap<Family, Vec<(&Slice, Vec<u64>)>> = BTreeMap::new();
    for (slice, units) in counts {
        let family = match slice {
            Slice::All | Slice::Epoch(_) => continue,
            Slice::Segment { column, .. } => Family::Column(column.clone()),
            Slice::EntryDay(_) => Family::Days,
        };
        families.entry(family).or_default().push((slice, units));
    }
    families
        .into_values()
        .flat_map(|siblings| withheld(siblings, min_cell))
        .collect()
}

fn withheld(siblings: Vec<(&Slice, Vec<u64>)>, min_cell: u64) -> Vec<Slice> {
    let small = |units: &[u64]| units.iter().any(|count| *count < min_cell);
    let (mut hidden, mut shown): (Vec<_>, Vec<_>) =
        siblings.into_iter().partition(|(_, units)| small(units));
    // Smallest cell first; the slice itself settles ties, so that the choice never depends on order.
    shown.sort_by_key(|(slice, units)| {
        (
            units.iter().copied().min().unwrap_or(0),
            units.iter().sum::<u64>(),
            (*slice).clone(),
        )
    });
    let mut shown = shown.into_iter();
    while given_away(&hidden, min_cell)
        && let Some(next) = shown.next()
    {
        hidden.push(next);
    }
    hidden.into_iter().map(|(slice, _)| slice.clone()).collect()
}

/// Whether the whole less the shown siblings tells a small cell: one is hidden alone, or all hidden together are small.
fn given_away(hidden: &[(&Slice, Vec<u64>)], min_cell: u64) -> bool {
    match hidden {
        [] => false,
        [_] => true,
        several => {
            let width = several
                .iter()
                .map(|(_, units)| units.len())
                .max()
                .unwrap_or(0);
            (0..width).any(|variant| {
                let together: u64 = several
                    .iter()
                    .filter_map(|(_, units)| units.get(variant))
                    .sum();
                together < min_cell
            })
        }
    }
}
