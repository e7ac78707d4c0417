//! Keeps the few units that carry most of a mean, and how skewed its values are: of the whole of itt, a variant each.

use std::collections::BTreeMap;

use super::job::Job;
use super::unit_values::Brought;
use crate::domain::definition::MetricKind;
use crate::domain::evidence::{Cell, CellKey, ExactSum, Heaviest, JointSums, Partition, Slice};

/// The heaviest units of every metric that is a mean, in every variant.
#[derive(Debug)]
pub(super) struct Heavy(Vec<Vec<Of>>);

/// Of one metric in one variant.
#[derive(Debug, Default)]
struct Of {
    /// Σx³ of values that are whole and small, and of the others.
    whole_cubes: i128,
    cubes: ExactSum,
    /// The largest values by size, smallest first.
    top: Vec<f64>,
}

/// Whether one value is heavier than another. Equal sizes of different signs are told apart, so that which is kept does not
/// depend on which came first.
fn is_heavier(one: f64, other: f64) -> bool {
    let order = one.abs().total_cmp(&other.abs());
    order.then(one.total_cmp(&other)).is_gt()
}

impl Of {
    #[inline]
    fn put(&mut self, value: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what is cut off shows on the way back"
        )]
        let whole = value as i32;
        if f64::from(whole) == value {
            let whole = i128::from(whole);
            self.whole_cubes += whole * whole * whole;
        } else {
            self.cubes.add(value * value * value);
        }
        if self.top.len() < Heaviest::UNITS || is_heavier(value, self.top[0]) {
            self.keep(value);
        }
    }

    fn keep(&mut self, value: f64) {
        let place = self.top.partition_point(|known| is_heavier(value, *known));
        self.top.insert(place, value);
        if self.top.len() > Heaviest::UNITS {
            self.top.remove(0);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.whole_cubes += other.whole_cubes;
        self.cubes.merge(&other.cubes);
        other.top.iter().for_each(|value| {
            if self.top.len() < Heaviest::UNITS || is_heavier(*value, self.top[0]) {
                self.keep(*value);
            }
        });
    }

    fn finish(&self) -> Heaviest {
        let mut cubes = self.cubes.clone();
        cubes.add_integer(self.whole_cubes);
        let mut top = JointSums::new(1);
        self.top.iter().for_each(|value| top.add(&[*value]));
        Heaviest { cubes, top }
    }
}

impl Heavy {
    /// Nothing yet; `is_wanted`: of the population that is looked at.
    pub(super) fn new(job: &Job<'_>, is_wanted: bool) -> Self {
        let variants = job.plan.experiment.variants.len();
        let of_metric = |is_mean: bool| -> Vec<Of> {
            let variants = if is_mean && is_wanted { variants } else { 0 };
            (0..variants).map(|_| Of::default()).collect()
        };
        let metrics = job.plan.metrics.iter();
        Self(
            metrics
                .map(|planned| of_metric(planned.metric.kind == MetricKind::Mean))
                .collect(),
        )
    }

    /// Adds what a unit brings.
    #[inline]
    pub(super) fn put(&mut self, metric: usize, variant: u8, brought: &Brought) {
        let Some(of) = self.0[metric].get_mut(usize::from(variant)) else {
            return;
        };
        match brought {
            Brought::One { value, .. } => of.put(*value),
            Brought::Values { values, .. } => of.put(values[0]),
            Brought::Open | Brought::Missing | Brought::Rows => {}
        }
    }

    /// Adds the units of other shards.
    pub(super) fn merge(&mut self, other: &Self) {
        let ours = self.0.iter_mut().flatten();
        ours.zip(other.0.iter().flatten())
            .for_each(|(ours, theirs)| ours.merge(theirs));
    }

    /// Puts everything into the cells of the whole.
    pub(super) fn finish(&self, cells: &mut BTreeMap<CellKey, Cell>) {
        for (metric, variants) in self.0.iter().enumerate() {
            for (variant, of) in variants.iter().enumerate() {
                let key = CellKey {
                    metric,
                    partition: Partition::Itt,
                    slice: Slice::All,
                    variant,
                };
                if let Some(cell) = cells.get_mut(&key) {
                    cell.further.heaviest = Some(of.finish());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_heaviest_are_the_heaviest_whatever_the_order(
            values in proptest::collection::vec(
                prop_oneof![-50.0..50.0_f64, (-5_i8..5).prop_map(f64::from)],
                0..60,
            ),
            cut in 0_usize..60,
        ) {
            let mut sorted = values.clone();
            sorted.sort_by(|one, other| {
                let order = other.abs().total_cmp(&one.abs());
                order.then(other.total_cmp(one))
            });
            sorted.truncate(Heaviest::UNITS);
            let mut expected = JointSums::new(1);
            for value in &sorted {
                expected.add(&[*value]);
            }
            let (first, second) = values.split_at(cut.min(values.len()));
            let made = |values: &[f64]| {
                let mut of = Of::default();
                for value in values {
                    of.put(*value);
                }
                of
            };
            let mut merged = made(second);
            merged.merge(&made(first));
            let finished = merged.finish();
            prop_assert_eq!(&finished.top, &expected);
            prop_assert_eq!(finished, made(&values).finish());
        }
    }
}
