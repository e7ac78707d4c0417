//! Defines how Parquet and Arrow files are read: by polars, one file at a time, only the columns that are asked for.
//!
//! It refuses to let a damaged file take the program down: every call into polars is guarded.

mod blocks;
mod cells;
mod flat;
mod guard;
mod labels;
mod lane;
mod pages;
mod pieces;
mod stream;
mod thrift;
mod times;

use std::fs::File;

use polars::prelude::{
    DataType, IpcScanOptions, LazyFrame, PlRefPath, ScanArgsParquet, UnifiedScanArgs,
};

pub(super) use guard::{THREAD, is_caught};
pub(super) use pieces::{Piece, convert, read};
pub(super) use stream::{columns, stream};

use self::guard::guarded;
use super::error::Problem;
use super::parts::{Format, Part, unreadable};
use super::table::PhysicalType;

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
