//! Reads the exposure table: who really met the variant, and whether that exposure is valid.

use super::ledger::{Entry, LedgerBuilder};
use super::rows::RowReader;
use super::scope::{KeyReader, Keyed, Requests, faults, text, time};
use super::units::{ExposureState, NO_UNIT, Units};
use super::{EngineError, Scan};
use crate::domain::definition::{SeveralVariants, Table};
use crate::domain::evidence::{IdentifierCounts, OutOfScope, RejectionRule};
use crate::plan::Plan;
use crate::source::{Batch, ColumnKind, ColumnRequest};

/// Clocks of assignment and exposure may differ by this much, in microseconds: five minutes.
const CLOCK_SKEW: i64 = 300_000_000;

/// What the exposure table said, beyond what it wrote into the units.
pub(super) struct Exposed {
    pub(super) reader: RowReader,
    pub(super) ledger: LedgerBuilder,
    pub(super) identifiers: IdentifierCounts,
    pub(super) rows: u64,
    pub(super) orphan_rows: u64,
    /// Unit, kind and instant of every row of an assigned unit: what duplicates are counted from.
    pub(super) met: Vec<(u32, u32, i64)>,
}

struct Reader<'a> {
    plan: &'a Plan,
    units: &'a mut Units,
    keys: KeyReader<'a>,
    time: usize,
    kind: usize,
    as_of: Option<i64>,
    out: Exposed,
}

/// The columns of exposures beside their keys, by request.
struct Columns {
    time: usize,
    kind: usize,
}

impl Columns {
    fn request(plan: &Plan, requests: &mut Requests) -> Self {
        Self {
            time: requests.add("exposed_at", ColumnKind::Time, true),
            kind: requests.add(
                "exposure_type",
                ColumnKind::Label,
                !plan.experiment.exposure.types.is_empty(),
            ),
        }
    }
}

/// Holds the table's headers to what [`read`] will ask of it.
pub(super) fn expect(plan: &Plan, table: &Table, scan: &Scan<'_>) -> Result<(), EngineError> {
    let source = scan.open(table)?;
    let mut requests = Requests::default();
    KeyReader::new(plan, table, false, &mut requests);
    let Columns { time, .. } = Columns::request(plan, &mut requests);
    let units = Units::default();
    RowReader::new(plan, &table.name, Some(time), &mut requests, &units);
    Ok(source.expect(requests.as_slice())?)
}

