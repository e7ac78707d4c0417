//! Fetches the rows that a readout rejected, with what they hold.
//!
//! It refuses to write: where such rows may be put, and for how long, is the command line's to do.

use std::path::Path;

use super::WorkspaceError;
use crate::domain::definition::Table;
use crate::domain::evidence::{QuarantinedRow, QuarantinedTable, Rejection, Summary};
use crate::engine::{EXAMPLES, EngineError, Progress};
use crate::plan::Plan;
use crate::source::Source;

/// The most rejected rows of a table that are kept in quarantine.
pub const QUARANTINED: usize = 10_000;

/// The rejected rows of one table, before anybody looked what they hold.
#[derive(Debug)]
pub(super) struct Rejected {
    table: Table,
    rows: Vec<Rejection>,
    all: u64,
}

/// Takes what ledgers name beyond their examples out of summaries, which are then as those of any other run.
pub(super) fn take(plan: &Plan, summaries: &mut [Summary]) -> Vec<Rejected> {
    let tables = plan.assignments.iter().chain(&plan.exposures);
    let tables: Vec<&Table> = tables.chain(&plan.others).collect();
    let first = summaries.first().into_iter();
    let rejected = first
        .flat_map(|summary| &summary.ledgers)
        .filter(|ledger| !ledger.examples.is_empty())
        .filter_map(|ledger| {
            let table = tables.iter().find(|table| table.name == ledger.table)?;
            Some(Rejected {
                table: (*table).clone(),
                rows: ledger.examples.clone(),
                all: ledger.rejected().values().sum(),
            })
        })
        .collect();
    let ledgers = summaries
        .iter_mut()
        .flat_map(|summary| &mut summary.ledgers);
    for ledger in ledgers {
        ledger.examples.truncate(EXAMPLES);
    }
    rejected
}

/// Reads what the rejected rows of a table hold.
pub(super) fn fetch(
    rejected: Rejected,
    root: &Path,
    time_zone: Option<&str>,
    progress: &Progress,
) -> Result<QuarantinedTable, WorkspaceError> {
    progress.enter(&format!(
        "fetching rejected rows of {}",
        rejected.table.name
    ));
    let source = Source::open(&rejected.table, root, time_zone)?;
    let stop = || progress.is_cancelled();
    let places: Vec<(&str, u64)> = rejected
        .rows
        .iter()
        .map(|row| (row.file.as_str(), row.row))
        .collect();
    let found = source.text_rows(&places, &stop)?;
    if stop() {
        return Err(EngineError::Cancelled.into());
    }
    let rows = rejected.rows.into_iter().zip(found.rows);
    Ok(QuarantinedTable {
        table: rejected.table.name,
        columns: found.columns,
        rows: rows
            .map(|(rejection, cells)| QuarantinedRow { rejection, cells })
            .collect(),
        rejected: rejected.all,
    })
}
