//! Defines which effects a failed check stands against.

use crate::checks::{CONTROL_CANNOT_BE_EXPOSED, slice_matches};
use crate::domain::definition::{Experiment, Population};
use crate::domain::evidence::Slice;
use crate::domain::result::{
    Check, CheckId, CheckStatus, CompanionKind, Effect, Estimator, Invalidates, MetricReadout,
    Trust,
};

/// Marks every effect that a failed check invalidates, with the first such check and its finding.
pub(super) fn mark(experiment: &Experiment, checks: &[Check], metrics: &mut [MetricReadout]) {
    for metric in metrics {
        let id = metric.id.to_string();
        for effect in &mut metric.effects {
            effect.trust = judge(experiment, checks, &id, effect);
        }
        keep_diluted_where_exposed_is_trusted(&mut metric.effects);
    }
}

/// What is made of an exposed effect that may not be believed is not shown beside one that may.
fn keep_diluted_where_exposed_is_trusted(effects: &mut [Effect]) {
    let trusted: Vec<String> = effects
        .iter()
        .filter(|effect| {
            effect.population == Population::Exposed
                && effect.slice == Slice::All
                && effect.trust == Trust::Trusted
        })
        .map(|effect| effect.variant.clone())
        .collect();
    for effect in effects {
        if !trusted.contains(&effect.variant) {
            effect
                .companions
                .retain(|companion| companion.kind != CompanionKind::Diluted);
        }
    }
}

fn judge(experiment: &Experiment, checks: &[Check], metric: &str, effect: &Effect) -> Trust {
    let against = checks
        .iter()
        .filter(|check| check.status == CheckStatus::Fail)
        .find(|check| {
            check
                .invalidates
                .iter()
                .any(|invalidated| covers(invalidated, metric, effect))
        });
    if let Some(check) = against {
        return Trust::NotTrusted {
            check: check.id.name().to_owned(),
            reason: format!("{}: {}", check.id.label(), check.finding),
        };
    }
    if effect.population == Population::Exposed && !experiment.exposure.control_can_be_exposed {
        return Trust::NotTrusted {
            check: CheckId::ExposureRate.name().to_owned(),
            reason: CONTROL_CANNOT_BE_EXPOSED.to_owned(),
        };
    }
    Trust::Trusted
}

fn covers(invalidated: &Invalidates, metric: &str, effect: &Effect) -> bool {
    match invalidated {
        Invalidates::All => true,
        Invalidates::Exposed => effect.population == Population::Exposed,
        Invalidates::Metric(id) => id == metric,
        Invalidates::Slice(name) => slice_matches(name, &effect.slice),
        Invalidates::PooledEstimate => {
            effect.slice == Slice::All && effect.estimator != Estimator::Stratified
        }
        // The decision is no number.
        Invalidates::Decision => false,
    }
}
