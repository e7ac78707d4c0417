//! Validity checks: pure questions about the counts of a [`Summary`] and the effects made of it.
//!
//! One file a family, in the order they run: `integrity`, `assignment` and `allocation`, `exposure`, `balance`, `outcome`,
//! `inference`. A check that
//! depends on a failed one does not run and says so. Beside them, `breakdown` holds the counts behind each, and `diagnosis`
//! what a sample ratio mismatch may come from. Nothing here decides what to ship, reads a row, or formats a document.

mod allocation;
mod assignment;
mod balance;
mod breakdown;
mod contract;
mod diagnosis;
mod events;
mod exposure;
mod finding;
mod gaps;
mod history;
mod identity;
mod inference;
mod integrity;
mod missing;
mod outcome;
mod runbook;
mod share;
#[cfg(test)]
pub(crate) mod support;
#[cfg(test)]
mod tests;
mod weight;
pub(crate) mod wording;

use crate::domain::definition::{
    ContractRule, Conventions, Covariate, Experiment, ExperimentStatus, Metric, Role, Thresholds,
};
use crate::domain::evidence::{ByVariant, Layout, Partition, Slice, Summary};
use crate::domain::result::{Check, CheckId, CheckStatus, Invalidates, MetricReadout};

pub use breakdown::{SplitLines, breakdown, split_lines, units_by_slice};
pub use contract::outcomes as contract_outcomes;
pub use diagnosis::{diagnosis, mismatches, population_of_mismatch};
pub(crate) use exposure::CONTROL_CANNOT_BE_EXPOSED;
pub(crate) use outcome::open_share;
pub use outcome::shortfalls;

/// One metric of a plan, with what it is in this experiment.
#[derive(Debug, Clone, Copy)]
pub struct PlannedMetric<'a> {
    /// Its definition.
    pub definition: &'a Metric,
    /// What it is in this experiment.
    pub role: Role,
    /// SHA-256 of the meaning of its definition, hexadecimal.
    pub semantic_hash: &'a str,
}

/// Everything the checks look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// Its metrics, in the order of [`Summary::layouts`].
    pub metrics: &'a [PlannedMetric<'a>],
    /// The conventions in force.
    pub conventions: &'a Conventions,
    /// Other experiments whose units the same salt splits, by id.
    pub same_salt: &'a [String],
    /// Cells of fewer units than this are not shown.
    pub min_cell: u64,
    /// The thresholds in force.
    pub thresholds: &'a Thresholds,
    /// The rules of the data contract about the tables that were read.
    pub contract: &'a [ContractRule],
    /// What the engine found.
    pub summary: &'a Summary,
    /// The effects, a metric each in the same order as `metrics`, before anything is said of their trust.
    pub effects: &'a [MetricReadout],
}

/// Checks whose tests take units one by one: where units nest in clusters that were randomised together, they would fire on
/// healthy data. The sample ratio (1) counts clusters there.
const TESTS_OF_UNITS: [CheckId; 7] = [
    CheckId::SampleRatioSequential,
    CheckId::AsymmetricExclusion,
    CheckId::SampleRatioOverTime,
    CheckId::ExposureRate,
    CheckId::SampleRatioExposed,
    CheckId::SampleRatioBySegment,
    CheckId::DifferentialMissingness,
];
const NESTED: &str = "because units nest in clusters, which this test does not know";

/// Runs every check in order of dependence.
#[must_use]
pub fn run(context: &Context<'_>) -> Vec<Check> {
    let mut done = Vec::with_capacity(CheckId::ALL.len());
    for id in CheckId::ALL {
        let check = match id {
            id if context.nests() && TESTS_OF_UNITS.contains(id) => {
                finding::Finding::not_run(NESTED).into_check(context, *id)
            }
            CheckId::VariantVocabulary => integrity::variant_vocabulary(context),
            CheckId::UnitIds => integrity::unit_ids(context),
            CheckId::Identity => identity::identity(context),
            CheckId::Duplicates => integrity::duplicates(context),
            CheckId::JoinIntegrity => integrity::join_integrity(context),
            CheckId::DuplicateOutcomes => events::duplicate_outcomes(context),
            CheckId::ContradictingVariant => allocation::contradicting_variant(context),
            CheckId::Contract => contract::contract(context),
            CheckId::SampleRatio => assignment::sample_ratio(context, &done),
            CheckId::SampleRatioSequential => allocation::sequential_sample_ratio(context, &done),
            CheckId::SeveralVariants => assignment::several_variants(context),
            CheckId::AsymmetricExclusion => allocation::asymmetric_exclusion(context, &done),
            CheckId::SampleRatioOverTime => allocation::sample_ratio_over_time(context, &done),
            CheckId::CarryOver => history::carry_over(context),
            CheckId::Eligibility => history::eligibility(context),
            CheckId::AllocationChange => allocation::allocation_change(context),
            CheckId::TimeOrder => exposure::time_order(context),
            CheckId::ExposureRate => exposure::exposure_rate(context, &done),
            CheckId::SampleRatioExposed => exposure::sample_ratio(context, &done),
            CheckId::SampleRatioBySegment => allocation::sample_ratio_by_segment(context, &done),
            CheckId::Placebo => balance::placebo(context, &done),
            CheckId::PrePeriodBalance => balance::before_assignment(context, &done),
            CheckId::DifferentialMissingness => missing::missing_values(context),
            CheckId::LateEvents => events::late_events(context),
            CheckId::Gaps => gaps::gaps(context),
            CheckId::Plausibility => outcome::plausibility(context),
            CheckId::DesignDrift => history::design_drift(context),
            CheckId::FewUnits => weight::few_units(context),
            CheckId::Bookkeeping => inference::bookkeeping(context),
        };
        done.push(check);
    }
    done
}

