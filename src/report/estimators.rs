//! Defines how the estimators that were used, and the conventions inside them, are told: a sentence each, none for what was
//! neither used nor chosen.

use super::number;
use crate::domain::definition::{
    AdjustedLift, Application, Conventions, MetricKind, Prior, QuantileType, RampMethod,
    ResidualFreedom, SequentialFamily, SlopeForm,
};
use crate::domain::result::{CompanionKind, Effect, Estimator, Known, Readout};

/// What is said of estimators, in the order a reader meets them.
pub(super) fn sentences(readout: &Readout) -> Vec<String> {
    let conventions = &readout.conventions;
    let mut all = Vec::new();
    all.extend(adjustment(conventions));
    all.extend(proportions(readout));
    all.extend(quantiles(readout));
    all.extend(strata(readout));
    all.extend(clusters(readout));
    all.extend(sequential(readout));
    all.extend(compliers(readout));
    all.extend(beliefs(readout));
    all
}

fn any_effect(readout: &Readout, holds: impl Fn(&Effect) -> bool) -> bool {
    let mut effects = readout.metrics.iter().flat_map(|metric| &metric.effects);
    effects.any(holds)
}

fn uses(readout: &Readout, estimator: Estimator) -> bool {
    any_effect(readout, |effect| effect.estimator == estimator)
}

/// The choices inside covariate adjustment that are not the default.
fn adjustment(conventions: &Conventions) -> Option<String> {
    let mut parts = Vec::new();
    if conventions.slope != SlopeForm::PerPair {
        parts.push(format!("the slope is {}", conventions.slope.label()));
    }
    if conventions.residuals != ResidualFreedom::LessCovariates {
        let freedom = conventions.residuals.label();
        parts.push(format!("residuals have {freedom} degrees of freedom"));
    }
    if conventions.adjusted_lift != AdjustedLift::AdjustedMean {
        let base = conventions.adjusted_lift.label();
        parts.push(format!("lifts are relative to the {base}"));
    }
    (!parts.is_empty()).then(|| format!("Of adjusted differences {}.", parts.join(", ")))
}

fn proportions(readout: &Readout) -> Option<String> {
    let method = readout.conventions.proportions?;
    let used = if uses(readout, Estimator::DifferenceOfCounts) {
        ""
    } else {
        ", of which there is none here"
    };
    Some(format!(
        "Plain shares of units are compared by counts: {}{used}.",
        method.label()
    ))
}

fn quantiles(readout: &Readout) -> Option<String> {
    let kind = readout.conventions.quantile;
    let used = readout.has_kind(MetricKind::Quantile);
    (used || kind != QuantileType::Linear).then(|| {
        format!(
            "Quantiles are interpolated as {} (Hyndman and Fan); their standard error is the width of the binomial interval of \
             their rank, between order statistics, and there is none where those are tied.",
            kind.label()
        )
    })
}

fn strata(readout: &Readout) -> Vec<String> {
    let conventions = &readout.conventions;
    let mut all = Vec::new();
    if uses(readout, Estimator::Stratified) {
        all.push(
            "Where weights changed in a ramp, each epoch is compared by itself and counts by its precision; strata that the \
             experiment names count by their share of units (post-stratification)."
                .to_owned(),
        );
    }
    if conventions.strata == Application::Ignored {
        all.push("Strata that experiments name are ignored.".to_owned());
    }
    if conventions.ramp == RampMethod::Pooled {
        all.push(
            "Units of all epochs of weights are pooled, so that a change with the calendar can look like an effect."
                .to_owned(),
        );
    }
    all
}

fn clusters(readout: &Readout) -> Vec<String> {
    let mut all = Vec::new();
    if uses(readout, Estimator::Clustered) {
        all.push(
            "Units nest in clusters, which were drawn: sums over clusters are compared by the delta method, with Student's t on \
             two degrees of freedom less than there are clusters."
                .to_owned(),
        );
    }
    if readout.conventions.clusters == Application::Ignored {
        all.push(
            "Clusters that experiments name are ignored, as if each unit had been drawn by itself."
                .to_owned(),
        );
    }
    all
}

fn sequential(readout: &Readout) -> Option<String> {
    let conventions = &readout.conventions;
    Some(match conventions.sequential {
        SequentialFamily::Fixed => return None,
        SequentialFamily::ConfidenceSequence => format!(
            "Every look is allowed: intervals and p-values are those of an asymptotic confidence sequence, tuned to {}.",
            tuned(readout)
        ),
        SequentialFamily::MixtureSprt => {
            "Every look is allowed: intervals and p-values are those of a mixture SPRT, tuned to each metric's smallest \
             difference that matters."
                .to_owned()
        }
        SequentialFamily::GroupSequential => format!(
            "Looks are group sequential: their error is spent as {}, by the share of {} that is there.",
            conventions.spending.label(),
            tuned(readout)
        ),
    })
}

/// The units that a sequential family is tuned to, in words.
fn tuned(readout: &Readout) -> String {
    let chosen = readout
        .choices
        .iter()
        .find(|choice| choice.name == "sequential-units")
        .and_then(|choice| choice.value.parse().ok());
    match readout.conventions.sequential_units.or(chosen) {
        Some(units) => format!("{} units", number::count(units)),
        None => "the planned units".to_owned(),
    }
}

fn compliers(readout: &Readout) -> Option<String> {
    any_effect(readout, |effect| effect.compliers.is_some()).then(|| {
        format!(
            "Effects on units that comply are the difference over the difference of exposure; standard errors: {}.",
            readout.conventions.compliers.label()
        )
    })
}

fn beliefs(readout: &Readout) -> Vec<String> {
    let prior = match readout.conventions.prior {
        Prior::Flat => "a flat prior of the lift".to_owned(),
        Prior::Normal { mean, deviation } => format!(
            "a normal prior of the lift (mean {}, deviation {})",
            number::plain_percent(mean),
            number::plain_percent(deviation)
        ),
    };
    let mut all = Vec::new();
    let believed = |effect: &Effect| matches!(effect.posterior, Some(Known::Value(_)));
    if readout.conventions.prior != Prior::Flat || any_effect(readout, believed) {
        all.push(format!(
            "Beliefs about lifts are normal, from {prior}, and never decide."
        ));
    }
    let drawn = [
        CompanionKind::BootstrapPercentile,
        CompanionKind::BootstrapBca,
    ];
    let is_drawn = |effect: &Effect| {
        let mut companions = effect.companions.iter();
        companions.any(|companion| drawn.contains(&companion.kind))
    };
    if any_effect(readout, is_drawn) {
        all.push(
            "Bootstrap intervals are of the plain difference, with units drawn anew.".to_owned(),
        );
    }
    all
}
