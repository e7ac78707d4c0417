//! Facts about files that have nothing wrong with them.

use super::{CONVERSION, EXPERIMENT, Folder, NET_REVENUE, WORKSPACE};
use crate::domain::definition::{
    Aggregate, Anchor, Cap, Covariate, Duration, FilterOperator, Literal, Magnitude, MetricKind,
    MetricStatus, Missing, Population, Role, TableKind, Timestamp, UnitsRule, Value, Window,
};

fn days(count: i64) -> Duration {
    Duration(count * 86_400_000_000)
}

#[test]
fn the_design_s_own_examples_have_no_problem() {
    assert_eq!(Folder::healthy().problems(), Vec::<String>::new());
}

#[test]
fn a_short_metric_means_its_long_form() {
    let catalog = Folder::healthy().load();
    let metric = &catalog.metric("conversion").unwrap().metric;
    assert_eq!(metric.kind, MetricKind::Proportion);
    assert_eq!(metric.status, MetricStatus::Active);
    assert_eq!(metric.eligible_as, Role::ALL);
    assert_eq!(metric.value.table, "events");
    assert_eq!(metric.value.aggregate, Aggregate::Any);
    assert_eq!(metric.value.column, None);
    assert_eq!(metric.value.missing, Missing::Zero);
    assert_eq!(metric.value.filters.len(), 1);
    assert_eq!(metric.value.filters[0].operator, FilterOperator::Equal);
    assert_eq!(
        metric.value.filters[0].values,
        [Literal::Text("purchase".to_owned())]
    );
    assert_eq!(
        metric.window,
        Some(Window {
            anchor: Anchor::Entry,
            start: Duration::ZERO,
            end: days(7),
            units: UnitsRule::Matured
        })
    );
}

#[test]
fn everything_a_metric_says_is_kept() {
    let catalog = Folder::healthy().load();
    let metric = &catalog.metric("net-revenue").unwrap().metric;
    assert_eq!(metric.cap, Some(Cap::Quantile(0.999)));
    assert_eq!(
        metric.covariates,
        [Covariate::PrePeriod {
            window: days(14),
            value: None
        }]
    );
    assert_eq!(metric.margin, Some(Magnitude::Relative(0.01)));
    assert_eq!(metric.minimum_effect, Some(Magnitude::Relative(0.005)));
    assert_eq!(metric.eligible_as, [Role::Primary, Role::Guardrail]);
    assert_eq!(metric.unit.as_deref(), Some("EUR"));
    assert_eq!(metric.drivers[0].metric.as_str(), "conversion");
    let decision = metric.decision.as_ref().unwrap();
    assert_eq!(decision.reader.as_deref(), Some("checkout lead"));
}

#[test]
fn an_experiment_has_control_first_then_the_others_sorted_bytewise() {
    let text = EXPERIMENT.replace("{ old = 1, new = 1 }", "{ b = 1, Z = 2, a = 3, old = 4 }");
    let catalog = Folder::healthy()
        .with("experiments/checkout.toml", &text)
        .load();
    let experiment = &catalog.experiment("checkout").unwrap().experiment;
    assert_eq!(experiment.variants, ["old", "Z", "a", "b"]);
    assert_eq!(experiment.epochs.len(), 1);
    assert_eq!(experiment.epochs[0].weights, [4.0, 2.0, 3.0, 1.0]);
    assert_eq!(Some(experiment.epochs[0].from), experiment.start);
}

#[test]
fn an_experiment_names_its_metrics_with_role_and_resolved_version() {
    let catalog = Folder::healthy().load();
    let experiment = &catalog.experiment("checkout").unwrap().experiment;
    let named: Vec<(String, Role, String)> = experiment
        .metrics
        .iter()
        .map(|metric| {
            (
                metric.id.to_string(),
                metric.role,
                metric.version.to_string(),
            )
        })
        .collect();
    assert_eq!(
        named,
        [
            ("conversion".to_owned(), Role::Primary, "1.0.0".to_owned()),
            (
                "net-revenue".to_owned(),
                Role::Guardrail,
                "1.2.0".to_owned()
            ),
        ]
    );
    assert_eq!(
        experiment.populations,
        [Population::Itt, Population::Exposed]
    );
}

#[test]
fn a_table_has_the_kind_of_its_name_else_events() {
    let text = WORKSPACE.replace(
        "units = \"tables/units.csv\"",
        "units = \"tables/units.csv\"\nclicks = \"tables/clicks.csv\"\nwide = { path = \"wide.csv\", kind = \"units\" }",
    );
    let catalog = Folder::healthy().with("readout.toml", &text).load();
    let workspace = catalog.workspace.unwrap();
    assert_eq!(workspace.tables["assignments"].kind, TableKind::Assignments);
    assert_eq!(workspace.tables["clicks"].kind, TableKind::Events);
    assert_eq!(workspace.tables["wide"].kind, TableKind::Units);
    assert_eq!(workspace.tables["events"].columns["unit_id"], "user_id");
    assert_eq!(workspace.tables["events"].lateness, Some(days(2)));
}

/// 2026-03-29 is the day on which clocks in Berlin go forward: it has 23 hours, and its midnight is 23:00 UTC before.
#[test]
fn a_date_is_local_midnight_and_complete_through_a_date_is_through_its_end() {
    let workspace = WORKSPACE
        .replace("\"UTC\"", "\"Europe/Berlin\"")
        .replace("lateness = \"2d\"", "complete_through = 2026-03-29");
    let experiment = EXPERIMENT.replace("2026-03-01T00:00:00Z", "2026-03-29");
    let catalog = Folder::healthy()
        .with("readout.toml", &workspace)
        .with("experiments/checkout.toml", &experiment)
        .load();
    assert_eq!(catalog.problems, []);
    let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    let events = &catalog.workspace.as_ref().unwrap().tables["events"];
    assert_eq!(events.complete_through, at("2026-03-29T22:00:00Z"));
    let experiment = &catalog.experiment("checkout").unwrap().experiment;
    assert_eq!(experiment.start, at("2026-03-28T23:00:00Z"));
}

