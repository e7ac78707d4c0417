//! Takes up what a manifest declares: tables by the names of their columns, metrics over tables that are proposed, rules.

use std::collections::BTreeSet;

use super::document::named;
use super::{DeclaredMetric, DeclaredTable, Manifest, Measure};
use crate::domain::definition::{MetricKind, Missing, TableKind, Value, Window};
use crate::propose::init::columns::{Role, folded};
use crate::propose::init::contract::{ProposedRule, RuleSource, RuleSubject, our_name};
use crate::propose::init::discover::Found;
use crate::propose::init::kind::kind_of;
use crate::propose::init::metrics::{Metrics, first_days};
use crate::propose::init::tables::{ProposedTable, legal_name};
use crate::propose::profile::{ColumnProfile, Profile};
use crate::propose::quick::Guess;
use crate::source::Escaped;

/// Tables that a manifest declares and no file was found of, as far as a readout could use them: a table of units only
/// where a metric reads it or a test says that its units are unique.
pub(in crate::propose::init) fn declared_tables(
    manifest: &Manifest,
    found: &[Found],
    left: &mut Vec<String>,
) -> Vec<Found> {
    let on_disk: BTreeSet<String> = found.iter().map(|found| folded(&found.name)).collect();
    let unread = manifest
        .tables
        .iter()
        .filter(|table| !on_disk.contains(&folded(&table.name)));
    let (mut taken, mut others) = (Vec::new(), Vec::new());
    for table in unread {
        let as_found = Found {
            name: table.name.clone(),
            path: format!("tables/{}.parquet", legal_name(&table.name)),
            profile: nothing_seen(table),
        };
        if !table.columns.is_empty() && is_of_use(manifest, &as_found) {
            taken.push(as_found);
        } else {
            others.push(table.name.as_str());
        }
    }
    named(
        &others,
        "dbt tables that no readout could use by the columns they declare",
        left,
    );
    taken
}

fn is_of_use(manifest: &Manifest, found: &Found) -> bool {
    let Ok(taken) = kind_of(&found.name, &found.profile) else {
        return measures(manifest).any(|measure| measure.table == found.name);
    };
    if taken.kind != TableKind::Units {
        return true;
    }
    let unit = taken.roles.get(Role::Unit).unwrap_or("");
    let is_unique = manifest.rules.iter().any(|(table, rule)| {
        *table == found.name
            && matches!(rule, RuleSubject::Unique { columns } if columns.as_slice() == [unit])
    });
    is_unique || measures(manifest).any(|measure| measure.table == found.name)
}

fn measures(manifest: &Manifest) -> impl Iterator<Item = &Measure> {
    let metrics = manifest.metrics.iter();
    metrics.flat_map(|metric| std::iter::once(&metric.value).chain(&metric.denominator))
}

/// Columns by name, and nothing known of what they hold.
fn nothing_seen(table: &DeclaredTable) -> Profile {
    let columns = table.columns.iter().map(|name| ColumnProfile {
        name: name.clone(),
        types: Vec::new(),
        filled: 0,
        values: std::collections::BTreeMap::new(),
        many: false,
        numbers: 0,
        no_number: None,
        times: 0,
        local_times: 0,
        is_binary: false,
        is_unique: false,
    });
    Profile {
        rows: 0,
        columns: columns.collect(),
    }
}

/// The proposed table that dbt calls `name`.
fn of_dbt<'t>(tables: &'t [ProposedTable], name: &str) -> Option<&'t ProposedTable> {
    let name = folded(name);
    tables.iter().find(|table| folded(&table.known_as) == name)
}

/// Adds the metrics of a manifest; what cannot be one here is listed. `timed` is whether it is known when units were
/// assigned.
pub(in crate::propose::init) fn metrics_of_dbt(
    manifest: &Manifest,
    tables: &[ProposedTable],
    timed: bool,
    metrics: &mut Metrics<'_>,
    guesses: &mut Vec<Guess>,
    left: &mut Vec<String>,
) {
    for declared in &manifest.metrics {
        let sides = (
            value(&declared.value, tables, timed),
            declared
                .denominator
                .as_ref()
                .map(|below| value(below, tables, timed))
                .transpose(),
        );
        match sides {
            (Ok(above), Ok(below)) => add(declared, above, below, metrics, guesses, left),
            (Err(reason), _) | (_, Err(reason)) => {
                left.push(format!(
                    "dbt metric '{}': {reason}",
                    Escaped(&declared.name)
                ));
            }
        }
    }
}

