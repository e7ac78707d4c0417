//! Defines the part of the document for those who ask more of a metric: its effects seen otherwise, by day and after entry. It
//! is folded, and cut before anything else.

use super::{Block, Heading, name};
use crate::domain::definition::Population;
use crate::domain::result::{CumulativeEffect, Estimate, Known, MetricReadout, Novelty, Readout};
use crate::report::beside;
use crate::report::columns::{Columns, Side};
use crate::report::number::{self, Scale};
use crate::report::rows;

/// Cut before segments, those of the last metric first.
const BESIDE: u32 = 1_000_000;

pub(super) fn blocks(readout: &Readout, heading: &Heading) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (metric, rank) in readout.metrics.iter().zip(BESIDE..) {
        let inner = inner(readout, metric);
        if inner.is_empty() {
            continue;
        }
        let lead = if blocks.is_empty() {
            let level = rows::level(&readout.conventions);
            let section = heading.section("Seen otherwise");
            format!("{section}None of this decides. Intervals are at {level}.\n")
        } else {
            String::new()
        };
        // An id is letters, digits and hyphens, so it can stand in markup as it is.
        let text = format!(
            "{lead}\n<details>\n<summary>{} seen otherwise</summary>\n{inner}\n</details>\n",
            metric.id
        );
        let called = format!("{} seen otherwise", name(metric.id.as_str()));
        blocks.push(Block::cut(called, rank, text));
    }
    blocks
}

fn inner(readout: &Readout, metric: &MetricReadout) -> String {
    let mut text = lines(readout, metric);
    if let Some(table) = cumulative(readout, metric) {
        text.push_str(&format!(
            "\nOver assigned units (itt) that entered up to each day, at one look, without covariate and strata:\n\n{table}"
        ));
    }
    for novelty in &metric.novelty {
        text.push_str(&wear(readout, metric, novelty));
    }
    text
}

/// What stands beside each effect and does not change its reading, a line each.
fn lines(readout: &Readout, metric: &MetricReadout) -> String {
    let mut text = String::new();
    let whole = rows::of_metric(readout, metric).filter(rows::Row::is_whole);
    for row in whole {
        let subject = format!(
            "{}, {}",
            name(&row.effect.variant),
            rows::population(row.effect.population)
        );
        for line in beside::lines(metric, row.effect, &name) {
            if !line.topic.changes_reading() {
                text.push_str(&format!("- {subject}, {}: {}.\n", line.label, line.text));
            }
        }
    }
    for found in &metric.heterogeneity {
        let (line, differs) = beside::segments(&readout.conventions, metric, found, &name);
        if !differs {
            text.push_str(&format!(
                "- {}, {}, {}: {}.\n",
                name(&found.variant),
                rows::population(found.population),
                line.label,
                line.text
            ));
        }
    }
    if text.is_empty() {
        text
    } else {
        format!("\n{text}")
    }
}

fn cumulative(readout: &Readout, metric: &MetricReadout) -> Option<String> {
    let level = rows::level(&readout.conventions);
    let mut table = Columns::new(&[
        ("Up to", Side::Left),
        ("Variant", Side::Left),
        ("Units, control / variant", Side::Right),
        (&format!("Lift, {level} interval"), Side::Right),
        (&format!("Difference, {level} interval"), Side::Right),
        ("p", Side::Right),
    ]);
    // Days of both populations would be most of the document; CSV and JSON have them.
    let itt = |each: &&CumulativeEffect| each.population == Population::Itt;
    for each in metric.cumulative.iter().filter(itt) {
        table.push(vec![
            name(&each.day),
            name(&each.variant),
            format!(
                "{} / {}",
                number::count(each.units.0),
                number::count(each.units.1)
            ),
            number::estimate_and_interval(&each.relative, Scale::Percent),
            number::estimate_and_interval(&each.absolute, Scale::of(metric.kind)),
            p(&each.absolute),
        ]);
    }
    (!table.is_empty()).then(|| table.markdown())
}

fn p(known: &Known<Estimate>) -> String {
    known
        .value()
        .map_or_else(|| "–".to_owned(), |value| number::p_value(&value.p_value))
}

fn wear(readout: &Readout, metric: &MetricReadout, novelty: &Novelty) -> String {
    let level = rows::level(&readout.conventions);
    let mut table = Columns::new(&[
        ("After entry", Side::Left),
        (&format!("Lift, {level} interval"), Side::Right),
        (&format!("Difference, {level} interval"), Side::Right),
        ("p", Side::Right),
    ]);
    for part in &novelty.parts {
        table.push(vec![
            beside::part(part),
            number::estimate_and_interval(&part.relative, Scale::Percent),
            number::estimate_and_interval(&part.absolute, Scale::of(metric.kind)),
            p(&part.absolute),
        ]);
    }
    let line = beside::wear(metric, novelty);
    format!(
        "\n{}, {}, {}: {}.\n\n{}",
        // The line is ours: a name never starts one.
        "Over units whose whole window has ended",
        name(&novelty.variant),
        rows::population(novelty.population),
        line.text,
        table.markdown()
    )
}
