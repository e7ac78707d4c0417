//! Defines the published schemas: one a kind of definition file, generated from the types that read them.

use schemars::JsonSchema;
use serde_json::Value as Schema;

use super::file::{ExperimentFile, MetricFile, WorkspaceFile};
use crate::domain::vocabulary;

vocabulary! {
    /// The kinds of definition file.
    pub enum DefinitionKind {
        /// `readout.toml`.
        Workspace = "workspace", "workspace";
        /// `experiments/ID.toml`.
        Experiment = "experiment", "experiment";
        /// `metrics/ID.toml` and `metrics/ID/VERSION.toml`.
        Metric = "metric", "metric";
    }
}

/// The JSON Schema (draft 2020-12) of a kind of definition file.
#[must_use]
pub fn schema(kind: DefinitionKind) -> Schema {
    match kind {
        DefinitionKind::Workspace => of::<WorkspaceFile>(),
        DefinitionKind::Experiment => of::<ExperimentFile>(),
        DefinitionKind::Metric => of::<MetricFile>(),
    }
}

fn of<T: JsonSchema>() -> Schema {
    let mut schema = schemars::schema_for!(T).to_value();
    without_null(&mut schema);
    schema
}

/// TOML has no null, so a key that may be absent is simply not required.
fn without_null(schema: &mut Schema) {
    match schema {
        Schema::Object(fields) => {
            if let Some(Schema::Array(types)) = fields.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    fields.insert("type".to_owned(), only);
                }
            }
            if let Some(Schema::Array(branches)) = fields.get_mut("anyOf") {
                branches.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
                if branches.len() == 1
                    && let Some(Schema::Object(only)) = branches.pop()
                {
                    fields.remove("anyOf");
                    fields.extend(only);
                }
            }
            if fields.get("default").is_some_and(Schema::is_null) {
                fields.remove("default");
            }
            fields.values_mut().for_each(without_null);
        }
        Schema::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}
