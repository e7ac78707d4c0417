//! Facts about what a definition means: its semantic hash, and its long form.

use super::{CONVERSION, EXPERIMENT, Folder, NET_REVENUE, WORKSPACE};
use crate::catalog::{render_experiment, render_metric};

fn hash_of(id: &str, folder: &Folder) -> String {
    folder.load().metric(id).unwrap().hash.clone()
}

fn conversion(text: &str) -> String {
    hash_of(
        "conversion",
        &Folder::healthy().with("metrics/conversion.toml", text),
    )
}

cases! {
    words_and_forms_do_not_change_what_a_metric_means:
    a_comment("kind =", "# what it is\nkind =");
    a_description("kind =", "description = \"Bought anything\"\nkind =");
    the_owner("\"growth\"", "\"payments\"");
    the_status("\"active\"", "\"deprecated\"");
    the_version("\"1.0.0\"", "\"1.0.1\"");
    the_decision("decision =", "# decision =");
    a_runbook("kind =", "runbook = \"ask growth\"\nkind =");
    the_long_form_of_a_window("\"7d\"",
    "{ anchor = \"entry\", start = \"0h\", end = \"168h\", units = \"matured\" }");
    the_long_form_of_a_fact("fact = \"purchase\"",
    "value = { table = \"events\", aggregate = \"any\", where = [{ column = \"event_name\", op = \"=\", value = \"purchase\" }], missing = \"zero\" }");
}

fn words_and_forms_do_not_change_what_a_metric_means(from: &str, to: &str) {
    assert!(CONVERSION.contains(from));
    assert_eq!(
        conversion(CONVERSION),
        conversion(&CONVERSION.replacen(from, to, 1))
    );
}

cases! {
    what_moves_a_number_or_a_verdict_changes_what_a_metric_means:
    the_window("\"7d\"", "\"8d\"");
    the_direction("\"increase\"", "\"decrease\"");
    the_kind("\"proportion\"", "\"mean\"");
    a_margin("window =", "margin = { relative = 0.01 }\nwindow =");
    the_missing_rule("window =", "missing = \"drop\"\nwindow =");
    the_units("\"7d\"", "{ end = \"7d\", units = \"all\" }");
    a_covariate("window =", "covariate = { window = \"7d\" }\nwindow =");
}

fn what_moves_a_number_or_a_verdict_changes_what_a_metric_means(from: &str, to: &str) {
    assert!(CONVERSION.contains(from));
    assert_ne!(
        conversion(CONVERSION),
        conversion(&CONVERSION.replacen(from, to, 1))
    );
}

#[test]
fn editing_a_fact_changes_the_metrics_that_use_it_and_no_other() {
    let edited = WORKSPACE.replace("value = \"purchase\"", "value = \"order\"");
    let (before, after) = (
        Folder::healthy(),
        Folder::healthy().with("readout.toml", &edited),
    );
    assert_ne!(
        hash_of("conversion", &before),
        hash_of("conversion", &after)
    );
    assert_eq!(
        hash_of("net-revenue", &before),
        hash_of("net-revenue", &after)
    );
}

#[test]
fn the_order_of_filters_and_of_a_list_means_nothing() {
    let second = ", { column = \"country\", op = \"=\", value = \"DE\" }], missing";
    let first = "where = [{ column = \"country\", op = \"=\", value = \"DE\" }, {";
    let one = NET_REVENUE.replace("], missing", second);
    let other = NET_REVENUE
        .replace("where = [{", first)
        .replace("[\"purchase\", \"refund\"]", "[\"refund\", \"purchase\"]");
    let hash = |text: &str| {
        hash_of(
            "net-revenue",
            &Folder::healthy().with("metrics/net-revenue.toml", text),
        )
    };
    assert_eq!(hash(&one), hash(&other));
    assert_ne!(hash(&one), hash(NET_REVENUE));
}

