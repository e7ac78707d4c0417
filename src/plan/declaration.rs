//! Defines what a metric asks of a table, and how equal requests become one.

use crate::domain::definition::{Aggregate, Anchor, Duration, Filter, Missing, Value, Window};

/// One number a unit, wanted from one table.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// The table.
    pub table: String,
    /// How rows become one number.
    pub aggregate: Aggregate,
    /// The column aggregated.
    pub column: Option<String>,
    /// The rows that count.
    pub filters: Vec<Filter>,
    /// Anchor, first instant inside and first instant after; absent for ready-made columns.
    pub window: Option<(Anchor, Duration, Duration)>,
    /// What a unit without rows counts as.
    pub missing: Missing,
    /// The column whose time is held against the window, where it is not the row's own.
    pub dated_by: Option<String>,
}

impl Declaration {
    /// The declaration of a metric's value in its window.
    #[must_use]
    pub fn of_value(value: &Value, window: Option<&Window>) -> Self {
        Self {
            table: value.table.clone(),
            aggregate: value.aggregate,
            column: value.column.clone(),
            filters: value.filters.clone(),
            window: window.map(|window| (window.anchor, window.start, window.end)),
            missing: value.missing,
            dated_by: value.dated_by.clone(),
        }
    }

    /// The value in one part of a metric's window.
    #[must_use]
    pub fn of_part(value: &Value, anchor: Anchor, start: Duration, end: Duration) -> Self {
        Self {
            window: Some((anchor, start, end)),
            ..Self::of_value(value, None)
        }
    }

    /// The same value in the time before assignment. It never reaches past assignment, in any population.
    #[must_use]
    pub fn of_pre_period(value: &Value, length: Duration) -> Self {
        Self {
            window: Some((Anchor::Assignment, Duration(-length.0), Duration::ZERO)),
            ..Self::of_value(value, None)
        }
    }

    /// A ready-made column as it stands; a unit with several rows has the smallest value, and is counted as repeated.
    #[must_use]
    pub fn of_column(table: &str, column: &str) -> Self {
        Self {
            table: table.to_owned(),
            aggregate: Aggregate::Min,
            column: Some(column.to_owned()),
            filters: Vec::new(),
            window: None,
            missing: Missing::Drop,
            dated_by: None,
        }
    }

    /// Whether its window moves with the population: then the exposed population needs an accumulator of its own.
    #[must_use]
    pub fn follows_entry(&self) -> bool {
        matches!(self.window, Some((Anchor::Entry, _, _)))
    }
}

/// Declarations without repetition, in the order of first use.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Declarations(Vec<Declaration>);

impl Declarations {
    /// The position of a declaration, added if no equal one is there.
    pub fn add(&mut self, declaration: Declaration) -> usize {
        if let Some(position) = self.0.iter().position(|known| *known == declaration) {
            return position;
        }
        self.0.push(declaration);
        self.0.len() - 1
    }

    /// The declarations.
    #[must_use]
    pub fn into_vec(self) -> Vec<Declaration> {
        self.0
    }
}
