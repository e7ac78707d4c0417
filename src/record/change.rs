//! Defines what can have changed between a record and now, and finds it field by field.
//!
//! It says what changed, not what that did: whether a number moved is a comparison's to say.

use serde::Serialize;
use serde_json::Value;

use super::comparison::text;
use super::content::{Definition, Input, Internal, Record, Resolved, canonical_value};
use crate::canonical::CanonicalError;
use crate::domain::vocabulary;

vocabulary! {
    /// What changed.
    pub enum ChangeKind {
        /// The record itself.
        RecordEdited = "record-edited", "the record was edited";
        /// A file that was read is not there.
        InputGone = "input-gone", "input gone (inputs erased)";
        /// A file has other bytes.
        InputChanged = "input-changed", "input changed";
        /// A file is there that was not read.
        InputAdded = "input-added", "input added";
        /// A field of a definition.
        Definition = "definition", "definition";
        /// A convention.
        Convention = "convention", "convention";
        /// A threshold of a check.
        Threshold = "threshold", "threshold";
        /// The program.
        Version = "version", "program";
    }
}

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Change {
    /// What kind of thing.
    pub kind: ChangeKind,
    /// Which: a table, `metric ID`, `experiment ID`, a convention.
    pub subject: String,
    /// Its field or file, where it has several.
    pub field: Option<String>,
    /// What it was.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
    /// Whether it is words only, from which no number and no verdict follows.
    pub cosmetic: bool,
}

/// Fields of a metric that are words, by the rules of the semantic hash.
const METRIC_WORDS: &[&str] = &[
    "id",
    "version",
    "status",
    "owner",
    "description",
    "unit",
    "eligible_as",
    "decision",
    "drivers",
    "runbook",
];
/// Fields of an experiment that are words.
const EXPERIMENT_WORDS: &[&str] = &["owner", "status", "hypothesis", "salt"];

impl Change {
    fn new(kind: ChangeKind, subject: &str, field: Option<&str>) -> Self {
        Self {
            kind,
            subject: subject.to_owned(),
            field: field.map(str::to_owned),
            before: None,
            after: None,
            cosmetic: false,
        }
    }

    fn between(self, before: &Value, after: &Value) -> Self {
        Self {
            before: Some(text(before)),
            after: Some(text(after)),
            ..self
        }
    }

    /// The record's own bytes: their hash was to be its id.
    #[must_use]
    pub(super) fn edited(id: &super::RecordId, found: &super::RecordId) -> Self {
        Self {
            before: Some(id.to_string()),
            after: Some(found.to_string()),
            ..Self::new(ChangeKind::RecordEdited, "record", None)
        }
    }
}

/// What changed of the files of tables.
#[must_use]
pub(super) fn inputs(before: &[Input], after: &[Input]) -> Vec<Change> {
    let mut changes = Vec::new();
    for input in before {
        let now = after.iter().find(|now| now.table == input.table);
        let files = now.map_or(&[][..], |now| now.files.as_slice());
        for file in &input.files {
            let found = files.iter().find(|now| now.path == file.path);
            let kind = match found {
                None => ChangeKind::InputGone,
                Some(found) if found.sha256 == file.sha256 => continue,
                Some(_) => ChangeKind::InputChanged,
            };
            changes.push(Change {
                before: Some(described(file)),
                after: found.map(described),
                ..Change::new(kind, &input.table, Some(&file.path))
            });
        }
        let known = |path: &str| input.files.iter().any(|file| file.path == path);
        for file in files.iter().filter(|file| !known(&file.path)) {
            changes.push(Change {
                after: Some(described(file)),
                ..Change::new(ChangeKind::InputAdded, &input.table, Some(&file.path))
            });
        }
    }
    let known = |table: &str| before.iter().any(|input| input.table == table);
    for input in after.iter().filter(|input| !known(&input.table)) {
        for file in &input.files {
            changes.push(Change {
                after: Some(described(file)),
                ..Change::new(ChangeKind::InputAdded, &input.table, Some(&file.path))
            });
        }
    }
    changes
}

fn described(file: &super::InputFile) -> String {
    let digest = file.sha256.get(..12).unwrap_or(&file.sha256);
    format!("sha256 {digest}…, {} bytes", file.bytes)
}

