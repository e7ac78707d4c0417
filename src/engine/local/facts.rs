//! Reads event tables and attribute tables: what units did, and what is known of them.

use std::rc::Rc;

use super::alike::Verdict;
use super::assignments::has_column;
use super::contract::Breaches;
use super::job::Job;
use super::key::event_key;
use super::labels::Labels;
use super::ledger::Entry;
use super::pass::{Faults, Group};
use super::patterns::Patterns;
use super::rows::{KnownPatterns, Look, RowReader, Use};
use super::scope::{Requests, cells, instant};
use super::tally::Tally;
use super::unit_row::{bit, set_bit};
use super::units::Units;
use super::watch::{Tells, Watched, Watching};
use crate::domain::definition::{Table, TableKind};
use crate::domain::evidence::{OutOfScope, RejectionRule};
use crate::source::{Batch, Cells, ColumnKind, Source};

/// An event may be stamped this long after its ingestion before its clock is called wrong: five minutes.
const CLOCK_SKEW: i64 = 300_000_000;

/// Reads facts, for one experiment.
pub(super) struct FactReader {
    rows: RowReader,
    time: Option<usize>,
    ingested: Option<usize>,
    /// The bits of an attribute table.
    attributes: Option<usize>,
    /// What is watched of an event table.
    watching: Option<Watching>,
    /// What tells events apart, where the table has it.
    event_id: Option<usize>,
    has_lateness: bool,
}

/// What is known of a batch before its rows are read.
pub(super) struct FactLook<'b> {
    rows: Look<'b>,
    ingested: Option<&'b Cells>,
    pub(super) verdicts: Rc<Vec<Verdict>>,
}

impl FactLook<'_> {
    /// Has what some rows hold fetched from memory.
    pub(super) fn fetch(&self, rows: &[u32]) {
        self.rows.fetch(rows);
    }
}

