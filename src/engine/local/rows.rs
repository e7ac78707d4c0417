//! Turns rows into the numbers that declarations ask for, a unit at a time: the inner loop of every table.

use std::rc::Rc;

use super::accumulator::Input;
use super::filter::{CompiledFilter, FilterSet, kind_of};
use super::job::{DeclaredSlots, Job};
use super::key::label_key;
use super::labels::{ByLabel, Labels};
use super::patterns::Patterns;
use super::scope::{Requests, cells, instant, text, time};
use super::unit_row::{label_at, set_label};
use super::units::Units;
use crate::domain::definition::Aggregate;
use crate::plan::Declaration;
use crate::source::{Batch, Cells, Column, ColumnKind};

/// A declaration, compiled.
#[derive(Debug)]
struct Declared {
    value: Option<usize>,
    window: Option<(i64, i64)>,
    /// The time that is held against the window, where it is not the row's own.
    dated: Option<usize>,
    slots: DeclaredSlots,
}

/// A segment column.
#[derive(Debug)]
struct Segmented {
    /// Its position in the plan.
    position: usize,
    request: usize,
}

/// Reads everything that a plan wants of one table. It never changes while rows are read: any thread may use it.
#[derive(Debug)]
pub(super) struct RowReader {
    declared: Vec<Declared>,
    /// Position of a declaration's filters among `filters`, by declaration.
    asks: Vec<usize>,
    segments: Vec<Segmented>,
    /// The column of clusters.
    cluster: Option<usize>,
    /// Filters without repetition: metrics share facts.
    filters: Vec<FilterSet>,
    time: Option<usize>,
}

/// Patterns of a batch, each with a reader that asks for them.
pub(super) type KnownPatterns<'r> = Vec<(&'r RowReader, Rc<Patterns>)>;

/// What is known of a batch before its rows are taken in.
#[derive(Debug)]
pub(super) struct Look<'b> {
    pub(super) patterns: Rc<Patterns>,
    /// Of each segment; absent where the batch has no such column.
    levels: Vec<Option<ByLabel<Level>>>,
    /// The instants of rows, if they have any.
    times: Option<&'b Cells>,
    /// What rows bring, by declaration.
    brought: Vec<Brought<'b>>,
    /// The columns it comes from, without repetition.
    columns: Vec<&'b Cells>,
}

/// What the rows of a batch bring to a declaration.
#[derive(Debug, Clone, Copy)]
enum Brought<'b> {
    /// Themselves.
    Rows,
    /// Nothing: their file has no such column.
    Nothing,
    Cells(&'b Cells),
}

impl Look<'_> {
    /// The instant of a row, if it has one.
    #[inline]
    pub(super) fn instant(&self, row: usize) -> Option<i64> {
        self.times.and_then(|cells| instant(cells, row))
    }

    /// Has the cells of some rows fetched from memory before they are asked for: the waits overlap.
    pub(super) fn fetch(&self, rows: &[u32]) {
        let of_row = |row: usize| {
            let cells = self.times.iter().chain(&self.columns);
            cells.fold(self.patterns.number(row), |read, cells| {
                read ^ peek(&cells.column, row)
            })
        };
        let rows = rows.iter().map(|row| *row as usize);
        std::hint::black_box(rows.fold(0, |read, row| read ^ of_row(row)));
    }
}

/// Some of what stands in a cell.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "nobody looks at it"
)]
fn peek(column: &Column, row: usize) -> u32 {
    match column {
        Column::Integer(values) | Column::Time(values) => values[row] as u32,
        Column::Float(values) => values[row].to_bits() as u32,
        Column::Decimal { values, .. } => values[row] as u32,
        Column::Boolean(_) | Column::Text(_) => 0,
    }
}

/// What a label of a batch is among a segment's levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// No row of a known unit has asked yet.
    Unasked,
    /// No level is known.
    None,
    Number(u8),
    /// One level too many.
    Overflow,
}

/// What a row was good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// No declaration's filters hold.
    NotAsked,
    /// Asked for, outside every window.
    OutsideWindows,
    /// In a window, or needed without one.
    Used,
}

impl RowReader {
    /// A reader of `table`; its columns join `requests`. `time` is the request of the row's instant, if it has one.
    pub(super) fn new(
        job: &Job<'_>,
        table: &str,
        time: Option<usize>,
        requests: &mut Requests,
    ) -> Self {
        let mut reader = Self {
            declared: Vec::new(),
            asks: Vec::new(),
            segments: Vec::new(),
            cluster: None,
            filters: Vec::new(),
            time,
        };
        for (declaration, slots) in job.plan.declarations.iter().zip(&job.declared) {
            if declaration.table == table {
                reader.declare(declaration, *slots, requests);
            }
        }
        for (position, segment) in job.plan.segments.iter().enumerate() {
            if segment.table == table {
                let request = requests.add(&segment.column, ColumnKind::Label, true);
                reader.segments.push(Segmented { position, request });
            }
        }
        if let Some(cluster) = job.plan.cluster.as_ref().filter(|it| it.table == table) {
            reader.cluster = Some(requests.add(&cluster.column, ColumnKind::Label, true));
        }
        reader
    }

