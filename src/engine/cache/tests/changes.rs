//! Defines every change of a plan there is, one field at a time.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::definition::{
    Aggregate, Anchor, CellType, ContractRule, ContractSeverity, Duration, Filter, FilterOperator,
    Identifier, Literal, Missing, ProportionMethod, Requirement, Role, Table, TableKind, UnitsRule,
};
use crate::domain::evidence::Layout;
use crate::plan::{AsOfRule, Declaration, Plan, PlannedMetric, PlannedSegment};

/// Words to put in the place of another: one of them is legal wherever a word is, and says something else.
const WORDS: &[&str] = &[
    "other",
    "2026-04-09T00:00:00Z",
    "9d",
    "2.0.0",
    "draft",
    "paused",
    "unit",
    "exposed",
    "itt",
    "secondary",
    "mean",
    "decrease",
    "max",
    "drop",
    "assignment",
    "events",
    "units",
    "integer",
    "warn",
    "all",
    "ignored",
    "exclude",
    "first-seen",
    "pooled",
    "normal",
    "delta",
    "none",
    "!=",
    "raw-mean",
    "units-less-one",
    "type-1",
    "confidence-sequence",
    "pocock",
    "hc0",
    "normal(0, 1)",
    "chi-square",
];

/// Every way to change one leaf of `value`, each with where it is.
fn changed_leaves(value: &Value, place: &str) -> Vec<(String, Vec<Value>)> {
    let inside = |children: Vec<(String, &Value)>, put: &dyn Fn(&str, Value) -> Value| {
        let mut all = Vec::new();
        for (name, child) in children {
            for (place, ways) in changed_leaves(child, &format!("{place}/{name}")) {
                all.push((place, ways.into_iter().map(|way| put(&name, way)).collect()));
            }
        }
        all
    };
    match value {
        Value::Object(fields) => {
            assert!(!fields.is_empty(), "{place} has nothing to change");
            let children = fields.iter().map(|(name, child)| (name.clone(), child));
            inside(children.collect(), &|name, way| {
                let mut fields = fields.clone();
                fields.insert(name.to_owned(), way);
                Value::Object(fields)
            })
        }
        Value::Array(items) => {
            assert!(!items.is_empty(), "{place} has nothing to change");
            let children = items.iter().enumerate();
            let children = children.map(|(index, child)| (index.to_string(), child));
            inside(children.collect(), &|index, way| {
                let mut items = items.clone();
                items[index.parse::<usize>().unwrap()] = way;
                Value::Array(items)
            })
        }
        Value::String(_) => {
            let words = WORDS.iter().map(|word| Value::from(*word));
            vec![(place.to_owned(), words.collect())]
        }
        Value::Number(number) => {
            let other = number.as_u64().map_or_else(
                || Value::from(number.as_f64().unwrap() / 2.0),
                |whole| Value::from(whole + 1),
            );
            vec![(place.to_owned(), vec![other])]
        }
        Value::Bool(is) => vec![(place.to_owned(), vec![Value::from(!is)])],
        Value::Null => panic!("{place} is absent, so no change of it is tried"),
    }
}

/// `value` with one leaf changed, for each leaf.
fn mutants<T: Serialize + DeserializeOwned + PartialEq>(value: &T) -> Vec<(String, T)> {
    let leaves = changed_leaves(&serde_json::to_value(value).unwrap(), "");
    let read = |(place, ways): (String, Vec<Value>)| {
        let mut read = ways
            .into_iter()
            .filter_map(|way| serde_json::from_value(way).ok());
        let other = read.find(|other| other != value);
        (
            place.clone(),
            other.unwrap_or_else(|| panic!("no other value for {place}")),
        )
    };
    leaves.into_iter().map(read).collect()
}

/// The plan of the scene with whatever it leaves open said too, so that there is something to change.
pub(super) fn plan() -> Plan {
    let mut plan = super::scene::plan();
    plan.conventions[0].units = Some(UnitsRule::Matured);
    plan.conventions[0].proportions = Some(ProportionMethod::Newcombe);
    plan.conventions[0].sequential_units = Some(1_000);
    if let Some(denominator) = &mut plan.metrics[0].metric.denominator {
        denominator.column = Some("value".to_owned());
    }
    plan.contract.push(ContractRule {
        id: Identifier::new("value-known").unwrap(),
        table: "events".to_owned(),
        kind: TableKind::Events,
        filters: plan.declarations[0].filters.clone(),
        requirement: Requirement::Type {
            column: "value".to_owned(),
            is: CellType::Number,
        },
        severity: ContractSeverity::Fail,
        reject: true,
        owner: Some("payments".to_owned()),
        impact: Some("sums are too small".to_owned()),
    });
    plan
}

pub(super) fn with(change: impl FnOnce(&mut Plan)) -> Plan {
    let mut plan = plan();
    change(&mut plan);
    plan
}

fn first(change: impl FnOnce(&mut PlannedMetric)) -> Plan {
    with(|plan| change(&mut plan.metrics[0]))
}

fn declaration(change: impl FnOnce(&mut Declaration)) -> Plan {
    with(|plan| change(&mut plan.declarations[0]))
}

/// The plan with each field of it changed, one at a time.
pub(super) fn changes() -> Vec<(String, Plan)> {
    let mut all = changed_definitions();
    let fields = changed_fields().into_iter().chain(changed_metric());
    all.extend(fields.map(|(place, plan)| (place.to_owned(), plan)));
    all
}

