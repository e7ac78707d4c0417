//! Puts rejected rows where only their reader can see them, and takes away those that have been there for long enough.
//!
//! It refuses to follow a link: a workspace may come from anyone, and nothing outside of it is written or removed.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};

use crate::domain::evidence::{QuarantinedTable, TableLedger};
use crate::domain::result::Readout;
use crate::report;
use crate::workspace::QUARANTINED;

/// The folder in the workspace.
const FOLDER: &str = "quarantine";
/// A day.
const DAY: Duration = Duration::from_hours(24);

/// Says how many rows were rejected by which rule, and how to see them.
pub(super) fn hint(readout: &Readout) -> Option<String> {
    let mut rules = std::collections::BTreeMap::new();
    for (rule, rows) in readout.ledgers.iter().flat_map(TableLedger::rejected) {
        *rules.entry(rule).or_insert(0_u64) += rows;
    }
    let all: u64 = rules.values().sum();
    let named: Vec<String> = rules
        .iter()
        .map(|(rule, rows)| format!("{rule} {rows}"))
        .collect();
    let id = &readout.experiment.id;
    let (rows, them) = match all {
        0 => return None,
        1 => ("row was", "it"),
        _ => ("rows were", "them"),
    };
    Some(format!(
        "{id}: {all} {rows} rejected ({}); `readout check {id} --quarantine` writes {them} to a folder that only you can read",
        named.join(", ")
    ))
}

/// Removes what is older than `days`, then writes the rejected rows of one experiment; what an earlier run wrote of it is
/// replaced. Returns what to say.
pub(super) fn write(
    root: &Path,
    experiment: &str,
    tables: &[QuarantinedTable],
    days: u32,
    now: SystemTime,
) -> anyhow::Result<Vec<String>> {
    let folder = root.join(FOLDER);
    let mut said = Vec::new();
    if let Some(removed) = age(&folder, days, now)? {
        said.push(removed);
    }
    let own = folder.join(experiment);
    if is_there(&own)? {
        empty(&own)?;
    }
    if tables.is_empty() {
        said.push(format!("{experiment}: no row was rejected"));
        return Ok(said);
    }
    private_folder(&folder)?;
    atomically(&folder.join(".gitignore"), b"*\n")?;
    private_folder(&own)?;
    for table in tables {
        let name = format!("{FOLDER}/{experiment}/{}.csv", table.table);
        atomically(&root.join(&name), &report::quarantine_csv(table)?)?;
        let written = table.rows.len() as u64;
        let rows = if written == 1 { "row" } else { "rows" };
        said.push(if written < table.rejected {
            format!(
                "{name}: {written} of {} rejected rows; no more than {QUARANTINED} are written, and none of units outside the experiment",
                table.rejected
            )
        } else {
            format!("{name}: {written} rejected {rows}")
        });
    }
    said.push(format!(
        "rejected rows hold unit ids; a run with --quarantine removes files that are older than {days} days"
    ));
    Ok(said)
}

/// Whether a folder is there; a link or a file in its place is an error.
fn is_there(folder: &Path) -> anyhow::Result<bool> {
    match fs::symlink_metadata(folder) {
        Ok(found) if found.is_dir() => Ok(true),
        Ok(_) => bail!(
            "'{}' is no folder of its own, so no rejected row is written there; move it away",
            folder.display()
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => {
            Err(error).with_context(|| format!("'{}' cannot be looked at", folder.display()))
        }
    }
}

/// Makes a folder that nobody else can open.
fn private_folder(folder: &Path) -> anyhow::Result<()> {
    let make = || -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        builder.create(folder)
    };
    if !is_there(folder)? {
        make().with_context(|| format!("the folder '{}' cannot be made", folder.display()))?;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .with_context(|| format!("the folder '{}' cannot be made private", folder.display()))?;
    }
    Ok(())
}

/// Writes a file whole or not at all, for its owner alone. Temporary files are private, and what replaces a link is a file.
fn atomically(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let put = || -> io::Result<()> {
        let mut draft = tempfile::Builder::new()
            .prefix(".readout-")
            .tempfile_in(folder)?;
        draft.write_all(bytes)?;
        draft.as_file().sync_all()?;
        draft.persist(file)?;
        Ok(())
    };
    put().with_context(|| format!("'{}' could not be written", file.display()))
}

/// Removes files older than `days` below the quarantine, and folders that are empty then; says how many.
fn age(folder: &Path, days: u32, now: SystemTime) -> anyhow::Result<Option<String>> {
    if !is_there(folder)? {
        return Ok(None);
    }
    let oldest = now.checked_sub(DAY * days);
    let mut removed = 0_u64;
    for own in entries(folder)? {
        let is_folder = fs::symlink_metadata(&own).is_ok_and(|found| found.is_dir());
        if !is_folder {
            continue;
        }
        for file in documents(&own)? {
            let modified = fs::symlink_metadata(&file).and_then(|found| found.modified());
            let is_old = oldest.is_some_and(|oldest| modified.is_ok_and(|at| at < oldest));
            if is_old {
                remove(&file)?;
                removed += 1;
            }
        }
        // One that still holds something stays.
        let _ = fs::remove_dir(&own);
    }
    let files = if removed == 1 { "file" } else { "files" };
    Ok(
        (removed > 0)
            .then(|| format!("{FOLDER}: removed {removed} {files} older than {days} days")),
    )
}

/// Removes what an earlier run wrote of an experiment.
fn empty(own: &Path) -> anyhow::Result<()> {
    for file in documents(own)? {
        remove(&file)?;
    }
    Ok(())
}

fn remove(file: &Path) -> anyhow::Result<()> {
    fs::remove_file(file).with_context(|| format!("'{}' could not be removed", file.display()))
}

/// The files of rejected rows in a folder; links and anything else that somebody put there are none.
fn documents(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = entries(folder)?;
    found.retain(|path| {
        path.extension().is_some_and(|ending| ending == "csv")
            && fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
    });
    Ok(found)
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let list = || -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder)? {
            paths.push(entry?.path());
        }
        paths.sort();
        Ok(paths)
    };
    list().with_context(|| format!("the folder '{}' cannot be read", folder.display()))
}
