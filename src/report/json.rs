//! Defines the JSON documents: the readout itself, its schema, the envelope of several.
//!
//! Bytes are stable: fields in the order of the types, two spaces of indent, the shortest digits that read back as the same
//! number. A number that is none is an error, never `null`.

mod finite;

use serde::Serialize;

use super::{RenderError, acts};
use crate::domain::result::{Readout, SCHEMA_VERSION};

pub(super) use finite::check_finite;

/// Several readouts in one document.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Collection<'a> {
    /// The version of this envelope and of the readouts in it.
    pub schema_version: u32,
    /// The readouts.
    pub readouts: &'a [&'a Readout],
}

/// The JSON Schema of one readout's document.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Readout).to_value()
}

/// The JSON Schema of a document with several readouts.
#[must_use]
pub fn collection_schema() -> serde_json::Value {
    schemars::schema_for!(Collection).to_value()
}

pub(super) fn document(readout: &Readout) -> Result<Vec<u8>, RenderError> {
    stable_bytes(readout)
}

pub(super) fn collection(readouts: &[&Readout]) -> Result<Vec<u8>, RenderError> {
    stable_bytes(&Collection {
        schema_version: SCHEMA_VERSION,
        readouts,
    })
}

/// Any value as stable, indented JSON that ends in a newline and holds no character that acts.
///
/// # Errors
/// [`RenderError::NotFinite`] when it holds a number that is none.
pub fn stable_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, RenderError> {
    check_finite(value)?;
    let text = serde_json::to_string_pretty(value).map_err(|error| RenderError::Unwritable {
        reason: error.to_string(),
    })?;
    // Outside its strings JSON is ASCII without any control but the newline, and inside them that one is escaped already:
    // so every other character that acts can be replaced where it stands, and the value stays the same.
    let mut visible = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        if character != '\n' && acts(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                visible.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            visible.push(character);
        }
    }
    visible.push('\n');
    Ok(visible.into_bytes())
}

#[cfg(test)]
mod tests;
