//! Puts a proposal together: tables, then experiments, then metrics.

use std::collections::BTreeMap;
use std::path::Path;

use super::asked::{InitAsked, InitError};
use super::census::{Census, Watch, census};
use super::contract::ProposedRule;
use super::discover::Found;
use super::events::{Events, events};
use super::experiments::{ProposedExperiment, Shared, experiments};
use super::manifest::{Manifest, declared_rules, declared_tables, metrics_of_dbt};
use super::metrics::{Metrics, ProposedMetric, has_times};
use super::ready_made::numbers_as_text;
use super::segments::segments;
use super::tables::{ProposedTable, say, tables};
use crate::catalog::{NOBODY_YET, ProposedFact};
use crate::domain::definition::{
    Governance, MetricReference, Privacy, Role, TableKind, Thresholds, Timestamp, Workspace,
};
use crate::propose::profile::ROWS;
use crate::propose::quick::Guess;

/// A workspace that is proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct InitProposal {
    /// The workspace file.
    pub workspace: Workspace,
    /// What was guessed, and why.
    pub guesses: Vec<Guess>,
    /// What was found and not understood, or not taken up.
    pub left: Vec<String>,
    pub(super) facts: Vec<ProposedFact>,
    pub(super) experiments: Vec<ProposedExperiment>,
    pub(super) metrics: Vec<ProposedMetric>,
    pub(super) tables: Vec<ProposedTable>,
    pub(super) declared_rules: Vec<ProposedRule>,
    /// The latest instant of tables that do not say how far they are complete.
    pub(super) latest: BTreeMap<String, Timestamp>,
}

/// Proposes a workspace from the tables that were found under `root`, and from a dbt project's manifest. `unread` are files
/// that could not be read; `watch` is told how many rows were read, and says whether to go on.
///
/// # Errors
/// [`InitError`] when there is nothing to propose from, or a table cannot be read.
pub fn propose_workspace(
    root: &Path,
    found: Vec<Found>,
    unread: Vec<String>,
    manifest: Option<&Manifest>,
    asked: &InitAsked,
    watch: &dyn Fn(u64) -> bool,
) -> Result<InitProposal, InitError> {
    let time_zone = asked.time_zone.as_deref();
    if let Some(name) = time_zone
        && jiff::tz::TimeZoneDatabase::bundled().get(name).is_err()
    {
        return Err(InitError::NoZone(name.to_owned()));
    }
    let mut guesses = Vec::new();
    let (mut tables, mut left) = usable(found, unread, manifest, asked, &mut guesses)?;
    let owner = asked.owner.as_deref().unwrap_or(NOBODY_YET);
    let census = count(&tables, root, time_zone, watch, &mut left)?;
    let seen = look(&mut tables, root, time_zone, watch, &mut guesses, &mut left)?;
    let segments = segments(&tables, &mut guesses, &mut left);
    let assigned = tables
        .iter()
        .find(|table| table.table.kind == TableKind::Assignments);
    let name = assigned.map_or_else(String::new, |table| table.known_as.clone());
    let shared = Shared {
        name: &name,
        owner,
        time_zone,
        segments: &segments,
    };
    let (mut experiments, twins) = match &census {
        Some(census) => experiments(census, &shared, &mut guesses, &mut left),
        None => (Vec::new(), BTreeMap::new()),
    };
    variants(&mut tables, &twins, &mut guesses);
    let mut metrics = Metrics {
        proposed: Vec::new(),
        facts: Vec::new(),
        owner,
    };
    let timed = has_times(census.as_ref()) || census.is_none();
    all_metrics(&mut metrics, &tables, &seen, timed, &mut guesses, &mut left);
    if let Some(manifest) = manifest {
        metrics_of_dbt(
            manifest,
            &tables,
            timed,
            &mut metrics,
            &mut guesses,
            &mut left,
        );
    }
    metrics.covariates(&tables, &mut guesses);
    for each in &mut experiments {
        each.experiment.metrics = references(&metrics.proposed);
    }
    if owner == NOBODY_YET {
        say(
            &mut guesses,
            "owner".to_owned(),
            owner,
            "a placeholder that lint warns of; --owner NAME names one",
        );
    }
    Ok(InitProposal {
        workspace: workspace(asked, &tables),
        guesses,
        left,
        facts: metrics.facts,
        experiments,
        metrics: metrics.proposed,
        declared_rules: manifest
            .map(|manifest| declared_rules(manifest, &tables))
            .unwrap_or_default(),
        latest: seen
            .iter()
            .filter_map(|(name, events)| Some((name.clone(), events.last?)))
            .collect(),
        tables,
    })
}

