//! Facts about rules that hold between files, and about files that cannot be read.

use super::{CONVERSION, EXPERIMENT, Folder, NET_REVENUE, WORKSPACE};
use crate::catalog::{Catalog, LoadError, LookupError};

const NONE: [&str; 0] = [];

#[test]
fn a_guardrail_without_a_margin_can_never_pass_and_without_drivers_nobody_can_explain_it() {
    let text = EXPERIMENT
        .replace("primary = [\"conversion\"]", "primary = [\"net-revenue\"]")
        .replace(
            "guardrails = [\"net-revenue\"]",
            "guardrails = [\"conversion\"]",
        );
    let folder = Folder::healthy().with("experiments/checkout.toml", &text);
    assert_eq!(
        folder.problems(),
        [
            "error no-margin experiments/checkout.toml:10:15",
            "warning no-explanation experiments/checkout.toml:10:15",
        ]
    );
}

#[test]
fn a_primary_must_be_active_and_a_metric_in_another_role_should_be() {
    let folder = Folder::healthy()
        .with(
            "metrics/conversion.toml",
            &CONVERSION.replace("active", "proposed"),
        )
        .with(
            "metrics/net-revenue.toml",
            &NET_REVENUE.replace("active", "deprecated"),
        );
    assert_eq!(
        folder.problems(),
        [
            "error primary-not-active experiments/checkout.toml:9:12",
            "warning not-in-force experiments/checkout.toml:10:15",
        ]
    );
}

#[test]
fn a_retired_metric_cannot_be_used() {
    let folder = Folder::healthy().with(
        "metrics/net-revenue.toml",
        &NET_REVENUE.replace("active", "retired"),
    );
    assert_eq!(
        folder.problems(),
        ["error retired-metric experiments/checkout.toml:10:15"]
    );
}

#[test]
fn governance_is_a_warning_and_under_strict_an_error() {
    let metric = CONVERSION.replace("decision", "# decision");
    let folder = Folder::healthy().with("metrics/conversion.toml", &metric);
    assert_eq!(
        folder.problems(),
        ["warning no-decision experiments/checkout.toml:9:12"]
    );
    assert!(folder.load().experiment("checkout").is_ok());
    let strict = format!("{WORKSPACE}[governance]\nstrict = true\n");
    let folder = folder.with("readout.toml", &strict);
    assert_eq!(
        folder.problems(),
        ["error no-decision experiments/checkout.toml:9:12"]
    );
    assert!(matches!(
        folder.load().experiment("checkout"),
        Err(LookupError::Broken { .. })
    ));
}

#[test]
fn an_experiment_that_runs_without_a_primary_is_warned_of_and_a_draft_is_not() {
    let text = EXPERIMENT.replace("primary = [\"conversion\"]", "primary = []");
    let folder = Folder::healthy().with("experiments/checkout.toml", &text);
    assert_eq!(
        folder.problems(),
        ["warning no-primary experiments/checkout.toml:9:11"]
    );
    let folder = folder.with(
        "experiments/checkout.toml",
        &text.replace("running", "draft"),
    );
    assert_eq!(folder.problems(), NONE);
}

#[test]
fn one_id_in_two_files_is_a_duplicate_and_not_the_name_of_one_of_them() {
    let folder = Folder::healthy()
        .with("metrics/revenue.toml", CONVERSION)
        .with("experiments/test.toml", EXPERIMENT);
    assert_eq!(
        folder.problems(),
        [
            "error id-not-file-name experiments/test.toml:2:6",
            "error duplicate-definition experiments/test.toml:2:6",
            "error id-not-file-name metrics/revenue.toml:2:6",
            "error duplicate-definition metrics/revenue.toml:2:6",
        ]
    );
    let catalog = folder.load();
    assert_eq!(
        catalog.metric("conversion").unwrap().file,
        "metrics/conversion.toml"
    );
}

#[test]
fn one_name_for_two_experiments_is_an_error() {
    let named = format!("{EXPERIMENT}also_known_as = [\"exp-1\"]\n");
    let other = named.replace("\"checkout\"", "\"basket\"");
    let folder = Folder::healthy()
        .with("experiments/checkout.toml", &named)
        .with("experiments/basket.toml", &other);
    assert_eq!(
        folder.problems(),
        ["error duplicate-name experiments/checkout.toml:11:18"]
    );
}

