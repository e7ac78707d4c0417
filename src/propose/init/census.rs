//! Reads the assignments through: which experiments there are, in which versions, with which variants, since when.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use super::columns::Role;
use super::tables::ProposedTable;
use crate::domain::definition::Timestamp;
use crate::source::{Batch, Cells, Column, ColumnKind, ColumnRequest, Source, SourceError};

/// Experiments that are told apart; a table with more has another column for them.
pub(super) const MOST_EXPERIMENTS: usize = 200;
/// Labels counted of one experiment.
const MOST_LABELS: usize = 200;

/// One version of one experiment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Version {
    /// Rows by label.
    pub(super) rows: BTreeMap<String, u64>,
    /// The first and the last assignment.
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
}

/// What the assignments hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Census {
    /// By experiment and version; an experiment without a name is the only one.
    pub(super) versions: BTreeMap<(String, u32), Version>,
    pub(super) rows: u64,
    /// Rows whose version is no whole number from 1.
    pub(super) odd_versions: u64,
    /// Rows without experiment or variant.
    pub(super) blank: u64,
    /// Whether there were more experiments or labels than are counted.
    pub(super) too_many: bool,
}

/// Whether to go on after so many more rows.
pub(super) type Watch<'w> = &'w dyn Fn(u64) -> bool;

/// The text of a cell, if it has one.
pub(super) fn text(cells: Option<&Cells>, row: usize) -> Option<&str> {
    let cells = cells?;
    match &cells.column {
        Column::Text(texts) if cells.is_valid(row) => Some(texts.get(row)),
        _ => None,
    }
}

/// The instant of a cell, if it has one.
pub(super) fn instant(cells: Option<&Cells>, row: usize) -> Option<i64> {
    let cells = cells?;
    match &cells.column {
        Column::Time(times) if cells.is_valid(row) => times.get(row).copied(),
        _ => None,
    }
}

/// The cells of a request, where the file has its column.
pub(super) fn cells(batch: &Batch, request: usize) -> Option<&Cells> {
    batch.columns.get(request).and_then(Option::as_ref)
}

/// Counts the assignments; `None` when somebody asked to stop.
///
/// # Errors
/// [`SourceError`] when the table cannot be read.
pub(super) fn census(
    table: &ProposedTable,
    root: &Path,
    time_zone: Option<&str>,
    watch: Watch<'_>,
) -> Result<Option<Census>, SourceError> {
    let source = Source::open(&table.table, root, time_zone)?;
    let label = |role: Role| ColumnRequest::optional(role.name(), ColumnKind::Label);
    let mut requests = vec![label(Role::Variant)];
    let mut place = |has: bool, request: ColumnRequest| {
        has.then(|| {
            requests.push(request);
            requests.len() - 1
        })
    };
    let experiment = place(table.roles.has(Role::Experiment), label(Role::Experiment));
    let version = place(
        table.roles.has(Role::ExperimentVersion),
        label(Role::ExperimentVersion),
    );
    let time = table
        .roles
        .get(Role::AssignedAt)
        .and_then(|column| table.profile.column(column));
    let is_readable = time.is_some_and(|column| column.local_times == 0 || time_zone.is_some());
    let at = place(
        is_readable,
        ColumnRequest::optional(Role::AssignedAt.name(), ColumnKind::Time),
    );
    let mut census = Census::default();
    let mut stopped = false;
    source.scan(&requests, &mut |batch| {
        let column = |request: Option<usize>| request.and_then(|request| cells(&batch, request));
        let columns = (
            cells(&batch, 0),
            column(experiment),
            column(version),
            column(at),
        );
        for row in 0..batch.rows {
            let name = match experiment {
                None => Some(""),
                Some(_) => text(columns.1, row),
            };
            let version = match version {
                None => Some(1),
                Some(_) => text(columns.2, row).and_then(whole_version),
            };
            census.enter(name, version, text(columns.0, row), instant(columns.3, row));
        }
        stopped = !watch(batch.rows as u64);
        if stopped {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    Ok((!stopped).then_some(census))
}

/// A version as tables write it: a whole number from 1.
fn whole_version(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|version| *version > 0)
}

impl Census {
    fn enter(
        &mut self,
        experiment: Option<&str>,
        version: Option<u32>,
        label: Option<&str>,
        at: Option<i64>,
    ) {
        self.rows += 1;
        let (Some(experiment), Some(label)) =
            (experiment, label.filter(|label| !label.trim().is_empty()))
        else {
            self.blank += 1;
            return;
        };
        let Some(version) = version else {
            self.odd_versions += 1;
            return;
        };
        let key = (experiment.to_owned(), version);
        if !self.versions.contains_key(&key) && self.versions.len() >= MOST_EXPERIMENTS {
            self.too_many = true;
            return;
        }
        let found = self.versions.entry(key).or_default();
        if !found.rows.contains_key(label) && found.rows.len() >= MOST_LABELS {
            self.too_many = true;
            return;
        }
        *found.rows.entry(label.to_owned()).or_default() += 1;
        if let Some(at) = at.map(Timestamp) {
            found.first = Some(found.first.map_or(at, |first| first.min(at)));
            found.last = Some(found.last.map_or(at, |last| last.max(at)));
        }
    }
}
