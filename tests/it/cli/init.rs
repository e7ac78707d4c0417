//! `readout init`: a workspace proposed for a folder of tables.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::command::{Folder, Ran, run_in, sample_data};

/// A folder called `shop`, which a workspace is named for.
struct Shop(Folder);

impl Shop {
    fn new() -> Self {
        let folder = Folder::new();
        std::fs::create_dir(folder.at("shop")).expect("a folder can be made");
        Self(folder)
    }

    fn at(&self, file: &str) -> PathBuf {
        self.0.at("shop").join(file)
    }

    fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        self.0.write(&format!("shop/{file}"), text);
    }

    fn read(&self, file: &str) -> String {
        self.0.read(&format!("shop/{file}"))
    }

    fn run(&self, words: &[&str]) -> Ran {
        run_in(&self.at(""), words)
    }
}

/// The sample workspace's tables, and nothing else of it.
fn sample_tables() -> Shop {
    let folder = Shop::new();
    copy(&sample_data().join("tables"), &folder.at("tables"));
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("the sample is there") {
        let path = entry.expect("the sample is there").path();
        let to = to.join(path.file_name().expect("a file has a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).expect("a file can be copied");
        }
    }
}

/// A landing-page test: one file, times without a zone, a few users twice and some in both groups.
fn landing() -> Shop {
    let mut text = "user_id,timestamp,group,landing_page,converted\n".to_owned();
    for user in 1..=400 {
        let (group, page) = if user % 2 == 0 {
            ("control", "old_page")
        } else {
            ("treatment", "new_page")
        };
        let converted = u8::from(user % 8 < 2);
        let day = 2 + user % 20;
        let _ = writeln!(
            text,
            "{user},2017-01-{day:02} 22:11:48.556739,{group},{page},{converted}"
        );
    }
    text.push_str("1,2017-01-22 08:00:00.000000,treatment,new_page,0\n2,2017-01-22 09:00:00.000000,treatment,old_page,0\n");
    let folder = Shop::new();
    folder.write("ab_data.csv", text);
    folder
}

/// What was printed and said, without the progress before it, which a slow machine says more of.
fn settled(ran: &Ran) -> String {
    let (_, said) = ran.stderr.split_once("guessed:").expect("guesses are said");
    format!("{}-- stderr\nguessed:{said}", ran.stdout)
}

/// The files of a folder, without tables.
fn written(folder: &Shop) -> Vec<String> {
    let mut found = Vec::new();
    for place in ["", "experiments", "metrics"] {
        let Ok(entries) = std::fs::read_dir(folder.at(place)) else {
            continue;
        };
        for entry in entries {
            let entry = entry.expect("a folder can be read");
            if entry.path().is_file() {
                let name = entry.file_name().to_string_lossy().into_owned();
                found.push(if place.is_empty() {
                    name
                } else {
                    format!("{place}/{name}")
                });
            }
        }
    }
    found.sort();
    found
}

/// Units by variant, of everyone assigned.
fn units(ran: &Ran) -> Vec<(String, u64)> {
    let json = ran.json();
    let counts = json["units"].as_array().expect("units by variant");
    let assigned = counts.iter().filter(|one| one["population"] == "itt");
    let counted = assigned.map(|one| {
        let variant = one["variant"].as_str().expect("a variant").to_owned();
        (variant, one["units"].as_u64().expect("a count"))
    });
    let mut counted: Vec<(String, u64)> = counted.collect();
    counted.sort();
    assert!(counted.len() > 1, "{counted:?}");
    counted
}

#[test]
fn a_workspace_proposed_for_the_sample_tables_lints_and_counts_the_same_units() {
    let folder = sample_tables();
    // Its Parquet files say no zone.
    folder
        .run(&["init", "--time-zone", "UTC"])
        .exits(0)
        .prints_nothing()
        .says("files in .")
        .says("finds 0 errors")
        .says("table assignments = tables/assignments.parquet")
        .says("lateness of events = 2d")
        .acts_nowhere();
    folder.run(&["lint"]).exits(0).prints("warning[no-owner]");
    let own = sample_that_never_stops();
    for experiment in [
        "checkout-button",
        "homepage-ramp",
        "onboarding-tour",
        "pricing-page",
        "search-ranking",
    ] {
        let words = [
            "report",
            experiment,
            "--format",
            "json",
            "--as-of",
            "2026-04-19T00:00:00Z",
        ];
        let proposed = folder.run(&words).exits(0);
        let own = own.run(&words).exits(0);
        assert_eq!(units(&proposed), units(&own), "{experiment}");
    }
}

/// The sample workspace, its experiments without the end of their enrolment: no table tells it, so no proposal has it. Units
/// that were given a second variant after it are then in two.
fn sample_that_never_stops() -> Shop {
    let folder = Shop::new();
    copy(&sample_data(), &folder.at(""));
    for entry in std::fs::read_dir(folder.at("experiments")).expect("the sample is there") {
        let path = entry.expect("the sample is there").path();
        let text = std::fs::read_to_string(&path).expect("a definition is text");
        let lines = text
            .split_inclusive('\n')
            .filter(|line| !line.starts_with("enrol_stop"));
        let without: String = lines.collect();
        assert!(without.len() < text.len(), "{text}");
        std::fs::write(&path, without).expect("a definition can be written");
    }
    folder
}

#[test]
fn what_is_proposed_for_the_sample_tables() {
    let folder = sample_tables();
    let ran = folder
        .run(&[
            "init",
            "--dry-run",
            "--owner",
            "growth",
            "--time-zone",
            "UTC",
        ])
        .exits(0);
    insta::assert_snapshot!("init-sample", settled(&ran));
    assert!(written(&folder).is_empty(), "{:?}", written(&folder));
}

#[test]
fn one_file_of_a_landing_page_test_becomes_a_workspace_that_reads_out() {
    let folder = landing();
    let ran = folder.run(&["init"]).exits(0).prints_nothing();
    insta::assert_snapshot!("init-landing-page", settled(&ran));
    assert_eq!(
        written(&folder),
        [
            ".gitignore",
            "ab_data.csv",
            "experiments/ab-data.toml",
            "metrics/converted.toml",
            "readout.toml"
        ]
    );
    folder.run(&["lint"]).exits(0);
    let json = folder
        .run(&["report", "ab-data", "--format", "json"])
        .exits(0);
    let (total, count) = units(&json)
        .iter()
        .fold((0, 0), |(sum, n), (_, units)| (sum + units, n + 1));
    // One user is in both groups, and is left out.
    assert_eq!((total, count), (399, 2));
}

#[test]
fn a_time_zone_brings_the_times_in() {
    let folder = landing();
    folder
        .run(&["init", "--time-zone", "UTC", "-q"])
        .exits(0)
        .says_nothing();
    assert!(
        folder
            .read("readout.toml")
            .contains("assigned_at = \"timestamp\"")
    );
    assert!(
        folder
            .read("experiments/ab-data.toml")
            .contains("start = 2017-01-02T00:00:00Z")
    );
    folder.run(&["lint"]).exits(0);
    folder.run(&["report", "ab-data"]).exits(0);
}

#[test]
fn nothing_is_written_while_anything_is_in_the_way() {
    let folder = landing();
    folder.write("metrics/converted.toml", "mine");
    folder
        .run(&["init", "-q"])
        .cannot()
        .says("'metrics/converted.toml' is already there, so nothing was written")
        .says("--force");
    assert_eq!(written(&folder), ["ab_data.csv", "metrics/converted.toml"]);
    assert_eq!(folder.read("metrics/converted.toml"), "mine");
    folder.run(&["init", "--force", "-q"]).exits(0);
    assert!(
        folder
            .read("metrics/converted.toml")
            .contains("id = \"converted\"")
    );
}

#[test]
fn a_gitignore_that_is_there_stays_even_with_force() {
    let folder = landing();
    folder.write(".gitignore", "target/\nspill/\n");
    folder
        .run(&["init", "--force"])
        .exits(0)
        .says("'.gitignore' is there and stays as it is; add to it: quarantine/ cache/");
    assert_eq!(folder.read(".gitignore"), "target/\nspill/\n");
}

#[test]
fn a_folder_without_tables_is_an_error_that_says_what_to_do() {
    let folder = Shop::new();
    folder.write("notes.md", "nothing");
    folder
        .run(&["init", "-q"])
        .cannot()
        .says("there is no table to propose a workspace from")
        .says("--tables");
    folder
        .run(&["init", "elsewhere", "-q"])
        .cannot()
        .says("there is no folder 'elsewhere'");
    folder.write("rates.csv", "day,rate\n1,2\n");
    folder
        .run(&["init", "-q"])
        .cannot()
        .says("no column tells units apart");
    assert_eq!(written(&folder), ["notes.md", "rates.csv"]);
}

#[test]
fn tables_of_another_folder_are_read_from_there() {
    let folder = landing();
    folder.write("site/notes.md", "the workspace");
    folder.write(
        "elsewhere/users.csv",
        "user_id,variant\n1,old\n2,new\n3,old\n4,new\n",
    );
    folder
        .run(&["init", "site", "--tables", "elsewhere"])
        .exits(0)
        .says("add --tables with it to every command");
    assert!(
        folder
            .read("site/readout.toml")
            .contains("path = \"users.csv\"")
    );
    folder.run(&["lint", "-C", "site"]).exits(0);
    folder
        .run(&["report", "users", "-C", "site", "--tables", "elsewhere"])
        .exits(0);
    folder
        .run(&["init", "site", "--tables", "ab_data.csv", "-q"])
        .cannot()
        .says("is not below");
}

#[test]
fn only_the_named_files_are_looked_at() {
    let folder = landing();
    folder.write("more/units.csv", "user_id,country\n1,DE\n2,FR\n3,DE\n");
    let ran = folder
        .run(&["init", "--dry-run", "--tables", "ab_data.csv"])
        .exits(0);
    assert!(!ran.stdout.contains("more/units.csv"), "{ran}");
    folder
        .run(&[
            "init",
            "--dry-run",
            "--tables",
            "ab_data.csv",
            "more/units.csv",
        ])
        .exits(0)
        .prints("more/units.csv")
        .prints("segments = [\"country\"]");
}

#[test]
fn a_dbt_manifest_becomes_a_workspace_that_lints() {
    let folder = Shop::new();
    folder.write(
        "target/manifest.json",
        include_str!("../../../src/propose/init/tests/manifest.json"),
    );
    let ran = folder
        .run(&["init", "--dbt", "target/manifest.json"])
        .exits(0);
    insta::assert_snapshot!("init-dbt", settled(&ran));
    folder.run(&["lint"]).exits(0);
    folder
        .run(&["init", "--dbt", "nowhere.json", "-q"])
        .cannot()
        .says("'nowhere.json' cannot be read");
}

#[test]
fn names_from_tables_act_nowhere() {
    let folder = Shop::new();
    let label = "\u{1b}[31mnew\u{202e}::error::";
    let text =
        format!("user_id,group,\u{1b}[2Jspend\n1,old,1\n2,{label},2\n3,old,3\n4,{label},5\n");
    folder.write("users.csv", text);
    folder.run(&["init", "--dry-run"]).exits(0).acts_nowhere();
    folder.run(&["init"]).exits(0).acts_nowhere();
    folder.run(&["lint"]).exits(0).acts_nowhere();
}

#[test]
fn the_same_folder_gives_the_same_files() {
    let printed = || landing().run(&["init", "--dry-run"]).exits(0);
    assert_eq!(printed(), printed());
}
