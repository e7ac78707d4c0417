//! Defines scenarios with one fault each, named for the check that must find it: everything else in them is healthy.
//!
//! It refuses faults that no data can have: the parts of a population add up in every one of them.

use super::scenario::{
    Behaviour, EffectFrom, EpochScenario, ExperimentScenario, Measure, MetricScenario, Scenario,
    Values, VariantScenario,
};
use crate::domain::definition::{Aggregate, ExperimentStatus, MetricKind};
use crate::domain::result::CheckId;

/// The checks for which there is a scenario with their fault.
pub fn faults() -> impl Iterator<Item = CheckId> {
    let all = CheckId::ALL.iter().copied();
    all.filter(|id| scenario(*id).is_some())
}

/// The scenario whose fault a check must find; `None` where data cannot have it.
#[must_use]
pub fn scenario(fault: CheckId) -> Option<Scenario> {
    let mut scenario = healthy();
    let experiment = scenario.experiments.first_mut()?;
    let faults = &mut experiment.faults;
    match fault {
        CheckId::VariantVocabulary => faults.unknown_variants = 40,
        CheckId::UnitIds => faults.missing_unit_ids = 60,
        CheckId::Duplicates => faults.duplicate_assignments = 0.08,
        CheckId::JoinIntegrity => faults.orphan_exposures = 400,
        CheckId::ContradictingVariant => faults.contradictory_exposures = 0.01,
        CheckId::SeveralVariants => faults.several_variants = 0.02,
        CheckId::TimeOrder => faults.early_exposures = 0.03,
        CheckId::SampleRatio => treatment(experiment).lost_share = 0.12,
        CheckId::SampleRatioSequential => {
            experiment.status = ExperimentStatus::Running;
            experiment.units = 60_000;
            treatment(experiment).lost_share = 0.05;
        }
        CheckId::AsymmetricExclusion => treatment(experiment).moved_share = 0.02,
        CheckId::SampleRatioOverTime => {
            let treatment = treatment(experiment);
            treatment.lost_share = 0.3;
            treatment.lost_from_day = 8.0;
        }
        CheckId::SampleRatioBySegment => {
            let treatment = treatment(experiment);
            treatment.lost_share = 0.25;
            treatment.lost_level = Some("NL".to_owned());
        }
        CheckId::AllocationChange => {
            experiment.trend = 2.0;
            let epoch = |from_day, weights: [f64; 2]| EpochScenario {
                from_day,
                weights: weights.to_vec(),
            };
            experiment.epochs = vec![epoch(0, [0.8, 0.2]), epoch(7, [0.3, 0.7])];
        }
        CheckId::ExposureRate => treatment(experiment).exposure_rate = 0.5,
        CheckId::SampleRatioExposed => treatment(experiment).exposure_rate = 0.52,
        CheckId::Placebo => {
            let treatment = treatment(experiment);
            treatment.effect_from = EffectFrom::Assignment;
            treatment
                .effects
                .entry("purchase".to_owned())
                .or_default()
                .rate = 1.35;
        }
        CheckId::PrePeriodBalance => {
            experiment.units = 30_000;
            for variant in &mut experiment.variants {
                variant.exposure_rate = 0.3;
            }
            treatment(experiment).exposure_selection = 1.0;
        }
        CheckId::DifferentialMissingness => {
            let rating = treatment(experiment).effects.entry("rating".to_owned());
            rating.or_default().rate = 0.7;
        }
        CheckId::Plausibility => {
            let purchase = treatment(experiment).effects.entry("purchase".to_owned());
            purchase.or_default().rate = 3.0;
        }
        CheckId::Identity => {
            experiment.units = 16_000;
            treatment(experiment).second_id_share = 0.03;
        }
        CheckId::DuplicateOutcomes => faults.duplicate_events = 0.03,
        CheckId::CarryOver => faults.earlier_version = 0.2,
        CheckId::Eligibility => faults.ineligible = 0.01,
        CheckId::LateEvents => {
            faults.late_events = 0.6;
            faults.late_days = 20.0;
        }
        CheckId::Gaps => faults.lost_event_day = Some(8),
        CheckId::DesignDrift => experiment.planned_days = 90,
        CheckId::FewUnits => {
            faults.bots = 0.000_5;
            faults.bot_activity = 300.0;
        }
        CheckId::Bookkeeping | CheckId::Contract => return None,
    }
    Some(scenario)
}

fn treatment(experiment: &mut ExperimentScenario) -> &mut VariantScenario {
    let last = experiment.variants.len() - 1;
    &mut experiment.variants[last]
}

/// Two variants without an effect, of which three in five are exposed; a covariate, and a metric that some have no value of.
fn healthy() -> Scenario {
    let mut scenario = Scenario::default();
    for metric in &mut scenario.metrics {
        if metric.id == "revenue" {
            metric.covariate_days = Some(14);
        }
    }
    scenario.metrics.push(MetricScenario {
        id: "rating".to_owned(),
        description: "Mean rating in the first seven days, of those who rate".to_owned(),
        kind: MetricKind::Mean,
        measure: Measure::new("rating", Aggregate::Mean),
        ..MetricScenario::default()
    });
    for experiment in &mut scenario.experiments {
        experiment.secondary = vec!["rating".to_owned()];
        experiment.behaviours.push(Behaviour {
            event: "rating".to_owned(),
            values: Values::Amount {
                mean: 3.0,
                sigma: 0.3,
                tail_share: 0.0,
                tail_shape: 3.0,
                decimals: 1,
            },
            ..Behaviour::occurrence("rating", 1.0)
        });
        for variant in &mut experiment.variants {
            variant.exposure_rate = 0.6;
        }
    }
    scenario
}
