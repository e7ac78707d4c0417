//! Check of the workspace's own data contract (29): which of its rules are broken, and what that invalidates.

use std::collections::BTreeMap;

use super::finding::{Finding, worse};
use super::{Context, share, wording};
use crate::domain::definition::{ContractRule, ContractSeverity, TableKind};
use crate::domain::evidence::{LedgerLine, RowRule, TableLedger};
use crate::domain::result::{Check, CheckId, CheckStatus, ContractOutcome, Invalidates};

/// At most this many rules are spelled out.
const SPELLED_OUT: usize = 5;

/// 29: rules that the workspace declares.
pub(super) fn contract(context: &Context<'_>) -> Check {
    let outcomes = outcomes(context);
    let worst = worst(&outcomes).map(|outcome| outcome.owner.clone());
    let mut check = finding(context, &outcomes).into_check(context, CheckId::Contract);
    if let Some(owner) = worst {
        check.owner = owner;
    }
    check
}

/// What came of every rule about a table that was read, in the order of their declaration.
#[must_use]
pub fn outcomes(context: &Context<'_>) -> Vec<ContractOutcome> {
    let rules = context.contract.iter();
    rules
        .filter_map(|rule| {
            let ledger = ledger_of(context, &rule.table)?;
            let of_line = |line: &LedgerLine| {
                if rule.reject {
                    line.rejected
                        .get(&RowRule::Contract(rule.id.clone()))
                        .copied()
                } else {
                    line.counted.get(&rule.id).copied()
                }
            };
            let lines = ledger.by_variant.iter();
            let by_variant: BTreeMap<String, u64> = lines
                .filter_map(|(variant, line)| Some((variant.clone(), of_line(line)?)))
                .collect();
            Some(ContractOutcome {
                rule: rule.id.clone(),
                table: rule.table.clone(),
                severity: rule.severity,
                rejects: rule.reject,
                owner: owner(context, rule),
                impact: rule.impact.clone(),
                rows: by_variant.values().sum(),
                by_variant,
            })
        })
        .collect()
}

fn owner(context: &Context<'_>, rule: &ContractRule) -> String {
    let own = rule.owner.as_ref();
    own.unwrap_or(&context.experiment.owner).clone()
}

fn ledger_of<'a>(context: &Context<'a>, table: &str) -> Option<&'a TableLedger> {
    let mut ledgers = context.summary.ledgers.iter();
    ledgers.find(|ledger| ledger.table == table)
}

/// Rows of a table that are of the experiment's variants, whatever became of them.
fn own_rows(ledger: &TableLedger) -> u64 {
    let own = ledger.by_variant.iter();
    own.filter(|(variant, _)| !variant.is_empty())
        .map(|(_, line)| line.read())
        .sum()
}

/// The broken rule that decides: the first that fails, else the first that warns.
fn worst(outcomes: &[ContractOutcome]) -> Option<&ContractOutcome> {
    let mut broken = outcomes.iter().filter(|outcome| outcome.own_rows() > 0);
    let first = broken.next()?;
    if first.severity == ContractSeverity::Fail {
        return Some(first);
    }
    let fails = broken.find(|outcome| outcome.severity == ContractSeverity::Fail);
    Some(fails.unwrap_or(first))
}

fn finding(context: &Context<'_>, outcomes: &[ContractOutcome]) -> Finding {
    if outcomes.is_empty() {
        return Finding::not_run(
            "because readout.toml declares no [[contract]] about a table that is read",
        );
    }
    let mut broken: Vec<&ContractOutcome> = outcomes
        .iter()
        .filter(|outcome| outcome.own_rows() > 0)
        .collect();
    // A stable sort: within a severity, the order of declaration.
    broken.sort_by_key(|outcome| outcome.severity != ContractSeverity::Fail);
    let rules = wording::counted(outcomes.len() as u64, "rule");
    let mut finding = Finding::new(
        CheckStatus::Pass,
        format!("no row of its units breaks any of {rules}"),
    );
    if outcomes.len() == 1 {
        "no row of its units breaks the one rule".clone_into(&mut finding.sentence);
    }
    for outcome in &broken {
        let status = match outcome.severity {
            ContractSeverity::Fail => CheckStatus::Fail,
            ContractSeverity::Warn => CheckStatus::Warn,
        };
        finding.status = worse(finding.status, status);
        if outcome.severity == ContractSeverity::Fail {
            finding
                .invalidates
                .extend(invalidates(context, &outcome.table));
        }
    }
    finding.invalidates.sort();
    finding.invalidates.dedup();
    if !broken.is_empty() {
        let mut said: Vec<String> = broken
            .iter()
            .take(SPELLED_OUT)
            .map(|outcome| sentence(context, outcome))
            .collect();
        if broken.len() > SPELLED_OUT {
            said.push(format!("and {} more", broken.len() - SPELLED_OUT));
        }
        finding.sentence = said.join("; ");
    }
    let tables = context.summary.ledgers.iter();
    let held = tables.filter(|ledger| outcomes.iter().any(|one| one.table == ledger.table));
    finding.evaluated = Some(held.map(own_rows).sum());
    finding.failing = Some(broken.iter().map(|outcome| outcome.own_rows()).sum());
    finding.thresholds = (
        Some("a row breaks a rule that warns".to_owned()),
        Some("a row breaks a rule that fails".to_owned()),
    );
    finding
}

/// What is not to be trusted while a rule about a table is broken.
pub(super) fn invalidates(context: &Context<'_>, table: &str) -> Vec<Invalidates> {
    match context
        .contract
        .iter()
        .find(|rule| rule.table == table)
        .map(|rule| rule.kind)
    {
        Some(TableKind::Assignments) => vec![Invalidates::All],
        Some(TableKind::Exposures) => vec![Invalidates::Exposed],
        _ => context.metrics_reading(table),
    }
}

/// A broken rule in words: which, how many rows, whose, and what it means.
fn sentence(context: &Context<'_>, outcome: &ContractOutcome) -> String {
    let all = ledger_of(context, &outcome.table).map_or(0, own_rows);
    let part = share(outcome.own_rows(), all).map_or_else(String::new, |part| {
        format!(" ({} of those of its units)", wording::percent(part))
    });
    let became = if outcome.rejects {
        "rejected"
    } else {
        "counted only"
    };
    let impact = outcome
        .impact
        .as_ref()
        .map_or_else(String::new, |impact| format!(": {impact}"));
    format!(
        "{}: {} of {}{part} {became}, owned by {}{impact}",
        outcome.rule,
        wording::counted(outcome.own_rows(), "row"),
        wording::label(&outcome.table),
        outcome.owner,
    )
}
