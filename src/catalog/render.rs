//! Defines how a definition in full is written as a file again: the long form, with every default said.
//!
//! What it writes means the same as what was read: expanding it gives the same definition.

use toml::value::Datetime;

use super::file::{
    AnalysisFile, CapFile, ConventionsFile, CovariateFile, DecisionFile, DriverFile, DriverKind,
    EligibilityFile, EpochFile, ExperimentFile, ExposureFile, FilterFile, FilterValue, LiteralFile,
    MagnitudeFile, MetricFile, Moment, PlanFile, ValueFile, ValueOrFact, VariantsFile, WindowFile,
    WindowTable,
};
use crate::domain::definition::{
    Aggregate, Cap, Covariate, Driver, Experiment, Filter, FilterOperator, Literal, Magnitude,
    Metric, MetricKind, Role, Timestamp, Value, Window,
};

/// Why a definition cannot be written as TOML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this definition cannot be written as TOML")]
pub struct RenderError(#[from] toml::ser::Error);

/// A metric file that says everything `metric` means.
///
/// # Errors
/// [`RenderError`] when a value has no form in TOML; none that was read from a file is such.
pub fn render_metric(metric: &Metric) -> Result<String, RenderError> {
    Ok(toml::to_string(&metric_file(metric))?)
}

/// Everything that `metric` means, in the form of its file.
pub(super) fn metric_file(metric: &Metric) -> MetricFile {
    let is_ratio = metric.kind == MetricKind::Ratio;
    let is_funnel = metric.kind == MetricKind::Funnel;
    let own = value(&metric.value);
    let steps = metric
        .steps
        .iter()
        .chain(is_funnel.then_some(&metric.value));
    let mut covariates: Vec<CovariateFile> = metric.covariates.iter().map(covariate).collect();
    let only_covariate = (covariates.len() == 1).then(|| covariates.remove(0));
    MetricFile {
        id: Some(metric.id.to_string()),
        version: Some(metric.version.to_string()),
        status: Some(metric.status),
        owner: Some(metric.owner.clone()),
        description: metric.description.clone(),
        kind: Some(metric.kind),
        unit: metric.unit.clone(),
        direction: Some(metric.direction),
        eligible_as: Some(metric.eligible_as.clone()),
        fact: None,
        aggregate: None,
        missing: None,
        value: (!is_ratio && !is_funnel).then(|| own.clone()),
        numerator: is_ratio.then(|| ValueOrFact::Value(Box::new(own))),
        denominator: metric
            .denominator
            .as_ref()
            .map(|below| ValueOrFact::Value(Box::new(value(below)))),
        steps: listed(
            steps
                .map(|step| ValueOrFact::Value(Box::new(step_value(step))))
                .collect(),
        ),
        quantile: metric.quantile,
        window: metric.window.as_ref().map(window),
        cap: metric.cap.map(cap),
        covariate: only_covariate,
        covariates: listed(covariates),
        margin: metric.margin.map(magnitude),
        minimum_effect: metric.minimum_effect.map(magnitude),
        decision: metric.decision.as_ref().map(|decision| DecisionFile {
            question: decision.question.clone(),
            reader: decision.reader.clone(),
            if_worse: decision.if_worse.clone(),
        }),
        drivers: listed(metric.drivers.iter().map(driver).collect()),
        runbook: metric.runbook.clone(),
        deprecated_on: metric.deprecated_on.and_then(moment),
    }
}

/// An experiment file that says everything `experiment` means.
///
/// # Errors
/// As [`render_metric`].
pub fn render_experiment(experiment: &Experiment) -> Result<String, RenderError> {
    Ok(toml::to_string(&experiment_file(experiment))?)
}

/// Everything that `experiment` means, in the form of its file.
pub(super) fn experiment_file(experiment: &Experiment) -> ExperimentFile {
    let named = |role: Role| {
        let names: Vec<String> = experiment
            .metrics
            .iter()
            .filter(|metric| metric.role == role)
            .map(|metric| format!("{}@{}", metric.id, metric.version))
            .collect();
        listed(names)
    };
    let rule = &experiment.exposure;
    let filters = &experiment.eligibility.filters;
    ExperimentFile {
        id: Some(experiment.id.to_string()),
        version: Some(experiment.version.into()),
        owner: Some(experiment.owner.clone()),
        status: Some(experiment.status),
        hypothesis: experiment.hypothesis.clone(),
        start: experiment.start.and_then(moment),
        end: experiment.end.and_then(moment),
        enrol_stop: experiment.enrol_stop.and_then(moment),
        control: Some(experiment.control.clone()),
        variants: Some(VariantsFile::Names(experiment.variants.clone())),
        epochs: listed(epochs(experiment)),
        primary: named(Role::Primary),
        secondary: named(Role::Secondary),
        guardrails: named(Role::Guardrail),
        diagnostics: named(Role::Diagnostic),
        segments: listed(experiment.segments.clone()),
        populations: Some(experiment.populations.clone()),
        plan: Some(PlanFile {
            units: experiment.plan.units,
            exposure_rate: experiment.plan.exposure_rate,
            end: experiment.plan.end.and_then(moment),
        }),
        analysis: analysis(experiment),
        exposure: Some(ExposureFile {
            types: listed(rule.types.clone()),
            control_can_be_exposed: Some(rule.control_can_be_exposed),
            within: rule.within.map(|length| length.to_string()),
            dedupe: rule.dedupe.map(|length| length.to_string()),
        }),
        eligibility: (!filters.is_empty()).then(|| EligibilityFile {
            filters: filters.iter().map(filter).collect(),
        }),
        also_known_as: listed(experiment.aliases.clone()),
        salt: experiment.salt.clone(),
        conventions: conventions(experiment),
    }
}

fn analysis(experiment: &Experiment) -> Option<AnalysisFile> {
    let asked = &experiment.analysis;
    (!asked.is_default()).then(|| AnalysisFile {
        by: asked.by,
        cluster: asked.cluster.clone(),
        strata: asked.strata.clone(),
        novelty: Some(asked.novelty),
        bootstrap: asked.bootstrap,
        all_pairs: Some(asked.all_pairs),
        units_per_year: asked.units_per_year,
        looks: listed(asked.looks.clone()),
        first_look: asked.first_look,
    })
}

/// A list, unless there is nothing in it.
pub(super) fn listed<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

pub(super) fn moment(instant: Timestamp) -> Option<Moment> {
    instant.to_string().parse::<Datetime>().ok().map(Moment)
}

fn epochs(experiment: &Experiment) -> Vec<EpochFile> {
    experiment
        .epochs
        .iter()
        .filter_map(|epoch| {
            let names = experiment.variants.iter().cloned();
            Some(EpochFile {
                from: moment(epoch.from)?,
                weights: names.zip(epoch.weights.iter().copied()).collect(),
            })
        })
        .collect()
}

fn conventions(experiment: &Experiment) -> Option<ConventionsFile> {
    let named = &experiment.conventions;
    (!named.is_empty()).then(|| ConventionsFile::saying(named))
}

pub(super) fn value(value: &Value) -> ValueFile {
    // Only a published summary is a mean of no column, and it is taken as it is.
    let is_published = value.aggregate == Aggregate::Mean && value.column.is_none();
    ValueFile {
        fact: None,
        table: Some(value.table.clone()),
        aggregate: (!is_published).then_some(value.aggregate),
        column: value.column.clone(),
        filters: listed(value.filters.iter().map(filter).collect()),
        missing: Some(value.missing),
        dated_by: value.dated_by.clone(),
    }
}

/// A step of a funnel: which rows are one, and nothing else.
fn step_value(step: &Value) -> ValueFile {
    ValueFile {
        aggregate: None,
        missing: None,
        ..value(step)
    }
}

pub(super) fn filter(filter: &Filter) -> FilterFile {
    let values: Vec<LiteralFile> = filter.values.iter().filter_map(literal).collect();
    let is_list = matches!(
        filter.operator,
        FilterOperator::Between | FilterOperator::In | FilterOperator::NotIn
    );
    FilterFile {
        column: filter.column.clone(),
        op: filter.operator,
        value: if is_list {
            Some(FilterValue::Many(values))
        } else {
            values.into_iter().next().map(FilterValue::One)
        },
    }
}

fn literal(literal: &Literal) -> Option<LiteralFile> {
    Some(match literal {
        Literal::Boolean(value) => LiteralFile::Boolean(*value),
        Literal::Integer(value) => LiteralFile::Integer(*value),
        Literal::Float(value) => LiteralFile::Float(*value),
        Literal::Text(value) => LiteralFile::Text(value.clone()),
        Literal::Time(value) => LiteralFile::Moment(moment(*value)?),
    })
}

fn window(window: &Window) -> WindowFile {
    WindowFile::Table(WindowTable {
        anchor: Some(window.anchor),
        start: Some(window.start.to_string()),
        end: window.end.to_string(),
        units: Some(window.units),
    })
}

fn cap(cap: Cap) -> CapFile {
    let (value, quantile) = match cap {
        Cap::Value(value) => (Some(value), None),
        Cap::Quantile(quantile) => (None, Some(quantile)),
    };
    CapFile { value, quantile }
}

fn covariate(covariate: &Covariate) -> CovariateFile {
    match covariate {
        Covariate::PrePeriod { window, value: own } => CovariateFile {
            window: Some(window.to_string()),
            value: own.as_ref().map(value),
            ..CovariateFile::default()
        },
        Covariate::Column { table, column } => CovariateFile {
            column: Some(column.clone()),
            table: Some(table.clone()),
            ..CovariateFile::default()
        },
    }
}

fn magnitude(magnitude: Magnitude) -> MagnitudeFile {
    let (absolute, relative) = match magnitude {
        Magnitude::Absolute(size) => (Some(size), None),
        Magnitude::Relative(size) => (None, Some(size)),
    };
    MagnitudeFile { absolute, relative }
}

fn driver(driver: &Driver) -> DriverFile {
    let kinds = [DriverKind::Component, DriverKind::Influence];
    DriverFile {
        metric: driver.metric.to_string(),
        kind: kinds
            .into_iter()
            .find(|kind| kind.name() == driver.kind)
            .unwrap_or(DriverKind::Influence),
        evidence: listed(driver.evidence.clone()),
    }
}
