//! Defines the loop that joins state, screen, worker and world: wait, update, draw when something changed.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use ratatui::crossterm::clipboard::CopyToClipboard;
use ratatui::crossterm::event::{self, KeyEventKind, MouseEventKind};
use ratatui::crossterm::execute;

use super::action::KeyPress;
use super::app::{App, Effect, Event, ExportFormat, Look};
use super::glyph;
use super::input::Input;
use super::library::{Library, Subject};
use super::terminal::{self, Guard, PanicGuard};
use super::theme::{Theme, ThemeName};
use super::worker::Worker;
use crate::engine::Progress;

/// Why the app could not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The output is not a terminal.
    #[error(
        "the terminal app needs a terminal, and the output is none\nhint: `readout report --all` writes the same readouts as markdown; `readout check EXPERIMENT` is the gate"
    )]
    NoTerminal,
    /// The terminal failed.
    #[error("the terminal does not work: {0}\nhint: `readout report --all` needs none")]
    Terminal(#[from] io::Error),
}

/// How the app looks, where it writes, and who may end it.
#[derive(Debug, Clone)]
pub struct Options {
    /// The theme.
    pub theme: ThemeName,
    /// Whether marks are plain ASCII.
    pub ascii: bool,
    /// Where exported files go.
    pub directory: PathBuf,
    /// The editor and its arguments.
    pub editor: Vec<String>,
    /// Whether the terminal can be asked to copy (OSC 52); otherwise what is copied goes to a file.
    pub clipboard: bool,
    /// Cancelled when the process is asked to end: the app then quits as by its own key, and gives the terminal back.
    pub stop: Progress,
}

impl Options {
    /// What the environment asks for: `NO_COLOR`, `TERM`, `VISUAL`, `EDITOR`, and the locale's character set.
    #[must_use]
    pub fn from_environment() -> Self {
        Self::from_variables(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    pub(crate) fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let terminal = variable("TERM").unwrap_or_default();
        let plain = variable("NO_COLOR").is_some() || terminal == "dumb";
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(&variable)
            .unwrap_or_default()
            .to_lowercase();
        let editor = variable("VISUAL")
            .or_else(|| variable("EDITOR"))
            .unwrap_or_else(|| "vi".to_owned());
        Self {
            theme: if plain {
                ThemeName::Mono
            } else {
                ThemeName::Default
            },
            ascii: terminal == "dumb" || matches!(locale.as_str(), "c" | "posix"),
            directory: PathBuf::from("."),
            editor: editor.split_whitespace().map(str::to_owned).collect(),
            clipboard: !matches!(terminal.as_str(), "dumb" | "linux"),
            stop: Progress::default(),
        }
    }

    pub(crate) fn look(&self) -> Look {
        Look {
            theme: Theme::new(self.theme),
            glyphs: if self.ascii {
                glyph::ASCII
            } else {
                glyph::UNICODE
            },
        }
    }
}

/// Runs the app until the user quits; `start` names the experiment to open.
///
/// # Errors
/// [`Error::NoTerminal`] when the output is not a terminal; [`Error::Terminal`] when it fails.
pub fn run(library: Arc<dyn Library>, start: Option<&str>, options: &Options) -> Result<(), Error> {
    if !terminal::is_there() {
        return Err(Error::NoTerminal);
    }
    let taken = Arc::new(AtomicBool::new(false));
    let panics = PanicGuard::new(&taken);
    let worker = Worker::start(Arc::clone(&library))?;
    let guard = Guard::take(&taken)?;
    let input = Input::start()?;
    let app = App::new(library.name(), library.experiments(), options.look());
    let outcome = Runtime {
        app,
        guard,
        input,
        worker,
        library,
        options: options.clone(),
        running: None,
    }
    .turn(start);
    drop(panics);
    Ok(outcome?)
}

struct Runtime {
    app: App,
    guard: Guard,
    input: Input,
    worker: Worker,
    library: Arc<dyn Library>,
    options: Options,
    /// The handle of the running job and when it began, for display only.
    running: Option<(u64, Progress, Instant)>,
}

impl Runtime {
    fn turn(mut self, start: Option<&str>) -> io::Result<()> {
        let first = self.app.begin(start);
        self.draw()?;
        let mut quit = self.act(first)?;
        while !quit && !self.options.stop.is_cancelled() {
            let busy = self.app.job.is_some();
            let wait = Duration::from_millis(if busy { 30 } else { 500 });
            let mut changed = false;
            // Everything that has already arrived is taken before drawing once: pasting or holding a key stays smooth.
            let mut next = self.input.next(wait)?;
            while let Some(event) = next {
                let (drawn, ended) = self.take(&event)?;
                changed |= drawn;
                quit |= ended;
                if quit {
                    break;
                }
                next = self.input.next(Duration::ZERO)?;
            }
            while let Ok(done) = self.worker.finished() {
                let event = Event::Finished {
                    ticket: done.ticket,
                    experiment: done.experiment,
                    result: done.result,
                };
                let effects = self.app.update(event);
                quit |= self.act(effects)?;
                changed = true;
            }
            changed |= self.watch();
            if changed && !quit {
                self.draw()?;
            }
        }
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let mut extents = self.app.extents;
        let app = &self.app;
        self.guard
            .terminal
            .draw(|frame| extents = super::view::draw(frame, app))?;
        self.app.noticed(extents);
        Ok(())
    }

