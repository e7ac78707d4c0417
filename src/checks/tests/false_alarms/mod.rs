//! How often healthy experiments are blocked: the budget of `checks.md`, for one readout and over thirty daily ones.

mod world;

use std::collections::BTreeMap;

use rand_chacha::rand_core::SeedableRng;

use crate::checks::support::Scene;
use crate::domain::definition::ExperimentStatus;
use crate::domain::result::{CheckId, CheckStatus};
use world::{DAYS, Design, looks};

/// Half and half throughout.
const EVEN: Design = Design { epochs: &[(0, 1)] };
/// One in eight for ten days, then one in four.
const UNEVEN_RAMP: Design = Design {
    epochs: &[(0, 3), (10, 2)],
};

/// How many of so many experiments a check warns or fails in: at the end, and on any of thirty days; and how many anything blocks.
#[derive(Default)]
struct Alarms {
    at_the_end: BTreeMap<(CheckId, CheckStatus), u32>,
    on_any_day: BTreeMap<(CheckId, CheckStatus), u32>,
    blocked: (u32, u32),
}

fn alarms(design: Design, experiments: u32) -> Alarms {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(20_260_301);
    let mut alarms = Alarms::default();
    for _ in 0..experiments {
        let looks = looks(design, &mut random);
        let mut any = Vec::new();
        for scene in &looks {
            let scene = scene
                .clone()
                .experiment(|experiment| experiment.status = ExperimentStatus::Running);
            any.extend(alarmed(&scene));
        }
        any.sort();
        any.dedup();
        let is_fail = |(_, status): &(CheckId, CheckStatus)| *status == CheckStatus::Fail;
        alarms.blocked.1 += u32::from(any.iter().any(is_fail));
        for alarm in any {
            *alarms.on_any_day.entry(alarm).or_default() += 1;
        }
        let over = alarmed(&looks[DAYS - 1]);
        alarms.blocked.0 += u32::from(over.iter().any(is_fail));
        for alarm in over {
            *alarms.at_the_end.entry(alarm).or_default() += 1;
        }
    }
    alarms
}

fn alarmed(scene: &Scene) -> Vec<(CheckId, CheckStatus)> {
    let checks = scene.ask(&[], crate::checks::run).into_iter();
    let alarmed = checks.map(|check| (check.id, check.status));
    alarmed
        .filter(|(_, status)| matches!(status, CheckStatus::Fail | CheckStatus::Warn))
        .collect()
}

/// Experiments that are simulated with the tests; `READOUT_EXPERIMENTS` asks for more, and for the table of `docs/checks.md`.
fn experiments() -> u32 {
    let asked = std::env::var("READOUT_EXPERIMENTS").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(150)
}

#[track_caller]
fn hold_budget(design: Design) {
    let experiments = experiments();
    let alarms = alarms(design, experiments);
    // One in a hundred, and three Monte-Carlo errors.
    let expected = f64::from(experiments) / 100.0;
    let bound = expected + 3.0 * expected.sqrt();
    let table = format!(
        "of {experiments}: blocked {:?}\nat the end {:#?}\non any day {:#?}",
        alarms.blocked, alarms.at_the_end, alarms.on_any_day
    );
    assert!(f64::from(alarms.blocked.0) <= bound, "{table}");
    assert!(f64::from(alarms.blocked.1) <= bound, "{table}");
    if std::env::var_os("READOUT_EXPERIMENTS").is_some() {
        eprintln!("{table}");
    }
}

#[test]
fn healthy_experiments_are_rarely_blocked() {
    hold_budget(EVEN);
}

#[test]
fn healthy_ramps_with_uneven_weights_are_rarely_blocked() {
    hold_budget(UNEVEN_RAMP);
}
