//! `readout simulate`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::command::Folder;

/// A scenario small enough to make in no time.
const SMALL: &str = r#"{"name": "Small"}"#;

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(path) = open.pop() {
        for entry in std::fs::read_dir(&path).expect("a folder was written") {
            let path = entry.expect("a folder was written").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("it is below");
                let bytes = std::fs::read(&path).expect("a file was written");
                found.insert(name.to_string_lossy().into_owned(), bytes);
            }
        }
    }
    found
}

#[test]
fn the_same_seed_writes_the_same_bytes_and_another_does_not() {
    let folder = Folder::new();
    for (seed, place) in [("7", "a"), ("7", "b"), ("8", "c")] {
        let words = ["simulate", "--output", place, "--seed", seed];
        folder
            .run(&words)
            .exits(0)
            .prints_nothing()
            .says(&format!("files in {place}"));
    }
    assert!(files(&folder.at("a")) == files(&folder.at("b")));
    assert!(files(&folder.at("a")) != files(&folder.at("c")));
}

#[test]
fn it_never_writes_into_a_folder_that_holds_something() {
    let folder = Folder::new();
    folder.write("mine/notes.md", "mine");
    folder
        .run(&["simulate", "-o", "mine"])
        .cannot()
        .says("'mine' is not empty")
        .says("--force");
    assert_eq!(files(&folder.at("mine")).len(), 1);
    folder
        .run(&["simulate", "-o", "mine", "--force", "-q"])
        .exits(0)
        .says_nothing();
    assert_eq!(folder.read("mine/notes.md"), "mine");
    folder.run(&["lint", "-C", "mine"]).exits(0);
}

#[test]
fn every_format_of_the_tables_reads_out_the_same() {
    let folder = Folder::new();
    let mut readouts = Vec::new();
    for format in ["parquet", "csv", "csv.gz", "ndjson", "arrow"] {
        let words = ["simulate", "-o", format, "--format", format, "--seed", "7"];
        folder.run(&words).exits(0);
        let words = ["report", "--all", "--format", "json", "-C", format];
        readouts.push((format, folder.run(&words).exits(0).stdout));
    }
    for (format, readout) in &readouts {
        assert!(*readout == readouts[0].1, "{format} differs from parquet");
    }
}

#[test]
fn a_scenario_is_strict() {
    let folder = Folder::new();
    folder
        .write("small.json", SMALL)
        .write("odd.json", r#"{"nam": "Small"}"#)
        .write("none.json", r#"{"experiments": []}"#);
    folder
        .run(&["simulate", "-o", "small", "--scenario", "small.json"])
        .exits(0);
    assert!(
        folder
            .read("small/readout.toml")
            .contains("name = \"Small\"")
    );
    insta::assert_snapshot!(folder.transcript(&[
        "simulate",
        "simulate -o x --scenario nothing.json",
        "simulate -o x --scenario odd.json",
        "simulate -o x --scenario none.json",
        "simulate -o x --format xml",
        "simulate -o x --seed many",
        "simulate -o x --sample --scenario small.json",
        "simulate -o x --sample --format csv",
    ]));
    assert!(!folder.at("x").exists());
}

#[test]
fn a_calibration_is_a_gate_with_a_figure_a_row() {
    let folder = Folder::new();
    let run = |threads: &str| {
        let words = [
            "simulate",
            "--calibrate",
            "--experiments",
            "10",
            "--seed",
            "7",
            "--threads",
            threads,
            "--format",
            "json",
            "-q",
        ];
        folder.run(&words)
    };
    let one = run("1");
    assert_eq!(one, run("3"));
    let figures = one.json()["figures"].as_array().expect("figures").clone();
    assert!(figures.len() > 100);
    let missed = figures.iter().any(|figure| figure["outcome"] == "fail");
    one.exits(i32::from(missed)).says_nothing();
    for words in [
        vec!["simulate", "--calibrate", "-o", "x"],
        vec!["simulate", "--calibrate", "--experiments", "0"],
        vec!["simulate", "-o", "x", "--experiments", "10"],
        vec!["simulate", "--calibrate", "--format", "csv"],
    ] {
        folder.run(&words).cannot();
    }
    assert!(!folder.at("x").exists());
}
