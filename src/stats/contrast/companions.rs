//! Defines the same difference seen otherwise: what stands beside a headline, and never decides.

use super::{Method, Side, headline, of_quantity, plain, proportions};
use crate::domain::result::{
    Absence, Companion, CompanionKind, CompanionScale, Estimate, Estimator, Interval, RatioOfRates,
};
use crate::stats::{Proportion, difference, odds_ratio, risk_ratio};

/// The same difference seen otherwise.
pub(super) fn companions(
    control: &Side<'_>,
    treatment: &Side<'_>,
    method: &Method<'_>,
    estimator: Estimator,
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
        let once = headline(control, treatment, &method.at_one_look(), estimator);
        let estimate = once.comparison.and_then(|both| difference(&both));
        add(CompanionKind::OneLook, None, absolute, estimate);
    }
    let beside = match estimator {
        Estimator::Stratified => Some(CompanionKind::Pooled),
        Estimator::Clustered => Some(CompanionKind::UnitLevel),
        Estimator::DifferenceOfCounts => Some(CompanionKind::AsMeans),
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
        let estimate = of_quantity(control, treatment, quantity, method, estimator);
        add(
            CompanionKind::Step,
            Some((step + 1).to_string()),
            absolute,
            estimate,
        );
    }
    if method.is_share {
        let pair = match estimator {
            Estimator::Clustered => Err(Absence::UnitsNest),
            _ => proportions(control.moments, treatment.moments),
        };
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
