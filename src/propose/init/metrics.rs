//! Guesses the metrics of a workspace: from the events of its tables, and from columns that are values already.
//!
//! Which way is good cannot be known from data: a direction is a guess by name, said to be one in the file, and a metric
//! that is a draft decides nothing.

use super::census::Census;
use super::columns::Role;
use super::covariates::before;
use super::events::{Event, Events, Numbers};
use super::ready_made::value_columns;
use super::tables::{ProposedTable, legal_name, say};
use super::words::{direction_of, is_averaged};
use crate::catalog::{ProposedFact, Remarks};
use crate::domain::definition::{
    Aggregate, Anchor, Direction, Duration, Filter, FilterOperator, Literal, MICROSECONDS_PER_DAY,
    Metric, MetricKind, MetricStatus, Missing, Role as MetricRole, UnitsRule, Value, Version,
    Window,
};
use crate::propose::names::identifier;
use crate::propose::quick::{Guess, MetricAsk, metric_of_column};
use crate::source::Escaped;

/// Events of one table that metrics are proposed of, the commonest first.
const MOST_EVENTS: usize = 12;
/// Columns of one table that metrics are proposed of.
const MOST_COLUMNS: usize = 40;
/// Days of a window, where events have one.
const WINDOW_DAYS: i64 = 7;

/// A metric that is proposed, with what is said in its file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ProposedMetric {
    pub(super) metric: Metric,
    pub(super) fact: Option<String>,
    pub(super) remarks: Remarks,
}

/// Metrics and facts as they come together.
pub(super) struct Metrics<'o> {
    pub(super) proposed: Vec<ProposedMetric>,
    pub(super) facts: Vec<ProposedFact>,
    pub(super) owner: &'o str,
}

