//! Defines one pass over one table, for every experiment of a run that needs it: each batch is read once, its rows are
//! sorted by shard, and each experiment takes what it wants of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::EngineError;
use super::assignments::{AssignmentLook, AssignmentReader};
use super::exposures::{ExposureLook, ExposureReader};
use super::facts::FactReader;
use super::job::Job;
use super::keyed::Keyed;
use super::labels::Labels;
use super::rows::{KnownPatterns, Look};
use super::scope::{Requests, faults};
use super::shard::{Members, Shard};
use super::tally::Tally;
use crate::domain::definition::Table;
use crate::domain::evidence::RejectionRule;
use crate::source::{Batch, ColumnKind, Source};

/// Rows whose units are fetched from memory together, before any of them is worked on: the waits overlap.
const TOGETHER: usize = 64;

/// Faults of a batch, by row.
type Faults<'a> = HashMap<usize, (RejectionRule, &'a str)>;

/// Rows of one shard of a batch, or of those without a key.
pub(super) struct Group<'b> {
    pub(super) batch: &'b Batch,
    pub(super) keyed: &'b Keyed,
    rows: &'b [u32],
    /// The number of each row's key in the shard; empty for rows without a key.
    pub(super) numbers: &'b [u32],
    faults: &'b Faults<'b>,
}

impl<'b> Group<'b> {
    /// Positions in the group, and rows in the batch.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, usize)> + use<'b> {
        self.rows.iter().map(|row| *row as usize).enumerate()
    }

    /// The first fault of a row.
    #[inline]
    pub(super) fn fault(&self, row: usize) -> Option<(RejectionRule, &'b str)> {
        if self.faults.is_empty() {
            return None;
        }
        self.faults.get(&row).copied()
    }
}

/// What a table is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    /// To learn who is in which variant.
    Assignments,
    /// To learn who met it.
    Exposures,
    /// To sum what rows say.
    Facts,
}

enum Reader<'a> {
    Assignments(AssignmentReader<'a>),
    Exposures(ExposureReader<'a>),
    Facts(FactReader),
}

enum PartLook {
    Assignments(AssignmentLook),
    Exposures(ExposureLook),
    Facts(Look),
}

/// One experiment's part in a pass.
struct Part<'a> {
    /// Its position in the run.
    job: usize,
    /// The requests that are its own, in the order in which it asked.
    asked: Vec<usize>,
    reader: Reader<'a>,
}

/// A batch as one experiment looks at it.
struct Seen<'b> {
    faults: Faults<'b>,
    look: PartLook,
}

/// A pass.
pub(super) struct Pass<'a> {
    pub(super) table: &'a Table,
    pub(super) purpose: Purpose,
    pub(super) source: Arc<Source>,
    pub(super) requests: Requests,
    unit: usize,
    rows_are_units: bool,
    parts: Vec<Part<'a>>,
    /// Tallies that no thread is using, one a part each.
    tallies: Mutex<Vec<Vec<Tally>>>,
}

