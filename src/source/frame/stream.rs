//! Defines how polars reads one file: as a stream of morsels, cut into pieces that know their place.
//!
//! Its callback only cuts and hands on: nothing is converted there, since it is called by one thread at a time.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::{DataFrame, Engine, Expr, IdxSize, PlanCallback, PolarsResult, len};

use super::guard::guarded;
use super::pieces::Piece;
use super::{open, trust};
use crate::source::error::Problem;
use crate::source::parts::Part;
use crate::source::wanted::Wanted;

/// Rows of a piece; morsels of polars may be many times as tall.
const ROWS: usize = 1 << 14;

/// The columns of a file that are asked for, without repeats.
pub(in crate::source) fn columns(part: &Part, wanted: &[Wanted]) -> Vec<String> {
    let mut present: Vec<String> = wanted
        .iter()
        .filter(|want| part.declares(&want.source))
        .map(|want| want.source.clone())
        .collect();
    present.sort_unstable();
    present.dedup();
    present
}

/// Reads `columns` of one file and hands its pieces to `each` in row order, on a thread of polars, until it breaks.
pub(in crate::source) fn stream(
    part: &Part,
    columns: &[String],
    mut each: impl FnMut(Piece) -> ControlFlow<()> + Send + 'static,
) -> Result<(), Problem> {
    trust(part, |column| columns.iter().any(|name| name == column))?;
    let rows = guarded(part.format, || count(part))?;
    let mut progress = Progress {
        rows,
        done: 0,
        bytes: part.bytes,
        told: 0,
    };
    if columns.is_empty() {
        without_columns(&mut progress, &mut each);
        return Ok(());
    }
    let stopped = Arc::new(AtomicBool::new(false));
    let at_once = rows_at_once(rows, part.bytes);
    // Both sit in a mutex because a callback is shared; it is called by one thread at a time.
    let state = Arc::new(Mutex::new((progress, each)));
    for start in (0..rows).step_by(usize::try_from(at_once).unwrap_or(usize::MAX)) {
        let (state, told) = (state.clone(), stopped.clone());
        let hand_on = PlanCallback::new(move |morsel: DataFrame| {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let (progress, each) = &mut *state;
            let flow = cut(&morsel, progress, each);
            told.fetch_or(flow.is_break(), Ordering::Relaxed);
            Ok(flow.is_break())
        });
        let queried = guarded(part.format, move || {
            let names = columns.iter().map(|name| Expr::Column(name.into()));
            let frame = open(part)?.select(names.collect::<Vec<Expr>>());
            let frame = if at_once < rows {
                frame.slice(
                    start.cast_signed(),
                    IdxSize::try_from(at_once).unwrap_or(IdxSize::MAX),
                )
            } else {
                frame
            };
            frame
                .sink_batches(hand_on, true, None)?
                .collect_with_engine(Engine::Streaming)
                .map(drop)
        });
        if stopped.load(Ordering::Relaxed) {
            // What a query says that was stopped is of no interest.
            return Ok(());
        }
        queried?;
    }
    Ok(())
}

/// Rows that are read by one query. It maps its file into memory, where what was read counts as ours until the query is
/// over; a large file is read by several.
fn rows_at_once(rows: u64, bytes: u64) -> u64 {
    const MAPPED: u64 = 128 << 20;
    const FEWEST: u64 = 1 << 20;
    let fitting = u128::from(rows) * u128::from(MAPPED) / u128::from(bytes.max(1));
    u64::try_from(fitting).unwrap_or(u64::MAX).max(FEWEST)
}

fn count(part: &Part) -> PolarsResult<u64> {
    let counted = open(part)?.select([len()]).collect()?;
    let rows = counted
        .columns()
        .first()
        .map(|column| column.get(0))
        .transpose()?
        .and_then(|value| value.extract::<u64>());
    Ok(rows.unwrap_or(0))
}

/// How far the rows and bytes of a file have been told.
struct Progress {
    rows: u64,
    done: u64,
    bytes: u64,
    told: u64,
}

impl Progress {
    /// Moves on by a piece of `rows`.
    fn piece(&mut self, frame: Option<DataFrame>, rows: usize) -> Piece {
        let first = self.done + 1;
        self.done += rows as u64;
        let share = u128::from(self.bytes) * u128::from(self.done.min(self.rows));
        let told = match self.rows {
            0 => self.bytes,
            all => u64::try_from(share / u128::from(all)).unwrap_or(self.bytes),
        };
        let bytes = told.saturating_sub(self.told);
        self.told = told;
        Piece {
            frame,
            rows,
            first,
            bytes,
        }
    }
}

/// Hands a morsel on in pieces, without copying a row.
fn cut(
    morsel: &DataFrame,
    progress: &mut Progress,
    each: &mut impl FnMut(Piece) -> ControlFlow<()>,
) -> ControlFlow<()> {
    for start in (0..morsel.height()).step_by(ROWS) {
        let rows = morsel.slice(i64::try_from(start).unwrap_or(i64::MAX), ROWS);
        let height = rows.height();
        each(progress.piece(Some(rows), height))?;
    }
    ControlFlow::Continue(())
}

/// Rows of a file that has none of the columns asked for.
fn without_columns(progress: &mut Progress, each: &mut impl FnMut(Piece) -> ControlFlow<()>) {
    while progress.done < progress.rows {
        let left = usize::try_from(progress.rows - progress.done).unwrap_or(ROWS);
        if each(progress.piece(None, left.min(ROWS))).is_break() {
            break;
        }
    }
}
