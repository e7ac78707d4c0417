//! Defines how the text of a definition file is read: of one size at most, as UTF-8, and from inside the workspace only.

use std::path::Path;

use super::problem::{Problem, Rule, Severity};

/// The largest definition file, in bytes.
pub(super) const LARGEST: u64 = 1 << 20;

/// The text of a definition file, or the one problem that keeps it from being read.
pub(super) fn read_text(root: &Path, relative: &str) -> Result<String, Box<Problem>> {
    let path = root.join(relative);
    let problem = |rule, line, column, reason: String, fix: &str| {
        Box::new(Problem {
            severity: Severity::Error,
            rule,
            file: relative.to_owned(),
            line,
            column,
            subject: relative.to_owned(),
            reason,
            fix: fix.to_owned(),
        })
    };
    let unreadable = |error: std::io::Error| {
        problem(
            Rule::Unreadable,
            1,
            1,
            format!("this file cannot be read: {error}"),
            "make it a readable file",
        )
    };
    let inside = match (root.canonicalize(), path.canonicalize()) {
        (Ok(root), Ok(path)) => path.starts_with(root),
        (_, Err(error)) | (Err(error), _) => return Err(unreadable(error)),
    };
    if !inside {
        return Err(problem(
            Rule::PathOutside,
            1,
            1,
            "this file is a link to a place outside the workspace".to_owned(),
            "put the file itself into the workspace",
        ));
    }
    let too_large = || {
        problem(
            Rule::TooLarge,
            1,
            1,
            format!("a definition file has at most {LARGEST} bytes"),
            "a definition is a page of text: move data into tables",
        )
    };
    let metadata = std::fs::metadata(&path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(unreadable(std::io::Error::other("it is not a file")));
    }
    if metadata.len() > LARGEST {
        return Err(too_large());
    }
    let bytes = read_at_most(&path).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_large());
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .map_or(0, |rest| rest.chars().count())
            + 1;
        problem(
            Rule::NotText,
            line,
            column,
            "the bytes here are not UTF-8 text".to_owned(),
            "save the file as UTF-8",
        )
    })
}

fn read_at_most(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
