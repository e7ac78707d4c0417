//! Defines what a readout rests on: units, rows, methods, definitions, provenance, and the command that repeats it.

use super::{Block, Heading, contract, name, phrase, sentence};
use crate::domain::definition::Population;
use crate::domain::evidence::{OutOfScope, TableLedger};
use crate::domain::result::Readout;
use crate::report::columns::{Columns, Side};
use crate::report::{escape, methods, number, rows};

const UNITS: u32 = 700;

const ROWS: u32 = 750;

const DEFINITIONS: u32 = 800;

pub(super) fn blocks(readout: &Readout, heading: &Heading) -> Vec<Block> {
    let mut blocks = vec![Block::cut("units", UNITS, units(readout, heading))];
    blocks.push(Block::cut("rows", ROWS, rows_section(readout, heading)));
    blocks.push(Block::kept("methods", methods_section(readout, heading)));
    blocks.push(Block::cut(
        "metric definitions",
        DEFINITIONS,
        definitions(readout, heading),
    ));
    blocks.push(Block::kept("provenance", provenance(readout, heading)));
    blocks.push(Block::kept("the command", command(readout)));
    blocks
}

fn units(readout: &Readout, heading: &Heading) -> String {
    let mut table = Columns::new(&[
        ("Population", Side::Left),
        ("Variant", Side::Left),
        ("Units", Side::Right),
        ("Share", Side::Right),
        ("Planned", Side::Right),
    ]);
    for population in Population::ALL {
        let of_this: Vec<_> = readout
            .units
            .iter()
            .filter(|row| row.population == *population)
            .collect();
        let total: u64 = of_this.iter().map(|row| row.units).sum();
        for row in of_this {
            let planned = readout
                .experiment
                .variants
                .iter()
                .find(|variant| variant.id == row.variant)
                .and_then(|variant| variant.share);
            table.push(vec![
                rows::population(*population).to_owned(),
                name(&row.variant),
                number::count(row.units),
                share_of(row.units, total),
                match (population, planned) {
                    (Population::Itt, Some(share)) => number::plain_percent(share),
                    _ => "–".to_owned(),
                },
            ]);
        }
    }
    heading.section("Units") + &table.markdown()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share is shown with four digits"
)]
fn share_of(part: u64, total: u64) -> String {
    if total == 0 {
        return "–".to_owned();
    }
    number::percent(part as f64 / total as f64)
}

/// Rows table by table, where any of this experiment did not count or they do not add up; else one line.
pub(super) fn rows_section(readout: &Readout, heading: &Heading) -> String {
    let mut text = heading.section("Rows");
    let is_quiet = readout
        .ledgers
        .iter()
        .all(|ledger| ledger.rejected().is_empty() && !left_out(ledger) && ledger.adds_up());
    if is_quiet {
        text.push_str(&match readout.ledgers.len() {
            0 => "No table was read row by row.\n".to_owned(),
            1 => "No row was rejected in 1 table.\n".to_owned(),
            tables => format!("No row was rejected in {tables} tables.\n"),
        });
        text.push_str(&contract::lines(readout));
        return text;
    }
    let mut table = Columns::new(&[
        ("Table", Side::Left),
        ("Read", Side::Right),
        ("= used", Side::Right),
        ("+ rejected", Side::Right),
        ("+ out of scope", Side::Right),
        ("Why", Side::Left),
    ]);
    for ledger in &readout.ledgers {
        let (rejected, out_of_scope) = (ledger.rejected(), ledger.out_of_scope());
        table.push(vec![
            name(&ledger.table),
            number::count(ledger.read),
            number::count(ledger.used()),
            number::count(rejected.values().sum()),
            number::count(out_of_scope.values().sum()),
            rows::ledger_reasons(ledger).join("; "),
        ]);
    }
    text.push_str(&table.markdown());
    text.push_str(&contract::lines(readout));
    text.push_str(&examples(readout));
    text
}

