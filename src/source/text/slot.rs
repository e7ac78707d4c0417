//! Defines where a value of a JSON object is kept until its row is whole: in one place a request, row after row.
//!
//! It refuses to look inside a list or an object.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::builder::Written;
use crate::source::cell;

/// A value, or none.
#[derive(Debug, Clone, Default)]
pub(super) struct Slot {
    value: Option<Value>,
    /// The text of a value that is one; kept from row to row so that no row allocates.
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Value {
    Null,
    Text,
    Integer(i64),
    Unsigned(u64),
    Float(f64),
    Boolean(bool),
    Nested,
}

impl Slot {
    pub(super) fn clear(&mut self) {
        self.value = None;
    }

    pub(super) fn is_too_long(&self) -> bool {
        self.value == Some(Value::Text) && self.text.len() > cell::LONGEST
    }

    /// What it holds; `None`: the row does not have the key.
    pub(super) fn written(&self) -> Option<Written<'_>> {
        Some(match self.value? {
            Value::Null => Written::Null,
            Value::Text => Written::Text(&self.text),
            Value::Integer(value) => Written::Integer(value),
            Value::Unsigned(value) => Written::Unsigned(value),
            Value::Float(value) => Written::Float(value),
            Value::Boolean(value) => Written::Boolean(value),
            Value::Nested => Written::Nested,
        })
    }

    #[expect(clippy::unnecessary_wraps, reason = "what a visitor returns")]
    fn set<E>(&mut self, value: Value) -> Result<(), E> {
        self.value = Some(value);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Slot {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Slot {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.set(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.set(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.set(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.set(i64::try_from(value).map_or(Value::Unsigned(value), Value::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.set(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.text.clear();
        self.text.push_str(value);
        self.set(Value::Text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        self.set(Value::Nested)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.set(Value::Nested)
    }
}
