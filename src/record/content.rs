//! Defines what a record holds, section by section, and how a readout comes out of it again.
//!
//! Every field is hashed, so none may say when, where or by whom it was made. Definitions are kept as JSON values: they are
//! shown and compared field by field, and a later version of the program must still be able to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::id::RecordId;
use crate::canonical::{self, CanonicalError};
use crate::domain::definition::{
    Choice, Conventions, Identifier, Population, Role, Thresholds, Timestamp, Workspace,
};
use crate::domain::evidence::{AsOf, TableLedger};
use crate::domain::result::{
    Alternative, Check, ContractOutcome, Diagnosis, ExperimentHeader, InputHeader, MetricReadout,
    PopulationUnits, Provenance, Readout, Verdict,
};

/// The version of the record's JSON; changes when a reader of the old one would misread the new.
pub const RECORD_FORMAT: u32 = 1;

/// Why [`Input::content_digest`] is absent.
pub const NO_CONTENT_DIGEST: &str = "this version takes no digest of rows, only of the bytes of files: it cannot tell rows that changed from files written anew";

/// A readout with everything it follows from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// See [`RECORD_FORMAT`].
    pub format: u32,
    /// The record that it corrects.
    pub supersedes: Option<Supersedes>,
    /// What was asked.
    pub external: External,
    /// Who answered: the program.
    pub internal: Internal,
    /// What the answer follows from, once every default is filled in.
    pub resolved: Resolved,
    /// The answer.
    pub results: Results,
    /// Whether it may be believed.
    pub checks: Vec<Check>,
    /// What follows, a variant each.
    pub verdict: Vec<Verdict>,
}

/// A record that is corrected, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supersedes {
    /// The record.
    pub record: RecordId,
    /// Why.
    pub reason: String,
}

/// What was asked, complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct External {
    /// What people call the workspace.
    pub workspace: String,
    /// The experiment.
    pub experiment: Identifier,
    /// As-of, where it was asked for.
    pub as_of: Option<Timestamp>,
    /// Conventions that were asked for and are in no file, by name.
    pub conventions: BTreeMap<String, String>,
    /// Populations that were asked for.
    pub populations: Vec<Population>,
    /// Segments that were asked for beyond the experiment's.
    pub segments: Vec<String>,
    /// Analyses that were asked for beyond the experiment's, by name.
    pub analysis: BTreeMap<String, String>,
    /// Whether the diagnosis of a sample ratio mismatch was asked for.
    pub diagnose: bool,
    /// The command line that reproduces it, each word by itself.
    pub command: Vec<String>,
}

/// The program that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Internal {
    /// `readout` and its version.
    pub program: String,
    /// A hash of the sources that summaries are made by.
    pub sources: String,
    /// The engine that read the tables.
    pub engine: String,
    /// Processor and system it was built for.
    pub target: String,
    /// Features it was built with, sorted.
    pub features: Vec<String>,
}

impl Internal {
    /// This program, with the engine that it used.
    #[must_use]
    pub fn this(engine: &str) -> Self {
        let tui = cfg!(feature = "tui").then(|| "tui".to_owned());
        Self {
            program: concat!("readout ", env!("CARGO_PKG_VERSION")).to_owned(),
            sources: env!("READOUT_ENGINE").to_owned(),
            engine: engine.to_owned(),
            target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            features: tui.into_iter().collect(),
        }
    }
}

/// What the answer follows from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolved {
    /// As-of and its reason.
    pub as_of: AsOf,
    /// The zone of local days.
    pub time_zone: Option<String>,
    /// First and last instant of assignment among the units read out.
    pub enrolment: Option<(Timestamp, Timestamp)>,
    /// The tables that were read.
    pub inputs: Vec<Input>,
    /// The definitions.
    pub definitions: Definitions,
    /// The conventions.
    pub conventions: Conventions,
    /// Each of them in words, with its reason.
    pub choices: Vec<Choice>,
    /// The thresholds of the checks.
    pub thresholds: Thresholds,
    /// Why the readout is exploratory, where it is.
    pub exploratory: Option<String>,
    /// Other experiments whose units the same salt splits.
    pub same_salt: Vec<String>,
}

/// One table that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Its logical name.
    pub table: String,
    /// Its files, by path.
    pub files: Vec<InputFile>,
    /// Rows read; absent where the table has no ledger of rows.
    pub rows: Option<u64>,
    /// A digest of its rows whatever the format, their order and the split into files; absent for the reason below.
    pub content_digest: Option<String>,
    /// Why there is none.
    pub content_digest_absent: Option<String>,
}

/// One file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputFile {
    /// Its path, relative to the folder of tables.
    pub path: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// Every definition in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definitions {
    /// The parts of the workspace that concern the experiment.
    pub workspace: Value,
    /// The experiment.
    pub experiment: Definition,
    /// Its metrics, in the order of the readout.
    pub metrics: Vec<Definition>,
}

/// One definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Its id.
    pub id: Identifier,
    /// Of a metric: what it is in the experiment.
    pub role: Option<Role>,
    /// SHA-256 of its meaning, in hex.
    pub semantic_hash: String,
    /// The definition, every default filled in.
    pub definition: Value,
}

