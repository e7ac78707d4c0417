//! Defines the plain text document for people at a terminal: the verdict, the checks that matter, the effects in columns.
//!
//! It needs no colour and no markup; the full story is the markdown document's.

mod seen_otherwise;

use super::beside::{self, Topic};
use super::columns::{Columns, Side, wrap};
use super::diagnosis::diagnosis_parts;
use super::number::{self, Scale};
use super::part::Part;
use super::rows::{self, Row};
use super::{escape, methods, otherwise};
use crate::domain::definition::{Population, Role};
use crate::domain::evidence::{Slice, TableLedger};
use crate::domain::result::{Check, CheckStatus, Interval, Known, MetricReadout, Readout};

/// A name longer than this is shortened.
const LONGEST_NAME: usize = 32;

/// What a narrow terminal does without, in this order.
const DROPPABLE: [&str; 2] = ["in control", "in variant"];

/// A sentence longer than this is shortened.
const LONGEST_SENTENCE: usize = 400;

pub(super) fn document(readout: &Readout, columns: usize) -> String {
    let mut text = head(readout, columns);
    for (role, title) in [
        (Role::Primary, "Primary"),
        (Role::Guardrail, "Guardrails"),
        (Role::Secondary, "Secondary"),
        (Role::Diagnostic, "Diagnostic"),
    ] {
        text.push_str(&section(readout, role, title, columns));
    }
    text.push_str(&segments(readout, columns));
    text.push_str(&seen_otherwise::section(readout, columns));
    text.push_str(&checks_section(readout, columns));
    for ledger in &readout.ledgers {
        if !ledger.rejected().is_empty() || !ledger.adds_up() {
            rows_of(&mut text, ledger, columns);
        }
    }
    text.push_str(&footer(readout, columns));
    text
}

/// Several readouts, one after the other.
pub(super) fn collection(readouts: &[&Readout], columns: usize) -> String {
    let documents: Vec<String> = readouts
        .iter()
        .map(|readout| document(readout, columns))
        .collect();
    let rule = "=".repeat(columns.min(100));
    documents.join(&format!("\n{rule}\n\n"))
}

/// The checks alone.
pub(super) fn checks_document(readout: &Readout, columns: usize) -> String {
    let mut text = format!("Checks of {}\n", name(readout.experiment.id.as_str()));
    text.push_str(&checks_section(readout, columns));
    for ledger in &readout.ledgers {
        rows_of(&mut text, ledger, columns);
    }
    text
}

/// The diagnosis of the sample ratio, where the readout has one.
pub(super) fn diagnosis(readout: &Readout, columns: usize) -> String {
    let parts = diagnosis_parts(readout);
    if parts.is_empty() {
        return String::new();
    }
    let of = name(readout.experiment.id.as_str());
    let mut text = format!("\nDiagnosis of the sample ratio of {of}\n");
    for part in &parts {
        text.push_str(&part_of(part, columns));
    }
    text
}

fn part_of(part: &Part, columns: usize) -> String {
    let mut text = format!("\n{}\n", phrase(&part.title));
    for sentence in &part.lead {
        wrap(&mut text, "  ", &phrase(sentence), columns);
    }
    let droppable = ["rests on", "planned", "split"];
    for line in part.table.plain(columns.saturating_sub(2), &droppable) {
        text.push_str(&format!("  {line}\n"));
    }
    for item in &part.items {
        wrap(&mut text, "  ", &phrase(&item.head), columns);
        for (what, line) in &item.lines {
            wrap(&mut text, &format!("    {what}: "), &phrase(line), columns);
        }
    }
    text
}

/// Read = used + rejected + out of scope, and why.
fn rows_of(text: &mut String, ledger: &TableLedger, columns: usize) {
    let reasons = rows::ledger_reasons(ledger);
    let why = if reasons.is_empty() {
        String::new()
    } else {
        format!(": {}", reasons.join("; "))
    };
    let line = format!(
        "Rows of {}: {} read = {} used + {} rejected + {} out of scope{why}",
        name(&ledger.table),
        number::count(ledger.read),
        number::count(ledger.used()),
        number::count(ledger.rejected().values().sum()),
        number::count(ledger.out_of_scope().values().sum()),
    );
    wrap(text, "", &line, columns);
}

