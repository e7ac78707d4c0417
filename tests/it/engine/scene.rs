//! Defines a workspace in a temporary folder, and the engine's summary of it.

use std::path::Path;

use readout::domain::definition::{Conventions, Population, SeveralVariants, Timestamp};
use readout::domain::evidence::{Cell, OutOfScope, Partition, RejectionRule, Slice, Summary};
use readout::domain::result::Readout;
use readout::engine::{self, EngineError, Progress};
use readout::plan::{self, Plan, PlannedSegment};
use readout::workspace::{Settings, Workspace, WorkspaceError};
use tempfile::TempDir;

/// A workspace in a folder of its own. Its experiment is `trial`: version 1, control `a` against `b`, from March 2026.
pub(super) struct Scene {
    folder: TempDir,
    experiment: String,
    metrics: Vec<String>,
    tables: Vec<String>,
    zone: Option<&'static str>,
    conventions: Conventions,
    as_of: Option<Timestamp>,
    segments: Vec<PlannedSegment>,
    contract: String,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            experiment: String::new(),
            metrics: Vec::new(),
            tables: Vec::new(),
            zone: Some("UTC"),
            conventions: Conventions::default(),
            as_of: None,
            segments: Vec::new(),
            contract: String::new(),
        }
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below the workspace's folder.
    pub(super) fn file(&self, path: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    /// A table of CSV text, declared under its own name.
    pub(super) fn table(mut self, name: &str, text: &str) -> Self {
        self.file(&format!("tables/{name}.csv"), text);
        self.tables.push(format!("{name} = \"tables/{name}.csv\""));
        self
    }

    /// A table of CSV text with options, such as `complete_through = …`.
    pub(super) fn table_with(mut self, name: &str, options: &str, text: &str) -> Self {
        self.file(&format!("tables/{name}.csv"), text);
        self.tables.push(format!(
            "{name} = {{ path = \"tables/{name}.csv\", {options} }}"
        ));
        self
    }

    /// A line under `[tables]`, for a file that is written apart.
    pub(super) fn declare(mut self, line: &str) -> Self {
        self.tables.push(line.to_owned());
        self
    }

    /// A metric: what follows its id, kind and direction.
    pub(super) fn metric(mut self, id: &str, kind: &str, rest: &str) -> Self {
        self.file(
            &format!("metrics/{id}.toml"),
            format!(
                "id = \"{id}\"\nversion = \"1.0.0\"\nstatus = \"active\"\nowner = \"growth\"\nkind = \"{kind}\"\n\
                 direction = \"increase\"\n{rest}\n"
            ),
        );
        self.metrics.push(id.to_owned());
        self
    }

    /// Further lines of the experiment file, such as `[exposure]`; replaces what was said before.
    pub(super) fn experiment(mut self, rest: &str) -> Self {
        rest.clone_into(&mut self.experiment);
        self
    }

    /// A rule of the data contract: what follows its id and table.
    pub(super) fn rule(mut self, id: &str, table: &str, rest: &str) -> Self {
        let rule = format!("\n[[contract]]\nid = \"{id}\"\ntable = \"{table}\"\n{rest}\n");
        self.contract.push_str(&rule);
        self
    }

    pub(super) fn zone(mut self, zone: Option<&'static str>) -> Self {
        self.zone = zone;
        self
    }

    pub(super) fn known_before(mut self, text: &str) -> Self {
        self.as_of = Some(instant(text));
        self
    }

    pub(super) fn several(mut self, rule: SeveralVariants) -> Self {
        self.conventions.several_variants = rule;
        self
    }

    pub(super) fn conventions(mut self, change: impl FnOnce(&mut Conventions)) -> Self {
        change(&mut self.conventions);
        self
    }

    pub(super) fn segment(mut self, table: &str, column: &str) -> Self {
        self.segments.push(PlannedSegment {
            table: table.to_owned(),
            column: column.to_owned(),
        });
        self
    }

    fn write_definitions(&self) {
        let zone = self
            .zone
            .map_or_else(String::new, |zone| format!("time_zone = \"{zone}\"\n"));
        let tables = self.tables.join("\n");
        self.file(
            "readout.toml",
            format!(
                "format = 1\nname = \"scene\"\n{zone}\n[tables]\n{tables}\n\n[privacy]\nmin_cell = 0\n{}",
                self.contract
            ),
        );
        let has = |key: &str| {
            self.experiment
                .lines()
                .any(|line| line.starts_with(&format!("{key} =")))
        };
        let mut text =
            "id = \"trial\"\nversion = 1\nowner = \"growth\"\nstatus = \"running\"\n".to_owned();
        if !has("start") {
            text += "start = 2026-03-01T00:00:00Z\n";
        }
        if !has("variants") {
            text += "control = \"a\"\nvariants = { a = 1, b = 1 }\n";
        }
        let primary = format!("primary = {:?}\n", self.metrics);
        self.file(
            "experiments/trial.toml",
            text + &primary + &self.experiment + "\n",
        );
    }

    /// The workspace, its definitions sound.
    pub(super) fn workspace(&self) -> Workspace {
        self.write_definitions();
        let workspace = Workspace::open(self.root(), None).unwrap();
        let problems: Vec<String> = workspace
            .catalog()
            .problems
            .iter()
            .filter(|problem| problem.is_error())
            .map(ToString::to_string)
            .collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        workspace
    }

    pub(super) fn plan(&self) -> Plan {
        plan_of(
            &self.workspace(),
            "trial",
            vec![self.conventions],
            self.as_of,
            self.segments.clone(),
        )
    }

    /// What the engine makes of it.
    pub(super) fn run(&self) -> Result<Summary, EngineError> {
        let summaries = engine::run(
            &self.plan(),
            self.root(),
            &engine::Resources::with_threads(2),
            &Progress::default(),
        )?;
        assert_eq!(summaries.len(), 1, "one set of conventions");
        Ok(summaries.into_iter().next().unwrap())
    }

    /// The engine's summary; every ledger adds up.
    pub(super) fn summary(&self) -> Summary {
        let summary = self.run().unwrap();
        for ledger in &summary.ledgers {
            assert!(ledger.adds_up(), "{ledger:?}");
        }
        summary
    }

    /// The whole way to a readout.
    pub(super) fn readout(&self, settings: &Settings) -> Result<Readout, WorkspaceError> {
        self.workspace()
            .readout("trial", settings, &Progress::default())
    }
}

