//! Defines how text from data is written into each medium, so that it is read and never acts there.
//!
//! Every function starts from [`Untrusted`], so no character that acts is left. None of them may be given text that is
//! meant to be markup; and data must never start a line, which is for the exporter to see to.

use super::Untrusted;

/// Text for a terminal or a log: nothing acts, and no command of a CI system (`::name::`, `##[name]`) can be read from it.
#[must_use]
pub fn terminal(text: &str) -> String {
    defuse_commands(&Untrusted(text).to_string())
}

/// A whole line of our own that may quote text from data: as [`terminal`], but its ends are ours.
#[must_use]
pub fn line(text: &str) -> String {
    defuse_pairs(&Untrusted(text).to_string())
}

/// As [`terminal`], at most `limit` characters.
#[must_use]
pub fn terminal_shortened(text: &str, limit: usize) -> String {
    defuse_commands(&Untrusted(text).shortened(limit))
}

/// Markdown text: a sentence or a name within a line. Words that a forge would turn into a link, a mention or an issue
/// become code spans, where nothing is linked, and so do words with a backslash; all other markup gets a backslash.
#[must_use]
pub fn markdown(text: &str) -> String {
    markdown_of_visible(&terminal(text))
}

/// As [`markdown`], at most `limit` characters before markup is escaped.
#[must_use]
pub fn markdown_shortened(text: &str, limit: usize) -> String {
    markdown_of_visible(&terminal_shortened(text, limit))
}

fn markdown_of_visible(visible: &str) -> String {
    let mut escaped = String::with_capacity(visible.len() + 8);
    for (index, word) in visible.split(' ').enumerate() {
        if index > 0 {
            escaped.push(' ');
        }
        if is_linked(word) || word.contains('\\') {
            escaped.push_str(&code_span(word));
        } else {
            escape_markup(word, &mut escaped);
        }
    }
    escaped
}

/// A markdown code span with a fence longer than any in the text. Safe in a table cell too: there a `|` would end the cell
/// even inside code, so it is shown as its code point. Empty text is said to be empty.
#[must_use]
pub fn markdown_code(text: &str) -> String {
    code_span(&terminal(text))
}

/// As [`markdown_code`], at most about `limit` characters.
#[must_use]
pub fn markdown_code_shortened(text: &str, limit: usize) -> String {
    code_span(&terminal_shortened(text, limit))
}

/// A CSV text cell: nothing acts, and a spreadsheet reads it as text, never as a formula. Quoting is the writer's.
#[must_use]
pub fn csv_text(text: &str) -> String {
    let visible = Untrusted(text).to_string();
    let starts_formula = visible.trim_start().starts_with([
        '=', '+', '-', '@', '\u{2212}', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    // A leading tab or carriage return is visible by now, but other readers may undo that.
    if starts_formula || text.starts_with(['\t', '\r']) {
        format!("'{visible}")
    } else {
        visible
    }
}

/// Text of a line of our own inside an XML element or a quoted attribute, which may quote text from data: as [`line()`], with
/// every character of markup as an entity and every character that XML 1.0 does not allow visible.
#[must_use]
pub fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in line(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // The two that no reader may accept; controls are visible already.
            '\u{fffe}' | '\u{ffff}' => escaped.extend(character.escape_unicode()),
            character => escaped.push(character),
        }
    }
    escaped
}

/// A command line for pasting into a POSIX shell: each word quoted where it needs to be, nothing that acts left in it.
#[must_use]
pub fn shell_command(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| shell_word(word)).collect();
    quoted.join(" ")
}

fn shell_word(word: &str) -> String {
    let visible = Untrusted(word).to_string();
    let is_plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'_' | b'.' | b'/' | b':' | b'=' | b',' | b'@' | b'%' | b'+'
            )
    };
    if !visible.is_empty() && visible.bytes().all(is_plain) {
        visible
    } else {
        format!("'{}'", visible.replace('\'', r"'\''"))
    }
}

/// A run of two colons or two hashes is how CI systems recognise commands in any output.
fn defuse_pairs(visible: &str) -> String {
    visible.replace("::", ":\\u{3a}").replace("##", "#\\u{23}")
}

/// As [`defuse_pairs`], for a piece of a line: one at either end could become two beside the exporter's own.
fn defuse_commands(visible: &str) -> String {
    let mut text = defuse_pairs(visible);
    for (mark, code) in [(':', "\\u{3a}"), ('#', "\\u{23}")] {
        if let Some(rest) = text.strip_prefix(mark) {
            text = format!("{code}{rest}");
        }
        if let Some(rest) = text.strip_suffix(mark) {
            text = format!("{rest}{code}");
        }
    }
    text
}

fn code_span(visible: &str) -> String {
    if visible.is_empty() {
        return "(empty)".to_owned();
    }
    let text = visible.replace('|', "\\u{7c}");
    let longest = text
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // One space a side is stripped by readers when both are there and something else is between.
    let touches = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let pad = if touches { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Whether a forge would link the word by itself: addresses, mentions, issue and pull-request numbers.
fn is_linked(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let bytes = lower.as_bytes();
    lower.contains("://")
        || lower.contains("www.")
        || lower.contains("mailto:")
        || lower.contains('@')
        || bytes
            .windows(2)
            .any(|pair| pair[0] == b'#' && pair[1].is_ascii_alphanumeric())
        || bytes
            .windows(4)
            .any(|window| window.starts_with(b"gh-") && window[3].is_ascii_digit())
}

fn escape_markup(word: &str, escaped: &mut String) {
    let mut rest = word.chars().peekable();
    while let Some(character) = rest.next() {
        let next = rest.peek().copied();
        let is_markup = match character {
            '\\' | '`' | '*' | '_' | '|' | '~' | '$' => true,
            // Before a space, a digit or `=` neither opens a tag or an entity, and sentences need them.
            '<' | '&' => next.is_some_and(|next| !next.is_ascii_digit() && next != '='),
            // Intervals are written in brackets: only what could make them a link or a template needs escaping. Link
            // definitions and task boxes start a line, which data never does.
            ']' => next.is_none_or(|next| matches!(next, '(' | '[' | ':')),
            '[' => matches!(next, Some('[' | '^')),
            '{' => matches!(next, Some('{' | '%')),
            _ => false,
        };
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(character);
    }
}

#[cfg(test)]
mod tests;
