//! Sums what only the whole of a population keeps, where somebody asks for it: the value over the time since entry, the sums of
//! clusters, units drawn anew.

use std::collections::{BTreeMap, HashMap};

use super::draws::Drawing;
use super::job::Job;
use super::unit_row::label_at;
use super::unit_values::{Brought, From, Recipe, UnitValues};
use crate::domain::evidence::{Cell, CellKey, ExactSum, JointSums, Partition, Slice};

/// The wholes of one population in the making: of each metric, of each variant.
#[derive(Debug)]
pub(super) struct Beside {
    metrics: Vec<Vec<Whole>>,
    /// How many draws there are.
    draws: u32,
    clustered: bool,
}

/// What one variant keeps of one metric.
#[derive(Debug)]
struct Whole {
    parts: Option<JointSums>,
    clusters: Clusters,
    drawing: Option<Drawing>,
}

/// Sums a cluster: of each quantity, and units.
#[derive(Debug, Default)]
struct Clusters {
    sums: HashMap<u128, (Vec<ExactSum>, u64)>,
}

impl Beside {
    pub(super) fn new(job: &Job<'_>, recipes: &[Recipe]) -> Self {
        let experiment = &job.plan.experiment;
        let draws = experiment.analysis.bootstrap.unwrap_or(0);
        let whole = |metric: usize, recipe: &Recipe| {
            let planned = &job.plan.metrics[metric];
            let width = if planned.layout.denominator { 2 } else { 1 };
            Whole {
                parts: (recipe.parts() > 0).then(|| JointSums::new(recipe.parts())),
                clusters: Clusters::default(),
                drawing: (draws > 0).then(|| Drawing::new(draws, width, planned.metric.quantile)),
            }
        };
        let metrics = recipes.iter().enumerate();
        Self {
            metrics: metrics
                .map(|(metric, recipe)| {
                    let variants = experiment.variants.iter();
                    variants.map(|_| whole(metric, recipe)).collect()
                })
                .collect(),
            draws,
            clustered: job.cluster_at.is_some(),
        }
    }

    /// Adds the units of a shard.
    pub(super) fn add(&mut self, values: UnitValues<'_>, from: From, recipes: &[Recipe]) {
        self.add_parts(values, from, recipes);
        if !self.clustered && self.draws == 0 {
            return;
        }
        let mut weights = Vec::new();
        for unit in values.units.all() {
            if values.entry(unit, from).is_none() {
                continue;
            }
            let row = values.units.rows.row(unit);
            let cluster = values.job.cluster_at.map(|place| label_at(row, place));
            let word = super::draws::weights_of(values.job, row, self.draws, &mut weights);
            for (recipe, wholes) in recipes.iter().zip(&mut self.metrics) {
                let brought = recipe.brought(values, unit);
                for variant in values.variants(unit) {
                    let whole = &mut wholes[usize::from(variant)];
                    if let Some(cluster) = cluster {
                        whole.clusters.add(cluster, &brought);
                    }
                    if let Some(drawing) = &mut whole.drawing {
                        drawing.add(&brought, word, &weights);
                    }
                }
            }
        }
    }

    fn add_parts(&mut self, values: UnitValues<'_>, from: From, recipes: &[Recipe]) {
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
            ours.clusters.merge(theirs.clusters);
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
                further.clusters = self.clustered.then(|| whole.clusters.sums());
                further.draws = whole.drawing.as_ref().and_then(Drawing::finish);
            }
        }
    }
}

impl Clusters {
    /// Adds what a unit brings to its cluster.
    fn add(&mut self, cluster: u128, brought: &Brought) {
        let (one, values) = match brought {
            Brought::Open | Brought::Missing => return,
            Brought::One { value, .. } => ([*value], None),
            Brought::Values { values, width, .. } => ([0.0], Some(&values[..*width])),
        };
        let values = values.unwrap_or(&one);
        let (sums, units) = self
            .sums
            .entry(cluster)
            .or_insert_with(|| (vec![ExactSum::default(); values.len()], 0));
        for (sum, value) in sums.iter_mut().zip(values) {
            sum.add(*value);
        }
        *units += 1;
    }

    fn merge(&mut self, other: Self) {
        for (cluster, (theirs, more)) in other.sums {
            match self.sums.entry(cluster) {
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert((theirs, more));
                }
                std::collections::hash_map::Entry::Occupied(mut entry) => {
                    let (ours, units) = entry.get_mut();
                    for (ours, theirs) in ours.iter_mut().zip(&theirs) {
                        ours.merge(theirs);
                    }
                    *units += more;
                }
            }
        }
    }

    /// Sums over clusters: of each the double nearest its exact sums, and its units.
    fn sums(&self) -> JointSums {
        let width = self.sums.values().next().map_or(1, |(sums, _)| sums.len());
        let mut joint = JointSums::new(width + 1);
        for (sums, units) in self.sums.values() {
            let mut values: Vec<f64> = sums.iter().map(ExactSum::to_f64).collect();
            #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
            values.push(*units as f64);
            joint.add(&values);
        }
        joint
    }
}
