//! Facts about what is wrong, one a rule: each case is a healthy workspace with one fault in it, and `«` marks where the
//! problem must be found.

use super::{CONVERSION, EXPERIMENT, Folder, NET_REVENUE, WORKSPACE};
use crate::catalog::{Problem, Rule, Severity};

const READOUT: &str = "readout.toml";
const CHECKOUT: &str = "experiments/checkout.toml";
const SHARE: &str = "metrics/conversion.toml";
const MONEY: &str = "metrics/net-revenue.toml";

fn healthy_text(file: &str) -> &'static str {
    match file {
        READOUT => WORKSPACE,
        CHECKOUT => EXPERIMENT,
        SHARE => CONVERSION,
        _ => NET_REVENUE,
    }
}

/// Line and column of the mark, counted the slow way, and the text without it.
fn unmark(marked: &str) -> (usize, usize, String) {
    let (before, after) = marked.split_once('«').expect("the case marks a place");
    let line = before.split('\n').count();
    let column = before.split('\n').next_back().unwrap().chars().count() + 1;
    (line, column, format!("{before}{after}"))
}

/// The problems of the healthy workspace with `from` replaced in `file`; `to` is marked.
fn with_fault(file: &str, from: &str, to: &str) -> (Vec<Problem>, usize, usize) {
    let text = healthy_text(file);
    assert!(
        text.contains(from),
        "the case replaces something that is there"
    );
    let (line, column, text) = unmark(&text.replacen(from, to, 1));
    let problems = Folder::healthy().with(file, &text).load().problems;
    (problems, line, column)
}

/// Exactly one problem in `file`, at the mark; other files may only say that they refer to it.
fn assert_only(file: &str, from: &str, to: &str, severity: Severity, rule: Rule) {
    let (problems, line, column) = with_fault(file, from, to);
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        problems.iter().partition(|problem| problem.file == file);
    assert!(
        elsewhere
            .iter()
            .all(|problem| problem.rule == Rule::BrokenReference),
        "{elsewhere:#?}"
    );
    let found: Vec<_> = here
        .iter()
        .map(|problem| (problem.severity, problem.rule, problem.line, problem.column))
        .collect();
    assert_eq!(found, [(severity, rule, line, column)], "{here:#?}");
    for problem in problems {
        assert!(!problem.reason.is_empty() && !problem.fix.is_empty());
    }
}

