//! `readout init`: a workspace proposed for a folder of tables.

use std::fmt::Write as _;
use std::path::Path;

use super::catalog::visible;
use super::quick::explain;
use crate::cli::args::{Global, Init};
use crate::cli::output::{Outcome, deliver, say};
use crate::cli::watch::Watch;
use crate::report::escape;
use crate::workspace::{self, InitRequest, Progress};

pub(super) fn run(global: &Global, arguments: &Init) -> anyhow::Result<Outcome> {
    let here = Path::new(".");
    let folder = arguments.folder.as_deref();
    let root = folder.or(global.directory.as_deref()).unwrap_or(here);
    let request = InitRequest {
        root: root.to_path_buf(),
        tables: arguments.tables.clone(),
        manifest: arguments.dbt.clone(),
        owner: arguments.owner.clone(),
        time_zone: arguments.time_zone.clone(),
    };
    let progress = Progress::default();
    let watch = Watch::start(&progress, global.quiet);
    let outcome = workspace::propose_init(&request, &progress);
    drop(watch);
    let init = match outcome {
        Ok(init) => init,
        Err(error) if error.is_cancelled() => return Ok(Outcome::Interrupted),
        Err(error) => return Err(error.into()),
    };
    explain(global.quiet, &init.guesses);
    leave(global.quiet, &init.left);
    if arguments.dry_run {
        deliver(&printed(&init), None)?;
        return Ok(Outcome::Fine);
    }
    let (errors, warnings) = workspace::write_init(root, &init, arguments.force)?;
    say(
        global.quiet,
        &format!("{} files in {}", init.files.len(), root.display()),
    );
    if let Some(from) = &init.tables_from {
        let from = from.display().to_string();
        say(
            global.quiet,
            &format!(
                "the tables are below '{}': add --tables with it to every command that reads them",
                escape::terminal_shortened(&from, SHOWN)
            ),
        );
    }
    say(
        global.quiet,
        &format!(
            "`readout lint` finds {errors} errors and {warnings} warnings: what is yours to confirm"
        ),
    );
    Ok(if errors > 0 {
        Outcome::Bad
    } else {
        Outcome::Fine
    })
}

/// Characters of a line that are shown: names in tables can be of any length.
const SHOWN: usize = 400;

/// Says what was not taken up.
fn leave(quiet: bool, left: &[String]) {
    if left.is_empty() {
        return;
    }
    say(quiet, "not taken up:");
    for line in left {
        let line = escape::terminal_shortened(line, SHOWN);
        say(quiet, &format!("  {line}"));
    }
}

/// Every file behind its name.
fn printed(init: &workspace::Init) -> Vec<u8> {
    let mut text = String::new();
    for (file, contents) in &init.files {
        let gap = if text.is_empty() { "" } else { "\n" };
        let _ = write!(text, "{gap}# ---- {file}\n{}", visible(contents));
    }
    text.into_bytes()
}
