//! What a filter keeps and what an aggregate makes of a unit's rows, in the plainest words.

#![expect(
    clippy::cast_precision_loss,
    reason = "worlds hold a handful of small whole numbers"
)]

use std::collections::BTreeSet;

use readout::domain::definition::{Aggregate, Filter, FilterOperator, Literal, Value};

use super::worlds::{EventRow, MINUTE, Read, START};

/// The rows of a unit as one number; none where no row has a value.
pub(super) fn aggregated(value: &Value, rows: &[&EventRow]) -> Option<f64> {
    if value.aggregate == Aggregate::CountDistinct {
        let labels: BTreeSet<String> = rows
            .iter()
            .filter(|row| row.value != Read::Null)
            .map(|row| format!("{:?}", row.value))
            .collect();
        return (!labels.is_empty()).then_some(labels.len() as f64);
    }
    let mut found: Vec<(i64, i64)> = Vec::new();
    for row in rows {
        let number = match (&value.column, row.value) {
            (None, _) => 1,
            (Some(_), Read::Good(number)) => number,
            (Some(_), _) => continue,
        };
        found.push((row.at.good().unwrap(), number));
    }
    let numbers = || found.iter().map(|(_, number)| *number);
    let first = found.iter().min()?;
    let last_at = found.iter().map(|(at, _)| *at).max()?;
    let last = found.iter().filter(|(at, _)| *at == last_at).min()?;
    Some(match value.aggregate {
        Aggregate::Count | Aggregate::CountDistinct => found.len() as f64,
        Aggregate::Any => f64::from(u8::from(numbers().any(|number| number != 0))),
        Aggregate::Sum => numbers().sum::<i64>() as f64,
        Aggregate::Min => numbers().min()? as f64,
        Aggregate::Max => numbers().max()? as f64,
        Aggregate::First => first.1 as f64,
        Aggregate::Last => last.1 as f64,
        Aggregate::Mean | Aggregate::Each => numbers().sum::<i64>() as f64 / found.len() as f64,
    })
}

/// Whether a row satisfies every filter.
pub(super) fn keeps(filters: &[Filter], row: &EventRow) -> bool {
    filters.iter().all(|filter| match filter.column.as_str() {
        "event_name" => {
            let cell = (!row.name.is_empty()).then_some(row.name);
            holds(filter, cell, |literal, cell| match literal {
                Literal::Text(text) => cell.cmp(text.as_str()),
                _ => unreachable!("names are texts"),
            })
        }
        "value" => {
            let cell = match row.value {
                Read::Null => None,
                // What is no number is present, and only tests of presence meet it.
                Read::Bad => Some(i64::MAX),
                Read::Good(value) => Some(value),
            };
            holds(filter, cell, |literal, cell| match literal {
                Literal::Integer(number) => cell.cmp(number),
                Literal::Float(number) => (cell as f64).total_cmp(number),
                _ => unreachable!("values are numbers"),
            })
        }
        _ => {
            let cell = row.at.good().map(|at| at * MINUTE + START);
            holds(filter, cell, |literal, cell| match literal {
                Literal::Time(instant) => cell.cmp(&instant.0),
                _ => unreachable!("instants are times"),
            })
        }
    })
}

fn holds<T: Copy + ToString>(
    filter: &Filter,
    cell: Option<T>,
    order: impl Fn(&Literal, T) -> std::cmp::Ordering,
) -> bool {
    let Some(cell) = cell else {
        return filter.operator == FilterOperator::IsNull;
    };
    let to = |position: usize| order(&filter.values[position], cell);
    let among = || filter.values.iter().any(|value| order(value, cell).is_eq());
    let part = || match &filter.values[0] {
        Literal::Text(text) => text.clone(),
        _ => unreachable!("parts are texts"),
    };
    match filter.operator {
        FilterOperator::Equal => to(0).is_eq(),
        FilterOperator::NotEqual => to(0).is_ne(),
        FilterOperator::Less => to(0).is_lt(),
        FilterOperator::LessOrEqual => to(0).is_le(),
        FilterOperator::Greater => to(0).is_gt(),
        FilterOperator::GreaterOrEqual => to(0).is_ge(),
        FilterOperator::Between => to(0).is_ge() && to(1).is_le(),
        FilterOperator::In => among(),
        FilterOperator::NotIn => !among(),
        FilterOperator::IsNull => false,
        FilterOperator::NotNull => true,
        FilterOperator::Contains => cell.to_string().contains(&part()),
        FilterOperator::StartsWith => cell.to_string().starts_with(&part()),
        FilterOperator::EndsWith => cell.to_string().ends_with(&part()),
    }
}
