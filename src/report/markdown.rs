//! Defines the markdown document: the verdict first, then what it rests on, then how to trace and repeat it.
//!
//! It reads well raw and rendered, and fits a comment on a forge: what had to be cut to fit is named in the document. Text
//! from data is always inside a line that starts with ours.

mod beside;
mod checks;
mod contract;
mod diagnosis;
mod footing;
mod head;
mod metrics;
mod otherwise;
mod size;

use super::columns::{Columns, Side};
use super::{escape, rows};
use crate::domain::definition::Role;
use crate::domain::result::Readout;

pub(super) use checks::document as checks_document;
pub(super) use diagnosis::sections as diagnosis;

/// A name longer than this is shortened in documents; JSON has it in full.
const LONGEST_NAME: usize = 60;

/// A sentence longer than this is shortened in documents; JSON has it in full.
const LONGEST_SENTENCE: usize = 500;

/// A part of the document that is kept or cut as a whole.
struct Block {
    /// What it is called where its absence is told.
    name: String,
    /// When it is cut: higher goes first; `None`: never as a whole.
    cut: Option<u32>,
    /// Its markdown, ending in a newline.
    text: String,
}

impl Block {
    fn kept(name: &str, text: String) -> Self {
        Self {
            name: name.to_owned(),
            cut: None,
            text,
        }
    }

    fn cut(name: impl Into<String>, rank: u32, text: String) -> Self {
        Self {
            name: name.into(),
            cut: Some(rank),
            text,
        }
    }
}

/// One readout, in at most `budget` bytes where its verdict and head fit into that.
pub(super) fn document(readout: &Readout, budget: usize) -> String {
    size::fit(blocks(readout, 1), budget).text
}

/// Several readouts: the verdicts of all first, then each in full as far as there is room.
pub(super) fn collection(readouts: &[&Readout], budget: usize) -> String {
    let mut text = overview(readouts);
    let mut left_out = Vec::new();
    for (done, readout) in readouts.iter().enumerate() {
        let name = name(readout.experiment.id.as_str());
        let share = budget.saturating_sub(text.len() + 400) / (readouts.len() - done).max(1);
        let fitted = size::fit(blocks(readout, 2), share);
        if fitted.is_whole_enough && fitted.text.len() <= share {
            text.push('\n');
            text.push_str(&fitted.text);
        } else {
            left_out.push(name);
        }
    }
    if !left_out.is_empty() {
        let shown = left_out.len().min(10);
        let more = match left_out.len() - shown {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        text.push_str(&format!(
            "\nShortened to fit: the details of {}{more} are left out; `readout report` shows each by itself.\n",
            left_out[..shown].join(", ")
        ));
    }
    text
}

fn overview(readouts: &[&Readout]) -> String {
    let mut table = Columns::new(&[
        ("Experiment", Side::Left),
        ("Variant", Side::Left),
        ("Verdict", Side::Left),
        ("Primary metric", Side::Left),
        ("Lift (itt)", Side::Right),
        ("Guardrails", Side::Left),
        ("Checks", Side::Left),
    ]);
    for readout in readouts {
        for variant in readout.treatments() {
            let verdict = readout
                .verdicts
                .iter()
                .find(|verdict| verdict.variant == variant);
            let primary = rows::overall(readout, Role::Primary)
                .into_iter()
                .find(|row| row.effect.variant == variant);
            let word = verdict.map_or("no verdict", |verdict| verdict.word.label());
            let exploratory = readout
                .exploratory
                .as_ref()
                .map_or("", |_| " (exploratory)");
            table.push(vec![
                name(readout.experiment.id.as_str()),
                name(variant),
                format!("**{word}**{exploratory}"),
                primary.map_or_else(|| "–".to_owned(), |row| name(row.metric.id.as_str())),
                primary.map_or_else(|| "–".to_owned(), headline),
                rows::guardrail_tally(readout, variant),
                rows::tally(&readout.checks),
            ]);
        }
    }
    let noun = if readouts.len() == 1 {
        "readout"
    } else {
        "readouts"
    };
    format!("# {} {noun}\n\n{}", readouts.len(), table.markdown())
}

fn headline(row: rows::Row<'_>) -> String {
    match row.distrust() {
        Some(_) => format!("{}, not to be trusted", row.lift()),
        None => row.lift(),
    }
}

/// The parts of one readout; `depth` is the level of its title.
fn blocks(readout: &Readout, depth: usize) -> Vec<Block> {
    let heading = Heading {
        depth,
        mark: readout
            .exploratory
            .as_ref()
            .map_or("", |_| " (exploratory)"),
    };
    let mut blocks = vec![head::block(readout, depth)];
    blocks.extend(metrics::blocks(readout, &heading));
    blocks.extend(beside::blocks(readout, &heading));
    blocks.extend(otherwise::block(readout, &heading));
    blocks.push(checks::block(readout, &heading));
    blocks.extend(diagnosis::blocks(readout, &heading));
    blocks.extend(footing::blocks(readout, &heading));
    blocks
}

/// How sections are headed in this document.
struct Heading {
    depth: usize,
    mark: &'static str,
}

impl Heading {
    /// A section's heading, with the mark that an exploratory readout carries everywhere.
    fn section(&self, title: &str) -> String {
        format!("\n{} {title}{}\n\n", "#".repeat(self.depth + 1), self.mark)
    }
}

/// A name from data or definitions.
fn name(text: &str) -> String {
    escape::markdown_code_shortened(text, LONGEST_NAME)
}

/// A phrase that may hold text from data or definitions.
fn phrase(text: &str) -> String {
    escape::markdown_shortened(text, LONGEST_SENTENCE)
}

/// The same as a sentence of its own.
fn sentence(text: &str) -> String {
    phrase(&rows::ended(text))
}

#[cfg(test)]
mod tests;
