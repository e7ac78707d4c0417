//! Draws units anew, each as often as its own weight says: the engine's half of the bootstrap.
//!
//! A weight depends on the seed, the unit's id and the draw alone, and sums are of whole numbers: neither threads nor the order
//! of rows can show. It refuses values that do not fit: then there are no draws, and it is said.

use super::job::Job;
use super::unit_row::word_at;
use super::unit_values::Brought;
use crate::domain::evidence::{Draw, Draws, REPLICATES_A_BLOCK, poisson_weight, poisson_weights};

/// What every draw is made from; the same for everybody, so that a readout can be made again.
pub(super) const SEED: u64 = 0x5245_4144_4f55_5431;

/// Values are summed in multiples of 2⁻⁴⁰, about 10⁻¹²: what is finer no interval of a bootstrap can show.
const STEPS: f64 = 1_099_511_627_776.0;
/// Values of at least 2⁶⁰ are not: 2²⁷ units of them would not fit.
const LARGEST: f64 = 1_152_921_504_606_846_976.0;

/// The draws of one variant of one metric in the making.
#[derive(Debug)]
pub(super) struct Drawing {
    draws: u32,
    /// Σw a draw.
    units: Vec<u64>,
    /// Σw·x in steps: of each quantity a draw each.
    sums: Vec<Vec<i128>>,
    /// Of a quantile: which, and every value with what its unit's weights are drawn by.
    ordered: Option<(f64, Vec<(f64, u64)>)>,
    /// Whether every value fits.
    fits: bool,
}

/// The weights of a unit in every draw, into `weights`; returns what they are drawn by.
pub(super) fn weights_of(job: &Job<'_>, row: &[u8], draws: u32, weights: &mut Vec<u8>) -> u64 {
    weights.clear();
    let Some(place) = job.draw_at else {
        return 0;
    };
    let word = word_at(row, place);
    for block in 0..draws.div_ceil(REPLICATES_A_BLOCK) {
        weights.extend(poisson_weights(SEED, word, block));
    }
    weights.truncate(draws as usize);
    word
}

impl Drawing {
    /// Nothing yet, of `width` quantities.
    pub(super) fn new(draws: u32, width: usize, quantile: Option<f64>) -> Self {
        let draws_wide = draws as usize;
        Self {
            draws,
            units: vec![0; draws_wide],
            sums: vec![vec![0; draws_wide]; width],
            ordered: quantile.map(|share| (share, Vec::new())),
            fits: true,
        }
    }

    /// Adds what a unit brings, as often as each draw has it.
    pub(super) fn add(&mut self, brought: &Brought, word: u64, weights: &[u8]) {
        let (one, values) = match brought {
            Brought::Open | Brought::Missing | Brought::Rows => return,
            Brought::One { value, .. } => ([*value], None),
            Brought::Values { values, width, .. } => ([0.0], Some(&values[..*width])),
        };
        let values = values.unwrap_or(&one);
        if let Some((_, ordered)) = &mut self.ordered {
            ordered.push((values[0], word));
            return;
        }
        for (units, weight) in self.units.iter_mut().zip(weights) {
            *units += u64::from(*weight);
        }
        for (sums, value) in self.sums.iter_mut().zip(values) {
            if value.abs() >= LARGEST {
                self.fits = false;
                continue;
            }
            #[expect(
                clippy::cast_possible_truncation,
                reason = "below 2^100, rounded to a step"
            )]
            let steps = libm::round(value * STEPS) as i128;
            if steps == 0 {
                continue;
            }
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += steps * i128::from(*weight);
            }
        }
    }

    /// Adds the value of each of a unit's rows, which are drawn together.
    pub(super) fn add_rows(&mut self, rows: &[f64], word: u64) {
        if let Some((_, ordered)) = &mut self.ordered {
            ordered.extend(rows.iter().map(|value| (*value, word)));
        }
    }

    /// Adds the units of other shards.
    pub(super) fn merge(&mut self, other: Self) {
        for (ours, theirs) in self.units.iter_mut().zip(&other.units) {
            *ours += theirs;
        }
        let ours = self.sums.iter_mut().flatten();
        for (ours, theirs) in ours.zip(other.sums.iter().flatten()) {
            *ours += theirs;
        }
        if let (Some((_, ours)), Some((_, theirs))) = (&mut self.ordered, other.ordered) {
            ours.extend(theirs);
        }
        self.fits &= other.fits;
    }

    /// The draws; `None` where values do not fit.
    pub(super) fn finish(&self) -> Option<Draws> {
        if !self.fits {
            return None;
        }
        let draws = match &self.ordered {
            Some((share, values)) => self.quantiles(*share, values),
            None => (0..self.draws as usize)
                .map(|draw| self.means(draw))
                .collect(),
        };
        Some(Draws { seed: SEED, draws })
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "rounded to the nearest double once; counts are far below 2^53"
    )]
    fn means(&self, draw: usize) -> Draw {
        let units = self.units[draw];
        let mean = |sums: &Vec<i128>| sums[draw] as f64 / STEPS / (units.max(1) as f64);
        Draw {
            units,
            means: self.sums.iter().map(mean).collect(),
        }
    }

    /// The quantile of each draw, of Hyndman and Fan's type 7.
    fn quantiles(&self, share: f64, values: &[(f64, u64)]) -> Vec<Draw> {
        let mut sorted = values.to_vec();
        sorted
            .sort_unstable_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
        (0..self.draws)
            .map(|draw| quantile(share, &sorted, draw))
            .collect()
    }
}

