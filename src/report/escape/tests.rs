//! What hostile text looks like in each medium.

use proptest::prelude::*;

use super::*;
use crate::report::acts;

#[test]
fn a_colon_or_hash_at_an_end_cannot_meet_the_exporters_own() {
    assert_eq!(terminal(":"), "\\u{3a}");
    assert_eq!(terminal("#tag:"), "\\u{23}tag\\u{3a}");
    assert_eq!(terminal("a:b#c"), "a:b#c");
}

#[test]
fn sentences_stay_readable_in_markdown() {
    for sentence in [
        "Sample ratio p = 0.0002, below 0.001 (expected 50 % each).",
        "p < 0.001 and n >= 50; a - b + c",
        "high-value players: wow!",
        "a lift of +2.10 % [−0.30 %, +4.51 %], set {a, b}",
    ] {
        assert_eq!(markdown(sentence), sentence);
    }
}

#[test]
fn markup_is_escaped() {
    assert_eq!(
        markdown("**bold** _x_ ~~y~~"),
        r"\*\*bold\*\* \_x\_ \~\~y\~\~"
    );
    assert_eq!(markdown("<script>"), r"\<script>");
    assert_eq!(markdown("&amp; <!-- x"), r"\&amp; \<!-- x");
    assert_eq!(markdown("a|b"), r"a\|b");
    assert_eq!(markdown("[x](y) [[z]]"), r"[x\](y) \[[z]\]");
    assert_eq!(markdown(r"a \b"), r"a `\b`");
}

#[test]
fn what_a_forge_would_link_becomes_code() {
    assert_eq!(markdown("ask @team now"), "ask `@team` now");
    assert_eq!(
        markdown("![x](https://evil.example/p.png)"),
        "`![x](https://evil.example/p.png)`"
    );
    assert_eq!(markdown("see #12"), "see `#12`");
    assert_eq!(markdown("www.example.com"), "`www.example.com`");
}

#[test]
fn code_spans_hold_any_run_of_backticks() {
    assert_eq!(markdown_code("plain"), "`plain`");
    assert_eq!(markdown_code("a`b"), "``a`b``");
    assert_eq!(markdown_code("``"), "``` `` ```");
    assert_eq!(markdown_code("a|b"), r"`a\u{7c}b`");
    assert_eq!(markdown_code(""), "(empty)");
}

#[test]
fn commands_of_ci_systems_are_broken() {
    assert_eq!(
        terminal("::set-env name=X::y"),
        r"\u{3a}\u{3a}set-env name=X:\u{3a}y"
    );
    assert_eq!(terminal("##vso[task.x]"), r"\u{23}\u{23}vso[task.x]");
}

#[test]
fn formulas_are_text_in_csv() {
    assert_eq!(csv_text("=1+1"), "'=1+1");
    assert_eq!(csv_text("+1"), "'+1");
    assert_eq!(csv_text("-x"), "'-x");
    assert_eq!(csv_text("@SUM(A1)"), "'@SUM(A1)");
    assert_eq!(csv_text(" =1"), "' =1");
    assert_eq!(csv_text("\t=1"), "'\\u{9}=1");
    assert_eq!(csv_text("conversion"), "conversion");
}

#[test]
fn commands_are_quoted_for_a_shell() {
    let words: Vec<String> = ["readout", "report", "it's", "a b", "$(x)", "", "x\n"]
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        shell_command(&words),
        r"readout report 'it'\''s' 'a b' '$(x)' '' 'x\u{a}'"
    );
}

proptest! {
    #[test]
    fn nothing_acts_in_any_medium(text: String) {
        for written in [terminal(&text), markdown(&text), markdown_code(&text), csv_text(&text), shell_command(std::slice::from_ref(&text))] {
            prop_assert!(!written.chars().any(acts), "{written:?}");
        }
        prop_assert!(!terminal(&text).contains("::"));
        prop_assert!(!markdown(&text).contains("::"));
    }

    #[test]
    fn a_code_span_closes_where_it_should(text in "[`|a \\\\]{1,20}") {
        let span = markdown_code(&text);
        let fence = span.chars().take_while(|character| *character == '`').count();
        let inner = &span[fence..span.len() - fence];
        let longest = inner.split(|character| character != '`').map(str::len).max().unwrap_or(0);
        prop_assert!(fence > 0 && longest < fence);
        prop_assert!(!inner.starts_with('`') && !inner.ends_with('`') && !inner.contains('|'));
    }
}
