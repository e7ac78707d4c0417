//! Defines the comparisons of a readout as rows, and the few plain words about them that several documents share.
//!
//! Words here are plain text that may hold names from data: every exporter escapes them for its medium.

use crate::domain::definition::{Conventions, Correction, MetricKind, Population, Role};
use crate::domain::evidence::{Slice, TableLedger};
use crate::domain::result::{
    Check, CheckStatus, Effect, GuardrailOutcome, Invalidates, Known, MetricReadout, Readout,
    Significance, Trust, VariantStatistics,
};

use super::number::{self, Scale};

/// One comparison: an effect and the two sides it is of.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) metric: &'a MetricReadout,
    pub(super) effect: &'a Effect,
    pub(super) control: Option<&'a VariantStatistics>,
    pub(super) variant: Option<&'a VariantStatistics>,
}

/// Every comparison of a metric, in the readout's order.
pub(super) fn of_metric<'a>(
    readout: &'a Readout,
    metric: &'a MetricReadout,
) -> impl Iterator<Item = Row<'a>> {
    metric.effects.iter().map(move |effect| {
        let side = |variant: &str| {
            metric.variants.iter().find(|row| {
                row.population == effect.population
                    && row.slice == effect.slice
                    && row.variant == variant
            })
        };
        Row {
            metric,
            effect,
            control: side(readout.control()),
            variant: side(&effect.variant),
        }
    })
}

/// Comparisons on the whole of their population, for the metrics of one role: a variant's populations next to each other.
pub(super) fn overall(readout: &Readout, role: Role) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for metric in readout.with_role(role) {
        let mut of_this: Vec<Row<'_>> = of_metric(readout, metric).filter(Row::is_whole).collect();
        let order: Vec<&str> = readout.treatments().collect();
        of_this.sort_by_key(|row| {
            let variant = row.effect.variant.as_str();
            let position = order.iter().position(|known| *known == variant);
            (position.unwrap_or(usize::MAX), row.effect.population)
        });
        rows.extend(of_this);
    }
    rows
}

impl Row<'_> {
    pub(super) fn kind(&self) -> MetricKind {
        self.metric.kind
    }

    /// Whether it is over the whole of its population.
    pub(super) fn is_whole(&self) -> bool {
        self.effect.slice == Slice::All
    }

    /// Units of control and variant: `9,995 / 10,015`.
    pub(super) fn units(&self) -> String {
        format!("{} / {}", units(self.control), units(self.variant))
    }

    pub(super) fn control_mean(&self) -> String {
        mean(self.kind(), self.control)
    }

    pub(super) fn variant_mean(&self) -> String {
        mean(self.kind(), self.variant)
    }

    /// The absolute difference with its interval.
    pub(super) fn difference(&self) -> String {
        number::estimate_and_interval(&self.effect.absolute, Scale::of(self.kind()))
    }

    /// The relative lift with its interval.
    pub(super) fn lift(&self) -> String {
        number::estimate_and_interval(&self.effect.relative, Scale::Percent)
    }

    /// The p-value of the absolute difference, and the corrected one where there is a family: `0.0021, Holm 0.0042`.
    pub(super) fn p(&self) -> String {
        let raw = match &self.effect.absolute {
            Known::Value(estimate) => number::p_value(&estimate.p_value),
            Known::Absent(_) => "–".to_owned(),
        };
        match &self.effect.corrected {
            Some(corrected) if corrected.family > 1 => {
                let method = match corrected.method.parse::<Correction>() {
                    Ok(known) => known.label(),
                    Err(_) => &corrected.method,
                };
                format!("{raw}, {method} {}", number::probability(corrected.p))
            }
            _ => raw,
        }
    }

    /// What to make of it in a few words.
    pub(super) fn reading(&self) -> String {
        if let Trust::NotTrusted { .. } = &self.effect.trust {
            return "not to be trusted".to_owned();
        }
        let corrected_away = self
            .effect
            .corrected
            .as_ref()
            .is_some_and(|corrected| !corrected.significant);
        match (self.effect.significance, corrected_away) {
            (None, _) => "no reading".to_owned(),
            (Some(Significance::Unclear), _) => "unclear".to_owned(),
            (Some(word), true) => format!("{}, not after correction", word.label()),
            (Some(word), false) => word.label().to_owned(),
        }
    }

    /// Why it is not to be trusted, where it is not: the check and its reason.
    pub(super) fn distrust(&self) -> Option<(&str, &str)> {
        match &self.effect.trust {
            Trust::Trusted => None,
            Trust::NotTrusted { check, reason } => Some((check, reason)),
        }
    }

    /// The guardrail's outcome and, in the metric's unit, how far inside its margin it is.
    pub(super) fn guardrail(&self) -> (&'static str, String) {
        match &self.effect.guardrail {
            Some(guardrail) => (
                outcome(guardrail.outcome),
                number::estimate_and_interval(&guardrail.distance, Scale::of(self.kind())),
            ),
            None => ("not judged", "–".to_owned()),
        }
    }

    /// How much worse is still acceptable: `1 % worse`.
    pub(super) fn margin(&self) -> String {
        let judged = self.effect.guardrail.as_ref();
        match judged
            .and_then(|guardrail| guardrail.margin)
            .or(self.metric.margin)
        {
            Some(margin) => number::magnitude(self.kind(), margin),
            None => "none".to_owned(),
        }
    }
}

