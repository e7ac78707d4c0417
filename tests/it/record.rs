//! Records: stored once, decided on, found where they were touched, and held to what comes out now.

use std::fmt::Write as _;
use std::path::Path;

use readout::domain::result::Known;
use readout::engine::Progress;
use readout::record::{RecordId, Store};
use readout::workspace::{Settings, Workspace};
use serde_json::Value;

use crate::command::{Folder, Ran, run_in, sample_data};
use crate::shop;

const RECORD: [&str; 5] = ["report", "checkout", "--record", "--actor", "Ada"];

/// The shop with one record, and the record's id.
fn recorded() -> (Folder, RecordId) {
    let shop = shop::open();
    shop.run(&RECORD).exits(0).says("checkout: recorded as");
    let id = only(shop.path());
    (shop, id)
}

fn only(workspace: &Path) -> RecordId {
    let ids = Store::of(workspace).ids().expect("records");
    assert_eq!(ids.len(), 1);
    ids[0].clone()
}

/// Every file of the records with its bytes.
fn files(workspace: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(workspace.join("records")).expect("records");
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            (name.into_owned(), std::fs::read(&path).expect("a file"))
        })
        .collect();
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

#[test]
fn the_same_readout_is_the_same_record_and_writes_nothing() {
    let (shop, id) = recorded();
    let before = files(shop.path());
    shop.run(&RECORD)
        .exits(0)
        .says(&format!("checkout: is recorded already, as {id}"));
    shop.run(&[
        "report",
        "checkout",
        "--record",
        "--actor",
        "Eve",
        "--threads",
        "1",
    ])
    .exits(0);
    let after = files(shop.path());
    let of = |files: &[(String, Vec<u8>)], name: &str| {
        files.iter().find(|(file, _)| file == name).cloned()
    };
    let record = format!("{id}.json");
    assert_eq!(of(&before, &record), of(&after, &record));
    assert_eq!(before.len(), after.len());
    // Who else recorded it is written down, once.
    let log = Store::of(shop.path()).log().expect("a log");
    assert_eq!(log.lines.len(), 1, "{:?}", log.lines);
}

#[test]
fn a_record_names_no_folder_and_nobody_and_is_the_same_elsewhere() {
    let (shop, id) = recorded();
    let elsewhere = shop::open();
    elsewhere
        .run(&["report", "checkout", "--record", "--actor", "Eve"])
        .exits(0);
    assert_eq!(only(elsewhere.path()), id);
    let text = shop.read(&format!("records/{id}.json"));
    let folder = shop.path().to_string_lossy().into_owned();
    for hidden in [folder.as_str(), "Ada", "/tmp", "threads", ".cache"] {
        assert!(!text.contains(hidden), "{hidden} is in the record");
    }
    let json: Value = serde_json::from_str(&text).expect("JSON");
    let sections: Vec<&String> = json.as_object().expect("sections").keys().collect();
    assert_eq!(
        sections,
        [
            "checks",
            "external",
            "format",
            "internal",
            "resolved",
            "results",
            "supersedes",
            "verdict"
        ]
    );
    let input = &json["resolved"]["inputs"][0];
    assert_eq!(input["content_digest"], Value::Null);
    assert!(
        input["content_digest_absent"]
            .as_str()
            .is_some_and(|why| why.contains("no digest of rows"))
    );
}

#[test]
fn the_readout_comes_out_of_its_record_as_it_went_in() {
    let workspace = Workspace::open(&sample_data(), None).expect("the sample");
    let (settings, progress) = (Settings::default(), Progress::default());
    let folder = Folder::new();
    let mut store = Store::of(folder.path());
    for id in workspace.experiment_ids() {
        let readout = workspace
            .readout(&id, &settings, &progress)
            .expect("a readout");
        let record = workspace
            .record(&id, &settings, None, &progress)
            .expect("a record");
        let put = store.put(&record).expect("it is stored");
        let back = store.get(&put.id).expect("it is read");
        assert!(back == record, "{id}");
        assert!(back.readout() == readout, "{id}");
    }
}

