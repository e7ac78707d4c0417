//! Reads out a single file without a workspace: profile, guess, run.

use std::path::{Path, PathBuf};

use super::run::{Definitions, Settings, run};
use super::{Asked, Guess, Progress, WorkspaceError};
use crate::canonical;
use crate::domain::definition::{Role, Table, TableKind};
use crate::domain::result::Readout;
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
    let (root, name) = split(file);
    let stem = Path::new(&name)
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
        command,
    };
    let readout = run(&definitions, &root, settings, progress)?;
    Ok(Quick {
        readout,
        guesses: proposal.guesses,
    })
}

/// The folder of a file and its name there. A glob character in a name is that character.
fn split(file: &Path) -> (PathBuf, String) {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = file
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    (folder.to_path_buf(), name)
}
