//! Builds a plan from definitions that the catalog found sound.

use super::{AsOfRule, Declaration, Declarations, Plan, PlannedMetric, PlannedSegment};
use crate::domain::definition::{
    Application, ContractRule, Conventions, Covariate, Experiment, Metric, MetricKind, Missing,
    Population, Role, Table, TableKind, Timestamp, Workspace,
};
use crate::domain::evidence::Layout;

/// What a plan is built from.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// The experiment.
    pub experiment: &'a Experiment,
    /// Its metrics with their roles and semantic hashes, in the experiment's order.
    pub metrics: Vec<(&'a Metric, Role, String)>,
    /// Which table holds each segment column.
    pub segments: Vec<PlannedSegment>,
    /// Which table holds the column of clusters, where there is one.
    pub cluster: Option<PlannedSegment>,
    /// The sets of conventions; not empty.
    pub conventions: Vec<Conventions>,
    /// As-of, if somebody asked for one.
    pub as_of: Option<Timestamp>,
    /// Whether a row of the assignment table is a unit, since no column tells units apart.
    pub rows_are_units: bool,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A definition names a table that the workspace does not have.
    #[error(
        "experiment '{experiment}' needs the table '{table}', which readout.toml does not list; add it under [tables]"
    )]
    NoTable {
        /// The experiment.
        experiment: String,
        /// The table.
        table: String,
    },
    /// Neither assignments nor published summaries.
    #[error(
        "experiment '{experiment}' has nothing to read: readout.toml lists no assignments table under [tables]"
    )]
    NoAssignments {
        /// The experiment.
        experiment: String,
    },
}

/// Builds the plan.
///
/// # Errors
/// [`PlanError`] when a table is needed that the workspace does not have.
pub fn build(request: &Request<'_>) -> Result<Plan, PlanError> {
    let mut declarations = Declarations::default();
    let metrics: Vec<PlannedMetric> = request
        .metrics
        .iter()
        .map(|(metric, role, hash)| plan_metric(request, &mut declarations, metric, *role, hash))
        .collect();
    let declarations = declarations.into_vec();
    let (assignments, exposures, others) = tables(request, &declarations)?;
    let populations = populations(request.experiment, exposures.is_some());
    let contract = contract(
        request.workspace,
        assignments.iter().chain(&exposures).chain(&others),
    );
    let as_of = as_of_rule(
        request.as_of,
        assignments.iter().chain(&exposures).chain(&others),
    );
    let identities = identities(request, assignments.is_some());
    Ok(Plan {
        experiment: request.experiment.clone(),
        metrics,
        declarations,
        segments: request.segments.clone(),
        cluster: request.cluster.clone(),
        populations,
        conventions: request.conventions.clone(),
        as_of,
        assignments,
        exposures,
        identities,
        consent: request.workspace.consent.clone(),
        others,
        time_zone: request.workspace.time_zone.clone(),
        rows_are_units: request.rows_are_units,
        contract,
    })
}

fn plan_metric(
    request: &Request<'_>,
    declarations: &mut Declarations,
    metric: &Metric,
    role: Role,
    semantic_hash: &str,
) -> PlannedMetric {
    let published = is_published(request.workspace, metric);
    // A covariate that every set of conventions ignores is not read.
    let covariate_wanted = !published
        && request
            .conventions
            .iter()
            .any(|conventions| conventions.covariate == Application::AsDefined);
    let value = (!published)
        .then(|| declarations.add(Declaration::of_value(&metric.value, metric.window.as_ref())));
    let denominator = metric
        .denominator
        .as_ref()
        .filter(|_| !published)
        .map(|denominator| {
            declarations.add(Declaration::of_value(denominator, metric.window.as_ref()))
        });
    let covariates: Vec<usize> = metric
        .covariates
        .iter()
        .filter(|_| covariate_wanted)
        .map(|covariate| {
            declarations.add(match covariate {
                Covariate::Column { table, column } => Declaration::of_column(table, column),
                Covariate::PrePeriod { window, value } => {
                    Declaration::of_pre_period(value.as_ref().unwrap_or(&metric.value), *window)
                }
            })
        })
        .collect();
    let steps: Vec<usize> = metric
        .steps
        .iter()
        .map(|step| declarations.add(Declaration::of_value(step, metric.window.as_ref())))
        .collect();
    let followed = request.experiment.analysis.novelty && !published;
    let parts = if followed {
        parts(metric, declarations)
    } else {
        Vec::new()
    };
    PlannedMetric {
        metric: metric.clone(),
        role,
        semantic_hash: semantic_hash.to_owned(),
        layout: Layout {
            denominator: denominator.is_some(),
            covariates: few(covariates.len()),
            steps: few(steps.len()),
            ordered: metric.kind == MetricKind::Quantile,
        },
        value,
        denominator,
        covariates,
        steps,
        parts,
    }
}

