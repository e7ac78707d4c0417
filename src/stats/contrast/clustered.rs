//! Defines the headline over clusters: the same estimators, with clusters for units.

use super::{Headline, Method, Side, adjustment, over_strata};
use crate::domain::evidence::{Layout, Moments};
use crate::domain::result::Absence;
use crate::stats::adjustment::adjusted_effect;
use crate::stats::clusters::as_draws;
use crate::stats::sample_mean::as_double;
use crate::stats::{Correlated, SampleMean, adjusted};

/// Clusters as the draws: over strata, by covariates or plainly, with Student's t on G − 2 degrees of freedom, G the clusters of
/// both variants, and one less for every covariate; strata have theirs by Satterthwaite.
pub(super) fn clustered(control: &Side<'_>, treatment: &Side<'_>, method: &Method<'_>) -> Headline {
    if method.strata.0.len() > 1 {
        return over_strata(method);
    }
    match draws(control).and_then(|control| Ok((control, draws(treatment)?))) {
        Ok((control, treatment)) if method.adjusts() => by_covariates(&control, &treatment, method),
        Ok((control, treatment)) => {
            let pair = independent(&control, &treatment, method.layout.unadjusted());
            pair.and_then(|pair| method.judge(&pair)).into()
        }
        Err(absence) => Err(absence).into(),
    }
}

fn by_covariates(control: &Moments, treatment: &Moments, method: &Method<'_>) -> Headline {
    let pair = adjusted(control, treatment, method.layout);
    let known = pair.as_ref().ok();
    let removed = known.map(|both| both.variance_removed);
    let freedom =
        |used: usize| as_double(control.units + treatment.units) - 2.0 - as_double(used as u64);
    let comparison = pair.as_ref().map_err(|absence| *absence).and_then(|both| {
        let pair = adjusted_effect(
            control,
            treatment,
            method.layout,
            adjustment(method.conventions),
        )?;
        method.judge(&Correlated {
            freedom: freedom(both.used),
            ..pair
        })
    });
    Headline {
        removed,
        ..comparison.into()
    }
}

/// Two independent means over clusters.
pub(super) fn independent(
    control: &Moments,
    treatment: &Moments,
    layout: Layout,
) -> Result<Correlated, Absence> {
    let (control, treatment) = (
        SampleMean::of_cell(control, layout)?,
        SampleMean::of_cell(treatment, layout)?,
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

/// The moments of one variant with clusters as the draws.
pub(super) fn draws(side: &Side<'_>) -> Result<Moments, Absence> {
    as_draws(side.clusters.ok_or(Absence::NotApplicable)?)
}
