//! Defines the table of what other conventions would say, those that flip a verdict first.

use super::{Block, Heading, name};
use crate::domain::result::{Alternative, Readout};
use crate::report::columns::{Columns, Side};
use crate::report::otherwise;

/// Cut after what a readout rests on and before secondary metrics: which conventions flip a verdict is in the head too.
const OTHERWISE: u32 = 600;

pub(super) fn block(readout: &Readout, heading: &Heading) -> Option<Block> {
    if readout.alternatives.is_empty() {
        return None;
    }
    let mut text = heading.section("Under other conventions");
    text.push_str("One convention changed at a time, of those that need no row again.\n\n");
    let treatments: Vec<&str> = readout.treatments().collect();
    for variant in &treatments {
        if let Some(which) = otherwise::sentence(readout, variant, &name) {
            text.push_str(&format!("- On {}: {which}\n", name(variant)));
        }
    }
    text.push('\n');
    let mut header = vec![
        ("Convention".to_owned(), Side::Left),
        ("Value".to_owned(), Side::Left),
    ];
    for variant in &treatments {
        header.push((format!("Verdict on {}", name(variant)), Side::Left));
    }
    header.push(("Primary effects that move".to_owned(), Side::Left));
    let header: Vec<(&str, Side)> = header
        .iter()
        .map(|(title, side)| (title.as_str(), *side))
        .collect();
    let mut table = Columns::new(&header);
    for each in otherwise::ordered(readout) {
        let mut cells = vec![name(&each.convention), name(&each.value)];
        cells.extend(treatments.iter().map(|variant| verdict(each, variant)));
        cells.push(moved(readout, each, &treatments));
        table.push(cells);
    }
    text.push_str(&table.markdown());
    Some(Block::cut("other conventions", OTHERWISE, text))
}

fn verdict(alternative: &Alternative, variant: &str) -> String {
    match otherwise::outcome(alternative, variant) {
        None => "–".to_owned(),
        Some(outcome) if outcome.flips => format!("**{}** (flips)", outcome.verdict.label()),
        Some(outcome) => outcome.verdict.label().to_owned(),
    }
}

fn moved(readout: &Readout, alternative: &Alternative, treatments: &[&str]) -> String {
    let mut all = Vec::new();
    for outcome in &alternative.outcomes {
        let of = if treatments.len() > 1 {
            format!(", {}", name(&outcome.variant))
        } else {
            String::new()
        };
        for (metric, found) in otherwise::primary(readout, outcome) {
            all.push(format!(
                "{}{of} {}",
                name(metric.id.as_str()),
                otherwise::effect(metric, found)
            ));
        }
    }
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join("; ")
    }
}
