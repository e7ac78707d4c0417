//! Defines effects on units that are nested in what was randomised: households, accounts, villages.
//!
//! It refuses to count units as independent draws: that error stands beside, to show what it would have claimed.

use super::correlated::Correlated;
use super::ratio::ratio;
use super::sample_mean::{as_double, central, mean_of_quantity};
use crate::domain::evidence::{Layout, Moments};
use crate::domain::result::Absence;

/// The difference of means, or ratios, with clusters as the draws.
///
/// Moments are over clusters, of the sums of the layout's quantities and then the number of units: the mean a unit is Σ over
/// n, a ratio one sum over the other, each with the delta method's variance over clusters (Deng, Knoblich and Lu 2018);
/// Student's t with G − 2 degrees of freedom, G the clusters of both. Covariates are not used.
///
/// # Errors
/// As [`ratio`].
pub fn over_clusters(
    control: &Moments,
    treatment: &Moments,
    layout: Layout,
) -> Result<Correlated, Absence> {
    let below = if layout.denominator {
        1
    } else {
        layout.width()
    };
    let (control, treatment) = (
        ratio(&sides(control, below)?)?,
        ratio(&sides(treatment, below)?)?,
    );
    let clusters = control.units.saturating_add(treatment.units);
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

/// The moments of quantity 0 and of the one below it.
fn sides(moments: &Moments, below: usize) -> Result<Moments, Absence> {
    Ok(Moments {
        units: moments.units,
        means: vec![
            mean_of_quantity(moments, 0)?,
            mean_of_quantity(moments, below)?,
        ],
        central: vec![
            central(moments, 0, 0)?,
            central(moments, 0, below)?,
            central(moments, below, below)?,
        ],
    })
}
