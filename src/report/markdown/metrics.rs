//! Defines the tables of effects: a table a role with both populations in it, guardrails with their margins, segments.

use super::{Block, Heading, name, phrase, sentence};
use crate::domain::definition::{Population, Role};
use crate::domain::evidence::Slice;
use crate::domain::result::{MetricReadout, Readout, Significance};
use crate::report::beside;
use crate::report::columns::{Columns, Side};
use crate::report::rows::{self, Row};

/// Segments are cut before everything else, those of the last metric first.
const SEGMENTS: u32 = 1_000;

const DIAGNOSTIC: u32 = 900;

const SECONDARY: u32 = 500;

pub(super) fn blocks(readout: &Readout, heading: &Heading) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (role, title, rank) in [
        (Role::Primary, "Primary metrics", None),
        (Role::Guardrail, "Guardrails", None),
        (Role::Secondary, "Secondary metrics", Some(SECONDARY)),
        (Role::Diagnostic, "Diagnostic metrics", Some(DIAGNOSTIC)),
    ] {
        let Some(text) = section(readout, role, title, heading) else {
            continue;
        };
        let called = title.to_lowercase();
        blocks.push(match rank {
            Some(rank) => Block::cut(called, rank, text),
            None => Block::kept(&called, text),
        });
    }
    let mut first = true;
    for (metric, rank) in readout.metrics.iter().zip(SEGMENTS..) {
        if let Some(text) = segments(readout, metric) {
            let lead = if first {
                segments_lead(heading)
            } else {
                String::new()
            };
            first = false;
            let called = format!("segments of {}", name(metric.id.as_str()));
            blocks.push(Block::cut(called, rank, lead + &text));
        }
    }
    blocks
}

fn section(readout: &Readout, role: Role, title: &str, heading: &Heading) -> Option<String> {
    readout.with_role(role).next()?;
    let comparisons = rows::overall(readout, role);
    let mut text = heading.section(title);
    text.push_str(&match role {
        Role::Guardrail => guardrail_lead(readout),
        Role::Primary => primary_lead(readout, &comparisons),
        Role::Secondary => "They support the decision; one that is significantly worse counts against shipping.\n\n".to_owned(),
        Role::Diagnostic => "They explain and never decide.\n\n".to_owned(),
    });
    let table = match role {
        Role::Guardrail => guardrails(readout, &comparisons),
        Role::Primary | Role::Secondary | Role::Diagnostic => effects(readout, &comparisons),
    };
    text.push_str(&table.markdown());
    let notes = notes(readout, role, &comparisons);
    if !notes.is_empty() {
        text.push('\n');
        text.push_str(&notes);
    }
    Some(text)
}

