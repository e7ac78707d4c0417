//! `readout check`: the validity checks as a gate.

use anyhow::bail;

use super::report::{chosen, readouts};
use crate::cli::args::{Check, FailOn, Global};
use crate::cli::output::{Outcome, deliver, expect_folder};
use crate::cli::settings;
use crate::domain::definition::Population;
use crate::domain::evidence::Slice;
use crate::domain::result::{CheckStatus, GuardrailOutcome, Readout};
use crate::report::{self, Format, Room};

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
    let Some(readouts) = readouts(&workspace, &experiments, &arguments.run, global)? else {
        return Ok(Outcome::Interrupted);
    };
    deliver(&document(&readouts, format)?, arguments.output.as_deref())?;
    let closed = readouts.iter().any(|readout| {
        arguments
            .fail_on
            .iter()
            .any(|reason| closes(readout, *reason))
    });
    Ok(if closed { Outcome::Bad } else { Outcome::Fine })
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
