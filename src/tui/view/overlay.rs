//! Draws the windows over a screen: help, palette, export, command line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::action::{Section, TABLE};
use crate::tui::app::{App, EXPORTS, Extents, Overlay};
use crate::tui::text::{self, clean};
use crate::tui::theme::Role;
use crate::tui::widget::{paint, table};

/// Draws the open window, where there is one.
pub(super) fn draw(buffer: &mut Buffer, area: Rect, app: &App) -> Option<Extents> {
    match app.overlay.as_ref()? {
        Overlay::Help { scroll } => Some(help(buffer, area, app, *scroll)),
        Overlay::Palette { input, selected } => {
            Some(palette(buffer, area, app, input.value(), *selected))
        }
        Overlay::Export { selected } => Some(export(buffer, area, app, *selected)),
        Overlay::Command(command) => Some(command_line(buffer, area, app, command)),
    }
}

/// A window in the middle with a border; returns its inside.
fn window(buffer: &mut Buffer, area: Rect, app: &App, title: &str, size: (usize, usize)) -> Rect {
    use ratatui::symbols::border;
    use ratatui::widgets::{Block, Borders, Widget};
    const ASCII: border::Set<'_> = border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    };
    let width = text::cells(size.0 + 4).min(area.width.saturating_sub(2));
    let height = text::cells(size.1 + 2).min(area.height.saturating_sub(2));
    let at = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    paint::clear(buffer, at, app.look.theme.style(Role::Overlay));
    let set = if app.look.glyphs == crate::tui::glyph::ASCII {
        ASCII
    } else {
        border::ROUNDED
    };
    Block::new()
        .borders(Borders::ALL)
        .border_set(set)
        .border_style(app.look.theme.style(Role::Rule))
        .title(Line::from(paint::span(
            &app.look,
            Role::Focus,
            format!(" {title} "),
        )))
        .render(at, buffer);
    Rect {
        x: at.x.saturating_add(2),
        y: at.y.saturating_add(1),
        width: at.width.saturating_sub(4),
        height: at.height.saturating_sub(2),
    }
}

fn help(buffer: &mut Buffer, area: Rect, app: &App, scroll: usize) -> Extents {
    const COLUMN: u16 = 54;
    let (first, second) = Section::ALL.split_at(2);
    let left = keys_of(app, first);
    let mut right = keys_of(app, second);
    let title = "Help: Esc closes, arrows scroll";
    if area.width >= 2 * COLUMN + 8 {
        right.push(Line::default());
        right.extend(legend(app));
        let height = left.len().max(right.len());
        let inside = window(
            buffer,
            area,
            app,
            title,
            (usize::from(COLUMN) * 2 + 2, height),
        );
        let (one, two) = paint::split_left(inside, COLUMN, 2);
        let limit =
            paint::lines(buffer, one, &left, scroll).max(paint::lines(buffer, two, &right, scroll));
        return Extents {
            page: usize::from(inside.height),
            limit,
        };
    }
    let mut lines = left;
    lines.push(Line::default());
    lines.extend(right);
    lines.push(Line::default());
    lines.extend(legend(app));
    let inside = window(buffer, area, app, title, (usize::from(COLUMN), lines.len()));
    Extents {
        page: usize::from(inside.height),
        limit: paint::lines(buffer, inside, &lines, scroll),
    }
}

/// The keys of some sections; what cannot be done here and now stands back.
fn keys_of(app: &App, sections: &[Section]) -> Vec<Line<'static>> {
    const KEYS: usize = 9;
    let mut lines = Vec::new();
    for section in sections {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(paint::plain(&app.look, Role::Heading, section.title()));
        for entry in TABLE.iter().filter(|entry| entry.section == *section) {
            let keys = app.keymap.label(entry.action);
            let padding = " ".repeat(KEYS.saturating_sub(text::width(&keys)) + 2);
            let role = if app.can(entry.action) {
                Role::Text
            } else {
                Role::Muted
            };
            lines.push(Line::from(vec![
                paint::span(&app.look, Role::Key, format!("  {keys}{padding}")),
                paint::span(&app.look, role, entry.label),
            ]));
        }
    }
    lines
}

