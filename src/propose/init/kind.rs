//! Guesses which kind of table one is: assignments, exposures, events, units or published summaries.

use super::columns::{Role, Roles, folded, roles};
use crate::domain::definition::TableKind;
use crate::propose::profile::Profile;

/// What a table was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) kind: TableKind,
    pub(super) roles: Roles,
    /// Why.
    pub(super) reason: String,
}

/// The kind of a table called `name`, or why it is none.
pub(super) fn kind_of(name: &str, profile: &Profile) -> Result<Taken, String> {
    let mut roles = roles(profile);
    let summary = [Role::MetricId, Role::Count, Role::Mean, Role::Deviation];
    if summary.iter().all(|role| roles.has(*role)) && roles.has(Role::Variant) {
        return Ok(taken(
            TableKind::Summaries,
            roles,
            "it has n, mean and standard deviation by metric and variant",
        ));
    }
    let Some(unit) = roles.get(Role::Unit).map(str::to_owned) else {
        return Err(
            "no column tells units apart (such as unit_id, user_id, account_id); `readout quick FILE` can take each row for a unit".to_owned(),
        );
    };
    let says = |word: &str| folded(name).contains(word);
    let is_exposures = says("expos") || roles.has(Role::ExposedAt) || roles.has(Role::ExposureType);
    if is_exposures && !roles.has(Role::AssignedAt) && !roles.has(Role::EventName) {
        roles.time_is(Role::ExposedAt, profile);
        if roles.has(Role::ExposedAt) {
            let reason = "it has a time of exposure";
            return Ok(taken(TableKind::Exposures, roles, reason));
        }
    }
    if roles.has(Role::EventName) && !says("assign") {
        roles.time_is(Role::OccurredAt, profile);
        if roles.has(Role::OccurredAt) {
            let reason = "it has the name and time of events";
            return Ok(taken(TableKind::Events, roles, reason));
        }
    }
    if roles.has(Role::Variant) {
        roles.time_is(Role::AssignedAt, profile);
        return Ok(taken(
            TableKind::Assignments,
            roles,
            "it has units and variants",
        ));
    }
    let repeats = profile.rows > 0
        && profile
            .column(&unit)
            .is_some_and(|column| !column.is_unique);
    roles.time_is(Role::OccurredAt, profile);
    if roles.has(Role::OccurredAt) && (repeats || says("event") || says("fact")) {
        let reason = "it has units more than once, and the time of something they did";
        return Ok(taken(TableKind::Events, roles, reason));
    }
    let reason = if repeats {
        "it has units and attributes; some units have several rows, and a table of units has one"
    } else {
        "it has one row a unit, without variants"
    };
    Ok(taken(TableKind::Units, roles, reason))
}

fn taken(kind: TableKind, mut roles: Roles, reason: &str) -> Taken {
    let others: &[Role] = match kind {
        TableKind::Assignments => &[
            Role::ExposedAt,
            Role::OccurredAt,
            Role::IngestedAt,
            Role::EventName,
            Role::ExposureType,
            Role::MetricId,
            Role::Count,
            Role::Mean,
            Role::Deviation,
        ],
        TableKind::Exposures => &[
            Role::AssignedAt,
            Role::OccurredAt,
            Role::IngestedAt,
            Role::EventName,
            Role::MetricId,
            Role::Count,
            Role::Mean,
            Role::Deviation,
        ],
        TableKind::Events => &[
            Role::AssignedAt,
            Role::ExposedAt,
            Role::ExposureType,
            Role::MetricId,
            Role::Count,
            Role::Mean,
            Role::Deviation,
        ],
        TableKind::Units | TableKind::Identities => &[
            Role::Variant,
            Role::Experiment,
            Role::ExperimentVersion,
            Role::AssignedAt,
            Role::ExposedAt,
            Role::OccurredAt,
            Role::IngestedAt,
            Role::EventName,
            Role::ExposureType,
            Role::MetricId,
            Role::Count,
            Role::Mean,
            Role::Deviation,
        ],
        TableKind::Summaries => &[
            Role::Unit,
            Role::AssignedAt,
            Role::ExposedAt,
            Role::OccurredAt,
            Role::IngestedAt,
            Role::EventName,
            Role::ExposureType,
        ],
    };
    for role in others {
        roles.remove(*role);
    }
    Taken {
        kind,
        roles,
        reason: reason.to_owned(),
    }
}
