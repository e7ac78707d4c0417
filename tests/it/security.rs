//! The rules that hold from the start: a workspace may come from anyone, and opening it is safe.

use std::os::unix::fs::symlink;

use crate::command::{Folder, Ran};
use crate::shop;

/// A shop and, beside it, what must stay out of reach.
fn beside() -> (Folder, String) {
    let folder = Folder::new();
    let shop = shop::open();
    for file in [
        "readout.toml",
        "experiments/checkout.toml",
        "metrics/conversion.toml",
        "metrics/revenue.toml",
        "tables/assignments.csv",
        "tables/exposures.csv",
        "tables/events.csv",
        "tables/units.csv",
    ] {
        folder.write(&format!("shop/{file}"), shop.read(file));
    }
    folder.write("secret/events.csv", shop::events());
    let secret = folder.at("secret").to_string_lossy().into_owned();
    (folder, secret)
}

#[track_caller]
fn report(folder: &Folder) -> Ran {
    folder
        .run(&["report", "checkout", "-C", "shop"])
        .acts_nowhere()
}

#[test]
fn a_table_path_that_leaves_the_workspace_is_refused() {
    let (_, secret) = beside();
    for path in [
        "../secret/events.csv".to_owned(),
        "tables/../../secret/events.csv".to_owned(),
        format!("{secret}/events.csv"),
        "../secret/*.csv".to_owned(),
        "../secret".to_owned(),
        "/etc".to_owned(),
        "~/events.csv".to_owned(),
    ] {
        let (folder, _) = beside();
        folder.replace("shop/readout.toml", "tables/events.csv", &path);
        let ran = report(&folder).cannot();
        assert!(!ran.stderr.contains("purchase"), "{ran}");
    }
}

#[test]
fn a_link_that_leaves_the_workspace_is_refused() {
    let (folder, _) = beside();
    std::fs::remove_file(folder.at("shop/tables/events.csv")).expect("it was there");
    symlink(
        folder.at("secret/events.csv"),
        folder.at("shop/tables/events.csv"),
    )
    .expect("a link");
    report(&folder).cannot().says("outside the workspace");

    let (folder, _) = beside();
    symlink(folder.at("secret"), folder.at("shop/parts")).expect("a link");
    for path in ["parts", "parts/*.csv", "parts/events.csv"] {
        folder.write(
            "shop/readout.toml",
            shop::WORKSPACE.replace("tables/events.csv", path),
        );
        report(&folder).cannot();
    }

    let (folder, _) = beside();
    std::fs::rename(
        folder.at("shop/metrics/revenue.toml"),
        folder.at("secret/revenue.toml"),
    )
    .expect("it was there");
    symlink(
        folder.at("secret/revenue.toml"),
        folder.at("shop/metrics/revenue.toml"),
    )
    .expect("a link");
    folder
        .run(&["lint", "-C", "shop"])
        .exits(1)
        .prints("outside the workspace");
    report(&folder).cannot();
}

#[test]
fn nothing_is_written_through_a_link_that_leaves_the_workspace() {
    let (folder, secret) = beside();
    std::fs::remove_dir_all(folder.at("shop/experiments")).expect("it was there");
    symlink(&secret, folder.at("shop/experiments")).expect("a link");
    folder
        .run(&["new", "experiment", "next", "-C", "shop"])
        .cannot();
    assert!(!folder.at("secret/next.toml").exists());
    let (folder, secret) = beside();
    symlink(&secret, folder.at("shop/metrics/revenue")).expect("a link");
    folder
        .run(&["catalog", "bump", "revenue", "minor", "-C", "shop"])
        .cannot();
    assert!(!folder.at("secret/1.0.0.toml").exists());
    assert_eq!(folder.read("shop/metrics/revenue.toml"), shop::REVENUE);
}

#[test]
fn an_id_is_no_path() {
    for id in [
        "../secret",
        "/etc/passwd",
        "a/b",
        "a\\b",
        ".",
        "..",
        "",
        "-",
        "A",
        "a b",
        "a\nb",
        "é",
        "con\u{202e}",
    ] {
        for line in [
            &["new", "metric", "--", id][..],
            &["new", "experiment", "--", id],
            &["catalog", "bump", "--", id, "minor"],
        ] {
            let ran = shop::open().run(line).acts_nowhere();
            assert_eq!(ran.code, 2, "{id:?}: {ran}");
        }
        for line in [&["report", "--", id][..], &["catalog", "show", "--", id]] {
            let ran = shop::open().run(line).acts_nowhere();
            assert_eq!(ran.code, 2, "{id:?}: {ran}");
        }
    }
}

#[test]
fn a_definition_has_a_limit_of_size_and_depth() {
    let shop = shop::open();
    shop.write("metrics/large.toml", "# ".to_owned() + &"x".repeat(1 << 20));
    shop.write(
        "metrics/deep.toml",
        format!("id = {}1{}\n", "[".repeat(3_000), "]".repeat(3_000)),
    );
    shop.write(
        "metrics/deeper.toml",
        format!("a{} = 1\n", ".a".repeat(50_000)),
    );
    let ran = shop.run(&["lint"]).exits(1).acts_nowhere();
    for file in [
        "metrics/large.toml",
        "metrics/deep.toml",
        "metrics/deeper.toml",
    ] {
        assert!(ran.stdout.contains(file), "{file} is not blamed");
    }
    shop.run(&["report", "checkout"]).exits(0);
}

/// Text that would act where it is shown raw: on a terminal, in a log, in markdown, in a spreadsheet.
const HOSTILE: &str = "=cmd|' /C calc'!A0 ::error::x\u{1b}[2J\u{202e} ![i](https://example.org/i.png) <script>x</script> @all";

