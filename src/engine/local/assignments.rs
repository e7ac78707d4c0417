//! Reads the assignment table: who is in which variant since when.

use super::filter::{CompiledFilter, kind_of};
use super::job::{Job, needs_time};
use super::key::word_of;
use super::labels::Labels;
use super::ledger::Entry;
use super::pass::Group;
use super::rows::{KnownPatterns, Look, RowReader};
use super::scope::{Key, KeyLook, KeyReader, Requests, time};
use super::shard::Members;
use super::tally::Tally;
use super::unit_row::{label_at, set_label, set_word};
use crate::domain::definition::Filter;
use crate::domain::evidence::{OutOfScope, RejectionRule};
use crate::source::{Batch, ColumnKind, Source};

/// Reads assignments, for one experiment.
pub(super) struct AssignmentReader<'a> {
    keys: KeyReader<'a>,
    time: usize,
    consent: Vec<CompiledFilter>,
    eligibility: Vec<CompiledFilter>,
    rows: RowReader,
}

/// What is known of a batch before its rows are read.
pub(super) struct AssignmentLook<'b> {
    keys: KeyLook,
    rows: Look<'b>,
}

impl AssignmentLook<'_> {
    /// Whether a row is another experiment's.
    #[inline]
    pub(super) fn is_elsewhere(&self, row: usize) -> bool {
        self.keys.is_elsewhere(row)
    }
}

/// Whether any part of a table has a column.
pub(super) fn has_column(source: &Source, name: &str) -> bool {
    source.columns().iter().any(|column| column.name == name)
}

impl<'a> AssignmentReader<'a> {
    pub(super) fn new(job: &Job<'a>, requests: &mut Requests) -> Self {
        let plan = job.plan;
        let keys = KeyReader::new(plan, job.assignments, requests);
        let time = requests.add("assigned_at", ColumnKind::Time, needs_time(plan));
        let consent = compile(&plan.consent, requests);
        let eligibility = compile(&plan.experiment.eligibility.filters, requests);
        let at = job.has_time.then_some(time);
        Self {
            rows: RowReader::new(job, &job.assignments.name, at, requests),
            keys,
            time,
            consent,
            eligibility,
        }
    }

    pub(super) fn look<'r, 'b>(
        &'r self,
        batch: &'b Batch,
        labels: &mut Labels,
        known: &mut KnownPatterns<'r>,
    ) -> AssignmentLook<'b> {
        AssignmentLook {
            keys: self.keys.look(batch, labels),
            rows: self.rows.look(batch, labels, known),
        }
    }

    /// Takes in the rows of a shard; `members` is absent for rows without a key. What a row brings to metrics is taken at
    /// once: ready-made columns have no window, so it does not matter when their unit entered.
    pub(super) fn take(
        &self,
        job: &Job<'_>,
        group: &Group<'_>,
        look: &mut AssignmentLook<'_>,
        mut members: Option<&mut Members>,
        tally: &mut Tally,
    ) {
        let mut elsewhere = 0;
        for (position, row) in group.rows() {
            if look.keys.is_elsewhere(row) {
                elsewhere += 1;
                if let Some(members) = members.as_deref_mut() {
                    members.note_elsewhere(group.numbers[position]);
                }
                continue;
            }
            let judged = self.judge(job, group, &look.keys, row, tally);
            let (variant, entry, column) = match judged {
                Judged::Entered(variant, entry, column) => {
                    if let Some(members) = members.as_deref_mut() {
                        let at = time(group.batch, self.time, row).unwrap_or(0);
                        let is_earlier = look.keys.is_earlier(row);
                        let number = group.numbers[position];
                        members.leave_out(number, entry, is_earlier, variant, at);
                    }
                    (variant, entry, column)
                }
                Judged::Assigned(variant, at) => {
                    if let Some(members) = members.as_deref_mut() {
                        let number = group.numbers[position];
                        let unit = members.assign(number, variant, at);
                        if let Some(identities) = &job.identities
                            && let Some(person) = identities.person(group.keyed.id(row))
                        {
                            let id = word_of(group.keyed.id(row));
                            members.units.stitch(unit, id, person, at, variant);
                        }
                        if let Some(place) = job.draw_at {
                            let word = word_of(group.keyed.keys[row]);
                            set_word(members.units.rows.row_mut(unit), place, word);
                        }
                        if let Some(place) = job.cluster_at {
                            let row_of = members.units.rows.row_mut(unit);
                            if label_at(row_of, place) == 0 {
                                set_label(row_of, place, group.keyed.keys[row] & !1);
                            }
                        }
                        if !self.rows.is_idle() {
                            self.rows.take(
                                job,
                                group.batch,
                                &mut look.rows,
                                row,
                                unit,
                                &mut members.units,
                                &mut tally.overflowed,
                            );
                        }
                    }
                    tally.rows += 1;
                    (Some(variant), Entry::Used, None)
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
        look: &KeyLook,
        row: usize,
        tally: &mut Tally,
    ) -> Judged<'b> {
        let Group { batch, keyed, .. } = *group;
        let variant = match self.keys.read(batch, keyed, look, row, false, tally) {
            Key::Row(variant) => variant,
            Key::Entered {
                variant,
                entry,
                column,
            } => return Judged::Entered(variant, entry, Some(column)),
        };
        let enter = |entry, column| Judged::Entered(Some(variant), entry, column);
        let hold =
            |filters: &[CompiledFilter]| filters.iter().all(|filter| filter.holds(batch, row));
        // Before anything else is asked of the row: whoever did not consent is not even looked at.
        if !hold(&self.consent) {
            return enter(Entry::OutOfScope(OutOfScope::NoConsent), None);
        }
        if let Some(breach) = group.breach(row) {
            tally.ledger.note(Some(variant), &breach.counts);
            if let Some(rule) = breach.rejects {
                return enter(Entry::Broken(rule), group.blamed(rule, row));
            }
        }
        if let Some((rule, column)) = group.fault(row) {
            return enter(Entry::Rejected(rule), Some(column));
        }
        let at = time(batch, self.time, row);
        if job.has_time && at.is_none() {
            let rule = RejectionRule::NullTimestamp;
            return enter(Entry::Rejected(rule), Some("assigned_at"));
        }
        if let Some(at) = at {
            let experiment = &job.plan.experiment;
            let stop = [experiment.enrol_stop, experiment.end]
                .into_iter()
                .flatten()
                .min();
            let before = experiment.start.is_some_and(|start| at < start.0);
            if before || stop.is_some_and(|stop| at >= stop.0) {
                return enter(Entry::OutOfScope(OutOfScope::OutsideDates), None);
            }
            if job.instant().is_some_and(|as_of| at >= as_of) {
                return enter(Entry::OutOfScope(OutOfScope::AfterAsOf), None);
            }
        }
        if !hold(&self.eligibility) {
            return enter(Entry::OutOfScope(OutOfScope::NotEligible), None);
        }
        Judged::Assigned(variant, at.unwrap_or(0))
    }
}

/// Conditions with the columns they are about.
fn compile(filters: &[Filter], requests: &mut Requests) -> Vec<CompiledFilter> {
    let compiled = filters.iter().map(|filter| CompiledFilter {
        request: requests.add(&filter.column, kind_of(filter), true),
        filter: filter.clone(),
    });
    compiled.collect()
}

/// A row's assignment, or its line in the ledger.
enum Judged<'b> {
    Assigned(u8, i64),
    Entered(Option<u8>, Entry, Option<&'b str>),
}
