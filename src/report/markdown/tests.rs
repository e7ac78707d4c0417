//! The markdown document, read as prose, and what holds of it whatever it is about.

use super::*;
use crate::domain::definition::Identifier;
use crate::report::fixtures;

#[test]
fn documents_read_well() {
    for (name, readout) in fixtures::ordinary() {
        insta::assert_snapshot!(format!("markdown-{name}"), document(&readout, 60_000));
    }
}

/// As `good_win`, with so many metrics and segments that it is far too long.
fn endless() -> Readout {
    let mut readout = fixtures::ramp_of_three();
    let mut win = fixtures::good_win();
    let segmented = win.metrics.remove(0);
    for number in 0..60 {
        let mut metric = segmented.clone();
        metric.id = Identifier::new(&format!("conversion-{number:02}")).unwrap();
        metric.role = [Role::Primary, Role::Secondary, Role::Diagnostic][number % 3];
        readout.metrics.push(metric);
    }
    readout
}

#[test]
fn a_document_that_is_too_long_says_what_was_cut_and_keeps_what_decides() {
    let readout = endless();
    let whole = document(&readout, usize::MAX);
    assert!(whole.len() > 60_000 && !whole.contains("Shortened"));
    let cut = document(&readout, 40_000);
    assert!(cut.len() <= 40_000, "{}", cut.len());
    assert!(cut.contains("*Shortened to fit 40,000 bytes. Left out: segments of `conversion-59`"));
    assert!(!cut.contains("## Segments") && !cut.contains("Metric `conversion-59`:"));
    for kept in [
        "# Readout of `pricing-ramp`",
        "**`new`: keep running**",
        "## Primary metrics",
        "## Methods",
        "## Provenance",
        "```sh\nreadout report pricing-ramp",
    ] {
        assert!(cut.contains(kept), "{kept}");
    }
}

#[test]
fn segments_go_before_anything_else_and_those_of_the_last_metric_first() {
    let readout = endless();
    let whole = document(&readout, usize::MAX);
    let cut = document(&readout, whole.len() - 1);
    assert!(cut.contains("Left out: segments of `conversion-59`."));
    assert!(cut.contains("Metric `conversion-58`:") && cut.contains("## Diagnostic metrics"));
}

#[test]
fn what_is_seen_otherwise_goes_before_segments() {
    let readout = fixtures::seen_otherwise();
    let whole = document(&readout, usize::MAX);
    assert!(whole.contains("<summary>paid seen otherwise</summary>"));
    assert_eq!(
        whole.matches("<details>").count(),
        whole.matches("</details>").count()
    );
    let cut = document(&readout, whole.len() - 1);
    assert!(cut.contains("Left out: `paid` seen otherwise."), "{cut}");
    assert!(cut.contains("## Segments") && cut.contains("<summary>conversion seen otherwise"));
    for budget in (5_000..whole.len()).step_by(500) {
        let cut = document(&readout, budget);
        assert_eq!(
            cut.matches("<details>").count(),
            cut.matches("</details>").count(),
            "{budget}"
        );
        assert!(cut.contains("**It hangs on a convention**"));
    }
}

#[test]
fn a_verdict_that_no_convention_flips_does_not_hang_on_one() {
    let mut readout = fixtures::seen_otherwise();
    readout.alternatives.pop();
    let text = document(&readout, 60_000);
    assert!(!text.contains("hangs on"));
    assert!(
        text.contains("- On `new`: None of the 4 other conventions tried gives another verdict.")
    );
}

#[test]
fn every_budget_is_kept() {
    let readout = endless();
    for budget in (6_000..90_000).step_by(7_000) {
        let size = document(&readout, budget).len();
        assert!(size <= budget, "{size} of {budget}");
    }
}

#[test]
fn several_readouts_open_with_their_verdicts() {
    let all = fixtures::ordinary();
    let readouts: Vec<&Readout> = all.iter().map(|(_, readout)| readout).collect();
    let text = collection(&readouts, 60_000);
    let overview = text.split("\n## ").next().unwrap();
    insta::assert_snapshot!("markdown-overview", overview);
    assert_eq!(text.matches("\n## Readout of").count(), 7);
    assert_eq!(text.matches("\n## Exploratory readout of").count(), 1);
    assert!(text.len() <= 60_000);
}

#[test]
fn readouts_for_which_there_is_no_room_are_named() {
    let endless = endless();
    let win = fixtures::good_win();
    let readouts = [&win, &endless, &endless];
    let text = collection(&readouts, 24_000);
    assert!(text.len() <= 24_000);
    assert!(text.contains("\n## Readout of `checkout`"));
    assert!(text.contains("the details of `pricing-ramp`"));
}

#[test]
fn the_checks_alone_read_well() {
    insta::assert_snapshot!(
        "checks-ramp-of-three",
        checks_document(&fixtures::ramp_of_three())
    );
}

#[test]
fn a_banner_says_what_falls_and_what_stands() {
    let text = document(&fixtures::exposure_depends_on_variant(), 60_000);
    let banner: Vec<&str> = text.lines().filter(|line| line.starts_with('>')).collect();
    assert!(banner[0].starts_with("> **Exposure rate: fail.**"));
    assert!(banner.contains(&"> - Invalid: the exposed-only effects."));
    assert!(banner.contains(
        &"> - What stands: everything over assigned units (itt), which is the headline."
    ));
    let exposed = text
        .lines()
        .find(|line| line.contains("exposed only   |"))
        .unwrap();
    assert!(exposed.contains("not to be trusted") && !exposed.contains("better"));
}
