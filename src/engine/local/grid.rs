//! Sums units into cells: each population by day of entry and segment level, and the parts of itt that checks compare.
//!
//! A unit is put into the finest cell it belongs to, one for several ways of slicing, and the slices are merged from those.
//! Merging is exact, so it is the same as having summed each slice by itself.

use std::collections::BTreeMap;

use hashbrown::HashTable;

use super::beside::Beside;
use super::cap::Limits;
use super::clusters::Clusters;
use super::counts::epoch_of_unit;
use super::days::Days;
use super::finest::{Finest, merge};
use super::heaviest::Heavy;
use super::job::Job;
use super::unit_values::{Brought, From, Recipes, UnitValues};
use crate::domain::definition::Conventions;
use crate::domain::evidence::{Cell, CellKey, OrderStatistics, Partition, Slice};

/// More local days of entry than this are not shown one by one.
const DAYS: i64 = 400;
/// Cells that one group of slices may have a variant, about: few enough that those of every metric stay in cache, enough to
/// save a unit most of its puts.
const FINEST: usize = 64;
/// Days of entry that are reckoned with before any is known.
const LIKELY_DAYS: usize = 32;
/// Levels of a segment that are reckoned with, where fewer have been met.
const LIKELY_LEVELS: usize = 6;
/// The most segments sliced together.
const TOGETHER: usize = 6;
/// Units whose metrics are summed one after the other while their rows are in cache.
const BLOCK: usize = 256;

/// The parts of itt, from assignment, in the order of [`Place::part`].
const PARTS: [Partition; 3] = [
    Partition::ExposedFromAssignment,
    Partition::Unexposed,
    Partition::Unplaced,
];

/// The finest cell of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    variant: u8,
    part: u8,
    /// The epoch of weights it was assigned in.
    epoch: u8,
    day: i64,
    levels: [u8; TOGETHER],
}

impl Place {
    /// A hash that mixes every part in; few places differ in much.
    fn hash(&self) -> u64 {
        const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
        let levels = self.levels.iter().fold(
            u64::from(self.variant) << 16 | u64::from(self.epoch) << 8 | u64::from(self.part),
            |levels, level| levels << 8 | u64::from(*level),
        );
        let mixed = (levels.wrapping_mul(MIX) ^ self.day.cast_unsigned()).wrapping_mul(MIX);
        mixed ^ mixed >> 32
    }
}

/// The places met so far, each with its number.
#[derive(Debug, Default)]
struct Places {
    numbers: HashTable<u32>,
    all: Vec<Place>,
}

impl Places {
    /// The number of a place, and whether it is new.
    #[inline]
    fn number(&mut self, place: Place) -> (u32, bool) {
        let all = &self.all;
        let entry = self.numbers.entry(
            place.hash(),
            |number| all[*number as usize] == place,
            |number| all[*number as usize].hash(),
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(entry) => (*entry.get(), false),
            hashbrown::hash_table::Entry::Vacant(entry) => {
                let number = u32::try_from(all.len()).unwrap_or(u32::MAX);
                entry.insert(number);
                self.all.push(place);
                (number, true)
            }
        }
    }
}

/// Slices that share their finest cells.
#[derive(Debug)]
struct GroupGrid {
    /// Whether days of entry are among them; the group that has them also makes the whole.
    days: bool,
    /// Positions of segments in the plan.
    segments: Vec<usize>,
    places: Places,
    /// By metric and place.
    cells: Vec<Vec<Finest>>,
}

/// Which segments are sliced together: a group of positions in the plan each, the first with days of entry.
///
/// It is settled once a run. Levels are still being met when shards come back from disk, and grids are only merged with those
/// of the same groups.
#[derive(Debug)]
pub(super) struct Together(Vec<Vec<usize>>);

