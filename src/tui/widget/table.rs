//! Defines a table of text and forest strips: whole columns are left out where they do not fit, a number is never cut.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::forest::{self, Axis, Mark};
use super::paint;
use crate::tui::app::Look;
use crate::tui::text;
use crate::tui::theme::Role;

/// How a column gets its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// As wide as its widest cell: numbers, which are never cut.
    Whole,
    /// As wide as its widest cell, or less, but not less than this: names and sentences, which may be cut.
    Cut(usize),
    /// A strip: at least so wide, and it takes what is left, up to so wide.
    Strip(usize, usize),
}

/// A column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) title: String,
    pub(crate) right: bool,
    pub(crate) fit: Fit,
    /// Columns with the smallest number are left out first.
    pub(crate) keep: u8,
}

impl Column {
    pub(crate) fn left(title: &str, fit: Fit, keep: u8) -> Self {
        Self {
            title: title.to_owned(),
            right: false,
            fit,
            keep,
        }
    }

    pub(crate) fn right(title: &str, keep: u8) -> Self {
        Self {
            title: title.to_owned(),
            right: true,
            fit: Fit::Whole,
            keep,
        }
    }

    pub(crate) fn strip(least: usize, most: usize, keep: u8) -> Self {
        Self {
            title: String::new(),
            right: false,
            fit: Fit::Strip(least, most),
            keep,
        }
    }
}

/// A cell.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    Words(String, Role),
    Strip(Option<Mark>),
}

impl Cell {
    pub(crate) fn new(words: impl Into<String>, role: Role) -> Self {
        Self::Words(words.into(), role)
    }

    pub(crate) fn empty() -> Self {
        Self::Words(String::new(), Role::Text)
    }

    fn width(&self) -> usize {
        match self {
            Self::Words(words, _) => text::width(words),
            Self::Strip(_) => 0,
        }
    }
}

/// A line of the table.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    /// A heading over the rows that follow.
    Heading(String),
    /// A line of text across the columns.
    Note(String, Role),
    /// A row; `item` is what is selected with it, and several rows may be of one item.
    Row { cells: Vec<Cell>, item: usize },
}

/// A table.
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) axis: Axis,
    /// The selected item, where the table is a list.
    pub(crate) selected: Option<usize>,
    /// How far it is scrolled, where it is none.
    pub(crate) scroll: usize,
}

const GAP: usize = 2;
/// One absurd number must not push every column off the screen: a cell that is wider says so instead.
const WIDEST: usize = 40;
/// The column of the selection mark.
const MARGIN: usize = 2;

