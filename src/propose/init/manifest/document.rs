//! Reads the manifest's JSON: tables, tests and who owns what.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::measures::metrics;
use super::{DeclaredTable, Manifest};
use crate::propose::init::contract::RuleSubject;
use crate::source::Escaped;

/// The largest manifest that is read: those of large projects have some tens of megabytes.
const MOST_BYTES: u64 = 256 << 20;
/// Tables that are looked at.
const MOST_TABLES: usize = 20_000;
/// The versions of the schema whose shape is known.
const VERSIONS: [&str; 3] = ["v10", "v11", "v12"];
/// How many nodes of one kind of not-understood are named.
const NAMED: usize = 20;

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("'{}' cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is too large.
    #[error("'{}' has more than 256 MiB, and no manifest does; give the project's target/manifest.json", .0.display())]
    TooLarge(PathBuf),
    /// Not JSON, or nested too deeply.
    #[error("'{}' is no JSON that can be read; write it again with `dbt parse`", .path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// JSON, and no manifest.
    #[error("'{}' is no dbt manifest: metadata.dbt_schema_version is not there; give the project's target/manifest.json", .0.display())]
    NoManifest(PathBuf),
    /// A version whose shape is not known.
    #[error("'{}' has the schema '{}', and v10 to v12 are read (dbt 1.6 and later); write it with such a dbt", .path.display(), Escaped(found))]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// What it says.
        found: String,
    },
}

/// Reads a manifest.
///
/// # Errors
/// [`ManifestError`] when the file cannot be read, is too large, or is no manifest of a known version.
pub fn read_manifest(path: &Path) -> Result<Manifest, ManifestError> {
    let failed = |source| ManifestError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    let is_file = file.metadata().map_err(failed)?.is_file();
    if !is_file {
        return Err(failed(std::io::Error::other("it is no file")));
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ManifestError::TooLarge(path.to_owned()));
    }
    // The parser itself refuses what nests deeper than 128.
    let json: Json = serde_json::from_slice(&bytes).map_err(|source| ManifestError::NotJson {
        path: path.to_owned(),
        source,
    })?;
    let version = json
        .pointer("/metadata/dbt_schema_version")
        .and_then(Json::as_str);
    let version = version.ok_or_else(|| ManifestError::NoManifest(path.to_owned()))?;
    let is_known = VERSIONS
        .iter()
        .any(|known| version.ends_with(&format!("/manifest/{known}.json")));
    if !is_known {
        return Err(ManifestError::OtherVersion {
            path: path.to_owned(),
            found: version.to_owned(),
        });
    }
    Ok(manifest(&json))
}

fn manifest(json: &Json) -> Manifest {
    let mut found = Manifest::default();
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for (id, node) in entries(json, "nodes").chain(entries(json, "sources")) {
        let is_table = matches!(
            text(node, "resource_type"),
            Some("model" | "seed" | "snapshot" | "source")
        );
        if let (true, Some(name)) = (is_table, text(node, "name")) {
            names.insert(id, name);
            table(name, node, &mut found);
        }
    }
    found.tables.sort_by(|one, other| one.name.cmp(&other.name));
    let mut odd_tests = Vec::new();
    for (id, node) in entries(json, "nodes") {
        match text(node, "resource_type") {
            Some("test") => match rule(node, &names) {
                Some(rule) => found.rules.push(rule),
                None => odd_tests.push(id.as_str()),
            },
            // Tables were taken up before; the others are no tables and declare nothing of one.
            Some(
                "model" | "seed" | "snapshot" | "source" | "unit_test" | "analysis" | "operation"
                | "sql_operation" | "sql operation" | "rpc",
            ) => {}
            other => found.left.push(format!(
                "dbt node '{}': resources of type '{}' are not known",
                Escaped(id),
                Escaped(other.unwrap_or("none"))
            )),
        }
    }
    named(
        &odd_tests,
        "dbt tests that declare nothing of one column (only unique, not_null, accepted_values and relationships do)",
        &mut found.left,
    );
    metrics(json, &mut found);
    found
}

/// Says what was left, by name as far as the list is short.
pub(super) fn named(ids: &[&str], what: &str, left: &mut Vec<String>) {
    if ids.is_empty() {
        return;
    }
    let shown: Vec<String> = ids
        .iter()
        .take(NAMED)
        .map(|id| Escaped(id).to_string())
        .collect();
    let more = match ids.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    left.push(format!("{what}: {}{more}", shown.join(", ")));
}

fn table(name: &str, node: &Json, found: &mut Manifest) {
    if found.tables.len() >= MOST_TABLES {
        return;
    }
    let columns: Vec<String> = entries(node, "columns")
        .map(|(key, column)| text(column, "name").unwrap_or(key).to_owned())
        .collect();
    if let Some(same) = found.tables.iter_mut().find(|table| table.name == name) {
        // A source and a model of one name: what is known of either is looked for in both.
        for column in columns {
            if !same.columns.contains(&column) {
                same.columns.push(column);
            }
        }
        return;
    }
    found.tables.push(DeclaredTable {
        name: name.to_owned(),
        columns,
    });
}

/// The rule that a test declares, and the table it is of.
fn rule(node: &Json, names: &BTreeMap<&str, &str>) -> Option<(String, RuleSubject)> {
    let test = node.get("test_metadata")?;
    let arguments = test.get("kwargs")?;
    let column = text(arguments, "column_name")
        .or_else(|| text(node, "column_name"))?
        .to_owned();
    let target = text(arguments, "to").and_then(last_quoted);
    let table = table_of(node, names, target)?.to_owned();
    let subject = match text(test, "name")? {
        "unique" => RuleSubject::Unique {
            columns: vec![column],
        },
        "not_null" => RuleSubject::NotNull { column },
        "accepted_values" => {
            let values = arguments.get("values")?.as_array()?.iter().map(plain);
            let mut values: Vec<String> = values.collect::<Option<_>>()?;
            values.sort();
            RuleSubject::AcceptedValues { column, values }
        }
        "relationships" => RuleSubject::References {
            column,
            table: target?.to_owned(),
            field: text(arguments, "field")?.to_owned(),
        },
        _ => return None,
    };
    Some((table, subject))
}

fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// The table that a test is of: said, or the only one that it depends on beside the one it refers to.
fn table_of<'n>(
    node: &Json,
    names: &BTreeMap<&str, &'n str>,
    target: Option<&str>,
) -> Option<&'n str> {
    if let Some(id) = text(node, "attached_node") {
        return names.get(id).copied();
    }
    let depends = node.pointer("/depends_on/nodes")?.as_array()?;
    let mut tables = depends
        .iter()
        .filter_map(|id| names.get(id.as_str()?).copied())
        .filter(|name| depends.len() == 1 || Some(*name) != target);
    let only = tables.next()?;
    tables.next().is_none().then_some(only)
}

/// The last quoted text of `ref('a')` or `source('a', 'b')`.
pub(super) fn last_quoted(text: &str) -> Option<&str> {
    let mut parts = text.rsplit(['\'', '"']);
    parts.next()?;
    parts.next().filter(|name| !name.is_empty())
}

/// The entries of an object in `key`, by name.
pub(super) fn entries<'j>(
    json: &'j Json,
    key: &str,
) -> impl Iterator<Item = (&'j String, &'j Json)> {
    json.get(key)
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
}

/// A text that is not blank.
pub(super) fn text<'j>(json: &'j Json, key: &str) -> Option<&'j str> {
    json.get(key)
        .and_then(Json::as_str)
        .filter(|text| !text.trim().is_empty())
}
