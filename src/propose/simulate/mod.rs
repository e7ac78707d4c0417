//! Defines worlds with known truth: a seeded generator of a workspace (tables, definitions, truth) from a [`Scenario`].
//!
//! The same scenario and seed give the same bytes forever, on any machine. Every random number has a purpose and a unit of
//! its own, so that two scenarios that differ in one knob are the same world but for that knob.
//!
//! It refuses to compute a readout: what it knows of a world follows from how the world was made, never from its rows.

mod check;
mod defaults;
mod definitions;
mod doings;
mod encode;
mod expectation;
mod fault;
mod generate;
mod lives;
mod model;
mod random;
mod sample;
mod sample_metrics;
mod scenario;
mod strays;
mod tables;
mod truth;
mod write;

#[cfg(test)]
mod tests;

pub use check::InvalidScenario;
pub use fault::{faults, scenario as scenario_with_fault};
pub use generate::{World, generate};
pub use sample::{SAMPLE_SEED, sample_scenario, sample_workspace};
pub use scenario::{
    Behaviour, CovariateScenario, Effect, EffectFrom, EpochScenario, ExperimentScenario, Faults,
    LevelScenario, Measure, MetricScenario, Scenario, SegmentScenario, Values, VariantScenario,
};
pub use tables::{AssignmentRow, EventRow, ExposureRow, Tables, UnitNumber, UnitRow};
pub use truth::{Counts, Expectation, ExperimentTruth, MetricTruth, Truth};
pub use write::{Layout, Overwrite, TableFormat, WriteError};
