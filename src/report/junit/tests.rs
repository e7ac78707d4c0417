//! The `JUnit` file, read back by a parser, and the law that it agrees with its gate.

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::*;
use crate::domain::result::CheckId;
use crate::report::{acts, fixtures};

/// A parsed element: its name, its attributes, the names of its children.
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<String>,
    text: String,
}

impl Element {
    fn opened(start: &BytesStart<'_>) -> Self {
        let name = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let value = attribute.unescape_value().unwrap().into_owned();
            (name(attribute.key.as_ref()), value)
        });
        Self {
            name: name(start.name().as_ref()),
            attributes: attributes.collect(),
            children: Vec::new(),
            text: String::new(),
        }
    }

    #[track_caller]
    fn attribute(&self, wanted: &str) -> &str {
        let found = self.attributes.iter().find(|(name, _)| name == wanted);
        &found.unwrap().1
    }
}

/// Every element of a document that is well-formed, in the order of their ends.
fn parsed(bytes: &[u8]) -> Vec<Element> {
    let mut reader = Reader::from_reader(bytes);
    reader.config_mut().check_end_names = true;
    let (mut open, mut done): (Vec<Element>, Vec<Element>) = (Vec::new(), Vec::new());
    let close = |open: &mut Vec<Element>, done: &mut Vec<Element>, element: Element| {
        if let Some(parent) = open.last_mut() {
            parent.children.push(element.name.clone());
        }
        done.push(element);
    };
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer).unwrap() {
            Event::Start(start) => open.push(Element::opened(&start)),
            Event::Empty(start) => close(&mut open, &mut done, Element::opened(&start)),
            Event::End(_) => {
                let element = open.pop().unwrap();
                close(&mut open, &mut done, element);
            }
            Event::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.decode().unwrap());
                }
            }
            Event::GeneralRef(entity) => {
                let known = ["amp", "lt", "gt", "quot", "apos"];
                assert!(known.contains(&entity.decode().unwrap().as_ref()));
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("{other:?} has no place in a JUnit file"),
        }
        buffer.clear();
    }
    assert!(open.is_empty());
    done
}

fn count(elements: &[Element], name: &str) -> usize {
    elements
        .iter()
        .filter(|element| element.name == name)
        .count()
}

/// Asserts what every `JUnit` reader relies on: the nesting, the required attributes, and counts that are true.
#[track_caller]
fn assert_junit(bytes: &[u8]) -> Vec<Element> {
    let elements = parsed(bytes);
    let root = elements.last().unwrap();
    assert_eq!(root.name, "testsuites");
    assert!(root.children.iter().all(|child| child == "testsuite"));
    for element in &elements {
        match element.name.as_str() {
            "testsuite" => {
                assert!(!element.attribute("name").is_empty());
                assert_eq!(element.children[0], "properties");
                let cases = element.children.len() - 1;
                assert_eq!(element.attribute("tests"), cases.to_string());
            }
            "testcase" => {
                assert!(!element.attribute("name").is_empty());
                assert!(!element.attribute("classname").is_empty());
                assert!(element.children.len() <= 1);
                let known = ["failure", "error", "skipped", "system-out"];
                assert!(
                    element
                        .children
                        .iter()
                        .all(|child| known.contains(&child.as_str()))
                );
            }
            "failure" | "error" => {
                assert!(!element.attribute("message").is_empty());
                assert!(!element.attribute("type").is_empty());
            }
            "skipped" => assert!(!element.attribute("message").is_empty()),
            _ => {}
        }
    }
    let counted = [
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ];
    for (attribute, element) in counted {
        let counted = count(&elements, element).to_string();
        assert_eq!(root.attribute(attribute), counted, "{attribute}");
    }
    elements
}

fn of(readout: &Readout, reasons: &[GateReason]) -> Vec<u8> {
    checks_junit(std::slice::from_ref(readout), reasons)
}

#[test]
fn the_file_reads_well() {
    let text = of(&fixtures::ramp_of_three(), &[GateReason::Fail]);
    insta::assert_snapshot!(String::from_utf8(text).unwrap());
}

#[test]
fn every_fixture_is_a_junit_file_with_every_reason_and_with_none() {
    for (name, readout) in fixtures::all() {
        for reasons in [&[][..], &[GateReason::Fail], GateReason::ALL] {
            let elements = assert_junit(&of(&readout, reasons));
            let checks = readout.checks.len();
            assert!(count(&elements, "testcase") >= checks, "{name}");
        }
    }
}