/// The hostile text as a TOML string.
fn quoted() -> String {
    let escaped: String = HOSTILE
        .chars()
        .map(|character| match character {
            '"' | '\\' => format!("\\{character}"),
            '\u{1b}' => "\\u001b".to_owned(),
            other => other.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

#[test]
fn words_of_a_definition_do_not_act_anywhere() {
    let shop = shop::open();
    shop.replace(
        "experiments/checkout.toml",
        "owner = \"checkout\"",
        &format!("owner = {0}\nhypothesis = {0}", quoted()),
    );
    shop.replace(
        "metrics/conversion.toml",
        "decision",
        &format!("description = {}\ndecision", quoted()),
    );
    for line in [
        &["lint"][..],
        &["lint", "--format", "json"],
        &["catalog", "list"],
        &["catalog", "list", "--format", "json"],
        &["catalog", "show", "checkout"],
        &["catalog", "show", "conversion"],
        &["report", "checkout"],
        &["report", "checkout", "--format", "table"],
        &["report", "checkout", "--format", "csv"],
        &["report", "checkout", "--format", "json"],
        &["check", "checkout"],
    ] {
        shop.run(line).acts_nowhere();
    }
}

#[test]
fn faults_of_a_definition_are_quoted_safely() {
    let shop = shop::open();
    shop.replace(
        "experiments/checkout.toml",
        "\"concluded\"",
        &format!("{0}\n{0} = 1", quoted()),
    );
    shop.replace(
        "readout.toml",
        "[facts.purchase]",
        &format!("[facts.{}]", quoted()),
    );
    shop.write("metrics/\u{1b}[2J\u{202e}.toml", "id = 1\n");
    for line in [
        &["lint"][..],
        &["lint", "--format", "json"],
        &["report", "checkout"],
        &["catalog", "list"],
    ] {
        shop.run(line).acts_nowhere();
    }
}

#[test]
fn labels_of_a_table_do_not_act_in_any_document() {
    let folder = Folder::new();
    let hostile = HOSTILE.replace('"', "\"\"");
    folder.write(
        "users.csv",
        shop::users().replace(",new,", &format!(",\"{hostile}\",")),
    );
    let run = |format: &str| {
        folder
            .run(&["quick", "users.csv", "-q", "--format", format])
            .exits(0)
            .acts_nowhere()
    };
    run("table");
    run("json");
    let markdown = run("markdown").stdout;
    assert!(!markdown.contains("![i](https"), "an image is loaded");
    assert!(!markdown.contains("<script>"), "markup acts");
    let csv = run("csv").stdout;
    let cell = csv.lines().nth(1).unwrap_or("");
    assert!(cell.contains("'=cmd"), "a formula acts: {cell}");
    for line in csv.lines().chain(markdown.lines()) {
        assert!(!line.starts_with(['=', '@']), "{line}");
    }
}

#[test]
fn the_command_to_paste_runs_nothing_else() {
    let folder = Folder::new();
    let file = "a'; touch pwned; '$(touch pwned)`touch pwned`.csv";
    folder.write(file, shop::users());
    let label = "new$(touch pwned)";
    folder.write(file, shop::users().replace(",new,", &format!(",{label},")));
    let ran = folder
        .run(&["quick", file, "-q", "--control", label])
        .exits(0);
    let line = ran
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("Again:"));
    // The command may go over several lines; it is the document's end.
    let at = ran.stdout.find("Again:").unwrap_or(ran.stdout.len());
    let command = ran.stdout[at..].trim_start_matches("Again:").trim();
    assert!(line.is_some(), "{ran}");
    let output = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!(
            "readout() {{ for word in \"$@\"; do printf '%s\\n' \"$word\"; done; }}; {command}"
        ))
        .current_dir(folder.path())
        .output()
        .expect("a shell");
    let words = String::from_utf8_lossy(&output.stdout);
    let words: Vec<&str> = words.lines().collect();
    assert_eq!(words, ["quick", file, "--control", label]);
    assert!(!folder.at("pwned").exists());
}

#[test]
fn opening_a_workspace_runs_and_writes_nothing() {
    let shop = shop::open();
    // What could tempt a program: hooks, configuration of tools, scripts named like definitions.
    for file in [
        ".git/hooks/post-checkout",
        "readout.sh",
        "metrics/run.sh",
        ".readout/config.toml",
    ] {
        shop.write(file, "#!/bin/sh\ntouch pwned\n");
    }
    let before = listing(&shop);
    for line in [
        &["lint"][..],
        &["catalog", "list"],
        &["report", "--all"],
        &["check", "--all", "--fail-on", "never"],
        &["tui"],
    ] {
        shop.run(line);
    }
    assert_eq!(listing(&shop), before);
}

/// Every path below a folder.
fn listing(folder: &Folder) -> Vec<String> {
    let (mut found, mut open) = (Vec::new(), vec![folder.path().to_path_buf()]);
    while let Some(path) = open.pop() {
        for entry in std::fs::read_dir(path).expect("it is there").flatten() {
            found.push(entry.path().to_string_lossy().into_owned());
            if entry.path().is_dir() {
                open.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_definition_has_no_room_for_sql_or_credentials() {
    let shop = shop::open();
    shop.replace(
        "readout.toml",
        "[tables]",
        "database = \"postgres://user:secret@host/db\"\n[tables]",
    );
    let ran = shop.run(&["lint"]).exits(1);
    assert!(!ran.stdout.contains("secret"), "{ran}");
    let shop = shop::open();
    shop.replace(
        "metrics/conversion.toml",
        "fact = \"purchase\"",
        "sql = \"select 1\"",
    );
    shop.run(&["lint"]).exits(1).prints("sql");
}
