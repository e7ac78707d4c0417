//! Defines how values of a readout are said on a screen: words first, then a mark, then a role of the theme.
//!
//! Numbers become text in `report::number` only; here they are put beside each other.

use super::glyph::Glyphs;
use super::text::clean;
use super::theme::Role;
use crate::domain::definition::{Magnitude, MetricKind, Population, Role as MetricRole, Window};
use crate::domain::evidence::{AsOf, Slice};
use crate::domain::result::{
    Check, CheckStatus, Effect, Estimate, GuardrailOutcome, Interval, Invalidates, Known,
    MetricReadout, Readout, Significance, Trust, VerdictWord,
};
use crate::report::number::{self, Scale};

/// A mark, a word and how they look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) mark: char,
    pub(crate) words: String,
    pub(crate) role: Role,
}

impl Said {
    fn new(mark: char, words: &str, role: Role) -> Self {
        Self {
            mark,
            words: words.to_owned(),
            role,
        }
    }

    /// Mark and words.
    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.mark, self.words)
    }
}

/// A verdict.
pub(crate) fn verdict(word: VerdictWord, glyphs: &Glyphs) -> Said {
    let (mark, role) = match word {
        VerdictWord::Ship => (glyphs.good, Role::Good),
        VerdictWord::DoNotShip => (glyphs.bad, Role::Bad),
        VerdictWord::KeepRunning => (glyphs.waiting, Role::Caution),
        VerdictWord::NoMeaningfulEffect => (glyphs.same, Role::Neutral),
        VerdictWord::Inconclusive => (glyphs.question, Role::Caution),
        VerdictWord::Invalid => (glyphs.attention, Role::Bad),
        VerdictWord::None => (glyphs.none, Role::Muted),
    };
    Said::new(mark, word.label(), role)
}

/// What became of a check.
pub(crate) fn check(status: CheckStatus, glyphs: &Glyphs) -> Said {
    let (mark, role) = match status {
        CheckStatus::Pass => (glyphs.good, Role::Good),
        CheckStatus::Warn => (glyphs.attention, Role::Caution),
        CheckStatus::Fail => (glyphs.bad, Role::Bad),
        CheckStatus::Insufficient => (glyphs.question, Role::Caution),
        CheckStatus::CouldNotRun => (glyphs.bad, Role::Caution),
        CheckStatus::NotRun => (glyphs.none, Role::Muted),
    };
    Said::new(mark, status.label(), role)
}

/// What an effect says: of a guardrail its outcome, of another metric whether it is better.
pub(crate) fn outcome(effect: &Effect, glyphs: &Glyphs) -> Said {
    if matches!(effect.trust, Trust::NotTrusted { .. }) {
        return Said::new(glyphs.bad, "not trusted", Role::Untrusted);
    }
    if let Some(guardrail) = &effect.guardrail {
        return guardrail_outcome(guardrail.outcome, glyphs);
    }
    let uncorrected = effect
        .corrected
        .as_ref()
        .is_some_and(|corrected| !corrected.significant);
    match (effect.significance, effect.absolute.absence()) {
        (Some(Significance::Better), _) if uncorrected => {
            Said::new(glyphs.better, "uncorrected only", Role::Caution)
        }
        (Some(Significance::Worse), _) if uncorrected => {
            Said::new(glyphs.worse, "uncorrected only", Role::Caution)
        }
        (Some(Significance::Better), _) => Said::new(glyphs.better, "better", Role::Good),
        (Some(Significance::Worse), _) => Said::new(glyphs.worse, "worse", Role::Bad),
        (Some(Significance::Unclear), _) => Said::new(glyphs.dot, "unclear", Role::Neutral),
        (None, Some(absence)) => Said::new(glyphs.none, absence.label(), Role::Muted),
        (None, None) => Said::new(glyphs.none, "not judged", Role::Muted),
    }
}

/// What became of a guardrail.
pub(crate) fn guardrail_outcome(outcome: GuardrailOutcome, glyphs: &Glyphs) -> Said {
    let (mark, role) = match outcome {
        GuardrailOutcome::Pass => (glyphs.good, Role::Good),
        GuardrailOutcome::Fail => (glyphs.bad, Role::Bad),
        GuardrailOutcome::Inconclusive => (glyphs.question, Role::Caution),
        GuardrailOutcome::CouldNotRun => (glyphs.bad, Role::Caution),
    };
    Said::new(mark, outcome.label(), role)
}

