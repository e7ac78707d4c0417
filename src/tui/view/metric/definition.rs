//! Says what a metric is, and why an effect is judged as it is.

use ratatui::text::Line;

use crate::domain::definition::Cap;
use crate::domain::result::{CorrectedP, Effect, MetricReadout, Trust};
use crate::report::{beside, number};
use crate::tui::app::App;
use crate::tui::phrase;
use crate::tui::text::clean;
use crate::tui::widget::paint;

/// A corrected p-value with its family.
pub(crate) fn corrected(corrected: &CorrectedP) -> String {
    let family = if corrected.family == 1 {
        "a family of one".to_owned()
    } else {
        format!("a family of {}", corrected.family)
    };
    let p = number::probability(corrected.p);
    format!(
        "{p} after {} in {family}: {}",
        clean(&corrected.method),
        if corrected.significant {
            "significant"
        } else {
            "not significant"
        }
    )
}

/// What must be said under an effect.
pub(super) fn notes(effect: &Effect, emphasised: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if let Trust::NotTrusted { reason, .. } = &effect.trust {
        notes.push(format!("not trusted: {}", clean(reason)));
    }
    if !emphasised {
        return notes;
    }
    if let Some(family) = &effect.corrected {
        notes.push(format!("p {}", corrected(family)));
    }
    if let Some(share) = effect.variance_reduction {
        notes.push(format!(
            "adjusted by the covariate, which removes {} of the variance",
            number::percent(share)
        ));
    }
    if let Some(guardrail) = &effect.guardrail {
        notes.push(clean(&guardrail.reason));
    }
    if let Some(shape) = effect.relative.value().and_then(phrase::shape) {
        notes.push(shape.to_owned());
    }
    notes
}

/// The definition in words.
pub(super) fn definition_lines(
    app: &App,
    metric: &MetricReadout,
    width: usize,
) -> Vec<Line<'static>> {
    let unit = metric.unit.as_deref();
    let mut pairs: Vec<(&str, String)> = vec![
        (
            "Metric",
            format!("{} {}, {}", metric.id, metric.version, metric.role.label()),
        ),
        (
            "Measures",
            match &metric.description {
                Some(description) => {
                    format!("{}: {}", beside::measure(metric), clean(description))
                }
                None => beside::measure(metric),
            },
        ),
    ];
    if let Some(question) = &metric.question {
        pairs.push(("Question", clean(question)));
    }
    pairs.push(("Direction", metric.direction.label().to_owned()));
    if let Some(unit) = unit {
        pairs.push(("Unit", clean(unit)));
    }
    if let Some(window) = &metric.window {
        pairs.push(("Window", phrase::window(window)));
    }
    if let Some(cap) = &metric.cap {
        pairs.push(("Cap", capped(metric, *cap)));
    }
    if let Some(margin) = metric.margin {
        pairs.push(("Margin", phrase::magnitude(metric, margin)));
    }
    if let Some(least) = metric.minimum_effect {
        pairs.push(("Matters from", phrase::magnitude(metric, least)));
    }
    pairs.push(("Owner", clean(&metric.owner)));
    let hash: String = metric.semantic_hash.chars().take(12).collect();
    pairs.push(("Hash", clean(&hash)));
    paint::fields(&app.look, width, &pairs, usize::MAX)
}

fn capped(metric: &MetricReadout, cap: Cap) -> String {
    let rule = match cap {
        Cap::Value(value) => format!("at {}", number::plain(value)),
        Cap::Quantile(quantile) => format!("at the {} quantile", number::plain_percent(quantile)),
    };
    let values = metric.capped_at.iter().map(|limits| limits.0);
    let denominators = metric.capped_at.iter().map(|limits| limits.1);
    let at: Vec<String> = [
        ("clipped at", values.flatten().collect::<Vec<f64>>()),
        ("denominator at", denominators.flatten().collect()),
    ]
    .into_iter()
    .filter(|(_, limits)| !limits.is_empty())
    .map(|(words, limits)| {
        let limits: Vec<String> = limits.into_iter().map(number::value).collect();
        format!("{words} {}", limits.join(" / "))
    })
    .collect();
    if at.is_empty() {
        rule
    } else {
        format!("{rule}: {}", at.join(", "))
    }
}
