//! Defines row filters compiled against the columns of a batch.

use super::labels::{ByLabel, Labels};
use crate::domain::definition::{Filter, FilterOperator, Literal};
use crate::source::{Batch, Cells, Column, ColumnKind};

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
        let judged = ByLabel::of(batch, self.request, labels, |cells, row| {
            self.holds_for(cells, row)
        });
        for (row, kept) in kept.iter_mut().enumerate().filter(|(_, kept)| **kept) {
            *kept = match &judged {
                Some(judged) => *judged.of_row(row),
                None => self.holds(batch, row),
            };
        }
    }
}

/// A list of filters that hold together.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct FilterSet(pub(super) Vec<CompiledFilter>);

impl FilterSet {
    /// The request of the one column that all of them are on, if it is so.
    pub(super) fn only_request(&self) -> Option<usize> {
        let request = self.0.first()?.request;
        let is_alone = self.0.iter().all(|filter| filter.request == request);
        is_alone.then_some(request)
    }

    /// Whether the cell in a row satisfies all of them, which must be on its column; no cells: whether a null does.
    pub(super) fn holds_for(&self, cells: Option<&Cells>, row: usize) -> bool {
        self.0.iter().all(|filter| filter.holds_for(cells, row))
    }

    /// Whether each row of a batch satisfies all of them.
    pub(super) fn rows(&self, batch: &Batch, labels: &mut Labels) -> Vec<bool> {
        let mut kept = vec![true; batch.rows];
        for filter in &self.0 {
            filter.keep(batch, labels, &mut kept);
        }
        kept
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
