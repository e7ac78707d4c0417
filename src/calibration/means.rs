//! Defines experiments on means and ratios of units that are independent: normal, skewed, few, unevenly split.

use super::random::Draws;
use super::scenario::{Read, Scenario, Uniformity, alarms, intervals};
use super::world::{RATIO, compared, moments};
use crate::domain::evidence::{Layout, Moments};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        intervals("mean, normal, 1,000 + 1,000", true, |d| normal(d, 0.5)),
        alarms("mean, normal, 1,000 + 1,000", Uniformity::Held, |d| {
            normal(d, 0.0)
        }),
        intervals("mean, normal, 8 + 12, unequal spread", false, |d| {
            few(d, 1.0)
        }),
        alarms(
            "mean, normal, 8 + 12, unequal spread",
            Uniformity::Held,
            |d| few(d, 0.0),
        ),
        intervals("mean, lognormal, 2,000 + 2,000", true, |d| {
            skewed(d, (2_000, 2_000), 1.0, 1.1)
        }),
        alarms("mean, lognormal, 2,000 + 2,000", Uniformity::Held, |d| {
            skewed(d, (2_000, 2_000), 1.0, 1.0)
        }),
        intervals("mean, skewness 1.7, 4,500 + 500", true, |d| {
            skewed(d, (4_500, 500), 0.5, 1.1)
        }),
        alarms("mean, skewness 1.7, 4,500 + 500", Uniformity::Held, |d| {
            skewed(d, (4_500, 500), 0.5, 1.0)
        }),
        // The rule of 355 × skewness² units (Kohavi, Deng, Longbotham and Xu 2014) asks for 13,600 in each.
        intervals("mean, skewness 6.2, 4,500 + 500", true, |d| {
            skewed(d, (4_500, 500), 1.0, 1.1)
        })
        .shown(),
        alarms("mean, skewness 6.2, 4,500 + 500", Uniformity::Held, |d| {
            skewed(d, (4_500, 500), 1.0, 1.0)
        })
        .shown(),
        intervals(
            "mean, revenue of the 10 % who buy, 2,500 + 2,500",
            true,
            |d| revenue(d, 1.1),
        ),
        alarms(
            "mean, revenue of the 10 % who buy, 2,500 + 2,500",
            Uniformity::Held,
            |d| revenue(d, 1.0),
        ),
        intervals("ratio, 1,000 + 1,000", true, |d| {
            ratio(d, (1_000, 1_000), 0.02)
        }),
        alarms("ratio, 1,000 + 1,000", Uniformity::Ignored, |d| {
            ratio(d, (1_000, 1_000), 0.0)
        }),
        intervals("ratio, 4,500 + 500", true, |d| ratio(d, (4_500, 500), 0.02)),
        alarms("ratio, 4,500 + 500", Uniformity::Ignored, |d| {
            ratio(d, (4_500, 500), 0.0)
        }),
    ]
}

fn read(control: &Moments, treatment: &Moments, layout: Layout, truth: (f64, f64)) -> Read {
    Read {
        contrast: compared(control, treatment, layout),
        difference: truth.1 - truth.0,
        lift: Some((truth.1 - truth.0) / truth.0),
    }
}

fn normal(draws: &mut Draws, effect: f64) -> Read {
    let mut group = |mean: f64| moments(1_000, draws, |draws| [mean + 5.0 * draws.normal()]);
    let (control, treatment) = (group(10.0), group(10.0 + effect));
    read(&control, &treatment, Layout::PLAIN, (10.0, 10.0 + effect))
}

fn few(draws: &mut Draws, effect: f64) -> Read {
    let mut group = |units, mean: f64, spread: f64| {
        moments(units, draws, |draws| [mean + spread * draws.normal()])
    };
    let (control, treatment) = (group(8, 0.0, 3.0), group(12, effect, 1.0));
    Read {
        contrast: compared(&control, &treatment, Layout::PLAIN),
        difference: effect,
        lift: None,
    }
}

fn skewed(draws: &mut Draws, units: (u32, u32), sigma: f64, lift: f64) -> Read {
    let mut group =
        |units, mean: f64| moments(units, draws, |draws| [mean * draws.lognormal(sigma)]);
    let (control, treatment) = (group(units.0, 1.0), group(units.1, lift));
    read(&control, &treatment, Layout::PLAIN, (1.0, lift))
}

fn revenue(draws: &mut Draws, lift: f64) -> Read {
    let mut group = |share: f64| {
        moments(2_500, draws, |draws| {
            let buys = draws.chance(share);
            [if buys {
                50.0 * draws.lognormal(0.75)
            } else {
                0.0
            }]
        })
    };
    let (control, treatment) = (group(0.1), group(0.1 * lift));
    read(&control, &treatment, Layout::PLAIN, (5.0, 5.0 * lift))
}

/// Conversions a session: units have several sessions, and convert more readily the more they have.
fn ratio(draws: &mut Draws, units: (u32, u32), effect: f64) -> Read {
    let mut group = |units, effect: f64| {
        moments(units, draws, |draws| {
            let sessions = draws.geometric(4.0);
            // E[D·p] = 0.1·E[D] whatever D is; the unit's own rate moves all its sessions together.
            let rate = (0.1 + effect) * (0.5 + draws.uniform());
            let mut conversions = 0.0;
            let mut left = sessions;
            while left > 0.0 {
                conversions += f64::from(u8::from(draws.chance(rate)));
                left -= 1.0;
            }
            [conversions, sessions]
        })
    };
    let (control, treatment) = (group(units.0, 0.0), group(units.1, effect));
    read(&control, &treatment, RATIO, (0.1, 0.1 + effect))
}
