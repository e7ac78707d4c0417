//! Defines how text is measured, cut and wrapped, by the cells it takes on a terminal. It refuses to show data uncleaned.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::Untrusted;

/// Text from data, safe to show. Cut at a length that no screen exceeds, so that drawing never depends on the data's size.
pub(crate) fn clean(text: &str) -> String {
    const LONGEST: usize = 4_000;
    let end = text
        .char_indices()
        .nth(LONGEST)
        .map_or(text.len(), |(at, _)| at);
    Untrusted(text.get(..end).unwrap_or("")).to_string()
}

/// The lines of a message from elsewhere, each safe to show.
pub(crate) fn lines(text: &str) -> Vec<String> {
    text.lines().map(clean).collect()
}

/// The cells a text takes.
pub(crate) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// A number of cells as the terminal counts them.
pub(crate) fn cells(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// The text in at most `limit` cells, its end replaced by `ellipsis` where it is longer.
pub(crate) fn cut(text: &str, limit: usize, ellipsis: char) -> String {
    if width(text) <= limit {
        return text.to_owned();
    }
    if limit == 0 {
        return String::new();
    }
    let mut kept = String::new();
    let mut used = 0;
    for character in text.chars() {
        let cells = character.width().unwrap_or(0);
        if used + cells > limit - 1 {
            break;
        }
        used += cells;
        kept.push(character);
    }
    kept.push(ellipsis);
    kept
}

/// The text in lines of at most `limit` cells, broken between words, and within a word only where it is longer than a line.
///
/// A blank inside a number with its unit (`+2.1 %`) or an interval is no place to break.
pub(crate) fn wrap(text: &str, limit: usize) -> Vec<String> {
    if limit == 0 {
        return Vec::new();
    }
    let mut wrapped = Vec::new();
    let mut line = String::new();
    for word in words(text) {
        let mut word = word;
        if !line.is_empty() && width(&line) + 1 + width(&word) > limit {
            wrapped.push(std::mem::take(&mut line));
        }
        while width(&word) > limit {
            let head: String = take(&word, limit);
            if head.is_empty() {
                return wrapped;
            }
            word = word.chars().skip(head.chars().count()).collect();
            wrapped.push(head);
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        wrapped.push(line);
    }
    wrapped
}

/// Words, with a lone `%` and the second half of an interval kept on the number before, and `>` on the number after.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let joins = open || word.starts_with('%');
        match words.last_mut() {
            Some(last) if (joins || last.ends_with(['<', '>', '≤', '≥'])) && width(last) < 40 =>
            {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
        open = (open || word.starts_with('[')) && !word.contains(']');
    }
    words
}

fn take(text: &str, limit: usize) -> String {
    let mut used = 0;
    text.chars()
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= limit
        })
        .collect()
}

/// At most `count` wrapped lines; the last says by an ellipsis that there is more.
pub(crate) fn wrap_at_most(text: &str, limit: usize, count: usize, ellipsis: char) -> Vec<String> {
    let mut wrapped = wrap(text, limit);
    if wrapped.len() > count {
        wrapped.truncate(count);
        if let Some(last) = wrapped.last_mut() {
            *last = cut(&format!("{last}{ellipsis}"), limit, ellipsis);
        }
    }
    wrapped
}

/// The first row of a window of `height` rows over `length` rows that keeps `selected` near its middle.
pub(crate) fn window(selected: usize, length: usize, height: usize) -> usize {
    selected
        .saturating_sub(height / 2)
        .min(length.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_are_cut_by_cells() {
        assert_eq!(cut("日本語", 6, '…'), "日本語");
        assert_eq!(cut("日本語", 5, '…'), "日本…");
        assert_eq!(cut("日本語", 4, '…'), "日…");
        assert_eq!(cut("abc", 0, '…'), "");
    }

    #[test]
    fn a_number_is_never_broken_from_its_unit_or_interval() {
        let wrapped = wrap("the lift is +2.10 % [−0.30, +4.50] now", 24);
        assert_eq!(wrapped, ["the lift is +2.10 %", "[−0.30, +4.50] now"]);
        assert_eq!(wrap("P(better) > 0.99", 12), ["P(better)", "> 0.99"]);
    }

    #[test]
    fn a_word_longer_than_a_line_is_broken() {
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert!(wrap("abc", 0).is_empty());
    }

    #[test]
    fn a_window_keeps_the_selected_row_in_sight() {
        for length in 0..30_usize {
            for selected in 0..length {
                for height in 1..12 {
                    let start = window(selected, length, height);
                    assert!(start <= selected && selected < start + height);
                }
            }
        }
    }
}
