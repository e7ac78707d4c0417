//! Defines the whole way from two cells to everything that is said about their difference.
//!
//! One path decides: quantiles by order statistics, strata where weights changed or the experiment names some, covariates, else
//! plain means; with clusters as the draws where there are any. What stands beside never decides.

mod clustered;
mod companions;

use clustered::{clustered, draws, independent};
use companions::companions;

use super::adjustment::{Adjustment, adjusted_effect, adjusted_lift};
use super::quantile::{QuantileRequest, quantile_mean};
use super::relative::relative_beside;
use super::scaled::scaled;
use super::{
    Comparison, Correlated, Monitoring, Proportion, SampleMean, Stratum, adjusted, difference,
    proportion_difference, stratified,
};
use crate::domain::definition::{
    AdjustedLift, Application, Conventions, QuantileErrorForm, StratumWeights,
};
use crate::domain::evidence::{Layout, Moments, OrderStatistics, QUANTILE_LEVEL};
use crate::domain::result::{Absence, Companion, Estimate, Estimator, Known, OverStrata};

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

/// What is said beside a headline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// What it is made from: the difference without covariates, numerator and denominator by themselves.
    Parts,
    /// These, and the same difference seen otherwise.
    Everything,
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
    /// What is said beside the headline.
    pub beside: Beside,
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
            beside: Beside::Everything,
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

    /// Whether there are covariates, and they are applied.
    fn adjusts(&self) -> bool {
        self.applied_layout().covariates > 0
    }

    /// The layout with the covariates that are applied.
    fn applied_layout(&self) -> Layout {
        match self.conventions.covariate {
            Application::AsDefined => self.layout,
            Application::Ignored => self.layout.unadjusted(),
        }
    }

    fn compare(&self, control: &SampleMean, treatment: &SampleMean) -> Result<Comparison, Absence> {
        Comparison::monitored(control, treatment, self.conventions, &self.monitoring?)
    }

    fn judge(&self, pair: &Correlated) -> Result<Comparison, Absence> {
        Comparison::correlated(pair, self.conventions, &self.monitoring?)
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
    /// What the headline was put together from, where it is stratified.
    pub strata: Option<OverStrata>,
    /// Clusters of both variants, where they are the draws.
    pub clusters: Option<u64>,
}

impl Contrast {
    /// A contrast of which nothing is shown, for one reason.
    #[must_use]
    pub fn absent(absence: Absence, estimator: Estimator, layout: Layout) -> Self {
        let nothing = || Known::Absent(absence);
        Self {
            estimator,
            comparison: Err(absence),
            absolute: nothing(),
            relative: nothing(),
            unadjusted: (estimator == Estimator::Adjusted).then(nothing),
            variance_reduction: None,
            parts: layout.denominator.then(|| (nothing(), nothing())),
            companions: Vec::new(),
            strata: None,
            clusters: None,
        }
    }

    /// The same with every absence said more closely.
    #[must_use]
    pub fn explained(mut self, closely: impl Fn(Absence) -> Absence) -> Self {
        let close = |known: &mut Known<Estimate>| {
            if let Known::Absent(absence) = known {
                *absence = closely(*absence);
            }
        };
        close(&mut self.absolute);
        close(&mut self.relative);
        self.unadjusted.iter_mut().for_each(close);
        if let Some((numerator, denominator)) = &mut self.parts {
            close(numerator);
            close(denominator);
        }
        for companion in &mut self.companions {
            close(&mut companion.estimate);
        }
        self.comparison = self.comparison.map_err(&closely);
        self
    }
}

/// The headline's comparison, and what came with it.
struct Headline {
    comparison: Result<Comparison, Absence>,
    removed: Option<f64>,
    strata: Option<OverStrata>,
}

impl From<Result<Comparison, Absence>> for Headline {
    fn from(comparison: Result<Comparison, Absence>) -> Self {
        Self {
            comparison,
            removed: None,
            strata: None,
        }
    }
}

/// Compares a treatment's cell with the control's.
///
/// Where the headline's own way is impossible it is absent with its reason, and what stands beside still says what can be
/// said.
#[must_use]
pub fn contrast(control: &Side<'_>, treatment: &Side<'_>, method: &Method<'_>) -> Contrast {
    let estimator = estimator(control, treatment, method);
    let headline = headline(control, treatment, method, estimator);
    let comparison = headline.comparison;
    let (absolute, relative) = if estimator == Estimator::DifferenceOfCounts {
        let absolute = by_counts(control, treatment, method);
        let lift = absolute.and_then(|absolute| over_control(&absolute, comparison));
        (absolute, lift)
    } else {
        let absolute = comparison.and_then(|both| difference(&both));
        let lift = other_lift(control, treatment, method, estimator)
            .unwrap_or_else(|| comparison.and_then(|both| relative_beside(&both, || absolute)));
        (absolute, lift)
    };
    let of = |quantity: usize| of_quantity(control, treatment, quantity, method, estimator).into();
    let has_own_parts = method.beside != Beside::Nothing;
    let are_draws = estimator == Estimator::Clustered;
    let clusters = control.clusters.zip(treatment.clusters);
    let companions = if method.beside == Beside::Everything {
        companions(control, treatment, method, estimator)
    } else {
        Vec::new()
    };
    Contrast {
        estimator,
        comparison,
        absolute: absolute.into(),
        relative: relative.into(),
        unadjusted: (has_own_parts
            && (estimator == Estimator::Adjusted || headline.removed.is_some()))
        .then(|| without_covariates(control, treatment, method, estimator).into()),
        variance_reduction: headline.removed,
        parts: (has_own_parts && method.layout.denominator).then(|| (of(0), of(1))),
        companions,
        strata: headline.strata,
        clusters: clusters
            .filter(|_| are_draws)
            .map(|(control, treatment)| control.units + treatment.units),
    }
}

