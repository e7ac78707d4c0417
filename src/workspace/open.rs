//! Opens a workspace: its definitions, and where its tables are.

use std::path::{Path, PathBuf};

use super::run::{Definitions, Settings, run, run_together, run_with_quarantine};
use super::{Progress, WorkspaceError};
use crate::catalog::{Catalog, LookupError};
use crate::domain::definition::{Experiment, Privacy};
use crate::domain::evidence::QuarantinedTable;
use crate::domain::result::Readout;
use crate::engine::EngineError;

/// The file that makes a folder a workspace.
const WORKSPACE_FILE: &str = "readout.toml";

/// A workspace that is open.
#[derive(Debug)]
pub struct Workspace {
    tables: PathBuf,
    catalog: Catalog,
}

impl Workspace {
    /// The nearest folder with a `readout.toml`, from `start` upwards.
    ///
    /// # Errors
    /// [`WorkspaceError::NotFound`] when there is none.
    pub fn find(start: &Path) -> Result<PathBuf, WorkspaceError> {
        start
            .ancestors()
            .find(|folder| folder.join(WORKSPACE_FILE).is_file())
            .map(Path::to_path_buf)
            .ok_or(WorkspaceError::NotFound)
    }

    /// Opens the workspace in a folder; `tables` re-roots its table paths.
    ///
    /// # Errors
    /// [`WorkspaceError`] when there is no workspace file, or no such folder of tables. Problems inside definition files
    /// are in the catalog.
    pub fn open(root: &Path, tables: Option<&Path>) -> Result<Self, WorkspaceError> {
        let catalog = Catalog::load(root)?;
        if let Some(folder) = tables
            && !folder.is_dir()
        {
            return Err(WorkspaceError::NoTablesFolder(folder.to_path_buf()));
        }
        Ok(Self {
            tables: tables.unwrap_or(root).to_path_buf(),
            catalog,
        })
    }

    /// Its definitions and their problems.
    #[must_use]
    pub const fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.catalog.root
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.catalog
            .workspace
            .as_ref()
            .map_or("workspace", |workspace| workspace.name.as_str())
    }

    /// Its time zone, where it declares one.
    #[must_use]
    pub fn time_zone(&self) -> Option<&str> {
        self.catalog.workspace.as_ref()?.time_zone.as_deref()
    }

    /// The ids of its sound experiments, in order.
    #[must_use]
    pub fn experiment_ids(&self) -> Vec<String> {
        self.catalog
            .experiments()
            .map(|entry| entry.experiment.id.to_string())
            .collect()
    }

    /// Reads its definitions again; the old ones stay when they cannot be read.
    ///
    /// # Errors
    /// As [`Workspace::open`].
    pub fn reload(&mut self) -> Result<(), WorkspaceError> {
        self.catalog = Catalog::load(&self.catalog.root)?;
        Ok(())
    }

    /// Reads one experiment out.
    ///
    /// # Errors
    /// [`WorkspaceError`] when it is not there, its definitions have errors, a table cannot be read, or somebody asked to
    /// stop.
    pub fn readout(
        &self,
        id: &str,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Readout, WorkspaceError> {
        let definitions = self.definitions(id, settings)?;
        run(&definitions, &self.tables, settings, progress)
    }

    /// Reads experiments out together: a table that several of them need is read once. Each says what it says alone.
    #[must_use]
    pub fn readouts(
        &self,
        ids: &[String],
        settings: &Settings,
        progress: &Progress,
    ) -> Vec<Result<Readout, WorkspaceError>> {
        self.each(ids, settings, |sound| {
            run_together(sound, &self.tables, settings, progress)
        })
    }

    /// The same, each with the rows that it rejects, at most [`Settings::quarantine`] a table.
    #[must_use]
    pub fn readouts_with_quarantine(
        &self,
        ids: &[String],
        settings: &Settings,
        progress: &Progress,
    ) -> Vec<Result<(Readout, Vec<QuarantinedTable>), WorkspaceError>> {
        self.each(ids, settings, |sound| {
            run_with_quarantine(sound, &self.tables, settings, progress)
        })
    }

    /// What protects single people in it.
    #[must_use]
    pub fn privacy(&self) -> Privacy {
        let workspace = self.catalog.workspace.as_ref();
        workspace.map_or_else(Privacy::default, |workspace| workspace.privacy)
    }

    /// Runs those of some experiments whose definitions are sound; the others say why they are not.
    fn each<T>(
        &self,
        ids: &[String],
        settings: &Settings,
        run: impl FnOnce(&[Definitions<'_>]) -> Vec<Result<T, WorkspaceError>>,
    ) -> Vec<Result<T, WorkspaceError>> {
        let mut sound = Vec::with_capacity(ids.len());
        let found: Vec<Result<(), WorkspaceError>> = ids
            .iter()
            .map(|id| {
                sound.push(self.definitions(id, settings)?);
                Ok(())
            })
            .collect();
        let mut readouts = run(&sound).into_iter();
        let mut next = || {
            readouts
                .next()
                .unwrap_or(Err(EngineError::Cancelled.into()))
        };
        found
            .into_iter()
            .map(|found| found.and_then(|()| next()))
            .collect()
    }

    /// The folder that its tables are below.
    pub(super) fn tables(&self) -> &Path {
        &self.tables
    }

    /// The definitions of an experiment, if they are sound.
    pub(super) fn definitions(
        &self,
        id: &str,
        settings: &Settings,
    ) -> Result<Definitions<'_>, WorkspaceError> {
        let Some(workspace) = &self.catalog.workspace else {
            return Err(self.unsound("readout.toml", &[WORKSPACE_FILE.to_owned()]));
        };
        let entry = self.catalog.experiment(id).map_err(|error| match error {
            LookupError::Broken { id, file } => self.unsound(&id, &[file]),
            other => other.into(),
        })?;
        let planned = self.catalog.metrics_of(&entry.experiment);
        if planned.len() != entry.experiment.metrics.len() {
            return Err(self.unsound(id, std::slice::from_ref(&entry.file)));
        }
        Ok(Definitions {
            workspace,
            experiment: &entry.experiment,
            metrics: planned
                .into_iter()
                .map(|(role, found)| (&found.metric, role, found.hash.clone()))
                .collect(),
            rows_are_units: false,
            same_salt: self.same_salt(&entry.experiment),
            command: Self::command("report", id, settings),
            experiment_hash: &entry.hash,
        })
    }

    /// Other experiments that split units by the salt of this one.
    fn same_salt(&self, experiment: &Experiment) -> Vec<String> {
        let Some(salt) = &experiment.salt else {
            return Vec::new();
        };
        let others = self.catalog.experiments().map(|entry| &entry.experiment);
        others
            .filter(|other| other.id != experiment.id && other.salt.as_ref() == Some(salt))
            .map(|other| other.id.to_string())
            .collect()
    }

    /// The command line, word by word, that reproduces a readout from inside the workspace.
    #[must_use]
    pub fn command(command: &str, id: &str, settings: &Settings) -> Vec<String> {
        let mut words = vec!["readout".to_owned(), command.to_owned(), id.to_owned()];
        words.extend(settings.words());
        words
    }

    /// The errors of some files, each with its place.
    fn unsound(&self, id: &str, files: &[String]) -> WorkspaceError {
        let of_files: Vec<String> = self
            .catalog
            .problems
            .iter()
            .filter(|problem| problem.is_error() && files.contains(&problem.file))
            .map(ToString::to_string)
            .collect();
        WorkspaceError::Unsound {
            id: id.to_owned(),
            problems: of_files,
        }
    }
}
