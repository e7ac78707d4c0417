//! What holds of every document, whatever the readout.

use proptest::prelude::*;

use super::*;
use crate::domain::result::{Known, Readout};

const EVERY: &[Format] = Format::ALL;

fn text(readout: &Readout, format: Format) -> String {
    String::from_utf8(render(readout, format).unwrap()).unwrap()
}

/// Every document that can be made of a readout.
fn documents(readout: &Readout) -> Vec<String> {
    let room = Room::default();
    let mut all: Vec<Vec<u8>> = Vec::new();
    for format in EVERY {
        all.push(render(readout, *format).unwrap());
        all.push(render_all(&[readout, readout], *format, room).unwrap());
    }
    all.push(checks_table(readout, room));
    all.push(checks_markdown(readout));
    all.push(checks_json(readout).unwrap());
    all.into_iter()
        .map(|bytes| String::from_utf8(bytes).unwrap())
        .collect()
}

/// The cells of a markdown table row, split as readers do: at every bar that no backslash escapes.
fn cells(line: &str) -> usize {
    let mut bars = 0;
    let mut escaped = false;
    for character in line.chars() {
        match character {
            '\\' => {
                escaped = !escaped;
                continue;
            }
            '|' if !escaped => bars += 1,
            _ => {}
        }
        escaped = false;
    }
    bars - 1
}

fn assert_tables_are_regular(markdown: &str) {
    let mut columns = None;
    for line in markdown.lines() {
        if line.starts_with('|') {
            let expected = *columns.get_or_insert_with(|| cells(line));
            assert_eq!(cells(line), expected, "{line}");
            assert!(line.ends_with('|'));
        } else {
            columns = None;
        }
    }
}

#[test]
fn no_document_holds_a_character_that_acts() {
    for (name, readout) in fixtures::all() {
        for document in documents(&readout) {
            let acting = document
                .chars()
                .find(|character| *character != '\n' && acts(*character));
            assert_eq!(acting, None, "{name}");
        }
    }
}

#[test]
fn the_same_readout_gives_the_same_bytes() {
    for ((name, first), (_, second)) in fixtures::all().into_iter().zip(fixtures::all()) {
        assert_eq!(documents(&first), documents(&second), "{name}");
    }
}

#[test]
fn no_document_says_nan_or_infinity() {
    for (name, readout) in fixtures::ordinary() {
        for document in documents(&readout) {
            for word in [
                "NaN",
                "inf,",
                "inf ",
                "not finite",
                "null,NaN",
                "-0 ",
                "\u{2212}0 ",
            ] {
                assert!(!document.contains(word), "{name}: {word}");
            }
        }
    }
}

#[test]
fn a_number_that_is_none_is_an_error_that_says_where() {
    let mut readout = fixtures::good_win();
    readout.metrics[1].variants[0].mean = Known::Value(f64::NAN);
    for format in EVERY {
        let error = render(&readout, *format).unwrap_err();
        assert_eq!(
            error,
            RenderError::NotFinite {
                path: "metrics[1].variants[0].mean.value".to_owned()
            }
        );
        assert_eq!(
            render_all(&[&readout], *format, Room::default()).unwrap_err(),
            error
        );
    }
    readout.metrics[1].variants[0].mean = Known::Value(1.0);
    readout.checks[3].observed = Some(f64::INFINITY);
    assert!(
        checks_json(&readout)
            .unwrap_err()
            .to_string()
            .contains("checks[3].observed")
    );
}

#[test]
fn markdown_tables_keep_their_columns_whatever_the_names() {
    for (_, readout) in fixtures::all() {
        assert_tables_are_regular(&text(&readout, Format::Markdown));
        assert_tables_are_regular(&String::from_utf8(checks_markdown(&readout)).unwrap());
    }
}

#[test]
fn data_never_starts_a_line() {
    let readout = fixtures::hostile_with("SENTINEL");
    for format in [Format::Table, Format::Markdown] {
        for line in text(&readout, format).lines() {
            let start = line.trim_start_matches(['|', '`', '*', '-', '>', '#']);
            assert!(!start.starts_with("SENTINEL"), "{format}: {line}");
        }
    }
}

#[test]
fn an_exploratory_readout_says_so_in_every_format_and_has_no_verdict() {
    let readout = fixtures::exploratory();
    for format in EVERY {
        let document = text(&readout, *format).to_lowercase();
        assert!(document.contains("exploratory"), "{format}");
        assert!(!document.contains("**`new`: ship**") && !document.contains(": ship."));
    }
    let markdown = text(&readout, Format::Markdown);
    for heading in markdown.lines().filter(|line| line.starts_with("## ")) {
        assert!(heading.ends_with("(exploratory)"), "{heading}");
    }
}

#[test]
fn a_readout_of_nothing_is_still_a_document() {
    let mut readout = fixtures::good_win();
    readout.metrics.clear();
    readout.verdicts.clear();
    readout.checks.clear();
    readout.units.clear();
    readout.ledgers.clear();
    readout.choices.clear();
    readout.provenance.inputs.clear();
    readout.experiment.variants.clear();
    for document in documents(&readout) {
        assert!(!document.is_empty());
    }
    let markdown = text(&readout, Format::Markdown);
    for said in [
        "**No verdict**",
        "no check ran",
        "- Metrics: none.",
        "- Inputs: none.",
    ] {
        assert!(markdown.contains(said), "{said}");
    }
    assert_eq!(text(&readout, Format::Csv).lines().count(), 1);
}

#[test]
fn formats_are_known_by_name_alias_and_extension() {
    for format in EVERY {
        assert_eq!(Format::from_word(format.name()).unwrap(), *format);
        let path = format!("out/readout.{}", format.extension());
        assert_eq!(Format::from_extension(path.as_ref()), Some(*format));
    }
    assert_eq!(Format::from_word("md").unwrap(), Format::Markdown);
    assert_eq!(
        Format::from_extension("READOUT.MD".as_ref()),
        Some(Format::Markdown)
    );
    assert_eq!(Format::from_extension("readout".as_ref()), None);
    assert!(
        Format::from_word("pdf")
            .unwrap_err()
            .to_string()
            .contains("markdown")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn hostile_names_break_nothing(text in "(\\PC|[\u{0}-\u{9f}]|[|`\\\\*_<>\\[\\]!@#:=+\\-,;\"'\n\t ]|::|##|\u{202e}|\u{200b}){0,40}") {
        let readout = fixtures::hostile_with(&text);
        for document in documents(&readout) {
            prop_assert!(!document.chars().any(|character| character != '\n' && acts(character)));
        }
        let markdown = super::tests::text(&readout, Format::Markdown);
        assert_tables_are_regular(&markdown);
        prop_assert!(markdown.len() <= Room::default().markdown_bytes);
        prop_assert!(!markdown.contains("::") && !markdown.lines().any(|line| line.contains("##[")));
        let csv = super::tests::text(&readout, Format::Csv);
        let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
        let columns = reader.headers().unwrap().len();
        let effects: usize = readout.metrics.iter().map(|metric| metric.effects.len()).sum();
        let records: Vec<_> = reader.records().collect::<Result<_, _>>().unwrap();
        let quantity = reader.headers().unwrap().iter().position(|name| name == "quantity").unwrap();
        let of_effects = records.iter().filter(|record| &record[quantity] == "effect").count();
        prop_assert_eq!(of_effects, effects);
        prop_assert!(records.iter().all(|record| record.len() == columns));
        let back: Readout = serde_json::from_str(&super::tests::text(&readout, Format::Json)).unwrap();
        prop_assert_eq!(back, readout);
    }
}
