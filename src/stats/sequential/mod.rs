//! Defines tests that may be looked at more than once, as what they put in place of a quantile and of a p-value.
//!
//! Every family comes down to two things: an effective quantile q for the interval Δ ± q·se, and a p-value for a statistic
//! z = Δ/se that is below α exactly where |z| > q. A [`Comparison`](super::Comparison) made under a [`Monitoring`] takes both,
//! so that the difference, the lift and the guardrail are all governed by it. It refuses to say when looks are taken.

pub mod group;
pub mod mixture;
mod recursion;

pub use group::{Look, MOST_LOOKS, NEAREST, boundaries};
pub use mixture::{information_of_deviation, information_of_units, intersection};

use super::p_value::p_value_from_ln;
use crate::domain::definition::Magnitude;
use crate::domain::result::{Absence, PValue};

/// How an experiment is watched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Monitoring {
    /// One look: the reference distribution's own quantile and tail.
    Fixed,
    /// Asymptotic confidence sequence, tightest at this planned number of units, both variants together.
    ConfidenceSequence {
        /// N*, the units planned for the two variants compared.
        planned_units: f64,
    },
    /// Mixture sequential probability ratio test over effects N(0, τ²).
    MixtureSprt {
        /// τ: in the metric's unit, or as a fraction of the absolute control mean.
        deviation: Magnitude,
    },
    /// Group-sequential, at the last of the looks taken so far.
    GroupSequential(Look),
}

/// What governs one comparison: where its p-values come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Rule {
    /// The reference distribution.
    Reference,
    /// A normal mixture with this much information.
    Mixture(f64),
    /// A look of a group-sequential design.
    Look(Look),
}

impl Monitoring {
    /// The rule and its effective quantile; `None` where the reference distribution has its own.
    ///
    /// `units` counts both variants, `variance` is that of the absolute difference. The lift and the guardrail use the same
    /// quantile. For the mixture test that is the test with τ scaled by the square root of the ratio of their variances,
    /// which is a valid test too.
    pub(crate) fn rule(
        &self,
        alpha: f64,
        units: f64,
        variance: f64,
        control: f64,
    ) -> Result<(Rule, Option<f64>), Absence> {
        let information = match self {
            Self::Fixed => return Ok((Rule::Reference, None)),
            Self::GroupSequential(look) => {
                return Ok((Rule::Look(*look), Some(look.quantile(alpha)?)));
            }
            Self::ConfidenceSequence { planned_units } => {
                information_of_units(units, *planned_units, alpha)?
            }
            Self::MixtureSprt { deviation } => {
                let deviation = match deviation {
                    Magnitude::Absolute(size) => *size,
                    Magnitude::Relative(_) if control == 0.0 => {
                        return Err(Absence::ZeroControlMean);
                    }
                    Magnitude::Relative(size) => size * control.abs(),
                };
                information_of_deviation(variance, deviation)?
            }
        };
        Ok((
            Rule::Mixture(information),
            Some(mixture::quantile(information, alpha)?),
        ))
    }
}

/// The p-value of a statistic under a mixture or a look.
pub(crate) fn p_value_of_mixture(information: f64, statistic: f64) -> Result<PValue, Absence> {
    p_value_from_ln(mixture::ln_p(information, statistic))
}
