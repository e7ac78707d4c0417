//! Defines what a schema expects of one value: its type, or a word of a closed vocabulary.

use serde_json::Value as Schema;
use toml::de::DeValue;

/// The mark of a schema that takes a TOML date or time.
pub(super) const DATE_OR_TIME: &str = "x-date-or-time";

/// The kinds of value a schema can ask for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Integer,
    Number,
    Boolean,
    Moment,
    List,
    Table,
}

impl Shape {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Moment => "a date or time without quotes",
            Self::List => "a list",
            Self::Table => "a table",
        }
    }

    pub(super) fn of_schema(schema: &Schema) -> Option<Self> {
        if schema.get(DATE_OR_TIME).is_some() {
            return Some(Self::Moment);
        }
        Some(match schema.get("type")?.as_str()? {
            "string" => Self::Text,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "array" => Self::List,
            "object" => Self::Table,
            _ => return None,
        })
    }

    pub(super) const fn of_node(node: &DeValue<'_>) -> Self {
        match node {
            DeValue::String(_) => Self::Text,
            DeValue::Integer(_) => Self::Integer,
            DeValue::Float(_) => Self::Number,
            DeValue::Boolean(_) => Self::Boolean,
            DeValue::Datetime(_) => Self::Moment,
            DeValue::Array(_) => Self::List,
            DeValue::Table(_) => Self::Table,
        }
    }

    pub(super) fn accepts(self, found: Self) -> bool {
        self == found || (self == Self::Number && found == Self::Integer)
    }
}

/// Whether a `oneOf` lists words rather than shapes.
pub(super) fn is_vocabulary(branches: &Schema) -> bool {
    branches.as_array().is_some_and(|branches| {
        branches
            .iter()
            .all(|branch| branch.get("const").is_some() || branch.get("enum").is_some())
    })
}

/// The words of a closed vocabulary.
pub(super) fn words_of(schema: &Schema) -> Option<Vec<&str>> {
    fn direct(schema: &Schema) -> Option<Vec<&str>> {
        if let Some(word) = schema.get("const") {
            return Some(word.as_str().into_iter().collect());
        }
        let words = schema.get("enum")?.as_array()?;
        Some(words.iter().filter_map(Schema::as_str).collect())
    }
    if let Some(words) = direct(schema) {
        return Some(words);
    }
    let branches = schema
        .get("oneOf")
        .filter(|branches| is_vocabulary(branches))?;
    Some(
        branches
            .as_array()?
            .iter()
            .filter_map(direct)
            .flatten()
            .collect(),
    )
}

/// A list or a table as it could be written here; of anything else its words say enough.
pub(super) fn example_of(schema: &Schema) -> Option<String> {
    match Shape::of_schema(schema)? {
        Shape::List => Some("[…]".to_owned()),
        Shape::Table => {
            let first = |keys: Option<&Schema>| keys?.get(0)?.as_str().map(str::to_owned);
            let properties = || {
                schema
                    .get("properties")?
                    .as_object()?
                    .keys()
                    .next()
                    .cloned()
            };
            let key = first(schema.get("required")).or_else(properties)?;
            Some(format!("{{ {key} = … }}"))
        }
        _ => None,
    }
}
