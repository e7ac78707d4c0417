//! Defines how methods and conventions are told: in sentences, with the reason for every choice that is not the default.
//!
//! Sentences are plain text that may hold text from definitions: every exporter escapes them for its medium.

use super::{beside, estimators, number, rows};
use crate::domain::definition::{
    Anchor, Application, Cap, CapForm, ConventionSource, Conventions, Correction, MetricKind,
    ReferenceDistribution, RelativeMethod, SeveralVariants, UnitsRule, VarianceForm, Window,
};
use crate::domain::result::{Estimator, MetricReadout, Readout};

/// How everything was computed, then every choice that somebody or something made otherwise than by default.
pub(super) fn sentences(readout: &Readout) -> Vec<String> {
    let conventions = &readout.conventions;
    let mut sentences = vec![
        comparison(conventions),
        relative(conventions).to_owned(),
        population(conventions).to_owned(),
        windows(conventions).to_owned(),
    ];
    if readout.has_kind(MetricKind::Ratio) {
        sentences.push(
            "Ratios are sums over sums, compared by the delta method with units as the independent draws."
                .to_owned(),
        );
    }
    sentences.extend(covariate(readout).map(str::to_owned));
    sentences.extend(estimators::sentences(readout));
    sentences.extend(caps(conventions).map(str::to_owned));
    sentences.push(correction(readout));
    sentences.extend(choices(readout));
    sentences
}

fn caps(conventions: &Conventions) -> Option<&'static str> {
    match conventions.cap {
        CapForm::AsDefined => None,
        CapForm::PerVariant => {
            Some("Each variant is clipped at a quantile of its own values, so that limits differ.")
        }
        CapForm::NonZero => Some("Values are clipped at a quantile of those that are not zero."),
        CapForm::PerVariantNonZero => Some(
            "Each variant is clipped at a quantile of its own values that are not zero, so that limits differ.",
        ),
        CapForm::Ignored => Some("Caps of metric definitions are ignored."),
    }
}

fn comparison(conventions: &Conventions) -> String {
    let variance = match conventions.variance {
        VarianceForm::Welch => "a variance for each variant (Welch)",
        VarianceForm::Pooled => "one variance for both variants",
    };
    let reference = match conventions.reference {
        ReferenceDistribution::StudentT => "Student's t",
        ReferenceDistribution::Normal => "the normal distribution",
    };
    format!(
        "Means over units are compared with {variance} and {reference}; intervals and p-values are two-sided, at {}.",
        rows::level(conventions)
    )
}

const fn relative(conventions: &Conventions) -> &'static str {
    match conventions.relative {
        RelativeMethod::Fieller => {
            "Lifts are relative to the control mean, with Fieller's interval, which excludes 0 exactly when the absolute difference does."
        }
        RelativeMethod::Delta => {
            "Lifts are relative to the control mean, with the delta method's interval, which can contradict the absolute difference."
        }
        RelativeMethod::LogRatio => {
            "Lifts are relative to the control mean, with the interval of the logarithm of the ratio, which can contradict the absolute difference."
        }
        RelativeMethod::Rescaled => {
            "Lifts are absolute differences over the control mean, whose own uncertainty is ignored."
        }
    }
}

const fn population(conventions: &Conventions) -> &'static str {
    match conventions.several_variants {
        SeveralVariants::Exclude => "Units assigned to several variants are left out and counted.",
        SeveralVariants::FirstSeen => {
            "Units assigned to several variants stay in the one they were assigned to first."
        }
        SeveralVariants::KeepInBoth => {
            "Units assigned to several variants are kept in each of them."
        }
    }
}

const fn windows(conventions: &Conventions) -> &'static str {
    match conventions.units {
        None => "Units with open windows count where the metric says so, and else not.",
        Some(UnitsRule::Matured) => "Units count once their window has ended.",
        Some(UnitsRule::All) => "Units count even while their window is open.",
    }
}

fn covariate(readout: &Readout) -> Option<&'static str> {
    if readout.conventions.covariate == Application::Ignored {
        return Some("Covariates of metric definitions are ignored.");
    }
    let adjusted = readout
        .metrics
        .iter()
        .flat_map(|metric| &metric.effects)
        .any(|effect| effect.estimator == Estimator::Adjusted);
    adjusted.then_some(
        "Metrics with a covariate are adjusted by what was known before assignment (CUPED); means shown are not adjusted.",
    )
}

fn correction(readout: &Readout) -> String {
    let family = readout
        .metrics
        .iter()
        .flat_map(|metric| &metric.effects)
        .filter_map(|effect| effect.corrected.as_ref())
        .map(|corrected| corrected.family)
        .max();
    match family {
        _ if readout.conventions.correction == Correction::None => {
            "No p-value is corrected for the number of comparisons.".to_owned()
        }
        Some(family) if family > 1 => format!(
            "p-values of the {family} primary comparisons (itt) are corrected: {}.",
            readout.conventions.correction.label()
        ),
        _ => "No p-value is corrected, for there is at most one primary comparison.".to_owned(),
    }
}

fn choices(readout: &Readout) -> impl Iterator<Item = String> {
    readout
        .choices
        .iter()
        .filter(|choice| choice.source != ConventionSource::Default)
        .map(|choice| {
            let source = match choice.source {
                ConventionSource::Default => "by default",
                ConventionSource::Workspace => "by the workspace",
                ConventionSource::Experiment => "by the experiment",
                ConventionSource::CommandLine => "on the command line",
                ConventionSource::Automatic => "automatically",
            };
            format!(
                "Chosen {source}: {} = {}, because {}.",
                choice.name,
                choice.value,
                choice.reason.trim_end_matches('.')
            )
        })
}

