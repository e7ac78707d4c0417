//! Defines how a command ends: its document to standard output or a file, its talk to standard error, its exit code.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;

use crate::report::escape;

/// Help, a version, or a complaint about what was typed.
#[derive(Debug)]
pub struct Answer(pub(super) clap::Error);

impl Answer {
    /// Shows it. Help is fine (0); a complaint could not run (2).
    #[must_use]
    pub fn show(&self) -> ExitCode {
        // A reader that went away is not an error.
        let _ = self.0.print();
        if self.0.use_stderr() {
            ExitCode::from(2)
        } else {
            ExitCode::SUCCESS
        }
    }
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Ran, and the answer is fine.
    Fine,
    /// Ran, and the answer is bad.
    Bad,
    /// Somebody asked to stop.
    Interrupted,
}

/// Says the error, once, with its chain, and gives the exit code.
pub(super) fn conclude(outcome: anyhow::Result<Outcome>, quiet: bool) -> ExitCode {
    match outcome {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Bad) => ExitCode::from(1),
        Ok(Outcome::Interrupted) => {
            say(quiet, "interrupted");
            ExitCode::from(130)
        }
        Err(error) => {
            if is_broken_pipe(&error) {
                return ExitCode::SUCCESS;
            }
            say(false, &format!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Talks on standard error. Each line is made safe; data that the text quotes must not bring lines of its own.
pub(super) fn say(quiet: bool, text: &str) {
    if quiet {
        return;
    }
    let mut stderr = std::io::stderr().lock();
    for line in text.lines() {
        let _ = writeln!(stderr, "{}", escape::line(line));
    }
}

/// Whether somebody watches standard error.
pub(super) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Refuses a file that has no folder to stand in, before any work is done for it.
pub(super) fn expect_folder(file: Option<&Path>) -> anyhow::Result<()> {
    let Some(file) = file else { return Ok(()) };
    let folder = folder_of(file);
    if file.is_dir() {
        bail!(
            "'{}' is a folder; name a file in it with --output",
            file.display()
        );
    }
    if !folder.is_dir() {
        bail!(
            "'{}' cannot be written: there is no folder '{}'; make it first",
            file.display(),
            folder.display()
        );
    }
    Ok(())
}

fn folder_of(file: &Path) -> &Path {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Writes a document to a file, whole or not at all, or to standard output.
pub(super) fn deliver(bytes: &[u8], file: Option<&Path>) -> anyhow::Result<()> {
    let Some(file) = file else {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()?;
        return Ok(());
    };
    let folder = folder_of(file);
    let write = || -> std::io::Result<()> {
        let mut draft = tempfile::Builder::new()
            .prefix(".readout-")
            .tempfile_in(folder)?;
        draft.write_all(bytes)?;
        draft.as_file().sync_all()?;
        // Temporary files are private; documents are as public as the user's other files.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            draft
                .as_file()
                .set_permissions(std::fs::Permissions::from_mode(0o644))?;
        }
        draft.persist(file)?;
        Ok(())
    };
    write().map_err(|error| {
        // The error would name the draft beside the file, which nobody asked for.
        let reason = std::io::Error::from(error.kind());
        anyhow::Error::new(reason).context(format!("'{}' could not be written", file.display()))
    })
}
