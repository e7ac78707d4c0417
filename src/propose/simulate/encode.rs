//! Defines how a table becomes bytes, in each of the formats the program reads.
//!
//! The same columns give the same bytes: one thread, no time and no name in any header.

use std::io::Write as _;

use polars::polars_utils::compression::ZstdLevel;
use polars::prelude::{
    Column, CompatLevel, DataFrame, DataType, IpcWriter, ParquetCompression, ParquetWriter,
    PolarsError, PolarsResult, SerWriter as _, TimeUnit,
};

use super::write::TableFormat;
use crate::domain::definition::Timestamp;

/// One column: its name and its cells.
pub(super) struct Cells {
    name: String,
    values: CellValues,
}

enum CellValues {
    Text(Vec<Option<String>>),
    Integer(Vec<i64>),
    Number(Vec<Option<f64>>),
    Time(Vec<Timestamp>),
}

impl Cells {
    pub(super) fn text(name: &str, cells: impl Iterator<Item = Option<String>>) -> Self {
        Self {
            name: name.to_owned(),
            values: CellValues::Text(cells.collect()),
        }
    }

    pub(super) fn integer(name: &str, cells: impl Iterator<Item = i64>) -> Self {
        Self {
            name: name.to_owned(),
            values: CellValues::Integer(cells.collect()),
        }
    }

    pub(super) fn number(name: &str, cells: impl Iterator<Item = Option<f64>>) -> Self {
        Self {
            name: name.to_owned(),
            values: CellValues::Number(cells.collect()),
        }
    }

    pub(super) fn time(name: &str, cells: impl Iterator<Item = Timestamp>) -> Self {
        Self {
            name: name.to_owned(),
            values: CellValues::Time(cells.collect()),
        }
    }

    fn len(&self) -> usize {
        match &self.values {
            CellValues::Text(cells) => cells.len(),
            CellValues::Integer(cells) => cells.len(),
            CellValues::Number(cells) => cells.len(),
            CellValues::Time(cells) => cells.len(),
        }
    }

    /// The cell of `row` as JSON; null where there is none.
    fn json(&self, row: usize) -> serde_json::Value {
        use serde_json::Value;
        let value = match &self.values {
            CellValues::Text(cells) => cells.get(row).cloned().flatten().map(Value::from),
            CellValues::Integer(cells) => cells.get(row).copied().map(Value::from),
            CellValues::Number(cells) => cells.get(row).copied().flatten().map(Value::from),
            CellValues::Time(cells) => cells.get(row).map(|cell| Value::from(cell.to_string())),
        };
        value.unwrap_or(Value::Null)
    }

    /// A column of polars. Timestamps carry no zone: the workspace declares UTC.
    fn into_polars(self) -> PolarsResult<Column> {
        let name = self.name.into();
        match self.values {
            CellValues::Text(cells) => Ok(Column::new(name, cells)),
            CellValues::Integer(cells) => Ok(Column::new(name, cells)),
            CellValues::Number(cells) => Ok(Column::new(name, cells)),
            CellValues::Time(cells) => {
                let micros: Vec<i64> = cells.into_iter().map(|cell| cell.0).collect();
                Column::new(name, micros).cast(&DataType::Datetime(TimeUnit::Microseconds, None))
            }
        }
    }
}

/// The bytes of a table of these columns.
pub(super) fn encode(columns: Vec<Cells>, format: TableFormat) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    match format {
        TableFormat::Parquet => {
            ParquetWriter::new(&mut bytes)
                .with_compression(ParquetCompression::Zstd(Some(ZstdLevel::try_new(9)?)))
                .set_parallel(false)
                .finish(&mut frame(columns)?)?;
        }
        TableFormat::Arrow => {
            IpcWriter::new(&mut bytes)
                .with_compat_level(CompatLevel::oldest())
                .with_parallel(false)
                .finish(&mut frame(columns)?)?;
        }
        TableFormat::Csv => bytes = csv_bytes(&columns)?,
        TableFormat::CsvGzip => {
            // No name and no time in the header: both would change the bytes.
            let level = flate2::Compression::best();
            let mut writer = flate2::GzBuilder::new().mtime(0).write(&mut bytes, level);
            writer.write_all(&csv_bytes(&columns)?)?;
            writer.finish()?;
        }
        TableFormat::Ndjson => {
            for row in 0..columns.first().map_or(0, Cells::len) {
                let object: serde_json::Map<_, _> = columns
                    .iter()
                    .map(|column| (column.name.clone(), column.json(row)))
                    .collect();
                serde_json::to_writer(&mut bytes, &object)?;
                bytes.push(b'\n');
            }
        }
    }
    Ok(bytes)
}

fn frame(columns: Vec<Cells>) -> PolarsResult<DataFrame> {
    let columns: Vec<Column> = columns
        .into_iter()
        .map(Cells::into_polars)
        .collect::<PolarsResult<_>>()?;
    DataFrame::new_infer_height(columns)
}

fn csv_bytes(columns: &[Cells]) -> Result<Vec<u8>, EncodeError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|column| column.name.as_str()))?;
    for row in 0..columns.first().map_or(0, Cells::len) {
        writer.write_record(columns.iter().map(|column| match column.json(row) {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        }))?;
    }
    writer
        .into_inner()
        .map_err(|error| EncodeError(error.to_string()))
}

/// Why a table could not be encoded, in words: three libraries have three error types.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct EncodeError(String);

impl From<PolarsError> for EncodeError {
    fn from(error: PolarsError) -> Self {
        Self(error.to_string())
    }
}

impl From<csv::Error> for EncodeError {
    fn from(error: csv::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<serde_json::Error> for EncodeError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for EncodeError {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}
