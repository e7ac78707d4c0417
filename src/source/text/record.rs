//! Defines how delimited text falls into records, each with the line it really starts on.
//!
//! The `csv` crate counts the line a record's *search* starts on, which blank lines and CRLF move; so the tokeniser below
//! it is driven here, which also bounds every record.

use super::input::Input;
use crate::source::cell;
use crate::source::error::Problem;

/// Fields a record may have.
const WIDEST: usize = 10_000;

/// Bytes a record may have.
const LONGEST: usize = 16 << 20;

/// What one record turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Its fields can be read.
    Fields,
    /// It has more fields than any record may have.
    TooWide,
    /// It, or a field of it, is too long.
    TooLong,
}

/// The records of a file, one at a time in one buffer.
pub(super) struct Records {
    pub(super) input: Input,
    tokens: csv_core::Reader,
    line: u64,
    text: Vec<u8>,
    ends: Vec<usize>,
    length: usize,
    fields: usize,
}

impl Records {
    pub(super) fn new(input: Input, delimiter: u8) -> Self {
        Self {
            input,
            tokens: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            line: 1,
            text: vec![0; 4 << 10],
            ends: vec![0; WIDEST + 1],
            length: 0,
            fields: 0,
        }
    }

    /// The fields of the record last read.
    pub(super) fn fields(&self) -> usize {
        self.fields
    }

    /// A field of the record last read; `None` when it is not UTF-8.
    pub(super) fn field(&self, place: usize) -> Option<&[u8]> {
        let end = *self.ends.get(..self.fields)?.get(place)?;
        let start = match place.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..end)
    }

    /// Every byte of the record last read, its fields one after the other.
    pub(super) fn bytes(&self) -> &[u8] {
        self.text.get(..self.length).unwrap_or_default()
    }

    /// Reads the next record: the line it starts on, and what it is. Blank lines are none.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Outcome)>, Problem> {
        if !self.skip_blank()? {
            return Ok(None);
        }
        let start = self.line;
        let outcome = self.tokenise(start)?;
        Ok(Some((start, outcome)))
    }

    /// Moves to the next byte that ends no line; whether there is one.
    fn skip_blank(&mut self) -> Result<bool, Problem> {
        loop {
            let buffer = match self.input.bytes.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) => return Err(self.input.problem(&error)),
            };
            let blank = buffer
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'));
            let (skipped, lines) = blank.fold((0, 0), |(skipped, lines), byte| {
                (skipped + 1, lines + u64::from(*byte == b'\n'))
            });
            let done = skipped < buffer.len();
            let empty = buffer.is_empty();
            self.input.bytes.consume(skipped);
            self.line += lines;
            if done || empty {
                return Ok(done);
            }
        }
    }

    fn tokenise(&mut self, start: u64) -> Result<Outcome, Problem> {
        let before = self.tokens.line();
        self.length = 0;
        self.fields = 0;
        let mut outcome = Outcome::Fields;
        loop {
            let buffer = match self.input.bytes.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) => return Err(self.input.problem(&error)),
            };
            let at_end = buffer.is_empty();
            // At the end of the file a line end closes the record, unless a quote is open.
            let buffer = if at_end { b"\n" } else { buffer };
            let output = self.text.get_mut(self.length..).unwrap_or_default();
            let ends = self.ends.get_mut(self.fields..).unwrap_or_default();
            let (result, read, written, ended) = self.tokens.read_record(buffer, output, ends);
            if !at_end {
                self.input.bytes.consume(read);
            }
            self.length += written;
            self.fields += ended;
            let lines = self.tokens.line() - before;
            match result {
                csv_core::ReadRecordResult::Record | csv_core::ReadRecordResult::End => {
                    self.line += lines;
                    return Ok(self.judge(outcome));
                }
                csv_core::ReadRecordResult::InputEmpty if at_end => return Err(open_quote(start)),
                csv_core::ReadRecordResult::InputEmpty => {}
                csv_core::ReadRecordResult::OutputFull => {
                    if self.text.len() < LONGEST {
                        self.text.resize((self.text.len() * 2).min(LONGEST), 0);
                    } else if lines > 0 {
                        return Err(open_quote(start));
                    } else {
                        outcome = Outcome::TooLong;
                        self.length = 0;
                    }
                }
                csv_core::ReadRecordResult::OutputEndsFull => {
                    outcome = Outcome::TooWide;
                    self.fields = 0;
                }
            }
        }
    }

    fn judge(&self, outcome: Outcome) -> Outcome {
        let long = self.length > cell::LONGEST
            && (0..self.fields)
                .filter_map(|place| self.field(place))
                .any(|field| field.len() > cell::LONGEST);
        match outcome {
            Outcome::Fields if self.fields > WIDEST => Outcome::TooWide,
            Outcome::Fields if long => Outcome::TooLong,
            other => other,
        }
    }
}

fn open_quote(line: u64) -> Problem {
    Problem::BeyondLimit {
        reason: format!(
            "the record that starts on line {line} does not end: a quote in it is probably never closed"
        ),
        fix: "close it, or double a quote that is part of the text".to_owned(),
    }
}