fn quantile(share: f64, sorted: &[(f64, u64)], draw: u32) -> Draw {
    let weight = |word: u64| u64::from(poisson_weight(SEED, word, draw));
    let units: u64 = sorted.iter().map(|(_, word)| weight(*word)).sum();
    if units == 0 {
        return Draw {
            units,
            means: Vec::new(),
        };
    }
    #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
    let position = (units - 1) as f64 * share;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between zero and the number of units"
    )]
    let below = libm::floor(position) as u64;
    let (mut passed, mut low) = (0, None);
    let mut high = f64::NAN;
    for (value, word) in sorted {
        passed += weight(*word);
        if low.is_none() && passed > below {
            low = Some(*value);
        }
        high = *value;
        if passed > below + 1 {
            break;
        }
    }
    let low = low.unwrap_or(high);
    Draw {
        units,
        means: vec![low + (position - libm::floor(position)) * (high - low)],
    }
}

#[cfg(test)]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a handful of small whole numbers"
)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_is_the_mean_of_units_as_often_as_they_were_drawn() {
        let mut drawing = Drawing::new(200, 1, None);
        let units: Vec<(f64, u64)> = (0..50_u64)
            .map(|unit| (f64::from(unit as u32), unit * 7919))
            .collect();
        for (value, word) in &units {
            let weights: Vec<u8> = (0..200)
                .map(|draw| poisson_weight(SEED, *word, draw))
                .collect();
            let brought = Brought::One {
                value: *value,
                capped: false,
            };
            drawing.add(&brought, *word, &weights);
        }
        let draws = drawing.finish().unwrap().draws;
        for (draw, found) in draws.iter().enumerate() {
            let (mut sum, mut count) = (0.0, 0.0);
            for (value, word) in &units {
                let weight = f64::from(poisson_weight(SEED, *word, draw as u32));
                sum += weight * value;
                count += weight;
            }
            assert!((found.means[0] - sum / count).abs() < 1e-9);
        }
    }

    #[test]
    fn a_drawn_quantile_is_that_of_the_units_written_out() {
        let units: Vec<(f64, u64)> = (0..31_u64)
            .map(|unit| (f64::from((unit * 17 % 31) as u32), unit))
            .collect();
        let mut drawing = Drawing::new(100, 1, Some(0.3));
        for (value, word) in &units {
            let brought = Brought::One {
                value: *value,
                capped: false,
            };
            drawing.add(&brought, *word, &[]);
        }
        let draws = drawing.finish().unwrap().draws;
        for (draw, found) in draws.iter().enumerate() {
            let mut written: Vec<f64> = Vec::new();
            for (value, word) in &units {
                let weight = poisson_weight(SEED, *word, draw as u32);
                written.extend(std::iter::repeat_n(*value, weight.into()));
            }
            written.sort_by(f64::total_cmp);
            let position = (written.len() - 1) as f64 * 0.3;
            let (low, high) = (position.floor() as usize, position.ceil() as usize);
            let expected =
                written[low] + (position - position.floor()) * (written[high] - written[low]);
            assert!((found.means[0] - expected).abs() < 1e-12, "draw {draw}");
        }
    }

    #[test]
    fn what_does_not_fit_leaves_no_draws() {
        let mut drawing = Drawing::new(100, 1, None);
        let brought = Brought::One {
            value: 1e30,
            capped: false,
        };
        drawing.add(&brought, 1, &[1; 100]);
        assert_eq!(drawing.finish(), None);
    }
}
