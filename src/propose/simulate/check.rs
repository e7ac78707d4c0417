//! Defines which scenarios make sense. It refuses the others with the knob, the reason and what would do.

use std::collections::BTreeSet;

use super::scenario::{ExperimentScenario, MetricScenario, Scenario, Values, VariantScenario};
use crate::domain::definition::{Aggregate, Identifier};

/// The most units an experiment may have; their numbers would otherwise meet those of the next.
pub(super) const MOST_UNITS: u32 = 9_000_000;

/// The most stray rows of one kind, for the same reason.
pub(super) const MOST_STRAYS: u32 = 200_000;

/// A scenario that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{subject}: {reason}")]
pub struct InvalidScenario {
    /// The experiment, metric or knob.
    pub subject: String,
    /// What is wrong with it, and what would do.
    pub reason: String,
}

fn refuse(subject: impl Into<String>, reason: impl Into<String>) -> Result<(), InvalidScenario> {
    Err(InvalidScenario {
        subject: subject.into(),
        reason: reason.into(),
    })
}

impl Scenario {
    /// Whether this scenario can be made.
    ///
    /// # Errors
    /// [`InvalidScenario`] names the first knob that makes no sense, why, and what would.
    pub fn check(&self) -> Result<(), InvalidScenario> {
        if self.experiments.is_empty() {
            return refuse("experiments", "there is none; name at least one");
        }
        distinct_ids("experiments", self.experiments.iter().map(|each| &each.id))?;
        distinct_ids("metrics", self.metrics.iter().map(|each| &each.id))?;
        for segment in &self.segments {
            let weights = segment.levels.iter().map(|level| level.weight);
            check_weights(&format!("segment '{}'", segment.column), weights)?;
            for level in &segment.levels {
                let subject = format!("segment '{}', level '{}'", segment.column, level.name);
                not_negative(&subject, "rate", level.rate)?;
                not_negative(&subject, "effect", level.effect)?;
            }
        }
        self.metrics.iter().try_for_each(check_metric)?;
        self.experiments
            .iter()
            .try_for_each(|experiment| self.check_experiment(experiment))
    }

    fn check_experiment(&self, experiment: &ExperimentScenario) -> Result<(), InvalidScenario> {
        let subject = format!("experiment '{}'", experiment.id);
        if experiment.units > MOST_UNITS {
            return refuse(subject, format!("at most {MOST_UNITS} units can be made"));
        }
        if experiment.activity_shape == 0 || experiment.enrol_days == 0 {
            return refuse(subject, "activity_shape and enrol_days are at least 1");
        }
        if experiment.variants.len() < 2 {
            return refuse(subject, "it needs a control and at least one other variant");
        }
        let names: BTreeSet<_> = experiment.variants.iter().map(|each| &each.id).collect();
        if names.len() < experiment.variants.len() {
            return refuse(subject, "two variants have the same id; rename one");
        }
        check_epochs(&subject, experiment)?;
        not_negative(
            &subject,
            "exposure_delay_hours",
            experiment.exposure_delay_hours,
        )?;
        not_negative(
            &subject,
            "repeated_exposures",
            experiment.repeated_exposures,
        )?;
        not_negative(&subject, "1 + trend", 1.0 + experiment.trend)?;
        check_faults(&subject, experiment)?;
        check_behaviours(&subject, experiment)?;
        for variant in &experiment.variants {
            check_variant(&subject, experiment, variant)?;
        }
        self.check_metric_ids(&subject, experiment)
    }

    fn check_metric_ids(
        &self,
        subject: &str,
        experiment: &ExperimentScenario,
    ) -> Result<(), InvalidScenario> {
        for id in experiment.metric_ids() {
            let Some(metric) = self.metrics.iter().find(|metric| metric.id == *id) else {
                return refuse(
                    subject,
                    format!("metric '{id}' is not in the scenario; add it"),
                );
            };
            let delay = experiment.exposure_delay_hours / 24.0;
            if f64::from(metric.window_days) + delay > f64::from(experiment.follow_days) {
                return refuse(
                    subject,
                    format!("follow_days ends before the window of '{id}' can; raise follow_days"),
                );
            }
        }
        Ok(())
    }
}

fn check_metric(metric: &MetricScenario) -> Result<(), InvalidScenario> {
    let known = |aggregate| {
        matches!(
            aggregate,
            Aggregate::Any | Aggregate::Count | Aggregate::Sum | Aggregate::Mean
        )
    };
    let denominator = metric.denominator.as_ref();
    if known(metric.measure.aggregate) && denominator.is_none_or(|each| known(each.aggregate)) {
        return Ok(());
    }
    refuse(
        format!("metric '{}'", metric.id),
        "the truth is known of any, count, sum and mean; use one of these",
    )
}