#[test]
fn a_superseded_version_keeps_working() {
    let old = NET_REVENUE.replace("1.2.0", "1.1.0").replace("7d", "14d");
    let older = old.replace("1.1.0", "1.0.3");
    let major = NET_REVENUE.replace("1.2.0", "2.0.0");
    let text = EXPERIMENT.replace("\"net-revenue\"", "\"net-revenue@1\"");
    let catalog = Folder::healthy()
        .with("metrics/net-revenue.toml", &major)
        .with("metrics/net-revenue/1.1.0.toml", &old)
        .with("metrics/net-revenue/1.0.3.toml", &older)
        .with("experiments/checkout.toml", &text)
        .load();
    assert_eq!(catalog.problems, []);
    let version = |reference: &str| {
        catalog
            .metric(reference)
            .unwrap()
            .metric
            .version
            .to_string()
    };
    assert_eq!(version("net-revenue"), "2.0.0");
    assert_eq!(version("net-revenue@2"), "2.0.0");
    assert_eq!(version("net-revenue@1"), "1.1.0");
    assert_eq!(version("net-revenue@1.0"), "1.0.3");
    assert_eq!(version("net-revenue@1.0.3"), "1.0.3");
    let experiment = &catalog.experiment("checkout").unwrap().experiment;
    assert_eq!(experiment.metrics[1].version.to_string(), "1.1.0");
    let uses = catalog.uses(&experiment.metrics[1].id);
    assert_eq!(uses.len(), 1);
    assert_eq!(uses[0].version.to_string(), "1.1.0");
    assert_eq!(catalog.versions(&experiment.metrics[1].id).count(), 3);
}

#[test]
fn a_superseded_version_is_older_than_the_one_in_force_and_has_its_place() {
    let folder = Folder::healthy()
        .with("metrics/net-revenue/1.2.0.toml", NET_REVENUE)
        .with(
            "metrics/net-revenue/1.0.0.toml",
            &NET_REVENUE.replace("1.2.0", "1.1.0"),
        )
        .with(
            "metrics/orders/0.9.0.toml",
            &CONVERSION.replace("1.0.0", "0.9.0"),
        );
    assert_eq!(
        folder.problems(),
        [
            "error bad-version metrics/net-revenue/1.0.0.toml:3:11",
            "error bad-version metrics/net-revenue/1.2.0.toml:3:11",
            "error id-not-file-name metrics/orders/0.9.0.toml:2:6",
        ]
    );
}

#[test]
fn a_broken_newest_version_is_never_replaced_by_an_older_one_in_silence() {
    let catalog = Folder::healthy()
        .with(
            "metrics/net-revenue.toml",
            &NET_REVENUE.replace("owner", "ower"),
        )
        .with(
            "metrics/net-revenue/1.1.0.toml",
            &NET_REVENUE.replace("1.2.0", "1.1.0"),
        )
        .load();
    for reference in ["net-revenue", "net-revenue@1", "net-revenue@1.2.0"] {
        assert!(matches!(
            catalog.metric(reference),
            Err(LookupError::Broken { .. })
        ));
    }
    assert!(catalog.metric("net-revenue@1.1").is_ok());
}

#[test]
fn what_is_not_found_is_said_with_what_was_probably_meant() {
    let catalog = Folder::healthy().load();
    let said = |error: LookupError| error.to_string();
    assert_eq!(
        said(catalog.experiment("chekout").unwrap_err()),
        "the workspace has no experiment 'chekout'; did you mean 'checkout'?"
    );
    assert_eq!(
        said(catalog.metric("conversion@2").unwrap_err()),
        "'conversion@2' names no version of the metric; it has 1.0.0"
    );
    assert_eq!(
        said(catalog.experiment("a\u{1b}[31m").unwrap_err()),
        "the workspace has no experiment 'a\\u{1b}[31m'; `readout catalog list` lists what it has"
    );
    assert!(matches!(
        catalog.metric("no metric"),
        Err(LookupError::Invalid(_))
    ));
}

#[test]
fn a_time_without_an_offset_needs_a_zone() {
    let workspace = WORKSPACE.replace("time_zone", "# time_zone");
    let text = EXPERIMENT.replace("2026-03-01T00:00:00Z", "2026-03-01");
    let folder = Folder::healthy().with("readout.toml", &workspace);
    assert_eq!(folder.problems(), NONE);
    let folder = folder.with("experiments/checkout.toml", &text);
    assert_eq!(
        folder.problems(),
        ["error no-zone experiments/checkout.toml:6:9"]
    );
}

#[test]
fn exposed_is_read_out_where_there_are_exposures_and_cannot_be_without() {
    let workspace = WORKSPACE.replace("exposures =", "# exposures =");
    let folder = Folder::healthy().with("readout.toml", &workspace);
    assert_eq!(folder.problems(), NONE);
    let catalog = folder.load();
    assert_eq!(
        catalog
            .experiment("checkout")
            .unwrap()
            .experiment
            .populations
            .len(),
        1
    );
    let text = format!("{EXPERIMENT}populations = [\"itt\", \"exposed\"]\n");
    let folder = folder.with("experiments/checkout.toml", &text);
    assert_eq!(
        folder.problems(),
        ["error unknown-table experiments/checkout.toml:11:23"]
    );
}

