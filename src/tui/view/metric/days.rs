//! Draws the effect over days: of units that entered on each, or up to each.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::evidence::Slice;
use crate::domain::result::{Effect, Estimate, MetricReadout, Readout};
use crate::report::number;
use crate::tui::app::App;
use crate::tui::phrase;
use crate::tui::text::clean;
use crate::tui::theme::Role;
use crate::tui::widget::chart::{Chart, Day};
use crate::tui::widget::paint;

/// Whether there is anything to show by entry day.
pub(super) fn has_any(app: &App, metric: &MetricReadout) -> bool {
    metric
        .variants
        .iter()
        .any(|row| row.population == app.population && matches!(row.slice, Slice::EntryDay(_)))
        || metric.effects.iter().any(|effect| {
            effect.population == app.population && matches!(effect.slice, Slice::EntryDay(_))
        })
        || phrase::has_cumulative(metric, app.population)
}

/// Draws the effect by entry day where there is one, else the means of control and variant; false where there is neither.
pub(super) fn draw(
    buffer: &mut Buffer,
    area: Rect,
    app: &App,
    readout: &Readout,
    metric: &MetricReadout,
) -> bool {
    let variant = app.treatment().unwrap_or("");
    let added = app.cumulative && phrase::has_cumulative(metric, app.population);
    let effects: Vec<Day> = if added {
        cumulative_days(app, metric, variant)
    } else {
        let of_days = metric
            .effects
            .iter()
            .filter(|effect| effect.population == app.population && effect.variant == variant);
        of_days.filter_map(effect_day).collect()
    };
    let (days, zero, legend) = if added {
        let legend = "the change over units that entered up to each day, at one look".to_owned();
        (effects, true, legend)
    } else if effects.is_empty() {
        let days = mean_days(app, readout, metric, variant);
        let legend = format!(
            "{} control, {} variant: their means",
            app.look.glyphs.hollow, app.look.glyphs.point
        );
        (days, false, legend)
    } else {
        let legend = "the change with its interval".to_owned();
        (effects, true, legend)
    };
    if days.is_empty() {
        return false;
    }
    let (top, rest) = paint::split_top(area, 1);
    paint::line(buffer, top, &paint::plain(&app.look, Role::Muted, legend));
    let label: fn(f64) -> String = match (zero, metric.kind) {
        (true, _) => number::signed_percent,
        (false, kind) if kind.is_share() => number::percent,
        (false, _) => number::value,
    };
    Chart {
        days: &days,
        zero,
        label,
    }
    .draw(buffer, rest, &app.look);
    true
}

fn effect_day(effect: &Effect) -> Option<Day> {
    let Slice::EntryDay(day) = &effect.slice else {
        return None;
    };
    Some(day_of(day, effect.relative.value()?))
}

fn day_of(label: &str, estimate: &Estimate) -> Day {
    let bounds = estimate.interval.lower().zip(estimate.interval.upper());
    Day {
        label: clean(label),
        points: vec![(estimate.estimate, Role::Strong)],
        interval: bounds,
    }
}

fn cumulative_days(app: &App, metric: &MetricReadout, variant: &str) -> Vec<Day> {
    metric
        .cumulative
        .iter()
        .filter(|effect| effect.population == app.population && effect.variant == variant)
        .filter_map(|effect| Some(day_of(&effect.day, effect.relative.value()?)))
        .collect()
}

fn mean_days(app: &App, readout: &Readout, metric: &MetricReadout, variant: &str) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    let control = readout.control();
    for (of, role) in [(control, Role::Muted), (variant, Role::Strong)] {
        for row in &metric.variants {
            let (Slice::EntryDay(day), Some(mean)) = (&row.slice, row.mean.value()) else {
                continue;
            };
            if row.population != app.population || row.variant != of {
                continue;
            }
            let label = clean(day);
            match days.iter_mut().find(|other| other.label == label) {
                Some(other) => other.points.push((*mean, role)),
                None => days.push(Day {
                    label,
                    points: vec![(*mean, role)],
                    interval: None,
                }),
            }
        }
    }
    days.sort_by(|left, right| left.label.cmp(&right.label));
    days
}
