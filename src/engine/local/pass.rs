//! Defines one pass over one table, for every experiment of a run that needs it: each batch is read once, its rows are
//! sorted by shard, and each experiment takes what it wants of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::EngineError;
use super::alike::{Counting, Verdict};
use super::assignments::{AssignmentLook, AssignmentReader};
use super::contract::{Breach, Breaches, Contract, RuleNumber};
use super::exposures::{ExposureLook, ExposureReader};
use super::facts::{FactLook, FactReader, KnownVerdicts};
use super::job::Job;
use super::key::word_of;
use super::keyed::Keyed;
use super::labels::Labels;
use super::ledger::{Entry, LedgerBuilder};
use super::rows::KnownPatterns;
use super::scope::{Requests, faults};
use super::shard::{Link, Members, Shard, TOGETHER, fetch};
use super::tally::Tally;
use super::watch::Tells;
use crate::domain::definition::Table;
use crate::domain::evidence::{OutOfScope, RejectionRule};
use crate::source::{Batch, ColumnKind, Source};

/// Faults of a batch, by row.
pub(super) type Faults<'a> = HashMap<usize, (RejectionRule, &'a str)>;

/// Rows of one shard of a batch, or of those without a key.
pub(super) struct Group<'b> {
    pub(super) batch: &'b Batch,
    pub(super) keyed: &'b Keyed,
    rows: &'b [u32],
    /// The number of each row's key in the shard; empty for rows without a key.
    pub(super) numbers: &'b [u32],
    faults: &'b Faults<'b>,
    contract: &'b Contract<'b>,
    breaches: &'b Breaches,
}

impl<'b> Group<'b> {
    /// Positions in the group, and rows in the batch.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, usize)> + use<'b> {
        self.rows.iter().map(|row| *row as usize).enumerate()
    }

    /// What a row breaks of the contract.
    #[inline]
    pub(super) fn breach(&self, row: usize) -> Option<&'b Breach> {
        self.breaches.of(row)
    }

    /// The column to blame for a row that a rule of the contract rejects.
    pub(super) fn blamed(&self, rule: RuleNumber, row: usize) -> Option<&'b str> {
        self.contract.blamed(rule, self.batch, row)
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