/// Every leaf of what has a JSON form of its own.
fn changed_definitions() -> Vec<(String, Plan)> {
    // Named one by one, here and below: a new field has to be changed somewhere.
    let Plan {
        experiment,
        metrics,
        declarations: _,
        segments: _,
        cluster: _,
        populations: _,
        conventions,
        as_of: _,
        assignments,
        exposures,
        others,
        time_zone: _,
        rows_are_units: _,
        consent: _,
        identities: _,
        contract,
    } = plan();
    let mut all: Vec<(String, Plan)> = Vec::new();
    let mut add = |name: &str, place: String, plan| all.push((format!("{name}{place}"), plan));
    for (place, other) in mutants(&experiment) {
        add("experiment", place, with(|plan| plan.experiment = other));
    }
    for (place, other) in mutants(&metrics[0].metric) {
        add("metric", place, first(|planned| planned.metric = other));
    }
    for (place, other) in mutants(&conventions[0]) {
        let other = with(|plan| plan.conventions = vec![other]);
        add("conventions", place, other);
    }
    for (place, other) in mutants(&contract[0]) {
        add("contract", place, with(|plan| plan.contract[0] = other));
    }
    let tables = assignments.iter().chain(&exposures).chain(&others);
    for table in tables {
        for (place, other) in mutants(table) {
            let other = with(|plan| replace(plan, table, other));
            add(&table.name, place, other);
        }
    }
    all
}

fn changed_fields() -> Vec<(&'static str, Plan)> {
    let [
        PlannedSegment {
            table: _,
            column: _,
        },
    ] = &plan().segments[..]
    else {
        panic!("one segment");
    };
    let other = || PlannedSegment {
        table: "units".to_owned(),
        column: "city".to_owned(),
    };
    let instant = "2026-04-30T00:00:00Z".parse().unwrap();
    let rule = |rule| with(|plan| plan.as_of = rule);
    let zone = |zone: Option<&str>| with(|plan| plan.time_zone = zone.map(str::to_owned));
    let segment = |change: fn(&mut PlannedSegment)| with(|plan| change(&mut plan.segments[0]));
    vec![
        ("segments", with(|plan| plan.segments.push(other()))),
        ("segment column", segment(|it| it.column.push('x'))),
        (
            "segment table",
            segment(|it| it.table = "assignments".to_owned()),
        ),
        ("cluster", with(|plan| plan.cluster = Some(other()))),
        ("populations", with(|plan| plan.populations.truncate(1))),
        ("as of", rule(AsOfRule::CompleteThrough(instant))),
        ("as of asked", rule(AsOfRule::Asked(instant))),
        ("as of tables", rule(AsOfRule::FromTables)),
        ("no assignments", with(|plan| plan.assignments = None)),
        ("no exposures", with(|plan| plan.exposures = None)),
        ("zone", zone(Some("Europe/Paris"))),
        ("no zone", zone(None)),
        ("consent", with(|plan| plan.consent.push(consented()))),
        (
            "identities",
            with(|plan| plan.identities = plan.others.first().cloned()),
        ),
        ("no contract", with(|plan| plan.contract.clear())),
        ("rows are units", with(|plan| plan.rows_are_units = true)),
    ]
}

fn consented() -> Filter {
    Filter {
        column: "consent".to_owned(),
        operator: FilterOperator::Equal,
        values: vec![Literal::Boolean(true)],
    }
}

fn changed_metric() -> Vec<(&'static str, Plan)> {
    let Plan {
        metrics,
        declarations,
        ..
    } = plan();
    let PlannedMetric {
        metric: _,
        role: _,
        semantic_hash: _,
        layout:
            Layout {
                denominator: _,
                covariates: _,
                steps: _,
                ordered: _,
            },
        value: _,
        denominator: _,
        covariates: _,
        steps: _,
        parts: _,
    } = &metrics[0];
    let Declaration {
        table: _,
        aggregate: _,
        column: _,
        filters: _,
        window: _,
        missing: _,
        dated_by: _,
    } = &declarations[0];
    let window = (Anchor::Assignment, Duration::ZERO, Duration(7));
    vec![
        ("role", first(|it| it.role = Role::Guardrail)),
        ("hash", first(|it| it.semantic_hash.push('x'))),
        ("layout's covariates", first(|it| it.layout.covariates = 0)),
        (
            "layout's denominator",
            first(|it| it.layout.denominator = false),
        ),
        ("layout's steps", first(|it| it.layout.steps = 1)),
        ("layout's order", first(|it| it.layout.ordered = true)),
        ("value at", first(|it| it.value = Some(1))),
        ("denominator at", first(|it| it.denominator = None)),
        ("covariate at", first(|it| it.covariates = vec![1])),
        ("steps at", first(|it| it.steps = vec![1])),
        ("parts at", first(|it| it.parts = vec![1])),
        ("table", declaration(|it| it.table = "units".to_owned())),
        ("aggregate", declaration(|it| it.aggregate = Aggregate::Max)),
        ("column", declaration(|it| it.column = None)),
        ("filters", declaration(|it| it.filters.clear())),
        ("no window", declaration(|it| it.window = None)),
        ("window", declaration(|it| it.window = Some(window))),
        ("dated by", declaration(|it| it.dated_by = None)),
        ("missing", declaration(|it| it.missing = Missing::Drop)),
    ]
}

fn replace(plan: &mut Plan, table: &Table, other: Table) {
    let tables = plan.assignments.iter_mut().chain(&mut plan.exposures);
    let found = tables.chain(&mut plan.others).find(|known| *known == table);
    *found.unwrap() = other;
}
