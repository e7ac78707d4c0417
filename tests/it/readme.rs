//! Every command of the README works, and every definition file in it is sound.

use std::collections::BTreeSet;

use crate::command::{Folder, program};
use crate::shop;

const README: &str = include_str!("../../README.md");

/// The fenced blocks of a language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("\n```{language}\n");
    README
        .split(opening.as_str())
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap_or(""))
        .collect()
}

/// The command lines of a block, without comments.
fn lines(block: &str) -> impl Iterator<Item = &str> {
    block
        .lines()
        .map(|line| line.split(" #").next().unwrap_or("").trim())
        .filter(|line| !line.is_empty())
}

/// The README's own workspace: its definition files, with tables that fit them.
fn workspace() -> Folder {
    let folder = Folder::new();
    for block in blocks("toml") {
        let file = block
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# "));
        folder.write(file.expect("a block starts with its file's name"), block);
    }
    // The README says Parquet and parts; what a table is written as is not what is tried here.
    folder
        .replace("readout.toml", "assignments.parquet", "assignments.csv")
        .replace("readout.toml", "exposures.parquet", "exposures.csv")
        .replace("readout.toml", "*.parquet", "*.csv")
        .write("tables/assignments.csv", shop::assignments())
        .write("tables/exposures.csv", shop::exposures())
        .write(
            "tables/events/2026-03.csv",
            // As-of is the last day complete in the events; a week after the last assignment every window is closed.
            shop::events().replace("unit_id", "user_id") + "u0,visit,1,2026-03-25T12:00:00Z\n",
        );
    folder
}

#[test]
fn every_definition_file_is_sound() {
    let ran = workspace().run(&["lint", "--strict"]);
    let files: Vec<_> = blocks("toml")
        .iter()
        .filter_map(|block| block.lines().next())
        .collect();
    assert_eq!(
        files,
        [
            "# readout.toml",
            "# experiments/checkout.toml",
            "# metrics/conversion.toml",
            "# metrics/revenue.toml",
            "# metrics/checkout-funnel.toml"
        ]
    );
    // A guardrail without drivers is fine, since it has a runbook.
    ran.exits(0).prints_nothing();
}

#[test]
fn every_command_of_readout_works_where_the_readme_says() {
    let workspace = workspace();
    let elsewhere = Folder::new();
    let users = shop::users().replacen("variant", "group", 1);
    elsewhere.write("users.csv", users);
    let mut tried = BTreeSet::new();
    for line in blocks("sh").into_iter().flat_map(lines) {
        let Some(words) = line.strip_prefix("readout") else {
            continue;
        };
        let words: Vec<&str> = words.split_whitespace().collect();
        let folder = if matches!(words.first(), Some(&("quick" | "simulate" | "demo"))) {
            &elsewhere
        } else {
            &workspace
        };
        let ran = folder.run(&words).acts_nowhere();
        match words.first().copied() {
            // These want a terminal; CI drives them in one.
            None | Some("demo") => {
                assert!(ran.stderr.contains("needs a terminal"), "{line}: {ran}");
            }
            _ => assert_eq!(ran.code, 0, "{line}: {ran}"),
        }
        tried.insert(words.first().copied().unwrap_or("readout"));
    }
    let expected = [
        "catalog", "check", "demo", "init", "lint", "new", "power", "quick", "readout", "record",
        "report", "simulate", "verify",
    ];
    assert_eq!(tried, BTreeSet::from(expected));
    assert!(workspace.read("readouts.json").starts_with('{'));
    assert!(workspace.at("metrics/revenue/1.0.0.toml").is_file());
}

#[test]
fn the_other_commands_are_those_that_ci_runs() {
    let others: Vec<&str> = blocks("sh")
        .into_iter()
        .flat_map(lines)
        .filter(|line| !line.starts_with("readout"))
        .collect();
    assert_eq!(others, ["cargo run -- -C sample-data", "cargo test"]);
    let ci = include_str!("../../.ci/run");
    assert!(ci.contains("cargo test --locked"));
    assert!(ci.contains("cargo run --locked"));
    assert!(README.contains("`cargo install --path .`"));
}

#[test]
fn the_screen_shows_what_the_sample_workspace_says() {
    let folder = Folder::new();
    let mut command = program(folder.path());
    let sample = crate::command::sample_data();
    command
        .args(["report", "onboarding-tour", "--format", "table", "-C"])
        .arg(sample);
    let output = command.output().expect("the program runs");
    let table = String::from_utf8_lossy(&output.stdout);
    let screen = blocks("text").first().copied().unwrap_or("");
    for number in [
        "37.26 %",
        "31.61 %",
        "−15.17 %",
        "−20.19",
        "−9.87",
        "+11.36 %",
        "42.42 %",
        "+31.71 %",
        "−8.96 %",
        "−13.47 %",
    ] {
        assert!(
            screen.contains(number),
            "{number} is not on the README's screen"
        );
        assert!(table.contains(number), "{number} is not in\n{table}");
    }
}

#[test]
fn every_exit_code_is_in_its_table() {
    for code in ["| 0 | ", "| 1 | ", "| 2 | ", "| 130 | "] {
        assert!(README.contains(code), "{code}");
    }
}
