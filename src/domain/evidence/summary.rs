//! Defines the [`Summary`]: everything an engine hands over. Small, mergeable over disjoint units, without a single row.

use serde::{Deserialize, Serialize};

use super::{
    AssignmentCounts, AttributeCounts, ContractCounts, ExactSum, ExposureCounts, IdentifierCounts,
    IdentityCounts, JointSums, Moments, OrderStatistics, OutcomeCounts, TableLedger,
};
use crate::domain::definition::{Population, Timestamp};
use crate::domain::vocabulary;

/// The instant every timestamp used is before, and why it is that one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AsOf {
    /// The instant; absent where the tables hold no time at all.
    pub instant: Option<Timestamp>,
    /// Why, in one sentence.
    pub reason: String,
}

/// Which part of a population a cell is about.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Slice {
    /// All of it.
    All,
    /// Units with one level of a segment column.
    Segment {
        /// The column.
        column: String,
        /// The level; `None`: units for which it is unknown.
        level: Option<String>,
    },
    /// Units that entered on one local day, `YYYY-MM-DD`.
    EntryDay(String),
    /// Units that were assigned under one set of weights, by its position among the experiment's epochs.
    Epoch(usize),
}

vocabulary! {
    /// The parts an engine splits units into. The first two are the populations; the others exist for checks,
    /// with windows anchored on assignment so that their sums add up to itt's.
    pub enum Partition {
        /// Every validly assigned unit.
        Itt = "itt", "intention to treat";
        /// Units with a valid exposure, anchored on it.
        Exposed = "exposed", "exposed only";
        /// Units with a valid exposure, anchored on assignment.
        ExposedFromAssignment = "exposed-from-assignment", "exposed, from assignment";
        /// Units without any exposure, anchored on assignment.
        Unexposed = "unexposed", "not exposed";
        /// Units whose exposures are all invalid, anchored on assignment.
        Unplaced = "unplaced", "only invalid exposures";
    }
}

impl From<Population> for Partition {
    fn from(population: Population) -> Self {
        match population {
            Population::Itt => Self::Itt,
            Population::Exposed => Self::Exposed,
        }
    }
}

/// What the quantities of a metric's cells are, by position.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Layout {
    /// Whether quantity 1 is a ratio's denominator (quantity 0 is always the value or numerator).
    pub denominator: bool,
    /// How many covariates follow, two quantities each: the covariate (0 where unknown) and the indicator that it is unknown.
    pub covariates: u8,
    /// How many earlier steps of a funnel follow: 1 where the unit came as far as that step, in order.
    pub steps: u8,
    /// Whether cells keep order statistics: the metric is a quantile.
    pub ordered: bool,
}

impl Layout {
    /// One quantity: the value.
    pub const PLAIN: Self = Self {
        denominator: false,
        covariates: 0,
        steps: 0,
        ordered: false,
    };

    /// The number of quantities.
    #[must_use]
    pub const fn width(self) -> usize {
        self.steps_at() + self.steps as usize
    }

    /// The positions of covariates and their missing indicators, in turns; empty where there is none.
    #[must_use]
    pub const fn covariates_at(self) -> std::ops::Range<usize> {
        let first = 1 + self.denominator as usize;
        first..self.steps_at()
    }

    /// The position of the first of the earlier steps, if there are any.
    #[must_use]
    pub const fn steps_at(self) -> usize {
        1 + self.denominator as usize + 2 * (self.covariates as usize)
    }

    /// The same without covariates.
    #[must_use]
    pub const fn unadjusted(self) -> Self {
        Self {
            covariates: 0,
            ..self
        }
    }
}

/// Where a cell belongs.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct CellKey {
    /// Position of the metric in the plan.
    pub metric: usize,
    /// The part of the units.
    pub partition: Partition,
    /// The slice of it.
    pub slice: Slice,
    /// Position of the variant in the experiment.
    pub variant: usize,
}

/// The evidence for one cell: exact sums from rows, or moments that somebody published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Evidence {
    /// Exact sums over units.
    Exact(JointSums),
    /// Published n, mean and standard deviation.
    Published(Moments),
}

/// One metric in one variant of one slice of one partition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Its sums or published moments.
    pub evidence: Evidence,
    /// Units left out because their window was still open at as-of.
    pub open: u64,
    /// Units left out because they had no value and missing values are dropped.
    pub missing: u64,
    /// Units whose value was clipped by the cap (numerator or denominator).
    pub capped: u64,
    /// Of a quantile: the order statistics around it.
    pub order: Option<OrderStatistics>,
    /// What only the whole of a population keeps, where it was asked for.
    pub further: Further,
}

