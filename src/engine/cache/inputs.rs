//! Defines the files a plan reads and by what one tells, without reading them, that they are still the same.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::source::{self, TableFile};

/// A file written to twice within a tick of its file system's clock shows one time. The coarsest tick is two seconds.
const TICK: i64 = 2_000_000_000;

/// What the file system says of a file. Content that changes under the same fingerprint has changed within one tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    device: u64,
    inode: u64,
    pub(super) bytes: u64,
    /// Nanoseconds since 1970, as are the others.
    modified: i64,
    /// Also moves when the modification time is set by hand.
    changed: i64,
}

impl Fingerprint {
    /// The fingerprint; `None` where the system keeps no time of change, or none that makes sense.
    #[cfg(unix)]
    pub(super) fn of(found: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds =
            |seconds: i64, rest| seconds.checked_mul(1_000_000_000)?.checked_add(rest);
        Some(Self {
            device: found.dev(),
            inode: found.ino(),
            bytes: found.size(),
            modified: nanoseconds(found.mtime(), found.mtime_nsec())?,
            changed: nanoseconds(found.ctime(), found.ctime_nsec())?,
        })
    }

    #[cfg(not(unix))]
    pub(super) fn of(_: &Metadata) -> Option<Self> {
        None
    }

    /// The last time the file is known to have changed at.
    pub(super) fn last_change(&self) -> i64 {
        self.modified.max(self.changed)
    }

    /// Whether a change at `instant` or later would show.
    pub(super) fn is_settled(&self, instant: i64) -> bool {
        self.last_change().saturating_add(TICK) <= instant
    }
}

/// Now, in nanoseconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since
        .ok()
        .and_then(|since| i64::try_from(since.as_nanos()).ok())
        .unwrap_or(0)
}

/// One file of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InputFile {
    /// Its name relative to the root, which a ledger tells.
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) fingerprint: Fingerprint,
}

/// The files of every table of a plan, in the plan's order.
#[derive(Debug, Clone)]
pub(super) struct Inputs {
    /// By the table's name.
    pub(super) tables: Vec<(String, Vec<InputFile>)>,
    /// When their fingerprints were taken.
    pub(super) taken: i64,
}

impl Inputs {
    /// The files as they are now; `None` where one cannot be found, which is the engine's to tell.
    pub(super) fn of(plan: &Plan, root: &Path) -> Option<Self> {
        let taken = now();
        let tables = plan
            .assignments
            .iter()
            .chain(&plan.exposures)
            .chain(&plan.identities);
        let tables = tables.chain(&plan.others).map(|table| {
            let files = source::files(table, root).ok()?;
            let files = files.into_iter().map(|TableFile { name, path }| {
                let fingerprint = Fingerprint::of(&path.metadata().ok()?)?;
                Some(InputFile {
                    name,
                    path,
                    fingerprint,
                })
            });
            Some((table.name.clone(), files.collect::<Option<_>>()?))
        });
        Some(Self {
            tables: tables.collect::<Option<_>>()?,
            taken,
        })
    }

    /// Every file, table by table.
    pub(super) fn files(&self) -> impl Iterator<Item = &InputFile> {
        self.tables.iter().flat_map(|(_, files)| files)
    }
}
