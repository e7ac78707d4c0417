//! How long every statistic of a large readout takes, from a summary alone: 100 metrics, two populations, 20 segment levels,
//! three variants. One core, medians of 15; run by `cargo bench`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use readout::checks::PlannedMetric;
use readout::domain::definition::{Conventions, Experiment, Metric, Privacy, Role, Thresholds};
use readout::domain::evidence::{
    AsOf, Cell, CellKey, Evidence, ExposureCounts, IdentifierCounts, JointSums, Layout, Partition,
    Slice, Summary,
};
use readout::domain::result::Provenance;
use readout::readout::{Request, assemble};
use serde_json::json;

const METRICS: usize = 100;
const LEVELS: usize = 20;
const RUNS: usize = 15;

fn experiment() -> serde_json::Result<Experiment> {
    serde_json::from_value(json!({
        "id": "trial", "version": 1, "owner": "growth", "status": "concluded", "hypothesis": null,
        "start": "2026-03-01T00:00:00Z", "end": null, "enrol_stop": null, "control": "a", "variants": ["a", "b", "c"],
        "epochs": [{"from": "2026-03-01T00:00:00Z", "weights": [1.0, 1.0, 1.0]}], "metrics": [], "segments": ["country"],
        "populations": ["itt", "exposed"], "analysis": {
            "cluster": null, "strata": null, "novelty": false, "bootstrap": null, "all_pairs": false,
            "units_per_year": null, "looks": [], "first_look": null,
        },
        "plan": {"units": null, "exposure_rate": null, "end": null},
        "exposure": {"types": [], "control_can_be_exposed": true, "within": null, "dedupe": null},
        "eligibility": {"where": []}, "aliases": [], "salt": null, "conventions": {},
    }))
}

/// A third each of shares, of means with a covariate and of ratios.
fn metric(position: usize) -> serde_json::Result<(Metric, Layout)> {
    let (kind, layout) = match position % 3 {
        0 => ("proportion", Layout::PLAIN),
        1 => (
            "mean",
            Layout {
                covariates: 1,
                ..Layout::PLAIN
            },
        ),
        _ => (
            "ratio",
            Layout {
                denominator: true,
                ..Layout::PLAIN
            },
        ),
    };
    let metric = serde_json::from_value(json!({
        "id": format!("metric-{position}"), "version": "1.0.0", "status": "active", "owner": "growth", "description": null,
        "kind": kind, "unit": null, "direction": "increase", "eligible_as": ["primary", "secondary"],
        "value": {"table": "events", "aggregate": "sum", "column": "value", "where": [], "missing": "zero", "dated_by": null},
        "denominator": null, "window": null, "cap": null, "steps": [], "quantile": null, "covariates": [], "margin": null,
        "minimum_effect": {"relative": 0.01}, "decision": null, "drivers": [], "runbook": null, "deprecated_on": null,
    }))?;
    Ok((metric, layout))
}

/// Two thousand units, a little different in every cell.
fn cell(layout: Layout, is_share: bool, salt: u32) -> Cell {
    let mut sums = JointSums::new(layout.width());
    for unit in 0..2_000_u32 {
        let number = f64::from(unit.wrapping_mul(2_654_435_761).wrapping_add(salt * 97) % 1_000);
        let share = f64::from(u8::from(number < 100.0 + f64::from(salt % 7)));
        let before = f64::from(unit.wrapping_mul(40_503) % 700) + 0.5 * number;
        let values = [if is_share { share } else { number }, before, 0.0];
        sums.add(&values[..layout.width()]);
    }
    Cell::of(Evidence::Exact(sums))
}

fn summary(layouts: &[(Layout, bool)]) -> Summary {
    let mut slices = vec![Slice::All];
    slices.extend((0..LEVELS).map(|level| Slice::Segment {
        column: "country".to_owned(),
        level: Some(format!("level {level:02}")),
    }));
    let mut cells = BTreeMap::new();
    for (metric, (layout, is_share)) in layouts.iter().enumerate() {
        for partition in [Partition::Itt, Partition::Exposed] {
            for slice in &slices {
                for variant in 0..3 {
                    let salt = u32::try_from(cells.len()).unwrap_or_default();
                    let key = CellKey {
                        metric,
                        partition,
                        slice: slice.clone(),
                        variant,
                    };
                    cells.insert(key, cell(*layout, *is_share, salt));
                }
            }
        }
    }
    Summary {
        as_of: AsOf {
            instant: None,
            reason: "made up".to_owned(),
        },
        enrolment: None,
        layouts: layouts.iter().map(|(layout, _)| *layout).collect(),
        caps: vec![vec![(None, None)]; layouts.len()],
        cells,
        assignment: None,
        identity: None,
        exposure: Some(exposure()),
        outcomes: Vec::new(),
        attributes: Vec::new(),
        identifiers: IdentifierCounts::default(),
        contract: Vec::new(),
        ledgers: Vec::new(),
    }
}

fn exposure() -> ExposureCounts {
    let of_variants = || vec![0; 3];
    ExposureCounts {
        by_epoch: vec![vec![2_000; 3]],
        exposed: vec![2_000; 3],
        only_earlier: of_variants(),
        earlier_by_hours: Vec::new(),
        contradicting: of_variants(),
        only_invalid: of_variants(),
        orphan_rows: 0,
        rows: 6_000,
        duplicate_rows: 0,
        duplicate_units: of_variants(),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let experiment = experiment()?;
    let metrics: Vec<(Metric, Layout)> = (0..METRICS).map(metric).collect::<Result<_, _>>()?;
    let layouts: Vec<(Layout, bool)> = metrics
        .iter()
        .map(|(metric, layout)| (*layout, metric.kind.is_share()))
        .collect();
    let planned: Vec<PlannedMetric<'_>> = metrics
        .iter()
        .enumerate()
        .map(|(position, (definition, _))| PlannedMetric {
            definition,
            role: if position == 0 {
                Role::Primary
            } else {
                Role::Secondary
            },
            semantic_hash: "",
        })
        .collect();
    let summary = summary(&layouts);
    let request = Request {
        experiment: &experiment,
        metrics: &planned,
        conventions: Conventions::default(),
        choices: Vec::new(),
        thresholds: Thresholds::default(),
        contract: &[],
        privacy: Privacy::default(),
        provenance: Provenance {
            program: String::new(),
            workspace: String::new(),
            engine: String::new(),
            as_of: summary.as_of.clone(),
            enrolment: None,
            time_zone: None,
            inputs: Vec::new(),
            command: Vec::new(),
        },
        same_salt: &[],
        exploratory: None,
        diagnose: false,
    };
    let mut times: Vec<Duration> = Vec::new();
    let mut known = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        let readout = assemble(&request, &summary);
        times.push(start.elapsed());
        let effects = readout.metrics.iter().flat_map(|metric| &metric.effects);
        known = effects
            .filter(|effect| effect.absolute.value().is_some())
            .count();
    }
    times.sort();
    writeln!(
        std::io::stdout(),
        "{known} effects of {METRICS} metrics: {:.1} ms ({:.1} to {:.1})",
        1e3 * times[RUNS / 2].as_secs_f64(),
        1e3 * times[0].as_secs_f64(),
        1e3 * times[RUNS - 1].as_secs_f64(),
    )?;
    Ok(())
}
