//! Defines what stands between a damaged file and the rest of the program.

use std::any::Any;
use std::cell::Cell;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use polars::prelude::PolarsResult;

use crate::source::error::Problem;
use crate::source::parts::{Format, Part, unreadable};

/// The name of the threads that wait for polars.
pub(in crate::source) const THREAD: &str = "readout-source";

/// How polars and its runtimes name their threads. What panics on them reaches the guarded call that waits.
const THEIRS: [&str; 3] = ["polars-", "async-executor-", "tokio-rt-worker"];

thread_local! {
    /// Guarded calls that this thread is in.
    static HERE: Cell<usize> = const { Cell::new(0) };
}

/// Whether a panic on the current thread would become an error of a table, so that a panic hook need not speak of it.
pub(crate) fn is_caught() -> bool {
    let current = std::thread::current();
    let theirs = |name: &str| THEIRS.iter().any(|prefix| name.starts_with(prefix));
    HERE.get() > 0 || current.name().is_some_and(theirs)
}

/// Runs `work`; an error or a panic in it becomes a damaged file.
pub(super) fn guarded<T>(
    format: Format,
    work: impl FnOnce() -> PolarsResult<T>,
) -> Result<T, Problem> {
    HERE.set(HERE.get() + 1);
    let done = catch_unwind(AssertUnwindSafe(work));
    HERE.set(HERE.get() - 1);
    match done {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Problem::Corrupt {
            format: format.name(),
            reason: first_line(&error.to_string()),
        }),
        Err(payload) => Err(corrupt(format, &*payload)),
    }
}

/// What a panic says about the file that caused it.
pub(super) fn corrupt(format: Format, payload: &(dyn Any + Send)) -> Problem {
    let said = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("the reader gave up");
    Problem::Corrupt {
        format: format.name(),
        reason: first_line(said),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// Checks the marks at both ends of a file, and that its footer fits in it, before anything else trusts it.
pub(super) fn envelope(part: &Part) -> Result<(), Problem> {
    let (mark, trailer): (&[u8], u64) = match part.format {
        Format::Parquet => (b"PAR1", 8),
        _ => (b"ARROW1", 10),
    };
    let corrupt = |reason: &str| Problem::Corrupt {
        format: part.format.name(),
        reason: reason.to_owned(),
    };
    let mut file = File::open(&part.path).map_err(|error| unreadable(&error))?;
    let mut start = [0; 6];
    let start = start.get_mut(..mark.len()).unwrap_or_default();
    if part.bytes < trailer + mark.len() as u64 {
        return Err(corrupt("it is too short to be one"));
    }
    file.read_exact(start).map_err(|error| unreadable(&error))?;
    if start != mark {
        return Err(corrupt(foreign(start)));
    }
    file.seek(SeekFrom::Start(part.bytes - trailer))
        .map_err(|error| unreadable(&error))?;
    let mut end = Vec::new();
    file.take(trailer)
        .read_to_end(&mut end)
        .map_err(|error| unreadable(&error))?;
    let (footer, end_mark) = end.split_at_checked(4).unwrap_or_default();
    if end_mark != mark {
        return Err(corrupt("it ends in the middle; it was cut short"));
    }
    let footer = footer.try_into().map_or(u32::MAX, u32::from_le_bytes);
    if u64::from(footer) > part.bytes - trailer - mark.len() as u64 {
        return Err(corrupt("its footer claims to be longer than the file"));
    }
    Ok(())
}

/// What a file is that does not begin as it should.
fn foreign(start: &[u8]) -> &'static str {
    match start {
        [b'P', b'A', b'R', b'E', ..] => "it is encrypted",
        [b'F', b'E', b'A', b'1', ..] => "it is Feather of version 1, and version 2 is read",
        [0xff, 0xff, 0xff, 0xff, ..] => "it is an Arrow stream, and an Arrow file is read",
        [0x1f, 0x8b, ..] => "it is compressed with gzip",
        _ if start.is_ascii() => "it begins like text",
        _ => "it does not begin like one",
    }
}