#[test]
fn a_label_that_means_a_variant_of_no_experiment_is_warned_of() {
    let workspace = WORKSPACE.replace(
        "assignments = \"tables/assignments.parquet\"",
        "assignments = { path = \"a.csv\", variants = { A = \"old\", B = \"nwe\" } }",
    );
    let folder = Folder::healthy().with("readout.toml", &workspace);
    assert_eq!(
        folder.problems(),
        ["warning unknown-variant readout.toml:5:61"]
    );
}

#[test]
fn a_workspace_that_cannot_be_read_in_full_calls_nothing_unknown() {
    let folder = Folder::healthy().with(
        "readout.toml",
        &WORKSPACE.replace("[facts.purchase]", "[facts.purchase"),
    );
    let problems = folder.problems();
    assert!(
        problems
            .iter()
            .all(|problem| !problem.contains("unknown-fact")),
        "{problems:#?}"
    );
    assert!(folder.load().has_errors());
}

#[test]
fn without_a_readout_toml_there_is_no_workspace() {
    let folder = Folder::empty();
    assert!(matches!(
        Catalog::load(folder.root()),
        Err(LoadError::Missing { .. })
    ));
    std::fs::create_dir(folder.root().join("readout.toml")).unwrap();
    let folder_as_file = Catalog::load(folder.root()).unwrap();
    assert!(folder_as_file.workspace.is_none());
    assert_eq!(folder.problems(), ["error unreadable readout.toml:1:1"]);
}

#[test]
fn a_file_of_bytes_that_are_no_text_is_a_problem_at_the_first_bad_byte() {
    let folder = Folder::healthy().with_bytes(
        "metrics/latin.toml",
        b"id = \"latin\"\nowner = \"Ren\xe9\"\n",
    );
    assert_eq!(
        folder.problems(),
        ["error not-text metrics/latin.toml:2:13"]
    );
}

#[test]
fn a_definition_file_has_at_most_a_mebibyte() {
    let large = format!("{CONVERSION}# {}", "x".repeat(1 << 20));
    let folder = Folder::healthy().with("metrics/large.toml", &large);
    assert_eq!(
        folder.problems(),
        ["error too-large metrics/large.toml:1:1"]
    );
}

#[test]
fn a_definition_file_nests_at_most_32_deep() {
    let nested = |depth: usize| format!("x = {}1{}\n", "[".repeat(depth), "]".repeat(depth));
    let deep = |depth| {
        Folder::empty()
            .with("readout.toml", &nested(depth))
            .problems()
    };
    let place = "error too-deep readout.toml:1:37".to_owned();
    assert!(!deep(31).iter().any(|problem| problem.contains("too-deep")));
    assert!(deep(32).contains(&place));
    assert!(deep(40).contains(&place));
}

#[test]
fn no_nesting_exhausts_the_stack() {
    let nested = |depth: usize| format!("value = {}1{}\n", "[".repeat(depth), "]".repeat(depth));
    for depth in [40, 100, 100_000] {
        let folder = Folder::healthy().with("metrics/deep.toml", &nested(depth));
        assert!(folder.load().metric("deep").is_err());
    }
    let key = vec!["a"; 70].join(".");
    let inner = (0..70).fold("1".to_owned(), |inner, _| format!("{{ {key} = {inner} }}"));
    let folder = Folder::healthy().with(
        "readout.toml",
        &format!("{WORKSPACE}[tables.t.columns]\nx = {inner}\n"),
    );
    assert!(folder.load().workspace.is_none());
}

#[test]
fn the_problems_of_one_file_are_listed_up_to_a_limit_and_the_limit_is_said() {
    let many: Vec<String> = (0..2000).map(|index| format!("key{index} = 1")).collect();
    let many = many.join("\n");
    let problems = Folder::healthy()
        .with("metrics/many.toml", &many)
        .load()
        .problems;
    assert_eq!(problems.len(), 501);
    assert_eq!(
        problems
            .iter()
            .filter(|problem| problem.rule.name() == "too-many")
            .count(),
        1
    );
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_workspace_is_not_followed() {
    let outside = Folder::empty()
        .with("secret.toml", "password = 1")
        .with("table.csv", "a");
    let folder = Folder::healthy();
    std::os::unix::fs::symlink(
        outside.root().join("secret.toml"),
        folder.root().join("metrics/x.toml"),
    )
    .unwrap();
    std::os::unix::fs::symlink(outside.root(), folder.root().join("tables")).unwrap();
    assert_eq!(
        folder
            .problems()
            .iter()
            .filter(|line| line.contains("path-outside"))
            .collect::<Vec<_>>(),
        [
            "error path-outside metrics/x.toml:1:1",
            "error path-outside readout.toml:5:15",
            "error path-outside readout.toml:6:13",
            "error path-outside readout.toml:7:19",
            "error path-outside readout.toml:8:9",
        ]
    );
}
