//! Turns the numbers of units into cells: populations, slices, caps, exact sums. The last step, and the only one that
//! depends on the set of conventions.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::assignments::Assigned;
use super::cap;
use super::counts;
use super::days::Days;
use super::exposures::Exposed;
use super::facts::Facts;
use super::rows::{Declared, NO_LEVEL, RowReader, Segmented};
use super::units::Units;
use super::{EngineError, Progress};
use crate::domain::definition::{
    Anchor, Application, Cap, Conventions, Covariate, Missing, SeveralVariants, Timestamp,
    UnitsRule,
};
use crate::domain::evidence::{
    AsOf, Cell, CellKey, Evidence, IdentifierCounts, Partition, Slice, Summary,
};
use crate::plan::{Plan, PlannedMetric};

/// More local days of entry than this are not shown one by one.
const DAYS: usize = 400;

/// Everything that the passes read.
pub(super) struct Read {
    pub(super) as_of: AsOf,
    pub(super) days: Days,
    pub(super) assigned: Assigned,
    pub(super) exposed: Option<Exposed>,
    pub(super) passes: Vec<Facts>,
    pub(super) tied_units: u64,
}

/// Ranks of variants by label, bytewise: what ties are settled by.
pub(super) fn label_ranks(variants: &[String]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..variants.len()).collect();
    order.sort_unstable_by_key(|position| &variants[*position]);
    let mut ranks = vec![0; variants.len()];
    for (rank, position) in order.into_iter().enumerate() {
        ranks[position] = rank;
    }
    ranks
}

/// Who is in which variant under one convention.
pub(super) struct Members<'a> {
    units: &'a Units,
    rule: SeveralVariants,
}

impl Members<'_> {
    /// The variants a unit counts in.
    pub(super) fn variants(&self, unit: u32) -> impl Iterator<Item = u8> + use<> {
        let slot = unit as usize;
        let (all, first) = (self.units.variants[slot], 1_u64 << self.units.variant[slot]);
        let counted = match self.rule {
            SeveralVariants::Exclude if all.count_ones() > 1 => 0,
            SeveralVariants::Exclude | SeveralVariants::FirstSeen => first,
            SeveralVariants::KeepInBoth => all,
        };
        (0..64).filter(move |bit| counted >> bit & 1 == 1)
    }
}

/// Makes one summary a set of conventions.
pub(super) fn finish(
    plan: &Plan,
    mut read: Read,
    threads: usize,
    progress: &Progress,
) -> Result<Vec<Summary>, EngineError> {
    let exposure = counts::exposure(&plan.experiment, &mut read);
    let mut summaries = Vec::with_capacity(plan.conventions.len());
    for conventions in &plan.conventions {
        let members = Members {
            units: &read.assigned.units,
            rule: conventions.several_variants,
        };
        let assignment = counts::assignment(&plan.experiment, &read, &members);
        let exposure = exposure
            .clone()
            .map(|counts| counts::place_exposures(&plan.experiment, &read, &members, counts));
        let summing = Summing::new(plan, &read, conventions, members);
        let metrics = summing.all_metrics(threads, progress)?;
        let enrolment = summing.enrolment();
        let mut cells = BTreeMap::new();
        let mut caps = Vec::with_capacity(metrics.len());
        for (metric_cells, limits) in metrics {
            cells.extend(metric_cells);
            caps.push(limits);
        }
        summaries.push(Summary {
            as_of: read.as_of.clone(),
            enrolment,
            layouts: plan.metrics.iter().map(|planned| planned.layout).collect(),
            caps,
            cells,
            assignment: Some(assignment),
            exposure,
            outcomes: read
                .passes
                .iter()
                .filter_map(|pass| pass.outcomes.clone())
                .collect(),
            attributes: read
                .passes
                .iter()
                .filter_map(|pass| pass.attributes.clone())
                .collect(),
            identifiers: identifiers(&read),
            ledgers: Vec::new(),
        });
    }
    let variants = &plan.experiment.variants;
    let mut ledgers = vec![read.assigned.ledger.finish(variants)];
    ledgers.extend(read.exposed.map(|exposed| exposed.ledger.finish(variants)));
    ledgers.extend(
        read.passes
            .into_iter()
            .map(|pass| pass.ledger.finish(variants)),
    );
    for summary in &mut summaries {
        summary.ledgers.clone_from(&ledgers);
    }
    Ok(summaries)
}

