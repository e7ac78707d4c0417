//! Reads the metrics of a manifest: simple ones over a measure of a semantic model, and ratios of two of them.
//!
//! A filter, an expression or an offset is a text that only dbt can run: a metric with one would mean something else here,
//! so it is listed and left.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::document::{entries, last_quoted, text};
use super::{DeclaredMetric, Manifest, Measure};
use crate::domain::definition::{Aggregate, Filter, FilterOperator, Literal};
use crate::source::Escaped;

/// What a semantic model measures: a measure, or why it is none here.
type Found = Result<Measure, String>;

/// Reads every metric; what cannot be one here is listed with the reason.
pub(super) fn metrics(json: &Json, manifest: &mut Manifest) {
    let measures = measures(json);
    let by_name: BTreeMap<&str, &Json> = entries(json, "metrics")
        .filter_map(|(_, metric)| Some((text(metric, "name")?, metric)))
        .collect();
    for (name, metric) in &by_name {
        match declared(json, metric, &by_name, &measures) {
            Ok((value, denominator)) => manifest.metrics.push(DeclaredMetric {
                name: (*name).to_owned(),
                description: text(metric, "description")
                    .or_else(|| text(metric, "label"))
                    .map(str::to_owned),
                owner: owner(json, metric),
                value,
                denominator,
            }),
            Err(reason) => manifest
                .left
                .push(format!("dbt metric '{}': {reason}", Escaped(name))),
        }
    }
}

fn declared(
    json: &Json,
    metric: &Json,
    by_name: &BTreeMap<&str, &Json>,
    measures: &BTreeMap<&str, Found>,
) -> Result<(Measure, Option<Measure>), String> {
    match text(metric, "type") {
        Some("simple") => Ok((simple(json, metric, measures)?, None)),
        Some("ratio") => {
            let side = |key: &str| -> Found {
                let named = metric
                    .pointer(&format!("/type_params/{key}"))
                    .unwrap_or(&Json::Null);
                unfiltered(named)?;
                let name = named.as_str().or_else(|| text(named, "name"));
                let name = name.ok_or_else(|| format!("its {key} is not named"))?;
                let found = by_name
                    .get(name)
                    .ok_or_else(|| format!("its {key} '{}' is no metric", Escaped(name)))?;
                if text(found, "type") != Some("simple") {
                    return Err(format!("its {key} '{}' is not simple", Escaped(name)));
                }
                simple(json, found, measures)
            };
            unfiltered(metric)?;
            Ok((side("numerator")?, Some(side("denominator")?)))
        }
        other => Err(format!(
            "metrics of type '{}' have no counterpart; simple and ratio do",
            Escaped(other.unwrap_or("none"))
        )),
    }
}

fn simple(json: &Json, metric: &Json, measures: &BTreeMap<&str, Found>) -> Found {
    unfiltered(metric)?;
    let parameters = metric.get("type_params").unwrap_or(&Json::Null);
    // The newest form aggregates in the metric itself, without a measure.
    if let Some(own) = parameters
        .get("metric_aggregation_params")
        .filter(|own| !own.is_null())
    {
        let model = text(own, "semantic_model").ok_or("it names no semantic model")?;
        let node = entries(json, "semantic_models")
            .map(|(_, node)| node)
            .find(|node| text(node, "name") == Some(model));
        let node =
            node.ok_or_else(|| format!("its semantic model '{}' is not there", Escaped(model)))?;
        let expression = text(own, "expr")
            .or_else(|| text(parameters, "expr"))
            .or_else(|| text(metric, "name"));
        return measure(table_of(node)?, text(own, "agg"), expression);
    }
    let named = parameters.get("measure").unwrap_or(&Json::Null);
    unfiltered(named)?;
    let name = named
        .as_str()
        .or_else(|| text(named, "name"))
        .ok_or("it has no measure")?;
    match measures.get(name) {
        Some(found) => found.clone(),
        None => Err(format!(
            "its measure '{}' is in no semantic model",
            Escaped(name)
        )),
    }
}

