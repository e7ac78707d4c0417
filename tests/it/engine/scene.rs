//! Defines how the engine is asked about a workspace.

use readout::domain::definition::{Conventions, Timestamp};
use readout::domain::evidence::Summary;
use readout::plan::{self, Plan, PlannedSegment};
use readout::workspace::Workspace;

/// The plan of an experiment of a sound workspace.
pub(super) fn plan_of(
    workspace: &Workspace,
    experiment: &str,
    conventions: Vec<Conventions>,
    as_of: Option<Timestamp>,
    segments: Vec<PlannedSegment>,
) -> Plan {
    let catalog = workspace.catalog();
    let experiment = &catalog.experiment(experiment).unwrap().experiment;
    let metrics = catalog
        .metrics_of(experiment)
        .into_iter()
        .map(|(role, entry)| (&entry.metric, role, entry.hash.clone()))
        .collect();
    plan::build(&plan::Request {
        workspace: catalog.workspace.as_ref().unwrap(),
        experiment,
        metrics,
        segments,
        conventions,
        as_of,
        rows_are_units: false,
    })
    .unwrap()
}

pub(super) fn ledger<'s>(
    summary: &'s Summary,
    table: &str,
) -> &'s readout::domain::evidence::TableLedger {
    summary
        .ledgers
        .iter()
        .find(|ledger| ledger.table == table)
        .unwrap()
}
