//! Draws what every screen has around it: breadcrumb and provenance, the screens, the status line, the footer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::report::number;
use crate::tui::action::{Action, TABLE};
use crate::tui::app::App;
use crate::tui::phrase;
use crate::tui::screen::Screen;
use crate::tui::text::{self, clean};
use crate::tui::theme::Role;
use crate::tui::widget::paint;

/// Draws the surroundings; returns the area that is left for the screen.
pub(super) fn draw(buffer: &mut Buffer, area: Rect, app: &App) -> Rect {
    let (head, rest) = paint::split_top(area, 1);
    header(buffer, head, app);
    let (tabs, rest) = paint::split_top(rest, 1);
    screens(buffer, tabs, app);
    let (body, foot) = paint::split_top(rest, usize::from(rest.height).saturating_sub(2));
    let (state, keys) = paint::split_top(foot, 1);
    status(buffer, state, app);
    footer(buffer, keys, app);
    body
}

/// Where one is, and where the numbers are from.
fn header(buffer: &mut Buffer, area: Rect, app: &App) {
    let width = usize::from(area.width);
    let mut right = provenance(app);
    if text::width(&right) > width * 2 / 3 {
        right = text::cut(&right, width * 2 / 3, app.look.glyphs.ellipsis);
    }
    let room = width.saturating_sub(text::width(&right) + 4);
    let mut crumbs = vec![clean(&app.workspace)];
    if app.screen == Screen::Experiments {
        crumbs.push("Experiments".to_owned());
    } else {
        crumbs.extend(app.experiment.as_deref().map(clean));
        if app.screen == Screen::Metric {
            crumbs.extend(app.metric().map(|metric| metric.id.to_string()));
        }
    }
    let each = room / crumbs.len().max(1);
    let mut spans = vec![Span::raw(" ")];
    let last = crumbs.len() - 1;
    for (index, crumb) in crumbs.iter().enumerate() {
        let role = if index == last {
            Role::Strong
        } else {
            Role::Muted
        };
        let total: usize = crumbs.iter().map(|crumb| text::width(crumb) + 3).sum();
        let crumb = if total > room {
            text::cut(crumb, each.saturating_sub(3), app.look.glyphs.ellipsis)
        } else {
            crumb.clone()
        };
        spans.push(paint::span(&app.look, role, crumb));
        if index < last {
            let mark = format!(" {} ", app.look.glyphs.crumb);
            spans.push(paint::span(&app.look, Role::Muted, mark));
        }
    }
    paint::line(buffer, area, &Line::from(spans));
    let (_, at) = paint::split_left(
        area,
        area.width
            .saturating_sub(text::cells(text::width(&right) + 1)),
        0,
    );
    paint::line(buffer, at, &paint::plain(&app.look, Role::Muted, right));
}

fn provenance(app: &App) -> String {
    let dot = app.look.glyphs.dot;
    if app.screen == Screen::Experiments {
        let ready = app
            .readings
            .values()
            .filter(|reading| reading.readout.is_some())
            .count();
        let count = app.listings.len();
        let noun = if count == 1 {
            "experiment"
        } else {
            "experiments"
        };
        return format!(
            "{} {noun} {dot} {} computed",
            number::count(count as u64),
            number::count(ready as u64)
        );
    }
    app.readout().map_or_else(String::new, |readout| {
        format!(
            "as of {} {dot} {} intervals {dot} {}",
            phrase::as_of(&readout.provenance.as_of),
            number::plain_percent(readout.conventions.level),
            clean(&readout.provenance.engine)
        )
    })
}

/// The screens with their number keys.
fn screens(buffer: &mut Buffer, area: Rect, app: &App) {
    let mut spans = vec![Span::raw(" ")];
    for (index, screen) in Screen::ALL.into_iter().enumerate() {
        if !screen.is_built() {
            continue;
        }
        let here = screen == app.screen;
        let (role, words) = if here {
            (Role::Focus, format!("[{} {}]", index + 1, screen.title()))
        } else {
            (Role::Muted, format!(" {} {} ", index + 1, screen.title()))
        };
        spans.push(paint::span(&app.look, role, words));
        spans.push(Span::raw(" "));
    }
    let used: usize = spans.iter().map(|span| text::width(&span.content)).sum();
    let rule = usize::from(area.width).saturating_sub(used + 1);
    let rule: String = std::iter::repeat_n(app.look.glyphs.rule, rule).collect();
    spans.push(paint::span(&app.look, Role::Rule, rule));
    paint::line(buffer, area, &Line::from(spans));
}

