//! Defines how NDJSON files are read: one object a line, of which the keys that are asked for are kept.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::io::{BufRead, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Feed;
use super::builder::Written;
use super::input::Input;
use crate::domain::evidence::RejectionRule;
use crate::source::cell;
use crate::source::error::Problem;
use crate::source::parts::Part;
use crate::source::wanted::Wanted;

/// Bytes a line may have.
const LONGEST: u64 = 16 << 20;

/// Lines that are looked at for keys when a file is opened.
const LOOKED_AT: usize = 1_000;

/// Keys that are told of a file.
const WIDEST: usize = 10_000;

/// The keys of the first lines, in order of appearance.
pub(super) fn first_keys(part: &Part) -> Result<Vec<String>, Problem> {
    let mut lines = Lines::open(part)?;
    let mut keys = Vec::new();
    let mut seen = BTreeSet::new();
    for _ in 0..LOOKED_AT {
        let Some((_, line)) = lines.next()? else {
            break;
        };
        // A line that is not an object is rejected when it is read, with its number.
        let found = line
            .ok()
            .and_then(|text| serde_json::from_str::<Keys>(text).ok());
        for key in found.map_or_else(Vec::new, |keys| keys.0) {
            if keys.len() < WIDEST && seen.insert(key.clone()) {
                keys.push(key);
            }
        }
    }
    Ok(keys)
}

/// Reads one file and hands its batches on.
pub(super) fn read(part: &Part, wanted: &mut [Wanted], feed: &mut Feed) -> Result<(), Problem> {
    let mut lines = Lines::open(part)?;
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (request, want) in wanted.iter().enumerate() {
        places.entry(want.source.clone()).or_default().push(request);
    }
    let mut slots: Vec<Option<Value>> = vec![None; wanted.len()];
    while let Some((number, line)) = lines.next()? {
        let rule = match line {
            Err(rule) => Some(rule),
            Ok(text) => object(text, &places, &mut slots).err(),
        };
        if let Some(rule) = rule {
            feed.builder.lose(number, rule);
        } else {
            for (request, (slot, want)) in slots.iter().zip(wanted.iter_mut()).enumerate() {
                want.seen |= slot.is_some();
                let written = slot.as_ref().map(Value::written);
                feed.builder.push(request, written.as_ref(), want)?;
            }
            feed.builder.end_row(number);
        }
        if feed.flush_if_full(lines.input.stored(), wanted)?.is_break() {
            return Ok(());
        }
    }
    feed.flush(part.bytes, wanted).map(|_| ())
}

/// Lines one at a time, in one buffer.
struct Lines {
    input: Input,
    number: u64,
    buffer: Vec<u8>,
}

impl Lines {
    fn open(part: &Part) -> Result<Self, Problem> {
        Ok(Self {
            input: Input::open(part)?,
            number: 0,
            buffer: Vec::new(),
        })
    }

    /// The next line that is not blank: its number, and its text or the rule it breaks.
    #[expect(
        clippy::type_complexity,
        reason = "a name would hide that a line may be absent, unreadable or bad"
    )]
    fn next(&mut self) -> Result<Option<(u64, Result<&str, RejectionRule>)>, Problem> {
        loop {
            if !self.fill()? {
                return Ok(None);
            }
            if self.buffer.len() as u64 > LONGEST {
                self.skip_line()?;
                return Ok(Some((self.number, Err(RejectionRule::TooLong))));
            }
            if !self.buffer.trim_ascii().is_empty() {
                break;
            }
        }
        let text = std::str::from_utf8(&self.buffer).map_err(|_| RejectionRule::BadEncoding);
        Ok(Some((self.number, text)))
    }

    /// Reads a line, or one byte more than a line may have; whether there was one.
    fn fill(&mut self) -> Result<bool, Problem> {
        self.buffer.clear();
        let mut bounded = self.input.bytes.by_ref().take(LONGEST + 1);
        let read = bounded.read_until(b'\n', &mut self.buffer);
        self.number += 1;
        match read {
            Ok(count) => Ok(count > 0),
            Err(error) => Err(self.input.problem(&error)),
        }
    }

    /// Passes over the rest of a line that is too long.
    fn skip_line(&mut self) -> Result<(), Problem> {
        if self.buffer.last() == Some(&b'\n') {
            return Ok(());
        }
        match self.input.bytes.skip_until(b'\n') {
            Ok(_) => Ok(()),
            Err(error) => Err(self.input.problem(&error)),
        }
    }
}

/// A value of an object; what is inside a list or an object is not kept.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Null,
    Text(String),
    Integer(i64),
    Unsigned(u64),
    Float(f64),
    Boolean(bool),
    Nested,
}

impl Value {
    fn written(&self) -> Written<'_> {
        match self {
            Self::Null => Written::Null,
            Self::Text(text) => Written::Text(text),
            Self::Integer(value) => Written::Integer(*value),
            Self::Unsigned(value) => Written::Unsigned(*value),
            Self::Float(value) => Written::Float(*value),
            Self::Boolean(value) => Written::Boolean(*value),
            Self::Nested => Written::Nested,
        }
    }
}

/// Reads an object into `slots`, or says which rule the line breaks. Of a repeated key the last value counts.
fn object(
    text: &str,
    places: &HashMap<String, Vec<usize>>,
    slots: &mut [Option<Value>],
) -> Result<(), RejectionRule> {
    slots.fill(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    Object {
        places,
        slots: &mut *slots,
    }
    .deserialize(&mut reader)
    .and_then(|()| reader.end())
    .map_err(|_| RejectionRule::BadSyntax)?;
    let long = |slot: &Option<Value>| matches!(slot, Some(Value::Text(text)) if text.len() > cell::LONGEST);
    if slots.iter().any(long) {
        return Err(RejectionRule::TooLong);
    }
    Ok(())
}

struct Object<'a> {
    places: &'a HashMap<String, Vec<usize>>,
    slots: &'a mut [Option<Value>],
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            let Some(requests) = self.places.get(key.as_ref()) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value: Value = map.next_value()?;
            for request in requests {
                if let Some(slot) = self.slots.get_mut(*request) {
                    *slot = Some(value.clone());
                }
            }
        }
        Ok(())
    }
}

impl<'de> serde::Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Unsigned(value), Value::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Nested)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Nested)
    }
}

/// The keys of one object, in order.
struct Keys(Vec<String>);

impl<'de> serde::Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Keys;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some(key) = map.next_key()? {
                    map.next_value::<IgnoredAny>()?;
                    keys.push(key);
                }
                Ok(Keys(keys))
            }
        }
        reader.deserialize_map(Names)
    }
}
