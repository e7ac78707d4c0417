//! Defines how filters become typed conditions, and which cannot be.

use super::super::document::Document;
use super::super::file::{FilterFile, FilterValue, LiteralFile};
use super::super::key_path::KeyPath;
use super::super::problem::Rule;
use super::Surroundings;
use super::time::{DateMeans, instant};
use crate::domain::definition::{Filter, FilterOperator, Literal};

/// The conditions of the list at `path`; `None` when one of them cannot be.
pub(super) fn filters(
    written: &[FilterFile],
    surroundings: &Surroundings,
    document: &mut Document,
    path: &KeyPath,
) -> Option<Vec<Filter>> {
    let found: Vec<Option<Filter>> = written
        .iter()
        .enumerate()
        .map(|(index, filter)| one(filter, surroundings, document, &path.index(index)))
        .collect();
    found.into_iter().collect()
}

fn one(
    written: &FilterFile,
    surroundings: &Surroundings,
    document: &mut Document,
    path: &KeyPath,
) -> Option<Filter> {
    let value_path = path.key("value");
    let (literals, is_list) = match &written.value {
        None => (&[][..], false),
        Some(FilterValue::One(literal)) => (std::slice::from_ref(literal), false),
        Some(FilterValue::Many(literals)) => (literals.as_slice(), true),
    };
    if written.column.is_empty() {
        bad(
            document,
            &path.key("column"),
            "a filter without a column filters nothing",
            "name a column",
        );
        return None;
    }
    let mut values = Vec::new();
    for (index, literal) in literals.iter().enumerate() {
        let literal_path = if is_list {
            value_path.index(index)
        } else {
            value_path.clone()
        };
        values.push(self::literal(
            literal,
            surroundings,
            document,
            &literal_path,
        )?);
    }
    let at = if written.value.is_some() {
        value_path
    } else {
        path.clone()
    };
    let problem = count_problem(written.op, values.len(), is_list)
        .or_else(|| type_problem(written.op, &values));
    if let Some((reason, fix)) = problem {
        bad(document, &at, &format!("'{}' {reason}", written.op), fix);
        return None;
    }
    Some(Filter {
        column: written.column.clone(),
        operator: written.op,
        values,
    })
}

fn bad(document: &mut Document, path: &KeyPath, reason: &str, fix: &str) {
    document.error(Rule::BadFilter, path, reason, fix);
}

fn literal(
    written: &LiteralFile,
    surroundings: &Surroundings,
    document: &mut Document,
    path: &KeyPath,
) -> Option<Literal> {
    Some(match written {
        LiteralFile::Boolean(value) => Literal::Boolean(*value),
        LiteralFile::Integer(value) => Literal::Integer(*value),
        LiteralFile::Float(value) => Literal::Float(*value),
        LiteralFile::Text(value) => Literal::Text(value.clone()),
        LiteralFile::Moment(moment) => Literal::Time(instant(
            *moment,
            DateMeans::Start,
            surroundings,
            document,
            path,
        )?),
    })
}

/// What is wrong with the number of values.
fn count_problem(
    operator: FilterOperator,
    count: usize,
    is_list: bool,
) -> Option<(&'static str, &'static str)> {
    match operator {
        FilterOperator::IsNull | FilterOperator::NotNull if count > 0 || is_list => {
            Some(("compares with nothing", "remove `value`"))
        }
        FilterOperator::Between if count != 2 || !is_list => Some((
            "needs the two ends of a range",
            "write `value = [1, 10]`; both are included",
        )),
        FilterOperator::In | FilterOperator::NotIn if count == 0 || !is_list => Some((
            "needs a list of one or more",
            "write `value = [\"a\", \"b\"]`",
        )),
        FilterOperator::IsNull
        | FilterOperator::NotNull
        | FilterOperator::Between
        | FilterOperator::In
        | FilterOperator::NotIn => None,
        _ if count != 1 || is_list => Some((
            "needs one value",
            "write one value, or use `op = \"in\"` with a list",
        )),
        _ => None,
    }
}

/// What is wrong with the types of the values.
fn type_problem(
    operator: FilterOperator,
    values: &[Literal],
) -> Option<(&'static str, &'static str)> {
    let kind = |literal: &Literal| match literal {
        Literal::Boolean(_) => 0,
        Literal::Integer(_) | Literal::Float(_) => 1,
        Literal::Time(_) => 2,
        Literal::Text(_) => 3,
    };
    let mut kinds = values.iter().map(kind);
    let first = kinds.next()?;
    if kinds.any(|other| other != first) {
        return Some((
            "compares with values of different types",
            "write values of one type",
        ));
    }
    match operator {
        FilterOperator::Contains | FilterOperator::StartsWith | FilterOperator::EndsWith
            if first != 3 =>
        {
            Some(("compares texts", "write the value in quotes"))
        }
        FilterOperator::Less
        | FilterOperator::LessOrEqual
        | FilterOperator::Greater
        | FilterOperator::GreaterOrEqual
        | FilterOperator::Between
            if first == 0 =>
        {
            Some(("cannot order true and false", "use `op = \"=\"`"))
        }
        FilterOperator::Between if is_backwards(values) => Some((
            "has its ends in the wrong order",
            "write the smaller one first",
        )),
        _ => None,
    }
}

fn is_backwards(values: &[Literal]) -> bool {
    #[expect(
        clippy::cast_precision_loss,
        reason = "only to tell which end is the larger"
    )]
    let number = |literal: &Literal| match literal {
        Literal::Integer(value) => Some(*value as f64),
        Literal::Float(value) => Some(*value),
        _ => None,
    };
    match values {
        [low, high] => match (number(low), number(high)) {
            (Some(low), Some(high)) => low > high,
            _ => low > high,
        },
        _ => false,
    }
}
