//! `readout check`: the validity checks as a gate.

use anyhow::bail;

use super::report::{chosen, readouts};
use crate::cli::args::{Check, FailOn, Global};
use crate::cli::output::{Outcome, deliver};
use crate::domain::definition::Population;
use crate::domain::evidence::Slice;
use crate::domain::result::{CheckStatus, GuardrailOutcome, Readout};
use crate::report;

pub(super) fn run(global: &Global, arguments: &Check) -> anyhow::Result<Outcome> {
    let render = match arguments.format.as_str() {
        "table" => report::checks_table,
        "markdown" | "md" => report::checks_markdown,
        "json" => report::checks_json,
        other => bail!("--format: '{other}' is not one of table, markdown, json"),
    };
    let workspace = super::open(global)?;
    let experiments = chosen(&workspace, &arguments.experiments, arguments.all);
    let Some(readouts) = readouts(&workspace, &experiments, &arguments.run, global)? else {
        return Ok(Outcome::Interrupted);
    };
    deliver(&render(&readouts)?, arguments.output.as_deref())?;
    let closed = readouts.iter().any(|readout| arguments.fail_on.iter().any(|reason| closes(readout, *reason)));
    Ok(if closed { Outcome::Bad } else { Outcome::Fine })
}

/// Whether a readout closes the gate for one reason.
fn closes(readout: &Readout, reason: FailOn) -> bool {
    let any_check = |statuses: &[CheckStatus]| readout.checks.iter().any(|check| statuses.contains(&check.status));
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
        FailOn::Inconclusive => any_guardrail(&[GuardrailOutcome::Inconclusive, GuardrailOutcome::CouldNotRun]),
        FailOn::Never => false,
    }
}
