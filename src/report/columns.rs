//! Defines text in columns and lines, for documents that are read as they are: a markdown table that also reads raw, a plain
//! one, and sentences broken to fit.
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

/// Columns of a plain table are shortened to the first of these before any is shortened to the second.
const NARROWEST: [usize; 2] = [12, 6];

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

    /// A plain table at most `limit` columns wide where that is possible: first the widest text is shortened a little, then
    /// the columns of `droppable` go one after the other, then text is shortened a lot. Numbers are whole or not there.
    pub(super) fn plain(&self, limit: usize, droppable: &[&str]) -> String {
        let mut dropped: Vec<usize> = Vec::new();
        let mut candidates = droppable.iter();
        while !fits(&self.fitted(limit, &dropped, &NARROWEST[..1]), limit) {
            let Some(title) = candidates.next() else {
                break;
            };
            dropped.extend(self.header.iter().position(|known| known == title));
        }
        let widths = self.fitted(limit, &dropped, &NARROWEST);
        let mut text = String::new();
        for row in std::iter::once(&self.header).chain(&self.rows) {
            let cells: Vec<String> = widths
                .iter()
                .filter_map(|(index, width)| {
                    let cell = shortened(row.get(*index)?, *width);
                    Some(padded(&cell, *width, *self.sides.get(*index)?))
                })
                .collect();
            text.push_str(cells.join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    /// The width of a plain table in which nothing is shortened.
    pub(super) fn natural_width(&self) -> usize {
        let widths = self.widths();
        widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1)
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

    /// The columns that are left, each with its width, text shortened down to each of `floors` in turn.
    fn fitted(&self, limit: usize, dropped: &[usize], floors: &[usize]) -> Vec<(usize, usize)> {
        let mut widths: Vec<(usize, usize)> = self
            .widths()
            .into_iter()
            .enumerate()
            .filter(|(index, _)| !dropped.contains(index))
            .collect();
        for floor in floors {
            while !fits(&widths, limit) {
                let widest = widths
                    .iter_mut()
                    .filter(|(index, width)| {
                        self.sides.get(*index) == Some(&Side::Left) && width > floor
                    })
                    .max_by_key(|(_, width)| *width);
                match widest {
                    Some((_, width)) => *width -= 1,
                    None => break,
                }
            }
        }
        widths
    }
}

fn fits(widths: &[(usize, usize)], limit: usize) -> bool {
    let gaps = 2 * widths.len().saturating_sub(1);
    widths.iter().map(|(_, width)| width).sum::<usize>() + gaps <= limit
}

fn padded(cell: &str, width: usize, side: Side) -> String {
    let room = " ".repeat(width.saturating_sub(cell.width()));
    match side {
        Side::Left => format!("{cell}{room}"),
        Side::Right => format!("{room}{cell}"),
    }
}

/// At most `width` columns of a cell, `…` in place of the rest.
fn shortened(cell: &str, width: usize) -> String {
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

/// A lead and words after it, broken at spaces to fit, further lines indented.
pub(super) fn wrap(text: &mut String, lead: &str, body: &str, columns: usize) {
    let indent = if lead.starts_with(' ') { 6 } else { 2 };
    let mut used = 0;
    let whole = format!("{lead}{body}");
    let words = whole
        .split(' ')
        .flat_map(|word| pieces(word, columns.saturating_sub(indent)));
    for (index, word) in words.enumerate() {
        let wide = word.width();
        if index > 0 && used + 1 + wide > columns {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            used = indent;
        } else if index > 0 {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += wide;
    }
    text.push('\n');
}

/// A word in pieces that fit a line each.
fn pieces(word: &str, columns: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (position, character) in word.char_indices() {
        let wide = UnicodeWidthChar::width(character).unwrap_or(0);
        if used + wide > columns.max(2) {
            pieces.push(&word[start..position]);
            start = position;
            used = 0;
        }
        used += wide;
    }
    pieces.push(&word[start..]);
    pieces
}
