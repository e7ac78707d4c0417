//! Defines the top of the document: title, verdicts with their reasons, and what a failed check takes away.

use super::{Block, name, phrase, sentence};
use crate::domain::definition::Population;
use crate::domain::result::{Check, Readout, Verdict};
use crate::report::{number, otherwise, rows};

/// More notes than this a verdict are counted instead.
const MOST_NOTES: usize = 12;

pub(super) fn block(readout: &Readout, depth: usize) -> Block {
    let mark = "#".repeat(depth);
    let what = match readout.exploratory {
        Some(_) => "Exploratory readout",
        None => "Readout",
    };
    let mut text = format!(
        "{mark} {what} of {}\n\n",
        name(readout.experiment.id.as_str())
    );
    if let Some(reason) = &readout.exploratory {
        text.push_str(&format!(
            "> **Exploratory: no verdict.** Computed with choices that no file of the workspace holds: {}\n\n",
            sentence(reason)
        ));
    }
    for verdict in &readout.verdicts {
        text.push_str(&verdict_lines(readout, verdict));
    }
    if readout.verdicts.is_empty() {
        text.push_str("**No verdict** was reached.\n");
    }
    for check in rows::blocking(readout) {
        text.push_str(&banner(check));
    }
    text.push_str(&context(readout));
    Block::kept("the head", text)
}

fn verdict_lines(readout: &Readout, verdict: &Verdict) -> String {
    let mut text = format!(
        "- **{}: {}** against {}. Why: {}\n  Deciding clause: {}.\n",
        name(&verdict.variant),
        verdict.word.label(),
        name(readout.control()),
        sentence(&verdict.reason),
        verdict.clause.label(),
    );
    if otherwise::flips(readout, &verdict.variant).next().is_some()
        && let Some(which) = otherwise::sentence(readout, &verdict.variant, &name)
    {
        text.push_str(&format!("  **It hangs on a convention**: {which}\n"));
    }
    for note in verdict.notes.iter().take(MOST_NOTES) {
        text.push_str(&format!("  - Note: {}\n", sentence(note)));
    }
    if verdict.notes.len() > MOST_NOTES {
        let more = verdict.notes.len() - MOST_NOTES;
        text.push_str(&format!("  - Note: and {more} more notes, in the JSON.\n"));
    }
    text
}

/// What failed, what that takes away, what stands, what to do.
fn banner(check: &Check) -> String {
    let invalidated: Vec<String> = check
        .invalidates
        .iter()
        .map(|what| rows::invalidated(what, name))
        .collect();
    format!(
        "\n> **{}: {}.** Found: {}\n>\n> - Invalid: {}.\n> - {}\n> - Next: {}\n",
        check.id.label(),
        check.status.label(),
        sentence(&check.finding),
        invalidated.join(", "),
        rows::standing(check),
        sentence(&check.runbook),
    )
}

fn context(readout: &Readout) -> String {
    let header = &readout.experiment;
    let mut text = String::from("\n");
    if let Some(hypothesis) = &header.hypothesis {
        text.push_str(&format!("Hypothesis: {}\n\n", sentence(hypothesis)));
    }
    let assigned: u64 = readout
        .units
        .iter()
        .filter(|units| units.population == Population::Itt)
        .map(|units| units.units)
        .sum();
    let enrolled = readout
        .provenance
        .enrolment
        .map_or_else(String::new, |(first, last)| {
            format!(" from {first} to {last}")
        });
    let as_of = match readout.provenance.as_of.instant {
        Some(instant) => format!("Read as of {instant}"),
        None => "Read without a time, because the tables hold none".to_owned(),
    };
    text.push_str(&format!(
        "Version {}, {}, owned by {}. {} units assigned{enrolled}. {as_of}. Confidence level {}.\n",
        header.version,
        header.status.label(),
        phrase(&header.owner),
        number::count(assigned),
        rows::level(&readout.conventions),
    ));
    text
}
