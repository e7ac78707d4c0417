//! Defines how the terminal's events come in: from a thread of their own.
//!
//! A terminal that goes away makes the library's poll spin and never return. On a thread of its own that cannot keep the
//! app from ending when the process is told to hang up.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ratatui::crossterm::event;

/// How long a wait for an event may keep another program from the terminal.
const TURN: Duration = Duration::from_millis(200);

/// Events of the terminal, as they come.
pub(super) struct Input {
    events: Receiver<io::Result<event::Event>>,
    /// Held while the thread reads, and by whoever lends the terminal to another program.
    gate: Arc<Mutex<()>>,
    lent: Arc<AtomicBool>,
}

impl Input {
    /// Starts reading.
    ///
    /// # Errors
    /// When there can be no thread.
    pub(super) fn start() -> io::Result<Self> {
        let (sender, events) = channel();
        let gate = Arc::new(Mutex::new(()));
        let lent = Arc::new(AtomicBool::new(false));
        let (their_gate, is_lent) = (Arc::clone(&gate), Arc::clone(&lent));
        thread::Builder::new()
            .name("readout-input".to_owned())
            .spawn(move || {
                loop {
                    if is_lent.load(Ordering::Acquire) {
                        thread::park_timeout(TURN);
                        continue;
                    }
                    let turn = their_gate.lock().unwrap_or_else(PoisonError::into_inner);
                    let read = event::poll(TURN).and_then(|ready| {
                        if ready {
                            event::read().map(Some)
                        } else {
                            Ok(None)
                        }
                    });
                    drop(turn);
                    let failed = read.is_err();
                    if let Some(answer) = read.transpose()
                        && sender.send(answer).is_err()
                    {
                        break;
                    }
                    if failed {
                        break;
                    }
                }
            })?;
        Ok(Self { events, gate, lent })
    }

    /// The next event within `wait`, if there is one.
    ///
    /// # Errors
    /// When the terminal fails.
    pub(super) fn next(&self, wait: Duration) -> io::Result<Option<event::Event>> {
        match self.events.recv_timeout(wait) {
            Ok(event) => event.map(Some),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(io::Error::other("the terminal went away")),
        }
    }

    /// Leaves the terminal to `other` while it runs.
    pub(super) fn lend<T>(&self, other: impl FnOnce() -> T) -> T {
        self.lent.store(true, Ordering::Release);
        let turn = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = other();
        drop(turn);
        self.lent.store(false, Ordering::Release);
        outcome
    }
}
