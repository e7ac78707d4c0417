//! Facts about kinds of metrics, covariates and what an experiment asks for beside its effects.

use super::{EXPERIMENT, Folder};
use crate::catalog::{Catalog, render_metric};
use crate::domain::definition::{Aggregate, Covariate, Metric, MetricKind};

/// A metric of growth's, less is better, and the rest.
fn metric(id: &str, rest: &str) -> String {
    format!(
        "id = \"{id}\"\nversion = \"1.0.0\"\nstatus = \"active\"\nowner = \"growth\"\ndirection = \"decrease\"\n{rest}\n"
    )
}

fn loaded(rest: &str) -> Catalog {
    Folder::healthy()
        .with("metrics/it.toml", &metric("it", rest))
        .load()
}

/// The metric, which has no problem.
fn sound(rest: &str) -> Metric {
    let catalog = loaded(rest);
    assert_eq!(catalog.problems, []);
    catalog.metric("it").unwrap().metric.clone()
}

/// The only problem's place and reason.
fn problem(rest: &str) -> String {
    let problems = loaded(rest).problems;
    let [problem] = &problems[..] else {
        panic!("one problem, not {problems:#?}");
    };
    format!("{}: {}", problem.line, problem.reason)
}

const STEPS: &str = r#"kind = "funnel"
steps = [{ table = "events", where = [{ column = "event_name", op = "=", value = "view" }] }, "purchase"]
window = "7d"
"#;

#[test]
fn a_quantile_says_which() {
    let metric = sound("kind = \"quantile\"\nquantile = 0.9\nfact = \"purchase\"\nwindow = \"7d\"");
    assert_eq!(metric.quantile, Some(0.9));
    assert_eq!(metric.value.aggregate, Aggregate::Sum);
    let rows = "aggregate = \"each\", column = \"value\" }\nwindow = \"7d\"";
    let over_rows =
        format!("kind = \"quantile\"\nquantile = 0.9\nvalue = {{ table = \"events\", {rows}");
    assert_eq!(sound(&over_rows).value.aggregate, Aggregate::Each);
    let mean = format!("kind = \"mean\"\nvalue = {{ table = \"events\", {rows}");
    assert_eq!(
        problem(&mean),
        "7: a mean has one number a unit, and 'each' row by itself is of a quantile"
    );
    let capped = format!("{over_rows}\ncap = {{ value = 5 }}");
    assert_eq!(
        problem(&capped),
        "10: a quantile over rows is not moved by how large the largest are"
    );
    let without = "kind = \"quantile\"\nfact = \"purchase\"\nwindow = \"7d\"";
    assert_eq!(
        problem(without),
        "1: the metric does not say which quantile it is"
    );
    let beyond = "kind = \"quantile\"\nquantile = 95\nfact = \"purchase\"\nwindow = \"7d\"";
    assert_eq!(
        problem(beyond),
        "7: a quantile lies between 0 and 1, both outside"
    );
    let other = "kind = \"mean\"\nquantile = 0.5\nfact = \"purchase\"\nwindow = \"7d\"";
    assert_eq!(problem(other), "7: only a metric of kind quantile has one");
}

#[test]
fn retention_begins_after_entry() {
    let late =
        "kind = \"retention\"\nfact = \"purchase\"\nwindow = { start = \"7d\", end = \"8d\" }";
    let metric = sound(late);
    assert_eq!(metric.value.aggregate, Aggregate::Any);
    assert!(metric.kind.is_share());
    let early = "kind = \"retention\"\nfact = \"purchase\"\nwindow = \"7d\"";
    assert!(problem(early).starts_with("8: whoever has just come is not yet back"));
}

#[test]
fn a_funnel_has_steps_in_order() {
    let metric = sound(STEPS);
    assert_eq!(metric.kind, MetricKind::Funnel);
    assert_eq!(metric.steps.len(), 1);
    assert_eq!(metric.steps[0].filters.len(), 1);
    assert_eq!(metric.value.filters[0].column, "event_name");
    let one = "kind = \"funnel\"\nsteps = [\"purchase\"]\nwindow = \"7d\"";
    assert_eq!(problem(one), "7: a funnel has two to 8 steps");
    let capped = format!("{STEPS}cap = {{ value = 1 }}");
    assert_eq!(
        problem(&capped),
        "9: its values are 0 and 1, so there is nothing to cap"
    );
    let ready = "kind = \"funnel\"\nsteps = [\"purchase\", { table = \"units\" }]\nwindow = \"7d\"";
    assert!(problem(ready).contains("taken by rows of an event table"));
    let mean = "kind = \"mean\"\nsteps = [\"purchase\"]\nfact = \"purchase\"\nwindow = \"7d\"";
    assert_eq!(problem(mean), "7: only a funnel has steps");
}

