//! Names pieces by everything they follow from. A name that says too much only misses; one that says too little is stale.
//!
//! What is hashed is the `Debug` text of definitions and not their JSON: it says every field and every case by its name,
//! where JSON writes an instant and the same characters as text alike, and a filter on one is not a filter on the other.

use std::collections::BTreeSet;

use super::digest::Digests;
use crate::canonical::sha256_hex;
use crate::domain::definition::{ContractRule, Conventions, Experiment, Filter, Literal, Table};
use crate::plan::{AsOfRule, Declaration, Plan, PlannedMetric};

/// The program, the sources its engine is built from, and how pieces are written.
const ENGINE: &str = concat!(
    "readout ",
    env!("CARGO_PKG_VERSION"),
    " engine ",
    env!("READOUT_ENGINE")
);

/// The name of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key(String);

impl Key {
    fn of(material: &impl std::fmt::Debug) -> Self {
        Self(sha256_hex(format!("{ENGINE} {material:?}").as_bytes()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The names of all pieces of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keys {
    /// Of everything that is not a metric's.
    pub(super) counts: Key,
    /// A metric, then a set of conventions.
    pub(super) metrics: Vec<Vec<Key>>,
}

impl Keys {
    pub(super) fn of(plan: &Plan, digests: &Digests) -> Self {
        let rules = zone_rules(plan.time_zone.as_deref());
        let metrics = plan.metrics.iter().map(|metric| {
            let material = metric_material(plan, metric, digests);
            let key = |set: &Conventions| Key::of(&("metric", &rules, &material, set));
            plan.conventions.iter().map(key).collect()
        });
        Self {
            counts: Key::of(&("counts", &rules, plan, &digests.tables)),
            metrics: metrics.collect(),
        }
    }
}

/// Everything one metric's cells follow from, but the conventions.
fn metric_material(plan: &Plan, metric: &PlannedMetric, digests: &Digests) -> String {
    // Named one by one, so that a new field of a plan has to be thought of here.
    let Plan {
        experiment,
        metrics: _,
        declarations,
        segments,
        cluster,
        populations,
        conventions: _,
        as_of,
        assignments,
        exposures,
        identities,
        consent,
        others,
        time_zone,
        rows_are_units,
        contract,
    } = plan;
    let PlannedMetric {
        metric: definition,
        role,
        semantic_hash,
        layout,
        value,
        denominator,
        covariates,
        steps,
        parts,
    } = metric;
    // Positions move when another metric comes; what stands there counts.
    let at = |position: &usize| declarations.get(*position);
    let own = (
        value.as_ref().map(at),
        denominator.as_ref().map(at),
        [covariates, steps, parts].map(|list| list.iter().map(at).collect::<Vec<_>>()),
    );
    let is_own = |table: &str| {
        let mut own = metric
            .declarations()
            .filter_map(|one| declarations.get(one));
        own.any(|one| one.table == table)
    };
    let read_by_all = *as_of == AsOfRule::FromTables || assignments.is_none();
    let is_read = |table: &Table| {
        read_by_all
            || assignments.as_ref() == Some(table)
            || exposures.as_ref() == Some(table)
            || identities.as_ref() == Some(table)
            || definition.value.table == table.name
            || is_own(&table.name)
            || segments
                .iter()
                .chain(cluster)
                .any(|one| one.table == table.name)
    };
    let keyed = assignments.iter().chain(exposures).chain(identities);
    let tables = keyed.chain(others);
    let tables: Vec<&Table> = tables.filter(|table| is_read(table)).collect();
    let names: BTreeSet<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let contents: Vec<_> = digests
        .tables
        .iter()
        .filter(|(table, _)| names.contains(table.as_str()))
        .collect();
    let rules = contract
        .iter()
        .filter(|rule| names.contains(rule.table.as_str()));
    let rules: Vec<&ContractRule> = rules.collect();
    // Whether assignments have to carry a time.
    let any_window = declarations.iter().any(|one| one.window.is_some());
    format!(
        "{:?}",
        (
            (
                without_metrics(experiment),
                segments,
                cluster,
                populations,
                as_of
            ),
            (time_zone, rows_are_units, any_window, consent, rules),
            (assignments.is_some(), exposures.is_some(), tables, contents),
            (definition, role, semantic_hash, layout, own),
            columns(declarations, &names),
        )
    )
}

/// The experiment, whatever else it measures.
fn without_metrics(experiment: &Experiment) -> Experiment {
    Experiment {
        metrics: Vec::new(),
        ..experiment.clone()
    }
}

/// The columns that all metrics together want of these tables, and as what: a row with a fault in any is used by none.
fn columns<'a>(
    declarations: &'a [Declaration],
    tables: &BTreeSet<&str>,
) -> BTreeSet<(&'a str, &'a str, &'static str)> {
    let mut wanted = BTreeSet::new();
    for declaration in declarations {
        if !tables.contains(declaration.table.as_str()) {
            continue;
        }
        let table = declaration.table.as_str();
        if let Some(column) = &declaration.column {
            wanted.insert((table, column.as_str(), declaration.aggregate.name()));
        }
        if let Some(column) = &declaration.dated_by {
            wanted.insert((table, column.as_str(), "time"));
        }
        for filter in &declaration.filters {
            wanted.insert((table, filter.column.as_str(), kind(filter)));
        }
    }
    wanted
}

fn kind(filter: &Filter) -> &'static str {
    match filter.values.first() {
        None => "of any kind",
        Some(Literal::Boolean(_)) => "boolean",
        Some(Literal::Integer(_)) => "integer",
        Some(Literal::Float(_)) => "number",
        Some(Literal::Time(_)) => "time",
        Some(Literal::Text(_)) => "text",
    }
}

/// When the zone's clock moves and to what offset, since the rules behind its name change with the system's own tables.
fn zone_rules(zone: Option<&str>) -> Vec<(i64, i32)> {
    const LAST_YEAR: i16 = 2100;
    let Some(zone) = zone.and_then(|name| jiff::tz::TimeZone::get(name).ok()) else {
        return Vec::new();
    };
    let first = jiff::Timestamp::MIN;
    let start = (first.as_second(), zone.to_offset(first).seconds());
    let moves = zone
        .following(first)
        .take_while(|one| zone.to_datetime(one.timestamp()).year() < LAST_YEAR)
        .map(|one| (one.timestamp().as_second(), one.offset().seconds()));
    std::iter::once(start).chain(moves).collect()
}
