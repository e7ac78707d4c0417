//! Defines the catalog of a workspace and how a definition is found in it.
//!
//! Only sound definitions are in it; the others are named by their problems.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::problem::{Problem, nearest, short};
use super::reference::{InvalidReference, Reference, Versions};
use crate::domain::definition::{Experiment, Identifier, Metric, Role, Version, Workspace};

/// An experiment with where it stands and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct ExperimentEntry {
    /// The experiment, every default filled in.
    pub experiment: Experiment,
    /// Its semantic hash, 64 hex digits.
    pub hash: String,
    /// Its file, relative to the workspace.
    pub file: String,
}

/// A version of a metric with where it stands and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricEntry {
    /// The metric, every default filled in.
    pub metric: Metric,
    /// Its semantic hash, 64 hex digits.
    pub hash: String,
    /// Its file, relative to the workspace.
    pub file: String,
    /// Whether it is the one in force, of `metrics/ID.toml`.
    pub is_current: bool,
}

/// Where a metric is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricUse {
    /// The experiment.
    pub experiment: Identifier,
    /// What the metric is in it.
    pub role: Role,
    /// The version that the experiment was resolved to.
    pub version: Version,
}

/// Why a definition was not found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// The workspace has no such experiment.
    #[error("the workspace has no experiment '{}'{}", short(&.id.escape_debug().to_string()), hint(.nearest.as_deref()))]
    UnknownExperiment {
        /// What was asked for.
        id: String,
        /// The id that was probably meant.
        nearest: Option<String>,
    },
    /// The workspace has no such metric.
    #[error("the workspace has no metric '{}'{}", short(&.id.escape_debug().to_string()), hint(.nearest.as_deref()))]
    UnknownMetric {
        /// What was asked for.
        id: String,
        /// The id that was probably meant.
        nearest: Option<String>,
    },
    /// The metric has no such version.
    #[error("'{reference}' names no version of the metric; it has {versions}")]
    UnknownVersion {
        /// What was asked for.
        reference: String,
        /// The versions there are.
        versions: String,
    },
    /// The definition has errors.
    #[error("'{id}' has errors in {file}; `readout lint` lists them")]
    Broken {
        /// The definition.
        id: String,
        /// Its file.
        file: String,
    },
    /// The text names no metric at all.
    #[error(transparent)]
    Invalid(#[from] InvalidReference),
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "; `readout catalog list` lists what it has".to_owned(),
        |id| format!("; did you mean '{id}'?"),
    )
}

/// One metric file that was found, sound or not.
#[derive(Debug, Clone)]
pub(super) struct MetricFileFound {
    pub(super) file: String,
    /// `None` where the file does not say, or says no version.
    pub(super) version: Option<Version>,
    pub(super) is_current: bool,
    pub(super) is_sound: bool,
}

/// The definitions of a workspace.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The folder that holds `readout.toml`.
    pub root: PathBuf,
    /// The workspace; `None` when readout.toml has errors.
    pub workspace: Option<Workspace>,
    /// The names of the sound facts, sorted.
    pub facts: Vec<String>,
    /// Every problem of every definition file, by file, line and column.
    pub problems: Vec<Problem>,
    /// Files of experiments by id, sound or not.
    pub(super) experiment_files: BTreeMap<Identifier, String>,
    pub(super) experiments: BTreeMap<Identifier, ExperimentEntry>,
    /// Files of metrics by id, sound or not.
    pub(super) metric_files: BTreeMap<Identifier, Vec<MetricFileFound>>,
    pub(super) metrics: BTreeMap<Identifier, BTreeMap<Version, MetricEntry>>,
}

impl Catalog {
    /// Whether any problem is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }

    /// The sound experiments, by id.
    pub fn experiments(&self) -> impl Iterator<Item = &ExperimentEntry> {
        self.experiments.values()
    }

    /// The experiments that have errors: their ids and files.
    pub fn broken_experiments(&self) -> impl Iterator<Item = (&str, &str)> {
        self.experiment_files
            .iter()
            .filter(|(id, _)| !self.experiments.contains_key(*id))
            .map(|(id, file)| (id.as_str(), file.as_str()))
    }

