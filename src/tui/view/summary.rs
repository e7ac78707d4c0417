//! Draws screen 2: the verdict and the clause that decided, what stands against it, units, and every metric's effect.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Size, effects, single};
use crate::domain::definition::Population;
use crate::domain::result::{Check, CheckStatus, Effect, MetricReadout, Readout, Trust, Verdict};
use crate::report::{beside, number, otherwise};
use crate::tui::app::{App, Extents};
use crate::tui::phrase;
use crate::tui::screen::Panel;
use crate::tui::text::{self, clean};
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
    match single(app, size) {
        Some(Panel::Verdict) => return expanded_verdict(buffer, area, app, readout),
        Some(_) => return draw_effects(buffer, area, app, readout, size),
        None => {}
    }
    let full = size == Size::Full;
    let area = banner(buffer, area, app, readout, if full { 3 } else { 1 });
    let verdict = verdict_lines(app, readout, usize::from(area.width), !full);
    let most = match (full, readout.alternatives.is_empty()) {
        (true, _) => 11,
        (false, false) => 6,
        (false, true) => 4,
    };
    let roomy = full && area.height >= 34;
    let heading = usize::from(full);
    let (top, rest) = paint::split_top(area, verdict.len().min(most) + heading);
    let verdict_page = draw_verdict(buffer, top, app, &verdict, full);
    let (_, rest) = paint::split_top(rest, usize::from(roomy));
    let rest = if full {
        let units = units(app, readout);
        let (at, rest) = paint::split_top(rest, units.entries.len() + 2);
        units.draw(buffer, at, &app.look);
        rest
    } else {
        rest
    };
    let detail = app.metric().map_or_else(Vec::new, |metric| {
        about(app, metric, usize::from(area.width).saturating_sub(2))
    });
    let room = match (full, roomy) {
        (_, true) => 6,
        (true, false) => 4,
        (false, false) => 3,
    };
    let below = detail.len().min(room) + usize::from(full);
    let (list, below) =
        paint::split_top(rest, usize::from(rest.height).saturating_sub(below).max(5));
    let mut extents = draw_effects(buffer, list, app, readout, size);
    let inner = if full && let Some(metric) = app.metric() {
        paint::panel(buffer, &app.look, below, metric.id.as_str(), false)
    } else {
        below
    };
    paint::lines(buffer, paint::split_left(inner, 2, 0).1, &detail, 0);
    if app.panel() == Panel::Verdict {
        extents = verdict_page;
    }
    extents
}

/// What stands against the readout: failed checks and what each invalidates, and that it is exploratory.
fn banner(buffer: &mut Buffer, area: Rect, app: &App, readout: &Readout, most: usize) -> Rect {
    let failed: Vec<&Check> = readout
        .checks
        .iter()
        .filter(|check| check.status == CheckStatus::Fail)
        .collect();
    let mut words: Vec<String> = failed.iter().map(|check| objection(check)).collect();
    if let Some(reason) = &readout.exploratory {
        words.push(format!("Exploratory, no verdict: {}", clean(reason)));
    }
    let all = words.len();
    words.truncate(most);
    if all > most
        && let Some(first) = words.first_mut()
    {
        *first = format!("{most} of {all} objections, 4 shows all. {first}");
    }
    let (top, rest) = paint::split_top(area, words.len());
    let width = usize::from(area.width);
    for (index, words) in words.iter().enumerate() {
        let Some(at) = paint::row(top, index) else {
            break;
        };
        let glyphs = &app.look.glyphs;
        let words = text::cut(
            &format!(" {} {words}", glyphs.attention),
            width,
            glyphs.ellipsis,
        );
        let padding = " ".repeat(width.saturating_sub(text::width(&words)));
        let line = paint::plain(&app.look, Role::Banner, format!("{words}{padding}"));
        paint::line(buffer, at, &line);
    }
    rest
}

/// A failed check: what it takes away first, then what was found.
fn objection(check: &Check) -> String {
    let taken: Vec<String> = check.invalidates.iter().map(phrase::invalidates).collect();
    if taken.is_empty() {
        format!("{} failed: {}", check.id.label(), clean(&check.finding))
    } else {
        format!(
            "{} failed and invalidates {}. {}",
            check.id.label(),
            taken.join(", "),
            clean(&check.finding)
        )
    }
}

/// Every variant's verdict; under the one that is looked at, why.
fn verdict_lines(app: &App, readout: &Readout, width: usize, brief: bool) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for verdict in &readout.verdicts {
        let here = app.treatment() == Some(verdict.variant.as_str());
        if brief && !here {
            continue;
        }
        lines.push(verdict_line(app, readout, verdict, here, width));
        if !here {
            continue;
        }
        let glyphs = &app.look.glyphs;
        let room = width.saturating_sub(6);
        let (most, most_a_note) = match (app.expanded, brief) {
            (true, _) => (usize::MAX, usize::MAX),
            (false, true) => (2, 1),
            (false, false) => (4, 2),
        };
        for line in text::wrap_at_most(&clean(&verdict.reason), room, most, glyphs.ellipsis) {
            lines.push(paint::plain(&app.look, Role::Text, format!("    {line}")));
        }
        lines.extend(other_conventions(app, readout, verdict, room, brief));
        for note in &verdict.notes {
            let wrapped = text::wrap_at_most(&clean(note), room, most_a_note, glyphs.ellipsis);
            for (index, line) in wrapped.into_iter().enumerate() {
                let lead = if index == 0 { glyphs.dot } else { ' ' };
                let words = format!("    {lead} {line}");
                lines.push(paint::plain(&app.look, Role::Muted, words));
            }
        }
    }
    lines
}