#[test]
fn an_experiment_means_the_same_under_another_owner_and_not_with_another_weight() {
    let hash = |text: &str| {
        let folder = Folder::healthy().with("experiments/checkout.toml", text);
        folder.load().experiment("checkout").unwrap().hash.clone()
    };
    let same = EXPERIMENT
        .replace("owner = \"checkout\"", "owner = \"basket\"")
        .replace("running", "paused");
    assert_eq!(hash(EXPERIMENT), hash(&same));
    assert_ne!(
        hash(EXPERIMENT),
        hash(&EXPERIMENT.replace("old = 1", "old = 2"))
    );
    assert_ne!(
        hash(EXPERIMENT),
        hash(
            &EXPERIMENT
                .replace("guardrails", "diagnostics")
                .replace("net-revenue", "conversion@1.0")
                .replace("primary = [\"conversion\"]", "")
        )
    );
}

/// Numbers in a wide variety of places, so that the long form has to write every one of them.
const FULL_EXPERIMENT: &str = r#"
id = "checkout"
version = 3
owner = "checkout"
status = "ramping"
hypothesis = "Fewer steps, more orders"
start = 2026-03-01
end = 2026-04-01T12:30:00+02:00
enrol_stop = 2026-03-25
control = "old"
variants = { old = 1, new = 1, other = 0 }
epochs = [{ from = 2026-03-03, weights = { old = 2, new = 1, other = 0.5 } }]
primary = ["conversion"]
guardrails = ["net-revenue@1"]
segments = ["country", "device"]
populations = ["itt"]
also_known_as = ["exp 17", "Checkout №2"]
salt = "s\u0001"
[plan]
units = 20000
exposure_rate = 0.6
end = 2026-03-30
[exposure]
types = ["view"]
control_can_be_exposed = false
within = "7d"
dedupe = "30m"
[eligibility]
where = [{ column = "is_bot", op = "=", value = false }, { column = "age", op = "between", value = [18, 99.5] }, { column = "seen", op = ">=", value = 2026-01-01 }, { column = "country", op = "not-null" }]
[conventions]
several-variants = "keep-in-both"
level = 0.9
correction = "bonferroni"
"#;

#[test]
fn the_long_form_of_an_experiment_means_what_the_short_one_does() {
    let folder = Folder::healthy().with("experiments/checkout.toml", FULL_EXPERIMENT);
    let catalog = folder.load();
    assert_eq!(catalog.problems, []);
    let short = catalog.experiment("checkout").unwrap();
    let long = render_experiment(&short.experiment).unwrap();
    let catalog = Folder::healthy()
        .with("experiments/checkout.toml", &long)
        .load();
    assert_eq!(catalog.problems, []);
    let again = catalog.experiment("checkout").unwrap();
    assert_eq!(again.experiment, short.experiment);
    assert_eq!(again.hash, short.hash);
}

#[test]
fn the_long_form_of_a_metric_means_what_the_short_one_does() {
    let ratio = CONVERSION
        .replace("proportion", "ratio")
        .replace("fact = \"purchase\"", "numerator = \"purchase\"\ndenominator = { fact = \"purchase\", aggregate = \"count\", missing = \"drop\" }\ncap = { value = 500 }\nminimum_effect = { absolute = 2 }\ndeprecated_on = 2026-01-01");
    let published = CONVERSION
        .replace("window = \"7d\"", "")
        .replace("fact = \"purchase\"", "value = { table = \"summaries\" }");
    let ready_made = published.replace(
        "{ table = \"summaries\" }",
        "{ table = \"units\", column = \"seven\" }\ncovariate = { column = \"before\" }",
    );
    let workspace = WORKSPACE.replace("units =", "summaries = \"published.csv\"\nunits =");
    for text in [CONVERSION, &ratio, &published, &ready_made] {
        let folder = Folder::healthy()
            .with("readout.toml", &workspace)
            .with("metrics/conversion.toml", text);
        let catalog = folder.load();
        assert_eq!(catalog.problems, []);
        let short = catalog.metric("conversion").unwrap();
        let long = render_metric(&short.metric).unwrap();
        let catalog = folder.with("metrics/conversion.toml", &long).load();
        assert_eq!(catalog.problems, [], "{long}");
        let again = catalog.metric("conversion").unwrap();
        assert_eq!(again.metric, short.metric);
        assert_eq!(again.hash, short.hash);
    }
}

#[test]
fn the_long_form_reads_like_a_file_somebody_wrote() {
    let catalog = Folder::healthy().load();
    insta::assert_snapshot!(render_metric(&catalog.metric("conversion").unwrap().metric).unwrap());
}