/// A guardrail's outcome: `fail` shouts, because it is read in passing.
pub(super) const fn outcome(outcome: GuardrailOutcome) -> &'static str {
    match outcome {
        GuardrailOutcome::Fail => "FAIL",
        other => other.label(),
    }
}

fn units(side: Option<&VariantStatistics>) -> String {
    side.map_or_else(
        || "–".to_owned(),
        |side| number::known(&side.units, |units| number::count(*units)),
    )
}

fn mean(kind: MetricKind, side: Option<&VariantStatistics>) -> String {
    side.map_or_else(
        || "–".to_owned(),
        |side| number::known(&side.mean, |mean| number::level(kind, *mean)),
    )
}

/// A population as a column of a table says it.
pub(super) const fn population(population: Population) -> &'static str {
    match population {
        Population::Itt => "assigned (itt)",
        Population::Exposed => "exposed only",
    }
}

/// The confidence level: `95 %`.
pub(super) fn level(conventions: &Conventions) -> String {
    number::plain_percent(conventions.level)
}

/// The checks that failed and invalidate something: those that a reader must meet before any number.
pub(super) fn blocking(readout: &Readout) -> impl Iterator<Item = &Check> {
    readout.checks.iter().filter(|check| {
        matches!(check.status, CheckStatus::Fail | CheckStatus::Insufficient)
            && !check.invalidates.is_empty()
    })
}

/// What a check invalidates, in words; `name` writes names from data.
pub(super) fn invalidated(what: &Invalidates, name: impl Fn(&str) -> String) -> String {
    match what {
        Invalidates::All => "every number here".to_owned(),
        Invalidates::Exposed => "the exposed-only effects".to_owned(),
        Invalidates::Metric(metric) => format!("the metric {}", name(metric)),
        Invalidates::Slice(slice) => format!("the slice {}", name(slice)),
        Invalidates::PooledEstimate => "the estimate pooled over the ramp".to_owned(),
        Invalidates::Decision => "the decision, not the numbers".to_owned(),
    }
}

/// What is left standing when a check has failed, in one sentence.
pub(super) fn standing(check: &Check) -> &'static str {
    let all = check.invalidates.contains(&Invalidates::All);
    let only = |what: &Invalidates| check.invalidates.iter().all(|each| each == what);
    if all {
        "Nothing stands: numbers are shown so that the cause can be found, not to decide by."
    } else if only(&Invalidates::Exposed) {
        "What stands: everything over assigned units (itt), which is the headline."
    } else if only(&Invalidates::Decision) {
        "What stands: the numbers, with their intervals; a decision on them does not."
    } else if only(&Invalidates::PooledEstimate) {
        "What stands: each epoch by itself."
    } else {
        "What stands: everything else."
    }
}

/// Units that an effect is not over, and values that were clipped, as one sentence; `None` where there are none.
pub(super) fn left_out(metric: &MetricReadout, control: &str) -> Option<String> {
    let overall = metric
        .variants
        .iter()
        .filter(|row| row.population == Population::Itt && row.slice == Slice::All);
    let (mut open, mut missing, mut capped) = ([0, 0], [0, 0], [0, 0]);
    for row in overall {
        let side = usize::from(row.variant != control);
        open[side] += row.open;
        missing[side] += row.missing;
        capped[side] += row.capped;
    }
    let sides = |counts: [u64; 2]| {
        format!(
            "{} of control and {} of the others",
            number::count(counts[0]),
            number::count(counts[1])
        )
    };
    let mut parts = Vec::new();
    if open != [0, 0] {
        parts.push(format!(
            "left out because their window was still open: {}",
            sides(open)
        ));
    }
    if missing != [0, 0] {
        parts.push(format!("left out without a value: {}", sides(missing)));
    }
    if capped != [0, 0] {
        let limits: Vec<String> = metric
            .capped_at
            .iter()
            .filter_map(|(value, denominator)| value.or(*denominator))
            .map(number::value)
            .collect();
        let at = match limits.as_slice() {
            [] => String::new(),
            limits => format!(" at {}", limits.join(" / ")),
        };
        parts.push(format!("clipped{at}: {}", sides(capped)));
    }
    (!parts.is_empty()).then(|| format!("units {}", parts.join("; ")))
}

