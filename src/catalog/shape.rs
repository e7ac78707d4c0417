//! Defines the walk of a parsed file along a JSON schema: every shape problem is reported, everything else is kept.
//!
//! serde would stop at the first problem. The walk goes no deeper than the schema does. It refuses to know any key by name: the schema says what is allowed.

use std::collections::BTreeSet;

use serde_json::Value as Schema;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::{Document, Spot};
use super::expected::{Shape, example_of, is_vocabulary, words_of};
use super::file::Moment;
use super::key_path::KeyPath;
use super::problem::{Rule, Severity, list, nearest, short, suggest};

/// One walk of one file.
pub(super) struct Walk<'d, 's> {
    document: &'d mut Document,
    schema: &'s Schema,
    spoiled_lines: BTreeSet<usize>,
    values: toml::Table,
}

impl<'d, 's> Walk<'d, 's> {
    pub(super) fn new(
        document: &'d mut Document,
        schema: &'s Schema,
        spoiled_lines: BTreeSet<usize>,
    ) -> Self {
        Self {
            document,
            schema,
            spoiled_lines,
            values: toml::Table::new(),
        }
    }

    pub(super) fn finish(self) -> toml::Table {
        self.values
    }

    /// Walks the whole file. The top keeps what is sound even where something it must have is missing, so that the rest
    /// of the file is still judged.
    pub(super) fn root(&mut self, table: &DeTable<'_>) {
        let schema = self.schema;
        let (values, _) = self.table(schema, table, 0, &KeyPath::root());
        self.values = values;
    }

    fn report(&mut self, rule: Rule, at: usize, path: &KeyPath, reason: String, fix: String) {
        if !self.spoiled_lines.contains(&self.document.line(at)) {
            self.document
                .report_at(Severity::Error, rule, at, path.to_string(), reason, fix);
        }
    }

