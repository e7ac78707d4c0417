//! Defines how checks are told: all that are not pass, with what they invalidate and what to do; the others by name.

use super::{Block, Heading, name, sentence};
use crate::domain::result::{Check, CheckStatus, Readout, Scope};
use crate::report::columns::{Columns, Side};
use crate::report::rows;

/// Warnings and what did not run may be cut late; what failed is in the head already.
const CHECKS: u32 = 100;

pub(super) fn block(readout: &Readout, heading: &Heading) -> Block {
    let mut text = heading.section("Checks");
    text.push_str(&body(readout));
    Block::cut("checks", CHECKS, text)
}

/// The checks alone, with the rows they looked at.
pub(in crate::report) fn document(readout: &Readout) -> String {
    let heading = Heading { depth: 1, mark: "" };
    let mut text = format!("# Checks of {}\n\n", name(readout.experiment.id.as_str()));
    text.push_str(&body(readout));
    text.push_str(&super::diagnosis::counts(readout, &heading));
    text.push_str(&super::footing::rows_section(readout, &heading));
    text
}

fn body(readout: &Readout) -> String {
    let mut text = format!("{}.\n", rows::tally(&readout.checks));
    let mut table = Columns::new(&[
        ("No.", Side::Right),
        ("Check", Side::Left),
        ("About", Side::Left),
        ("Status", Side::Left),
        ("Found", Side::Left),
        ("Invalidates", Side::Left),
        ("Next", Side::Left),
    ]);
    for check in readout
        .checks
        .iter()
        .filter(|check| check.status != CheckStatus::Pass)
    {
        table.push(vec![
            check.number.to_string(),
            check.id.label().to_owned(),
            scope(&check.scope),
            status(check.status),
            sentence(&check.finding),
            invalidates(check),
            sentence(&check.runbook),
        ]);
    }
    if !table.is_empty() {
        text.push('\n');
        text.push_str(&table.markdown());
    }
    let passed: Vec<&str> = readout
        .checks
        .iter()
        .filter(|check| check.status == CheckStatus::Pass)
        .map(|check| check.id.label())
        .collect();
    if !passed.is_empty() {
        text.push_str(&format!("\nPassed: {}.\n", passed.join("; ")));
    }
    text
}

fn status(status: CheckStatus) -> String {
    match status {
        CheckStatus::Fail => "**FAIL**".to_owned(),
        CheckStatus::Warn | CheckStatus::Insufficient | CheckStatus::CouldNotRun => {
            format!("**{}**", status.label())
        }
        CheckStatus::Pass | CheckStatus::NotRun => status.label().to_owned(),
    }
}

fn scope(scope: &Scope) -> String {
    match scope {
        Scope::Experiment => "the experiment".to_owned(),
        Scope::Table(table) => format!("table {}", name(table)),
        Scope::Metric(metric) => format!("metric {}", name(metric)),
        Scope::Variant(variant) => format!("variant {}", name(variant)),
    }
}

fn invalidates(check: &Check) -> String {
    if check.invalidates.is_empty() {
        return "nothing".to_owned();
    }
    let all: Vec<String> = check
        .invalidates
        .iter()
        .map(|what| rows::invalidated(what, name))
        .collect();
    all.join(", ")
}
