//! Defines a definition file as read: its text, where every key and value stands, and what of it has the right shape.
//!
//! It refuses to judge meaning: it knows TOML and a JSON schema, nothing of metrics or experiments.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use serde::de::DeserializeOwned;
use toml::de::DeTable;

use super::problem::{Problem, Rule, Severity, visible};
use super::shape::Walk;

/// The largest definition file, in bytes.
pub(super) const LARGEST: u64 = 1 << 20;
/// The deepest nesting of a definition file.
pub(super) const DEEPEST: usize = 32;
/// The most problems listed of one file.
pub(super) const MOST_PROBLEMS: usize = 500;

/// The way from the top of a file to one of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct KeyPath(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Step {
    Key(String),
    Index(usize),
}

impl KeyPath {
    pub(super) fn root() -> Self {
        Self::default()
    }

    pub(super) fn of(key: &str) -> Self {
        Self::root().key(key)
    }

    pub(super) fn key(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()))
    }

    pub(super) fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if position == 0 => write!(formatter, "{}", visible(key))?,
                Step::Key(key) => write!(formatter, ".{}", visible(key))?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

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
        let mut spoiled_lines = Vec::new();
        for error in &errors {
            let at = error.span().map_or(0, |span| span.start);
            let duplicate = error.message().contains("duplicate key");
            let (line, _) = document.line_and_column(at);
            if !duplicate {
                document.is_whole = false;
                spoiled_lines.push(line);
            }
            document.syntax_problem(at, duplicate, error.message());
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

    fn syntax_problem(&mut self, at: usize, duplicate: bool, message: &str) {
        let line = self.line_at(at);
        let (rule, reason, fix) = if duplicate {
            let key = line.split('=').next().unwrap_or_default().trim();
            (
                Rule::DuplicateKey,
                format!(
                    "the key '{}' is given a second time",
                    super::problem::short(key)
                ),
                "keep one of the two".to_owned(),
            )
        } else {
            (
                Rule::Syntax,
                format!("this is not TOML: {message}"),
                "correct the line; text needs quotes, a list needs [ ], a table needs { }"
                    .to_owned(),
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
            .filter(|other| other.0.len() == path.0.len() + 1 && other.0.starts_with(&path.0))
            .filter_map(|other| match other.0.last() {
                Some(Step::Key(key)) => Some(key.clone()),
                _ => None,
            })
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

    /// Line and column, from 1, of a byte; columns count characters.
    pub(super) fn line_and_column(&self, at: usize) -> (usize, usize) {
        let at = at.min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start <= at);
        let start = self
            .line_starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(0);
        let column = self
            .text
            .get(start..at)
            .map_or(at - start, |before| before.chars().count());
        (line.max(1), column + 1)
    }

    fn line_at(&self, at: usize) -> &str {
        let (line, _) = self.line_and_column(at);
        self.text.lines().nth(line - 1).unwrap_or_default()
    }
}

/// The text of a definition file, or the one problem that keeps it from being read.
fn read_text(root: &Path, relative: &str) -> Result<String, Box<Problem>> {
    let path = root.join(relative);
    let problem = |rule, line, column, reason: String, fix: &str| {
        Box::new(Problem {
            severity: Severity::Error,
            rule,
            file: relative.to_owned(),
            line,
            column,
            subject: relative.to_owned(),
            reason,
            fix: fix.to_owned(),
        })
    };
    let unreadable = |error: std::io::Error| {
        problem(
            Rule::Unreadable,
            1,
            1,
            format!("this file cannot be read: {error}"),
            "make it a readable file",
        )
    };
    let inside = match (root.canonicalize(), path.canonicalize()) {
        (Ok(root), Ok(path)) => path.starts_with(root),
        (_, Err(error)) | (Err(error), _) => return Err(unreadable(error)),
    };
    if !inside {
        return Err(problem(
            Rule::PathOutside,
            1,
            1,
            "this file is a link to a place outside the workspace".to_owned(),
            "put the file itself into the workspace",
        ));
    }
    let too_large = || {
        problem(
            Rule::TooLarge,
            1,
            1,
            format!("a definition file has at most {LARGEST} bytes"),
            "a definition is a page of text: move data into tables",
        )
    };
    let metadata = std::fs::metadata(&path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(unreadable(std::io::Error::other("it is not a file")));
    }
    if metadata.len() > LARGEST {
        return Err(too_large());
    }
    let bytes = read_at_most(&path).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_large());
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .map_or(0, |rest| rest.chars().count())
            + 1;
        problem(
            Rule::NotText,
            line,
            column,
            "the bytes here are not UTF-8 text".to_owned(),
            "save the file as UTF-8",
        )
    })
}

fn read_at_most(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
