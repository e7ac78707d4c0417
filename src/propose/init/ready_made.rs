//! Guesses which columns are values already, and takes assignments that hold such columns for a table of units too.

use std::collections::BTreeSet;

use super::columns::Role;
use super::tables::{ProposedTable, legal_name, other_than, say};
use crate::domain::definition::{Table, TableKind};
use crate::propose::names::UNIT_NAMES;
use crate::propose::profile::ColumnProfile;
use crate::propose::quick::Guess;
use crate::source::PhysicalType;

/// A table of assignments with numbers in it is one of ready-made values too.
pub(super) fn ready_made(taken: &mut Vec<ProposedTable>, guesses: &mut Vec<Guess>) {
    let Some(wide) = taken
        .iter()
        .find(|table| table.table.kind == TableKind::Assignments && table.is_read)
    else {
        return;
    };
    let numbers: Vec<&str> = value_columns(wide)
        .map(|column| column.name.as_str())
        .collect();
    if numbers.is_empty() {
        return;
    }
    let mut names: BTreeSet<String> = taken.iter().map(|table| table.table.name.clone()).collect();
    let base = if names.contains("units") {
        legal_name(&wide.known_as)
    } else {
        "units".to_owned()
    };
    let name = other_than(&mut names, &base);
    let unit = wide
        .roles
        .get(Role::Unit)
        .and_then(|unit| wide.profile.column(unit));
    let repeated = if unit.is_some_and(|unit| !unit.is_unique) {
        "; some units have several rows, and a table of units has one, as the check of joins will say"
    } else {
        ""
    };
    say(
        guesses,
        format!("table {name}"),
        &wide.table.path,
        format!(
            "the assignments hold numbers beside them, so the same rows are ready-made values too: {}{repeated}",
            numbers.join(", ")
        ),
    );
    let mut roles = wide.roles.clone();
    for role in Role::ALL.iter().filter(|role| **role != Role::Unit) {
        roles.remove(*role);
    }
    let unit = Role::Unit.name();
    let mut columns = wide.table.columns.clone();
    columns.retain(|ours, _| ours == unit);
    let table = Table {
        name,
        kind: TableKind::Units,
        columns,
        ..wide.table.clone()
    };
    let mut profile = wide.profile.clone();
    let taken_elsewhere = |column: &str| wide.roles.takes(column);
    profile
        .columns
        .retain(|column| roles.takes(&column.name) || !taken_elsewhere(&column.name));
    taken.push(ProposedTable {
        table,
        known_as: String::new(),
        roles,
        profile,
        is_read: true,
    });
}

/// The columns of a table that could be values: numbers that are neither ids nor what a table is read by.
pub(super) fn value_columns(table: &ProposedTable) -> impl Iterator<Item = &ColumnProfile> {
    let roles = &table.roles;
    table.profile.columns.iter().filter(move |column| {
        let name = column.name.to_lowercase();
        let is_id = name == "id" || name.ends_with("_id") || name.ends_with("uuid");
        let is_unit = UNIT_NAMES.contains(&name.as_str());
        !roles.takes(&column.name)
            && !is_id
            && !is_unit
            && column.is_number()
            && !column.types.contains(&PhysicalType::Text)
            && column.values.len() > 1
    })
}

/// Columns whose text is numbers throughout: a table declares them as text, and text is not added up.
pub(super) fn numbers_as_text(table: &ProposedTable) -> impl Iterator<Item = &str> {
    let columns = table.profile.columns.iter();
    let as_text = columns.filter(|column| {
        column.is_number()
            && !column.is_binary
            && column.types.contains(&PhysicalType::Text)
            && !table.roles.takes(&column.name)
    });
    as_text.map(|column| column.name.as_str())
}