impl Together {
    pub(super) fn new(job: &Job<'_>) -> Self {
        let mut groups = vec![Vec::new()];
        let mut finest = if job.has_time { LIKELY_DAYS } else { 1 };
        for (position, levels) in job.levels.iter().enumerate() {
            let count = (levels.names().len() + 1).max(LIKELY_LEVELS);
            finest = finest.saturating_mul(count);
            match groups.last_mut() {
                Some(last) if finest <= FINEST && last.len() < TOGETHER => last.push(position),
                _ => {
                    groups.push(vec![position]);
                    finest = count;
                }
            }
        }
        Self(groups)
    }
}

/// The cells of one population in the making, for every metric.
#[derive(Debug)]
pub(super) struct Grid {
    from: From,
    /// Whether itt is told apart by exposure.
    in_parts: bool,
    recipes: Recipes,
    groups: Vec<GroupGrid>,
    /// What only wholes keep.
    beside: Beside,
    clusters: Clusters,
    heavy: Heavy,
}

impl Grid {
    pub(super) fn new(
        job: &Job<'_>,
        conventions: &Conventions,
        from: From,
        limits: &[Vec<Limits>],
        together: &Together,
    ) -> Self {
        let metrics = job.plan.metrics.len();
        let groups = together.0.iter().enumerate();
        let groups = groups
            .map(|(position, segments)| GroupGrid {
                days: position == 0,
                segments: segments.clone(),
                places: Places::default(),
                cells: (0..metrics).map(|_| Vec::new()).collect(),
            })
            .collect();
        let recipes = Recipes::new(job, conventions, from, limits);
        Self {
            from,
            in_parts: job.plan.reads_exposed() && job.plan.exposures.is_some(),
            beside: Beside::new(job, &recipes),
            clusters: Clusters::new(job),
            heavy: Heavy::new(job, from == From::Assignment),
            recipes,
            groups,
        }
    }

    /// Adds the units of a shard.
    pub(super) fn add(&mut self, values: UnitValues<'_>) {
        let mut units: Vec<(u32, u8)> = Vec::with_capacity(BLOCK);
        let mut places: Vec<Vec<u32>> = vec![Vec::with_capacity(BLOCK); self.groups.len()];
        for unit in values.units.all() {
            let Some(entry) = values.entry(unit, self.from) else {
                continue;
            };
            for variant in values.variants(unit) {
                units.push((unit, variant));
                for (group, places) in self.groups.iter_mut().zip(&mut places) {
                    let part = part_of(values, unit, self.from, self.in_parts);
                    places.push(group.place(values, unit, entry, variant, part));
                }
            }
            if units.len() >= BLOCK {
                self.put(values, &mut units, &mut places);
            }
        }
        self.put(values, &mut units, &mut places);
        self.beside.add(values, self.from, &self.recipes);
        self.clusters.add(values, self.from, &self.recipes);
    }

    fn put(&mut self, values: UnitValues<'_>, units: &mut Vec<(u32, u8)>, places: &mut [Vec<u32>]) {
        for (metric, recipes) in self.recipes.all().enumerate() {
            for (position, (unit, variant)) in units.iter().enumerate() {
                let recipe = recipes.of(*variant);
                // Kept where it is made: to copy what was just written in pieces would wait for the pieces.
                let brought = recipe.brought(values, *unit);
                let rows = match brought {
                    Brought::Rows => recipe.rows(values, *unit),
                    _ => &[],
                };
                self.heavy.put(metric, *variant, &brought);
                for (group, places) in self.groups.iter_mut().zip(&*places) {
                    let finest = &mut group.cells[metric][places[position] as usize];
                    finest.put(&brought);
                    if !rows.is_empty() {
                        finest.put_rows(rows);
                    }
                }
            }
        }
        units.clear();
        places.iter_mut().for_each(Vec::clear);
    }

