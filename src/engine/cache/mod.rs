//! Keeps what the engine found, so that a question asked again is answered without reading a row.
//!
//! Two kinds of pieces are kept: one a metric and set of conventions, and one for everything else of a summary. A piece is
//! named by the SHA-256 of everything it follows from (`key`): the content of every table, every definition, the engine's
//! own sources. A change of any is another name, so there is nothing that could be stale. A piece that is damaged is found
//! out by its checksum (`shelf`), removed and made again.
//!
//! It refuses to matter: whatever fails here, the engine runs as if there were no cache.

mod digest;
mod index;
mod inputs;
mod key;
mod piece;
mod run;
mod shelf;

use std::io;
use std::path::Path;

use digest::Digests;
use key::{Key, Keys};
use piece::{Counts, MetricPiece};
use shelf::Shelf;

pub use run::run_cached;

use crate::domain::evidence::Summary;
use crate::plan::Plan;

/// What is kept in bytes, at most, before pieces that nobody asked for longest go.
const LIMIT: u64 = 512 << 20;

/// Bytes that are hashed before it is known whether the engine has to run at all: a fraction of a second's work. More
/// than this is hashed beside the engine, so that a first run waits for the slower of the two and not for both.
const AT_ONCE: u64 = 64 << 20;

/// A folder of pieces.
#[derive(Debug)]
pub struct Cache {
    shelf: Shelf,
    /// See [`AT_ONCE`].
    at_once: u64,
}

impl Cache {
    /// Opens the cache in `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// When there can be no such folder, or others than its owner may write into it: their numbers are not ours.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            shelf: Shelf::open(folder, LIMIT)?,
            at_once: AT_ONCE,
        })
    }

    /// What is known of a plan over tables with these contents.
    fn lookup(&self, plan: &Plan, digests: &Digests) -> Found {
        let keys = Keys::of(plan, digests);
        let counts: Option<Vec<Counts>> = self.load(&keys.counts);
        let metrics = keys.metrics.iter().map(|of_sets| {
            let pieces = of_sets.iter().map(|key| self.load(key));
            pieces.collect::<Option<Vec<MetricPiece>>>()
        });
        Found {
            metrics: metrics.collect(),
            counts: counts.filter(|counts| counts.len() == plan.conventions.len()),
            keys,
        }
    }

    /// Keeps what was not found of these summaries.
    fn store(&self, found: &Found, summaries: &[Summary]) {
        if found.counts.is_none() {
            let counts: Vec<Counts> = summaries.iter().map(Counts::of).collect();
            self.save(&found.keys.counts, &counts);
        }
        for (metric, keys) in found.keys.metrics.iter().enumerate() {
            if matches!(found.metrics.get(metric), Some(Some(_))) {
                continue;
            }
            for (key, summary) in keys.iter().zip(summaries) {
                if let Some(piece) = MetricPiece::of(summary, metric) {
                    self.save(key, &piece);
                }
            }
        }
        self.shelf.prune();
    }

    fn load<T: serde::de::DeserializeOwned>(&self, key: &Key) -> Option<T> {
        let bytes = self.shelf.read(key.as_str())?;
        let piece = serde_json::from_slice(&bytes).ok();
        if piece.is_none() {
            self.shelf.remove(key.as_str());
        }
        piece
    }

    fn save<T: serde::Serialize>(&self, key: &Key, piece: &T) {
        if let Ok(bytes) = serde_json::to_vec(piece) {
            self.shelf.write(key.as_str(), &bytes);
        }
    }
}

/// What was known of a plan, and the names of all its pieces.
#[derive(Debug)]
struct Found {
    keys: Keys,
    /// One a set of conventions.
    counts: Option<Vec<Counts>>,
    /// A metric, then a set of conventions.
    metrics: Vec<Option<Vec<MetricPiece>>>,
}

impl Found {
    /// The summaries, if every piece of them was found.
    fn summaries(&self) -> Option<Vec<Summary>> {
        let metrics: Vec<&Vec<MetricPiece>> = self
            .metrics
            .iter()
            .map(Option::as_ref)
            .collect::<Option<_>>()?;
        let summaries = self
            .counts
            .as_ref()?
            .iter()
            .enumerate()
            .map(|(set, counts)| {
                let mut summary = counts.clone().into_summary();
                for (metric, pieces) in metrics.iter().enumerate() {
                    pieces.get(set)?.clone().put(&mut summary, metric);
                }
                Some(summary)
            });
        summaries.collect()
    }
}

#[cfg(test)]
mod tests;
