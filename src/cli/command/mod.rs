//! One function a command: each turns its settings into a document, talk and an outcome.

mod actor;
mod catalog;
mod check;
mod init;
mod lint;
mod power;
mod quarantine;
mod quick;
mod record;
mod report;
mod simulate;
#[cfg(feature = "tui")]
mod tui;

use std::path::PathBuf;

use clap::CommandFactory;

use super::args::{Arguments, Command, Global};
use super::output::{Outcome, deliver, say};
use crate::workspace::Workspace;

/// Runs what was typed.
pub(super) fn run(arguments: Arguments) -> anyhow::Result<Outcome> {
    let Arguments { global, command } = arguments;
    match command {
        None => browse(&global, None),
        Some(Command::Tui(tui)) => browse(&global, Some(&tui)),
        Some(Command::Demo(tui)) => demo(&global, &tui),
        Some(Command::Report(report)) => report::run(&global, &report),
        Some(Command::Check(check)) => check::run(&global, &check),
        Some(Command::Record(record)) => record::run(&global, &record),
        Some(Command::Verify(verify)) => record::verify(&global, &verify),
        Some(Command::Lint(lint)) => lint::run(&global, &lint),
        Some(Command::Catalog(catalog)) => catalog::run(&global, &catalog),
        Some(Command::Init(init)) => init::run(&global, &init),
        Some(Command::New(new)) => catalog::new(&global, &new),
        Some(Command::Quick(quick)) => quick::run(&global, &quick),
        Some(Command::Power(power)) => power::run(&global, &power),
        Some(Command::Simulate(simulate)) => simulate::run(&global, &simulate),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "readout", &mut script);
            deliver(&script, None)?;
            Ok(Outcome::Fine)
        }
    }
}

/// Refuses to start the terminal app where there is no terminal, before anything is read for it; `instead` says what
/// needs none.
fn expect_terminal(instead: &str) -> anyhow::Result<()> {
    use std::io::IsTerminal;
    if std::io::stdout().is_terminal() {
        return Ok(());
    }
    anyhow::bail!(
        "the terminal app needs a terminal, and standard output is not one\nhint: {instead}"
    )
}

/// The workspace's folder: given, or the nearest from here upwards.
fn root(global: &Global) -> anyhow::Result<PathBuf> {
    match &global.directory {
        Some(directory) if !directory.is_dir() => {
            anyhow::bail!("there is no folder '{}'; correct -C", directory.display())
        }
        Some(directory) => Ok(directory.clone()),
        None => Ok(Workspace::find(&std::env::current_dir()?)?),
    }
}

/// Opens the workspace and says what is wrong with it without stopping at that.
fn open(global: &Global) -> anyhow::Result<Workspace> {
    let workspace = Workspace::open(&root(global)?, global.tables.as_deref())?;
    let errors = workspace
        .catalog()
        .problems
        .iter()
        .filter(|problem| problem.is_error())
        .count();
    if errors > 0 {
        let noun = if errors == 1 { "error" } else { "errors" };
        say(
            global.quiet,
            &format!("warning: {errors} {noun} in the definition files; `readout lint` lists them"),
        );
    }
    Ok(workspace)
}

#[cfg(feature = "tui")]
fn browse(global: &Global, tui: Option<&super::args::Tui>) -> anyhow::Result<Outcome> {
    tui::workspace(global, &tui.cloned().unwrap_or_default())
}

#[cfg(feature = "tui")]
fn demo(global: &Global, tui: &super::args::Tui) -> anyhow::Result<Outcome> {
    tui::demo(global, tui)
}

#[cfg(not(feature = "tui"))]
fn browse(_: &Global, _: Option<&super::args::Tui>) -> anyhow::Result<Outcome> {
    anyhow::bail!(
        "this build has no terminal app; use `readout report EXPERIMENT`, or build with the feature `tui`"
    )
}

#[cfg(not(feature = "tui"))]
fn demo(global: &Global, _: &super::args::Tui) -> anyhow::Result<Outcome> {
    browse(global, None)
}
