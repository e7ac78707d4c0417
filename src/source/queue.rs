//! Defines what the threads of one scan share: the parts that nobody reads yet, the work that waits, and the first error.
//!
//! It refuses to grow: whoever reads faster than the workers work has to wait, or to work.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::batch::Batch;
use super::error::Problem;
use super::frame::Piece;

/// A place in a table: the part, counted from 0, and a row in it. Work behind the place of an error is not wanted.
pub(super) type Place = (usize, u64);

/// The place behind every row of a part.
pub(super) const fn end_of(part: usize) -> Place {
    (part, u64::MAX)
}

/// What a worker can do next; each names its part. [`Queue::end`] is to be called once a part is read.
pub(super) enum Task {
    /// Let polars read a part that nobody reads yet.
    Stream(usize),
    /// Read a part of text that nobody reads yet.
    Parse(usize),
    /// Convert rows, then hand them out.
    Convert(usize, Piece),
    /// Hand out rows.
    HandOut(usize, Batch),
}

/// The work of one scan.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    /// Tasks that may wait.
    room: usize,
}

struct State {
    waiting: VecDeque<Task>,
    /// Whether each part is one that polars reads. Of those, one is read at a time: polars has threads of its own.
    streamed: Vec<bool>,
    /// The first part that nobody reads yet.
    next: usize,
    /// Parts that are being read, and those among them that polars reads.
    reading: usize,
    streaming: usize,
    stopped: bool,
    error: Option<(Place, Problem)>,
}

