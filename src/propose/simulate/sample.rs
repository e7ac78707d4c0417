//! Defines the sample workspace: five experiments of a shop, each with something to find. Names do not give it away;
//! the findings are in the truth and in the README beside the data.

use std::collections::BTreeMap;

use super::check::InvalidScenario;
use super::generate::{World, generate};
use super::sample_metrics::sample_metrics;
use super::scenario::{
    Behaviour, CovariateScenario, Effect, EffectFrom, EpochScenario, ExperimentScenario, Faults,
    Scenario, SegmentScenario, Values, VariantScenario,
};
use super::write::{Layout, TableFormat};
use crate::domain::definition::{Duration, ExperimentStatus, MICROSECONDS_PER_DAY, Timestamp};
use crate::domain::result::VerdictWord;

/// The seed of `sample-data/`.
pub const SAMPLE_SEED: u64 = 20_260_301;

impl Layout {
    /// How `sample-data/` is laid out: Parquet, events a part a month, and attributes as gzip CSV.
    pub const SAMPLE: Self = Self {
        assignments: TableFormat::Parquet,
        exposures: TableFormat::Parquet,
        events: TableFormat::Parquet,
        units: TableFormat::CsvGzip,
        events_by_month: true,
    };
}

/// The sample workspace made from `seed`; `sample-data/` is that of [`SAMPLE_SEED`] in [`Layout::SAMPLE`].
///
/// # Errors
/// Never for the scenario as it stands; the signature is that of [`generate`].
pub fn sample_workspace(seed: u64) -> Result<World, InvalidScenario> {
    generate(&sample_scenario(), seed)
}

/// The scenario of the sample workspace.
#[must_use]
pub fn sample_scenario() -> Scenario {
    Scenario {
        name: "Sample shop".to_owned(),
        complete_through: week(7),
        segments: vec![
            SegmentScenario::new(
                "country",
                &[("DE", 40.0), ("ES", 15.0), ("FR", 25.0), ("NL", 20.0)],
            ),
            SegmentScenario::new(
                "platform",
                &[("android", 35.0), ("ios", 25.0), ("web", 40.0)],
            ),
        ],
        covariate: Some(CovariateScenario {
            column: "pre_revenue".to_owned(),
            event: "purchase".to_owned(),
            days: 14,
        }),
        metrics: sample_metrics(),
        experiments: vec![
            checkout_button(),
            search_ranking(),
            onboarding_tour(),
            pricing_page(),
            homepage_ramp(),
        ],
    }
}

