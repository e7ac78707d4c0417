//! Defines a workspace in full: its tables, its defaults, its rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ContractRule, Duration, Filter, QUARANTINE_DAYS, Timestamp};
use crate::domain::vocabulary;

vocabulary! {
    /// What a table holds.
    pub enum TableKind {
        /// A row an assignment.
        Assignments = "assignments", "assignments";
        /// A row an exposure.
        Exposures = "exposures", "exposures";
        /// A row something a unit did.
        Events = "events", "events";
        /// A row a unit: attributes, or ready-made metric columns.
        Units = "units", "units";
        /// A row an id and the person it belongs to.
        Identities = "identities", "identities";
        /// A row a metric and variant: published n, mean and standard deviation.
        Summaries = "summaries", "summaries";
    }
}

/// One logical table: where its files are and how its columns are called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Table {
    /// The logical name that definitions use.
    pub name: String,
    /// What it holds.
    pub kind: TableKind,
    /// A file, a folder of parts or a glob, relative to the workspace.
    pub path: String,
    /// Our column name → the table's.
    pub columns: BTreeMap<String, String>,
    /// The table's variant label → ours.
    pub variants: BTreeMap<String, String>,
    /// How late rows may arrive.
    pub lateness: Option<Duration>,
    /// The first instant after the last one for which the table is complete.
    pub complete_through: Option<Timestamp>,
}

/// How strictly definitions are governed.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Governance {
    /// Lint warnings about owners, decisions and drivers are errors.
    pub strict: bool,
}

/// What protects single people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Privacy {
    /// Cells of fewer units than this are suppressed.
    pub min_cell: u64,
    /// Days that rejected rows stay in quarantine before the next run that writes there removes them.
    pub quarantine_days: u32,
}

impl Default for Privacy {
    fn default() -> Self {
        Self {
            min_cell: 10,
            quarantine_days: QUARANTINE_DAYS,
        }
    }
}

/// Thresholds of the checks. The ones used are in every result.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// A test's p below this warns.
    pub warn_p: f64,
    /// A test's p below this fails.
    pub fail_p: f64,
    /// Share of units in several variants that warns with even weights.
    pub several_variants_warn: f64,
    /// Share that warns with uneven weights.
    pub several_variants_warn_uneven: f64,
    /// Share that fails.
    pub several_variants_fail: f64,
    /// Share of bad unit ids that fails; any at all warns.
    pub bad_ids_fail: f64,
    /// Share of duplicated rows that warns.
    pub duplicates_warn: f64,
    /// Share of duplicated rows that fails.
    pub duplicates_fail: f64,
    /// Share of rows without their unit that warns.
    pub orphans_warn: f64,
    /// Share that fails.
    pub orphans_fail: f64,
    /// Share of rows out of time order that warns.
    pub order_warn: f64,
    /// Share that fails.
    pub order_fail: f64,
    /// Share of rows from after as-of that fails.
    pub future_fail: f64,
    /// Relative departure of the exposure rate from plan that warns.
    pub exposure_plan_warn: f64,
    /// Relative difference in exposure rate that a small p needs to fail.
    pub exposure_difference_fail: f64,
    /// Share of exposed units that met another variant than their own that fails; any at all warns.
    pub contradicting_fail: f64,
    /// Difference in the share of units without a value that a small p needs to fail.
    pub missing_difference_fail: f64,
    /// Relative difference between variants in ids a person, or in the share of ids with a person, that warns, and that a small p
    /// needs to fail.
    pub identity_difference: f64,
    /// Share of rows of events that repeat another that warns.
    pub outcome_duplicates_warn: f64,
    /// Share that fails.
    pub outcome_duplicates_fail: f64,
    /// Completeness of late rows below which a readout warns.
    pub completeness_warn: f64,
    /// Completeness below which metrics are not trusted.
    pub completeness_fail: f64,
    /// Share of units that an earlier version knew that warns.
    pub carry_over_warn: f64,
    /// Share of assigned units that are not eligible that fails.
    pub ineligible_fail: f64,
    /// Times the squared skewness of a mean are the units a variant below which it warns.
    pub skewness_units: f64,
    /// A lift beyond this is too good to be true.
    pub lift_bound: f64,
    /// Units a variant below which nothing ships.
    pub minimum_units: u64,
    /// Pooled expected conversions below which nothing ships.
    pub minimum_conversions: f64,
    /// Days below which a readout warns.
    pub minimum_days: f64,
    /// Share of units with open windows that warns.
    pub open_windows_warn: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            warn_p: 0.01,
            fail_p: 0.001,
            several_variants_warn: 0.005,
            several_variants_warn_uneven: 0.001,
            several_variants_fail: 0.01,
            bad_ids_fail: 0.001,
            duplicates_warn: 0.001,
            duplicates_fail: 0.05,
            orphans_warn: 0.001,
            orphans_fail: 0.01,
            order_warn: 0.001,
            order_fail: 0.01,
            future_fail: 0.001,
            exposure_plan_warn: 0.2,
            exposure_difference_fail: 0.005,
            contradicting_fail: 0.001,
            missing_difference_fail: 0.001,
            identity_difference: 0.02,
            outcome_duplicates_warn: 0.001,
            outcome_duplicates_fail: 0.01,
            completeness_warn: 0.99,
            completeness_fail: 0.95,
            carry_over_warn: 0.05,
            ineligible_fail: 0.001,
            skewness_units: 355.0,
            lift_bound: 0.5,
            minimum_units: 50,
            minimum_conversions: 5.0,
            minimum_days: 3.0,
            open_windows_warn: 0.1,
        }
    }
}

/// A workspace, every default filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Workspace {
    /// What people call it.
    pub name: String,
    /// The IANA zone of local days and of timestamps that carry none; absent: such timestamps are an error.
    pub time_zone: Option<String>,
    /// The tables, by logical name.
    pub tables: BTreeMap<String, Table>,
    /// Conventions that differ from the program's own, by name.
    pub conventions: BTreeMap<String, String>,
    /// Confidence level of intervals, in (0, 1).
    pub level: f64,
    /// How strictly definitions are governed.
    pub governance: Governance,
    /// What protects single people.
    pub privacy: Privacy,
    /// Conditions on columns of the assignment table that hold for units which consented; empty: nobody has to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consent: Vec<Filter>,
    /// Thresholds of the checks.
    pub thresholds: Thresholds,
    /// The data contract, in the order in which its rules are declared: of several that a row breaks the first decides.
    pub contract: Vec<ContractRule>,
}
