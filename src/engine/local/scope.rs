//! Decides which rows of a keyed table (assignments, exposures) belong to the experiment, and reads their keys.

use std::collections::HashMap;

use super::keyed::Keyed;
use super::labels::{ByLabel, Labels};
use super::ledger::Entry;
use super::tally::Tally;
use crate::domain::definition::Table;
use crate::domain::evidence::{OutOfScope, RejectionRule};
use crate::plan::Plan;
use crate::source::{Batch, Cells, Column, ColumnKind, ColumnRequest};

/// Requests that readers collect without asking for a column twice.
#[derive(Debug, Default)]
pub(super) struct Requests {
    all: Vec<ColumnRequest>,
    /// Those that the reader in the making asks for, in its order.
    asked: Vec<usize>,
}

impl Requests {
    /// The position of a request for a column of a kind; required wins over optional.
    pub(super) fn add(&mut self, name: &str, kind: ColumnKind, required: bool) -> usize {
        let known = self
            .all
            .iter()
            .position(|request| request.name == name && request.kind == kind);
        let position = known.unwrap_or(self.all.len());
        if let Some(request) = self.all.get_mut(position) {
            request.required |= required;
        } else {
            self.all.push(ColumnRequest {
                name: name.to_owned(),
                kind,
                required,
            });
        }
        if !self.asked.contains(&position) {
            self.asked.push(position);
        }
        position
    }

    /// The requests that were added since the last call: those of one reader, in its order.
    pub(super) fn take_asked(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.asked)
    }

    pub(super) fn as_slice(&self) -> &[ColumnRequest] {
        &self.all
    }
}

/// The cells of a request in a batch, if the file has the column.
pub(super) fn cells(batch: &Batch, request: usize) -> Option<&Cells> {
    batch.columns.get(request).and_then(Option::as_ref)
}

/// The instant in a row, if there is one.
#[inline]
pub(super) fn time(batch: &Batch, request: usize, row: usize) -> Option<i64> {
    instant(cells(batch, request)?, row)
}

/// The instant in a row of a column, if there is one.
#[inline]
pub(super) fn instant(cells: &Cells, row: usize) -> Option<i64> {
    match &cells.column {
        Column::Time(values) if cells.is_valid(row) => values.get(row).copied(),
        _ => None,
    }
}

/// The text in a row, if there is one.
#[inline]
pub(super) fn text(batch: &Batch, request: usize, row: usize) -> Option<&str> {
    let cells = cells(batch, request).filter(|cells| cells.is_valid(row))?;
    match &cells.column {
        Column::Text(texts) => Some(texts.get(row)),
        _ => None,
    }
}

/// The first fault of each row of a batch among the columns that a reader asked for, in its order, so that what others ask
/// for does not show: its rule and the name of its column.
pub(super) fn faults<'a>(
    batch: &Batch,
    requests: &'a [ColumnRequest],
    asked: &[usize],
) -> HashMap<usize, (RejectionRule, &'a str)> {
    let mut first: HashMap<usize, (usize, RejectionRule)> = HashMap::new();
    for fault in &batch.faults {
        let Some(rank) = asked.iter().position(|request| *request == fault.request) else {
            continue;
        };
        let known = first.entry(fault.row).or_insert((rank, fault.rule));
        if rank < known.0 {
            *known = (rank, fault.rule);
        }
    }
    let column = |rank: usize| {
        let request = asked.get(rank).and_then(|request| requests.get(*request));
        request.map_or("", |request| request.name.as_str())
    };
    let first = first.into_iter();
    first
        .map(|(row, (rank, rule))| (row, (rule, column(rank))))
        .collect()
}

/// The columns every keyed table shares, by request.
#[derive(Debug)]
struct KeyColumns {
    experiment: usize,
    version: usize,
    variant: usize,
}

/// Reads the keys of rows: experiment, version, unit, variant. It never changes while rows are read.
#[derive(Debug)]
pub(super) struct KeyReader<'a> {
    columns: KeyColumns,
    names: Vec<&'a str>,
    version: String,
    number: u32,
    /// The table's label or ours → variant.
    labels: HashMap<String, u8>,
}

/// What is known of the keys of a batch, a label at a time. A column that its file does not have is absent.
#[derive(Debug)]
pub(super) struct KeyLook {
    experiment: Option<ByLabel<Belongs>>,
    version: Option<ByLabel<Versioned>>,
    variant: Option<ByLabel<Labelled>>,
}

impl KeyLook {
    /// Whether a row is another experiment's.
    #[inline]
    pub(super) fn is_elsewhere(&self, row: usize) -> bool {
        let names = self.experiment.as_ref();
        names.is_some_and(|names| *names.of_row(row) == Belongs::Elsewhere)
    }

    /// Whether a row is of an earlier version of the experiment.
    pub(super) fn is_earlier(&self, row: usize) -> bool {
        let versions = self.version.as_ref();
        versions.is_some_and(|versions| *versions.of_row(row) == Versioned::Earlier)
    }
}

