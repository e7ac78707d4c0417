//! Defines the default of every knob, and the default scenario: one healthy experiment with two variants.

use std::collections::BTreeMap;

use super::scenario::{
    Behaviour, Effect, ExperimentScenario, Faults, LevelScenario, Measure, MetricScenario,
    Scenario, SegmentScenario, Values, VariantScenario,
};
use crate::domain::definition::{
    Aggregate, Direction, ExperimentStatus, MICROSECONDS_PER_DAY, Magnitude, MetricKind, Timestamp,
};

/// 2026-03-02T00:00:00Z, a Monday: 20,514 days after 1970-01-01.
pub(super) const FIRST_MONDAY: Timestamp = Timestamp(20_514 * MICROSECONDS_PER_DAY);

impl Default for Scenario {
    fn default() -> Self {
        let experiment = ExperimentScenario::default();
        let days = i64::from(experiment.enrol_days + experiment.follow_days);
        Self {
            name: "simulated".to_owned(),
            complete_through: Timestamp(experiment.start.0 + days * MICROSECONDS_PER_DAY),
            segments: vec![
                SegmentScenario::new("country", &[("DE", 4.0), ("FR", 3.0), ("NL", 2.0)]),
                SegmentScenario::new("platform", &[("android", 3.0), ("ios", 3.0), ("web", 4.0)]),
            ],
            covariate: None,
            metrics: vec![
                MetricScenario::default(),
                MetricScenario {
                    id: "revenue".to_owned(),
                    description: "Purchase value in the first seven days".to_owned(),
                    kind: MetricKind::Mean,
                    unit: Some("EUR".to_owned()),
                    measure: Measure::new("purchase", Aggregate::Sum),
                    margin: Some(Magnitude::Relative(0.05)),
                    drivers: BTreeMap::from([("conversion".to_owned(), "component".to_owned())]),
                    ..MetricScenario::default()
                },
            ],
            experiments: vec![experiment],
        }
    }
}

impl SegmentScenario {
    /// A column with levels of these weights, which differ in nothing else.
    #[must_use]
    pub fn new(column: &str, levels: &[(&str, f64)]) -> Self {
        let level = |(name, weight): &(&str, f64)| LevelScenario {
            name: (*name).to_owned(),
            weight: *weight,
            rate: 1.0,
            effect: 1.0,
        };
        Self {
            column: column.to_owned(),
            levels: levels.iter().map(level).collect(),
        }
    }
}

impl Measure {
    /// `aggregate` over the rows of `event`.
    #[must_use]
    pub fn new(event: &str, aggregate: Aggregate) -> Self {
        Self {
            event: event.to_owned(),
            aggregate,
        }
    }
}

impl Default for MetricScenario {
    fn default() -> Self {
        Self {
            id: "conversion".to_owned(),
            owner: "growth".to_owned(),
            description: "Units with a purchase in the first seven days".to_owned(),
            kind: MetricKind::Proportion,
            direction: Direction::Increase,
            unit: None,
            measure: Measure::new("purchase", Aggregate::Any),
            denominator: None,
            window_days: 7,
            cap_quantile: None,
            covariate_days: None,
            covariate_column: None,
            margin: None,
            minimum_effect: None,
            question: "Do we keep the change?".to_owned(),
            decided_by: "product lead".to_owned(),
            if_worse: "roll back".to_owned(),
            runbook: "Look at the checks first, then at the metric by day.".to_owned(),
            drivers: BTreeMap::new(),
        }
    }
}

impl Default for ExperimentScenario {
    fn default() -> Self {
        let named = |id: &str| VariantScenario {
            id: id.to_owned(),
            ..VariantScenario::default()
        };
        Self {
            id: "experiment".to_owned(),
            version: 1,
            owner: "growth".to_owned(),
            hypothesis: "The change helps.".to_owned(),
            status: ExperimentStatus::Concluded,
            start: FIRST_MONDAY,
            enrol_days: 14,
            planned_days: 28,
            units: 10_000,
            variants: vec![named("control"), named("treatment")],
            epochs: Vec::new(),
            planned_exposure_rate: None,
            exposure_delay_hours: 24.0,
            repeated_exposures: 0.0,
            exposure_type: "seen".to_owned(),
            behaviours: vec![Behaviour::purchase(0.3)],
            activity_shape: 2,
            pre_days: 14,
            follow_days: 14,
            trend: 0.0,
            primary: vec!["conversion".to_owned()],
            secondary: Vec::new(),
            guardrails: vec!["revenue".to_owned()],
            diagnostics: Vec::new(),
            faults: Faults::default(),
            finding: String::new(),
            expected_verdicts: BTreeMap::new(),
        }
    }
}

impl Behaviour {
    /// A purchase of about 40 EUR, `weekly_rate` times in seven days.
    #[must_use]
    pub fn purchase(weekly_rate: f64) -> Self {
        Self {
            event: "purchase".to_owned(),
            weekly_rate,
            follows_activity: true,
            pre_period: true,
            values: Values::Amount {
                mean: 40.0,
                sigma: 0.6,
                tail_share: 0.0,
                tail_shape: 3.0,
                decimals: 2,
            },
        }
    }

    /// An event without a value that happens after assignment only.
    #[must_use]
    pub fn occurrence(event: &str, weekly_rate: f64) -> Self {
        Self {
            event: event.to_owned(),
            weekly_rate,
            follows_activity: true,
            pre_period: false,
            values: Values::Absent,
        }
    }
}

impl Default for VariantScenario {
    fn default() -> Self {
        Self {
            id: "treatment".to_owned(),
            exposure_rate: 1.0,
            exposure_selection: 0.0,
            lost_share: 0.0,
            loss_selection: 0.0,
            lost_from_day: 0.0,
            lost_level: None,
            moved_share: 0.0,
            second_id_share: 0.0,
            effect_from: super::scenario::EffectFrom::Exposure,
            effects: BTreeMap::new(),
        }
    }
}

impl Default for Effect {
    fn default() -> Self {
        Self {
            rate: 1.0,
            value: 1.0,
        }
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            several_variants: 0.0,
            duplicate_assignments: 0.0,
            duplicate_exposures: 0.0,
            duplicate_events: 0.0,
            early_exposures: 0.0,
            contradictory_exposures: 0.0,
            late_events: 0.0,
            late_days: 2.0,
            earlier_version: 0.0,
            ineligible: 0.0,
            lost_event_day: None,
            bots: 0.0,
            bot_activity: 50.0,
            orphan_exposures: 0,
            orphan_events: 0,
            unknown_variants: 0,
            missing_unit_ids: 0,
        }
    }
}
