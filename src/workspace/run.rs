//! Runs one experiment from definitions to readout: conventions, plan, engine, assembly.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{WorkspaceError, quarantine};
use crate::domain::definition::{
    Choice, Conventions, Experiment, Metric, Population, Role, TableKind, Timestamp, Workspace,
};
use crate::domain::evidence::{QuarantinedTable, Summary};
use crate::domain::result::{InputHeader, Provenance, Readout};
use crate::engine::{self, Cache, Progress, Resources};
use crate::plan::{self, Overrides, Plan, PlannedSegment};
use crate::readout::{self, PlannedMetric};
use crate::source::Source;

/// What one run may differ in from what the files say.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// As-of.
    pub as_of: Option<Timestamp>,
    /// Conventions by name. Any at all makes the readout exploratory.
    pub conventions: BTreeMap<String, String>,
    /// The populations to read out, where not the experiment's. Makes the readout exploratory.
    pub populations: Vec<Population>,
    /// Segment columns to add to the experiment's.
    pub segments: Vec<String>,
    /// What is computed beside, by name, more than the experiment asks for.
    pub analysis: BTreeMap<String, String>,
    /// Whether the sample ratio is diagnosed though no check of it warns or fails.
    pub diagnose: bool,
    /// The engine's own threads.
    pub threads: usize,
    /// Bytes that units may take in memory; absent: no limit. Past it, they wait on disk.
    pub memory: Option<u64>,
    /// The folder where they wait, where not the system's own for temporary files.
    pub spill: Option<PathBuf>,
    /// The folder that summaries are kept in; absent: they are not. Never shows in a result.
    pub cache: Option<PathBuf>,
    /// The most rejected rows of a table to name, where somebody wants to see what they hold: then nothing is taken from the
    /// cache, which does not know them. Never shows in a readout.
    pub quarantine: Option<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            as_of: None,
            conventions: BTreeMap::new(),
            populations: Vec::new(),
            segments: Vec::new(),
            analysis: BTreeMap::new(),
            diagnose: false,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            memory: None,
            spill: None,
            cache: None,
            quarantine: None,
        }
    }
}

impl Settings {
    /// What the engine may use.
    pub(super) fn resources(&self) -> Resources {
        let resources = Resources::with_threads(self.threads);
        Resources {
            memory: self.memory,
            spill: self.spill.clone().unwrap_or(resources.spill),
            named: self.quarantine.unwrap_or(resources.named),
            ..resources
        }
    }

    /// The flags that ask for them, word by word. What a run may use of the machine never
    /// shows in a result and is not among them.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut flag = |name: &str, value: String| words.extend([name.to_owned(), value]);
        if let Some(instant) = self.as_of {
            flag("--as-of", instant.to_string());
        }
        for population in &self.populations {
            flag("--population", population.to_string());
        }
        for segment in &self.segments {
            flag("--segment", segment.clone());
        }
        for (name, value) in &self.analysis {
            flag("--analysis", format!("{name}={value}"));
        }
        for (name, value) in &self.conventions {
            flag("--convention", format!("{name}={value}"));
        }
        words
    }
}

/// Definitions of one readout, wherever they came from.
pub(super) struct Definitions<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) experiment: &'a Experiment,
    pub(super) metrics: Vec<(&'a Metric, Role, String)>,
    pub(super) rows_are_units: bool,
    /// Other experiments whose units the same salt splits.
    pub(super) same_salt: Vec<String>,
    /// The command line that reproduces it.
    pub(super) command: Vec<String>,
    /// The semantic hash of the experiment; empty where it was guessed.
    pub(super) experiment_hash: &'a str,
}

/// A readout's definitions, resolved: everything but the numbers.
struct Prepared {
    experiment: Experiment,
    conventions: Conventions,
    choices: Vec<Choice>,
    exploratory: Option<String>,
    diagnose: bool,
}

/// Runs them over the tables below `root`.
pub(super) fn run(
    definitions: &Definitions<'_>,
    root: &Path,
    settings: &Settings,
    progress: &Progress,
) -> Result<Readout, WorkspaceError> {
    let (prepared, plan) = prepare(definitions, root, settings)?;
    let plans = [plan];
    let mut outcomes = summaries(&plans, root, settings, progress);
    let [plan] = plans;
    match outcomes.pop() {
        Some(summaries) => assemble(definitions, prepared, &plan, &summaries?),
        None => Err(engine::EngineError::Cancelled.into()),
    }
}

/// What would be read for them.
pub(super) fn plan(
    definitions: &Definitions<'_>,
    root: &Path,
    settings: &Settings,
) -> Result<Plan, WorkspaceError> {
    prepare(definitions, root, settings).map(|(_, plan)| plan)
}

