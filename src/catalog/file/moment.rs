//! Defines a date or time as TOML writes it, before a zone makes it an instant.

use serde::{Deserialize, Deserializer, Serialize};

use crate::catalog::expected::DATE_OR_TIME;

/// A date, a time with offset, or a time that the workspace's zone makes an instant.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub(in crate::catalog) struct Moment(pub(in crate::catalog) toml::value::Datetime);

/// The one key of the table that stands for a moment between the walk of a file and its types.
const WRITTEN: &str = "date-or-time";

impl Moment {
    /// A date or time as [`Moment`] reads it back: inside a choice of forms `toml` would make it a text, and a text in
    /// quotes is no date.
    pub(in crate::catalog) fn stand_in(written: toml::value::Datetime) -> toml::Value {
        let mut table = toml::Table::new();
        table.insert(WRITTEN.to_owned(), toml::Value::String(written.to_string()));
        toml::Value::Table(table)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct StandIn {
            #[serde(rename = "date-or-time")]
            written: String,
        }
        let stand_in = StandIn::deserialize(deserializer)?;
        stand_in
            .written
            .parse()
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Moment {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DateOrTime".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A TOML date or time without quotes. Without a time it is midnight, without an offset it is local, in the workspace's zone.",
            DATE_OR_TIME: true,
        })
    }
}
