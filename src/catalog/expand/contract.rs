//! Defines the expansion of the data contract.

use std::collections::BTreeMap;

use super::super::document::Document;
use super::super::file::ContractFile;
use super::super::key_path::KeyPath;
use super::super::problem::{Rule, Severity, short};
use super::filter::filters;
use super::{Surroundings, TableFound};
use crate::domain::definition::{
    ContractRule, ContractSeverity, Identifier, Requirement, TableKind,
};
use crate::domain::evidence::RejectionRule;

/// The most rules of a contract: each is held to every row of its table.
const MOST_RULES: usize = 200;

/// The rules that can be, in the order of their declaration.
pub(super) fn contract(
    written: &[ContractFile],
    surroundings: &Surroundings,
    document: &mut Document,
) -> Vec<ContractRule> {
    let path = KeyPath::of("contract");
    if written.len() > MOST_RULES {
        document.error(
            Rule::BadContract,
            &path,
            format!(
                "a contract has at most {MOST_RULES} rules, not {}",
                written.len()
            ),
            "put conditions that belong together into one `require`",
        );
        return Vec::new();
    }
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rules = Vec::new();
    for (index, rule) in written.iter().enumerate() {
        let at = path.index(index);
        if let Some(first) = first.get(rule.id.as_str()) {
            document.error(
                Rule::DuplicateDefinition,
                &at.key("id"),
                format!("contract[{first}] has this id already"),
                "give one of the two another id",
            );
            continue;
        }
        first.insert(&rule.id, index);
        rules.extend(one(rule, surroundings, document, &at));
    }
    rules
}

fn one(
    written: &ContractFile,
    surroundings: &Surroundings,
    document: &mut Document,
    at: &KeyPath,
) -> Option<ContractRule> {
    let id = id(&written.id, document, &at.key("id"));
    let kind = kind_of_rows(&written.table, surroundings, document, &at.key("table"));
    let listed = written.filters.as_deref().unwrap_or_default();
    let about = filters(listed, surroundings, document, &at.key("where"));
    let requirement = requirement(written, surroundings, document, at);
    let severity = written.severity.unwrap_or(ContractSeverity::Fail);
    for (key, text) in [("owner", &written.owner), ("impact", &written.impact)] {
        if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            document.error(
                Rule::BadText,
                &at.key(key),
                format!("this {key} is empty"),
                "write it, or remove the key",
            );
        }
    }
    if severity == ContractSeverity::Fail && written.impact.is_none() {
        document.report(
            Severity::Warning,
            Rule::NoImpact,
            at,
            "when this rule fails, nobody knows what that means for the business",
            "add `impact`, in a sentence, or `severity = \"warn\"`",
        );
    }
    Some(ContractRule {
        id: id?,
        table: written.table.clone(),
        kind: kind?,
        filters: about?,
        requirement: requirement?,
        severity,
        reject: written.reject.unwrap_or(true),
        owner: written.owner.clone(),
        impact: written.impact.clone(),
    })
}

/// The id, which ledgers tell from built-in rules by its words alone.
fn id(written: &str, document: &mut Document, at: &KeyPath) -> Option<Identifier> {
    let reason = if written.parse::<RejectionRule>().is_ok() {
        format!("'{written}' is the id of a built-in rule")
    } else {
        match Identifier::new(written) {
            Ok(id) => return Some(id),
            Err(error) => format!("'{}' is no id: {error}", short(written)),
        }
    };
    document.error(
        Rule::BadId,
        at,
        reason,
        "write another, such as currency-known",
    );
    None
}

/// What the table holds, which is there and has a row an assignment, exposure, event or unit.
fn kind_of_rows(
    name: &str,
    surroundings: &Surroundings,
    document: &mut Document,
    at: &KeyPath,
) -> Option<TableKind> {
    match surroundings.table(name, document, at) {
        TableFound::Reported => None,
        TableFound::Kind(TableKind::Summaries) => {
            document.error(
                Rule::WrongTable,
                at,
                format!("'{name}' holds published summaries, whose rows are not of units"),
                "name a table of assignments, exposures, events or units",
            );
            None
        }
        TableFound::Kind(kind) => Some(kind),
    }
}

/// What the rule asks for; `None` when that is nothing, more than one thing, or cannot be.
fn requirement(
    written: &ContractFile,
    surroundings: &Surroundings,
    document: &mut Document,
    at: &KeyPath,
) -> Option<Requirement> {
    let bad = |document: &mut Document, at: &KeyPath, reason: &str, fix: &str| {
        document.error(Rule::BadContract, at, reason, fix);
        None
    };
    match (&written.require, &written.order, &written.cells) {
        (Some(require), None, None) => {
            let at = at.key("require");
            if require.is_empty() && document.holds(&at.index(0)) {
                // What stands in it could not be read, which was reported.
                return None;
            }
            if require.is_empty() {
                let fix =
                    "write a condition, such as `[{ column = \"value\", op = \">=\", value = 0 }]`";
                return bad(document, &at, "this list requires nothing", fix);
            }
            filters(require, surroundings, document, &at).map(Requirement::Holds)
        }
        (None, Some(columns), None) => {
            let at = at.key("order");
            let mut known = columns.clone();
            known.sort();
            known.dedup();
            if columns.len() < 2
                || known.len() < columns.len()
                || columns.iter().any(String::is_empty)
            {
                let fix =
                    "write `order = [\"occurred_at\", \"ingested_at\"]`, the earlier one first";
                return bad(
                    document,
                    &at,
                    "an order is of two or more different columns",
                    fix,
                );
            }
            Some(Requirement::Order(columns.clone()))
        }
        (None, None, Some(cells)) if cells.column.is_empty() => {
            let at = at.key("type").key("column");
            bad(
                document,
                &at,
                "a type without a column is of nothing",
                "name a column",
            )
        }
        (None, None, Some(cells)) => Some(Requirement::Type {
            column: cells.column.clone(),
            is: cells.is,
        }),
        // What says it could not be read, which was reported.
        (None, None, None)
            if ["require", "order", "type"]
                .iter()
                .any(|key| document.holds(&at.key(key))) =>
        {
            None
        }
        (None, None, None) => bad(
            document,
            at,
            "this rule requires nothing of its rows",
            "add one of `require`, `order` and `type`",
        ),
        _ => bad(
            document,
            at,
            "this rule says more than one of `require`, `order` and `type`",
            "make a rule of each, so that a row is rejected under the one it breaks",
        ),
    }
}
