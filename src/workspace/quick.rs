//! Reads out a single file without a workspace: profile, guess, run.

use std::path::{Path, PathBuf};

use super::run::{Definitions, Settings, run};
use super::{Asked, Guess, Progress, WorkspaceError};
use crate::canonical;
use crate::domain::definition::{Role, Table, TableKind};
use crate::domain::result::Readout;
use crate::engine::EngineError;
use crate::propose::quick::{profile, propose};
use crate::source::Source;

/// A readout of one file, and what was guessed to make it.
#[derive(Debug, Clone)]
pub struct Quick {
    /// The readout.
    pub readout: Readout,
    /// What was guessed and why.
    pub guesses: Vec<Guess>,
}

/// Reads out one file. `command` is the command line that asked for it.
///
/// # Errors
/// [`WorkspaceError`] when the file cannot be read or nothing can be guessed safely.
pub fn quick(
    file: &Path,
    asked: &Asked,
    settings: &Settings,
    command: Vec<String>,
    progress: &Progress,
) -> Result<Quick, WorkspaceError> {
    progress.enter("looking at the file");
    let shown = file.to_string_lossy().into_owned();
    if !file.exists() {
        return Err(WorkspaceError::NoFile(shown));
    }
    read(file, asked, settings, command, progress).map_err(|error| about_file(shown, error))
}

/// Speaks of the file as it was given: neither a table nor a workspace was named.
pub(super) fn about_file(file: String, error: WorkspaceError) -> WorkspaceError {
    match error {
        WorkspaceError::Source(error) | WorkspaceError::Engine(EngineError::Source(error)) => {
            WorkspaceError::File {
                file,
                problem: error.problem,
            }
        }
        other => other,
    }
}

fn read(
    file: &Path,
    asked: &Asked,
    settings: &Settings,
    command: Vec<String>,
    progress: &Progress,
) -> Result<Quick, WorkspaceError> {
    let (root, name) = split(file)?;
    let stem = file
        .file_stem()
        .map_or_else(|| name.clone(), |stem| stem.to_string_lossy().into_owned());
    let raw = Table {
        name: "file".to_owned(),
        kind: TableKind::Units,
        path: name.clone(),
        columns: std::collections::BTreeMap::new(),
        variants: std::collections::BTreeMap::new(),
        lateness: None,
        complete_through: None,
    };
    let source = Source::open(&raw, &root, asked.time_zone.as_deref())?;
    let proposal = propose(&profile(&source)?, &stem, &name, asked)?;
    let metrics = proposal
        .metrics
        .iter()
        .map(|metric| {
            (
                metric,
                Role::Primary,
                canonical::sha256_hex(metric.id.as_str().as_bytes()),
            )
        })
        .collect();
    let definitions = Definitions {
        workspace: &proposal.workspace,
        experiment: &proposal.experiment,
        metrics,
        rows_are_units: proposal.rows_are_units,
        same_salt: Vec::new(),
        command,
        experiment_hash: "",
    };
    let readout = run(&definitions, &root, settings, progress)?;
    Ok(Quick {
        readout,
        guesses: proposal.guesses,
    })
}

/// The folder that the file is really in, and its name there: whoever names a link means what it leads to.
pub(super) fn split(file: &Path) -> Result<(PathBuf, String), WorkspaceError> {
    let lost = || WorkspaceError::NoFile(file.to_string_lossy().into_owned());
    let real = file.canonicalize().map_err(|_| lost())?;
    let folder = real.parent().ok_or_else(lost)?;
    let name = real.file_name().and_then(|name| name.to_str());
    Ok((folder.to_path_buf(), name.ok_or_else(lost)?.to_owned()))
}