#[test]
fn each_status_has_its_element_and_none_but_a_pass_and_a_warning_looks_like_a_pass() {
    use CheckStatus::{CouldNotRun, Fail, Insufficient, NotRun, Pass, Warn};
    let closing = GateReason::ALL;
    let cases = [
        (Pass, closing, None),
        (Warn, closing, Some("failure")),
        (Fail, closing, Some("failure")),
        (Insufficient, closing, Some("failure")),
        (CouldNotRun, closing, Some("error")),
        (NotRun, closing, Some("skipped")),
        (Warn, &[][..], Some("system-out")),
        (Fail, &[], Some("skipped")),
        (Insufficient, &[], Some("skipped")),
        (CouldNotRun, &[], Some("skipped")),
    ];
    for (status, reasons, element) in cases {
        let mut readout = fixtures::good_win();
        readout.checks.truncate(1);
        readout.checks[0].status = status;
        let elements = assert_junit(&of(&readout, reasons));
        let check = elements
            .iter()
            .find(|found| found.name == "testcase" && found.attribute("name").contains("check"));
        let children: Vec<&str> = check.unwrap().children.iter().map(String::as_str).collect();
        assert_eq!(
            children,
            element.into_iter().collect::<Vec<_>>(),
            "{status}"
        );
    }
}

#[test]
fn text_from_data_is_never_markup_and_never_acts() {
    let text = "</failure><x a=\"'&\u{0}\u{1b}[31m\u{fffe}\n::set-env name=X::1 ]]> <!--";
    let readout = fixtures::hostile_with(text);
    let bytes = of(&readout, GateReason::ALL);
    assert_junit(&bytes);
    let document = String::from_utf8(bytes).unwrap();
    assert!(!document.chars().any(|found| found != '\n' && acts(found)));
    assert!(!document.contains("::") && !document.contains('\u{fffe}'));
}

#[test]
fn guardrails_are_cases_where_the_gate_closes_for_them_and_only_there() {
    let breached = fixtures::guardrail_breached();
    let without = assert_junit(&of(&breached, &[GateReason::Fail]));
    let with = assert_junit(&of(&breached, &[GateReason::Breach]));
    let guardrails = breached.gated_guardrails().count();
    assert!(guardrails > 0);
    assert_eq!(
        count(&with, "testcase"),
        count(&without, "testcase") + guardrails
    );
    assert_eq!(
        (count(&without, "failure"), count(&with, "failure")),
        (0, 1)
    );
}

#[test]
fn several_experiments_are_several_suites_of_one_file() {
    let readouts = [fixtures::good_win(), fixtures::sample_ratio_failed()];
    let elements = assert_junit(&checks_junit(&readouts, &[GateReason::Fail]));
    assert_eq!(count(&elements, "testsuite"), 2);
}

proptest! {
    #[test]
    fn it_holds_a_failure_or_an_error_exactly_where_the_gate_closes(
        statuses in prop::collection::vec(prop::sample::select(CheckStatus::ALL), CheckId::ALL.len()),
        outcome in prop::sample::select(GuardrailOutcome::ALL),
        reasons in prop::sample::subsequence(GateReason::ALL.to_vec(), 0..=GateReason::ALL.len()),
    ) {
        let mut readout = fixtures::guardrail_breached();
        for (check, status) in readout.checks.iter_mut().zip(statuses) {
            check.status = status;
        }
        for effect in readout.metrics.iter_mut().flat_map(|metric| &mut metric.effects) {
            if let Some(guardrail) = &mut effect.guardrail {
                guardrail.outcome = outcome;
            }
        }
        let elements = assert_junit(&of(&readout, &reasons));
        let bad = count(&elements, "failure") + count(&elements, "error");
        prop_assert_eq!(bad > 0, readout.closes(&reasons));
    }

    #[test]
    fn any_text_is_well_formed(text in "\\PC*|.*|[<>&'\"\u{0}-\u{1f}\u{fffe}\u{ffff}\\]!-]*") {
        let mut readout = fixtures::good_win();
        readout.checks.truncate(2);
        readout.checks[0].status = CheckStatus::Fail;
        readout.checks[0].finding = format!("found {text}");
        readout.checks[1].status = CheckStatus::Warn;
        readout.checks[1].finding = format!("found {text}");
        assert_junit(&of(&readout, &[GateReason::Fail]));
    }
}
