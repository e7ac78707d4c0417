//! Defines the one way text from data is shown: with every character that could act made visible.
//!
//! It makes text safe for a terminal and readable everywhere; what a medium adds of its own (markup, formulas, CI commands)
//! is in [`super::escape`].

use std::fmt;

/// Text from data. Displays with control, bidirectional, zero-width and tag characters as visible `\u{…}`.
///
/// Width, precision and alignment of the format apply to what is displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Untrusted<'a>(pub &'a str);

impl Untrusted<'_> {
    /// At most `limit` characters of what is displayed: the beginning and the end, with `…` between.
    #[must_use]
    pub fn shortened(self, limit: usize) -> String {
        // What is displayed is never shorter than the text, so `limit` characters of each end are enough to look at.
        let is_longer = self.0.chars().nth(limit).is_some();
        let head = visible(self.0.chars().take(limit));
        if !is_longer && head.chars().count() <= limit {
            return head;
        }
        let Some(kept) = limit.checked_sub(1) else {
            return String::new();
        };
        let mut last: Vec<char> = self.0.chars().rev().take(limit).collect();
        last.reverse();
        let tail = visible(last);
        let at_the_end = kept / 4;
        let skipped = tail.chars().count().saturating_sub(at_the_end);
        head.chars()
            .take(kept - at_the_end)
            .chain(std::iter::once('…'))
            .chain(tail.chars().skip(skipped))
            .collect()
    }
}

impl fmt::Display for Untrusted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&visible(self.0.chars()))
    }
}

fn visible(characters: impl IntoIterator<Item = char>) -> String {
    let mut text = String::new();
    for character in characters {
        if acts(character) {
            text.extend(character.escape_unicode());
        } else {
            text.push(character);
        }
    }
    text
}

/// Whether a character does something instead of being seen: controls (C0, DEL, C1), line and paragraph separators,
/// bidirectional marks, zero-width and filler characters, interlinear and tag characters.
#[must_use]
pub fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_that_act_become_visible() {
        assert_eq!(Untrusted("\u{1b}[31mred").to_string(), "\\u{1b}[31mred");
        assert_eq!(Untrusted("a\nb\tc\r").to_string(), "a\\u{a}b\\u{9}c\\u{d}");
        assert_eq!(Untrusted("\u{7f}\u{9b}").to_string(), "\\u{7f}\\u{9b}");
        assert_eq!(
            Untrusted("\u{202e}\u{2066}\u{200d}\u{feff}\u{e0041}\u{2028}\u{61c}").to_string(),
            "\\u{202e}\\u{2066}\\u{200d}\\u{feff}\\u{e0041}\\u{2028}\\u{61c}"
        );
    }

    #[test]
    fn ordinary_text_of_any_language_is_untouched() {
        for text in ["checkout", "größe", "新しい", "Ünïcødé 42 %", "🙂"] {
            assert_eq!(Untrusted(text).to_string(), text);
        }
    }

    #[test]
    fn it_is_padded_by_what_is_displayed() {
        assert_eq!(format!("{:>8}", Untrusted("\u{7}")), "   \\u{7}");
    }

    #[test]
    fn long_text_keeps_its_beginning_and_its_end() {
        let long = format!("{}end", "x".repeat(10_000));
        assert_eq!(Untrusted(&long).shortened(12), "xxxxxxxxx…nd".to_owned());
        assert_eq!(Untrusted("short").shortened(12), "short");
        assert_eq!(Untrusted("short").shortened(0), "");
    }

    proptest! {
        #[test]
        fn nothing_displayed_acts(text in "\\PC*|.*|[\u{0}-\u{9f}\u{200b}-\u{2070}]*", limit in 0_usize..40) {
            let shown = Untrusted(&text).to_string();
            prop_assert!(!shown.chars().any(acts));
            let shortened = Untrusted(&text).shortened(limit);
            prop_assert!(!shortened.chars().any(acts));
            prop_assert!(shortened.chars().count() <= limit);
        }
    }
}
