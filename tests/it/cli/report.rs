//! `readout report`.

use crate::command::{Folder, sample_data};
use crate::shop;

#[test]
fn a_readout_is_markdown_on_standard_output() {
    let ran = shop::open().run(&["report", "checkout"]).exits(0);
    assert!(ran.stdout.starts_with("# Readout of `checkout`\n"), "{ran}");
    // Three of ten against four of ten is a third more.
    ran.prints("+33.33 %").prints("200 / 200").says_nothing();
}

#[test]
fn each_format_is_what_it_is_called() {
    let shop = shop::open();
    let format = |name: &str| shop.run(&["report", "checkout", "--format", name]).exits(0);
    assert_eq!(format("md"), format("markdown"));
    format("table").prints("checkout version 1, concluded");
    assert_eq!(format("txt"), format("table"));
    let json = format("json").json();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["experiment"]["id"], "checkout");
    let csv = format("csv");
    assert!(csv.stdout.starts_with("experiment,"), "{csv}");
    assert!(csv.stdout.lines().count() > 3, "{csv}");
    shop.run(&["report", "checkout", "--format", "yaml"])
        .cannot()
        .says("--format: 'yaml' is not one of table, markdown, json, csv");
}

#[test]
fn a_file_has_the_format_of_its_extension_and_the_bytes_of_standard_output() {
    let shop = shop::open();
    for (file, format) in [
        ("r.md", "markdown"),
        ("r.JSON", "json"),
        ("r.csv", "csv"),
        ("r.txt", "table"),
    ] {
        shop.run(&["report", "checkout", "-o", file])
            .exits(0)
            .prints_nothing();
        let printed = shop.run(&["report", "checkout", "--format", format]).stdout;
        assert_eq!(shop.read(file), printed, "{file}");
    }
    shop.run(&["report", "checkout", "-o", "r.doc"])
        .cannot()
        .says("'r.doc' ends in no document format");
    shop.run(&["report", "checkout", "-o", "r.doc", "--format", "json"])
        .exits(0);
    assert!(shop.read("r.doc").starts_with('{'));
}

#[test]
fn a_file_that_has_nowhere_to_go_is_refused_before_the_work() {
    let shop = shop::open();
    shop.write("tables/events.csv", "");
    shop.run(&["report", "checkout", "-o", "nowhere/r.md"])
        .cannot()
        .says("there is no folder 'nowhere'; make it first");
    shop.run(&["report", "checkout", "-o", "tables"])
        .cannot()
        .says("'tables' is a folder");
}

