//! Defines what the app knows of the world: a library of experiments that can be read out. It refuses to know how.

use std::path::PathBuf;

use crate::domain::definition::ExperimentStatus;
use crate::domain::result::Readout;
use crate::engine::Progress;

/// What is known of an experiment before it is read out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Its id, or what the file is called where it has none.
    pub id: String,
    /// Where it stands; absent where its file cannot be read.
    pub status: Option<ExperimentStatus>,
    /// Who answers for it.
    pub owner: String,
    /// What it is for.
    pub hypothesis: Option<String>,
    /// What is wrong with its definition, a sentence each.
    pub problems: Vec<String>,
}

/// Something that is defined in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An experiment, by id.
    Experiment(String),
    /// A metric, by id.
    Metric(String),
}

/// The outside world of the app. Every method but [`Library::readout`] answers at once.
pub trait Library: Send + Sync + 'static {
    /// What people call the workspace.
    fn name(&self) -> String;

    /// The experiments, in the workspace's order.
    fn experiments(&self) -> Vec<Listing>;

    /// Reads one experiment out. Slow; stops soon after `progress` is cancelled.
    ///
    /// # Errors
    /// What went wrong and what to do about it, a line or more.
    fn readout(&self, experiment: &str, progress: &Progress) -> Result<Readout, String>;

    /// Renders a readout in one of the formats of `report`, by its stable name: `markdown`, `json`, `csv`, `table`.
    ///
    /// # Errors
    /// Why it could not be rendered.
    fn export(&self, readout: &Readout, format: &str) -> Result<String, String>;

    /// The shell-quoted command line that reproduces the readout of an experiment.
    fn command_line(&self, experiment: &str) -> String;

    /// The file that defines something, where there is one to edit.
    fn definition_path(&self, subject: &Subject) -> Option<PathBuf>;

    /// Reads the definition files again.
    ///
    /// # Errors
    /// What is wrong with them.
    fn reload(&self) -> Result<(), String>;
}
