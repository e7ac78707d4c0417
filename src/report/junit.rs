//! Defines the checks as `JUnit` XML, which build servers show beside tests: a suite an experiment, a case a check.
//!
//! The file agrees with the gate it goes with: it holds a failure or an error exactly where the gate closes. What closes
//! nothing and is no pass is skipped with its status, so that it never looks like one; a warning passes with a note. Where the
//! gate closes for guardrails, each is a case too. No clock: cases have no duration, suites no time stamp.

use super::{escape, number, rows};
use crate::domain::result::{
    Check, CheckStatus, Effect, GateReason, GuardrailOutcome, MetricReadout, Readout,
};

/// What became of a case.
enum Outcome {
    Pass,
    /// It passes, and something is to be said of it.
    Noted(Told),
    /// It was not judged, or was and closes nothing.
    Skipped(Told),
    /// It was judged, and closes the gate.
    Failure(Told),
    /// It could not be judged, and closes the gate.
    Error(Told),
}

/// What is said of a case: the status, in one line what was found, and more of it in lines.
struct Told {
    status: &'static str,
    found: String,
    more: Vec<String>,
}

/// One case of a suite.
struct Case {
    class: String,
    name: String,
    outcome: Outcome,
}

/// Cases by outcome.
#[derive(Default, Clone, Copy)]
struct Tally {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// The checks of readouts as one `JUnit` document, for a gate that closes for these reasons.
#[must_use]
pub fn checks_junit(readouts: &[Readout], reasons: &[GateReason]) -> Vec<u8> {
    let suites: Vec<(&Readout, Vec<Case>)> = readouts
        .iter()
        .map(|readout| (readout, cases(readout, reasons)))
        .collect();
    let all = Tally::of(suites.iter().flat_map(|(_, cases)| cases));
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.push_str(&format!(
        "<testsuites name=\"readout check\"{}>\n",
        all.attributes()
    ));
    for (readout, cases) in &suites {
        write_suite(&mut text, readout, cases, reasons);
    }
    text.push_str("</testsuites>\n");
    text.into_bytes()
}

impl Tally {
    fn of<'a>(cases: impl Iterator<Item = &'a Case>) -> Self {
        cases.fold(Self::default(), |tally, case| {
            let is = |yes: bool| usize::from(yes);
            Self {
                tests: tally.tests + 1,
                failures: tally.failures + is(matches!(case.outcome, Outcome::Failure(_))),
                errors: tally.errors + is(matches!(case.outcome, Outcome::Error(_))),
                skipped: tally.skipped + is(matches!(case.outcome, Outcome::Skipped(_))),
            }
        })
    }

    fn attributes(self) -> String {
        format!(
            " tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
            self.tests, self.failures, self.errors, self.skipped
        )
    }
}

fn cases(readout: &Readout, reasons: &[GateReason]) -> Vec<Case> {
    let experiment = readout.experiment.id.as_str();
    let mut cases: Vec<Case> = readout
        .checks
        .iter()
        .map(|check| Case {
            class: format!("{experiment}.{}", check.stage.name()),
            name: format!("check {}: {}", check.number, check.id.label()),
            outcome: judged(check, reasons),
        })
        .collect();
    if reasons.iter().any(|reason| reason.is_about_guardrails()) {
        let guardrails = readout.gated_guardrails();
        cases.extend(guardrails.filter_map(|(metric, effect)| {
            Some(Case {
                class: format!("{experiment}.guardrail"),
                name: format!("guardrail {} in {}", metric.id, effect.variant),
                outcome: guarded(metric, effect, reasons)?,
            })
        }));
    }
    cases
}

fn judged(check: &Check, reasons: &[GateReason]) -> Outcome {
    let told = Told {
        status: check.status.name(),
        found: rows::ended(&check.finding),
        more: more(check),
    };
    match check.status {
        CheckStatus::Pass => Outcome::Pass,
        CheckStatus::CouldNotRun if check.closes(reasons) => Outcome::Error(told),
        _ if check.closes(reasons) => Outcome::Failure(told),
        CheckStatus::Warn => Outcome::Noted(told),
        _ => Outcome::Skipped(told),
    }
}

