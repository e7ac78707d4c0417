//! Draws the counts behind a check and the diagnosis of a sample ratio mismatch, as the documents tell them.

use ratatui::text::Line;

use crate::domain::result::{Check, Readout};
use crate::report::{Grid, Part, breakdown_part, diagnosis_parts};
use crate::tui::app::App;
use crate::tui::text::{self, clean};
use crate::tui::theme::Role;
use crate::tui::widget::paint;

/// Columns that a narrow screen does without, the first first.
const DROPPABLE: [&str; 4] = ["rests on", "planned", "split", "difference between"];
/// The margin of every line.
const MARGIN: usize = 2;

/// The lines that the counts of the selected check fill.
pub(super) fn height(app: &App) -> usize {
    app.selected_check()
        .and_then(|check| breakdown_part(check, usize::MAX))
        .map_or(1, |part| part.table.rows.len() + 1)
}

/// The counts behind a check.
pub(super) fn lines(app: &App, check: &Check, width: usize) -> Vec<Line<'static>> {
    breakdown_part(check, usize::MAX).map_or_else(
        || {
            let words = "  This check has no counts by part.";
            vec![paint::plain(&app.look, Role::Muted, words)]
        },
        |part| table(app, &part.table, width),
    )
}

/// The diagnosis in full.
pub(super) fn diagnosis(app: &App, readout: &Readout, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for part in diagnosis_parts(readout) {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(part_lines(app, &part, width));
    }
    lines
}

fn part_lines(app: &App, part: &Part, width: usize) -> Vec<Line<'static>> {
    let room = width.saturating_sub(MARGIN);
    let mut lines = vec![paint::plain(&app.look, Role::Heading, clean(&part.title))];
    for sentence in &part.lead {
        lines.extend(wrapped(app, Role::Muted, MARGIN, &clean(sentence), room));
    }
    lines.extend(table(app, &part.table, width));
    for item in &part.items {
        lines.extend(wrapped(app, Role::Text, MARGIN, &clean(&item.head), room));
        for (what, words) in &item.lines {
            let words = format!("{what}: {}", clean(words));
            let indent = MARGIN + 3;
            let room = width.saturating_sub(indent);
            lines.extend(wrapped(app, Role::Muted, indent, &words, room));
        }
    }
    lines
}

fn wrapped(app: &App, role: Role, indent: usize, words: &str, room: usize) -> Vec<Line<'static>> {
    text::wrap(words, room)
        .into_iter()
        .map(|line| paint::plain(&app.look, role, format!("{}{line}", " ".repeat(indent))))
        .collect()
}

/// A table as lines: what departs is said by its word first, by its colour second.
fn table(app: &App, grid: &Grid, width: usize) -> Vec<Line<'static>> {
    let shown = grid.plain(width.saturating_sub(MARGIN), &DROPPABLE);
    shown
        .into_iter()
        .enumerate()
        .map(|(index, line)| {
            let row = index.checked_sub(1).and_then(|row| grid.rows.get(row));
            let departs = row.is_some_and(|row| row.last().is_some_and(|cell| cell == "departs"));
            let role = match (row, departs) {
                (None, _) => Role::Muted,
                (Some(_), true) => Role::Bad,
                (Some(_), false) => Role::Text,
            };
            paint::plain(&app.look, role, format!("  {line}"))
        })
        .collect()
}
