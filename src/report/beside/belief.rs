//! Defines the words for what is believed after the data.

use super::{Line, Topic, around};
use crate::domain::result::{Effect, Interval, Posterior, RatePosterior};
use crate::report::number::{self, Scale};

const LIFT: &str = "belief about the lift";
const SHARES: &str = "belief about both shares";

/// The posterior of the lift, then those of both shares.
pub(super) fn lines(effect: &Effect) -> Vec<Line> {
    let lift = effect.posterior.as_ref().map(|known| {
        let text = number::known(known, |found| {
            format!(
                "{}{}",
                spread(found, Scale::Percent),
                chances(found, Scale::Percent)
            )
        });
        Line::new(Topic::Belief, LIFT, text)
    });
    let shares = effect.rates.as_ref().map(|known| {
        let text = number::known(known, |found| {
            format!(
                "control {}, variant {}; {}",
                share(&found.control),
                share(&found.treatment),
                chances(&found.difference, Scale::Points)
            )
        });
        Line::new(Topic::Belief, SHARES, text)
    });
    lift.into_iter().chain(shares).collect()
}

fn spread(found: &Posterior, scale: Scale) -> String {
    let interval = found.interval.unwrap_or(Interval::WholeLine);
    let (mean, bounds) = around(found.mean, interval, scale);
    match found.interval {
        Some(_) => format!("{mean} {bounds}; "),
        None => format!("{mean}; "),
    }
}

fn chances(found: &Posterior, scale: Scale) -> String {
    format!(
        "P(better) {}, P(worse) {}; expected loss {} if chosen, {} if not",
        number::probability(found.probability_better),
        number::probability(found.probability_worse),
        number::size(found.loss_if_chosen, scale),
        number::size(found.loss_if_not_chosen, scale)
    )
}

fn share(found: &RatePosterior) -> String {
    format!(
        "{} [{}, {}]",
        number::percent(found.mean),
        number::percent(found.lower),
        number::percent(found.upper)
    )
}
