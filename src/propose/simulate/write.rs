//! Defines the files of a world: its tables in any of the formats the program reads, its definitions and its truth.
//!
//! The same world gives the same bytes. It refuses to write into a folder that already holds something, unless told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::definitions::definition_files;
use super::encode::{Cells, encode};
use super::generate::World;
use super::tables::{AssignmentRow, EventRow, UnitNumber};
use crate::domain::definition::Timestamp;
use crate::domain::vocabulary;

vocabulary! {
    /// How a table is written.
    pub enum TableFormat {
        /// Parquet, compressed with Zstandard.
        Parquet = "parquet", "Parquet";
        /// CSV with a header.
        Csv = "csv", "CSV";
        /// CSV with a header, compressed with gzip.
        CsvGzip = "csv.gz", "gzip CSV";
        /// One JSON object a line.
        Ndjson = "ndjson", "NDJSON";
        /// Arrow IPC.
        Arrow = "arrow", "Arrow";
    }
}

/// Which format each table has, and whether events are a file a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// The format of assignments.
    pub assignments: TableFormat,
    /// The format of exposures.
    pub exposures: TableFormat,
    /// The format of events.
    pub events: TableFormat,
    /// The format of units.
    pub units: TableFormat,
    /// Whether events are a folder with a part a month.
    pub events_by_month: bool,
}

impl Layout {
    /// Every table in one file of this format.
    #[must_use]
    pub const fn uniform(format: TableFormat) -> Self {
        Self {
            assignments: format,
            exposures: format,
            events: format,
            units: format,
            events_by_month: false,
        }
    }
}

/// What becomes of a folder that already holds something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// It is left alone, and writing fails.
    Never,
    /// Files of the world replace files of the same name; others stay.
    SameFiles,
}

/// A world that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder holds something.
    #[error("'{}' is not empty; choose another folder, or let files of the same names be overwritten with --force", .0.display())]
    NotEmpty(PathBuf),
    /// A file could not be written.
    #[error("cannot write '{}': {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table could not be encoded.
    #[error("cannot encode table '{table}': {reason}")]
    Table {
        /// The table's file.
        table: String,
        /// Why.
        reason: String,
    },
}

impl World {
    /// Every file of the workspace, by its path in it.
    ///
    /// # Errors
    /// [`WriteError::Table`] when a table cannot be encoded.
    pub fn files(&self, layout: Layout) -> Result<BTreeMap<String, Vec<u8>>, WriteError> {
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut paths = BTreeMap::new();
        for (table, format, parts) in self.parts(layout) {
            let name = format.name();
            let path = match parts.as_slice() {
                [(None, _)] => format!("tables/{table}.{name}"),
                _ => format!("tables/{table}/*.{name}"),
            };
            paths.insert(table, path);
            for (part, columns) in parts {
                let path = part.map_or_else(
                    || format!("tables/{table}.{name}"),
                    |part| format!("tables/{table}/{part}.{name}"),
                );
                let bytes = encode(columns, format).map_err(|error| WriteError::Table {
                    table: path.clone(),
                    reason: error.to_string(),
                })?;
                files.insert(path, bytes);
            }
        }
        for (path, text) in definition_files(&self.scenario, &paths) {
            files.insert(path, text.into_bytes());
        }
        let truth =
            serde_json::to_string_pretty(&self.truth).map_err(|error| WriteError::Table {
                table: "truth.json".to_owned(),
                reason: error.to_string(),
            })?;
        files.insert("truth.json".to_owned(), (truth + "\n").into_bytes());
        Ok(files)
    }