    /// Adds the units of other shards.
    pub(super) fn merge(&mut self, other: Self, job: &Job<'_>) {
        for (ours, theirs) in self.groups.iter_mut().zip(other.groups) {
            for (number, place) in theirs.places.all.iter().enumerate() {
                let known = ours.number(*place, job) as usize;
                for (ours, theirs) in ours.cells.iter_mut().zip(&theirs.cells) {
                    ours[known].merge(&theirs[number]);
                }
            }
        }
        self.beside.merge(other.beside);
        self.clusters.merge(other.clusters);
        self.heavy.merge(&other.heavy);
    }

    /// The finished cells of every metric.
    pub(super) fn finish(&self, job: &Job<'_>, cells: &mut BTreeMap<CellKey, Cell>) {
        let names: Vec<Vec<String>> = job
            .levels
            .iter()
            .map(super::levels::Levels::names)
            .collect();
        self.prepare(job, cells);
        let mut ordered: BTreeMap<CellKey, (Vec<f64>, Vec<u32>)> = BTreeMap::new();
        let tells_days = job.has_time && self.tells_days();
        for group in &self.groups {
            for (number, place) in group.places.all.iter().enumerate() {
                let slices = group.slices(job, place, tells_days, &names);
                let partitions = self.partitions(*place);
                for (metric, of_place) in group.cells.iter().enumerate() {
                    let finest = &of_place[number];
                    let cell = &finest.cell();
                    for (position, slice) in slices.iter().enumerate() {
                        // Parts of itt are for checks, which compare them as wholes.
                        let is_whole = position == 0 && group.days;
                        let partitions = &partitions[..if is_whole { partitions.len() } else { 1 }];
                        for partition in partitions {
                            let key = CellKey {
                                metric,
                                partition: *partition,
                                slice: slice.clone(),
                                variant: usize::from(place.variant),
                            };
                            if finest.ordered && *partition == partitions[0] {
                                let (values, sizes) = ordered.entry(key.clone()).or_default();
                                values.extend_from_slice(&finest.values);
                                sizes.extend_from_slice(&finest.sizes);
                            }
                            add(cells, key, job, cell, is_whole);
                        }
                    }
                }
            }
        }
        for (key, (values, sizes)) in ordered {
            let quantile = job.plan.metrics[key.metric].metric.quantile;
            if let (Some(cell), Some(quantile)) = (cells.get_mut(&key), quantile) {
                cell.order = Some(if sizes.is_empty() {
                    OrderStatistics::of(quantile, values)
                } else {
                    OrderStatistics::of_rows(quantile, &values, &sizes)
                });
            }
        }
        let population = match self.from {
            From::Assignment => Partition::Itt,
            From::Exposure => Partition::Exposed,
        };
        // A cell of nobody has no values, and says so.
        for (key, cell) in cells.iter_mut() {
            let ordered = job.plan.metrics[key.metric].layout.ordered;
            if ordered && key.partition == population && cell.order.is_none() {
                cell.order = Some(OrderStatistics::of(0.5, Vec::new()));
            }
        }
        self.beside.finish(population, cells);
        self.clusters.finish(job, population, cells);
        self.heavy.finish(cells);
    }

    /// Makes the whole of every population and part, so that an empty one is there and says so.
    fn prepare(&self, job: &Job<'_>, cells: &mut BTreeMap<CellKey, Cell>) {
        let partitions: &[Partition] = match (self.from, self.in_parts) {
            (From::Exposure, _) => &[Partition::Exposed],
            (From::Assignment, false) => &[Partition::Itt],
            (From::Assignment, true) => &[
                Partition::Itt,
                Partition::ExposedFromAssignment,
                Partition::Unexposed,
                Partition::Unplaced,
            ],
        };
        for (metric, planned) in job.plan.metrics.iter().enumerate() {
            for partition in partitions {
                for variant in 0..job.plan.experiment.variants.len() {
                    let key = CellKey {
                        metric,
                        partition: *partition,
                        slice: Slice::All,
                        variant,
                    };
                    cells.insert(key, Cell::empty(planned.layout));
                }
            }
        }
    }

