//! `readout`, `readout tui`, `readout demo`, `readout quick --tui`: the terminal app on something to browse.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context;

use crate::cli::args::{Global, Theme, Tui};
use crate::cli::interrupt;
use crate::cli::output::{Outcome, say};
use crate::cli::settings;
use crate::domain::result::Readout;
use crate::propose::simulate::{Layout, Overwrite, SAMPLE_SEED, sample_workspace};
use crate::report::{self, Format};
use crate::tui::{self, Library, Listing, Options, Subject, ThemeName};
use crate::workspace::{Progress, Quick, Settings, Workspace};

/// Browses the workspace.
pub(super) fn workspace(global: &Global, arguments: &Tui) -> anyhow::Result<Outcome> {
    super::expect_terminal(
        "`readout report --all` writes the same readouts as markdown; `readout check EXPERIMENT` is the gate",
    )?;
    let workspace = Workspace::open(&super::root(global)?, global.tables.as_deref())?;
    browse(workspace, global, arguments)
}

/// Browses the sample workspace, made afresh in a folder that goes away afterwards.
pub(super) fn demo(global: &Global, arguments: &Tui) -> anyhow::Result<Outcome> {
    super::expect_terminal(
        "`readout simulate --sample --output DIR` writes the sample workspace, `readout report --all -C DIR` reads it out",
    )?;
    say(global.quiet, "making the sample workspace");
    let folder = tempfile::tempdir().context("no temporary folder could be made")?;
    sample_workspace(SAMPLE_SEED)?.write(folder.path(), Layout::SAMPLE, Overwrite::SameFiles)?;
    browse(Workspace::open(folder.path(), None)?, global, arguments)
}

/// Browses the readout of one file.
pub(super) fn one(quick: Quick, arguments: &Tui) -> anyhow::Result<Outcome> {
    let id = quick.readout.experiment.id.to_string();
    start(Arc::new(One(quick)), Some(&id), arguments)
}

fn browse(workspace: Workspace, global: &Global, arguments: &Tui) -> anyhow::Result<Outcome> {
    let library = Shelf {
        workspace: RwLock::new(workspace),
        settings: settings::everywhere(global),
    };
    start(
        Arc::new(library),
        arguments.experiment.as_deref(),
        arguments,
    )
}

fn start(
    library: Arc<dyn Library>,
    experiment: Option<&str>,
    arguments: &Tui,
) -> anyhow::Result<Outcome> {
    let mut options = Options::from_environment();
    match arguments.theme {
        // The environment may ask for no colour; only another wish overrides that.
        Theme::Default => {}
        Theme::Light => options.theme = ThemeName::Light,
        Theme::HighContrast => options.theme = ThemeName::HighContrast,
        Theme::Mono => options.theme = ThemeName::Mono,
    }
    options.ascii |= arguments.ascii;
    // Ctrl-C is a key of the app; a request to terminate from outside ends it as its own key does.
    interrupt::stops(&options.stop);
    tui::run(library, experiment, &options)?;
    Ok(Outcome::Fine)
}

/// A workspace as the terminal app sees it.
struct Shelf {
    workspace: RwLock<Workspace>,
    settings: Settings,
}

impl Shelf {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, Workspace> {
        self.workspace
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Library for Shelf {
    fn name(&self) -> String {
        self.read().name().to_owned()
    }

    fn experiments(&self) -> Vec<Listing> {
        let workspace = self.read();
        let catalog = workspace.catalog();
        let mut listings: Vec<Listing> = catalog
            .experiments()
            .map(|entry| Listing {
                id: entry.experiment.id.to_string(),
                status: Some(entry.experiment.status),
                owner: entry.experiment.owner.clone(),
                hypothesis: entry.experiment.hypothesis.clone(),
                problems: Vec::new(),
            })
            .collect();
        for (id, file) in catalog.broken_experiments() {
            let of_file = catalog
                .problems
                .iter()
                .filter(|problem| problem.file == file && problem.is_error());
            listings.push(Listing {
                id: id.to_owned(),
                status: None,
                owner: String::new(),
                hypothesis: None,
                problems: of_file
                    .map(|problem| format!("{}: {}", problem.subject, problem.reason))
                    .collect(),
            });
        }
        listings.sort_by(|left, right| left.id.cmp(&right.id));
        listings
    }

    fn readout(&self, experiment: &str, progress: &Progress) -> Result<Readout, String> {
        self.read()
            .readout(experiment, &self.settings, progress)
            .map_err(|error| error.to_string())
    }

    fn export(&self, readout: &Readout, format: &str) -> Result<String, String> {
        export(readout, format)
    }

    fn command_line(&self, experiment: &str) -> String {
        report::escape::shell_command(&Workspace::command("report", experiment, &self.settings))
    }

    fn definition_path(&self, subject: &Subject) -> Option<PathBuf> {
        let workspace = self.read();
        let catalog = workspace.catalog();
        let file = match subject {
            Subject::Experiment(id) => catalog.experiment(id).ok()?.file.clone(),
            Subject::Metric(id) => catalog.metric(id).ok()?.file.clone(),
        };
        Some(workspace.root().join(file))
    }

    fn reload(&self) -> Result<(), String> {
        let mut workspace = self
            .workspace
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        workspace.reload().map_err(|error| error.to_string())
    }
}

/// A single readout as the terminal app sees it.
struct One(Quick);

impl Library for One {
    fn name(&self) -> String {
        self.0.readout.provenance.workspace.clone()
    }

    fn experiments(&self) -> Vec<Listing> {
        let header = &self.0.readout.experiment;
        let hypothesis = header.hypothesis.clone();
        let (id, status, owner) = (
            header.id.to_string(),
            Some(header.status),
            header.owner.clone(),
        );
        vec![Listing {
            id,
            status,
            owner,
            hypothesis,
            problems: Vec::new(),
        }]
    }

    fn readout(&self, _: &str, _: &Progress) -> Result<Readout, String> {
        Ok(self.0.readout.clone())
    }

    fn export(&self, readout: &Readout, format: &str) -> Result<String, String> {
        export(readout, format)
    }

    fn command_line(&self, _: &str) -> String {
        report::escape::shell_command(&self.0.readout.provenance.command)
    }

    fn definition_path(&self, _: &Subject) -> Option<PathBuf> {
        None
    }

    fn reload(&self) -> Result<(), String> {
        Ok(())
    }
}

fn export(readout: &Readout, format: &str) -> Result<String, String> {
    let format = Format::from_word(format).map_err(|error| error.to_string())?;
    let bytes = report::render(readout, format).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}
