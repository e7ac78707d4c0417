//! `readout quick`: one file, no workspace.

use std::fmt::Write as _;

use crate::command::Folder;
use crate::shop;

fn users() -> Folder {
    let folder = Folder::new();
    folder.write("users.csv", shop::users());
    folder
}

#[test]
fn a_file_alone_is_enough_and_every_guess_is_said() {
    let ran = users().run(&["quick", "users.csv"]).exits(0);
    // Three of ten against four of ten is a third more.
    let ran = ran.prints("30.00 %").prints("40.00 %").prints("+33.33 %");
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn what_is_asked_is_not_guessed() {
    let ran = users().run(&[
        "quick",
        "users.csv",
        "--unit",
        "user_id",
        "--variant",
        "variant",
        "--control",
        "new",
        "--metric",
        "converted:proportion:decrease",
        "--weights",
        "old=1,new=1",
    ]);
    ran.exits(0).prints("old against new").says_nothing();
}

#[test]
fn quiet_keeps_the_guesses_to_itself() {
    let users = users();
    let loud = users.run(&["quick", "users.csv"]).exits(0);
    let quiet = users
        .run(&["quick", "users.csv", "--quiet"])
        .exits(0)
        .says_nothing();
    assert_eq!(quiet.stdout, loud.stdout);
}

#[test]
fn each_format_and_extension_is_what_it_is_called() {
    let users = users();
    let printed = |format: &str| {
        users
            .run(&["quick", "users.csv", "-q", "--format", format])
            .exits(0)
    };
    assert!(printed("md").stdout.starts_with("# Readout of `users`\n"));
    assert_eq!(printed("json").json()["experiment"]["id"], "users");
    assert!(printed("csv").stdout.starts_with("experiment,"));
    assert_eq!(printed("table"), users.run(&["quick", "users.csv", "-q"]));
    for (file, format) in [
        ("r.md", "md"),
        ("r.json", "json"),
        ("r.csv", "csv"),
        ("r.txt", "table"),
    ] {
        users
            .run(&["quick", "users.csv", "-q", "-o", file])
            .exits(0)
            .prints_nothing();
        assert_eq!(users.read(file), printed(format).stdout, "{file}");
    }
    users
        .run(&["quick", "users.csv", "-o", "nowhere/r.md"])
        .cannot();
}

#[test]
fn a_metric_has_the_kind_and_direction_asked_for() {
    let users = users();
    let words = [
        "quick",
        "users.csv",
        "--format",
        "json",
        "--metric",
        "revenue:mean:decrease",
        "--metric",
        "converted",
    ];
    let json = users.run(&words).exits(0).json();
    let metric = |position: usize, field: &str| json["metrics"][position][field].clone();
    assert_eq!(metric(0, "id"), "revenue");
    assert_eq!(metric(0, "kind"), "mean");
    assert_eq!(metric(0, "direction"), "decrease");
    assert_eq!(metric(1, "kind"), "proportion");
    assert_eq!(metric(1, "direction"), "increase");
}

#[test]
fn segments_split_and_conventions_are_exploratory() {
    let users = users();
    let run = |more: &[&str]| {
        let mut words = vec!["quick", "users.csv", "--format", "json"];
        words.extend(more);
        users.run(&words).exits(0).json()
    };
    let split = run(&["--segment", "country"]);
    assert!(split["exploratory"].is_null());
    assert!(split.to_string().contains("\"FR\""));
    assert!(run(&["--level", "0.9"])["exploratory"].is_string());
    assert!(run(&["--convention", "relative=delta"])["exploratory"].is_string());
}

#[test]
fn uneven_variants_are_not_called_a_broken_ratio_without_weights() {
    let folder = Folder::new();
    let uneven: Vec<String> = shop::users()
        .lines()
        .enumerate()
        .filter(|(row, line)| !line.contains(",new,") || row % 6 == 0)
        .map(|(_, line)| line.to_owned())
        .collect();
    folder.write("users.csv", uneven.join("\n") + "\n");
    folder
        .run(&["quick", "users.csv"])
        .exits(0)
        .says("weights = unknown");
    let declared = folder
        .run(&["quick", "users.csv", "--weights", "old=1,new=1"])
        .exits(0);
    declared.prints("Sample ratio: fail");
}

#[test]
fn the_command_that_reproduces_a_readout_does() {
    let users = users();
    users.write("it's.csv", shop::users());
    let line = [
        "quick",
        "it's.csv",
        "--unit",
        "user_id",
        "--variant",
        "variant",
        "--control",
        "old",
        "--metric",
        "revenue:mean:decrease",
        "--segment",
        "country",
        "--weights",
        "old=1,new=1",
        "--level",
        "0.9",
        "--convention",
        "relative=delta",
        "--format",
        "json",
        "-q",
    ];
    let first = users.run(&line).exits(0);
    let json = first.json();
    let words = json["provenance"]["command"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut words: Vec<&str> = words.iter().filter_map(|word| word.as_str()).collect();
    assert_eq!(words.remove(0), "readout");
    words.extend(["--format", "json", "-q"]);
    assert_eq!(users.run(&words).exits(0), first);
    let mut table = line[..line.len() - 3].to_vec();
    table.push("-q");
    users
        .run(&table)
        .exits(0)
        .prints("readout quick 'it'\\''s.csv' --unit user_id");
}

#[test]
fn a_file_is_read_wherever_it_is_and_through_a_link() {
    let users = users();
    users.write("elsewhere/more.csv", shop::users());
    let path = users
        .at("elsewhere/more.csv")
        .to_string_lossy()
        .into_owned();
    let direct = users.run(&["quick", "elsewhere/more.csv"]).exits(0);
    assert_eq!(users.run(&["quick", &path]), direct);
    let linked = Folder::new();
    std::os::unix::fs::symlink(&path, linked.at("more.csv")).expect("a link can be made");
    assert_eq!(linked.run(&["quick", "more.csv"]), direct);
}

#[test]
fn a_name_with_a_glob_or_a_hyphen_is_only_a_name() {
    let users = users();
    users
        .write("a[1]*.csv", shop::users())
        .write("-f.csv", shop::users());
    users.run(&["quick", "a[1]*.csv"]).exits(0);
    users
        .run(&["quick", "-q", "./-f.csv"])
        .exits(0)
        .prints("readout quick ./-f.csv");
}

#[test]
fn a_column_called_variant_that_is_none_is_not_passed_over() {
    let folder = Folder::new();
    let text = shop::users().replace(",new,", ",old,");
    folder.write("users.csv", text);
    folder
        .run(&["quick", "users.csv"])
        .cannot()
        .says("column 'variant' holds only 'old'");
    folder
        .run(&["quick", "users.csv", "--variant", "country"])
        .exits(0);
}

#[test]
fn what_cannot_be_asked_is_refused_with_what_can() {
    let users = users();
    users
        .write("notes.txt", "hello\n")
        .write("names.csv", "name,age\nx,1\ny,2\n");
    insta::assert_snapshot!(users.transcript(&[
        "quick",
        "quick nothing.csv",
        "quick notes.txt",
        "quick names.csv",
        "quick users.csv --unit usr_id",
        "quick users.csv --variant treatment",
        "quick users.csv --variant user_id",
        "quick users.csv --unit variant --variant variant",
        "quick users.csv --control blue",
        "quick users.csv --metric country",
        "quick users.csv --metric revenue --metric revenue",
        "quick users.csv --metric revenue:meen",
        "quick users.csv --metric revenue:ratio",
        "quick users.csv --metric variant",
        "quick users.csv --segment city",
        "quick users.csv --weights blue=1",
        "quick users.csv --weights old",
        "quick users.csv --weights old=some",
        "quick users.csv --weights old=-1",
        "quick users.csv --weights old=0,new=0",
        "quick users.csv --level 95",
        "quick users.csv --as-of 2026-03-01",
        "quick users.csv --tui",
        "quick users.csv --tui --format json",
    ]));
}

/// Units of two countries and 60 shops, with what they spent before.
fn shops() -> Folder {
    let mut text = "user,variant,shop,country,before,spent\n".to_owned();
    for user in 0..240_u32 {
        let variant = if (user / 4) % 2 == 0 { "old" } else { "new" };
        let country = if user % 3 == 0 { "FR" } else { "DE" };
        let before = f64::from(user * 37 % 101);
        let spent =
            before + f64::from(user * 53 % 89) / 4.0 + if variant == "new" { 3.0 } else { 0.0 };
        let _ = writeln!(
            text,
            "u{user},{variant},s{},{country},{before},{spent}",
            user / 4
        );
    }
    let folder = Folder::new();
    folder.write("shops.csv", text);
    folder
}

#[test]
fn strata_clusters_covariates_and_quantiles_are_asked_for_by_column() {
    let folder = shops();
    let run = |more: &[&str]| {
        let mut words = vec![
            "quick",
            "shops.csv",
            "--unit",
            "user",
            "--variant",
            "variant",
            "--control",
            "old",
            "--weights",
            "old=1,new=1",
            "--format",
            "json",
            "-q",
        ];
        words.extend(more);
        folder.run(&words).exits(0).json()
    };
    let effect = |json: &serde_json::Value| {
        let effects = json["metrics"][0]["effects"]
            .as_array()
            .expect("effects")
            .clone();
        let whole = effects.into_iter().find(|effect| effect["slice"] == "all");
        whole.expect("an effect on all")
    };
    for (more, estimator) in [
        (["--metric", "spent", "--strata", "country"], "stratified"),
        (["--metric", "spent", "--cluster", "shop"], "clustered"),
        (["--metric", "spent", "--covariate", "before"], "adjusted"),
        (
            ["--metric", "spent:quantile=0.5", "--segment", "country"],
            "difference-of-quantiles",
        ),
    ] {
        let json = run(&more);
        assert_eq!(effect(&json)["estimator"], estimator);
        // What it says reproduces it does.
        let command = json["provenance"]["command"].as_array().expect("a command");
        let words: Vec<&str> = command
            .iter()
            .filter_map(serde_json::Value::as_str)
            .collect();
        let again = folder.run(&[&words[1..], &["--format", "json", "-q"]].concat());
        assert_eq!(
            effect(&again.exits(0).json())["estimator"],
            estimator,
            "{words:?}"
        );
    }
    let plain = effect(&run(&["--metric", "spent"]));
    let adjusted = effect(&run(&["--metric", "spent", "--covariate", "before"]));
    let error = |effect: &serde_json::Value| effect["absolute"]["value"]["standard_error"].as_f64();
    assert!(error(&adjusted) < error(&plain));
}

#[test]
fn a_column_is_only_one_thing() {
    let folder = shops();
    insta::assert_snapshot!(folder.transcript(&[
        "quick shops.csv --variant variant --strata variant",
        "quick shops.csv --variant variant --metric spent --covariate spent",
        "quick shops.csv --variant variant --strata country --cluster country",
        "quick shops.csv --variant variant --strata land",
        "quick shops.csv --variant variant --covariate country",
    ]));
}
