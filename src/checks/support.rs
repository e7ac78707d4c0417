//! A summary made by hand, for tests of checks and readouts: what an engine would hand over, without any row.

use super::{Context, PlannedMetric};
use std::collections::BTreeMap;

use crate::domain::definition::{
    Aggregate, Analysis, ContractRule, Conventions, DesignPlan, Direction, Eligibility, Epoch,
    Experiment, ExperimentStatus, ExposureRule, Identifier, Magnitude, Metric, MetricKind,
    MetricStatus, Missing, Population, Privacy, Role, Thresholds, Timestamp, Value, Version,
};
use crate::domain::evidence::{
    AsOf, AssignmentCounts, Cell, CellKey, Evidence, ExposureCounts, IdentifierCounts, JointSums,
    Layout, Moments, OutcomeCounts, Partition, Slice, Summary, TableLedger,
};
use crate::domain::result::{Check, CheckId, MetricReadout};

/// Everything a readout is made of.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) experiment: Experiment,
    pub(crate) metrics: Vec<(Metric, Role)>,
    pub(crate) conventions: Conventions,
    pub(crate) thresholds: Thresholds,
    pub(crate) privacy: Privacy,
    pub(crate) same_salt: Vec<String>,
    pub(crate) contract: Vec<ContractRule>,
    pub(crate) exploratory: Option<String>,
    pub(crate) summary: Summary,
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn metric(id: &str, kind: MetricKind) -> Metric {
    Metric {
        id: Identifier::new(id).unwrap(),
        version: Version {
            major: 1,
            minor: 0,
            patch: 0,
        },
        status: MetricStatus::Active,
        owner: "growth".to_owned(),
        description: None,
        kind,
        unit: None,
        direction: Direction::Increase,
        eligible_as: Role::ALL.to_vec(),
        value: Value {
            table: "events".to_owned(),
            aggregate: Aggregate::Any,
            column: None,
            filters: Vec::new(),
            missing: Missing::Zero,
            dated_by: None,
        },
        denominator: None,
        window: None,
        cap: None,
        steps: Vec::new(),
        quantile: None,
        covariates: Vec::new(),
        margin: None,
        minimum_effect: None,
        decision: None,
        drivers: Vec::new(),
        runbook: None,
        deprecated_on: None,
    }
}

/// Sums of `ones` units with 1 and the rest with 0.
pub(crate) fn zeros_and_ones(units: u64, ones: u64) -> JointSums {
    let mut sums = JointSums::new(1);
    sums.add_whole(units, ones.into(), ones.into());
    sums
}

/// Sums of `units` (an even number) units, half of them one `spread` above and half below `mean`.
pub(crate) fn around(units: u64, mean: f64, spread: f64) -> JointSums {
    let mut sums = JointSums::new(1);
    for unit in 0..units {
        let sign = if unit % 2 == 0 { 1.0 } else { -1.0 };
        sums.add(&[mean + sign * spread]);
    }
    sums
}

pub(crate) fn cell(sums: JointSums) -> Cell {
    Cell::of(Evidence::Exact(sums))
}

impl Scene {
    /// A concluded experiment, control first, even weights over one epoch, no metric, nobody in it.
    pub(crate) fn new(variants: &[&str]) -> Self {
        let experiment = Experiment {
            id: Identifier::new("checkout").unwrap(),
            version: 1,
            owner: "checkout".to_owned(),
            status: ExperimentStatus::Concluded,
            hypothesis: None,
            start: Some(instant("2026-03-01T00:00:00Z")),
            end: None,
            enrol_stop: None,
            control: variants[0].to_owned(),
            variants: variants.iter().map(|name| (*name).to_owned()).collect(),
            epochs: vec![Epoch {
                from: instant("2026-03-01T00:00:00Z"),
                weights: vec![1.0; variants.len()],
            }],
            metrics: Vec::new(),
            analysis: Analysis::default(),
            segments: Vec::new(),
            populations: vec![Population::Itt, Population::Exposed],
            plan: DesignPlan::default(),
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
        };
        Self {
            experiment,
            metrics: Vec::new(),
            conventions: Conventions::default(),
            thresholds: Thresholds::default(),
            privacy: Privacy::default(),
            same_salt: Vec::new(),
            contract: Vec::new(),
            exploratory: None,
            summary: Summary {
                as_of: AsOf {
                    instant: Some(instant("2026-04-01T00:00:00Z")),
                    reason: "given by hand".to_owned(),
                },
                enrolment: Some((
                    instant("2026-03-01T00:00:00Z"),
                    instant("2026-03-14T23:00:00Z"),
                )),
                layouts: Vec::new(),
                caps: Vec::new(),
                cells: std::collections::BTreeMap::new(),
                assignment: Some(AssignmentCounts::default()),
                identity: None,
                exposure: None,
                outcomes: Vec::new(),
                attributes: Vec::new(),
                identifiers: IdentifierCounts::default(),
                contract: Vec::new(),
                ledgers: Vec::new(),
            },
        }
        .units(&vec![1_000; variants.len()])
    }

    /// Assigned units a variant, all in the last epoch, none excluded.
    pub(crate) fn units(mut self, units: &[u64]) -> Self {
        let epochs = self.experiment.epochs.len().max(1);
        let mut by_epoch = vec![vec![0; units.len()]; epochs];
        *by_epoch.last_mut().unwrap() = units.to_vec();
        let counts = self.summary.assignment.get_or_insert_default();
        counts.units = units.iter().sum();
        counts.by_epoch.clone_from(&by_epoch);
        counts.by_epoch_before_exclusions = by_epoch;
        self
    }

