//! Defines the one question asked before anything is written: is every number in it a number?
//!
//! JSON writers turn NaN and infinities into `null` in silence; this walks the value by its own serialisation instead, so no
//! field can be forgotten, and says where the first bad number is.

use std::fmt;

use serde::ser::{self, Serialize};

use crate::report::RenderError;

/// Whether every number of a value is finite.
pub(crate) fn check_finite<T: Serialize + ?Sized>(value: &T) -> Result<(), RenderError> {
    value.serialize(Walk).map_err(|bad| RenderError::NotFinite {
        path: bad.path.trim_start_matches('.').to_owned(),
    })
}

/// The path to a bad number, built from the inside out.
#[derive(Debug)]
struct Bad {
    path: String,
}

impl Bad {
    fn inside(mut self, step: &str) -> Self {
        self.path.insert_str(0, step);
        self
    }
}

impl fmt::Display for Bad {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.path)
    }
}

impl std::error::Error for Bad {}

impl ser::Error for Bad {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            path: format!("({message})"),
        }
    }
}

struct Walk;

/// The inside of a sequence, map or struct: where we are in it.
struct Inside {
    index: usize,
    key: String,
}

impl Inside {
    fn new() -> Self {
        Self {
            index: 0,
            key: String::new(),
        }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Bad> {
        let step = format!("[{}]", self.index);
        self.index += 1;
        value.serialize(Walk).map_err(|bad| bad.inside(&step))
    }
}

fn field<T: Serialize + ?Sized>(name: &str, value: &T) -> Result<(), Bad> {
    value
        .serialize(Walk)
        .map_err(|bad| bad.inside(name).inside("."))
}

macro_rules! fine {
    ($($method:ident: $type:ty),+ $(,)?) => {
        $( fn $method(self, _: $type) -> Result<(), Bad> { Ok(()) } )+
    };
}

impl ser::Serializer for Walk {
    type Ok = ();
    type Error = Bad;
    type SerializeSeq = Inside;
    type SerializeTuple = Inside;
    type SerializeTupleStruct = Inside;
    type SerializeTupleVariant = Inside;
    type SerializeMap = Inside;
    type SerializeStruct = Inside;
    type SerializeStructVariant = Inside;

    fine!(
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_char: char,
        serialize_str: &str, serialize_bytes: &[u8], serialize_unit_struct: &'static str,
    );

    fn serialize_f32(self, value: f32) -> Result<(), Bad> {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<(), Bad> {
        if value.is_finite() {
            Ok(())
        } else {
            Err(Bad {
                path: String::new(),
            })
        }
    }

    fn serialize_none(self) -> Result<(), Bad> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Bad> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Bad> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), Bad> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Bad> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Bad> {
        field(variant, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Inside, Bad> {
        Ok(Inside::new())
    }

    fn serialize_tuple(self, _: usize) -> Result<Inside, Bad> {
        Ok(Inside::new())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Inside, Bad> {
        Ok(Inside::new())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Inside, Bad> {
        Ok(Inside::new())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Inside, Bad> {
        Ok(Inside::new())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Inside, Bad> {
        Ok(Inside::new())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Inside, Bad> {
        Ok(Inside::new())
    }
}

macro_rules! items {
    ($($trait:ident: $method:ident),+ $(,)?) => {
        $( impl ser::$trait for Inside {
            type Ok = ();
            type Error = Bad;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Bad> {
                self.item(value)
            }

            fn end(self) -> Result<(), Bad> {
                Ok(())
            }
        } )+
    };
}

items!(
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field,
);

macro_rules! fields {
    ($($trait:ident),+) => {
        $( impl ser::$trait for Inside {
            type Ok = ();
            type Error = Bad;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Bad> {
                field(name, value)
            }

            fn end(self) -> Result<(), Bad> {
                Ok(())
            }
        } )+
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Inside {
    type Ok = ();
    type Error = Bad;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Bad> {
        // Keys are text from data as often as not: a position says where just as well.
        self.key = format!("[{}]", self.index);
        self.index += 1;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Bad> {
        value.serialize(Walk).map_err(|bad| bad.inside(&self.key))
    }

    fn end(self) -> Result<(), Bad> {
        Ok(())
    }
}
