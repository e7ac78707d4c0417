//! Sums units into the clusters they nest in, where somebody asks for it: for the whole of a population, and by epoch of weights
//! and segment level. Not by day of entry: clusters go over several, and days could not be put together again.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::counts::epoch_of_unit;
use super::job::Job;
use super::unit_row::label_at;
use super::unit_values::{Brought, From, Recipes, UnitValues};
use crate::domain::evidence::{Cell, CellKey, ExactSum, JointSums, Partition, Slice};

/// The clusters of one population in the making.
#[derive(Debug)]
pub(super) struct Clusters {
    /// By slice, then by metric and variant. Nothing where units do not nest.
    slices: BTreeMap<Place, Vec<Vec<Sums>>>,
    metrics: usize,
    variants: usize,
}

/// A slice, as a unit's row tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    All,
    Epoch(u8),
    /// The position of a segment in the plan, and the number of a level.
    Level(usize, u8),
}

/// Sums a cluster, of each quantity, and its units.
#[derive(Debug, Default)]
struct Sums(HashMap<u128, (Vec<ExactSum>, u64)>);

impl Clusters {
    pub(super) fn new(job: &Job<'_>) -> Self {
        Self {
            slices: BTreeMap::new(),
            metrics: job.plan.metrics.len(),
            variants: job.plan.experiment.variants.len(),
        }
    }

    /// Adds the units of a shard.
    pub(super) fn add(&mut self, values: UnitValues<'_>, from: From, recipes: &Recipes) {
        let job = values.job;
        let Some(cluster_at) = job.cluster_at else {
            return;
        };
        let has_epochs = job.plan.experiment.epochs.len() > 1;
        let mut places = Vec::new();
        for unit in values.units.all() {
            if values.entry(unit, from).is_none() {
                continue;
            }
            let row = values.units.rows.row(unit);
            let cluster = label_at(row, cluster_at);
            places.clear();
            places.push(Place::All);
            places.extend(has_epochs.then(|| Place::Epoch(epoch_of_unit(values, unit))));
            let levels = job.level_at.iter().enumerate();
            places.extend(levels.map(|(segment, place)| Place::Level(segment, row[*place])));
            for (metric, recipes) in recipes.all().enumerate() {
                for variant in values.variants(unit) {
                    let brought = recipes.of(variant).brought(values, unit);
                    for place in &places {
                        self.of(*place)[metric][usize::from(variant)].add(cluster, &brought);
                    }
                }
            }
        }
    }

    fn of(&mut self, place: Place) -> &mut Vec<Vec<Sums>> {
        let (metrics, variants) = (self.metrics, self.variants);
        let none = || (0..variants).map(|_| Sums::default()).collect();
        let slice = self.slices.entry(place);
        slice.or_insert_with(|| (0..metrics).map(|_| none()).collect())
    }

    /// Adds the units of other shards.
    pub(super) fn merge(&mut self, other: Self) {
        for (place, theirs) in other.slices {
            let ours = self.of(place).iter_mut().flatten();
            for (ours, theirs) in ours.zip(theirs.into_iter().flatten()) {
                ours.merge(theirs);
            }
        }
    }

    /// Puts them into the cells of the population that are there.
    pub(super) fn finish(
        &self,
        job: &Job<'_>,
        partition: Partition,
        cells: &mut BTreeMap<CellKey, Cell>,
    ) {
        if job.cluster_at.is_none() {
            return;
        }
        for (key, cell) in cells.iter_mut() {
            if key.partition != partition {
                continue;
            }
            let none = || JointSums::new(job.plan.metrics[key.metric].layout.width() + 1);
            let place = place(job, &key.slice);
            cell.further.clusters = place.map(|place| {
                let slice = self.slices.get(&place);
                slice.map_or_else(none, |slice| slice[key.metric][key.variant].joint(none()))
            });
        }
    }
}

/// The place of a slice, where clusters are kept for it.
fn place(job: &Job<'_>, slice: &Slice) -> Option<Place> {
    match slice {
        Slice::All => Some(Place::All),
        Slice::Epoch(epoch) => u8::try_from(*epoch).ok().map(Place::Epoch),
        Slice::EntryDay(_) => None,
        Slice::Segment { column, level } => {
            let mut segments = job.plan.segments.iter();
            let segment = segments.position(|segment| segment.column == *column)?;
            // Numbers begin at one; zero is a unit whose level nobody knows.
            let number = match level {
                None => 0,
                Some(level) => {
                    let names = job.levels[segment].names();
                    1 + names.iter().position(|name| name == level)?
                }
            };
            Some(Place::Level(segment, u8::try_from(number).ok()?))
        }
    }
}

impl Sums {
    /// Adds what a unit brings to its cluster.
    fn add(&mut self, cluster: u128, brought: &Brought) {
        let (one, values) = match brought {
            Brought::Open | Brought::Missing | Brought::Rows => return,
            Brought::One { value, .. } => ([*value], None),
            Brought::Values { values, width, .. } => ([0.0], Some(&values[..*width])),
        };
        let values = values.unwrap_or(&one);
        let (sums, units) = self
            .0
            .entry(cluster)
            .or_insert_with(|| (vec![ExactSum::default(); values.len()], 0));
        for (sum, value) in sums.iter_mut().zip(values) {
            sum.add(*value);
        }
        *units += 1;
    }

    fn merge(&mut self, other: Self) {
        for (cluster, (theirs, more)) in other.0 {
            match self.0.entry(cluster) {
                Entry::Vacant(entry) => {
                    entry.insert((theirs, more));
                }
                Entry::Occupied(mut entry) => {
                    let (ours, units) = entry.get_mut();
                    for (ours, theirs) in ours.iter_mut().zip(&theirs) {
                        ours.merge(theirs);
                    }
                    *units += more;
                }
            }
        }
    }

    /// Sums over clusters, into none: of each cluster the double nearest its exact sums, and its units.
    fn joint(&self, mut none: JointSums) -> JointSums {
        for (sums, units) in self.0.values() {
            let mut values: Vec<f64> = sums.iter().map(ExactSum::to_f64).collect();
            #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
            values.push(*units as f64);
            none.add(&values);
        }
        none
    }
}
