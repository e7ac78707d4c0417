//! Defines experiments whose units come in groups: strata, epochs of a ramp, clusters that were randomised.

use super::random::Draws;
use super::scenario::{Read, Scenario, Uniformity, alarms, covers_shown, intervals};
use super::world::{Growing, over_strata, size};
use crate::domain::definition::{Conventions, StratumWeights};
use crate::domain::evidence::{Layout, Moments};
use crate::stats::{Method, Side, Stratum, contrast};

/// Mean, share of units, and effect in each stratum.
const STRATA: [(f64, f64, f64); 4] = [
    (10.0, 0.4, 0.2),
    (14.0, 0.3, 0.6),
    (20.0, 0.2, -0.4),
    (30.0, 0.1, 1.5),
];

/// Units, share of treatment and mean of each epoch of a ramp.
const EPOCHS: [(u32, f64, f64); 3] = [(1_500, 0.05, 10.0), (600, 0.25, 11.0), (900, 0.5, 13.0)];

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        intervals("strata, 1,000 units, 50/50", true, |d| strata(d, 0.5, 1.0)),
        alarms("strata, 1,000 units, 50/50", Uniformity::Held, |d| {
            strata(d, 0.5, 0.0)
        }),
        intervals("strata, 2,000 units, 90/10", true, |d| strata(d, 0.1, 1.0)),
        alarms("strata, 2,000 units, 90/10", Uniformity::Held, |d| {
            strata(d, 0.1, 0.0)
        }),
        intervals("ramp of 3 epochs, 3,000 units", false, |d| ramp(d, 0.5)),
        alarms("ramp of 3 epochs, 3,000 units", Uniformity::Held, |d| {
            ramp(d, 0.0)
        }),
        intervals("clusters, 100 + 100", true, |d| clusters(d, 100, 1.0)),
        alarms("clusters, 100 + 100", Uniformity::Held, |d| {
            clusters(d, 100, 0.0)
        }),
        few_clusters(),
    ]
}

fn strata(draws: &mut Draws, treated: f64, effect: f64) -> Read {
    let units = if treated < 0.5 { 2_000 } else { 1_000 };
    let mut sides = [[(); 2]; 4].map(|pair| pair.map(|()| Growing::<1>::new()));
    let mut whole = [Growing::<1>::new(), Growing::<1>::new()];
    for _ in 0..units {
        let stratum = drawn(draws);
        let (mean, _, own) = STRATA[stratum];
        let side = usize::from(draws.chance(treated));
        let value = mean + size(side as u64) * effect * own + 3.0 * draws.normal();
        sides[stratum][side].add([value]);
        whole[side].add([value]);
    }
    let named = sides
        .iter()
        .enumerate()
        .map(|(index, [control, treatment])| Stratum {
            name: index.to_string(),
            control: control.moments(),
            treatment: treatment.moments(),
            of_clusters: false,
        });
    let average = |pick: fn(&(f64, f64, f64)) -> f64| -> f64 {
        STRATA.iter().map(|stratum| stratum.1 * pick(stratum)).sum()
    };
    let difference = effect * average(|stratum| stratum.2);
    Read {
        contrast: over_strata(
            &whole[0].moments(),
            &whole[1].moments(),
            named.collect(),
            StratumWeights::PooledShares,
        ),
        difference,
        lift: Some(difference / average(|stratum| stratum.0)),
    }
}

fn drawn(draws: &mut Draws) -> usize {
    let mut left = draws.uniform();
    for (index, (_, share, _)) in STRATA.iter().enumerate() {
        left -= share;
        if left < 0.0 {
            return index;
        }
    }
    STRATA.len() - 1
}

fn ramp(draws: &mut Draws, effect: f64) -> Read {
    let mut whole = [Growing::<1>::new(), Growing::<1>::new()];
    let epochs = EPOCHS
        .iter()
        .enumerate()
        .map(|(index, (units, treated, mean))| {
            let mut sides = [Growing::<1>::new(), Growing::<1>::new()];
            for _ in 0..*units {
                let side = usize::from(draws.chance(*treated));
                let value = mean + size(side as u64) * effect + 3.0 * draws.normal();
                sides[side].add([value]);
                whole[side].add([value]);
            }
            Stratum {
                name: index.to_string(),
                control: sides[0].moments(),
                treatment: sides[1].moments(),
                of_clusters: false,
            }
        });
    let epochs: Vec<Stratum> = epochs.collect();
    Read {
        contrast: over_strata(
            &whole[0].moments(),
            &whole[1].moments(),
            epochs,
            StratumWeights::Precision,
        ),
        difference: effect,
        lift: None,
    }
}

/// Clusters of 1 to 9 units that share half of their variance; larger clusters have larger values.
fn clusters(draws: &mut Draws, count: u32, effect: f64) -> Read {
    let mut group = |effect: f64| -> (Moments, Moments) {
        let (mut over_clusters, mut over_units) = (Growing::<2>::new(), Growing::<1>::new());
        for _ in 0..count {
            let units = 1.0 + libm::floor(9.0 * draws.uniform());
            let shared = 10.0 + 0.2 * units + effect + draws.normal();
            let (mut sum, mut left) = (0.0, units);
            while left > 0.0 {
                let value = shared + draws.normal();
                over_units.add([value]);
                sum += value;
                left -= 1.0;
            }
            over_clusters.add([sum, units]);
        }
        (over_units.moments(), over_clusters.moments())
    };
    let (control, treatment) = (group(0.0), group(effect));
    let method = Method::plain(Layout::PLAIN, &Conventions::DEFAULT);
    let control_side = Side {
        clusters: Some(&control.1),
        ..Side::of(&control.0)
    };
    let treatment_side = Side {
        clusters: Some(&treatment.1),
        ..Side::of(&treatment.0)
    };
    // Over units of sizes 1 to 9 alike: E[n²]/E[n] = 95/15 of the size a unit is in.
    let control_mean = 10.0 + 0.2 * 95.0 / 15.0;
    Read {
        contrast: contrast(&control_side, &treatment_side, &method),
        difference: effect,
        lift: Some(effect / control_mean),
    }
}

/// Below the number that readouts warn of.
fn few_clusters() -> Scenario {
    Scenario {
        figures: vec![covers_shown("difference")],
        ..intervals(
            "clusters, 10 + 10: fewer than readouts warn of",
            false,
            |d| clusters(d, 10, 1.0),
        )
    }
}
