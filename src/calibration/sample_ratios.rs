//! Defines splits that are as planned, in one epoch and over ramps: how often the sample ratio test says otherwise.

use super::bound::Bound;
use super::random::Draws;
use super::scenario::{Scenario, Seen, Uniformity};
use crate::domain::result::FigureKind;
use crate::stats::{EpochCounts, sample_ratio};

/// Units and weights of an epoch.
type Epoch = (u32, &'static [f64]);

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        split("sample ratio, 50/50 of 2,000", &[(2_000, &[1.0, 1.0])]),
        split(
            "sample ratio, 90/5/5 of 2,000",
            &[(2_000, &[90.0, 5.0, 5.0])],
        ),
        split(
            "sample ratio, 1 in 1,000 of 2,000: exact",
            &[(2_000, &[999.0, 1.0])],
        ),
        split(
            "sample ratio, ramp 95/5, 75/25, 50/50",
            &[
                (600, &[95.0, 5.0]),
                (600, &[75.0, 25.0]),
                (800, &[1.0, 1.0]),
            ],
        ),
        split(
            "sample ratio, ramp of 3, one variant later",
            &[(800, &[90.0, 10.0, 0.0]), (1_200, &[50.0, 25.0, 25.0])],
        ),
    ]
}

fn split(subject: &'static str, epochs: &'static [Epoch]) -> Scenario {
    Scenario {
        subject,
        figures: vec![(
            "p below 0.001",
            FigureKind::FalseAlarms,
            Bound::AtMost(0.001),
        )],
        uniform: Uniformity::Ignored,
        experiment: Box::new(move |draws| {
            let counts: Vec<Vec<u64>> = epochs.iter().map(|epoch| assigned(draws, epoch)).collect();
            let together: Vec<EpochCounts<'_>> = counts
                .iter()
                .zip(epochs)
                .map(|(units, (_, weights))| EpochCounts { units, weights })
                .collect();
            let mut seen = Seen::default();
            seen.mark(
                0,
                sample_ratio(&together).is_ok_and(|test| test.p_value.p < 0.001),
            );
            seen
        }),
    }
}

fn assigned(draws: &mut Draws, (units, weights): &Epoch) -> Vec<u64> {
    let total: f64 = weights.iter().sum();
    let mut counts = vec![0; weights.len()];
    for _ in 0..*units {
        let mut left = draws.uniform() * total;
        let place = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        if let Some(count) = counts.get_mut(place.unwrap_or(0)) {
            *count += 1;
        }
    }
    counts
}
