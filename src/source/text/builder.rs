//! Defines how cells that are written as text gather into a batch, the same for every text format.

use std::sync::Arc;

use crate::domain::evidence::{Rejection, RejectionRule};
use crate::source::batch::{Batch, Cells, Column, ColumnKind, Fault, Positions};
use crate::source::cell::{self, TimeFailure};
use crate::source::coder::Coder;
use crate::source::error::Problem;
use crate::source::wanted::Wanted;

/// Rows of a batch.
const ROWS: usize = 1 << 16;

/// Bytes of text after which a batch ends however few rows it has.
const BYTES: usize = 32 << 20;

/// A cell as a text format holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Written<'a> {
    Null,
    Text(&'a str),
    Integer(i64),
    Unsigned(u64),
    Float(f64),
    Boolean(bool),
    /// A list or an object.
    Nested,
}

/// The batch that is being filled.
pub(super) struct Builder {
    file: Arc<str>,
    lanes: Vec<Lane>,
    faults: Vec<Fault>,
    lost: Vec<Rejection>,
    lines: Vec<u64>,
    bytes: usize,
}

struct Lane {
    kind: ColumnKind,
    values: Values,
    valid: Option<Vec<bool>>,
    /// Whether a row of this batch had the column at all.
    present: bool,
    /// Whether a cell of this file was a time.
    told_time: bool,
    /// Whether a cell of this batch was a bare number where a time was wanted.
    told_number: bool,
}

enum Values {
    Text(Coder),
    Integer(Vec<i64>),
    Float(Vec<f64>),
    Boolean(Vec<bool>),
    Time(Vec<i64>),
}

impl Values {
    fn new(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Identifier => Self::Text(Coder::plain(0)),
            ColumnKind::Label => Self::Text(Coder::new(0)),
            ColumnKind::Number => Self::Integer(Vec::new()),
            ColumnKind::Boolean => Self::Boolean(Vec::new()),
            ColumnKind::Time => Self::Time(Vec::new()),
        }
    }

    /// Adds a row that holds nothing.
    fn push_nothing(&mut self) {
        match self {
            Self::Text(texts) => texts.push_nothing(),
            Self::Integer(values) | Self::Time(values) => values.push(0),
            Self::Float(values) => values.push(0.0),
            Self::Boolean(values) => values.push(false),
        }
    }

    fn push_integer(&mut self, value: i64) {
        match self {
            Self::Integer(values) => values.push(value),
            #[expect(clippy::cast_precision_loss, reason = "the column is one of floats")]
            Self::Float(values) => values.push(value as f64),
            _ => {}
        }
    }

    /// Adds a float, which makes every number of the batch one; beyond 2^53 its integers are then rounded, as they are in a
    /// file that declares the column to be floats.
    fn push_float(&mut self, value: f64) {
        if let Self::Integer(values) = self {
            #[expect(clippy::cast_precision_loss, reason = "the column is one of floats")]
            let floats = values.iter().map(|integer| *integer as f64).collect();
            *self = Self::Float(floats);
        }
        if let Self::Float(values) = self {
            values.push(value);
        }
    }

    fn into_column(self) -> Column {
        match self {
            Self::Text(texts) => Column::Text(texts.finish()),
            Self::Integer(values) => Column::Integer(values),
            Self::Float(values) => Column::Float(values),
            Self::Boolean(values) => Column::Boolean(values),
            Self::Time(values) => Column::Time(values),
        }
    }
}

/// What became of a cell: nothing is there, or it breaks a rule.
type Refusal = Option<RejectionRule>;

impl Lane {
    fn new(kind: ColumnKind) -> Self {
        Self {
            kind,
            values: Values::new(kind),
            valid: None,
            present: false,
            told_time: false,
            told_number: false,
        }
    }

    /// Adds a row; the rule it breaks, if it breaks one.
    fn push(
        &mut self,
        row: usize,
        written: &Written,
        want: &mut Wanted,
    ) -> Result<Refusal, Problem> {
        let pushed = match self.kind {
            ColumnKind::Identifier | ColumnKind::Label => self.push_text(written),
            ColumnKind::Number => self.push_number(written),
            ColumnKind::Boolean => self.push_boolean(written),
            ColumnKind::Time => self.push_time(written, want)?,
        };
        let refusal = match pushed {
            Ok(()) => {
                if let Some(valid) = &mut self.valid {
                    valid.push(true);
                }
                return Ok(None);
            }
            Err(refusal) => refusal,
        };
        self.values.push_nothing();
        self.valid
            .get_or_insert_with(|| vec![true; row])
            .push(false);
        Ok(refusal)
    }

    fn push_text(&mut self, written: &Written) -> Result<(), Refusal> {
        let Values::Text(texts) = &mut self.values else {
            return Err(None);
        };
        match written {
            Written::Null | Written::Text("") => return Err(None),
            Written::Nested => return Err(Some(RejectionRule::BadSyntax)),
            Written::Text(text) => texts.push(text),
            Written::Integer(value) => texts.push_with(|text| cell::write_integer(text, value)),
            Written::Unsigned(value) => texts.push_with(|text| cell::write_integer(text, value)),
            Written::Float(value) => texts.push_with(|text| cell::write_float(text, *value)),
            Written::Boolean(value) => texts.push(if *value { "true" } else { "false" }),
        };
        Ok(())
    }

