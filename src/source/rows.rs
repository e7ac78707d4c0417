//! Defines how single rows of a table are read as text: for people who want to see the rows that were rejected.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::batch::{Batch, Cells, Column, ColumnKind, ColumnRequest};
use super::error::SourceError;
use super::table::{PhysicalType, Source};

/// The cells of a row as text, in the order of [`TextRows::columns`].
type TextRow = Vec<Option<String>>;

/// Rows as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRows {
    /// The table's columns, by our names. Columns of lists and structs are none of them.
    pub columns: Vec<String>,
    /// The rows that were asked for, in the order in which they were; `None`: one that never became cells.
    pub rows: Vec<Option<TextRow>>,
}

impl Source {
    /// Reads some rows, by file and row as [`Batch::position`] tells them. Once `stop` holds, those that were met so far.
    ///
    /// Reads every part up to the last row that is asked for. Cells are written as labels are: a number in the shortest way
    /// that reads back as the same, an instant as RFC 3339.
    ///
    /// # Errors
    /// As [`Source::scan`].
    pub fn text_rows(
        &self,
        places: &[(&str, u64)],
        stop: &dyn Fn() -> bool,
    ) -> Result<TextRows, SourceError> {
        let is_text = |kind: &PhysicalType| !matches!(kind, PhysicalType::Other(_));
        let described = self.columns().iter();
        let columns: Vec<String> = described
            .filter(|column| column.types.iter().all(is_text))
            .map(|column| column.name.clone())
            .collect();
        let requests: Vec<ColumnRequest> = columns
            .iter()
            .map(|column| ColumnRequest::optional(column, ColumnKind::Label))
            .collect();
        let mut rows = vec![None; places.len()];
        let mut open = Open::new();
        for (position, (file, row)) in places.iter().enumerate() {
            open.entry(file).or_default().insert(*row, position);
        }
        if !open.is_empty() {
            self.scan(&requests, &mut |batch| {
                take(&batch, &mut open, &mut rows);
                if open.is_empty() || stop() {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })?;
        }
        Ok(TextRows { columns, rows })
    }
}

/// The rows that are still to be found, with their positions among those asked for, by file.
type Open<'a> = HashMap<&'a str, HashMap<u64, usize>>;

/// Takes the rows of a batch, which is of one file, that are asked for.
fn take(batch: &Batch, open: &mut Open<'_>, rows: &mut [Option<TextRow>]) {
    let (file, _) = batch.position(0);
    let Some(of_file) = open.get_mut(file) else {
        return;
    };
    for row in 0..batch.rows {
        let Some(position) = of_file.remove(&batch.position(row).1) else {
            continue;
        };
        let cells = batch.columns.iter();
        rows[position] = Some(cells.map(|cells| text(cells.as_ref()?, row)).collect());
    }
    for lost in &batch.lost {
        of_file.remove(&lost.row);
    }
    if of_file.is_empty() {
        open.remove(file);
    }
}

fn text(cells: &Cells, row: usize) -> Option<String> {
    match &cells.column {
        Column::Text(texts) if cells.is_valid(row) => Some(texts.get(row).to_owned()),
        _ => None,
    }
}
