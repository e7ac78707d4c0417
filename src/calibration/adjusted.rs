//! Defines experiments whose units have a covariate from before: even and uneven splits, slopes that differ.

use super::bound::Bound;
use super::random::Draws;
use super::scenario::{Read, Scenario, Uniformity, alarms, intervals};
use super::world::{ADJUSTED, ADJUSTED_RATIO, compared, moments};

/// How a pair of variants is split, and the slope of its values on the covariate.
#[derive(Debug, Clone, Copy)]
struct Pair {
    units: (u32, u32),
    slopes: (f64, f64),
}

const EVEN: (u32, u32) = (500, 500);
const UNEVEN: (u32, u32) = (4_500, 500);
const FEW: (u32, u32) = (900, 100);
const SAME: (f64, f64) = (1.5, 1.5);
const DIFFERENT: (f64, f64) = (2.0, 0.5);

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = Vec::new();
    for (subject, units, slopes) in [
        ("covariate, 500 + 500", EVEN, SAME),
        ("covariate, 4,500 + 500", UNEVEN, SAME),
        ("covariate, 500 + 500, unequal slopes", EVEN, DIFFERENT),
        ("covariate, 4,500 + 500, unequal slopes", UNEVEN, DIFFERENT),
        (
            "covariate, 900 + 100: two slopes from a hundred units",
            FEW,
            SAME,
        ),
    ] {
        let pair = Pair { units, slopes };
        // The lift takes the adjusted means as independent, which they are where both variants have the slope of the pair.
        let mut intervals = intervals(subject, true, move |d| mean(d, pair, 1.0));
        if slopes == DIFFERENT {
            for (_, _, bound) in &mut intervals.figures[1..] {
                *bound = Bound::Shown;
            }
        }
        let alarms = alarms(subject, Uniformity::Held, move |d| mean(d, pair, 0.0));
        if units == FEW {
            all.extend([intervals.shown(), alarms.shown()]);
        } else {
            all.extend([intervals, alarms]);
        }
    }
    all.push(intervals("covariate of a ratio, 500 + 500", true, |d| {
        ratio(d, 0.1)
    }));
    all.push(alarms(
        "covariate of a ratio, 500 + 500",
        Uniformity::Held,
        |d| ratio(d, 0.0),
    ));
    all
}

/// The covariate is known of nine units in ten.
fn mean(draws: &mut Draws, pair: Pair, effect: f64) -> Read {
    let mut group = |units, slope: f64, mean: f64| {
        moments(units, draws, |draws| {
            let before = draws.normal();
            let value = mean + slope * before + draws.normal();
            if draws.chance(0.9) {
                [value, before, 0.0]
            } else {
                [value, 0.0, 1.0]
            }
        })
    };
    let control = group(pair.units.0, pair.slopes.0, 10.0);
    let treatment = group(pair.units.1, pair.slopes.1, 10.0 + effect);
    Read {
        contrast: compared(&control, &treatment, ADJUSTED),
        difference: effect,
        lift: Some(effect / 10.0),
    }
}

/// Spending a session, of units that differ in both; the covariate is what they spent before.
fn ratio(draws: &mut Draws, effect: f64) -> Read {
    let mut group = |effect: f64| {
        moments(500, draws, |draws| {
            let sessions = draws.geometric(3.0);
            let taste = draws.normal();
            let spent = sessions * (2.0 + effect + 0.8 * taste) + sessions.sqrt() * draws.normal();
            let before = 2.0 + taste + 0.3 * draws.normal();
            [spent, sessions, before, 0.0]
        })
    };
    let (control, treatment) = (group(0.0), group(effect));
    Read {
        contrast: compared(&control, &treatment, ADJUSTED_RATIO),
        difference: effect,
        lift: Some(effect / 2.0),
    }
}
