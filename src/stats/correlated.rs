//! Defines a difference and a control mean that are not independent of each other: of strata, and of adjusted means over the
//! raw one. [`Comparison`](super::Comparison) judges them like two independent means.

/// A difference, treatment − control, and the control mean it is relative to, with their variances and covariance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlated {
    /// Δ, in the metric's unit.
    pub difference: f64,
    /// The control mean, in the metric's unit.
    pub control: f64,
    /// Var(Δ).
    pub difference_variance: f64,
    /// Var of the control mean.
    pub control_variance: f64,
    /// Cov(Δ, control mean): −v_c where the variants are independent.
    pub covariance: f64,
    /// Degrees of freedom of Var(Δ).
    pub freedom: f64,
    /// Units of both variants.
    pub units: u64,
}
