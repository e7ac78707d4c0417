//! Defines rules of a data contract for random worlds, each with what it means written out for the slow reader.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use readout::domain::definition::{
    CellType, ContractRule, ContractSeverity, Filter, FilterOperator as Op, Identifier, Literal,
    Requirement, TableKind,
};

use super::worlds::{AssignmentRow, EventRow, ExposureRow, Read, filter};

/// Whether a row breaks a rule.
#[derive(Debug, Clone, Copy)]
pub(super) enum Breaks {
    Assignment(fn(&AssignmentRow) -> bool),
    Exposure(fn(&ExposureRow) -> bool),
    Event(fn(&EventRow) -> bool),
}

/// A rule, and what it means.
#[derive(Debug, Clone)]
pub(super) struct HeldRule {
    pub(super) rule: ContractRule,
    pub(super) breaks: Breaks,
}

fn held(id: &str, about: Vec<Filter>, requirement: Requirement, breaks: Breaks) -> HeldRule {
    let (table, kind) = match breaks {
        Breaks::Assignment(_) => ("assignments", TableKind::Assignments),
        Breaks::Exposure(_) => ("exposures", TableKind::Exposures),
        Breaks::Event(_) => ("events", TableKind::Events),
    };
    HeldRule {
        rule: ContractRule {
            id: Identifier::new(id).unwrap(),
            table: table.to_owned(),
            kind,
            filters: about,
            requirement,
            severity: ContractSeverity::Fail,
            reject: true,
            owner: None,
            impact: None,
        },
        breaks,
    }
}

fn texts(words: &[&str]) -> Vec<Literal> {
    let words = words.iter().map(|word| (*word).to_owned());
    words.map(Literal::Text).collect()
}

fn pool() -> Vec<HeldRule> {
    let column = |column: &str, is| Requirement::Type {
        column: column.to_owned(),
        is,
    };
    let order = |columns: [&str; 2]| Requirement::Order(columns.map(str::to_owned).to_vec());
    let buys = || vec![filter("event_name", Op::Equal, texts(&["buy"]))];
    let not_less = |number| filter("value", Op::GreaterOrEqual, vec![Literal::Integer(number)]);
    vec![
        held(
            "buys-cost",
            buys(),
            Requirement::Holds(vec![not_less(0)]),
            Breaks::Event(|row| {
                row.name == "buy" && row.value.good().is_none_or(|value| value < 0)
            }),
        ),
        held(
            "dear-is-known",
            // A value that is no number is not more than two.
            vec![filter("value", Op::Greater, vec![Literal::Integer(2)])],
            Requirement::Holds(vec![filter("event_name", Op::In, texts(&["buy", "view"]))]),
            Breaks::Event(|row| {
                row.value.good().is_some_and(|value| value > 2)
                    && !matches!(row.name, "buy" | "view")
            }),
        ),
        held(
            "value-is-number",
            Vec::new(),
            column("value", CellType::Number),
            Breaks::Event(|row| row.value == Read::Bad),
        ),
        held(
            "value-is-a-bit",
            buys(),
            column("value", CellType::Boolean),
            Breaks::Event(|row| {
                row.name == "buy" && !matches!(row.value, Read::Null | Read::Good(0 | 1))
            }),
        ),
        held(
            "known-after",
            Vec::new(),
            order(["occurred_at", "ingested_at"]),
            Breaks::Event(|row| row.at == Read::Bad),
        ),
        held(
            "known-before",
            Vec::new(),
            order(["ingested_at", "occurred_at"]),
            Breaks::Event(|row| {
                row.at == Read::Bad
                    || row
                        .at
                        .good()
                        .zip(row.ingested)
                        .is_some_and(|(at, known)| at < known)
            }),
        ),
        held(
            "platform-known",
            Vec::new(),
            Requirement::Holds(vec![filter("platform", Op::NotNull, Vec::new())]),
            Breaks::Assignment(|row| row.platform.is_empty()),
        ),
        held(
            "two-on-web",
            vec![filter("variant_id", Op::Equal, texts(&["two"]))],
            Requirement::Holds(vec![filter("platform", Op::Equal, texts(&["web"]))]),
            Breaks::Assignment(|row| row.keys.variant == "two" && row.platform != "web"),
        ),
        held(
            "views-only",
            Vec::new(),
            Requirement::Holds(vec![filter("exposure_type", Op::Equal, texts(&["view"]))]),
            Breaks::Exposure(|row| row.kind != "view"),
        ),
        held(
            "exposed-at-some-time",
            Vec::new(),
            column("exposed_at", CellType::Timestamp),
            Breaks::Exposure(|row| row.at == Read::Bad),
        ),
    ]
}

/// Some of the rules in any order, some of which only count.
pub(super) fn contract() -> impl Strategy<Value = Vec<HeldRule>> {
    let some = prop_oneof![
        1 => Just(Vec::new()),
        3 => subsequence(pool(), 1..5).prop_shuffle(),
    ];
    let rejects = prop::collection::vec(select(vec![true, true, false]), 5);
    (some, rejects).prop_map(|(mut rules, rejects)| {
        for (held, reject) in rules.iter_mut().zip(rejects) {
            held.rule.reject = reject;
        }
        rules
    })
}