    /// The sound metrics by id, each metric's versions oldest first.
    pub fn metrics(&self) -> impl Iterator<Item = &MetricEntry> {
        self.metrics.values().flat_map(BTreeMap::values)
    }

    /// The sound versions of one metric, oldest first.
    pub fn versions(&self, id: &Identifier) -> impl Iterator<Item = &MetricEntry> {
        self.metrics.get(id).into_iter().flat_map(BTreeMap::values)
    }

    /// The experiment called `id`.
    ///
    /// # Errors
    /// [`LookupError`] when there is none, or it has errors.
    pub fn experiment(&self, id: &str) -> Result<&ExperimentEntry, LookupError> {
        let unknown = || LookupError::UnknownExperiment {
            id: id.to_owned(),
            nearest: nearest(id, self.experiment_files.keys().map(Identifier::as_str))
                .map(str::to_owned),
        };
        let identifier = Identifier::new(id).map_err(|_| unknown())?;
        if let Some(entry) = self.experiments.get(&identifier) {
            return Ok(entry);
        }
        match self.experiment_files.get(&identifier) {
            Some(file) => Err(LookupError::Broken {
                id: id.to_owned(),
                file: file.clone(),
            }),
            None => Err(unknown()),
        }
    }

    /// The metric named `id`, `id@1`, `id@1.2` or `id@1.2.0`: of several versions the newest, without one the version in
    /// force.
    ///
    /// # Errors
    /// [`LookupError`] when there is none, or the one that is meant has errors.
    pub fn metric(&self, reference: &str) -> Result<&MetricEntry, LookupError> {
        self.resolve(&reference.parse()?)
    }

    /// As [`Catalog::metric`], of a reference that was read already.
    ///
    /// # Errors
    /// As [`Catalog::metric`].
    pub fn resolve(&self, reference: &Reference) -> Result<&MetricEntry, LookupError> {
        let id = &reference.id;
        let Some(files) = self.metric_files.get(id) else {
            let names = self.metric_files.keys().map(Identifier::as_str);
            return Err(LookupError::UnknownMetric {
                id: id.to_string(),
                nearest: nearest(id.as_str(), names).map(str::to_owned),
            });
        };
        let meant = match reference.versions {
            Versions::Current => files.iter().find(|file| file.is_current),
            // The newest that is meant, sound or not: falling back to an older one in silence would change numbers.
            versions => files
                .iter()
                .filter(|file| {
                    file.version
                        .is_some_and(|version| versions.includes(version))
                })
                .max_by_key(|file| file.version),
        };
        let Some(found) = meant else {
            let mut versions: Vec<Version> = files.iter().filter_map(|file| file.version).collect();
            versions.sort();
            let versions: Vec<String> = versions.iter().map(Version::to_string).collect();
            return Err(LookupError::UnknownVersion {
                reference: reference.to_string(),
                versions: versions.join(", "),
            });
        };
        let entry = found
            .version
            .filter(|_| found.is_sound)
            .and_then(|version| self.metrics.get(id)?.get(&version));
        entry.ok_or_else(|| LookupError::Broken {
            id: id.to_string(),
            file: found.file.clone(),
        })
    }

    /// Where the metric is used, by sound experiments in the order of their ids.
    #[must_use]
    pub fn uses(&self, id: &Identifier) -> Vec<MetricUse> {
        let mut uses = Vec::new();
        for entry in self.experiments.values() {
            for metric in &entry.experiment.metrics {
                if metric.id == *id {
                    uses.push(MetricUse {
                        experiment: entry.experiment.id.clone(),
                        role: metric.role,
                        version: metric.version,
                    });
                }
            }
        }
        uses
    }

    /// The metrics of an experiment in its order: as it names each, and the definition that is meant.
    #[must_use]
    pub fn metrics_of<'c>(&'c self, experiment: &'c Experiment) -> Vec<(Role, &'c MetricEntry)> {
        experiment
            .metrics
            .iter()
            .filter_map(|reference| {
                let entry = self.metrics.get(&reference.id)?.get(&reference.version)?;
                Some((reference.role, entry))
            })
            .collect()
    }
}