impl Definition {
    /// A definition with its meaning's hash.
    ///
    /// # Errors
    /// When it holds a number that is none.
    pub fn of(
        id: &Identifier,
        role: Option<Role>,
        semantic_hash: &str,
        definition: &impl Serialize,
    ) -> Result<Self, CanonicalError> {
        Ok(Self {
            id: id.clone(),
            role,
            semantic_hash: semantic_hash.to_owned(),
            definition: canonical_value(definition)?,
        })
    }
}

/// The parts of a workspace that concern an experiment: its own tables and rules about them, and what holds for all.
#[derive(Debug, Serialize)]
pub struct WorkspaceDefinition<'a> {
    time_zone: &'a Option<String>,
    tables: BTreeMap<&'a str, &'a crate::domain::definition::Table>,
    conventions: &'a BTreeMap<String, String>,
    level: f64,
    min_cell: u64,
    consent: &'a [crate::domain::definition::Filter],
    contract: Vec<&'a crate::domain::definition::ContractRule>,
}

impl<'a> WorkspaceDefinition<'a> {
    /// The parts that concern these tables.
    ///
    /// # Errors
    /// When it holds a number that is none.
    pub fn of(workspace: &'a Workspace, tables: &[String]) -> Result<Value, CanonicalError> {
        let concerns = |table: &str| tables.iter().any(|known| known == table);
        canonical_value(&Self {
            time_zone: &workspace.time_zone,
            tables: workspace
                .tables
                .iter()
                .filter(|(name, _)| concerns(name))
                .map(|(name, table)| (name.as_str(), table))
                .collect(),
            conventions: &workspace.conventions,
            level: workspace.level,
            min_cell: workspace.privacy.min_cell,
            consent: &workspace.consent,
            contract: workspace
                .contract
                .iter()
                .filter(|rule| concerns(&rule.table))
                .collect(),
        })
    }
}

/// The answer, but for checks and verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// The version of the readout's JSON.
    pub schema_version: u32,
    /// The experiment in brief.
    pub experiment: ExperimentHeader,
    /// Units by population and variant.
    pub units: Vec<PopulationUnits>,
    /// Metrics.
    pub metrics: Vec<MetricReadout>,
    /// What would come out under other conventions.
    pub alternatives: Vec<Alternative>,
    /// Where a sample ratio mismatch comes from.
    pub diagnosis: Option<Diagnosis>,
    /// Rows, table by table.
    pub ledgers: Vec<TableLedger>,
    /// What came of each rule of the data contract.
    pub contract: Vec<ContractOutcome>,
}

impl Record {
    /// Reads a record from its bytes.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let shown = |error: serde_json::Error| error.to_string().escape_debug().to_string();
        let head: Head = serde_json::from_slice(bytes).map_err(shown)?;
        if head.format != RECORD_FORMAT {
            return Err(format!(
                "it is of format {}, and this program knows {RECORD_FORMAT}",
                head.format
            ));
        }
        serde_json::from_slice(bytes).map_err(shown)
    }

    /// The readout that was recorded.
    #[must_use]
    pub fn readout(&self) -> Readout {
        let (results, resolved) = (self.results.clone(), &self.resolved);
        let rows = resolved.inputs.iter().filter_map(|input| {
            let table = input.table.clone();
            input.rows.map(|rows| InputHeader { table, rows })
        });
        Readout {
            schema_version: results.schema_version,
            experiment: results.experiment,
            provenance: Provenance {
                program: self.internal.program.clone(),
                workspace: self.external.workspace.clone(),
                engine: self.internal.engine.clone(),
                as_of: resolved.as_of.clone(),
                time_zone: resolved.time_zone.clone(),
                enrolment: resolved.enrolment,
                inputs: rows.collect(),
                command: self.external.command.clone(),
            },
            conventions: resolved.conventions,
            choices: resolved.choices.clone(),
            thresholds: resolved.thresholds,
            exploratory: resolved.exploratory.clone(),
            verdicts: self.verdict.clone(),
            checks: self.checks.clone(),
            diagnosis: results.diagnosis,
            units: results.units,
            metrics: results.metrics,
            alternatives: results.alternatives,
            ledgers: results.ledgers,
            contract: results.contract,
        }
    }
}

impl From<Readout> for Results {
    fn from(readout: Readout) -> Self {
        Self {
            schema_version: readout.schema_version,
            experiment: readout.experiment,
            units: readout.units,
            metrics: readout.metrics,
            alternatives: readout.alternatives,
            diagnosis: readout.diagnosis,
            ledgers: readout.ledgers,
            contract: readout.contract,
        }
    }
}

/// A value as its canonical bytes read back: what is compared and shown is what was hashed.
pub(super) fn canonical_value(value: &impl Serialize) -> Result<Value, CanonicalError> {
    let bytes = canonical::to_bytes(value)?;
    serde_json::from_slice(&bytes).map_err(|error| CanonicalError::Other(error.to_string()))
}
