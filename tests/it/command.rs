//! Runs the program as its user does, in a folder of its own, and holds what came out: status, stdout and stderr in one.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where its own folder fails"
)]

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a command left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ran {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output: the result.
    pub(crate) stdout: String,
    /// Standard error: the talk.
    pub(crate) stderr: String,
}

impl Ran {
    /// Holds the exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Holds that something is on standard output.
    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "no '{text}' in\n{self}");
        self
    }

    /// Holds that something is on standard error.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no '{text}' said in\n{self}");
        self
    }

    /// Holds that standard output is empty: there is no result.
    #[track_caller]
    pub(crate) fn prints_nothing(self) -> Self {
        assert!(self.stdout.is_empty(), "{self}");
        self
    }

    /// Holds that standard error is empty.
    #[track_caller]
    pub(crate) fn says_nothing(self) -> Self {
        assert!(self.stderr.is_empty(), "{self}");
        self
    }

    /// Holds that it could not run: code 2, no result, one error that starts so.
    #[track_caller]
    pub(crate) fn cannot(self) -> Self {
        assert_eq!(self.code, 2, "{self}");
        assert!(self.stdout.is_empty(), "{self}");
        assert_eq!(self.stderr.matches("error: ").count(), 1, "{self}");
        self
    }

    /// Holds what is true of every command whatever its input: no panic, and nothing that acts on a terminal or in a log.
    #[track_caller]
    pub(crate) fn acts_nowhere(self) -> Self {
        assert!((0..=2).contains(&self.code), "{self}");
        assert!(!self.stderr.contains("panicked"), "{self}");
        for (stream, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            let acting = |c: char| c != '\n' && readout::report::acts(c);
            let found = text.chars().find(|c| acting(*c));
            assert_eq!(found, None, "a character that acts on {stream}:\n{self}");
            let command = text
                .lines()
                .find(|line| line.trim_start().starts_with("::"));
            assert_eq!(command, None, "a log command on {stream}");
        }
        self
    }

    /// The result as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("{error} in\n{self}"),
        }
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "exit {}", self.code)?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(formatter, "-- {name}\n{}", text.trim_end_matches('\n'))?;
            }
        }
        Ok(())
    }
}

/// A folder that goes away with the test.
#[derive(Debug)]
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Where a file of it is.
    pub(crate) fn at(&self, file: &str) -> PathBuf {
        self.path().join(file)
    }

    /// Writes a file, with the folders it stands in.
    pub(crate) fn write(&self, file: &str, contents: impl AsRef<[u8]>) -> &Self {
        let path = self.at(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, contents).unwrap();
        self
    }

    /// The text of a file.
    pub(crate) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.at(file)).unwrap()
    }

    /// Replaces a text that stands in a file.
    #[track_caller]
    pub(crate) fn replace(&self, file: &str, from: &str, to: &str) -> &Self {
        let text = self.read(file);
        assert!(text.contains(from), "no '{from}' in {file}");
        self.write(file, text.replacen(from, to, 1))
    }

    /// Runs `readout` with these words in this folder.
    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        run_in(self.path(), words)
    }

    /// Several command lines and what each left behind, to be looked at as one. Words are set apart by spaces.
    pub(crate) fn transcript(&self, lines: &[&str]) -> String {
        let blocks = lines.iter().map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            format!("$ readout {line}\n{}", self.run(&words))
        });
        blocks.collect::<Vec<_>>().join("\n")
    }
}

/// The program with a fixed environment, in a folder.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_readout"));
    command
        .current_dir(folder)
        .env_clear()
        .env("NO_COLOR", "1")
        .env("TERM", "dumb")
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null());
    if let Some(folder) = std::env::var_os("TMPDIR") {
        command.env("TMPDIR", folder);
    }
    command
}

/// Runs `readout` with these words in a folder.
pub(crate) fn run_in(folder: &Path, words: &[&str]) -> Ran {
    let output = program(folder).args(words).output().unwrap();
    Ran {
        // A signal has no code, and is never what is expected.
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The repository's own sample workspace.
pub(crate) fn sample_data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data")
}
