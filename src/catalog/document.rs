//! Defines a definition file as read: its text, where every key and value stands, and what of it has the right shape.
//!
//! It refuses to judge meaning: it knows TOML and a JSON schema, nothing of metrics or experiments.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::Path;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::key_path::KeyPath;
use super::problem::{Problem, Rule, Severity, short};
use super::reading::read_text;
use super::shape::Walk;

/// The deepest nesting of a definition file.
pub(super) const DEEPEST: usize = 32;
/// The most problems listed of one file.
pub(super) const MOST_PROBLEMS: usize = 500;

/// Where a key and its value stand, in bytes.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub(super) key: Option<Range<usize>>,
    pub(super) value: Range<usize>,
}

/// A definition file as read.
#[derive(Debug)]
pub(super) struct Document {
    /// Relative to the workspace, with forward slashes.
    pub(super) file: String,
    text: String,
    line_starts: Vec<usize>,
    pub(super) spots: HashMap<KeyPath, Spot>,
    /// What has the right shape.
    values: toml::Table,
    /// Whether it could be read as TOML at all; where not, what is missing may only be lost.
    pub(super) is_whole: bool,
    problems: Vec<Problem>,
}

impl Document {
    /// Reads `relative` under `root` and holds it to `schema`; never fails, problems are in the document.
    pub(super) fn read(root: &Path, relative: &str, schema: &serde_json::Value) -> Self {
        match read_text(root, relative) {
            Ok(text) => Self::parse(relative, text, schema),
            Err(problem) => {
                let mut document = Self::empty(relative, String::new());
                document.is_whole = false;
                document.problems.push(*problem);
                document
            }
        }
    }

