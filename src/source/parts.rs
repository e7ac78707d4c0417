//! Defines which files a table is made of: a path, a folder or a glob becomes parts, sorted, all inside the workspace.

/// The endings that say a format, for errors.
pub(super) const ENDINGS: &str = ".parquet, .pq, .csv, .tsv, .ndjson, .jsonl (these four also .gz, .zst), .arrow, .ipc or .feather";
