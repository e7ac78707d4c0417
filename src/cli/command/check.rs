//! `readout check`: the validity checks as a gate.

use std::path::Path;
use std::time::SystemTime;

use anyhow::anyhow;

use super::quarantine;
use super::report::{chosen, readouts, run_all};
use crate::cli::args::{Check, FailOn, Global, RunArguments};
use crate::cli::output::{Outcome, deliver, expect_folder, say};
use crate::cli::settings;
use crate::domain::result::{GateReason, Readout};
use crate::report::{self, ChecksFormat, Room};
use crate::workspace::{QUARANTINED, Workspace};

pub(super) fn run(global: &Global, arguments: &Check) -> anyhow::Result<Outcome> {
    expect_folder(arguments.output.as_deref())?;
    let format = format(arguments.format.as_deref(), arguments.output.as_deref())?;
    let workspace = super::open(global)?;
    let experiments = chosen(&workspace, &arguments.experiments, arguments.all)?;
    let found = if arguments.quarantine {
        quarantined(&workspace, &experiments, &arguments.run, global)?
    } else {
        readouts(&workspace, &experiments, &arguments.run, global)?
    };
    let Some(readouts) = found else {
        return Ok(Outcome::Interrupted);
    };
    let reasons: Vec<GateReason> = arguments
        .fail_on
        .iter()
        .filter_map(|word| closing(*word))
        .collect();
    let document = document(&readouts, format, &reasons, arguments.run.diagnose)?;
    deliver(&document, arguments.output.as_deref())?;
    if !arguments.quarantine {
        for hint in readouts.iter().filter_map(quarantine::hint) {
            say(global.quiet, &hint);
        }
    }
    let closed = readouts.iter().any(|readout| readout.closes(&reasons));
    Ok(if closed { Outcome::Bad } else { Outcome::Fine })
}

/// The format asked for, else by the file's extension, else a table.
fn format(asked: Option<&str>, file: Option<&Path>) -> anyhow::Result<ChecksFormat> {
    const FORMATS: &str = "choose table, markdown, json or junit with --format";
    if let Some(name) = asked {
        return ChecksFormat::from_word(name)
            .map_err(|_| anyhow!("--format: checks are not written as '{name}'; {FORMATS}"));
    }
    let Some(file) = file else {
        return Ok(ChecksFormat::Table);
    };
    ChecksFormat::from_extension(file).ok_or_else(|| {
        anyhow!(
            "'{}' ends in no format of checks; end it in .md, .json, .xml or .txt, or {FORMATS}",
            file.display()
        )
    })
}

/// What a word of `--fail-on` closes the gate for; nothing for `never`.
const fn closing(word: FailOn) -> Option<GateReason> {
    match word {
        FailOn::Fail => Some(GateReason::Fail),
        FailOn::Warn => Some(GateReason::Warn),
        FailOn::Breach => Some(GateReason::Breach),
        FailOn::Inconclusive => Some(GateReason::Inconclusive),
        FailOn::Incomplete => Some(GateReason::Incomplete),
        FailOn::Never => None,
    }
}

/// Reads experiments out and writes the rows that each rejects; `None` when interrupted.
fn quarantined(
    workspace: &Workspace,
    experiments: &[String],
    arguments: &RunArguments,
    global: &Global,
) -> anyhow::Result<Option<Vec<Readout>>> {
    let mut settings = settings::run(arguments, global, workspace.time_zone())?;
    settings.quarantine = Some(QUARANTINED);
    let found = run_all(experiments, global, |progress| {
        workspace.readouts_with_quarantine(experiments, &settings, progress)
    })?;
    let Some(found) = found else { return Ok(None) };
    let days = workspace.privacy().quarantine_days;
    let mut readouts = Vec::with_capacity(found.len());
    for (readout, tables) in found {
        let id = readout.experiment.id.as_str();
        let said = quarantine::write(workspace.root(), id, &tables, days, SystemTime::now())?;
        for line in said {
            say(global.quiet, &line);
        }
        readouts.push(readout);
    }
    Ok(Some(readouts))
}

/// The checks of every readout as one document, with the diagnosis in words where it is asked for; of several in JSON, an array.
fn document(
    readouts: &[Readout],
    format: ChecksFormat,
    reasons: &[GateReason],
    diagnose: bool,
) -> anyhow::Result<Vec<u8>> {
    if format == ChecksFormat::Junit {
        return Ok(report::checks_junit(readouts, reasons));
    }
    let mut documents = Vec::with_capacity(readouts.len());
    for readout in readouts {
        let (mut checks, diagnosis) = match format {
            ChecksFormat::Json => (report::checks_json(readout)?, Vec::new()),
            ChecksFormat::Markdown => (
                report::checks_markdown(readout),
                report::diagnosis_markdown(readout),
            ),
            ChecksFormat::Table | ChecksFormat::Junit => (
                report::checks_table(readout, Room::default()),
                report::diagnosis_table(readout, Room::default()),
            ),
        };
        if diagnose {
            checks.extend(diagnosis);
        }
        documents.push(checks);
    }
    if format == ChecksFormat::Json && documents.len() != 1 {
        let mut array = b"[\n".to_vec();
        array.extend(documents.join(&b",\n"[..]));
        array.extend_from_slice(b"]\n");
        return Ok(array);
    }
    Ok(documents.join(&b"\n"[..]))
}
