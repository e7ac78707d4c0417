//! Defines what a workspace asks for, after expansion: metrics, experiments, tables, filters, windows, conventions.
//!
//! These are the governed definitions in full; the short forms people write live in `catalog`, which expands them.

mod contract;
mod conventions;
mod estimation;
mod experiment;
mod filter;
mod identifier;
mod inference;
mod metric;
mod time;
mod workspace;

pub use contract::{CellType, ContractRule, ContractSeverity, QUARANTINE_DAYS, Requirement};
pub use conventions::{
    Application, CapForm, Choice, ConventionSource, Conventions, Correction, InvalidPrior, Prior,
    RampMethod, ReferenceDistribution, RelativeMethod, SeveralVariants, UnitsRule, VarianceForm,
};
pub use estimation::{
    AdjustedLift, CompliersErrorForm, ProportionMethod, QuantileErrorForm, QuantileType,
    ResidualFreedom, SlopeForm, StratumWeights,
};
pub use experiment::{
    Analysis, DesignPlan, Eligibility, Epoch, Experiment, ExperimentStatus, ExposureRule,
    MetricReference, Population, UnitOfAnalysis,
};
pub use filter::{Filter, FilterOperator, Literal};
pub use identifier::{Identifier, InvalidIdentifier, InvalidVersion, Version};
pub use inference::{RatePrior, SequentialFamily, Spending};
pub use metric::{
    Aggregate, Anchor, Cap, Covariate, Decision, Direction, Driver, Magnitude, Metric, MetricKind,
    MetricStatus, Missing, Role, Value, Window,
};
pub use time::{Duration, InvalidDuration, InvalidTimestamp, MICROSECONDS_PER_DAY, Timestamp};
pub use workspace::{Governance, Privacy, Table, TableKind, Thresholds, Workspace};
