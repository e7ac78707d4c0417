//! Reads event tables and attribute tables: what units did, and what is known of them.

use std::collections::HashSet;

use super::assignments::has_column;
use super::ledger::{Entry, LedgerBuilder};
use super::rows::{RowReader, Use};
use super::scope::{Requests, faults, read_unit, time};
use super::units::{NO_UNIT, Units};
use super::{EngineError, Scan};
use crate::domain::definition::{SeveralVariants, Table, TableKind};
use crate::domain::evidence::{
    AttributeCounts, IdentifierCounts, OutOfScope, OutcomeCounts, RejectionRule,
};
use crate::plan::Plan;
use crate::source::{Batch, ColumnKind, ColumnRequest, Source};

/// An event may be stamped this long after its ingestion before its clock is called wrong: five minutes.
const CLOCK_SKEW: i64 = 300_000_000;

/// What one table said, beyond what its reader summed.
pub(super) struct Facts {
    pub(super) reader: RowReader,
    pub(super) ledger: LedgerBuilder,
    pub(super) identifiers: IdentifierCounts,
    /// Of an event table.
    pub(super) outcomes: Option<OutcomeCounts>,
    /// Of an attribute table.
    pub(super) attributes: Option<AttributeCounts>,
}

/// What a pass over a table of facts needs to know of the passes before it.
pub(super) struct Context<'a> {
    pub(super) plan: &'a Plan,
    pub(super) units: &'a Units,
    pub(super) elsewhere: &'a HashSet<u128>,
    pub(super) integer_ids: bool,
    pub(super) as_of: Option<i64>,
}

struct Reader<'a> {
    context: &'a Context<'a>,
    unit: usize,
    time: Option<usize>,
    ingested: Option<usize>,
    keeps_several: bool,
    /// Rows of each unit in an attribute table.
    rows_of: Vec<u32>,
    out: Facts,
}

/// The columns that every table of facts shares, by request.
struct Columns {
    unit: usize,
    time: Option<usize>,
    ingested: Option<usize>,
}

impl Columns {
    fn request(table: &Table, source: &Source, requests: &mut Requests) -> Self {
        let is_events = table.kind == TableKind::Events;
        Self {
            unit: requests.add("unit_id", ColumnKind::Identifier, true),
            time: is_events.then(|| requests.add("occurred_at", ColumnKind::Time, true)),
            ingested: (is_events && has_column(source, "ingested_at"))
                .then(|| requests.add("ingested_at", ColumnKind::Time, false)),
        }
    }
}

/// Holds the table's headers to what [`read`] will ask of it.
pub(super) fn expect(plan: &Plan, table: &Table, scan: &Scan<'_>) -> Result<(), EngineError> {
    let source = scan.open(table)?;
    let mut requests = Requests::default();
    let columns = Columns::request(table, &source, &mut requests);
    let units = Units::default();
    RowReader::new(plan, &table.name, columns.time, &mut requests, &units);
    Ok(source.expect(requests.as_slice())?)
}

/// Reads the table.
pub(super) fn read(
    context: &Context<'_>,
    table: &Table,
    scan: &Scan<'_>,
) -> Result<Facts, EngineError> {
    let source = scan.open(table)?;
    let mut requests = Requests::default();
    let is_events = table.kind == TableKind::Events;
    let Columns {
        unit,
        time,
        ingested,
    } = Columns::request(table, &source, &mut requests);
    let out = Facts {
        reader: RowReader::new(
            context.plan,
            &table.name,
            time,
            &mut requests,
            context.units,
        ),
        ledger: LedgerBuilder::new(&table.name, context.plan.experiment.variants.len()),
        identifiers: IdentifierCounts::default(),
        outcomes: is_events.then(|| OutcomeCounts {
            table: table.name.clone(),
            future_rows: ingested.map(|_| 0),
            ..OutcomeCounts::default()
        }),
        attributes: None,
    };
    let conventions = &context.plan.conventions;
    let mut reader = Reader {
        context,
        unit,
        time,
        ingested,
        keeps_several: conventions
            .iter()
            .any(|set| set.several_variants != SeveralVariants::Exclude),
        rows_of: if is_events {
            Vec::new()
        } else {
            vec![0; context.units.len()]
        },
        out,
    };
    scan.each_batch(&source, requests.as_slice(), &mut |batch| {
        reader.take(batch, requests.as_slice());
        Ok(())
    })?;
    if let Some(position) = reader.out.reader.overflowed {
        return Err(EngineError::too_many_levels(
            &context.plan.segments[position],
        ));
    }
    if !is_events {
        reader.out.attributes = Some(reader.attribute_counts(&table.name));
    }
    Ok(reader.out)
}

