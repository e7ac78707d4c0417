//! Defines how units behave: who is exposed, who is lost, and how often a unit does something before and after an effect
//! starts. Both the generator and the truth are made of these functions, so they cannot disagree about the model.
//!
//! The model: a unit has an activity A, Erlang with mean 1. It does each thing in a Poisson process whose rate is
//! proportional to A (or not, as the behaviour says), to its segment and to the trend. A variant multiplies rates and values
//! from the moment its effect starts. Selection works through A: a unit is reached with probability 1 − exp(−cA).

use super::scenario::{Behaviour, Effect, VariantScenario};

/// The chance that a unit of `activity` is exposed in `variant`.
pub(super) fn exposure_probability(variant: &VariantScenario, activity: f64, shape: u32) -> f64 {
    let selected = reached(variant.exposure_rate, activity, shape);
    mix(variant.exposure_rate, selected, variant.exposure_selection)
}

/// The chance that a unit of `activity` leaves no row in any table.
pub(super) fn loss_probability(variant: &VariantScenario, activity: f64, shape: u32) -> f64 {
    let selected = 1.0 - reached(1.0 - variant.lost_share, activity, shape);
    mix(variant.lost_share, selected, variant.loss_selection)
}

fn mix(even: f64, selected: f64, selection: f64) -> f64 {
    even * (1.0 - selection) + selected * selection
}

/// 1 − exp(−c·activity), with c such that the mean over all activities is `rate`: E exp(−cA) = (1 + c/k)^−k for Erlang A.
fn reached(rate: f64, activity: f64, shape: u32) -> f64 {
    if rate >= 1.0 {
        return 1.0;
    }
    let k = f64::from(shape);
    let c = k * (libm::pow(1.0 - rate, -1.0 / k) - 1.0);
    1.0 - libm::exp(-c * activity)
}

/// What multiplies a unit's rates, besides its activity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Circumstances {
    /// Of its segments and the trend.
    pub(super) rate: f64,
    /// How much of a variant's effect it has.
    pub(super) effect: f64,
    /// What multiplies its activity: 1, or a bot's.
    pub(super) activity: f64,
}

/// How often something happens and what it is worth, before and after the effect starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pace {
    /// Times a day before the effect.
    pub(super) before: f64,
    /// Times a day after it has started.
    pub(super) after: f64,
    /// What multiplies values after it has started.
    pub(super) value: f64,
}

/// The pace of `behaviour` in a unit of `activity` under `effect`.
pub(super) fn pace(
    behaviour: &Behaviour,
    effect: Effect,
    activity: f64,
    circumstances: Circumstances,
) -> Pace {
    let activity = if behaviour.follows_activity {
        activity * circumstances.activity
    } else {
        1.0
    };
    let before = behaviour.weekly_rate / 7.0 * activity * circumstances.rate;
    let scaled = |multiplier: f64| (1.0 + (multiplier - 1.0) * circumstances.effect).max(0.0);
    Pace {
        before,
        after: before * scaled(effect.rate),
        value: scaled(effect.value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_selection_activity_does_not_matter() {
        let variant = VariantScenario {
            exposure_rate: 0.6,
            ..VariantScenario::default()
        };
        assert_eq!(exposure_probability(&variant, 0.1, 2), 0.6);
        assert_eq!(exposure_probability(&variant, 5.0, 2), 0.6);
    }

    #[test]
    fn with_selection_the_active_are_exposed_and_the_inactive_lost() {
        let variant = VariantScenario {
            exposure_rate: 0.6,
            exposure_selection: 1.0,
            lost_share: 0.1,
            loss_selection: 1.0,
            ..VariantScenario::default()
        };
        assert!(
            exposure_probability(&variant, 2.0, 2) > 0.6
                && exposure_probability(&variant, 0.2, 2) < 0.6
        );
        assert!(
            loss_probability(&variant, 2.0, 2) < 0.1 && loss_probability(&variant, 0.02, 2) > 0.1
        );
    }

    #[test]
    fn selection_through_one_exponential_has_the_closed_form() {
        // k = 1: P(exposed | A) = 1 − exp(−cA) with c = r/(1−r); at r = 1/2 and A = 1 that is 1 − 1/e.
        let variant = VariantScenario {
            exposure_rate: 0.5,
            exposure_selection: 1.0,
            ..VariantScenario::default()
        };
        let expected = 1.0 - 1.0 / std::f64::consts::E;
        assert!((exposure_probability(&variant, 1.0, 1) - expected).abs() < 1e-15);
    }
}