/// The start of a week, counted from that of 2026-03-02.
fn week(number: i64) -> Timestamp {
    super::defaults::FIRST_MONDAY.plus(Duration(number * 7 * MICROSECONDS_PER_DAY))
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn verdicts(verdicts: &[(&str, VerdictWord)]) -> BTreeMap<String, VerdictWord> {
    verdicts
        .iter()
        .map(|(variant, word)| ((*variant).to_owned(), *word))
        .collect()
}

/// A variant with this exposure rate and these effects: event, rate and value.
fn variant(id: &str, exposure_rate: f64, effects: &[(&str, f64, f64)]) -> VariantScenario {
    let effect =
        |&(event, rate, value): &(&str, f64, f64)| (event.to_owned(), Effect { rate, value });
    VariantScenario {
        id: id.to_owned(),
        exposure_rate,
        effects: effects.iter().map(effect).collect(),
        ..VariantScenario::default()
    }
}

/// A page load of about 850 ms.
fn page_load(weekly_rate: f64) -> Behaviour {
    Behaviour {
        follows_activity: false,
        values: Values::Amount {
            mean: 850.0,
            sigma: 0.25,
            tail_share: 0.0,
            tail_shape: 3.0,
            decimals: 0,
        },
        ..Behaviour::occurrence("page_load", weekly_rate)
    }
}

/// An event that is followed by a click with this probability: its value is 1 or 0.
fn clickable(event: &str, weekly_rate: f64, probability: f64) -> Behaviour {
    Behaviour {
        values: Values::Chance { probability },
        ..Behaviour::occurrence(event, weekly_rate)
    }
}

/// What every experiment of the sample has: a few faults, each below what a check would mind.
fn usual() -> ExperimentScenario {
    ExperimentScenario {
        repeated_exposures: 0.2,
        faults: Faults {
            several_variants: 0.0005,
            duplicate_assignments: 0.0005,
            duplicate_exposures: 0.0005,
            late_events: 0.02,
            ..Faults::default()
        },
        ..ExperimentScenario::default()
    }
}

fn checkout_button() -> ExperimentScenario {
    ExperimentScenario {
        id: "checkout-button".to_owned(),
        owner: "checkout".to_owned(),
        hypothesis: "Paying with one tap removes the step where people give up, so more of them buy.".to_owned(),
        units: 16_000,
        variants: vec![
            VariantScenario { exposure_selection: 0.5, ..variant("current", 0.7, &[]) },
            VariantScenario { exposure_selection: 0.5, ..variant("one-tap", 0.7, &[("purchase", 1.22, 1.0)]) },
        ],
        planned_exposure_rate: Some(0.7),
        exposure_type: "checkout_view".to_owned(),
        behaviours: vec![Behaviour::purchase(0.3), page_load(1.0), Behaviour::occurrence("support_contact", 0.04)],
        primary: names(&["conversion"]),
        secondary: names(&["revenue"]),
        guardrails: names(&["page-latency", "support-contact-rate"]),
        diagnostics: names(&["orders", "order-value"]),
        finding: "A clean win: 22 % more purchases from the moment the button is seen; orders and revenue follow, no guardrail moves, every check is fine.".to_owned(),
        expected_verdicts: verdicts(&[("one-tap", VerdictWord::Ship)]),
        ..usual()
    }
}

fn search_ranking() -> ExperimentScenario {
    ExperimentScenario {
        id: "search-ranking".to_owned(),
        owner: "search".to_owned(),
        hypothesis: "A learned ranking shows what people look for sooner, so more of them buy.".to_owned(),
        start: week(1),
        units: 14_000,
        variants: vec![
            variant("current", 0.8, &[]),
            VariantScenario { lost_share: 0.12, loss_selection: 1.0, ..variant("learned", 0.8, &[]) },
        ],
        planned_exposure_rate: Some(0.8),
        exposure_type: "results_view".to_owned(),
        behaviours: vec![Behaviour::purchase(0.3), clickable("search", 1.0, 0.35), page_load(0.7)],
        primary: names(&["conversion"]),
        secondary: names(&["search-click-rate", "revenue"]),
        guardrails: names(&["page-latency"]),
        diagnostics: names(&["searches"]),
        finding: "A sample ratio mismatch: the new variant loses 12 % of its units, the least active first, before anything is recorded. Nothing changed for those that stay, yet conversion seems to rise.".to_owned(),
        expected_verdicts: verdicts(&[("learned", VerdictWord::Invalid)]),
        ..usual()
    }
}

fn onboarding_tour() -> ExperimentScenario {
    ExperimentScenario {
        id: "onboarding-tour".to_owned(),
        owner: "activation".to_owned(),
        hypothesis: "A guided tour instead of a checklist brings more new users to their first success.".to_owned(),
        status: ExperimentStatus::Running,
        start: week(4),
        enrol_days: 28,
        planned_days: 35,
        units: 16_000,
        variants: vec![
            variant("checklist", 0.85, &[]),
            VariantScenario {
                exposure_selection: 1.0,
                effect_from: EffectFrom::Assignment,
                ..variant("guided-tour", 0.35, &[("activated", 0.85, 1.0)])
            },
        ],
        planned_exposure_rate: Some(0.85),
        exposure_type: "last_step_view".to_owned(),
        behaviours: vec![
            Behaviour::occurrence("activated", 0.5),
            Behaviour::occurrence("support_contact", 0.04),
            Behaviour { pre_period: false, ..Behaviour::purchase(0.1) },
        ],
        pre_days: 0,
        primary: names(&["activation-rate"]),
        secondary: names(&["conversion"]),
        guardrails: names(&["support-contact-rate"]),
        diagnostics: names(&["orders"]),
        finding: "Exposure depends on the variant: it is recorded at the last step, which the checklist shows to 85 % and the tour to the keenest 35 %. Among the exposed the tour seems to win; over everyone assigned it costs activation. Still running: a quarter of the planned units are not there yet, and the last week's windows are open.".to_owned(),
        expected_verdicts: verdicts(&[("guided-tour", VerdictWord::DoNotShip)]),
        ..usual()
    }
}

fn pricing_page() -> ExperimentScenario {
    ExperimentScenario {
        id: "pricing-page".to_owned(),
        owner: "monetisation".to_owned(),
        hypothesis: "Showing the annual price first raises revenue a unit.".to_owned(),
        units: 18_000,
        variants: vec![
            variant("monthly-first", 0.9, &[]),
            variant("annual-first", 0.9, &[("purchase", 1.0, 1.25), ("cancellation", 1.6, 1.0)]),
        ],
        planned_exposure_rate: Some(0.9),
        exposure_type: "pricing_view".to_owned(),
        behaviours: vec![
            Behaviour {
                values: Values::Amount { mean: 40.0, sigma: 0.6, tail_share: 0.02, tail_shape: 2.5, decimals: 2 },
                ..Behaviour::purchase(0.3)
            },
            Behaviour::occurrence("cancellation", 0.025),
            page_load(0.7),
        ],
        follow_days: 17,
        primary: names(&["revenue"]),
        secondary: names(&["conversion"]),
        guardrails: names(&["cancellation-rate", "page-latency"]),
        diagnostics: names(&["order-value"]),
        finding: "A breached guardrail under a winning primary: orders are worth 25 % more, and cancellations rise by 60 % among those who see the page.".to_owned(),
        expected_verdicts: verdicts(&[("annual-first", VerdictWord::DoNotShip)]),
        ..usual()
    }
}

fn homepage_ramp() -> ExperimentScenario {
    let epoch = |from_day, weights: [f64; 3]| EpochScenario {
        from_day,
        weights: weights.to_vec(),
    };
    ExperimentScenario {
        id: "homepage-ramp".to_owned(),
        owner: "home".to_owned(),
        hypothesis: "A homepage of tiles or a feed gets more clicks a visit than the list.".to_owned(),
        start: week(2),
        enrol_days: 21,
        units: 18_000,
        variants: vec![
            variant("classic", 0.95, &[]),
            variant("feed", 0.95, &[("visit", 1.0, 0.87)]),
            variant("tiles", 0.95, &[("visit", 1.0, 1.16)]),
        ],
        epochs: vec![
            epoch(0, [80.0, 10.0, 10.0]),
            epoch(7, [50.0, 25.0, 25.0]),
            epoch(14, [34.0, 33.0, 33.0]),
        ],
        planned_exposure_rate: Some(0.95),
        exposure_type: "home_view".to_owned(),
        behaviours: vec![clickable("visit", 1.2, 0.3), Behaviour::purchase(0.25), page_load(1.0)],
        primary: names(&["home-click-rate"]),
        secondary: names(&["revenue", "conversion"]),
        guardrails: names(&["page-latency"]),
        diagnostics: names(&["visits", "orders"]),
        finding: "Three variants and three epochs of weights, a ratio metric, a covariate: tiles raise clicks a visit by 16 %, the feed lowers them by 13 %.".to_owned(),
        expected_verdicts: verdicts(&[("feed", VerdictWord::DoNotShip), ("tiles", VerdictWord::Ship)]),
        ..usual()
    }
}
