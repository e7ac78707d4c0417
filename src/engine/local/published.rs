//! Reads published summaries: n, mean and standard deviation a metric and variant, as another team printed them.

use std::collections::BTreeMap;

use super::ledger::{Entry, LedgerBuilder};
use super::scope::{Requests, cells, faults, text};
use super::{EngineError, Scan};
use crate::domain::definition::{MetricKind, Population, Table};
use crate::domain::evidence::{
    AsOf, Cell, CellKey, Evidence, IdentifierCounts, Moments, OutOfScope, RejectionRule, Slice,
    Summary, TableLedger,
};
use crate::plan::Plan;
use crate::source::{Batch, Column, ColumnKind};

/// Reads every summary table; one summary a set of conventions, all alike: conventions about units no longer apply.
pub(super) fn run(plan: &Plan, scan: &Scan<'_>) -> Result<Vec<Summary>, EngineError> {
    let mut cells = BTreeMap::new();
    let mut ledgers = Vec::new();
    for table in &plan.others {
        ledgers.push(read(plan, table, scan, &mut cells)?);
    }
    let summary = Summary {
        as_of: AsOf {
            instant: None,
            reason: "published summaries carry no time".to_owned(),
        },
        enrolment: None,
        layouts: plan.metrics.iter().map(|planned| planned.layout).collect(),
        caps: vec![vec![(None, None)]; plan.metrics.len()],
        cells,
        assignment: None,
        identity: None,
        exposure: None,
        outcomes: Vec::new(),
        attributes: Vec::new(),
        contract: Vec::new(),
        identifiers: IdentifierCounts::default(),
        ledgers,
    };
    Ok(vec![summary; plan.conventions.len()])
}

struct Columns {
    experiment: usize,
    metric: usize,
    variant: usize,
    population: usize,
    units: usize,
    mean: usize,
    deviation: usize,
}

fn read(
    plan: &Plan,
    table: &Table,
    scan: &Scan<'_>,
    out: &mut BTreeMap<CellKey, Cell>,
) -> Result<TableLedger, EngineError> {
    let source = scan.open(table)?;
    let mut requests = Requests::default();
    let columns = Columns {
        experiment: requests.add("experiment_id", ColumnKind::Label, false),
        metric: requests.add("metric_id", ColumnKind::Label, true),
        variant: requests.add("variant_id", ColumnKind::Label, true),
        population: requests.add("population", ColumnKind::Label, false),
        units: requests.add("n", ColumnKind::Number, true),
        mean: requests.add("mean", ColumnKind::Number, true),
        deviation: requests.add("standard_deviation", ColumnKind::Number, false),
    };
    let asked = requests.take_asked();
    let mut ledger = LedgerBuilder::new(
        &table.name,
        plan.experiment.variants.len(),
        Vec::new(),
        scan.named,
    );
    scan.each_batch(&source, requests.as_slice(), &mut |batch| {
        ledger.enter_lost(batch);
        let faults = faults(batch, requests.as_slice(), &asked);
        for row in 0..batch.rows {
            let (variant, entry, column) = match faults.get(&row) {
                Some((rule, column)) => (None, Entry::Rejected(*rule), Some(*column)),
                None => take(plan, table, &columns, batch, row, out)?,
            };
            ledger.enter(batch, row, variant, entry, column);
        }
        let rows = batch.rows as u64 + batch.lost.len() as u64;
        scan.progress.advance(rows, batch.bytes);
        Ok(())
    })?;
    Ok(ledger.finished(&plan.experiment.variants))
}

type Line = (Option<u8>, Entry, Option<&'static str>);

fn take(
    plan: &Plan,
    table: &Table,
    columns: &Columns,
    batch: &Batch,
    row: usize,
    out: &mut BTreeMap<CellKey, Cell>,
) -> Result<Line, EngineError> {
    let experiment = &plan.experiment;
    if let Some(name) = text(batch, columns.experiment, row)
        && name != experiment.id.as_str()
        && !experiment.aliases.iter().any(|alias| alias == name)
    {
        return Ok((None, Entry::OutOfScope(OutOfScope::OtherExperiment), None));
    }
    let name = text(batch, columns.metric, row).unwrap_or("");
    let asked = plan
        .metrics
        .iter()
        .position(|planned| planned.metric.id.as_str() == name && planned.value.is_none());
    let Some(metric) = asked else {
        return Ok((None, Entry::OutOfScope(OutOfScope::NotAsked), None));
    };
    let Some(label) = text(batch, columns.variant, row) else {
        return Ok((
            None,
            Entry::Rejected(RejectionRule::NullVariant),
            Some("variant_id"),
        ));
    };
    let ours = table.variants.get(label).map_or(label, String::as_str);
    let Some(variant) = experiment.variants.iter().position(|id| id == ours) else {
        return Ok((
            None,
            Entry::Rejected(RejectionRule::UnknownVariant),
            Some("variant_id"),
        ));
    };
    let population = text(batch, columns.population, row).map_or(Ok(Population::Itt), str::parse);
    let position = batch.position(row).1;
    let bad = |reason: &str| EngineError::BadSummaryRow {
        table: table.name.clone(),
        row: position,
        reason: reason.to_owned(),
    };
    let population = population.map_err(|error| bad(&error.to_string()))?;
    let moments = moments(plan.metrics[metric].metric.kind, columns, batch, row).map_err(bad)?;
    let key = CellKey {
        metric,
        partition: population.into(),
        slice: Slice::All,
        variant,
    };
    let cell = Cell::of(Evidence::Published(moments));
    if out.insert(key, cell).is_some() {
        return Err(bad(
            "this metric, variant and population has been summarised by an earlier row; keep one of them",
        ));
    }
    Ok((u8::try_from(variant).ok(), Entry::Used, None))
}

fn moments(
    kind: MetricKind,
    columns: &Columns,
    batch: &Batch,
    row: usize,
) -> Result<Moments, &'static str> {
    let units = number(batch, columns.units, row).ok_or("n is missing")?;
    if units < 0.0 || units.fract() != 0.0 || units > 9e15 {
        return Err("n must be a whole number of units");
    }
    let mean = number(batch, columns.mean, row).ok_or("mean is missing")?;
    let deviation = match number(batch, columns.deviation, row) {
        Some(deviation) if deviation >= 0.0 => deviation,
        Some(_) => return Err("standard_deviation is negative"),
        // Of zeros and ones, the mean tells the spread.
        None if kind == MetricKind::Proportion && (0.0..=1.0).contains(&mean) && units >= 2.0 => {
            libm::sqrt(mean * (1.0 - mean) * units / (units - 1.0))
        }
        None => {
            return Err(
                "standard_deviation is missing, and only a proportion's follows from its mean",
            );
        }
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number in range"
    )]
    Ok(Moments::published(units as u64, mean, deviation))
}

#[expect(clippy::cast_precision_loss, reason = "published numbers are doubles")]
fn number(batch: &Batch, request: usize, row: usize) -> Option<f64> {
    let cells = cells(batch, request).filter(|cells| cells.is_valid(row))?;
    match &cells.column {
        Column::Integer(values) => values.get(row).map(|value| *value as f64),
        Column::Float(values) => values.get(row).copied(),
        Column::Decimal { values, scale } => values
            .get(row)
            .map(|value| *value as f64 / libm::pow(10.0, f64::from(*scale))),
        Column::Text(_) | Column::Boolean(_) | Column::Time(_) => None,
    }
}