/// What a metric measures, over which time, which way is good: without any text from a file.
pub(super) fn definition(metric: &MetricReadout) -> String {
    let mut parts = vec![
        with_article(&beside::measure(metric)),
        metric.direction.label().to_owned(),
        metric
            .window
            .as_ref()
            .map_or_else(|| "no window".to_owned(), window),
    ];
    if let Some(cap) = metric.cap {
        parts.push(capped(metric, cap));
    }
    if let Some(minimum) = metric.minimum_effect {
        parts.push(format!(
            "the smallest difference that matters is {}",
            number::magnitude(metric.kind, minimum)
        ));
    }
    if let Some(margin) = metric.margin {
        parts.push(format!(
            "as a guardrail it may worsen by {}",
            number::magnitude(metric.kind, margin)
        ));
    }
    parts.join("; ")
}

/// `a mean`, `an 80 % quantile`.
fn with_article(noun: &str) -> String {
    let vowel = noun.starts_with('8') || noun.starts_with("11 ") || noun.starts_with("18 ");
    let article = if vowel { "an" } else { "a" };
    format!("{article} {noun}")
}

fn window(window: &Window) -> String {
    let anchor = match window.anchor {
        Anchor::Entry => "entry",
        Anchor::Assignment => "assignment",
    };
    format!(
        "from {} to {} after {anchor}, {}",
        window.start,
        window.end,
        window.units.label()
    )
}

fn capped(metric: &MetricReadout, cap: Cap) -> String {
    let limits: Vec<String> = metric.capped_at.iter().filter_map(limit).collect();
    let at = match limits.as_slice() {
        [] => String::new(),
        limits => format!(", here {}", limits.join(" / ")),
    };
    match cap {
        Cap::Value(value) => format!("clipped at {}{at}", number::plain(value)),
        Cap::Quantile(quantile) => {
            format!(
                "clipped at the {} quantile{at}",
                number::plain_percent(quantile)
            )
        }
    }
}

/// What values were clipped at, the denominator's after the numerator's.
fn limit(limits: &(Option<f64>, Option<f64>)) -> Option<String> {
    match *limits {
        (None, None) => None,
        (Some(value), None) | (None, Some(value)) => Some(number::value(value)),
        (Some(numerator), Some(denominator)) => Some(format!(
            "{} and {}",
            number::value(numerator),
            number::value(denominator)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::definition::{
        AdjustedLift, ProportionMethod, QuantileType, RampMethod, ResidualFreedom,
        SequentialFamily, SlopeForm,
    };
    use crate::report::fixtures;

    #[test]
    fn every_choice_that_is_not_the_default_is_told_with_its_reason() {
        let told = sentences(&fixtures::exploratory()).join(" ");
        assert!(
            told.contains("Chosen on the command line: level = 0.9, because given as --level.")
        );
        assert!(told.contains(
            "Chosen automatically: correction = none, because the primary family has one member"
        ));
        assert!(told.contains("two-sided, at 90 %."));
        assert!(!told.contains("relative = fieller"));
    }

    #[test]
    fn every_estimator_that_is_used_is_told() {
        let told = sentences(&fixtures::seen_otherwise()).join("\n");
        insta::assert_snapshot!("methods-seen-otherwise", told);
        let plain = sentences(&fixtures::good_win()).join(" ");
        for unused in [
            "Quantiles",
            "clusters",
            "strata",
            "confidence sequence",
            "Beliefs",
        ] {
            assert!(!plain.contains(unused), "{unused}");
        }
    }

    #[test]
    fn choices_inside_estimators_are_told_where_they_are_not_the_default() {
        let mut readout = fixtures::good_win();
        let conventions = &mut readout.conventions;
        conventions.slope = SlopeForm::ControlOnly;
        conventions.residuals = ResidualFreedom::UnitsLessOne;
        conventions.adjusted_lift = AdjustedLift::RawMean;
        conventions.proportions = Some(ProportionMethod::Newcombe);
        conventions.quantile = QuantileType::Hazen;
        conventions.strata = Application::Ignored;
        conventions.ramp = RampMethod::Pooled;
        conventions.clusters = Application::Ignored;
        conventions.sequential = SequentialFamily::GroupSequential;
        conventions.sequential_units = Some(40_000);
        let told = sentences(&readout).join(" ");
        for said in [
            "the slope is the control's, residuals have n − 1 degrees of freedom, lifts are relative to the control mean before \
             adjustment.",
            "compared by counts: Newcombe, of which there is none here.",
            "type 5, Hazen",
            "Strata that experiments name are ignored.",
            "all epochs of weights are pooled",
            "Clusters that experiments name are ignored",
            "spent as O'Brien–Fleming, by the share of 40,000 units that is there.",
        ] {
            assert!(told.contains(said), "{said}");
        }
    }

    #[test]
    fn conventions_of_other_tools_are_told_as_they_are() {
        let mut readout = fixtures::ramp_of_three();
        readout.conventions.variance = VarianceForm::Pooled;
        readout.conventions.reference = ReferenceDistribution::Normal;
        readout.conventions.relative = RelativeMethod::Delta;
        readout.conventions.correction = Correction::None;
        readout.conventions.covariate = Application::Ignored;
        readout.conventions.cap = CapForm::Ignored;
        readout.conventions.units = Some(UnitsRule::All);
        let told = sentences(&readout).join(" ");
        for said in [
            "one variance for both variants and the normal distribution",
            "the delta method's interval",
            "No p-value is corrected",
            "Covariates of metric definitions are ignored.",
            "Caps of metric definitions are ignored.",
            "even while their window is open",
        ] {
            assert!(told.contains(said), "{said}");
        }
    }
}