    fn push_number(&mut self, written: &Written) -> Result<(), Refusal> {
        let number = match written {
            Written::Null => return Err(None),
            Written::Nested => return Err(Some(RejectionRule::BadNumber)),
            Written::Text(text) => cell::number(text)?,
            Written::Integer(value) => cell::Number::Integer(*value),
            #[expect(clippy::cast_precision_loss, reason = "beyond 64 signed bits")]
            Written::Unsigned(value) => cell::Number::Float(*value as f64),
            Written::Float(value) => cell::Number::Float(*value),
            Written::Boolean(value) => cell::Number::Integer(i64::from(*value)),
        };
        match number {
            cell::Number::Integer(value) => self.values.push_integer(value),
            cell::Number::Float(value) if value.is_finite() => self.values.push_float(value),
            cell::Number::Float(_) => return Err(Some(RejectionRule::NotFinite)),
        }
        Ok(())
    }

    fn push_boolean(&mut self, written: &Written) -> Result<(), Refusal> {
        let read = match written {
            Written::Null => return Err(None),
            Written::Text(text) if text.trim_ascii().is_empty() => return Err(None),
            Written::Text(text) => cell::boolean(text),
            Written::Boolean(value) => Some(*value),
            Written::Integer(0) => Some(false),
            Written::Integer(1) => Some(true),
            Written::Float(value) if *value == 0.0 => Some(false),
            Written::Float(value) if *value == 1.0 => Some(true),
            _ => None,
        };
        let (Some(value), Values::Boolean(values)) = (read, &mut self.values) else {
            return Err(Some(RejectionRule::BadNumber));
        };
        values.push(value);
        Ok(())
    }

    fn push_time(
        &mut self,
        written: &Written,
        want: &mut Wanted,
    ) -> Result<Result<(), Refusal>, Problem> {
        let text = match written {
            Written::Null => return Ok(Err(None)),
            Written::Text(text) => text.trim_ascii(),
            Written::Integer(_) | Written::Unsigned(_) | Written::Float(_) => "0",
            Written::Boolean(_) | Written::Nested => "no time",
        };
        if text.is_empty() {
            return Ok(Err(None));
        }
        match cell::time(text, want.zone.as_mut()) {
            Ok(instant) => {
                self.told_time = true;
                if let Values::Time(values) = &mut self.values {
                    values.push(instant);
                }
                Ok(Ok(()))
            }
            Err(TimeFailure::NoZone) => Err(want.no_zone()),
            Err(TimeFailure::Unreadable) => {
                self.told_number |= text.parse::<f64>().is_ok();
                Ok(Err(Some(RejectionRule::BadTimestamp)))
            }
        }
    }
}

impl Builder {
    pub(super) fn new(file: Arc<str>, wanted: &[Wanted]) -> Self {
        Self {
            file,
            lanes: wanted.iter().map(|want| Lane::new(want.kind)).collect(),
            faults: Vec::new(),
            lost: Vec::new(),
            lines: Vec::new(),
            bytes: 0,
        }
    }

    /// Adds the cell of one request to the row that is being read; `None`: the row does not have the column.
    ///
    /// To be called for every request in turn, then [`Builder::end_row`].
    pub(super) fn push(
        &mut self,
        request: usize,
        written: Option<&Written>,
        want: &mut Wanted,
    ) -> Result<(), Problem> {
        let row = self.lines.len();
        let Some(lane) = self.lanes.get_mut(request) else {
            return Ok(());
        };
        lane.present |= written.is_some();
        let written = written.unwrap_or(&Written::Null);
        if let Written::Text(text) = written {
            self.bytes += text.len();
        }
        if let Some(rule) = lane.push(row, written, want)? {
            self.faults.push(Fault { row, request, rule });
        }
        Ok(())
    }

    /// Ends a row that started on `line`.
    pub(super) fn end_row(&mut self, line: u64) {
        self.lines.push(line);
    }

    /// Adds a row that cannot become cells.
    pub(super) fn lose(&mut self, line: u64, rule: RejectionRule) {
        self.lost.push(Rejection {
            file: self.file.to_string(),
            row: line,
            rule: rule.into(),
            column: None,
        });
    }

    pub(super) fn is_full(&self) -> bool {
        self.lines.len() + self.lost.len() >= ROWS || self.bytes >= BYTES
    }

    /// Hands over what has gathered, for `bytes` of input, and starts anew.
    pub(super) fn take(&mut self, bytes: u64, wanted: &[Wanted]) -> Result<Batch, Problem> {
        for (lane, want) in self.lanes.iter().zip(wanted) {
            if lane.told_number && !lane.told_time {
                return Err(want.bare_number());
            }
        }
        let lines = std::mem::take(&mut self.lines);
        self.bytes = 0;
        let mut columns = Vec::with_capacity(self.lanes.len());
        for lane in &mut self.lanes {
            let fresh = Lane {
                told_time: lane.told_time,
                ..Lane::new(lane.kind)
            };
            let full = std::mem::replace(lane, fresh);
            columns.push(full.present.then(|| Cells {
                column: full.values.into_column(),
                valid: full.valid,
            }));
        }
        Ok(Batch {
            rows: lines.len(),
            columns,
            faults: std::mem::take(&mut self.faults),
            lost: std::mem::take(&mut self.lost),
            bytes,
            file: self.file.clone(),
            positions: Positions::Lines(lines),
        })
    }
}
