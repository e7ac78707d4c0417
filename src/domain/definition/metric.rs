//! Defines a governed metric in full.

use serde::{Deserialize, Serialize};

use super::{Duration, Filter, Identifier, Timestamp, Version};
use crate::domain::vocabulary;

vocabulary! {
    /// What a metric measures over units.
    pub enum MetricKind {
        /// The share of units for which something holds: every unit's value is 0 or 1.
        Proportion = "proportion", "proportion";
        /// The average over units of a number a unit.
        Mean = "mean", "mean";
        /// A sum over a sum, with units as the independent draws.
        Ratio = "ratio", "ratio";
        /// A quantile over units of a number a unit.
        Quantile = "quantile", "quantile";
        /// The share of units that come back: every unit's value is 0 or 1, its window begins some time after entry.
        Retention = "retention", "retention";
        /// The share of units that take every step, in order: every unit's value is 0 or 1.
        Funnel = "funnel", "funnel";
    }
}

impl MetricKind {
    /// Whether every unit's value is 0 or 1, so that its mean is a share of units.
    #[must_use]
    pub const fn is_share(self) -> bool {
        matches!(self, Self::Proportion | Self::Retention | Self::Funnel)
    }
}

vocabulary! {
    /// Where a metric stands in its life.
    pub enum MetricStatus {
        /// Being written.
        Draft = "draft", "draft";
        /// Under review.
        Proposed = "proposed", "proposed";
        /// In force.
        Active = "active", "active";
        /// Still computed, no longer chosen.
        Deprecated = "deprecated", "deprecated";
        /// No longer computed.
        Retired = "retired", "retired";
    }
}

vocabulary! {
    /// Which way is good.
    pub enum Direction {
        /// More is better.
        Increase = "increase", "an increase is good";
        /// Less is better.
        Decrease = "decrease", "a decrease is good";
    }
}

impl Direction {
    /// +1 when an increase is good, −1 when a decrease is.
    #[must_use]
    pub const fn sign(self) -> f64 {
        match self {
            Self::Increase => 1.0,
            Self::Decrease => -1.0,
        }
    }
}

vocabulary! {
    /// What a metric is in one experiment.
    pub enum Role {
        /// Decides.
        Primary = "primary", "primary";
        /// Supports; its deterioration counts.
        Secondary = "secondary", "secondary";
        /// Must not get worse than its margin.
        Guardrail = "guardrail", "guardrail";
        /// Explains; never decides.
        Diagnostic = "diagnostic", "diagnostic";
    }
}

vocabulary! {
    /// How the rows of one unit become one number.
    pub enum Aggregate {
        /// The number of rows.
        Count = "count", "count";
        /// The number of different non-null values of a column.
        CountDistinct = "count-distinct", "distinct count";
        /// 1 when there is a row (with a column: a row where it is neither null, false nor zero), else 0.
        Any = "any", "any";
        /// The exact sum of a column.
        Sum = "sum", "sum";
        /// The smallest value of a column.
        Min = "min", "smallest";
        /// The largest value of a column.
        Max = "max", "largest";
        /// The value of the earliest row; ties go to the smallest value.
        First = "first", "first";
        /// The value of the latest row; ties go to the smallest value.
        Last = "last", "last";
        /// The mean of a column over the unit's rows.
        Mean = "mean", "mean";
        /// Nothing: a quantile is over the value of each row, and the rows of one unit come together.
        Each = "each", "each row";
    }
}

impl Aggregate {
    /// Whether a unit without rows has a natural value of zero.
    #[must_use]
    pub const fn is_zero_without_rows(self) -> bool {
        matches!(
            self,
            Self::Count | Self::CountDistinct | Self::Any | Self::Sum
        )
    }
}

vocabulary! {
    /// What a unit without a value counts as.
    pub enum Missing {
        /// Zero.
        Zero = "zero", "zero";
        /// Left out, and counted as left out.
        Drop = "drop", "left out";
    }
}

vocabulary! {
    /// Where a window starts counting.
    pub enum Anchor {
        /// Assignment in itt, first valid exposure in exposed.
        Entry = "entry", "entry";
        /// Assignment, in every population.
        Assignment = "assignment", "assignment";
    }
}

/// How the rows of one table become a number a unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Value {
    /// The logical table name.
    pub table: String,
    /// How rows become one number.
    pub aggregate: Aggregate,
    /// The column aggregated; absent for a count, or an `any` over rows.
    pub column: Option<String>,
    /// The rows that count.
    #[serde(rename = "where")]
    pub filters: Vec<Filter>,
    /// What a unit without rows counts as.
    pub missing: Missing,
    /// The column of time that decides whether a row is in a window, where it is not the row's own: a refund counts where its
    /// purchase does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dated_by: Option<String>,
}

