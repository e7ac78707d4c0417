//! Defines how any serialisable value becomes a [`CanonicalValue`].
//!
//! `serde_json` cannot do it: it writes a number that is not finite as `null`, so an absent value and a broken one would
//! have the same hash.

use std::collections::BTreeMap;

use serde::ser::{self, Serialize};

use super::CanonicalError;
use super::number;
use super::value::CanonicalValue;

impl ser::Error for CanonicalError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::Other(message.to_string())
    }
}

/// The serializer.
pub(super) struct ToCanonical;

type Outcome = Result<CanonicalValue, CanonicalError>;

fn signed(value: i128) -> CanonicalValue {
    CanonicalValue::Number(number::whole(value < 0, value.unsigned_abs()))
}

fn unsigned(value: u128) -> CanonicalValue {
    CanonicalValue::Number(number::whole(false, value))
}

/// `{"Name": value}`, as JSON writes an enum variant that holds something.
fn tagged(variant: &str, value: CanonicalValue) -> CanonicalValue {
    CanonicalValue::Map(BTreeMap::from([(variant.to_owned(), value)]))
}

impl ser::Serializer for ToCanonical {
    type Ok = CanonicalValue;
    type Error = CanonicalError;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = List;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    fn serialize_bool(self, value: bool) -> Outcome {
        Ok(CanonicalValue::Boolean(value))
    }
    fn serialize_i8(self, value: i8) -> Outcome {
        Ok(signed(value.into()))
    }
    fn serialize_i16(self, value: i16) -> Outcome {
        Ok(signed(value.into()))
    }
    fn serialize_i32(self, value: i32) -> Outcome {
        Ok(signed(value.into()))
    }
    fn serialize_i64(self, value: i64) -> Outcome {
        Ok(signed(value.into()))
    }
    fn serialize_i128(self, value: i128) -> Outcome {
        Ok(signed(value))
    }
    fn serialize_u8(self, value: u8) -> Outcome {
        Ok(unsigned(value.into()))
    }
    fn serialize_u16(self, value: u16) -> Outcome {
        Ok(unsigned(value.into()))
    }
    fn serialize_u32(self, value: u32) -> Outcome {
        Ok(unsigned(value.into()))
    }
    fn serialize_u64(self, value: u64) -> Outcome {
        Ok(unsigned(value.into()))
    }
    fn serialize_u128(self, value: u128) -> Outcome {
        Ok(unsigned(value))
    }
    fn serialize_f32(self, value: f32) -> Outcome {
        self.serialize_f64(value.into())
    }
    fn serialize_f64(self, value: f64) -> Outcome {
        if value.is_finite() {
            Ok(CanonicalValue::Number(number::double(value)))
        } else {
            Err(CanonicalError::NotFinite)
        }
    }
    fn serialize_char(self, value: char) -> Outcome {
        Ok(CanonicalValue::Text(value.to_string()))
    }
    fn serialize_str(self, value: &str) -> Outcome {
        Ok(CanonicalValue::Text(value.to_owned()))
    }
    fn serialize_bytes(self, value: &[u8]) -> Outcome {
        value.serialize(self)
    }
    fn serialize_none(self) -> Outcome {
        Ok(CanonicalValue::Null)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Outcome {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Outcome {
        Ok(CanonicalValue::Null)
    }
    fn serialize_unit_struct(self, _: &'static str) -> Outcome {
        Ok(CanonicalValue::Null)
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Outcome {
        Ok(CanonicalValue::Text(variant.to_owned()))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Outcome {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Outcome {
        Ok(tagged(variant, value.serialize(self)?))
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<List, CanonicalError> {
        Ok(List::default())
    }
    fn serialize_tuple(self, _: usize) -> Result<List, CanonicalError> {
        Ok(List::default())
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List, CanonicalError> {
        Ok(List::default())
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List, CanonicalError> {
        Ok(List {
            variant: Some(variant),
            ..List::default()
        })
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Entries, CanonicalError> {
        Ok(Entries::default())
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries, CanonicalError> {
        Ok(Entries::default())
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries, CanonicalError> {
        Ok(Entries {
            variant: Some(variant),
            ..Entries::default()
        })
    }
}

/// A list being gathered.
#[derive(Default)]
pub(super) struct List {
    items: Vec<CanonicalValue>,
    variant: Option<&'static str>,
}

impl List {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CanonicalError> {
        self.items.push(value.serialize(ToCanonical)?);
        Ok(())
    }

    fn finish(self) -> CanonicalValue {
        let list = CanonicalValue::List(self.items);
        match self.variant {
            Some(variant) => tagged(variant, list),
            None => list,
        }
    }
}

macro_rules! list_by {
    ($trait:ident, $method:ident) => {
        impl ser::$trait for List {
            type Ok = CanonicalValue;
            type Error = CanonicalError;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CanonicalError> {
                self.push(value)
            }
            fn end(self) -> Outcome {
                Ok(self.finish())
            }
        }
    };
}
list_by!(SerializeSeq, serialize_element);
list_by!(SerializeTuple, serialize_element);
list_by!(SerializeTupleStruct, serialize_field);
list_by!(SerializeTupleVariant, serialize_field);

/// A map being gathered.
#[derive(Default)]
pub(super) struct Entries {
    fields: BTreeMap<String, CanonicalValue>,
    key: Option<String>,
    variant: Option<&'static str>,
}

impl Entries {
    fn insert<T: Serialize + ?Sized>(
        &mut self,
        key: String,
        value: &T,
    ) -> Result<(), CanonicalError> {
        let value = value.serialize(ToCanonical)?;
        if self.fields.contains_key(&key) {
            return Err(CanonicalError::DuplicateKey(key));
        }
        self.fields.insert(key, value);
        Ok(())
    }

    fn finish(self) -> CanonicalValue {
        let map = CanonicalValue::Map(self.fields);
        match self.variant {
            Some(variant) => tagged(variant, map),
            None => map,
        }
    }
}

/// A map key as text; numbers are written as they are, without the quotes a large one gets as a value.
fn key_text(value: CanonicalValue) -> Result<String, CanonicalError> {
    match value {
        CanonicalValue::Text(text) => Ok(text),
        CanonicalValue::Number(text) => Ok(text.trim_matches('"').to_owned()),
        CanonicalValue::Boolean(value) => Ok(value.to_string()),
        CanonicalValue::Null | CanonicalValue::List(_) | CanonicalValue::Map(_) => {
            Err(CanonicalError::KeyNotText)
        }
    }
}

impl ser::SerializeMap for Entries {
    type Ok = CanonicalValue;
    type Error = CanonicalError;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), CanonicalError> {
        self.key = Some(key_text(key.serialize(ToCanonical)?)?);
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CanonicalError> {
        let key = self.key.take().ok_or(CanonicalError::KeyNotText)?;
        self.insert(key, value)
    }
    fn end(self) -> Outcome {
        Ok(self.finish())
    }
}

macro_rules! entries_by {
    ($trait:ident) => {
        impl ser::$trait for Entries {
            type Ok = CanonicalValue;
            type Error = CanonicalError;
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), CanonicalError> {
                self.insert(key.to_owned(), value)
            }
            fn end(self) -> Outcome {
                Ok(self.finish())
            }
        }
    };
}
entries_by!(SerializeStruct);
entries_by!(SerializeStructVariant);
