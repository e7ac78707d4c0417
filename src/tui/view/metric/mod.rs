//! Draws screen 3: one metric in full. Its tables are in `tables`, its days in `days`, its words in the other rooms.

mod conventions;
mod days;
mod definition;
mod otherwise;
mod tables;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Size, panel_tabs, single};
use crate::domain::result::Readout;
use crate::tui::app::{App, Extents};
use crate::tui::phrase;
use crate::tui::screen::Panel;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::paint;

pub(super) use definition::corrected;

/// Draws the screen.
pub(super) fn draw(
    buffer: &mut Buffer,
    area: Rect,
    app: &App,
    readout: &Readout,
    size: Size,
) -> Extents {
    let Some(metric) = app.metric() else {
        let words = "  This experiment has no metric.";
        paint::line(buffer, area, &paint::plain(&app.look, Role::Muted, words));
        return Extents::default();
    };
    if let Some(panel) = single(app, size) {
        let rest = panel_tabs(buffer, area, app);
        return draw_panel(buffer, rest, app, readout, panel);
    }
    let right = (area.width * 2 / 5).clamp(40, 60);
    let (left, right) = paint::split_left(area, area.width.saturating_sub(right + 2), 2);
    let needed = tables::effect_lines(app, readout, metric, usize::from(left.width)) + 1;
    let segments = !phrase::segment_columns(metric).is_empty();
    let most = if segments {
        usize::from(left.height) * 3 / 4
    } else {
        usize::from(left.height)
    };
    let (upper, lower) = paint::split_top(left, needed.min(most));
    let words = definition::definition_lines(app, metric, usize::from(right.width));
    let (about, rest) =
        paint::split_top(right, (words.len() + 2).min(usize::from(right.height) / 2));
    let (days, conventions) = if days::has_any(app, metric) {
        paint::split_top(rest, (usize::from(rest.height) / 2).max(8))
    } else {
        (Rect { height: 0, ..rest }, rest)
    };
    let mut extents = Extents::default();
    for (panel, at) in [
        (Panel::Effect, upper),
        (Panel::Segments, lower),
        (Panel::Definition, about),
        (Panel::Days, days),
        (Panel::Conventions, conventions),
    ] {
        let found = draw_panel(buffer, at, app, readout, panel);
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
) -> Extents {
    let Some(metric) = app.metric() else {
        return Extents::default();
    };
    if area.is_empty() {
        return Extents::default();
    }
    let title = title(app, panel);
    let inner = paint::panel(buffer, &app.look, area, &title, app.panel() == panel);
    let width = usize::from(inner.width);
    let scroll = app.scrolled(panel);
    let limit = match panel {
        Panel::Segments => {
            let table = tables::segments(app, readout, metric, width);
            if table.entries.is_empty() {
                say(
                    buffer,
                    inner,
                    app,
                    "No segment is read out for this metric.",
                );
            }
            table.draw(buffer, inner, &app.look).1
        }
        Panel::Days => {
            if !days::draw(buffer, inner, app, readout, metric) {
                say(buffer, inner, app, "Nothing is known by entry day.");
            }
            0
        }
        Panel::Definition => {
            let lines = definition::definition_lines(app, metric, width);
            paint::lines(buffer, inner, &lines, scroll)
        }
        Panel::Conventions => {
            let lines = conventions::lines(app, readout, metric, width);
            paint::lines(buffer, inner, &lines, scroll)
        }
        _ => tables::draw_effect(buffer, inner, app, readout, metric),
    };
    Extents {
        page: usize::from(inner.height),
        limit,
    }
}

fn say(buffer: &mut Buffer, area: Rect, app: &App, words: &str) {
    let line = paint::plain(&app.look, Role::Muted, format!("  {words}"));
    paint::line(buffer, area, &line);
}

fn title(app: &App, panel: Panel) -> String {
    match panel {
        Panel::Effect => match (app.treatment(), app.readout()) {
            (Some(variant), Some(readout)) => format!(
                "{} {} {} against {}",
                panel.title(),
                app.look.glyphs.dot,
                text::cut(&text::clean(variant), 24, app.look.glyphs.ellipsis),
                text::cut(
                    &text::clean(readout.control()),
                    24,
                    app.look.glyphs.ellipsis
                ),
            ),
            _ => panel.title().to_owned(),
        },
        Panel::Segments => match app.segment() {
            Some((column, columns)) if columns > 1 => format!(
                "Segments by {} {} {} of {columns}, s next",
                text::clean(column),
                app.look.glyphs.dot,
                app.segment % columns + 1
            ),
            Some((column, _)) => format!("Segments by {}", text::clean(column)),
            None => panel.title().to_owned(),
        },
        Panel::Days => match app.metric() {
            Some(metric) if phrase::has_cumulative(metric, app.population) => format!(
                "{} {} d {}",
                if app.cumulative {
                    "All up to each day"
                } else {
                    panel.title()
                },
                app.look.glyphs.dot,
                if app.cumulative {
                    "each by itself"
                } else {
                    "all up to each"
                }
            ),
            _ => panel.title().to_owned(),
        },
        panel => panel.title().to_owned(),
    }
}
