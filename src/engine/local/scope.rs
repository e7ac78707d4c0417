//! Decides which rows of a keyed table (assignments, exposures) belong to the experiment, and reads their keys.

use std::collections::{BTreeMap, HashMap};

use super::key::{Identity, identity, is_integer, is_zero_padded};
use super::ledger::Entry;
use crate::domain::definition::Table;
use crate::domain::evidence::{IdentifierCounts, OutOfScope, RejectionRule};
use crate::plan::Plan;
use crate::source::{Batch, Cells, Column, ColumnKind, ColumnRequest};

/// Requests a reader collects without asking for a column twice.
#[derive(Debug, Default)]
pub(super) struct Requests(Vec<ColumnRequest>);

impl Requests {
    /// The position of a request for a column of a kind; required wins over optional.
    pub(super) fn add(&mut self, name: &str, kind: ColumnKind, required: bool) -> usize {
        if let Some(position) = self
            .0
            .iter()
            .position(|request| request.name == name && request.kind == kind)
        {
            self.0[position].required |= required;
            return position;
        }
        self.0.push(ColumnRequest {
            name: name.to_owned(),
            kind,
            required,
        });
        self.0.len() - 1
    }

    pub(super) fn as_slice(&self) -> &[ColumnRequest] {
        &self.0
    }
}

/// The cells of a request in a batch, if the file has the column.
pub(super) fn cells(batch: &Batch, request: usize) -> Option<&Cells> {
    batch.columns.get(request).and_then(Option::as_ref)
}

/// The instant in a row, if there is one.
#[inline]
pub(super) fn time(batch: &Batch, request: usize, row: usize) -> Option<i64> {
    let cells = cells(batch, request).filter(|cells| cells.is_valid(row))?;
    match &cells.column {
        Column::Time(values) => values.get(row).copied(),
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

/// The first fault of each row of a batch: its rule and the name of its column.
pub(super) fn faults<'a>(
    batch: &Batch,
    requests: &'a [ColumnRequest],
) -> HashMap<usize, (RejectionRule, &'a str)> {
    let mut by_row = HashMap::new();
    for fault in &batch.faults {
        let column = requests
            .get(fault.request)
            .map_or("", |request| request.name.as_str());
        by_row.entry(fault.row).or_insert((fault.rule, column));
    }
    by_row
}

/// The columns every keyed table shares, by request.
#[derive(Debug)]
pub(super) struct KeyColumns {
    experiment: usize,
    version: usize,
    pub(super) unit: usize,
    variant: usize,
}

/// Reads the keys of rows: experiment, version, unit, variant.
#[derive(Debug)]
pub(super) struct KeyReader<'a> {
    columns: KeyColumns,
    names: Vec<&'a str>,
    version: String,
    /// The table's label or ours → variant.
    labels: HashMap<String, u8>,
    /// Labels the experiment does not know, with their rows.
    pub(super) unknown: BTreeMap<String, u64>,
    pub(super) identifiers: IdentifierCounts,
    /// Whether the assignment table's ids are integers.
    integer_ids: bool,
    /// Whether each row is a unit of its own.
    rows_are_units: bool,
}

/// A row's key, or what became of the row.
pub(super) enum Keyed {
    Row {
        key: u128,
        variant: u8,
    },
    Entered {
        variant: Option<u8>,
        entry: Entry,
        column: &'static str,
        elsewhere: Option<u128>,
    },
}

