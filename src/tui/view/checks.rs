//! Draws screen 4: every check by stage, the selected one in full with the counts behind it, the diagnosis of a sample ratio
//! mismatch, and the rows of each table.

mod counts;
mod rows;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Size, panel_tabs, single};
use crate::domain::result::{Check, CheckStage, Readout, Scope};
use crate::report::number;
use crate::tui::action::Action;
use crate::tui::app::{App, Extents};
use crate::tui::phrase;
use crate::tui::screen::Panel;
use crate::tui::text::clean;
use crate::tui::theme::Role;
use crate::tui::widget::paint;
use crate::tui::widget::table::{Cell, Column, Entry, Fit, Table};

/// Draws the screen.
pub(super) fn draw(
    buffer: &mut Buffer,
    area: Rect,
    app: &App,
    readout: &Readout,
    size: Size,
) -> Extents {
    let whole = (app.panel() == Panel::Diagnosis).then_some(Panel::Diagnosis);
    if let Some(panel) = whole.or(single(app, size)) {
        let rest = panel_tabs(buffer, area, app);
        return draw_panel(buffer, rest, app, readout, panel, size);
    }
    let parts = if size == Size::Full {
        let height = usize::from(area.height);
        let lower = lower_panel(app);
        let rows = match lower {
            Panel::Counts => counts::height(app) + 1,
            _ => rows::table(app, readout, size).entries.len() + 3,
        };
        let (top, below) = paint::split_top(area, height.saturating_sub(rows.min(height / 3)));
        let right = (area.width * 2 / 5).clamp(40, 64);
        let (list, one) = paint::split_left(top, area.width.saturating_sub(right + 2), 2);
        vec![(Panel::Checks, list), (Panel::Check, one), (lower, below)]
    } else if matches!(app.panel(), Panel::Rows | Panel::Counts) {
        vec![(app.panel(), area)]
    } else {
        let (list, one) = paint::split_top(area, usize::from(area.height) / 2);
        vec![(Panel::Checks, list), (Panel::Check, one)]
    };
    let mut extents = Extents::default();
    for (panel, at) in parts {
        let found = draw_panel(buffer, at, app, readout, panel, size);
        if panel == app.panel() {
            extents = found;
        }
    }
    extents
}

/// What stands below the list where there is room: the counts of the selected check where it has some, else the rows.
fn lower_panel(app: &App) -> Panel {
    let counts = app
        .selected_check()
        .is_some_and(|check| check.breakdown.is_some());
    match app.panel() {
        Panel::Rows => Panel::Rows,
        Panel::Counts => Panel::Counts,
        _ if counts => Panel::Counts,
        _ => Panel::Rows,
    }
}

fn draw_panel(
    buffer: &mut Buffer,
    area: Rect,
    app: &App,
    readout: &Readout,
    panel: Panel,
    size: Size,
) -> Extents {
    let title = match panel {
        Panel::Checks => {
            let said = phrase::CheckCounts::of(&readout.checks).said(&app.look.glyphs);
            format!("Checks: {}", said.words)
        }
        Panel::Check => app.selected_check().map_or_else(
            || panel.title().to_owned(),
            |check| check.id.label().to_owned(),
        ),
        Panel::Counts => app.selected_check().map_or_else(
            || panel.title().to_owned(),
            |check| format!("Counts behind {}", check.id.label().to_lowercase()),
        ),
        Panel::Diagnosis => "Diagnosis of the sample ratio".to_owned(),
        _ => "Rows: read = used + rejected + out of scope".to_owned(),
    };
    let inner = paint::panel(buffer, &app.look, area, &title, app.panel() == panel);
    let (page, limit) = match panel {
        Panel::Checks => list(app).draw(buffer, inner, &app.look),
        Panel::Check | Panel::Counts | Panel::Diagnosis => {
            let lines = text_of(app, readout, panel, usize::from(inner.width));
            let limit = paint::lines(buffer, inner, &lines, app.scrolled(panel));
            (usize::from(inner.height), limit)
        }
        _ => rows::table(app, readout, size).draw(buffer, inner, &app.look),
    };
    Extents { page, limit }
}

/// The lines of a panel of text.
fn text_of(app: &App, readout: &Readout, panel: Panel, width: usize) -> Vec<Line<'static>> {
    let check = app.selected_check();
    match panel {
        Panel::Diagnosis => counts::diagnosis(app, readout, width),
        Panel::Counts => check.map_or_else(Vec::new, |check| counts::lines(app, check, width)),
        _ => {
            let mut lines = check.map_or_else(Vec::new, |check| about(app, readout, check, width));
            // Opened, the check has the whole body: the counts behind it stand below what is said of it.
            if app.expanded
                && let Some(check) = check.filter(|check| check.breakdown.is_some())
            {
                let title = "Counts behind it";
                lines.extend([
                    Line::default(),
                    paint::plain(&app.look, Role::Heading, title),
                ]);
                lines.extend(counts::lines(app, check, width));
            }
            lines
        }
    }
}

