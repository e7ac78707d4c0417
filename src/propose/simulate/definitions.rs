//! Defines the definition files of a world: the workspace file, one file an experiment, one file a metric.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::scenario::{ExperimentScenario, Measure, MetricScenario, Scenario};
use crate::domain::definition::{
    Aggregate, Duration, MICROSECONDS_PER_DAY, Magnitude, MetricKind, Timestamp,
};

/// Every definition file of `scenario`, by its path in the workspace. `paths` is where each table is.
pub(super) fn definition_files(
    scenario: &Scenario,
    paths: &BTreeMap<&'static str, String>,
) -> BTreeMap<String, String> {
    let mut files = BTreeMap::from([("readout.toml".to_owned(), workspace(scenario, paths))]);
    for each in &scenario.experiments {
        files.insert(
            format!("experiments/{}.toml", each.id),
            experiment(scenario, each),
        );
    }
    for each in &scenario.metrics {
        files.insert(format!("metrics/{}.toml", each.id), metric(scenario, each));
    }
    files
}

/// A text as a TOML basic string on one line, so that it can be a key too.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

fn list<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    let quoted: Vec<String> = texts.into_iter().map(|text| self::quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// A key that may hold any text, quoted only where it must be.
fn key(text: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !text.is_empty() && text.bytes().all(bare) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// Lines of `key = value`, the values aligned by nothing but one space, as people write them.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn raw(&mut self, key: &str, value: impl std::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.raw(key, quoted(value));
        }
    }

    fn list(&mut self, key: &str, values: &[String]) {
        if !values.is_empty() {
            self.raw(key, list(values));
        }
    }

    fn table(&mut self, name: &str) {
        let _ = writeln!(self.0, "\n[{name}]");
    }
}

fn days_after(start: Timestamp, days: u32) -> Timestamp {
    start.plus(Duration(i64::from(days) * MICROSECONDS_PER_DAY))
}

fn workspace(scenario: &Scenario, paths: &BTreeMap<&'static str, String>) -> String {
    let mut lines = Lines::default();
    lines.raw("format", 1);
    lines.text("name", &scenario.name);
    lines.text("time_zone", "UTC");
    lines.table("tables");
    for (table, path) in paths {
        let complete = match *table {
            "units" | "identities" => String::new(),
            _ => format!(", complete_through = {}", scenario.complete_through),
        };
        let late = match *table {
            "events" => lateness(scenario),
            _ => String::new(),
        };
        let path = quoted(path);
        lines.raw(table, format!("{{ path = {path}{late}{complete} }}"));
    }
    for fact in facts(scenario) {
        lines.table(&format!("facts.{}", key(&fact.event)));
        lines.text("table", "events");
        lines.raw(
            "where",
            format!(
                "[{{ column = \"event_name\", op = \"=\", value = {} }}]",
                quoted(&fact.event)
            ),
        );
    }
    lines.0
}

/// How late events may arrive, where some do: whole days, rounded up.
fn lateness(scenario: &Scenario) -> String {
    let faults = scenario.experiments.iter().map(|each| &each.faults);
    let late = faults.filter(|faults| faults.late_events > 0.0);
    let days = late
        .map(|faults| faults.late_days.ceil())
        .fold(0.0, f64::max);
    if days > 0.0 {
        format!(", lateness = \"{days}d\"")
    } else {
        String::new()
    }
}

/// The facts that metrics in short form name: the rows of one event.
fn facts(scenario: &Scenario) -> Vec<Measure> {
    let mut facts: Vec<Measure> = Vec::new();
    for metric in scenario.metrics.iter().filter(|metric| is_short(metric)) {
        if !facts.iter().any(|fact| fact.event == metric.measure.event) {
            facts.push(metric.measure.clone());
        }
    }
    facts.sort_by(|left, right| left.event.cmp(&right.event));
    facts
}

/// Whether the short form says it all: a proportion of units for which an event happened.
fn is_short(metric: &MetricScenario) -> bool {
    metric.kind == MetricKind::Proportion && metric.measure.aggregate == Aggregate::Any
}

fn experiment(scenario: &Scenario, experiment: &ExperimentScenario) -> String {
    let mut lines = Lines::default();
    lines.text("id", &experiment.id);
    lines.raw("version", experiment.version);
    lines.text("owner", &experiment.owner);
    lines.text("status", experiment.status.name());
    lines.text("hypothesis", &experiment.hypothesis);
    lines.raw("start", experiment.start);
    lines.raw(
        "enrol_stop",
        days_after(experiment.start, experiment.enrol_days),
    );
    if let Some(control) = experiment.variants.first() {
        lines.text("control", &control.id);
    }
    allocation(&mut lines, experiment);
    lines.list("primary", &experiment.primary);
    lines.list("secondary", &experiment.secondary);
    lines.list("guardrails", &experiment.guardrails);
    lines.list("diagnostics", &experiment.diagnostics);
    let segments: Vec<String> = scenario
        .segments
        .iter()
        .map(|each| each.column.clone())
        .collect();
    lines.list("segments", &segments);
    lines.table("plan");
    lines.raw("units", experiment.units);
    if let Some(rate) = experiment.planned_exposure_rate {
        lines.raw("exposure_rate", format!("{rate:?}"));
    }
    lines.raw("end", days_after(experiment.start, experiment.planned_days));
    lines.table("exposure");
    lines.raw("types", format!("[{}]", quoted(&experiment.exposure_type)));
    lines.text("within", "7d");
    if experiment.says_eligible() {
        lines.table("eligibility");
        lines.raw(
            "where",
            "[{ column = \"eligible\", op = \"=\", value = \"yes\" }]",
        );
    }
    lines.0
}

