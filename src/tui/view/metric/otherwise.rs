//! Says what stands beside the effects of a metric, in the words that documents have too.

use super::super::effects::emphasis;
use crate::domain::result::{MetricReadout, Readout};
use crate::report::beside::{self, Line, Topic};
use crate::tui::app::App;
use crate::tui::text::{self, clean};
use crate::tui::theme::Role;
use crate::tui::widget::table::Entry;

/// The metric seen otherwise: in the population that is looked at, what changes the reading first.
pub(super) fn of_metric(
    app: &App,
    metric: &MetricReadout,
    variant: &str,
    width: usize,
) -> Vec<Entry> {
    let mut lines: Vec<Line> = Vec::new();
    if let Some(effect) = metric.overall(app.population, variant) {
        lines.extend(beside::lines(metric, effect, &clean));
    }
    // Both have rows of their own with the effect.
    lines.retain(|line| !matches!(line.topic, Topic::Covariate | Topic::Parts));
    let novelty = metric
        .novelty
        .iter()
        .filter(|novelty| novelty.population == app.population && novelty.variant == variant);
    lines.extend(novelty.map(|novelty| beside::wear(metric, novelty)));
    if lines.is_empty() {
        return Vec::new();
    }
    let heading = format!("seen otherwise, {}", emphasis(app.population));
    let mut entries = vec![Entry::Heading(heading)];
    entries.extend(lines.iter().flat_map(|line| notes(line, width)));
    entries
}

/// Whether effects differ between the levels of a segment column.
pub(super) fn between_levels(
    app: &App,
    readout: &Readout,
    metric: &MetricReadout,
    column: &str,
    width: usize,
) -> Vec<Entry> {
    let variant = app.treatment().unwrap_or("");
    metric
        .heterogeneity
        .iter()
        .filter(|found| found.population == app.population)
        .filter(|found| found.variant == variant && found.column == column)
        .flat_map(|found| {
            let (line, _) = beside::segments(&readout.conventions, metric, found, &clean);
            notes(&line, width)
        })
        .collect()
}

/// A line wrapped under its label.
fn notes(line: &Line, width: usize) -> Vec<Entry> {
    let role = if line.topic.changes_reading() {
        Role::Text
    } else {
        Role::Muted
    };
    let words = format!("{}: {}", line.label, line.text);
    let wrapped = text::wrap(&words, width.saturating_sub(7));
    let lines = wrapped.into_iter().enumerate();
    lines
        .map(|(index, line)| {
            let indent = if index == 0 { "  " } else { "    " };
            Entry::Note(format!("{indent}{line}"), role)
        })
        .collect()
}
