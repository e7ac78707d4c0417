//! Holds the arrows between rooms: a room names only the rooms its row allows.
#![expect(
    clippy::expect_used,
    reason = "a test ends where the sources cannot be read"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Each room and the rooms it may name. `domain` is three rooms of its own, see [`DOMAIN`].
const ROOMS: &[(&str, &[&str])] = &[
    ("canonical", &[]),
    ("domain", &[]),
    ("stats", &["domain"]),
    // It draws and counts and has threads, which pure statistics do not; it reads no row, as worlds for an engine do.
    ("calibration", &["domain", "stats"]),
    ("catalog", &["domain", "canonical"]),
    ("plan", &["domain", "canonical"]),
    ("source", &["domain", "canonical"]),
    ("engine", &["domain", "plan", "source", "canonical"]),
    ("checks", &["domain", "plan", "stats"]),
    ("readout", &["domain", "plan", "stats", "checks"]),
    ("record", &["domain", "canonical", "catalog"]),
    ("propose", &["domain", "source", "catalog"]),
    ("report", &["domain", "catalog", "record"]),
    (
        "workspace",
        &[
            "canonical",
            "domain",
            "stats",
            "catalog",
            "plan",
            "source",
            "engine",
            "checks",
            "readout",
            "record",
            "propose",
            "report",
        ],
    ),
    // The terminal app draws domain values and shows the progress of work; it never computes.
    ("tui", &["domain", "engine", "report", "workspace"]),
    (
        "cli",
        &[
            "domain",
            "calibration",
            "engine",
            "catalog",
            "propose",
            "record",
            "report",
            "workspace",
            "tui",
        ],
    ),
];

/// The rooms inside `domain`, in the order of their arrows: each may name those before it.
const DOMAIN: &[&str] = &["vocabulary", "definition", "evidence", "result"];

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a source folder is readable") {
        let path = entry.expect("a source folder is readable").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Every room that a file names by `crate::ROOM`, also in a list `crate::{a, b}`, outside comments.
fn named(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""))
        .collect::<Vec<_>>()
        .join("\n");
    let mut rooms = Vec::new();
    for (position, _) in code.match_indices("crate::") {
        let rest = &code[position + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                let mut depth = 0_i32;
                let mut word = String::new();
                for character in list.chars() {
                    match character {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => rooms.push(std::mem::take(&mut word)),
                        _ if depth == 0 => word.push(character),
                        _ => {}
                    }
                }
                rooms.push(word);
            }
            None => rooms.push(rest.to_owned()),
        }
    }
    rooms
        .iter()
        .map(|path| {
            let path = path.trim_start();
            let end = path
                .find(|character: char| !character.is_alphanumeric() && character != '_')
                .unwrap_or(path.len());
            path[..end].to_owned()
        })
        .filter(|room| !room.is_empty())
        .collect()
}

#[test]
fn every_arrow_between_rooms_is_allowed() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed: BTreeMap<&str, &[&str]> = ROOMS.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut rooms = 0;
    for entry in std::fs::read_dir(&source).expect("src is readable") {
        let folder = entry.expect("src is readable").path();
        if !folder.is_dir() {
            continue;
        }
        let room = folder
            .file_name()
            .expect("a room has a name")
            .to_string_lossy()
            .into_owned();
        let Some(allowed) = allowed.get(room.as_str()) else {
            wrong.push(format!("room '{room}' is not in the list of rooms"));
            continue;
        };
        rooms += 1;
        let mut files = Vec::new();
        rust_files(&folder, &mut files);
        for file in files {
            for name in named(&std::fs::read_to_string(&file).expect("a source file is text")) {
                let is_room = ROOMS.iter().any(|(known, _)| *known == name);
                if is_room && name != room && !allowed.contains(&name.as_str()) {
                    wrong.push(format!("{}: {room} → {name}", file.display()));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that are not allowed:\n{}",
        wrong.join("\n")
    );
    assert!(rooms > 10, "the rooms were found");
}

#[test]
fn the_rooms_of_domain_depend_in_one_direction() {
    let domain = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain");
    let mut wrong = Vec::new();
    for (position, room) in DOMAIN.iter().enumerate() {
        let mut files = Vec::new();
        if domain.join(room).is_dir() {
            rust_files(&domain.join(room), &mut files);
        }
        for file in files {
            let text = std::fs::read_to_string(&file).expect("a source file is text");
            for later in &DOMAIN[position + 1..] {
                if text.contains(&format!("domain::{later}"))
                    || text.contains(&format!("super::super::{later}"))
                {
                    wrong.push(format!("{}: {room} → {later}", file.display()));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that are not allowed:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn arrows_are_found_in_paths_and_in_lists() {
    let text = "use crate::stats;\nuse crate::{domain::definition::{Metric, Role}, source};\n// crate::tui is a comment\nlet x = crate::plan::build();";
    assert_eq!(named(text), ["stats", "domain", "source", "plan"]);
}