enum PartLook<'b> {
    Assignments(AssignmentLook<'b>),
    Exposures(ExposureLook),
    Facts(FactLook<'b>),
}

impl<'b> PartLook<'b> {
    const fn facts(&self) -> Option<&FactLook<'b>> {
        match self {
            Self::Facts(look) => Some(look),
            Self::Assignments(_) | Self::Exposures(_) => None,
        }
    }

    /// Whether a row is another experiment's.
    fn is_elsewhere(&self, row: usize) -> bool {
        match self {
            Self::Assignments(look) => look.is_elsewhere(row),
            Self::Exposures(look) => look.is_elsewhere(row),
            Self::Facts(_) => false,
        }
    }
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
    look: PartLook<'b>,
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
    /// What every part holds rows to.
    contract: Contract<'a>,
    /// The most rejected rows that a ledger names.
    named: usize,
    /// The part of each experiment of the run.
    part_of: Vec<Option<usize>>,
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
        named: usize,
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
        // After everybody else, so that nobody takes a cell that only the contract asks for to be their own.
        let plan = members.first().map(|first| jobs[*first].plan);
        let rules = plan
            .into_iter()
            .flat_map(|plan| plan.rules_about(&table.name));
        let contract = Contract::new(rules, &mut requests);
        Self {
            table,
            purpose,
            source,
            requests,
            unit,
            rows_are_units: rows_are_units && purpose == Purpose::Assignments,
            part_of: (0..jobs.len())
                .map(|job| parts.iter().position(|part| part.job == job))
                .collect(),
            parts,
            contract,
            named,
            tallies: Mutex::default(),
        }
    }

    /// The part of an experiment.
    #[inline]
    fn part_of(&self, job: usize) -> Option<usize> {
        self.part_of.get(job).copied().flatten()
    }

    /// The experiments it is for.
    pub(super) fn jobs(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().map(|part| part.job)
    }

    /// What a fact table tells of its rows.
    pub(super) fn tells(&self) -> Tells {
        let seen = |part: &Part<'_>| match &part.reader {
            Reader::Facts(reader) => Some(reader.tells()),
            Reader::Assignments(_) | Reader::Exposures(_) => None,
        };
        // Every part sees the same table.
        self.parts.iter().find_map(seen).unwrap_or_default()
    }

    /// The request of unit ids.
    pub(super) const fn unit(&self) -> usize {
        self.unit
    }

    /// Reads who the rows of a batch are about.
    pub(super) fn keyed(&self, jobs: &[Job<'_>], batch: &Batch) -> Keyed {
        // Experiments of a run either all compare persons, by the same map, or none does.
        let first = self.parts.first().map(|part| &jobs[part.job]);
        let persons = first
            .filter(|job| job.plan.is_by_person())
            .and_then(|job| job.identities.as_deref());
        let keyed = Keyed::of(batch, self.unit, self.rows_are_units, persons);
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
        let breaches = self.contract.judge(batch, &mut labels);
        let mut verdicts = KnownVerdicts::new();
        let mut see = |part: &'p Part<'a>| {
            let faults = faults(batch, self.requests.as_slice(), &part.asked);
            let (labels, known) = (&mut labels, &mut known);
            let look = match &part.reader {
                Reader::Assignments(reader) => {
                    PartLook::Assignments(reader.look(batch, labels, known))
                }
                Reader::Exposures(reader) => {
                    PartLook::Exposures(reader.look(&jobs[part.job], batch, labels))
                }
                Reader::Facts(reader) => {
                    let wrong = (&faults, &breaches);
                    let look = reader.look(batch, wrong, labels, known, &mut verdicts);
                    PartLook::Facts(look)
                }
            };
            Seen { faults, look }
        };
        let seen: Vec<Seen<'b>> = self.parts.iter().map(&mut see).collect();
        let counting = Counting::new(seen.iter().filter_map(|seen| seen.look.facts()));
        let lock = || self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        let unused = if counts { lock().pop() } else { None };
        let tallies = unused.unwrap_or_else(|| {
            let of = |part: &Part<'_>| self.tally(&jobs[part.job]);
            self.parts.iter().map(of).collect()
        });
        Reading {
            pass: self,
            jobs,
            batch,
            keyed,
            seen,
            breaches,
            counting,
            links: Vec::new(),
            tallies,
            counts,
        }
    }

    /// What is known of a shard's units once the pass is over.
    pub(super) fn settle(&self, jobs: &[Job<'_>], shard: &mut Shard) {
        for part in &self.parts {
            let (job, members) = (&jobs[part.job], &mut shard.members[part.job]);
            let units = &mut members.units;
            match self.purpose {
                Purpose::Assignments => {
                    units.settle_assignments(&job.rank);
                    members.settle_earlier();
                }
                Purpose::Exposures => {
                    let interval = job.plan.experiment.exposure.dedupe;
                    units.settle_exposures(interval.map(|interval| interval.0));
                }
                Purpose::Facts => {
                    if let Reader::Facts(reader) = &part.reader {
                        units.settle_watch(reader.watched());
                    }
                }
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

    /// Nothing counted yet of an experiment.
    fn tally(&self, job: &Job<'_>) -> Tally {
        let variants = job.plan.experiment.variants.len();
        let rules = job.plan.rules_about(&self.table.name);
        let rules = rules.map(|rule| (rule.id.clone(), rule.reject)).collect();
        Tally::new(LedgerBuilder::new(
            &self.table.name,
            variants,
            rules,
            self.named,
        ))
    }

    /// What every thread counted so far, by experiment of the run. Nothing is left behind.
    pub(super) fn take_tallies(&self, jobs: &[Job<'_>]) -> Vec<(usize, Tally)> {
        let all = std::mem::take(&mut *self.tallies.lock().unwrap_or_else(PoisonError::into_inner));
        let mut totals: Vec<(usize, Tally)> = self
            .jobs()
            .map(|job| (job, self.tally(&jobs[job])))
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
    breaches: Breaches,
    /// What the parts of a pass over facts count together.
    counting: Counting,
    /// Room for what the rows in hand are to experiments.
    links: Vec<Link>,
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
        if rows.is_empty() {
            return;
        }
        if self.pass.purpose != Purpose::Facts {
            return self.take(rows, &[], None);
        }
        for part in 0..self.pass.parts.len() {
            for row in rows {
                self.reject(part, *row as usize, None);
            }
        }
    }

    /// Takes rows of a shard into it.
    pub(super) fn take_into(&mut self, shard: &mut Shard, rows: &[u32]) -> Result<(), EngineError> {
        let inserts = self.pass.purpose == Purpose::Assignments;
        if self.pass.purpose == Purpose::Facts {
            shard.link();
        }
        let mut numbers = Vec::with_capacity(TOGETHER);
        for rows in rows.chunks(TOGETHER) {
            let keys = rows.iter().map(|row| self.keyed.keys[*row as usize]);
            if inserts {
                shard.index.fetch(keys.clone());
                numbers.clear();
                for key in keys {
                    numbers.push(shard.index.insert(key).ok_or(EngineError::TooManyUnits)?);
                }
            } else {
                shard.index.find_all(keys, &mut numbers);
            }
            if self.pass.purpose == Purpose::Facts {
                self.take_facts(rows, &numbers, shard);
            } else {
                self.take(rows, &numbers, Some(shard));
            }
        }
        Ok(())
    }

    /// Takes rows of facts: counts them for all experiments at once, then adds them to the units they are about.
    fn take_facts(&mut self, rows: &[u32], numbers: &[u32], shard: &mut Shard) {
        for part in self.counting.representatives() {
            if let PartLook::Facts(look) = &self.seen[part].look {
                look.fetch(rows);
            }
        }
        let mut aside = Vec::new();
        self.counting.count(self.keyed, rows, numbers, |part, at| {
            aside.push((part, at));
        });
        for (part, at) in aside {
            let variant = variant_of(&shard.members[self.pass.parts[part].job], numbers[at]);
            self.reject(part, rows[at] as usize, variant);
        }
        self.note_breaches(rows, numbers, shard);
        let mut links = std::mem::take(&mut self.links);
        shard.links(numbers, &mut links);
        for link in &links {
            if let Some(part) = self.pass.part_of(link.experiment) {
                let members = &mut shard.members[link.experiment];
                self.take_fact(part, rows[link.position] as usize, link.unit, members);
            }
        }
        self.links = links;
    }

    /// Notes the rules of the contract that rows of facts break, a unit each.
    fn note_breaches(&mut self, rows: &[u32], numbers: &[u32], shard: &mut Shard) {
        if self.breaches.is_empty() {
            return;
        }
        for (row, number) in rows.iter().zip(numbers) {
            let Some(breach) = self.breaches.of(*row as usize) else {
                continue;
            };
            for (part, tally) in self.pass.parts.iter().zip(&mut self.tallies) {
                let members = &mut shard.members[part.job];
                tally
                    .ledger
                    .note(variant_of(members, *number), &breach.counts);
                if let Some(rule) = breach.rejects {
                    let first = self.jobs[part.job].contract_bits(&self.pass.table.name);
                    members.mark(*number, first, rule);
                }
            }
        }
    }

    /// Takes a row of a key that a part of the pass knows to be a unit, or nobody's.
    #[inline]
    fn take_fact(&mut self, part: usize, row: usize, unit: Option<u32>, members: &mut Members) {
        let verdict = self.counting.verdict(part, row);
        let tally = &mut self.tallies[part];
        let Some(unit) = unit else {
            tally.orphan_rows += u64::from(verdict.is_asked());
            return;
        };
        let of = &self.pass.parts[part];
        let (Reader::Facts(reader), PartLook::Facts(look)) =
            (&of.reader, &mut self.seen[part].look)
        else {
            return;
        };
        let units = &mut members.units;
        let variant = Some(units.variant(unit));
        let entry = match verdict {
            Verdict::Aside => return,
            Verdict::NotAsked => Entry::OutOfScope(OutOfScope::NotAsked),
            Verdict::Asked | Verdict::AskedOfFuture => {
                let (job, overflowed) = (&self.jobs[of.job], &mut tally.overflowed);
                let unit = (unit, word_of(self.keyed.keys[row]));
                reader.take(job, self.batch, look, row, unit, units, overflowed)
            }
        };
        self.counting.note_unit(part, verdict);
        tally.ledger.count(variant, entry);
    }

    /// Enters a row of facts that is rejected.
    fn reject(&mut self, part: usize, row: usize, variant: Option<u8>) {
        let of = &self.pass.parts[part];
        let group = Group {
            batch: self.batch,
            keyed: self.keyed,
            rows: &[],
            numbers: &[],
            faults: &self.seen[part].faults,
            contract: &self.pass.contract,
            breaches: &self.breaches,
        };
        let tally = &mut self.tallies[part];
        FactReader::reject(&self.jobs[of.job], &group, row, variant, tally);
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
                contract: &self.pass.contract,
                breaches: &self.breaches,
            };
            if let Some(members) = &members {
                fetch_units(members, &group, &seen.look);
            }
            match (&part.reader, &mut seen.look) {
                (Reader::Assignments(reader), PartLook::Assignments(look)) => {
                    reader.take(job, &group, look, members, tally);
                }
                (Reader::Exposures(reader), PartLook::Exposures(look)) => {
                    reader.take(job, &group, look, members, tally);
                }
                _ => debug_assert!(false, "a part looks as it reads"),
            }
        }
    }

    /// Hands the tallies on to the next batch.
    pub(super) fn end(mut self) {
        if !self.counts {
            return;
        }
        let jobs = self.pass.jobs().map(|job| &self.jobs[job]);
        self.counting.end(jobs, &mut self.tallies);
        self.pass
            .tallies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(self.tallies);
    }
}

/// The variant of the unit that a key is in an experiment, if it is one.
fn variant_of(members: &Members, number: u32) -> Option<u8> {
    let unit = members.unit(number)?;
    Some(members.units.variant(unit))
}

/// Has the units that an experiment's rows are about fetched from memory.
fn fetch_units(members: &Members, group: &Group<'_>, look: &PartLook<'_>) {
    let own = group.rows().filter(|(_, row)| !look.is_elsewhere(*row));
    let units = own.filter_map(|(position, _)| members.unit(group.numbers[position]));
    fetch(units.map(|unit| &members.units.rows.row(unit)[0]));
}
