//! Guesses which columns are metrics and of which kind.

use super::asked::{Asked, MetricAsk};
use super::definitions::TABLE;
use super::error::QuickError;
use super::guess::{Guess, find, guess, names};
use crate::catalog::NOBODY_YET;
use crate::domain::definition::{
    Aggregate, Covariate, Direction, Metric, MetricKind, MetricStatus, Missing, Role, Value,
    Version,
};
use crate::propose::names::{UNIT_NAMES, identifier};
use crate::propose::profile::{ColumnProfile, Profile};
use crate::source::Escaped;

pub(super) fn metrics(
    profile: &Profile,
    asked: &Asked,
    variant: &str,
    unit: Option<&str>,
    guesses: &mut Vec<Guess>,
) -> Result<Vec<Metric>, QuickError> {
    let asks: Vec<MetricAsk> = if asked.metrics.is_empty() {
        let is_free = |column: &&ColumnProfile| {
            let is_called_a_unit = UNIT_NAMES
                .iter()
                .any(|name| column.name.eq_ignore_ascii_case(name));
            !is_called_a_unit
                && column.name != variant
                && Some(column.name.as_str()) != unit
                && !asked.takes(&column.name)
        };
        let free: Vec<&ColumnProfile> = profile.columns.iter().filter(is_free).collect();
        almost_metrics(&free, guesses);
        let columns: Vec<MetricAsk> = free
            .iter()
            .filter(|column| column.is_number() && (column.values.len() > 1))
            .map(|column| MetricAsk {
                quantile: None,
                column: column.name.clone(),
                kind: None,
                direction: None,
            })
            .collect();
        let list: Vec<&str> = columns.iter().map(|ask| ask.column.as_str()).collect();
        if !list.is_empty() {
            guess(
                guesses,
                "metrics",
                &list.join(", "),
                "the other columns that hold numbers; --metric chooses",
            );
        }
        columns
    } else {
        asked.metrics.clone()
    };
    if asks.is_empty() {
        return Err(QuickError::NoMetric {
            existing: names(profile),
        });
    }
    let covariates = covariates(profile, asked)?;
    let mut metrics: Vec<Metric> = Vec::new();
    for ask in &asks {
        let column = find(profile, "metric", &ask.column)?;
        if !column.is_number() {
            return Err(QuickError::NotNumbers {
                flag: "metric",
                column: ask.column.clone(),
                found: not_numbers(column),
            });
        }
        let taken: Vec<String> = metrics.iter().map(|metric| metric.id.to_string()).collect();
        let mut metric = metric(column, ask, &taken, guesses);
        // A quantile has no covariates.
        if metric.kind != MetricKind::Quantile {
            metric.covariates.clone_from(&covariates);
        }
        metrics.push(metric);
    }
    let increases: Vec<&str> = asks
        .iter()
        .filter(|ask| ask.direction.is_none())
        .map(|ask| ask.column.as_str())
        .collect();
    if !increases.is_empty() {
        guess(
            guesses,
            "direction",
            "increase",
            "more is taken to be better; COLUMN:decrease changes it",
        );
    }
    Ok(metrics)
}

/// What is known of units from before.
fn covariates(profile: &Profile, asked: &Asked) -> Result<Vec<Covariate>, QuickError> {
    let mut covariates = Vec::with_capacity(asked.covariates.len());
    for name in &asked.covariates {
        let column = find(profile, "covariate", name)?;
        if !column.is_number() {
            return Err(QuickError::NotNumbers {
                flag: "covariate",
                column: name.clone(),
                found: not_numbers(column),
            });
        }
        covariates.push(Covariate::Column {
            table: TABLE.to_owned(),
            column: name.clone(),
        });
    }
    if covariates.len() > Metric::COVARIATES {
        return Err(QuickError::TooManyCovariates);
    }
    Ok(covariates)
}

/// What a column that is no metric holds, and what to do about it.
pub(super) fn not_numbers(column: &ColumnProfile) -> String {
    match &column.no_number {
        None => "all of its cells are empty".to_owned(),
        Some(example) if column.numbers == 0 => format!(
            "none of its values is one, such as '{}'; name a column of numbers",
            Escaped(example)
        ),
        Some(example) => format!(
            "{} of its {} values are no finite numbers, such as '{}'; correct them, or leave their cells empty if they are missing",
            column.filled - column.numbers,
            column.filled,
            Escaped(example)
        ),
    }
}

/// Says which columns are almost metrics: leaving them out in silence would hide what spoils them.
pub(super) fn almost_metrics(columns: &[&ColumnProfile], guesses: &mut Vec<Guess>) {
    for column in columns {
        if column.is_number() || column.numbers * 2 <= column.filled {
            continue;
        }
        guess(guesses, "no metric", &column.name, &not_numbers(column));
    }
}

/// The metric of a column, its kind by what it holds unless it is asked for.
pub(in crate::propose) fn metric(
    column: &ColumnProfile,
    ask: &MetricAsk,
    taken: &[String],
    guesses: &mut Vec<Guess>,
) -> Metric {
    let kind = ask.kind.unwrap_or_else(|| {
        let (kind, reason) = if column.is_binary {
            (
                MetricKind::Proportion,
                "its values are only 0 and 1, or true and false",
            )
        } else {
            (MetricKind::Mean, "its values are numbers")
        };
        guess(
            guesses,
            &format!("kind of {}", column.name),
            kind.name(),
            reason,
        );
        kind
    });
    let aggregate = if kind == MetricKind::Proportion {
        Aggregate::Any
    } else {
        Aggregate::Sum
    };
    Metric {
        id: identifier(&column.name, taken),
        version: Version {
            major: 0,
            minor: 0,
            patch: 0,
        },
        status: MetricStatus::Active,
        owner: NOBODY_YET.to_owned(),
        description: Some(format!("column {} of the file", column.name)),
        kind,
        unit: None,
        direction: ask.direction.unwrap_or(Direction::Increase),
        eligible_as: Role::ALL.to_vec(),
        value: Value {
            table: TABLE.to_owned(),
            aggregate,
            column: Some(column.name.clone()),
            filters: Vec::new(),
            missing: Missing::Drop,
            dated_by: None,
        },
        denominator: None,
        window: None,
        cap: None,
        covariates: Vec::new(),
        steps: Vec::new(),
        quantile: ask.quantile,
        margin: None,
        minimum_effect: None,
        decision: None,
        drivers: Vec::new(),
        runbook: None,
        deprecated_on: None,
    }
}
