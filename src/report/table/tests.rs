//! The plain table, read as prose.

use super::*;
use crate::report::fixtures;

#[test]
fn documents_read_well() {
    for (name, readout) in fixtures::ordinary() {
        insta::assert_snapshot!(format!("table-{name}"), document(&readout, 120));
    }
}
