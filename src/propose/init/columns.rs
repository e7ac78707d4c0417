//! Guesses what the columns of a table are, by their names and by what they hold.

use std::collections::BTreeMap;

use crate::domain::vocabulary;
use crate::propose::names::{UNIT_NAMES, VARIANT_NAMES};
use crate::propose::profile::{ColumnProfile, Profile};

vocabulary! {
    /// What a column is to a readout; its name is our name of the column.
    pub enum Role {
        /// Tells units apart.
        Unit = "unit_id", "unit";
        /// Which variant.
        Variant = "variant_id", "variant";
        /// Which experiment.
        Experiment = "experiment_id", "experiment";
        /// Which version of it.
        ExperimentVersion = "experiment_version", "version of the experiment";
        /// When the unit was assigned.
        AssignedAt = "assigned_at", "time of assignment";
        /// When it was exposed.
        ExposedAt = "exposed_at", "time of exposure";
        /// When something happened.
        OccurredAt = "occurred_at", "time of the event";
        /// When the row arrived.
        IngestedAt = "ingested_at", "time of arrival";
        /// What happened.
        EventName = "event_name", "event";
        /// How it was exposed.
        ExposureType = "exposure_type", "type of exposure";
        /// A published metric.
        MetricId = "metric_id", "metric";
        /// Units of a published summary.
        Count = "n", "number of units";
        /// Mean of a published summary.
        Mean = "mean", "mean";
        /// Standard deviation of a published summary.
        Deviation = "standard_deviation", "standard deviation";
    }
}

/// Names of a time that do not say of what.
const TIMES: &[&str] = &[
    "timestamp",
    "ts",
    "time",
    "event_time",
    "created_at",
    "datetime",
    "date",
    "day",
];

/// The names that columns of a role have, the likeliest first.
const fn names(role: Role) -> &'static [&'static str] {
    match role {
        Role::Unit => UNIT_NAMES,
        Role::Variant => VARIANT_NAMES,
        Role::Experiment => &[
            "experiment_id",
            "experiment",
            "experiment_key",
            "experiment_name",
            "exp_key",
            "exp_id",
            "exp",
            "test_id",
            "test_name",
        ],
        Role::ExperimentVersion => &["experiment_version", "exp_version"],
        Role::AssignedAt => &[
            "assigned_at",
            "assignment_time",
            "assignment_timestamp",
            "assignment_date",
            "assigned_on",
            "enrolled_at",
            "bucketed_at",
            "allocated_at",
        ],
        Role::ExposedAt => &[
            "exposed_at",
            "exposure_time",
            "exposure_timestamp",
            "exposure_date",
            "first_exposed_at",
            "first_exposure_at",
        ],
        Role::OccurredAt => &[
            "occurred_at",
            "event_timestamp",
            "event_at",
            "event_date",
            "happened_at",
        ],
        Role::IngestedAt => &[
            "ingested_at",
            "received_at",
            "loaded_at",
            "inserted_at",
            "arrived_at",
            "processed_at",
            "_loaded_at",
        ],
        Role::EventName => &["event_name", "event", "event_type", "action"],
        Role::ExposureType => &["exposure_type", "exposure_event"],
        Role::MetricId => &["metric_id", "metric", "metric_name"],
        Role::Count => &["n", "units", "sample_size", "n_units"],
        Role::Mean => &["mean", "average", "avg"],
        Role::Deviation => &["standard_deviation", "sd", "std", "stddev", "std_dev"],
    }
}

/// Names of units that other columns have too: they need values that look like units.
const VAGUE_UNITS: &[&str] = &["id", "unit", "user"];

/// Variants of all experiments together; a column with more is called so for another reason.
const MOST_VARIANTS: usize = 1_000;

/// A column with no more values than this tells variants apart, not units.
const FEW: usize = 20;

/// The columns of a table by what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Roles(BTreeMap<Role, String>);

impl Roles {
    /// The column of a role.
    pub(super) fn get(&self, role: Role) -> Option<&str> {
        self.0.get(&role).map(String::as_str)
    }

    pub(super) fn has(&self, role: Role) -> bool {
        self.0.contains_key(&role)
    }

    /// Whether a column has a role.
    pub(super) fn takes(&self, column: &str) -> bool {
        self.0.values().any(|taken| taken == column)
    }

    pub(super) fn remove(&mut self, role: Role) -> Option<String> {
        self.0.remove(&role)
    }

    /// A time that does not say of what becomes the one that its table needs.
    pub(super) fn time_is(&mut self, role: Role, profile: &Profile) {
        let free =
            |column: &&ColumnProfile| !self.takes(&column.name) && fits(role, column, profile.rows);
        if !self.has(role)
            && let Some(column) = called(TIMES, profile.columns.iter().filter(free))
        {
            self.0.insert(role, column.name.clone());
        }
    }
}

/// Names as people vary them: case, `_`, `-` and spaces make no difference.
pub(super) fn folded(name: &str) -> String {
    name.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn called<'p>(
    names: &[&str],
    columns: impl Iterator<Item = &'p ColumnProfile>,
) -> Option<&'p ColumnProfile> {
    let columns: Vec<(String, &ColumnProfile)> = columns
        .map(|column| (folded(&column.name), column))
        .collect();
    names.iter().find_map(|name| {
        let name = folded(name);
        let found = columns.iter().find(|(folded, _)| *folded == name)?;
        Some(found.1)
    })
}

/// What the columns of a table are.
pub(super) fn roles(profile: &Profile) -> Roles {
    let mut roles = Roles::default();
    for role in Role::ALL {
        let free = |column: &&ColumnProfile| {
            !roles.takes(&column.name) && fits(*role, column, profile.rows)
        };
        if let Some(column) = called(names(*role), profile.columns.iter().filter(free)) {
            let column = column.name.clone();
            roles.0.insert(*role, column);
        }
    }
    a_version_of_the_experiment(&mut roles, profile);
    roles
}

/// Beside a column of experiments, `version` is theirs and no variant.
fn a_version_of_the_experiment(roles: &mut Roles, profile: &Profile) {
    if !roles.has(Role::Experiment) || roles.has(Role::ExperimentVersion) {
        return;
    }
    let Some(column) = called(&["version"], profile.columns.iter()) else {
        return;
    };
    if roles.get(Role::Variant) == Some(&column.name) {
        roles.remove(Role::Variant);
    }
    roles.0.insert(Role::ExperimentVersion, column.name.clone());
}

/// Whether a column holds what its role needs; where no row was seen, its name is all there is.
fn fits(role: Role, column: &ColumnProfile, rows: usize) -> bool {
    if rows == 0 {
        return true;
    }
    match role {
        Role::Unit => {
            let vague = VAGUE_UNITS.contains(&column.name.to_lowercase().as_str());
            column.filled > 0
                && (!vague || column.many || column.is_unique || column.values.len() > FEW)
        }
        Role::Variant => {
            // A published summary has one row a variant, so a few different labels are no ids.
            let are_ids = column.is_unique && column.values.len() > FEW;
            column.has_few_labels(MOST_VARIANTS) && !column.is_time() && !are_ids
        }
        Role::AssignedAt | Role::ExposedAt | Role::OccurredAt | Role::IngestedAt => {
            column.is_time()
        }
        Role::Count | Role::Mean | Role::Deviation => column.is_number(),
        _ => column.filled > 0 && !column.is_time(),
    }
}
