//! Defines the rules that a contract of the tables could start from: what was seen to hold, and what dbt tests declare.
//!
//! They are a list and nothing is written of them: whoever keeps contracts says which of them are rules.

use super::columns::Role;
use super::proposal::InitProposal;
use super::tables::ProposedTable;
use crate::domain::definition::TableKind;
use crate::propose::profile::ColumnProfile;

/// Values that are still a closed list.
const MOST_VALUES: usize = 20;

/// What a rule says of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleSubject {
    /// Every row has a value in this column.
    NotNull {
        /// The column, by our name.
        column: String,
    },
    /// No two rows have the same values in these columns.
    Unique {
        /// The columns, by our names.
        columns: Vec<String>,
    },
    /// The column holds nothing else.
    AcceptedValues {
        /// The column, by our name.
        column: String,
        /// What it may hold, sorted.
        values: Vec<String>,
    },
    /// Every value is one of another table's.
    References {
        /// The column, by our name.
        column: String,
        /// The other table.
        table: String,
        /// Its column.
        field: String,
    },
}

/// Where a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleSource {
    /// It held in the rows that were looked at.
    Seen {
        /// How many these were.
        rows: usize,
    },
    /// A dbt test declares it.
    Declared,
}

/// A rule that is proposed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProposedRule {
    /// The table, by its name in the workspace.
    pub table: String,
    /// What it says.
    pub subject: RuleSubject,
    /// Where it comes from.
    pub source: RuleSource,
}

/// The rules that a contract of these tables could start from, by table; what a dbt test declares is not said twice.
#[must_use]
pub fn contract_rules(proposal: &InitProposal) -> Vec<ProposedRule> {
    let mut rules: Vec<ProposedRule> = proposal.declared_rules.clone();
    for table in proposal
        .tables
        .iter()
        .filter(|table| table.is_read && table.profile.rows > 0)
    {
        for subject in seen(table) {
            let is_declared = rules
                .iter()
                .any(|rule| rule.table == table.table.name && rule.subject == subject);
            if !is_declared {
                rules.push(ProposedRule {
                    table: table.table.name.clone(),
                    subject,
                    source: RuleSource::Seen {
                        rows: table.profile.rows,
                    },
                });
            }
        }
    }
    rules.sort();
    rules
}

/// The name that definitions use of a column.
pub(super) fn our_name<'t>(table: &'t ProposedTable, column: &'t str) -> &'t str {
    Role::ALL
        .iter()
        .find(|role| table.roles.get(**role) == Some(column))
        .map_or(column, |role| role.name())
}

/// What held in the rows that were looked at, of the columns that a readout needs.
fn seen(table: &ProposedTable) -> Vec<RuleSubject> {
    let mut subjects = Vec::new();
    for role in Role::ALL {
        let column = table
            .roles
            .get(*role)
            .and_then(|name| table.profile.column(name));
        let Some(column) = column else { continue };
        let name = role.name().to_owned();
        if column.filled == table.profile.rows {
            subjects.push(RuleSubject::NotNull {
                column: name.clone(),
            });
        }
        let is_key = *role == Role::Unit && table.table.kind == TableKind::Units;
        if is_key && column.is_unique {
            subjects.push(RuleSubject::Unique {
                columns: vec![name.clone()],
            });
        }
        let is_closed = matches!(role, Role::Variant | Role::EventName | Role::ExposureType);
        if is_closed {
            subjects.extend(accepted(column, name));
        }
    }
    let attributes = table.profile.columns.iter().filter(|column| {
        table.table.kind == TableKind::Units
            && !table.roles.takes(&column.name)
            && !column.is_number()
            && !column.is_time()
    });
    subjects.extend(attributes.filter_map(|column| accepted(column, column.name.clone())));
    subjects
}

fn accepted(column: &ColumnProfile, name: String) -> Option<RuleSubject> {
    column
        .has_few_labels(MOST_VALUES)
        .then(|| RuleSubject::AcceptedValues {
            column: name,
            values: column.values.keys().cloned().collect(),
        })
}
