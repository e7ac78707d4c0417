//! Turns rows into the numbers that declarations ask for, a unit at a time: the inner loop of every table.

use super::accumulator::{Accumulator, Input};
use super::filter::{CompiledFilter, FilterSet, Labels, kind_of};
use super::key::label_key;
use super::scope::{Requests, cells, text, time};
use super::units::{NO_UNIT, Units};
use crate::domain::definition::Aggregate;
use crate::plan::{Declaration, Plan, PlannedSegment};
use crate::source::{Batch, Column, ColumnKind};
use std::collections::HashMap;

/// Levels a segment column may have; more is not a segment but an identifier.
pub(in crate::engine) const LEVELS: usize = 200;

/// A declaration and what it has summed so far.
#[derive(Debug)]
pub(super) struct Declared {
    /// Its position in the plan.
    pub(super) position: usize,
    /// Position of its filters among the reader's.
    filters: usize,
    value: Option<usize>,
    window: Option<(i64, i64)>,
    /// Anchored on assignment, or without a window.
    pub(super) assigned: Accumulator,
    /// Anchored on the first valid exposure, where the window follows entry.
    pub(super) exposed: Option<Accumulator>,
}

/// A segment column and the level of each unit.
#[derive(Debug)]
pub(super) struct Segmented {
    /// Its position in the plan.
    pub(super) position: usize,
    request: usize,
    names: HashMap<String, u32>,
    /// The level of each unit; `u32::MAX` where none is known.
    pub(super) levels: Vec<u32>,
}

/// No level.
pub(super) const NO_LEVEL: u32 = u32::MAX;

impl Segmented {
    /// Level names by number.
    pub(super) fn names(&self) -> Vec<&str> {
        let mut names = vec![""; self.names.len()];
        for (name, number) in &self.names {
            names[*number as usize] = name;
        }
        names
    }

    /// Levels met so far.
    pub(super) fn level_count(&self) -> usize {
        self.names.len()
    }

    /// Enters a unit's level; of several, the smallest label stays.
    fn enter(&mut self, unit: u32, label: &str) -> bool {
        let known = self.names.get(label).copied();
        let number = match known {
            Some(number) => number,
            None if self.names.len() >= LEVELS => return false,
            None => {
                let number = u32::try_from(self.names.len()).unwrap_or(NO_LEVEL);
                self.names.insert(label.to_owned(), number);
                number
            }
        };
        let slot = &mut self.levels[unit as usize];
        if *slot == NO_LEVEL {
            *slot = number;
        } else if *slot != number {
            let current = self
                .names
                .iter()
                .find(|(_, known)| **known == *slot)
                .map_or("", |(name, _)| name.as_str());
            if label < current {
                *slot = number;
            }
        }
        true
    }
}

