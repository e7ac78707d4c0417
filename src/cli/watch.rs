//! Shows the progress of headless work on standard error, and stops it on an interrupt.

use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::interrupt;
use super::output::is_watched;
use crate::engine::Progress;
use crate::report::number;

/// Work shorter than this is done before anybody would read about it.
const PATIENCE: Duration = Duration::from_millis(800);
/// Between two drawings of the bar.
const FRAME: Duration = Duration::from_millis(120);
/// Between two lines where nobody watches, for a log.
const LOG: Duration = Duration::from_secs(10);

/// A running display; dropping it ends it.
pub(super) struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Starts showing `progress`, unless quiet, and cancels it on the first interrupt.
    pub(super) fn start(progress: &Progress, quiet: bool) -> Self {
        interrupt::stops(progress);
        if quiet {
            return Self {
                stop: None,
                thread: None,
            };
        }
        let (stop, stopped) = channel();
        let progress = progress.clone();
        let thread = std::thread::spawn(move || {
            let started = Instant::now();
            let watched = is_watched();
            let mut wait = if watched { PATIENCE } else { LOG };
            let mut drawn = false;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let mut stderr = std::io::stderr().lock();
                let line = line(&progress, started.elapsed());
                let _ = if watched {
                    write!(stderr, "\r\x1b[K{line}")
                } else {
                    writeln!(stderr, "{line}")
                };
                let _ = stderr.flush();
                drawn = watched;
                wait = if watched { FRAME } else { LOG };
            }
            if drawn {
                let _ = write!(std::io::stderr(), "\r\x1b[K");
            }
        });
        Self {
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn line(progress: &Progress, elapsed: Duration) -> String {
    let (done, total) = progress.bytes();
    let share = done
        .min(total)
        .saturating_mul(100)
        .checked_div(total)
        .map(|percent| format!("{percent:>3} %  "))
        .unwrap_or_default();
    let left = left(done, total, elapsed)
        .map(|seconds| format!(", about {seconds} s left"))
        .unwrap_or_default();
    let rows = match progress.rows() {
        0 => String::new(),
        rows => format!(" {} rows,", number::count(rows)),
    };
    format!(
        "{share}{},{rows} {} s{left}",
        progress.phase(),
        elapsed.as_secs()
    )
}

/// Seconds left if bytes go on being read as they were; `None` as long as too few tell, and once all are read.
fn left(done: u64, total: u64, elapsed: Duration) -> Option<u64> {
    const ENOUGH: u64 = 20;
    if done >= total || done < total / ENOUGH {
        return None;
    }
    let milliseconds = u64::try_from(elapsed.as_millis()).ok()?;
    let left = milliseconds.checked_mul(total - done)?.checked_div(done)?;
    Some(left.div_ceil(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_told_once_enough_has_been_read_to_tell() {
        let after = Duration::from_secs(10);
        assert_eq!(left(0, 0, after), None);
        assert_eq!(left(4, 100, after), None);
        assert_eq!(left(5, 100, after), Some(190));
        assert_eq!(left(50, 100, after), Some(10));
        assert_eq!(left(100, 100, after), None);
        let progress = Progress::default();
        progress.enter("reading events");
        progress.expect_bytes(100);
        progress.advance(1234, 50);
        assert_eq!(
            line(&progress, after),
            " 50 %  reading events, 1,234 rows, 10 s, about 10 s left"
        );
    }
}
