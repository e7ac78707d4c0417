//! Facts about the data contract: what a rule expands to, and what is refused of one.

use super::{EXPERIMENT, Folder, WORKSPACE};
use crate::domain::definition::{
    CellType, ContractSeverity, Filter, FilterOperator, Literal, Requirement, TableKind,
};

const RULE: &str = r#"
[[contract]]
id = "currency-known"
table = "events"
require = [{ column = "currency", op = "in", value = ["EUR", "USD"] }]
where = [{ column = "event_name", op = "=", value = "purchase" }]
owner = "payments"
impact = "Revenue adds up amounts in unknown currencies"
"#;

fn with(rules: &str) -> Folder {
    Folder::healthy().with("readout.toml", &format!("{WORKSPACE}{rules}"))
}

/// The problems of the healthy workspace with one rule: what stands in `RULE`, changed.
fn changed(from: &str, to: &str) -> Vec<String> {
    assert!(
        RULE.contains(from),
        "the case replaces something that is there"
    );
    with(&RULE.replacen(from, to, 1)).problems()
}

#[test]
fn a_rule_is_expanded_with_its_defaults() {
    let more = r#"
[[contract]]
id = "value-is-number"
table = "events"
type = { column = "value", is = "number" }
severity = "warn"
reject = false
[[contract]]
id = "known-after"
table = "events"
order = ["occurred_at", "ingested_at"]
severity = "warn"
[privacy]
quarantine_days = 7
"#;
    let folder = with(&format!("{RULE}{more}"));
    assert_eq!(folder.problems(), [""; 0]);
    let workspace = folder.load().workspace.unwrap();
    let [currency, value, order] = workspace.contract.as_slice() else {
        panic!("{:?}", workspace.contract);
    };
    let texts = |words: &[&str]| {
        let words = words.iter().map(|word| (*word).to_owned());
        words.map(Literal::Text).collect::<Vec<_>>()
    };
    let required = Filter {
        column: "currency".to_owned(),
        operator: FilterOperator::In,
        values: texts(&["EUR", "USD"]),
    };
    assert_eq!(currency.requirement, Requirement::Holds(vec![required]));
    assert_eq!(
        (currency.kind, currency.filters.len()),
        (TableKind::Events, 1)
    );
    assert_eq!(
        (currency.severity, currency.reject),
        (ContractSeverity::Fail, true)
    );
    assert_eq!(currency.owner.as_deref(), Some("payments"));
    assert_eq!(
        (value.severity, value.reject),
        (ContractSeverity::Warn, false)
    );
    let number = Requirement::Type {
        column: "value".to_owned(),
        is: CellType::Number,
    };
    assert_eq!(value.requirement, number);
    let columns = ["occurred_at", "ingested_at"].map(str::to_owned).to_vec();
    assert_eq!(order.requirement, Requirement::Order(columns));
    assert_eq!(workspace.privacy.quarantine_days, 7);
}

#[test]
fn a_rule_that_cannot_be_is_an_error_at_its_place() {
    let table = "table = \"events\"";
    let require = "require = [{ column = \"currency\", op = \"in\", value = [\"EUR\", \"USD\"] }]";
    let cases = [
        (
            "currency-known",
            "<b>x</b>",
            "error bad-id readout.toml:15:6",
        ),
        ("currency-known", "=cmd|x", "error bad-id readout.toml:15:6"),
        (
            "currency-known",
            "\\u001b[31m",
            "error bad-id readout.toml:15:6",
        ),
        (
            "currency-known",
            "bad-number",
            "error bad-id readout.toml:15:6",
        ),
        (
            table,
            "table = \"event\"",
            "error unknown-table readout.toml:16:9",
        ),
        (
            "op = \"in\"",
            "op = \"is\"",
            "error unknown-word readout.toml:17:40",
        ),
        (
            "value = [\"EUR\", \"USD\"]",
            "value = []",
            "error bad-filter readout.toml:17:54",
        ),
        (
            require,
            "require = []",
            "error bad-contract readout.toml:17:11",
        ),
        (
            require,
            "order = [\"occurred_at\"]",
            "error bad-contract readout.toml:17:9",
        ),
        (
            require,
            "order = [\"a\", \"b\", \"a\"]",
            "error bad-contract readout.toml:17:9",
        ),
        (
            require,
            "type = { column = \"\", is = \"number\" }",
            "error bad-contract readout.toml:17:19",
        ),
        (
            require,
            "type = { column = \"value\", is = \"text\" }",
            "error unknown-word readout.toml:17:33",
        ),
        (require, "", "error bad-contract readout.toml:14:1"),
        (
            require,
            &*format!("{require}\norder = [\"a\", \"b\"]"),
            "error bad-contract readout.toml:14:1",
        ),
        (
            require,
            "key = [\"event_id\"]",
            "error bad-contract readout.toml:14:1, error unknown-key readout.toml:17:1",
        ),
        (
            require,
            "references = \"units\"",
            "error bad-contract readout.toml:14:1, error unknown-key readout.toml:17:1",
        ),
        (
            "owner = \"payments\"",
            "owner = \" \"",
            "error bad-text readout.toml:19:9",
        ),
        (
            "owner = \"payments\"",
            "severity = \"bad\"",
            "error unknown-word readout.toml:19:12",
        ),
    ];
    let found: Vec<String> = cases
        .iter()
        .map(|(from, to, _)| changed(from, to).join(", "))
        .collect();
    assert_eq!(found, cases.map(|(_, _, expected)| expected.to_owned()));
}

#[test]
fn rules_have_ids_of_their_own() {
    assert_eq!(
        with(&format!("{RULE}{RULE}")).problems(),
        ["error duplicate-definition readout.toml:23:6"]
    );
}

#[test]
fn a_rule_about_a_table_that_no_metric_reads_is_a_warning() {
    let text = WORKSPACE.replace("units =", "refunds = \"tables/refunds.csv\"\nunits =");
    let rule = RULE.replace("table = \"events\"", "table = \"refunds\"");
    let folder = Folder::healthy().with("readout.toml", &format!("{text}{rule}"));
    assert_eq!(
        folder.problems(),
        ["warning unread-table readout.toml:17:9"]
    );
    // Where an experiment cannot be read, nobody knows what it reads.
    let broken = folder.with(
        "experiments/checkout.toml",
        &EXPERIMENT.replace("version = 1", "version = 0"),
    );
    assert!(
        !broken
            .problems()
            .iter()
            .any(|problem| problem.contains("unread-table"))
    );
}

#[test]
fn a_rule_about_published_summaries_is_refused() {
    let text = WORKSPACE.replace("units =", "summaries = \"tables/summaries.csv\"\nunits =");
    let rule = RULE.replace("table = \"events\"", "table = \"summaries\"");
    let folder = Folder::healthy().with("readout.toml", &format!("{text}{rule}"));
    assert_eq!(folder.problems(), ["error wrong-table readout.toml:17:9"]);
}

#[test]
fn a_rule_that_fails_should_say_what_that_means() {
    let impact = "impact = \"Revenue adds up amounts in unknown currencies\"";
    assert_eq!(changed(impact, ""), ["warning no-impact readout.toml:14:1"]);
    assert_eq!(changed(impact, "severity = \"warn\""), [""; 0]);
}

#[test]
fn rows_are_kept_for_a_day_at_least() {
    assert_eq!(
        with("[privacy]\nquarantine_days = 0\n").problems(),
        ["error out-of-range readout.toml:14:19"]
    );
}
