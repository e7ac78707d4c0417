//! Reads event tables and attribute tables: what units did, and what is known of them.

use super::assignments::has_column;
use super::job::Job;
use super::labels::Labels;
use super::ledger::Entry;
use super::pass::Group;
use super::rows::{KnownPatterns, Look, RowReader, Use};
use super::scope::{Requests, time};
use super::shard::{Known, Members};
use super::tally::Tally;
use super::unit_row::{bit, set_bit};
use crate::domain::definition::{Table, TableKind};
use crate::domain::evidence::{OutOfScope, RejectionRule};
use crate::source::{Batch, ColumnKind, Source};

/// An event may be stamped this long after its ingestion before its clock is called wrong: five minutes.
const CLOCK_SKEW: i64 = 300_000_000;

/// Reads facts, for one experiment.
pub(super) struct FactReader {
    rows: RowReader,
    time: Option<usize>,
    ingested: Option<usize>,
    /// The bits of an attribute table.
    attributes: Option<usize>,
}

/// What an instant of a row is to a reader.
#[derive(Debug, Clone, Copy)]
enum At {
    /// The table has no such column.
    Absent,
    Null,
    Instant(i64),
}

impl At {
    fn of(batch: &Batch, request: Option<usize>, row: usize) -> Self {
        let at = |request| time(batch, request, row).map_or(Self::Null, Self::Instant);
        request.map_or(Self::Absent, at)
    }

    fn instant(self) -> Option<i64> {
        match self {
            Self::Instant(at) => Some(at),
            Self::Absent | Self::Null => None,
        }
    }
}

impl FactReader {
    pub(super) fn new(
        job: &Job<'_>,
        table: &Table,
        source: &Source,
        requests: &mut Requests,
    ) -> Self {
        let is_events = table.kind == TableKind::Events;
        let time = is_events.then(|| requests.add("occurred_at", ColumnKind::Time, true));
        let ingested = (is_events && has_column(source, "ingested_at"))
            .then(|| requests.add("ingested_at", ColumnKind::Time, false));
        Self {
            rows: RowReader::new(job, &table.name, time, requests),
            time,
            ingested,
            attributes: job.attributes.get(table.name.as_str()).copied(),
        }
    }

    /// Whether it tells of rows that were stamped after their ingestion.
    pub(super) fn sees_ingestion(&self) -> bool {
        self.ingested.is_some()
    }

    pub(super) fn look<'r>(
        &'r self,
        batch: &Batch,
        labels: &mut Labels,
        known: &mut KnownPatterns<'r>,
    ) -> Look {
        self.rows.look(batch, labels, known)
    }

    /// Takes in the rows of a shard; `members` is absent for rows without a key.
    pub(super) fn take(
        &self,
        job: &Job<'_>,
        group: &Group<'_>,
        look: &mut Look,
        mut members: Option<&mut Members>,
        tally: &mut Tally,
    ) {
        for (position, row) in group.rows() {
            let number = group.numbers.get(position).copied();
            let members = members.as_deref_mut().zip(number);
            let (variant, entry, column) = self.row(job, group, look, row, members, tally);
            tally.ledger.enter(group.batch, row, variant, entry, column);
        }
    }

    #[inline]
    fn row<'b>(
        &self,
        job: &Job<'_>,
        group: &Group<'b>,
        look: &mut Look,
        row: usize,
        members: Option<(&mut Members, u32)>,
        tally: &mut Tally,
    ) -> (Option<u8>, Entry, Option<&'b str>) {
        let Group { batch, keyed, .. } = *group;
        let counted = keyed.count(row, &mut tally.identifiers, job.has_integer_ids());
        let (members, number) = match (counted, members) {
            (Err(rule), _) => return (None, Entry::Rejected(rule), Some("unit_id")),
            (Ok(_), None) => return (None, Entry::OutOfScope(OutOfScope::OtherUnit), None),
            (Ok(_), Some(members)) => members,
        };
        let known = members.find(number);
        let units = &mut members.units;
        let variant = match known {
            Known::Unit(unit) => Some(units.variant(unit)),
            Known::Nobody | Known::Elsewhere => None,
        };
        if let Some((rule, column)) = group.fault(row) {
            return (variant, Entry::Rejected(rule), Some(column));
        }
        let at = At::of(batch, self.time, row);
        if matches!(at, At::Null) {
            let rule = RejectionRule::NullTimestamp;
            return (variant, Entry::Rejected(rule), Some("occurred_at"));
        }
        let leave_out = |reason| (variant, Entry::OutOfScope(reason), None);
        if !self.rows.is_asked(look, row) {
            return leave_out(OutOfScope::NotAsked);
        }
        let (at, ingested) = (at.instant(), At::of(batch, self.ingested, row).instant());
        tally.rows += 1;
        tally.orphan_rows += u64::from(known == Known::Nobody);
        if let (Some(at), Some(ingested)) = (at, ingested) {
            tally.future_rows += u64::from(at > ingested.saturating_add(CLOCK_SKEW));
        }
        let Known::Unit(unit) = known else {
            return leave_out(OutOfScope::OtherUnit);
        };
        let as_of = job.instant();
        let is_later = |instant: Option<i64>| {
            instant
                .zip(as_of)
                .is_some_and(|(instant, as_of)| instant >= as_of)
        };
        if is_later(at) || is_later(ingested) {
            return leave_out(OutOfScope::AfterAsOf);
        }
        if units.is_in_several(unit) && !job.keeps_several {
            return leave_out(OutOfScope::SeveralVariants);
        }
        if let Some(bits) = self.attributes {
            let row = units.rows.row_mut(unit);
            let again = bit(row, bits);
            set_bit(row, bits + usize::from(again));
        }
        let overflowed = &mut tally.overflowed;
        match self
            .rows
            .take(job, batch, look, row, unit, units, overflowed)
        {
            Use::Used => (variant, Entry::Used, None),
            Use::OutsideWindows => leave_out(OutOfScope::OutsideWindows),
            Use::NotAsked => leave_out(OutOfScope::NotAsked),
        }
    }
}
