//! `readout check --quarantine`: rejected rows for whoever repairs the source, and for nobody else.

use std::time::{Duration, SystemTime};

use crate::command::Folder;
use crate::shop;

const RULES: &str = r#"
[[contract]]
id = "value-in-range"
table = "events"
where = [{ column = "event_name", op = "=", value = "purchase" }]
require = [{ column = "value", op = "between", value = [1, 1000] }]
owner = "payments"
impact = "Revenue adds up amounts that nobody paid"

[[contract]]
id = "name-known"
table = "events"
require = [{ column = "event_name", op = "in", value = ["purchase"] }]
severity = "warn"
reject = false
"#;

/// The shop with a contract, and with events that break it: a formula, a sequence for terminals, a short line.
fn shop() -> Folder {
    let shop = shop::open();
    shop.write("readout.toml", format!("{}{RULES}", shop::WORKSPACE));
    let more = "u2,purchase,-4,2026-03-02T00:00:00Z\n\
        u3,\"=HYPERLINK(\"\"x\"\")\",5,2026-03-02T00:00:00Z\n\
        u5,purchase,\u{1b}[31m,2026-03-02T00:00:00Z\n\
        \"=1+1\",purchase,-1,2026-03-02T00:00:00Z\n\
        u9,purchase,=1+1,2026-03-02T00:00:00Z\n\
        u7,purchase\n";
    shop.write("tables/events.csv", shop::events() + more);
    shop
}

const FILE: &str = "quarantine/checkout/events.csv";

#[test]
fn a_run_without_the_flag_says_how_many_rows_were_rejected_and_how_to_see_them() {
    let shop = shop();
    let ran = shop
        .run(&["check", "checkout"])
        .exits(1)
        .prints("value-in-range")
        .prints("Revenue adds up amounts that nobody paid")
        .says("checkout: 5 rows were rejected (field-count 1, value-in-range 4); `readout check checkout --quarantine` writes them")
        .acts_nowhere();
    assert!(!shop.at("quarantine").exists());
    assert!(!ran.stdout.contains("u5"), "no unit id leaves: {ran}");
    shop.run(&["check", "checkout", "--quiet"]).says_nothing();
}