impl<'a> KeyReader<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        table: &Table,
        integer_ids: bool,
        requests: &mut Requests,
    ) -> Self {
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
            unit: requests.add("unit_id", ColumnKind::Identifier, !plan.rows_are_units),
            variant: requests.add("variant_id", ColumnKind::Label, true),
        };
        let names = std::iter::once(experiment.id.as_str())
            .chain(experiment.aliases.iter().map(String::as_str));
        Self {
            columns,
            names: names.collect(),
            version: experiment.version.to_string(),
            labels,
            unknown: BTreeMap::new(),
            identifiers: IdentifierCounts::default(),
            integer_ids,
            rows_are_units: plan.rows_are_units,
        }
    }

    /// Reads one row's key. In a file without an experiment column, every row is of this experiment.
    pub(super) fn read(&mut self, batch: &Batch, row: usize) -> Keyed {
        let entered = |variant, entry, column| Keyed::Entered {
            variant,
            entry,
            column,
            elsewhere: None,
        };
        if cells(batch, self.columns.experiment).is_some() {
            match text(batch, self.columns.experiment, row) {
                None | Some("") => {
                    return entered(
                        None,
                        Entry::Rejected(RejectionRule::NullExperiment),
                        "experiment_id",
                    );
                }
                Some(name) if !self.names.contains(&name) => {
                    let elsewhere =
                        match cells(batch, self.columns.unit).map(|cells| identity(cells, row)) {
                            Some(Identity::Key(key)) => Some(key),
                            _ => None,
                        };
                    let entry = Entry::OutOfScope(OutOfScope::OtherExperiment);
                    return Keyed::Entered {
                        variant: None,
                        entry,
                        column: "experiment_id",
                        elsewhere,
                    };
                }
                Some(_) => {}
            }
        }
        if cells(batch, self.columns.version).is_some()
            && text(batch, self.columns.version, row).is_some_and(|version| version != self.version)
        {
            return entered(
                None,
                Entry::OutOfScope(OutOfScope::OtherVersion),
                "experiment_version",
            );
        }
        let label = text(batch, self.columns.variant, row).filter(|label| !label.is_empty());
        let variant = label.and_then(|label| self.labels.get(label).copied());
        let key = match self.unit(batch, row) {
            Ok(key) => key,
            Err(rule) => return entered(variant, Entry::Rejected(rule), "unit_id"),
        };
        match (label, variant) {
            (_, Some(variant)) => Keyed::Row { key, variant },
            (None, None) => entered(
                None,
                Entry::Rejected(RejectionRule::NullVariant),
                "variant_id",
            ),
            (Some(label), None) => {
                *self.unknown.entry(label.to_owned()).or_default() += 1;
                entered(
                    None,
                    Entry::Rejected(RejectionRule::UnknownVariant),
                    "variant_id",
                )
            }
        }
    }

    fn unit(&mut self, batch: &Batch, row: usize) -> Result<u128, RejectionRule> {
        if self.rows_are_units {
            let (file, position) = batch.position(row);
            return Ok(super::key::label_key(&format!("{position}:{file}")));
        }
        read_unit(
            &mut self.identifiers,
            batch,
            self.columns.unit,
            row,
            self.integer_ids,
        )
    }

    /// Whether the unit ids of a batch are integers, whether its file declares them so or writes them as text.
    pub(super) fn has_integer_ids(&self, batch: &Batch) -> bool {
        let Some(cells) = cells(batch, self.columns.unit) else {
            return false;
        };
        match &cells.column {
            Column::Integer(_) => true,
            Column::Text(texts) => (0..batch.rows).all(|row| {
                is_integer(texts.get(row)) || !matches!(identity(cells, row), Identity::Key(_))
            }),
            _ => false,
        }
    }
}

/// Reads a unit id and counts what is wrong with it.
pub(super) fn read_unit(
    counts: &mut IdentifierCounts,
    batch: &Batch,
    request: usize,
    row: usize,
    assignments_are_integers: bool,
) -> Result<u128, RejectionRule> {
    counts.rows += 1;
    let Some(cells) = cells(batch, request) else {
        counts.null += 1;
        return Err(RejectionRule::NullUnitId);
    };
    match identity(cells, row) {
        Identity::Key(key) => {
            counts.zero_padded += u64::from(assignments_are_integers && is_zero_padded(cells, row));
            Ok(key)
        }
        Identity::Null => {
            counts.null += 1;
            Err(RejectionRule::NullUnitId)
        }
        Identity::Placeholder => {
            counts.placeholder += 1;
            Err(RejectionRule::PlaceholderUnitId)
        }
    }
}
