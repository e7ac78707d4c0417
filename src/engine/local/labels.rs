//! Judges labels once each instead of once a row: a batch holds thousands of rows and a handful of labels.

use std::collections::HashMap;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use super::scope::cells;
use crate::source::{Batch, Cells, Column, TextColumn};

/// The text columns of one batch as numbers, made when first asked for.
#[derive(Debug, Default)]
pub(super) struct Labels(HashMap<usize, Coded>);

/// A text column as numbers.
#[derive(Debug)]
struct Coded {
    /// The number of each row's text.
    codes: Vec<u32>,
    /// A row of each text.
    rows: Vec<usize>,
}

impl Coded {
    fn of(texts: &TextColumn) -> Self {
        if let Some((codes, count)) = texts.codes() {
            return Self::of_codes(codes, count);
        }
        let mut known: HashTable<u32> = HashTable::new();
        let mut coded = Self {
            codes: Vec::with_capacity(texts.len()),
            rows: Vec::new(),
        };
        for (row, text) in texts.iter().enumerate() {
            let rows = &mut coded.rows;
            let hash = xxh3_64(text.as_bytes());
            let found = known
                .find(hash, |code| texts.get(rows[*code as usize]) == text)
                .copied();
            let code = found.unwrap_or_else(|| {
                let next = u32::try_from(rows.len()).unwrap_or(u32::MAX);
                rows.push(row);
                let rehash = |code: &u32| xxh3_64(texts.get(rows[*code as usize]).as_bytes());
                known.insert_unique(hash, next, rehash);
                next
            });
            coded.codes.push(code);
        }
        coded
    }

    /// Of a column whose texts are numbered already, in the order in which they first stand there.
    fn of_codes(codes: &[u32], count: usize) -> Self {
        let mut rows = Vec::with_capacity(count);
        for (row, code) in codes.iter().enumerate() {
            if *code as usize == rows.len() {
                rows.push(row);
            }
        }
        Self {
            codes: codes.to_vec(),
            rows,
        }
    }
}

/// A judgement a label of a column, and one for null cells.
#[derive(Debug)]
pub(super) struct ByLabel<T> {
    /// The judgement of each row.
    pub(super) codes: Vec<u32>,
    pub(super) kinds: Vec<T>,
}

impl<T> ByLabel<T> {
    /// Judges every label of a column once, by a row that has it, and nulls by no cells. `None` where the batch has no such
    /// column, or one that is no text.
    pub(super) fn of(
        batch: &Batch,
        request: usize,
        labels: &mut Labels,
        judge: impl Fn(Option<&Cells>, usize) -> T,
    ) -> Option<Self> {
        let cells = cells(batch, request)?;
        let Column::Text(texts) = &cells.column else {
            return None;
        };
        let coded = labels.0.entry(request).or_insert_with(|| Coded::of(texts));
        let mut codes = coded.codes.clone();
        let mut kinds: Vec<T> = coded
            .rows
            .iter()
            .map(|row| judge(Some(cells), *row))
            .collect();
        if let Some(valid) = &cells.valid {
            let null = u32::try_from(kinds.len()).unwrap_or(u32::MAX);
            kinds.push(judge(None, 0));
            for (code, _) in codes.iter_mut().zip(valid).filter(|(_, valid)| !**valid) {
                *code = null;
            }
        }
        Some(Self { codes, kinds })
    }

    /// The same, of the text itself; nulls are `None`.
    pub(super) fn of_texts(
        batch: &Batch,
        request: usize,
        labels: &mut Labels,
        judge: impl Fn(Option<&str>) -> T,
    ) -> Option<Self> {
        Self::of(batch, request, labels, |cells, row| {
            judge(cells.and_then(|cells| match &cells.column {
                Column::Text(texts) => Some(texts.get(row)),
                _ => None,
            }))
        })
    }

    #[inline]
    pub(super) fn of_row(&self, row: usize) -> &T {
        &self.kinds[self.codes[row] as usize]
    }

    #[inline]
    pub(super) fn of_row_mut(&mut self, row: usize) -> &mut T {
        &mut self.kinds[self.codes[row] as usize]
    }
}
