//! Defines small random tables and plans, written as CSV: many boundaries, few units, so that everything meets everything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use readout::domain::definition::{
    Aggregate, Analysis, Anchor, Cap, CapForm, Conventions, Covariate, Direction, Duration,
    Eligibility, Epoch, Experiment, ExperimentStatus, ExposureRule, Filter, FilterOperator,
    Governance, Identifier, Literal, Metric, MetricKind, MetricStatus, Missing, Population,
    Privacy, Role, SeveralVariants, Table, TableKind, Thresholds, Timestamp, UnitsRule, Value,
    Version, Window, Workspace,
};

use super::contracts::{HeldRule, contract};

/// A minute in microseconds: worlds are told in minutes since the experiment's start.
pub(super) const MINUTE: i64 = 60_000_000;
/// 2026-03-01T00:00:00Z.
pub(super) const START: i64 = 1_772_323_200_000_000;

/// A cell that may be empty or unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read<T> {
    Null,
    Bad,
    Good(T),
}

impl<T: Copy> Read<T> {
    pub(super) fn good(self) -> Option<T> {
        match self {
            Self::Good(value) => Some(value),
            Self::Null | Self::Bad => None,
        }
    }
}

/// The key of an assignment or exposure.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) experiment: &'static str,
    pub(super) version: &'static str,
    pub(super) unit: &'static str,
    pub(super) variant: &'static str,
}

#[derive(Debug, Clone)]
pub(super) struct AssignmentRow {
    pub(super) keys: Keys,
    pub(super) at: Read<i64>,
    pub(super) platform: &'static str,
}

#[derive(Debug, Clone)]
pub(super) struct ExposureRow {
    pub(super) keys: Keys,
    pub(super) at: Read<i64>,
    pub(super) kind: &'static str,
}

#[derive(Debug, Clone)]
pub(super) struct EventRow {
    pub(super) unit: &'static str,
    pub(super) name: &'static str,
    pub(super) value: Read<i64>,
    pub(super) at: Read<i64>,
    pub(super) ingested: Option<i64>,
}

/// Tables, definitions and conventions.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) assignments: Vec<AssignmentRow>,
    pub(super) exposures: Vec<ExposureRow>,
    pub(super) events: Vec<EventRow>,
    pub(super) experiment: Experiment,
    pub(super) metrics: Vec<Metric>,
    pub(super) conventions: Conventions,
    pub(super) as_of: Timestamp,
    pub(super) contract: Vec<HeldRule>,
}

fn hours() -> impl Strategy<Value = i64> {
    (0_i64..48).prop_map(|steps| steps * 6 * 60)
}

fn time(bad: bool) -> impl Strategy<Value = Read<i64>> {
    let bad = if bad { Read::Bad } else { Read::Null };
    prop_oneof![
        30 => hours().prop_map(Read::Good),
        1 => Just(Read::Null),
        1 => Just(bad),
    ]
}

fn keys(units: &'static [&'static str]) -> impl Strategy<Value = Keys> {
    (
        select(vec!["trial", "trial", "trial", "trial", "trial", "old-name", "other", ""]),
        select(vec!["1", "1", "1", "1", "1", "1", "2", ""]),
        prop_oneof![20 => select(units), 1 => select(&["", "null", "0"][..])],
        prop_oneof![8 => Just("base"), 8 => Just("two"), 4 => Just("also"), 1 => select(&["", "x"][..])],
    )
        .prop_map(|(experiment, version, unit, variant)| Keys {
            experiment,
            version,
            unit,
            variant,
        })
}

const UNITS: &[&str] = &["1", "2", "3", "4", "5", "6", "7", "8"];
const MORE_UNITS: &[&str] = &["1", "2", "3", "4", "5", "6", "7", "8", "9", "007"];

fn assignment() -> impl Strategy<Value = AssignmentRow> {
    (
        keys(UNITS),
        time(true),
        select(vec!["web", "web", "app", ""]),
    )
        .prop_map(|(keys, at, platform)| AssignmentRow { keys, at, platform })
}

fn exposure() -> impl Strategy<Value = ExposureRow> {
    let skew = select(vec![0_i64, 0, 0, -4, -5, -6]);
    (
        keys(MORE_UNITS),
        time(true),
        skew,
        select(vec!["view", "view", "click", ""]),
    )
        .prop_map(|(keys, at, skew, kind)| ExposureRow {
            keys,
            at: match at {
                Read::Good(at) => Read::Good(at + skew),
                other => other,
            },
            kind,
        })
}

