//! Defines the whole way from two cells to everything that is said about their difference.
//!
//! One path decides: quantiles by order statistics, clusters as the draws where there are any, strata where weights changed
//! or the experiment names some, covariates, else plain means. What stands beside never decides.

use super::adjustment::{Adjustment, adjusted_effect, adjusted_lift};
use super::clusters::over_clusters;
use super::quantile::{QuantileRequest, quantile_mean};
use super::{
    Comparison, Monitoring, Proportion, SampleMean, Stratum, adjusted, difference, odds_ratio,
    proportion_difference, relative, risk_ratio, stratified,
};
use crate::domain::definition::{
    AdjustedLift, Application, Conventions, QuantileErrorForm, StratumWeights,
};
use crate::domain::evidence::{Layout, Moments, OrderStatistics, QUANTILE_LEVEL};
use crate::domain::result::{
    Absence, Companion, CompanionKind, CompanionScale, Estimate, Estimator, Interval, Known,
    RatioOfRates,
};

/// What one variant's cell holds.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// Moments over units.
    pub moments: &'a Moments,
    /// Order statistics, of a quantile.
    pub order: Option<&'a OrderStatistics>,
    /// Moments over clusters of the same quantities and then the number of units, where units nest in clusters.
    pub clusters: Option<&'a Moments>,
}

impl<'a> Side<'a> {
    /// Moments alone.
    #[must_use]
    pub const fn of(moments: &'a Moments) -> Self {
        Self {
            moments,
            order: None,
            clusters: None,
        }
    }
}

/// How two cells are compared.
#[derive(Debug, Clone)]
pub struct Method<'a> {
    /// What their quantities are.
    pub layout: Layout,
    /// Whether every unit's value is 0 or 1.
    pub is_share: bool,
    /// Which quantile, of one.
    pub quantile: Option<f64>,
    /// The conventions in force.
    pub conventions: &'a Conventions,
    /// How it is watched.
    pub monitoring: Result<Monitoring, Absence>,
    /// The strata the cells are made of, with what weights them; empty: none.
    pub strata: (Vec<Stratum>, StratumWeights),
    /// Whether the same difference is seen otherwise too.
    pub beside: bool,
}

impl<'a> Method<'a> {
    /// Moments of means or ratios at one look, without strata.
    #[must_use]
    pub const fn plain(layout: Layout, conventions: &'a Conventions) -> Self {
        Self {
            layout,
            is_share: false,
            quantile: None,
            conventions,
            monitoring: Ok(Monitoring::Fixed),
            strata: (Vec::new(), StratumWeights::Precision),
            beside: true,
        }
    }

    /// The same at one look.
    fn at_one_look(&self) -> Self {
        Self {
            monitoring: Ok(Monitoring::Fixed),
            ..self.clone()
        }
    }

    fn is_watched(&self) -> bool {
        self.monitoring != Ok(Monitoring::Fixed)
    }

    fn compare(&self, control: &SampleMean, treatment: &SampleMean) -> Result<Comparison, Absence> {
        Comparison::monitored(control, treatment, self.conventions, &self.monitoring?)
    }
}

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
    /// The same difference seen otherwise.
    pub companions: Vec<Companion>,
    /// Strata that were too thin to be compared by themselves.
    pub merged: Vec<String>,
    /// Clusters of both variants, where they are the draws.
    pub clusters: Option<u64>,
}

/// The headline's comparison, and how it was come by.
struct Headline {
    estimator: Estimator,
    comparison: Result<Comparison, Absence>,
    removed: Option<f64>,
    merged: Vec<String>,
    clusters: Option<u64>,
}

impl Headline {
    const fn new(estimator: Estimator, comparison: Result<Comparison, Absence>) -> Self {
        Self {
            estimator,
            comparison,
            removed: None,
            merged: Vec::new(),
            clusters: None,
        }
    }
}

