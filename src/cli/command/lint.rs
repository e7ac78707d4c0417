//! `readout lint`: every problem of every definition file in one run, as a gate.

use anyhow::bail;

use crate::cli::args::{Global, Lint};
use crate::cli::output::{Outcome, deliver, say};
use crate::report;
use crate::workspace::{Problem, Workspace};

pub(super) fn run(global: &Global, arguments: &Lint) -> anyhow::Result<Outcome> {
    let root = super::root(global)?;
    let workspace = Workspace::open(&root, None)?;
    let problems = &workspace.catalog().problems;
    let document = match arguments.format.as_str() {
        "text" => text(problems),
        "json" => report::stable_bytes(problems)?,
        other => bail!("--format: '{other}' is neither text nor json"),
    };
    deliver(&document, None)?;
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let warnings = problems.len() - errors;
    say(
        global.quiet,
        &format!(
            "{}, {}",
            counted(errors, "error"),
            counted(warnings, "warning")
        ),
    );
    let closed = errors > 0 || (arguments.strict && warnings > 0);
    Ok(if closed { Outcome::Bad } else { Outcome::Fine })
}

fn text(problems: &[Problem]) -> Vec<u8> {
    let mut text = String::new();
    for problem in problems {
        text.push_str(&problem.to_string());
        text.push_str("\n\n");
    }
    text.into_bytes()
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
