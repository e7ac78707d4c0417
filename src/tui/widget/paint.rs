//! Defines how lines of text get into a buffer: never outside the area, never beyond the buffer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::tui::app::Look;
use crate::tui::text;
use crate::tui::theme::Role;

/// A span in a role.
pub(crate) fn span(look: &Look, role: Role, words: impl Into<String>) -> Span<'static> {
    Span::styled(words.into(), look.theme.style(role))
}

/// A line of one span.
pub(crate) fn plain(look: &Look, role: Role, words: impl Into<String>) -> Line<'static> {
    Line::from(span(look, role, words))
}

/// The row of an area, counted from its top, where it has one.
pub(crate) fn row(area: Rect, index: usize) -> Option<Rect> {
    let offset = u16::try_from(index).ok()?;
    (offset < area.height && area.width > 0).then_some(Rect {
        y: area.y.saturating_add(offset),
        height: 1,
        ..area
    })
}

/// Writes one line into the first row of an area.
pub(crate) fn line(buffer: &mut Buffer, area: Rect, line: &Line<'_>) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    buffer.set_line(area.x, area.y, line, area.width);
}

/// Writes lines from the top, scrolled; returns how far it can scroll.
pub(crate) fn lines(buffer: &mut Buffer, area: Rect, content: &[Line<'_>], scroll: usize) -> usize {
    let limit = content.len().saturating_sub(usize::from(area.height));
    for (index, text) in content.iter().skip(scroll.min(limit)).enumerate() {
        let Some(at) = row(area, index) else { break };
        line(buffer, at, text);
    }
    limit
}

/// Fills an area with a style and blanks.
pub(crate) fn clear(buffer: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.reset();
                cell.set_style(style);
            }
        }
    }
}

/// A titled part of a screen: its heading over a rule, and the area that is left for its content.
pub(crate) fn panel(
    buffer: &mut Buffer,
    look: &Look,
    area: Rect,
    title: &str,
    focused: bool,
) -> Rect {
    if area.is_empty() {
        return area;
    }
    let width = usize::from(area.width);
    let words = text::cut(title, width.saturating_sub(1), look.glyphs.ellipsis);
    let used = text::width(&words) + 1;
    let rule: String = std::iter::repeat_n(look.glyphs.rule, width.saturating_sub(used)).collect();
    let role = if focused { Role::Focus } else { Role::Heading };
    line(
        buffer,
        area,
        &Line::from(vec![
            span(look, role, words),
            Span::raw(" "),
            span(look, Role::Rule, rule),
        ]),
    );
    Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    }
}

/// Cuts rows off the top of an area.
pub(crate) fn split_top(area: Rect, rows: usize) -> (Rect, Rect) {
    let taken = text::cells(rows).min(area.height);
    (
        Rect {
            height: taken,
            ..area
        },
        Rect {
            y: area.y.saturating_add(taken),
            height: area.height - taken,
            ..area
        },
    )
}

/// Cuts columns off the left of an area, with a gap between the parts.
pub(crate) fn split_left(area: Rect, columns: u16, gap: u16) -> (Rect, Rect) {
    let taken = columns.min(area.width);
    let rest = area.width.saturating_sub(taken.saturating_add(gap));
    (
        Rect {
            width: taken,
            ..area
        },
        Rect {
            x: area.right().saturating_sub(rest),
            width: rest,
            ..area
        },
    )
}

/// Lines of `label  text`, the text wrapped under itself, at most `most` lines each.
pub(crate) fn fields(
    look: &Look,
    width: usize,
    pairs: &[(&str, String)],
    most: usize,
) -> Vec<Line<'static>> {
    let label = pairs
        .iter()
        .map(|(name, _)| text::width(name))
        .max()
        .unwrap_or(0)
        .min(width / 2);
    let mut out = Vec::new();
    for (name, value) in pairs {
        let room = width.saturating_sub(label + 2).max(1);
        let wrapped = text::wrap_at_most(value, room, most, look.glyphs.ellipsis);
        for (index, part) in wrapped.into_iter().enumerate() {
            let name = if index == 0 { *name } else { "" };
            let name = text::cut(name, label, look.glyphs.ellipsis);
            let padding = " ".repeat(label.saturating_sub(text::width(&name)) + 2);
            out.push(Line::from(vec![
                span(look, Role::Muted, format!("{name}{padding}")),
                span(look, Role::Text, part),
            ]));
        }
    }
    out
}