fn event() -> impl Strategy<Value = EventRow> {
    let value = prop_oneof![
        12 => (-3_i64..9).prop_map(Read::Good),
        2 => Just(Read::Null),
        1 => Just(Read::Bad),
    ];
    let late = select(vec![None, Some(0_i64), Some(0), Some(0), Some(1440)]);
    let unit = prop_oneof![20 => select(MORE_UNITS), 1 => select(&["", "n/a"][..])];
    (
        unit,
        select(vec!["buy", "buy", "view", "back", ""]),
        value,
        time(true),
        late,
    )
        .prop_map(|(unit, name, value, at, late)| EventRow {
            unit,
            name,
            value,
            at,
            ingested: late.zip(at.good()).map(|(late, at)| at + late),
        })
}

pub(super) fn filter(column: &str, operator: FilterOperator, values: Vec<Literal>) -> Filter {
    Filter {
        column: column.to_owned(),
        operator,
        values,
    }
}

fn filters() -> impl Strategy<Value = Vec<Filter>> {
    use FilterOperator as Op;
    let text = |text: &str| Literal::Text(text.to_owned());
    let whole = Literal::Integer;
    let name = move |operator, values| filter("event_name", operator, values);
    let value = |operator, values| filter("value", operator, values);
    let one = vec![
        name(Op::Equal, vec![text("buy")]),
        name(Op::NotEqual, vec![text("buy")]),
        name(Op::In, vec![text("buy"), text("back")]),
        name(Op::NotIn, vec![text("buy"), text("view")]),
        name(Op::Contains, vec![text("b")]),
        name(Op::StartsWith, vec![text("b")]),
        name(Op::EndsWith, vec![text("k")]),
        name(Op::Greater, vec![text("buy")]),
        name(Op::IsNull, vec![]),
        name(Op::NotNull, vec![]),
        value(Op::Less, vec![whole(2)]),
        value(Op::LessOrEqual, vec![whole(2)]),
        value(Op::Greater, vec![Literal::Float(1.5)]),
        value(Op::GreaterOrEqual, vec![whole(2)]),
        value(Op::Between, vec![whole(1), whole(4)]),
        value(Op::Equal, vec![whole(3)]),
        value(Op::NotEqual, vec![whole(3)]),
        value(Op::In, vec![whole(1), whole(2), whole(8)]),
        value(Op::NotIn, vec![whole(1), Literal::Float(2.0)]),
        value(Op::IsNull, vec![]),
        value(Op::NotNull, vec![]),
        filter(
            "occurred_at",
            Op::Less,
            vec![Literal::Time(Timestamp(START + 6 * 1440 * MINUTE))],
        ),
    ];
    prop::collection::vec(select(one), 0..3)
}

fn value() -> impl Strategy<Value = Value> {
    (
        select(Aggregate::ALL).prop_filter("of quantiles", |it| *it != Aggregate::Each),
        any::<bool>(),
        filters(),
        prop::option::of(select(Missing::ALL)),
    )
        .prop_map(|(aggregate, of_column, filters, missing)| Value {
            table: "events".to_owned(),
            aggregate,
            column: match aggregate {
                Aggregate::Count => None,
                Aggregate::Any => of_column.then(|| "value".to_owned()),
                _ => Some("value".to_owned()),
            },
            filters,
            missing: missing.unwrap_or(if aggregate.is_zero_without_rows() {
                Missing::Zero
            } else {
                Missing::Drop
            }),
            dated_by: None,
        })
}

fn window() -> impl Strategy<Value = Window> {
    (
        select(Anchor::ALL),
        select(vec![0_i64, 0, 6, 24]),
        select(vec![6_i64, 24, 72, 168]),
        select(UnitsRule::ALL),
    )
        .prop_map(|(anchor, start, length, units)| Window {
            anchor,
            start: Duration(start * 60 * MINUTE),
            end: Duration((start + length) * 60 * MINUTE),
            units,
        })
}

/// What a metric is beside its value.
#[derive(Debug, Clone)]
enum Shape {
    Plain,
    Ratio(Value),
    /// Over units, or over every row.
    Quantile {
        share: f64,
        over_rows: bool,
    },
    /// The steps before the last.
    Funnel(Vec<Value>),
}

