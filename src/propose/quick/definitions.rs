//! Writes what was guessed as ordinary definitions.

use std::collections::BTreeMap;

use super::asked::Asked;
use crate::catalog::NOBODY_YET;
use crate::domain::definition::{
    Analysis, DesignPlan, Eligibility, Epoch, Experiment, ExperimentStatus, ExposureRule,
    Governance, Metric, MetricReference, Population, Privacy, Role, Table, TableKind, Thresholds,
    Workspace,
};
use crate::propose::names::identifier;

/// The one table of a quick readout.
pub(super) const TABLE: &str = "assignments";

pub(super) fn experiment(
    name: &str,
    control: &str,
    variants: Vec<String>,
    epochs: Vec<Epoch>,
    metrics: &[Metric],
    asked: &Asked,
) -> Experiment {
    Experiment {
        id: identifier(name, &[]),
        version: 1,
        owner: NOBODY_YET.to_owned(),
        status: ExperimentStatus::Concluded,
        hypothesis: None,
        start: None,
        end: None,
        enrol_stop: None,
        control: control.to_owned(),
        variants,
        epochs,
        metrics: metrics
            .iter()
            .map(|metric| MetricReference {
                id: metric.id.clone(),
                role: Role::Primary,
                version: metric.version,
            })
            .collect(),
        segments: asked.split_by(),
        populations: vec![Population::Itt],
        plan: DesignPlan::default(),
        analysis: Analysis {
            cluster: asked.cluster.clone(),
            strata: asked.strata.clone(),
            ..Analysis::default()
        },
        exposure: ExposureRule {
            types: Vec::new(),
            control_can_be_exposed: true,
            within: None,
            dedupe: None,
        },
        eligibility: Eligibility::default(),
        aliases: Vec::new(),
        salt: None,
        conventions: BTreeMap::new(),
    }
}

pub(super) fn workspace(
    name: &str,
    path: &str,
    variant: &str,
    unit: Option<&str>,
    asked: &Asked,
) -> Workspace {
    let mut columns = BTreeMap::from([("variant_id".to_owned(), variant.to_owned())]);
    if let Some(unit) = unit {
        columns.insert("unit_id".to_owned(), unit.to_owned());
    }
    // Columns that happen to be called like ours are not ours.
    for ours in ["experiment_id", "experiment_version", "assigned_at"] {
        columns.insert(ours.to_owned(), String::new());
    }
    let table = Table {
        name: TABLE.to_owned(),
        kind: TableKind::Assignments,
        path: path.to_owned(),
        columns,
        variants: BTreeMap::new(),
        lateness: None,
        complete_through: None,
    };
    Workspace {
        name: name.to_owned(),
        time_zone: asked.time_zone.clone(),
        tables: BTreeMap::from([(TABLE.to_owned(), table)]),
        conventions: BTreeMap::new(),
        level: 0.95,
        governance: Governance::default(),
        privacy: Privacy::default(),
        consent: Vec::new(),
        thresholds: Thresholds::default(),
        contract: Vec::new(),
    }
}
