//! Defines how Parquet and Arrow files are read: by polars, one file at a time, only the columns that are asked for.
//!
//! It refuses to let a damaged file take the program down: every call into polars is guarded.

mod blocks;
mod cells;
mod flat;
mod guard;
mod lane;
mod pages;
mod thrift;
mod times;

use std::fs::File;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use polars::prelude::{
    DataFrame, DataType, Engine, Expr, IpcScanOptions, LazyFrame, PlRefPath, PlanCallback,
    ScanArgsParquet, UnifiedScanArgs, len,
};

pub(super) use guard::is_caught;

use self::guard::guarded;
use super::batch::{Batch, Positions};
use super::error::Problem;
use super::parts::{Format, Part, unreadable};
use super::table::PhysicalType;
use super::wanted::Wanted;

/// Rows of a batch; morsels of polars may be many times as tall.
const ROWS: usize = 1 << 16;

/// The columns a file declares, in its own order.
pub(super) fn header(part: &Part) -> Result<Vec<(String, PhysicalType)>, Problem> {
    trust(part, |_| false)?;
    guarded(part.format, || {
        let schema = open(part)?.collect_schema()?;
        Ok(schema
            .iter()
            .map(|(name, declared)| (name.to_string(), physical(declared)))
            .collect())
    })
}

