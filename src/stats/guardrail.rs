//! Defines the judgement of a guardrail: is it shown to be no worse than its margin?
//!
//! It refuses to read "not shown to be worse" as fine: that is inconclusive.

use super::Comparison;
use crate::domain::definition::{Direction, Magnitude};
use crate::domain::result::{Absence, Estimate, Guardrail, GuardrailOutcome, Interval, Known};

/// Non-inferiority of a treatment by a margin m > 0 in the bad direction.
///
/// D is how far the treatment is on the safe side, in the metric's unit, with s = ±1 the good direction. Absolute margin:
/// D = sΔ + m. Relative margin: D = s(ȳ_t − ȳ_c) + m|ȳ_c| with se² = v_t + (1 − s·sgn(ȳ_c)·m)²v_c. Quantile and degrees of
/// freedom are the displayed interval's, so one-sided α/2: with a relative margin the outcome is what Fieller's interval
/// says of −m. *Pass*: the lower bound of D is above 0. *Fail*: its upper bound is below. Else *inconclusive*. *Could not
/// run*: no comparison, no margin, or a relative one while the control mean is not clearly non-zero.
#[must_use]
pub fn guardrail(
    comparison: Result<Comparison, Absence>,
    margin: Option<Magnitude>,
    direction: Direction,
) -> Guardrail {
    let judged = match margin {
        None => Err((
            Absence::NotApplicable,
            "it has no margin to be judged by".to_owned(),
        )),
        Some(margin) => judge(comparison, margin, direction),
    };
    let (outcome, distance, reason) = match judged {
        Ok((outcome, distance)) => (outcome, Known::Value(distance), said(outcome).to_owned()),
        Err((absence, reason)) => (
            GuardrailOutcome::CouldNotRun,
            Known::Absent(absence),
            reason,
        ),
    };
    Guardrail {
        margin,
        outcome,
        distance,
        reason,
    }
}

fn judge(
    comparison: Result<Comparison, Absence>,
    margin: Magnitude,
    direction: Direction,
) -> Result<(GuardrailOutcome, Estimate), (Absence, String)> {
    let because = |absence: Absence| {
        (
            absence,
            format!("there is no effect to judge: {}", absence.label()),
        )
    };
    let comparison = comparison.map_err(because)?;
    let (Magnitude::Absolute(size) | Magnitude::Relative(size)) = margin;
    if !(size > 0.0 && size.is_finite()) {
        return Err((
            Absence::NotApplicable,
            "its margin is not above zero".to_owned(),
        ));
    }
    if matches!(margin, Magnitude::Relative(_)) && !comparison.control_is_clearly_not_zero() {
        let absence = if comparison.control == 0.0 {
            Absence::ZeroControlMean
        } else {
            Absence::NotApplicable
        };
        return Err((
            absence,
            "its margin is relative and the control mean is not clearly different from zero"
                .to_owned(),
        ));
    }
    let distance = distance(&comparison, margin, direction).map_err(because)?;
    Ok((outcome(&distance.interval), distance))
}

/// D with its interval and its p-value against zero.
fn distance(
    comparison: &Comparison,
    margin: Magnitude,
    direction: Direction,
) -> Result<Estimate, Absence> {
    let sign = direction.sign();
    let difference = sign * (comparison.treatment - comparison.control);
    let (estimate, weight) = match margin {
        Magnitude::Absolute(size) => (difference + size, 1.0),
        Magnitude::Relative(size) => (
            difference + size * comparison.control.abs(),
            1.0 - sign * comparison.control.signum() * size,
        ),
    };
    let error = comparison.error_of(weight);
    comparison.symmetric(estimate, error)
}

fn outcome(distance: &Interval) -> GuardrailOutcome {
    match *distance {
        Interval::Between { lower, .. } if lower > 0.0 => GuardrailOutcome::Pass,
        Interval::Between { upper, .. } if upper < 0.0 => GuardrailOutcome::Fail,
        _ => GuardrailOutcome::Inconclusive,
    }
}

const fn said(outcome: GuardrailOutcome) -> &'static str {
    match outcome {
        GuardrailOutcome::Pass => "shown to be no worse than its margin",
        GuardrailOutcome::Fail => "shown to be worse than its margin",
        GuardrailOutcome::Inconclusive => "not shown to be within its margin, nor beyond it",
        GuardrailOutcome::CouldNotRun => "could not be judged",
    }
}