/// What is typed, what was said, what is computed; the first of them that there is.
fn status(buffer: &mut Buffer, area: Rect, app: &App) {
    let width = usize::from(area.width).saturating_sub(2);
    let cut = |words: &str| text::cut(words, width, app.look.glyphs.ellipsis);
    let line = if let Some(input) = &app.typing {
        let typed = clean(input.value());
        let room = width.saturating_sub(30);
        Line::from(vec![
            paint::span(&app.look, Role::Key, " / "),
            paint::span(
                &app.look,
                Role::Input,
                text::cut(&typed, room, app.look.glyphs.ellipsis),
            ),
            paint::span(&app.look, Role::Input, "_"),
            paint::span(&app.look, Role::Muted, "  Enter keeps, Esc clears"),
        ])
    } else if let Some(note) = &app.note {
        let words = text::lines(&note.text).join(" ");
        let (role, mark) = if note.bad {
            (Role::Bad, app.look.glyphs.attention)
        } else {
            (Role::Text, app.look.glyphs.dot)
        };
        paint::plain(&app.look, role, cut(&format!(" {mark} {words}")))
    } else if app.job.is_some() {
        paint::plain(&app.look, Role::Progress, cut(&job(app)))
    } else if app.filter().is_empty() {
        Line::default()
    } else {
        let shown = app.position().1;
        let words = format!(" / {}   {shown} shown, Esc clears", clean(app.filter()));
        paint::plain(&app.look, Role::Key, cut(&words))
    };
    paint::line(buffer, area, &line);
}

/// What is computed: name, phase, rows so far, elapsed.
fn job(app: &App) -> String {
    let Some(job) = &app.job else {
        return String::new();
    };
    let dot = app.look.glyphs.dot;
    let mut words = format!(
        " {} computing {}",
        app.look.glyphs.waiting,
        text::cut(&clean(&job.experiment), 30, app.look.glyphs.ellipsis)
    );
    if !job.phase.is_empty() {
        words = format!("{words} {dot} {}", clean(&job.phase));
    }
    if job.rows > 0 {
        words = format!("{words} {dot} {} rows", number::count(job.rows));
    }
    if job.seconds > 0 {
        words = format!("{words} {dot} {} s", job.seconds);
    }
    if app.cancels() {
        words = format!("{words} {dot} Esc cancels");
    }
    words
}

/// The keys that do something now, the most useful first, as many as fit.
fn footer(buffer: &mut Buffer, area: Rect, app: &App) {
    let mut hints: Vec<_> = TABLE
        .iter()
        .filter(|entry| !entry.hint.is_empty() && app.can(entry.action))
        .collect();
    hints.sort_by_key(|entry| entry.rank);
    let mut left = usize::from(area.width).saturating_sub(1);
    let mut shown = Vec::new();
    for entry in hints {
        let Some(press) = app.keymap.keys(entry.action).next() else {
            continue;
        };
        let hint = match entry.action {
            Action::Leave if app.screen != Screen::Experiments => continue,
            Action::Back if app.screen == Screen::Experiments && app.filter().is_empty() => {
                continue;
            }
            Action::NextMatch if app.screen == Screen::Metric => "next metric",
            _ => entry.hint,
        };
        let label = press.label();
        let needed = text::width(&label) + 1 + text::width(hint) + 2;
        if needed > left + 2 {
            continue;
        }
        left = left.saturating_sub(needed);
        shown.push((entry.rank, label, hint));
    }
    shown.sort_by_key(|(rank, ..)| match rank {
        // Help and palette stand at the end, where they are looked for; they are the last to go all the same.
        0 | 1 => 200 - rank,
        rank => *rank,
    });
    let mut spans = vec![Span::raw(" ")];
    for (_, key, hint) in shown {
        spans.push(paint::span(&app.look, Role::Key, key));
        spans.push(paint::span(&app.look, Role::KeyLabel, format!(" {hint}  ")));
    }
    paint::line(buffer, area, &Line::from(spans));
}
