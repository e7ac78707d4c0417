//! The plain table, read as prose.

use unicode_width::UnicodeWidthStr;

use super::*;
use crate::report::fixtures;

#[test]
fn documents_read_well() {
    for (name, readout) in fixtures::ordinary() {
        insta::assert_snapshot!(format!("table-{name}"), document(&readout, 120));
    }
}

#[test]
fn lines_fit_the_terminal() {
    for (name, readout) in fixtures::all() {
        for columns in [100, 120] {
            for line in document(&readout, columns).lines() {
                let fits = line.width() <= columns || line.starts_with("Again:");
                assert!(fits, "{name}, {} of {columns}: {line}", line.width());
            }
        }
    }
}

#[test]
fn numbers_are_never_shortened() {
    let text = document(&fixtures::good_win(), 60);
    assert!(text.contains("+18.46 % [+9.06 %, +27.87 %]"));
    assert!(text.contains("2.8e-5") && !text.contains("in control"));
}

#[test]
fn the_checks_alone_read_well() {
    insta::assert_snapshot!(
        "checks-table-ramp-of-three",
        checks_document(&fixtures::ramp_of_three(), 120)
    );
}
