//! Reads the assignment table: who is in which variant since when.

use std::collections::{BTreeMap, HashSet};

use super::filter::{CompiledFilter, kind_of};
use super::ledger::{Entry, LedgerBuilder};
use super::rows::RowReader;
use super::scope::{KeyReader, Keyed, Requests, faults, time};
use super::units::Units;
use super::{EngineError, Scan};
use crate::domain::definition::Table;
use crate::domain::evidence::{IdentifierCounts, OutOfScope, RejectionRule};
use crate::plan::Plan;
use crate::source::{Batch, ColumnKind, Source};

/// What the assignment table said.
pub(super) struct Assigned {
    pub(super) units: Units,
    pub(super) reader: RowReader,
    pub(super) ledger: LedgerBuilder,
    pub(super) identifiers: IdentifierCounts,
    pub(super) unknown_labels: BTreeMap<String, u64>,
    pub(super) used_rows: u64,
    pub(super) duplicate_rows: u64,
    pub(super) duplicate_units: HashSet<u32>,
    pub(super) has_time: bool,
    /// Whether every unit id is an integer.
    pub(super) has_integer_ids: bool,
    /// Units of other experiments in the same table, so that their events are not taken for orphans.
    pub(super) elsewhere: HashSet<u128>,
}

/// Finds exact duplicates without remembering every row: a unit's first-met row stands for itself, the rest are kept.
#[derive(Default)]
struct Duplicates {
    met: Vec<(u8, i64)>,
    more: HashSet<(u32, u8, i64)>,
    rows: u64,
    units: HashSet<u32>,
}

impl Duplicates {
    fn enter(&mut self, unit: u32, is_new: bool, variant: u8, at: i64) {
        if is_new {
            self.met.push((variant, at));
        } else if self.met[unit as usize] == (variant, at) || !self.more.insert((unit, variant, at))
        {
            self.rows += 1;
            self.units.insert(unit);
        }
    }
}

struct Reader<'a> {
    plan: &'a Plan,
    keys: KeyReader<'a>,
    time: usize,
    has_time: bool,
    eligibility: Vec<CompiledFilter>,
    as_of: Option<i64>,
    duplicates: Duplicates,
    out: Assigned,
}

/// Reads the table.
pub(super) fn read(
    plan: &Plan,
    table: &Table,
    as_of: Option<i64>,
    scan: &Scan<'_>,
) -> Result<Assigned, EngineError> {
    let source = scan.open(table)?;
    let mut requests = Requests::default();
    let keys = KeyReader::new(plan, table, false, &mut requests);
    let needs_time = plan.exposures.is_some()
        || plan
            .declarations
            .iter()
            .any(|declared| declared.window.is_some());
    let has_time = needs_time || has_column(&source, "assigned_at");
    let time = requests.add("assigned_at", ColumnKind::Time, needs_time);
    let eligibility = plan
        .experiment
        .eligibility
        .filters
        .iter()
        .map(|filter| CompiledFilter {
            request: requests.add(&filter.column, kind_of(filter), true),
            filter: filter.clone(),
        })
        .collect();
    let units = Units::default();
    let out = Assigned {
        reader: RowReader::new(
            plan,
            &table.name,
            has_time.then_some(time),
            &mut requests,
            &units,
        ),
        units,
        ledger: LedgerBuilder::new(&table.name, plan.experiment.variants.len()),
        identifiers: IdentifierCounts::default(),
        unknown_labels: BTreeMap::new(),
        used_rows: 0,
        duplicate_rows: 0,
        duplicate_units: HashSet::new(),
        has_time,
        has_integer_ids: true,
        elsewhere: HashSet::new(),
    };
    let mut reader = Reader {
        plan,
        keys,
        time,
        has_time,
        eligibility,
        as_of,
        duplicates: Duplicates::default(),
        out,
    };
    scan.each_batch(&source, requests.as_slice(), &mut |batch| {
        reader.take(batch, requests.as_slice())
    })?;
    let Reader {
        keys,
        duplicates,
        mut out,
        ..
    } = reader;
    out.identifiers = keys.identifiers;
    out.unknown_labels = keys.unknown;
    out.duplicate_rows = duplicates.rows;
    out.duplicate_units = duplicates.units;
    Ok(out)
}

/// Whether any part of a table has a column.
pub(super) fn has_column(source: &Source, name: &str) -> bool {
    source.columns().iter().any(|column| column.name == name)
}

impl Reader<'_> {
    fn take(
        &mut self,
        batch: &Batch,
        requests: &[crate::source::ColumnRequest],
    ) -> Result<(), EngineError> {
        self.out.ledger.enter_lost(batch);
        self.out.has_integer_ids &= self.keys.has_integer_ids(batch);
        let faults = faults(batch, requests);
        let mut known = Vec::with_capacity(batch.rows);
        for row in 0..batch.rows {
            let (variant, entry, column, unit) = self.row(batch, row, faults.get(&row).copied())?;
            self.out.ledger.enter(batch, row, variant, entry, column);
            if let Some(unit) = unit {
                known.push((row, unit));
            }
        }
        if !self.out.reader.is_idle() {
            self.out.reader.grow(self.out.units.len());
            self.out.reader.prepare(batch);
            for (row, unit) in known {
                self.out.reader.take(batch, row, unit, &self.out.units);
            }
        }
        Ok(())
    }

    #[expect(
        clippy::type_complexity,
        reason = "a row's line in the ledger and its unit, used in one place"
    )]
    fn row<'b>(
        &mut self,
        batch: &Batch,
        row: usize,
        fault: Option<(RejectionRule, &'b str)>,
    ) -> Result<(Option<u8>, Entry, Option<&'b str>, Option<u32>), EngineError> {
        let (key, variant) = match self.keys.read(batch, row) {
            Keyed::Row { key, variant } => (key, variant),
            Keyed::Entered {
                variant,
                entry,
                column,
                elsewhere,
            } => {
                self.out.elsewhere.extend(elsewhere);
                return Ok((variant, entry, Some(column), None));
            }
        };
        let enter = |entry, column| Ok((Some(variant), entry, column, None));
        if let Some((rule, column)) = fault {
            return enter(Entry::Rejected(rule), Some(column));
        }
        let at = time(batch, self.time, row);
        if self.has_time && at.is_none() {
            return enter(
                Entry::Rejected(RejectionRule::NullTimestamp),
                Some("assigned_at"),
            );
        }
        if let Some(at) = at {
            let experiment = &self.plan.experiment;
            let stop = [experiment.enrol_stop, experiment.end]
                .into_iter()
                .flatten()
                .min();
            let before = experiment.start.is_some_and(|start| at < start.0);
            if before || stop.is_some_and(|stop| at >= stop.0) {
                return enter(Entry::OutOfScope(OutOfScope::OutsideDates), None);
            }
            if self.as_of.is_some_and(|as_of| at >= as_of) {
                return enter(Entry::OutOfScope(OutOfScope::AfterAsOf), None);
            }
        }
        if !self
            .eligibility
            .iter()
            .all(|filter| filter.holds(batch, row))
        {
            return enter(Entry::OutOfScope(OutOfScope::NotEligible), None);
        }
        let at = at.unwrap_or(0);
        let (unit, is_new) = self
            .out
            .units
            .assign(key, variant, at)
            .ok_or(EngineError::TooManyUnits)?;
        self.duplicates.enter(unit, is_new, variant, at);
        self.out.used_rows += 1;
        Ok((Some(variant), Entry::Used, None, Some(unit)))
    }
}
