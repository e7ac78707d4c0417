//! Finds the tables of a folder: files by their endings, a folder of parts with one schema as one table.
//!
//! It refuses to follow links, and to look where no tables are: hidden folders and those of a workspace's own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::domain::definition::{Table, TableKind};
use crate::propose::profile::{Profile, profile};
use crate::source::{Escaped, Source, SourceError, has_table_ending};

/// Folders below the one that is looked into.
const DEEPEST: usize = 6;
/// Files looked at.
const MOST_FILES: usize = 20_000;
/// Folders of a workspace that hold no tables of it.
const NO_TABLES: &[&str] = &[
    "records",
    "quarantine",
    "results",
    "cache",
    "spill",
    "target",
    "node_modules",
];

/// Why there are no tables to look at.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// The folder cannot be read.
    #[error("'{}' cannot be read", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Too many files.
    #[error("'{}' holds more than {MOST_FILES} table files; name those to look at with --tables", .0.display())]
    TooMany(PathBuf),
    /// A table that was named and cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// A table as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What its file or folder is called, without the ending.
    pub name: String,
    /// Its path under the root: a file or a pattern.
    pub path: String,
    /// What its first rows hold.
    pub profile: Profile,
}

/// The tables below `root`, by path; `named` are the files and folders under it to look at, all of it where none is. What
/// could not be read is said in the second list, unless it was named itself.
///
/// # Errors
/// [`DiscoverError`] when a folder, or a file that was named, cannot be read.
pub fn discover(root: &Path, named: &[String]) -> Result<(Vec<Found>, Vec<String>), DiscoverError> {
    let mut walk = Walk::default();
    let mut single = BTreeSet::new();
    if named.is_empty() {
        walk.folder(root, "", 0)?;
    }
    for name in named {
        if root.join(name).is_dir() {
            walk.folder(root, name, 0)?;
        } else {
            single.insert(name.clone());
            walk.files.insert(name.clone());
        }
    }
    let Walk { files, mut passed } = walk;
    passed.sort();
    let mut unread = passed;
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in &files {
        match open(root, file) {
            Ok(source) => {
                let columns = source.columns().iter().map(|column| column.name.clone());
                headers.insert(file.clone(), columns.collect());
            }
            Err(error) if single.contains(file) => return Err(error.into()),
            Err(error) => unread.push(error.to_string()),
        }
    }
    let mut found = Vec::new();
    for path in patterns(&headers) {
        let profiled = open(root, &path).and_then(|source| profile(&source));
        match profiled {
            Ok(profile) => found.push(Found {
                name: name_of(&path, root),
                path,
                profile,
            }),
            Err(error) if single.contains(&path) => return Err(error.into()),
            Err(error) => unread.push(error.to_string()),
        }
    }
    Ok((found, unread))
}

/// What a walk through folders finds.
#[derive(Default)]
struct Walk {
    files: BTreeSet<String>,
    /// What was passed over, with the reason.
    passed: Vec<String>,
}

impl Walk {
    fn folder(&mut self, root: &Path, under: &str, depth: usize) -> Result<(), DiscoverError> {
        let folder = root.join(under);
        let failed = |source| DiscoverError::Folder {
            path: folder.clone(),
            source,
        };
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(['.', '_']) {
                continue;
            }
            let path = if under.is_empty() {
                name.clone().into_owned()
            } else {
                format!("{under}/{name}")
            };
            // A definition could not name it.
            let is_nameless =
                entry.file_name().to_str().is_none() || path.chars().any(char::is_control);
            if kind.is_dir() && depth < DEEPEST && !is_nameless && !NO_TABLES.contains(&&*name) {
                self.folder(root, &path, depth + 1)?;
            } else if kind.is_dir() && depth >= DEEPEST {
                let shown = Escaped(&path);
                self.passed.push(format!(
                    "'{shown}': it is more than {DEEPEST} folders deep; name it with --tables"
                ));
            } else if !kind.is_dir() && has_table_ending(&path) {
                self.file(path, is_nameless, kind.is_file());
            }
            if self.files.len() > MOST_FILES {
                return Err(DiscoverError::TooMany(root.to_owned()));
            }
        }
        Ok(())
    }

    fn file(&mut self, path: String, is_nameless: bool, is_file: bool) {
        let shown = Escaped(&path);
        if is_nameless {
            self.passed.push(format!(
                "'{shown}': a definition cannot hold such a name; rename it"
            ));
        } else if is_file {
            self.files.insert(path);
        } else {
            self.passed.push(format!("'{shown}': it is a link or no file, and links are not followed; name it with --tables"));
        }
    }
}