/// What changed of definitions, conventions, thresholds and program since a record was made.
///
/// # Errors
/// When a value holds a number that is none.
pub(super) fn since(
    record: &Record,
    now: &Resolved,
    program: &Internal,
) -> Result<Vec<Change>, CanonicalError> {
    let then = &record.resolved;
    let mut changes = Vec::new();
    let definitions = (&then.definitions, &now.definitions);
    fields(
        &definitions.0.workspace,
        &definitions.1.workspace,
        "",
        &mut |field, before, after| {
            let last = field.rsplit('.').next().unwrap_or(field);
            let words = field.starts_with("contract[") && matches!(last, "owner" | "impact");
            changes.push(Change {
                cosmetic: words,
                ..Change::new(ChangeKind::Definition, "workspace", Some(field))
                    .between(before, after)
            });
        },
    );
    of_definition(
        "experiment",
        &definitions.0.experiment,
        &definitions.1.experiment,
        &mut changes,
    );
    of_metrics(&definitions.0.metrics, &definitions.1.metrics, &mut changes);
    let conventions = (
        canonical_value(&then.conventions)?,
        canonical_value(&now.conventions)?,
    );
    let thresholds = (
        canonical_value(&then.thresholds)?,
        canonical_value(&now.thresholds)?,
    );
    let programs = (
        canonical_value(&record.internal)?,
        canonical_value(program)?,
    );
    for (kind, (before, after)) in [
        (ChangeKind::Convention, conventions),
        (ChangeKind::Threshold, thresholds),
        (ChangeKind::Version, programs),
    ] {
        fields(&before, &after, "", &mut |name, before, after| {
            changes.push(Change::new(kind, name, None).between(before, after));
        });
    }
    if then.same_salt != now.same_salt {
        let list = |names: &[String]| Value::String(names.join(", "));
        changes.push(
            Change::new(
                ChangeKind::Definition,
                "workspace",
                Some("experiments with the same salt"),
            )
            .between(&list(&then.same_salt), &list(&now.same_salt)),
        );
    }
    Ok(changes)
}

fn of_metrics(before: &[Definition], after: &[Definition], changes: &mut Vec<Change>) {
    let find = |list: &[Definition], id| list.iter().position(|metric| metric.id == id);
    for metric in before {
        match find(after, metric.id.clone()).and_then(|position| after.get(position)) {
            Some(now) => of_definition("metric", metric, now, changes),
            None => changes.push(Change {
                before: Some("in the experiment".to_owned()),
                ..Change::new(
                    ChangeKind::Definition,
                    &format!("metric {}", metric.id),
                    None,
                )
            }),
        }
    }
    for metric in after {
        if find(before, metric.id.clone()).is_none() {
            changes.push(Change {
                after: Some("in the experiment".to_owned()),
                ..Change::new(
                    ChangeKind::Definition,
                    &format!("metric {}", metric.id),
                    None,
                )
            });
        }
    }
}

fn of_definition(kind: &str, before: &Definition, after: &Definition, changes: &mut Vec<Change>) {
    let subject = format!("{kind} {}", before.id);
    let words = if kind == "metric" {
        METRIC_WORDS
    } else {
        EXPERIMENT_WORDS
    };
    let same_meaning = before.semantic_hash == after.semantic_hash;
    fields(
        &before.definition,
        &after.definition,
        "",
        &mut |field, left, right| {
            let top = field.split(['.', '[']).next().unwrap_or(field);
            changes.push(Change {
                cosmetic: same_meaning || words.contains(&top),
                ..Change::new(ChangeKind::Definition, &subject, Some(field)).between(left, right)
            });
        },
    );
    if before.role != after.role {
        let name = |role: Option<crate::domain::definition::Role>| {
            Value::String(
                role.map_or("none", crate::domain::definition::Role::name)
                    .to_owned(),
            )
        };
        changes.push(
            Change::new(ChangeKind::Definition, &subject, Some("role"))
                .between(&name(before.role), &name(after.role)),
        );
    }
}

/// Calls `found` for every field that differs, with its path.
fn fields(before: &Value, after: &Value, path: &str, found: &mut impl FnMut(&str, &Value, &Value)) {
    match (before, after) {
        (left, right) if left == right => {}
        (Value::Object(left), Value::Object(right)) => {
            let keys: std::collections::BTreeSet<&String> =
                left.keys().chain(right.keys()).collect();
            for key in keys {
                let deeper = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                let of = |side: &serde_json::Map<String, Value>| {
                    side.get(key).cloned().unwrap_or(Value::Null)
                };
                fields(&of(left), &of(right), &deeper, found);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                fields(left, right, &format!("{path}[{index}]"), found);
            }
        }
        (left, right) => found(path, left, right),
    }
}
