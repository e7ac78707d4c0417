//! Guesses by which columns effects could be broken down.

use super::covariates::before;
use super::tables::{ProposedTable, say};
use crate::domain::definition::TableKind;
use crate::propose::quick::Guess;

/// Segments that are proposed.
const MOST_SEGMENTS: usize = 5;
/// Labels of a segment.
const MOST_LEVELS: usize = 20;
/// Columns of assignments that are known of a unit before it is assigned, by name.
const ATTRIBUTES: &[&str] = &[
    "country",
    "region",
    "city",
    "platform",
    "os",
    "browser",
    "device",
    "device_type",
    "channel",
    "language",
    "locale",
    "gender",
    "age_group",
    "plan",
    "tier",
];

/// Columns with a few labels: of tables of units, and of the assignments where their name says that they are known from
/// before.
pub(super) fn segments(
    tables: &[ProposedTable],
    guesses: &mut Vec<Guess>,
    left: &mut Vec<String>,
) -> Vec<String> {
    let assignments = tables
        .iter()
        .find(|table| table.table.kind == TableKind::Assignments);
    let assigned_path = assignments.map(|table| table.table.path.as_str());
    let mut found: Vec<String> = Vec::new();
    for table in tables.iter().filter(|table| table.is_read) {
        let is_assigned = Some(table.table.path.as_str()) == assigned_path;
        if table.table.kind != TableKind::Units && !is_assigned {
            continue;
        }
        for column in &table.profile.columns {
            let name = column.name.to_lowercase();
            let known = !is_assigned || ATTRIBUTES.contains(&name.as_str());
            let is_level =
                column.has_few_labels(MOST_LEVELS) && !column.is_number() && !column.is_time();
            let is_free = !table.roles.takes(&column.name) && before(&column.name).is_none();
            if known && is_level && is_free && !found.contains(&column.name) {
                found.push(column.name.clone());
            }
        }
    }
    if found.len() > MOST_SEGMENTS {
        left.push(format!(
            "columns that could be segments too: {}",
            found.split_off(MOST_SEGMENTS).join(", ")
        ));
    }
    for column in &found {
        say(
            guesses,
            "segment".to_owned(),
            column,
            "a column of units with a few labels",
        );
    }
    found
}
