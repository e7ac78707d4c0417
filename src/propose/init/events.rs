//! Looks through a table of events: what happens how often, which numbers it carries, how late rows arrive.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use super::census::{Watch, cells, instant, text};
use super::columns::Role;
use super::ready_made::value_columns;
use super::tables::ProposedTable;
use crate::domain::definition::{Duration, Timestamp};
use crate::source::{Column, ColumnKind, ColumnRequest, Source, SourceError};

/// Rows looked at.
const ROWS: u64 = 5_000_000;
/// Different events counted.
const EVENTS: usize = 1_000;
/// Number columns looked at.
const NUMBERS: usize = 8;
/// Rows that may be later than the lateness that is proposed: one in this many.
const LATER: u64 = 1_000;

const HOUR: i64 = 3_600_000_000;

/// Numbers of one column that come with one event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Numbers {
    pub(super) filled: u64,
    pub(super) least: f64,
    pub(super) most: f64,
}

/// One event.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Event {
    pub(super) rows: u64,
    /// By column.
    pub(super) numbers: BTreeMap<String, Numbers>,
}

/// What a table of events holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Events {
    /// By name; one without a name where no column names events.
    pub(super) by_name: BTreeMap<String, Event>,
    pub(super) rows: u64,
    /// Whether rows were left unread.
    pub(super) is_cut: bool,
    pub(super) last: Option<Timestamp>,
    /// Rows by whole hours between event and arrival, rounded up.
    lags: BTreeMap<i64, u64>,
}

impl Events {
    /// How late rows arrive, all but one in a thousand: in whole hours below a day, else in whole days. `None` where no
    /// column tells.
    pub(super) fn lateness(&self) -> Option<Duration> {
        let total: u64 = self.lags.values().sum();
        if total == 0 {
            return None;
        }
        let mut later = total;
        let hours = self.lags.iter().find_map(|(hours, rows)| {
            later -= rows;
            (later <= total / LATER).then_some(*hours)
        })?;
        // Up to the next whole day.
        let hours = if hours > 24 {
            (hours + 23) / 24 * 24
        } else {
            hours
        };
        Some(Duration(hours * HOUR))
    }
}

/// Looks through a table of events; `None` when somebody asked to stop.
///
/// # Errors
/// [`SourceError`] when the table cannot be read.
pub(super) fn events(
    table: &ProposedTable,
    root: &Path,
    time_zone: Option<&str>,
    watch: Watch<'_>,
) -> Result<Option<Events>, SourceError> {
    let source = Source::open(&table.table, root, time_zone)?;
    let names: Vec<String> = value_columns(table)
        .take(NUMBERS)
        .map(|column| column.name.clone())
        .collect();
    let mut requests = vec![ColumnRequest::optional(
        Role::EventName.name(),
        ColumnKind::Label,
    )];
    let times = [Role::OccurredAt, Role::IngestedAt].map(|role| {
        let column = table
            .roles
            .get(role)
            .and_then(|column| table.profile.column(column))?;
        let is_readable = column.local_times == 0 || time_zone.is_some();
        is_readable.then(|| {
            requests.push(ColumnRequest::optional(role.name(), ColumnKind::Time));
            requests.len() - 1
        })
    });
    let first_number = requests.len();
    for name in &names {
        requests.push(ColumnRequest::optional(name, ColumnKind::Number));
    }
    let named = table.roles.has(Role::EventName);
    let mut found = Events::default();
    let mut stopped = false;
    source.scan(&requests, &mut |batch| {
        for row in 0..batch.rows {
            let time =
                |place: Option<usize>| place.and_then(|place| instant(cells(&batch, place), row));
            found.at(time(times[0]), time(times[1]));
            let name = if named {
                text(cells(&batch, 0), row)
            } else {
                Some("")
            };
            let Some(event) = name.and_then(|name| found.event(name)) else {
                continue;
            };
            for (position, name) in names.iter().enumerate() {
                let cells = cells(&batch, first_number + position);
                if let Some(number) = cells
                    .filter(|cells| cells.is_valid(row))
                    .and_then(|cells| number(&cells.column, row))
                {
                    event.enter(name, number);
                }
            }
        }
        found.rows += batch.rows as u64;
        stopped = !watch(batch.rows as u64);
        found.is_cut = found.rows >= ROWS;
        if stopped || found.is_cut {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    Ok((!stopped).then_some(found))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "only whether numbers differ, and roughly how, is looked at"
)]
fn number(column: &Column, row: usize) -> Option<f64> {
    match column {
        Column::Integer(values) => values.get(row).map(|value| *value as f64),
        Column::Float(values) => values.get(row).copied(),
        Column::Decimal { values, .. } => values.get(row).map(|value| *value as f64),
        _ => None,
    }
}

impl Events {
    fn at(&mut self, occurred: Option<i64>, ingested: Option<i64>) {
        let Some(occurred) = occurred else { return };
        let at = Timestamp(occurred);
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
        if let Some(ingested) = ingested {
            let lag = ingested.saturating_sub(occurred).max(0);
            *self
                .lags
                .entry(lag.saturating_add(HOUR - 1) / HOUR)
                .or_default() += 1;
        }
    }

    fn event(&mut self, name: &str) -> Option<&mut Event> {
        if !self.by_name.contains_key(name) {
            if self.by_name.len() >= EVENTS {
                return None;
            }
            self.by_name.insert(name.to_owned(), Event::default());
        }
        let event = self.by_name.get_mut(name)?;
        event.rows += 1;
        Some(event)
    }
}

impl Event {
    fn enter(&mut self, column: &str, number: f64) {
        if let Some(numbers) = self.numbers.get_mut(column) {
            numbers.filled += 1;
            numbers.least = numbers.least.min(number);
            numbers.most = numbers.most.max(number);
        } else {
            let numbers = Numbers {
                filled: 1,
                least: number,
                most: number,
            };
            self.numbers.insert(column.to_owned(), numbers);
        }
    }
}