impl<'a> Pass<'a> {
    /// A pass over a table for the experiments at `members` of `jobs`.
    pub(super) fn new(
        table: &'a Table,
        purpose: Purpose,
        source: Arc<Source>,
        jobs: &[Job<'a>],
        members: &[usize],
    ) -> Self {
        let mut requests = Requests::default();
        let rows_are_units = members.iter().any(|job| jobs[*job].plan.rows_are_units);
        let mut unit = 0;
        let mut parts = Vec::with_capacity(members.len());
        for position in members {
            let job = &jobs[*position];
            let needs_unit = !rows_are_units || purpose != Purpose::Assignments;
            unit = requests.add("unit_id", ColumnKind::Identifier, needs_unit);
            let reader = match purpose {
                Purpose::Assignments => {
                    Reader::Assignments(AssignmentReader::new(job, &mut requests))
                }
                Purpose::Exposures => {
                    Reader::Exposures(ExposureReader::new(job, table, &mut requests))
                }
                Purpose::Facts => {
                    Reader::Facts(FactReader::new(job, table, &source, &mut requests))
                }
            };
            parts.push(Part {
                job: *position,
                asked: requests.take_asked(),
                reader,
            });
        }
        Self {
            table,
            purpose,
            source,
            requests,
            unit,
            rows_are_units: rows_are_units && purpose == Purpose::Assignments,
            parts,
            tallies: Mutex::default(),
        }
    }

    /// The experiments it is for.
    pub(super) fn jobs(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().map(|part| part.job)
    }

    /// Whether it sees when rows of a fact table were ingested.
    pub(super) fn sees_ingestion(&self) -> bool {
        let sees = |part: &Part<'_>| matches!(&part.reader, Reader::Facts(reader) if reader.sees_ingestion());
        self.parts.iter().any(sees)
    }

    /// The request of unit ids.
    pub(super) const fn unit(&self) -> usize {
        self.unit
    }

    /// Reads who the rows of a batch are about.
    pub(super) fn keyed(&self, jobs: &[Job<'_>], batch: &Batch) -> Keyed {
        let keyed = Keyed::of(batch, self.unit, self.rows_are_units);
        let of_text = |part: &Part<'_>| !jobs[part.job].has_integer_ids();
        if self.purpose == Purpose::Assignments
            && !self.parts.iter().all(of_text)
            && !keyed.are_integers(batch, self.unit)
        {
            for part in &self.parts {
                jobs[part.job].note_text_ids();
            }
        }
        keyed
    }

    /// Begins with a batch: the thread that does so has tallies of its own until [`Reading::end`]. Where rows do not count,
    /// since they are looked at once more later, what they are tallied as is forgotten.
    pub(super) fn begin<'p, 'b>(
        &'p self,
        jobs: &'p [Job<'a>],
        batch: &'b Batch,
        keyed: &'b Keyed,
        counts: bool,
    ) -> Reading<'p, 'a, 'b>
    where
        'p: 'b,
    {
        let (mut labels, mut known) = (Labels::default(), KnownPatterns::new());
        let mut see = |part: &'p Part<'a>| Seen {
            faults: faults(batch, self.requests.as_slice(), &part.asked),
            look: match &part.reader {
                Reader::Assignments(reader) => {
                    PartLook::Assignments(reader.look(batch, &mut labels, &mut known))
                }
                Reader::Exposures(reader) => {
                    PartLook::Exposures(reader.look(&jobs[part.job], batch, &mut labels))
                }
                Reader::Facts(reader) => {
                    PartLook::Facts(reader.look(batch, &mut labels, &mut known))
                }
            },
        };
        let seen = self.parts.iter().map(&mut see).collect();
        let lock = || self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        let unused = if counts { lock().pop() } else { None };
        let tallies = unused.unwrap_or_else(|| {
            let of = |part: &Part<'_>| {
                let variants = &jobs[part.job].plan.experiment.variants;
                Tally::new(&self.table.name, variants.len())
            };
            self.parts.iter().map(of).collect()
        });
        Reading {
            pass: self,
            jobs,
            batch,
            keyed,
            seen,
            tallies,
            counts,
        }
    }

