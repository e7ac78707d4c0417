//! Defines a piece, some rows that polars has read and that are not yet cells, and how it becomes a batch.
//!
//! Reading and converting are two steps because polars hands rows on in one place, while any thread may convert them.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use polars::prelude::DataFrame;

use super::guard::{self, guarded};
use super::{cells, stream};
use crate::source::batch::{Batch, Cells, Fault, Positions};
use crate::source::error::Problem;
use crate::source::parts::{Part, unreadable};
use crate::source::wanted::Wanted;

/// Consecutive rows of one file as polars holds them.
#[derive(Debug)]
pub(in crate::source) struct Piece {
    /// The columns asked for; `None` where the file has none of them.
    pub(super) frame: Option<DataFrame>,
    pub(super) rows: usize,
    /// The row it starts at, counted from 1.
    pub(in crate::source) first: u64,
    /// Bytes of the file it stands for.
    pub(super) bytes: u64,
}

/// Turns a piece into what was asked for.
pub(in crate::source) fn convert(
    part: &Part,
    piece: &Piece,
    wanted: &mut [Wanted],
) -> Result<Batch, Problem> {
    let mut faults = Vec::new();
    let mut columns = Vec::with_capacity(wanted.len());
    for (request, want) in wanted.iter_mut().enumerate() {
        columns.push(match &piece.frame {
            Some(frame) if part.declares(&want.source) => {
                Some(guarded_cells(part, frame, request, want, &mut faults)?)
            }
            _ => None,
        });
    }
    faults.sort_unstable();
    Ok(Batch {
        rows: piece.rows,
        columns,
        faults,
        lost: Vec::new(),
        bytes: piece.bytes,
        file: part.name.clone(),
        positions: Positions::From(piece.first),
    })
}

fn guarded_cells(
    part: &Part,
    frame: &DataFrame,
    request: usize,
    want: &mut Wanted,
    faults: &mut Vec<Fault>,
) -> Result<Cells, Problem> {
    guarded(part.format, || {
        let column = frame.column(&want.source)?;
        cells::convert(column.as_materialized_series(), request, want, faults)
    })?
}

/// Reads one file and hands its batches to `emit` on this thread, in row order, with two pieces in flight at most.
pub(in crate::source) fn read(
    part: &Part,
    wanted: &mut [Wanted],
    emit: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<(), Problem> {
    let columns = stream::columns(part, wanted);
    let (sender, receiver) = sync_channel::<Piece>(1);
    let hand_on = move |piece| match sender.send(piece) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    thread::scope(|scope| {
        let query = thread::Builder::new()
            .name(guard::THREAD.to_owned())
            .spawn_scoped(scope, || stream::stream(part, &columns, hand_on))
            .map_err(|error| unreadable(&error))?;
        let handed = drain(receiver, part, wanted, emit);
        let queried = query
            .join()
            .unwrap_or_else(|payload| Err(guard::corrupt(part.format, &*payload)));
        handed.and(queried)
    })
}

/// Converts pieces until there are no more or nobody wants more. Owns the receiver, so that the query then stops.
fn drain(
    receiver: Receiver<Piece>,
    part: &Part,
    wanted: &mut [Wanted],
    emit: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<(), Problem> {
    for piece in receiver {
        if emit(convert(part, &piece, wanted)?).is_break() {
            break;
        }
    }
    Ok(())
}
