//! Defines a metric with its itt effect for one variant, as the verdict asks about it.

use super::phrase;
use crate::checks::wording;
use crate::domain::definition::Magnitude;
use crate::domain::result::{
    Effect, Guardrail, GuardrailOutcome, MetricReadout, PValue, Significance, Trust,
};

/// A metric with its itt effect for the variant.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) metric: &'a MetricReadout,
    pub(super) effect: &'a Effect,
}

impl<'a> Subject<'a> {
    pub(super) fn is_trusted(&self) -> bool {
        self.effect.trust == Trust::Trusted
    }

    pub(super) fn is(&self, significance: Significance) -> bool {
        self.effect.significance == Some(significance)
    }

    pub(super) fn guardrail(&self) -> Option<&'a Guardrail> {
        self.effect.guardrail.as_ref()
    }

    /// The corrected p-value as one number, where its family was corrected; else the raw one.
    fn decisive_p(&self) -> Option<PValue> {
        let raw = self.effect.absolute.value()?.p_value;
        let Some(corrected) = &self.effect.corrected else {
            return Some(raw);
        };
        // Below the smallest double only the raw logarithm is left to show.
        let log10_p = if corrected.p > 0.0 {
            libm::log10(corrected.p)
        } else {
            raw.log10_p
        };
        Some(PValue {
            p: corrected.p,
            log10_p,
        })
    }

    /// Whether the estimate itself is smaller than the smallest difference that matters.
    pub(super) fn estimate_below(&self, minimum: Magnitude) -> bool {
        let (estimate, size) = match minimum {
            Magnitude::Absolute(size) => (self.effect.absolute.value(), size),
            Magnitude::Relative(size) => (self.effect.relative.value(), size),
        };
        estimate.is_some_and(|estimate| estimate.estimate.abs() < size)
    }

    /// `, p = 0.0031 corrected for 6 tests`; nothing where there is no p-value.
    pub(super) fn p_phrase(&self) -> String {
        let Some(p) = self.decisive_p() else {
            return String::new();
        };
        let p = wording::p_value(&p);
        match &self.effect.corrected {
            Some(corrected) if corrected.family > 1 => {
                format!(", p = {p} corrected for {} tests", corrected.family)
            }
            Some(_) | None => format!(", p = {p}"),
        }
    }

    /// A guardrail that did not pass, in words.
    pub(super) fn guardrail_sentence(&self) -> String {
        let id = &self.metric.id;
        if let Trust::NotTrusted { check, .. } = &self.effect.trust {
            return format!("guardrail {id} is not to be trusted: check {check} failed");
        }
        let Some(guardrail) = self.guardrail() else {
            return format!("guardrail {id} was not judged");
        };
        let said = match guardrail.outcome {
            GuardrailOutcome::CouldNotRun => {
                return format!("guardrail {id} could not be judged: {}", guardrail.reason);
            }
            GuardrailOutcome::Pass => "passes",
            GuardrailOutcome::Fail => "fails",
            GuardrailOutcome::Inconclusive => "is inconclusive",
        };
        format!(
            "guardrail {id} {said}, {}: {} against {}",
            guardrail.reason,
            phrase::effect_against(self.effect, self.metric.margin),
            phrase::margin(self.metric)
        )
    }
}
