//! Defines how a definition file becomes a definition in full: short forms expanded, defaults filled in, every value
//! that cannot be reported.
//!
//! It sees one file and what the workspace offers to it; whether the metrics and experiments of several files fit
//! together is asked in `lint`.

mod aggregate;
mod analysis;
mod contract;
mod experiment;
mod filter;
mod measure;
mod metric;
mod time;
mod value;
mod variants;
mod workspace;

pub(super) use experiment::{ExpandedExperiment, WrittenReference, experiment};
pub(super) use metric::metric;
pub(super) use workspace::{is_strict, workspace};

use std::collections::BTreeMap;

use self::time::Zone;
use super::document::Document;
use super::file::FactFile;
use super::key_path::KeyPath;
use super::problem::Rule;
use crate::domain::definition::TableKind;

/// What a workspace offers to the definitions in it.
pub(super) struct Surroundings {
    /// Tables by name; `None` for one whose own definition has errors.
    pub(super) tables: BTreeMap<String, Option<TableKind>>,
    /// Facts by name; `None` for one whose own definition has errors.
    pub(super) facts: BTreeMap<String, Option<FactFile>>,
    zone: Zone,
    /// Whether all of the workspace file could be read: where not, nothing is said to be unknown.
    is_whole: bool,
}

/// What is known of a table that a definition names.
pub(super) enum TableFound {
    /// It is there.
    Kind(TableKind),
    /// It is not, or is broken; that was reported.
    Reported,
}

impl Surroundings {
    /// The kind of the table that the value at `path` names.
    pub(super) fn table(&self, name: &str, document: &mut Document, path: &KeyPath) -> TableFound {
        match self.tables.get(name) {
            Some(Some(kind)) => TableFound::Kind(*kind),
            Some(None) => {
                document.error(
                    Rule::BrokenReference,
                    path,
                    format!("the table '{name}' has errors of its own in readout.toml"),
                    "correct the table first",
                );
                TableFound::Reported
            }
            None => {
                if self.is_whole {
                    let names = self.tables.keys().map(String::as_str);
                    document.error(
                        Rule::UnknownTable,
                        path,
                        format!(
                            "the workspace has no table '{}'",
                            super::problem::short(name)
                        ),
                        super::problem::suggest(name, names, "table"),
                    );
                } else {
                    unreadable_workspace(document, path);
                }
                TableFound::Reported
            }
        }
    }

    /// The names of the facts that can be used, sorted.
    pub(super) fn sound_facts(&self) -> Vec<String> {
        self.facts
            .iter()
            .filter(|(_, fact)| fact.is_some())
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The only table of a kind, if there is exactly one.
    pub(super) fn only_table(&self, kind: TableKind) -> Option<&str> {
        let mut found = self
            .tables
            .iter()
            .filter(|(_, found)| **found == Some(kind))
            .map(|(name, _)| name.as_str());
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// Whether there is a table of this kind.
    pub(super) fn has_table_of(&self, kind: TableKind) -> bool {
        self.tables.values().any(|found| *found == Some(kind))
    }
}

/// Reports that a reference cannot be judged because readout.toml cannot be read in full.
fn unreadable_workspace(document: &mut Document, path: &KeyPath) {
    document.error(
        Rule::BrokenReference,
        path,
        "this refers to readout.toml, which cannot be read in full",
        "correct readout.toml first",
    );
}
