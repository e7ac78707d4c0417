//! Defines how the diagnosis of a sample ratio mismatch and the counts behind checks read in markdown.

use super::{Block, Heading, phrase};
use crate::domain::result::{CheckStatus, Readout};
use crate::report::breakdown::breakdown_part;
use crate::report::diagnosis::diagnosis_parts;
use crate::report::part::Part;

/// The diagnosis goes before the checks themselves do, which say the same in short.
const DIAGNOSIS: u32 = 150;
/// The counts go before it.
const COUNTS: u32 = 160;
/// At most this many parts of a check are counted in a document; the JSON has all.
const LINES: usize = 12;

/// The diagnosis and the counts as blocks of a readout.
pub(super) fn blocks(readout: &Readout, heading: &Heading) -> Vec<Block> {
    let told = told(readout, heading);
    let counts = counts(readout, heading);
    [
        (!told.is_empty()).then(|| Block::cut("diagnosis of the sample ratio", DIAGNOSIS, told)),
        (!counts.is_empty()).then(|| Block::cut("counts behind checks", COUNTS, counts)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The diagnosis alone, below a title of this depth.
pub(in crate::report) fn sections(readout: &Readout, depth: usize) -> String {
    told(readout, &Heading { depth, mark: "" })
}

fn told(readout: &Readout, heading: &Heading) -> String {
    let parts = diagnosis_parts(readout);
    if parts.is_empty() {
        return String::new();
    }
    let mut text = heading.section("Diagnosis of the sample ratio");
    // The heading ends in an empty line, and every part begins with one.
    text.pop();
    for part in &parts {
        text.push_str(&part_of(part));
    }
    text
}

/// The counts behind the checks that warn or fail.
pub(super) fn counts(readout: &Readout, heading: &Heading) -> String {
    let raised = readout
        .checks
        .iter()
        .filter(|check| matches!(check.status, CheckStatus::Warn | CheckStatus::Fail));
    let parts: Vec<Part> = raised
        .filter_map(|check| breakdown_part(check, LINES))
        .collect();
    if parts.is_empty() {
        return String::new();
    }
    let mut text = heading.section("Counts behind the checks");
    text.pop();
    for part in &parts {
        text.push_str(&part_of(part));
    }
    text
}

fn part_of(part: &Part) -> String {
    let mut text = format!("\n**{}**\n", phrase(&part.title));
    if !part.lead.is_empty() {
        let lead: Vec<String> = part.lead.iter().map(|line| phrase(line)).collect();
        text.push_str(&format!("\n{}\n", lead.join(" ")));
    }
    let table = part.table.columns(phrase);
    if !table.is_empty() {
        text.push_str(&format!("\n{}", table.markdown()));
    }
    if !part.items.is_empty() {
        text.push('\n');
    }
    for item in &part.items {
        // A dash before the number: the list keeps the numbers as they are written.
        text.push_str(&format!("- **{}**\n", phrase(&item.head)));
        for (what, line) in &item.lines {
            text.push_str(&format!("  - {what}: {}\n", phrase(line)));
        }
    }
    text
}