    fn declare(
        &mut self,
        declaration: &Declaration,
        slots: DeclaredSlots,
        requests: &mut Requests,
    ) {
        let set = compile(declaration, requests);
        let found = self.filters.iter().position(|known| *known == set);
        self.asks.push(found.unwrap_or_else(|| {
            self.filters.push(set);
            self.filters.len() - 1
        }));
        let kind = if declaration.aggregate == Aggregate::CountDistinct {
            ColumnKind::Label
        } else {
            ColumnKind::Number
        };
        self.declared.push(Declared {
            value: declaration
                .column
                .as_deref()
                .map(|column| requests.add(column, kind, true)),
            window: declaration.window.map(|(_, start, end)| (start.0, end.0)),
            dated: declaration
                .dated_by
                .as_deref()
                .map(|column| requests.add(column, ColumnKind::Time, true)),
            slots,
        });
    }

    /// Whether the plan wants anything of the table.
    pub(super) fn is_idle(&self) -> bool {
        self.declared.is_empty() && !self.asks_for_all()
    }

    /// Judges the rows of a batch; before any of them is asked about or taken in.
    ///
    /// `known` are patterns that other experiments' readers made of the same batch: metrics are governed, so most of them
    /// ask the same.
    pub(super) fn look<'r, 'b>(
        &'r self,
        batch: &'b Batch,
        labels: &mut Labels,
        known: &mut KnownPatterns<'r>,
    ) -> Look<'b> {
        let level = |text: Option<&str>| match text {
            None | Some("") => Level::None,
            Some(_) => Level::Unasked,
        };
        let levels = self.segments.iter();
        let levels = levels
            .map(|segment| ByLabel::of_texts(batch, segment.request, labels, level))
            .collect();
        let brought = self.declared.iter().map(|declared| match declared.value {
            None => Brought::Rows,
            Some(request) => cells(batch, request).map_or(Brought::Nothing, Brought::Cells),
        });
        let mut requests: Vec<usize> = self.declared.iter().filter_map(|it| it.value).collect();
        requests.sort_unstable();
        requests.dedup();
        Look {
            levels,
            patterns: self.patterns(batch, labels, known),
            times: self.time.and_then(|request| cells(batch, request)),
            brought: brought.collect(),
            columns: requests.iter().filter_map(|it| cells(batch, *it)).collect(),
        }
    }

    fn patterns<'r>(
        &'r self,
        batch: &Batch,
        labels: &mut Labels,
        known: &mut KnownPatterns<'r>,
    ) -> Rc<Patterns> {
        let same = known
            .iter()
            .find(|(reader, _)| reader.filters == self.filters && reader.asks == self.asks);
        if let Some((_, patterns)) = same {
            return patterns.clone();
        }
        let patterns = Rc::new(Patterns::of(&self.filters, &self.asks, batch, labels));
        known.push((self, patterns.clone()));
        patterns
    }

    /// Whether every row is asked for.
    pub(super) fn asks_for_all(&self) -> bool {
        !self.segments.is_empty() || self.cluster.is_some()
    }

    /// Takes in one row of a known unit. A segment with too many levels is told to `overflowed`.
    #[inline]
    #[expect(clippy::too_many_arguments, reason = "one row and all it goes into")]
    pub(super) fn take(
        &self,
        job: &Job<'_>,
        batch: &Batch,
        look: &mut Look<'_>,
        row: usize,
        unit: u32,
        units: &mut Units,
        overflowed: &mut Option<usize>,
    ) -> Use {
        let mut outcome = Use::NotAsked;
        if self.asks_for_all() {
            outcome = Use::Used;
            self.take_levels(job, batch, look, row, unit, units, overflowed);
            self.take_cluster(job, batch, row, unit, units);
        }
        let asking = look.patterns.asking(row);
        if asking.is_empty() {
            return outcome;
        }
        if outcome == Use::NotAsked {
            outcome = Use::OutsideWindows;
        }
        let at = look.instant(row).unwrap_or(0);
        let (assigned_at, exposed_at) = (units.assigned_at(unit), units.exposed_at(unit));
        for position in asking {
            let declared = &self.declared[*position as usize];
            let Some(input) = input(look.brought[*position as usize], row) else {
                // A null cell is no value of the unit; the row itself was read and understood.
                outcome = Use::Used;
                continue;
            };
            let dated = declared.dated.map(|request| time(batch, request, row));
            let inside = |anchor: i64| {
                declared.window.is_none_or(|(start, end)| {
                    // A row that does not say when what it is about was, is in no window.
                    dated.unwrap_or(Some(at)).is_some_and(|at| {
                        at >= anchor.saturating_add(start) && at < anchor.saturating_add(end)
                    })
                })
            };
            if inside(assigned_at) {
                units.add(unit, &declared.slots.assigned, at, input);
                outcome = Use::Used;
            }
            if let (Some(slot), Some(anchor)) = (&declared.slots.exposed, exposed_at)
                && inside(anchor)
            {
                units.add(unit, slot, at, input);
                outcome = Use::Used;
            }
        }
        outcome
    }

    /// The hash of everything a row brings, and of its time.
    pub(super) fn hash(look: &Look<'_>, row: usize) -> u64 {
        let mut hasher = xxhash_rust::xxh3::Xxh3Default::new();
        hasher.update(&look.instant(row).unwrap_or(0).to_le_bytes());
        for position in look.patterns.asking(row) {
            hasher.update(&position.to_le_bytes());
            match input(look.brought[*position as usize], row) {
                None => hasher.update(&[0]),
                Some(Input::Row) => hasher.update(&[1]),
                Some(Input::Integer(value)) => hasher.update(&value.to_le_bytes()),
                Some(Input::Float(value)) => hasher.update(&(value + 0.0).to_le_bytes()),
                Some(Input::Decimal(value, _)) => hasher.update(&value.to_le_bytes()),
                Some(Input::Label(label)) => hasher.update(&label.to_le_bytes()),
            }
        }
        hasher.digest()
    }

    /// Notes a unit's cluster; of several, the one with the smallest hash, whatever the order of rows.
    fn take_cluster(&self, job: &Job<'_>, batch: &Batch, row: usize, unit: u32, units: &mut Units) {
        let (Some(request), Some(place)) = (self.cluster, job.cluster_at) else {
            return;
        };
        let label = text(batch, request, row).filter(|label| !label.is_empty());
        if let Some(label) = label {
            let found = label_key(label) | 1;
            let row = units.rows.row_mut(unit);
            let known = label_at(row, place);
            if known & 1 == 0 || found < known {
                set_label(row, place, found);
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one row, as in `take`"
    )]
    fn take_levels(
        &self,
        job: &Job<'_>,
        batch: &Batch,
        look: &mut Look<'_>,
        row: usize,
        unit: u32,
        units: &mut Units,
        overflowed: &mut Option<usize>,
    ) {
        for (segment, look) in self.segments.iter().zip(&mut look.levels) {
            let Some(look) = look else {
                continue;
            };
            let levels = &job.levels[segment.position];
            let level = look.of_row_mut(row);
            if *level == Level::Unasked {
                let number = levels.number(text(batch, segment.request, row).unwrap_or(""));
                *level = number.map_or(Level::Overflow, Level::Number);
            }
            match *level {
                Level::Number(number) => {
                    let slot = &mut units.rows.row_mut(unit)[job.level_at[segment.position]];
                    if *slot == 0 {
                        *slot = number;
                    } else if *slot != number {
                        *slot = levels.smaller(*slot, number);
                    }
                }
                Level::Overflow => {
                    let first = overflowed.unwrap_or(segment.position);
                    *overflowed = Some(first.min(segment.position));
                }
                Level::None | Level::Unasked => {}
            }
        }
    }
}

fn compile(declaration: &Declaration, requests: &mut Requests) -> FilterSet {
    let filters = declaration.filters.iter().map(|filter| CompiledFilter {
        request: requests.add(&filter.column, kind_of(filter), true),
        filter: filter.clone(),
    });
    FilterSet(filters.collect())
}

/// What a row brings; `None` where its cell is null.
#[inline]
fn input(brought: Brought<'_>, row: usize) -> Option<Input> {
    let cells = match brought {
        Brought::Rows => return Some(Input::Row),
        Brought::Cells(cells) if cells.is_valid(row) => cells,
        Brought::Cells(_) | Brought::Nothing => return None,
    };
    Some(match &cells.column {
        Column::Integer(values) | Column::Time(values) => Input::Integer(values[row]),
        Column::Float(values) => Input::Float(values[row]),
        Column::Decimal { values, scale } => Input::Decimal(values[row], *scale),
        Column::Text(texts) => Input::Label(label_key(texts.get(row))),
        Column::Boolean(values) => Input::Integer(i64::from(values[row])),
    })
}
