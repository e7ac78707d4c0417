//! Writes rows of a batch as bytes and makes a batch of them again, for rows that wait on disk.
//!
//! The bytes are for the run that wrote them: they have no version and are not read by any other.

use std::sync::Arc;

use super::batch::{Batch, Cells, Column, Fault, Positions};
use super::texts::TextColumn;
use crate::domain::evidence::RejectionRule;

/// What stands before a column.
mod tag {
    pub(super) const ABSENT: u8 = 0;
    pub(super) const TEXT: u8 = 1;
    pub(super) const INTEGER: u8 = 2;
    pub(super) const FLOAT: u8 = 3;
    pub(super) const DECIMAL: u8 = 4;
    pub(super) const BOOLEAN: u8 = 5;
    pub(super) const TIME: u8 = 6;
    /// Added where some cells are null.
    pub(super) const WITH_NULLS: u8 = 0x80;
}

impl Batch {
    /// Appends `rows` of this batch to `bytes`, without the column at `left_out`.
    pub(crate) fn store(&self, rows: &[u32], left_out: usize, bytes: &mut Vec<u8>) {
        let rows: Vec<usize> = rows.iter().map(|row| *row as usize).collect();
        write_size(bytes, rows.len());
        write_size(bytes, self.file.len());
        bytes.extend_from_slice(self.file.as_bytes());
        for row in &rows {
            bytes.extend_from_slice(&self.position(*row).1.to_le_bytes());
        }
        write_size(bytes, self.columns.len());
        for (position, cells) in self.columns.iter().enumerate() {
            match cells.as_ref().filter(|_| position != left_out) {
                None => bytes.push(tag::ABSENT),
                Some(cells) => write_cells(bytes, cells, &rows),
            }
        }
        let faults = self.faults_of(&rows);
        write_size(bytes, faults.len());
        for fault in faults {
            write_size(bytes, fault.row);
            write_size(bytes, fault.request);
            let rule = RejectionRule::ALL
                .iter()
                .position(|rule| *rule == fault.rule);
            write_size(bytes, rule.unwrap_or(0));
        }
    }

    /// The faults of some rows, which are in order, numbered as those rows are.
    fn faults_of(&self, rows: &[usize]) -> Vec<Fault> {
        let of = |fault: &Fault| {
            let row = rows.binary_search(&fault.row).ok()?;
            Some(Fault { row, ..*fault })
        };
        self.faults.iter().filter_map(of).collect()
    }