/// What readers judged of a batch so far, with what they judged by: patterns, whether all rows are asked for, and the
/// requests of instants.
pub(super) type KnownVerdicts = Vec<((Rc<Patterns>, bool, [Option<usize>; 2]), Rc<Vec<Verdict>>)>;

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
        let event_id = (is_events && has_column(source, "event_id"))
            .then(|| requests.add("event_id", ColumnKind::Identifier, false));
        Self {
            watching: is_events.then(|| job.watching(table)),
            event_id,
            has_lateness: table.lateness.is_some(),
            rows: RowReader::new(job, &table.name, time, requests),
            time,
            ingested,
            attributes: job.attributes.get(table.name.as_str()).copied(),
        }
    }

    /// Where the watch of an event table stands.
    pub(super) fn watched(&self) -> Option<usize> {
        self.watching.as_ref().map(|watching| watching.position)
    }

    /// What the table tells of its rows.
    pub(super) fn tells(&self) -> Tells {
        Tells {
            ingestion: self.ingested.is_some(),
            lateness: self.has_lateness,
            event_ids: self.event_id.is_some(),
        }
    }

    /// Judges the rows of a batch. What other readers judged alike is not judged again.
    pub(super) fn look<'r, 'b>(
        &'r self,
        batch: &'b Batch,
        (faults, breaches): (&Faults<'_>, &Breaches),
        labels: &mut Labels,
        known: &mut KnownPatterns<'r>,
        verdicts: &mut KnownVerdicts,
    ) -> FactLook<'b> {
        let rows = self.rows.look(batch, labels, known);
        let ingested = self.ingested.and_then(|request| cells(batch, request));
        if !faults.is_empty() {
            let mut own = self.verdicts(batch, &rows.patterns, ingested, breaches);
            for row in faults.keys() {
                own[*row] = Verdict::Aside;
            }
            return FactLook {
                rows,
                ingested,
                verdicts: Rc::new(own),
            };
        }
        let (all, instants) = (self.rows.asks_for_all(), [self.time, self.ingested]);
        let same = verdicts
            .iter()
            .find(|((patterns, asks_for_all, asked), _)| {
                Rc::ptr_eq(patterns, &rows.patterns) && *asks_for_all == all && *asked == instants
            });
        let found = same.map(|(_, verdicts)| verdicts.clone());
        let verdicts = found.unwrap_or_else(|| {
            let made = Rc::new(self.verdicts(batch, &rows.patterns, ingested, breaches));
            let by = (rows.patterns.clone(), all, instants);
            verdicts.push((by, made.clone()));
            made
        });
        FactLook {
            rows,
            ingested,
            verdicts,
        }
    }

    /// The verdict on every row, as far as it follows from patterns and instants.
    fn verdicts(
        &self,
        batch: &Batch,
        patterns: &Patterns,
        ingested: Option<&Cells>,
        breaches: &Breaches,
    ) -> Vec<Verdict> {
        let all = self.rows.asks_for_all();
        let judge = |is_asked| {
            if is_asked || all {
                Verdict::Asked
            } else {
                Verdict::NotAsked
            }
        };
        let mut verdicts: Vec<Verdict> = patterns.are_asked().map(judge).collect();
        if !breaches.is_empty() {
            for (row, verdict) in verdicts.iter_mut().enumerate() {
                if breaches.rejects(row).is_some() {
                    *verdict = Verdict::Aside;
                }
            }
        }
        let Some(time) = self.time else {
            return verdicts;
        };
        let Some(times) = cells(batch, time) else {
            verdicts.fill(Verdict::Aside);
            return verdicts;
        };
        if times.valid.is_some() {
            for (row, verdict) in verdicts.iter_mut().enumerate() {
                if !times.is_valid(row) {
                    *verdict = Verdict::Aside;
                }
            }
        }
        let Some(ingested) = ingested else {
            return verdicts;
        };
        for (row, verdict) in verdicts.iter_mut().enumerate() {
            let instants = instant(times, row).zip(instant(ingested, row));
            let is_of_future =
                instants.is_some_and(|(at, ingested)| at > ingested.saturating_add(CLOCK_SKEW));
            if is_of_future && verdict.is_asked() {
                *verdict = Verdict::AskedOfFuture;
            }
        }
        verdicts
    }

    /// Enters a row that is rejected; `variant` is that of the unit it is about.
    pub(super) fn reject(
        job: &Job<'_>,
        group: &Group<'_>,
        row: usize,
        variant: Option<u8>,
        tally: &mut Tally,
    ) {
        let Group { batch, keyed, .. } = *group;
        let counted = keyed.count(row, &mut tally.identifiers, job.has_integer_ids());
        let broken = group.breach(row).and_then(|breach| breach.rejects);
        let (variant, entry, column) = match (counted, broken, group.fault(row)) {
            (Err(rule), ..) => (None, Entry::Rejected(rule), Some("unit_id")),
            (Ok(_), Some(rule), _) => (variant, Entry::Broken(rule), group.blamed(rule, row)),
            (Ok(_), None, Some((rule, column))) => (variant, Entry::Rejected(rule), Some(column)),
            (Ok(_), None, None) => {
                let entry = Entry::Rejected(RejectionRule::NullTimestamp);
                (variant, entry, Some("occurred_at"))
            }
        };
        if counted.is_ok() && variant.is_none() {
            // Of a unit that is not in the experiment, or did not consent: its row is counted, and shown to nobody.
            tally.ledger.add(None, entry, 1);
            return;
        }
        tally.ledger.enter(batch, row, variant, entry, column);
    }

    /// Takes in a row that is asked for into its unit; what became of it.
    #[inline]
    #[expect(clippy::too_many_arguments, reason = "one row and all it goes into")]
    pub(super) fn take(
        &self,
        job: &Job<'_>,
        batch: &Batch,
        look: &mut FactLook<'_>,
        row: usize,
        (unit, word): (u32, u64),
        units: &mut Units,
        overflowed: &mut Option<usize>,
    ) -> Entry {
        let ingested = look.ingested.and_then(|cells| instant(cells, row));
        if let Some(as_of) = job.instant() {
            let is_later = |instant: Option<i64>| instant.is_some_and(|instant| instant >= as_of);
            if is_later(look.rows.instant(row)) || is_later(ingested) {
                return Entry::OutOfScope(OutOfScope::AfterAsOf);
            }
        }
        if units.is_in_several(unit) && !job.keeps_several {
            return Entry::OutOfScope(OutOfScope::SeveralVariants);
        }
        if let Some(bits) = self.attributes {
            let row = units.rows.row_mut(unit);
            let again = bit(row, bits);
            set_bit(row, bits + usize::from(again));
        }
        let look = &mut look.rows;
        let found = self
            .rows
            .take(job, batch, look, row, unit, units, overflowed);
        if let (Some(watching), Some(at)) = (&self.watching, look.instant(row)) {
            let watched = Watched {
                unit,
                word,
                variant: units.variant(unit),
                at,
                ingested,
                used: found == Use::Used,
            };
            let hash = || self.hash(batch, look, row);
            units.watch(watching).take(watching, watched, hash);
        }
        match found {
            Use::Used => Entry::Used,
            Use::OutsideWindows => Entry::OutOfScope(OutOfScope::OutsideWindows),
            Use::NotAsked => Entry::OutOfScope(OutOfScope::NotAsked),
        }
    }

    /// What tells a row from others of its unit: the id of its event, else its time and everything metrics take from it.
    fn hash(&self, batch: &Batch, look: &Look<'_>, row: usize) -> u64 {
        let id = self.event_id.and_then(|request| cells(batch, request));
        match id.filter(|cells| cells.is_valid(row)) {
            Some(cells) => event_key(&cells.column, row),
            None => RowReader::hash(look, row),
        }
    }
}
