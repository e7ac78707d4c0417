//! Defines the documents of the checks alone, for `readout check`.

use serde::Serialize;

use super::{RenderError, Room, json, markdown, table};
use crate::domain::definition::{Identifier, Thresholds};
use crate::domain::evidence::TableLedger;
use crate::domain::result::{Check, ContractOutcome, Readout, SCHEMA_VERSION};

/// The checks of one readout with what they were judged by.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Checks<'a> {
    /// The version of the readout's JSON, whose parts these are.
    pub schema_version: u32,
    /// The experiment.
    pub experiment: &'a Identifier,
    /// The checks, in the order they ran.
    pub checks: &'a [Check],
    /// The thresholds they used.
    pub thresholds: &'a Thresholds,
    /// Rows, table by table.
    pub ledgers: &'a [TableLedger],
    /// What came of each rule of the workspace's data contract about these tables.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub contract: &'a [ContractOutcome],
}

/// The checks as plain text.
#[must_use]
pub fn checks_table(readout: &Readout, room: Room) -> Vec<u8> {
    table::checks_document(readout, room.table_columns).into_bytes()
}

/// The checks as a markdown document.
#[must_use]
pub fn checks_markdown(readout: &Readout) -> Vec<u8> {
    markdown::checks_document(readout).into_bytes()
}

/// The checks as JSON.
///
/// # Errors
/// [`RenderError::NotFinite`] when a check holds a number that is none.
pub fn checks_json(readout: &Readout) -> Result<Vec<u8>, RenderError> {
    json::stable_bytes(&Checks {
        schema_version: SCHEMA_VERSION,
        experiment: &readout.experiment.id,
        checks: &readout.checks,
        thresholds: &readout.thresholds,
        ledgers: &readout.ledgers,
        contract: &readout.contract,
    })
}

/// The JSON Schema of [`checks_json`].
#[must_use]
pub fn checks_schema() -> serde_json::Value {
    schemars::schema_for!(Checks).to_value()
}