/// The tables that a readout could use, and what is left.
fn usable(
    found: Vec<Found>,
    unread: Vec<String>,
    manifest: Option<&Manifest>,
    asked: &InitAsked,
    guesses: &mut Vec<Guess>,
) -> Result<(Vec<ProposedTable>, Vec<String>), InitError> {
    let mut left = unread;
    left.extend(
        manifest
            .iter()
            .flat_map(|manifest| manifest.left.iter().cloned()),
    );
    let declared = manifest
        .map(|manifest| declared_tables(manifest, &found, &mut left))
        .unwrap_or_default();
    if found.is_empty() && declared.is_empty() {
        return Err(if left.is_empty() {
            InitError::Nothing
        } else {
            InitError::NoneUsable(left)
        });
    }
    let first_rows = found.iter().filter(|found| found.profile.rows >= ROWS);
    left.extend(first_rows.map(|found| {
        format!(
            "'{}' was judged by its first rows, about {ROWS}",
            found.path
        )
    }));
    let taken = tables(found, declared, asked.time_zone.as_deref(), guesses);
    left.extend(taken.left);
    if taken.taken.is_empty() {
        return Err(InitError::NoneUsable(left));
    }
    Ok((taken.taken, left))
}

fn workspace(asked: &InitAsked, tables: &[ProposedTable]) -> Workspace {
    let tables = tables
        .iter()
        .map(|table| (table.table.name.clone(), table.table.clone()));
    Workspace {
        name: asked.name.clone(),
        time_zone: asked.time_zone.clone(),
        tables: tables.collect(),
        conventions: BTreeMap::new(),
        level: 0.95,
        governance: Governance::default(),
        privacy: Privacy::default(),
        thresholds: Thresholds::default(),
        consent: Vec::new(),
        contract: Vec::new(),
    }
}

/// Reads the assignments through, where there are any to read.
fn count(
    tables: &[ProposedTable],
    root: &Path,
    time_zone: Option<&str>,
    watch: Watch<'_>,
    left: &mut Vec<String>,
) -> Result<Option<Census>, InitError> {
    let Some(table) = tables
        .iter()
        .find(|table| table.table.kind == TableKind::Assignments)
    else {
        left.push("no table looks like assignments (units and their variants), so no experiment is proposed".to_owned());
        return Ok(None);
    };
    if !table.is_read {
        left.push("the assignments were not read, so no experiment is proposed".to_owned());
        return Ok(None);
    }
    census(table, root, time_zone, watch)?
        .map(Some)
        .ok_or(InitError::Stopped)
}

/// Looks through the events, and says how late they arrive.
fn look(
    tables: &mut [ProposedTable],
    root: &Path,
    time_zone: Option<&str>,
    watch: Watch<'_>,
    guesses: &mut Vec<Guess>,
    left: &mut Vec<String>,
) -> Result<BTreeMap<String, Events>, InitError> {
    let mut seen = BTreeMap::new();
    for table in tables
        .iter_mut()
        .filter(|table| table.is_read && table.table.kind == TableKind::Events)
    {
        let found = events(table, root, time_zone, watch)?.ok_or(InitError::Stopped)?;
        if found.is_cut {
            left.push(format!(
                "events and lateness of '{}' are of its first {} rows",
                table.table.path, found.rows
            ));
        }
        table.table.lateness = found.lateness();
        if let Some(lateness) = table.table.lateness {
            let subject = format!("lateness of {}", table.table.name);
            let reason =
                "all but one row in a thousand arrived within it, by ingested_at less occurred_at";
            say(guesses, subject, &lateness.to_string(), reason);
        }
        seen.insert(table.table.name.clone(), found);
    }
    Ok(seen)
}

/// Says which labels are another spelling of a variant.
fn variants(
    tables: &mut [ProposedTable],
    twins: &BTreeMap<String, String>,
    guesses: &mut Vec<Guess>,
) {
    for table in tables.iter_mut() {
        let has_variants = matches!(
            table.table.kind,
            TableKind::Assignments | TableKind::Exposures
        );
        if !has_variants {
            continue;
        }
        for (label, variant) in twins {
            let subject = format!("variant '{label}' of {}", table.table.name);
            say(
                guesses,
                subject,
                variant,
                "the same but for case or spaces around it, and rarer",
            );
            table.table.variants.insert(label.clone(), variant.clone());
        }
    }
}

fn all_metrics(
    metrics: &mut Metrics<'_>,
    tables: &[ProposedTable],
    seen: &BTreeMap<String, Events>,
    timed: bool,
    guesses: &mut Vec<Guess>,
    left: &mut Vec<String>,
) {
    for table in tables {
        for column in numbers_as_text(table) {
            left.push(format!(
                "column '{column}' of table '{}': it holds numbers as text; write it as numbers to make a metric of it",
                table.table.name
            ));
        }
        match seen.get(&table.table.name) {
            Some(_) if !timed => left.push(format!(
                "metrics of '{}': the assignments have no time, and events count in a window from assignment",
                table.table.name
            )),
            Some(events) => metrics.of_events(table, events, guesses, left),
            None if table.table.kind == TableKind::Units && table.is_read => {
                metrics.of_columns(table, guesses, left);
            }
            None => {}
        }
    }
}

/// Every metric, as one that explains: none of them is in force.
fn references(metrics: &[ProposedMetric]) -> Vec<MetricReference> {
    metrics
        .iter()
        .map(|one| MetricReference {
            id: one.metric.id.clone(),
            role: Role::Diagnostic,
            version: one.metric.version,
        })
        .collect()
}