/// Sums that are made of the whole of a population only, and only where somebody asks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Further {
    /// Over clusters: the sums of the cell's quantities a cluster, and then the number of units in it.
    pub clusters: Option<JointSums>,
    /// Over units: the value in each part of the window since entry.
    pub parts: Option<JointSums>,
    /// Over units drawn anew, a draw each.
    pub draws: Option<Draws>,
    /// Over units of itt: the heaviest of them, and how skewed a mean's values are.
    pub heaviest: Option<Heaviest>,
}

/// The units that carry most of a mean, and the sum that its skewness follows from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heaviest {
    /// Σx³ of the value, each cube rounded before it is added.
    pub cubes: ExactSum,
    /// The sums of the [`Heaviest::UNITS`] units, or fewer, whose values are largest by size.
    pub top: JointSums,
}

impl Heaviest {
    /// Units that are kept: as many as a cell must hold to be shown, so that what is said of them is of no single one.
    pub const UNITS: usize = 10;
}

/// Sums over units drawn anew with Poisson weights: the draws of a bootstrap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draws {
    /// What the weights were drawn from.
    pub seed: u64,
    /// A draw each: Σw and, of each quantity, Σw·x; of a quantile, the drawn quantile instead of sums.
    pub draws: Vec<Draw>,
}

/// One draw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draw {
    /// Σw: units, each as often as it was drawn.
    pub units: u64,
    /// Means over them a quantity, each rounded once from the exact sum; of a quantile, the quantile.
    pub means: Vec<f64>,
}

impl Cell {
    /// An empty cell for rows to be summed into.
    #[must_use]
    pub fn empty(layout: Layout) -> Self {
        Self::of(Evidence::Exact(JointSums::new(layout.width())))
    }

    /// A cell of nothing but its evidence.
    #[must_use]
    pub fn of(evidence: Evidence) -> Self {
        Self {
            evidence,
            open: 0,
            missing: 0,
            capped: 0,
            order: None,
            further: Further::default(),
        }
    }

    /// The moments of its quantities.
    #[must_use]
    pub fn moments(&self) -> Moments {
        match &self.evidence {
            Evidence::Exact(sums) => sums.moments(),
            Evidence::Published(moments) => moments.clone(),
        }
    }

    /// Units that contributed.
    #[must_use]
    pub fn units(&self) -> u64 {
        match &self.evidence {
            Evidence::Exact(sums) => sums.units(),
            Evidence::Published(moments) => moments.units,
        }
    }
}

/// Everything an engine hands over for one experiment under one set of data conventions.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The as-of used.
    pub as_of: AsOf,
    /// The first and last instant of assignment among itt units, where assignments carry a time.
    pub enrolment: Option<(Timestamp, Timestamp)>,
    /// A layout a metric, in the plan's order.
    pub layouts: Vec<Layout>,
    /// What a metric was clipped at, in the plan's order: (value or numerator, denominator), once for all variants or of each.
    pub caps: Vec<Vec<(Option<f64>, Option<f64>)>>,
    /// Cells, sorted by key.
    pub cells: std::collections::BTreeMap<CellKey, Cell>,
    /// What the assignment table says; absent for published summaries.
    pub assignment: Option<AssignmentCounts>,
    /// What the identity map says; absent where there is none.
    pub identity: Option<IdentityCounts>,
    /// What the exposure table says; absent where there is none.
    pub exposure: Option<ExposureCounts>,
    /// What each event table says.
    pub outcomes: Vec<OutcomeCounts>,
    /// What each attribute table says.
    pub attributes: Vec<AttributeCounts>,
    /// Whose rows each rule of the data contract rejects, in the order of their declaration.
    pub contract: Vec<ContractCounts>,
    /// Unit ids, over all tables.
    pub identifiers: IdentifierCounts,
    /// Rows, table by table.
    pub ledgers: Vec<TableLedger>,
}

impl Summary {
    /// One cell, if the engine made it.
    #[must_use]
    pub fn cell(
        &self,
        metric: usize,
        partition: Partition,
        slice: &Slice,
        variant: usize,
    ) -> Option<&Cell> {
        self.cells.get(&CellKey {
            metric,
            partition,
            slice: slice.clone(),
            variant,
        })
    }

    /// The cells of one metric and partition in order: the whole comes first, and variants of one slice stand together.
    pub fn cells_of(
        &self,
        metric: usize,
        partition: Partition,
    ) -> impl Iterator<Item = (&CellKey, &Cell)> {
        let first = CellKey {
            metric,
            partition,
            slice: Slice::All,
            variant: 0,
        };
        let cells = self.cells.range(first..);
        cells.take_while(move |(key, _)| key.metric == metric && key.partition == partition)
    }

    /// The slices of one metric and partition, in order.
    #[must_use]
    pub fn slices(&self, metric: usize, partition: Partition) -> Vec<Slice> {
        let cells = self.cells_of(metric, partition);
        let mut slices: Vec<Slice> = cells.map(|(key, _)| key.slice.clone()).collect();
        slices.dedup();
        slices
    }
}
