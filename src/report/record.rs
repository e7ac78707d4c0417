//! Defines the documents about records: the list, the head of one, the log, and what verifying found.
//!
//! Who recorded or decided is self-asserted, and every document that names somebody says so.

use serde::Serialize;

use super::columns::{Columns, Side};
use super::{Format, RenderError, escape, json, number};
use crate::record::{
    Actor, Change, Event, Line, Log, Overview, Record, Reproducibility, Verification,
};

/// The widest a table may be.
const WIDEST: usize = 120;
/// Characters of a reason that are shown in a table.
const SHOWN: usize = 60;

/// A list of records.
///
/// # Errors
/// When it holds a number that is none.
pub fn records(list: &[Overview], format: Format) -> Result<Vec<u8>, RenderError> {
    if format == Format::Json {
        return json::stable_bytes(&list);
    }
    let text = Text(format);
    let mut columns = Columns::new(&[
        ("record", Side::Left),
        ("experiment", Side::Left),
        ("as of", Side::Left),
        ("verdict", Side::Left),
        ("decision", Side::Left),
        ("days to decision", Side::Right),
        ("note", Side::Left),
    ]);
    for one in list {
        let verdicts: Vec<String> = one
            .verdicts
            .iter()
            .map(|(variant, word)| format!("{variant}: {word}"))
            .collect();
        let last = one.decisions.last();
        let first = one.decisions.first();
        columns.push(vec![
            one.record.short().to_owned(),
            text.cell(one.experiment.as_deref().unwrap_or("unknown")),
            one.as_of.map(|at| at.to_string()).unwrap_or_default(),
            text.cell(&verdicts.join(", ")),
            last.map_or("none yet", |decided| decided.decision.label())
                .to_owned(),
            first
                .and_then(|decided| decided.days_from_data)
                .map(days)
                .unwrap_or_default(),
            text.cell(&note(one)),
        ]);
    }
    let mut document = text.table(&columns, &["as of", "days to decision"]);
    if list.is_empty() {
        document
            .push_str("\nNothing is recorded yet; `readout report EXPERIMENT --record` records.\n");
    }
    Ok(document.into_bytes())
}

fn note(one: &Overview) -> String {
    if let Some(problem) = &one.problem {
        return problem.clone();
    }
    if let Some(by) = &one.superseded_by {
        return format!("superseded by {}", by.short());
    }
    if one.recorded.is_none() {
        return "not in the log".to_owned();
    }
    String::new()
}

fn days(days: f64) -> String {
    number::plain((days * 10.0).round() / 10.0)
}

/// What stands before the readout of a record.
#[must_use]
pub fn record_head(one: &Overview, lines: &[&Line], format: Format) -> Vec<u8> {
    let text = Text(format);
    let mut document = match format {
        Format::Markdown => format!("# Record `{}`\n\n", one.record),
        _ => format!("Record {}\n", one.record),
    };
    let mut item = |words: &str| {
        let lead = if format == Format::Markdown {
            "- "
        } else {
            "  "
        };
        document.push_str(&format!("{lead}{words}\n"));
    };
    if let Some(corrected) = &one.supersedes {
        item(&format!("corrects {corrected}"));
    }
    for line in lines {
        item(&text.cell(&sentence(line)));
    }
    if lines.is_empty() {
        item("the log does not say who recorded it");
    }
    if let Some(decided) = one.decisions.first() {
        let parts = [
            decided
                .days_from_data
                .map(|found| format!("{} days after its data end", days(found))),
            decided
                .days_from_record
                .map(|found| format!("{} days after it was recorded", days(found))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        item(&format!("first decided {}", parts.join(", ")));
    }
    item("names in the log are self-asserted");
    document.push('\n');
    document.into_bytes()
}

/// A record in full, with what the log says of it.
///
/// # Errors
/// When it holds a number that is none.
pub fn record_json(
    record: &Record,
    one: &Overview,
    lines: &[&Line],
) -> Result<Vec<u8>, RenderError> {
    #[derive(Serialize)]
    struct Shown<'a> {
        overview: &'a Overview,
        log: &'a [&'a Line],
        content: &'a Record,
    }
    json::stable_bytes(&Shown {
        overview: one,
        log: lines,
        content: record,
    })
}

/// The log, and what is wrong with it where that was asked for.
///
/// # Errors
/// When it holds a number that is none.
pub fn record_log(
    log: &Log,
    faults: Option<&[String]>,
    format: Format,
) -> Result<Vec<u8>, RenderError> {
    #[derive(Serialize)]
    struct Shown<'a> {
        lines: &'a [Line],
        torn_bytes: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        faults: Option<&'a [String]>,
    }
    if format == Format::Json {
        return json::stable_bytes(&Shown {
            lines: &log.lines,
            torn_bytes: log.torn,
            faults,
        });
    }
    let text = Text(format);
    let mut columns = Columns::new(&[
        ("line", Side::Right),
        ("at", Side::Left),
        ("who (self-asserted)", Side::Left),
        ("what", Side::Left),
    ]);
    for line in &log.lines {
        columns.push(vec![
            line.number.to_string(),
            line.at.to_string(),
            text.cell(&line.actor.name),
            text.cell(&what(&line.event)),
        ]);
    }
    let mut document = text.table(&columns, &[]);
    for fault in faults.unwrap_or_default() {
        document.push_str(&format!("\nfault: {}\n", text.cell(fault)));
    }
    if faults.is_some_and(<[String]>::is_empty) {
        let lines = number::count(log.lines.len() as u64);
        document.push_str(&format!(
            "\nverified: {lines} lines, each follows from the one before\n"
        ));
    }
    Ok(document.into_bytes())
}