#[test]
fn a_mean_of_a_fact_is_a_sum_of_its_column_and_a_count_without_one() {
    let workspace = format!("{WORKSPACE}[facts.visit]\ntable = \"events\"\n");
    let mean = CONVERSION.replace("proportion", "mean");
    let visits = mean
        .replace("\"conversion\"", "\"visits\"")
        .replace("purchase", "visit");
    let orders = mean
        .replace("\"conversion\"", "\"orders\"")
        .replace("window", "aggregate = \"count\"\nwindow");
    let catalog = Folder::healthy()
        .with("readout.toml", &workspace)
        .with("metrics/conversion.toml", &mean)
        .with("metrics/visits.toml", &visits)
        .with("metrics/orders.toml", &orders)
        .load();
    assert_eq!(catalog.problems, []);
    let value = |id: &str| -> Value { catalog.metric(id).unwrap().metric.value.clone() };
    assert_eq!(value("conversion").aggregate, Aggregate::Sum);
    assert_eq!(value("conversion").column.as_deref(), Some("value"));
    assert_eq!(value("visits").aggregate, Aggregate::Count);
    assert_eq!(value("visits").column, None);
    assert_eq!(value("orders").aggregate, Aggregate::Count);
    assert_eq!(value("orders").column, None);
}

#[test]
fn a_ratio_has_facts_or_values_on_either_side() {
    let text = CONVERSION.replace("proportion", "ratio").replace(
        "fact = \"purchase\"",
        "numerator = \"purchase\"\ndenominator = { table = \"events\" }",
    );
    let catalog = Folder::healthy()
        .with("metrics/conversion.toml", &text)
        .load();
    assert_eq!(catalog.problems, []);
    let metric = &catalog.metric("conversion").unwrap().metric;
    assert_eq!(metric.value.aggregate, Aggregate::Sum);
    assert_eq!(
        metric.denominator.as_ref().unwrap().aggregate,
        Aggregate::Count
    );
}

#[test]
fn a_ready_made_column_and_a_published_summary_need_no_window() {
    let workspace = WORKSPACE.replace("units =", "summaries = \"published.csv\"\nunits =");
    let ready_made = NET_REVENUE
        .lines()
        .filter(|line| {
            !["window", "value", "covariate"]
                .iter()
                .any(|key| line.starts_with(key))
        })
        .chain([
            "value = { table = \"units\", column = \"revenue\" }",
            "covariate = { column = \"pre_revenue\" }",
        ])
        .collect::<Vec<_>>()
        .join("\n");
    let published = CONVERSION
        .replace("window = \"7d\"", "")
        .replace("fact = \"purchase\"", "value = { table = \"summaries\" }");
    let catalog = Folder::healthy()
        .with("readout.toml", &workspace)
        .with("metrics/net-revenue.toml", &ready_made)
        .with("metrics/conversion.toml", &published)
        .load();
    assert_eq!(catalog.problems, []);
    let metric = &catalog.metric("net-revenue").unwrap().metric;
    assert_eq!(metric.window, None);
    assert_eq!(metric.value.column.as_deref(), Some("revenue"));
    assert_eq!(metric.value.missing, Missing::Drop);
    let expected = Covariate::Column {
        table: "units".to_owned(),
        column: "pre_revenue".to_owned(),
    };
    assert_eq!(metric.covariates, [expected]);
    let published = &catalog.metric("conversion").unwrap().metric;
    assert_eq!(published.value.table, "summaries");
    assert_eq!(published.window, None);
}

#[test]
fn a_ramp_keeps_the_first_weights_until_the_first_change() {
    let text = format!(
        "{EXPERIMENT}epochs = [{{ from = 2026-03-05, weights = {{ old = 3, new = 1 }} }}, {{ from = 2026-03-09, weights = {{ old = 0, new = 1 }} }}]\n"
    );
    let catalog = Folder::healthy()
        .with("experiments/checkout.toml", &text)
        .load();
    assert_eq!(catalog.problems, []);
    let experiment = &catalog.experiment("checkout").unwrap().experiment;
    let weights: Vec<&[f64]> = experiment
        .epochs
        .iter()
        .map(|epoch| epoch.weights.as_slice())
        .collect();
    assert_eq!(weights, [[1.0, 1.0], [3.0, 1.0], [0.0, 1.0]]);
}

#[test]
fn conventions_are_kept_as_written_by_name() {
    let text =
        format!("{EXPERIMENT}[conventions]\nseveral-variants = \"first-seen\"\nlevel = 0.9\n");
    let workspace = format!("{WORKSPACE}[conventions]\nrelative = \"delta\"\nlevel = 0.99\n");
    let catalog = Folder::healthy()
        .with("experiments/checkout.toml", &text)
        .with("readout.toml", &workspace)
        .load();
    assert_eq!(catalog.problems, []);
    let conventions = &catalog
        .experiment("checkout")
        .unwrap()
        .experiment
        .conventions;
    assert_eq!(conventions["several-variants"], "first-seen");
    assert_eq!(conventions["level"], "0.9");
    let workspace = catalog.workspace.unwrap();
    assert_eq!(workspace.conventions["relative"], "delta");
    assert_eq!(workspace.level, 0.99);
}