fn head(readout: &Readout, columns: usize) -> String {
    let header = &readout.experiment;
    let mut text = format!("{} version {}", name(header.id.as_str()), header.version);
    text.push_str(&format!(", {}", header.status.label()));
    if let Some(instant) = readout.provenance.as_of.instant {
        text.push_str(&format!(", as of {instant}"));
    }
    text.push('\n');
    if let Some(reason) = &readout.exploratory {
        wrap(
            &mut text,
            "EXPLORATORY, no verdict: ",
            &sentence(reason),
            columns,
        );
    }
    for verdict in &readout.verdicts {
        let lead = format!(
            "Verdict on {} against {}: {}. ",
            name(&verdict.variant),
            name(readout.control()),
            verdict.word.label().to_uppercase()
        );
        wrap(&mut text, &lead, &sentence(&verdict.reason), columns);
        for note in &verdict.notes {
            wrap(&mut text, "  note: ", &sentence(note), columns);
        }
    }
    for verdict in &readout.verdicts {
        if let Some(which) = otherwise::sentence(readout, &verdict.variant, &name) {
            let lead = format!("Other conventions, {}: ", name(&verdict.variant));
            wrap(&mut text, &lead, &which, columns);
        }
    }
    for check in rows::blocking(readout) {
        banner(&mut text, check, columns);
    }
    text
}

/// What failed, what that takes away, what stands, what to do.
fn banner(text: &mut String, check: &Check, columns: usize) {
    let invalidated: Vec<String> = check
        .invalidates
        .iter()
        .map(|what| rows::invalidated(what, name))
        .collect();
    let body = format!(
        "{} Invalid: {}. {} Next: {}",
        sentence(&check.finding),
        invalidated.join(", "),
        rows::standing(check),
        sentence(&check.runbook)
    );
    let lead = format!("! {}: {}. ", check.id.label(), check.status.label());
    wrap(text, &lead, &body, columns);
}

fn section(readout: &Readout, role: Role, title: &str, columns: usize) -> String {
    let comparisons = rows::overall(readout, role);
    if comparisons.is_empty() {
        return String::new();
    }
    let mark = readout
        .exploratory
        .as_ref()
        .map_or("", |_| " (exploratory)");
    let mut table = match role {
        Role::Guardrail => Columns::new(&effect_header(&format!("{title}{mark}"), "outcome")),
        Role::Primary | Role::Secondary | Role::Diagnostic => {
            Columns::new(&effect_header(&format!("{title}{mark}"), "reading"))
        }
    };
    for row in &comparisons {
        table.push(cells(metric_name(row.metric), row));
    }
    let mut text = format!("\n{}", table.plain(columns, &DROPPABLE));
    text.push_str(&notes(readout, role, &comparisons, columns));
    text
}

/// What a row cannot say.
fn notes(readout: &Readout, role: Role, comparisons: &[Row<'_>], columns: usize) -> String {
    let mut text = String::new();
    for (check, reason, rows) in rows::distrusted(comparisons) {
        let subjects = if rows.len() == comparisons.len() {
            "every row above".to_owned()
        } else {
            let subjects: Vec<String> = rows.iter().map(|row| subject(row)).collect();
            subjects.join("; ")
        };
        let lead = format!("  not to be trusted ({}): ", name(check));
        wrap(
            &mut text,
            &lead,
            &format!("{subjects}: {}", sentence(reason)),
            columns,
        );
    }
    for row in comparisons {
        row_notes(&mut text, row, columns);
    }
    for metric in readout.with_role(role) {
        if let Some(left_out) = rows::left_out(metric, readout.control()) {
            let lead = format!("  {}: ", name(metric.id.as_str()));
            wrap(&mut text, &lead, &rows::ended(&left_out), columns);
        }
    }
    text
}

fn row_notes(text: &mut String, row: &Row<'_>, columns: usize) {
    let lead = format!("  {}: ", subject(row));
    for line in beside::lines(row.metric, row.effect, &name) {
        if is_said_here(row, &line) {
            let lead = format!("  {}, {}: ", subject(row), line.label);
            wrap(text, &lead, &rows::ended(&line.text), columns);
        }
    }
    if let Known::Value(value) = &row.effect.relative
        && value.interval == Interval::WholeLine
    {
        wrap(text, &lead, number::UNBOUNDED, columns);
    }
    if let Some(guardrail) = &row.effect.guardrail
        && row.distrust().is_none()
    {
        let body = format!(
            "may worsen by {}; {}, because {}",
            row.margin(),
            rows::outcome(guardrail.outcome),
            sentence(&guardrail.reason)
        );
        wrap(text, &lead, &body, columns);
    }
}

/// Whether the terminal says a line under its table: of metrics that are not primary only what makes up the effect, and
/// warnings.
fn is_said_here(row: &Row<'_>, line: &beside::Line) -> bool {
    let makes_up = matches!(
        line.topic,
        Topic::Covariate | Topic::Parts | Topic::Equivalence
    );
    line.topic.changes_reading() && (row.metric.role == Role::Primary || makes_up || line.warns)
}

fn subject(row: &Row<'_>) -> String {
    let population = match row.effect.population {
        Population::Itt => "itt",
        Population::Exposed => "exposed",
    };
    format!(
        "{}, {}, {population}",
        name(row.metric.id.as_str()),
        name(&row.effect.variant)
    )
}

fn effect_header<'a>(title: &'a str, last: &'a str) -> [(&'a str, Side); 8] {
    [
        (title, Side::Left),
        ("variant", Side::Left),
        ("over", Side::Left),
        ("in control", Side::Right),
        ("in variant", Side::Right),
        ("lift and interval", Side::Right),
        ("p", Side::Right),
        (last, Side::Left),
    ]
}

