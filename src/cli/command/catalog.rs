//! `readout catalog` and `readout new`: definitions listed, shown, versioned and begun.

use std::fmt::Write as _;

use anyhow::{Context, anyhow, bail};
use serde_json::json;

use crate::catalog::{
    BumpLevel, DefinitionKind, Reference, bump, render_experiment, render_metric, scaffold, schema,
};
use crate::cli::args::{Catalog, Global, New};
use crate::cli::output::{Outcome, deliver, say};
use crate::domain::definition::Identifier;
use crate::report::Untrusted;
use crate::workspace::Workspace;

pub(super) fn run(global: &Global, arguments: &Catalog) -> anyhow::Result<Outcome> {
    let document = match arguments {
        Catalog::Schema { kind } => {
            let kind: DefinitionKind = kind.parse().map_err(|error| anyhow!("schema: {error}"))?;
            pretty(&schema(kind))?
        }
        Catalog::List { format } => {
            let workspace = super::open(global)?;
            match format.as_str() {
                "text" => list_text(&workspace).into_bytes(),
                "json" => pretty(&list_json(&workspace))?,
                other => bail!("--format: '{other}' is neither text nor json"),
            }
        }
        Catalog::Show { id } => show(&super::open(global)?, id)?.into_bytes(),
        Catalog::Bump { id, level } => {
            let level: BumpLevel = level.parse().map_err(|error| anyhow!("bump: {error}"))?;
            let id = identifier(id)?;
            let bumped = bump(&super::root(global)?, &id, level)?;
            say(
                global.quiet,
                &format!(
                    "{id} is now {}; {} is kept in {}",
                    bumped.to, bumped.from, bumped.superseded
                ),
            );
            return Ok(Outcome::Fine);
        }
    };
    deliver(&document, None)?;
    Ok(Outcome::Fine)
}

pub(super) fn new(global: &Global, arguments: &New) -> anyhow::Result<Outcome> {
    let (kind, id) = match arguments {
        New::Metric { id } => (DefinitionKind::Metric, id),
        New::Experiment { id } => (DefinitionKind::Experiment, id),
    };
    let workspace = super::open(global)?;
    let path = scaffold(workspace.catalog(), kind, &identifier(id)?)?;
    say(
        global.quiet,
        &format!("{path} is yours to fill in; `readout lint` says what is left"),
    );
    Ok(Outcome::Fine)
}

fn identifier(text: &str) -> anyhow::Result<Identifier> {
    Identifier::new(text).with_context(|| format!("'{text}' is no id"))
}

fn pretty(value: &serde_json::Value) -> anyhow::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn show(workspace: &Workspace, id: &str) -> anyhow::Result<String> {
    let catalog = workspace.catalog();
    let reference: Reference = id.parse()?;
    // An id may be both; a metric's version is asked for by id@1, an experiment has none to ask for.
    if let Ok(entry) = catalog.experiment(id) {
        return Ok(render_experiment(&entry.experiment)?);
    }
    Ok(render_metric(&catalog.resolve(&reference)?.metric)?)
}

fn list_text(workspace: &Workspace) -> String {
    let catalog = workspace.catalog();
    let mut text = String::from("Experiments\n");
    for entry in catalog.experiments() {
        let experiment = &entry.experiment;
        let _ = writeln!(
            text,
            "  {:<24} {:<10} {:<16} {} metrics",
            experiment.id.as_str(),
            experiment.status.label(),
            Untrusted(&experiment.owner),
            experiment.metrics.len()
        );
    }
    for (id, file) in catalog.broken_experiments() {
        let _ = writeln!(text, "  {id:<24} has errors in {file}");
    }
    text.push_str("\nMetrics\n");
    for entry in catalog.metrics() {
        let metric = &entry.metric;
        let uses = catalog.uses(&metric.id);
        let used = uses
            .iter()
            .filter(|found| found.version == metric.version)
            .count();
        let _ = writeln!(
            text,
            "  {:<24} {:<8} {:<10} {:<10} {:<16} used by {used}  {}",
            metric.id.as_str(),
            metric.version.to_string(),
            metric.status.label(),
            metric.kind.label(),
            Untrusted(&metric.owner),
            entry.hash.get(..12).unwrap_or(&entry.hash)
        );
    }
    text
}

fn list_json(workspace: &Workspace) -> serde_json::Value {
    let catalog = workspace.catalog();
    let experiments: Vec<_> = catalog
        .experiments()
        .map(|entry| {
            json!({
                "id": entry.experiment.id,
                "status": entry.experiment.status,
                "owner": entry.experiment.owner,
                "file": entry.file,
                "semantic_hash": entry.hash,
                "metrics": entry.experiment.metrics,
            })
        })
        .collect();
    let metrics: Vec<_> = catalog
        .metrics()
        .map(|entry| {
            let metric = &entry.metric;
            let uses: Vec<_> = catalog
                .uses(&metric.id)
                .into_iter()
                .filter(|found| found.version == metric.version)
                .map(|found| json!({ "experiment": found.experiment, "role": found.role }))
                .collect();
            json!({
                "id": metric.id,
                "version": metric.version,
                "status": metric.status,
                "owner": metric.owner,
                "kind": metric.kind,
                "file": entry.file,
                "current": entry.is_current,
                "semantic_hash": entry.hash,
                "used_by": uses,
            })
        })
        .collect();
    json!({ "experiments": experiments, "metrics": metrics })
}
