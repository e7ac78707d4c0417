//! Defines a record in brief: what it is of, and what the log says became of it.

use serde::Serialize;

use super::content::Record;
use super::decision::{Actor, Decision, Event, Line};
use super::id::RecordId;
use super::log::Log;
use crate::domain::definition::{MICROSECONDS_PER_DAY, Timestamp};

/// A decision and how long it took.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Decided {
    /// What.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// Who. Self-asserted.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// Days from the record's as-of, up to which its data go; absent where it has none.
    pub days_from_data: Option<f64>,
    /// Days from when it was recorded; absent where the log does not say when.
    pub days_from_record: Option<f64>,
}

/// A record in brief.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Overview {
    /// The record.
    pub record: RecordId,
    /// Its experiment; absent where it cannot be read.
    pub experiment: Option<String>,
    /// Its as-of.
    pub as_of: Option<Timestamp>,
    /// Its verdicts: variant and word.
    pub verdicts: Vec<(String, String)>,
    /// When it was recorded and by whom (self-asserted); absent where the log does not say.
    pub recorded: Option<(Timestamp, Actor)>,
    /// The record that it corrects.
    pub supersedes: Option<RecordId>,
    /// The record in its place.
    pub superseded_by: Option<RecordId>,
    /// What was decided on it, in order.
    pub decisions: Vec<Decided>,
    /// What is wrong with the record.
    pub problem: Option<String>,
}

impl Overview {
    /// A record in brief; of one that cannot be read, why, and what the log says.
    #[must_use]
    pub fn of(id: &RecordId, record: Result<&Record, String>, log: &Log) -> Self {
        let lines: Vec<&Line> = log.about(id).collect();
        let recorded = lines.iter().find_map(|line| match &line.event {
            Event::Recorded { .. } => Some((line.at, line.actor.clone())),
            _ => None,
        });
        let superseded_by = lines.iter().rev().find_map(|line| match &line.event {
            Event::Superseded { by, .. } => Some(by.clone()),
            _ => None,
        });
        let found = record.as_ref().ok();
        let as_of = found.and_then(|record| record.resolved.as_of.instant);
        let since = recorded.as_ref().map(|(at, _)| *at);
        let decisions = lines.iter().filter_map(|line| decided(line, as_of, since));
        let verdicts = found.iter().flat_map(|record| &record.verdict);
        let corrected = found.and_then(|record| record.supersedes.as_ref());
        Self {
            record: id.clone(),
            experiment: found.map(|record| record.external.experiment.to_string()),
            as_of,
            verdicts: verdicts
                .map(|verdict| (verdict.variant.clone(), verdict.word.name().to_owned()))
                .collect(),
            decisions: decisions.collect(),
            recorded,
            supersedes: corrected.map(|corrected| corrected.record.clone()),
            superseded_by,
            problem: record.err(),
        }
    }
}

fn decided(line: &Line, as_of: Option<Timestamp>, recorded: Option<Timestamp>) -> Option<Decided> {
    let Event::Decided {
        decision, reason, ..
    } = &line.event
    else {
        return None;
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "microseconds of a century are below 2⁵³"
    )]
    let days =
        |from: Timestamp| line.at.0.saturating_sub(from.0) as f64 / MICROSECONDS_PER_DAY as f64;
    Some(Decided {
        decision: *decision,
        reason: reason.clone(),
        actor: line.actor.clone(),
        at: line.at,
        days_from_data: as_of.map(days),
        days_from_record: recorded.map(days),
    })
}
