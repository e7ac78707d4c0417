//! Looks over the first rows of a table: what each column holds.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::source::{
    Column, ColumnKind, ColumnRequest, PhysicalType, Source, SourceError, WrittenTime, written_time,
};

/// Rows looked at.
pub(super) const ROWS: usize = 200_000;
/// Different values counted exactly.
const DISTINCT: usize = 1_000;
/// Columns looked at.
const COLUMNS: usize = 500;

/// What a column holds, by its first rows.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnProfile {
    /// Its name.
    pub name: String,
    /// Its declared types.
    pub types: Vec<PhysicalType>,
    /// Cells that hold something.
    pub filled: usize,
    /// Different texts with their counts; no more than a thousand are kept.
    pub values: BTreeMap<String, usize>,
    /// Whether there are more different texts than are kept.
    pub many: bool,
    /// Filled cells that are numbers, or true or false.
    pub numbers: usize,
    /// The first filled cell that is neither, if there is one.
    pub no_number: Option<String>,
    /// Filled cells that are times.
    pub times: usize,
    /// Of these, the ones that say no zone.
    pub local_times: usize,
    /// Whether every filled cell is 0, 1, true or false.
    pub is_binary: bool,
    /// Whether every filled cell differs from every other, as far as they were kept.
    pub is_unique: bool,
}

/// What a table holds, by its first rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Rows looked at.
    pub rows: usize,
    /// Its columns, in the file's order.
    pub columns: Vec<ColumnProfile>,
}

impl Profile {
    /// A column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnProfile> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Looks over the first rows of an open table.
///
/// # Errors
/// [`SourceError`] when the file cannot be read.
pub fn profile(source: &Source) -> Result<Profile, SourceError> {
    let described: Vec<_> = source
        .columns()
        .iter()
        .filter(|column| {
            !column
                .types
                .iter()
                .any(|kind| matches!(kind, PhysicalType::Other(_)))
        })
        .take(COLUMNS)
        .collect();
    let requests: Vec<ColumnRequest> = described
        .iter()
        .map(|column| ColumnRequest::optional(&column.name, ColumnKind::Label))
        .collect();
    let mut columns: Vec<ColumnProfile> = described
        .iter()
        .map(|column| ColumnProfile {
            name: column.name.clone(),
            types: column.types.clone(),
            filled: 0,
            values: BTreeMap::new(),
            many: false,
            numbers: 0,
            no_number: None,
            times: 0,
            local_times: 0,
            is_binary: true,
            is_unique: true,
        })
        .collect();
    let mut seen: Vec<BTreeSet<u128>> = vec![BTreeSet::new(); columns.len()];
    let mut rows = 0;
    source.scan(&requests, &mut |batch| {
        for (position, cells) in batch.columns.iter().enumerate() {
            let Some(cells) = cells else { continue };
            let Column::Text(texts) = &cells.column else {
                continue;
            };
            for row in (0..batch.rows).filter(|row| cells.is_valid(*row)) {
                columns[position].enter(texts.get(row), &mut seen[position]);
            }
        }
        rows += batch.rows;
        if rows >= ROWS {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    for column in &mut columns {
        column.is_binary &= column.is_number() && column.values.len() == 2;
        column.is_unique &= column.filled > 0 && column.filled == rows;
    }
    Ok(Profile { rows, columns })
}

impl ColumnProfile {
    /// Whether every filled cell is a number, or true or false, and there is one.
    #[must_use]
    pub const fn is_number(&self) -> bool {
        self.filled > 0 && self.numbers == self.filled
    }

    /// Whether every filled cell is a time, and there is one.
    #[must_use]
    pub const fn is_time(&self) -> bool {
        self.filled > 0 && self.times == self.filled
    }

    /// Whether it has cells that are neither null nor alike, few enough to be levels of something.
    #[must_use]
    pub fn has_few_labels(&self, most: usize) -> bool {
        !self.many && (2..=most).contains(&self.values.len())
    }

    fn enter(&mut self, text: &str, seen: &mut BTreeSet<u128>) {
        self.filled += 1;
        if self.is_unique {
            self.is_unique = seen.insert(xxhash_rust::xxh3::xxh3_128(text.as_bytes()));
        }
        let truth = matches!(text, "true" | "false" | "True" | "False" | "TRUE" | "FALSE");
        if truth || text.parse::<f64>().is_ok_and(f64::is_finite) {
            self.numbers += 1;
        } else {
            self.no_number.get_or_insert_with(|| text.to_owned());
        }
        if let Some(written) = written_time(text) {
            self.times += 1;
            self.local_times += usize::from(written == WrittenTime::Local);
        }
        self.is_binary &= truth || matches!(text, "0" | "1" | "0.0" | "1.0");
        if let Some(count) = self.values.get_mut(text) {
            *count += 1;
        } else if self.values.len() < DISTINCT {
            self.values.insert(text.to_owned(), 1);
        } else {
            self.many = true;
        }
    }
}
