//! Draws the numbers of one metric: variants, effects in every form, and segments.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::effects::{emphasis, mark};
use super::{definition, otherwise};
use crate::domain::definition::{MetricKind, Population};
use crate::domain::evidence::Slice;
use crate::domain::result::{Effect, Estimate, Known, MetricReadout, Readout, Trust};
use crate::report::{beside, number};
use crate::tui::app::App;
use crate::tui::phrase;
use crate::tui::screen::Panel;
use crate::tui::text::{self, clean};
use crate::tui::theme::Role;
use crate::tui::widget::forest::Axis;
use crate::tui::widget::paint;
use crate::tui::widget::table::{Cell, Column, Entry, Fit, Table};

const POPULATIONS: [Population; 2] = [Population::Itt, Population::Exposed];

/// The lines that the effect panel would fill.
pub(super) fn effect_lines(
    app: &App,
    readout: &Readout,
    metric: &MetricReadout,
    width: usize,
) -> usize {
    variants(app, readout, metric).entries.len() + effects(app, metric, width).entries.len() + 3
}

/// Draws the variants over the effects; returns how far the panel can scroll.
pub(super) fn draw_effect(
    buffer: &mut Buffer,
    area: Rect,
    app: &App,
    readout: &Readout,
    metric: &MetricReadout,
) -> usize {
    let variants = variants(app, readout, metric);
    let mut effects = effects(app, metric, usize::from(area.width));
    effects.axis = axis(app, metric);
    effects.scroll = app.scrolled(Panel::Effect);
    let (upper, lower) = paint::split_top(area, variants.entries.len() + 2);
    variants.draw(buffer, upper, &app.look);
    effects.draw(buffer, lower, &app.look).1
}

/// What each variant looks like by itself.
fn variants(app: &App, readout: &Readout, metric: &MetricReadout) -> Table {
    let centre = match metric.kind {
        MetricKind::Ratio | MetricKind::Quantile => beside::measure(metric),
        MetricKind::Proportion | MetricKind::Mean | MetricKind::Retention | MetricKind::Funnel => {
            "mean".to_owned()
        }
    };
    let mut table = Table::new(vec![
        Column::left("variant", Fit::Cut(12), 90),
        Column::right("units", 80),
        Column::right(&centre, 85),
        Column::right("sd", 50),
        Column::right("open", 30),
        Column::right("missing", 40),
        Column::right("capped", 35),
    ]);
    for population in POPULATIONS {
        let role = if population == app.population {
            Role::Text
        } else {
            Role::Muted
        };
        let rows = readout
            .experiment
            .variants
            .iter()
            .filter_map(|variant| metric.overall_statistics(population, &variant.id));
        for (index, row) in rows.enumerate() {
            if index == 0 {
                table
                    .entries
                    .push(Entry::Heading(emphasis(population).to_owned()));
            }
            let cells = vec![
                Cell::new(format!("  {}", clean(&row.variant)), role),
                Cell::new(known(&row.units, |units| number::count(*units)), role),
                Cell::new(phrase::value(metric.kind, &row.mean), role),
                Cell::new(
                    known(&row.standard_deviation, |sd| number::value(*sd)),
                    role,
                ),
                Cell::new(number::count(row.open), role),
                Cell::new(number::count(row.missing), role),
                Cell::new(number::count(row.capped), role),
            ];
            table.entries.push(Entry::Row { cells, item: 0 });
        }
    }
    table
}

fn known<T>(value: &Known<T>, form: impl FnOnce(&T) -> String) -> String {
    match value {
        Known::Value(value) => form(value),
        Known::Absent(absence) => absence.label().to_owned(),
    }
}

/// The effect in every form: relative, absolute, without the covariate, of a ratio's parts.
fn effects(app: &App, metric: &MetricReadout, width: usize) -> Table {
    let mut table = Table::new(vec![
        Column::left("change", Fit::Cut(13), 90),
        Column::left("estimate and interval", Fit::Whole, 80),
        Column::strip(13, 41, 50),
        Column::right("p", 70),
    ]);
    let variant = app.treatment().unwrap_or("");
    for population in POPULATIONS {
        if let Some(effect) = metric.overall(population, variant) {
            table.entries.extend(forms(app, metric, effect, width));
        }
    }
    table
        .entries
        .extend(otherwise::of_metric(app, metric, variant, width));
    table
}

