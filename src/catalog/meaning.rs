//! Defines the semantic hash: SHA-256 of the canonical bytes of exactly what can move a number or a verdict.
//!
//! Of a metric that is: kind, value and denominator (table, aggregate, column, filters, missing rule, facts resolved),
//! window, cap, covariates, steps, quantile, and, because verdicts follow from them, direction, margin and smallest effect. Its id and
//! version, status, owner, description, unit, roles, decision, drivers and runbook are words: they do not count.
//!
//! Of an experiment that is: its version, instants, control, variants, weights, metrics with role and version, segments,
//! populations, plan, exposure rule, eligibility, other names (they say which rows are its own) and conventions. Owner,
//! status, hypothesis and salt do not count.
//!
//! Filters hold together and a list holds one of its values, so the order in which either was written does not count.

use crate::canonical::{self, CanonicalError};
use crate::domain::definition::{
    Cap, Covariate, Direction, Experiment, ExperimentStatus, Filter, FilterOperator, Magnitude,
    Metric, MetricKind, Value, Window,
};

/// The semantic hash of a metric, 64 hex digits.
pub(super) fn of_metric(metric: &Metric) -> Result<String, CanonicalError> {
    #[derive(serde::Serialize)]
    struct Meaning<'m> {
        kind: MetricKind,
        value: Value,
        denominator: Option<Value>,
        window: &'m Option<Window>,
        cap: Option<Cap>,
        covariate: Option<&'m Covariate>,
        #[serde(skip_serializing_if = "<[Covariate]>::is_empty")]
        further_covariates: &'m [Covariate],
        #[serde(skip_serializing_if = "Vec::is_empty")]
        steps: Vec<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        quantile: Option<f64>,
        direction: Direction,
        margin: Option<Magnitude>,
        minimum_effect: Option<Magnitude>,
    }
    canonical::hash(&Meaning {
        kind: metric.kind,
        value: in_any_order(&metric.value)?,
        denominator: metric.denominator.as_ref().map(in_any_order).transpose()?,
        window: &metric.window,
        cap: metric.cap,
        covariate: metric.covariates.first(),
        further_covariates: metric.covariates.get(1..).unwrap_or_default(),
        steps: metric
            .steps
            .iter()
            .map(in_any_order)
            .collect::<Result<_, _>>()?,
        quantile: metric.quantile,
        direction: metric.direction,
        margin: metric.margin,
        minimum_effect: metric.minimum_effect,
    })
}

/// The semantic hash of an experiment, 64 hex digits.
pub(super) fn of_experiment(experiment: &Experiment) -> Result<String, CanonicalError> {
    let mut meaning = experiment.clone();
    meaning.eligibility.filters = sorted(&experiment.eligibility.filters)?;
    meaning.aliases.sort();
    meaning.exposure.types.sort();
    meaning.hypothesis = None;
    meaning.salt = None;
    meaning.owner.clear();
    meaning.status = ExperimentStatus::Draft;
    canonical::hash(&meaning)
}

fn in_any_order(value: &Value) -> Result<Value, CanonicalError> {
    Ok(Value {
        filters: sorted(&value.filters)?,
        ..value.clone()
    })
}

fn sorted(filters: &[Filter]) -> Result<Vec<Filter>, CanonicalError> {
    let mut keyed = Vec::with_capacity(filters.len());
    for filter in filters {
        let mut filter = filter.clone();
        if matches!(filter.operator, FilterOperator::In | FilterOperator::NotIn) {
            let mut values = Vec::with_capacity(filter.values.len());
            for value in filter.values {
                values.push((canonical::to_bytes(&value)?, value));
            }
            values.sort_by(|left, right| left.0.cmp(&right.0));
            values.dedup_by(|left, right| left.0 == right.0);
            filter.values = values.into_iter().map(|(_, value)| value).collect();
        }
        keyed.push((canonical::to_bytes(&filter)?, filter));
    }
    keyed.sort_by(|left, right| left.0.cmp(&right.0));
    keyed.dedup_by(|left, right| left.0 == right.0);
    Ok(keyed.into_iter().map(|(_, filter)| filter).collect())
}
