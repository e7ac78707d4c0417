//! Defines which files a table is made of: a path, a folder or a glob becomes parts, sorted, all inside the workspace.
//!
//! It refuses what leads outside: every file is followed to where it really is before it is accepted.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::error::Problem;
use super::table::PhysicalType;

/// The endings that say a format, for errors.
pub(super) const ENDINGS: &str = ".parquet, .pq, .csv, .tsv, .ndjson, .jsonl (these four also .gz, .zst), .arrow, .ipc or .feather";

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Parquet,
    Arrow,
    /// Fields set apart by this byte.
    Delimited(u8, Compression),
    /// One JSON object a line.
    JsonLines(Compression),
}

/// Whether the ending of a name says a format of tables.
#[must_use]
pub fn has_table_ending(name: &str) -> bool {
    Format::of(Path::new(name)).is_some()
}

/// How a text file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstandard,
}

impl Format {
    /// What the ending of a name says; `None` where it says nothing.
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let (stem, compression) = match name.rsplit_once('.') {
            Some((stem, "gz")) => (stem, Compression::Gzip),
            Some((stem, "zst")) => (stem, Compression::Zstandard),
            _ => (name.as_str(), Compression::None),
        };
        match (stem.rsplit_once('.')?.1, compression) {
            ("csv", _) => Some(Self::Delimited(b',', compression)),
            ("tsv", _) => Some(Self::Delimited(b'\t', compression)),
            ("ndjson" | "jsonl", _) => Some(Self::JsonLines(compression)),
            ("parquet" | "pq", Compression::None) => Some(Self::Parquet),
            ("arrow" | "ipc" | "feather", Compression::None) => Some(Self::Arrow),
            _ => None,
        }
    }

    /// The name errors use.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Parquet => "Parquet",
            Self::Arrow => "Arrow",
            Self::Delimited(b'\t', _) => "TSV",
            Self::Delimited(..) => "CSV",
            Self::JsonLines(_) => "NDJSON",
        }
    }
}

/// One file of a table.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Where it really is.
    pub(super) path: PathBuf,
    /// Its name relative to the root.
    pub(super) name: Arc<str>,
    pub(super) format: Format,
    /// Its size as stored.
    pub(super) bytes: u64,
    /// What tells that it is still the same file as when it was found.
    fingerprint: Fingerprint,
    /// Its columns, by its own names; empty until its header is read.
    pub(super) columns: Vec<(String, PhysicalType)>,
    /// Whether `columns` is all it has; NDJSON shows its keys only row by row.
    pub(super) closed: bool,
}

impl Part {
    /// Whether it declares a column of this name.
    pub(super) fn declares(&self, column: &str) -> bool {
        self.columns.iter().any(|(name, _)| name == column)
    }

    /// Whether it is not what it was when it was found: longer, shorter, written since, or another file of that name.
    pub(super) fn has_changed(&self) -> bool {
        let found = self.path.metadata();
        found.is_ok_and(|found| Fingerprint::of(&found) != self.fingerprint)
    }

    /// Whether it has nothing at all, not even a header.
    pub(super) fn is_blank(&self) -> bool {
        self.closed && self.columns.is_empty()
    }

    /// Whether the file has a column of this name, or may turn out to.
    pub(super) fn may_have(&self, column: &str) -> bool {
        !self.closed || self.declares(column)
    }
}

/// What the system tells of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fingerprint {
    bytes: u64,
    written: Option<SystemTime>,
    /// The device and the number of the file there; a file that is replaced by renaming gets another number.
    file: Option<(u64, u64)>,
}

