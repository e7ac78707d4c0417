//! Defines what a readout says of the workspace's data contract: each rule, the rows that break it, whose it is.

use super::{name, phrase, sentence};
use crate::domain::result::{ContractOutcome, Readout};
use crate::report::number;

/// A line a broken rule, in the order of their declaration, and how many are kept; empty where there is no contract.
pub(super) fn lines(readout: &Readout) -> String {
    let (broken, kept): (Vec<&ContractOutcome>, Vec<_>) = readout
        .contract
        .iter()
        .partition(|outcome| outcome.rows > 0);
    let mut text = String::new();
    for outcome in &broken {
        text.push_str(&line(outcome));
    }
    match (broken.len(), kept.len()) {
        (_, 0) => {}
        (0, 1) => text.push_str("- The rule of the data contract is kept by every row.\n"),
        (0, rules) => text.push_str(&format!(
            "- Data contract: all {rules} rules are kept by every row.\n"
        )),
        (_, 1) => text.push_str("- Data contract: 1 other rule is kept by every row.\n"),
        (_, rules) => text.push_str(&format!(
            "- Data contract: {rules} other rules are kept by every row.\n"
        )),
    }
    if text.is_empty() {
        text
    } else {
        format!("\n{text}")
    }
}

fn line(outcome: &ContractOutcome) -> String {
    let variants = outcome.by_variant.iter().map(|(variant, rows)| {
        let variant = if variant.is_empty() {
            "of no variant".to_owned()
        } else {
            name(variant)
        };
        format!("{variant} {}", number::count(*rows))
    });
    let became = if outcome.rejects {
        "rejected"
    } else {
        "counted only"
    };
    let rows = if outcome.rows == 1 { "row" } else { "rows" };
    let impact = outcome
        .impact
        .as_deref()
        .map_or_else(String::new, |impact| format!(" {}", sentence(impact)));
    format!(
        "- Contract rule {} of {}, owned by {}, {}: {} {rows} {became} ({}).{impact}\n",
        name(outcome.rule.as_str()),
        name(&outcome.table),
        phrase(&outcome.owner),
        outcome.severity.label(),
        number::count(outcome.rows),
        variants.collect::<Vec<_>>().join(", "),
    )
}
