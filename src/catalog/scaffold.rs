//! Defines the first text of a new definition: what must be filled in is empty, everything else is sound and explained.
//!
//! It never overwrites, and it guesses nothing that decides a readout: owner and direction are left to the person.

use std::path::Path;

use super::bump::write_new;
use super::lookup::Catalog;
use super::schema::DefinitionKind;
use crate::domain::definition::{Identifier, TableKind};

/// Why a new definition was not written.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// There is one already.
    #[error("{file} is already there, and a definition is never overwritten")]
    AlreadyThere {
        /// The file.
        file: String,
    },
    /// A workspace is made by `readout init`.
    #[error("only a metric or an experiment is made from a scaffold")]
    NotThisKind,
    /// The file cannot be written.
    #[error("{file} cannot be written")]
    Io {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Writes the first text of a metric or an experiment into the workspace; its path, relative to the workspace.
///
/// # Errors
/// [`ScaffoldError`] when there is one already, or it cannot be written.
pub fn scaffold(
    catalog: &Catalog,
    kind: DefinitionKind,
    id: &Identifier,
) -> Result<String, ScaffoldError> {
    let (file, text) = match kind {
        DefinitionKind::Metric => (format!("metrics/{id}.toml"), metric(catalog, id)),
        DefinitionKind::Experiment => (format!("experiments/{id}.toml"), experiment(id)),
        DefinitionKind::Workspace => return Err(ScaffoldError::NotThisKind),
    };
    let root: &Path = &catalog.root;
    match write_new(&root.join(&file), root, &text) {
        Ok(()) => Ok(file),
        Err(source) if source.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(ScaffoldError::AlreadyThere { file })
        }
        Err(source) => Err(ScaffoldError::Io { file, source }),
    }
}

/// The value that a new metric starts from: a fact of the workspace, else the rows of an event table.
fn first_value(catalog: &Catalog) -> String {
    if let Some(fact) = catalog.facts.first() {
        return format!("fact = \"{fact}\"");
    }
    let tables = catalog
        .workspace
        .iter()
        .flat_map(|workspace| workspace.tables.values());
    let events = tables
        .filter(|table| table.kind == TableKind::Events)
        .map(|table| table.name.as_str())
        .next();
    format!("value = {{ table = \"{}\" }}", events.unwrap_or("events"))
}

fn metric(catalog: &Catalog, id: &Identifier) -> String {
    let value = first_value(catalog);
    format!(
        r#"id = "{id}"
version = "0.1.0"
status = "draft"                  # draft | proposed | active | deprecated | retired
owner = ""                        # who answers for it
# description = "One sentence on what it measures"
kind = "mean"                     # proportion | mean | ratio
# unit = "EUR"
direction = ""                    # increase | decrease: which way is good
# eligible_as = ["primary", "secondary", "guardrail", "diagnostic"]

# The value of a unit: a fact of readout.toml, or
# value = {{ table = "…", aggregate = "sum", column = "…", where = [{{ column = "…", op = "=", value = "…" }}] }}
{value}
window = "7d"                     # from entry; a ready-made column has none

# cap = {{ quantile = 0.999 }}      # clip large values, never drop them
# covariate = {{ window = "14d" }}  # the same value before assignment, to reduce noise
# margin = {{ relative = 0.01 }}    # as a guardrail: how much worse is still acceptable
# minimum_effect = {{ relative = 0.005 }}
# decision = {{ question = "…", for = "…", if_worse = "…" }}
# drivers = [{{ metric = "…", kind = "component" }}]
# runbook = "Where to look when it turns red"
"#
    )
}

fn experiment(id: &Identifier) -> String {
    format!(
        r#"id = "{id}"
version = 1
owner = ""                        # who answers for it
status = "draft"                  # draft | running | ramping | paused | concluded
# hypothesis = "What should change, for whom, and why"
# start = 2026-01-01T00:00:00Z
control = "control"
variants = {{ control = 1, treatment = 1 }}   # weights; only proportions matter

primary = []                      # the metrics that decide
secondary = []                    # the metrics that support
guardrails = []                   # the metrics that must not get worse than their margin
# diagnostics = []
# segments = ["country"]
# also_known_as = ["the name in another tool"]

# [plan]
# units = 20000
# end = 2026-02-01                # before it, nothing ships

# [exposure]
# within = "7d"                   # how long after assignment an exposure counts
"#
    )
}