/// How many checks came out how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CheckCounts {
    pub(crate) fail: usize,
    pub(crate) warn: usize,
    pub(crate) other: usize,
    pub(crate) not_run: usize,
    pub(crate) pass: usize,
}

impl CheckCounts {
    pub(crate) fn of(checks: &[Check]) -> Self {
        let mut counts = Self::default();
        for check in checks {
            match check.status {
                CheckStatus::Fail => counts.fail += 1,
                CheckStatus::Warn => counts.warn += 1,
                CheckStatus::Insufficient | CheckStatus::CouldNotRun => counts.other += 1,
                CheckStatus::NotRun => counts.not_run += 1,
                CheckStatus::Pass => counts.pass += 1,
            }
        }
        counts
    }

    /// The worst first, such as `1 fail 2 warn`; `9 pass` where nothing is wrong.
    pub(crate) fn said(self, glyphs: &Glyphs) -> Said {
        let parts: Vec<String> = [
            (self.fail, "fail"),
            (self.warn, "warn"),
            (self.other, "unsure"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
        if self.fail > 0 {
            Said::new(glyphs.bad, &parts.join(" "), Role::Bad)
        } else if !parts.is_empty() {
            Said::new(glyphs.attention, &parts.join(" "), Role::Caution)
        } else if self.pass > 0 {
            Said::new(glyphs.good, &format!("{} pass", self.pass), Role::Good)
        } else {
            Said::new(glyphs.none, "none run", Role::Muted)
        }
    }
}

/// What a check invalidates, in words.
pub(crate) fn invalidates(what: &Invalidates) -> String {
    match what {
        Invalidates::All => "everything".to_owned(),
        Invalidates::Exposed => "the exposed-only effects".to_owned(),
        Invalidates::Metric(id) => format!("metric {}", clean(id)),
        Invalidates::Slice(name) => format!("slice {}", clean(name)),
        Invalidates::PooledEstimate => "the estimate pooled over weights".to_owned(),
        Invalidates::Decision => "the decision".to_owned(),
    }
}

/// A population in the words of a column.
pub(crate) const fn population(population: Population) -> &'static str {
    match population {
        Population::Itt => "itt",
        Population::Exposed => "exposed",
    }
}

/// A value of a metric: a percentage of a proportion, else a number in its unit.
pub(crate) fn value(kind: MetricKind, value: &Known<f64>) -> String {
    match value {
        Known::Value(value) => number::level(kind, *value),
        Known::Absent(absence) => absence.label().to_owned(),
    }
}

/// A relative change with its interval: `+2.10 % [−0.30, +4.50]`.
pub(crate) fn relative(estimate: &Estimate) -> String {
    with_interval(estimate, Scale::Percent)
}

/// An absolute change with its interval: in the metric's unit, of a proportion in percentage points.
pub(crate) fn absolute(kind: MetricKind, estimate: &Estimate) -> String {
    with_interval(estimate, Scale::of(kind))
}

/// The unit is said once, with the estimate: a row of a list has no room for it three times.
fn with_interval(estimate: &Estimate, scale: Scale) -> String {
    let point = number::estimate(estimate, scale);
    let interval = number::interval(estimate, scale);
    let bare = interval.replace(" %", "").replace(" pp", "");
    match estimate.interval {
        Interval::Between { .. } => format!("{point} {bare}"),
        Interval::Outside { .. } => format!("{point} ({bare})"),
        Interval::WholeLine => format!("{point} (unbounded)"),
    }
}

/// The change of an effect as the lists show it: relative where it can be, else absolute, else why there is none.
pub(crate) fn change(kind: MetricKind, effect: &Effect) -> String {
    match (&effect.relative, &effect.absolute) {
        (Known::Value(lift), _) => relative(lift),
        (Known::Absent(_), Known::Value(difference)) => absolute(kind, difference),
        (_, Known::Absent(absence)) => absence.label().to_owned(),
    }
}

/// What is unusual about an interval, in a sentence.
pub(crate) fn shape(estimate: &Estimate) -> Option<&'static str> {
    match estimate.interval {
        Interval::Between { .. } => None,
        Interval::Outside { .. } => Some(
            "The control mean is not clearly different from zero, so the lift's interval is everything outside two bounds.",
        ),
        Interval::WholeLine => {
            Some("The data say nothing about the lift: its interval is every value.")
        }
    }
}

