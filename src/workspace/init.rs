//! Proposes a workspace for a folder of tables, and writes it where nothing is in the way.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Guess, Progress, WorkspaceError};
use crate::catalog::Catalog;
use crate::engine::EngineError;
use crate::propose::init::{
    DiscoverError, InitAsked, InitError, ManifestError, discover, propose_workspace,
    proposed_files, read_manifest,
};
use crate::source::Listed;

/// What a proposal is made from.
#[derive(Debug, Clone, Default)]
pub struct InitRequest {
    /// The workspace's folder.
    pub root: PathBuf,
    /// Where tables are looked for: files and folders. Empty: the workspace's folder.
    pub tables: Vec<PathBuf>,
    /// A dbt project's manifest.
    pub manifest: Option<PathBuf>,
    /// Who answers for every definition.
    pub owner: Option<String>,
    /// The zone of local days.
    pub time_zone: Option<String>,
}

/// A workspace that is proposed, not yet written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Init {
    /// Its files by path, without those that need not be written.
    pub files: BTreeMap<String, String>,
    /// What was guessed, and why.
    pub guesses: Vec<Guess>,
    /// What was found and not understood, or not taken up.
    pub left: Vec<String>,
    /// The folder that the tables' paths start from, where it is not the workspace's own.
    pub tables_from: Option<PathBuf>,
}

/// Why no workspace is proposed or written.
#[derive(Debug, thiserror::Error)]
pub enum InitFailure {
    /// The folder is not there.
    #[error("there is no folder '{}'; make it, or give another", .0.display())]
    NoFolder(PathBuf),
    /// A table that is not below the folder that paths start from.
    #[error("'{}' is not below '{}', and a workspace reads tables below one folder; give that folder with --tables, or copy the file", path.display(), root.display())]
    Outside {
        /// The file.
        path: PathBuf,
        /// The folder.
        root: PathBuf,
    },
    /// Files that are already there.
    #[error("{} already there, so nothing was written; move them away, look at the proposal with --dry-run, or replace them with --force", in_the_way(.0))]
    InTheWay(Vec<String>),
    /// A file that cannot be written.
    #[error("'{}' cannot be written", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A definition that has no form in TOML.
    #[error(transparent)]
    Render(#[from] crate::catalog::RenderError),
    /// The folder cannot be looked through.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
    /// Nothing can be proposed.
    #[error(transparent)]
    Init(#[from] InitError),
    /// The manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// What was written cannot be opened.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
}

fn in_the_way(files: &[String]) -> String {
    let verb = if files.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", Listed(files))
}

impl InitFailure {
    /// Whether somebody asked to stop.
    #[must_use]
    pub const fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Init(InitError::Stopped)
                | Self::Workspace(WorkspaceError::Engine(EngineError::Cancelled))
        )
    }
}

/// Proposes a workspace; nothing is written.
///
/// # Errors
/// [`InitFailure`] when there is nothing to propose from.
pub fn propose_init(request: &InitRequest, progress: &Progress) -> Result<Init, InitFailure> {
    let lost = |path: &Path| InitFailure::NoFolder(path.to_path_buf());
    let root = request
        .root
        .canonicalize()
        .map_err(|_| lost(&request.root))?;
    if !root.is_dir() {
        return Err(lost(&request.root));
    }
    progress.enter("looking for tables");
    let manifest = request.manifest.as_deref().map(read_manifest).transpose()?;
    let (from, named) = places(&root, &request.tables)?;
    let (found, unread) = discover(&from, &named)?;
    progress.enter("looking at the tables");
    let asked = InitAsked {
        name: root.file_name().map_or_else(
            || "workspace".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        ),
        owner: request.owner.clone(),
        time_zone: request.time_zone.clone(),
    };
    let watch = |rows: u64| {
        progress.advance(0, rows);
        !progress.is_cancelled()
    };
    let mut proposal = propose_workspace(&from, found, unread, manifest.as_ref(), &asked, &watch)?;
    let mut files = proposed_files(&proposal)?;
    keep_gitignore(&root, &mut files, &mut proposal.left);
    Ok(Init {
        files,
        guesses: proposal.guesses,
        left: proposal.left,
        tables_from: (from != root).then_some(from),
    })
}