    /// Holds `text` to `schema`.
    pub(super) fn parse(relative: &str, text: String, schema: &serde_json::Value) -> Self {
        let mut document = Self::empty(relative, String::new());
        document.line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        document.text = text;
        let text = document.text.clone();
        let (table, errors) = DeTable::parse_recoverable(&text);
        let mut spoiled_lines = BTreeSet::new();
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            let duplicate = error.message().contains("duplicate key");
            if !duplicate {
                document.is_whole = false;
                spoiled_lines.insert(document.line(span.start));
            }
            document.syntax_problem(span, duplicate, error.message());
        }
        if let Some(at) = too_deep(&mut table.get_ref().values(), 1) {
            document.report_at(
                Severity::Error,
                Rule::TooDeep,
                at,
                relative.to_owned(),
                format!("a definition nests at most {DEEPEST} deep"),
                "write it flatter",
            );
        }
        let mut walk = Walk::new(&mut document, schema, spoiled_lines);
        walk.root(table.get_ref());
        let values = walk.finish();
        document.values = values;
        document
    }

    fn empty(relative: &str, text: String) -> Self {
        Self {
            file: relative.to_owned(),
            text,
            line_starts: vec![0],
            spots: HashMap::new(),
            values: toml::Table::new(),
            is_whole: true,
            problems: Vec::new(),
        }
    }

    fn syntax_problem(&mut self, span: Range<usize>, duplicate: bool, message: &str) {
        let at = span.start;
        let (rule, reason, fix) = if duplicate {
            let key = short(self.text.get(span).unwrap_or_default());
            (
                Rule::DuplicateKey,
                format!("the key '{key}' is given a second time"),
                "keep one of the two",
            )
        } else {
            (
                Rule::Syntax,
                format!("this is not TOML: {message}"),
                "correct the line; text needs quotes, a list needs [ ], a table needs { }",
            )
        };
        let subject = self.file.clone();
        self.report_at(Severity::Error, rule, at, subject, reason, fix);
    }

    /// The file's values that have the right shape, as `T`. The shape was checked, so a failure is a fault of ours; it is
    /// reported all the same.
    pub(super) fn contents<T: DeserializeOwned + Default>(&mut self) -> T {
        match toml::Value::Table(self.values.clone()).try_into() {
            Ok(contents) => contents,
            Err(error) => {
                let reason = format!("this cannot be read: {}", error.message());
                self.report_at(
                    Severity::Error,
                    Rule::WrongType,
                    0,
                    self.file.clone(),
                    reason,
                    "compare the file with `readout catalog schema`".to_owned(),
                );
                T::default()
            }
        }
    }

    /// Whether the file holds this key, whatever its value.
    pub(super) fn holds(&self, path: &KeyPath) -> bool {
        self.spots.contains_key(path)
    }

    /// The keys of the table at `path`, whatever their values, sorted.
    pub(super) fn keys_of(&self, path: &KeyPath) -> Vec<String> {
        let mut keys: Vec<String> = self
            .spots
            .keys()
            .filter_map(|other| other.key_under(path))
            .map(str::to_owned)
            .collect();
        keys.sort();
        keys
    }

    pub(super) fn report(
        &mut self,
        severity: Severity,
        rule: Rule,
        path: &KeyPath,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let at = self.value_at(path);
        self.report_at(severity, rule, at, path.to_string(), reason, fix);
    }

    pub(super) fn error(
        &mut self,
        rule: Rule,
        path: &KeyPath,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.report(Severity::Error, rule, path, reason, fix);
    }

    /// As [`Document::error`], at the key rather than at its value.
    pub(super) fn error_at_key(
        &mut self,
        rule: Rule,
        path: &KeyPath,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let key = self.spots.get(path).and_then(|spot| spot.key.clone());
        let at = key.map_or_else(|| self.value_at(path), |key| key.start);
        self.report_at(Severity::Error, rule, at, path.to_string(), reason, fix);
    }

    pub(super) fn report_at(
        &mut self,
        severity: Severity,
        rule: Rule,
        at: usize,
        subject: String,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) {
        if self.problems.len() > MOST_PROBLEMS {
            return;
        }
        let (line, column) = self.line_and_column(at);
        let mut problem = Problem {
            severity,
            rule,
            file: self.file.clone(),
            line,
            column,
            subject,
            reason: reason.into(),
            fix: fix.into(),
        };
        if self.problems.len() == MOST_PROBLEMS {
            problem.severity = Severity::Error;
            problem.rule = Rule::TooMany;
            problem.reason = format!("this file has more than {MOST_PROBLEMS} problems");
            "correct the ones that are listed first".clone_into(&mut problem.fix);
        }
        self.problems.push(problem);
    }

    pub(super) fn has_errors(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }

    pub(super) fn problems(self) -> Vec<Problem> {
        self.problems
    }

    /// The byte where the value at `path` starts, else where the nearest thing around it does.
    fn value_at(&self, path: &KeyPath) -> usize {
        let mut path = path.clone();
        loop {
            if let Some(spot) = self.spots.get(&path) {
                return spot.value.start;
            }
            match path.parent() {
                Some(parent) => path = parent,
                None => return 0,
            }
        }
    }

    /// The line, from 1, of a byte.
    pub(super) fn line(&self, at: usize) -> usize {
        self.line_starts
            .partition_point(|start| *start <= at)
            .max(1)
    }

    /// Line and column, from 1, of a byte; columns count characters.
    fn line_and_column(&self, at: usize) -> (usize, usize) {
        let at = at.min(self.text.len());
        let line = self.line(at);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let column = self
            .text
            .get(start..at)
            .map_or(at - start, |before| before.chars().count());
        (line, column + 1)
    }
}

/// Where the first value stands that is nested deeper than a definition may be. Looks no deeper than that, whatever the
/// file holds.
fn too_deep<'t, 'i: 't>(
    values: &mut dyn Iterator<Item = &'t Spanned<DeValue<'i>>>,
    depth: usize,
) -> Option<usize> {
    for value in values {
        let found = match value.get_ref() {
            _ if depth > DEEPEST => Some(value.span().start),
            DeValue::Array(items) => too_deep(&mut items.iter(), depth + 1),
            DeValue::Table(table) => too_deep(&mut table.values(), depth + 1),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}