/// A count that definitions keep small.
fn few(count: usize) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX)
}

/// The value in each part of the metric's window. Only of what adds up over days, or happens on them: a ratio, a quantile or
/// a funnel of one day is another metric.
fn parts(metric: &Metric, declarations: &mut Declarations) -> Vec<usize> {
    let adds_up = matches!(
        metric.kind,
        MetricKind::Mean | MetricKind::Proportion | MetricKind::Retention
    ) && metric.value.missing == Missing::Zero;
    let Some(window) = metric.window.as_ref().filter(|_| adds_up) else {
        return Vec::new();
    };
    window
        .parts()
        .into_iter()
        .map(|(start, end)| {
            declarations.add(Declaration::of_part(
                &metric.value,
                window.anchor,
                start,
                end,
            ))
        })
        .collect()
}

fn is_published(workspace: &Workspace, metric: &Metric) -> bool {
    workspace
        .tables
        .get(&metric.value.table)
        .is_some_and(|table| table.kind == TableKind::Summaries)
}

type Tables = (Option<Table>, Option<Table>, Vec<Table>);

/// Splits the tables that are needed: assignments, exposures, and the rest sorted by name.
fn tables(request: &Request<'_>, declarations: &[Declaration]) -> Result<Tables, PlanError> {
    let workspace = request.workspace;
    let of_kind = |kind| {
        workspace
            .tables
            .values()
            .find(|table| table.kind == kind)
            .cloned()
    };
    let mut needed: Vec<&str> = declarations
        .iter()
        .map(|declaration| declaration.table.as_str())
        .chain(
            request
                .segments
                .iter()
                .chain(&request.cluster)
                .map(|segment| segment.table.as_str()),
        )
        .chain(
            request
                .metrics
                .iter()
                .map(|(metric, _, _)| metric.value.table.as_str()),
        )
        .collect();
    needed.sort_unstable();
    needed.dedup();
    let mut others = Vec::new();
    for name in needed {
        let table = workspace
            .tables
            .get(name)
            .ok_or_else(|| PlanError::NoTable {
                experiment: request.experiment.id.to_string(),
                table: name.to_owned(),
            })?;
        if !matches!(
            table.kind,
            TableKind::Assignments | TableKind::Exposures | TableKind::Identities
        ) {
            others.push(table.clone());
        }
    }
    let assignments = of_kind(TableKind::Assignments);
    let only_published = !request.metrics.is_empty()
        && request
            .metrics
            .iter()
            .all(|(metric, _, _)| is_published(workspace, metric));
    if assignments.is_none() && !only_published {
        return Err(PlanError::NoAssignments {
            experiment: request.experiment.id.to_string(),
        });
    }
    if only_published {
        return Ok((None, None, others));
    }
    let wanted = request
        .experiment
        .populations
        .contains(&Population::Exposed);
    let exposures = if wanted {
        of_kind(TableKind::Exposures)
    } else {
        None
    };
    Ok((assignments, exposures, others))
}

/// The identity map, where there are units for it.
fn identities(request: &Request<'_>, has_assignments: bool) -> Option<Table> {
    let mut tables = request.workspace.tables.values();
    let found = tables.find(|table| table.kind == TableKind::Identities);
    found
        .filter(|_| has_assignments && !request.rows_are_units)
        .cloned()
}

fn populations(experiment: &Experiment, has_exposures: bool) -> Vec<Population> {
    let mut populations: Vec<Population> = experiment
        .populations
        .iter()
        .copied()
        .filter(|population| *population == Population::Itt || has_exposures)
        .collect();
    // itt is the headline of every readout, whatever else is asked for.
    if !populations.contains(&Population::Itt) {
        populations.push(Population::Itt);
    }
    populations.sort_unstable();
    populations.dedup();
    populations
}

/// The rules about tables that are read.
fn contract<'a>(
    workspace: &Workspace,
    tables: impl Iterator<Item = &'a Table>,
) -> Vec<ContractRule> {
    let names: Vec<&str> = tables.map(|table| table.name.as_str()).collect();
    let rules = workspace.contract.iter();
    rules
        .filter(|rule| names.contains(&rule.table.as_str()))
        .cloned()
        .collect()
}

fn as_of_rule<'a>(asked: Option<Timestamp>, tables: impl Iterator<Item = &'a Table>) -> AsOfRule {
    match (
        asked,
        tables.filter_map(|table| table.complete_through).min(),
    ) {
        (Some(instant), _) => AsOfRule::Asked(instant),
        (None, Some(instant)) => AsOfRule::CompleteThrough(instant),
        (None, None) => AsOfRule::FromTables,
    }
}