/// Which conventions would flip the verdict, or that none of those tried would.
fn other_conventions(
    app: &App,
    readout: &Readout,
    verdict: &Verdict,
    room: usize,
    brief: bool,
) -> Vec<Line<'static>> {
    let Some(which) = otherwise::sentence(readout, &verdict.variant, &clean) else {
        return Vec::new();
    };
    let glyphs = &app.look.glyphs;
    let flips = otherwise::flips(readout, &verdict.variant).next().is_some();
    let (mark, role) = if flips {
        (glyphs.attention, Role::Caution)
    } else {
        (glyphs.same, Role::Muted)
    };
    let most = match (app.expanded, brief) {
        (true, _) => usize::MAX,
        (false, true) => 2,
        (false, false) => 3,
    };
    let wrapped = text::wrap_at_most(&which, room, most, glyphs.ellipsis);
    let lines = wrapped.into_iter().enumerate();
    lines
        .map(|(index, line)| {
            let lead = if index == 0 { mark } else { ' ' };
            paint::plain(&app.look, role, format!("    {lead} {line}"))
        })
        .collect()
}

fn verdict_line(
    app: &App,
    readout: &Readout,
    verdict: &Verdict,
    here: bool,
    width: usize,
) -> Line<'static> {
    let said = phrase::verdict(verdict.word, &app.look.glyphs);
    let several = readout.verdicts.len() > 1;
    let mark = if several && here {
        app.look.glyphs.selected
    } else {
        ' '
    };
    let name = text::cut(&clean(&verdict.variant), 24, app.look.glyphs.ellipsis);
    let control = text::cut(&clean(readout.control()), 24, app.look.glyphs.ellipsis);
    let who = format!("  {name} against {control}");
    let clause = format!("  {} {}", app.look.glyphs.dot, verdict.clause.label());
    let used = text::width(&said.text()) + text::width(&who) + 2;
    let mut spans = vec![
        paint::span(&app.look, Role::SelectionMark, format!("{mark} ")),
        paint::span(&app.look, said.role, said.text().to_uppercase()),
        paint::span(
            &app.look,
            if here { Role::Strong } else { Role::Muted },
            who,
        ),
    ];
    let room = width.saturating_sub(used);
    if room > 20 {
        let clause = text::cut(&clause, room, app.look.glyphs.ellipsis);
        spans.push(paint::span(&app.look, Role::Muted, clause));
    }
    Line::from(spans)
}

