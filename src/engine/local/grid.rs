//! Sums units into cells: each population by day of entry and segment level, and the parts of itt that checks compare.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::days::Days;
use super::read::{From, Members, Read};
use super::rows::{NO_LEVEL, Segmented};
use super::unit_values::{Brought, Limits, UnitValues};
use super::{EngineError, Progress};
use crate::domain::definition::Conventions;
use crate::domain::evidence::{Cell, CellKey, Evidence, Partition, Slice};
use crate::plan::Plan;

/// More local days of entry than this are not shown one by one.
const DAYS: usize = 400;

/// A metric's cells and what it was clipped at.
type MetricCells = (Vec<(CellKey, Cell)>, Limits);

/// Everything cells are made from, under one set of conventions.
pub(super) struct Grid<'a> {
    plan: &'a Plan,
    read: &'a Read,
    members: Members<'a>,
    values: UnitValues<'a>,
    segments: Vec<&'a Segmented>,
}

impl<'a> Grid<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        read: &'a Read,
        conventions: &'a Conventions,
        members: Members<'a>,
    ) -> Self {
        let mut segments: Vec<&Segmented> =
            read.readers().flat_map(|reader| &reader.segments).collect();
        segments.sort_by_key(|segment| segment.position);
        Self {
            plan,
            read,
            members,
            values: UnitValues::new(plan, read, conventions),
            segments,
        }
    }

    /// Every metric's cells, shared out over threads: each metric is summed by one, so threads cannot show.
    pub(super) fn all_metrics(
        &self,
        threads: usize,
        progress: &Progress,
    ) -> Result<Vec<MetricCells>, EngineError> {
        let count = self.plan.metrics.len();
        let next = AtomicUsize::new(0);
        let done: Vec<Mutex<Option<MetricCells>>> = (0..count).map(|_| Mutex::new(None)).collect();
        std::thread::scope(|scope| {
            for _ in 0..threads.clamp(1, count.max(1)) {
                scope.spawn(|| {
                    loop {
                        let metric = next.fetch_add(1, Ordering::Relaxed);
                        if metric >= count || progress.is_cancelled() {
                            break;
                        }
                        let cells = self.metric(metric);
                        if let Ok(mut slot) = done[metric].lock() {
                            *slot = Some(cells);
                        }
                    }
                });
            }
        });
        let cells = done
            .into_iter()
            .map(|slot| slot.into_inner().ok().flatten())
            .collect::<Option<Vec<_>>>();
        cells.ok_or(EngineError::Cancelled)
    }

    fn metric(&self, metric: usize) -> MetricCells {
        let limits = self.values.limits(metric, &self.members);
        let mut cells = Vec::new();
        self.sum_population(metric, Partition::Itt, From::Assignment, limits, &mut cells);
        if self.plan.reads_exposed() && self.read.exposed.is_some() {
            self.sum_population(
                metric,
                Partition::Exposed,
                From::Exposure,
                limits,
                &mut cells,
            );
            self.sum_parts(metric, limits, &mut cells);
        }
        (cells, limits)
    }

    /// Cells of a population: all of it, by segment level, by day of entry.
    fn sum_population(
        &self,
        metric: usize,
        partition: Partition,
        from: From,
        limits: Limits,
        cells: &mut Vec<(CellKey, Cell)>,
    ) {
        let layout = self.plan.metrics[metric].layout;
        let exposures = &self.read.assigned.units.exposures;
        let is_in =
            |unit: u32| from == From::Assignment || exposures[unit as usize].first.is_some();
        let slots = self.slots(from);
        let variants = self.plan.experiment.variants.len();
        let mut grid: Vec<Cell> = vec![Cell::empty(layout); variants * slots.width()];
        for unit in self.read.units().filter(|unit| is_in(*unit)) {
            let mut brought = None;
            for variant in self.members.variants(unit) {
                let brought =
                    brought.get_or_insert_with(|| self.values.brought(metric, unit, from, limits));
                let base = usize::from(variant) * slots.width();
                put(&mut grid[base + slots.day_slot(self, unit, from)], brought);
                for (segment, offset) in self.segments.iter().zip(&slots.segments) {
                    let level = segment.levels[unit as usize];
                    let column = if level == NO_LEVEL {
                        segment.level_count()
                    } else {
                        level as usize
                    };
                    put(&mut grid[base + offset + column], brought);
                }
            }
        }
        self.emit(metric, partition, &slots, grid, cells);
    }

    /// Gives grid cells their keys. The whole is merged from its days, which is exact and so the same as one pass.
    fn emit(
        &self,
        metric: usize,
        partition: Partition,
        slots: &Slots,
        grid: Vec<Cell>,
        cells: &mut Vec<(CellKey, Cell)>,
    ) {
        let layout = self.plan.metrics[metric].layout;
        let width = slots.width();
        let key = |slice: Slice, variant: usize| CellKey {
            metric,
            partition,
            slice,
            variant,
        };
        for variant in 0..self.plan.experiment.variants.len() {
            let mut whole = Cell::empty(layout);
            for cell in &grid[variant * width..variant * width + slots.days.max(1)] {
                merge(&mut whole, cell);
            }
            cells.push((key(Slice::All, variant), whole));
        }
        for (position, cell) in grid.into_iter().enumerate() {
            let (variant, slot) = (position / width, position % width);
            if let Some(slice) = slots.slice(self, slot)
                && !is_empty(&cell)
            {
                cells.push((key(slice, variant), cell));
            }
        }
    }

    /// Cells that exist for checks: the parts of itt, from assignment.
    fn sum_parts(&self, metric: usize, limits: Limits, cells: &mut Vec<(CellKey, Cell)>) {
        let parts = [
            Partition::ExposedFromAssignment,
            Partition::Unexposed,
            Partition::Unplaced,
        ];
        let variants = self.plan.experiment.variants.len();
        let layout = self.plan.metrics[metric].layout;
        let mut grid = vec![Cell::empty(layout); parts.len() * variants];
        for unit in self.read.units() {
            let state = &self.read.assigned.units.exposures[unit as usize];
            let part = match (state.first, state.only_invalid()) {
                (Some(_), _) => 0,
                (None, false) => 1,
                (None, true) => 2,
            };
            for variant in self.members.variants(unit) {
                let brought = self.values.brought(metric, unit, From::Assignment, limits);
                put(&mut grid[part * variants + usize::from(variant)], &brought);
            }
        }
        for (position, cell) in grid.into_iter().enumerate() {
            let key = CellKey {
                metric,
                partition: parts[position / variants],
                slice: Slice::All,
                variant: position % variants,
            };
            cells.push((key, cell));
        }
    }

    /// The grid's columns: days of entry (one for all where there are none to tell apart), then levels a segment.
    fn slots(&self, from: From) -> Slots {
        let days = self.entry_days(from);
        let mut next = days.map_or(1, |(_, count)| count);
        let mut slots = Slots {
            first_day: days.map(|(first, _)| first),
            days: next,
            segments: Vec::new(),
            total: 0,
        };
        for segment in &self.segments {
            slots.segments.push(next);
            // Its levels, and one for unknown.
            next += segment.level_count() + 1;
        }
        slots.total = next;
        slots
    }

    /// The first local day of entry and how many there are.
    fn entry_days(&self, from: From) -> Option<(i64, usize)> {
        if !self.read.assigned.has_time {
            return None;
        }
        let members = self.read.units().filter(|unit| self.members.counts(*unit));
        let days = members
            .filter_map(|unit| self.read.entry(unit, from))
            .map(|at| self.read.days.day(at));
        let (first, last) = days.fold((i64::MAX, i64::MIN), |(first, last), day| {
            (first.min(day), last.max(day))
        });
        let count = usize::try_from(last.checked_sub(first)?).ok()? + 1;
        (count <= DAYS).then_some((first, count))
    }
}