impl Reader<'_> {
    fn take(&mut self, batch: &Batch, requests: &[ColumnRequest]) {
        self.out.ledger.enter_lost(batch);
        self.out.reader.prepare(batch);
        let faults = faults(batch, requests);
        for row in 0..batch.rows {
            let (variant, entry, column) = self.row(batch, row, faults.get(&row).copied());
            self.out.ledger.enter(batch, row, variant, entry, column);
        }
    }

    fn row<'b>(
        &mut self,
        batch: &Batch,
        row: usize,
        fault: Option<(RejectionRule, &'b str)>,
    ) -> (Option<u8>, Entry, Option<&'b str>) {
        let Context {
            units,
            integer_ids,
            as_of,
            elsewhere,
            ..
        } = *self.context;
        let key = match read_unit(
            &mut self.out.identifiers,
            batch,
            self.unit,
            row,
            integer_ids,
        ) {
            Ok(key) => key,
            Err(rule) => return (None, Entry::Rejected(rule), Some("unit_id")),
        };
        let unit = units.index.find(key);
        let variant = (unit != NO_UNIT).then(|| units.variant[unit as usize]);
        if let Some((rule, column)) = fault {
            return (variant, Entry::Rejected(rule), Some(column));
        }
        let at = self.time.map(|request| time(batch, request, row));
        if at == Some(None) {
            return (
                variant,
                Entry::Rejected(RejectionRule::NullTimestamp),
                Some("occurred_at"),
            );
        }
        let ingested = self.ingested.and_then(|request| time(batch, request, row));
        let leave_out = |reason| (variant, Entry::OutOfScope(reason), None);
        if !self.out.reader.is_asked(row) {
            return leave_out(OutOfScope::NotAsked);
        }
        let is_orphan = unit == NO_UNIT && !elsewhere.contains(&key);
        self.count_outcome(at.flatten(), ingested, is_orphan);
        if unit == NO_UNIT {
            return leave_out(OutOfScope::OtherUnit);
        }
        let is_later = |instant: Option<i64>| {
            instant
                .zip(as_of)
                .is_some_and(|(instant, as_of)| instant >= as_of)
        };
        if is_later(at.flatten()) || is_later(ingested) {
            return leave_out(OutOfScope::AfterAsOf);
        }
        if units.is_in_several(unit) && !self.keeps_several {
            return leave_out(OutOfScope::SeveralVariants);
        }
        if let Some(rows) = self.rows_of.get_mut(unit as usize) {
            *rows += 1;
        }
        match self.out.reader.take(batch, row, unit, units) {
            Use::Used => (variant, Entry::Used, None),
            Use::OutsideWindows => leave_out(OutOfScope::OutsideWindows),
            Use::NotAsked => leave_out(OutOfScope::NotAsked),
        }
    }

    fn count_outcome(&mut self, at: Option<i64>, ingested: Option<i64>, is_orphan: bool) {
        let Some(outcomes) = &mut self.out.outcomes else {
            return;
        };
        outcomes.rows += 1;
        outcomes.orphan_rows += u64::from(is_orphan);
        if let (Some(future), Some(at), Some(ingested)) = (&mut outcomes.future_rows, at, ingested)
        {
            *future += u64::from(at > ingested.saturating_add(CLOCK_SKEW));
        }
    }

    fn attribute_counts(&self, table: &str) -> AttributeCounts {
        let units = self.context.units;
        let mut matched = vec![0; self.context.plan.experiment.variants.len()];
        for (slot, rows) in self.rows_of.iter().enumerate() {
            if *rows > 0 {
                matched[usize::from(units.variant[slot])] += 1;
            }
        }
        AttributeCounts {
            table: table.to_owned(),
            rows: self.out.ledger.read(),
            repeated_units: self.rows_of.iter().filter(|rows| **rows > 1).count() as u64,
            matched,
        }
    }
}
