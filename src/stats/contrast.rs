//! Defines the whole way from two cells to everything that is said about their difference.

use super::{Comparison, SampleMean, adjusted, difference, relative};
use crate::domain::definition::{Application, Conventions};
use crate::domain::evidence::{Layout, Moments};
use crate::domain::result::{Absence, Estimate, Estimator, Known};

/// What two cells say about the difference between their variants.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    /// How the headline was made.
    pub estimator: Estimator,
    /// What the headline and the guardrail are computed from, or why there is none.
    pub comparison: Result<Comparison, Absence>,
    /// Treatment − control, in the metric's unit.
    pub absolute: Known<Estimate>,
    /// The same as a fraction of the absolute control mean.
    pub relative: Known<Estimate>,
    /// The absolute difference without the covariate, where the headline is adjusted.
    pub unadjusted: Option<Known<Estimate>>,
    /// Share of variance the covariate removed, where the headline is adjusted.
    pub variance_reduction: Option<f64>,
    /// Of a ratio: the absolute effects on the numerator and on the denominator by themselves.
    pub parts: Option<(Known<Estimate>, Known<Estimate>)>,
}

/// Compares a treatment's cell with the control's under conventions.
///
/// The headline is adjusted by the covariate where the layout has one and the conventions apply it; else it is the
/// difference of means, or of ratios where there is a denominator. Where the adjustment itself is impossible the headline
/// is absent with its reason and `unadjusted` still says what can be said.
#[must_use]
pub fn contrast(
    control: &Moments,
    treatment: &Moments,
    layout: Layout,
    conventions: &Conventions,
) -> Contrast {
    let of = |quantity: usize| {
        difference_of(
            SampleMean::of_quantity(control, quantity),
            SampleMean::of_quantity(treatment, quantity),
            conventions,
        )
    };
    let parts = layout.denominator.then(|| (of(0), of(1)));
    let plain = pair(
        SampleMean::of_cell(control, layout),
        SampleMean::of_cell(treatment, layout),
        conventions,
    );
    if layout.covariates == 0 || conventions.covariate == Application::Ignored {
        let estimator = if layout.denominator {
            Estimator::DifferenceOfRatios
        } else {
            Estimator::DifferenceOfMeans
        };
        return headline(estimator, plain, None, None, parts);
    }
    let unadjusted = Known::from(plain.and_then(|comparison| difference(&comparison)));
    let pair_of_means = adjusted(control, treatment, layout);
    let removed = pair_of_means
        .as_ref()
        .ok()
        .map(|both| both.variance_removed);
    let comparison =
        pair_of_means.and_then(|both| Comparison::new(&both.control, &both.treatment, conventions));
    headline(
        Estimator::Adjusted,
        comparison,
        Some(unadjusted),
        removed,
        parts,
    )
}

fn headline(
    estimator: Estimator,
    comparison: Result<Comparison, Absence>,
    unadjusted: Option<Known<Estimate>>,
    variance_reduction: Option<f64>,
    parts: Option<(Known<Estimate>, Known<Estimate>)>,
) -> Contrast {
    Contrast {
        estimator,
        comparison,
        absolute: comparison.and_then(|both| difference(&both)).into(),
        relative: comparison.and_then(|both| relative(&both)).into(),
        unadjusted,
        variance_reduction,
        parts,
    }
}

fn pair(
    control: Result<SampleMean, Absence>,
    treatment: Result<SampleMean, Absence>,
    conventions: &Conventions,
) -> Result<Comparison, Absence> {
    Comparison::new(&control?, &treatment?, conventions)
}

fn difference_of(
    control: Result<SampleMean, Absence>,
    treatment: Result<SampleMean, Absence>,
    conventions: &Conventions,
) -> Known<Estimate> {
    pair(control, treatment, conventions)
        .and_then(|comparison| difference(&comparison))
        .into()
}
