//! Defines how a scenario becomes a world: experiment by experiment, unit by unit.

use super::check::InvalidScenario;
use super::expectation::metric_truths;
use super::lives::Lives;
use super::scenario::{ExperimentScenario, Scenario};
use super::strays::Strays;
use super::tables::Tables;
use super::truth::{Counts, ExperimentTruth, Truth};

/// A generated workspace in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// What it was made from.
    pub scenario: Scenario,
    /// Its rows.
    pub tables: Tables,
    /// What is known of it.
    pub truth: Truth,
}

/// Makes the world that `scenario` describes from `seed`: always the same one.
///
/// # Errors
/// [`InvalidScenario`] when a knob makes no sense.
pub fn generate(scenario: &Scenario, seed: u64) -> Result<World, InvalidScenario> {
    scenario.check()?;
    let mut tables = Tables {
        says_eligible: scenario
            .experiments
            .iter()
            .any(ExperimentScenario::says_eligible),
        segment_columns: scenario
            .segments
            .iter()
            .map(|each| each.column.clone())
            .collect(),
        covariate_column: scenario.covariate.as_ref().map(|each| each.column.clone()),
        ..Tables::default()
    };
    let mut experiments = Vec::new();
    for (index, experiment) in (1_u64..).zip(&scenario.experiments) {
        let first_number = index * 10_000_000 + 1;
        let mut counts = Counts::of_none(experiment);
        let lives = Lives::new(scenario, experiment, seed, first_number);
        for unit in 0..u64::from(experiment.units) {
            lives.live(unit, &mut tables, &mut counts);
        }
        Strays::new(scenario, experiment, seed, first_number).add(&mut tables, &mut counts);
        let rates = experiment
            .variants
            .iter()
            .map(|each| (each.id.clone(), each.exposure_rate));
        experiments.push(ExperimentTruth {
            id: experiment.id.clone(),
            finding: experiment.finding.clone(),
            expected_verdicts: experiment.expected_verdicts.clone(),
            expected_exposure_rates: rates.collect(),
            counts,
            metrics: metric_truths(scenario, experiment),
        });
    }
    tables.sort();
    Ok(World {
        scenario: scenario.clone(),
        tables,
        truth: Truth {
            format: 1,
            seed,
            experiments,
        },
    })
}