/// What a row's version is to the experiment's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Versioned {
    Same,
    Earlier,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Belongs {
    Nowhere,
    Elsewhere,
    Here,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Labelled {
    Nothing,
    Unknown,
    Variant(u8),
}

/// A row's key, or what became of the row.
pub(super) enum Key {
    /// A unit and its variant.
    Row(u8),
    Entered {
        variant: Option<u8>,
        entry: Entry,
        column: &'static str,
    },
}

impl<'a> KeyReader<'a> {
    pub(super) fn new(plan: &'a Plan, table: &Table, requests: &mut Requests) -> Self {
        let experiment = &plan.experiment;
        let mut labels = HashMap::new();
        for (position, id) in (0_u8..).zip(&experiment.variants) {
            labels.insert(id.clone(), position);
        }
        for (theirs, ours) in &table.variants {
            if let Some(position) = experiment.variants.iter().position(|id| id == ours) {
                labels.insert(theirs.clone(), u8::try_from(position).unwrap_or(u8::MAX));
            }
        }
        let columns = KeyColumns {
            experiment: requests.add("experiment_id", ColumnKind::Label, false),
            version: requests.add("experiment_version", ColumnKind::Label, false),
            variant: requests.add("variant_id", ColumnKind::Label, true),
        };
        let names = std::iter::once(experiment.id.as_str())
            .chain(experiment.aliases.iter().map(String::as_str));
        Self {
            columns,
            names: names.collect(),
            version: experiment.version.to_string(),
            number: experiment.version,
            labels,
        }
    }

    /// Judges the labels of a batch.
    pub(super) fn look(&self, batch: &Batch, labels: &mut Labels) -> KeyLook {
        let columns = &self.columns;
        KeyLook {
            experiment: ByLabel::of_texts(batch, columns.experiment, labels, |name| match name {
                None | Some("") => Belongs::Nowhere,
                Some(name) if self.names.contains(&name) => Belongs::Here,
                Some(_) => Belongs::Elsewhere,
            }),
            version: ByLabel::of_texts(batch, columns.version, labels, |version| {
                let number = || version?.trim().parse().ok();
                match version {
                    None => Versioned::Same,
                    Some(version) if version == self.version => Versioned::Same,
                    Some(_) if number().is_some_and(|number: u32| number < self.number) => {
                        Versioned::Earlier
                    }
                    Some(_) => Versioned::Other,
                }
            }),
            variant: ByLabel::of_texts(batch, columns.variant, labels, |label| {
                match label.filter(|label| !label.is_empty()) {
                    None => Labelled::Nothing,
                    Some(label) => self
                        .labels
                        .get(label)
                        .map_or(Labelled::Unknown, |variant| Labelled::Variant(*variant)),
                }
            }),
        }
    }

    /// Reads one row's key. In a file without an experiment column, every row is of this experiment.
    pub(super) fn read(
        &self,
        batch: &Batch,
        keyed: &Keyed,
        look: &KeyLook,
        row: usize,
        assignments_are_integers: bool,
        tally: &mut Tally,
    ) -> Key {
        let entered = |variant, entry, column| Key::Entered {
            variant,
            entry,
            column,
        };
        match look.experiment.as_ref().map(|names| *names.of_row(row)) {
            Some(Belongs::Nowhere) => {
                let entry = Entry::Rejected(RejectionRule::NullExperiment);
                return entered(None, entry, "experiment_id");
            }
            Some(Belongs::Elsewhere) => {
                let entry = Entry::OutOfScope(OutOfScope::OtherExperiment);
                return entered(None, entry, "experiment_id");
            }
            Some(Belongs::Here) | None => {}
        }
        let version = look.version.as_ref().map(|versions| *versions.of_row(row));
        if version.is_some_and(|version| version != Versioned::Same) {
            let entry = Entry::OutOfScope(OutOfScope::OtherVersion);
            return entered(None, entry, "experiment_version");
        }
        let labelled = look
            .variant
            .as_ref()
            .map_or(Labelled::Nothing, |labels| *labels.of_row(row));
        let variant = match labelled {
            Labelled::Variant(variant) => Some(variant),
            Labelled::Nothing | Labelled::Unknown => None,
        };
        if let Err(rule) = keyed.count(row, &mut tally.identifiers, assignments_are_integers) {
            return entered(variant, Entry::Rejected(rule), "unit_id");
        }
        match labelled {
            Labelled::Variant(variant) => Key::Row(variant),
            Labelled::Nothing => {
                let entry = Entry::Rejected(RejectionRule::NullVariant);
                entered(None, entry, "variant_id")
            }
            Labelled::Unknown => {
                let label = text(batch, self.columns.variant, row).unwrap_or("");
                match tally.unknown_labels.get_mut(label) {
                    Some(rows) => *rows += 1,
                    None => {
                        tally.unknown_labels.insert(label.to_owned(), 1);
                    }
                }
                let entry = Entry::Rejected(RejectionRule::UnknownVariant);
                entered(None, entry, "variant_id")
            }
        }
    }
}
