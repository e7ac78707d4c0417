//! Defines the expansion of the workspace file.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use super::super::document::Document;
use super::super::file::{ConventionsFile, TableFile, TableOptions, WorkspaceFile};
use super::super::key_path::KeyPath;
use super::super::problem::{Rule, short};
use super::Surroundings;
use super::contract::contract;
use super::filter::filters;
use super::time::{DateMeans, Zone, instant, length};
use crate::domain::definition::{
    Conventions, Duration, Filter, Governance, Privacy, Table, TableKind, Thresholds, Workspace,
};

/// The workspace that a file defines (`None` when something of it cannot be), and what it offers to definitions.
pub(in crate::catalog) fn workspace(
    file: &WorkspaceFile,
    root: &Path,
    document: &mut Document,
) -> (Option<Workspace>, Surroundings) {
    format(file, document);
    let mut surroundings = Surroundings {
        tables: BTreeMap::new(),
        facts: BTreeMap::new(),
        zone: zone(file.time_zone.as_deref(), document),
        is_whole: document.is_whole,
    };
    let tables = tables(file, root, &mut surroundings, document);
    facts(file, &mut surroundings, document);
    let conventions = conventions(file.conventions.as_ref(), document);
    let level = file.conventions.as_ref().and_then(|written| written.level);
    let thresholds = file.thresholds.unwrap_or_default();
    check_thresholds(&thresholds, document);
    let consent = consent(file, &surroundings, document);
    let privacy = privacy(file, document);
    let rules = file.contract.as_deref().unwrap_or_default();
    let contract = contract(rules, &surroundings, document);
    let workspace = (!document.has_errors()).then(|| Workspace {
        // Not the folder's name: a readout must not depend on where it was made.
        name: file.name.clone().unwrap_or_else(|| "workspace".to_owned()),
        time_zone: file.time_zone.clone(),
        tables,
        conventions,
        level: level.unwrap_or(Conventions::default().level),
        governance: Governance {
            strict: is_strict(file),
        },
        privacy,
        consent,
        thresholds,
        contract,
    });
    (workspace, surroundings)
}

