//! Defines a plan that says something of everything a plan can say, and small tables that it can be run over.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::domain::definition::{
    Conventions, Covariate, Duration, Experiment, Metric, Population, Role, Table,
};
use crate::domain::evidence::{Layout, Summary};
use crate::engine::cache::inputs::Inputs;
use crate::engine::cache::{Cache, run_cached};
use crate::engine::{EngineError, Progress, Resources};
use crate::plan::{AsOfRule, Declaration, Declarations, Plan, PlannedMetric, PlannedSegment};

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn experiment() -> Experiment {
    read(json!({
        "id": "trial", "version": 1, "owner": "growth", "status": "running", "hypothesis": "it helps",
        "start": "2026-03-01T00:00:00Z", "end": "2026-06-01T00:00:00Z", "enrol_stop": "2026-05-01T00:00:00Z",
        "control": "a", "variants": ["a", "b"],
        "epochs": [{"from": "2026-03-01T00:00:00Z", "weights": [1.0, 1.5]}],
        "metrics": [{"id": "spend", "role": "primary", "version": "1.0.0"}],
        "segments": ["country"], "populations": ["itt", "exposed"],
        "analysis": {
            "by": "person",
            "cluster": "household", "strata": "country", "novelty": true, "bootstrap": 100, "all_pairs": true,
            "units_per_year": 1000, "looks": [0.5], "first_look": 500,
        },
        "plan": {"units": 1000, "exposure_rate": 0.5, "end": "2026-05-20T00:00:00Z"},
        "exposure": {"types": ["view"], "control_can_be_exposed": true, "within": "3d", "dedupe": "10s"},
        "eligibility": {"where": [{"column": "plan", "operator": "=", "values": ["free"]}]},
        "aliases": ["trial-old"], "salt": "pepper", "conventions": {"relative": "delta"},
    }))
}

fn value(aggregate: &str, column: Option<&str>, event: &str) -> Value {
    json!({
        "dated_by": "occurred_at",
        "table": "events", "aggregate": aggregate, "column": column, "missing": "zero",
        "where": [{"column": "event_name", "operator": "=", "values": [event]}],
    })
}

fn metric(id: &str, numerator: &Value, denominator: &Value) -> Metric {
    read(json!({
        "id": id, "version": "1.0.0", "status": "active", "owner": "growth", "description": "what is spent",
        "kind": "ratio", "unit": "EUR", "direction": "increase", "eligible_as": ["primary"],
        "value": numerator, "denominator": denominator,
        "window": {"anchor": "entry", "start": "0d", "end": "7d", "units": "matured"},
        "cap": {"quantile": 0.9}, "steps": [numerator], "quantile": 0.5,
        "covariates": [{"pre_period": {"window": "7d", "value": numerator}}],
        "margin": {"relative": 0.01}, "minimum_effect": {"absolute": 0.5},
        "decision": {"question": "Do we keep it?", "for": "the lead", "if_worse": "roll back"},
        "drivers": [{"metric": "orders", "kind": "component", "evidence": ["record:1"]}],
        "runbook": "look at payments", "deprecated_on": "2026-04-01T00:00:00Z",
    }))
}

fn table(name: &str, kind: &str) -> Table {
    read(json!({
        "name": name, "kind": kind, "path": format!("{name}.csv"), "columns": {"unit_id": "who"},
        "variants": {"A": "a"}, "lateness": "2d", "complete_through": "2026-05-01T00:00:00Z",
    }))
}

/// Adds a metric and what it declares.
pub(super) fn plan_metric(plan: &mut Plan, metric: Metric) {
    let mut declarations = Declarations::default();
    for known in plan.declarations.drain(..) {
        declarations.add(known);
    }
    let window = metric.window.as_ref();
    let length = match metric.covariates.first() {
        Some(Covariate::PrePeriod { window, .. }) => *window,
        _ => Duration::ZERO,
    };
    let denominator = metric.denominator.as_ref();
    let (value, denominator, covariate) = (
        declarations.add(Declaration::of_value(&metric.value, window)),
        denominator.map(|it| declarations.add(Declaration::of_value(it, window))),
        declarations.add(Declaration::of_pre_period(&metric.value, length)),
    );
    plan.declarations = declarations.into_vec();
    plan.metrics.push(PlannedMetric {
        semantic_hash: format!("hash of {}", metric.id),
        role: Role::Primary,
        layout: Layout {
            denominator: denominator.is_some(),
            covariates: 1,
            ..Layout::PLAIN
        },
        value: Some(value),
        denominator,
        covariates: vec![covariate],
        steps: Vec::new(),
        parts: Vec::new(),
        metric,
    });
}

/// A metric over events of one name: their values, a row.
pub(super) fn spend(id: &str, event: &str, column: &str) -> Metric {
    let numerator = value("sum", Some(column), event);
    metric(id, &numerator, &value("count", None, event))
}