/// The plan of an experiment of a sound workspace.
pub(super) fn plan_of(
    workspace: &Workspace,
    experiment: &str,
    conventions: Vec<Conventions>,
    as_of: Option<Timestamp>,
    segments: Vec<PlannedSegment>,
) -> Plan {
    let catalog = workspace.catalog();
    let experiment = &catalog.experiment(experiment).unwrap().experiment;
    let metrics = catalog
        .metrics_of(experiment)
        .into_iter()
        .map(|(role, entry)| (&entry.metric, role, entry.hash.clone()))
        .collect();
    plan::build(&plan::Request {
        // Clusters of scenes stand beside their assignments.
        cluster: experiment
            .analysis
            .cluster
            .as_ref()
            .map(|column| PlannedSegment {
                table: "assignments".to_owned(),
                column: column.clone(),
            }),
        workspace: catalog.workspace.as_ref().unwrap(),
        experiment,
        metrics,
        segments,
        conventions,
        as_of,
        rows_are_units: false,
    })
    .unwrap()
}

pub(super) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Questions to a summary, in few words.
pub(super) trait Asked {
    fn all(&self, metric: usize, partition: Partition, variant: usize) -> &Cell;
    fn units_in(&self, partition: Partition) -> Vec<u64>;
    fn sum(&self, metric: usize, population: Population, variant: usize) -> f64;
    fn rejected(&self, table: &str, rule: RejectionRule) -> u64;
    fn left_out(&self, table: &str, reason: OutOfScope) -> u64;
    fn used(&self, table: &str) -> u64;
}

impl Asked for Summary {
    fn all(&self, metric: usize, partition: Partition, variant: usize) -> &Cell {
        self.cell(metric, partition, &Slice::All, variant).unwrap()
    }

    /// Units of the first metric by variant.
    fn units_in(&self, partition: Partition) -> Vec<u64> {
        (0..2)
            .map(|variant| self.all(0, partition, variant).units())
            .collect()
    }

    fn sum(&self, metric: usize, population: Population, variant: usize) -> f64 {
        let moments = self.all(metric, population.into(), variant).moments();
        moments.mean(0) * moments.n()
    }

    fn rejected(&self, table: &str, rule: RejectionRule) -> u64 {
        ledger(self, table)
            .rejected()
            .get(&rule.into())
            .copied()
            .unwrap_or(0)
    }

    fn left_out(&self, table: &str, reason: OutOfScope) -> u64 {
        ledger(self, table)
            .out_of_scope()
            .get(&reason)
            .copied()
            .unwrap_or(0)
    }

    fn used(&self, table: &str) -> u64 {
        ledger(self, table).used()
    }
}

pub(super) fn ledger<'s>(
    summary: &'s Summary,
    table: &str,
) -> &'s readout::domain::evidence::TableLedger {
    summary
        .ledgers
        .iter()
        .find(|ledger| ledger.table == table)
        .unwrap()
}
