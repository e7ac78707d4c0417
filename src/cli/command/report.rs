//! `readout report`: headless readouts.

use anyhow::bail;

use crate::cli::args::{Global, Report, RunArguments};
use crate::cli::output::{Outcome, deliver, expect_folder};
use crate::cli::settings;
use crate::cli::watch::Watch;
use crate::domain::result::Readout;
use crate::report::{self, Format, Room};
use crate::workspace::{Progress, Workspace, WorkspaceError};

pub(super) fn run(global: &Global, arguments: &Report) -> anyhow::Result<Outcome> {
    expect_folder(arguments.document.output.as_deref())?;
    if arguments.schema {
        // What --all writes is an envelope around readouts, with a schema of its own.
        let schema = if arguments.all {
            report::collection_schema()
        } else {
            report::schema()
        };
        let document = report::stable_bytes(&schema)?;
        deliver(&document, arguments.document.output.as_deref())?;
        return Ok(Outcome::Fine);
    }
    let format = settings::format(
        arguments.document.format.as_deref(),
        arguments.document.output.as_deref(),
        Format::Markdown,
    )?;
    let workspace = super::open(global)?;
    let experiments = chosen(&workspace, &arguments.experiments, arguments.all)?;
    let found = if arguments.recording.record {
        let settings = settings::run(&arguments.run, global, workspace.time_zone())?;
        super::record::record(
            &workspace,
            &experiments,
            &settings,
            &arguments.recording,
            global,
        )?
    } else {
        readouts(&workspace, &experiments, &arguments.run, global)?
    };
    let Some(readouts) = found else {
        return Ok(Outcome::Interrupted);
    };
    // One experiment asked for by name is a document of its own; what --all writes has one shape however many there are.
    let document = match readouts.as_slice() {
        [only] if !arguments.all => report::render(only, format)?,
        several => {
            report::render_all(&several.iter().collect::<Vec<_>>(), format, Room::default())?
        }
    };
    deliver(&document, arguments.document.output.as_deref())?;
    Ok(Outcome::Fine)
}

/// The experiments asked for, each once, or all. Those whose definitions have errors are among all: none is left out in
/// silence.
pub(super) fn chosen(
    workspace: &Workspace,
    asked: &[String],
    all: bool,
) -> anyhow::Result<Vec<String>> {
    let mut chosen = workspace.experiment_ids();
    if all {
        let broken = workspace.catalog().broken_experiments();
        chosen.extend(broken.map(|(id, _)| id.to_owned()));
        chosen.sort();
        if chosen.is_empty() {
            bail!("the workspace has no experiment; `readout new experiment ID` begins one");
        }
        return Ok(chosen);
    }
    chosen.clear();
    for id in asked {
        if !chosen.contains(id) {
            chosen.push(id.clone());
        }
    }
    Ok(chosen)
}

/// Reads experiments out, over tables read once for all of them; `None` when interrupted.
pub(super) fn readouts(
    workspace: &Workspace,
    experiments: &[String],
    arguments: &RunArguments,
    global: &Global,
) -> anyhow::Result<Option<Vec<Readout>>> {
    let settings = settings::run(arguments, global, workspace.time_zone())?;
    run_all(experiments, global, |progress| {
        workspace.readouts(experiments, &settings, progress)
    })
}

/// What every run of some experiments came to; `None` when interrupted.
pub(super) fn run_all<T>(
    experiments: &[String],
    global: &Global,
    run: impl FnOnce(&Progress) -> Vec<Result<T, WorkspaceError>>,
) -> anyhow::Result<Option<Vec<T>>> {
    let progress = Progress::default();
    let watch = Watch::start(&progress, global.quiet);
    let outcomes = run(&progress);
    let mut readouts = Vec::with_capacity(experiments.len());
    for (experiment, outcome) in experiments.iter().zip(outcomes) {
        match outcome {
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