fn identifiers(read: &Read) -> IdentifierCounts {
    let mut total = IdentifierCounts::default();
    let passes = read.passes.iter().map(|pass| &pass.identifiers);
    let exposed = read.exposed.iter().map(|exposed| &exposed.identifiers);
    for counts in std::iter::once(&read.assigned.identifiers)
        .chain(exposed)
        .chain(passes)
    {
        total.rows += counts.rows;
        total.null += counts.null;
        total.placeholder += counts.placeholder;
        total.zero_padded += counts.zero_padded;
    }
    total
}

type MetricCells = (Vec<(CellKey, Cell)>, (Option<f64>, Option<f64>));

/// Which anchor a unit's numbers are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Assignment,
    Exposure,
}

/// What a unit brings to a cell.
enum Brought {
    Open,
    Missing,
    Values { values: Vec<f64>, capped: bool },
}

/// Summing under one set of conventions.
struct Summing<'a> {
    plan: &'a Plan,
    read: &'a Read,
    conventions: &'a Conventions,
    members: Members<'a>,
    /// By position in the plan.
    declared: HashMap<usize, &'a Declared>,
    segments: Vec<&'a Segmented>,
}

impl<'a> Summing<'a> {
    fn new(
        plan: &'a Plan,
        read: &'a Read,
        conventions: &'a Conventions,
        members: Members<'a>,
    ) -> Self {
        let readers: Vec<&RowReader> = std::iter::once(&read.assigned.reader)
            .chain(read.exposed.iter().map(|exposed| &exposed.reader))
            .chain(read.passes.iter().map(|pass| &pass.reader))
            .collect();
        let declared = readers
            .iter()
            .flat_map(|reader| &reader.declared)
            .map(|declared| (declared.position, declared))
            .collect();
        let mut segments: Vec<&Segmented> =
            readers.iter().flat_map(|reader| &reader.segments).collect();
        segments.sort_by_key(|segment| segment.position);
        Self {
            plan,
            read,
            conventions,
            members,
            declared,
            segments,
        }
    }

