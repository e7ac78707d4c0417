//! The markdown document, read as prose, and what holds of it whatever it is about.

use super::*;
use crate::report::fixtures;

#[test]
fn documents_read_well() {
    for (name, readout) in fixtures::ordinary() {
        insta::assert_snapshot!(format!("markdown-{name}"), document(&readout, 60_000));
    }
}