fn sentence(line: &Line) -> String {
    let Actor { name, source } = &line.actor;
    format!(
        "{} by {name} (from {}) at {}",
        what(&line.event),
        source.label(),
        line.at
    )
}

fn what(event: &Event) -> String {
    match event {
        Event::Recorded { record, experiment } => {
            format!("recorded {} of {experiment}", record.short())
        }
        Event::Superseded { record, by, reason } => {
            format!("superseded {} by {}: {reason}", record.short(), by.short())
        }
        Event::Decided {
            record,
            decision,
            reason,
        } => format!(
            "decided to {} on {}: {reason}",
            decision.label(),
            record.short()
        ),
    }
}

/// What verifying found; of all records, with the share that came out the same.
///
/// # Errors
/// When it holds a number that is none.
pub fn verifications(
    found: &[Verification],
    rate: Option<Reproducibility>,
    format: Format,
) -> Result<Vec<u8>, RenderError> {
    #[derive(Serialize)]
    struct Shown<'a> {
        verifications: &'a [Verification],
        #[serde(skip_serializing_if = "Option::is_none")]
        reproducibility: Option<Reproducibility>,
    }
    if format == Format::Json {
        return json::stable_bytes(&Shown {
            verifications: found,
            reproducibility: rate,
        });
    }
    let text = Text(format);
    let mut document = String::new();
    for one in found {
        one_verification(one, &text, &mut document);
    }
    if let Some(rate) = rate {
        document.push_str(&share(rate));
    }
    Ok(document.into_bytes())
}

fn one_verification(one: &Verification, text: &Text, document: &mut String) {
    let experiment = one.experiment.as_deref().unwrap_or("unknown experiment");
    let lead = if text.0 == Format::Markdown {
        "- "
    } else {
        "  "
    };
    document.push_str(&format!(
        "{}{} of {}: {}\n",
        if text.0 == Format::Markdown {
            "## "
        } else {
            ""
        },
        one.record.short(),
        text.cell(experiment),
        one.level.label()
    ));
    if text.0 == Format::Markdown {
        document.push('\n');
    }
    let mut item = |words: &str| document.push_str(&format!("{lead}{}\n", text.cell(words)));
    if one.is_erased() {
        item("inputs erased: a file that it was made from is gone");
    }
    if one.inputs_match == Some(true) {
        item("inputs: every file has the bytes it had");
    }
    for change in &one.changes {
        item(&in_words(change));
    }
    if let Some(first) = &one.first_difference {
        item(&format!(
            "first difference: {}: {} → {}",
            first.path, first.before, first.after
        ));
    }
    if one.is_unexplained() {
        item("nothing that the numbers follow from was found to have changed: please report this");
    }
    if let Some(reason) = &one.not_recomputed {
        item(&format!("not computed again: {reason}"));
    }
    document.push('\n');
}

fn in_words(change: &Change) -> String {
    let cosmetic = if change.cosmetic { ", words only" } else { "" };
    let field = change
        .field
        .as_ref()
        .map(|field| format!(" {field}"))
        .unwrap_or_default();
    let head = format!(
        "{}{cosmetic}: {}{field}",
        change.kind.label(),
        change.subject
    );
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{head}: {before} → {after}"),
        (Some(before), None) => format!("{head}: was {before}"),
        (None, Some(after)) => format!("{head}: now {after}"),
        (None, None) => head,
    }
}

fn share(rate: Reproducibility) -> String {
    let Reproducibility {
        records,
        attempted,
        bit_identical,
    } = rate;
    let Some(share) = rate.rate() else {
        return format!(
            "reproducibility: none of {records} records was computed again, so there is no rate\n"
        );
    };
    let left = records - attempted;
    let others = if left > 0 {
        format!("; {left} could not be computed again")
    } else {
        String::new()
    };
    format!(
        "reproducibility: {bit_identical} of {attempted} bit-identical ({}){others}\n",
        number::plain_percent(share)
    )
}

/// How cells are escaped and tables drawn.
struct Text(Format);

impl Text {
    fn cell(&self, text: &str) -> String {
        if self.0 == Format::Markdown {
            escape::markdown_shortened(text, SHOWN * 5)
        } else {
            escape::terminal_shortened(text, SHOWN * 5)
        }
    }

    fn table(&self, columns: &Columns, droppable: &[&str]) -> String {
        if self.0 == Format::Markdown {
            columns.markdown()
        } else {
            columns.plain(WIDEST, droppable)
        }
    }
}
