//! The JSON documents: they read back, and their schema describes them.

use serde_json::Value;

use super::*;
use crate::report::{checks_json, checks_schema, fixtures};

/// Whether a value has the structure a schema asks for. Knows the keywords our schemas use and refuses any other, so that
/// a new one cannot pass unnoticed.
fn conforms(value: &Value, schema: &Value, root: &Value) -> Result<(), String> {
    let Value::Object(rules) = schema else {
        return match schema {
            Value::Bool(true) => Ok(()),
            _ => Err("refused by the schema".to_owned()),
        };
    };
    for (keyword, rule) in rules {
        keyword_holds(value, keyword, rule, rules, root)
            .map_err(|why| format!("{keyword}: {why}"))?;
    }
    Ok(())
}

fn keyword_holds(
    value: &Value,
    keyword: &str,
    rule: &Value,
    rules: &serde_json::Map<String, Value>,
    root: &Value,
) -> Result<(), String> {
    let holds = |found: bool| {
        if found {
            Ok(())
        } else {
            Err(format!("{value} against {rule}"))
        }
    };
    match keyword {
        "$schema" | "$defs" | "title" | "description" | "format" | "default" | "pattern" => Ok(()),
        "$ref" => {
            let pointer = rule.as_str().unwrap().trim_start_matches('#');
            conforms(value, root.pointer(pointer).unwrap(), root)
        }
        "type" => match rule {
            Value::Array(types) => holds(types.iter().any(|name| is_of_type(value, name))),
            name => holds(is_of_type(value, name)),
        },
        "const" => holds(value == rule),
        "enum" => holds(rule.as_array().unwrap().contains(value)),
        "minimum" => holds(
            value
                .as_f64()
                .is_none_or(|number| number >= rule.as_f64().unwrap()),
        ),
        "maximum" => holds(
            value
                .as_f64()
                .is_none_or(|number| number <= rule.as_f64().unwrap()),
        ),
        "minItems" => holds(
            value
                .as_array()
                .is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
        ),
        "maxItems" => holds(
            value
                .as_array()
                .is_none_or(|items| items.len() as u64 <= rule.as_u64().unwrap()),
        ),
        "required" => holds(value.as_object().is_none_or(|fields| {
            rule.as_array()
                .unwrap()
                .iter()
                .all(|name| fields.contains_key(name.as_str().unwrap()))
        })),
        "properties" => properties(value, rule, root),
        "additionalProperties" => additional(value, rule, rules, root),
        "propertyNames" => value.as_object().map_or(Ok(()), |fields| {
            fields
                .keys()
                .try_for_each(|name| conforms(&Value::from(name.as_str()), rule, root))
        }),
        "items" => {
            let skipped = rules
                .get("prefixItems")
                .map_or(0, |first| first.as_array().unwrap().len());
            value.as_array().map_or(Ok(()), |items| {
                items
                    .iter()
                    .skip(skipped)
                    .try_for_each(|item| conforms(item, rule, root))
            })
        }
        "prefixItems" => value.as_array().map_or(Ok(()), |items| {
            items
                .iter()
                .zip(rule.as_array().unwrap())
                .try_for_each(|(item, rule)| conforms(item, rule, root))
        }),
        "oneOf" => {
            let held = rule
                .as_array()
                .unwrap()
                .iter()
                .filter(|one| conforms(value, one, root).is_ok())
                .count();
            holds(held == 1)
        }
        "anyOf" => holds(
            rule.as_array()
                .unwrap()
                .iter()
                .any(|one| conforms(value, one, root).is_ok()),
        ),
        "allOf" => rule
            .as_array()
            .unwrap()
            .iter()
            .try_for_each(|one| conforms(value, one, root)),
        unknown => Err(format!("the keyword {unknown} is not known to this test")),
    }
}

fn is_of_type(value: &Value, name: &Value) -> bool {
    match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        other => panic!("no such type: {other}"),
    }
}

fn properties(value: &Value, rule: &Value, root: &Value) -> Result<(), String> {
    let Some(fields) = value.as_object() else {
        return Ok(());
    };
    rule.as_object()
        .unwrap()
        .iter()
        .try_for_each(|(name, rule)| match fields.get(name) {
            Some(field) => conforms(field, rule, root).map_err(|why| format!("{name}: {why}")),
            None => Ok(()),
        })
}

fn additional(
    value: &Value,
    rule: &Value,
    rules: &serde_json::Map<String, Value>,
    root: &Value,
) -> Result<(), String> {
    let Some(fields) = value.as_object() else {
        return Ok(());
    };
    let is_named = |name: &str| {
        rules
            .get("properties")
            .is_some_and(|known| known.get(name).is_some())
    };
    fields
        .iter()
        .filter(|(name, _)| !is_named(name))
        .try_for_each(|(name, field)| {
            conforms(field, rule, root).map_err(|why| format!("{name}: {why}"))
        })
}

#[test]
fn every_document_conforms_to_its_schema() {
    let (one, several, checks) = (schema(), collection_schema(), checks_schema());
    for (name, readout) in fixtures::all() {
        let value = serde_json::from_slice(&document(&readout).unwrap()).unwrap();
        conforms(&value, &one, &one).unwrap_or_else(|why| panic!("{name}: {why}"));
        let value = serde_json::from_slice(&collection(&[&readout, &readout]).unwrap()).unwrap();
        conforms(&value, &several, &several).unwrap_or_else(|why| panic!("{name}: {why}"));
        let value = serde_json::from_slice(&checks_json(&readout).unwrap()).unwrap();
        conforms(&value, &checks, &checks).unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

#[test]
fn a_document_of_another_shape_does_not_conform() {
    let schema = schema();
    let whole: Value = serde_json::from_slice(&document(&fixtures::good_win()).unwrap()).unwrap();
    let mut without = whole.clone();
    without.as_object_mut().unwrap().remove("checks");
    assert!(conforms(&without, &schema, &schema).is_err());
    let mut wrong = whole;
    wrong["verdicts"][0]["word"] = Value::from("maybe");
    assert!(conforms(&wrong, &schema, &schema).is_err());
}

#[test]
fn a_document_reads_back_as_the_same_readout() {
    for (name, readout) in fixtures::all() {
        let back: Readout = serde_json::from_slice(&document(&readout).unwrap()).unwrap();
        assert_eq!(back, readout, "{name}");
    }
}

#[test]
fn numbers_are_the_shortest_that_read_back_and_absent_ones_say_why() {
    let text = String::from_utf8(document(&fixtures::absences()).unwrap()).unwrap();
    assert!(text.starts_with("{\n  \"schema_version\": 1,\n"));
    assert!(text.ends_with("}\n"));
    assert!(text.contains("\"log10_p\": -350.5"));
    assert!(text.contains("\"absent\": \"zero-control-mean\""));
    assert!(text.contains("\"shape\": \"whole_line\""));
    assert!(text.contains("\"below\": -3.1,"));
}

#[test]
fn several_readouts_are_versioned_together() {
    let (first, second) = (fixtures::good_win(), fixtures::ramp_of_three());
    let value: Value = serde_json::from_slice(&collection(&[&first, &second]).unwrap()).unwrap();
    assert_eq!(value["schema_version"], SCHEMA_VERSION);
    assert_eq!(value["readouts"][1]["experiment"]["id"], "pricing-ramp");
}
