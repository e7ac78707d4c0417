//! Defines the documents of the checks alone, for `readout check`.

use std::path::Path;

use serde::Serialize;

use super::{RenderError, Room, json, markdown, table};
use crate::domain::definition::{Identifier, Thresholds};
use crate::domain::evidence::TableLedger;
use crate::domain::result::{Check, ContractOutcome, Diagnosis, Readout, SCHEMA_VERSION};
use crate::domain::{UnknownName, vocabulary};

vocabulary! {
    /// What the checks alone are written as.
    pub enum ChecksFormat {
        /// Text for a terminal.
        Table = "table", "plain text table";
        /// A document for a pull request or a wiki.
        Markdown = "markdown", "markdown document";
        /// The checks themselves, versioned, with a schema.
        Json = "json", "versioned JSON";
        /// A test report that build servers read: a suite an experiment, a case a check.
        Junit = "junit", "JUnit XML";
    }
}

impl ChecksFormat {
    /// The format people mean by a word: its name, or the extension files of it have.
    ///
    /// # Errors
    /// [`UnknownName`] with every name there is.
    pub fn from_word(word: &str) -> Result<Self, UnknownName> {
        match word {
            "md" => Ok(Self::Markdown),
            "txt" | "text" => Ok(Self::Table),
            name => name.parse(),
        }
    }

    /// The format that a file's extension implies, in any case; `None` where it implies none.
    #[must_use]
    pub fn from_extension(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "xml" => Some(Self::Junit),
            extension => Self::from_word(extension).ok(),
        }
    }
}

/// The checks of one readout with what they were judged by.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Checks<'a> {
    /// The version of the readout's JSON, whose parts these are.
    pub schema_version: u32,
    /// The experiment.
    pub experiment: &'a Identifier,
    /// The checks, in the order they ran.
    pub checks: &'a [Check],
    /// Where a sample ratio mismatch comes from, where there is one or it was asked for.
    pub diagnosis: Option<&'a Diagnosis>,
    /// The thresholds they used.
    pub thresholds: &'a Thresholds,
    /// Rows, table by table.
    pub ledgers: &'a [TableLedger],
    /// What came of each rule of the workspace's data contract about these tables.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schemars(default)]
    pub contract: &'a [ContractOutcome],
}

/// The checks as plain text.
#[must_use]
pub fn checks_table(readout: &Readout, room: Room) -> Vec<u8> {
    table::checks_document(readout, room.table_columns).into_bytes()
}

/// The diagnosis of the sample ratio as plain text, after what the checks say; empty where the readout has none.
#[must_use]
pub fn diagnosis_table(readout: &Readout, room: Room) -> Vec<u8> {
    table::diagnosis(readout, room.table_columns).into_bytes()
}

/// The checks as a markdown document, with the counts behind what warns or fails.
#[must_use]
pub fn checks_markdown(readout: &Readout) -> Vec<u8> {
    markdown::checks_document(readout).into_bytes()
}

/// The diagnosis of the sample ratio as sections of that document; empty where the readout has none.
#[must_use]
pub fn diagnosis_markdown(readout: &Readout) -> Vec<u8> {
    markdown::diagnosis(readout, 1).into_bytes()
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
        diagnosis: readout.diagnosis.as_ref(),
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
