//! Reads the exposure table: who really met the variant, and whether that exposure is valid.

use super::contract::RuleNumber;
use super::job::Job;
use super::labels::{ByLabel, Labels};
use super::ledger::Entry;
use super::pass::Group;
use super::scope::{Key, KeyLook, KeyReader, Requests, time};
use super::shard::{Known, Members};
use super::tally::Tally;
use super::units::Units;
use crate::domain::definition::Table;
use crate::domain::evidence::{OutOfScope, RejectionRule};
use crate::source::{Batch, ColumnKind};

/// Clocks of assignment and exposure may differ by this much, in microseconds: five minutes.
const CLOCK_SKEW: i64 = 300_000_000;

/// Reads exposures, for one experiment.
pub(super) struct ExposureReader<'a> {
    keys: KeyReader<'a>,
    time: usize,
    kind: usize,
    /// The first bit of a unit's row that tells of a rule of the contract.
    contract: Option<usize>,
}

/// What is known of a batch before its rows are read.
pub(super) struct ExposureLook {
    keys: KeyLook,
    /// Of each type of exposure: its number, and whether it counts. Absent where the file has no types.
    kinds: Option<ByLabel<Kind>>,
}

impl ExposureLook {
    /// Whether a row is another experiment's.
    #[inline]
    pub(super) fn is_elsewhere(&self, row: usize) -> bool {
        self.keys.is_elsewhere(row)
    }
}

#[derive(Debug, Clone, Copy)]
struct Kind {
    number: u32,
    counts: bool,
}

impl<'a> ExposureReader<'a> {
    pub(super) fn new(job: &Job<'a>, table: &Table, requests: &mut Requests) -> Self {
        let keys = KeyReader::new(job.plan, table, requests);
        let time = requests.add("exposed_at", ColumnKind::Time, true);
        let has_types = !job.plan.experiment.exposure.types.is_empty();
        let kind = requests.add("exposure_type", ColumnKind::Label, has_types);
        Self {
            keys,
            time,
            kind,
            contract: job.contract_bits(&table.name),
        }
    }

    pub(super) fn look(&self, job: &Job<'_>, batch: &Batch, labels: &mut Labels) -> ExposureLook {
        let kinds = ByLabel::of_texts(batch, self.kind, labels, |name| {
            kind_of(job, name.unwrap_or(""))
        });
        ExposureLook {
            keys: self.keys.look(batch, labels),
            kinds,
        }
    }

    /// Takes in the rows of a shard; `members` is absent for rows without a key.
    pub(super) fn take(
        &self,
        job: &Job<'_>,
        group: &Group<'_>,
        look: &ExposureLook,
        mut members: Option<&mut Members>,
        tally: &mut Tally,
    ) {
        let mut elsewhere = 0;
        for (position, row) in group.rows() {
            if look.keys.is_elsewhere(row) {
                elsewhere += 1;
                continue;
            }
            let (variant, entry, column) = match self.judge(job, group, look, row, tally) {
                Judged::Entered(variant, entry, column) => (variant, entry, column),
                Judged::Broken(variant, rule) => {
                    if let Some(members) = members.as_deref_mut() {
                        members.mark(group.numbers[position], self.contract, rule);
                    }
                    (Some(variant), Entry::Broken(rule), group.blamed(rule, row))
                }
                Judged::Exposed { variant, kind, at } => {
                    let entry = match members.as_deref_mut() {
                        Some(members) => {
                            let number = group.numbers[position];
                            place(job, members, number, (variant, kind, at), tally)
                        }
                        None => Entry::OutOfScope(OutOfScope::OtherUnit),
                    };
                    (Some(variant), entry, None)
                }
            };
            tally.ledger.enter(group.batch, row, variant, entry, column);
        }
        let entry = Entry::OutOfScope(OutOfScope::OtherExperiment);
        tally.ledger.add(None, entry, elsewhere);
    }

