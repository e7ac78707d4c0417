//! Draws screen 1: every experiment with its verdict, its primary effect and its checks, filled in as readouts arrive.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Size;
use super::effects::mark;
use crate::domain::definition::{Population, Role as MetricRole};
use crate::domain::result::{CheckStatus, Readout, Trust};
use crate::report::number;
use crate::tui::app::{App, Extents};
use crate::tui::library::Listing;
use crate::tui::phrase;
use crate::tui::text::{self, clean};
use crate::tui::theme::Role;
use crate::tui::widget::forest::Axis;
use crate::tui::widget::paint;
use crate::tui::widget::table::{Cell, Column, Entry, Fit, Table};

/// Draws the screen.
pub(super) fn draw(buffer: &mut Buffer, area: Rect, app: &App, size: Size) -> Extents {
    let visible = app.visible_experiments();
    if visible.is_empty() {
        empty(buffer, area, app);
        return Extents::default();
    }
    let detail = match size {
        Size::Full => 11,
        Size::Compact => 6,
    };
    let (list, below) =
        paint::split_top(area, usize::from(area.height).saturating_sub(detail).max(4));
    let table = table(app, &visible);
    let (page, limit) = table.draw(buffer, list, &app.look);
    if let Some(listing) = app.listing() {
        let inner = paint::panel(buffer, &app.look, below, &clean(&listing.id), false);
        let lines = about(app, listing, usize::from(inner.width).saturating_sub(2));
        paint::lines(buffer, indent(inner), &lines, 0);
    }
    Extents { page, limit }
}

fn indent(area: Rect) -> Rect {
    paint::split_left(area, 2, 0).1
}

fn empty(buffer: &mut Buffer, area: Rect, app: &App) {
    let words = if app.listings.is_empty() {
        "There is no experiment in this workspace yet: a file experiments/ID.toml defines one."
    } else {
        "No experiment matches the filter."
    };
    let lines = [
        Line::default(),
        paint::plain(&app.look, Role::Muted, format!("  {words}")),
    ];
    paint::lines(buffer, area, &lines, 0);
}

fn ready<'a>(app: &'a App, listing: &Listing) -> Option<&'a Readout> {
    app.readings.get(&listing.id)?.readout.as_deref()
}

fn table(app: &App, visible: &[&Listing]) -> Table {
    let mut table = Table::new(vec![
        Column::left("experiment", Fit::Cut(18), 90),
        Column::left("status", Fit::Whole, 30),
        Column::left("owner", Fit::Cut(8), 20),
        Column::left("verdict", Fit::Whole, 80),
        Column::left("primary metric", Fit::Cut(14), 50),
        Column::left("change", Fit::Whole, 60),
        Column::strip(15, 41, 55),
        Column::left("checks", Fit::Whole, 70),
    ]);
    for (item, listing) in visible.iter().enumerate() {
        for row in rows(app, listing) {
            table.entries.push(Entry::Row { cells: row, item });
        }
    }
    let effects: Vec<_> = visible
        .iter()
        .filter_map(|listing| ready(app, listing))
        .filter_map(|readout| Some((readout, phrase::headline(readout)?)))
        .flat_map(|(readout, metric)| {
            readout
                .treatments()
                .filter_map(|variant| metric.overall(Population::Itt, variant))
        })
        .filter_map(|effect| effect.relative.value())
        .collect();
    table.axis = Axis::over(effects.into_iter(), std::iter::empty());
    table.selected = Some(app.position().0);
    table
}

/// A row; where there are several treatment variants, one more for each.
fn rows(app: &App, listing: &Listing) -> Vec<Vec<Cell>> {
    let name = if app.marked.contains(&listing.id) {
        format!("{} {}", app.look.glyphs.marked, clean(&listing.id))
    } else {
        clean(&listing.id)
    };
    let (name, role) = if listing.problems.is_empty() {
        (name, Role::Strong)
    } else {
        let attention = app.look.glyphs.attention;
        (format!("{attention} {name}"), Role::Caution)
    };
    let head = [
        Cell::new(name, role),
        Cell::new(
            listing.status.map_or("unreadable", |status| status.label()),
            Role::Text,
        ),
        Cell::new(clean(&listing.owner), Role::Muted),
    ];
    let Some(readout) = ready(app, listing) else {
        let (words, role) = state(app, listing);
        let mut row = head.to_vec();
        row.push(Cell::new(words, role));
        row.extend([Cell::empty(), Cell::empty(), Cell::empty(), Cell::empty()]);
        return vec![row];
    };
    let checks = phrase::CheckCounts::of(&readout.checks).said(&app.look.glyphs);
    let checks = Cell::new(checks.text(), checks.role);
    let blank = Cell::empty;
    let mut head = head.to_vec();
    if let (Some(only), None) = (readout.treatments().next(), readout.treatments().nth(1)) {
        head.extend(judged(app, readout, only));
        head.push(checks);
        return vec![head];
    }
    head.extend([blank(), blank(), blank(), blank(), checks]);
    let mut rows = vec![head];
    for variant in readout.treatments() {
        let name = Cell::new(format!("  {}", clean(variant)), Role::Text);
        let mut row = vec![name, blank(), blank()];
        row.extend(judged(app, readout, variant));
        row.push(blank());
        rows.push(row);
    }
    rows
}

