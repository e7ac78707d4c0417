//! Defines a metric file.

use serde::{Deserialize, Serialize};

use super::{Moment, ValueFile, ValueOrFact};
use crate::domain::definition::{
    Aggregate, Anchor, Direction, MetricKind, MetricStatus, Missing, Role, UnitsRule,
};

/// How one metric moves another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::catalog) enum DriverKind {
    /// It is a part of it.
    Component,
    /// It moves it.
    Influence,
}

impl DriverKind {
    /// The word in files.
    pub(in crate::catalog) const fn name(self) -> &'static str {
        match self {
            Self::Component => "component",
            Self::Influence => "influence",
        }
    }
}

/// A window in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct WindowTable {
    /// Where it starts counting; absent: `entry`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) anchor: Option<Anchor>,
    /// From how long after the anchor; absent: `0d`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) start: Option<String>,
    /// To how long after the anchor, itself outside.
    pub(in crate::catalog) end: String,
    /// Which units count; absent: `matured`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) units: Option<UnitsRule>,
}

/// A window: its length, or in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub(in crate::catalog) enum WindowFile {
    /// Its length from entry, such as `7d`.
    Length(String),
    /// In full.
    Table(WindowTable),
}

/// A cap: exactly one of the two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct CapFile {
    /// A fixed value, in the metric's unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) value: Option<f64>,
    /// A quantile of all units, in (0, 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) quantile: Option<f64>,
}

/// A covariate: the metric's own earlier value, that of a fact, or a column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct CovariateFile {
    /// How long before assignment the value is taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) window: Option<String>,
    /// With `window`: the fact that the value is of; absent: the metric's own value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) fact: Option<String>,
    /// With `window`: the value in full, instead of a fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) value: Option<ValueFile>,
    /// A column of a table of units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) column: Option<String>,
    /// Its table; may be absent where there is only one table of units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) table: Option<String>,
}

/// A size: exactly one of the two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct MagnitudeFile {
    /// In the metric's unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) absolute: Option<f64>,
    /// A fraction of the control mean: 0.01 is one percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) relative: Option<f64>,
}

/// The decision a metric serves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct DecisionFile {
    /// The question it answers.
    pub(in crate::catalog) question: String,
    /// Who decides.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) reader: Option<String>,
    /// What happens when it gets worse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) if_worse: Option<String>,
}

/// Something that moves a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::catalog) struct DriverFile {
    /// The metric that drives.
    pub(in crate::catalog) metric: String,
    /// How.
    pub(in crate::catalog) kind: DriverKind,
    /// What supports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) evidence: Option<Vec<String>>,
}

/// A metric: one number a unit, and what it is for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "readout metric")]
pub(in crate::catalog) struct MetricFile {
    /// Its id, the name of its file.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) id: Option<String>,
    /// Its version, such as `1.0.0`: major when the meaning changes.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) version: Option<String>,
    /// Where it stands in its life.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) status: Option<MetricStatus>,
    /// Who answers for it.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) owner: Option<String>,
    /// One sentence on what it measures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) description: Option<String>,
    /// What it measures over units.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) kind: Option<MetricKind>,
    /// The unit of its values, such as EUR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) unit: Option<String>,
    /// Which way is good.
    #[schemars(required)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) direction: Option<Direction>,
    /// The roles it may take; absent: every one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) eligible_as: Option<Vec<Role>>,
    /// The short form of a value: the name of a fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) fact: Option<String>,
    /// With `fact`: how its rows become one number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) aggregate: Option<Aggregate>,
    /// With `fact`: what a unit without rows counts as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) missing: Option<Missing>,
    /// The value in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) value: Option<ValueFile>,
    /// Of a ratio: what is above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) numerator: Option<ValueOrFact>,
    /// Of a ratio: what is below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) denominator: Option<ValueOrFact>,
    /// Of a funnel: two steps or more, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) steps: Option<Vec<ValueOrFact>>,
    /// Of a quantile: which one, in (0, 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) quantile: Option<f64>,
    /// The window; required of event tables, impossible for ready-made values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) window: Option<WindowFile>,
    /// The limit that large values are clipped to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) cap: Option<CapFile>,
    /// What is known from before, to reduce variance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) covariate: Option<CovariateFile>,
    /// Several covariates, instead of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) covariates: Option<Vec<CovariateFile>>,
    /// As a guardrail: how much worse is still acceptable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) margin: Option<MagnitudeFile>,
    /// The smallest difference that matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) minimum_effect: Option<MagnitudeFile>,
    /// The decision it serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) decision: Option<DecisionFile>,
    /// What moves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) drivers: Option<Vec<DriverFile>>,
    /// Where to look when it turns red.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) runbook: Option<String>,
    /// Since when it is deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::catalog) deprecated_on: Option<Moment>,
}
