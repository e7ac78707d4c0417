//! Remembers the digests of files by their fingerprints, so that what has not changed is not read again to find that out.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::inputs::Fingerprint;
use super::shelf::Shelf;

/// The name it is kept under, which no piece can have.
const NAME: &str = "index";
/// Files that are remembered; a workspace of more parts than this hashes the oldest again.
const ENTRIES: usize = 4096;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// When the fingerprint was taken, in nanoseconds since 1970.
    taken: i64,
    digest: String,
}

type Entries = HashMap<Fingerprint, Entry>;

/// Digests by fingerprint.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Of earlier runs.
    known: Entries,
    /// Of this one.
    added: Entries,
}

impl Index {
    /// What is remembered; nothing where it cannot be read.
    pub(super) fn load(shelf: &Shelf) -> Self {
        Self {
            known: load(shelf),
            added: HashMap::new(),
        }
    }

    /// The digest of the file with this fingerprint: of this run, or of an earlier one, if a change of its content would
    /// have shown in it since.
    pub(super) fn find(&self, fingerprint: &Fingerprint) -> Option<&str> {
        let earlier = self.known.get(fingerprint);
        let earlier = earlier.filter(|entry| fingerprint.is_settled(entry.taken));
        let found = self.added.get(fingerprint).or(earlier)?;
        Some(&found.digest)
    }

    /// Remembers the digest of a file whose fingerprint was taken at `taken`, before the file was read.
    pub(super) fn add(&mut self, fingerprint: Fingerprint, digest: &str, taken: i64) {
        let digest = digest.to_owned();
        self.added.insert(fingerprint, Entry { taken, digest });
    }

    /// Keeps what was added, beside what others have kept meanwhile.
    pub(super) fn save(mut self, shelf: &Shelf) {
        // A younger file may yet change unseen: what is known of it now is no help later.
        self.added
            .retain(|fingerprint, entry| fingerprint.is_settled(entry.taken));
        if self.added.is_empty() {
            return;
        }
        let mut entries = load(shelf);
        entries.extend(self.added);
        let mut entries: Vec<(Fingerprint, Entry)> = entries.into_iter().collect();
        entries.sort_unstable_by_key(|(_, entry)| std::cmp::Reverse(entry.taken));
        entries.truncate(ENTRIES);
        if let Ok(bytes) = serde_json::to_vec(&entries) {
            shelf.write(NAME, &bytes);
        }
    }
}

fn load(shelf: &Shelf) -> Entries {
    let entries: Option<Vec<(Fingerprint, Entry)>> = shelf
        .read(NAME)
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    entries.unwrap_or_default().into_iter().collect()
}