/// How many checks there are of each status, the bad ones first: `1 fail, 1 warn, 9 pass`.
pub(super) fn tally(checks: &[Check]) -> String {
    let order = [
        CheckStatus::Fail,
        CheckStatus::CouldNotRun,
        CheckStatus::Insufficient,
        CheckStatus::Warn,
        CheckStatus::NotRun,
        CheckStatus::Pass,
    ];
    let counts: Vec<String> = order
        .iter()
        .map(|status| {
            let number = checks
                .iter()
                .filter(|check| check.status == *status)
                .count();
            (number, status.label())
        })
        .filter(|(number, _)| *number > 0)
        .map(|(number, label)| format!("{number} {label}"))
        .collect();
    if counts.is_empty() {
        "no check ran".to_owned()
    } else {
        counts.join(", ")
    }
}

/// A sentence that ends as one.
pub(super) fn ended(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?', '…']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// Why rows are not to be trusted, each reason once: check, reason, the rows.
pub(super) fn distrusted<'a, 'b>(
    comparisons: &'b [Row<'a>],
) -> Vec<(&'b str, &'b str, Vec<&'b Row<'a>>)> {
    let mut reasons: Vec<(&str, &str, Vec<&Row<'_>>)> = Vec::new();
    for row in comparisons {
        let Some((check, reason)) = row.distrust() else {
            continue;
        };
        let known = reasons
            .iter_mut()
            .find(|(of, because, _)| *of == check && *because == reason);
        match known {
            Some((_, _, rows)) => rows.push(row),
            None => reasons.push((check, reason, vec![row])),
        }
    }
    reasons
}

/// Enough of a metric's semantic hash to tell two definitions apart.
pub(super) fn short_hash(metric: &MetricReadout) -> &str {
    let hash = metric.semantic_hash.as_str();
    hash.char_indices()
        .nth(12)
        .map_or(hash, |(end, _)| &hash[..end])
}

/// Why rows of a table did not contribute, with their numbers: `12 rejected: no unit id`.
pub(super) fn ledger_reasons(ledger: &TableLedger) -> Vec<String> {
    let mut reasons: Vec<String> = ledger
        .rejected()
        .iter()
        .map(|(rule, rows)| format!("{} rejected: {}", number::count(*rows), rule.label()))
        .collect();
    reasons.extend(ledger.counted().iter().map(|(rule, rows)| {
        format!(
            "{} counted only: contract rule {rule}",
            number::count(*rows)
        )
    }));
    reasons.extend(ledger.out_of_scope().iter().map(|(reason, rows)| {
        format!("{} out of scope: {}", number::count(*rows), reason.label())
    }));
    if !ledger.adds_up() {
        reasons.push("THE ROWS DO NOT ADD UP: a defect in readout".to_owned());
    }
    reasons
}

/// How many guardrails of a variant (itt) have each outcome: `1 FAIL, 2 pass`.
pub(super) fn guardrail_tally(readout: &Readout, variant: &str) -> String {
    let words: Vec<&str> = overall(readout, Role::Guardrail)
        .iter()
        .filter(|row| row.effect.variant == variant && row.effect.population == Population::Itt)
        .map(|row| match (&row.effect.guardrail, row.distrust()) {
            (_, Some(_)) => "not to be trusted",
            (Some(guardrail), None) => outcome(guardrail.outcome),
            (None, None) => "not judged",
        })
        .collect();
    let order = [
        outcome(GuardrailOutcome::Fail),
        "not to be trusted",
        "not judged",
        outcome(GuardrailOutcome::CouldNotRun),
        outcome(GuardrailOutcome::Inconclusive),
        outcome(GuardrailOutcome::Pass),
    ];
    let counts: Vec<String> = order
        .into_iter()
        .map(|word| (words.iter().filter(|other| **other == word).count(), word))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    if counts.is_empty() {
        "none".to_owned()
    } else {
        counts.join(", ")
    }
}