    fn judge<'b>(
        &self,
        job: &Job<'_>,
        group: &Group<'b>,
        look: &ExposureLook,
        row: usize,
        tally: &mut Tally,
    ) -> Judged<'b> {
        let Group { batch, keyed, .. } = *group;
        let integers = job.has_integer_ids();
        let variant = match self
            .keys
            .read(batch, keyed, &look.keys, row, integers, tally)
        {
            Key::Row(variant) => variant,
            Key::Entered {
                variant,
                entry,
                column,
            } => return Judged::Entered(variant, entry, Some(column)),
        };
        let enter = |entry, column| Judged::Entered(Some(variant), entry, column);
        if let Some(breach) = group.breach(row) {
            tally.ledger.note(Some(variant), &breach.counts);
            if let Some(rule) = breach.rejects {
                return Judged::Broken(variant, rule);
            }
        }
        if let Some((rule, column)) = group.fault(row) {
            return enter(Entry::Rejected(rule), Some(column));
        }
        let Some(at) = time(batch, self.time, row) else {
            let rule = RejectionRule::NullTimestamp;
            return enter(Entry::Rejected(rule), Some("exposed_at"));
        };
        if job.instant().is_some_and(|as_of| at >= as_of) {
            return enter(Entry::OutOfScope(OutOfScope::AfterAsOf), None);
        }
        if job.plan.experiment.end.is_some_and(|end| at >= end.0) {
            return enter(Entry::OutOfScope(OutOfScope::OutsideDates), None);
        }
        let kind = look
            .kinds
            .as_ref()
            .map_or_else(|| kind_of(job, ""), |kinds| *kinds.of_row(row));
        if !kind.counts {
            return enter(Entry::OutOfScope(OutOfScope::OtherType), None);
        }
        tally.rows += 1;
        Judged::Exposed {
            variant,
            // A variant needs 6 bits, and 26 tell the few types apart.
            kind: kind.number << 6 | u32::from(variant),
            at,
        }
    }
}

/// A row's exposure, or its line in the ledger.
enum Judged<'b> {
    Exposed { variant: u8, kind: u32, at: i64 },
    Broken(u8, RuleNumber),
    Entered(Option<u8>, Entry, Option<&'b str>),
}

/// The number of a type of exposure, and whether the experiment counts it.
fn kind_of(job: &Job<'_>, name: &str) -> Kind {
    let types = &job.plan.experiment.exposure.types;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the hash of a type is cut on purpose"
    )]
    let number = super::key::label_key(name) as u32;
    Kind {
        number,
        counts: types.is_empty() || types.iter().any(|known| known == name),
    }
}

/// Places one exposure of a unit, if it is one.
fn place(
    job: &Job<'_>,
    members: &mut Members,
    number: u32,
    (variant, kind, at): (u8, u32, i64),
    tally: &mut Tally,
) -> Entry {
    let Known::Unit(unit) = members.find(number) else {
        if let Some(reason) = members.left_out(number) {
            return Entry::OutOfScope(reason);
        }
        tally.orphan_rows += 1;
        return Entry::OutOfScope(OutOfScope::OtherUnit);
    };
    let units = &mut members.units;
    units.meet(unit, kind, at);
    if units.is_in_several(unit) && !job.keeps_several {
        return Entry::OutOfScope(OutOfScope::SeveralVariants);
    }
    judge_placed(job, units, unit, variant, at)
}

/// Judges one exposure of an assigned unit.
fn judge_placed(job: &Job<'_>, units: &mut Units, unit: u32, variant: u8, at: i64) -> Entry {
    if units.variant(unit) != variant {
        units.expose_otherwise(unit, variant);
        return Entry::OutOfScope(OutOfScope::OtherVariant);
    }
    let assigned_at = units.assigned_at(unit);
    if at < assigned_at.saturating_sub(CLOCK_SKEW) {
        units.expose_earlier(unit, at);
        return Entry::OutOfScope(OutOfScope::BeforeAssignment);
    }
    let within = job.plan.experiment.exposure.within;
    if within.is_some_and(|within| at >= assigned_at.saturating_add(within.0)) {
        units.expose_late(unit);
        return Entry::OutOfScope(OutOfScope::TooLate);
    }
    units.expose(unit, at);
    Entry::Used
}
