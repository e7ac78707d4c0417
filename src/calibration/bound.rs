//! Defines what a figure is held to, and how far chance may carry it.

use super::world::size;
use crate::domain::result::{CalibrationFigure, CalibrationOutcome, FigureKind};

/// How strictly figures are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// To what is claimed, as chance lets it be shown: with 20,000 experiments an interval at 95 % covers in 94.5 to 95.5 %.
    Claimed,
    /// So loosely that chance misses no bound, for tests: less than once in 10¹² a bound.
    NeverByChance,
}

/// Where a figure must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bound {
    /// At this share, on either side.
    Around(f64),
    /// At this share or above.
    AtLeast(f64),
    /// At this share or below.
    AtMost(f64),
    /// At this share exactly: not a matter of chance.
    Exactly(f64),
    /// Nowhere: shown for what it is.
    Shown,
}

/// Standard errors on either side: what makes half a percentage point of 95 % at [`MOST`] experiments.
const AROUND: f64 = 3.25;
/// Standard errors on one side.
const BEYOND: f64 = 3.0;
/// The experiments that bounds are tightest at: intervals are asymptotic, and more would only resolve that.
const MOST: u32 = 20_000;
/// −ln of the probability that chance misses a bound in a test.
const NEVER: f64 = 27.6;
/// The least p-value that p-values are uniform.
const UNIFORM: f64 = 0.001;

impl Bound {
    /// The least and the most that a share of this many experiments may be.
    fn limits(self, experiments: u32, strictness: Strictness) -> (Option<f64>, Option<f64>) {
        let away = |share: f64, errors: f64, side: f64| match strictness {
            Strictness::Claimed => {
                let n = f64::from(experiments.min(MOST));
                (share + side * errors * libm::sqrt(share * (1.0 - share) / n)).clamp(0.0, 1.0)
            }
            Strictness::NeverByChance => beyond_chance(share, side, f64::from(experiments)),
        };
        match self {
            Self::Around(share) => (
                Some(away(share, AROUND, -1.0)),
                Some(away(share, AROUND, 1.0)),
            ),
            Self::AtLeast(share) => (Some(away(share, BEYOND, -1.0)), None),
            Self::AtMost(share) => (None, Some(away(share, BEYOND, 1.0))),
            Self::Exactly(share) => (Some(share), Some(share)),
            Self::Shown => (None, None),
        }
    }
}

/// The share on one side of `share` that is not reached by chance, by Chernoff's bound exp(−n·KL).
fn beyond_chance(share: f64, side: f64, experiments: f64) -> f64 {
    let far = |other: f64| {
        let term = |left: f64, right: f64| {
            if left == 0.0 {
                0.0
            } else {
                left * libm::log(left / right)
            }
        };
        experiments * (term(other, share) + term(1.0 - other, 1.0 - share)) >= NEVER
    };
    let end = if side > 0.0 { 1.0 } else { 0.0 };
    if !far(end) {
        return end;
    }
    let (mut near, mut beyond) = (share, end);
    for _ in 0..60 {
        let middle = 0.5 * (near + beyond);
        if far(middle) {
            beyond = middle;
        } else {
            near = middle;
        }
    }
    beyond
}

/// A share of experiments, held to its bound.
pub(super) fn share(
    subject: &str,
    (figure, kind, bound): (&str, FigureKind, Bound),
    hits: u64,
    experiments: u32,
    strictness: Strictness,
) -> CalibrationFigure {
    let n = f64::from(experiments);
    let observed = size(hits) / n;
    let (lower, upper) = bound.limits(experiments, strictness);
    CalibrationFigure {
        standard_error: Some(libm::sqrt(observed * (1.0 - observed) / n)),
        ..held(subject, figure, kind, observed, (lower, upper))
    }
}

/// The p-value that p-values are uniform, held to not being small where it is held at all.
pub(super) fn uniformity(
    subject: &str,
    p: f64,
    strictness: Option<Strictness>,
) -> CalibrationFigure {
    let least = strictness.map(|strictness| match strictness {
        Strictness::Claimed => UNIFORM,
        Strictness::NeverByChance => libm::exp(-NEVER),
    });
    let name = "p-values uniform";
    held(subject, name, FigureKind::Uniformity, p, (least, None))
}

fn held(
    subject: &str,
    figure: &str,
    kind: FigureKind,
    observed: f64,
    (lower, upper): (Option<f64>, Option<f64>),
) -> CalibrationFigure {
    let inside =
        lower.is_none_or(|least| observed >= least) && upper.is_none_or(|most| observed <= most);
    CalibrationFigure {
        subject: subject.to_owned(),
        figure: figure.to_owned(),
        kind,
        observed,
        standard_error: None,
        lower,
        upper,
        outcome: match (lower, upper) {
            (None, None) => CalibrationOutcome::Shown,
            _ if inside => CalibrationOutcome::Pass,
            _ => CalibrationOutcome::Fail,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_at_95_percent_is_held_to_half_a_point_at_20000_experiments() {
        for experiments in [20_000, 1_000_000] {
            let (lower, upper) = Bound::Around(0.95).limits(experiments, Strictness::Claimed);
            assert!((lower.unwrap() - 0.945).abs() < 1e-4, "{lower:?}");
            assert!((upper.unwrap() - 0.955).abs() < 1e-4, "{upper:?}");
        }
    }

    #[test]
    fn what_chance_never_does_is_beyond_the_bound_of_a_test() {
        let (lower, upper) = Bound::Around(0.95).limits(300, Strictness::NeverByChance);
        // Binomial(300, 0.05) reaches 55 with probability 4e-16, and 30 with 4e-4.
        assert!((1.0 - 55.0 / 300.0..1.0 - 30.0 / 300.0).contains(&lower.unwrap()));
        assert_eq!(upper, Some(1.0));
    }

    #[test]
    fn a_share_beyond_its_bound_fails_and_one_without_is_shown() {
        let outcome = |bound, hits| {
            let figure = ("f", FigureKind::FalseAlarms, bound);
            share("s", figure, hits, 20_000, Strictness::Claimed).outcome
        };
        assert_eq!(
            outcome(Bound::AtMost(0.05), 1_000),
            CalibrationOutcome::Pass
        );
        assert_eq!(
            outcome(Bound::AtMost(0.05), 1_100),
            CalibrationOutcome::Fail
        );
        assert_eq!(
            outcome(Bound::AtLeast(0.95), 18_500),
            CalibrationOutcome::Fail
        );
        assert_eq!(outcome(Bound::Exactly(0.0), 1), CalibrationOutcome::Fail);
        assert_eq!(outcome(Bound::Shown, 1), CalibrationOutcome::Shown);
    }
}