/// What stands below the finding, a line each.
fn more(check: &Check) -> Vec<String> {
    let mut lines = vec![format!("Question: {}", check.question)];
    if let (Some(observed), Some(what)) = (check.observed, &check.observed_as) {
        lines.push(format!("Observed: {} ({what})", number::plain(observed)));
    }
    let thresholds = [("Warns at", &check.warn_at), ("Fails at", &check.fail_at)];
    for (name, threshold) in thresholds {
        lines.extend(threshold.iter().map(|words| format!("{name}: {words}")));
    }
    if !check.invalidates.is_empty() {
        let named = |what| rows::invalidated(what, str::to_owned);
        let all: Vec<String> = check.invalidates.iter().map(named).collect();
        lines.push(format!("Invalidates: {}", all.join(", ")));
    }
    lines.push(format!("Next: {}", check.runbook));
    lines.push(format!("Owner: {}", check.owner));
    lines
}

fn guarded(metric: &MetricReadout, effect: &Effect, reasons: &[GateReason]) -> Option<Outcome> {
    let guardrail = effect.guardrail.as_ref()?;
    let told = Told {
        status: guardrail.outcome.name(),
        found: rows::ended(&guardrail.reason),
        more: vec![format!("Owner: {}", metric.owner)],
    };
    let closes =
        GateReason::of_guardrail(guardrail.outcome).is_some_and(|reason| reasons.contains(&reason));
    Some(match guardrail.outcome {
        GuardrailOutcome::Pass => Outcome::Pass,
        GuardrailOutcome::CouldNotRun if closes => Outcome::Error(told),
        _ if closes => Outcome::Failure(told),
        _ => Outcome::Skipped(told),
    })
}

fn write_suite(text: &mut String, readout: &Readout, cases: &[Case], reasons: &[GateReason]) {
    let id = escape::xml(readout.experiment.id.as_str());
    let tally = Tally::of(cases.iter()).attributes();
    text.push_str(&format!("  <testsuite name=\"{id}\"{tally}>\n"));
    let as_of = readout.provenance.as_of.instant;
    let closes_for: Vec<&str> = reasons.iter().map(|reason| reason.name()).collect();
    let properties = [
        ("experiment version", readout.experiment.version.to_string()),
        (
            "as-of",
            as_of.map_or_else(|| "unknown".to_owned(), |instant| instant.to_string()),
        ),
        ("program", readout.provenance.program.clone()),
        (
            "closes for",
            if closes_for.is_empty() {
                "never".to_owned()
            } else {
                closes_for.join(", ")
            },
        ),
    ];
    text.push_str("    <properties>\n");
    for (name, value) in properties {
        let value = escape::xml(&value);
        text.push_str(&format!(
            "      <property name=\"{name}\" value=\"{value}\"/>\n"
        ));
    }
    text.push_str("    </properties>\n");
    for case in cases {
        write_case(text, case);
    }
    text.push_str("  </testsuite>\n");
}

fn write_case(text: &mut String, case: &Case) {
    let (class, name) = (escape::xml(&case.class), escape::xml(&case.name));
    let open = format!("    <testcase classname=\"{class}\" name=\"{name}\"");
    let (tag, told) = match &case.outcome {
        Outcome::Pass => {
            text.push_str(&format!("{open}/>\n"));
            return;
        }
        Outcome::Noted(told) => {
            let body = body(told);
            text.push_str(&format!(
                "{open}>\n      <system-out>{}: {body}</system-out>\n    </testcase>\n",
                told.status
            ));
            return;
        }
        Outcome::Skipped(told) => {
            let message = escape::xml(&format!("{}: {}", told.status, told.found));
            text.push_str(&format!(
                "{open}>\n      <skipped message=\"{message}\"/>\n    </testcase>\n"
            ));
            return;
        }
        Outcome::Failure(told) => ("failure", told),
        Outcome::Error(told) => ("error", told),
    };
    let (message, body) = (escape::xml(&told.found), body(told));
    text.push_str(&format!(
        "{open}>\n      <{tag} type=\"{}\" message=\"{message}\">{body}</{tag}>\n    </testcase>\n",
        told.status
    ));
}

/// The finding and what stands below it; every line begins with a word of ours, as the finding follows a tag or a status.
fn body(told: &Told) -> String {
    let lines = std::iter::once(&told.found).chain(&told.more);
    let lines: Vec<String> = lines.map(|line| escape::xml(line)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests;