impl Queue {
    pub(super) fn new(streamed: Vec<bool>, room: usize) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::with_capacity(room),
                streamed,
                next: 0,
                reading: 0,
                streaming: 0,
                stopped: false,
                error: None,
            }),
            changed: Condvar::new(),
            room,
        }
    }

    /// What to do next; waits where that is not clear yet. `None`: nothing is left.
    pub(super) fn take(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            // Before all else, so that polars is never idle; it costs this thread nothing.
            if let Some(part) = state.begin(true) {
                return Some(Task::Stream(part));
            }
            if let Some(task) = state.waiting.pop_front() {
                self.changed.notify_all();
                return Some(task);
            }
            if let Some(part) = state.begin(false) {
                return Some(Task::Parse(part));
            }
            if state.reading == 0 {
                return None;
            }
            state = self.wait(state);
        }
    }

    /// Adds work, waiting for room; breaks where no more of its part is wanted.
    pub(super) fn push(&self, place: Place, task: Task) -> ControlFlow<()> {
        let mut state = self.lock();
        while state.wants(place) && state.waiting.len() >= self.room {
            state = self.wait(state);
        }
        if !state.wants(place) {
            return ControlFlow::Break(());
        }
        state.waiting.push_back(task);
        self.changed.notify_all();
        ControlFlow::Continue(())
    }

    /// Adds work where there is room; gives it back where there is none.
    pub(super) fn offer(&self, task: Task) -> Option<Task> {
        let mut state = self.lock();
        if state.waiting.len() >= self.room {
            return Some(task);
        }
        state.waiting.push_back(task);
        self.changed.notify_all();
        None
    }

    /// Whether rows at `place` are still wanted.
    pub(super) fn wants(&self, place: Place) -> bool {
        self.lock().wants(place)
    }

    /// Says that a part which was begun is read.
    pub(super) fn end(&self, part: usize) {
        let mut state = self.lock();
        state.reading -= 1;
        if state.streamed.get(part) == Some(&true) {
            state.streaming -= 1;
        }
        self.changed.notify_all();
    }

    /// Ends the scan as soon as may be.
    pub(super) fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        state.waiting.clear();
        self.changed.notify_all();
    }

    /// Ends the scan with an error, unless one stands before it. What is before `place` is still worked on, so that the
    /// error is the same whichever thread was faster.
    pub(super) fn fail(&self, place: Place, problem: Problem) {
        let mut state = self.lock();
        if state.wants(place) {
            state.error = Some((place, problem));
            let waiting = std::mem::take(&mut state.waiting);
            state.waiting = waiting
                .into_iter()
                .filter(|task| task.place() < place)
                .collect();
        }
        self.changed.notify_all();
    }

    /// How the scan ended: with an error in a part, because its reader broke, or with nothing left.
    pub(super) fn outcome(&self) -> Result<ControlFlow<()>, (usize, Problem)> {
        let mut state = self.lock();
        if state.stopped {
            return Ok(ControlFlow::Break(()));
        }
        match state.error.take() {
            Some(((part, _), problem)) => Err((part, problem)),
            None => Ok(ControlFlow::Continue(())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn wants(&self, place: Place) -> bool {
        !self.stopped && self.error.as_ref().is_none_or(|(error, _)| place < *error)
    }

    /// Begins the next part, if it is one that polars reads or one of text, as asked, and may be read now.
    fn begin(&mut self, streamed: bool) -> Option<usize> {
        let part = self.next;
        let is_asked = self.streamed.get(part) == Some(&streamed);
        if !is_asked || !self.wants((part, 0)) || (streamed && self.streaming > 0) {
            return None;
        }
        self.next += 1;
        self.reading += 1;
        self.streaming += usize::from(streamed);
        Some(part)
    }
}

impl Task {
    fn place(&self) -> Place {
        match self {
            Self::Convert(part, piece) => (*part, piece.first),
            // One thread reads a part of text, and an error in it stands behind all that it handed on.
            Self::Stream(part) | Self::Parse(part) | Self::HandOut(part, _) => (*part, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn problem() -> Problem {
        Problem::MissingFile
    }

    #[test]
    fn a_full_queue_gives_work_back() {
        let queue = Queue::new(vec![false; 3], 2);
        assert!(queue.offer(Task::Parse(0)).is_none());
        assert!(queue.offer(Task::Parse(1)).is_none());
        assert!(queue.offer(Task::Parse(2)).is_some());
    }

    #[test]
    fn whoever_reads_faster_than_the_workers_work_waits() {
        let queue = Queue::new(vec![true], 2);
        assert!(matches!(queue.take(), Some(Task::Stream(0))));
        thread::scope(|scope| {
            scope.spawn(|| {
                (0..100)
                    .for_each(|row| assert!(queue.push((0, row), Task::Parse(0)).is_continue()));
                queue.end(0);
            });
            let mut taken = 0;
            while queue.take().is_some() {
                taken += 1;
                assert!(queue.lock().waiting.len() <= 2);
            }
            assert_eq!(taken, 100);
        });
    }

    #[test]
    fn polars_reads_one_part_at_a_time() {
        let queue = Queue::new(vec![true, true], 2);
        assert!(matches!(queue.take(), Some(Task::Stream(0))));
        assert_eq!(queue.lock().begin(true), None);
        queue.end(0);
        assert!(matches!(queue.take(), Some(Task::Stream(1))));
        queue.end(1);
        assert!(queue.take().is_none());
    }

    #[test]
    fn of_errors_the_first_place_stays_and_what_is_before_it_is_wanted() {
        let queue = Queue::new(vec![false; 4], 2);
        queue.fail((2, 5), problem());
        queue.fail(end_of(2), Problem::UnknownFormat);
        assert!(queue.wants((2, 4)) && !queue.wants((2, 5)) && !queue.wants((3, 0)));
        queue.fail((1, 9), Problem::OutsideRoot);
        assert_eq!(queue.outcome(), Err((1, Problem::OutsideRoot)));
    }

    #[test]
    fn a_stopped_queue_has_no_work_and_no_error() {
        let queue = Queue::new(vec![false; 2], 2);
        assert!(queue.offer(Task::Parse(0)).is_none());
        queue.fail((0, 1), problem());
        queue.stop();
        assert!(queue.take().is_none());
        assert!(queue.push((0, 0), Task::Parse(1)).is_break());
        assert_eq!(queue.outcome(), Ok(ControlFlow::Break(())));
    }
}