/// The checks by stage.
fn list(app: &App) -> Table {
    let mut table = Table::new(vec![
        Column::left("check", Fit::Cut(16), 90),
        Column::left("status", Fit::Whole, 80),
        Column::left("finding", Fit::Cut(12), 70),
    ]);
    let visible = app.visible_checks();
    for stage in CheckStage::ALL {
        let of_stage = visible
            .iter()
            .enumerate()
            .filter(|(_, (_, check))| check.stage == *stage);
        for (index, (item, (_, check))) in of_stage.enumerate() {
            if index == 0 {
                let heading = stage.label().to_owned();
                table.entries.push(Entry::Heading(heading));
            }
            let said = phrase::check(check.status, &app.look.glyphs);
            let cells = vec![
                Cell::new(check.id.label(), Role::Text),
                Cell::new(said.text(), said.role),
                Cell::new(clean(&check.finding), Role::Muted),
            ];
            table.entries.push(Entry::Row { cells, item });
        }
    }
    if table.entries.is_empty() {
        table
            .entries
            .push(Entry::Note("No check to show.".to_owned(), Role::Muted));
    }
    table.selected = Some(
        visible
            .iter()
            .position(|(index, _)| *index == app.check)
            .unwrap_or(0),
    );
    table
}

/// One check in full: the question, what was found, what it takes away, what to do.
fn about(app: &App, readout: &Readout, check: &Check, width: usize) -> Vec<Line<'static>> {
    let said = phrase::check(check.status, &app.look.glyphs);
    let mut lines = vec![Line::from(vec![
        paint::span(&app.look, said.role, said.text()),
        paint::span(
            &app.look,
            Role::Muted,
            format!(
                "  check {}, {}",
                check.number,
                check.stage.label().to_lowercase()
            ),
        ),
    ])];
    let mut pairs: Vec<(&str, String)> = vec![
        ("Question", clean(&check.question)),
        ("Finding", clean(&check.finding)),
    ];
    if !check.invalidates.is_empty() {
        let taken: Vec<String> = check.invalidates.iter().map(phrase::invalidates).collect();
        pairs.push(("Invalidates", taken.join(", ")));
    }
    if let Some(observed) = check.observed {
        let what = check
            .observed_as
            .as_deref()
            .map_or_else(String::new, |what| format!(" ({})", clean(what)));
        pairs.push((
            "Observed",
            format!("{}{what}", observed_number(check, observed)),
        ));
    }
    if let Some(warn) = &check.warn_at {
        pairs.push(("Warns at", clean(warn)));
    }
    if let Some(fail) = &check.fail_at {
        pairs.push(("Fails at", clean(fail)));
    }
    match (check.evaluated, check.failing) {
        (Some(evaluated), Some(failing)) => pairs.push((
            "Looked at",
            format!(
                "{}, of which {} failed",
                number::count(evaluated),
                number::count(failing)
            ),
        )),
        (Some(evaluated), None) => pairs.push(("Looked at", number::count(evaluated))),
        _ => {}
    }
    pairs.push(("Scope", scope(&check.scope)));
    pairs.push(("What to do", clean(&check.runbook)));
    pairs.push(("Owner", clean(&check.owner)));
    if readout.is_diagnosed(check) {
        let key = app.keymap.label(Action::Diagnosis);
        pairs.push((
            "Diagnosis",
            format!("{key} shows where the mismatch begins, and what may have caused it"),
        ));
    }
    lines.extend(paint::fields(&app.look, width, &pairs, usize::MAX));
    lines
}

/// A p-value, a share or a plain number, by what it is said to be.
fn observed_number(check: &Check, observed: f64) -> String {
    let what = check.observed_as.as_deref().unwrap_or("");
    if what == "p" || what.starts_with("p ") {
        number::probability(observed)
    } else if what.contains("share") || what.contains("rate") {
        number::percent(observed)
    } else {
        number::value(observed)
    }
}

fn scope(scope: &Scope) -> String {
    match scope {
        Scope::Experiment => "the whole experiment".to_owned(),
        Scope::Table(table) => format!("table {}", clean(table)),
        Scope::Metric(metric) => format!("metric {}", clean(metric)),
        Scope::Variant(variant) => format!("variant {}", clean(variant)),
    }
}