fn cells(first: String, row: &Row<'_>) -> Vec<String> {
    let last = match (&row.effect.guardrail, row.distrust()) {
        (Some(guardrail), None) => rows::outcome(guardrail.outcome).to_owned(),
        _ => row.reading(),
    };
    let population = match row.effect.population {
        Population::Itt => "itt",
        Population::Exposed => "exposed",
    };
    vec![
        first,
        name(&row.effect.variant),
        population.to_owned(),
        row.control_mean(),
        row.variant_mean(),
        lift(row),
        phrase(&row.p()),
        last,
    ]
}

/// The lift with its interval; why an interval is unbounded is told under the table.
fn lift(row: &Row<'_>) -> String {
    match &row.effect.relative {
        Known::Value(value) if value.interval == Interval::WholeLine => {
            format!("{} (unbounded)", number::estimate(value, Scale::Percent))
        }
        _ => row.lift(),
    }
}

fn metric_name(metric: &MetricReadout) -> String {
    let id = name(metric.id.as_str());
    match (beside::unusual_measure(metric), &metric.unit) {
        (Some(kind), Some(unit)) => format!("{id} ({kind}, {})", name(unit)),
        (Some(kind), None) => format!("{id} ({kind})"),
        (None, Some(unit)) => format!("{id} ({})", name(unit)),
        (None, None) => id,
    }
}

fn segments(readout: &Readout, columns: usize) -> String {
    let mut text = String::new();
    for metric in &readout.metrics {
        let title = format!("Segments of {}", name(metric.id.as_str()));
        let mut table = Columns::new(&effect_header(&title, "reading"));
        for row in rows::of_metric(readout, metric) {
            let Slice::Segment { column, level } = &row.effect.slice else {
                continue;
            };
            if row.effect.population == Population::Itt {
                let level = level
                    .as_deref()
                    .map_or_else(|| "(unknown)".to_owned(), name);
                table.push(cells(format!("  {}: {level}", name(column)), &row));
            }
        }
        if !table.is_empty() {
            text.push_str(&format!("\n{}", table.plain(columns, &DROPPABLE)));
        }
    }
    text
}

fn checks_section(readout: &Readout, columns: usize) -> String {
    let mut text = format!("\nChecks: {}\n", rows::tally(&readout.checks));
    for check in readout
        .checks
        .iter()
        .filter(|check| check.status != CheckStatus::Pass)
    {
        wrap(
            &mut text,
            &check_lead(check),
            &sentence(&check.finding),
            columns,
        );
        if check.status != CheckStatus::NotRun {
            wrap(&mut text, "    next: ", &sentence(&check.runbook), columns);
        }
    }
    text
}

fn check_lead(check: &Check) -> String {
    let status = match check.status {
        CheckStatus::Fail => "FAIL",
        other => other.label(),
    };
    format!("  {status}  {} ({}): ", check.id.label(), check.number)
}

fn footer(readout: &Readout, columns: usize) -> String {
    let mut text = String::from("\n");
    let body = methods::sentences(readout)
        .iter()
        .map(|each| sentence(each))
        .collect::<Vec<_>>()
        .join(" ");
    wrap(&mut text, "Methods: ", &body, columns);
    let metrics: Vec<String> = readout
        .metrics
        .iter()
        .map(|metric| {
            let hash = escape::terminal(rows::short_hash(metric));
            format!("{} {} ({hash})", name(metric.id.as_str()), metric.version)
        })
        .collect();
    wrap(&mut text, "Metrics: ", &metrics.join(", "), columns);
    let command = escape::shell_command(&readout.provenance.command);
    text.push_str(&format!(
        "Again:   {}\n",
        escape::terminal_shortened(&command, 1_000)
    ));
    text
}

fn name(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    escape::terminal_shortened(text, LONGEST_NAME)
}

fn phrase(text: &str) -> String {
    escape::terminal_shortened(text, LONGEST_SENTENCE)
}

fn sentence(text: &str) -> String {
    phrase(&rows::ended(text))
}

#[cfg(test)]
mod tests;
