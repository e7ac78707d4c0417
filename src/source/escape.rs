//! Defines how names from data stand in this room's errors: control and invisible characters visible, length bounded.
//!
//! Views escape again for their own medium; this keeps an error safe wherever it is printed.

use std::fmt;

/// Characters of a name that are shown; the rest is counted.
const SHOWN: usize = 200;

/// A name or message from outside, displayed with every character that could act made visible.
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars().take(SHOWN) {
            if acts(character) {
                write!(formatter, "\\u{{{:x}}}", u32::from(character))?;
            } else {
                write!(formatter, "{character}")?;
            }
        }
        match self.0.chars().count().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(formatter, "… ({more} more characters)"),
        }
    }
}

/// Names from outside, quoted and set apart by commas; a long list is cut short and says so.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a>(pub &'a [String]);

/// Names listed in an error.
const LISTED: usize = 30;

impl fmt::Display for Listed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return formatter.write_str("none");
        }
        for (position, name) in self.0.iter().take(LISTED).enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(formatter, "{comma}'{}'", Escaped(name))?;
        }
        match self.0.len().saturating_sub(LISTED) {
            0 => Ok(()),
            more => write!(formatter, " and {more} more"),
        }
    }
}

/// Whether a character controls, hides or reorders: C0, C1, DEL, bidirectional, zero-width, separators, tags.
fn acts(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}