/// How to read a forest row.
fn legend(app: &App) -> Vec<Line<'static>> {
    let glyphs = &app.look.glyphs;
    let row = |mark: String, words: &str| {
        Line::from(vec![
            paint::span(&app.look, Role::Interval, format!("  {mark:<9}")),
            paint::span(&app.look, Role::Text, words.to_owned()),
        ])
    };
    vec![
        paint::plain(&app.look, Role::Heading, "Forest rows"),
        row(
            format!(
                "{}{}{}{}{}",
                glyphs.lower, glyphs.line, glyphs.point, glyphs.line, glyphs.upper
            ),
            "relative change, and its interval",
        ),
        row(glyphs.zero.to_string(), "no change"),
        row(
            glyphs.margin.to_string(),
            "margin: the interval must stay on its good side",
        ),
        row(
            format!("{} {}", glyphs.off_left, glyphs.off_right),
            "goes on beyond the axis",
        ),
    ]
}

fn palette(buffer: &mut Buffer, area: Rect, app: &App, typed: &str, selected: usize) -> Extents {
    let found = app.palette(typed);
    let rows = 14;
    let inside = window(
        buffer,
        area,
        app,
        "Actions: Enter does, Esc closes",
        (66, rows + 1),
    );
    let (top, list) = paint::split_top(inside, 1);
    let typed = clean(typed);
    let room = usize::from(top.width).saturating_sub(4);
    let line = Line::from(vec![
        paint::span(&app.look, Role::Key, ": "),
        paint::span(
            &app.look,
            Role::Input,
            text::cut(&typed, room, app.look.glyphs.ellipsis),
        ),
        paint::span(&app.look, Role::Input, "_"),
    ]);
    paint::line(buffer, top, &line);
    if found.is_empty() {
        let line = paint::plain(&app.look, Role::Muted, "  No action matches.");
        paint::line(buffer, list, &line);
    }
    let height = usize::from(list.height);
    let start = text::window(selected, found.len(), height);
    for (index, entry) in found.iter().enumerate().skip(start).take(height) {
        let Some(at) = paint::row(list, index - start) else {
            break;
        };
        let keys = app.keymap.label(entry.action);
        let width = usize::from(at.width);
        let label = text::cut(
            entry.label,
            width.saturating_sub(text::width(&keys) + 4),
            app.look.glyphs.ellipsis,
        );
        let gap = width.saturating_sub(2 + text::width(&label) + text::width(&keys));
        let line = Line::from(vec![
            Span::raw("  "),
            paint::span(&app.look, Role::Text, label),
            Span::raw(" ".repeat(gap)),
            paint::span(&app.look, Role::Key, keys),
        ]);
        paint::line(buffer, at, &line);
        if index == selected {
            table::select(buffer, at, &app.look);
        }
    }
    Extents {
        page: height,
        limit: 0,
    }
}

fn export(buffer: &mut Buffer, area: Rect, app: &App, selected: usize) -> Extents {
    let inside = window(
        buffer,
        area,
        app,
        "Export: Enter writes, Esc closes",
        (56, EXPORTS.len()),
    );
    for (index, format) in EXPORTS.iter().enumerate() {
        let Some(at) = paint::row(inside, index) else {
            break;
        };
        let line = paint::plain(&app.look, Role::Text, format!("  {}", format.label));
        paint::line(buffer, at, &line);
        if index == selected {
            table::select(buffer, at, &app.look);
        }
    }
    Extents {
        page: EXPORTS.len(),
        limit: 0,
    }
}

fn command_line(buffer: &mut Buffer, area: Rect, app: &App, command: &str) -> Extents {
    let width = usize::from(area.width).saturating_sub(8).min(96);
    let lines: Vec<Line<'static>> = text::lines(command)
        .iter()
        .flat_map(|line| text::wrap(line, width))
        .map(|line| paint::plain(&app.look, Role::Strong, line))
        .collect();
    let inside = window(
        buffer,
        area,
        app,
        "This reproduces it: y copies, Esc closes",
        (width, lines.len()),
    );
    paint::lines(buffer, inside, &lines, 0);
    Extents {
        page: usize::from(inside.height),
        limit: 0,
    }
}
