//! `readout check`: the validity checks as a gate.

use std::time::SystemTime;

use anyhow::bail;

use super::quarantine;
use super::report::{chosen, readouts, run_all};
use crate::cli::args::{Check, FailOn, Global, RunArguments};
use crate::cli::output::{Outcome, deliver, expect_folder, say};
use crate::cli::settings;
use crate::domain::definition::Population;
use crate::domain::evidence::Slice;
use crate::domain::result::{CheckStatus, GuardrailOutcome, Readout};
use crate::report::{self, Format, Room};
use crate::workspace::{QUARANTINED, Workspace};

pub(super) fn run(global: &Global, arguments: &Check) -> anyhow::Result<Outcome> {
    expect_folder(arguments.output.as_deref())?;
    let format = settings::format(
        arguments.format.as_deref(),
        arguments.output.as_deref(),
        Format::Table,
    )?;
    if format == Format::Csv {
        bail!("checks are not written as csv; choose table, markdown or json with --format");
    }
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
    deliver(&document(&readouts, format)?, arguments.output.as_deref())?;
    if !arguments.quarantine {
        for hint in readouts.iter().filter_map(quarantine::hint) {
            say(global.quiet, &hint);
        }
    }
    let closed = readouts.iter().any(|readout| {
        arguments
            .fail_on
            .iter()
            .any(|reason| closes(readout, *reason))
    });
    Ok(if closed { Outcome::Bad } else { Outcome::Fine })
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

/// The checks of every readout as one document; of several in JSON, an array.
fn document(readouts: &[Readout], format: Format) -> anyhow::Result<Vec<u8>> {
    let mut documents = Vec::with_capacity(readouts.len());
    for readout in readouts {
        documents.push(match format {
            Format::Json => report::checks_json(readout)?,
            Format::Markdown => report::checks_markdown(readout),
            Format::Table | Format::Csv => report::checks_table(readout, Room::default()),
        });
    }
    if format == Format::Json && documents.len() != 1 {
        let mut array = b"[\n".to_vec();
        array.extend(documents.join(&b",\n"[..]));
        array.extend_from_slice(b"]\n");
        return Ok(array);
    }
    Ok(documents.join(&b"\n"[..]))
}

/// Whether a readout closes the gate for one reason.
fn closes(readout: &Readout, reason: FailOn) -> bool {
    let any_check = |statuses: &[CheckStatus]| {
        readout
            .checks
            .iter()
            .any(|check| statuses.contains(&check.status))
    };
    let any_guardrail = |outcomes: &[GuardrailOutcome]| {
        readout
            .metrics
            .iter()
            .flat_map(|metric| &metric.effects)
            .filter(|effect| effect.population == Population::Itt && effect.slice == Slice::All)
            .filter_map(|effect| effect.guardrail.as_ref())
            .any(|guardrail| outcomes.contains(&guardrail.outcome))
    };
    match reason {
        FailOn::Fail => any_check(&[CheckStatus::Fail]),
        FailOn::Warn => any_check(&[CheckStatus::Warn]),
        FailOn::Incomplete => any_check(&[CheckStatus::CouldNotRun, CheckStatus::Insufficient]),
        FailOn::Breach => any_guardrail(&[GuardrailOutcome::Fail]),
        FailOn::Inconclusive => any_guardrail(&[
            GuardrailOutcome::Inconclusive,
            GuardrailOutcome::CouldNotRun,
        ]),
        FailOn::Never => false,
    }
}