fn add(
    declared: &DeclaredMetric,
    (above, window): (Value, Option<Window>),
    below: Option<(Value, Option<Window>)>,
    metrics: &mut Metrics<'_>,
    guesses: &mut Vec<Guess>,
    left: &mut Vec<String>,
) {
    if below.as_ref().is_some_and(|(_, other)| *other != window) {
        left.push(format!(
            "dbt metric '{}': one side is of events and the other is not, so no window holds for both",
            Escaped(&declared.name)
        ));
        return;
    }
    let kind = if below.is_some() {
        MetricKind::Ratio
    } else {
        MetricKind::Mean
    };
    let description = declared
        .description
        .clone()
        .unwrap_or_else(|| format!("dbt metric {}", Escaped(&declared.name)));
    let mut metric = metrics.draft(&declared.name, kind, description, above, window);
    metric.denominator = below.map(|(value, _)| value);
    if let Some(owner) = &declared.owner {
        owner.clone_into(&mut metric.owner);
    }
    metrics.add(metric, None, guesses);
}

/// The value that a measure is a unit, and the window it needs.
fn value(
    measure: &Measure,
    tables: &[ProposedTable],
    timed: bool,
) -> Result<(Value, Option<Window>), String> {
    let name = Escaped(&measure.table);
    let table = of_dbt(tables, &measure.table)
        .ok_or_else(|| format!("its table '{name}' is not among the tables that are proposed"))?;
    let columns = measure
        .column
        .iter()
        .chain(measure.filters.iter().map(|filter| &filter.column));
    for column in columns {
        if table.profile.column(column).is_none() {
            return Err(format!(
                "its table '{name}' has no column '{}'",
                Escaped(column)
            ));
        }
    }
    let window = match table.table.kind {
        TableKind::Events if timed => Some(first_days()),
        TableKind::Events => {
            return Err(
                "the assignments have no time, and events count in a window from assignment"
                    .to_owned(),
            );
        }
        TableKind::Units if measure.column.is_some() => None,
        kind => {
            return Err(format!(
                "its table '{name}' was taken for {kind}, which hold no such value"
            ));
        }
    };
    let mut filters = measure.filters.clone();
    for filter in &mut filters {
        filter.column = our_name(table, &filter.column).to_owned();
    }
    let zero = measure.aggregate.is_zero_without_rows() && table.table.kind == TableKind::Events;
    let value = Value {
        table: table.table.name.clone(),
        aggregate: measure.aggregate,
        column: measure
            .column
            .as_deref()
            .map(|column| our_name(table, column).to_owned()),
        filters,
        missing: if zero { Missing::Zero } else { Missing::Drop },
        dated_by: None,
    };
    Ok((value, window))
}

/// The rules that tests declare of tables that are proposed, by our names.
pub(in crate::propose::init) fn declared_rules(
    manifest: &Manifest,
    tables: &[ProposedTable],
) -> Vec<ProposedRule> {
    let mut rules: Vec<ProposedRule> = manifest
        .rules
        .iter()
        .filter_map(|(name, rule)| {
            let table = of_dbt(tables, name)?;
            Some(ProposedRule {
                table: table.table.name.clone(),
                subject: ours(rule, table, tables)?,
                source: RuleSource::Declared,
            })
        })
        .collect();
    rules.sort();
    rules.dedup();
    rules
}

fn ours(
    rule: &RuleSubject,
    table: &ProposedTable,
    tables: &[ProposedTable],
) -> Option<RuleSubject> {
    let name = |column: &str| our_name(table, column).to_owned();
    Some(match rule {
        RuleSubject::NotNull { column } => RuleSubject::NotNull {
            column: name(column),
        },
        RuleSubject::Unique { columns } => RuleSubject::Unique {
            columns: columns.iter().map(|column| name(column)).collect(),
        },
        RuleSubject::AcceptedValues { column, values } => RuleSubject::AcceptedValues {
            column: name(column),
            values: values.clone(),
        },
        RuleSubject::References {
            column,
            table,
            field,
        } => {
            let other = of_dbt(tables, table)?;
            RuleSubject::References {
                column: name(column),
                table: other.table.name.clone(),
                field: our_name(other, field).to_owned(),
            }
        }
    })
}