/// Opens a file or pattern as a table that nothing is known of. Times without a zone are only looked at, never read.
pub(super) fn open(root: &Path, path: &str) -> Result<Source, SourceError> {
    let table = Table {
        name: path.to_owned(),
        kind: TableKind::Units,
        path: path.to_owned(),
        columns: BTreeMap::new(),
        variants: BTreeMap::new(),
        lateness: None,
        complete_through: None,
    };
    Source::open(&table, root, None)
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Everything behind the first point of a name.
fn ending(name: &str) -> &str {
    name.split_once('.').map_or("", |(_, ending)| ending)
}

/// The paths of tables: files that share folder, ending and columns are parts of one where the folder has no other
/// table, or their names differ in digits only.
fn patterns(headers: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut alike: BTreeMap<(&str, &str, &[String]), Vec<&str>> = BTreeMap::new();
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, columns) in headers {
        let (folder, name) = split(path);
        *folders.entry(folder).or_default() += 1;
        let key = (folder, ending(name), columns.as_slice());
        alike.entry(key).or_default().push(name);
    }
    let mut paths = Vec::new();
    for ((folder, ending, _), names) in alike {
        let within = |name: &str| match folder {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        };
        let fill_folder = !folder.is_empty() && folders.get(folder) == Some(&names.len());
        match names.as_slice() {
            [_, _, ..] if fill_folder => paths.push(within(&format!("*.{ending}"))),
            [first, _, ..] if are_numbered(&names) => {
                let prefix = first
                    .split(|c: char| c.is_ascii_digit())
                    .next()
                    .unwrap_or("");
                let glob = format!("{prefix}*.{ending}");
                let others = headers.keys().filter(|path| {
                    let (other, name) = split(path);
                    other == folder
                        && name.starts_with(prefix)
                        && name.ends_with(&format!(".{ending}"))
                });
                if others.count() == names.len() {
                    paths.push(within(&glob));
                } else {
                    paths.extend(names.iter().map(|name| within(name)));
                }
            }
            _ => paths.extend(names.iter().map(|name| within(name))),
        }
    }
    paths.sort();
    paths
}

/// Whether names are one word with different numbers behind it.
fn are_numbered(names: &[&str]) -> bool {
    let stem = |name: &&str| -> String {
        let stem = name.split('.').next().unwrap_or("");
        let word = stem
            .split(|c: char| c.is_ascii_digit())
            .next()
            .unwrap_or("");
        let is_number = stem.len() > word.len();
        if is_number {
            word.to_owned()
        } else {
            String::new()
        }
    };
    let first = names.first().map(stem).unwrap_or_default();
    first.chars().any(char::is_alphabetic) && names.iter().all(|name| stem(name) == first)
}

/// What a table is called: its file without the ending, the folder of its parts, or what its parts have in common.
fn name_of(path: &str, root: &Path) -> String {
    let (folder, name) = split(path);
    let stem = name.split('.').next().unwrap_or(name);
    let stem = stem.trim_end_matches('*').trim_end_matches(['-', '_']);
    if !stem.is_empty() {
        return stem.to_owned();
    }
    let folder = split(folder).1;
    if folder.is_empty() {
        let name = root.file_name().unwrap_or_default();
        return name.to_string_lossy().into_owned();
    }
    folder.to_owned()
}
