//! Finds the instant that everything used is before, never from a clock.

use super::assignments::has_column;
use super::days::Days;
use super::{EngineError, Scan};
use crate::domain::definition::{Table, TableKind, Timestamp};
use crate::domain::evidence::AsOf;
use crate::plan::{AsOfRule, Plan};

/// As-of and its reason. Where no table says how far it is complete, its instants are looked through first.
pub(super) fn find(plan: &Plan, days: &Days, scan: &Scan<'_>) -> Result<AsOf, EngineError> {
    match plan.as_of {
        AsOfRule::Asked(instant) => Ok(known(instant, "asked for".to_owned())),
        AsOfRule::CompleteThrough(instant) => Ok(known(
            instant,
            "the earliest complete_through that a table declares".to_owned(),
        )),
        AsOfRule::FromTables => from_tables(plan, days, scan),
    }
}

fn known(instant: Timestamp, reason: String) -> AsOf {
    AsOf {
        instant: Some(instant),
        reason,
    }
}

fn from_tables(plan: &Plan, days: &Days, scan: &Scan<'_>) -> Result<AsOf, EngineError> {
    let events: Vec<&Table> = plan
        .others
        .iter()
        .filter(|table| table.kind == TableKind::Events)
        .collect();
    if let Some(latest) = latest_of(&events, "ingested_at", scan)?.into_iter().max() {
        // Every row that was ingested is before the instant after the latest one.
        return Ok(known(
            Timestamp(latest.0.saturating_add(1)),
            "just after the latest ingested_at".to_owned(),
        ));
    }
    let columns = [
        (events, "occurred_at"),
        (plan.exposures.iter().collect(), "exposed_at"),
    ];
    for (tables, column) in columns {
        if let Some(last) = latest_of(&tables, column, scan)?.into_iter().min() {
            let start = Timestamp(days.start_of_day(last.0));
            let reason =
                format!("the last day that is complete in every table by its {column} ends then");
            return Ok(known(start, reason));
        }
    }
    if let Some(last) = latest_of(
        &plan.assignments.iter().collect::<Vec<_>>(),
        "assigned_at",
        scan,
    )?
    .first()
    {
        let reason =
            "just after the latest assignment: no table tells of anything later".to_owned();
        return Ok(known(Timestamp(last.0.saturating_add(1)), reason));
    }
    Ok(AsOf {
        instant: None,
        reason: "the tables hold no time".to_owned(),
    })
}

/// The latest instant of a column in each table that has it and is not empty.
fn latest_of(
    tables: &[&Table],
    column: &str,
    scan: &Scan<'_>,
) -> Result<Vec<Timestamp>, EngineError> {
    let mut found = Vec::new();
    for table in tables {
        if has_column(&*scan.open(table)?, column) {
            found.extend(scan.latest(table, column)?);
        }
    }
    Ok(found)
}
