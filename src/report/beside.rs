//! Defines the words for what stands beside an effect: a label and a text each, so that every view says the same.
//!
//! It refuses to compute: every number is the readout's. Text is plain and ours; a name from data goes through the view's own
//! `name`, which writes it for its medium.

mod belief;
mod exposure;
mod over_levels;
mod power;

use super::number::{self, Scale};
use crate::domain::definition::{MetricKind, StratumWeights};
use crate::domain::result::{
    Companion, CompanionKind, CompanionScale, Effect, Equivalence, Estimator, Interval, Known,
    MetricReadout, PValue,
};

pub use over_levels::{part, segments, wear};

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// What a covariate removes.
    Covariate,
    /// A ratio's numerator and denominator.
    Parts,
    /// What was compared by itself, and what was too thin for it.
    Strata,
    /// What was drawn, where it is not units.
    Clusters,
    /// What a single look would say, where many are allowed.
    OneLook,
    /// The effect on those who comply.
    Compliers,
    /// That variants are shown to be alike.
    Equivalence,
    /// What is believed after the data.
    Belief,
    /// What can still be said where there is no effect.
    Instead,
    /// What can be detected.
    Power,
    /// Whether the effect is the same everywhere, or wears off.
    Change,
    /// The same difference, seen otherwise.
    Otherwise,
}

impl Topic {
    /// Whether a reader must meet it with the effect; the rest is for those who ask.
    #[must_use]
    pub const fn changes_reading(self) -> bool {
        match self {
            Self::Covariate
            | Self::Parts
            | Self::Strata
            | Self::Clusters
            | Self::OneLook
            | Self::Compliers
            | Self::Instead
            | Self::Equivalence => true,
            Self::Belief | Self::Power | Self::Change | Self::Otherwise => false,
        }
    }
}

/// One thing said beside an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub topic: Topic,
    /// What it is called.
    pub label: String,
    /// What is said, without a full stop.
    pub text: String,
    /// Whether it says that something is not as it should be, so that no view may leave it out.
    pub warns: bool,
}

impl Line {
    fn new(topic: Topic, label: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            topic,
            label: label.into(),
            text: text.into(),
            warns: false,
        }
    }

    fn warning(self, warns: bool) -> Self {
        Self { warns, ..self }
    }
}

/// Writes a name from data for a medium.
pub type Name<'a> = &'a dyn Fn(&str) -> String;

/// Everything beside an effect, what changes its reading first.
#[must_use]
pub fn lines(metric: &MetricReadout, effect: &Effect, name: Name<'_>) -> Vec<Line> {
    let mut lines: Vec<Line> = [
        covariate(metric, effect),
        parts(effect),
        strata(metric, effect, name),
        clusters(metric, effect),
    ]
    .into_iter()
    .flatten()
    .collect();
    lines.extend(one_look(metric, effect));
    lines.extend(exposure::on_compliers(metric, effect));
    lines.extend(
        effect
            .equivalence
            .as_ref()
            .map(|found| equivalence(metric, found)),
    );
    lines.extend(belief::lines(effect));
    lines.extend(power::lines(metric, effect));
    let companions = effect.companions.iter();
    lines.extend(companions.filter_map(|companion| otherwise(metric, effect, companion, name)));
    lines
}

/// What a metric measures, in words: `mean`, `90 % quantile`.
#[must_use]
pub fn measure(metric: &MetricReadout) -> String {
    match (metric.kind, metric.quantile) {
        (MetricKind::Quantile, Some(share)) => {
            let over = if metric.over_rows { " over rows" } else { "" };
            format!("{} quantile{over}", number::plain_percent(share))
        }
        (kind, _) => kind.label().to_owned(),
    }
}

/// The words of a kind that a value does not show by itself; `None` for proportions, means and ratios.
#[must_use]
pub fn unusual_measure(metric: &MetricReadout) -> Option<String> {
    match metric.kind {
        MetricKind::Quantile | MetricKind::Retention | MetricKind::Funnel => Some(measure(metric)),
        MetricKind::Proportion | MetricKind::Mean | MetricKind::Ratio => None,
    }
}

fn covariate(metric: &MetricReadout, effect: &Effect) -> Option<Line> {
    let share = effect.variance_reduction?;
    let without = effect.unadjusted.as_ref().map_or_else(String::new, |raw| {
        format!(
            "; without it the difference is {}",
            number::estimate_and_interval(raw, Scale::of(metric.kind))
        )
    });
    let text = format!(
        "removes {} of the variance{without}",
        number::percent(share)
    );
    Some(Line::new(Topic::Covariate, "covariate", text))
}

fn parts(effect: &Effect) -> Option<Line> {
    let (numerator, denominator) = effect.parts.as_ref()?;
    let part = |known| number::estimate_and_interval(known, Scale::Number);
    let text = format!(
        "by themselves they change by {} and {} a unit",
        part(numerator),
        part(denominator)
    );
    Some(Line::new(Topic::Parts, "numerator and denominator", text))
}

/// The companion of a kind, where there is one.
fn companion(effect: &Effect, kind: CompanionKind) -> Option<&Companion> {
    let mut companions = effect.companions.iter();
    companions.find(|companion| companion.kind == kind)
}