/// A size: `1 %` of control, or in the metric's unit.
pub(crate) fn magnitude(metric: &MetricReadout, magnitude: Magnitude) -> String {
    let size = number::magnitude(metric.kind, magnitude);
    match (magnitude, &metric.unit) {
        (Magnitude::Relative(_), _) => format!("{size} of control"),
        (Magnitude::Absolute(_), Some(unit)) => format!("{size} {}", clean(unit)),
        (Magnitude::Absolute(_), None) => size,
    }
}

/// Where a guardrail's margin is on the relative axis: on the side that is bad.
pub(crate) fn margin_at(metric: &MetricReadout, effect: &Effect) -> Option<f64> {
    let size = match effect.guardrail.as_ref()?.margin? {
        Magnitude::Relative(fraction) => fraction,
        Magnitude::Absolute(size) => {
            let control = effect.absolute.value()?.estimate / effect.relative.value()?.estimate;
            size / control.abs()
        }
    };
    let at = -metric.direction.sign() * size;
    at.is_finite().then_some(at)
}

/// A window: `[0d, 7d) from entry, matured units`.
pub(crate) fn window(window: &Window) -> String {
    format!(
        "{} to {} from {}, {}",
        window.start,
        window.end,
        window.anchor.label(),
        window.units.label()
    )
}

/// As-of without its time where it is a whole day.
pub(crate) fn as_of(as_of: &AsOf) -> String {
    as_of.instant.map_or_else(
        || "unknown".to_owned(),
        |instant| {
            let text = instant.to_string();
            text.strip_suffix("T00:00:00Z")
                .map_or(text.clone(), str::to_owned)
        },
    )
}

/// A segment's level.
pub(crate) fn level_of(slice: &Slice) -> String {
    match slice {
        Slice::All => "all".to_owned(),
        Slice::Segment { level, .. } => level
            .as_ref()
            .map_or_else(|| "unknown".to_owned(), |level| clean(level)),
        Slice::EntryDay(day) => clean(day),
        Slice::Epoch(epoch) => format!("epoch {}", epoch + 1),
    }
}

/// Whether a metric has effects in a population.
pub(crate) fn has_population(metric: &MetricReadout, population: Population) -> bool {
    metric
        .effects
        .iter()
        .any(|effect| effect.population == population && effect.slice == Slice::All)
}

/// Whether a metric has effects on units that entered up to each day.
pub(crate) fn has_cumulative(metric: &MetricReadout, population: Population) -> bool {
    metric
        .cumulative
        .iter()
        .any(|effect| effect.population == population)
}

/// The segment columns of a metric, in order.
pub(crate) fn segment_columns(metric: &MetricReadout) -> Vec<&str> {
    let mut columns: Vec<&str> = Vec::new();
    for effect in &metric.effects {
        if let Slice::Segment { column, .. } = &effect.slice
            && !columns.contains(&column.as_str())
        {
            columns.push(column);
        }
    }
    columns
}

/// The metric that a list shows of an experiment: its first primary, else its first.
pub(crate) fn headline(readout: &Readout) -> Option<&MetricReadout> {
    readout
        .with_role(MetricRole::Primary)
        .next()
        .or_else(|| readout.metrics.first())
}

/// The largest gain of the headline metric over variants, positive where good.
pub(crate) fn headline_gain(readout: &Readout) -> Option<f64> {
    let metric = headline(readout)?;
    readout
        .treatments()
        .filter_map(|variant| metric.overall(Population::Itt, variant))
        .filter_map(|effect| effect.relative.value())
        .map(|lift| lift.estimate * metric.direction.sign())
        .max_by(f64::total_cmp)
}
