//! Defines what becomes of the work at hand when the process is asked to end: Ctrl-C, a request to terminate, a lost
//! terminal. It is told to stop; the terminal app is not waited for when it cannot hear.

use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use crate::engine::Progress;

/// How long the terminal app may take to give the terminal back.
const GRACE: Duration = Duration::from_secs(2);
/// Interrupted.
const CODE: i32 = 130;

/// What is told to stop.
struct AtHand {
    progress: Progress,
    /// Whether the process ends even when the work does not: once the terminal is gone, its end of input is read without
    /// end inside crossterm 0.29, which then never returns.
    insists: bool,
}

static AT_HAND: Mutex<Option<AtHand>> = Mutex::new(None);
static HANDLER: Once = Once::new();

/// From now on a request to end stops `progress`, and nothing that was at hand before.
pub(super) fn stops(progress: &Progress) {
    at_hand(progress, false);
}

/// From now on a request to end stops `progress`, and soon after the process in any case.
#[cfg(feature = "tui")]
pub(super) fn stops_the_app(progress: &Progress) {
    at_hand(progress, true);
}

fn at_hand(progress: &Progress, insists: bool) {
    *AT_HAND.lock().unwrap_or_else(PoisonError::into_inner) = Some(AtHand {
        progress: progress.clone(),
        insists,
    });
    // The handler can be set only once in a process; where it cannot be, a signal ends the process as it always did.
    HANDLER.call_once(|| {
        let _ = ctrlc::set_handler(stop);
    });
}

/// Runs on a thread of its own.
fn stop() {
    let insists = match &*AT_HAND.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(work) => {
            work.progress.cancel();
            work.insists
        }
        None => true,
    };
    if insists {
        std::thread::sleep(GRACE);
        #[expect(
            clippy::exit,
            reason = "the main thread may be caught in a read of a terminal that is gone"
        )]
        std::process::exit(CODE);
    }
}
