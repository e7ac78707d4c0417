//! Remembers the digests of files by their fingerprints, so that what has not changed is not read again to find that out.

use serde::{Deserialize, Serialize};

use super::inputs::Fingerprint;
use super::shelf::Shelf;

/// The name it is kept under, which no piece can have.
const NAME: &str = "index";
/// Files that are remembered; a workspace of more parts than this hashes the oldest again.
const ENTRIES: usize = 4096;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    fingerprint: Fingerprint,
    digest: String,
    /// When the fingerprint was taken, in nanoseconds since 1970.
    taken: i64,
}

/// Digests by fingerprint, newest last.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: Vec<Entry>,
    /// How many of them are new.
    added: usize,
}

impl Index {
    /// What is remembered; nothing where it cannot be read.
    pub(super) fn load(shelf: &Shelf) -> Self {
        let entries = shelf
            .read(NAME)
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self {
            entries: entries.unwrap_or_default(),
            added: 0,
        }
    }

    /// The digest of the file with this fingerprint, if a change of its content would have shown in it since.
    pub(super) fn find(&self, fingerprint: &Fingerprint) -> Option<&str> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.fingerprint == *fingerprint && fingerprint.is_settled(entry.taken))
            .map(|entry| entry.digest.as_str())
    }

    /// Remembers the digest of a file whose fingerprint was taken at `taken`, before the file was read.
    pub(super) fn add(&mut self, fingerprint: Fingerprint, digest: &str, taken: i64) {
        // A younger file may yet change unseen: what is known of it now is no help later.
        if fingerprint.is_settled(taken) {
            self.entries.push(Entry {
                fingerprint,
                digest: digest.to_owned(),
                taken,
            });
            self.added += 1;
        }
    }

    /// Keeps what was added, beside what others have kept meanwhile.
    pub(super) fn save(mut self, shelf: &Shelf) {
        if self.added == 0 {
            return;
        }
        let ours = self.entries.split_off(self.entries.len() - self.added);
        let mut entries = Self::load(shelf).entries;
        entries.retain(|entry| !ours.iter().any(|our| our.fingerprint == entry.fingerprint));
        entries.extend(ours);
        let surplus = entries.len().saturating_sub(ENTRIES);
        if let Ok(bytes) = serde_json::to_vec(&entries[surplus..]) {
            shelf.write(NAME, &bytes);
        }
    }
}
