//! Sums what only the whole of a population keeps, where somebody asks for it: the value over the time since entry, units drawn
//! anew.

use std::collections::BTreeMap;

use super::draws::Drawing;
use super::job::Job;
use super::unit_values::{Brought, From, Recipes, UnitValues};
use crate::domain::evidence::{Cell, CellKey, JointSums, Partition, Slice};

/// The wholes of one population in the making: of each metric, of each variant.
#[derive(Debug)]
pub(super) struct Beside {
    metrics: Vec<Vec<Whole>>,
    /// How many draws there are.
    draws: u32,
}

/// What one variant keeps of one metric.
#[derive(Debug)]
struct Whole {
    parts: Option<JointSums>,
    drawing: Option<Drawing>,
}

impl Beside {
    pub(super) fn new(job: &Job<'_>, recipes: &Recipes) -> Self {
        let experiment = &job.plan.experiment;
        let draws = experiment.analysis.bootstrap.unwrap_or(0);
        let whole = |metric: usize, parts: usize| {
            let planned = &job.plan.metrics[metric];
            let width = if planned.layout.denominator { 2 } else { 1 };
            Whole {
                parts: (parts > 0).then(|| JointSums::new(parts)),
                drawing: (draws > 0).then(|| Drawing::new(draws, width, planned.metric.quantile)),
            }
        };
        let metrics = recipes.all().enumerate();
        Self {
            metrics: metrics
                .map(|(metric, recipes)| {
                    let variants = experiment.variants.iter();
                    variants.map(|_| whole(metric, recipes.parts())).collect()
                })
                .collect(),
            draws,
        }
    }

    /// Adds the units of a shard.
    pub(super) fn add(&mut self, values: UnitValues<'_>, from: From, recipes: &Recipes) {
        self.add_parts(values, from, recipes);
        if self.draws == 0 {
            return;
        }
        let mut weights = Vec::new();
        for unit in values.units.all() {
            if values.entry(unit, from).is_none() {
                continue;
            }
            let row = values.units.rows.row(unit);
            let word = super::draws::weights_of(values.job, row, self.draws, &mut weights);
            for (recipes, wholes) in recipes.all().zip(&mut self.metrics) {
                for variant in values.variants(unit) {
                    if let Some(drawing) = &mut wholes[usize::from(variant)].drawing {
                        let recipe = recipes.of(variant);
                        match recipe.brought(values, unit) {
                            Brought::Rows => drawing.add_rows(recipe.rows(values, unit), word),
                            brought => drawing.add(&brought, word, &weights),
                        }
                    }
                }
            }
        }
    }

    fn add_parts(&mut self, values: UnitValues<'_>, from: From, recipes: &Recipes) {
        let mut in_parts = Vec::new();
        for (recipes, wholes) in recipes.all().zip(&mut self.metrics) {
            if recipes.parts() == 0 {
                continue;
            }
            for unit in values.units.all() {
                if values.entry(unit, from).is_none() {
                    continue;
                }
                for variant in values.variants(unit) {
                    let recipe = recipes.of(variant);
                    if recipe.in_parts(values, unit, &mut in_parts)
                        && let Some(parts) = &mut wholes[usize::from(variant)].parts
                    {
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
            if let (Some(ours), Some(theirs)) = (&mut ours.drawing, theirs.drawing) {
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
                let Some(cell) = cells.get_mut(&key) else {
                    continue;
                };
                let further = &mut cell.further;
                further.parts.clone_from(&whole.parts);
                further.draws = whole.drawing.as_ref().and_then(Drawing::finish);
            }
        }
    }
}