/// Runs several together: a table that they share is read once.
pub(super) fn run_together(
    definitions: &[Definitions<'_>],
    root: &Path,
    settings: &Settings,
    progress: &Progress,
) -> Vec<Result<Readout, WorkspaceError>> {
    read_together(definitions, root, settings, progress, |run, summaries| {
        assemble(run.definitions, run.prepared, run.plan, &summaries)
    })
}

/// Runs several together, and fetches the rows that each rejects, table by table.
pub(super) fn run_with_quarantine(
    definitions: &[Definitions<'_>],
    root: &Path,
    settings: &Settings,
    progress: &Progress,
) -> Vec<Result<(Readout, Vec<QuarantinedTable>), WorkspaceError>> {
    read_together(
        definitions,
        root,
        settings,
        progress,
        |run, mut summaries| {
            let rejected = quarantine::take(run.plan, &mut summaries);
            let readout = assemble(run.definitions, run.prepared, run.plan, &summaries)?;
            let zone = run.plan.time_zone.as_deref();
            let tables = rejected.into_iter();
            let tables = tables.map(|table| quarantine::fetch(table, root, zone, progress));
            Ok((readout, tables.collect::<Result<_, _>>()?))
        },
    )
}

/// One of several runs, once its tables are read.
struct Run<'r, 'd> {
    definitions: &'r Definitions<'d>,
    prepared: Prepared,
    plan: &'r Plan,
}

fn read_together<T>(
    definitions: &[Definitions<'_>],
    root: &Path,
    settings: &Settings,
    progress: &Progress,
    then: impl Fn(Run<'_, '_>, Vec<Summary>) -> Result<T, WorkspaceError>,
) -> Vec<Result<T, WorkspaceError>> {
    let mut plans = Vec::with_capacity(definitions.len());
    let prepared: Vec<Result<Prepared, WorkspaceError>> = definitions
        .iter()
        .map(|definitions| {
            let (prepared, plan) = prepare(definitions, root, settings)?;
            plans.push(plan);
            Ok(prepared)
        })
        .collect();
    let mut outcomes = plans
        .iter()
        .zip(summaries(&plans, root, settings, progress));
    let readouts = definitions.iter().zip(prepared);
    readouts
        .map(|(definitions, prepared)| {
            let prepared = prepared?;
            match outcomes.next() {
                Some((plan, summaries)) => {
                    let run = Run {
                        definitions,
                        prepared,
                        plan,
                    };
                    then(run, summaries?)
                }
                None => Err(engine::EngineError::Cancelled.into()),
            }
        })
        .collect()
}

/// The summaries of plans, from the cache where they are kept.
fn summaries(
    plans: &[Plan],
    root: &Path,
    settings: &Settings,
    progress: &Progress,
) -> Vec<Result<Vec<Summary>, engine::EngineError>> {
    // Where there can be no such folder, there is no cache: that is never a reason not to read out.
    let cache = settings.cache.as_deref();
    let cache = cache.filter(|_| settings.quarantine.is_none());
    let cache = cache.and_then(|folder| Cache::open(folder).ok());
    engine::run_cached(plans, root, &settings.resources(), progress, cache.as_ref())
}

/// Resolves definitions and plans what is to be read.
fn prepare(
    definitions: &Definitions<'_>,
    root: &Path,
    settings: &Settings,
) -> Result<(Prepared, Plan), WorkspaceError> {
    let workspace = definitions.workspace;
    let mut experiment = definitions.experiment.clone();
    experiment
        .segments
        .extend(settings.segments.iter().cloned());
    experiment.segments.dedup();
    super::analysis::ask(&mut experiment, &settings.analysis)?;
    if !settings.populations.is_empty() {
        experiment.populations.clone_from(&settings.populations);
    }
    let overrides = Overrides {
        workspace: workspace_conventions(workspace),
        experiment: experiment.conventions.clone(),
        command_line: settings.conventions.clone(),
    };
    let (conventions, choices) = plan::resolve(&overrides)?;
    let without_command_line = Overrides {
        command_line: BTreeMap::new(),
        ..overrides
    };
    let (_, governed) = plan::resolve(&without_command_line)?;
    let exploratory = exploratory(settings, &governed, &choices);
    let segments = locate("segment", workspace, &experiment.segments, root)?;
    let clusters = experiment.analysis.cluster.as_slice();
    let cluster = locate("cluster column", workspace, clusters, root)?.pop();
    let plan = plan::build(&plan::Request {
        workspace,
        experiment: &experiment,
        metrics: definitions.metrics.clone(),
        segments,
        cluster,
        conventions: vec![conventions],
        as_of: settings.as_of,
        rows_are_units: definitions.rows_are_units,
    })?;
    let prepared = Prepared {
        experiment,
        conventions,
        choices,
        exploratory,
        diagnose: settings.diagnose,
    };
    Ok((prepared, plan))
}

/// Makes the readout of a plan's summaries.
fn assemble(
    definitions: &Definitions<'_>,
    prepared: Prepared,
    plan: &Plan,
    summaries: &[Summary],
) -> Result<Readout, WorkspaceError> {
    let planned: Vec<PlannedMetric<'_>> = plan
        .metrics
        .iter()
        .map(|planned| PlannedMetric {
            definition: &planned.metric,
            role: planned.role,
            semantic_hash: &planned.semantic_hash,
        })
        .collect();
    let workspace = definitions.workspace;
    let request = readout::Request {
        experiment: &prepared.experiment,
        metrics: &planned,
        conventions: prepared.conventions,
        choices: prepared.choices,
        thresholds: workspace.thresholds,
        contract: &plan.contract,
        privacy: workspace.privacy,
        provenance: provenance(definitions, plan, summaries),
        same_salt: &definitions.same_salt,
        exploratory: prepared.exploratory,
        diagnose: prepared.diagnose,
    };
    let Some(summary) = summaries.first() else {
        return Err(engine::EngineError::Cancelled.into());
    };
    Ok(readout::assemble(&request, summary))
}

/// The workspace's conventions; its level is one of them.
fn workspace_conventions(workspace: &Workspace) -> BTreeMap<String, String> {
    let mut conventions = workspace.conventions.clone();
    if workspace.level.to_bits() != 0.95_f64.to_bits() {
        conventions
            .entry("level".to_owned())
            .or_insert_with(|| workspace.level.to_string());
    }
    conventions
}

/// Why a readout is exploratory: conventions in force that no file holds. Asking for what the files say anyway is none.
fn exploratory(settings: &Settings, governed: &[Choice], in_force: &[Choice]) -> Option<String> {
    let mut reasons: Vec<String> = governed
        .iter()
        .zip(in_force)
        .filter(|(governed, in_force)| governed.value != in_force.value)
        .map(|(_, in_force)| format!("{} = {}", in_force.name, in_force.value))
        .collect();
    if !settings.populations.is_empty() {
        let names: Vec<&str> = settings
            .populations
            .iter()
            .map(|population| population.name())
            .collect();
        reasons.push(format!("population = {}", names.join(", ")));
    }
    // What stands beside decides nothing; what an effect is made over does.
    let decides = |(name, _): &(&String, &String)| {
        matches!(name.as_str(), "cluster" | "strata" | "looks" | "first-look")
    };
    let asked = settings.analysis.iter().filter(decides);
    reasons.extend(asked.map(|(name, value)| format!("{name} = {value}")));
    (!reasons.is_empty()).then(|| {
        format!(
            "conventions were set on the command line and are in no file: {}",
            reasons.join("; ")
        )
    })
}

/// Columns of keys and times, which split nothing that anybody would read.
const KEYS: &[&str] = &[
    "unit_id",
    "experiment_id",
    "experiment_version",
    "variant_id",
    "assigned_at",
];

/// Finds the table of each column that units are split by: attribute tables first, then the assignments.
fn locate(
    role: &'static str,
    workspace: &Workspace,
    wanted: &[String],
    root: &Path,
) -> Result<Vec<PlannedSegment>, WorkspaceError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut columns: Vec<(String, Vec<String>)> = Vec::new();
    for kind in [TableKind::Units, TableKind::Assignments] {
        for table in workspace.tables.values().filter(|table| table.kind == kind) {
            let source = Source::open(table, root, workspace.time_zone.as_deref())?;
            let names = source
                .columns()
                .iter()
                .map(|column| column.name.clone())
                .collect();
            columns.push((table.name.clone(), names));
        }
    }
    let mut located = Vec::new();
    for column in wanted {
        let Some((table, _)) = columns.iter().find(|(_, names)| names.contains(column)) else {
            let is_key = |name: &String| KEYS.contains(&name.as_str());
            let existing: BTreeSet<String> = columns
                .into_iter()
                .flat_map(|(_, names)| names)
                .filter(|name| !is_key(name))
                .collect();
            return Err(WorkspaceError::NoSegment {
                role,
                column: column.clone(),
                existing: existing.into_iter().collect(),
            });
        };
        located.push(PlannedSegment {
            table: table.clone(),
            column: column.clone(),
        });
    }
    Ok(located)
}

fn provenance(definitions: &Definitions<'_>, plan: &Plan, summaries: &[Summary]) -> Provenance {
    let ledgers = summaries
        .first()
        .map(|summary| summary.ledgers.as_slice())
        .unwrap_or_default();
    Provenance {
        program: concat!("readout ", env!("CARGO_PKG_VERSION")).to_owned(),
        workspace: definitions.workspace.name.clone(),
        engine: "local".to_owned(),
        // The summary knows both better, and they are taken from there.
        as_of: crate::domain::evidence::AsOf {
            instant: None,
            reason: String::new(),
        },
        enrolment: None,
        time_zone: plan.time_zone.clone(),
        inputs: ledgers
            .iter()
            .map(|ledger| InputHeader {
                table: ledger.table.clone(),
                rows: ledger.read,
            })
            .collect(),
        command: definitions.command.clone(),
    }
}
