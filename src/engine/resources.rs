//! Defines what a run may use of the machine. None of it shows in a result, but how many rejected rows are named.

use std::path::PathBuf;

/// Threads, memory and disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// Threads of the engine's own.
    pub threads: usize,
    /// Bytes that units may take in memory, about; absent: no limit. Past it, units wait on disk.
    pub memory: Option<u64>,
    /// The folder where they wait, in files without a name.
    pub spill: PathBuf,
    /// The most rejected rows that a table's ledger names.
    pub named: usize,
}

/// Rejected rows that a ledger names where nobody wants to see them all.
pub const EXAMPLES: usize = 20;

impl Resources {
    /// These many threads, without a limit on memory.
    #[must_use]
    pub fn with_threads(threads: usize) -> Self {
        Self {
            threads,
            memory: None,
            spill: spill_folder(),
            named: EXAMPLES,
        }
    }
}

/// Where rows wait: the folder that TMPDIR names, else one that is on disk; `/tmp` may be memory.
fn spill_folder() -> PathBuf {
    let on_disk = PathBuf::from("/var/tmp");
    if std::env::var_os("TMPDIR").is_none() && on_disk.is_dir() {
        return on_disk;
    }
    std::env::temp_dir()
}

/// Half of the memory that this machine, or the group of processes this one belongs to, has: what units may take where
/// nobody says otherwise. `None` where the system does not tell.
#[must_use]
pub fn default_memory() -> Option<u64> {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    let group = system.cgroup_limits().map(|limits| limits.total_memory);
    let total = group.unwrap_or(u64::MAX).min(system.total_memory());
    (total > 0).then_some(total / 2)
}