/// Whether rows of this experiment were left out, which a reader who counts units has to know. Rows of other
/// experiments or units, or that no metric asks for, never concerned it.
fn left_out(ledger: &TableLedger) -> bool {
    ledger.out_of_scope().keys().any(|reason| match reason {
        OutOfScope::OutsideDates
        | OutOfScope::NotEligible
        | OutOfScope::NoConsent
        | OutOfScope::AfterAsOf
        | OutOfScope::SeveralVariants
        | OutOfScope::BeforeAssignment
        | OutOfScope::OtherVariant
        | OutOfScope::TooLate => true,
        OutOfScope::OtherExperiment
        | OutOfScope::OtherVersion
        | OutOfScope::OtherUnit
        | OutOfScope::NotAsked
        | OutOfScope::OtherType
        | OutOfScope::OutsideWindows => false,
    })
}

/// The first few rejected rows, so that they can be found.
fn examples(readout: &Readout) -> String {
    let mut text = String::new();
    for example in readout
        .ledgers
        .iter()
        .flat_map(|ledger| &ledger.examples)
        .take(5)
    {
        let column = example
            .column
            .as_deref()
            .map_or_else(String::new, |column| format!(", column {}", name(column)));
        text.push_str(&format!(
            "- For example {}, row {}{column}: {}.\n",
            name(&example.file),
            number::count(example.row),
            example.rule.label()
        ));
    }
    if text.is_empty() {
        text
    } else {
        format!("\n{text}")
    }
}

fn methods_section(readout: &Readout, heading: &Heading) -> String {
    let sentences: Vec<String> = methods::sentences(readout)
        .iter()
        .map(|each| sentence(each))
        .collect();
    format!("{}{}\n", heading.section("Methods"), sentences.join(" "))
}

fn definitions(readout: &Readout, heading: &Heading) -> String {
    let mut text = heading.section("Metric definitions");
    for metric in &readout.metrics {
        text.push_str(&format!(
            "- {} {} ({}), {}, owned by {}: {}.{}{}\n",
            name(metric.id.as_str()),
            metric.version,
            name(rows::short_hash(metric)),
            metric.role.label(),
            phrase(&metric.owner),
            methods::definition(metric),
            optional(" ", metric.description.as_deref()),
            optional(" It answers: ", metric.question.as_deref()),
        ));
    }
    text
}

fn optional(lead: &str, text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| format!("{lead}{}", sentence(text)))
}

fn provenance(readout: &Readout, heading: &Heading) -> String {
    let provenance = &readout.provenance;
    let as_of = match provenance.as_of.instant {
        Some(instant) => instant.to_string(),
        None => "no instant".to_owned(),
    };
    let zone = provenance
        .time_zone
        .as_deref()
        .map_or_else(|| "none declared".to_owned(), name);
    let inputs = provenance.inputs.iter().map(|input| {
        let rows = number::count(input.rows);
        format!("{} ({rows} rows)", name(&input.table))
    });
    let metrics = readout.metrics.iter().map(|metric| {
        let hash = name(rows::short_hash(metric));
        format!("{} {} ({hash})", name(metric.id.as_str()), metric.version)
    });
    [
        heading.section("Provenance"),
        format!("- As of: {as_of}, {}\n", sentence(&provenance.as_of.reason)),
        format!("- Time zone of local days: {zone}.\n"),
        format!("- Inputs: {}.\n", listed(inputs)),
        format!("- Metrics: {}.\n", listed(metrics)),
        format!(
            "- Made by {} with the engine {} from the workspace {}; schema version {}.\n",
            phrase(&provenance.program),
            name(&provenance.engine),
            name(&provenance.workspace),
            readout.schema_version
        ),
    ]
    .concat()
}

fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        "none".to_owned()
    } else {
        items.join(", ")
    }
}

/// The command in a code block whose fence is longer than any run of backticks in it.
fn command(readout: &Readout) -> String {
    let line =
        escape::terminal_shortened(&escape::shell_command(&readout.provenance.command), 2_000);
    let longest = line
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("\nThe same again:\n\n{fence}sh\n{line}\n{fence}\n")
}
