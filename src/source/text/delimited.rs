//! Defines how CSV and TSV files are read: a header line, then records of as many fields.

use std::ops::ControlFlow;

use super::Feed;
use super::builder::Written;
use super::input::Input;
use super::record::{Outcome, Records};
use crate::domain::evidence::RejectionRule;
use crate::source::error::Problem;
use crate::source::parts::{Format, Part};
use crate::source::wanted::Wanted;

/// The names in the header; none in an empty file.
pub(super) fn header(part: &Part) -> Result<Vec<String>, Problem> {
    names(&mut open(part)?)
}

fn open(part: &Part) -> Result<Records, Problem> {
    let delimiter = match part.format {
        Format::Delimited(delimiter, _) => delimiter,
        _ => b',',
    };
    Ok(Records::new(Input::open(part)?, delimiter))
}

fn names(records: &mut Records) -> Result<Vec<String>, Problem> {
    match records.next()? {
        None => return Ok(Vec::new()),
        Some((_, Outcome::Fields)) => {}
        Some((_, Outcome::TooWide | Outcome::TooLong)) => {
            return Err(Problem::BeyondLimit {
                reason: "its header has more than 10,000 columns, or one longer than 1 MiB"
                    .to_owned(),
                fix: "keep the columns that are needed".to_owned(),
            });
        }
    }
    (0..records.fields())
        .map(|place| {
            let name = records.field(place).unwrap_or_default();
            std::str::from_utf8(name)
                .map(str::to_owned)
                .map_err(|_| records.input.corrupt("its header is not UTF-8"))
        })
        .collect()
}

/// Reads one file and hands its batches on.
pub(super) fn read(part: &Part, wanted: &mut [Wanted], feed: &mut Feed) -> Result<(), Problem> {
    let mut records = open(part)?;
    let names = names(&mut records)?;
    let places: Vec<Option<usize>> = wanted
        .iter()
        .map(|want| names.iter().position(|name| *name == want.source))
        .collect();
    while let Some((line, outcome)) = records.next()? {
        match lost(&records, outcome, names.len()) {
            Some(rule) => feed.builder.lose(line, rule),
            None => row(&records, line, &places, wanted, feed)?,
        }
        if feed
            .flush_if_full(records.input.stored(), wanted)?
            .is_break()
        {
            return Ok(());
        }
    }
    match feed.flush(part.bytes, wanted)? {
        ControlFlow::Continue(()) | ControlFlow::Break(()) => Ok(()),
    }
}

/// Why a record cannot become cells, if it cannot.
fn lost(records: &Records, outcome: Outcome, columns: usize) -> Option<RejectionRule> {
    match outcome {
        Outcome::TooLong => Some(RejectionRule::TooLong),
        Outcome::TooWide => Some(RejectionRule::FieldCount),
        Outcome::Fields if std::str::from_utf8(records.bytes()).is_err() => {
            Some(RejectionRule::BadEncoding)
        }
        Outcome::Fields if records.fields() != columns => Some(RejectionRule::FieldCount),
        Outcome::Fields => None,
    }
}

fn row(
    records: &Records,
    line: u64,
    places: &[Option<usize>],
    wanted: &mut [Wanted],
    feed: &mut Feed,
) -> Result<(), Problem> {
    for (request, (place, want)) in places.iter().zip(wanted).enumerate() {
        let written = place.map(|place| {
            let field = records.field(place).unwrap_or_default();
            match std::str::from_utf8(field) {
                Ok("") | Err(_) => Written::Null,
                Ok(text) => Written::Text(text),
            }
        });
        feed.builder.push(request, written.as_ref(), want)?;
    }
    feed.builder.end_row(line);
    Ok(())
}