    /// One epoch of weights.
    pub(crate) fn weights(mut self, weights: &[f64]) -> Self {
        self.experiment.epochs[0].weights = weights.to_vec();
        self
    }

    pub(crate) fn exposed(mut self, exposed: &[u64]) -> Self {
        self.summary.exposure = Some(ExposureCounts {
            by_epoch: vec![exposed.to_vec()],
            exposed: exposed.to_vec(),
            only_earlier: vec![0; exposed.len()],
            contradicting: vec![0; exposed.len()],
            only_invalid: vec![0; exposed.len()],
            duplicate_units: vec![0; exposed.len()],
            rows: exposed.iter().sum(),
            ..ExposureCounts::default()
        });
        self
    }

    pub(crate) fn exposure(mut self, change: impl FnOnce(&mut ExposureCounts)) -> Self {
        change(self.summary.exposure.as_mut().unwrap());
        self
    }

    pub(crate) fn assignment(mut self, change: impl FnOnce(&mut AssignmentCounts)) -> Self {
        change(self.summary.assignment.as_mut().unwrap());
        self
    }

    pub(crate) fn experiment(mut self, change: impl FnOnce(&mut Experiment)) -> Self {
        change(&mut self.experiment);
        self
    }

    /// Adds a metric with one itt cell a variant, control first.
    pub(crate) fn with(
        mut self,
        metric: Metric,
        role: Role,
        layout: Layout,
        cells: Vec<Cell>,
    ) -> Self {
        let position = self.metrics.len();
        self.metrics.push((metric, role));
        self.summary.layouts.push(layout);
        self.summary.caps.push(vec![(None, None)]);
        for (variant, cell) in cells.into_iter().enumerate() {
            self.put(position, Partition::Itt, Slice::All, variant, cell);
        }
        self
    }

    /// Adds a proportion: (units, conversions) a variant.
    pub(crate) fn proportion(self, id: &str, role: Role, counts: &[(u64, u64)]) -> Self {
        let cells = counts
            .iter()
            .map(|(units, ones)| cell(zeros_and_ones(*units, *ones)))
            .collect();
        self.with(
            metric(id, MetricKind::Proportion),
            role,
            Layout::default(),
            cells,
        )
    }

    /// Adds a mean: units each, and (mean, spread) a variant.
    pub(crate) fn mean(self, id: &str, role: Role, units: u64, values: &[(f64, f64)]) -> Self {
        let cells = values
            .iter()
            .map(|(mean, spread)| cell(around(units, *mean, *spread)))
            .collect();
        self.with(metric(id, MetricKind::Mean), role, Layout::default(), cells)
    }

    /// Adds a metric of which somebody published (n, mean, standard deviation).
    pub(crate) fn published(self, id: &str, role: Role, values: &[(u64, f64, f64)]) -> Self {
        let cells = values
            .iter()
            .map(|(units, mean, deviation)| {
                Cell::of(Evidence::Published(Moments::published(
                    *units, *mean, *deviation,
                )))
            })
            .collect();
        self.with(metric(id, MetricKind::Mean), role, Layout::default(), cells)
    }

    pub(crate) fn put(
        &mut self,
        metric: usize,
        partition: Partition,
        slice: Slice,
        variant: usize,
        cell: Cell,
    ) {
        let key = CellKey {
            metric,
            partition,
            slice,
            variant,
        };
        self.summary.cells.insert(key, cell);
    }

    /// Changes the metric added last.
    pub(crate) fn last(mut self, change: impl FnOnce(&mut Metric)) -> Self {
        change(&mut self.metrics.last_mut().unwrap().0);
        self
    }

    pub(crate) fn minimum(self, size: Magnitude) -> Self {
        self.last(|metric| metric.minimum_effect = Some(size))
    }

    pub(crate) fn margin(self, margin: Magnitude) -> Self {
        self.last(|metric| metric.margin = Some(margin))
    }

    /// Changes a cell of itt.
    pub(crate) fn cell(
        mut self,
        metric: usize,
        variant: usize,
        change: impl FnOnce(&mut Cell),
    ) -> Self {
        let key = CellKey {
            metric,
            partition: Partition::Itt,
            slice: Slice::All,
            variant,
        };
        change(self.summary.cells.get_mut(&key).unwrap());
        self
    }

    pub(crate) fn outcome(mut self, counts: OutcomeCounts) -> Self {
        self.summary.outcomes.push(counts);
        self
    }

    pub(crate) fn ledger(mut self, ledger: TableLedger) -> Self {
        self.summary.ledgers.push(ledger);
        self
    }

    pub(crate) fn planned(&self) -> Vec<PlannedMetric<'_>> {
        self.metrics
            .iter()
            .map(|(definition, role)| PlannedMetric {
                definition,
                role: *role,
                semantic_hash: "00",
            })
            .collect()
    }

    /// One check's result, without any effect to look at.
    pub(crate) fn check(&self, id: CheckId) -> Check {
        self.ask(&[], super::run)
            .into_iter()
            .find(|check| check.id == id)
            .unwrap()
    }

    /// Hands a context over the scene, with these effects, to a question.
    pub(crate) fn ask<T>(
        &self,
        effects: &[MetricReadout],
        question: impl FnOnce(&Context<'_>) -> T,
    ) -> T {
        question(&Context {
            experiment: &self.experiment,
            metrics: &self.planned(),
            conventions: &self.conventions,
            same_salt: &self.same_salt,
            min_cell: self.privacy.min_cell,
            thresholds: &self.thresholds,
            contract: &self.contract,
            summary: &self.summary,
            effects,
        })
    }
}
