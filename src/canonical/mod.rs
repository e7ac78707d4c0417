//! Defines canonical bytes: one JSON text for one meaning, so that a hash of it names that meaning.
//!
//! Keys are sorted bytewise, numbers are the shortest text that reads back as the same double, whole numbers beyond 2⁵³
//! are strings because many readers would round them, and there is no white space. It refuses what JSON cannot say: a
//! number that is not finite is an error here, never `null`.

mod number;
mod serializer;
mod value;

use serde::Serialize;
use sha2::{Digest, Sha256};

/// Why a value has no canonical bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// NaN or an infinity.
    #[error("a number that is not finite has no canonical form")]
    NotFinite,
    /// A map key that is no text, number or plain word.
    #[error("a map key must be text, a whole number or true or false")]
    KeyNotText,
    /// Two entries of one map have the same key.
    #[error("the key '{}' occurs twice", .0.escape_debug())]
    DuplicateKey(String),
    /// Whatever else the value's own serialisation objected to.
    #[error("{0}")]
    Other(String),
}

/// The canonical bytes of `value`.
///
/// # Errors
/// [`CanonicalError`] when `value` holds a number that is not finite, or a map that JSON cannot say.
pub fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let mut bytes = Vec::new();
    value.serialize(serializer::ToCanonical)?.write(&mut bytes);
    Ok(bytes)
}

/// SHA-256 of the canonical bytes of `value`, in lower-case hex.
///
/// # Errors
/// As [`to_bytes`].
pub fn hash<T: Serialize + ?Sized>(value: &T) -> Result<String, CanonicalError> {
    to_bytes(value).map(|bytes| sha256_hex(&bytes))
}

/// SHA-256 of `bytes`, in lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    lower_hex(&Sha256::digest(bytes))
}

/// `bytes` in lower-case hex.
#[must_use]
pub fn lower_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests;
