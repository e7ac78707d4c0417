//! The command line: what was typed (`args`) → what it means (`settings`) → one function a command.
//!
//! stdout is the result and nothing else; stderr is talk. Exit codes: 0 fine, 1 ran and the answer is bad, 2 could not run,
//! 130 interrupted.

mod args;
mod command;
mod interrupt;
mod output;
mod settings;
mod size;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

pub use args::Arguments;
pub use output::{Answer, Outcome};

/// Parses what was typed.
///
/// # Errors
/// The help or the complaint to show instead.
pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Arguments, Answer> {
    Arguments::try_parse_from(words).map_err(Answer)
}

/// Runs what was typed and says how it ended.
#[must_use]
pub fn run(arguments: Arguments) -> ExitCode {
    let quiet = arguments.global.quiet;
    let outcome = command::run(arguments);
    output::conclude(outcome, quiet)
}
