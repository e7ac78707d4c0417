//! Makes records of readouts and holds stored ones against what comes out now.
//!
//! It refuses to know the time and who asks: the command line brings both. Neither does it take anything from a cache, whose
//! word is not to be taken for what is recorded for years.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::run::{self, Settings};
use super::{Progress, Workspace, WorkspaceError};
use crate::canonical::lower_hex;
use crate::domain::definition::Table;
use crate::domain::result::Readout;
use crate::engine::EngineError;
use crate::plan::Plan;
use crate::record::{
    Definition, Definitions, External, Input, InputFile, Internal, NO_CONTENT_DIGEST,
    RECORD_FORMAT, Record, RecordError, RecordId, Resolved, Store, Supersedes, Verification,
    WorkspaceDefinition,
};
use crate::source;

/// Read at once: whoever wants it stopped waits for no more than this.
const BLOCK: usize = 1 << 20;

impl Workspace {
    /// Its records.
    #[must_use]
    pub fn records(&self) -> Store {
        Store::of(self.root())
    }

    /// Reads one experiment out and makes the record of it, which is not stored yet. Files are hashed before and after they
    /// are read, so that the record names the bytes that were.
    ///
    /// # Errors
    /// As [`Workspace::readout`]; when a file changes meanwhile.
    pub fn record(
        &self,
        id: &str,
        settings: &Settings,
        supersedes: Option<Supersedes>,
        progress: &Progress,
    ) -> Result<Record, WorkspaceError> {
        let definitions = self.definitions(id, settings)?;
        let plan = run::plan(&definitions, self.tables(), settings)?;
        let settings = without_cache(settings);
        let before = inputs(&tables(&plan), self.tables(), progress)?;
        let readout = run::run(&definitions, self.tables(), &settings, progress)?;
        let after = inputs(&tables(&plan), self.tables(), progress)?;
        if let Some(file) = changed(&before, &after) {
            return Err(WorkspaceError::ChangedMeanwhile(file));
        }
        let internal = Internal::this(&readout.provenance.engine);
        let external = external(&readout, &settings);
        let resolved = resolved(&definitions, &plan, &readout, before)?;
        let (checks, verdict) = (readout.checks.clone(), readout.verdicts.clone());
        Ok(Record {
            format: RECORD_FORMAT,
            supersedes,
            external,
            internal,
            resolved,
            results: readout.into(),
            checks,
            verdict,
        })
    }