fn check_variant(
    subject: &str,
    experiment: &ExperimentScenario,
    variant: &VariantScenario,
) -> Result<(), InvalidScenario> {
    let subject = format!("{subject}, variant '{}'", variant.id);
    share(&subject, "exposure_rate", variant.exposure_rate)?;
    share(&subject, "exposure_selection", variant.exposure_selection)?;
    share(&subject, "lost_share", variant.lost_share)?;
    share(&subject, "loss_selection", variant.loss_selection)?;
    for (event, effect) in &variant.effects {
        if experiment.behaviour(event).is_none() {
            return refuse(
                subject,
                format!("no behaviour has the event '{event}'; add one"),
            );
        }
        not_negative(&subject, "an effect's rate", effect.rate)?;
        not_negative(&subject, "an effect's value", effect.value)?;
    }
    Ok(())
}

fn check_behaviours(subject: &str, experiment: &ExperimentScenario) -> Result<(), InvalidScenario> {
    let names: BTreeSet<_> = experiment
        .behaviours
        .iter()
        .map(|each| &each.event)
        .collect();
    if names.len() < experiment.behaviours.len() {
        return refuse(subject, "two behaviours have the same event; make them one");
    }
    for behaviour in &experiment.behaviours {
        let subject = format!("{subject}, behaviour '{}'", behaviour.event);
        not_negative(&subject, "weekly_rate", behaviour.weekly_rate)?;
        match behaviour.values {
            Values::Absent => {}
            Values::Chance { probability } => share(&subject, "probability", probability)?,
            Values::Amount {
                mean,
                sigma,
                tail_share,
                tail_shape,
                decimals,
            } => {
                not_negative(&subject, "mean", mean)?;
                not_negative(&subject, "sigma", sigma)?;
                share(&subject, "tail_share", tail_share)?;
                if !(tail_shape > 1.0 && tail_shape.is_finite()) {
                    return refuse(subject, "tail_shape is above 1, or the mean is infinite");
                }
                if decimals > 9 {
                    return refuse(subject, "decimals is at most 9");
                }
            }
        }
    }
    Ok(())
}

fn check_epochs(subject: &str, experiment: &ExperimentScenario) -> Result<(), InvalidScenario> {
    for epoch in &experiment.epochs {
        if epoch.weights.len() != experiment.variants.len() {
            return refuse(subject, "every epoch needs a weight a variant");
        }
        check_weights(subject, epoch.weights.iter().copied())?;
    }
    let days: Vec<_> = experiment
        .epochs
        .iter()
        .map(|epoch| epoch.from_day)
        .collect();
    let rising = days.windows(2).all(|pair| pair[0] < pair[1]);
    if days.first().is_some_and(|first| *first != 0) || !rising {
        return refuse(subject, "epochs start at day 0 and rise");
    }
    Ok(())
}

fn check_faults(subject: &str, experiment: &ExperimentScenario) -> Result<(), InvalidScenario> {
    let faults = &experiment.faults;
    share(subject, "several_variants", faults.several_variants)?;
    share(
        subject,
        "duplicate_assignments",
        faults.duplicate_assignments,
    )?;
    share(subject, "duplicate_exposures", faults.duplicate_exposures)?;
    share(subject, "duplicate_events", faults.duplicate_events)?;
    share(subject, "early_exposures", faults.early_exposures)?;
    share(
        subject,
        "contradictory_exposures",
        faults.contradictory_exposures,
    )?;
    share(subject, "late_events", faults.late_events)?;
    share(subject, "earlier_version", faults.earlier_version)?;
    share(subject, "ineligible", faults.ineligible)?;
    share(subject, "bots", faults.bots)?;
    for (knob, count) in [
        ("orphan_exposures", faults.orphan_exposures),
        ("orphan_events", faults.orphan_events),
        ("unknown_variants", faults.unknown_variants),
        ("missing_unit_ids", faults.missing_unit_ids),
    ] {
        if count > MOST_STRAYS {
            return refuse(subject, format!("{knob} is at most {MOST_STRAYS}"));
        }
    }
    not_negative(subject, "late_days", faults.late_days)?;
    not_negative(subject, "bot_activity", faults.bot_activity)
}

fn check_weights(subject: &str, weights: impl Iterator<Item = f64>) -> Result<(), InvalidScenario> {
    let mut total = 0.0;
    for weight in weights {
        not_negative(subject, "a weight", weight)?;
        total += weight;
    }
    if total > 0.0 {
        Ok(())
    } else {
        refuse(subject, "no weight is above zero; give at least one")
    }
}

fn distinct_ids<'a>(
    subject: &str,
    ids: impl Iterator<Item = &'a String>,
) -> Result<(), InvalidScenario> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if let Err(error) = Identifier::new(id) {
            return refuse(format!("{subject} '{id}'"), error.to_string());
        }
        if !seen.insert(id) {
            return refuse(format!("{subject} '{id}'"), "it is there twice; rename one");
        }
    }
    Ok(())
}

fn share(subject: &str, knob: &str, value: f64) -> Result<(), InvalidScenario> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        refuse(
            subject,
            format!("{knob} is {value}, but a share is between 0 and 1"),
        )
    }
}

fn not_negative(subject: &str, knob: &str, value: f64) -> Result<(), InvalidScenario> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        refuse(
            subject,
            format!("{knob} is {value}, but is a finite number from 0 on"),
        )
    }
}