/// Verdict, metric, change and strip of one variant.
fn judged(app: &App, readout: &Readout, variant: &str) -> [Cell; 4] {
    let verdict = readout
        .verdicts
        .iter()
        .find(|verdict| verdict.variant == variant)
        .map_or_else(Cell::empty, |verdict| {
            let said = phrase::verdict(verdict.word, &app.look.glyphs);
            Cell::new(said.text(), said.role)
        });
    let Some(metric) = phrase::headline(readout) else {
        return [verdict, Cell::empty(), Cell::empty(), Cell::Strip(None)];
    };
    let primaries = readout.with_role(MetricRole::Primary).count();
    let name = if primaries > 1 {
        format!("{}, 1 of {primaries}", metric.id)
    } else {
        metric.id.to_string()
    };
    let name = Cell::new(name, Role::Text);
    match metric.overall(Population::Itt, variant) {
        Some(effect) => [
            verdict,
            name,
            Cell::new(
                phrase::change(metric.kind, effect),
                match effect.trust {
                    Trust::Trusted => Role::Text,
                    Trust::NotTrusted { .. } => Role::Untrusted,
                },
            ),
            Cell::Strip(mark(app, metric, effect, false)),
        ],
        None => [verdict, name, Cell::empty(), Cell::Strip(None)],
    }
}

/// What is said of an experiment whose readout is not there.
fn state(app: &App, listing: &Listing) -> (String, Role) {
    let glyphs = &app.look.glyphs;
    let reading = app.readings.get(&listing.id);
    if app
        .job
        .as_ref()
        .is_some_and(|job| job.experiment == listing.id)
    {
        return (format!("{} computing", glyphs.waiting), Role::Progress);
    }
    match reading {
        Some(reading) if reading.error.is_some() => {
            (format!("{} could not run", glyphs.bad), Role::Bad)
        }
        Some(reading) if reading.wanted => (format!("{} waiting", glyphs.waiting), Role::Muted),
        _ => (format!("{} not computed", glyphs.none), Role::Muted),
    }
}

/// What a reader wants to know before opening an experiment.
fn about(app: &App, listing: &Listing, width: usize) -> Vec<Line<'static>> {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for problem in &listing.problems {
        pairs.push(("Problem", clean(problem)));
    }
    let reading = app.readings.get(&listing.id);
    if let Some(error) = reading.and_then(|reading| reading.error.as_deref()) {
        for (index, line) in text::lines(error).into_iter().enumerate() {
            pairs.push((if index == 0 { "Error" } else { "" }, line));
        }
    }
    if let Some(readout) = ready(app, listing) {
        for verdict in &readout.verdicts {
            let said = phrase::verdict(verdict.word, &app.look.glyphs);
            let text = format!(
                "{}: {}. {}",
                clean(&verdict.variant),
                said.words,
                clean(&verdict.reason)
            );
            pairs.push(("Verdict", text));
        }
        let failed: Vec<String> = readout
            .checks
            .iter()
            .filter(|check| check.status == CheckStatus::Fail)
            .map(|check| format!("{}: {}", check.id.label(), clean(&check.finding)))
            .collect();
        if !failed.is_empty() {
            pairs.push(("Failed", failed.join(" ")));
        }
    }
    if let Some(hypothesis) = &listing.hypothesis {
        pairs.push(("Hypothesis", clean(hypothesis)));
    }
    if let Some(readout) = ready(app, listing) {
        pairs.push(("Data", data(readout)));
    }
    paint::fields(&app.look, width, &pairs, 3)
}

fn data(readout: &Readout) -> String {
    let units: u64 = readout
        .units
        .iter()
        .filter(|row| row.population == Population::Itt)
        .map(|row| row.units)
        .sum();
    format!(
        "{} units in {} variants, as of {} ({})",
        number::count(units),
        readout.experiment.variants.len(),
        phrase::as_of(&readout.provenance.as_of),
        clean(&readout.provenance.as_of.reason)
    )
}
