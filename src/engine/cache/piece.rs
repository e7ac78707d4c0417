//! Defines the two kinds of pieces a summary is kept in, and how it is taken apart and put together again.

use serde::{Deserialize, Serialize};

use crate::domain::definition::Timestamp;
use crate::domain::evidence::{
    AsOf, AssignmentCounts, AttributeCounts, Cell, CellKey, ContractCounts, ExposureCounts,
    IdentifierCounts, IdentityCounts, Layout, OutcomeCounts, Partition, Slice, Summary,
    TableLedger,
};

/// Everything of a summary that is not a metric's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Counts {
    as_of: AsOf,
    enrolment: Option<(Timestamp, Timestamp)>,
    assignment: Option<AssignmentCounts>,
    identity: Option<IdentityCounts>,
    exposure: Option<ExposureCounts>,
    outcomes: Vec<OutcomeCounts>,
    attributes: Vec<AttributeCounts>,
    contract: Vec<ContractCounts>,
    identifiers: IdentifierCounts,
    ledgers: Vec<TableLedger>,
}

impl Counts {
    pub(super) fn of(summary: &Summary) -> Self {
        // Named one by one, so that a new part of a summary has to be given a place here.
        let Summary {
            as_of,
            enrolment,
            layouts: _,
            caps: _,
            cells: _,
            assignment,
            identity,
            exposure,
            outcomes,
            attributes,
            contract,
            identifiers,
            ledgers,
        } = summary.clone();
        Self {
            as_of,
            enrolment,
            assignment,
            identity,
            exposure,
            outcomes,
            attributes,
            contract,
            identifiers,
            ledgers,
        }
    }

    /// The summary without any metric.
    pub(super) fn into_summary(self) -> Summary {
        Summary {
            as_of: self.as_of,
            enrolment: self.enrolment,
            layouts: Vec::new(),
            caps: Vec::new(),
            cells: std::collections::BTreeMap::new(),
            assignment: self.assignment,
            identity: self.identity,
            exposure: self.exposure,
            outcomes: self.outcomes,
            attributes: self.attributes,
            contract: self.contract,
            identifiers: self.identifiers,
            ledgers: self.ledgers,
        }
    }
}

/// What a summary says of one metric, wherever the metric stands in a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct MetricPiece {
    layout: Layout,
    caps: Vec<(Option<f64>, Option<f64>)>,
    cells: Vec<(Partition, Slice, usize, Cell)>,
}

impl MetricPiece {
    /// The piece of the metric at a position of the plan.
    pub(super) fn of(summary: &Summary, metric: usize) -> Option<Self> {
        let of_metric = summary.cells.iter().filter(|(key, _)| key.metric == metric);
        let cells = of_metric.map(|(key, cell)| {
            let slice = key.slice.clone();
            (key.partition, slice, key.variant, cell.clone())
        });
        Some(Self {
            layout: *summary.layouts.get(metric)?,
            caps: summary.caps.get(metric)?.clone(),
            cells: cells.collect(),
        })
    }

    /// Puts it at a position, replacing what stood there; positions are filled from the first on.
    pub(super) fn put(self, summary: &mut Summary, metric: usize) {
        if summary.layouts.len() == metric {
            summary.layouts.push(self.layout);
            summary.caps.push(self.caps);
        }
        for (partition, slice, variant, cell) in self.cells {
            let key = CellKey {
                metric,
                partition,
                slice,
                variant,
            };
            summary.cells.insert(key, cell);
        }
    }
}