    /// Takes one event of the terminal: whether to draw, and whether to quit.
    fn take(&mut self, event: &event::Event) -> io::Result<(bool, bool)> {
        let event = match event {
            event::Event::Key(key) if key.kind == KeyEventKind::Press => {
                Event::Key(KeyPress::from(*key))
            }
            event::Event::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => Event::Scroll(1),
                MouseEventKind::ScrollUp => Event::Scroll(-1),
                _ => return Ok((false, false)),
            },
            event::Event::Resize(..) => return Ok((true, false)),
            _ => return Ok((false, false)),
        };
        let effects = self.app.update(event);
        let quit = self.act(effects)?;
        Ok((true, quit))
    }

    /// Takes over what the running job says of itself; whether that changed what is shown.
    fn watch(&mut self) -> bool {
        let Some(job) = &mut self.app.job else {
            return false;
        };
        let Some((ticket, progress, began)) = &self.running else {
            return false;
        };
        if *ticket != job.ticket {
            return false;
        }
        let before = job.clone();
        job.phase = progress.phase();
        job.rows = progress.rows();
        job.seconds = began.elapsed().as_secs();
        *job != before
    }

    fn act(&mut self, effects: Vec<Effect>) -> io::Result<bool> {
        let mut quit = false;
        for effect in effects {
            let answer = match effect {
                Effect::Quit => {
                    quit = true;
                    None
                }
                Effect::Compute { ticket, experiment } => {
                    let progress = self.worker.request(ticket, &experiment);
                    self.running = Some((ticket, progress, Instant::now()));
                    None
                }
                Effect::Cancel => {
                    self.worker.cancel();
                    None
                }
                Effect::Mouse(on) => {
                    self.guard.set_mouse(on)?;
                    Some(note(if on {
                        "The mouse wheel scrolls. m gives the mouse back to the terminal."
                    } else {
                        "The mouse selects text again."
                    }))
                }
                Effect::Reload { only } => Some(self.reload(only)),
                Effect::CommandLine(experiments) => Some(Event::CommandLine(
                    experiments
                        .iter()
                        .map(|experiment| self.library.command_line(experiment))
                        .collect::<Vec<_>>()
                        .join("\n"),
                )),
                Effect::Export {
                    experiments,
                    format,
                } => Some(self.export(&experiments, format)),
                Effect::Copy { text, markdown } => Some(self.copy(&text, markdown)),
                Effect::Edit(subject) => Some(self.edit(&subject)?),
            };
            if let Some(event) = answer {
                let effects = self.app.update(event);
                quit |= self.act(effects)?;
            }
        }
        Ok(quit)
    }

    fn reload(&self, only: Option<String>) -> Event {
        let problem = self.library.reload().err();
        Event::Reloaded {
            listings: self.library.experiments(),
            problem,
            only,
        }
    }

    fn export(&self, experiments: &[String], format: ExportFormat) -> Event {
        let mut written = Vec::new();
        for id in experiments {
            let readout = self
                .app
                .readings
                .get(id)
                .and_then(|reading| reading.readout.as_deref());
            let Some(readout) = readout else { continue };
            let outcome = self
                .library
                .export(readout, format.name)
                .and_then(|document| {
                    let stem = readout.experiment.id.as_str();
                    write_new(&self.options.directory, stem, format.extension, &document)
                        .map_err(|error| error.to_string())
                });
            match outcome {
                Ok(name) => written.push(name),
                Err(error) => {
                    return Event::Note {
                        text: format!("{id} was not exported: {error}"),
                        bad: true,
                    };
                }
            }
        }
        note(&format!("Wrote {}.", written.join(", ")))
    }

    fn copy(&self, text: &str, markdown: bool) -> Event {
        /// What terminals take at most, in bytes before encoding.
        const MOST: usize = 70_000;
        let asked = self.options.clipboard
            && text.len() <= MOST
            && execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text)).is_ok();
        if asked {
            return note("Copied, where the terminal allows it.");
        }
        let extension = if markdown { "md" } else { "txt" };
        match write_new(&self.options.directory, "readout-copy", extension, text) {
            Ok(name) => note(&format!("The terminal cannot copy: wrote {name} instead.")),
            Err(error) => Event::Note {
                text: format!("Could not copy: {error}"),
                bad: true,
            },
        }
    }

    fn edit(&mut self, subject: &Subject) -> io::Result<Event> {
        let bad = |text: String| Event::Note { text, bad: true };
        let Some(path) = self.library.definition_path(subject) else {
            return Ok(bad("There is no definition file to edit here.".to_owned()));
        };
        let Some((program, arguments)) = self.options.editor.split_first() else {
            return Ok(bad("Set EDITOR to the editor to use.".to_owned()));
        };
        let (guard, input) = (&mut self.guard, &self.input);
        let status = input
            .lend(|| guard.suspend(|| Command::new(program).args(arguments).arg(&path).status()))?;
        Ok(match status {
            Ok(status) if status.success() => self.reload(None),
            Ok(status) => bad(format!(
                "{program} ended with {status}; nothing was read again."
            )),
            Err(error) => bad(format!(
                "{program} could not be started: {error}. Set EDITOR."
            )),
        })
    }
}

fn note(text: &str) -> Event {
    Event::Note {
        text: text.to_owned(),
        bad: false,
    }
}

/// Writes a file that was not there before, numbered where its name is taken; returns its name.
pub(crate) fn write_new(
    directory: &Path,
    stem: &str,
    extension: &str,
    text: &str,
) -> io::Result<String> {
    for number in 1..1_000 {
        let name = if number == 1 {
            format!("{stem}.{extension}")
        } else {
            format!("{stem}-{number}.{extension}")
        };
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(directory.join(&name))
        {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                return Ok(name);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        format!("there are already 999 files named {stem}-N.{extension}"),
    ))
}
