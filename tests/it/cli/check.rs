//! `readout check`: the gate, and what closes it.

use crate::command::{Folder, Ran, sample_data};
use crate::shop;

/// The sample workspace's checks, with these words.
fn sample(words: &[&str]) -> Ran {
    let path = sample_data().to_string_lossy().into_owned();
    let mut line = vec!["check", "-C", &path];
    line.extend(words);
    Folder::new().run(&line)
}

#[test]
fn sound_data_open_the_gate() {
    sample(&["checkout-button"])
        .exits(0)
        .prints("25 pass")
        .says_nothing();
}

#[test]
fn a_failing_check_closes_the_gate_and_is_printed() {
    sample(&["search-ranking"])
        .exits(1)
        .prints("Sample ratio")
        .says_nothing();
}

#[test]
fn each_reason_closes_the_gate_for_its_own_case_only() {
    // A breached guardrail is a result and no fault of the data: only `breach` closes for it.
    sample(&["pricing-page", "--fail-on", "fail"]).exits(0);
    sample(&["pricing-page", "--fail-on", "breach"]).exits(1);
    sample(&["pricing-page", "--fail-on", "warn"]).exits(1);
    sample(&["pricing-page", "--fail-on", "never"]).exits(0);
}

#[test]
fn reasons_combine_and_several_experiments_share_one_gate() {
    let shop = shop::open();
    // Revenue rises, perhaps by a few per cent only: where that is bad, it is neither safe nor shown to be too much.
    shop.replace("metrics/revenue.toml", "increase", "decrease");
    shop.run(&["check", "checkout", "--fail-on", "breach"])
        .exits(0);
    shop.run(&["check", "checkout", "--fail-on", "inconclusive"])
        .exits(1);
    shop.run(&["check", "checkout", "--fail-on", "breach,inconclusive"])
        .exits(1);
    shop.run(&["check", "--all", "--fail-on", "never,inconclusive"])
        .exits(1);
    shop.run(&["check", "checkout", "--fail-on", "something"])
        .exits(2)
        .prints_nothing();
}

#[test]
fn a_check_that_could_not_run_closes_only_for_incomplete() {
    let shop = shop::open();
    // Two units a variant are too few to test a sample ratio.
    let head: Vec<String> = shop
        .read("tables/assignments.csv")
        .lines()
        .take(5)
        .map(str::to_owned)
        .collect();
    shop.write("tables/assignments.csv", head.join("\n") + "\n");
    let all = shop
        .run(&[
            "check",
            "checkout",
            "--format",
            "json",
            "--fail-on",
            "never",
        ])
        .exits(0);
    let json = all.json();
    let count = |status: &str| {
        let checks = json["checks"].as_array().cloned().unwrap_or_default();
        checks
            .iter()
            .filter(|check| check["status"] == status)
            .count()
    };
    assert!(count("could-not-run") + count("insufficient") > 0, "{all}");
    shop.run(&["check", "checkout", "--fail-on", "incomplete"])
        .exits(1);
}

#[test]
fn the_formats_are_table_markdown_and_json() {
    let shop = shop::open();
    let table = shop.run(&["check", "checkout"]).exits(0);
    assert!(table.stdout.starts_with("Checks of checkout\n"), "{table}");
    let markdown = shop
        .run(&["check", "checkout", "--format", "markdown"])
        .exits(0);
    assert!(
        markdown.stdout.starts_with("# Checks of `checkout`\n"),
        "{markdown}"
    );
    let json = shop
        .run(&["check", "checkout", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(json["experiment"], "checkout");
    shop.run(&["check", "checkout", "--format", "csv"])
        .cannot()
        .says("choose table, markdown, json or junit");
    shop.run(&["check", "checkout", "--format", "xml"]).cannot();
    shop.run(&["check"]).exits(2).prints_nothing();
}

#[test]
fn several_experiments_are_one_json_array() {
    let shop = shop::open();
    let second = shop::EXPERIMENT.replace("id = \"checkout\"", "id = \"second\"");
    shop.write("experiments/second.toml", second);
    let words = ["check", "--all", "--format", "json", "--fail-on", "never"];
    let json = shop.run(&words).exits(0).json();
    assert_eq!(json[0]["experiment"], "checkout");
    assert_eq!(json[1]["experiment"], "second");
}

#[test]
fn a_file_has_the_format_of_its_extension() {
    let shop = shop::open();
    for (file, format) in [("c.md", "markdown"), ("c.json", "json"), ("c.txt", "table")] {
        shop.run(&["check", "checkout", "-o", file])
            .exits(0)
            .prints_nothing();
        let printed = shop.run(&["check", "checkout", "--format", format]).stdout;
        assert_eq!(shop.read(file), printed, "{file}");
    }
    shop.run(&["check", "checkout", "-o", "nowhere/c.md"])
        .cannot();
    shop.run(&["check", "checkout", "-o", "c.csv"]).cannot();
}

#[test]
fn a_check_cannot_be_quiet_about_its_gate() {
    let quiet = sample(&["search-ranking", "--quiet"]);
    assert_eq!(quiet, sample(&["search-ranking"]));
}

#[test]
fn a_junit_file_holds_a_failure_where_the_gate_closes() {
    let closed = sample(&["search-ranking", "--format", "junit"]).exits(1);
    assert!(closed.stdout.contains("<failure type=\"fail\""), "{closed}");
    let open = sample(&["search-ranking", "--format", "junit", "--fail-on", "never"]).exits(0);
    assert!(!open.stdout.contains("<failure") && !open.stdout.contains("<error"));
    assert!(open.stdout.contains("<skipped message=\"fail: "), "{open}");
    let all = sample(&["--all", "--format", "junit", "--fail-on", "breach"]).exits(1);
    assert_eq!(all.stdout.matches("<testsuite ").count(), 5);
}

#[test]
fn a_file_that_ends_in_xml_is_junit() {
    let shop = shop::open();
    shop.run(&["check", "checkout", "-o", "c.xml"])
        .exits(0)
        .prints_nothing();
    let printed = shop.run(&["check", "checkout", "--format", "junit"]).stdout;
    assert_eq!(shop.read("c.xml"), printed);
}

#[test]
fn a_mismatch_is_diagnosed_where_it_is_asked_for() {
    let plain = sample(&["search-ranking"]).exits(1);
    let told = sample(&["search-ranking", "--diagnose"]).exits(1);
    let diagnosis = told.stdout.strip_prefix(plain.stdout.as_str());
    insta::assert_snapshot!("diagnosis_of_search_ranking", diagnosis.unwrap_or(""));
    let markdown = sample(&["search-ranking", "--diagnose", "--format", "markdown"]).exits(1);
    insta::assert_snapshot!("diagnosis_of_search_ranking_markdown", markdown.stdout);
    let json = sample(&["search-ranking", "--format", "json"])
        .exits(1)
        .json();
    assert_eq!(json["diagnosis"]["begins"], "assigned");
    // A sound experiment has none unless it is asked for, and then it says so.
    let sound = sample(&["checkout-button", "--format", "json"])
        .exits(0)
        .json();
    assert!(sound["diagnosis"].is_null());
    sample(&["checkout-button", "--diagnose"])
        .exits(0)
        .prints("At no stage do the units depart from the plan");
}