/// One experiment, one metric, every table.
pub(super) fn plan() -> Plan {
    let mut plan = Plan {
        consent: Vec::new(),
        identities: None,
        cluster: None,
        experiment: experiment(),
        metrics: Vec::new(),
        declarations: Vec::new(),
        segments: vec![PlannedSegment {
            table: "units".to_owned(),
            column: "country".to_owned(),
        }],
        populations: vec![Population::Itt, Population::Exposed],
        conventions: vec![Conventions::default()],
        as_of: AsOfRule::CompleteThrough("2026-05-01T00:00:00Z".parse().unwrap()),
        assignments: Some(table("assignments", "assignments")),
        exposures: Some(table("exposures", "exposures")),
        others: vec![table("events", "events"), table("units", "units")],
        time_zone: Some("Europe/Berlin".to_owned()),
        rows_are_units: false,
        contract: Vec::new(),
    };
    plan_metric(&mut plan, spend("spend", "purchase", "value"));
    plan
}

/// A folder of tables, and beside it one for a cache.
pub(super) struct Scene {
    folder: TempDir,
    resources: Resources,
}

impl Scene {
    pub(super) fn new() -> Self {
        let scene = Self {
            folder: tempfile::tempdir().unwrap(),
            resources: Resources::with_threads(2),
        };
        let mut assignments = "who,variant_id,assigned_at,plan\n".to_owned();
        let mut exposures = "who,variant_id,exposed_at,exposure_type\n".to_owned();
        let mut events = "who,event_name,value,price,occurred_at\n".to_owned();
        let mut units = "who,country\n".to_owned();
        for unit in 0..40 {
            let variant = if unit % 2 == 0 { "A" } else { "b" };
            let day = 2 + unit % 5;
            let _ = writeln!(
                assignments,
                "u{unit},{variant},2026-03-{day:02}T08:00:00Z,free"
            );
            let _ = writeln!(
                exposures,
                "u{unit},{variant},2026-03-{day:02}T09:00:00Z,view"
            );
            let _ = writeln!(units, "u{unit},{}", ["de", "fr"][unit % 3 / 2]);
            for (event, after) in [("purchase", 1), ("refund", 2)] {
                let day = day + after;
                // Every seventh price is none.
                let price = if unit % 7 == 0 { "?" } else { "3.5" };
                let _ = writeln!(
                    events,
                    "u{unit},{event},{unit}.25,{price},2026-03-{day:02}T10:00:00Z"
                );
            }
        }
        for (name, text) in [
            ("assignments", assignments),
            ("exposures", exposures),
            ("events", events),
            ("units", units),
        ] {
            scene.write(name, &text);
        }
        scene
    }

    pub(super) fn resources(&self) -> &Resources {
        &self.resources
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn path(&self, table: &str) -> PathBuf {
        self.root().join(format!("{table}.csv"))
    }

    pub(super) fn write(&self, table: &str, text: &str) {
        std::fs::write(self.path(table), text).unwrap();
    }

    pub(super) fn cache(&self) -> Cache {
        Cache::open(&self.pieces()).unwrap()
    }

    /// The cache's folder.
    pub(super) fn pieces(&self) -> PathBuf {
        self.root().join("cache")
    }

    /// The pieces of the cache, by name, without the index of the files.
    pub(super) fn kept(&self) -> Vec<PathBuf> {
        let entries = self.pieces().read_dir().unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut kept: Vec<PathBuf> = paths
            .filter(|path| !path.ends_with("index.piece"))
            .collect();
        kept.sort();
        kept
    }

    /// The tables' files, looked at just after the first of them was written.
    pub(super) fn young(&self) -> Inputs {
        let mut inputs = Inputs::of(&plan(), self.root()).unwrap();
        let changes = inputs.files().map(|file| file.fingerprint.last_change());
        inputs.taken = changes.min().unwrap();
        inputs
    }

    /// The tables' files, looked at three seconds after the last of them was written.
    pub(super) fn settled(&self) -> Inputs {
        let mut inputs = self.young();
        let changes = inputs.files().map(|file| file.fingerprint.last_change());
        inputs.taken = changes.max().unwrap() + 3_000_000_000;
        inputs
    }

    /// The summaries, and how many rows were read for them.
    pub(super) fn run(&self, plan: &Plan, cache: Option<&Cache>) -> (Vec<Summary>, u64) {
        let progress = Progress::default();
        let plans = std::slice::from_ref(plan);
        let mut outcomes = run_cached(plans, self.root(), self.resources(), &progress, cache);
        let summaries = outcomes.remove(0).unwrap();
        (summaries, progress.rows())
    }

    pub(super) fn cancelled(&self, plan: &Plan, cache: &Cache) -> EngineError {
        let progress = Progress::default();
        progress.cancel();
        let plans = std::slice::from_ref(plan);
        let mut outcomes = run_cached(plans, self.root(), self.resources(), &progress, Some(cache));
        outcomes.remove(0).unwrap_err()
    }
}