#[test]
fn a_metric_has_up_to_three_covariates() {
    let metric = sound(
        "kind = \"mean\"\nfact = \"purchase\"\nwindow = \"7d\"\ncovariates = [{ window = \"14d\" }, { column = \"age\" }, { fact = \"purchase\", window = \"28d\" }]",
    );
    assert_eq!(metric.covariates.len(), 3);
    assert!(
        matches!(&metric.covariates[2], Covariate::PrePeriod { value: Some(value), .. } if value.table == "events")
    );
    let base = "kind = \"mean\"\nfact = \"purchase\"\nwindow = \"7d\"\n";
    let four = "covariates = [{ window = \"1d\" }, { window = \"2d\" }, { window = \"3d\" }, { window = \"4d\" }]";
    assert_eq!(
        problem(&format!("{base}{four}")),
        "9: a metric has at most 3 covariates"
    );
    let twice = "covariates = [{ window = \"1d\" }, { window = \"1d\" }]";
    assert_eq!(
        problem(&format!("{base}{twice}")),
        "9: the same covariate twice"
    );
    let both = "covariate = { window = \"1d\" }\ncovariates = [{ window = \"2d\" }]";
    assert!(problem(&format!("{base}{both}")).contains("given twice"));
    let timeless = "covariate = { fact = \"purchase\" }";
    assert!(problem(&format!("{base}{timeless}")).contains("the time before assignment"));
    let funnel = format!("{STEPS}covariate = {{ window = \"1d\" }}");
    assert_eq!(
        problem(&funnel),
        "9: a funnel cannot be adjusted by covariates"
    );
}

#[test]
fn refunds_may_be_dated_by_their_purchase() {
    let value = "value = { table = \"events\", column = \"value\", dated_by = \"purchased_at\" }";
    let metric = sound(&format!("kind = \"mean\"\n{value}\nwindow = \"7d\""));
    assert_eq!(metric.value.dated_by.as_deref(), Some("purchased_at"));
    let ready = "value = { table = \"units\", column = \"value\", dated_by = \"purchased_at\" }";
    assert!(problem(&format!("kind = \"mean\"\n{ready}")).contains("nothing is dated there"));
}

#[test]
fn every_kind_means_the_same_written_in_full() {
    for rest in [
        STEPS,
        "kind = \"quantile\"\nquantile = 0.5\nfact = \"purchase\"\nwindow = \"7d\"",
        "kind = \"retention\"\nfact = \"purchase\"\nwindow = { start = \"7d\", end = \"8d\" }",
        "kind = \"mean\"\nfact = \"purchase\"\nwindow = \"7d\"\ncovariates = [{ window = \"14d\" }, { fact = \"purchase\", window = \"3d\" }]",
        "kind = \"mean\"\nvalue = { table = \"events\", column = \"value\", dated_by = \"purchased_at\" }\nwindow = \"7d\"",
    ] {
        let catalog = loaded(rest);
        let short = catalog.metric("it").unwrap();
        let text = render_metric(&short.metric).unwrap();
        let again = Folder::healthy().with("metrics/it.toml", &text).load();
        assert_eq!(again.problems, [], "{text}");
        let long = again.metric("it").unwrap();
        assert_eq!(long.metric, short.metric, "{text}");
        assert_eq!(long.hash, short.hash);
    }
}

#[test]
fn an_experiment_asks_for_what_is_computed_beside() {
    let asked = "segments = [\"country\"]\n[analysis]\ncluster = \"household_id\"\nstrata = \"country\"\nnovelty = true\nbootstrap = 2000\nlooks = [0.5, 1.0]\nfirst_look = 500";
    let load = |rest: &str| {
        let text = format!("{EXPERIMENT}{rest}\n");
        Folder::healthy()
            .with("experiments/checkout.toml", &text)
            .load()
    };
    let catalog = load(asked);
    assert_eq!(catalog.problems, []);
    let analysis = &catalog.experiment("checkout").unwrap().experiment.analysis;
    assert_eq!(analysis.cluster.as_deref(), Some("household_id"));
    assert!(analysis.novelty && !analysis.all_pairs);
    assert_eq!(analysis.looks, [0.5, 1.0]);
    assert_eq!(analysis.first_look, Some(500));
    for (rest, reason) in [
        ("[analysis]\nstrata = \"country\"", "is no segment"),
        ("[analysis]\ncluster = \"unit_id\"", "in which cluster"),
        ("[analysis]\nbootstrap = 10", "100 draws"),
        ("[analysis]\nlooks = [0.5, 0.5]", "rising"),
        ("[analysis]\nfirst_look = 0", "no look"),
        ("[analysis]\nunits_per_year = 0", "no impact"),
    ] {
        let problems = load(rest).problems;
        assert!(
            problems.len() == 1 && problems[0].reason.contains(reason),
            "{rest}: {problems:#?}"
        );
    }
}
