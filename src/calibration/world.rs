//! Defines how simulated units become what the statistics take: moments, order statistics, sides, contrasts.

use super::random::Draws;
use crate::domain::definition::{Conventions, StratumWeights};
use crate::domain::evidence::{Layout, Moments};
use crate::stats::{Contrast, Method, Side, Stratum, contrast};

/// Moments that grow by a unit at a time (Welford 1962). The exact sums that readouts use are proved elsewhere and would be
/// most of the work here.
#[derive(Debug, Clone)]
pub(super) struct Growing<const K: usize> {
    units: u64,
    means: [f64; K],
    central: [[f64; K]; K],
}

impl<const K: usize> Growing<K> {
    pub(super) const fn new() -> Self {
        Self {
            units: 0,
            means: [0.0; K],
            central: [[0.0; K]; K],
        }
    }

    pub(super) fn add(&mut self, values: [f64; K]) {
        self.units += 1;
        let mut before = [0.0; K];
        let n = size(self.units);
        for index in 0..K {
            before[index] = values[index] - self.means[index];
            self.means[index] += before[index] / n;
        }
        for (row, deviation) in before.iter().enumerate() {
            for (column, value) in values.iter().enumerate().skip(row) {
                self.central[row][column] += deviation * (value - self.means[column]);
            }
        }
    }

    pub(super) fn moments(&self) -> Moments {
        let rows = 0..K;
        Moments {
            units: self.units,
            means: self.means.to_vec(),
            central: rows
                .flat_map(|row| self.central[row][row..].to_vec())
                .collect(),
        }
    }
}

/// Moments of `units` units, each drawn anew.
pub(super) fn moments<const K: usize>(
    units: u32,
    draws: &mut Draws,
    mut unit: impl FnMut(&mut Draws) -> [f64; K],
) -> Moments {
    let mut growing = Growing::new();
    for _ in 0..units {
        growing.add(unit(draws));
    }
    growing.moments()
}

/// A ratio without covariates.
pub(super) const RATIO: Layout = Layout {
    denominator: true,
    ..Layout::PLAIN
};

/// A mean with one covariate.
pub(super) const ADJUSTED: Layout = Layout {
    covariates: 1,
    ..Layout::PLAIN
};

/// A ratio with one covariate.
pub(super) const ADJUSTED_RATIO: Layout = Layout {
    denominator: true,
    ..ADJUSTED
};

/// What a readout with the default conventions says of two cells.
pub(super) fn compared(control: &Moments, treatment: &Moments, layout: Layout) -> Contrast {
    let method = Method::plain(layout, &Conventions::DEFAULT);
    contrast(&Side::of(control), &Side::of(treatment), &method)
}

/// The same over strata.
pub(super) fn over_strata(
    control: &Moments,
    treatment: &Moments,
    strata: Vec<Stratum>,
    weights: StratumWeights,
) -> Contrast {
    let method = Method {
        strata: (strata, weights),
        ..Method::plain(Layout::PLAIN, &Conventions::DEFAULT)
    };
    contrast(&Side::of(control), &Side::of(treatment), &method)
}

/// A count as a double.
#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^53")]
pub(super) const fn size(count: u64) -> f64 {
    count as f64
}