fn step() -> impl Strategy<Value = Value> {
    filters().prop_map(|filters| Value {
        table: "events".to_owned(),
        aggregate: Aggregate::First,
        column: None,
        filters,
        missing: Missing::Zero,
        dated_by: None,
    })
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        3 => Just(Shape::Plain),
        2 => value().prop_map(Shape::Ratio),
        1 => (select(vec![0.1, 0.5, 0.8]), any::<bool>())
            .prop_map(|(share, over_rows)| Shape::Quantile { share, over_rows }),
        1 => prop::collection::vec(step(), 2..5).prop_map(Shape::Funnel),
    ]
}

fn covariates() -> impl Strategy<Value = Vec<Covariate>> {
    let window = || select(vec![24, 48]).prop_map(|hours| Duration(hours * 60 * MINUTE));
    let one = (window(), prop::option::of(value()))
        .prop_map(|(window, value)| Covariate::PrePeriod { window, value });
    prop_oneof![
        2 => Just(Vec::new()),
        2 => prop::collection::vec(one, 1..=Metric::COVARIATES),
    ]
}

fn metric() -> impl Strategy<Value = Metric> {
    let cap = prop_oneof![
        3 => Just(None),
        1 => Just(Some(Cap::Value(2.0))),
        1 => select(vec![0.5, 0.8]).prop_map(|quantile| Some(Cap::Quantile(quantile))),
    ];
    (value(), shape(), window(), cap, covariates()).prop_map(
        |(value, shape, window, cap, covariates)| shaped(shape, value, window, cap, covariates),
    )
}

fn shaped(
    shape: Shape,
    mut value: Value,
    window: Window,
    mut cap: Option<Cap>,
    mut covariates: Vec<Covariate>,
) -> Metric {
    let (mut denominator, mut quantile, mut steps) = (None, None, Vec::new());
    let kind = match shape {
        Shape::Plain => MetricKind::Mean,
        Shape::Ratio(below) => {
            denominator = Some(below);
            MetricKind::Ratio
        }
        Shape::Quantile { share, over_rows } => {
            quantile = Some(share);
            covariates.clear();
            if over_rows {
                value.aggregate = Aggregate::Each;
                value.column = Some("value".to_owned());
                value.missing = Missing::Drop;
                cap = None;
            }
            MetricKind::Quantile
        }
        Shape::Funnel(mut all) => {
            value = all.pop().unwrap();
            steps = all;
            covariates.clear();
            cap = None;
            MetricKind::Funnel
        }
    };
    Metric {
        id: Identifier::new("m").unwrap(),
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
        value,
        denominator,
        window: Some(window),
        cap,
        steps,
        quantile,
        covariates,
        margin: None,
        minimum_effect: None,
        decision: None,
        drivers: Vec::new(),
        runbook: None,
        deprecated_on: None,
    }
}

fn experiment() -> impl Strategy<Value = Experiment> {
    let later = || prop::option::weighted(0.3, hours().prop_map(|at| instant(at + 1440)));
    (
        later(),
        later(),
        prop::option::weighted(0.4, select(vec![24_i64, 72])),
        select(vec![vec![], vec!["view".to_owned()]]),
        any::<bool>(),
        prop::collection::vec(hours(), 0..3),
        any::<bool>(),
    )
        .prop_map(
            |(end, enrol_stop, within, types, only_web, epochs, novelty)| Experiment {
                id: Identifier::new("trial").unwrap(),
                version: 1,
                owner: "growth".to_owned(),
                status: ExperimentStatus::Running,
                hypothesis: None,
                start: Some(instant(24 * 60)),
                end,
                enrol_stop,
                control: "base".to_owned(),
                // Control is first, and is not the smallest label.
                variants: vec!["base".to_owned(), "also".to_owned(), "two".to_owned()],
                epochs: epochs
                    .into_iter()
                    .collect::<BTreeSet<i64>>()
                    .into_iter()
                    .map(|from| Epoch {
                        from: instant(from),
                        weights: vec![1.0; 3],
                    })
                    .collect(),
                analysis: Analysis {
                    novelty,
                    ..Analysis::default()
                },
                metrics: Vec::new(),
                segments: Vec::new(),
                populations: Population::ALL.to_vec(),
                plan: readout::domain::definition::DesignPlan::default(),
                exposure: ExposureRule {
                    types,
                    control_can_be_exposed: true,
                    within: within.map(|hours| Duration(hours * 60 * MINUTE)),
                    dedupe: None,
                },
                eligibility: Eligibility {
                    filters: if only_web {
                        vec![filter(
                            "platform",
                            FilterOperator::Equal,
                            vec![Literal::Text("web".to_owned())],
                        )]
                    } else {
                        Vec::new()
                    },
                },
                aliases: vec!["old-name".to_owned()],
                salt: None,
                conventions: BTreeMap::new(),
            },
        )
}

