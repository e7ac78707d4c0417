//! `readout lint`.

use crate::command::Folder;
use crate::shop;

#[test]
fn a_healthy_workspace_opens_the_gate() {
    shop::open()
        .run(&["lint"])
        .exits(0)
        .prints_nothing()
        .says("no errors");
    shop::open()
        .run(&["lint", "--quiet"])
        .exits(0)
        .prints_nothing()
        .says_nothing();
    let json = shop::open()
        .run(&["lint", "--format", "json", "--quiet"])
        .exits(0)
        .json();
    assert_eq!(json, serde_json::json!([]));
}

#[test]
fn every_fault_of_every_file_comes_in_one_run() {
    let shop = shop::open();
    shop.replace("readout.toml", "[facts.purchase]", "[fact.purchase]")
        .replace("experiments/checkout.toml", "owner", "ownr")
        .replace("metrics/conversion.toml", "proportion", "percentage")
        .replace("metrics/revenue.toml", "margin = { relative = 0.05 }\n", "");
    let ran = shop.run(&["lint"]).exits(1);
    insta::assert_snapshot!(ran);
}

#[test]
fn json_names_file_line_column_reason_and_fix() {
    let shop = shop::open();
    shop.replace("experiments/checkout.toml", "primary", "primry");
    let json = shop.run(&["lint", "--format", "json"]).exits(1).json();
    let problem = &json[0];
    assert_eq!(problem["file"], "experiments/checkout.toml");
    for field in ["line", "column"] {
        assert!(problem[field].as_u64() > Some(0), "{problem}");
    }
    for field in ["reason", "fix", "rule", "severity", "subject"] {
        assert!(
            !problem[field].as_str().unwrap_or("").is_empty(),
            "{problem}"
        );
    }
}

#[test]
fn a_warning_closes_the_gate_only_when_strict() {
    let shop = shop::open();
    shop.replace(
        "metrics/conversion.toml",
        "decision = { question = \"Do we keep the new checkout?\" }\n",
        "",
    );
    shop.run(&["lint"])
        .exits(0)
        .prints("warning")
        .says("1 warning");
    shop.run(&["lint", "--strict"]).exits(1).prints("warning");
}

#[test]
fn a_format_it_does_not_have_is_refused() {
    shop::open()
        .run(&["lint", "--format", "xml"])
        .cannot()
        .says("neither text nor json");
}

#[test]
fn without_a_workspace_it_says_how_to_get_to_one() {
    let ran = Folder::new().run(&["lint"]).cannot();
    insta::assert_snapshot!(ran);
}

#[test]
fn a_workspace_file_that_is_not_toml_is_a_fault_with_a_place() {
    let folder = Folder::new();
    folder.write("readout.toml", "format = 1\nname = shop\n");
    folder.run(&["lint"]).exits(1).prints("--> readout.toml:2:");
    folder
        .run(&["report", "checkout"])
        .cannot()
        .says("readout.toml:2:");
}