/// Refuses what only counts some rows by a condition in SQL.
fn unfiltered(json: &Json) -> Result<(), String> {
    let filter = json.get("filter").filter(|filter| !filter.is_null());
    let conditions = filter
        .and_then(|filter| filter.get("where_filters"))
        .and_then(Json::as_array);
    let is_empty = filter.is_none() || conditions.is_some_and(Vec::is_empty);
    if is_empty {
        Ok(())
    } else {
        Err("it has a filter in SQL, and definitions hold no SQL; write it with `where`".to_owned())
    }
}

/// Every measure, by its name, which is unique in a project.
fn measures(json: &Json) -> BTreeMap<&str, Found> {
    let mut found = BTreeMap::new();
    for (_, model) in entries(json, "semantic_models") {
        let list = model
            .get("measures")
            .and_then(Json::as_array)
            .into_iter()
            .flatten();
        for written in list {
            let Some(name) = text(written, "name") else {
                continue;
            };
            let expression = text(written, "expr").unwrap_or(name);
            let one = table_of(model)
                .and_then(|table| measure(table, text(written, "agg"), Some(expression)));
            found.insert(name, one);
        }
    }
    found
}

/// The table of a semantic model.
fn table_of(model: &Json) -> Result<&str, String> {
    text(model, "model")
        .and_then(last_quoted)
        .or_else(|| {
            model
                .get("node_relation")
                .and_then(|relation| text(relation, "alias"))
        })
        .ok_or_else(|| "its semantic model names no table".to_owned())
}

fn measure(table: &str, aggregation: Option<&str>, expression: Option<&str>) -> Found {
    let expression = expression.unwrap_or("").trim();
    let column = || -> Result<String, String> {
        let mut letters = expression.bytes();
        let starts = letters
            .next()
            .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        if starts && letters.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            Ok(expression.to_owned())
        } else {
            Err(format!(
                "it is over the expression '{}', and only columns are read",
                Escaped(expression)
            ))
        }
    };
    let of = |aggregate: Aggregate, column: Option<String>, filters: Vec<Filter>| Measure {
        table: table.to_owned(),
        aggregate,
        column,
        filters,
    };
    let condition = |operator: FilterOperator, values: Vec<Literal>| -> Result<Filter, String> {
        Ok(Filter {
            column: column()?,
            operator,
            values,
        })
    };
    let aggregation = aggregation.unwrap_or("none").to_ascii_lowercase();
    let aggregate = match aggregation.as_str() {
        "sum" => Aggregate::Sum,
        "average" => Aggregate::Mean,
        "count_distinct" => Aggregate::CountDistinct,
        "min" => Aggregate::Min,
        "max" => Aggregate::Max,
        "count" if matches!(expression, "1" | "*") => {
            return Ok(of(Aggregate::Count, None, Vec::new()));
        }
        "count" => {
            let filter = condition(FilterOperator::NotNull, Vec::new())?;
            return Ok(of(Aggregate::Count, None, vec![filter]));
        }
        "sum_boolean" => {
            let filter = condition(FilterOperator::Equal, vec![Literal::Boolean(true)])?;
            return Ok(of(Aggregate::Count, None, vec![filter]));
        }
        "sum_one" => return Ok(of(Aggregate::Count, None, Vec::new())),
        other => {
            return Err(format!(
                "it aggregates by '{}', which has no counterpart a unit",
                Escaped(other)
            ));
        }
    };
    // A sum of ones is a count.
    if aggregate == Aggregate::Sum && expression == "1" {
        return Ok(of(Aggregate::Count, None, Vec::new()));
    }
    Ok(of(aggregate, Some(column()?), Vec::new()))
}

/// Who answers for a metric: its own `meta.owner`, else its group's owner.
fn owner(json: &Json, metric: &Json) -> Option<String> {
    let meta = [metric.pointer("/config/meta"), metric.get("meta")];
    let own = meta
        .into_iter()
        .flatten()
        .find_map(|meta| text(meta, "owner"));
    let group = || {
        let name = metric
            .pointer("/config/group")
            .and_then(Json::as_str)
            .or_else(|| text(metric, "group"))?;
        let groups = entries(json, "groups").map(|(_, group)| group);
        let owner = groups
            .into_iter()
            .find(|group| text(group, "name") == Some(name))?
            .get("owner")?;
        text(owner, "name").or_else(|| text(owner, "email"))
    };
    own.or_else(group).map(str::to_owned)
}
