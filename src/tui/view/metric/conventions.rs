//! Says what other conventions would give, those that flip the verdict first, then which are in force and why.

use ratatui::text::Line;

use crate::domain::result::{Alternative, MetricReadout, Readout};
use crate::report::otherwise;
use crate::tui::app::App;
use crate::tui::phrase;
use crate::tui::text::{self, clean};
use crate::tui::theme::Role;
use crate::tui::widget::paint;

/// Other conventions, then those in force.
pub(super) fn lines(
    app: &App,
    readout: &Readout,
    metric: &MetricReadout,
    width: usize,
) -> Vec<Line<'static>> {
    let mut lines = others(app, readout, metric, width);
    if !lines.is_empty() {
        lines.push(Line::default());
        lines.push(paint::plain(&app.look, Role::Heading, "In force"));
    }
    lines.extend(in_force(app, readout, width));
    lines
}

fn others(
    app: &App,
    readout: &Readout,
    metric: &MetricReadout,
    width: usize,
) -> Vec<Line<'static>> {
    let variant = app.treatment().unwrap_or("");
    let mut lines = Vec::new();
    let Some(which) = otherwise::sentence(readout, variant, &|name| clean(name)) else {
        return lines;
    };
    lines.push(paint::plain(
        &app.look,
        Role::Heading,
        "Under other conventions",
    ));
    let flips = otherwise::flips(readout, variant).next().is_some();
    if !flips {
        for line in text::wrap(&which, width) {
            lines.push(paint::plain(&app.look, Role::Muted, line));
        }
    }
    let (flipping, same): (Vec<&Alternative>, Vec<&Alternative>) = otherwise::ordered(readout)
        .into_iter()
        .partition(|each| otherwise::outcome(each, variant).is_some_and(|outcome| outcome.flips));
    for each in flipping.into_iter().chain(same) {
        lines.extend(other(app, each, metric, variant, width));
    }
    lines
}

/// One other convention: the verdict there, and under it the effect on the metric where it is another one.
fn other(
    app: &App,
    alternative: &Alternative,
    metric: &MetricReadout,
    variant: &str,
    width: usize,
) -> Vec<Line<'static>> {
    let Some(outcome) = otherwise::outcome(alternative, variant) else {
        return Vec::new();
    };
    let glyphs = &app.look.glyphs;
    let (mark, role, flips) = if outcome.flips {
        (glyphs.attention, Role::Caution, ", flips")
    } else {
        (glyphs.dot, Role::Text, "")
    };
    let name = format!(
        "{mark} {} = {}",
        clean(&alternative.convention),
        clean(&alternative.value)
    );
    let verdict = format!("{}{flips}", outcome.verdict.label());
    let whole = format!("{name}: {verdict}");
    let mut lines = if text::width(&whole) <= width {
        vec![paint::plain(&app.look, role, whole)]
    } else {
        // A verdict is never cut; the name of a convention may be.
        let name = text::cut(&name, width, glyphs.ellipsis);
        vec![
            paint::plain(&app.look, role, name),
            paint::plain(&app.look, role, format!("  {verdict}")),
        ]
    };
    let mut effects = outcome.effects.iter();
    if let Some(found) = effects.find(|found| found.metric == metric.id.as_str()) {
        let words = match (found.relative.value(), found.absolute.value()) {
            (Some(lift), _) => phrase::relative(lift),
            _ => otherwise::effect(metric, found),
        };
        let words = format!("  {words}");
        lines.push(paint::plain(&app.look, Role::Muted, words));
    }
    lines
}

/// The conventions in force, each with where it came from and why.
fn in_force(app: &App, readout: &Readout, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for choice in &readout.choices {
        let name = clean(&choice.name);
        let value = clean(&choice.value);
        let source = format!("  {}", choice.source.label());
        let room = width.saturating_sub(text::width(&name) + text::width(&source) + 2);
        lines.push(Line::from(vec![
            paint::span(&app.look, Role::Muted, format!("{name}: ")),
            paint::span(
                &app.look,
                Role::Text,
                text::cut(&value, room, app.look.glyphs.ellipsis),
            ),
            paint::span(&app.look, Role::Muted, source),
        ]));
        for line in text::wrap(&clean(&choice.reason), width.saturating_sub(2)) {
            lines.push(paint::plain(&app.look, Role::Muted, format!("  {line}")));
        }
    }
    if lines.is_empty() {
        lines.push(paint::plain(
            &app.look,
            Role::Muted,
            "All are the program's own.",
        ));
    }
    lines
}