    /// The batch that was stored; `None` for bytes that hold none. It stands for no bytes of input.
    pub(crate) fn restore(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let rows = reader.size()?;
        let length = reader.size()?;
        let file = std::str::from_utf8(reader.take(length)?).ok()?;
        let lines = reader.numbers(rows, u64::from_le_bytes)?;
        let columns = reader.size()?;
        let columns = (0..columns)
            .map(|_| reader.cells(rows))
            .collect::<Option<_>>()?;
        let faults = reader.size()?;
        let faults = (0..faults).map(|_| reader.fault()).collect::<Option<_>>()?;
        Some(Self {
            rows,
            columns,
            faults,
            lost: Vec::new(),
            bytes: 0,
            file: Arc::from(file),
            positions: Positions::Lines(lines),
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a batch has far fewer than four billion of anything"
)]
fn write_size(bytes: &mut Vec<u8>, size: usize) {
    bytes.extend_from_slice(&(size as u32).to_le_bytes());
}

fn write_cells(bytes: &mut Vec<u8>, cells: &Cells, rows: &[usize]) {
    let tag = match &cells.column {
        Column::Text(_) => tag::TEXT,
        Column::Integer(_) => tag::INTEGER,
        Column::Float(_) => tag::FLOAT,
        Column::Decimal { .. } => tag::DECIMAL,
        Column::Boolean(_) => tag::BOOLEAN,
        Column::Time(_) => tag::TIME,
    };
    let has_nulls = rows.iter().any(|row| !cells.is_valid(*row));
    bytes.push(if has_nulls {
        tag | tag::WITH_NULLS
    } else {
        tag
    });
    if has_nulls {
        bytes.extend(rows.iter().map(|row| u8::from(cells.is_valid(*row))));
    }
    match &cells.column {
        Column::Text(texts) => write_texts(bytes, texts, rows),
        Column::Integer(values) | Column::Time(values) => {
            bytes.extend(rows.iter().flat_map(|row| values[*row].to_le_bytes()));
        }
        Column::Float(values) => {
            bytes.extend(rows.iter().flat_map(|row| values[*row].to_le_bytes()));
        }
        Column::Decimal { values, scale } => {
            bytes.extend_from_slice(&scale.to_le_bytes());
            bytes.extend(rows.iter().flat_map(|row| values[*row].to_le_bytes()));
        }
        Column::Boolean(values) => bytes.extend(rows.iter().map(|row| u8::from(values[*row]))),
    }
}

/// Texts once each, then which of them each row has: labels repeat.
fn write_texts(bytes: &mut Vec<u8>, texts: &TextColumn, rows: &[usize]) {
    let mut known: Vec<&str> = Vec::new();
    let codes: Option<Vec<u8>> = rows
        .iter()
        .map(|row| {
            let text = texts.get(*row);
            let code = known.iter().position(|known| *known == text).or_else(|| {
                known.push(text);
                Some(known.len() - 1)
            });
            code.and_then(|code| u8::try_from(code).ok())
                .filter(|code| *code < FEW)
        })
        .collect();
    let each = rows.iter().map(|row| texts.get(*row));
    let texts: Vec<&str> = if codes.is_some() {
        known
    } else {
        each.collect()
    };
    write_size(bytes, texts.len());
    bytes.push(u8::from(codes.is_some()));
    for text in texts {
        write_size(bytes, text.len());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend(codes.into_iter().flatten());
}

/// More texts than these are written row by row.
const FEW: u8 = 16;

/// The rest of some bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn size(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.first_chunk()?;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    }

    fn numbers<T, const WIDTH: usize>(
        &mut self,
        rows: usize,
        number: fn([u8; WIDTH]) -> T,
    ) -> Option<Vec<T>> {
        let bytes = self.take(rows.checked_mul(WIDTH)?)?;
        let (each, _) = bytes.as_chunks::<WIDTH>();
        Some(each.iter().map(|bytes| number(*bytes)).collect())
    }

    fn truths(&mut self, rows: usize) -> Option<Vec<bool>> {
        Some(self.take(rows)?.iter().map(|byte| *byte == 1).collect())
    }

    fn fault(&mut self) -> Option<Fault> {
        let (row, request, rule) = (self.size()?, self.size()?, self.size()?);
        let rule = *RejectionRule::ALL.get(rule)?;
        Some(Fault { row, request, rule })
    }

    /// A column; `Some(None)`: one that is absent.
    #[expect(
        clippy::option_option,
        reason = "the batch's own form, and whether the bytes hold it"
    )]
    fn cells(&mut self, rows: usize) -> Option<Option<Cells>> {
        let tag = *self.take(1)?.first()?;
        if tag == tag::ABSENT {
            return Some(None);
        }
        let valid = if tag & tag::WITH_NULLS == 0 {
            None
        } else {
            Some(self.truths(rows)?)
        };
        let column = match tag & !tag::WITH_NULLS {
            tag::TEXT => Column::Text(self.texts(rows)?),
            tag::INTEGER => Column::Integer(self.numbers(rows, i64::from_le_bytes)?),
            tag::TIME => Column::Time(self.numbers(rows, i64::from_le_bytes)?),
            tag::FLOAT => Column::Float(self.numbers(rows, f64::from_le_bytes)?),
            tag::DECIMAL => Column::Decimal {
                scale: u32::try_from(self.size()?).ok()?,
                values: self.numbers(rows, i128::from_le_bytes)?,
            },
            tag::BOOLEAN => Column::Boolean(self.truths(rows)?),
            _ => return None,
        };
        Some(Some(Cells { column, valid }))
    }

    fn texts(&mut self, rows: usize) -> Option<TextColumn> {
        let count = self.size()?;
        let coded = *self.take(1)?.first()? == 1;
        let mut known = Vec::with_capacity(count.min(rows));
        for _ in 0..count {
            let length = self.size()?;
            known.push(std::str::from_utf8(self.take(length)?).ok()?);
        }
        let mut texts = TextColumn::with_capacity(rows);
        if coded {
            for code in self.take(rows)? {
                texts.push(known.get(usize::from(*code))?);
            }
        } else {
            for text in known {
                texts.push(text);
            }
        }
        (texts.len() == rows).then_some(texts)
    }
}
