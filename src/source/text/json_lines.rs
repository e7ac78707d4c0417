//! Defines how NDJSON files are read: one object a line, of which the keys that are asked for are kept.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::io::{BufRead, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::Feed;
use super::input::Input;
use super::slot::Slot;
use crate::domain::evidence::RejectionRule;
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
    let mut slots = vec![Slot::default(); wanted.len()];
    while let Some((number, line)) = lines.next()? {
        let rule = match line {
            Err(rule) => Some(rule),
            Ok(text) => object(text, &places, &mut slots).err(),
        };
        if let Some(rule) = rule {
            feed.builder.lose(number, rule);
        } else {
            for (request, (slot, want)) in slots.iter().zip(wanted.iter_mut()).enumerate() {
                let written = slot.written();
                want.seen |= written.is_some();
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

/// Reads an object into `slots`, or says which rule the line breaks. Of a repeated key the last value counts.
fn object(
    text: &str,
    places: &HashMap<String, Vec<usize>>,
    slots: &mut [Slot],
) -> Result<(), RejectionRule> {
    slots.iter_mut().for_each(Slot::clear);
    let mut reader = serde_json::Deserializer::from_str(text);
    Object {
        places,
        slots: &mut *slots,
    }
    .deserialize(&mut reader)
    .and_then(|()| reader.end())
    .map_err(|_| RejectionRule::BadSyntax)?;
    if slots.iter().any(Slot::is_too_long) {
        return Err(RejectionRule::TooLong);
    }
    Ok(())
}

struct Object<'a> {
    places: &'a HashMap<String, Vec<usize>>,
    slots: &'a mut [Slot],
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
        while let Some(requests) = map.next_key_seed(Known(self.places))? {
            let Some((first, others)) = requests.and_then(|requests| requests.split_first()) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let Some(slot) = self.slots.get_mut(*first) else {
                continue;
            };
            map.next_value_seed(&mut *slot)?;
            if !others.is_empty() {
                let told = slot.clone();
                for other in others {
                    if let Some(slot) = self.slots.get_mut(*other) {
                        slot.clone_from(&told);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Finds the requests that a key answers, without keeping the key.
struct Known<'a>(&'a HashMap<String, Vec<usize>>);

impl<'de, 'a> DeserializeSeed<'de> for Known<'a> {
    type Value = Option<&'a Vec<usize>>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for Known<'a> {
    type Value = Option<&'a Vec<usize>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.get(key))
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
