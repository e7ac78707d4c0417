//! Defines row filters compiled against the columns of a batch.

use std::collections::HashMap;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use crate::domain::definition::{Filter, FilterOperator, Literal};
use crate::source::{Batch, Cells, Column, ColumnKind, TextColumn};

/// The kind of column a filter must be asked for as: the type of its values decides, never the data.
pub(super) fn kind_of(filter: &Filter) -> ColumnKind {
    match filter.values.first() {
        Some(Literal::Integer(_) | Literal::Float(_)) => ColumnKind::Number,
        Some(Literal::Boolean(_)) => ColumnKind::Boolean,
        Some(Literal::Time(_)) => ColumnKind::Time,
        Some(Literal::Text(_)) | None => ColumnKind::Label,
    }
}

/// A filter and the request that reads its column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CompiledFilter {
    pub(super) request: usize,
    pub(super) filter: Filter,
}

impl CompiledFilter {
    /// Whether a row satisfies it. A null cell satisfies only `is-null`; a column that is absent is null throughout.
    pub(super) fn holds(&self, batch: &Batch, row: usize) -> bool {
        let cells = batch
            .columns
            .get(self.request)
            .and_then(Option::as_ref)
            .filter(|cells| cells.is_valid(row));
        self.holds_for(cells, row)
    }

    fn holds_for(&self, cells: Option<&Cells>, row: usize) -> bool {
        match (self.filter.operator, cells) {
            (FilterOperator::IsNull, cells) => cells.is_none(),
            (FilterOperator::NotNull, cells) => cells.is_some(),
            (_, None) => false,
            (operator, Some(cells)) => compare(operator, cells, row, &self.filter.values),
        }
    }

    /// Clears the rows of `kept` that do not satisfy it. Labels repeat, so each label of the batch is judged once.
    fn keep(&self, batch: &Batch, labels: &mut Labels, kept: &mut [bool]) {
        let cells = batch.columns.get(self.request).and_then(Option::as_ref);
        let Some(Cells {
            column: Column::Text(texts),
            ..
        }) = cells
        else {
            for (row, kept) in kept.iter_mut().enumerate() {
                *kept = *kept && self.holds(batch, row);
            }
            return;
        };
        let labels = labels.of(self.request, texts);
        let judged: Vec<bool> = labels
            .first_rows
            .iter()
            .map(|row| self.holds_for(cells, *row))
            .collect();
        let of_null = self.holds_for(None, 0);
        for (row, kept) in kept.iter_mut().enumerate().filter(|(_, kept)| **kept) {
            let valid = cells.is_some_and(|cells| cells.is_valid(row));
            *kept = if valid {
                judged[labels.codes[row] as usize]
            } else {
                of_null
            };
        }
    }
}

/// A list of filters that hold together.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct FilterSet(pub(super) Vec<CompiledFilter>);

impl FilterSet {
    /// Whether each row of a batch satisfies all of them.
    pub(super) fn rows(&self, batch: &Batch, labels: &mut Labels) -> Vec<bool> {
        let mut kept = vec![true; batch.rows];
        for filter in &self.0 {
            filter.keep(batch, labels, &mut kept);
        }
        kept
    }
}

/// The text columns of one batch as numbers, made when first asked for.
#[derive(Debug, Default)]
pub(super) struct Labels(HashMap<usize, Coded>);

/// A text column as numbers.
#[derive(Debug)]
struct Coded {
    /// The number of each row's text.
    codes: Vec<u32>,
    /// The first row of each text.
    first_rows: Vec<usize>,
}

impl Labels {
    fn of(&mut self, request: usize, texts: &TextColumn) -> &Coded {
        self.0.entry(request).or_insert_with(|| {
            let mut known: HashTable<u32> = HashTable::new();
            let mut coded = Coded {
                codes: Vec::with_capacity(texts.len()),
                first_rows: Vec::new(),
            };
            for (row, text) in texts.iter().enumerate() {
                let first_rows = &mut coded.first_rows;
                let hash = xxh3_64(text.as_bytes());
                let found = known
                    .find(hash, |code| texts.get(first_rows[*code as usize]) == text)
                    .copied();
                let code = found.unwrap_or_else(|| {
                    let next = u32::try_from(first_rows.len()).unwrap_or(u32::MAX);
                    first_rows.push(row);
                    let rehash =
                        |code: &u32| xxh3_64(texts.get(first_rows[*code as usize]).as_bytes());
                    known.insert_unique(hash, next, rehash);
                    next
                });
                coded.codes.push(code);
            }
            coded
        })
    }
}

fn compare(operator: FilterOperator, cells: &Cells, row: usize, values: &[Literal]) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let order = |position: usize| {
        values
            .get(position)
            .and_then(|value| order(cells, row, value))
    };
    let text = |test: fn(&str, &str) -> bool| match (&cells.column, values.first()) {
        (Column::Text(texts), Some(Literal::Text(part))) => test(texts.get(row), part),
        _ => false,
    };
    match operator {
        FilterOperator::Equal => order(0) == Some(Equal),
        FilterOperator::NotEqual => order(0).is_some_and(|found| found != Equal),
        FilterOperator::Less => order(0) == Some(Less),
        FilterOperator::LessOrEqual => matches!(order(0), Some(Less | Equal)),
        FilterOperator::Greater => order(0) == Some(Greater),
        FilterOperator::GreaterOrEqual => matches!(order(0), Some(Greater | Equal)),
        FilterOperator::Between => {
            matches!(order(0), Some(Greater | Equal)) && matches!(order(1), Some(Less | Equal))
        }
        FilterOperator::In => (0..values.len()).any(|position| order(position) == Some(Equal)),
        FilterOperator::NotIn => {
            (0..values.len()).all(|position| order(position).is_some_and(|found| found != Equal))
        }
        FilterOperator::Contains => text(|whole, part| whole.contains(part)),
        FilterOperator::StartsWith => text(|whole, part| whole.starts_with(part)),
        FilterOperator::EndsWith => text(|whole, part| whole.ends_with(part)),
        FilterOperator::IsNull | FilterOperator::NotNull => false,
    }
}

/// How the cell stands to a value; `None` where their types cannot be compared.
fn order(cells: &Cells, row: usize, value: &Literal) -> Option<std::cmp::Ordering> {
    match (&cells.column, value) {
        (Column::Text(texts), Literal::Text(text)) => Some(texts.get(row).cmp(text)),
        (Column::Integer(values), Literal::Integer(number)) => Some(values[row].cmp(number)),
        (Column::Boolean(values), Literal::Boolean(truth)) => Some(values[row].cmp(truth)),
        (Column::Time(values), Literal::Time(instant)) => Some(values[row].cmp(&instant.0)),
        (column, value) => number(column, row)?.partial_cmp(&literal_number(value)?),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a comparison across number types is one of doubles"
)]
fn number(column: &Column, row: usize) -> Option<f64> {
    match column {
        Column::Integer(values) => Some(values[row] as f64),
        Column::Float(values) => Some(values[row]),
        Column::Decimal { values, scale } => {
            Some(values[row] as f64 / libm::pow(10.0, f64::from(*scale)))
        }
        Column::Text(_) | Column::Boolean(_) | Column::Time(_) => None,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a comparison across number types is one of doubles"
)]
fn literal_number(value: &Literal) -> Option<f64> {
    match value {
        Literal::Integer(number) => Some(*number as f64),
        Literal::Float(number) => Some(*number),
        Literal::Boolean(_) | Literal::Time(_) | Literal::Text(_) => None,
    }
}
