//! Draws the state: one file a screen. Drawing is a function of area, state and theme, and changes neither.

mod checks;
mod chrome;
mod effects;
mod experiments;
mod metric;
mod overlay;
mod summary;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::app::{App, Extents, Reading};
use super::screen::{Panel, Screen};
use super::text;
use super::theme::Role;
use super::widget::paint;

/// The smallest terminal that a screen is drawn on.
const SMALLEST: (u16, u16) = (60, 16);
/// From here on a screen is drawn in full.
const FULL: (u16, u16) = (110, 30);

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Compact,
    Full,
}

/// Draws the whole app; returns what it found out about the focused panel.
pub(crate) fn draw(frame: &mut Frame<'_>, app: &App) -> Extents {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    paint::clear(buffer, area, app.look.theme.style(Role::Text));
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return card(buffer, area, app);
    }
    let size = if area.width < FULL.0 || area.height < FULL.1 {
        Size::Compact
    } else {
        Size::Full
    };
    let body = chrome::draw(buffer, area, app);
    let extents = match app.screen {
        Screen::Experiments => experiments::draw(buffer, body, app, size),
        _ => match app.reading() {
            Some(Reading {
                readout: Some(readout),
                ..
            }) => match app.screen {
                Screen::Summary => summary::draw(buffer, body, app, readout, size),
                Screen::Metric => metric::draw(buffer, body, app, readout, size),
                Screen::Checks => checks::draw(buffer, body, app, readout, size),
                _ => Extents::default(),
            },
            reading => absent(buffer, body, app, reading),
        },
    };
    overlay::draw(buffer, area, app).unwrap_or(extents)
}

/// What stands where there is too little room.
fn card(buffer: &mut Buffer, area: Rect, app: &App) -> Extents {
    let lines = [
        (Role::Strong, "readout".to_owned()),
        (
            Role::Text,
            format!("needs {} × {} cells", SMALLEST.0, SMALLEST.1),
        ),
        (
            Role::Muted,
            format!("this is {} × {}", area.width, area.height),
        ),
        (Role::Muted, "q back or quit".to_owned()),
    ];
    let top = usize::from(area.height).saturating_sub(lines.len()) / 2;
    for (index, (role, words)) in lines.into_iter().enumerate() {
        let words = text::cut(&words, usize::from(area.width), app.look.glyphs.ellipsis);
        let indent = usize::from(area.width).saturating_sub(text::width(&words)) / 2;
        if let Some(at) = paint::row(area, top + index) {
            let line = format!("{}{words}", " ".repeat(indent));
            paint::line(buffer, at, &paint::plain(&app.look, role, line));
        }
    }
    app.extents
}

/// What stands where there is no readout yet, or none at all.
fn absent(buffer: &mut Buffer, area: Rect, app: &App, reading: Option<&Reading>) -> Extents {
    let width = usize::from(area.width).saturating_sub(4);
    let mut lines = Vec::new();
    let mut say = |role: Role, words: &str| {
        if words.is_empty() {
            lines.push(Line::default());
        }
        for line in text::wrap(words, width) {
            lines.push(paint::plain(&app.look, role, format!("  {line}")));
        }
    };
    match reading {
        None => say(Role::Text, "There is no experiment here."),
        Some(Reading {
            error: Some(error), ..
        }) => {
            say(
                Role::Bad,
                &format!(
                    "{} This experiment could not be read out.",
                    app.look.glyphs.bad
                ),
            );
            say(Role::Text, "");
            for line in text::lines(error) {
                say(Role::Text, &line);
            }
            say(Role::Text, "");
            say(Role::Muted, "e opens its definition, r computes it again.");
        }
        Some(reading) => {
            let computing = app
                .job
                .as_ref()
                .is_some_and(|job| Some(&job.experiment) == app.experiment.as_ref());
            if computing {
                say(
                    Role::Progress,
                    &format!("{} Computing this readout.", app.look.glyphs.waiting),
                );
                say(
                    Role::Muted,
                    "It appears here when it is ready. Esc cancels.",
                );
            } else if reading.wanted {
                say(
                    Role::Progress,
                    &format!("{} Waiting to be computed.", app.look.glyphs.waiting),
                );
            } else {
                say(Role::Text, "Not computed. r computes it.");
            }
        }
    }
    lines.insert(0, Line::default());
    let limit = paint::lines(buffer, area, &lines, app.scrolled(app.panel()));
    Extents {
        page: usize::from(area.height),
        limit,
    }
}

/// Lets one panel have the whole body where it is expanded, or where there is no room for more; `None` elsewhere.
fn single(app: &App, size: Size) -> Option<Panel> {
    (app.expanded || (size == Size::Compact && app.screen == Screen::Metric)).then(|| app.panel())
}

/// The panels of the screen on one line, the focused one marked, where only one is shown.
fn panel_tabs(buffer: &mut Buffer, area: Rect, app: &App) -> Rect {
    let mut spans = Vec::new();
    for panel in app.panels() {
        let focused = panel == app.panel();
        if !spans.is_empty() {
            spans.push(Span::raw("  "));
        }
        let (role, words) = if focused {
            (Role::Focus, format!("[{}]", panel.title()))
        } else {
            (Role::Muted, panel.title().to_owned())
        };
        spans.push(paint::span(&app.look, role, words));
    }
    spans.insert(0, Span::raw("  "));
    let (top, rest) = paint::split_top(area, 1);
    paint::line(buffer, top, &Line::from(spans));
    rest
}