/// Reads everything that a plan wants of one table.
#[derive(Debug)]
pub(super) struct RowReader {
    pub(super) declared: Vec<Declared>,
    pub(super) segments: Vec<Segmented>,
    /// Filters without repetition: metrics share facts.
    filters: Vec<FilterSet>,
    /// Whether each row of the current batch satisfies each of `filters`.
    holding: Vec<Vec<bool>>,
    time: Option<usize>,
    /// A segment column that turned out to have too many levels.
    pub(super) overflowed: Option<usize>,
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
        plan: &Plan,
        table: &str,
        time: Option<usize>,
        requests: &mut Requests,
        units: &Units,
    ) -> Self {
        let exposed = !units.exposures.is_empty() || plan.exposures.is_some();
        let mut filters = Vec::new();
        let declared = plan
            .declarations
            .iter()
            .enumerate()
            .filter(|(_, declaration)| declaration.table == table)
            .map(|(position, declaration)| {
                let set = compile(declaration, requests);
                let found = filters.iter().position(|known| *known == set);
                let filters = found.unwrap_or_else(|| {
                    filters.push(set);
                    filters.len() - 1
                });
                declare(plan, position, filters, requests, units.len(), exposed)
            })
            .collect();
        let segments = plan
            .segments
            .iter()
            .enumerate()
            .filter(|(_, segment)| segment.table == table)
            .map(|(position, PlannedSegment { column, .. })| Segmented {
                position,
                request: requests.add(column, ColumnKind::Label, true),
                names: HashMap::new(),
                levels: vec![NO_LEVEL; units.len()],
            })
            .collect();
        Self {
            declared,
            segments,
            filters,
            holding: Vec::new(),
            time,
            overflowed: None,
        }
    }

    /// Whether the plan wants anything of the table.
    pub(super) fn is_idle(&self) -> bool {
        self.declared.is_empty() && self.segments.is_empty()
    }

    /// Makes room for units that were met since.
    pub(super) fn grow(&mut self, units: usize) {
        for declared in &mut self.declared {
            declared.assigned.grow(units);
            if let Some(exposed) = &mut declared.exposed {
                exposed.grow(units);
            }
        }
        for segment in &mut self.segments {
            segment.levels.resize(units, NO_LEVEL);
        }
    }

    /// Judges the rows of a batch; before any of them is asked about or taken in.
    pub(super) fn prepare(&mut self, batch: &Batch) {
        let mut labels = Labels::default();
        self.holding = self
            .filters
            .iter()
            .map(|set| set.rows(batch, &mut labels))
            .collect();
    }

    /// Whether any declaration asks for a row, whoever's it is.
    pub(super) fn is_asked(&self, row: usize) -> bool {
        !self.segments.is_empty() || self.holding.iter().any(|rows| rows[row])
    }

    /// Takes in one row of a known unit.
    pub(super) fn take(&mut self, batch: &Batch, row: usize, unit: u32, units: &Units) -> Use {
        debug_assert_ne!(unit, NO_UNIT, "only rows of known units are taken in");
        let slot = unit as usize;
        let at = self
            .time
            .and_then(|request| time(batch, request, row))
            .unwrap_or(0);
        let mut outcome = Use::NotAsked;
        for segment in &mut self.segments {
            outcome = Use::Used;
            if let Some(label) = text(batch, segment.request, row).filter(|label| !label.is_empty())
                && !segment.enter(unit, label)
            {
                self.overflowed = Some(segment.position);
            }
        }
        for declared in &mut self.declared {
            if !self.holding[declared.filters][row] {
                continue;
            }
            if outcome == Use::NotAsked {
                outcome = Use::OutsideWindows;
            }
            let Some(input) = input(batch, row, declared.value) else {
                // A null cell is no value of the unit; the row itself was read and understood.
                outcome = Use::Used;
                continue;
            };
            let inside = |anchor: i64| {
                declared.window.is_none_or(|(start, end)| {
                    at >= anchor.saturating_add(start) && at < anchor.saturating_add(end)
                })
            };
            if inside(units.assigned_at[slot]) {
                declared.assigned.add(unit, at, input);
                outcome = Use::Used;
            }
            let first_exposure = units
                .exposures
                .get(slot)
                .and_then(|exposure| exposure.first);
            if let (Some(exposed), Some(anchor)) = (&mut declared.exposed, first_exposure)
                && inside(anchor)
            {
                exposed.add(unit, at, input);
                outcome = Use::Used;
            }
        }
        outcome
    }
}

fn compile(declaration: &Declaration, requests: &mut Requests) -> FilterSet {
    let filters = declaration.filters.iter().map(|filter| CompiledFilter {
        request: requests.add(&filter.column, kind_of(filter), true),
        filter: filter.clone(),
    });
    FilterSet(filters.collect())
}

fn declare(
    plan: &Plan,
    position: usize,
    filters: usize,
    requests: &mut Requests,
    units: usize,
    exposed: bool,
) -> Declared {
    let declaration = &plan.declarations[position];
    let kind = if declaration.aggregate == Aggregate::CountDistinct {
        ColumnKind::Label
    } else {
        ColumnKind::Number
    };
    let follows = declaration.follows_entry() && exposed && plan.reads_exposed();
    Declared {
        position,
        filters,
        value: declaration
            .column
            .as_deref()
            .map(|column| requests.add(column, kind, true)),
        window: declaration.window.map(|(_, start, end)| (start.0, end.0)),
        assigned: Accumulator::new(declaration.aggregate, units),
        exposed: follows.then(|| Accumulator::new(declaration.aggregate, units)),
    }
}

/// What a row brings; `None` where its cell is null.
fn input(batch: &Batch, row: usize, value: Option<usize>) -> Option<Input> {
    let Some(request) = value else {
        return Some(Input::Row);
    };
    let cells = cells(batch, request).filter(|cells| cells.is_valid(row))?;
    Some(match &cells.column {
        Column::Integer(values) | Column::Time(values) => Input::Integer(values[row]),
        Column::Float(values) => Input::Float(values[row]),
        Column::Decimal { values, scale } => Input::Decimal(values[row], *scale),
        Column::Text(texts) => Input::Label(label_key(texts.get(row))),
        Column::Boolean(values) => Input::Integer(i64::from(values[row])),
    })
}
