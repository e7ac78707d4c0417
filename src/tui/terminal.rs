//! Defines the guard that takes the terminal and gives it back: on return, on an error and on a panic.

use std::io::{self, IsTerminal, Stdout, Write, stdout};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

/// The terminal while the app has it.
pub(crate) struct Guard {
    pub(crate) terminal: Terminal<CrosstermBackend<Stdout>>,
    mouse: bool,
    /// Whether the panic hook has something to give back.
    taken: Arc<AtomicBool>,
}

type Hook = Box<dyn Fn(&panic::PanicHookInfo<'_>) + Send + Sync + 'static>;

/// Puts the panic hook back that was there before.
pub(crate) struct PanicGuard {
    previous: Arc<Hook>,
}

impl PanicGuard {
    /// A panic on this thread gives the terminal back before it is reported. A panic on another thread is not printed over
    /// the screen: the worker catches it and the app shows it.
    pub(crate) fn new(taken: &Arc<AtomicBool>) -> Self {
        let previous = Arc::new(panic::take_hook());
        let (ours, taken) = (thread::current().id(), Arc::clone(taken));
        let before = Arc::clone(&previous);
        panic::set_hook(Box::new(move |info| {
            if !taken.load(Ordering::Relaxed) {
                before(info);
            } else if thread::current().id() == ours {
                taken.store(false, Ordering::Relaxed);
                give_back();
                before(info);
            }
        }));
        Self { previous }
    }
}

impl Drop for PanicGuard {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let previous = Arc::clone(&self.previous);
        panic::set_hook(Box::new(move |info| previous(info)));
    }
}

/// Whether there is a terminal to draw on. Keys may come from it even where stdin is a pipe.
pub(crate) fn is_there() -> bool {
    stdout().is_terminal()
}

impl Guard {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When it cannot be put into raw mode.
    pub(crate) fn take(taken: &Arc<AtomicBool>) -> io::Result<Self> {
        enable_raw_mode()?;
        taken.store(true, Ordering::Relaxed);
        let guard = || -> io::Result<Terminal<CrosstermBackend<Stdout>>> {
            execute!(stdout(), EnterAlternateScreen)?;
            let mut terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
            terminal.clear()?;
            Ok(terminal)
        };
        match guard() {
            Ok(terminal) => Ok(Self {
                terminal,
                mouse: false,
                taken: Arc::clone(taken),
            }),
            Err(error) => {
                taken.store(false, Ordering::Relaxed);
                give_back();
                Err(error)
            }
        }
    }

    /// Switches mouse events on or off. Off, the terminal's own selection of text works.
    pub(crate) fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        if on {
            execute!(stdout(), EnableMouseCapture)
        } else {
            execute!(stdout(), DisableMouseCapture)
        }
    }

    /// Runs something else on the terminal, such as an editor, then takes it again.
    pub(crate) fn suspend<T>(&mut self, run: impl FnOnce() -> T) -> io::Result<T> {
        give_back();
        let result = run();
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen)?;
        if self.mouse {
            execute!(stdout(), EnableMouseCapture)?;
        }
        self.terminal.clear()?;
        Ok(result)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.taken.swap(false, Ordering::Relaxed) {
            give_back();
        }
    }
}

/// Puts everything back that was changed. There is nobody left to tell of a failure.
fn give_back() {
    let mut out = stdout();
    let _ = execute!(out, DisableMouseCapture, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
    let _ = out.flush();
}