#[test]
fn rejected_rows_are_written_with_what_they_hold() {
    let shop = shop();
    let plain = shop.run(&["check", "checkout"]);
    let ran = shop
        .run(&["check", "checkout", "--quarantine"])
        .exits(1)
        .says("quarantine/checkout/events.csv: 4 of 5 rejected rows")
        .acts_nowhere();
    assert_eq!(ran.stdout, plain.stdout, "the checks are the same");
    insta::assert_snapshot!(shop.read(FILE));
    assert!(
        !shop.read(FILE).contains("-1,2026"),
        "a row of nobody in the experiment"
    );
    assert_eq!(shop.read("quarantine/.gitignore"), "*\n");
    // Whatever the threads, the memory and what is kept of earlier runs.
    let first = shop.read(FILE);
    for more in [["--threads", "1"], ["--threads", "4"], ["--memory", "1KB"]] {
        let mut words = vec!["check", "checkout", "--quarantine"];
        words.extend(more);
        shop.run(&words).exits(1);
        assert_eq!(shop.read(FILE), first, "{more:?}");
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_them() {
    use std::os::unix::fs::PermissionsExt;
    let shop = shop();
    shop.run(&["check", "checkout", "--quarantine"]).exits(1);
    let mode = |path: &str| {
        let found = std::fs::metadata(shop.at(path)).unwrap();
        found.permissions().mode() & 0o777
    };
    assert_eq!(mode("quarantine"), 0o700);
    assert_eq!(mode("quarantine/checkout"), 0o700);
    assert_eq!(mode(FILE), 0o600);
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_folder_is_not_followed() {
    let shop = shop();
    let outside = Folder::new();
    outside.write("checkout/old.csv", "not ours\n");
    std::os::unix::fs::symlink(outside.path(), shop.at("quarantine")).unwrap();
    shop.run(&["check", "checkout", "--quarantine"])
        .cannot()
        .says("is no folder of its own");
    assert_eq!(outside.read("checkout/old.csv"), "not ours\n");
    assert!(!outside.at("checkout/events.csv").exists());
}

#[test]
fn the_next_run_removes_what_is_too_old_and_what_is_no_longer_so() {
    let shop = shop();
    shop.run(&["check", "checkout", "--quarantine"]).exits(1);
    let age = |file: &str, days: u64| {
        let file = std::fs::File::options()
            .write(true)
            .open(shop.at(file))
            .unwrap();
        let then = SystemTime::now() - Duration::from_hours(days * 24);
        file.set_modified(then).unwrap();
    };
    for (file, days) in [
        ("quarantine/other/a.csv", 31),
        ("quarantine/other/b.csv", 29),
    ] {
        shop.write(file, "x\n");
        age(file, days);
    }
    shop.write("quarantine/other/notes.txt", "mine\n");
    age("quarantine/other/notes.txt", 400);
    // Sound tables now: nothing is rejected any more.
    shop.write("tables/events.csv", shop::events());
    shop.run(&["check", "checkout", "--quarantine"])
        .exits(0)
        .says("quarantine: removed 1 file older than 30 days")
        .says("checkout: no row was rejected");
    assert!(!shop.at(FILE).exists());
    assert!(!shop.at("quarantine/other/a.csv").exists());
    assert!(shop.at("quarantine/other/b.csv").exists());
    assert!(shop.at("quarantine/other/notes.txt").exists());
    shop.replace(
        "readout.toml",
        "[[contract]]",
        "[privacy]\nquarantine_days = 20\n\n[[contract]]",
    );
    shop.run(&["check", "checkout", "--quarantine"])
        .exits(0)
        .says("removed 1 file older than 20 days");
}

#[test]
fn no_more_than_ten_thousand_rows_of_a_table_are_written() {
    use std::fmt::Write as _;
    let shop = shop();
    let mut text = shop::events();
    for row in 0..10_050 {
        writeln!(text, "u{},purchase,-1,2026-03-02T00:00:00Z", row % 400).unwrap();
    }
    shop.write("tables/events.csv", text);
    shop.run(&["check", "checkout", "--quarantine"])
        .exits(1)
        .says("quarantine/checkout/events.csv: 10000 of 10050 rejected rows");
    assert_eq!(shop.read(FILE).lines().count(), 10_001);
}

#[test]
fn a_readout_shows_each_rule_with_its_rows_by_variant_and_its_owner() {
    let shop = shop();
    let ran = shop.run(&["report", "checkout"]).exits(0).acts_nowhere();
    let rows = ran.stdout.split("## Rows").nth(1).unwrap();
    let rows = rows.split("\n## ").next().unwrap();
    insta::assert_snapshot!(rows);
    let json = shop
        .run(&["report", "checkout", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(json["contract"][0]["rule"], "value-in-range");
    assert_eq!(json["contract"][0]["by_variant"]["new"], 2);
    assert_eq!(json["contract"][1]["rows"], 1);
}

#[test]
fn the_page_shows_a_contract_that_is_sound() {
    let page = include_str!("../../../docs/data-contract.md");
    let block = page.split("```toml\n").nth(1).unwrap();
    let block = block.split("```").next().unwrap();
    let shop = shop::open();
    shop.write("readout.toml", format!("{}\n{block}", shop::WORKSPACE));
    shop.run(&["lint"]).exits(0).says("no errors");
}

#[test]
fn a_cache_never_answers_for_another_contract() {
    let shop = shop();
    let cache = Folder::new();
    let home = cache.path().to_string_lossy().into_owned();
    let run = || {
        let output = crate::command::program(shop.path())
            .env("XDG_CACHE_HOME", &home)
            .args(["check", "checkout", "--format", "json"])
            .output()
            .unwrap();
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        json["ledgers"].to_string()
    };
    let first = run();
    assert_eq!(run(), first);
    shop.replace("readout.toml", "[1, 1000]", "[1, 9]");
    assert_ne!(run(), first);
}