/// The name of a slice in [`Invalidates::Slice`]: `column=level`, or the day. A bare column means all its levels.
#[must_use]
pub fn slice_matches(name: &str, slice: &Slice) -> bool {
    match slice {
        Slice::All | Slice::Epoch(_) => false,
        Slice::Segment { column, level } => {
            name == column
                || level.as_ref().is_some_and(|level| {
                    name.strip_prefix(column.as_str())
                        .and_then(|rest| rest.strip_prefix('='))
                        == Some(level)
                })
        }
        Slice::EntryDay(day) => name == day,
    }
}

/// Why a check that depends on `on` cannot run, when `on` failed.
fn blocked(done: &[Check], on: CheckId) -> Option<String> {
    let failed = done
        .iter()
        .find(|check| check.id == on && check.status == CheckStatus::Fail)?;
    Some(format!(
        "because check {} ({}) failed",
        failed.number,
        failed.id.label()
    ))
}

/// Why a check that depends on how units were split cannot run.
fn split_failed(done: &[Check]) -> Option<String> {
    let split = [CheckId::SampleRatio, CheckId::SampleRatioSequential];
    split.into_iter().find_map(|id| blocked(done, id))
}

/// Over thirty daily looks a p-value comes below a threshold about ten times as often as at one: of 4,000 simulated healthy
/// experiments tests at 0.001 failed 0.90 to 1.10 % on some day.
const LOOKS_COST: f64 = 10.0;

impl Context<'_> {
    /// Whether units nest in clusters, which were randomised as wholes.
    fn nests(&self) -> bool {
        self.experiment.analysis.cluster.is_some()
    }

    /// Whether units still come, so that the checks are looked at again and again.
    fn is_looked_at_often(&self) -> bool {
        matches!(
            self.experiment.status,
            ExperimentStatus::Running | ExperimentStatus::Ramping
        )
    }

    /// Whether weights changed, so that what comes early or late is not shared by variants alike.
    fn weights_changed(&self) -> bool {
        let epochs = &self.experiment.epochs;
        epochs
            .windows(2)
            .any(|pair| pair[0].weights != pair[1].weights)
    }

    /// A test's p below this fails: while units come, less than of an experiment that is over.
    fn fail_p(&self) -> f64 {
        if self.is_looked_at_often() {
            self.thresholds.fail_p / LOOKS_COST
        } else {
            self.thresholds.fail_p
        }
    }

    /// Variant ids, control first.
    fn variants(&self) -> &[String] {
        &self.experiment.variants
    }

    /// Units in itt by variant: from assignments, else the units that published summaries or ready-made cells state.
    fn units(&self) -> ByVariant {
        if let Some(assignment) = &self.summary.assignment
            && !assignment.by_epoch.is_empty()
        {
            return total(&assignment.by_epoch, self.variants().len());
        }
        (0..self.variants().len())
            .map(|variant| {
                (0..self.metrics.len())
                    .filter_map(|metric| {
                        self.summary
                            .cell(metric, Partition::Itt, &Slice::All, variant)
                    })
                    .map(|cell| cell.units() + cell.open + cell.missing)
                    .max()
                    .unwrap_or(0)
            })
            .collect()
    }

    /// What the quantities of a metric's cells are.
    fn layout(&self, metric: usize) -> Layout {
        self.summary
            .layouts
            .get(metric)
            .copied()
            .unwrap_or_default()
    }

    /// The metrics whose value, denominator or applied covariate is read from a table.
    fn metrics_reading(&self, table: &str) -> Vec<Invalidates> {
        let reads = |position: usize, metric: &Metric| {
            metric.value.table == table
                || metric
                    .denominator
                    .as_ref()
                    .is_some_and(|value| value.table == table)
                || metric.steps.iter().any(|step| step.table == table)
                || (self.layout(position).covariates > 0
                    && metric.covariates.iter().any(|covariate| {
                        matches!(covariate, Covariate::Column { table: name, .. } if name == table)
                    }))
        };
        self.metrics
            .iter()
            .enumerate()
            .filter(|(position, planned)| reads(*position, planned.definition))
            .map(|(_, planned)| Invalidates::Metric(planned.definition.id.to_string()))
            .collect()
    }

    /// The id of the variant at a position; empty beyond the last.
    fn variant(&self, position: usize) -> &str {
        self.variants().get(position).map_or("", String::as_str)
    }
}

/// Counts summed over epochs, exactly `width` variants wide.
fn total(by_epoch: &[ByVariant], width: usize) -> ByVariant {
    (0..width)
        .map(|variant| by_epoch.iter().filter_map(|epoch| epoch.get(variant)).sum())
        .collect()
}

/// `part / whole` as a double; absent when there is no whole.
#[expect(
    clippy::cast_precision_loss,
    reason = "row and unit counts are far below 2^53"
)]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