impl Table {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self {
            columns,
            entries: Vec::new(),
            axis: Axis { limit: 1.0 },
            selected: None,
            scroll: 0,
        }
    }

    /// A width a column, `None` where it is left out.
    fn widths(&self, available: usize) -> Vec<Option<usize>> {
        let natural: Vec<usize> = (0..self.columns.len())
            .map(|index| self.natural(index))
            .collect();
        let mut shown: Vec<bool> = natural.iter().map(|width| *width > 0).collect();
        loop {
            let least: usize = self
                .columns
                .iter()
                .zip(&natural)
                .zip(&shown)
                .filter(|(_, shown)| **shown)
                .map(|((column, natural), _)| least(column, *natural) + GAP)
                .sum();
            if least <= available + GAP {
                break;
            }
            let candidates =
                (0..self.columns.len()).filter(|index| shown.get(*index) == Some(&true));
            let Some(dropped) = candidates
                .min_by_key(|index| self.columns.get(*index).map_or(0, |column| column.keep))
            else {
                break;
            };
            if let Some(slot) = shown.get_mut(dropped) {
                *slot = false;
            }
        }
        self.share(available, &natural, &shown)
    }

    fn natural(&self, index: usize) -> usize {
        let Some(column) = self.columns.get(index) else {
            return 0;
        };
        let mut cells = self.entries.iter().filter_map(|entry| match entry {
            Entry::Row { cells, .. } => cells.get(index),
            Entry::Heading(_) | Entry::Note(..) => None,
        });
        if let Fit::Strip(least, _) = column.fit {
            let drawn = cells.any(|cell| matches!(cell, Cell::Strip(Some(_))));
            return if drawn { least } else { 0 };
        }
        let widest = cells.map(Cell::width).max().unwrap_or(0);
        let widest = if column.fit == Fit::Whole {
            widest.min(WIDEST)
        } else {
            widest
        };
        if widest == 0 {
            return 0;
        }
        widest.max(text::width(&column.title))
    }

    /// Gives what is left beyond the least widths to strips, then to cut columns.
    fn share(&self, available: usize, natural: &[usize], shown: &[bool]) -> Vec<Option<usize>> {
        let mut widths: Vec<Option<usize>> = self
            .columns
            .iter()
            .zip(natural)
            .zip(shown)
            .map(|((column, natural), shown)| shown.then(|| least(column, *natural)))
            .collect();
        let count = widths.iter().flatten().count();
        let used: usize = widths.iter().flatten().sum::<usize>() + GAP * count.saturating_sub(1);
        let mut left = available.saturating_sub(used);
        for (index, column) in self.columns.iter().enumerate() {
            if let (Fit::Cut(_), Some(Some(width)), Some(natural)) =
                (column.fit, widths.get_mut(index), natural.get(index))
            {
                let more = left.min(natural.saturating_sub(*width));
                *width += more;
                left -= more;
            }
        }
        for (index, column) in self.columns.iter().enumerate() {
            if let (Fit::Strip(least, most), Some(Some(width))) =
                (column.fit, widths.get_mut(index))
            {
                let more = left.min(most.saturating_sub(least));
                *width += more;
                left -= more;
            }
        }
        widths
    }

    /// Draws header and the rows in sight; returns rows in sight and how far it can scroll.
    pub(crate) fn draw(&self, buffer: &mut Buffer, area: Rect, look: &Look) -> (usize, usize) {
        if self.entries.is_empty() {
            return (usize::from(area.height), 0);
        }
        let widths = self.widths(usize::from(area.width).saturating_sub(MARGIN));
        let titled = self.columns.iter().any(|column| !column.title.is_empty())
            || self
                .columns
                .iter()
                .any(|column| matches!(column.fit, Fit::Strip(..)));
        let body = if titled {
            self.draw_header(buffer, area, look, &widths);
            paint::split_top(area, 1).1
        } else {
            area
        };
        let height = usize::from(body.height);
        let limit = self.entries.len().saturating_sub(height);
        let start = match self.selected {
            Some(selected) => self.window(selected, height),
            None => self.scroll.min(limit),
        };
        for (index, entry) in self.entries.iter().skip(start).enumerate() {
            let Some(at) = paint::row(body, index) else {
                break;
            };
            self.draw_entry(buffer, at, look, &widths, entry);
        }
        (height, limit)
    }

    /// The first line in sight, so that every row of the selected item is, and its heading where there is room.
    fn window(&self, selected: usize, height: usize) -> usize {
        let of_item = |entry: &Entry| matches!(entry, Entry::Row { item, .. } if *item == selected);
        let first = self.entries.iter().position(of_item).unwrap_or(0);
        let last = self.entries.iter().rposition(of_item).unwrap_or(first);
        let middle = usize::midpoint(first, last);
        text::window(middle, self.entries.len(), height).min(first)
    }

    fn draw_header(&self, buffer: &mut Buffer, area: Rect, look: &Look, widths: &[Option<usize>]) {
        let cells = self.columns.iter().zip(widths).map(|(column, width)| {
            let width = width.unwrap_or(0);
            let words = match column.fit {
                Fit::Strip(..) => self.axis.labels(width),
                _ => text::cut(&column.title, width, look.glyphs.ellipsis),
            };
            (words, column.right)
        });
        let Some(at) = paint::row(area, 0) else {
            return;
        };
        let mut x = MARGIN;
        for ((words, right), width) in cells.zip(widths) {
            let Some(width) = width else { continue };
            put(buffer, at, look, x, *width, right, &words, Role::Muted);
            x += width + GAP;
        }
    }

    fn draw_entry(
        &self,
        buffer: &mut Buffer,
        area: Rect,
        look: &Look,
        widths: &[Option<usize>],
        entry: &Entry,
    ) {
        let (cells, item) = match entry {
            Entry::Heading(words) => {
                let line = paint::plain(look, Role::Heading, format!("  {words}"));
                paint::line(buffer, area, &line);
                return;
            }
            Entry::Note(words, role) => {
                let width = usize::from(area.width).saturating_sub(MARGIN);
                let words = text::cut(words, width, look.glyphs.ellipsis);
                paint::line(
                    buffer,
                    area,
                    &Line::from(vec![Span::raw("  "), paint::span(look, *role, words)]),
                );
                return;
            }
            Entry::Row { cells, item } => (cells, *item),
        };
        let mut x = MARGIN;
        for ((column, cell), width) in self.columns.iter().zip(cells).zip(widths) {
            let Some(width) = width else { continue };
            match cell {
                Cell::Words(words, role) => {
                    let words = match column.fit {
                        Fit::Whole if text::width(words) > *width => "too long to show",
                        _ => words,
                    };
                    let words = text::cut(words, *width, look.glyphs.ellipsis);
                    put(buffer, area, look, x, *width, column.right, &words, *role);
                }
                Cell::Strip(mark) => {
                    let at = offset(area, x, *width);
                    forest::draw(buffer, at, look, mark.as_ref(), self.axis);
                }
            }
            x += width + GAP;
        }
        if self.selected == Some(item) {
            select(buffer, area, look);
        }
    }
}

fn least(column: &Column, natural: usize) -> usize {
    match column.fit {
        Fit::Whole => natural,
        Fit::Cut(least) => natural.min(least),
        Fit::Strip(least, _) => least,
    }
}

fn offset(area: Rect, x: usize, width: usize) -> Rect {
    let x = text::cells(x).min(area.width);
    Rect {
        x: area.x.saturating_add(x),
        width: text::cells(width).min(area.width - x),
        ..area
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one cell of text, all of it needed"
)]
fn put(
    buffer: &mut Buffer,
    area: Rect,
    look: &Look,
    x: usize,
    width: usize,
    right: bool,
    words: &str,
    role: Role,
) {
    let padding = if right {
        width.saturating_sub(text::width(words))
    } else {
        0
    };
    let at = offset(area, x + padding, width - padding.min(width));
    paint::line(buffer, at, &paint::plain(look, role, words.to_owned()));
}

/// Shows a row as selected: a mark first, the style second.
pub(crate) fn select(buffer: &mut Buffer, area: Rect, look: &Look) {
    buffer.set_style(area, look.theme.style(Role::Selection));
    let mark = paint::plain(look, Role::SelectionMark, look.glyphs.selected.to_string());
    paint::line(
        buffer,
        Rect {
            width: 1.min(area.width),
            ..area
        },
        &mark,
    );
}