/// How the headline of two cells is made: the first way that applies.
#[must_use]
pub fn estimator(control: &Side<'_>, treatment: &Side<'_>, method: &Method<'_>) -> Estimator {
    let conventions = method.conventions;
    if method.quantile.is_some() {
        Estimator::DifferenceOfQuantiles
    } else if are_clustered(control, treatment, method) {
        Estimator::Clustered
    } else if method.strata.0.len() > 1 {
        Estimator::Stratified
    } else if method.adjusts() {
        Estimator::Adjusted
    } else if method.layout.denominator {
        Estimator::DifferenceOfRatios
    } else if method.is_share && conventions.proportions.is_some() && !method.is_watched() {
        Estimator::DifferenceOfCounts
    } else {
        Estimator::DifferenceOfMeans
    }
}

/// Whether units nest in clusters, and clusters are the draws.
const fn are_clustered(control: &Side<'_>, treatment: &Side<'_>, method: &Method<'_>) -> bool {
    control.clusters.is_some()
        && treatment.clusters.is_some()
        && matches!(method.conventions.clusters, Application::AsDefined)
}

fn headline(
    control: &Side<'_>,
    treatment: &Side<'_>,
    method: &Method<'_>,
    estimator: Estimator,
) -> Headline {
    match estimator {
        Estimator::DifferenceOfQuantiles => quantiles(control, treatment, method).into(),
        Estimator::Clustered => clustered(control, treatment, method),
        Estimator::Stratified => over_strata(method),
        Estimator::Adjusted => by_covariates(control, treatment, method),
        Estimator::DifferenceOfMeans
        | Estimator::DifferenceOfRatios
        | Estimator::DifferenceOfCounts => plain(control.moments, treatment.moments, method).into(),
    }
}

fn quantiles(
    control: &Side<'_>,
    treatment: &Side<'_>,
    method: &Method<'_>,
) -> Result<Comparison, Absence> {
    let share = method.quantile.ok_or(Absence::NotApplicable)?;
    if are_clustered(control, treatment, method) {
        return Err(Absence::UnitsNest);
    }
    let of = |side| of_order(side, share, method.conventions);
    method.compare(&of(control)?, &of(treatment)?)
}

/// The absolute difference with the headline's draws and without covariates.
fn without_covariates(
    control: &Side<'_>,
    treatment: &Side<'_>,
    method: &Method<'_>,
    estimator: Estimator,
) -> Result<Estimate, Absence> {
    let comparison = match estimator {
        Estimator::Clustered => {
            let layout = method.layout.unadjusted();
            let pair = independent(&draws(control)?, &draws(treatment)?, layout)?;
            method.judge(&pair)?
        }
        _ => plain(control.moments, treatment.moments, method)?,
    };
    difference(&comparison)
}

fn over_strata(method: &Method<'_>) -> Headline {
    let (strata, weights) = &method.strata;
    let over = stratified(strata, method.applied_layout(), *weights);
    Headline {
        strata: Some(OverStrata {
            weights: *weights,
            compared: over.strata,
            thin: over.thin,
        }),
        ..over.pair.and_then(|pair| method.judge(&pair)).into()
    }
}

fn by_covariates(control: &Side<'_>, treatment: &Side<'_>, method: &Method<'_>) -> Headline {
    let (control, treatment) = (control.moments, treatment.moments);
    let pair = adjusted(control, treatment, method.layout);
    let removed = pair.as_ref().ok().map(|both| both.variance_removed);
    let adjustment = adjustment(method.conventions);
    let comparison = if adjustment == Adjustment::default() {
        pair.and_then(|both| method.compare(&both.control, &both.treatment))
    } else {
        adjusted_effect(control, treatment, method.layout, adjustment)
            .and_then(|pair| method.judge(&pair))
    };
    Headline {
        removed,
        ..comparison.into()
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

/// The difference of one quantity by itself, with the headline's draws.
fn of_quantity(
    control: &Side<'_>,
    treatment: &Side<'_>,
    quantity: usize,
    method: &Method<'_>,
    estimator: Estimator,
) -> Result<Estimate, Absence> {
    let of = |side: &Side<'_>| match estimator {
        Estimator::Clustered => SampleMean::of_quantity(&draws(side)?, quantity),
        _ => SampleMean::of_quantity(side.moments, quantity),
    };
    difference(&method.compare(&of(control)?, &of(treatment)?)?)
}

/// A plain share by the method on counts that the conventions ask for.
fn by_counts(
    control: &Side<'_>,
    treatment: &Side<'_>,
    method: &Method<'_>,
) -> Result<Estimate, Absence> {
    let conventions = method.conventions;
    let wanted = conventions.proportions.ok_or(Absence::NotApplicable)?;
    let (control, treatment) = proportions(control.moments, treatment.moments)?;
    proportion_difference(control, treatment, wanted, conventions.level).map(|found| found.estimate)
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
    scaled(absolute, |value| value / control)
}