/// The effect of one population in every form, and what must be said of it.
fn forms(app: &App, metric: &MetricReadout, effect: &Effect, width: usize) -> Vec<Entry> {
    let emphasised = effect.population == app.population;
    let role = match (&effect.trust, emphasised) {
        (Trust::NotTrusted { .. }, _) => Role::Untrusted,
        (Trust::Trusted, true) => Role::Text,
        (Trust::Trusted, false) => Role::Muted,
    };
    let said = phrase::outcome(effect, &app.look.glyphs);
    let heading = format!("{}: {}", emphasis(effect.population), said.text());
    let strip = Cell::Strip(mark(app, metric, effect, role != Role::Text));
    let row = |name: &str, estimate: &Known<Estimate>, lift: bool, strip: Cell| {
        let words = known(estimate, |estimate| {
            if lift {
                phrase::relative(estimate)
            } else {
                phrase::absolute(metric.kind, estimate)
            }
        });
        let p = estimate
            .value()
            .map_or_else(String::new, |estimate| number::p_value(&estimate.p_value));
        let name = Cell::new(format!("  {name}"), role);
        let cells = vec![name, Cell::new(words, role), strip, Cell::new(p, role)];
        Entry::Row { cells, item: 0 }
    };
    let mut entries = vec![
        Entry::Heading(heading),
        row("relative", &effect.relative, true, strip),
        row("absolute", &effect.absolute, false, Cell::empty()),
    ];
    if let Some(raw) = &effect.unadjusted {
        entries.push(row("unadjusted", raw, false, Cell::empty()));
    }
    if let Some((numerator, denominator)) = &effect.parts {
        entries.push(row("numerator", numerator, false, Cell::empty()));
        entries.push(row("denominator", denominator, false, Cell::empty()));
    }
    for note in definition::notes(effect, emphasised) {
        let wrapped =
            text::wrap_at_most(&note, width.saturating_sub(5), 3, app.look.glyphs.ellipsis);
        entries.extend(
            wrapped
                .into_iter()
                .map(|line| Entry::Note(format!("  {line}"), Role::Muted)),
        );
    }
    entries
}

/// The axis of the whole screen: over the metric and the levels that are shown, so that a strip means the same in every panel.
fn axis(app: &App, metric: &MetricReadout) -> Axis {
    let variant = app.treatment().unwrap_or("");
    let column = app.segment().map_or("", |(column, _)| column);
    let shown = || {
        metric.effects.iter().filter(|effect| {
            (effect.slice == Slice::All && effect.variant == variant)
                || is_level(effect, app.population, variant, column)
        })
    };
    Axis::over(
        shown().filter_map(|effect| effect.relative.value()),
        shown().filter_map(|effect| phrase::margin_at(metric, effect)),
    )
}

/// Whether an effect is of one level of a segment column.
fn is_level(effect: &Effect, population: Population, variant: &str, column: &str) -> bool {
    effect.population == population
        && effect.variant == variant
        && matches!(&effect.slice, Slice::Segment { column: other, .. } if other == column)
}

/// The effects of the levels of one segment column.
pub(super) fn segments(
    app: &App,
    readout: &Readout,
    metric: &MetricReadout,
    width: usize,
) -> Table {
    let mut table = Table::new(vec![
        Column::left("level", Fit::Cut(10), 90),
        Column::right("units", 40),
        Column::left("change", Fit::Whole, 80),
        Column::strip(13, 41, 60),
        Column::left("status", Fit::Whole, 50),
    ]);
    let (Some((column, _)), Some(variant)) = (app.segment(), app.treatment()) else {
        return table;
    };
    let levels = metric
        .effects
        .iter()
        .filter(|effect| is_level(effect, app.population, variant, column));
    table.axis = axis(app, metric);
    let all = metric.overall(app.population, variant);
    for effect in all.into_iter().chain(levels) {
        let units: u64 = metric
            .variants
            .iter()
            .filter(|row| row.population == app.population && row.slice == effect.slice)
            .filter(|row| row.variant == variant || row.variant == readout.control())
            .filter_map(|row| row.units.value())
            .sum();
        let said = phrase::outcome(effect, &app.look.glyphs);
        let whole = effect.slice == Slice::All;
        let role = if whole { Role::Muted } else { Role::Text };
        let cells = vec![
            Cell::new(phrase::level_of(&effect.slice), role),
            Cell::new(number::count(units), role),
            Cell::new(phrase::change(metric.kind, effect), role),
            Cell::Strip(mark(app, metric, effect, whole)),
            Cell::new(said.text(), if whole { Role::Muted } else { said.role }),
        ];
        table.entries.push(Entry::Row { cells, item: 0 });
    }
    if table.entries.len() > 1 {
        table.entries.push(Entry::Note(
            "Levels explain; they are not corrected for being many.".to_owned(),
            Role::Muted,
        ));
    }
    table.entries.extend(otherwise::between_levels(
        app, readout, metric, column, width,
    ));
    table.scroll = app.scrolled(Panel::Segments);
    table
}
