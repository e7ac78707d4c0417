//! Sorts the rows of a batch by which declarations ask for them. Few combinations occur, so a row costs one look-up and
//! the declarations it is for, however many there are.

use super::filter::FilterSet;
use super::labels::{ByLabel, Labels};
use crate::source::Batch;

/// Which declarations ask for each row of a batch.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    /// The pattern of each row.
    of_row: Vec<u32>,
    /// The declarations of each pattern.
    asking: Vec<Vec<u32>>,
}

impl Patterns {
    /// Judges every row. `asks` names the filters of each declaration by position among `filters`.
    pub(super) fn of(
        filters: &[FilterSet],
        asks: &[usize],
        batch: &Batch,
        labels: &mut Labels,
    ) -> Self {
        let mut of_row = vec![0; batch.rows];
        // For each pattern, which filters hold.
        let mut holding: Vec<Vec<bool>> = vec![Vec::new()];
        let mut order: Vec<usize> = Vec::with_capacity(filters.len());
        // Filters on one column of labels alone are judged once a label: events are told apart by name.
        let shared = filters.iter().find_map(FilterSet::only_request);
        let is_shared = |set: &FilterSet| shared.is_some() && set.only_request() == shared;
        let by_label = shared.and_then(|request| {
            ByLabel::of(batch, request, labels, |cells, row| {
                let sets = filters.iter().filter(|set| is_shared(set));
                sets.map(|set| set.holds_for(cells, row)).collect()
            })
        });
        let is_judged: Vec<bool> = match by_label {
            Some(judged) => {
                of_row = judged.codes;
                holding = judged.kinds;
                filters.iter().map(is_shared).collect()
            }
            None => vec![false; filters.len()],
        };
        order.extend((0..filters.len()).filter(|set| is_judged[*set]));
        for (position, set) in filters.iter().enumerate() {
            if is_judged[position] {
                continue;
            }
            order.push(position);
            refine(&mut of_row, &mut holding, &set.rows(batch, labels));
        }
        let mut place_of = vec![0; filters.len()];
        for (place, filter) in order.iter().enumerate() {
            place_of[*filter] = place;
        }
        let asking = holding
            .iter()
            .map(|holds| {
                // A batch without rows has no pattern.
                let holds_for = |filter: &usize| holds.get(place_of[*filter]) == Some(&true);
                let asking = (0_u32..).zip(asks).filter(|(_, filter)| holds_for(filter));
                asking.map(|(declaration, _)| declaration).collect()
            })
            .collect();
        Self { of_row, asking }
    }

    /// The number of a row's pattern.
    #[inline]
    pub(super) fn number(&self, row: usize) -> u32 {
        self.of_row[row]
    }

    /// Whether any declaration asks for each row.
    pub(super) fn are_asked(&self) -> impl Iterator<Item = bool> {
        let is_asked: Vec<bool> = self
            .asking
            .iter()
            .map(|asking| !asking.is_empty())
            .collect();
        self.of_row
            .iter()
            .map(move |pattern| is_asked[*pattern as usize])
    }

    /// The declarations that ask for a row.
    #[inline]
    pub(super) fn asking(&self, row: usize) -> &[u32] {
        &self.asking[self.of_row[row] as usize]
    }
}

/// Splits patterns by one more filter.
fn refine(of_row: &mut [u32], holding: &mut Vec<Vec<bool>>, holds: &[bool]) {
    const UNSEEN: u32 = u32::MAX;
    let mut split = vec![[UNSEEN; 2]; holding.len()];
    let mut refined: Vec<Vec<bool>> = Vec::with_capacity(holding.len());
    for (pattern, holds) in of_row.iter_mut().zip(holds) {
        let next = &mut split[*pattern as usize][usize::from(*holds)];
        if *next == UNSEEN {
            *next = u32::try_from(refined.len()).unwrap_or(UNSEEN);
            let mut known = holding[*pattern as usize].clone();
            known.push(*holds);
            refined.push(known);
        }
        *pattern = *next;
    }
    if refined.is_empty() {
        refined.push(Vec::new());
    }
    *holding = refined;
}
