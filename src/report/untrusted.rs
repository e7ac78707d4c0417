//! Defines the one way text from data is shown: with every character that could act made visible.

use std::fmt;

/// Text from data. Displays with control, bidirectional, zero-width and tag characters as visible `\u{…}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Untrusted<'a>(pub &'a str);

impl fmt::Display for Untrusted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character.is_control() {
                write!(formatter, "\\u{{{:x}}}", u32::from(character))?;
            } else {
                write!(formatter, "{character}")?;
            }
        }
        Ok(())
    }
}
