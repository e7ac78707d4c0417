//! Defines how a workspace's definition files are found and read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::document::Document;
use super::expand::{self, ExpandedExperiment, Surroundings};
use super::file::{ExperimentFile, MetricFile, WorkspaceFile};
use super::key_path::KeyPath;
use super::lint;
use super::lookup::{Catalog, MetricEntry, MetricFileFound};
use super::meaning;
use super::owners;
use super::problem::{Problem, Rule, Severity, short};
use super::schema::{DefinitionKind, schema};
use crate::domain::definition::{Identifier, Metric, Version};

/// The name of the workspace file.
pub(super) const WORKSPACE_FILE: &str = "readout.toml";

/// Why there is no workspace to judge.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is no readout.toml.
    #[error("'{}' has no readout.toml", .root.display())]
    Missing {
        /// The folder.
        root: PathBuf,
    },
    /// There is one, and it cannot be read.
    #[error("'{}' cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// A metric file while its catalog is being put together.
pub(super) struct MetricDraft {
    pub(super) document: Document,
    /// Its id, if it says one.
    pub(super) id: Option<Identifier>,
    /// The metric, if nothing in its own file is wrong.
    pub(super) metric: Option<Metric>,
    /// The version that its place says, of a superseded one.
    superseded: Option<String>,
    version: Option<Version>,
}

/// An experiment file while its catalog is being put together.
pub(super) struct ExperimentDraft {
    pub(super) document: Document,
    pub(super) expanded: ExpandedExperiment,
}

impl Catalog {
    /// Reads every definition of the workspace at `root`, and every problem of every file.
    ///
    /// # Errors
    /// [`LoadError`] when there is no readout.toml, or it cannot be opened. Everything else is a problem in the catalog.
    pub fn load(root: &Path) -> Result<Self, LoadError> {
        let path = root.join(WORKSPACE_FILE);
        // Only a file is opened: opening a pipe would wait for somebody to write into it.
        let failure = match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => std::fs::File::open(&path).err(),
            Ok(_) => None,
            Err(error) => Some(error),
        };
        if let Some(source) = failure {
            return Err(match source.kind() {
                std::io::ErrorKind::NotFound => LoadError::Missing {
                    root: root.to_owned(),
                },
                _ => LoadError::Unreadable { path, source },
            });
        }
        let workspace_schema = schema(DefinitionKind::Workspace);
        let mut document = Document::read(root, WORKSPACE_FILE, &workspace_schema);
        let file: WorkspaceFile = document.contents();
        let strict = expand::is_strict(&file);
        let (workspace, surroundings) = expand::workspace(&file, root, &mut document);
        let mut problems = Vec::new();
        let mut metrics = metrics(root, &surroundings, &mut problems);
        let mut experiments = experiments(root, &surroundings, &mut problems);
        let mut catalog = Self {
            root: root.to_owned(),
            workspace,
            facts: surroundings.sound_facts(),
            problems: Vec::new(),
            experiment_files: BTreeMap::new(),
            experiments: BTreeMap::new(),
            metric_files: BTreeMap::new(),
            metrics: BTreeMap::new(),
        };
        owners::owners(&mut metrics, &mut experiments, strict);
        lint::metrics(&mut metrics);
        lint::drivers(&mut metrics);
        catalog.keep_metrics(&metrics);
        lint::experiments(&mut experiments, &mut catalog, strict);
        lint::labels(&file, &experiments, &mut document);
        if let Some(workspace) = &catalog.workspace {
            lint::unread_tables(&file, workspace, &experiments, &catalog, &mut document);
        }
        problems.extend(document.problems());
        problems.extend(
            metrics
                .into_iter()
                .flat_map(|draft| draft.document.problems()),
        );
        problems.extend(
            experiments
                .into_iter()
                .flat_map(|draft| draft.document.problems()),
        );
        problems.sort_by(Problem::order);
        problems.dedup();
        catalog.problems = problems;
        Ok(catalog)
    }

    fn keep_metrics(&mut self, drafts: &[MetricDraft]) {
        for draft in drafts {
            let hash = draft
                .metric
                .as_ref()
                .filter(|_| !draft.document.has_errors())
                .and_then(|metric| Some((metric, meaning::of_metric(metric).ok()?)));
            for id in draft.names() {
                self.metric_files
                    .entry(id)
                    .or_default()
                    .push(MetricFileFound {
                        file: draft.document.file.clone(),
                        version: draft.version,
                        is_current: draft.superseded.is_none(),
                        is_sound: hash.is_some(),
                    });
            }
            if let Some((metric, hash)) = hash {
                let entry = MetricEntry {
                    metric: metric.clone(),
                    hash,
                    file: draft.document.file.clone(),
                    is_current: draft.superseded.is_none(),
                };
                self.metrics
                    .entry(metric.id.clone())
                    .or_default()
                    .insert(metric.version, entry);
            }
        }
    }
}

