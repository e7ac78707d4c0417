//! Defines the numbers beside effects, a row each: what they are called, of what, on which scale.

use super::super::rows::{self, Row};
use super::{float, optional_text, outside, shape};
use crate::domain::definition::{Magnitude, Population};
use crate::domain::evidence::Slice;
use crate::domain::result::{
    Absence, CompliersEffect, Detectable, Effect, Equivalence, Estimate, Interval, Known,
    MetricReadout, PValue, Posterior, RatePosterior, Readout,
};

/// One number beside an effect.
pub(super) struct Number<'a> {
    /// The effect it is beside.
    pub(super) row: Row<'a>,
    quantity: &'static str,
    subject: Option<String>,
    scale: &'static str,
    value: Value,
}

/// As much as is known of it.
enum Value {
    Estimated(Known<Estimate>),
    Plain(f64),
    /// A number with what is believed of it: its deviation, and the interval where there is one.
    Spread(f64, f64, Option<Interval>),
    /// A number between bounds.
    Bounded(f64, Interval),
    Tested(f64, PValue),
    /// A set around a point that is not known.
    Set(Interval),
    Absent(Absence),
    /// Only that it is so.
    Named,
}

impl Number<'_> {
    /// The cells of the columns that only such rows fill.
    pub(super) fn cells(&self) -> Vec<String> {
        let mut cells = vec![
            self.quantity.to_owned(),
            optional_text(self.subject.as_deref()),
            self.scale.to_owned(),
        ];
        let (value, error, interval, p, why) = match &self.value {
            Value::Estimated(Known::Value(found)) => (
                Some(found.estimate),
                found.standard_error,
                Some(found.interval),
                Some(found.p_value),
                None,
            ),
            Value::Estimated(Known::Absent(absence)) | Value::Absent(absence) => {
                (None, None, None, None, Some(*absence))
            }
            Value::Plain(value) => (Some(*value), None, None, None, None),
            Value::Spread(value, error, interval) => {
                (Some(*value), Some(*error), *interval, None, None)
            }
            Value::Bounded(value, interval) => (Some(*value), None, Some(*interval), None, None),
            Value::Tested(value, p) => (Some(*value), None, None, Some(*p), None),
            Value::Set(interval) => (None, None, Some(*interval), None, None),
            Value::Named => (None, None, None, None, None),
        };
        let number = |value: Option<f64>| value.map_or_else(String::new, float);
        let bounds = interval.as_ref().and_then(outside);
        cells.extend([
            number(value),
            number(error),
            interval.as_ref().map_or("", shape).to_owned(),
            number(interval.and_then(|interval| interval.lower())),
            number(interval.and_then(|interval| interval.upper())),
            number(bounds.map(|bounds| bounds.0)),
            number(bounds.map(|bounds| bounds.1)),
            number(p.map(|p| p.p)),
            why.map_or("", Absence::name).to_owned(),
        ]);
        cells
    }
}

/// Numbers beside the effects of a metric, in the readout's order; those of the metric last.
pub(super) fn of_metric<'a>(readout: &'a Readout, metric: &'a MetricReadout) -> Vec<Number<'a>> {
    let mut all = Vec::new();
    for row in rows::of_metric(readout, metric) {
        let mut add = Adder { row, all: &mut all };
        of_effect(&mut add, row.effect);
    }
    let whole = |population: Population, variant: &str| {
        rows::of_metric(readout, metric).find(|row| {
            row.effect.population == population
                && row.effect.slice == Slice::All
                && row.effect.variant == variant
        })
    };
    for found in &metric.heterogeneity {
        if let Some(row) = whole(found.population, &found.variant) {
            between_levels(&mut Adder { row, all: &mut all }, found);
        }
    }
    for each in &metric.cumulative {
        if let Some(row) = whole(each.population, &each.variant) {
            let mut add = Adder { row, all: &mut all };
            let day = Some(each.day.clone());
            add.both("cumulative", day.as_ref(), &each.absolute, &each.relative);
            add.count("cumulative", day.as_ref(), "control-units", each.units.0);
            add.count("cumulative", day.as_ref(), "variant-units", each.units.1);
        }
    }
    for novelty in &metric.novelty {
        if let Some(row) = whole(novelty.population, &novelty.variant) {
            let mut add = Adder { row, all: &mut all };
            for part in &novelty.parts {
                let span = Some(super::super::beside::part(part));
                add.both("novelty", span.as_ref(), &part.absolute, &part.relative);
            }
            add.estimate("novelty-trend", None, "absolute", &novelty.trend);
        }
    }
    for alternative in &readout.alternatives {
        for outcome in &alternative.outcomes {
            let mut effects = outcome.effects.iter();
            let found = effects.find(|found| found.metric == metric.id.as_str());
            let row = whole(Population::Itt, &outcome.variant);
            if let (Some(found), Some(row)) = (found, row) {
                let mut add = Adder { row, all: &mut all };
                let choice = Some(format!(
                    "{} = {}",
                    alternative.convention, alternative.value
                ));
                let (absolute, relative) = (&found.absolute, &found.relative);
                add.both("under-convention", choice.as_ref(), absolute, relative);
            }
        }
    }
    all
}