pub(super) fn instant(minutes: i64) -> Timestamp {
    Timestamp(START + minutes * MINUTE)
}

prop_compose! {
    pub(super) fn world()(
        assignments in prop::collection::vec(assignment(), 0..25),
        exposures in prop::collection::vec(exposure(), 0..30),
        events in prop::collection::vec(event(), 0..60),
        experiment in experiment(),
        metrics in prop::collection::vec(metric(), 1..4),
        several_variants in select(SeveralVariants::ALL),
        units in prop::option::of(select(UnitsRule::ALL)),
        cap in select(CapForm::ALL),
        as_of in hours(),
        contract in contract(),
    ) -> World {
        World {
            assignments,
            exposures,
            events,
            experiment,
            metrics,
            conventions: Conventions { several_variants, units, cap, ..Conventions::default() },
            as_of: instant(as_of + 2 * 1440),
            contract,
        }
    }
}

fn written(cell: Read<i64>) -> String {
    match cell {
        Read::Null => String::new(),
        Read::Bad => "soon".to_owned(),
        Read::Good(minutes) => instant(minutes).to_string(),
    }
}

impl World {
    /// Writes its tables.
    pub(super) fn write(&self, root: &Path) {
        let mut text =
            "unit_id,experiment_id,experiment_version,variant_id,assigned_at,platform\n".to_owned();
        for AssignmentRow { keys, at, platform } in &self.assignments {
            let Keys {
                experiment,
                version,
                unit,
                variant,
            } = keys;
            let at = written(*at);
            writeln!(
                text,
                "{unit},{experiment},{version},{variant},{at},{platform}"
            )
            .unwrap();
        }
        std::fs::write(root.join("assignments.csv"), text).unwrap();
        let mut text =
            "exposed_at,unit_id,experiment_id,experiment_version,variant_id,exposure_type\n"
                .to_owned();
        for ExposureRow { keys, at, kind } in &self.exposures {
            let Keys {
                experiment,
                version,
                unit,
                variant,
            } = keys;
            let at = written(*at);
            writeln!(text, "{at},{unit},{experiment},{version},{variant},{kind}").unwrap();
        }
        std::fs::write(root.join("exposures.csv"), text).unwrap();
        let mut text = "unit_id,event_name,value,occurred_at,ingested_at\n".to_owned();
        for row in &self.events {
            let value = match row.value {
                Read::Null => String::new(),
                Read::Bad => "much".to_owned(),
                Read::Good(value) => value.to_string(),
            };
            let ingested = row
                .ingested
                .map_or_else(String::new, |at| instant(at).to_string());
            let at = written(row.at);
            writeln!(text, "{},{},{value},{at},{ingested}", row.unit, row.name).unwrap();
        }
        std::fs::write(root.join("events.csv"), text).unwrap();
    }

    /// Its tables as a workspace declares them.
    pub(super) fn workspace() -> Workspace {
        let table = |name: &str, kind| {
            let table = Table {
                name: name.to_owned(),
                kind,
                path: format!("{name}.csv"),
                columns: BTreeMap::new(),
                variants: BTreeMap::new(),
                lateness: None,
                complete_through: None,
            };
            (name.to_owned(), table)
        };
        Workspace {
            consent: Vec::new(),
            name: "world".to_owned(),
            time_zone: Some("UTC".to_owned()),
            tables: BTreeMap::from([
                table("assignments", TableKind::Assignments),
                table("exposures", TableKind::Exposures),
                table("events", TableKind::Events),
            ]),
            conventions: BTreeMap::new(),
            level: 0.95,
            governance: Governance::default(),
            privacy: Privacy::default(),
            thresholds: Thresholds::default(),
            contract: Vec::new(),
        }
    }
}
