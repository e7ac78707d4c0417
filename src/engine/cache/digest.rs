//! Makes the digests of a plan's files: SHA-256 of their bytes, from the index where that can be trusted.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::index::Index;
use super::inputs::{Fingerprint, InputFile, Inputs};
use crate::canonical::lower_hex;

/// Read at once: whoever wants it stopped waits for no more than this.
const BLOCK: usize = 1 << 20;

/// The content of every file of a plan.
#[derive(Debug, Clone)]
pub(super) struct Digests {
    /// By the table's name: the name and digest of each of its files, in order.
    pub(super) tables: Vec<(String, Vec<(String, String)>)>,
    /// Files that are so young that they may have changed unseen since.
    young: Vec<(InputFile, String)>,
}

impl Digests {
    /// The digests; `None` when stopped, or when a file is not what it was.
    pub(super) fn of(inputs: &Inputs, index: &mut Index, stop: &dyn Fn() -> bool) -> Option<Self> {
        let mut young = Vec::new();
        let mut digest = |file: &InputFile| -> Option<(String, String)> {
            let fingerprint = file.fingerprint;
            let digest = if let Some(known) = index.find(&fingerprint) {
                known.to_owned()
            } else {
                let digest = hash(&file.path, fingerprint, stop)?;
                index.add(fingerprint, &digest, inputs.taken);
                digest
            };
            if !fingerprint.is_settled(inputs.taken) {
                young.push((file.clone(), digest.clone()));
            }
            Some((file.name.clone(), digest))
        };
        let tables = inputs.tables.iter().map(|(table, files)| {
            let files = files.iter().map(&mut digest).collect::<Option<Vec<_>>>();
            Some((table.clone(), files?))
        });
        Some(Self {
            tables: tables.collect::<Option<_>>()?,
            young,
        })
    }

    /// Whether the young files still have the content they had. Those larger than `limit` are not read again to find out.
    pub(super) fn still_hold(&self, limit: u64, stop: &dyn Fn() -> bool) -> bool {
        let bytes: u64 = self
            .young
            .iter()
            .map(|(file, _)| file.fingerprint.bytes)
            .sum();
        bytes <= limit
            && self.young.iter().all(|(file, digest)| {
                hash(&file.path, file.fingerprint, stop).as_ref() == Some(digest)
            })
    }
}

#[cfg(test)]
impl Digests {
    /// Digests of files that are not young, nor there at all.
    pub(super) fn known(tables: Vec<(String, Vec<(String, String)>)>) -> Self {
        let young = Vec::new();
        Self { tables, young }
    }

    /// As if the young files had held something else when they were hashed.
    pub(super) fn forget_content(&mut self) {
        for (_, digest) in &mut self.young {
            digest.clear();
        }
    }
}

/// SHA-256 of a file in lower-case hex; `None` when stopped, unreadable, or not the file of this fingerprint throughout.
fn hash(path: &Path, fingerprint: Fingerprint, stop: &dyn Fn() -> bool) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let is_it = |file: &File| {
        let found = file.metadata().ok();
        found.and_then(|found| Fingerprint::of(&found)) == Some(fingerprint)
    };
    if !is_it(&file) {
        return None;
    }
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK];
    loop {
        if stop() {
            return None;
        }
        let read = file.read(&mut block).ok()?;
        if read == 0 {
            break;
        }
        hasher.update(&block[..read]);
    }
    is_it(&file).then(|| lower_hex(&hasher.finalize()))
}
