//! `readout catalog` and `readout new`: definitions listed, shown, versioned and begun.

use std::fmt::Write as _;

use anyhow::{Context, anyhow, bail};
use serde_json::json;

use crate::catalog::{
    BumpLevel, DefinitionKind, LookupError, Reference, bump, render_experiment, render_metric,
    scaffold, schema,
};
use crate::cli::args::{Catalog, Global, New};
use crate::cli::output::{Outcome, deliver, say};
use crate::domain::definition::Identifier;
use crate::report::{self, Untrusted, escape};
use crate::workspace::Workspace;

pub(super) fn run(global: &Global, arguments: &Catalog) -> anyhow::Result<Outcome> {
    let document = match arguments {
        Catalog::Schema { kind } => {
            let kind: DefinitionKind = kind.parse().map_err(|error| anyhow!("schema: {error}"))?;
            report::stable_bytes(&schema(kind))?
        }
        Catalog::List { format } => {
            let workspace = super::open(global)?;
            match format.as_str() {
                "text" => list_text(&workspace).into_bytes(),
                "json" => report::stable_bytes(&list_json(&workspace))?,
                other => bail!("--format: '{other}' is neither text nor json"),
            }
        }
        Catalog::Show { id } => visible(&show(&super::open(global)?, id)?).into_bytes(),
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

/// Characters of an unknown id that are shown.
const SHOWN: usize = 120;

fn identifier(text: &str) -> anyhow::Result<Identifier> {
    Identifier::new(text).with_context(|| format!("'{text}' is no id"))
}

/// A definition's characters that act, as TOML writes them.
pub(super) fn visible(toml: &str) -> String {
    let mut text = String::with_capacity(toml.len());
    for character in toml.chars() {
        let code = u32::from(character);
        if character == '\n' || !report::acts(character) {
            text.push(character);
        } else if code > 0xffff {
            let _ = write!(text, "\\U{code:08x}");
        } else {
            let _ = write!(text, "\\u{code:04x}");
        }
    }
    text
}

fn show(workspace: &Workspace, id: &str) -> anyhow::Result<String> {
    let catalog = workspace.catalog();
    let reference: Reference = id.parse()?;
    // An id may be both; a metric's version is asked for by id@1, an experiment has none to ask for.
    let near_experiment = match catalog.experiment(id) {
        Ok(entry) => return Ok(render_experiment(&entry.experiment)?),
        Err(LookupError::UnknownExperiment { nearest, .. }) => nearest,
        Err(error) => return Err(error.into()),
    };
    match catalog.resolve(&reference) {
        Ok(entry) => Ok(render_metric(&entry.metric)?),
        Err(LookupError::UnknownMetric { nearest, .. }) => {
            let hint = nearest.or(near_experiment).map_or_else(
                || "`readout catalog list` lists what it has".to_owned(),
                |near| format!("did you mean '{near}'?"),
            );
            let id = escape::terminal_shortened(id, SHOWN);
            bail!("the workspace has no metric or experiment '{id}'; {hint}")
        }
        Err(error) => Err(error.into()),
    }
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