    /// The schema that `schema` refers to, if it only refers.
    fn resolve(&self, schema: &'s Schema) -> &'s Schema {
        schema
            .get("$ref")
            .and_then(Schema::as_str)
            .and_then(|reference| reference.strip_prefix('#'))
            .and_then(|pointer| self.schema.pointer(pointer))
            .unwrap_or(schema)
    }

    /// The schemas a value may follow: one, or the branches of a choice.
    fn choices(&self, schema: &'s Schema) -> Vec<&'s Schema> {
        let schema = self.resolve(schema);
        let branches = schema.get("anyOf").or_else(|| {
            schema
                .get("oneOf")
                .filter(|branches| !is_vocabulary(branches))
        });
        match branches.and_then(Schema::as_array) {
            Some(branches) => branches
                .iter()
                .flat_map(|branch| self.choices(branch))
                .collect(),
            None => vec![schema],
        }
    }

    /// Checks one value; the value when it is sound.
    fn value(
        &mut self,
        schema: &'s Schema,
        node: &Spanned<DeValue<'_>>,
        path: &KeyPath,
    ) -> Option<toml::Value> {
        let at = node.span().start;
        let choices = self.choices(schema);
        let found = Shape::of_node(node.get_ref());
        let choice = choices.iter().copied().find(|choice| {
            words_of(choice).is_some_and(|_| found == Shape::Text)
                || Shape::of_schema(choice).is_some_and(|shape| shape.accepts(found))
        });
        let Some(choice) = choice else {
            self.wrong_type(&choices, found, at, path);
            return None;
        };
        match node.get_ref() {
            DeValue::String(text) => self.text(choice, text, at, path),
            DeValue::Integer(_) | DeValue::Float(_) => self.number(choice, node, path),
            DeValue::Boolean(value) => Some(toml::Value::Boolean(*value)),
            // A moment of neither date nor time is what is left of one that was reported as syntax.
            DeValue::Datetime(value) => {
                (value.date.is_some() || value.time.is_some()).then(|| Moment::stand_in(*value))
            }
            DeValue::Array(items) => {
                let items_schema = choice.get("items").unwrap_or(&Schema::Null);
                let mut kept: Vec<toml::Value> = Vec::new();
                for item in items {
                    // Indices count what is kept, since that is what later stages see.
                    let item_path = path.index(kept.len());
                    let spot = Spot {
                        key: None,
                        value: item.span(),
                    };
                    self.document.spots.insert(item_path.clone(), spot);
                    kept.extend(self.value(items_schema, item, &item_path));
                }
                Some(toml::Value::Array(kept))
            }
            DeValue::Table(table) => {
                let (values, complete) = self.table(choice, table, at, path);
                complete.then_some(toml::Value::Table(values))
            }
        }
    }

    fn wrong_type(&mut self, choices: &[&Schema], found: Shape, at: usize, path: &KeyPath) {
        let mut wanted: Vec<&str> = Vec::new();
        for choice in choices {
            let words = words_of(choice).map_or_else(
                || Shape::of_schema(choice).map_or("something else", Shape::words),
                |_| Shape::Text.words(),
            );
            if !wanted.contains(&words) {
                wanted.push(words);
            }
        }
        let reason = format!(
            "'{path}' must be {}, and here it is {}",
            wanted.join(" or "),
            found.words()
        );
        let example = choices.iter().find_map(|choice| example_of(choice));
        let fix = match example {
            Some(example) => format!("write {} here, such as `{example}`", wanted.join(" or ")),
            None => format!("write {} here", wanted.join(" or ")),
        };
        self.report(Rule::WrongType, at, path, reason, fix);
    }

    fn text(
        &mut self,
        schema: &Schema,
        text: &str,
        at: usize,
        path: &KeyPath,
    ) -> Option<toml::Value> {
        if let Some(words) = words_of(schema)
            && !words.contains(&text)
        {
            let reason = format!("'{}' is no word that '{path}' knows", short(text));
            let fix = suggest(text, words.iter().copied(), "word");
            self.report(Rule::UnknownWord, at, path, reason, fix);
            return None;
        }
        Some(toml::Value::String(text.to_owned()))
    }

    fn number(
        &mut self,
        schema: &Schema,
        node: &Spanned<DeValue<'_>>,
        path: &KeyPath,
    ) -> Option<toml::Value> {
        let at = node.span().start;
        let Some((value, size)) = number_of(node.get_ref()) else {
            let reason = format!("'{path}' is a number too large to hold");
            let fix = "write a smaller number".to_owned();
            self.report(Rule::OutOfRange, at, path, reason, fix);
            return None;
        };
        if !size.is_finite() {
            let reason = format!("'{path}' is a number that is not finite");
            self.report(
                Rule::NotFinite,
                at,
                path,
                reason,
                "write a finite number".to_owned(),
            );
            return None;
        }
        let limit = |key: &str| schema.get(key).and_then(Schema::as_f64);
        if limit("minimum").is_some_and(|least| size < least)
            || limit("maximum").is_some_and(|most| size > most)
        {
            let reason = format!("'{path}' is outside its range");
            let least = limit("minimum").map(|least| format!("at least {least}"));
            let most = limit("maximum").map(|most| format!("at most {most}"));
            let range: Vec<String> = least.into_iter().chain(most).collect();
            let fix = format!("write a number of {}", range.join(" and "));
            self.report(Rule::OutOfRange, at, path, reason, fix);
            return None;
        }
        Some(value)
    }

    /// Checks a table; what is sound of it, and whether it has all it must have.
    fn table(
        &mut self,
        schema: &'s Schema,
        table: &DeTable<'_>,
        at: usize,
        path: &KeyPath,
    ) -> (toml::Table, bool) {
        let properties = schema.get("properties").and_then(Schema::as_object);
        let names: Vec<&str> = properties.map_or_else(Vec::new, |properties| {
            properties.keys().map(String::as_str).collect()
        });
        let others = schema
            .get("additionalProperties")
            .filter(|others| others.is_object());
        let mut values = toml::Table::new();
        let mut meant: Vec<&str> = Vec::new();
        for (key, node) in table {
            let name: &str = key.get_ref();
            let key_path = path.key(name);
            let spot = Spot {
                key: Some(key.span()),
                value: node.span(),
            };
            self.document.spots.insert(key_path.clone(), spot);
            let known = properties.and_then(|properties| properties.get(name));
            let Some(schema) = known.or(others) else {
                meant.extend(nearest(name, names.iter().copied()));
                self.unknown_key(name, &names, key.span().start, &key_path, path);
                continue;
            };
            if let Some(value) = self.value(schema, node, &key_path) {
                values.insert(name.to_owned(), value);
            }
        }
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Schema::as_array)
            .map_or_else(Vec::new, |keys| {
                keys.iter().filter_map(Schema::as_str).collect()
            });
        for key in &required {
            let given = table.keys().any(|found| found.get_ref() == key);
            // A misspelt key is one problem, not two; and after a syntax error the key may only have been lost.
            if !given && !meant.contains(key) && self.spoiled_lines.is_empty() {
                self.missing_key(key, at, path);
            }
        }
        let complete = required.iter().all(|key| values.contains_key(*key));
        (values, complete)
    }

    fn unknown_key(
        &mut self,
        name: &str,
        names: &[&str],
        at: usize,
        key_path: &KeyPath,
        parent: &KeyPath,
    ) {
        let reason = if *parent == KeyPath::root() {
            format!("'{}' is no key of this file", short(name))
        } else {
            format!("'{}' is no key of '{parent}'", short(name))
        };
        let fix = match nearest(name, names.iter().copied()) {
            Some(near) => format!("write '{near}', the nearest key, or remove it"),
            None => format!(
                "remove it; the keys here are {}",
                list(names.iter().copied())
            ),
        };
        self.report(Rule::UnknownKey, at, key_path, reason, fix);
    }

    fn missing_key(&mut self, key: &str, at: usize, path: &KeyPath) {
        let reason = if *path == KeyPath::root() {
            format!("the file has no '{key}'")
        } else {
            format!("'{path}' has no '{key}'")
        };
        let fix = format!("add `{key} = …`");
        self.report(Rule::MissingKey, at, &path.key(key), reason, fix);
    }
}

/// A number, and its size to compare with limits; `None` when it is beyond what a whole number here can hold.
fn number_of(node: &DeValue<'_>) -> Option<(toml::Value, f64)> {
    match node {
        DeValue::Integer(integer) => {
            let value = i64::from_str_radix(integer.as_str(), integer.radix()).ok()?;
            #[expect(
                clippy::cast_precision_loss,
                reason = "only compared with small limits"
            )]
            let size = value as f64;
            Some((toml::Value::Integer(value), size))
        }
        DeValue::Float(float) => {
            let value = float.as_str().parse::<f64>().ok()?;
            Some((toml::Value::Float(value), value))
        }
        _ => None,
    }
}