/// Reads the table into `units`.
pub(super) fn read(
    plan: &Plan,
    table: &Table,
    as_of: Option<i64>,
    integer_ids: bool,
    units: &mut Units,
    scan: &Scan<'_>,
) -> Result<Exposed, EngineError> {
    units.exposures = vec![ExposureState::default(); units.len()];
    let source = scan.open(table)?;
    let mut requests = Requests::default();
    let keys = KeyReader::new(plan, table, integer_ids, &mut requests);
    let Columns { time, kind } = Columns::request(plan, &mut requests);
    let out = Exposed {
        reader: RowReader::new(plan, &table.name, Some(time), &mut requests, units),
        ledger: LedgerBuilder::new(&table.name, plan.experiment.variants.len()),
        identifiers: IdentifierCounts::default(),
        rows: 0,
        orphan_rows: 0,
        met: Vec::new(),
    };
    let mut reader = Reader {
        plan,
        units,
        keys,
        time,
        kind,
        as_of,
        out,
    };
    scan.each_batch(&source, requests.as_slice(), &mut |batch| {
        reader.take(batch, requests.as_slice());
        Ok(())
    })?;
    let Reader { keys, mut out, .. } = reader;
    out.identifiers = keys.identifiers;
    Ok(out)
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
        let (key, variant) = match self.keys.read(batch, row) {
            Keyed::Row { key, variant } => (key, variant),
            Keyed::Entered {
                variant,
                entry,
                column,
                ..
            } => return (variant, entry, Some(column)),
        };
        let leave_out = |reason| (Some(variant), Entry::OutOfScope(reason), None);
        if let Some((rule, column)) = fault {
            return (Some(variant), Entry::Rejected(rule), Some(column));
        }
        let Some(at) = time(batch, self.time, row) else {
            return (
                Some(variant),
                Entry::Rejected(RejectionRule::NullTimestamp),
                Some("exposed_at"),
            );
        };
        if self.as_of.is_some_and(|as_of| at >= as_of) {
            return leave_out(OutOfScope::AfterAsOf);
        }
        if self.plan.experiment.end.is_some_and(|end| at >= end.0) {
            return leave_out(OutOfScope::OutsideDates);
        }
        let types = &self.plan.experiment.exposure.types;
        let kind = text(batch, self.kind, row).unwrap_or("");
        if !types.is_empty() && !types.iter().any(|known| known == kind) {
            return leave_out(OutOfScope::OtherType);
        }
        self.out.rows += 1;
        let unit = self.units.index.find(key);
        if unit == NO_UNIT {
            self.out.orphan_rows += 1;
            return leave_out(OutOfScope::OtherUnit);
        }
        self.out.met.push((unit, kind_of(kind, variant), at));
        let entry = self.place(unit, variant, at);
        if matches!(entry, Entry::Used) && !self.out.reader.is_idle() {
            self.out.reader.take(batch, row, unit, self.units);
        }
        (Some(variant), entry, None)
    }

    /// Judges one exposure of an assigned unit.
    fn place(&mut self, unit: u32, variant: u8, at: i64) -> Entry {
        let slot = unit as usize;
        let keeps_several = self
            .plan
            .conventions
            .iter()
            .any(|set| set.several_variants != SeveralVariants::Exclude);
        if self.units.is_in_several(unit) && !keeps_several {
            return Entry::OutOfScope(OutOfScope::SeveralVariants);
        }
        let own = self.units.variant[slot] == variant;
        let ever_assigned = self.units.variants[slot] & (1 << variant) != 0;
        let assigned_at = self.units.assigned_at[slot];
        let state = &mut self.units.exposures[slot];
        if !own {
            state.contradicts |= !ever_assigned;
            state.otherwise_invalid |= ever_assigned;
            return Entry::OutOfScope(OutOfScope::OtherVariant);
        }
        if at < assigned_at.saturating_sub(CLOCK_SKEW) {
            state.latest_earlier = Some(state.latest_earlier.map_or(at, |known| known.max(at)));
            return Entry::OutOfScope(OutOfScope::BeforeAssignment);
        }
        if self
            .plan
            .experiment
            .exposure
            .within
            .is_some_and(|within| at >= assigned_at.saturating_add(within.0))
        {
            state.otherwise_invalid = true;
            return Entry::OutOfScope(OutOfScope::TooLate);
        }
        state.first = Some(state.first.map_or(at, |known| known.min(at)));
        Entry::Used
    }
}

/// Type and variant of an exposure in one number: a variant needs 6 bits, and 26 tell the few types apart.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the hash of a type is cut on purpose"
)]
fn kind_of(exposure_type: &str, variant: u8) -> u32 {
    (super::key::label_key(exposure_type) as u32) << 6 | u32::from(variant)
}

impl Exposed {
    /// Rows that repeat another of the same unit, variant and type: at the same instant, or within `interval` after it.
    /// Returns the number of rows and the units they belong to, sorted.
    pub(super) fn duplicates(&mut self, interval: Option<i64>) -> (u64, Vec<u32>) {
        self.met.sort_unstable();
        let mut rows = 0;
        let mut units = Vec::new();
        for pair in self.met.windows(2) {
            let ((unit, kind, at), (next_unit, next_kind, next_at)) = (pair[0], pair[1]);
            let close = next_at.saturating_sub(at) < interval.unwrap_or(1).max(1);
            if unit == next_unit && kind == next_kind && close {
                rows += 1;
                units.push(unit);
            }
        }
        units.dedup();
        (rows, units)
    }
}
