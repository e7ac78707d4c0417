//! Defines the thread that computes: one job at a time, the newest request wins, a late result is dropped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::library::Library;
use crate::domain::result::Readout;
use crate::engine::Progress;

/// A finished job.
#[derive(Debug)]
pub(crate) struct Done {
    /// The number of the request.
    pub(crate) ticket: u64,
    /// The experiment.
    pub(crate) experiment: String,
    /// The readout, or what went wrong.
    pub(crate) result: Result<Box<Readout>, String>,
}

struct Job {
    ticket: u64,
    experiment: String,
    progress: Progress,
}

#[derive(Default)]
struct Slot {
    waiting: Option<Job>,
    running: Option<(u64, Progress)>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    slot: Mutex<Slot>,
    wake: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that computes, as the app sees it.
pub(crate) struct Worker {
    shared: Arc<Shared>,
    finished: Receiver<Done>,
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(library: Arc<dyn Library>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (sender, finished) = channel();
        let theirs = Arc::clone(&shared);
        thread::Builder::new()
            .name("readout-worker".to_owned())
            .spawn(move || serve(&theirs, library.as_ref(), &sender))?;
        Ok(Self { shared, finished })
    }

    /// Asks for a readout. What runs is cancelled, what waits is forgotten.
    pub(crate) fn request(&self, ticket: u64, experiment: &str) -> Progress {
        let progress = Progress::default();
        let mut slot = self.shared.lock();
        if let Some((_, running)) = &slot.running {
            running.cancel();
        }
        slot.waiting = Some(Job {
            ticket,
            experiment: experiment.to_owned(),
            progress: progress.clone(),
        });
        drop(slot);
        self.shared.wake.notify_one();
        progress
    }

    /// Cancels what runs and forgets what waits.
    pub(crate) fn cancel(&self) {
        let mut slot = self.shared.lock();
        slot.waiting = None;
        if let Some((_, running)) = &slot.running {
            running.cancel();
        }
    }

    /// The next finished job, if there is one.
    ///
    /// # Errors
    /// [`TryRecvError::Disconnected`] when the thread is gone.
    pub(crate) fn finished(&self) -> Result<Done, TryRecvError> {
        self.finished.try_recv()
    }

    #[cfg(test)]
    fn wait(&self) -> Done {
        self.finished.recv().unwrap()
    }
}

impl Drop for Worker {
    /// Tells the thread to end. It is not waited for: a library that is slow to notice must not hold up quitting.
    fn drop(&mut self) {
        let mut slot = self.shared.lock();
        slot.closed = true;
        slot.waiting = None;
        if let Some((_, running)) = &slot.running {
            running.cancel();
        }
        drop(slot);
        self.shared.wake.notify_one();
    }
}

fn serve(shared: &Shared, library: &dyn Library, finished: &Sender<Done>) {
    while let Some(job) = next(shared) {
        let result = catch_unwind(AssertUnwindSafe(|| {
            library
                .readout(&job.experiment, &job.progress)
                .map(Box::new)
        }))
        .unwrap_or_else(|panic| Err(describe(panic.as_ref())));
        let mut slot = shared.lock();
        slot.running = None;
        let late = slot.closed || job.progress.is_cancelled();
        drop(slot);
        if !late {
            let done = Done {
                ticket: job.ticket,
                experiment: job.experiment,
                result,
            };
            if finished.send(done).is_err() {
                return;
            }
        }
    }
}

fn next(shared: &Shared) -> Option<Job> {
    let mut slot = shared.lock();
    loop {
        if slot.closed {
            return None;
        }
        if let Some(job) = slot.waiting.take() {
            slot.running = Some((job.ticket, job.progress.clone()));
            return Some(job);
        }
        slot = shared
            .wake
            .wait(slot)
            .unwrap_or_else(PoisonError::into_inner);
    }
}

fn describe(panic: &(dyn std::any::Any + Send)) -> String {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    format!(
        "the computation stopped unexpectedly: {message}\nThis is a fault of the program; the other experiments are not touched by it."
    )
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::tui::library::{Listing, Subject};
    use crate::tui::tests::fixture;

    /// A library whose readouts wait until the test lets them go.
    struct Held {
        started: Mutex<Sender<String>>,
        release: Mutex<Receiver<()>>,
    }

    impl Library for Held {
        fn name(&self) -> String {
            String::new()
        }
        fn experiments(&self) -> Vec<Listing> {
            Vec::new()
        }
        fn readout(&self, experiment: &str, _: &Progress) -> Result<Readout, String> {
            self.started
                .lock()
                .unwrap()
                .send(experiment.to_owned())
                .unwrap();
            self.release.lock().unwrap().recv().unwrap();
            assert_ne!(experiment, "panics", "a fault in a library");
            Ok(fixture::good())
        }
        fn export(&self, _: &Readout, _: &str) -> Result<String, String> {
            Err(String::new())
        }
        fn command_line(&self, _: &str) -> String {
            String::new()
        }
        fn definition_path(&self, _: &Subject) -> Option<PathBuf> {
            None
        }
        fn reload(&self) -> Result<(), String> {
            Ok(())
        }
    }

    fn held() -> (Worker, Receiver<String>, Sender<()>) {
        let (started_in, started) = channel();
        let (release, release_out) = channel();
        let worker = Worker::start(Arc::new(Held {
            started: Mutex::new(started_in),
            release: Mutex::new(release_out),
        }))
        .unwrap();
        (worker, started, release)
    }

    #[test]
    fn the_newest_request_wins_and_the_late_result_is_dropped() {
        let (worker, started, release) = held();
        let first = worker.request(1, "first");
        assert_eq!(started.recv().unwrap(), "first");
        let second = worker.request(2, "second");
        let third = worker.request(3, "third");
        assert!(first.is_cancelled());
        assert!(!third.is_cancelled());
        release.send(()).unwrap();
        assert_eq!(
            started.recv().unwrap(),
            "third",
            "second was replaced before it began"
        );
        release.send(()).unwrap();
        let done = worker.wait();
        assert_eq!((done.ticket, done.experiment.as_str()), (3, "third"));
        assert!(matches!(worker.finished(), Err(TryRecvError::Empty)));
        drop(second);
    }

    #[test]
    fn a_cancelled_job_reports_nothing() {
        let (worker, started, release) = held();
        let progress = worker.request(1, "first");
        started.recv().unwrap();
        worker.cancel();
        assert!(progress.is_cancelled());
        release.send(()).unwrap();
        worker.request(2, "second");
        started.recv().unwrap();
        release.send(()).unwrap();
        assert_eq!(worker.wait().ticket, 2);
    }

    #[test]
    fn a_panic_in_the_library_is_a_failed_job_and_the_worker_lives_on() {
        let (worker, started, release) = held();
        worker.request(1, "panics");
        started.recv().unwrap();
        release.send(()).unwrap();
        let done = worker.wait();
        assert!(done.result.unwrap_err().contains("a fault in a library"));
    }
}
