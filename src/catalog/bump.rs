//! Defines how a metric gets a new version: the old file moves to where superseded versions stand, the current one gets
//! the new number.
//!
//! It changes nothing but the number: comments, order and spacing stay. It never overwrites a version that is there.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use toml_edit::DocumentMut;

use super::reading::LARGEST;
use crate::domain::definition::{Identifier, Version};
use crate::domain::vocabulary;

vocabulary! {
    /// How much of a version changes.
    pub enum BumpLevel {
        /// The meaning changes: numbers before and after are not comparable.
        Major = "major", "major";
        /// Something is added.
        Minor = "minor", "minor";
        /// Only words change.
        Patch = "patch", "patch";
    }
}

/// What a bump did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bumped {
    /// The version before.
    pub from: Version,
    /// The version now in force.
    pub to: Version,
    /// Where the version before stands now, relative to the workspace.
    pub superseded: String,
}

/// Why a metric was not bumped. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BumpError {
    /// There is no such metric.
    #[error("the workspace has no metrics/{id}.toml; `readout catalog list` lists its metrics")]
    Missing {
        /// The metric.
        id: Identifier,
    },
    /// The file is no definition, or says no version that could be followed by another.
    #[error(
        "{file} says no version that another can follow; `readout lint` says what is wrong with it"
    )]
    NoVersion {
        /// The file.
        file: String,
    },
    /// The old version stands there already.
    #[error("{file} is already there, and a superseded version is never overwritten")]
    AlreadyThere {
        /// The file.
        file: String,
    },
    /// The file is a link to a place outside the workspace.
    #[error("{file} leads to a place outside the workspace")]
    Outside {
        /// The file.
        file: String,
    },
    /// A file cannot be read or written.
    #[error("{file} cannot be read or written")]
    Io {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Gives the metric `id` of the workspace at `root` a new version.
///
/// # Errors
/// [`BumpError`]; then nothing was changed.
pub fn bump(root: &Path, id: &Identifier, level: BumpLevel) -> Result<Bumped, BumpError> {
    let file = format!("metrics/{id}.toml");
    let path = root.join(&file);
    let text = read(root, &path, &file, id)?;
    let (from, to, changed) =
        rewritten(&text, level).ok_or_else(|| BumpError::NoVersion { file: file.clone() })?;
    let superseded = format!("metrics/{id}/{from}.toml");
    keep_old(root, &superseded, &text)?;
    if let Err(source) = replace(&path, &changed) {
        // Best effort: the error that matters is the one that is returned.
        let _ = std::fs::remove_file(root.join(&superseded));
        return Err(BumpError::Io { file, source });
    }
    Ok(Bumped {
        from,
        to,
        superseded,
    })
}

fn read(root: &Path, path: &Path, file: &str, id: &Identifier) -> Result<String, BumpError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => BumpError::Missing { id: id.clone() },
        _ => BumpError::Io {
            file: file.to_owned(),
            source,
        },
    };
    let real = path.canonicalize().map_err(failed)?;
    if !real.starts_with(root.canonicalize().map_err(failed)?) {
        return Err(BumpError::Outside {
            file: file.to_owned(),
        });
    }
    if std::fs::metadata(&real).map_err(failed)?.len() > LARGEST {
        return Err(failed(std::io::Error::other(
            "it is larger than a definition may be",
        )));
    }
    std::fs::read_to_string(&real).map_err(failed)
}

/// The version before, the version after, and the text with only the version changed.
fn rewritten(text: &str, level: BumpLevel) -> Option<(Version, Version, String)> {
    let mut document: DocumentMut = text.parse().ok()?;
    let value = document.get_mut("version")?.as_value_mut()?;
    let from: Version = value.as_str()?.parse().ok()?;
    let to = next(from, level)?;
    let mut new = toml_edit::Value::from(to.to_string());
    *new.decor_mut() = value.decor().clone();
    *value = new;
    Some((from, to, document.to_string()))
}

fn next(from: Version, level: BumpLevel) -> Option<Version> {
    Some(match level {
        BumpLevel::Major => Version {
            major: from.major.checked_add(1)?,
            minor: 0,
            patch: 0,
        },
        BumpLevel::Minor => Version {
            minor: from.minor.checked_add(1)?,
            patch: 0,
            ..from
        },
        BumpLevel::Patch => Version {
            patch: from.patch.checked_add(1)?,
            ..from
        },
    })
}

fn keep_old(root: &Path, superseded: &str, text: &str) -> Result<(), BumpError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AlreadyExists => BumpError::AlreadyThere {
            file: superseded.to_owned(),
        },
        _ => BumpError::Io {
            file: superseded.to_owned(),
            source,
        },
    };
    write_new(&root.join(superseded), root, text).map_err(failed)
}

/// Writes a file that must not be there yet, in a folder under `root` that may not be there yet.
pub(super) fn write_new(path: &Path, root: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(root);
    std::fs::create_dir_all(folder)?;
    if !folder.canonicalize()?.starts_with(root.canonicalize()?) {
        return Err(std::io::Error::other(
            "it leads to a place outside the workspace",
        ));
    }
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(text.as_bytes())
}

/// Replaces a file at once, so that a reader finds the old text or the new one and never a part.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let real: PathBuf = path.canonicalize()?;
    let folder = real
        .parent()
        .ok_or_else(|| std::io::Error::other("it is in no folder"))?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file()
        .set_permissions(std::fs::metadata(&real)?.permissions())?;
    file.persist(&real)?;
    Ok(())
}