cases! {
    one_fault_is_one_error_at_its_place:
    // Shape.
    syntax(SHARE, "owner = \"growth\"", "owner = «growth", Rule::Syntax);
    duplicate_key(SHARE,
    "owner = \"growth\"",
    "owner = \"growth\"\n«owner = \"x\"",
    Rule::DuplicateKey);
    unknown_key(SHARE, "owner =", "«ower =", Rule::UnknownKey);
    unknown_nested_key(MONEY, "anchor =", "«ancor =", Rule::UnknownKey);
    unknown_option_of_a_table(READOUT, "lateness =", "«latenes =", Rule::UnknownKey);
    missing_key(SHARE,
    "\nid = \"conversion\"\nversion = \"1.0.0\"",
    "«\nid = \"conversion\"",
    Rule::MissingKey);
    wrong_type(SHARE, "version = \"1.0.0\"", "version = «1", Rule::WrongType);
    quoted_time(CHECKOUT, "2026-03-01T00:00:00Z", "«\"2026-03-01\"", Rule::WrongType);
    unknown_word(SHARE, "\"increase\"", "«\"incerase\"", Rule::UnknownWord);
    unknown_operator(READOUT, "op = \"=\"", "op = «\"==\"", Rule::UnknownWord);
    not_finite(CHECKOUT, "old = 1,", "old = «nan,", Rule::NotFinite);
    too_large_a_number(CHECKOUT,
    "version = 1",
    "version = «99999999999999999999",
    Rule::OutOfRange);
    // Ids, versions, formats.
    bad_id(SHARE, "id = \"conversion\"", "id = «\"Conversion Rate\"", Rule::BadId);
    id_is_not_the_file_name(CHECKOUT,
    "id = \"checkout\"",
    "id = «\"check-out\"",
    Rule::IdNotFileName);
    bad_version(SHARE, "\"1.0.0\"", "«\"1.0\"", Rule::BadVersion);
    bad_experiment_version(CHECKOUT, "version = 1", "version = «0", Rule::BadVersion);
    unknown_format(READOUT, "format = 1", "format = «2", Rule::UnknownFormat);
    empty_owner(SHARE, "owner = \"growth\"", "owner = «\" \"", Rule::BadText);
    bad_duration(SHARE, "window = \"7d\"", "window = «\"7 days\"", Rule::BadText);
    // References.
    unknown_metric(CHECKOUT, "[\"conversion\"]", "[«\"conversoin\"]", Rule::UnknownMetric);
    unknown_version_of_a_metric(CHECKOUT,
    "[\"conversion\"]",
    "[«\"conversion@3\"]",
    Rule::UnknownMetric);
    no_reference_at_all(CHECKOUT,
    "[\"conversion\"]",
    "[\"conversion\", «\"a b\"]",
    Rule::BadText);
    unknown_driver(MONEY,
    "metric = \"conversion\"",
    "metric = «\"orders\"",
    Rule::UnknownMetric);
    own_driver(MONEY,
    "metric = \"conversion\"",
    "metric = «\"net-revenue\"",
    Rule::UnknownMetric);
    unknown_table(MONEY, "table = \"events\"", "table = «\"event\"", Rule::UnknownTable);
    unknown_table_of_a_fact(READOUT,
    "table = \"events\"",
    "table = «\"event\"",
    Rule::UnknownTable);
    unknown_fact(SHARE, "\"purchase\"", "«\"purchases\"", Rule::UnknownFact);
    wrong_table(MONEY,
    "table = \"events\"",
    "table = «\"exposures\"",
    Rule::WrongTable);
    segment_that_is_a_key(CHECKOUT,
    "primary =",
    "segments = [\"country\", «\"unit_id\"]\nprimary =",
    Rule::UnknownSegment);
    segment_named_twice(CHECKOUT,
    "primary =",
    "segments = [\"country\", «\"country\"]\nprimary =",
    Rule::UnknownSegment);
    unknown_variant(CHECKOUT,
    "primary =",
    "epochs = [{ from = 2026-03-02, weights = { old = 1, new = 1, «nwe = 1 } }]\nprimary =",
    Rule::UnknownVariant);
    unknown_zone(READOUT, "\"UTC\"", "«\"Europe/Berlim\"", Rule::UnknownZone);
    // Weights, variants, time.
    negative_weight(CHECKOUT, "old = 1,", "old = «-1,", Rule::BadWeights);
    all_weights_zero(CHECKOUT,
    "{ old = 1, new = 1 }",
    "«{ old = 0, new = 0.0 }",
    Rule::BadWeights);
    weight_missing_in_an_epoch(CHECKOUT,
    "primary =",
    "epochs = [{ from = 2026-03-02, weights = «{ old = 1 } }]\nprimary =",
    Rule::BadWeights);
    control_is_no_variant(CHECKOUT, "control = \"old\"", "control = «\"odl\"", Rule::NoControl);
    many_variants(CHECKOUT, "{ old = 1, new = 1 }", &format!("«{{ old = 1, new = 1, {} }}", (0..63).map(|number| format!("v{number} = 1")).collect::<Vec<_>>().join(", ")), Rule::ManyVariants);
    one_variant(CHECKOUT, "{ old = 1, new = 1 }", "«{ old = 1 }", Rule::OneVariant);
    epochs_out_of_order(CHECKOUT,
    "primary =",
    "epochs = [{ from = 2026-03-05, weights = { old = 1, new = 1 } }, { from = «2026-03-02, weights = { old = 1, new = 2 } }]\nprimary =",
    Rule::BadEpochs);
    epoch_before_the_start(CHECKOUT,
    "primary =",
    "epochs = [{ from = «2026-02-01, weights = { old = 1, new = 1 } }]\nprimary =",
    Rule::BadEpochs);
    end_before_the_start(CHECKOUT,
    "primary =",
    "end = «2026-02-01\nprimary =",
    Rule::TimeOrder);
    enrolment_stops_after_the_end(CHECKOUT,
    "primary =",
    "end = 2026-04-01\nenrol_stop = «2026-04-02\nprimary =",
    Rule::TimeOrder);
    planned_end_before_the_start(CHECKOUT,
    "guardrails = [\"net-revenue\"]",
    "[plan]\nend = «2026-02-01",
    Rule::TimeOrder);
    impossible_share(CHECKOUT,
    "guardrails = [\"net-revenue\"]",
    "[plan]\nexposure_rate = «1.5",
    Rule::OutOfRange);
    impossible_level(CHECKOUT,
    "guardrails = [\"net-revenue\"]",
    "[conventions]\nlevel = «95",
    Rule::OutOfRange);
    unknown_convention(CHECKOUT,
    "guardrails = [\"net-revenue\"]",
    "[conventions]\nrelative = «\"feiller\"",
    Rule::UnknownWord);
    no_such_day(CHECKOUT,
    "2026-03-01T00:00:00Z",
    "2026-03-01T00:00:00+23:59\nend = «2026-02-30",
    Rule::Syntax);
    // Roles.
    two_roles(CHECKOUT,
    "[\"net-revenue\"]",
    "[\"net-revenue\"]\ndiagnostics = [«\"conversion@1\"]",
    Rule::TwoRoles);
    not_eligible(CHECKOUT,
    "guardrails =",
    "secondary = [«\"net-revenue\"]\n#",
    Rule::NotEligible);
    // Values, windows, caps, covariates.
    value_given_twice(SHARE,
    "fact = \"purchase\"",
    "fact = \"purchase\"\nvalue = «{ table = \"events\" }",
    Rule::BadValue);
    proportion_of_a_sum(SHARE, "window =", "aggregate = «\"sum\"\nwindow =", Rule::BadValue);
    window_that_ends_before_it_starts(MONEY,
    "end = \"7d\"",
    "end = «\"0d\"",
    Rule::ImpossibleWindow);
    window_before_its_anchor(MONEY,
    "start = \"0d\"",
    "start = «\"-1d\"",
    Rule::ImpossibleWindow);
    empty_short_window(SHARE, "window = \"7d\"", "window = «\"0d\"", Rule::ImpossibleWindow);
    cap_quantile_of_one(MONEY, "quantile = 0.999", "quantile = «1.0", Rule::BadCap);
    cap_of_both(MONEY,
    "{ quantile = 0.999 }",
    "«{ quantile = 0.999, value = 3 }",
    Rule::BadCap);
    capped_proportion(SHARE, "window =", "cap = «{ quantile = 0.9 }\nwindow =", Rule::BadCap);
    covariate_of_both(MONEY,
    "{ window = \"14d\" }",
    "«{ window = \"14d\", column = \"x\" }",
    Rule::BadCovariate);
    covariate_window_backwards(MONEY,
    "window = \"14d\"",
    "window = «\"-14d\"",
    Rule::OutOfRange);
    covariate_of_events(MONEY,
    "{ window = \"14d\" }",
    "{ column = \"x\", table = «\"events\" }",
    Rule::WrongTable);
    negative_margin(MONEY,
    "margin = { relative = 0.01 }",
    "margin = { relative = «-0.01 }",
    Rule::BadMagnitude);
    margin_of_neither(MONEY,
    "margin = { relative = 0.01 }",
    "margin = «{ }",
    Rule::BadMagnitude);
    ratio_without_denominator(SHARE,
    "\nid = \"conversion\"\nversion = \"1.0.0\"\nstatus = \"active\"\nowner = \"growth\"\nkind = \"proportion\"\ndirection = \"increase\"\nfact",
    "«\nid = \"conversion\"\nversion = \"1.0.0\"\nstatus = \"active\"\nowner = \"growth\"\nkind = \"ratio\"\ndirection = \"increase\"\nnumerator",
    Rule::MissingKey);
    denominator_of_a_mean(SHARE,
    "window =",
    "«denominator = \"purchase\"\nwindow =",
    Rule::BadValue);
    sum_without_column(MONEY,
    "aggregate = \"sum\", column = \"value\"",
    "aggregate = «\"sum\"",
    Rule::BadValue);
    count_of_a_column(MONEY, "aggregate = \"sum\"", "aggregate = «\"count\"", Rule::BadValue);
    event_table_without_window(SHARE,
    "fact = \"purchase\"\nwindow = \"7d\"",
    "fact = «\"purchase\"",
    Rule::ImpossibleWindow);
    ready_made_column_with_window(SHARE,
    "fact = \"purchase\"\nwindow = \"7d\"",
    "value = { table = \"units\", column = \"converted\" }\nwindow = «\"7d\"",
    Rule::ImpossibleWindow);
    ready_made_value_without_column(SHARE,
    "fact = \"purchase\"\nwindow = \"7d\"",
    "value = { table = «\"units\" }",
    Rule::BadValue);
    // Filters.
    in_without_list(MONEY, "[\"purchase\", \"refund\"]", "«\"purchase\"", Rule::BadFilter);
    list_without_in(READOUT,
    "value = \"purchase\"",
    "value = «[\"purchase\"]",
    Rule::BadFilter);
    mixed_types(MONEY,
    "[\"purchase\", \"refund\"]",
    "«[\"purchase\", 1]",
    Rule::BadFilter);
    backwards_range(MONEY,
    "op = \"in\", value = [\"purchase\", \"refund\"]",
    "op = \"between\", value = «[5, 1.5]",
    Rule::BadFilter);
    part_of_a_number(MONEY,
    "op = \"in\", value = [\"purchase\", \"refund\"]",
    "op = \"contains\", value = «5",
    Rule::BadFilter);
    null_with_value(MONEY,
    "op = \"in\", value = [\"purchase\", \"refund\"]",
    "op = \"is-null\", value = «5",
    Rule::BadFilter);
    no_value(MONEY,
    "{ column = \"event_name\", op = \"in\", value = [\"purchase\", \"refund\"] }",
    "«{ column = \"event_name\", op = \"=\" }",
    Rule::BadFilter);
    // Paths.
    path_out_of_the_workspace(READOUT,
    "\"tables/units.csv\"",
    "«\"tables/../../units.csv\"",
    Rule::PathOutside);
    absolute_path(READOUT, "\"tables/units.csv\"", "«\"/etc/passwd\"", Rule::PathOutside);
    path_to_a_drive(READOUT, "\"tables/units.csv\"", "«'C:\\units.csv'", Rule::PathOutside);
    bad_name_of_a_table(READOUT, "units =", "«\"my units\" =", Rule::BadId);
    negative_threshold(READOUT,
    "[facts.purchase]",
    "[thresholds]\nwarn_p = «-0.1\n[facts.purchase]",
    Rule::OutOfRange);
}

fn one_fault_is_one_error_at_its_place(file: &str, from: &str, to: &str, rule: Rule) {
    assert_only(file, from, to, Severity::Error, rule);
}