    fn units(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.read.assigned.units.len()).unwrap_or(u32::MAX)
    }

    fn enrolment(&self) -> Option<(Timestamp, Timestamp)> {
        if !self.read.assigned.has_time {
            return None;
        }
        let assigned_at = &self.read.assigned.units.assigned_at;
        let members = self
            .units()
            .filter(|unit| self.members.variants(*unit).next().is_some());
        let instants = members.map(|unit| assigned_at[unit as usize]);
        instants.fold(None, |range: Option<(Timestamp, Timestamp)>, at| {
            let at = Timestamp(at);
            Some(range.map_or((at, at), |(first, last)| (first.min(at), last.max(at))))
        })
    }

    /// Every metric's cells, shared out over threads: each metric is summed by one, so threads cannot show.
    fn all_metrics(
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
        let planned = &self.plan.metrics[metric];
        let limits = self.limits(metric, planned);
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

    /// The limits of value and denominator.
    fn limits(&self, metric: usize, planned: &PlannedMetric) -> (Option<f64>, Option<f64>) {
        let applies = self.conventions.cap == Application::AsDefined;
        let Some(cap) = planned.metric.cap.filter(|_| applies) else {
            return (None, None);
        };
        let values = |declaration: Option<usize>| -> Option<f64> {
            let declaration = declaration?;
            if let Cap::Value(_) = cap {
                return cap::limit(cap, &mut []);
            }
            let mut values: Vec<f64> = self
                .units()
                .filter(|unit| self.members.variants(*unit).next().is_some())
                .filter(|unit| self.is_matured(metric, *unit, From::Assignment))
                .filter_map(|unit| self.value(declaration, unit, From::Assignment))
                .collect();
            cap::limit(cap, &mut values)
        };
        // A fixed limit is in the unit of the numerator; a quantile is found for each part by itself.
        let denominator = if matches!(cap, Cap::Quantile(_)) {
            values(planned.denominator)
        } else {
            None
        };
        (values(planned.value), denominator)
    }

    /// The anchor of a unit's window.
    fn anchor(&self, metric: usize, unit: u32, from: From) -> Option<i64> {
        let units = &self.read.assigned.units;
        let entry = self.plan.metrics[metric]
            .metric
            .window
            .as_ref()
            .is_none_or(|window| window.anchor == Anchor::Entry);
        match from {
            From::Exposure if entry => units
                .exposures
                .get(unit as usize)
                .and_then(|exposure| exposure.first),
            From::Exposure | From::Assignment => Some(units.assigned_at[unit as usize]),
        }
    }

    fn is_matured(&self, metric: usize, unit: u32, from: From) -> bool {
        if self.plan.units_rule(metric, self.conventions) == UnitsRule::All {
            return true;
        }
        let Some(window) = &self.plan.metrics[metric].metric.window else {
            return true;
        };
        let (Some(anchor), Some(as_of)) =
            (self.anchor(metric, unit, from), self.read.as_of.instant)
        else {
            return true;
        };
        anchor.saturating_add(window.end.0) <= as_of.0
    }

    /// A unit's number for a declaration, its missing rule applied.
    fn value(&self, declaration: usize, unit: u32, from: From) -> Option<f64> {
        let declared = self.declared.get(&declaration)?;
        let accumulator = match (from, &declared.exposed) {
            (From::Exposure, Some(exposed)) => exposed,
            _ => &declared.assigned,
        };
        let missing = self.plan.declarations[declaration].missing;
        match accumulator.value(unit).filter(|value| value.is_finite()) {
            Some(value) => Some(value),
            None if missing == Missing::Zero => Some(0.0),
            None => None,
        }
    }

    fn brought(
        &self,
        metric: usize,
        unit: u32,
        from: From,
        limits: (Option<f64>, Option<f64>),
    ) -> Brought {
        if !self.is_matured(metric, unit, from) {
            return Brought::Open;
        }
        let planned = &self.plan.metrics[metric];
        let mut values = Vec::with_capacity(planned.layout.width());
        let mut capped = false;
        let mut clip = |value: f64, limit: Option<f64>| match limit {
            Some(limit) if value > limit => {
                capped = true;
                limit
            }
            _ => value,
        };
        for (declaration, limit) in [(planned.value, limits.0), (planned.denominator, limits.1)] {
            let Some(declaration) = declaration else {
                continue;
            };
            match self.value(declaration, unit, from) {
                Some(value) => values.push(clip(value, limit)),
                None => return Brought::Missing,
            }
        }
        if let Some(declaration) = planned.covariate {
            // The same quantity before assignment is clipped where the value is; an attribute is another quantity.
            let is_same = matches!(planned.metric.covariate, Some(Covariate::PrePeriod { .. }));
            let limit = limits.0.filter(|_| is_same);
            let covariate = self.value(declaration, unit, From::Assignment);
            let clipped =
                covariate.map_or(0.0, |value| limit.map_or(value, |limit| value.min(limit)));
            values.push(clipped);
            values.push(f64::from(u8::from(covariate.is_none())));
        }
        Brought::Values { values, capped }
    }

    fn put(cell: &mut Cell, brought: &Brought) {
        match brought {
            Brought::Open => cell.open += 1,
            Brought::Missing => cell.missing += 1,
            Brought::Values { values, capped } => {
                cell.capped += u64::from(*capped);
                if let Evidence::Exact(sums) = &mut cell.evidence {
                    sums.add(values);
                }
            }
        }
    }

    /// Cells of a population: all of it, by segment level, by day of entry.
    fn sum_population(
        &self,
        metric: usize,
        partition: Partition,
        from: From,
        limits: (Option<f64>, Option<f64>),
        cells: &mut Vec<(CellKey, Cell)>,
    ) {
        let layout = self.plan.metrics[metric].layout;
        let exposures = &self.read.assigned.units.exposures;
        let is_in =
            |unit: u32| from == From::Assignment || exposures[unit as usize].first.is_some();
        let slots = self.slots(from);
        let variants = self.plan.experiment.variants.len();
        let mut grid: Vec<Cell> = vec![Cell::empty(layout); variants * slots.width()];
        for unit in self.units().filter(|unit| is_in(*unit)) {
            let mut brought = None;
            for variant in self.members.variants(unit) {
                let brought =
                    brought.get_or_insert_with(|| self.brought(metric, unit, from, limits));
                let base = usize::from(variant) * slots.width();
                Self::put(&mut grid[base + slots.day_slot(self, unit, from)], brought);
                for (segment, offset) in self.segments.iter().zip(&slots.segments) {
                    let level = segment.levels[unit as usize];
                    let known = level != NO_LEVEL;
                    let last = slots.levels(segment) - 1;
                    Self::put(
                        &mut grid[base + offset + if known { level as usize } else { last }],
                        brought,
                    );
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
    fn sum_parts(
        &self,
        metric: usize,
        limits: (Option<f64>, Option<f64>),
        cells: &mut Vec<(CellKey, Cell)>,
    ) {
        let parts = [
            Partition::ExposedFromAssignment,
            Partition::Unexposed,
            Partition::Unplaced,
        ];
        let variants = self.plan.experiment.variants.len();
        let layout = self.plan.metrics[metric].layout;
        let mut grid = vec![Cell::empty(layout); parts.len() * variants];
        for unit in self.units() {
            let state = &self.read.assigned.units.exposures[unit as usize];
            let part = match (state.first, state.only_invalid()) {
                (Some(_), _) => 0,
                (None, false) => 1,
                (None, true) => 2,
            };
            for variant in self.members.variants(unit) {
                let brought = self.brought(metric, unit, From::Assignment, limits);
                Self::put(&mut grid[part * variants + usize::from(variant)], &brought);
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
            next += slots.levels(segment);
        }
        slots.total = next;
        slots
    }

    /// The first local day of entry and how many there are.
    fn entry_days(&self, from: From) -> Option<(i64, usize)> {
        if !self.read.assigned.has_time {
            return None;
        }
        let members = self
            .units()
            .filter(|unit| self.members.variants(*unit).next().is_some());
        let days = members
            .filter_map(|unit| self.entry(unit, from))
            .map(|at| self.read.days.day(at));
        let (first, last) = days.fold((i64::MAX, i64::MIN), |(first, last), day| {
            (first.min(day), last.max(day))
        });
        let count = usize::try_from(last.checked_sub(first)?).ok()? + 1;
        (count <= DAYS).then_some((first, count))
    }

    fn entry(&self, unit: u32, from: From) -> Option<i64> {
        let units = &self.read.assigned.units;
        match from {
            From::Assignment => Some(units.assigned_at[unit as usize]),
            From::Exposure => units
                .exposures
                .get(unit as usize)
                .and_then(|exposure| exposure.first),
        }
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

    /// Columns of a segment: its levels and one for unknown.
    #[expect(
        clippy::unused_self,
        reason = "it reads as a property of the grid where it is used"
    )]
    fn levels(&self, segment: &Segmented) -> usize {
        segment.names().len() + 1
    }

    fn day_slot(&self, summing: &Summing<'_>, unit: u32, from: From) -> usize {
        let (Some(first), Some(at)) = (self.first_day, summing.entry(unit, from)) else {
            return 0;
        };
        usize::try_from(summing.read.days.day(at) - first)
            .unwrap_or(0)
            .min(self.days - 1)
    }

    /// The slice of a column; `None` for the one that stands for all.
    fn slice(&self, summing: &Summing<'_>, slot: usize) -> Option<Slice> {
        if slot < self.days {
            let day = self.first_day? + i64::try_from(slot).ok()?;
            return Some(Slice::EntryDay(Days::name(day)));
        }
        let position = self
            .segments
            .partition_point(|first| *first <= slot)
            .checked_sub(1)?;
        let segment = summing.segments.get(position)?;
        let column = summing.plan.segments.get(segment.position)?.column.clone();
        let level = segment
            .names()
            .get(slot - self.segments[position])
            .map(|name| (*name).to_owned());
        Some(Slice::Segment { column, level })
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
