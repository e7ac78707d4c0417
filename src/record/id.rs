//! Defines the id of a record: the SHA-256 of its bytes, 64 lower-case hex digits, and nothing that a path could hide in.

use serde::{Deserialize, Serialize};

/// The digits of a SHA-256.
const DIGITS: usize = 64;

/// The id of a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct RecordId(String);

impl RecordId {
    /// Digits that are shown where a short name is enough.
    const SHORT: usize = 12;

    /// The id that `text` is; `None` when it is none.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (text.len() == DIGITS && is_prefix(text)).then(|| Self(text.to_owned()))
    }

    /// The id of a record's bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(crate::canonical::sha256_hex(bytes))
    }

    /// All 64 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..Self::SHORT).unwrap_or(&self.0)
    }
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text)
            .ok_or_else(|| serde::de::Error::custom("a record id is 64 lower-case hex digits"))
    }
}

/// Whether an id could begin so: between one and 64 lower-case hex digits.
pub(super) fn is_prefix(text: &str) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    !text.is_empty() && text.len() <= DIGITS && text.bytes().all(is_digit)
}