    /// What is known of a shard's units once the pass is over.
    pub(super) fn settle(&self, jobs: &[Job<'_>], shard: &mut Shard) {
        for part in &self.parts {
            let (job, units) = (&jobs[part.job], &mut shard.members[part.job].units);
            match self.purpose {
                Purpose::Assignments => units.settle_assignments(&job.rank),
                Purpose::Exposures => {
                    let interval = job.plan.experiment.exposure.dedupe;
                    units.settle_exposures(interval.map(|interval| interval.0));
                }
                Purpose::Facts => {}
            }
        }
    }

    /// Refuses a segment that turned out to be an identifier.
    pub(super) fn refuse_overflow(&self, jobs: &[Job<'_>]) -> Result<(), EngineError> {
        let tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        let overflowed = tallies
            .iter()
            .flat_map(|of_parts| of_parts.iter().zip(&self.parts));
        let first = overflowed
            .filter_map(|(tally, part)| Some((part.job, tally.overflowed?)))
            .min();
        match first {
            Some((job, position)) => Err(EngineError::too_many_levels(
                &jobs[job].plan.segments[position],
            )),
            None => Ok(()),
        }
    }

    /// What every thread counted so far, by experiment of the run. Nothing is left behind.
    pub(super) fn take_tallies(&self, jobs: &[Job<'_>]) -> Vec<(usize, Tally)> {
        let all = std::mem::take(&mut *self.tallies.lock().unwrap_or_else(PoisonError::into_inner));
        let mut totals: Vec<(usize, Tally)> = self
            .jobs()
            .map(|job| {
                let variants = &jobs[job].plan.experiment.variants;
                (job, Tally::new(&self.table.name, variants.len()))
            })
            .collect();
        for tallies in all {
            for ((_, total), tally) in totals.iter_mut().zip(tallies) {
                total.merge(tally);
            }
        }
        totals
    }
}

/// A batch in the making.
pub(super) struct Reading<'p, 'a, 'b> {
    pass: &'p Pass<'a>,
    jobs: &'p [Job<'a>],
    batch: &'b Batch,
    keyed: &'b Keyed,
    seen: Vec<Seen<'b>>,
    tallies: Vec<Tally>,
    counts: bool,
}

impl Reading<'_, '_, '_> {
    /// Enters the rows that never became cells.
    pub(super) fn enter_lost(&mut self) {
        for tally in &mut self.tallies {
            tally.ledger.enter_lost(self.batch);
        }
    }

    /// Enters the rows that are about nobody.
    pub(super) fn take_without_key(&mut self) {
        let rows = self.keyed.without_key();
        if !rows.is_empty() {
            self.take(rows, &[], None);
        }
    }

    /// Takes rows of a shard into it.
    pub(super) fn take_into(&mut self, shard: &mut Shard, rows: &[u32]) -> Result<(), EngineError> {
        let inserts = self.pass.purpose == Purpose::Assignments;
        let mut numbers = Vec::with_capacity(TOGETHER);
        for rows in rows.chunks(TOGETHER) {
            let keys = rows.iter().map(|row| self.keyed.keys[*row as usize]);
            if inserts {
                numbers.clear();
                for key in keys {
                    numbers.push(shard.index.insert(key).ok_or(EngineError::TooManyUnits)?);
                }
            } else {
                shard.index.find_all(keys, &mut numbers);
            }
            for part in &self.pass.parts {
                fetch(&shard.members[part.job], &numbers);
            }
            self.take(rows, &numbers, Some(shard));
        }
        Ok(())
    }

    fn take(&mut self, rows: &[u32], numbers: &[u32], mut shard: Option<&mut Shard>) {
        let parts = self.pass.parts.iter().zip(&mut self.seen);
        for ((part, seen), tally) in parts.zip(&mut self.tallies) {
            let job = &self.jobs[part.job];
            let members = shard
                .as_deref_mut()
                .map(|shard| &mut shard.members[part.job]);
            let group = Group {
                batch: self.batch,
                keyed: self.keyed,
                rows,
                numbers,
                faults: &seen.faults,
            };
            match (&part.reader, &mut seen.look) {
                (Reader::Assignments(reader), PartLook::Assignments(look)) => {
                    reader.take(job, &group, look, members, tally);
                }
                (Reader::Exposures(reader), PartLook::Exposures(look)) => {
                    reader.take(job, &group, look, members, tally);
                }
                (Reader::Facts(reader), PartLook::Facts(look)) => {
                    reader.take(job, &group, look, members, tally);
                }
                _ => debug_assert!(false, "a part looks as it reads"),
            }
        }
    }

    /// Hands the tallies on to the next batch.
    pub(super) fn end(self) {
        if !self.counts {
            return;
        }
        self.pass
            .tallies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(self.tallies);
    }
}

/// Has the rows of units fetched from memory. Reading a byte of each is all it takes; the reads do not wait for each other.
fn fetch(members: &Members, numbers: &[u32]) {
    let units = numbers.iter().filter_map(|number| members.unit(*number));
    let bytes = units.fold(0, |bytes, unit| bytes ^ members.units.rows.row(unit)[0]);
    std::hint::black_box(bytes);
}
