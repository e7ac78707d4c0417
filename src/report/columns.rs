//! Defines text in columns, for documents that are read as they are: a markdown table that also reads raw, and a plain one.
//!
//! Cells hold text that is escaped already and never a line break; width is what a terminal shows, not bytes.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// On which side a column is flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// Rows of cells under a header.
pub(super) struct Columns {
    header: Vec<String>,
    sides: Vec<Side>,
    rows: Vec<Vec<String>>,
}

/// Raw markdown is padded up to this width a column; a longer cell sticks out by itself instead of widening every row.
const WIDEST_PADDED: usize = 48;

/// No column of a plain table is shortened below this.
const NARROWEST: usize = 10;

impl Columns {
    pub(super) fn new(header: &[(&str, Side)]) -> Self {
        Self {
            header: header
                .iter()
                .map(|(title, _)| (*title).to_owned())
                .collect(),
            sides: header.iter().map(|(_, side)| *side).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; missing cells are empty, superfluous ones are dropped, so that every row has one cell a column.
    pub(super) fn push(&mut self, mut cells: Vec<String>) {
        cells.resize(self.header.len(), String::new());
        self.rows.push(cells);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A markdown table, a line a row, each ending in a newline.
    pub(super) fn markdown(&self) -> String {
        let widths: Vec<usize> = self
            .widths()
            .into_iter()
            .map(|width| width.clamp(3, WIDEST_PADDED))
            .collect();
        let mut text = String::new();
        let line = |cells: &[String], text: &mut String| {
            for ((cell, width), side) in cells.iter().zip(&widths).zip(&self.sides) {
                text.push_str("| ");
                text.push_str(&padded(cell, *width, *side));
                text.push(' ');
            }
            text.push_str("|\n");
        };
        line(&self.header, &mut text);
        for (width, side) in widths.iter().zip(&self.sides) {
            match side {
                Side::Left => text.push_str(&format!("|{}", "-".repeat(width + 2))),
                Side::Right => text.push_str(&format!("|{}:", "-".repeat(width + 1))),
            }
        }
        text.push_str("|\n");
        for row in &self.rows {
            line(row, &mut text);
        }
        text
    }

    /// A plain table at most `limit` columns wide where that is possible: the widest columns flush left are shortened first.
    pub(super) fn plain(&self, indent: usize, limit: usize) -> String {
        let widths = self.fitted(limit.saturating_sub(indent));
        let mut text = String::new();
        for row in std::iter::once(&self.header).chain(&self.rows) {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .zip(&self.sides)
                .map(|((cell, width), side)| padded(&shortened(cell, *width), *width, *side))
                .collect();
            text.push_str(&" ".repeat(indent));
            text.push_str(cells.join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    fn widths(&self) -> Vec<usize> {
        let column = |index: usize| {
            std::iter::once(&self.header)
                .chain(&self.rows)
                .filter_map(|row| row.get(index))
                .map(|cell| cell.width())
                .max()
                .unwrap_or(0)
        };
        (0..self.header.len()).map(column).collect()
    }

    fn fitted(&self, limit: usize) -> Vec<usize> {
        let mut widths = self.widths();
        let gaps = 2 * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > limit {
            let widest = widths
                .iter_mut()
                .zip(&self.sides)
                .filter(|(width, side)| **side == Side::Left && **width > NARROWEST)
                .map(|(width, _)| width)
                .max();
            match widest {
                Some(width) => *width -= 1,
                None => break,
            }
        }
        widths
    }
}

fn padded(cell: &str, width: usize, side: Side) -> String {
    let room = " ".repeat(width.saturating_sub(cell.width()));
    match side {
        Side::Left => format!("{cell}{room}"),
        Side::Right => format!("{room}{cell}"),
    }
}

/// At most `width` columns of a cell, `…` in place of the rest.
pub(super) fn shortened(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    let mut text = String::new();
    let mut used = 0;
    for character in cell.chars() {
        let wide = UnicodeWidthChar::width(character).unwrap_or(0);
        if used + wide + 1 > width {
            break;
        }
        used += wide;
        text.push(character);
    }
    text.push('…');
    text
}