fn strata(metric: &MetricReadout, effect: &Effect, name: Name<'_>) -> Option<Line> {
    let strata = effect.strata.as_ref()?;
    let pooled = companion(effect, CompanionKind::Pooled).map_or_else(String::new, |pooled| {
        format!(
            "; pooled over them the difference is {}",
            estimate(metric, pooled)
        )
    });
    let (of, fate) = match strata.weights {
        StratumWeights::PooledShares => ("levels", "put together"),
        StratumWeights::Precision => ("epochs of weights", "left out"),
    };
    let thin: Vec<String> = strata.thin.iter().map(|each| name(each)).collect();
    let too_thin = if thin.is_empty() {
        String::new()
    } else {
        format!(
            "; too thin to be compared by themselves, and so {fate}: {}",
            thin.join(", ")
        )
    };
    let compared = number::count(strata.compared as u64);
    let text = format!("{compared} {of}, each compared by itself{pooled}{too_thin}");
    Some(Line::new(Topic::Strata, "strata", text).warning(!thin.is_empty()))
}

fn clusters(metric: &MetricReadout, effect: &Effect) -> Option<Line> {
    let clusters = effect.clusters?;
    let few = if effect.has_few_clusters() {
        format!(
            ", WHICH ARE FEW: below {} the interval is likely too narrow",
            Effect::ENOUGH_CLUSTERS
        )
    } else {
        String::new()
    };
    let units = companion(effect, CompanionKind::UnitLevel).map_or_else(String::new, |units| {
        format!(
            "; as if each unit had been drawn by itself it is {}",
            estimate(metric, units)
        )
    });
    let text = format!(
        "the difference is over {} clusters{few}{units}",
        number::count(clusters)
    );
    Some(Line::new(Topic::Clusters, "clusters", text).warning(effect.has_few_clusters()))
}

fn one_look(metric: &MetricReadout, effect: &Effect) -> Option<Line> {
    let found = companion(effect, CompanionKind::OneLook)?;
    let text = format!(
        "{}, which holds only if nobody looks before the end",
        estimate(metric, found)
    );
    Some(Line::new(
        Topic::OneLook,
        CompanionKind::OneLook.label(),
        text,
    ))
}

fn equivalence(metric: &MetricReadout, found: &Known<Equivalence>) -> Line {
    let text = match found {
        Known::Value(found) => format!(
            "{} to differ by less than {}, p {}",
            if found.equivalent {
                "shown"
            } else {
                "not shown"
            },
            number::magnitude(metric.kind, found.margin),
            number::p_value(&found.p_value)
        ),
        Known::Absent(absence) => format!("not tested: {}", absence.label()),
    };
    // That it is not shown says little: most effects that matter are not.
    let topic = match found {
        Known::Value(found) if found.equivalent => Topic::Equivalence,
        Known::Value(_) | Known::Absent(_) => Topic::Otherwise,
    };
    Line::new(topic, "equivalence", text)
}

/// A companion that has no line of its own kind.
fn otherwise(
    metric: &MetricReadout,
    effect: &Effect,
    companion: &Companion,
    name: Name<'_>,
) -> Option<Line> {
    let subject = companion.subject.as_deref();
    let shown = estimate(metric, companion);
    let label = companion.kind.label();
    let (label, text) = match companion.kind {
        CompanionKind::OneLook => return None,
        CompanionKind::Pooled if effect.estimator == Estimator::Stratified => return None,
        CompanionKind::UnitLevel if effect.clusters.is_some() => return None,
        CompanionKind::Compliers if effect.compliers.is_some() => return None,
        CompanionKind::Step | CompanionKind::Against => {
            let subject = subject.map_or_else(String::new, |subject| format!(" {}", name(subject)));
            (format!("{label}{subject}"), shown)
        }
        CompanionKind::PerYear => {
            let units = subject.and_then(|units| units.parse().ok());
            let units = units.map_or_else(String::new, |units| {
                format!(", of {} units", number::count(units))
            });
            (label.to_owned(), format!("{shown}{units}"))
        }
        CompanionKind::RiskRatio | CompanionKind::OddsRatio => (
            label.to_owned(),
            format!("{shown}, where 1 is no difference"),
        ),
        CompanionKind::BootstrapPercentile | CompanionKind::BootstrapBca => {
            let draws = subject.and_then(|draws| draws.parse().ok());
            let draws = draws.map_or_else(String::new, |draws| {
                format!(", from {} draws", number::count(draws))
            });
            if effect.absolute.value().is_none() {
                return Some(Line::new(Topic::Instead, label, shown + &draws).warning(true));
            }
            (label.to_owned(), shown + &draws)
        }
        CompanionKind::Pooled
        | CompanionKind::UnitLevel
        | CompanionKind::AsMeans
        | CompanionKind::Simultaneous
        | CompanionKind::Compliers
        | CompanionKind::Diluted => (label.to_owned(), shown),
    };
    Some(Line::new(Topic::Otherwise, label, text))
}

/// A companion's estimate with its interval, on its own scale.
fn estimate(metric: &MetricReadout, companion: &Companion) -> String {
    let scale = match companion.scale {
        CompanionScale::Absolute => Scale::of(metric.kind),
        CompanionScale::Relative => Scale::Percent,
        CompanionScale::Ratio => Scale::Ratio,
        CompanionScale::Total => Scale::Number,
    };
    number::estimate_and_interval(&companion.estimate, scale)
}

/// A point and the interval around it, which says "every value" where it excludes none.
fn around(point: f64, interval: Interval, scale: Scale) -> (String, String) {
    let whole = crate::domain::result::Estimate {
        estimate: point,
        standard_error: None,
        degrees_of_freedom: None,
        interval,
        p_value: PValue {
            p: 1.0,
            log10_p: 0.0,
        },
    };
    let bounds = match interval {
        Interval::WholeLine => "every value".to_owned(),
        Interval::Between { .. } | Interval::Outside { .. } => number::interval(&whole, scale),
    };
    (number::estimate(&whole, scale), bounds)
}

#[cfg(test)]
mod tests;
