//! `readout report`: headless readouts.

use crate::cli::args::{Global, Report, RunArguments};
use crate::cli::output::{Outcome, deliver};
use crate::cli::settings;
use crate::cli::watch::Watch;
use crate::domain::result::Readout;
use crate::report::{self, Format, Room};
use crate::workspace::{Progress, Workspace, WorkspaceError};

pub(super) fn run(global: &Global, arguments: &Report) -> anyhow::Result<Outcome> {
    if arguments.schema {
        let mut schema = serde_json::to_vec_pretty(&report::schema())?;
        schema.push(b'\n');
        deliver(&schema, arguments.document.output.as_deref())?;
        return Ok(Outcome::Fine);
    }
    let format = settings::format(&arguments.document, Format::Markdown)?;
    let workspace = super::open(global)?;
    let experiments = chosen(&workspace, &arguments.experiments, arguments.all);
    let Some(readouts) = readouts(&workspace, &experiments, &arguments.run, global)? else {
        return Ok(Outcome::Interrupted);
    };
    deliver(
        &report::render_all(
            &readouts.iter().collect::<Vec<_>>(),
            format,
            Room::default(),
        )?,
        arguments.document.output.as_deref(),
    )?;
    Ok(Outcome::Fine)
}

/// The experiments asked for, or all.
pub(super) fn chosen(workspace: &Workspace, asked: &[String], all: bool) -> Vec<String> {
    if all {
        workspace.experiment_ids()
    } else {
        asked.to_vec()
    }
}

/// Reads experiments out, one after the other; `None` when interrupted.
pub(super) fn readouts(
    workspace: &Workspace,
    experiments: &[String],
    arguments: &RunArguments,
    global: &Global,
) -> anyhow::Result<Option<Vec<Readout>>> {
    let settings = settings::run(arguments, global, workspace.time_zone())?;
    let progress = Progress::default();
    let watch = Watch::start(&progress, global.quiet);
    let mut readouts = Vec::with_capacity(experiments.len());
    for experiment in experiments {
        match workspace.readout(experiment, &settings, &progress) {
            Ok(readout) => readouts.push(readout),
            Err(error) if error.is_cancelled() => return Ok(None),
            Err(error @ (WorkspaceError::Lookup(_) | WorkspaceError::Unsound { .. })) => {
                return Err(error.into());
            }
            Err(error) => {
                return Err(anyhow::Error::new(error).context(format!("experiment '{experiment}'")));
            }
        }
    }
    drop(watch);
    Ok(Some(readouts))
}
