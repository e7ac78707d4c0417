//! Defines effects on units that are nested in what was randomised: households, accounts, villages.
//!
//! It refuses to count units as independent draws: that error stands beside, to show what it would have claimed.

use super::correlated::Correlated;
use super::ratio::ratio;
use super::sample_mean::{SampleMean, as_double};
use super::{Comparison, difference};
use crate::domain::definition::Conventions;
use crate::domain::evidence::Moments;
use crate::domain::result::{Absence, ClusteredEffect, Estimate, Known};

/// With fewer clusters than this the error is likely too small (Angrist and Pischke 2009, section 8.2.3: 42).
pub const ENOUGH_CLUSTERS: u64 = 40;

/// The difference of means a unit with clusters as the draws.
///
/// `control` and `treatment` are moments over clusters of (sum of values, units): the mean a unit is the ratio of sums, with
/// the delta method's variance over clusters (Deng, Knoblich and Lu 2018); Student's t with G − 2 degrees of freedom, G the
/// clusters of both. `units` are moments over units of the value, of control and treatment, where there are any.
#[must_use]
pub fn clustered(
    control: &Moments,
    treatment: &Moments,
    units: Option<(&Moments, &Moments)>,
    conventions: &Conventions,
) -> ClusteredEffect {
    let clusters = control.units.saturating_add(treatment.units);
    let effect = effect(control, treatment, clusters);
    ClusteredEffect {
        absolute: Known::from(effect.and_then(|effect| effect.absolute(conventions))),
        relative: Known::from(effect.and_then(|effect| effect.lift(conventions))),
        clusters,
        few_clusters: clusters < ENOUGH_CLUSTERS,
        unit_level: units
            .map(|(control, treatment)| Known::from(unit_level(control, treatment, conventions))),
    }
}

fn effect(control: &Moments, treatment: &Moments, clusters: u64) -> Result<Correlated, Absence> {
    let (control, treatment) = (ratio(control)?, ratio(treatment)?);
    Ok(Correlated {
        difference: treatment.mean - control.mean,
        control: control.mean,
        difference_variance: control.variance + treatment.variance,
        control_variance: control.variance,
        covariance: -control.variance,
        freedom: as_double(clusters) - 2.0,
        units: clusters,
    })
}

fn unit_level(
    control: &Moments,
    treatment: &Moments,
    conventions: &Conventions,
) -> Result<Estimate, Absence> {
    let control = SampleMean::of_quantity(control, 0)?;
    let treatment = SampleMean::of_quantity(treatment, 0)?;
    difference(&Comparison::new(&control, &treatment, conventions)?)
}
