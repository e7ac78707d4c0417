//! Defines a part of a document that every medium draws in its own way: a title, sentences, a table, and items with lines.
//!
//! Its text is raw: names from data stand in it as they are, and each medium escapes whole cells and lines for itself.

use super::columns::{Columns, Side};
use super::escape;

/// A cell longer than this is shortened.
const LONGEST_CELL: usize = 300;

/// A part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is about.
    pub title: String,
    /// Sentences before the table.
    pub lead: Vec<String>,
    /// A table, where it has rows.
    pub table: Grid,
    /// Items after it.
    pub items: Vec<Item>,
}

/// A table of raw cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    /// Titles, each with whether its column is flush right.
    pub header: Vec<(String, bool)>,
    /// Rows of as many cells.
    pub rows: Vec<Vec<String>>,
}

/// Something with a headline and lines below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The headline.
    pub head: String,
    /// Each line with what it is.
    pub lines: Vec<(&'static str, String)>,
}

impl Part {
    /// A part with a title and nothing yet.
    #[must_use]
    pub fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            lead: Vec::new(),
            table: Grid::default(),
            items: Vec::new(),
        }
    }
}

impl Grid {
    /// The table as plain lines, header first, at most `limit` columns wide where that is possible: the columns of these titles go
    /// one after the other before any text is shortened. No character in them acts.
    #[must_use]
    pub fn plain(&self, limit: usize, droppable: &[&str]) -> Vec<String> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        let cell = |text: &str| escape::terminal_shortened(text, LONGEST_CELL);
        let mut shown = self.clone();
        let mut candidates = droppable.iter();
        while shown.columns(cell).natural_width() > limit
            && let Some(title) = candidates.next()
        {
            shown.drop_column(title);
        }
        let text = shown.columns(cell).plain(limit, &[]);
        text.lines().map(str::to_owned).collect()
    }

    fn drop_column(&mut self, title: &str) {
        let Some(at) = self.header.iter().position(|(known, _)| known == title) else {
            return;
        };
        self.header.remove(at);
        for row in &mut self.rows {
            if at < row.len() {
                row.remove(at);
            }
        }
    }

    /// The same as columns, every cell escaped.
    pub(super) fn columns(&self, escape: impl Fn(&str) -> String) -> Columns {
        let titles: Vec<(String, Side)> = self
            .header
            .iter()
            .map(|(title, right)| {
                let side = if *right { Side::Right } else { Side::Left };
                (escape(title), side)
            })
            .collect();
        let titles: Vec<(&str, Side)> = titles
            .iter()
            .map(|(title, side)| (title.as_str(), *side))
            .collect();
        let mut columns = Columns::new(&titles);
        for row in &self.rows {
            columns.push(row.iter().map(|cell| escape(cell)).collect());
        }
        columns
    }
}
