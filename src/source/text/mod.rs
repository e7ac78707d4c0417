//! Defines how text files are read: CSV, TSV and NDJSON, a row at a time, so that each bad row is named and the rest kept.

mod builder;
mod delimited;
mod input;
mod json_lines;
mod record;
mod slot;

use std::ops::ControlFlow;

use self::builder::Builder;
use super::batch::Batch;
use super::error::Problem;
use super::parts::{Format, Part};
use super::table::PhysicalType;
use super::wanted::Wanted;

/// The columns of a file, and whether these are all it can have.
pub(super) fn header(part: &Part) -> Result<(Vec<(String, PhysicalType)>, bool), Problem> {
    let (names, closed) = match part.format {
        Format::JsonLines(_) => (json_lines::first_keys(part)?, false),
        _ => (delimited::header(part)?, true),
    };
    let columns = names
        .into_iter()
        .map(|name| (name, PhysicalType::Undeclared))
        .collect();
    Ok((columns, closed))
}

/// Reads one file and hands its batches to `emit`, in line order.
pub(super) fn read(
    part: &Part,
    wanted: &mut [Wanted],
    emit: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<(), Problem> {
    let mut feed = Feed {
        builder: Builder::new(part.name.clone(), wanted),
        told: 0,
        emit,
    };
    match part.format {
        Format::JsonLines(_) => json_lines::read(part, wanted, &mut feed),
        _ => delimited::read(part, wanted, &mut feed),
    }
}

/// Where rows go: into the batch that is being filled, and from there to the reader.
struct Feed<'a> {
    builder: Builder,
    told: u64,
    emit: &'a mut dyn FnMut(Batch) -> ControlFlow<()>,
}

impl Feed<'_> {
    fn flush_if_full(
        &mut self,
        stored: u64,
        wanted: &[Wanted],
    ) -> Result<ControlFlow<()>, Problem> {
        if self.builder.is_full() {
            self.flush(stored, wanted)
        } else {
            Ok(ControlFlow::Continue(()))
        }
    }

    /// Hands the batch on; `stored` bytes of the file have been read by now.
    fn flush(&mut self, stored: u64, wanted: &[Wanted]) -> Result<ControlFlow<()>, Problem> {
        let bytes = stored.saturating_sub(self.told);
        self.told += bytes;
        let batch = self.builder.take(bytes, wanted)?;
        Ok((self.emit)(batch))
    }
}
