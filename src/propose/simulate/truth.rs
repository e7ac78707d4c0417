//! Defines what is known of a world: the expectation of each metric under each variant, and the counts that are exact.
//!
//! It refuses to look at the generated rows: expectations come from the model (`expectation`), and the generator counts while
//! it makes rows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::scenario::ExperimentScenario;
use crate::domain::result::VerdictWord;

/// Everything known of a world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// The version of this layout.
    pub format: u32,
    /// The seed the world was made from.
    pub seed: u64,
    /// Its experiments.
    pub experiments: Vec<ExperimentTruth>,
}

/// What is known of one experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExperimentTruth {
    /// Its id.
    pub id: String,
    /// What there is to find, in words.
    pub finding: String,
    /// The verdict a trustworthy readout reaches, by variant; empty where the scenario does not say.
    pub expected_verdicts: BTreeMap<String, VerdictWord>,
    /// Exposed per assigned unit in the model, by variant.
    pub expected_exposure_rates: BTreeMap<String, f64>,
    /// Exact counts.
    pub counts: Counts,
    /// Its metrics, in the order primary, secondary, guardrail, diagnostic.
    pub metrics: Vec<MetricTruth>,
}

/// Counts that are exact in the generated tables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Units randomised before the data end.
    pub units_randomised: u64,
    /// Of these, by variant: units without a row in any table.
    pub units_lost: BTreeMap<String, u64>,
    /// Units with an assignment, by the variant they were given first.
    pub units_assigned: BTreeMap<String, u64>,
    /// Units with an exposure row, by the variant they were given first.
    pub units_with_exposure: BTreeMap<String, u64>,
    /// Units with assignments to two variants.
    pub units_in_several_variants: u64,
    /// Units all of whose exposures are before their assignment.
    pub units_with_early_exposure: u64,
    /// Units whose exposures carry another variant.
    pub units_with_contradictory_exposure: u64,
    /// Units that are bots.
    pub units_bots: u64,
    /// Copies of assignment rows.
    pub duplicate_assignment_rows: u64,
    /// Copies of exposure rows.
    pub duplicate_exposure_rows: u64,
    /// Copies of event rows.
    pub duplicate_event_rows: u64,
    /// Event rows that arrived late and are there.
    pub late_event_rows: u64,
    /// Events before the data end that had not arrived by then, so that no row holds them.
    pub events_not_yet_arrived: u64,
    /// Exposure rows of units without assignment.
    pub orphan_exposure_rows: u64,
    /// Event rows of units that no other table knows.
    pub orphan_event_rows: u64,
    /// Assignment rows with a variant that no definition knows.
    pub unknown_variant_rows: u64,
    /// Assignment rows without a unit id.
    pub missing_unit_id_rows: u64,
}

impl Counts {
    /// Nothing counted yet: zero for every variant.
    pub(super) fn of_none(experiment: &ExperimentScenario) -> Self {
        let zeros: BTreeMap<String, u64> = experiment
            .variants
            .iter()
            .map(|each| (each.id.clone(), 0))
            .collect();
        Self {
            units_lost: zeros.clone(),
            units_assigned: zeros.clone(),
            units_with_exposure: zeros,
            ..Self::default()
        }
    }
}

/// The truth of one metric in one experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricTruth {
    /// The metric.
    pub metric: String,
    /// Over every assigned unit, by variant.
    pub itt: BTreeMap<String, Expectation>,
    /// Over exposed units, their window anchored on first exposure, by variant.
    pub exposed: BTreeMap<String, Expectation>,
}

/// What a metric is expected to be under one variant.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// The expected mean, or ratio of expected sums.
    pub mean: f64,
    /// Its difference from control; 0 for control itself.
    pub absolute: f64,
    /// That difference over the control's; absent where the control's is zero.
    pub relative: Option<f64>,
}