    /// Holds a stored record against what comes out now, as closely as `look` says.
    ///
    /// # Errors
    /// When the record is not there, or when somebody asked to stop. What
    /// keeps it from being computed again is in the answer.
    pub fn verify(
        &self,
        id: &RecordId,
        look: Look,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Verification, WorkspaceError> {
        let record = match self.records().get(id) {
            Err(RecordError::Edited { id, found }) => return Ok(Verification::edited(&id, &found)),
            Err(error @ RecordError::Unreadable { .. }) => {
                return Ok(Verification::intact(id, None, &error.to_string()));
            }
            record => record?,
        };
        if look == Look::AtTheRecord {
            let reason = "only the record's own bytes were asked for";
            return Ok(Verification::intact(id, Some(&record), reason));
        }
        let now = self.inputs_of(&record, progress)?;
        if look == Look::AtInputs {
            let reason = "only the bytes of the inputs were asked for";
            return Ok(Verification::looked(id, &record, &now, reason));
        }
        match self.compute(id, &record, now.clone(), settings, progress) {
            Err(error) if error.is_cancelled() => Err(error),
            Err(error) => {
                let reason = error.to_string();
                let lines: Vec<&str> = reason.lines().map(str::trim).collect();
                let reason = lines.join(" ");
                Ok(Verification::looked(id, &record, &now, &reason))
            }
            found => found,
        }
    }

    fn compute(
        &self,
        id: &RecordId,
        record: &Record,
        found: Vec<Input>,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Verification, WorkspaceError> {
        let settings = asked(&record.external, settings);
        let experiment = record.external.experiment.as_str();
        let definitions = self.definitions(experiment, &settings)?;
        let plan = run::plan(&definitions, self.tables(), &settings)?;
        let readout = run::run(&definitions, self.tables(), &settings, progress)?;
        let mut now = inputs(&tables(&plan), self.tables(), progress)?;
        // A table that is read no more is still one whose files were looked at.
        let is_known = |table: &str| now.iter().any(|input| input.table == table);
        let others: Vec<Input> = found
            .into_iter()
            .filter(|input| !is_known(&input.table))
            .collect();
        now.extend(others);
        let program = Internal::this(&readout.provenance.engine);
        let resolved = resolved(&definitions, &plan, &readout, now)?;
        Verification::computed(id, record, &resolved, &program, &readout)
            .map_err(|error| RecordError::from(error).into())
    }

    /// The files of a record's tables as they are now. A table whose files cannot be found has none.
    fn inputs_of(
        &self,
        record: &Record,
        progress: &Progress,
    ) -> Result<Vec<Input>, WorkspaceError> {
        let workspace = self.catalog().workspace.as_ref();
        let mut now = Vec::new();
        for input in &record.resolved.inputs {
            let table = workspace.and_then(|workspace| workspace.tables.get(&input.table));
            match table.map(|table| inputs(&[table], self.tables(), progress)) {
                Some(Ok(found)) => now.extend(found),
                Some(Err(error)) if error.is_cancelled() => return Err(error),
                Some(Err(_)) | None => {}
            }
        }
        Ok(now)
    }
}

/// How closely a record is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Whether its bytes are those that were recorded.
    AtTheRecord,
    /// And whether those of its inputs are.
    AtInputs,
    /// And whether the same comes out again.
    AtEverything,
}

fn without_cache(settings: &Settings) -> Settings {
    Settings {
        cache: None,
        quarantine: None,
        ..settings.clone()
    }
}

fn external(readout: &Readout, settings: &Settings) -> External {
    External {
        workspace: readout.provenance.workspace.clone(),
        experiment: readout.experiment.id.clone(),
        as_of: settings.as_of,
        conventions: settings.conventions.clone(),
        populations: settings.populations.clone(),
        segments: settings.segments.clone(),
        analysis: settings.analysis.clone(),
        diagnose: settings.diagnose,
        command: readout.provenance.command.clone(),
    }
}

/// What was asked, with what a run may use of this machine.
fn asked(external: &External, machine: &Settings) -> Settings {
    Settings {
        as_of: external.as_of,
        conventions: external.conventions.clone(),
        populations: external.populations.clone(),
        segments: external.segments.clone(),
        analysis: external.analysis.clone(),
        diagnose: external.diagnose,
        ..without_cache(machine)
    }
}

fn resolved(
    definitions: &run::Definitions<'_>,
    plan: &Plan,
    readout: &Readout,
    mut inputs: Vec<Input>,
) -> Result<Resolved, RecordError> {
    for input in &mut inputs {
        let mut ledgers = readout.ledgers.iter();
        let ledger = ledgers.find(|ledger| ledger.table == input.table);
        input.rows = ledger.map(|ledger| ledger.read);
    }
    // In the order of the ledgers, so that the readout comes out of its record as it went in.
    let position = |table: &str| {
        let mut ledgers = readout.ledgers.iter();
        ledgers.position(|ledger| ledger.table == table)
    };
    inputs.sort_by_key(|input| position(&input.table).unwrap_or(usize::MAX));
    let names: Vec<String> = tables(plan)
        .iter()
        .map(|table| table.name.clone())
        .collect();
    let experiment = definitions.experiment;
    let metrics = definitions
        .metrics
        .iter()
        .map(|(metric, role, hash)| Definition::of(&metric.id, Some(*role), hash, metric));
    Ok(Resolved {
        as_of: readout.provenance.as_of.clone(),
        time_zone: readout.provenance.time_zone.clone(),
        enrolment: readout.provenance.enrolment,
        inputs,
        definitions: Definitions {
            workspace: WorkspaceDefinition::of(definitions.workspace, &names)?,
            experiment: Definition::of(
                &experiment.id,
                None,
                definitions.experiment_hash,
                experiment,
            )?,
            metrics: metrics.collect::<Result<_, _>>()?,
        },
        conventions: readout.conventions,
        choices: readout.choices.clone(),
        thresholds: readout.thresholds,
        exploratory: readout.exploratory.clone(),
        same_salt: definitions.same_salt.clone(),
    })
}

/// Every table of a plan.
fn tables(plan: &Plan) -> Vec<&Table> {
    let keyed = plan.assignments.iter().chain(&plan.exposures);
    keyed.chain(&plan.identities).chain(&plan.others).collect()
}

/// The files of tables with the digests of their bytes.
fn inputs(
    tables: &[&Table],
    root: &Path,
    progress: &Progress,
) -> Result<Vec<Input>, WorkspaceError> {
    let mut found = Vec::with_capacity(tables.len());
    for table in tables {
        progress.enter(&format!("hashing {}", table.name));
        let mut files = Vec::new();
        for file in source::files(table, root)? {
            let (sha256, bytes) = digest(&file.path, progress).map_err(|error| match error {
                Stopped::Cancelled => WorkspaceError::from(EngineError::Cancelled),
                Stopped::Unreadable(error) => WorkspaceError::UnreadableInput {
                    file: file.name.clone(),
                    reason: error.to_string(),
                },
            })?;
            files.push(InputFile {
                path: file.name,
                sha256,
                bytes,
            });
        }
        found.push(Input {
            table: table.name.clone(),
            files,
            rows: None,
            content_digest: None,
            content_digest_absent: Some(NO_CONTENT_DIGEST.to_owned()),
        });
    }
    Ok(found)
}

/// Why a file was not hashed.
enum Stopped {
    Cancelled,
    Unreadable(std::io::Error),
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// SHA-256 of a file's bytes in hex, and how many they are.
fn digest(path: &Path, progress: &Progress) -> Result<(String, u64), Stopped> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK];
    let mut bytes = 0;
    loop {
        if progress.is_cancelled() {
            return Err(Stopped::Cancelled);
        }
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok((lower_hex(&hasher.finalize()), bytes));
        }
        hasher.update(block.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
}

/// The first file that is not what it was.
fn changed(before: &[Input], after: &[Input]) -> Option<String> {
    let files = |inputs: &[Input]| -> Vec<InputFile> {
        inputs
            .iter()
            .flat_map(|input| input.files.clone())
            .collect()
    };
    let (before, after) = (files(before), files(after));
    let missing = |here: &[InputFile], there: &[InputFile]| {
        let file = here.iter().find(|file| !there.contains(file));
        file.map(|file| file.path.clone())
    };
    missing(&before, &after).or_else(|| missing(&after, &before))
}
