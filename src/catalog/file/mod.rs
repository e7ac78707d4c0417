//! Defines the definition files as people write them, short and long forms alike.
//!
//! These types are the published schema, and nothing more: what must be there is required by the schema and optional in
//! the type, so that one missing key does not hide the rest of a file's problems. They refuse to judge meaning.

mod contract;
mod experiment;
mod metric;
mod moment;
mod value;
mod workspace;

pub(super) use contract::ContractFile;
pub(super) use experiment::{
    AnalysisFile, EligibilityFile, EpochFile, ExperimentFile, ExposureFile, PlanFile, VariantsFile,
};
pub(super) use metric::{
    CapFile, CovariateFile, DecisionFile, DriverFile, DriverKind, MagnitudeFile, MetricFile,
    WindowFile, WindowTable,
};
pub(super) use moment::Moment;
pub(super) use value::{FactFile, FilterFile, FilterValue, LiteralFile, ValueFile, ValueOrFact};
pub(super) use workspace::{ConventionsFile, TableFile, TableOptions, WorkspaceFile};