/// A half-open window of time around a unit's anchor: `[anchor + start, anchor + end)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Window {
    /// Where it starts counting.
    pub anchor: Anchor,
    /// Offset of the first instant inside.
    pub start: Duration,
    /// Offset of the first instant after it.
    pub end: Duration,
    /// Which units count while windows are still open: `matured` or `all`.
    pub units: super::UnitsRule,
}

impl Window {
    /// The most parts a window is followed by.
    pub const PARTS: usize = 14;

    /// The window in days, or in weeks where it has more than [`Window::PARTS`] days; the last may be shorter. Empty where there
    /// would be one part or too many.
    #[must_use]
    pub fn parts(&self) -> Vec<(Duration, Duration)> {
        let length = self.end.0 - self.start.0;
        let day = super::MICROSECONDS_PER_DAY;
        let step = if length > day * 14 { 7 * day } else { day };
        let mut parts = Vec::new();
        let mut start = self.start.0;
        while start < self.end.0 && parts.len() <= Self::PARTS {
            let end = (start + step).min(self.end.0);
            parts.push((Duration(start), Duration(end)));
            start = end;
        }
        if (2..=Self::PARTS).contains(&parts.len()) {
            parts
        } else {
            Vec::new()
        }
    }
}

/// A limit that large values are clipped to. Values are clipped, never dropped.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// A fixed value, in the metric's unit.
    Value(f64),
    /// The quantile of all matured itt units, all variants together, in (0, 1).
    Quantile(f64),
}

/// Something known of the unit from before assignment, used to reduce variance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Covariate {
    /// A column of an attribute table.
    Column {
        /// The logical table name.
        table: String,
        /// The column.
        column: String,
    },
    /// The metric's own value, or another one, in the time before assignment.
    PrePeriod {
        /// How long before assignment the window starts; it ends at assignment, always.
        window: Duration,
        /// The value; absent: the metric's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<Value>,
    },
}

/// A size, absolute in the metric's unit or relative to the control mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Magnitude {
    /// In the metric's unit.
    Absolute(f64),
    /// A fraction of the absolute control mean: 0.01 is one percent.
    Relative(f64),
}

/// The decision a metric serves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Decision {
    /// The question it answers.
    pub question: String,
    /// Who decides.
    #[serde(rename = "for")]
    pub reader: Option<String>,
    /// What happens when it gets worse.
    pub if_worse: Option<String>,
}

/// Something that moves a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Driver {
    /// The metric that drives.
    pub metric: Identifier,
    /// `component` or `influence`.
    pub kind: String,
    /// What supports it.
    pub evidence: Vec<String>,
}

/// A governed metric, every default filled in. Its semantic hash is taken of exactly the fields that can move a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Metric {
    /// Its id.
    pub id: Identifier,
    /// Its version.
    pub version: Version,
    /// Where it stands in its life.
    pub status: MetricStatus,
    /// Who answers for it.
    pub owner: String,
    /// One sentence on what it measures.
    pub description: Option<String>,
    /// What it measures over units.
    pub kind: MetricKind,
    /// The unit of its values, such as EUR.
    pub unit: Option<String>,
    /// Which way is good.
    pub direction: Direction,
    /// The roles it may take.
    pub eligible_as: Vec<Role>,
    /// The value of a unit; of a ratio, the numerator; of a funnel, its last step.
    pub value: Value,
    /// The denominator of a ratio.
    pub denominator: Option<Value>,
    /// Of a funnel: the steps before the last, in order.
    pub steps: Vec<Value>,
    /// Of a quantile: which one, in (0, 1).
    pub quantile: Option<f64>,
    /// The window; absent where the value is read from a ready-made column or a published summary.
    pub window: Option<Window>,
    /// The cap; of a ratio, applied to numerator and denominator separately.
    pub cap: Option<Cap>,
    /// What is known of units from before; at most [`Metric::COVARIATES`].
    pub covariates: Vec<Covariate>,
    /// As a guardrail: how much worse is still acceptable.
    pub margin: Option<Magnitude>,
    /// The smallest difference that matters.
    pub minimum_effect: Option<Magnitude>,
    /// The decision it serves.
    pub decision: Option<Decision>,
    /// What moves it.
    pub drivers: Vec<Driver>,
    /// Where to look when it turns red.
    pub runbook: Option<String>,
    /// Since when it is deprecated.
    pub deprecated_on: Option<Timestamp>,
}

impl Metric {
    /// The most covariates that a metric may have.
    pub const COVARIATES: usize = 3;
    /// The most steps that a funnel may have.
    pub const STEPS: usize = 8;
}