#[test]
fn a_record_of_the_sample_is_bit_identical_in_another_folder_and_over_tables_elsewhere() {
    let (first, second) = (Folder::new(), Folder::new());
    copy(&sample_data(), first.path());
    run_in(
        first.path(),
        &[
            "report",
            "checkout-button",
            "pricing-page",
            "--record",
            "--actor",
            "Ada",
            "--quiet",
        ],
    )
    .exits(0);
    copy(first.path(), second.path());
    drop(first);
    let require = ["verify", "--all", "--require", "bit-identical"];
    second
        .run(&require)
        .exits(0)
        .prints("reproducibility: 2 of 2 bit-identical (100 %)")
        .prints("inputs: every file has the bytes it had");
    std::fs::remove_dir_all(second.at("tables")).expect("removed");
    second.run(&require).exits(1).prints("inputs erased");
    let sample = sample_data();
    let tables = sample.to_str().expect("a path");
    second
        .run(&[
            "verify",
            "--all",
            "--require",
            "bit-identical",
            "--tables",
            tables,
            "--threads",
            "1",
        ])
        .exits(0)
        .prints("2 of 2 bit-identical");
}

/// What verifying found, without what depends on the build.
fn found(ran: &Ran, expected: i32) -> String {
    assert_eq!(ran.code, expected, "{ran}");
    let json = ran.json();
    let one = &json["verifications"][0];
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut shown = format!("{} (exit {})\n", text(&one["level"]), ran.code);
    for change in one["changes"].as_array().expect("changes") {
        let cosmetic = if change["cosmetic"] == true {
            ", words only"
        } else {
            ""
        };
        let _ = writeln!(
            shown,
            "  {}{cosmetic}: {} {}: {} → {}",
            text(&change["kind"]),
            text(&change["subject"]),
            text(&change["field"]),
            text(&change["before"]),
            text(&change["after"])
        );
    }
    if let Some(path) = one["first_difference"]["path"].as_str() {
        let _ = writeln!(shown, "  first difference: {path}");
    }
    if let Some(reason) = one["not_recomputed"].as_str() {
        let _ = writeln!(shown, "  not computed again: {reason}");
    }
    shown.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

fn verify(folder: &Folder, id: &RecordId, more: &[&str]) -> Ran {
    let mut words = vec!["verify", id.as_str(), "--format", "json"];
    words.extend(more);
    folder.run(&words)
}

/// Changes × what verifying says of each: the level, the exit code by the default requirement, and the causes.
#[test]
fn every_change_is_found_with_its_level_and_its_cause() {
    type Change = fn(&Folder);
    let cases: [(&str, i32, Change); 11] = [
        ("nothing", 0, |_| {}),
        ("a changed row", 1, |shop| {
            shop.replace("tables/events.csv", "purchase,10", "purchase,90");
        }),
        ("rows that decide otherwise", 1, |shop| {
            let events = shop.read("tables/events.csv");
            let kept: Vec<&str> = events.lines().take(30).collect();
            shop.write("tables/events.csv", kept.join("\n") + "\n");
        }),
        ("the same rows in another order", 0, |shop| {
            let events = shop.read("tables/events.csv");
            let (head, rows) = events.split_once('\n').expect("a header");
            let mut rows: Vec<&str> = rows.lines().collect();
            rows.reverse();
            shop.write(
                "tables/events.csv",
                format!("{head}\n{}\n", rows.join("\n")),
            );
        }),
        ("an edited filter", 1, |shop| {
            shop.replace("readout.toml", "\"purchase\" }", "\"refund\" }");
        }),
        ("a renamed description", 0, |shop| {
            shop.replace(
                "metrics/conversion.toml",
                "owner = \"growth\"",
                "owner = \"shop\"\ndescription = \"Bought\"",
            );
        }),
        ("another window", 1, |shop| {
            shop.replace(
                "metrics/revenue.toml",
                "window = \"7d\"",
                "window = \"10m\"",
            );
        }),
        ("a convention of the workspace", 1, |shop| {
            shop.replace(
                "readout.toml",
                "[tables]",
                "[conventions]\nlevel = 0.9\n\n[tables]",
            );
        }),
        ("an erased input", 1, |shop| {
            std::fs::remove_file(shop.at("tables/events.csv")).expect("removed");
        }),
        ("a definition with an error", 1, |shop| {
            shop.replace(
                "experiments/checkout.toml",
                "control = \"old\"",
                "control = \"older\"",
            );
        }),
        ("an edited record", 1, |_| {}),
    ];
    let mut matrix = String::new();
    for (name, code, change) in cases {
        let (shop, id) = recorded();
        if name == "an edited record" {
            let file = format!("records/{id}.json");
            let text = shop.read(&file);
            shop.write(&file, text.replacen("\"units\":200", "\"units\":201", 1));
            assert_ne!(shop.read(&file), text);
        } else {
            change(&shop);
        }
        let ran = verify(&shop, &id, &[]);
        let shown = found(&ran, code).replace(id.as_str(), "ID");
        let shown: Vec<&str> = shown
            .lines()
            // The hash of an edited record differs from build to build.
            .map(|line| line.split(": ID → ").next().unwrap_or(line))
            .collect();
        let _ = writeln!(matrix, "{name}: {}", shown.join("\n"));
    }
    let (shop, id) = recorded();
    let _ = write!(
        matrix,
        "one thread: {}",
        found(&verify(&shop, &id, &["--threads", "1"]), 0)
    );
    let mut store = Store::of(shop.path());
    let mut record = store.get(&id).expect("the record");
    record.internal.program = "readout 0.0.9".to_owned();
    record.internal.target = "pdp11-unix".to_owned();
    let other = store.put(&record).expect("it is stored").id;
    let built = found(&verify(&shop, &other, &[]), 0);
    let built = built.replace(&record_target(&shop, &id), "TARGET");
    let _ = write!(matrix, "another version: {built}");
    insta::assert_snapshot!(matrix);
}

fn record_target(shop: &Folder, id: &RecordId) -> String {
    let record = Store::of(shop.path()).get(id).expect("the record");
    record.internal.target
}

#[test]
fn the_same_rows_in_another_format_are_other_inputs_and_the_same_results() {
    let (csv, parquet) = (Folder::new(), Folder::new());
    for (folder, format) in [(&csv, "csv"), (&parquet, "parquet")] {
        folder
            .run(&[
                "simulate", "--output", "w", "--seed", "7", "--format", format, "--quiet",
            ])
            .exits(0);
    }
    let workspace = csv.at("w");
    run_in(
        &workspace,
        &["report", "--all", "--record", "--actor", "Ada", "--quiet"],
    )
    .exits(0);
    copy(&workspace.join("records"), &parquet.at("w").join("records"));
    let ran = run_in(&parquet.at("w"), &["verify", "--all", "--format", "json"]).exits(0);
    let json = ran.json();
    let one = &json["verifications"][0];
    assert_eq!(one["level"], "bit-identical", "{ran}");
    assert_eq!(one["inputs_match"], false);
    let kinds: Vec<&str> = one["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .filter_map(|change| change["kind"].as_str())
        .collect();
    for kind in ["input-gone", "input-added", "definition"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}

#[test]
fn what_is_required_decides_what_is_done_and_how_it_ends() {
    let (shop, id) = recorded();
    shop.write("tables/units.csv", shop::units() + "nobody,DE\n");
    // No metric asks for that table: it is none of the record's inputs.
    verify(&shop, &id, &["--require", "inputs-match"]).exits(0);
    shop.write("tables/events.csv", shop::events() + "\n");
    verify(&shop, &id, &["--require", "intact"]).exits(0);
    let ran = verify(&shop, &id, &["--require", "inputs-match"]).exits(1);
    assert!(found(&ran, 1).starts_with("intact"), "{ran}");
    shop.run(&["verify", "--all", "--require", "intact"])
        .exits(0)
        .prints("none of 1 records was computed again, so there is no rate");
    shop.run(&["verify", "ffff"])
        .cannot()
        .says("there is no record ffff");
    shop.run(&["verify", "../../etc"])
        .cannot()
        .says("is no record");
    shop::open()
        .run(&["verify", "--all"])
        .cannot()
        .says("nothing is recorded");
}

#[test]
fn a_decision_is_written_down_with_who_and_how_long_it_took() {
    let (shop, id) = recorded();
    shop.run(&["record", "list"])
        .exits(0)
        .prints("none yet")
        .acts_nowhere();
    let reason = "better \u{202e}and ::error::no guardrail moved";
    shop.run(&[
        "record",
        "decide",
        id.short(),
        "--decision",
        "ship",
        "--reason",
        reason,
        "--actor",
        "Eve",
    ])
    .exits(0)
    .says("ship on")
    .says("by Eve (self-asserted)");
    shop.run(&[
        "record",
        "decide",
        id.short(),
        "--decision",
        "ship",
        "--reason",
        "two\nlines",
        "--actor",
        "Eve",
    ])
    .cannot()
    .says("--reason holds a line break");
    shop.run(&[
        "record",
        "decide",
        id.short(),
        "--decision",
        "ship",
        "--reason",
        "why",
    ])
    .cannot()
    .says("say who you are with --actor NAME");
    for format in ["table", "markdown", "json"] {
        shop.run(&["record", "list", "--format", format])
            .exits(0)
            .prints("ship")
            .acts_nowhere();
        shop.run(&["record", "log", "--format", format])
            .exits(0)
            .prints("Eve")
            .acts_nowhere();
        shop.run(&["record", "show", id.short(), "--format", format])
            .exits(0)
            .prints("Eve")
            .acts_nowhere();
    }
    shop.run(&["record", "show", id.short()])
        .prints("names in the log are self-asserted")
        .prints("days after its data end");
    let list = shop.run(&["record", "list", "--format", "json"]).json();
    let decided = &list[0]["decisions"][0];
    assert_eq!(decided["decision"], "ship");
    assert!(decided["days_from_data"].is_f64());
    assert!(decided["days_from_record"].as_f64().expect("days") >= 0.0);
    shop.run(&["record", "log", "--verify"])
        .exits(0)
        .prints("verified: 2 lines");
}

#[test]
fn a_correction_is_a_new_record_that_says_which_it_supersedes() {
    let (shop, id) = recorded();
    shop.replace("tables/events.csv", "purchase,10", "purchase,11");
    let words = ["--supersedes", id.short(), "--reason", "a price was wrong"];
    let again = [&RECORD[..], &words[..]].concat();
    shop.run(&again).exits(0).says("recorded as");
    let ids = Store::of(shop.path()).ids().expect("records");
    assert_eq!(ids.len(), 2);
    let new = ids.iter().find(|one| **one != id).expect("the new one");
    shop.run(&["record", "list"])
        .exits(0)
        .prints(&format!("superseded by {}", new.short()));
    shop.run(&["record", "show", new.short()])
        .exits(0)
        .prints(&format!("corrects {id}"));
    shop.run(&["record", "log", "--verify"])
        .exits(0)
        .prints("a price was wrong");
    shop.run(&[&RECORD[..], &["--supersedes", id.short()]].concat())
        .cannot_parse();
}

impl Ran {
    /// Holds that the words were refused.
    #[track_caller]
    fn cannot_parse(self) {
        assert_eq!(self.code, 2, "{self}");
    }
}

#[test]
fn a_touched_record_and_a_touched_log_are_found() {
    let (shop, id) = recorded();
    shop.run(&[
        "record",
        "decide",
        id.short(),
        "--decision",
        "ship",
        "--reason",
        "why",
        "--actor",
        "Eve",
    ])
    .exits(0);
    let log = shop.read("records/log.ndjson");
    shop.replace("records/log.ndjson", "Ada", "Eva");
    shop.run(&["record", "log", "--verify"])
        .exits(1)
        .prints("line 2 does not follow line 1");
    shop.run(&[
        "record",
        "decide",
        id.short(),
        "--decision",
        "ship",
        "--reason",
        "why",
        "--actor",
        "Eve",
    ])
    .cannot()
    .says("records/log.ndjson is not what was written");
    let first = log.lines().next().expect("a line");
    shop.write("records/log.ndjson", format!("{first}\n"));
    shop.run(&["record", "log", "--verify"])
        .exits(1)
        .prints("it was cut: it had 2 lines and has 1");
    shop.write("records/log.ndjson", format!("{log}{{\"actor\""));
    shop.run(&["record", "log", "--verify"])
        .exits(1)
        .prints("half a line");
    shop.run(&[
        "record",
        "decide",
        id.short(),
        "--decision",
        "roll-back",
        "--reason",
        "why",
        "--actor",
        "Eve",
    ])
    .exits(0);
    shop.run(&["record", "log", "--verify"])
        .exits(0)
        .prints("verified: 3 lines");
    let file = format!("records/{id}.json");
    let text = shop.read(&file);
    shop.write(&file, format!("{text} "));
    shop.run(&["record", "show", id.short()])
        .cannot()
        .says("has been changed since it was recorded");
    shop.run(&["record", "list"])
        .exits(0)
        .prints("has been changed");
    shop.run(&["record", "log", "--verify"])
        .exits(1)
        .prints("has been changed");
    verify(&shop, &id, &[]).exits(1);
    shop.run(&RECORD)
        .cannot()
        .says("has been changed since it was recorded");
    std::fs::remove_file(shop.at(&file)).expect("removed");
    shop.run(&["record", "log", "--verify"])
        .exits(1)
        .prints("is gone");
}

#[test]
fn a_record_of_another_format_is_intact_and_keeps_no_other_from_being_verified() {
    let (shop, id) = recorded();
    let text = shop.read(&format!("records/{id}.json"));
    let later = text.replace("\"format\":1,\"internal\"", "\"format\":2,\"internal\"");
    let other = RecordId::of(later.as_bytes());
    shop.write(&format!("records/{other}.json"), later);
    shop.run(&["verify", "--all"])
        .exits(1)
        .prints("it is of format 2, and this program knows 1")
        .prints("reproducibility: 1 of 1 bit-identical (100 %); 1 could not be computed again");
    shop.run(&["verify", "--all", "--require", "intact"])
        .exits(0);
    shop.run(&["record", "show", other.short()])
        .cannot()
        .says("read it with the version that wrote it");
}

/// A record whose first mean is another, as if a program that rounds otherwise had made it.
fn with_mean(shop: &Folder, id: &RecordId, change: impl Fn(f64) -> f64) -> RecordId {
    let mut store = Store::of(shop.path());
    let mut record = store.get(id).expect("the record");
    let mean = &mut record.results.metrics[0].variants[0].mean;
    let before = *mean.value().expect("a mean");
    assert_ne!(change(before), before);
    *mean = Known::Value(change(before));
    store.put(&record).expect("it is stored").id
}

#[test]
fn a_rounding_is_within_tolerance_and_more_than_that_is_the_same_decision_only() {
    let (shop, id) = recorded();
    let rounded = with_mean(&shop, &id, |mean| mean * (1.0 + 1e-12));
    let ran = verify(&shop, &rounded, &[]);
    assert_eq!(
        found(&ran, 0),
        "within-tolerance (exit 0)\n  first difference: metrics[0].variants[0].mean.value\n"
    );
    verify(&shop, &rounded, &["--require", "bit-identical"]).exits(1);
    let other = with_mean(&shop, &id, |mean| mean * 1.001);
    assert!(found(&verify(&shop, &other, &[]), 1).starts_with("same-decision"));
    verify(&shop, &other, &["--require", "same-decision"]).exits(0);
    let table = shop.run(&["verify", other.short()]).exits(1);
    table.prints(
        "nothing that the numbers follow from was found to have changed: please report this",
    );
}