#[test]
fn all_has_one_shape_however_many_there_are() {
    let shop = shop::open();
    let json = shop
        .run(&["report", "--all", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(json["readouts"][0]["experiment"]["id"], "checkout");
    let one = shop.run(&["report", "--all"]).exits(0);
    assert!(one.stdout.starts_with("# 1 readout\n"), "{one}");
    let second = shop::EXPERIMENT.replace("id = \"checkout\"", "id = \"second\"");
    shop.write("experiments/second.toml", second);
    let two = shop.run(&["report", "--all"]).exits(0);
    assert!(two.stdout.starts_with("# 2 readouts\n"), "{two}");
    let named = shop
        .run(&["report", "checkout", "second", "checkout"])
        .exits(0);
    assert_eq!(named.stdout, two.stdout);
    shop.run(&["report", "--all", "checkout"]).exits(2);
}

#[test]
fn all_leaves_no_broken_experiment_out_in_silence() {
    let shop = shop::open();
    shop.write("experiments/broken.toml", "id = \"broken\"\n");
    for command in ["report", "check"] {
        shop.run(&[command, "--all"])
            .cannot()
            .says("experiment 'broken' cannot be read out, because its definitions have errors")
            .says("--> experiments/broken.toml:1:1");
    }
    shop.run(&["report", "checkout"])
        .exits(0)
        .says("in the definition files; `readout lint` lists them");
}

#[test]
fn a_workspace_without_experiments_says_how_to_begin_one() {
    let folder = Folder::new();
    folder.write("readout.toml", "format = 1\n");
    for command in ["report", "check"] {
        folder
            .run(&[command, "--all"])
            .cannot()
            .says("`readout new experiment ID` begins one");
    }
}

#[test]
fn the_schema_needs_no_workspace() {
    let schema = Folder::new().run(&["report", "--schema"]).exits(0).json();
    assert_eq!(schema["title"], "Readout");
    assert!(schema["properties"]["schema_version"].is_object());
    let words = ["report", "--all", "--schema"];
    let schema = Folder::new().run(&words).exits(0).json();
    assert!(schema["properties"]["readouts"].is_object());
}

#[test]
fn the_default_as_of_is_what_every_table_is_complete_through() {
    let shop = shop::open();
    let json = shop.run(&["report", "checkout", "--format", "json"]).json();
    let as_of = &json["provenance"]["as_of"];
    assert_eq!(as_of["instant"], "2026-04-01T00:00:00Z");
    assert_eq!(
        as_of["reason"],
        "the earliest complete_through that a table declares"
    );
}

#[test]
fn a_date_is_through_its_end_and_an_instant_is_itself() {
    let shop = shop::open();
    let as_of = |text: &str| {
        let words = ["report", "checkout", "--format", "json", "--as-of", text];
        let json = shop.run(&words).exits(0).json();
        // An as-of is no convention: the readout is an ordinary one.
        assert!(json["exploratory"].is_null());
        json["provenance"]["as_of"]["instant"].clone()
    };
    assert_eq!(as_of("2026-03-20"), "2026-03-21T00:00:00Z");
    assert_eq!(as_of("2026-03-20T12:00:00Z"), "2026-03-20T12:00:00Z");
    assert_eq!(as_of("2026-03-20T12:00:00+02:00"), "2026-03-20T10:00:00Z");
    shop.replace("readout.toml", "\"UTC\"", "\"Europe/Berlin\"");
    assert_eq!(as_of("2026-03-29"), "2026-03-29T22:00:00Z");
}

#[test]
fn an_as_of_before_the_windows_end_leaves_those_units_out() {
    let shop = shop::open();
    let words = [
        "report",
        "checkout",
        "--format",
        "table",
        "--as-of",
        "2026-03-02",
    ];
    shop.run(&words).exits(0).prints("window was still open");
}

#[test]
fn what_the_command_line_sets_is_exploratory_and_has_no_verdict() {
    let shop = shop::open();
    for (words, reason) in [
        (["--level", "0.9"], "level = 0.9"),
        (["--convention", "relative=delta"], "relative = delta"),
        (["--population", "itt"], "population = itt"),
        (["--population", "itt,exposed"], "population = itt, exposed"),
    ] {
        let mut line = vec!["report", "checkout", "--format", "json"];
        line.extend(words);
        let json = shop.run(&line).exits(0).json();
        let said = json["exploratory"].as_str().unwrap_or_default();
        assert!(said.contains(reason), "{said}");
        assert_eq!(json["verdicts"][0]["word"], "none", "{words:?}");
    }
}

#[test]
fn the_headline_stays_beside_a_population_asked_for() {
    let shop = shop::open();
    let with = |population: &str| {
        let words = [
            "report",
            "checkout",
            "--format",
            "csv",
            "--population",
            population,
        ];
        let ran = shop.run(&words).exits(0);
        (
            ran.stdout.contains(",itt,"),
            ran.stdout.contains(",exposed,"),
        )
    };
    assert_eq!(with("itt"), (true, false));
    assert_eq!(with("exposed"), (true, true));
}

#[test]
fn a_segment_asked_for_splits_and_is_no_exploration() {
    let shop = shop::open();
    let ran = shop.run(&[
        "report",
        "checkout",
        "--format",
        "csv",
        "--segment",
        "country",
    ]);
    let ran = ran.exits(0).prints(",country,DE,").prints(",country,FR,");
    let json = shop.run(&[
        "report",
        "checkout",
        "--format",
        "json",
        "--segment",
        "country",
    ]);
    assert!(json.json()["exploratory"].is_null(), "{ran}");
}

#[test]
fn the_command_that_reproduces_a_readout_does() {
    let shop = shop::open();
    let line = [
        "report",
        "checkout",
        "--format",
        "json",
        "--as-of",
        "2026-03-25",
        "--segment",
        "country",
        "--level",
        "0.9",
        "--convention",
        "relative=delta",
    ];
    let first = shop.run(&line).exits(0);
    let json = first.json();
    let words = json["provenance"]["command"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut words: Vec<&str> = words.iter().filter_map(|word| word.as_str()).collect();
    assert_eq!(words.remove(0), "readout");
    words.extend(["--format", "json"]);
    assert_eq!(shop.run(&words).exits(0).stdout, first.stdout);
}

#[test]
fn threads_never_show_in_the_bytes() {
    let shop = shop::open();
    let with = |threads: &str| {
        let words = [
            "report",
            "checkout",
            "--format",
            "json",
            "--threads",
            threads,
        ];
        shop.run(&words).exits(0).stdout
    };
    assert_eq!(with("1"), with("2"));
    shop.run(&["report", "checkout", "--threads", "0"]).exits(2);
}

#[test]
fn a_folder_is_named_with_c_or_found_by_walking_up() {
    let shop = shop::open();
    let here = shop.run(&["report", "checkout"]).exits(0);
    let inside = crate::command::run_in(&shop.at("tables"), &["report", "checkout"]);
    assert_eq!(inside, here);
    let elsewhere = Folder::new();
    let path = shop.path().to_string_lossy().into_owned();
    assert_eq!(elsewhere.run(&["report", "checkout", "-C", &path]), here);
    assert_eq!(elsewhere.run(&["-C", &path, "report", "checkout"]), here);
}

#[test]
fn tables_can_be_read_from_elsewhere() {
    let shop = shop::open();
    let here = shop.run(&["report", "checkout"]).exits(0);
    let elsewhere = Folder::new();
    for table in ["assignments", "exposures", "events", "units"] {
        let file = format!("tables/{table}.csv");
        elsewhere.write(&file, shop.read(&file));
        std::fs::remove_file(shop.at(&file)).expect("the table was there");
    }
    let path = elsewhere.path().to_string_lossy().into_owned();
    assert_eq!(shop.run(&["report", "checkout", "--tables", &path]), here);
    shop.run(&["report", "checkout"]).cannot();
    shop.run(&["report", "checkout", "--tables", "nowhere"])
        .cannot()
        .says("'nowhere' given by --tables is no folder");
}

#[test]
fn what_cannot_be_asked_is_refused_with_what_can() {
    let transcript = shop::open().transcript(&[
        "report",
        "report chekout",
        "report something-else",
        "report ../../etc/passwd",
        "report checkout -C nowhere",
        "report checkout --as-of yesterday",
        "report checkout --population everyone",
        "report checkout --segment contry",
        "report checkout --level 95",
        "report checkout --level most",
        "report checkout --convention relative",
        "report checkout --convention relativ=delta",
        "report checkout --convention relative=dleta",
    ]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn a_date_needs_a_declared_zone() {
    let shop = shop::open();
    shop.replace("readout.toml", "time_zone = \"UTC\"\n", "");
    shop.run(&["report", "checkout", "--as-of", "2026-03-20"])
        .cannot()
        .says("add time_zone = \"UTC\", or write an instant");
}

#[test]
fn the_sample_workspace_reads_out_with_its_verdicts() {
    let folder = Folder::new();
    let path = sample_data().to_string_lossy().into_owned();
    let ran = folder
        .run(&["report", "--all", "-C", &path, "--format", "csv"])
        .exits(0);
    let verdict = |experiment: &str, word: &str| {
        let found = ran.stdout.lines().any(|line| {
            line.starts_with(&format!("{experiment},")) && line.contains(&format!(",{word},"))
        });
        assert!(found, "{experiment} is not {word}");
    };
    verdict("checkout-button", "ship");
    verdict("search-ranking", "invalid");
    verdict("onboarding-tour", "do-not-ship");
    verdict("pricing-page", "do-not-ship");
    verdict("homepage-ramp", "ship");
}
