//! Defines what follows from the evidence: effects, checks, verdicts, and the versioned [`Readout`] that holds them.
//!
//! Views only arrange these values; whatever a view needs is here already.

mod absence;
mod breakdown;
mod calibration;
mod check;
mod companion;
mod compliers;
mod contract;
mod diagnosis;
mod effect;
mod estimate;
mod gate;
mod inference;
mod power_plan;
mod proportion;
mod readout;
mod verdict;

pub use absence::{Absence, Known};
pub use breakdown::{Breakdown, BreakdownBy, BreakdownCounts, BreakdownLine};
pub use calibration::{Calibration, CalibrationFigure, CalibrationOutcome, FigureKind};
pub use check::{Check, CheckId, CheckStage, CheckStatus, Invalidates, Scope};
pub use companion::{
    Alternative, AlternativeEffect, AlternativeOutcome, Companion, CompanionKind, CompanionScale,
    CumulativeEffect, Novelty, PartEffect,
};
pub use compliers::{ComplierMeans, CompliersEffect};
pub use contract::ContractOutcome;
pub use diagnosis::{
    Bounds, Cause, CauseKind, Diagnosis, DiagnosisRule, EffectBounds, Likelihood, MissingUnits,
    RuleFinding, RuleReading, SplitStage, StageSplit,
};
pub use effect::{
    CorrectedP, Detectable, Effect, Estimator, Guardrail, GuardrailOutcome, MetricReadout,
    OverStrata, SegmentHeterogeneity, Significance, Trust, VariantStatistics,
};
pub use estimate::{Estimate, Interval, PValue};
pub use gate::GateReason;
pub use inference::{Equivalence, Heterogeneity, Posterior, RatePosterior, RatePosteriors};
pub use power_plan::{PowerBaseline, PowerDemand, PowerNeed, PowerPlan, PowerReach};
pub use proportion::{ProportionDifference, RatioOfRates};
pub use readout::{
    ExperimentHeader, InputHeader, PopulationUnits, Provenance, Readout, SCHEMA_VERSION,
    VariantHeader,
};
pub use verdict::{Verdict, VerdictClause, VerdictWord};