/// Adds numbers beside one effect.
struct Adder<'a, 'b> {
    row: Row<'a>,
    all: &'b mut Vec<Number<'a>>,
}

impl Adder<'_, '_> {
    fn add(
        &mut self,
        quantity: &'static str,
        subject: Option<&String>,
        scale: &'static str,
        value: Value,
    ) {
        self.all.push(Number {
            row: self.row,
            quantity,
            subject: subject.cloned(),
            scale,
            value,
        });
    }

    fn estimate(
        &mut self,
        quantity: &'static str,
        subject: Option<&String>,
        scale: &'static str,
        known: &Known<Estimate>,
    ) {
        self.add(quantity, subject, scale, Value::Estimated(known.clone()));
    }

    fn both(
        &mut self,
        quantity: &'static str,
        subject: Option<&String>,
        absolute: &Known<Estimate>,
        relative: &Known<Estimate>,
    ) {
        self.estimate(quantity, subject, "absolute", absolute);
        self.estimate(quantity, subject, "relative", relative);
    }

    fn plain(&mut self, quantity: &'static str, scale: &'static str, value: f64) {
        self.add(quantity, None, scale, Value::Plain(value));
    }

    fn known(&mut self, quantity: &'static str, scale: &'static str, known: &Known<f64>) {
        let value = match known {
            Known::Value(value) => Value::Plain(*value),
            Known::Absent(absence) => Value::Absent(*absence),
        };
        self.add(quantity, None, scale, value);
    }

    #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
    fn count(
        &mut self,
        quantity: &'static str,
        subject: Option<&String>,
        scale: &'static str,
        count: u64,
    ) {
        self.add(quantity, subject, scale, Value::Plain(count as f64));
    }
}

fn of_effect(add: &mut Adder<'_, '_>, effect: &Effect) {
    if let Some(raw) = &effect.unadjusted {
        add.estimate("unadjusted", None, "absolute", raw);
    }
    if let Some((numerator, denominator)) = &effect.parts {
        add.estimate("numerator", None, "absolute", numerator);
        add.estimate("denominator", None, "absolute", denominator);
    }
    for companion in &effect.companions {
        let subject = companion.subject.as_ref();
        let (kind, scale) = (companion.kind.name(), companion.scale.name());
        add.estimate(kind, subject, scale, &companion.estimate);
    }
    if let Some(strata) = &effect.strata {
        add.count("strata", None, "count", strata.compared as u64);
        for stratum in &strata.thin {
            add.add("thin-stratum", Some(stratum), "", Value::Named);
        }
    }
    if let Some(clusters) = effect.clusters {
        add.count("clusters", None, "count", clusters);
    }
    if let Some(found) = &effect.compliers {
        on_compliers(add, found);
    }
    if let Some(found) = &effect.equivalence {
        equivalence(add, found);
    }
    beliefs(add, effect);
    match &effect.power {
        Some(Known::Value(found)) => detectable(add, found),
        Some(Known::Absent(absence)) => {
            add.add("detectable", None, "absolute", Value::Absent(*absence));
        }
        None => {}
    }
}

