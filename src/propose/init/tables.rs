//! Guesses the tables of a workspace: which file is which, what its columns are called, what is said of each.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{Role, Roles};
use super::discover::Found;
use super::kind::kind_of;
use super::ready_made::ready_made;
use crate::domain::definition::{Table, TableKind};
use crate::propose::profile::Profile;
use crate::propose::quick::Guess;

/// A table that is proposed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ProposedTable {
    pub(super) table: Table,
    /// What its file is called, or what dbt calls it.
    pub(super) known_as: String,
    pub(super) roles: Roles,
    pub(super) profile: Profile,
    /// Whether it was looked at; one that only a manifest tells of was not.
    pub(super) is_read: bool,
}

/// The tables that were taken for something, and what is left: every other one with the reason.
pub(super) struct Tables {
    pub(super) taken: Vec<ProposedTable>,
    pub(super) left: Vec<String>,
}

/// Says what a guess is and why.
pub(super) fn say(
    guesses: &mut Vec<Guess>,
    subject: String,
    value: &str,
    reason: impl Into<String>,
) {
    guesses.push(Guess {
        subject,
        value: value.to_owned(),
        reason: reason.into(),
    });
}

/// Takes each of `found` for what it looks like.
pub(super) fn tables(
    found: Vec<Found>,
    declared: Vec<Found>,
    time_zone: Option<&str>,
    guesses: &mut Vec<Guess>,
) -> Tables {
    let mut left = Vec::new();
    let mut taken = Vec::new();
    let looked_at = found.into_iter().map(|found| (found, true));
    let told_of = declared.into_iter().map(|found| (found, false));
    for (found, is_read) in looked_at.chain(told_of) {
        match kind_of(&found.name, &found.profile) {
            Ok(guessed) => {
                let named = Table {
                    name: found.name.clone(),
                    kind: guessed.kind,
                    path: found.path,
                    columns: BTreeMap::new(),
                    variants: BTreeMap::new(),
                    lateness: None,
                    complete_through: None,
                };
                let table = ProposedTable {
                    table: named,
                    known_as: found.name,
                    roles: guessed.roles,
                    profile: found.profile,
                    is_read,
                };
                taken.push((table, guessed.reason));
            }
            Err(reason) => left.push(format!(
                "'{}' is no table of a workspace: {reason}",
                found.path
            )),
        }
    }
    only_one(TableKind::Assignments, &mut taken, &mut left);
    only_one(TableKind::Exposures, &mut taken, &mut left);
    name(&mut taken);
    for (table, reason) in &mut taken {
        let path = &table.table.path;
        let subject = format!("table {}", table.table.name);
        say(
            guesses,
            subject,
            path,
            format!("taken for {}: {reason}", table.table.kind),
        );
        times_without_a_zone(table, time_zone, guesses);
        columns(table, guesses);
    }
    let mut taken: Vec<ProposedTable> = taken.into_iter().map(|(table, _)| table).collect();
    ready_made(&mut taken, guesses);
    Tables { taken, left }
}

/// A workspace reads one table of assignments and one of exposures: the one that tells experiments apart, is called so,
/// has most rows.
fn only_one(kind: TableKind, taken: &mut Vec<(ProposedTable, String)>, left: &mut Vec<String>) {
    let rank = |table: &ProposedTable| {
        (
            table.is_read,
            table.roles.has(Role::Experiment),
            table.table.name == kind.name(),
            table.profile.rows,
        )
    };
    let of_kind = taken.iter().filter(|(table, _)| table.table.kind == kind);
    let Some(best) =
        of_kind.max_by_key(|(table, _)| (rank(table), std::cmp::Reverse(&table.table.path)))
    else {
        return;
    };
    let best = best.0.table.path.clone();
    taken.retain(|(table, _)| {
        let keep = table.table.kind != kind || table.table.path == best;
        if !keep {
            left.push(format!(
                "'{}' looks like {kind} too, and a workspace reads one table of them, here '{best}': put them together, or make a workspace of each",
                table.table.path
            ));
        }
        keep
    });
}

/// Names that are legal and differ: the kind's, where there is one table of it.
fn name(taken: &mut [(ProposedTable, String)]) {
    let mut counts: BTreeMap<TableKind, usize> = BTreeMap::new();
    for (table, _) in taken.iter() {
        *counts.entry(table.table.kind).or_default() += 1;
    }
    let mut names = BTreeSet::new();
    for (table, _) in taken {
        let kind = table.table.kind;
        let base = if counts.get(&kind) == Some(&1) {
            kind.name().to_owned()
        } else {
            legal_name(&table.table.name)
        };
        table.table.name = other_than(&mut names, &base);
    }
}

/// `base`, with a number where it is taken.
pub(super) fn other_than(names: &mut BTreeSet<String>, base: &str) -> String {
    let mut name = base.to_owned();
    let mut number = 2;
    while !names.insert(name.clone()) {
        name = format!("{base}_{number}");
        number += 1;
    }
    name
}

/// A legal name of a table or fact: lower-case letters, digits, `-` and `_`.
pub(super) fn legal_name(text: &str) -> String {
    let name: String = text
        .chars()
        .take(80)
        .map(|character| match character.to_ascii_lowercase() {
            legal @ ('a'..='z' | '0'..='9' | '-' | '_') => legal,
            _ => '_',
        })
        .collect();
    let name = name.trim_matches(['-', '_']);
    if name.is_empty() {
        "table".to_owned()
    } else {
        name.to_owned()
    }
}

/// Times without a zone cannot be read before one is declared: a column that only might be the time is left out.
fn times_without_a_zone(
    table: &mut ProposedTable,
    time_zone: Option<&str>,
    guesses: &mut Vec<Guess>,
) {
    if time_zone.is_some() {
        return;
    }
    for role in [
        Role::AssignedAt,
        Role::ExposedAt,
        Role::OccurredAt,
        Role::IngestedAt,
    ] {
        let Some(column) = table.roles.get(role).map(str::to_owned) else {
            continue;
        };
        let is_local = table
            .profile
            .column(&column)
            .is_some_and(|column| column.local_times > 0);
        if !is_local {
            continue;
        }
        let subject = format!("time zone of {}.{column}", table.table.name);
        if role == Role::AssignedAt && column != role.name() {
            table.roles.remove(role);
            say(
                guesses,
                subject,
                "unknown",
                "its times carry no zone, so it is left out; give --time-zone to read out over time",
            );
        } else {
            say(
                guesses,
                subject,
                "unknown",
                "its times carry no zone, and nothing can be read before time_zone is declared; give --time-zone",
            );
        }
    }
}

/// Maps our column names to the table's, and says what was taken for what.
fn columns(table: &mut ProposedTable, guesses: &mut Vec<Guess>) {
    for role in Role::ALL {
        let Some(theirs) = table.roles.get(*role) else {
            continue;
        };
        if theirs == role.name() {
            continue;
        }
        let held = match table.profile.column(theirs) {
            Some(column) if *role == Role::Variant && table.is_read => {
                format!("{} labels, and named like one", column.values.len())
            }
            Some(column) if *role == Role::Unit && column.is_unique && column.filled > 0 => {
                "named like one, and different in every row".to_owned()
            }
            _ => "named like one".to_owned(),
        };
        let subject = format!("{} of {}", role.label(), table.table.name);
        say(guesses, subject, theirs, held);
        table
            .table
            .columns
            .insert(role.name().to_owned(), theirs.to_owned());
    }
}
