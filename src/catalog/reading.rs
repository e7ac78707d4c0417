//! Defines how the text of a definition file is read: of one size at most, as UTF-8, and from inside the workspace only.

use std::path::Path;

use super::problem::{Problem, Rule, Severity};

/// The largest definition file, in bytes.
pub(super) const LARGEST: u64 = 1 << 20;

/// The text of a definition file, or the one problem that keeps it from being read.
pub(super) fn read_text(root: &Path, relative: &str) -> Result<String, Box<Problem>> {
    let path = root.join(relative);
    let unreadable = |error: std::io::Error| {
        Box::new(at_start(
            relative,
            Rule::Unreadable,
            format!("this file cannot be read: {error}"),
            "make it a readable file",
        ))
    };
    let real = path.canonicalize().map_err(unreadable)?;
    if !real.starts_with(root.canonicalize().map_err(unreadable)?) {
        return Err(Box::new(at_start(
            relative,
            Rule::PathOutside,
            "this file is a link to a place outside the workspace".to_owned(),
            "put the file itself into the workspace",
        )));
    }
    let metadata = std::fs::metadata(&path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(unreadable(std::io::Error::other("it is not a file")));
    }
    let bytes = read_at_most(&path).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Box::new(at_start(
            relative,
            Rule::TooLarge,
            format!("a definition file has at most {LARGEST} bytes"),
            "a definition is a page of text: move data into tables",
        )));
    }
    String::from_utf8(bytes).map_err(|error| Box::new(not_text(relative, &error)))
}

/// A problem of the file as a whole.
fn at_start(file: &str, rule: Rule, reason: String, fix: &str) -> Problem {
    Problem {
        severity: Severity::Error,
        rule,
        file: file.to_owned(),
        line: 1,
        column: 1,
        subject: file.to_owned(),
        reason,
        fix: fix.to_owned(),
    }
}

/// The problem at the first byte that is no text.
fn not_text(file: &str, error: &std::string::FromUtf8Error) -> Problem {
    let good = error.utf8_error().valid_up_to();
    let before = String::from_utf8_lossy(error.as_bytes().get(..good).unwrap_or_default());
    let last_line = before.rsplit('\n').next().unwrap_or_default();
    let mut problem = at_start(
        file,
        Rule::NotText,
        "the bytes here are not UTF-8 text".to_owned(),
        "save the file as UTF-8",
    );
    problem.line = before.matches('\n').count() + 1;
    problem.column = last_line.chars().count() + 1;
    problem
}

/// The bytes of a file, one more at most than a definition may have.
fn read_at_most(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