impl Fingerprint {
    fn of(found: &Metadata) -> Self {
        Self {
            bytes: found.len(),
            written: found.modified().ok(),
            file: file_number(found),
        }
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems tell none")]
fn file_number(found: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn file_number(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// A problem, and the file to blame where there is one.
pub(super) type Blamed = (Option<String>, Problem);

/// The files that `pattern` names under `root`, by name.
pub(super) fn resolve(pattern: &str, root: &Path) -> Result<Vec<Part>, Blamed> {
    let root = root
        .canonicalize()
        .map_err(|error| (Some(root.display().to_string()), unreadable(&error)))?;
    let path = root.join(pattern);
    let mut parts = match path.metadata() {
        Ok(found) if found.is_dir() => known(list(&path, &root)?, &root)?,
        Ok(_) => return part(&path, &root).map(|only| vec![only]),
        Err(_) if pattern.contains(['*', '?', '[']) => known(expand(pattern, &root)?, &root)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err((Some(name_of(&path, &root)), Problem::MissingFile));
        }
        Err(error) => return Err((Some(name_of(&path, &root)), unreadable(&error))),
    };
    if parts.is_empty() {
        let pattern = pattern.to_owned();
        return Err((None, Problem::NothingMatches { pattern }));
    }
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(parts)
}

pub(super) fn unreadable(error: &std::io::Error) -> Problem {
    Problem::Unreadable {
        reason: error.to_string(),
    }
}

/// The entries of a folder, without those below it.
fn list(folder: &Path, root: &Path) -> Result<Vec<PathBuf>, Blamed> {
    let blame = |error: std::io::Error| (Some(name_of(folder, root)), unreadable(&error));
    inside(folder, root)?;
    folder
        .read_dir()
        .map_err(blame)?
        .map(|entry| entry.map(|found| found.path()).map_err(blame))
        .collect()
}

/// What a glob matches under `root`.
fn expand(pattern: &str, root: &Path) -> Result<Vec<PathBuf>, Blamed> {
    let escaped = glob::Pattern::escape(&root.to_string_lossy());
    let options = glob::MatchOptions {
        require_literal_separator: true,
        require_literal_leading_dot: true,
        ..glob::MatchOptions::default()
    };
    let found = glob::glob_with(&format!("{escaped}/{pattern}"), options).map_err(|error| {
        let problem = Problem::BadPattern {
            pattern: pattern.to_owned(),
            reason: error.msg.to_owned(),
        };
        (None, problem)
    })?;
    found
        .map(|entry| {
            entry.map_err(|error| {
                let name = name_of(error.path(), root);
                (Some(name), unreadable(error.error()))
            })
        })
        .collect()
}

/// The table files among `paths`: what other tools leave beside them, such as `_SUCCESS` or a checksum, is passed over.
fn known(paths: Vec<PathBuf>, root: &Path) -> Result<Vec<Part>, Blamed> {
    paths
        .into_iter()
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            !name.starts_with(['.', '_']) && Format::of(path).is_some() && !path.is_dir()
        })
        .map(|path| part(&path, root))
        .collect()
}

fn part(path: &Path, root: &Path) -> Result<Part, Blamed> {
    let name = name_of(path, root);
    let real = inside(path, root)?;
    let format = Format::of(path).ok_or_else(|| (Some(name.clone()), Problem::UnknownFormat))?;
    let found = real
        .metadata()
        .map_err(|error| (Some(name.clone()), unreadable(&error)))?;
    if !found.is_file() {
        let reason = "it is not a regular file".to_owned();
        return Err((Some(name), Problem::Unreadable { reason }));
    }
    Ok(Part {
        path: real,
        name: name.into(),
        format,
        bytes: found.len(),
        fingerprint: Fingerprint::of(&found),
        columns: Vec::new(),
        closed: true,
    })
}

/// Where `path` really is, if that is under `root`.
fn inside(path: &Path, root: &Path) -> Result<PathBuf, Blamed> {
    let name = || Some(name_of(path, root));
    let real = path
        .canonicalize()
        .map_err(|error| (name(), unreadable(&error)))?;
    if real.starts_with(root) {
        Ok(real)
    } else {
        Err((name(), Problem::OutsideRoot))
    }
}

fn name_of(path: &Path, root: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}
