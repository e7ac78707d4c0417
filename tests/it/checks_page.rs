//! `docs/checks.md` says of every check what the program says, and of no other.

use std::path::Path;

use readout::domain::result::CheckId;
use readout::engine::Progress;
use readout::workspace::{Settings, Workspace};

const PAGE: &str = include_str!("../../docs/checks.md");

#[test]
fn the_runbook_is_the_programs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let workspace = Workspace::open(&root, None).expect("sample-data is sound");
    let readout = workspace
        .readout(
            "checkout-button",
            &Settings::default(),
            &Progress::default(),
        )
        .expect("a readout");
    let mut checks = readout.checks;
    assert_eq!(checks.len(), CheckId::ALL.len());
    checks.sort_by_key(|check| check.number);
    let expected: Vec<String> = checks
        .iter()
        .map(|check| {
            format!(
                "| {} | `{}` | {} | {} | {} |",
                check.number, check.id, check.stage, check.question, check.runbook
            )
        })
        .collect();
    let section = PAGE.split("## Runbook").nth(1).expect("a runbook");
    let section = section.split("\n## ").next().expect("its end");
    let rows: Vec<&str> = section
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .collect();
    assert_eq!(rows, expected);
}