/// Reads one file and hands its batches to `emit`, in row order.
pub(super) fn read(
    part: &Part,
    wanted: &mut [Wanted],
    emit: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<(), Problem> {
    trust(part, |column| {
        wanted.iter().any(|want| want.source == column)
    })?;
    let rows = guarded(part.format, || count(part))?;
    let mut progress = Progress {
        rows,
        done: 0,
        bytes: part.bytes,
        told: 0,
    };
    let present: Vec<&str> = wanted
        .iter()
        .filter(|want| part.declares(&want.source))
        .map(|want| want.source.as_str())
        .collect();
    if present.is_empty() {
        without_columns(part, wanted.len(), &mut progress, emit);
        return Ok(());
    }
    let frame = guarded(part.format, || {
        let mut distinct = present.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let columns: Vec<Expr> = distinct
            .into_iter()
            .map(|name| Expr::Column(name.into()))
            .collect();
        Ok(open(part)?.select(columns))
    })?;
    stream(part, frame, |morsel| {
        for start in (0..morsel.height()).step_by(ROWS) {
            let rows = morsel.slice(i64::try_from(start).unwrap_or(i64::MAX), ROWS);
            if emit(batch(part, &rows, wanted, &mut progress)?).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// Refuses a file that names what it does not have, in its footer or in the columns that `is_read`.
fn trust(part: &Part, is_read: impl Fn(&str) -> bool) -> Result<(), Problem> {
    guard::envelope(part)?;
    let corrupt = |reason: &str| Problem::Corrupt {
        format: part.format.name(),
        reason: reason.to_owned(),
    };
    let mut file = File::open(&part.path).map_err(|error| unreadable(&error))?;
    if part.format == Format::Parquet {
        let footer = guarded(part.format, || pages::footer(file))?;
        footer.check(part.bytes).map_err(corrupt)?;
        return pages::check(part, &footer, is_read);
    }
    blocks::check(&mut file, part.bytes)
        .map_err(|error| unreadable(&error))?
        .map_err(corrupt)
}

fn open(part: &Part) -> polars::prelude::PolarsResult<LazyFrame> {
    let path = PlRefPath::try_from_path(&part.path)?;
    if part.format == Format::Arrow {
        let arguments = UnifiedScanArgs {
            glob: false,
            ..UnifiedScanArgs::default()
        };
        return LazyFrame::scan_ipc(path, IpcScanOptions::default(), arguments);
    }
    let arguments = ScanArgsParquet {
        glob: false,
        ..ScanArgsParquet::default()
    };
    LazyFrame::scan_parquet(path, arguments)
}

fn count(part: &Part) -> polars::prelude::PolarsResult<u64> {
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
    /// Moves on by `rows`; the row the batch starts at, counted from 1, and the bytes it stands for.
    fn advance(&mut self, rows: usize) -> (u64, u64) {
        let first = self.done + 1;
        self.done += rows as u64;
        let share = u128::from(self.bytes) * u128::from(self.done.min(self.rows));
        let told = match self.rows {
            0 => self.bytes,
            all => u64::try_from(share / u128::from(all)).unwrap_or(self.bytes),
        };
        let bytes = told.saturating_sub(self.told);
        self.told = told;
        (first, bytes)
    }
}

/// Rows of a file that has none of the columns asked for.
fn without_columns(
    part: &Part,
    requests: usize,
    progress: &mut Progress,
    emit: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) {
    while progress.done < progress.rows {
        let left = usize::try_from(progress.rows - progress.done).unwrap_or(ROWS);
        let rows = left.min(ROWS);
        let (first, bytes) = progress.advance(rows);
        let batch = Batch {
            rows,
            columns: vec![None; requests],
            faults: Vec::new(),
            lost: Vec::new(),
            bytes,
            file: part.name.clone(),
            positions: Positions::From(first),
        };
        if emit(batch).is_break() {
            break;
        }
    }
}

/// Runs a query on a thread of its own and hands its morsels on, in order, with two in flight at most.
fn stream(
    part: &Part,
    frame: LazyFrame,
    mut each: impl FnMut(DataFrame) -> Result<ControlFlow<()>, Problem>,
) -> Result<(), Problem> {
    let (sender, receiver) = sync_channel::<DataFrame>(1);
    let format = part.format;
    let query = move || {
        guarded(format, move || {
            // The sender sits in a mutex because a callback is shared, and is called by one thread at a time.
            let sender = std::sync::Mutex::new(sender);
            let hand_on = PlanCallback::new(move |morsel: DataFrame| {
                let sender = sender
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                Ok(sender.send(morsel).is_err())
            });
            frame
                .sink_batches(hand_on, true, None)?
                .collect_with_engine(Engine::Streaming)
                .map(drop)
        })
    };
    let worker = thread::Builder::new()
        .name(guard::THREAD.to_owned())
        .spawn(query)
        .map_err(|error| unreadable(&error))?;
    let handed = drain(receiver, &mut each);
    let queried = worker
        .join()
        .unwrap_or_else(|payload| Err(guard::corrupt(format, &*payload)));
    match handed? {
        // The reader stopped early: what the query then says about its closed channel is of no interest.
        ControlFlow::Break(()) => Ok(()),
        ControlFlow::Continue(()) => queried,
    }
}

/// Takes morsels until there are no more or nobody wants more. Owns the receiver, so that the query then stops.
fn drain(
    receiver: Receiver<DataFrame>,
    each: &mut impl FnMut(DataFrame) -> Result<ControlFlow<()>, Problem>,
) -> Result<ControlFlow<()>, Problem> {
    for morsel in receiver {
        if each(morsel)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn batch(
    part: &Part,
    morsel: &DataFrame,
    wanted: &mut [Wanted],
    progress: &mut Progress,
) -> Result<Batch, Problem> {
    let (first, bytes) = progress.advance(morsel.height());
    let mut faults = Vec::new();
    let mut columns = Vec::with_capacity(wanted.len());
    for (request, want) in wanted.iter_mut().enumerate() {
        columns.push(if part.declares(&want.source) {
            let cells = guarded_cells(part, morsel, request, want, &mut faults)?;
            Some(cells)
        } else {
            None
        });
    }
    faults.sort_unstable();
    Ok(Batch {
        rows: morsel.height(),
        columns,
        faults,
        lost: Vec::new(),
        bytes,
        file: part.name.clone(),
        positions: Positions::From(first),
    })
}

fn guarded_cells(
    part: &Part,
    morsel: &DataFrame,
    request: usize,
    want: &mut Wanted,
    faults: &mut Vec<super::batch::Fault>,
) -> Result<super::batch::Cells, Problem> {
    guarded(part.format, || {
        let column = morsel.column(&want.source)?;
        cells::convert(column.as_materialized_series(), request, want, faults)
    })?
}

/// Our word for a type of polars.
fn physical(declared: &DataType) -> PhysicalType {
    match declared {
        DataType::Boolean => PhysicalType::Boolean,
        kind if kind.is_integer() => PhysicalType::Integer,
        kind if kind.is_float() => PhysicalType::Float,
        DataType::Decimal(_, scale) => {
            PhysicalType::Decimal(u32::try_from(*scale).unwrap_or(u32::MAX))
        }
        DataType::String | DataType::Categorical(..) | DataType::Enum(..) | DataType::Binary => {
            PhysicalType::Text
        }
        DataType::Date => PhysicalType::Date,
        DataType::Datetime(_, None) => PhysicalType::LocalTime,
        DataType::Datetime(_, Some(_)) => PhysicalType::Instant,
        DataType::Null => PhysicalType::Null,
        other => PhysicalType::Other(other.to_string()),
    }
}
