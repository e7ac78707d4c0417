//! Sums what only the whole of a population keeps, where somebody asks for it: the value over the time since entry.

use std::collections::BTreeMap;

use super::job::Job;
use super::unit_values::{From, Recipe, UnitValues};
use crate::domain::evidence::{Cell, CellKey, JointSums, Partition, Slice};

/// The wholes of one population in the making: of each metric, of each variant.
#[derive(Debug)]
pub(super) struct Beside {
    metrics: Vec<Vec<Whole>>,
}

/// What one variant keeps of one metric.
#[derive(Debug)]
struct Whole {
    parts: Option<JointSums>,
}

impl Beside {
    pub(super) fn new(job: &Job<'_>, recipes: &[Recipe]) -> Self {
        let variants = job.plan.experiment.variants.len();
        let whole = |recipe: &Recipe| Whole {
            parts: (recipe.parts() > 0).then(|| JointSums::new(recipe.parts())),
        };
        let metrics = recipes.iter();
        Self {
            metrics: metrics
                .map(|recipe| (0..variants).map(|_| whole(recipe)).collect())
                .collect(),
        }
    }

    /// Adds the units of a shard.
    pub(super) fn add(&mut self, values: UnitValues<'_>, from: From, recipes: &[Recipe]) {
        let mut in_parts = Vec::new();
        for (recipe, wholes) in recipes.iter().zip(&mut self.metrics) {
            if recipe.parts() == 0 {
                continue;
            }
            for unit in values.units.all() {
                if values.entry(unit, from).is_none()
                    || !recipe.in_parts(values, unit, &mut in_parts)
                {
                    continue;
                }
                for variant in values.variants(unit) {
                    if let Some(parts) = &mut wholes[usize::from(variant)].parts {
                        parts.add(&in_parts);
                    }
                }
            }
        }
    }

    /// Adds the units of other shards.
    pub(super) fn merge(&mut self, other: Self) {
        let ours = self.metrics.iter_mut().flatten();
        for (ours, theirs) in ours.zip(other.metrics.into_iter().flatten()) {
            if let (Some(ours), Some(theirs)) = (&mut ours.parts, &theirs.parts) {
                ours.merge(theirs);
            }
        }
    }

    /// Puts everything into the cells of the population's whole.
    pub(super) fn finish(&self, partition: Partition, cells: &mut BTreeMap<CellKey, Cell>) {
        for (metric, wholes) in self.metrics.iter().enumerate() {
            for (variant, whole) in wholes.iter().enumerate() {
                let key = CellKey {
                    metric,
                    partition,
                    slice: Slice::All,
                    variant,
                };
                if let Some(cell) = cells.get_mut(&key) {
                    cell.further.parts.clone_from(&whole.parts);
                }
            }
        }
    }
}