fn on_compliers(add: &mut Adder<'_, '_>, found: &CompliersEffect) {
    let point = found.estimate.value().map(|estimate| estimate.estimate);
    let set = match (&found.anderson_rubin, point) {
        (Known::Value(set), Some(point)) => Value::Bounded(point, *set),
        (Known::Value(set), None) => Value::Set(*set),
        (Known::Absent(absence), _) => Value::Absent(*absence),
    };
    add.add("anderson-rubin", None, "absolute", set);
    add.estimate("first-stage", None, "share", &found.first_stage);
    add.known("first-stage-f", "f", &found.first_stage_f);
    if let Known::Value(means) = &found.means {
        add.plain("compliers-control-mean", "level", means.control);
        add.plain("compliers-variant-mean", "level", means.treatment);
    }
}

fn equivalence(add: &mut Adder<'_, '_>, found: &Known<Equivalence>) {
    match found {
        Known::Value(found) => {
            let (scale, margin) = match found.margin {
                Magnitude::Absolute(size) => ("absolute", size),
                Magnitude::Relative(size) => ("relative", size),
            };
            let value = Value::Tested(margin, found.p_value);
            add.add("equivalence", None, scale, value);
        }
        Known::Absent(absence) => add.add("equivalence", None, "", Value::Absent(*absence)),
    }
}

fn beliefs(add: &mut Adder<'_, '_>, effect: &Effect) {
    match &effect.posterior {
        Some(Known::Value(found)) => {
            let value = Value::Spread(found.mean, found.standard_deviation, found.interval);
            add.add("posterior", None, "relative", value);
            chances(add, None, "relative", found);
        }
        Some(Known::Absent(absence)) => {
            add.add("posterior", None, "relative", Value::Absent(*absence));
        }
        None => {}
    }
    if let Some(Known::Value(found)) = &effect.rates {
        rate(add, "control", &found.control);
        rate(add, "variant", &found.treatment);
        chances(
            add,
            Some(&"rates".to_owned()),
            "absolute",
            &found.difference,
        );
    }
}

fn rate(add: &mut Adder<'_, '_>, side: &str, found: &RatePosterior) {
    let (lower, upper) = (found.lower, found.upper);
    let value = Value::Spread(
        found.mean,
        found.standard_deviation,
        Some(Interval::Between { lower, upper }),
    );
    add.add("rate-posterior", Some(&side.to_owned()), "share", value);
}

fn chances(
    add: &mut Adder<'_, '_>,
    subject: Option<&String>,
    scale: &'static str,
    found: &Posterior,
) {
    for (quantity, scale, value) in [
        (
            "probability-better",
            "probability",
            found.probability_better,
        ),
        ("probability-worse", "probability", found.probability_worse),
        ("loss-if-chosen", scale, found.loss_if_chosen),
        ("loss-if-not-chosen", scale, found.loss_if_not_chosen),
    ] {
        add.add(quantity, subject, scale, Value::Plain(value));
    }
}

fn detectable(add: &mut Adder<'_, '_>, found: &Detectable) {
    add.plain("detectable", "absolute", found.absolute);
    for (quantity, scale, value) in [
        ("detectable", "relative", found.relative),
        ("units-needed", "count", found.units_needed),
        ("days-left", "days", found.days_left),
        (
            "false-positive-risk",
            "probability",
            found.false_positive_risk,
        ),
        ("exaggeration", "ratio", found.exaggeration),
    ] {
        if let Some(value) = value {
            add.plain(quantity, scale, value);
        }
    }
}

fn between_levels(add: &mut Adder<'_, '_>, found: &crate::domain::result::SegmentHeterogeneity) {
    let column = Some(&found.column);
    match &found.heterogeneity {
        Known::Value(between) => {
            let q = Value::Tested(between.statistic, between.p_value);
            add.add("heterogeneity", column, "q", q);
            let share = Value::Plain(between.i_squared);
            add.add("heterogeneity", column, "i-squared", share);
            let common = Value::Spread(between.common, between.common_error, None);
            add.add("heterogeneity", column, "absolute", common);
            if let Some(p) = found.corrected_p {
                add.add("heterogeneity", column, "corrected-p", Value::Plain(p));
            }
        }
        Known::Absent(absence) => add.add("heterogeneity", column, "q", Value::Absent(*absence)),
    }
}
