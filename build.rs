//! Names the engine that is being built by its sources, so that no other engine's stored sums are ever taken for its own.
//!
//! What a summary follows from is the plan, the tables and this code; a number raised by hand would be forgotten one day.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The rooms that a summary is made in, and what says which libraries they are built with.
const MADE_OF: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "src/canonical",
    "src/domain",
    "src/engine",
    "src/plan",
    "src/source",
];

fn main() -> std::io::Result<()> {
    let mut files = Vec::new();
    for name in MADE_OF {
        // A crate that is built as another's dependency may come without its lock file.
        if Path::new(name).exists() {
            println!("cargo::rerun-if-changed={name}");
            collect(Path::new(name), &mut files)?;
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        std::fs::read(&file)?.hash(&mut hasher);
    }
    println!("cargo::rustc-env=READOUT_ENGINE={:016x}", hasher.finish());
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    for entry in path.read_dir()? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}
