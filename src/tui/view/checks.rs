//! Draws screen 4: every check by stage, the selected one in full, and the rows of each table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Size, panel_tabs, single};
use crate::domain::evidence::{LedgerLine, TableLedger};
use crate::domain::result::{Check, CheckStage, Readout, Scope};
use crate::report::number;
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
    if let Some(panel) = single(app, size) {
        let rest = panel_tabs(buffer, area, app);
        return draw_panel(buffer, rest, app, readout, panel, size);
    }
    let parts = if size == Size::Full {
        let height = usize::from(area.height);
        let rows = (rows(app, readout, size).entries.len() + 3).min(height / 3);
        let (top, below) = paint::split_top(area, height.saturating_sub(rows));
        let right = (area.width * 2 / 5).clamp(40, 64);
        let (list, one) = paint::split_left(top, area.width.saturating_sub(right + 2), 2);
        vec![
            (Panel::Checks, list),
            (Panel::Check, one),
            (Panel::Rows, below),
        ]
    } else if app.panel() == Panel::Rows {
        vec![(Panel::Rows, area)]
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
        _ => "Rows: read = used + rejected + out of scope".to_owned(),
    };
    let inner = paint::panel(buffer, &app.look, area, &title, app.panel() == panel);
    let (page, limit) = match panel {
        Panel::Checks => list(app).draw(buffer, inner, &app.look),
        Panel::Check => {
            let width = usize::from(inner.width);
            let lines = app
                .selected_check()
                .map_or_else(Vec::new, |check| about(app, check, width));
            let limit = paint::lines(buffer, inner, &lines, app.scrolled(Panel::Check));
            (usize::from(inner.height), limit)
        }
        _ => rows(app, readout, size).draw(buffer, inner, &app.look),
    };
    Extents { page, limit }
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
fn about(app: &App, check: &Check, width: usize) -> Vec<Line<'static>> {
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

/// The rows of each table and variant, and where they went.
fn rows(app: &App, readout: &Readout, size: Size) -> Table {
    let mut table = Table::new(vec![
        Column::left("table", Fit::Cut(10), 90),
        Column::left("variant", Fit::Cut(8), 80),
        Column::right("read", 70),
        Column::right("used", 75),
        Column::right("rejected", 65),
        Column::right("out of scope", 60),
        Column::left("why", Fit::Cut(24), 50),
    ]);
    for ledger in &readout.ledgers {
        let whole = LedgerLine {
            used: ledger.used(),
            rejected: ledger.rejected(),
            out_of_scope: ledger.out_of_scope(),
            counted: ledger.counted(),
        };
        let total = row(
            &clean(&ledger.table),
            "all",
            ledger.read,
            &whole,
            Role::Text,
        );
        table.entries.push(total);
        if size == Size::Compact {
            // There is no room for a column of reasons: they are said once, under the table's own line.
            let whole = why(&whole);
            if !whole.is_empty() {
                table
                    .entries
                    .push(Entry::Note(format!("  {whole}"), Role::Muted));
            }
        }
        for (variant, line) in &ledger.by_variant {
            let name = if variant.is_empty() {
                "of none".to_owned()
            } else {
                clean(variant)
            };
            table
                .entries
                .push(row("", &name, line.read(), line, Role::Muted));
        }
        if !ledger.adds_up() {
            table
                .entries
                .push(Entry::Note(unbalanced(ledger), Role::Bad));
        }
    }
    if table.entries.is_empty() {
        let words = "No table was read.".to_owned();
        table.entries.push(Entry::Note(words, Role::Muted));
    }
    table.scroll = app.scrolled(Panel::Rows);
    table
}

fn unbalanced(ledger: &TableLedger) -> String {
    format!(
        "{}: the parts do not add up to the rows read",
        clean(&ledger.table)
    )
}

fn row(table: &str, variant: &str, read: u64, line: &LedgerLine, role: Role) -> Entry {
    let rejected: u64 = line.rejected.values().sum();
    let out: u64 = line.out_of_scope.values().sum();
    let bad = if rejected > 0 { Role::Caution } else { role };
    Entry::Row {
        cells: vec![
            Cell::new(table, role),
            Cell::new(variant, role),
            Cell::new(number::count(read), role),
            Cell::new(number::count(line.used), role),
            Cell::new(number::count(rejected), bad),
            Cell::new(number::count(out), role),
            Cell::new(why(line), Role::Muted),
        ],
        item: 0,
    }
}

/// Why rows were not used.
fn why(line: &LedgerLine) -> String {
    let rejected = line
        .rejected
        .iter()
        .map(|(rule, rows)| format!("{} {}", number::count(*rows), rule.label()));
    let out = line
        .out_of_scope
        .iter()
        .map(|(reason, rows)| format!("{} {}", number::count(*rows), reason.label()));
    let counted = line
        .counted
        .iter()
        .map(|(rule, rows)| format!("{} counted by {rule}", number::count(*rows)));
    rejected
        .chain(counted)
        .chain(out)
        .collect::<Vec<_>>()
        .join(", ")
}
