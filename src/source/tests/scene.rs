//! Defines the stage of the tests: a folder with files, a table over it, and everything a scan says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Mutex;

use polars::prelude::{DataFrame, IpcWriter, ParquetWriter, SerWriter};
use tempfile::TempDir;

use crate::domain::definition::{Table, TableKind};
use crate::domain::evidence::{Rejection, RejectionRule};
use crate::source::{
    Batch, Cells, Column, ColumnKind, ColumnRequest, Source, SourceError, TextColumn,
};

/// A folder that a table is opened in.
pub(super) struct Scene {
    pub(super) folder: TempDir,
    pub(super) zone: Option<&'static str>,
    pub(super) columns: BTreeMap<String, String>,
}

/// Everything a scan handed out, each cell written down.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Told {
    /// A row, a cell a request.
    pub(super) rows: Vec<Vec<String>>,
    pub(super) places: Vec<(String, u64)>,
    /// Row over the whole scan, request, rule.
    pub(super) faults: Vec<(usize, usize, RejectionRule)>,
    pub(super) lost: Vec<Rejection>,
    pub(super) bytes: u64,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            zone: Some("UTC"),
            columns: BTreeMap::new(),
        }
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> &Self {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("written");
        File::create(path)
            .and_then(|mut file| file.write_all(bytes))
            .expect("written");
        self
    }

    pub(super) fn parquet(&self, name: &str, mut frame: DataFrame) -> &Self {
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes)
            .finish(&mut frame)
            .expect("written");
        self.write(name, &bytes)
    }

    pub(super) fn arrow(&self, name: &str, mut frame: DataFrame) -> &Self {
        let mut bytes = Vec::new();
        IpcWriter::new(&mut bytes)
            .finish(&mut frame)
            .expect("written");
        self.write(name, &bytes)
    }

    pub(super) fn open(&self, path: &str) -> Result<Source, SourceError> {
        let table = Table {
            name: "events".to_owned(),
            kind: TableKind::Events,
            path: path.to_owned(),
            columns: self.columns.clone(),
            variants: BTreeMap::new(),
            lateness: None,
            complete_through: None,
        };
        Source::open(&table, self.root(), self.zone)
    }

    pub(super) fn scan(&self, path: &str, requests: &[ColumnRequest]) -> Result<Told, SourceError> {
        let mut told = Told::default();
        self.open(path)?.scan(requests, &mut |batch| {
            told.take(batch);
            ControlFlow::Continue(())
        })?;
        Ok(told)
    }

    /// As [`Scene::scan`], on several threads and in the order in which they came.
    pub(super) fn scan_on(
        &self,
        workers: usize,
        path: &str,
        requests: &[ColumnRequest],
    ) -> Result<Told, SourceError> {
        let told = Mutex::new(Told::default());
        self.open(path)?.scan_on(workers, requests, &|batch| {
            told.lock().expect("no panic").take(batch);
            ControlFlow::Continue(())
        })?;
        Ok(told.into_inner().expect("no panic"))
    }

    /// The cells of one column, and the rules its faults break.
    pub(super) fn column(&self, path: &str, name: &str, kind: ColumnKind) -> Vec<String> {
        let told = self
            .scan(path, &[ColumnRequest::required(name, kind)])
            .expect("a readable table");
        let mut cells: Vec<String> = told.rows.into_iter().flatten().collect();
        for (row, _, rule) in told.faults {
            cells[row] = format!("{} {rule}", cells[row]);
        }
        cells
    }

    /// What is said of a table that cannot be read.
    pub(super) fn complaint(&self, path: &str, name: &str, kind: ColumnKind) -> String {
        self.scan(path, &[ColumnRequest::required(name, kind)])
            .expect_err("a table that cannot be read")
            .to_string()
    }
}

impl Told {
    /// All that was told, by place: what is the same in whichever order batches came.
    pub(super) fn by_place(self) -> Vec<String> {
        let at = |row: &usize| &self.places[*row];
        let rows = self.rows.iter().zip(&self.places);
        let mut lines: Vec<String> = rows
            .map(|(cells, place)| format!("{place:?} {cells:?}"))
            .collect();
        let faults = self.faults.iter();
        lines.extend(faults.map(|(row, request, rule)| format!("{:?} {request} {rule}", at(row))));
        lines.extend(self.lost.iter().map(|lost| format!("{lost:?}")));
        lines.sort_unstable();
        lines.push(format!("{} bytes", self.bytes));
        lines
    }

    fn take(&mut self, batch: Batch) {
        let before = self.rows.len();
        for row in 0..batch.rows {
            let (file, place) = batch.position(row);
            self.places.push((file.to_owned(), place));
            let cells = batch
                .columns
                .iter()
                .map(|cells| written(cells.as_ref(), row));
            self.rows.push(cells.collect());
        }
        for cells in batch.columns.iter().flatten() {
            assert_eq!(cells.column.len(), batch.rows);
            assert!(
                cells
                    .valid
                    .as_ref()
                    .is_none_or(|valid| valid.len() == batch.rows)
            );
        }
        for cells in batch.columns.iter().flatten() {
            if let Column::Text(texts) = &cells.column {
                codes_are_sound(texts);
            }
        }
        for fault in batch.faults {
            let cells = batch.columns[fault.request].as_ref().expect("a column");
            assert!(!cells.is_valid(fault.row), "a faulty cell is null");
            self.faults
                .push((before + fault.row, fault.request, fault.rule));
        }
        self.lost.extend(batch.lost);
        self.bytes += batch.bytes;
    }
}

/// Codes, where there are any, are those of the texts, and no two are of the same.
fn codes_are_sound(texts: &TextColumn) {
    let Some((codes, distinct)) = texts.codes() else {
        return;
    };
    assert_eq!(codes.len(), texts.len());
    let named: BTreeSet<&str> = (0..)
        .take(distinct)
        .map(|code| texts.text_of(code))
        .collect();
    assert_eq!(named.len(), distinct);
    for (row, code) in codes.iter().enumerate() {
        assert!((*code as usize) < distinct);
        assert_eq!(texts.text_of(*code), texts.get(row));
    }
}

fn written(cells: Option<&Cells>, row: usize) -> String {
    let Some(cells) = cells else {
        return "absent".to_owned();
    };
    if !cells.is_valid(row) {
        return "null".to_owned();
    }
    match &cells.column {
        Column::Text(texts) => format!("{:?}", texts.get(row)),
        Column::Integer(values) => format!("{}", values[row]),
        Column::Float(values) => format!("{:?}", values[row]),
        Column::Decimal { values, scale } => format!("{}e-{scale}", values[row]),
        Column::Boolean(values) => format!("{}", values[row]),
        Column::Time(values) => crate::domain::definition::Timestamp(values[row]).to_string(),
    }
}