impl Metrics<'_> {
    fn taken(&self) -> Vec<String> {
        self.proposed
            .iter()
            .map(|one| one.metric.id.to_string())
            .collect()
    }

    /// Adds a draft; its direction is by name unless it is known.
    pub(super) fn add(&mut self, metric: Metric, fact: Option<String>, guesses: &mut Vec<Guess>) {
        let mut remarks = Remarks::default();
        remarks.beside("status", "draft | proposed | active | deprecated | retired");
        let direction = direction_of(metric.id.as_str());
        remarks.beside("direction", "a guess by its name: which way is good?");
        if metric.window.is_some() {
            remarks.beside("window", "a guess: how long after entry counts?");
        }
        say(
            guesses,
            format!("metric {}", metric.id),
            metric.kind.name(),
            format!(
                "{}; direction {direction} is a guess by its name",
                metric.description.as_deref().unwrap_or("as declared")
            ),
        );
        self.proposed.push(ProposedMetric {
            metric: Metric {
                direction,
                ..metric
            },
            fact,
            remarks,
        });
    }

    /// The draft of a metric over a value.
    pub(super) fn draft(
        &self,
        name: &str,
        kind: MetricKind,
        description: String,
        value: Value,
        window: Option<Window>,
    ) -> Metric {
        Metric {
            id: identifier(name, &self.taken()),
            version: FIRST,
            status: MetricStatus::Draft,
            owner: self.owner.to_owned(),
            description: Some(description),
            kind,
            unit: None,
            direction: Direction::Increase,
            eligible_as: MetricRole::ALL.to_vec(),
            value,
            denominator: None,
            window,
            cap: None,
            covariates: Vec::new(),
            steps: Vec::new(),
            quantile: None,
            margin: None,
            minimum_effect: None,
            decision: None,
            drivers: Vec::new(),
            runbook: None,
            deprecated_on: None,
        }
    }

    /// A proportion of units an event, and the sum or mean of what it carries.
    pub(super) fn of_events(
        &mut self,
        table: &ProposedTable,
        found: &Events,
        guesses: &mut Vec<Guess>,
        left: &mut Vec<String>,
    ) {
        let mut common: Vec<(&String, &Event)> = found.by_name.iter().collect();
        common.sort_by(|one, other| {
            other
                .1
                .rows
                .cmp(&one.1.rows)
                .then_with(|| one.0.cmp(other.0))
        });
        if common.len() > MOST_EVENTS {
            left.push(format!(
                "{} rarer events of table '{}': metrics are proposed of the {MOST_EVENTS} commonest",
                common.len() - MOST_EVENTS,
                table.table.name
            ));
            common.truncate(MOST_EVENTS);
        }
        for (name, event) in common {
            self.of_event(table, name, event, guesses);
        }
    }

    fn of_event(
        &mut self,
        table: &ProposedTable,
        name: &str,
        event: &Event,
        guesses: &mut Vec<Guess>,
    ) {
        let table_name = &table.table.name;
        let (called, filters) = if table.roles.has(Role::EventName) {
            (name, vec![is(Role::EventName.name(), name)])
        } else {
            (table_name.as_str(), Vec::new())
        };
        let (column, numbers) = carried(event).map_or((None, None), |(column, numbers)| {
            (Some(column), Some(numbers))
        });
        let fact = self.fact(called, table_name, column, &filters);
        let value = |aggregate: Aggregate, column: Option<&String>| Value {
            table: table_name.clone(),
            aggregate,
            column: column.cloned(),
            filters: filters.clone(),
            missing: if aggregate.is_zero_without_rows() {
                Missing::Zero
            } else {
                Missing::Drop
            },
            dated_by: None,
        };
        let shown = Escaped(called);
        let rate = self.draft(
            &format!("{called}-rate"),
            MetricKind::Proportion,
            format!("Units with '{shown}' in their first {WINDOW_DAYS} days"),
            value(Aggregate::Any, None),
            Some(first_days()),
        );
        self.add(rate, Some(fact.clone()), guesses);
        let Some((column, numbers)) = column.zip(numbers) else {
            return;
        };
        let is_averaged = is_averaged(&format!("{called}_{column}")) && numbers.most > 1.0;
        let (aggregate, noun) = if is_averaged {
            (Aggregate::Mean, "Mean")
        } else {
            (Aggregate::Sum, "Sum")
        };
        let amount = self.draft(
            &format!("{called}-{column}"),
            MetricKind::Mean,
            format!(
                "{noun} of '{}' over '{shown}' in the first {WINDOW_DAYS} days",
                Escaped(column)
            ),
            value(aggregate, Some(column)),
            Some(first_days()),
        );
        self.add(amount, Some(fact), guesses);
    }

    /// The name of a fact, which is made where there is none like it.
    fn fact(
        &mut self,
        called: &str,
        table: &str,
        column: Option<&String>,
        filters: &[Filter],
    ) -> String {
        let base = legal_name(called);
        let mut name = base.clone();
        let mut number = 2;
        while self.facts.iter().any(|fact| fact.name == name) {
            name = format!("{base}_{number}");
            number += 1;
        }
        self.facts.push(ProposedFact {
            name: name.clone(),
            table: table.to_owned(),
            column: column.cloned(),
            filters: filters.to_vec(),
        });
        name
    }

    /// A metric a column of a table of units; what is called as if it were from before becomes a covariate.
    pub(super) fn of_columns(
        &mut self,
        table: &ProposedTable,
        guesses: &mut Vec<Guess>,
        left: &mut Vec<String>,
    ) {
        let columns: Vec<_> = value_columns(table)
            .filter(|column| before(&column.name).is_none())
            .collect();
        if columns.len() > MOST_COLUMNS {
            left.push(format!(
                "{} number columns of table '{}' beyond the first {MOST_COLUMNS}",
                columns.len() - MOST_COLUMNS,
                table.table.name
            ));
        }
        for column in columns.into_iter().take(MOST_COLUMNS) {
            let ask = MetricAsk {
                column: column.name.clone(),
                kind: None,
                quantile: None,
                direction: None,
            };
            let guessed = metric_of_column(column, &ask, &self.taken(), guesses);
            let metric = Metric {
                version: FIRST,
                status: MetricStatus::Draft,
                owner: self.owner.to_owned(),
                description: Some(format!(
                    "Column '{}' of table {}",
                    Escaped(&column.name),
                    table.table.name
                )),
                value: Value {
                    table: table.table.name.clone(),
                    ..guessed.value
                },
                ..guessed
            };
            self.add(metric, None, guesses);
        }
    }
}

const FIRST: Version = Version {
    major: 0,
    minor: 1,
    patch: 0,
};

/// The window from entry that a proposal has.
pub(super) const fn first_days() -> Window {
    Window {
        anchor: Anchor::Entry,
        start: Duration::ZERO,
        end: Duration(WINDOW_DAYS * MICROSECONDS_PER_DAY),
        units: UnitsRule::Matured,
    }
}

fn is(column: &str, value: &str) -> Filter {
    Filter {
        column: column.to_owned(),
        operator: FilterOperator::Equal,
        values: vec![Literal::Text(value.to_owned())],
    }
}

/// The column whose numbers come with most rows of an event and differ.
fn carried(event: &Event) -> Option<(&String, Numbers)> {
    event
        .numbers
        .iter()
        .filter(|(_, numbers)| numbers.filled * 2 > event.rows && numbers.least < numbers.most)
        .map(|(column, numbers)| (column, *numbers))
        .max_by_key(|(_, numbers)| numbers.filled)
}

/// Whether units are known to be assigned at some time, which a window needs.
pub(super) fn has_times(census: Option<&Census>) -> bool {
    census.is_some_and(|census| {
        census
            .versions
            .values()
            .any(|version| version.first.is_some())
    })
}
