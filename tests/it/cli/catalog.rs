//! `readout catalog` and `readout new`.

use crate::command::Folder;
use crate::shop;

#[test]
fn the_list_has_every_experiment_and_metric() {
    let shop = shop::open();
    let ran = shop.run(&["catalog", "list"]).exits(0).says_nothing();
    for word in ["checkout", "conversion", "revenue", "1.0.0", "used by 1"] {
        assert!(ran.stdout.contains(word), "{ran}");
    }
    let json = shop
        .run(&["catalog", "list", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(json["experiments"][0]["id"], "checkout");
    assert_eq!(json["metrics"][0]["id"], "conversion");
    assert_eq!(json["metrics"][0]["used_by"][0]["role"], "primary");
    assert_eq!(
        json["metrics"][0]["semantic_hash"].as_str().map(str::len),
        Some(64)
    );
    shop.run(&["catalog", "list", "--format", "xml"]).cannot();
}

#[test]
fn the_list_names_what_has_errors() {
    let shop = shop::open();
    shop.write("experiments/broken.toml", "id = \"broken\"\n");
    shop.run(&["catalog", "list"])
        .exits(0)
        .prints("broken")
        .prints("has errors in experiments/broken.toml");
}

#[test]
fn show_fills_every_default_in() {
    let shop = shop::open();
    let metric = shop.run(&["catalog", "show", "conversion"]).exits(0);
    insta::assert_snapshot!("show_metric", metric);
    let experiment = shop.run(&["catalog", "show", "checkout"]).exits(0);
    insta::assert_snapshot!("show_experiment", experiment);
}

#[test]
fn what_show_prints_is_the_same_definition() {
    let shop = shop::open();
    let hash = |shop: &Folder| {
        shop.run(&["catalog", "list", "--format", "json"]).json()["metrics"][0]["semantic_hash"]
            .clone()
    };
    let before = hash(&shop);
    let expansion = shop.run(&["catalog", "show", "conversion"]).stdout;
    shop.write("metrics/conversion.toml", expansion);
    shop.run(&["lint"]).exits(0);
    assert_eq!(hash(&shop), before);
}

#[test]
fn a_version_can_be_asked_for() {
    let shop = shop::open();
    let current = shop.run(&["catalog", "show", "revenue"]).exits(0);
    assert_eq!(shop.run(&["catalog", "show", "revenue@1"]), current);
    assert_eq!(shop.run(&["catalog", "show", "revenue@1.0.0"]), current);
}

#[test]
fn what_is_not_there_is_refused_with_what_is() {
    insta::assert_snapshot!(shop::open().transcript(&[
        "catalog show revnue",
        "catalog show nothing-like-it",
        "catalog show revenue@2",
        "catalog show revenue@x",
        "catalog schema table",
        "catalog bump nothing minor",
        "catalog bump checkout minor",
        "catalog bump revenue huge",
        "catalog bump Revenue minor",
        "new metric revenue",
        "new experiment checkout",
        "new metric Refund-Rate",
        "new metric ../outside",
    ]));
}

#[test]
fn the_schema_of_each_kind_is_json_and_needs_no_workspace() {
    for kind in ["workspace", "experiment", "metric"] {
        let schema = Folder::new()
            .run(&["catalog", "schema", kind])
            .exits(0)
            .json();
        assert!(schema["properties"].is_object(), "{kind}");
    }
}

#[test]
fn a_bump_keeps_the_old_version_working() {
    let shop = shop::open();
    shop.replace(
        "experiments/checkout.toml",
        "guardrails = [\"revenue\"]",
        "guardrails = [\"revenue@1\"]",
    );
    let before = shop.read("metrics/revenue.toml");
    shop.run(&["catalog", "bump", "revenue", "major"])
        .exits(0)
        .prints_nothing()
        .says("revenue is now 2.0.0; 1.0.0 is kept in metrics/revenue/1.0.0.toml");
    assert_eq!(shop.read("metrics/revenue/1.0.0.toml"), before);
    assert!(
        shop.read("metrics/revenue.toml")
            .contains("version = \"2.0.0\"")
    );
    shop.run(&["lint"]).exits(0);
    let json = shop
        .run(&["report", "checkout", "--format", "json"])
        .exits(0)
        .json();
    let versions: Vec<String> = json["metrics"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|metric| format!("{}@{}", metric["id"], metric["version"]))
        .collect();
    assert!(
        versions
            .iter()
            .any(|text| text.contains("revenue") && text.contains("1.0.0")),
        "{versions:?}"
    );
}

#[test]
fn each_level_raises_its_own_number() {
    for (level, version) in [("patch", "1.0.1"), ("minor", "1.1.0"), ("major", "2.0.0")] {
        let shop = shop::open();
        shop.run(&["catalog", "bump", "conversion", level])
            .exits(0)
            .says(version);
    }
}

#[test]
fn a_new_file_lacks_only_what_its_author_must_say() {
    for (kind, file) in [
        ("metric", "metrics/refund-rate.toml"),
        ("experiment", "experiments/refund-rate.toml"),
    ] {
        let shop = shop::open();
        shop.run(&["new", kind, "refund-rate"])
            .exits(0)
            .prints_nothing()
            .says(&format!("{file} is yours to fill in"));
        let before = shop.read(file);
        // Nothing but the empty fields is wrong.
        let lint = shop.run(&["lint", "--format", "json"]).exits(1).json();
        for problem in lint.as_array().into_iter().flatten() {
            let line = usize::try_from(problem["line"].as_u64().unwrap_or(1)).unwrap_or(1);
            let text = before.lines().nth(line - 1).unwrap_or("");
            assert!(text.contains("\"\""), "{kind}: {problem}");
        }
        let filled = before
            .replace("owner = \"\"", "owner = \"care\"")
            .replace("direction = \"\"", "direction = \"decrease\"");
        shop.write(file, filled);
        shop.run(&["lint"]).exits(0);
        shop.run(&["new", kind, "refund-rate"])
            .cannot()
            .says("never overwritten");
        assert!(shop.read(file).contains("care"));
    }
}

#[test]
fn quiet_commands_say_nothing() {
    let shop = shop::open();
    shop.run(&["catalog", "bump", "revenue", "patch", "-q"])
        .exits(0)
        .prints_nothing()
        .says_nothing();
    shop.run(&["new", "metric", "refunds", "-q"])
        .exits(0)
        .prints_nothing()
        .says_nothing();
}
