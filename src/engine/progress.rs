//! Defines how long work tells where it is and is told to stop: a handle shared by the worker and whoever waits.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Shared by the worker, which reports, and the one who waits, who reads and may cancel. Cloning shares.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    cancelled: AtomicBool,
    rows: AtomicU64,
    bytes: AtomicU64,
    total_bytes: AtomicU64,
    phase: Mutex<String>,
}

impl Progress {
    /// Asks the worker to stop at its next batch.
    pub fn cancel(&self) {
        self.inner.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.inner.cancelled.load(Ordering::Relaxed)
    }

    /// Says what the worker does now, such as `reading events`.
    pub fn enter(&self, phase: &str) {
        phase.clone_into(
            &mut self
                .inner
                .phase
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    /// What the worker does now.
    #[must_use]
    pub fn phase(&self) -> String {
        self.inner
            .phase
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Says how many bytes there are to read in all.
    pub fn expect_bytes(&self, total: u64) {
        self.inner.total_bytes.store(total, Ordering::Relaxed);
    }

    /// Begins to read from the start again.
    pub fn restart(&self) {
        self.inner.rows.store(0, Ordering::Relaxed);
        self.inner.bytes.store(0, Ordering::Relaxed);
    }

    /// Adds rows and bytes read.
    pub fn advance(&self, rows: u64, bytes: u64) {
        self.inner.rows.fetch_add(rows, Ordering::Relaxed);
        self.inner.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Rows read so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.inner.rows.load(Ordering::Relaxed)
    }

    /// Bytes read so far and in all; the latter is zero while unknown.
    #[must_use]
    pub fn bytes(&self) -> (u64, u64) {
        (
            self.inner.bytes.load(Ordering::Relaxed),
            self.inner.total_bytes.load(Ordering::Relaxed),
        )
    }
}