/// Compares a treatment's cell with the control's.
///
/// Where the headline's own way is impossible it is absent with its reason, and what stands beside still says what can be
/// said.
#[must_use]
pub fn contrast(control: &Side<'_>, treatment: &Side<'_>, method: &Method<'_>) -> Contrast {
    let headline = headline(control, treatment, method);
    let comparison = headline.comparison;
    let of =
        |quantity: usize| of_quantity(control.moments, treatment.moments, quantity, method).into();
    let mut companions = if method.beside {
        companions(control, treatment, method, &headline)
    } else {
        Vec::new()
    };
    let counts = by_counts(control, treatment, method, headline.estimator);
    let (absolute, relative) = match counts {
        None => (
            comparison.and_then(|both| difference(&both)),
            other_lift(control, treatment, method, headline.estimator)
                .unwrap_or_else(|| comparison.and_then(|both| relative(&both))),
        ),
        Some(absolute) => {
            companions.push(Companion {
                kind: CompanionKind::AsMeans,
                subject: None,
                scale: CompanionScale::Absolute,
                estimate: comparison.and_then(|both| difference(&both)).into(),
            });
            let lift = absolute.and_then(|absolute| over_control(&absolute, comparison));
            (absolute, lift)
        }
    };
    let is_adjusted = headline.estimator == Estimator::Adjusted;
    Contrast {
        estimator: if counts.is_some() {
            Estimator::DifferenceOfCounts
        } else {
            headline.estimator
        },
        comparison,
        absolute: absolute.into(),
        relative: relative.into(),
        unadjusted: is_adjusted.then(|| {
            let plain = plain(control.moments, treatment.moments, method);
            plain.and_then(|both| difference(&both)).into()
        }),
        variance_reduction: headline.removed,
        parts: method.layout.denominator.then(|| (of(0), of(1))),
        companions,
        merged: headline.merged,
        clusters: headline.clusters,
    }
}

fn headline(control: &Side<'_>, treatment: &Side<'_>, method: &Method<'_>) -> Headline {
    let conventions = method.conventions;
    if let Some(share) = method.quantile {
        let of = |side: &Side<'_>| of_order(side, share, conventions);
        let both = of(control).and_then(|control| Ok((control, of(treatment)?)));
        let comparison = both.and_then(|(control, treatment)| method.compare(&control, &treatment));
        return Headline::new(Estimator::DifferenceOfQuantiles, comparison);
    }
    let applies = |application| application == Application::AsDefined;
    if let (Some(left), Some(right), true) = (
        control.clusters,
        treatment.clusters,
        applies(conventions.clusters),
    ) {
        let pair = over_clusters(left, right, method.layout);
        return Headline {
            clusters: Some(left.units + right.units),
            ..Headline::new(
                Estimator::Clustered,
                pair.and_then(|pair| {
                    Comparison::correlated(&pair, conventions, &method.monitoring?)
                }),
            )
        };
    }
    let layout = if applies(conventions.covariate) {
        method.layout
    } else {
        method.layout.unadjusted()
    };
    let (strata, weights) = &method.strata;
    if strata.len() > 1 {
        let over = stratified(strata, layout, *weights);
        let comparison = over
            .pair
            .and_then(|pair| Comparison::correlated(&pair, conventions, &method.monitoring?));
        return Headline {
            merged: over.merged,
            ..Headline::new(Estimator::Stratified, comparison)
        };
    }
    if layout.covariates == 0 {
        let estimator = if layout.denominator {
            Estimator::DifferenceOfRatios
        } else {
            Estimator::DifferenceOfMeans
        };
        let comparison = plain(control.moments, treatment.moments, method);
        return Headline::new(estimator, comparison);
    }
    let pair = adjusted(control.moments, treatment.moments, layout);
    let removed = pair.as_ref().ok().map(|both| both.variance_removed);
    let adjustment = adjustment(conventions);
    let comparison = if adjustment == Adjustment::default() {
        pair.and_then(|both| method.compare(&both.control, &both.treatment))
    } else {
        adjusted_effect(control.moments, treatment.moments, layout, adjustment)
            .and_then(|pair| Comparison::correlated(&pair, conventions, &method.monitoring?))
    };
    Headline {
        removed,
        ..Headline::new(Estimator::Adjusted, comparison)
    }
}

fn adjustment(conventions: &Conventions) -> Adjustment {
    Adjustment {
        slope: conventions.slope,
        freedom: conventions.residuals,
        lift: conventions.adjusted_lift,
    }
}

/// The lift of an adjusted difference where another tool's form of it is asked for, which no comparison has.
fn other_lift(
    control: &Side<'_>,
    treatment: &Side<'_>,
    method: &Method<'_>,
    estimator: Estimator,
) -> Option<Result<Estimate, Absence>> {
    let adjustment = adjustment(method.conventions);
    let own = matches!(
        adjustment.lift,
        AdjustedLift::RawMeanBalanced | AdjustedLift::RawMeanIndependent
    );
    (own && estimator == Estimator::Adjusted && !method.is_watched()).then(|| {
        let (control, treatment) = (control.moments, treatment.moments);
        adjusted_lift(
            control,
            treatment,
            method.layout,
            adjustment,
            method.conventions,
        )
    })
}

/// A quantile as a mean; its standard error is of [`QUANTILE_LEVEL`]'s order statistics.
fn of_order(side: &Side<'_>, share: f64, conventions: &Conventions) -> Result<SampleMean, Absence> {
    let request = QuantileRequest {
        share,
        interpolation: conventions.quantile,
        error: QuantileErrorForm::BinomialInterval,
        level: QUANTILE_LEVEL,
        effective_units: None,
    };
    quantile_mean(side.order.ok_or(Absence::NotApplicable)?, &request)
}

