//! Defines what is copied: the selected row, or the table it is in as markdown.

use std::fmt::Write as _;

use super::app::App;
use super::glyph::UNICODE;
use super::phrase;
use super::screen::{Panel, Screen};
use super::text::clean;
use crate::domain::definition::Population;
use crate::domain::result::Known;
use crate::report::number;

/// A table of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) header: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) selected: usize,
}

impl Grid {
    /// The selected row, tabs between cells.
    pub(crate) fn row(&self) -> String {
        self.rows
            .get(self.selected)
            .map(|row| row.join("\t"))
            .unwrap_or_default()
    }

    /// The whole table as markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "| {} |", self.header.join(" | "));
        let _ = writeln!(text, "|{}", " --- |".repeat(self.header.len()));
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text
    }
}

/// Markdown's own characters, made harmless.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '!' | '#' | '&' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '@' => escaped.push_str("&#64;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// The table that is looked at, where it has rows.
pub(crate) fn grid(app: &App) -> Option<Grid> {
    let grid = match app.screen {
        Screen::Experiments => experiments(app),
        Screen::Summary => effects(app),
        Screen::Metric => metric(app),
        Screen::Checks => checks(app),
        _ => None,
    }?;
    (!grid.rows.is_empty()).then_some(grid)
}

fn experiments(app: &App) -> Option<Grid> {
    let visible = app.visible_experiments();
    let rows = visible
        .iter()
        .map(|listing| {
            let readout = app
                .readings
                .get(&listing.id)
                .and_then(|reading| reading.readout.as_deref());
            let verdicts = readout.map_or_else(String::new, |readout| {
                readout
                    .verdicts
                    .iter()
                    .map(|verdict| format!("{}: {}", clean(&verdict.variant), verdict.word.label()))
                    .collect::<Vec<_>>()
                    .join(", ")
            });
            let effects = readout
                .and_then(|readout| {
                    let metric = phrase::headline(readout)?;
                    let changes: Vec<String> = readout
                        .treatments()
                        .filter_map(|variant| metric.overall(Population::Itt, variant))
                        .map(|effect| {
                            format!("{} {}", metric.id, phrase::change(metric.kind, effect))
                        })
                        .collect();
                    Some(changes.join(", "))
                })
                .unwrap_or_default();
            vec![
                clean(&listing.id),
                listing
                    .status
                    .map_or_else(String::new, |status| status.label().to_owned()),
                clean(&listing.owner),
                verdicts,
                effects,
            ]
        })
        .collect();
    Some(Grid {
        header: vec!["experiment", "status", "owner", "verdict", "primary effect"],
        rows,
        selected: visible
            .iter()
            .position(|listing| Some(&listing.id) == app.experiment.as_ref())?,
    })
}

fn effects(app: &App) -> Option<Grid> {
    let variant = app.treatment()?;
    let control = app.readout()?.control();
    let visible = app.visible_metrics();
    let rows = visible
        .iter()
        .map(|metric| {
            let mean = |variant: &str| {
                metric
                    .overall_statistics(app.population, variant)
                    .map_or_else(String::new, |row| phrase::value(metric.kind, &row.mean))
            };
            let effect = metric.overall(app.population, variant);
            vec![
                metric.id.to_string(),
                metric.role.label().to_owned(),
                phrase::population(app.population).to_owned(),
                mean(control),
                mean(variant),
                effect.map_or_else(String::new, |effect| phrase::change(metric.kind, effect)),
                effect.map_or_else(String::new, |effect| {
                    phrase::outcome(effect, &UNICODE).words
                }),
            ]
        })
        .collect();
    Some(Grid {
        header: vec![
            "metric",
            "role",
            "population",
            "control",
            "variant",
            "change",
            "status",
        ],
        rows,
        selected: visible
            .iter()
            .position(|metric| Some(metric.id.as_str()) == app.metric.as_deref())?,
    })
}

fn metric(app: &App) -> Option<Grid> {
    let metric = app.metric()?;
    let variant = app.treatment()?;
    if app.panel() == Panel::Segments {
        let (column, _) = app.segment()?;
        let rows = metric
            .effects
            .iter()
            .filter(|effect| effect.population == app.population && effect.variant == variant)
            .filter(|effect| {
                matches!(&effect.slice, crate::domain::evidence::Slice::Segment { column: other, .. } if other == column)
            })
            .map(|effect| vec![phrase::level_of(&effect.slice), phrase::change(metric.kind, effect)])
            .collect();
        return Some(Grid {
            header: vec!["level", "change"],
            rows,
            selected: 0,
        });
    }
    let rows = metric
        .variants
        .iter()
        .filter(|row| row.slice == crate::domain::evidence::Slice::All)
        .filter(|row| row.population == app.population)
        .map(|row| {
            let known = |value: &Known<f64>| phrase::value(metric.kind, value);
            vec![
                clean(&row.variant),
                match &row.units {
                    Known::Value(units) => number::count(*units),
                    Known::Absent(absence) => absence.label().to_owned(),
                },
                known(&row.mean),
                metric
                    .overall(app.population, &row.variant)
                    .map_or_else(String::new, |effect| phrase::change(metric.kind, effect)),
            ]
        })
        .collect();
    Some(Grid {
        header: vec!["variant", "units", "mean", "change"],
        rows,
        selected: 0,
    })
}

fn checks(app: &App) -> Option<Grid> {
    let visible = app.visible_checks();
    let rows = visible
        .iter()
        .map(|(_, check)| {
            vec![
                check.id.label().to_owned(),
                check.status.label().to_owned(),
                clean(&check.finding),
                check
                    .invalidates
                    .iter()
                    .map(phrase::invalidates)
                    .collect::<Vec<_>>()
                    .join(", "),
            ]
        })
        .collect();
    Some(Grid {
        header: vec!["check", "status", "finding", "invalidates"],
        rows,
        selected: visible.iter().position(|(index, _)| *index == app.check)?,
    })
}