    /// The population of a place, and then its part.
    fn partitions(&self, place: Place) -> Vec<Partition> {
        match self.from {
            From::Exposure => vec![Partition::Exposed],
            From::Assignment if self.in_parts => {
                vec![Partition::Itt, PARTS[usize::from(place.part)]]
            }
            From::Assignment => vec![Partition::Itt],
        }
    }

    /// Whether days of entry are few enough to be told apart.
    fn tells_days(&self) -> bool {
        let places = self.groups.iter().filter(|group| group.days);
        let days = places.flat_map(|group| group.places.all.iter().map(|place| place.day));
        let range = days.fold(None, |range: Option<(i64, i64)>, day| {
            Some(range.map_or((day, day), |(first, last)| (first.min(day), last.max(day))))
        });
        range.is_some_and(|(first, last)| last - first < DAYS)
    }
}

impl GroupGrid {
    /// The number of the finest cell of a unit.
    fn place(
        &mut self,
        values: UnitValues<'_>,
        unit: u32,
        entry: i64,
        variant: u8,
        part: u8,
    ) -> u32 {
        let job = values.job;
        let row = values.units.rows.row(unit);
        let mut levels = [0; TOGETHER];
        for (level, segment) in levels.iter_mut().zip(&self.segments) {
            *level = row[job.level_at[*segment]];
        }
        let place = Place {
            variant,
            part: if self.days { part } else { 0 },
            epoch: if self.days {
                epoch_of_unit(values, unit)
            } else {
                0
            },
            day: if self.days && job.has_time {
                job.days.day(entry)
            } else {
                0
            },
            levels,
        };
        self.number(place, job)
    }

    fn number(&mut self, place: Place, job: &Job<'_>) -> u32 {
        let (number, is_new) = self.places.number(place);
        if is_new {
            for (cells, planned) in self.cells.iter_mut().zip(&job.plan.metrics) {
                cells.push(Finest::empty(planned.layout));
            }
        }
        number
    }

    /// The slices a place belongs to; the whole comes first, in the group that makes it.
    fn slices(
        &self,
        job: &Job<'_>,
        place: &Place,
        tells_days: bool,
        names: &[Vec<String>],
    ) -> Vec<Slice> {
        let mut slices = Vec::new();
        if self.days {
            slices.push(Slice::All);
            if tells_days {
                slices.push(Slice::EntryDay(Days::name(place.day)));
            }
            if job.plan.experiment.epochs.len() > 1 {
                slices.push(Slice::Epoch(usize::from(place.epoch)));
            }
        }
        for (segment, level) in self.segments.iter().zip(place.levels) {
            slices.push(Slice::Segment {
                column: job.plan.segments[*segment].column.clone(),
                level: names[*segment]
                    .get(usize::from(level).wrapping_sub(1))
                    .cloned(),
            });
        }
        slices
    }
}

/// The part of itt that a unit is in.
fn part_of(values: UnitValues<'_>, unit: u32, from: From, in_parts: bool) -> u8 {
    match from {
        From::Assignment if in_parts => match values.units.exposed_at(unit) {
            Some(_) => 0,
            None if values.units.only_invalid(unit) => 2,
            None => 1,
        },
        From::Assignment | From::Exposure => 0,
    }
}

/// Adds a finest cell to one of its slices. An empty slice is not made, but for the whole.
fn add(
    cells: &mut BTreeMap<CellKey, Cell>,
    key: CellKey,
    job: &Job<'_>,
    cell: &Cell,
    is_whole: bool,
) {
    let is_empty = cell.units() == 0 && cell.open == 0 && cell.missing == 0;
    if is_whole || !is_empty {
        let layout = job.plan.metrics[key.metric].layout;
        merge(
            cells.entry(key).or_insert_with(|| Cell::empty(layout)),
            cell,
        );
    }
}
