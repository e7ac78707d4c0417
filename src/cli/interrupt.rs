//! Defines what becomes of the work at hand when the process is asked to end: Ctrl-C, a request to terminate, a lost
//! terminal. It is told to stop, and ends by itself.

use std::sync::{Mutex, Once, PoisonError};

use crate::engine::Progress;

/// A process can have one handler only, and the work at hand changes: a guess, then the terminal app on its readout.
static AT_HAND: Mutex<Option<Progress>> = Mutex::new(None);
static HANDLER: Once = Once::new();

/// From now on a request to end stops `progress`, and nothing that was at hand before.
pub(super) fn stops(progress: &Progress) {
    *AT_HAND.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress.clone());
    // Where the handler cannot be set, a signal ends the process as it always did.
    HANDLER.call_once(|| {
        let _ = ctrlc::set_handler(|| {
            if let Some(progress) = &*AT_HAND.lock().unwrap_or_else(PoisonError::into_inner) {
                progress.cancel();
            }
        });
    });
}