impl MetricDraft {
    fn read(
        root: &Path,
        relative: &str,
        superseded: Option<String>,
        surroundings: &Surroundings,
        schema: &serde_json::Value,
    ) -> Self {
        let mut document = Document::read(root, relative, schema);
        let file: MetricFile = document.contents();
        let metric = expand::metric(&file, surroundings, &mut document);
        Self {
            document,
            id: file.id.as_deref().and_then(|id| Identifier::new(id).ok()),
            version: file
                .version
                .as_deref()
                .and_then(|version| version.parse().ok()),
            metric,
            superseded,
        }
    }

    /// What others may call it: its id, and the name of its file. Where the two differ that is an error, and it is better
    /// found under both than called unknown.
    pub(super) fn names(&self) -> BTreeSet<Identifier> {
        let place = name_in(&self.document.file).and_then(|name| Identifier::new(name).ok());
        self.id.iter().cloned().chain(place).collect()
    }

    /// The version, if the file says one.
    pub(super) fn version(&self) -> Option<Version> {
        self.version
    }

    /// The version that the file's name says, of a superseded one.
    pub(super) fn superseded(&self) -> Option<&str> {
        self.superseded.as_deref()
    }
}

/// The metrics in force and the superseded ones, in the order of their paths.
fn metrics(
    root: &Path,
    surroundings: &Surroundings,
    problems: &mut Vec<Problem>,
) -> Vec<MetricDraft> {
    let schema = schema(DefinitionKind::Metric);
    let (names, folders) = entries(root, "metrics", problems);
    let mut drafts = Vec::new();
    for name in &names {
        let relative = format!("metrics/{name}.toml");
        drafts.push(MetricDraft::read(
            root,
            &relative,
            None,
            surroundings,
            &schema,
        ));
    }
    for folder in &folders {
        let (versions, _) = entries(root, &format!("metrics/{folder}"), problems);
        for version in versions {
            let relative = format!("metrics/{folder}/{version}.toml");
            drafts.push(MetricDraft::read(
                root,
                &relative,
                Some(version),
                surroundings,
                &schema,
            ));
        }
    }
    for draft in &mut drafts {
        let place = draft.document.file.clone();
        if let Some(name) = name_in(&place) {
            id_is_name(draft.id.as_ref(), name, &mut draft.document);
        }
    }
    drafts
}

fn experiments(
    root: &Path,
    surroundings: &Surroundings,
    problems: &mut Vec<Problem>,
) -> Vec<ExperimentDraft> {
    let schema = schema(DefinitionKind::Experiment);
    let (names, _) = entries(root, "experiments", problems);
    let mut drafts = Vec::new();
    for name in &names {
        let mut document = Document::read(root, &format!("experiments/{name}.toml"), &schema);
        let file: ExperimentFile = document.contents();
        let expanded = expand::experiment(&file, surroundings, &mut document);
        id_is_name(expanded.id.as_ref(), name, &mut document);
        drafts.push(ExperimentDraft { document, expanded });
    }
    drafts
}

/// The id that the place of a definition file says: `x` of `metrics/x.toml` and of `metrics/x/1.0.0.toml`.
pub(super) fn name_in(file: &str) -> Option<&str> {
    let (_, rest) = file.split_once('/')?;
    Some(match rest.split_once('/') {
        Some((folder, _)) => folder,
        None => rest.strip_suffix(".toml")?,
    })
}

/// Reports an id that is not the name of its file or folder.
fn id_is_name(id: Option<&Identifier>, name: &str, document: &mut Document) {
    if let Some(id) = id
        && id.as_str() != name
    {
        document.error(
            Rule::IdNotFileName,
            &KeyPath::of("id"),
            format!(
                "the id '{id}' is not the name '{}' that the file has",
                short(name)
            ),
            "give the file the name of its id, so that it is found where it is looked for",
        );
    }
}

/// The names of the definition files and of the folders in a folder, sorted; a folder that is not there is empty.
fn entries(root: &Path, folder: &str, problems: &mut Vec<Problem>) -> (Vec<String>, Vec<String>) {
    let mut unreadable = |file: String, reason: String, fix: &str| {
        problems.push(Problem {
            severity: Severity::Error,
            rule: Rule::Unreadable,
            subject: file.clone(),
            file,
            line: 1,
            column: 1,
            reason,
            fix: fix.to_owned(),
        });
    };
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    let listing = match std::fs::read_dir(root.join(folder)) {
        Ok(listing) => listing,
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                let reason = format!("this folder cannot be read: {error}");
                unreadable(folder.to_owned(), reason, "make it a readable folder");
            }
            return (files, folders);
        }
    };
    for entry in listing {
        let Ok(entry) = entry else { continue };
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            let shown = format!("{folder}/{}", name.to_string_lossy());
            unreadable(
                shown,
                "the name of this file is no text".to_owned(),
                "rename it",
            );
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        if let Some(stem) = name.strip_suffix(".toml") {
            files.push(stem.to_owned());
        } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            folders.push(name.to_owned());
        }
    }
    files.sort();
    folders.sort();
    (files, folders)
}
