//! Puts a proposal together: tables, then experiments, then metrics.

use std::collections::BTreeMap;
use std::path::Path;

use super::census::{Census, Watch, census};
use super::contract::ProposedRule;
use super::discover::Found;
use super::events::{Events, events};
use super::experiments::{ProposedExperiment, Shared, experiments};
use super::manifest::{Manifest, declared_rules, declared_tables, metrics_of_dbt};
use super::metrics::{Metrics, ProposedMetric, before, has_times};
use super::tables::{ProposedTable, say, tables};
use crate::catalog::{NOBODY_YET, ProposedFact};
use crate::domain::definition::{
    Governance, MetricReference, Privacy, Role, TableKind, Thresholds, Timestamp, Workspace,
};
use crate::propose::profile::ROWS;
use crate::propose::quick::Guess;
use crate::source::SourceError;

/// Segments that are proposed.
const MOST_SEGMENTS: usize = 5;
/// Labels of a segment.
const MOST_LEVELS: usize = 20;
/// Columns of assignments that are known of a unit before it is assigned, by name.
const ATTRIBUTES: &[&str] = &[
    "country",
    "region",
    "city",
    "platform",
    "os",
    "browser",
    "device",
    "device_type",
    "channel",
    "language",
    "locale",
    "gender",
    "age_group",
    "plan",
    "tier",
];

/// What was asked for; everything else is guessed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InitAsked {
    /// What the workspace is called.
    pub name: String,
    /// Who answers for every definition; a placeholder that lint warns of where nobody was named.
    pub owner: Option<String>,
    /// The zone of local days, and of times that carry none.
    pub time_zone: Option<String>,
}

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

/// Why nothing is proposed.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// No table at all.
    #[error(
        "there is no table to propose a workspace from; put Parquet, CSV, NDJSON or Arrow files there, or name their folder with --tables"
    )]
    Nothing,
    /// Tables, and none that a readout could use.
    #[error("none of the tables can be used for a readout:\n{}", .0.join("\n"))]
    NoneUsable(Vec<String>),
    /// A time zone that does not exist.
    #[error("--time-zone '{}' is no time zone; write an IANA name such as Europe/Berlin, or UTC", crate::source::Escaped(.0))]
    NoZone(String),
    /// A table that cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Somebody asked to stop.
    #[error("stopped")]
    Stopped,
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
    let mut left = unread;
    left.extend(
        manifest
            .iter()
            .flat_map(|manifest| manifest.left.iter().cloned()),
    );
    let declared = manifest
        .map(|manifest| declared_tables(manifest, &found))
        .unwrap_or_default();
    if found.is_empty() && declared.is_empty() {
        return Err(if left.is_empty() {
            InitError::Nothing
        } else {
            InitError::NoneUsable(left)
        });
    }
    let mut guesses = Vec::new();
    let first_rows = found.iter().filter(|found| found.profile.rows >= ROWS);
    left.extend(first_rows.map(|found| {
        format!(
            "'{}' was judged by its first rows, about {ROWS}",
            found.path
        )
    }));
    let taken = tables(found, declared, time_zone, &mut guesses);
    left.extend(taken.left);
    let mut tables = taken.taken;
    if tables.is_empty() {
        return Err(InitError::NoneUsable(left));
    }
    let owner = asked.owner.as_deref().unwrap_or(NOBODY_YET);
    let census = count(&tables, root, time_zone, watch, &mut left)?;
    let seen = look(&mut tables, root, time_zone, watch, &mut guesses, &mut left)?;
    let segments = segments(&tables, &mut guesses, &mut left);
    let shared = Shared {
        name: &asked.name,
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
        metrics: Vec::new(),
        facts: Vec::new(),
        owner,
    };
    let timed = has_times(census.as_ref()) || census.is_none();
    all_metrics(&mut metrics, &tables, &seen, timed, &mut guesses, &mut left);
    if let Some(manifest) = manifest {
        metrics_of_dbt(manifest, &tables, &mut metrics, &mut guesses, &mut left);
    }
    metrics.covariates(&tables, &mut guesses);
    for each in &mut experiments {
        each.experiment.metrics = references(&metrics.metrics);
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
        metrics: metrics.metrics,
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

/// Columns with a few labels: of tables of units, and of the assignments where their name says that they are known from
/// before.
fn segments(
    tables: &[ProposedTable],
    guesses: &mut Vec<Guess>,
    left: &mut Vec<String>,
) -> Vec<String> {
    let assignments = tables
        .iter()
        .find(|table| table.table.kind == TableKind::Assignments);
    let assigned_path = assignments.map(|table| table.table.path.as_str());
    let mut found: Vec<String> = Vec::new();
    for table in tables.iter().filter(|table| table.is_read) {
        let is_assigned = Some(table.table.path.as_str()) == assigned_path;
        if table.table.kind != TableKind::Units && !is_assigned {
            continue;
        }
        for column in &table.profile.columns {
            let name = column.name.to_lowercase();
            let known = !is_assigned || ATTRIBUTES.contains(&name.as_str());
            let is_level =
                column.has_few_labels(MOST_LEVELS) && !column.is_number() && !column.is_time();
            let is_free = !table.roles.takes(&column.name) && before(&column.name).is_none();
            if known && is_level && is_free && !found.contains(&column.name) {
                found.push(column.name.clone());
            }
        }
    }
    if found.len() > MOST_SEGMENTS {
        left.push(format!(
            "columns that could be segments too: {}",
            found.split_off(MOST_SEGMENTS).join(", ")
        ));
    }
    for column in &found {
        say(
            guesses,
            "segment".to_owned(),
            column,
            "a column of units with a few labels",
        );
    }
    found
}
