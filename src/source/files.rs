//! Finds a table's files without opening any: what they are called and where they really are.

use std::path::{Path, PathBuf};

use super::error::SourceError;
use super::parts;
use crate::domain::definition::Table;

/// One file of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFile {
    /// Its name relative to the root.
    pub name: String,
    /// Where it really is.
    pub path: PathBuf,
}

/// The files of `table` under `root`, in the order in which they are read.
///
/// # Errors
/// When a file is missing, outside `root` or of no known format.
pub fn files(table: &Table, root: &Path) -> Result<Vec<TableFile>, SourceError> {
    let parts = parts::resolve(&table.path, root)
        .map_err(|(file, problem)| SourceError::new(&table.name, file, problem))?;
    let files = parts.into_iter().map(|part| TableFile {
        name: part.name.to_string(),
        path: part.path,
    });
    Ok(files.collect())
}