/// Weights that hold throughout, or epochs.
fn allocation(lines: &mut Lines, experiment: &ExperimentScenario) {
    let weights = |weights: &[f64]| {
        let pair = |(variant, weight): (&super::VariantScenario, &f64)| {
            format!("{} = {weight}", key(&variant.id))
        };
        let pairs: Vec<String> = experiment.variants.iter().zip(weights).map(pair).collect();
        format!("{{ {} }}", pairs.join(", "))
    };
    match experiment.epochs.as_slice() {
        [] | [_] => lines.raw("variants", weights(&experiment.weights_at(0.0))),
        epochs => {
            let ids: Vec<String> = experiment
                .variants
                .iter()
                .map(|each| each.id.clone())
                .collect();
            lines.list("variants", &ids);
            let _ = writeln!(lines.0, "epochs = [");
            for epoch in epochs {
                let from = days_after(experiment.start, epoch.from_day);
                let _ = writeln!(
                    lines.0,
                    "  {{ from = {from}, weights = {} }},",
                    weights(&epoch.weights)
                );
            }
            let _ = writeln!(lines.0, "]");
        }
    }
}

fn magnitude(size: Magnitude) -> String {
    match size {
        Magnitude::Absolute(value) => format!("{{ absolute = {value:?} }}"),
        Magnitude::Relative(value) => format!("{{ relative = {value:?} }}"),
    }
}

fn measure_value(measure: &Measure) -> String {
    let column = match measure.aggregate {
        Aggregate::Any | Aggregate::Count => "",
        _ => ", column = \"value\"",
    };
    format!(
        "{{ table = \"events\", aggregate = \"{}\"{column}, where = [{{ column = \"event_name\", op = \"=\", value = {} }}] }}",
        measure.aggregate.name(),
        quoted(&measure.event)
    )
}

fn metric(scenario: &Scenario, metric: &MetricScenario) -> String {
    let mut lines = Lines::default();
    lines.text("id", &metric.id);
    lines.text("version", "1.0.0");
    lines.text("status", "active");
    lines.text("owner", &metric.owner);
    lines.text("description", &metric.description);
    lines.text("kind", metric.kind.name());
    lines.text("unit", metric.unit.as_deref().unwrap_or_default());
    lines.text("direction", metric.direction.name());
    value(&mut lines, metric);
    decision(&mut lines, metric);
    drivers(&mut lines, scenario, metric);
    lines.text("runbook", &metric.runbook);
    lines.0
}

/// What is measured, and how it is judged.
fn value(lines: &mut Lines, metric: &MetricScenario) {
    if is_short(metric) {
        lines.text("fact", &metric.measure.event);
    } else if let Some(denominator) = &metric.denominator {
        lines.raw("numerator", measure_value(&metric.measure));
        lines.raw("denominator", measure_value(denominator));
    } else {
        lines.raw("value", measure_value(&metric.measure));
    }
    lines.text("window", &format!("{}d", metric.window_days));
    if let Some(quantile) = metric.cap_quantile {
        lines.raw("cap", format!("{{ quantile = {quantile:?} }}"));
    }
    if let Some(days) = metric.covariate_days {
        lines.raw("covariate", format!("{{ window = \"{days}d\" }}"));
    } else if let Some(column) = &metric.covariate_column {
        lines.raw("covariate", format!("{{ column = {} }}", quoted(column)));
    }
    if let Some(margin) = metric.margin {
        lines.raw("margin", magnitude(margin));
    }
    if let Some(minimum) = metric.minimum_effect {
        lines.raw("minimum_effect", magnitude(minimum));
    }
}

fn decision(lines: &mut Lines, metric: &MetricScenario) {
    let parts = [
        ("question", &metric.question),
        ("for", &metric.decided_by),
        ("if_worse", &metric.if_worse),
    ];
    let said = parts.iter().filter(|(_, text)| !text.is_empty());
    let said: Vec<String> = said
        .map(|(key, text)| format!("{key} = {}", quoted(text)))
        .collect();
    if !metric.question.is_empty() {
        lines.raw("decision", format!("{{ {} }}", said.join(", ")));
    }
}

/// The drivers that the workspace has; a driver that it lacks would be a broken reference.
fn drivers(lines: &mut Lines, scenario: &Scenario, metric: &MetricScenario) {
    let known = |(id, _): &(&String, &String)| scenario.metrics.iter().any(|each| each.id == **id);
    let driver = |(id, kind): (&String, &String)| {
        format!("{{ metric = {}, kind = {} }}", quoted(id), quoted(kind))
    };
    let drivers: Vec<String> = metric.drivers.iter().filter(known).map(driver).collect();
    if !drivers.is_empty() {
        lines.raw("drivers", format!("[{}]", drivers.join(", ")));
    }
}