/// Means, or ratios, without covariate, strata or clusters.
fn plain(
    control: &Moments,
    treatment: &Moments,
    method: &Method<'_>,
) -> Result<Comparison, Absence> {
    method.compare(
        &SampleMean::of_cell(control, method.layout)?,
        &SampleMean::of_cell(treatment, method.layout)?,
    )
}

fn of_quantity(
    control: &Moments,
    treatment: &Moments,
    quantity: usize,
    method: &Method<'_>,
) -> Result<Estimate, Absence> {
    let comparison = method.compare(
        &SampleMean::of_quantity(control, quantity)?,
        &SampleMean::of_quantity(treatment, quantity)?,
    )?;
    difference(&comparison)
}

/// A plain share by a method on counts, where the conventions ask for one and nothing else governs.
fn by_counts(
    control: &Side<'_>,
    treatment: &Side<'_>,
    method: &Method<'_>,
    estimator: Estimator,
) -> Option<Result<Estimate, Absence>> {
    let is_plain = estimator == Estimator::DifferenceOfMeans && !method.is_watched();
    let wanted = method.conventions.proportions;
    let wanted = wanted.filter(|_| method.is_share && is_plain)?;
    let pair = proportions(control.moments, treatment.moments);
    let level = method.conventions.level;
    let found = pair.and_then(|(c, t)| proportion_difference(c, t, wanted, level));
    Some(found.map(|found| found.estimate))
}

fn proportions(
    control: &Moments,
    treatment: &Moments,
) -> Result<(Proportion, Proportion), Absence> {
    Ok((Proportion::of(control)?, Proportion::of(treatment)?))
}

/// The absolute estimate over the control mean, so that both decide alike.
fn over_control(
    absolute: &Estimate,
    comparison: Result<Comparison, Absence>,
) -> Result<Estimate, Absence> {
    let control = comparison?.control_mean().abs();
    if control == 0.0 {
        return Err(Absence::ZeroControlMean);
    }
    let over = |value: f64| value / control;
    let interval = match absolute.interval {
        Interval::Between { lower, upper } => Interval::Between {
            lower: over(lower),
            upper: over(upper),
        },
        other => other,
    };
    Ok(Estimate {
        estimate: over(absolute.estimate),
        standard_error: absolute.standard_error.map(over),
        interval,
        ..*absolute
    })
}

/// The same difference seen otherwise.
fn companions(
    control: &Side<'_>,
    treatment: &Side<'_>,
    method: &Method<'_>,
    headline: &Headline,
) -> Vec<Companion> {
    let mut all = Vec::new();
    let mut add = |kind, subject, scale, estimate: Result<Estimate, Absence>| {
        all.push(Companion {
            kind,
            subject,
            scale,
            estimate: estimate.into(),
        });
    };
    let absolute = CompanionScale::Absolute;
    if method.is_watched() {
        let once = self::headline(control, treatment, &method.at_one_look());
        let estimate = once.comparison.and_then(|both| difference(&both));
        add(CompanionKind::OneLook, None, absolute, estimate);
    }
    let beside = match headline.estimator {
        Estimator::Stratified => Some(CompanionKind::Pooled),
        Estimator::Clustered => Some(CompanionKind::UnitLevel),
        _ => None,
    };
    if let Some(kind) = beside {
        let plain = plain(control.moments, treatment.moments, method);
        add(
            kind,
            None,
            absolute,
            plain.and_then(|both| difference(&both)),
        );
    }
    for step in 0..method.layout.steps {
        let quantity = method.layout.steps_at() + usize::from(step);
        let estimate = of_quantity(control.moments, treatment.moments, quantity, method);
        add(
            CompanionKind::Step,
            Some((step + 1).to_string()),
            absolute,
            estimate,
        );
    }
    if method.is_share {
        let pair = proportions(control.moments, treatment.moments);
        let level = method.conventions.level;
        let ratio = |of: fn(Proportion, Proportion, f64) -> Result<RatioOfRates, Absence>| {
            pair.and_then(|(c, t)| of(c, t, level))
                .map(|found| as_estimate(&found))
        };
        add(
            CompanionKind::RiskRatio,
            None,
            CompanionScale::Ratio,
            ratio(risk_ratio),
        );
        add(
            CompanionKind::OddsRatio,
            None,
            CompanionScale::Ratio,
            ratio(odds_ratio),
        );
    }
    all
}

/// A ratio with the p-value of its logarithm; it has no standard error of its own.
fn as_estimate(found: &RatioOfRates) -> Estimate {
    Estimate {
        estimate: found.ratio,
        standard_error: None,
        degrees_of_freedom: None,
        interval: Interval::Between {
            lower: found.lower,
            upper: found.upper,
        },
        p_value: found.logarithm.p_value,
    }
}