    /// Writes the workspace to `folder`, which is made if it is not there, and returns the paths written.
    ///
    /// # Errors
    /// [`WriteError::NotEmpty`] when the folder holds something and `overwrite` is `Never`; else what went wrong where.
    pub fn write(
        &self,
        folder: &Path,
        layout: Layout,
        overwrite: Overwrite,
    ) -> Result<Vec<String>, WriteError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| WriteError::File { path, source }
        };
        let files = self.files(layout)?;
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
        let mut entries = std::fs::read_dir(folder).map_err(failed(folder))?;
        if overwrite == Overwrite::Never && entries.next().is_some() {
            return Err(WriteError::NotEmpty(folder.to_owned()));
        }
        for (path, bytes) in &files {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(failed(parent))?;
            }
            std::fs::write(&path, bytes).map_err(failed(&path))?;
        }
        Ok(files.into_keys().collect())
    }

    /// Every table with its format and its parts: one part without a name, or one a month.
    fn parts(&self, layout: Layout) -> Vec<(&'static str, TableFormat, Vec<Part>)> {
        let tables = &self.tables;
        let events = if layout.events_by_month {
            let mut months: BTreeMap<String, Vec<&EventRow>> = BTreeMap::new();
            for row in &tables.events {
                months.entry(month(row.occurred_at)).or_default().push(row);
            }
            months
                .into_iter()
                .map(|(month, rows)| (Some(month), event_columns(&rows)))
                .collect()
        } else {
            vec![(
                None,
                event_columns(&tables.events.iter().collect::<Vec<_>>()),
            )]
        };
        let mut parts = vec![
            (
                "assignments",
                layout.assignments,
                vec![(None, self.assignment_columns())],
            ),
            (
                "exposures",
                layout.exposures,
                vec![(None, self.exposure_columns())],
            ),
            ("events", layout.events, events),
            ("units", layout.units, vec![(None, self.unit_columns())]),
        ];
        if !tables.identities.is_empty() {
            let of = |pick: fn(&(UnitNumber, UnitNumber)) -> String| {
                tables.identities.iter().map(pick).map(Some)
            };
            let columns = vec![
                Cells::text("unit_id", of(|pair| pair.0.to_string())),
                Cells::text("person_id", of(|pair| format!("p{:08}", pair.1.0))),
            ];
            parts.push(("identities", layout.units, vec![(None, columns)]));
        }
        parts
    }

    fn assignment_columns(&self) -> Vec<Cells> {
        let rows = &self.tables.assignments;
        let mut columns = vec![
            Cells::text(
                "unit_id",
                rows.iter().map(|row| row.unit.map(|unit| unit.to_string())),
            ),
            Cells::text(
                "experiment_id",
                rows.iter().map(|row| Some(row.experiment.to_string())),
            ),
            Cells::integer(
                "experiment_version",
                rows.iter().map(|row| i64::from(row.version)),
            ),
            Cells::text(
                "variant_id",
                rows.iter().map(|row| Some(row.variant.to_string())),
            ),
            Cells::time("assigned_at", rows.iter().map(|row| row.assigned_at)),
        ];
        if self.tables.says_eligible {
            let word = |row: &AssignmentRow| if row.is_eligible { "yes" } else { "no" };
            let words = rows.iter().map(|row| Some(word(row).to_owned()));
            columns.push(Cells::text("eligible", words));
        }
        columns
    }

    fn exposure_columns(&self) -> Vec<Cells> {
        let rows = &self.tables.exposures;
        vec![
            Cells::text("unit_id", rows.iter().map(|row| Some(row.unit.to_string()))),
            Cells::text(
                "experiment_id",
                rows.iter().map(|row| Some(row.experiment.to_string())),
            ),
            Cells::integer(
                "experiment_version",
                rows.iter().map(|row| i64::from(row.version)),
            ),
            Cells::text(
                "variant_id",
                rows.iter().map(|row| Some(row.variant.to_string())),
            ),
            Cells::time("exposed_at", rows.iter().map(|row| row.exposed_at)),
            Cells::text(
                "exposure_type",
                rows.iter().map(|row| Some(row.exposure_type.to_string())),
            ),
        ]
    }

    fn unit_columns(&self) -> Vec<Cells> {
        let rows = &self.tables.units;
        let mut columns = vec![Cells::text(
            "unit_id",
            rows.iter().map(|row| Some(row.unit.to_string())),
        )];
        for (index, column) in self.tables.segment_columns.iter().enumerate() {
            let levels = rows
                .iter()
                .map(|row| row.segments.get(index).map(ToString::to_string));
            columns.push(Cells::text(column, levels));
        }
        if let Some(column) = &self.tables.covariate_column {
            columns.push(Cells::number(column, rows.iter().map(|row| row.covariate)));
        }
        columns
    }
}

fn event_columns(rows: &[&EventRow]) -> Vec<Cells> {
    vec![
        Cells::text("unit_id", rows.iter().map(|row| Some(row.unit.to_string()))),
        Cells::text(
            "event_name",
            rows.iter().map(|row| Some(row.event.to_string())),
        ),
        Cells::number("value", rows.iter().map(|row| row.value)),
        Cells::time("occurred_at", rows.iter().map(|row| row.occurred_at)),
        Cells::time("ingested_at", rows.iter().map(|row| row.ingested_at)),
    ]
}

/// The UTC month of an instant, such as 2026-03: the first seven characters of its text.
fn month(instant: Timestamp) -> String {
    instant.to_string().chars().take(7).collect()
}

/// A part's name, where it has one, and its columns.
type Part = (Option<String>, Vec<Cells>);