/// What holds for units that consented.
fn consent(
    file: &WorkspaceFile,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Vec<Filter> {
    let written = file
        .privacy
        .as_ref()
        .and_then(|privacy| privacy.consent.as_deref());
    let path = KeyPath::of("privacy").key("consent");
    written
        .and_then(|written| filters(written, surroundings, document, &path))
        .unwrap_or_default()
}

fn privacy(file: &WorkspaceFile, document: &mut Document) -> Privacy {
    let (written, own) = (file.privacy.as_ref(), Privacy::default());
    let days = written.and_then(|privacy| privacy.quarantine_days);
    if days == Some(0) {
        document.error(
            Rule::OutOfRange,
            &KeyPath::of("privacy").key("quarantine_days"),
            "rows that stay in quarantine for no day are not kept at all",
            "write 1 or more; without `--quarantine` no row is kept",
        );
    }
    Privacy {
        min_cell: written
            .and_then(|privacy| privacy.min_cell)
            .unwrap_or(own.min_cell),
        quarantine_days: days.unwrap_or(own.quarantine_days),
    }
}

/// Whether warnings about governance are errors.
pub(in crate::catalog) fn is_strict(file: &WorkspaceFile) -> bool {
    file.governance
        .as_ref()
        .and_then(|governance| governance.strict)
        .unwrap_or(false)
}

fn format(file: &WorkspaceFile, document: &mut Document) {
    if let Some(format) = file.format
        && format != 1
    {
        document.error(
            Rule::UnknownFormat,
            &KeyPath::of("format"),
            format!("this program reads format 1, not {format}"),
            "write `format = 1`, or use the program that the workspace was made for",
        );
    }
}

fn zone(name: Option<&str>, document: &mut Document) -> Zone {
    let path = KeyPath::of("time_zone");
    match name {
        Some(name) => {
            if let Some(zone) = Zone::named(name) {
                return Zone::Declared(zone);
            }
            let fix = match Zone::nearest_name(name) {
                Some(near) => format!("write '{near}', the nearest name"),
                None => "write a name such as UTC or Europe/Berlin".to_owned(),
            };
            let reason = format!("'{}' is no time zone of the IANA database", short(name));
            document.error(Rule::UnknownZone, &path, reason, fix);
            Zone::Broken
        }
        // A zone of the wrong type was reported as that.
        None if document.holds(&path) => Zone::Broken,
        None => Zone::Absent,
    }
}

fn tables(
    file: &WorkspaceFile,
    root: &Path,
    surroundings: &mut Surroundings,
    document: &mut Document,
) -> BTreeMap<String, Table> {
    let path = KeyPath::of("tables");
    for name in document.keys_of(&path) {
        surroundings.tables.insert(name, None);
    }
    let mut found = BTreeMap::new();
    for (name, written) in file.tables.iter().flatten() {
        if let Some(table) = table(name, written, root, surroundings, document) {
            surroundings.tables.insert(name.clone(), Some(table.kind));
            found.insert(name.clone(), table);
        }
    }
    found
}

fn table(
    name: &str,
    written: &TableFile,
    root: &Path,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Option<Table> {
    let at = KeyPath::of("tables").key(name);
    let short_form;
    let (options, path_path) = match written {
        TableFile::Options(options) => (&**options, at.key("path")),
        TableFile::Path(path) => {
            short_form = TableOptions {
                path: path.clone(),
                kind: None,
                columns: None,
                variants: None,
                lateness: None,
                complete_through: None,
            };
            (&short_form, at.clone())
        }
    };
    let named = legal_name(name, document, &at);
    let inside = stays_inside(&options.path, root, document, &path_path);
    let lateness = options
        .lateness
        .as_deref()
        .map(|text| lateness(text, document, &at.key("lateness")));
    let complete_through = options.complete_through.map(|moment| {
        let path = at.key("complete_through");
        instant(moment, DateMeans::Through, surroundings, document, &path)
    });
    if !named || !inside || lateness == Some(None) || complete_through == Some(None) {
        return None;
    }
    Some(Table {
        name: name.to_owned(),
        // A name of a kind says the kind; every other name is of events.
        kind: options
            .kind
            .unwrap_or_else(|| name.parse().unwrap_or(TableKind::Events)),
        path: options.path.clone(),
        columns: options.columns.clone().unwrap_or_default(),
        variants: options.variants.clone().unwrap_or_default(),
        lateness: lateness.flatten(),
        complete_through: complete_through.flatten(),
    })
}

fn lateness(text: &str, document: &mut Document, path: &KeyPath) -> Option<Duration> {
    let length = length(text, document, path)?;
    if length < Duration::ZERO {
        document.error(
            Rule::OutOfRange,
            path,
            "rows do not arrive before they happen",
            "write 0d or more",
        );
        return None;
    }
    Some(length)
}

/// Names of tables and facts: as ids, with `_` allowed.
fn legal_name(name: &str, document: &mut Document, path: &KeyPath) -> bool {
    let legal = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
    };
    let is_legal = !name.is_empty()
        && name.len() <= 120
        && !name.starts_with(['-', '_'])
        && name.bytes().all(legal);
    if !is_legal {
        document.error_at_key(
            Rule::BadId,
            path,
            format!("'{}' is no name for a table or a fact", short(name)),
            "use lower-case letters, digits, - and _, and start with a letter or digit",
        );
    }
    is_legal
}

/// Reports a path that is empty, absolute, or leaves the workspace by `..` or by a link.
fn stays_inside(written: &str, root: &Path, document: &mut Document, at: &KeyPath) -> bool {
    let path = Path::new(written);
    let reason = if written.trim().is_empty() {
        "this path is empty"
    } else if written.chars().any(char::is_control) {
        "this path holds control characters"
    } else if path.is_absolute() || written.starts_with('\\') || written.get(1..2) == Some(":") {
        "this path is absolute, so it means another place on another machine"
    } else if path
        .components()
        .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
        || written.split(['/', '\\']).any(|part| part == "..")
    {
        "this path leaves the workspace"
    } else if links_outside(path, root) {
        "this path leads through a link to a place outside the workspace"
    } else {
        return true;
    };
    document.error(
        Rule::PathOutside,
        at,
        reason,
        "write a path inside the workspace, relative to readout.toml; `--tables DIR` reads tables from elsewhere",
    );
    false
}

/// Whether the part of `path` that exists leads out of `root`.
fn links_outside(path: &Path, root: &Path) -> bool {
    let Ok(root) = root.canonicalize() else {
        return false;
    };
    let mut reached = root.clone();
    for part in path.components() {
        match reached.join(part).canonicalize() {
            Ok(next) => reached = next,
            // What does not exist, or is a pattern, leads nowhere; a table that is not there is found when it is read.
            Err(_) => break,
        }
    }
    !reached.starts_with(&root)
}

fn facts(file: &WorkspaceFile, surroundings: &mut Surroundings, document: &mut Document) {
    let path = KeyPath::of("facts");
    for name in document.keys_of(&path) {
        surroundings.facts.insert(name, None);
    }
    for (name, fact) in file.facts.iter().flatten() {
        let at = path.key(name);
        let named = legal_name(name, document, &at);
        let table = surroundings.table(&fact.table, document, &at.key("table"));
        let filters = filters(
            fact.filters.as_deref().unwrap_or_default(),
            surroundings,
            document,
            &at.key("where"),
        );
        if named && filters.is_some() && matches!(table, super::TableFound::Kind(_)) {
            surroundings.facts.insert(name.clone(), Some(fact.clone()));
        }
    }
}

/// The conventions that a file overrides, by name.
pub(super) fn conventions(
    written: Option<&ConventionsFile>,
    document: &mut Document,
) -> BTreeMap<String, String> {
    let Some(written) = written else {
        return BTreeMap::new();
    };
    if written
        .level
        .is_some_and(|level| level <= 0.0 || level >= 1.0)
    {
        document.error(
            Rule::OutOfRange,
            &KeyPath::of("conventions").key("level"),
            "a confidence level lies between 0 and 1, both outside",
            "write a level, such as 0.95",
        );
    }
    written.named()
}

fn check_thresholds(thresholds: &Thresholds, document: &mut Document) {
    let path = KeyPath::of("thresholds");
    let negative: Vec<String> = match serde_json::to_value(thresholds) {
        Ok(serde_json::Value::Object(fields)) => fields
            .into_iter()
            .filter(|(_, value)| value.as_f64().is_some_and(|value| value < 0.0))
            .map(|(name, _)| name)
            .collect(),
        _ => Vec::new(),
    };
    for name in negative {
        document.error(
            Rule::OutOfRange,
            &path.key(&name),
            format!("the threshold '{name}' is negative"),
            "write 0 or more",
        );
    }
}
