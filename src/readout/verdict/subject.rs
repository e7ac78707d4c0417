//! Defines a metric with its itt effect for one variant, as the verdict asks about it.

use super::phrase;
use crate::domain::definition::Magnitude;
use crate::domain::result::{Effect, Guardrail, MetricReadout, PValue, Significance, Trust};

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
    pub(super) fn decisive_p(&self) -> Option<PValue> {
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

    /// A guardrail that did not pass, in words.
    pub(super) fn guardrail_sentence(&self) -> String {
        let id = &self.metric.id;
        if let Trust::NotTrusted { check, .. } = &self.effect.trust {
            return format!("guardrail {id} is not to be trusted: check {check} failed");
        }
        match self.guardrail() {
            Some(guardrail) => format!(
                "guardrail {id} is {} ({}): {}",
                guardrail.outcome.label(),
                guardrail.reason,
                phrase::effect(self.effect)
            ),
            None => format!("guardrail {id} was not judged"),
        }
    }
}