fn primary_lead(readout: &Readout, comparisons: &[Row<'_>]) -> String {
    let control = name(readout.control());
    let has_exposed = comparisons
        .iter()
        .any(|row| row.effect.population == Population::Exposed);
    let exposed = if has_exposed {
        "*Exposed only* is beside it."
    } else {
        "Nothing was computed over exposed units only."
    };
    format!(
        "Each variant against {control}. *Assigned (itt)* is every unit that was given a variant, whether it met it or not: the headline. \
         {exposed} An interval that holds 0 is unclear.\n\n"
    )
}

fn guardrail_lead(readout: &Readout) -> String {
    format!(
        "A guardrail passes only when its whole {} interval is on the safe side of the margin. *Room* is how far the variant is \
         inside the margin, in the metric's unit; below 0 is beyond it.\n\n",
        rows::level(&readout.conventions)
    )
}

fn effects(readout: &Readout, comparisons: &[Row<'_>]) -> Columns {
    let level = rows::level(&readout.conventions);
    let mut table = Columns::new(&[
        ("Metric", Side::Left),
        ("Variant", Side::Left),
        ("Population", Side::Left),
        ("Units, control / variant", Side::Right),
        ("Control mean", Side::Right),
        ("Variant mean", Side::Right),
        (&format!("Lift, {level} interval"), Side::Right),
        (&format!("Difference, {level} interval"), Side::Right),
        ("p", Side::Right),
        ("Reading", Side::Left),
    ]);
    for row in comparisons {
        table.push(vec![
            metric_cell(row.metric),
            name(&row.effect.variant),
            rows::population(row.effect.population).to_owned(),
            row.units(),
            row.control_mean(),
            row.variant_mean(),
            row.lift(),
            row.difference(),
            phrase(&row.p()),
            reading(row),
        ]);
    }
    table
}

fn guardrails(readout: &Readout, comparisons: &[Row<'_>]) -> Columns {
    let level = rows::level(&readout.conventions);
    let mut table = Columns::new(&[
        ("Metric", Side::Left),
        ("Variant", Side::Left),
        ("Population", Side::Left),
        ("Outcome", Side::Left),
        ("May worsen by", Side::Right),
        (&format!("Room, {level} interval"), Side::Right),
        ("Control mean", Side::Right),
        ("Variant mean", Side::Right),
        (&format!("Lift, {level} interval"), Side::Right),
        ("Units, control / variant", Side::Right),
    ]);
    for row in comparisons {
        let (outcome, room) = row.guardrail();
        let outcome = match row.distrust() {
            Some(_) => format!("{outcome}, not to be trusted"),
            None => format!("**{outcome}**"),
        };
        table.push(vec![
            metric_cell(row.metric),
            name(&row.effect.variant),
            rows::population(row.effect.population).to_owned(),
            outcome,
            row.margin(),
            room,
            row.control_mean(),
            row.variant_mean(),
            row.lift(),
            row.units(),
        ]);
    }
    table
}

/// The metric with what it measures and its unit, so that means and differences have one.
fn metric_cell(metric: &MetricReadout) -> String {
    let id = name(metric.id.as_str());
    match (beside::unusual_measure(metric), &metric.unit) {
        (Some(kind), Some(unit)) => format!("{id} ({kind}, {})", phrase(unit)),
        (Some(kind), None) => format!("{id} ({kind})"),
        (None, Some(unit)) => format!("{id} ({})", phrase(unit)),
        (None, None) => id,
    }
}

fn reading(row: &Row<'_>) -> String {
    let reading = row.reading();
    let is_clear = matches!(
        row.effect.significance,
        Some(Significance::Better | Significance::Worse)
    );
    if is_clear && row.distrust().is_none() {
        format!("**{reading}**")
    } else {
        reading
    }
}

/// What a row cannot say: reasons, adjustments, what was left out, metrics without any row.
fn notes(readout: &Readout, role: Role, comparisons: &[Row<'_>]) -> String {
    let mut text = String::new();
    for metric in readout.with_role(role) {
        if let Some(left_out) = rows::left_out(metric, readout.control()) {
            text.push_str(&format!("- {}: {left_out}.\n", name(metric.id.as_str())));
        }
        if !comparisons.iter().any(|row| row.metric.id == metric.id) {
            text.push_str(&format!(
                "- {}: no effect could be computed.\n",
                name(metric.id.as_str())
            ));
        }
    }
    for (check, reason, rows) in rows::distrusted(comparisons) {
        let subjects = if rows.len() == comparisons.len() {
            "every row above".to_owned()
        } else {
            let subjects: Vec<String> = rows.iter().map(|row| subject(row)).collect();
            subjects.join("; ")
        };
        text.push_str(&format!(
            "- **Not to be trusted** by the check {}: {subjects}, because {}\n",
            name(check),
            sentence(reason)
        ));
    }
    for metric in readout.with_role(role) {
        text.push_str(&differing_segments(readout, metric));
    }
    for row in comparisons {
        let subject = subject(row);
        for line in beside::lines(row.metric, row.effect, &name) {
            if line.topic.changes_reading() {
                text.push_str(&format!("- {subject}, {}: {}.\n", line.label, line.text));
            }
        }
        if let Some(guardrail) = &row.effect.guardrail
            && row.distrust().is_none()
        {
            text.push_str(&format!(
                "- {subject}: {}, because {}\n",
                rows::outcome(guardrail.outcome),
                sentence(&guardrail.reason)
            ));
        }
    }
    text
}

/// Segments whose levels clearly differ, which a reader of the whole must know.
fn differing_segments(readout: &Readout, metric: &MetricReadout) -> String {
    let mut text = String::new();
    for found in &metric.heterogeneity {
        let (line, differs) = beside::segments(&readout.conventions, metric, found, &name);
        if differs {
            text.push_str(&format!(
                "- {}, {}, {}, {}: {}.\n",
                name(metric.id.as_str()),
                name(&found.variant),
                rows::population(found.population),
                line.label,
                line.text
            ));
        }
    }
    text
}

fn subject(row: &Row<'_>) -> String {
    format!(
        "{}, {}, {}",
        name(row.metric.id.as_str()),
        name(&row.effect.variant),
        rows::population(row.effect.population)
    )
}

fn segments_lead(heading: &Heading) -> String {
    format!(
        "{}Over assigned units (itt). Look for agreement, not for a winner: p-values here are not corrected for how many there are.\n",
        heading.section("Segments")
    )
}

fn segments(readout: &Readout, metric: &MetricReadout) -> Option<String> {
    let level = rows::level(&readout.conventions);
    let mut table = Columns::new(&[
        ("Segment", Side::Left),
        ("Level", Side::Left),
        ("Variant", Side::Left),
        ("Units, control / variant", Side::Right),
        ("Control mean", Side::Right),
        ("Variant mean", Side::Right),
        (&format!("Lift, {level} interval"), Side::Right),
        ("p", Side::Right),
        ("Reading", Side::Left),
    ]);
    for row in rows::of_metric(readout, metric) {
        let Slice::Segment { column, level } = &row.effect.slice else {
            continue;
        };
        if row.effect.population != Population::Itt {
            continue;
        }
        table.push(vec![
            name(column),
            level
                .as_deref()
                .map_or_else(|| "(unknown)".to_owned(), name),
            name(&row.effect.variant),
            row.units(),
            row.control_mean(),
            row.variant_mean(),
            row.lift(),
            phrase(&row.p()),
            row.reading(),
        ]);
    }
    (!table.is_empty())
        .then(|| format!("\nMetric {}:\n\n{}", metric_cell(metric), table.markdown()))
}