fn draw_verdict(
    buffer: &mut Buffer,
    area: Rect,
    app: &App,
    lines: &[Line<'static>],
    full: bool,
) -> Extents {
    let focused = app.panel() == Panel::Verdict;
    let inner = if full {
        paint::panel(buffer, &app.look, area, Panel::Verdict.title(), focused)
    } else {
        area
    };
    let limit = paint::lines(buffer, inner, lines, app.scrolled(Panel::Verdict));
    let shown = usize::from(inner.height);
    if limit > app.scrolled(Panel::Verdict)
        && let Some(last) = paint::row(inner, shown.saturating_sub(1))
    {
        let more = lines.len() - shown - app.scrolled(Panel::Verdict).min(limit);
        let words = format!("+{more} {}", if more == 1 { "line" } else { "lines" });
        let from = last
            .right()
            .saturating_sub(text::cells(text::width(&words) + 1));
        let at = Rect {
            x: from.max(last.x),
            width: last.right().saturating_sub(from.max(last.x)),
            ..last
        };
        let line = Line::from(vec![
            Span::raw(" "),
            paint::span(&app.look, Role::Muted, words),
        ]);
        paint::line(buffer, at, &line);
    }
    Extents { page: shown, limit }
}

fn expanded_verdict(buffer: &mut Buffer, area: Rect, app: &App, readout: &Readout) -> Extents {
    let mut lines = verdict_lines(app, readout, usize::from(area.width), false);
    let failed = readout
        .checks
        .iter()
        .filter(|check| check.status == CheckStatus::Fail);
    for check in failed {
        lines.push(Line::default());
        for line in text::wrap(&objection(check), usize::from(area.width).saturating_sub(4)) {
            lines.push(paint::plain(&app.look, Role::Bad, format!("  {line}")));
        }
    }
    draw_verdict(buffer, area, app, &lines, true)
}

/// Units by variant and population.
fn units(app: &App, readout: &Readout) -> Table {
    let variants = &readout.experiment.variants;
    let mut columns = vec![Column::left("units", Fit::Cut(18), 90)];
    for (index, variant) in variants.iter().enumerate() {
        let keep = 80_u8.saturating_sub(u8::try_from(index).unwrap_or(u8::MAX));
        columns.push(Column::right(
            &text::cut(&clean(&variant.id), 18, app.look.glyphs.ellipsis),
            keep,
        ));
    }
    columns.push(Column::right("total", 60));
    let mut table = Table::new(columns);
    for (population, name) in [
        (Population::Itt, "assigned (itt)"),
        (Population::Exposed, "exposed"),
    ] {
        let counted: Vec<Option<u64>> = variants
            .iter()
            .map(|variant| {
                readout
                    .units
                    .iter()
                    .find(|row| row.population == population && row.variant == variant.id)
                    .map(|row| row.units)
            })
            .collect();
        if counted.iter().all(Option::is_none) {
            continue;
        }
        let mut cells = vec![Cell::new(name, Role::Text)];
        cells.extend(counted.iter().map(|units| {
            units.map_or_else(Cell::empty, |units| {
                Cell::new(number::count(units), Role::Text)
            })
        }));
        let total = counted.iter().flatten().sum();
        cells.push(Cell::new(number::count(total), Role::Muted));
        table.entries.push(Entry::Row { cells, item: 0 });
    }
    let shares: Vec<Cell> = variants
        .iter()
        .map(|variant| {
            variant.share.map_or_else(
                || Cell::new("none", Role::Muted),
                |share| Cell::new(number::percent(share), Role::Muted),
            )
        })
        .collect();
    let mut cells = vec![Cell::new("planned share", Role::Muted)];
    cells.extend(shares);
    cells.push(Cell::empty());
    table.entries.push(Entry::Row { cells, item: 0 });
    table
}

fn draw_effects(
    buffer: &mut Buffer,
    area: Rect,
    app: &App,
    readout: &Readout,
    size: Size,
) -> Extents {
    let focused = app.panel() == Panel::Effects;
    let dot = app.look.glyphs.dot;
    let mut title = format!("Effects {dot} {}", effects::emphasis(app.population));
    if app.has_population(Population::Exposed) {
        let other = match app.population {
            Population::Itt => Population::Exposed,
            Population::Exposed => Population::Itt,
        };
        title = format!("{title} (p: {})", effects::emphasis(other));
    }
    let inner = paint::panel(buffer, &app.look, area, &title, focused);
    let table = effects::table(app, readout, size);
    if table.entries.is_empty() {
        let words = if readout.metrics.is_empty() {
            "  This experiment has no metric."
        } else {
            "  No metric matches the filter."
        };
        paint::line(buffer, inner, &paint::plain(&app.look, Role::Muted, words));
    }
    let (page, limit) = table.draw(buffer, inner, &app.look);
    Extents { page, limit }
}

/// What a reader asks next about the selected metric: first what stands against it.
fn about(app: &App, metric: &MetricReadout, width: usize) -> Vec<Line<'static>> {
    let variant = app.treatment().unwrap_or("");
    let mut pairs: Vec<(&str, String)> = objections(metric, variant)
        .into_iter()
        .map(|words| ("Not trusted", words))
        .collect();
    if let Some(effect) = metric.overall(app.population, variant) {
        pairs.extend(reasons(effect));
    }
    let mut what = format!(
        "{} {}, {}, {}",
        metric.id,
        metric.version,
        beside::measure(metric),
        metric.direction.label()
    );
    if let Some(description) = &metric.description {
        what = format!("{what}. {}", clean(description));
    }
    pairs.push(("Metric", what));
    paint::fields(&app.look, width, &pairs, 3)
}

/// Why the effects of a metric are not trusted; said once where both populations share the reason.
fn objections(metric: &MetricReadout, variant: &str) -> Vec<String> {
    let mut said: Vec<(&'static str, &str)> = Vec::new();
    for population in [Population::Itt, Population::Exposed] {
        let Some(Effect {
            trust: Trust::NotTrusted { reason, .. },
            ..
        }) = metric.overall(population, variant)
        else {
            continue;
        };
        match said.iter_mut().find(|(_, other)| other == reason) {
            Some((who, _)) => *who = "both populations",
            None => said.push((effects::emphasis(population), reason)),
        }
    }
    said.into_iter()
        .map(|(who, reason)| format!("{who}: {}", clean(reason)))
        .collect()
}

/// Why an effect is judged as it is.
fn reasons(effect: &Effect) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    if let Some(guardrail) = &effect.guardrail {
        pairs.push(("Guardrail", clean(&guardrail.reason)));
    }
    if let Some(estimate) = effect.relative.value().or(effect.absolute.value()) {
        let mut p = format!("p {}", number::p_value(&estimate.p_value));
        if let Some(corrected) = &effect.corrected {
            p = format!("{p}; {}", super::metric::corrected(corrected));
        }
        if let Some(shape) = phrase::shape(estimate) {
            p = format!("{p}. {shape}");
        }
        pairs.push(("Evidence", p));
    }
    pairs
}