/// The columns of a grid of cells.
struct Slots {
    first_day: Option<i64>,
    days: usize,
    /// The first column of each segment.
    segments: Vec<usize>,
    total: usize,
}

impl Slots {
    fn width(&self) -> usize {
        self.total
    }

    fn day_slot(&self, grid_of: &Grid<'_>, unit: u32, from: From) -> usize {
        let (Some(first), Some(at)) = (self.first_day, grid_of.read.entry(unit, from)) else {
            return 0;
        };
        usize::try_from(grid_of.read.days.day(at) - first)
            .unwrap_or(0)
            .min(self.days - 1)
    }

    /// The slice of a column; `None` for the one that stands for all.
    fn slice(&self, grid_of: &Grid<'_>, slot: usize) -> Option<Slice> {
        if slot < self.days {
            let day = self.first_day? + i64::try_from(slot).ok()?;
            return Some(Slice::EntryDay(Days::name(day)));
        }
        let position = self
            .segments
            .partition_point(|first| *first <= slot)
            .checked_sub(1)?;
        let segment = grid_of.segments.get(position)?;
        let column = grid_of.plan.segments.get(segment.position)?.column.clone();
        let level = segment
            .names()
            .get(slot - self.segments[position])
            .map(|name| (*name).to_owned());
        Some(Slice::Segment { column, level })
    }
}

/// Adds what a unit brings to a cell.
fn put(cell: &mut Cell, brought: &Brought) {
    match brought {
        Brought::Open => cell.open += 1,
        Brought::Missing => cell.missing += 1,
        Brought::Values {
            values,
            width,
            capped,
        } => {
            cell.capped += u64::from(*capped);
            if let Evidence::Exact(sums) = &mut cell.evidence {
                sums.add(&values[..*width]);
            }
        }
    }
}

fn merge(whole: &mut Cell, part: &Cell) {
    if let (Evidence::Exact(ours), Evidence::Exact(theirs)) = (&mut whole.evidence, &part.evidence)
    {
        ours.merge(theirs);
    }
    whole.open += part.open;
    whole.missing += part.missing;
    whole.capped += part.capped;
}

fn is_empty(cell: &Cell) -> bool {
    cell.units() == 0 && cell.open == 0 && cell.missing == 0
}
