//! What every command shares: help, completions, streams, exit codes, and what happens without a terminal.

use std::io::Read;
use std::process::Stdio;

use crate::command::{Folder, program};
use crate::shop;

const COMMANDS: &[&str] = &[
    "tui",
    "demo",
    "report",
    "check",
    "record",
    "verify",
    "lint",
    "catalog",
    "new",
    "quick",
    "simulate",
    "completions",
];

#[test]
fn help_shows_examples_first_and_every_command() {
    let help = Folder::new().run(&["--help"]).exits(0).says_nothing();
    assert!(help.stdout.starts_with("Examples:\n"), "{help}");
    for command in COMMANDS {
        assert!(
            help.stdout.contains(&format!("\n  {command} ")),
            "no {command} in\n{help}"
        );
    }
    Folder::new().run(&["-h"]).exits(0).prints("Usage: readout");
    assert_eq!(Folder::new().run(&["help"]), help);
}

#[test]
fn every_command_has_help_with_its_examples_first() {
    for command in COMMANDS {
        let help = Folder::new()
            .run(&[command, "--help"])
            .exits(0)
            .says_nothing();
        assert!(help.stdout.starts_with("Examples:\n  readout "), "{help}");
        assert!(help.stdout.contains("Usage: readout "), "{help}");
    }
}

#[test]
fn the_version_is_the_packages() {
    let version = format!("readout {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(Folder::new().run(&["--version"]).exits(0).stdout, version);
}

#[test]
fn a_word_it_does_not_know_is_refused_with_the_nearest() {
    insta::assert_snapshot!(Folder::new().transcript(&[
        "reprot",
        "report x --fromat json",
        "--bogus"
    ]));
}

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Folder::new()
            .run(&["completions", shell])
            .exits(0)
            .says_nothing();
        assert!(script.stdout.contains("simulate"), "{shell}");
        assert!(script.stdout.contains("fail-on"), "{shell}");
    }
    Folder::new()
        .run(&["completions", "tcsh"])
        .exits(2)
        .prints_nothing();
}

#[cfg(feature = "tui")]
#[test]
fn without_a_terminal_the_app_names_the_commands_that_need_none() {
    let shop = shop::open();
    insta::assert_snapshot!(shop.transcript(&[
        "",
        "tui",
        "tui -e checkout --theme light --ascii",
        "demo",
        "demo --quiet"
    ]));
}

#[test]
fn without_a_workspace_every_command_says_how_to_get_to_one() {
    let folder = Folder::new();
    for line in [
        &["report", "x"][..],
        &["report", "--all"],
        &["check", "x"],
        &["lint"],
        &["catalog", "list"],
        &["catalog", "show", "x"],
        &["catalog", "bump", "x", "minor"],
        &["new", "metric", "x"],
        &["new", "experiment", "x"],
    ] {
        folder
            .run(line)
            .cannot()
            .says("there is no readout.toml in this folder or any above it");
    }
    assert_eq!(
        std::fs::read_dir(folder.path())
            .expect("it is there")
            .count(),
        0
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let shop = shop::open();
    for words in [
        &["report", "checkout"][..],
        &["check", "checkout"],
        &["catalog", "schema", "metric"],
        &["completions", "bash"],
        &["--help"],
    ] {
        let mut child = program(shop.path())
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(child.stdout.take());
        let status = child.wait().expect("the program ends");
        let mut talk = String::new();
        child
            .stderr
            .take()
            .map(|mut stderr| stderr.read_to_string(&mut talk));
        assert_eq!((status.code(), talk.as_str()), (Some(0), ""), "{words:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_no_panic() {
    let shop = shop::open();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("it is there");
    let output = program(shop.path())
        .args(["report", "checkout"])
        .stdout(full)
        .output()
        .expect("the program runs");
    let talk = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{talk}");
    assert!(talk.starts_with("error: "), "{talk}");
}
