//! Defines why a table cannot be read: its subject, the reason and the fix, in one line that is safe to print.

use super::escape::Escaped;

/// A table that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("table '{}'{}: {problem}", Escaped(table), file_clause(file.as_deref()))]
pub struct SourceError {
    /// The logical name of the table.
    pub table: String,
    /// The file to blame, relative to the workspace, where there is one.
    pub file: Option<String>,
    /// What is wrong, and the fix.
    pub problem: Box<Problem>,
}

impl SourceError {
    pub(super) fn new(table: &str, file: Option<String>, problem: Problem) -> Self {
        Self {
            table: table.to_owned(),
            file,
            problem: Box::new(problem),
        }
    }
}

fn file_clause(file: Option<&str>) -> String {
    file.map(|name| format!(", file '{}'", Escaped(name)))
        .unwrap_or_default()
}

/// What is wrong with a table. Displays as the reason and then the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Neither a file nor a folder.
    #[error("there is no such file or folder; correct `path`, which is relative to the workspace")]
    MissingFile,
    /// A glob or folder without a table file.
    #[error(
        "'{}' matches no table file; correct `path`, or add files ending in {}",
        Escaped(pattern),
        super::parts::ENDINGS
    )]
    NothingMatches {
        /// The folder or glob.
        pattern: String,
    },
    /// A pattern that is no glob.
    #[error("'{}' is not a glob: {reason}; correct `path`", Escaped(pattern))]
    BadPattern {
        /// The glob.
        pattern: String,
        /// Why.
        reason: String,
    },
    /// An extension that names no format.
    #[error(
        "the ending of the name says no known format; rename it to end in {}",
        super::parts::ENDINGS
    )]
    UnknownFormat,
    /// A file outside the workspace.
    #[error("it is outside the workspace; copy it inside, or name its folder with `--tables`")]
    OutsideRoot,
    /// A file that cannot be read.
    #[error(
        "cannot be read: {}; check that it is there and readable",
        Escaped(reason)
    )]
    Unreadable {
        /// What the system said.
        reason: String,
    },
    /// A file that is not what its extension says, or is damaged.
    #[error(
        "is not a readable {format} file: {}; write it again, or rename it to what it is",
        Escaped(reason)
    )]
    Corrupt {
        /// The format that was expected.
        format: &'static str,
        /// What was found.
        reason: String,
    },
    /// A file that is not what it was when it was opened.
    #[error("changed while it was being read; run again once its writer is done")]
    Changed,
    /// A file beyond a limit.
    #[error("{reason}; {fix}")]
    BeyondLimit {
        /// The limit and what was found.
        reason: String,
        /// What to do.
        fix: String,
    },
    /// A column that two columns of a file claim.
    #[error("has two columns named '{}'; rename one", Escaped(column))]
    DuplicateColumn {
        /// The column in the file.
        column: String,
    },
    /// A required column that no part has.
    #[error("{}", missing_column(column, source_column, existing, nearest.as_deref()))]
    MissingColumn {
        /// Our name.
        column: String,
        /// The table's name for it.
        source_column: String,
        /// The columns that there are.
        existing: Vec<String>,
        /// The one most like it.
        nearest: Option<String>,
    },
    /// A column of a type that cannot be what was asked for.
    #[error(
        "column '{}' holds {}, and {wanted}; {fix}",
        Escaped(column),
        Escaped(found)
    )]
    WrongType {
        /// The column in the file.
        column: String,
        /// Its type.
        found: String,
        /// What was asked for.
        wanted: &'static str,
        /// What to do.
        fix: &'static str,
    },
    /// Timestamps without a zone where none is declared.
    #[error(
        "column '{}' holds times without a zone, and a zone is never guessed; declare it: time_zone = \"UTC\", or whichever it is, in readout.toml",
        Escaped(column)
    )]
    NoZone {
        /// The column in the file.
        column: String,
    },
    /// A time zone that is not known.
    #[error(
        "'{}' is not a time zone; use an IANA name such as time_zone = \"Europe/Berlin\"",
        Escaped(zone)
    )]
    UnknownZone {
        /// What was declared.
        zone: String,
    },
}

/// Columns listed in an error; a wider table is cut short and says so.
const LISTED: usize = 30;

fn missing_column(
    column: &str,
    source_column: &str,
    existing: &[String],
    nearest: Option<&str>,
) -> String {
    use std::fmt::Write;
    let mut text = format!("there is no column '{}'", Escaped(source_column));
    let listed: Vec<String> = existing
        .iter()
        .take(LISTED)
        .map(|name| format!("'{}'", Escaped(name)))
        .collect();
    let _ = match existing.len() {
        0 => write!(text, " and no other"),
        count if count > LISTED => {
            write!(
                text,
                "; it has {count}, the first are {}",
                listed.join(", ")
            )
        }
        _ => write!(text, "; it has {}", listed.join(", ")),
    };
    if let Some(name) = nearest {
        let _ = write!(
            text,
            "; if '{0}' is it, write columns = {{ {1} = \"{0}\" }}",
            Escaped(name),
            Escaped(column)
        );
    } else {
        let _ = write!(
            text,
            "; name the one that holds it: columns = {{ {} = \"…\" }}",
            Escaped(column)
        );
    }
    text
}