/// The folder that paths start from, and what to look at below it: the workspace's own, unless one folder elsewhere is named.
fn places(root: &Path, tables: &[PathBuf]) -> Result<(PathBuf, Vec<String>), InitFailure> {
    let mut real = Vec::new();
    for path in tables {
        let found = path.canonicalize().map_err(|_| {
            InitFailure::Workspace(WorkspaceError::NoFile(path.to_string_lossy().into_owned()))
        })?;
        real.push(found);
    }
    if let [only] = real.as_slice()
        && only.is_dir()
        && !only.starts_with(root)
    {
        return Ok((only.clone(), Vec::new()));
    }
    let outside = |path: &Path| InitFailure::Outside {
        path: path.to_path_buf(),
        root: root.to_path_buf(),
    };
    let mut named = Vec::new();
    for path in &real {
        let below = path.strip_prefix(root).map_err(|_| outside(path))?;
        let below = below.to_str().ok_or_else(|| outside(path))?;
        // The folder itself is all of it.
        if below.is_empty() {
            return Ok((root.to_path_buf(), Vec::new()));
        }
        named.push(below.replace('\\', "/"));
    }
    Ok((root.to_path_buf(), named))
}

/// A `.gitignore` that is there is the user's: it is left as it is, and the lines it lacks are said.
fn keep_gitignore(root: &Path, files: &mut BTreeMap<String, String>, left: &mut Vec<String>) {
    const FILE: &str = ".gitignore";
    let Ok(theirs) = std::fs::read_to_string(root.join(FILE)) else {
        return;
    };
    let Some(ours) = files.remove(FILE) else {
        return;
    };
    let has = |line: &&str| theirs.lines().any(|other| other.trim() == *line);
    let lacking: Vec<&str> = ours
        .lines()
        .filter(|line| !line.starts_with('#') && !has(line))
        .collect();
    if !lacking.is_empty() {
        left.push(format!(
            "'{FILE}' is there and stays as it is; add to it: {}",
            lacking.join(" ")
        ));
    }
}

/// Writes a proposal below `root`, all of it or nothing; with `force` files of the same names are replaced. Returns what
/// lint says of it: errors and warnings.
///
/// # Errors
/// [`InitFailure::InTheWay`] when a file is already there and `force` is not given; else what cannot be written.
pub fn write_init(root: &Path, init: &Init, force: bool) -> Result<(usize, usize), InitFailure> {
    let in_the_way: Vec<String> = init
        .files
        .keys()
        .filter(|file| root.join(file).symlink_metadata().is_ok())
        .cloned()
        .collect();
    // A file where a folder must be is never replaced.
    let folders = init
        .files
        .keys()
        .filter_map(|file| Path::new(file).parent());
    let blocked = folders.filter(|folder| root.join(folder).is_file());
    let blocked: BTreeSet<String> = blocked.map(|folder| folder.display().to_string()).collect();
    if !blocked.is_empty() {
        return Err(InitFailure::InTheWay(blocked.into_iter().collect()));
    }
    if !force && !in_the_way.is_empty() {
        return Err(InitFailure::InTheWay(in_the_way));
    }
    for (file, text) in &init.files {
        let path = root.join(file);
        write(root, &path, text, force).map_err(|source| InitFailure::Write { path, source })?;
    }
    let catalog = Catalog::load(root).map_err(WorkspaceError::from)?;
    let errors = catalog.problems.iter().filter(|problem| problem.is_error());
    let errors = errors.count();
    Ok((errors, catalog.problems.len() - errors))
}

/// Writes one file, whole or not at all; a link is replaced, never followed out of the workspace.
fn write(root: &Path, path: &Path, text: &str, force: bool) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(root);
    std::fs::create_dir_all(folder)?;
    if !folder.canonicalize()?.starts_with(root.canonicalize()?) {
        return Err(std::io::Error::other(
            "it leads to a place outside the workspace",
        ));
    }
    let mut draft = tempfile::Builder::new()
        .prefix(".readout-")
        .tempfile_in(folder)?;
    draft.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        draft
            .as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    if force {
        draft.persist(path)?;
    } else {
        draft.persist_noclobber(path)?;
    }
    Ok(())
}
