//! Checks of what carries an effect: few units among many (26).

use super::finding::Finding;
use super::{Context, PlannedMetric, wording};
use crate::domain::definition::{Experiment, MetricKind, Role};
use crate::domain::evidence::{Cell, Heaviest, Moments, Partition, Slice};
use crate::domain::result::{Check, CheckId, CheckStatus, Invalidates};

/// Fewer times the units that are set aside than this, and they are no few among many.
const MANY: u64 = 100;
/// At most this many metrics and variants are named.
const NAMED: usize = 3;

/// 26: means that are too skewed for their units, and effects that a few units carry.
pub(super) fn few_units(context: &Context<'_>) -> Check {
    let id = CheckId::FewUnits;
    let (mut looked, mut units) = (0_u64, 0);
    let mut found = Vec::new();
    let mut touched = Vec::new();
    let mut furthest: Option<f64> = None;
    for (metric, planned) in context.metrics.iter().enumerate() {
        if planned.definition.kind != MetricKind::Mean || planned.role == Role::Diagnostic {
            continue;
        }
        let Some(control) = Weighed::of(context, metric, Experiment::CONTROL) else {
            continue;
        };
        let before = found.len();
        units += control.moments.units;
        found.extend(too_skewed(context, planned, Experiment::CONTROL, &control));
        for variant in 1..context.variants().len() {
            let Some(treatment) = Weighed::of(context, metric, variant) else {
                continue;
            };
            looked += 1;
            units += treatment.moments.units;
            found.extend(too_skewed(context, planned, variant, &treatment));
            if let Some(moved) = control.moved(&treatment) {
                furthest = Some(furthest.map_or(moved.errors, |known| known.max(moved.errors)));
                found.extend(moved.sentence(context, planned, variant));
            }
        }
        if found.len() > before {
            touched.push(Invalidates::Metric(planned.definition.id.to_string()));
        }
    }
    if looked == 0 {
        return Finding::not_run("because no metric is a mean over rows").into_check(context, id);
    }
    let mut finding = if found.is_empty() {
        Finding::new(CheckStatus::Pass, "no mean rests on a few units")
    } else {
        found.truncate(NAMED);
        Finding::new(CheckStatus::Warn, found.join("; "))
    };
    finding.observed = furthest.map(|errors| {
        (
            errors,
            "standard errors that the heaviest units move an effect",
        )
    });
    finding.thresholds = (
        Some(format!(
            "units below {} · skewness², or an effect that moves by more than its standard error without the {} heaviest units a variant",
            context.thresholds.skewness_units,
            Heaviest::UNITS
        )),
        None,
    );
    finding.evaluated = Some(units);
    finding.invalidates = touched;
    finding.into_check(context, id)
}

/// What a variant's mean is made of.
struct Weighed {
    moments: Moments,
    /// Of the heaviest units.
    top: Moments,
    skewness: Option<f64>,
}

/// What becomes of an effect without the heaviest units.
struct Moved {
    with: f64,
    without: f64,
    /// By how many standard errors it moves.
    errors: f64,
}

impl Weighed {
    fn of(context: &Context<'_>, metric: usize, variant: usize) -> Option<Self> {
        let cell: &Cell = context
            .summary
            .cell(metric, Partition::Itt, &Slice::All, variant)?;
        let heaviest = cell.further.heaviest.as_ref()?;
        let moments = cell.moments();
        (moments.units > 1).then(|| Self {
            skewness: skewness(&moments, heaviest.cubes.to_f64()),
            top: heaviest.top.moments(),
            moments,
        })
    }

    /// The mean without the heaviest units.
    fn without(&self) -> f64 {
        let (n, k) = (self.moments.n(), self.top.n());
        (n * self.moments.mean(0) - k * self.top.mean(0)) / (n - k)
    }

    fn moved(&self, treatment: &Self) -> Option<Moved> {
        let many = |side: &Self| side.moments.units >= MANY * side.top.units.max(1);
        let variance = |side: &Self| Some(side.moments.variance(0)? / side.moments.n());
        let error = libm::sqrt(variance(self)? + variance(treatment)?);
        let with = treatment.moments.mean(0) - self.moments.mean(0);
        let without = treatment.without() - self.without();
        let errors = (with - without).abs() / error;
        (many(self) && many(treatment) && errors.is_finite()).then_some(Moved {
            with,
            without,
            errors,
        })
    }
}

impl Moved {
    fn sentence(
        &self,
        context: &Context<'_>,
        planned: &PlannedMetric<'_>,
        variant: usize,
    ) -> Option<String> {
        // What ten units weigh together is shown only where cells of ten are.
        if self.errors > 1.0 && context.min_cell > Heaviest::UNITS as u64 {
            return Some(format!(
                "the effect on {} in {} moves by more than its standard error without the {} heaviest units a variant",
                planned.definition.id,
                wording::label(context.variant(variant)),
                Heaviest::UNITS
            ));
        }
        (self.errors > 1.0).then(|| {
            format!(
                "without the {} heaviest units a variant, the effect on {} in {} is {} instead of {}, {:.1} standard errors away",
                Heaviest::UNITS,
                planned.definition.id,
                wording::label(context.variant(variant)),
                wording::signed(self.without),
                wording::signed(self.with),
                self.errors
            )
        })
    }
}

/// The third standardised moment, from Σx³; `None` where nothing varies. The cubes are each rounded, so that of values far from
/// zero with a small spread it is good to (mean / spread)³ · 10⁻¹⁶ only, where it is near 0 in any case.
fn skewness(moments: &Moments, cubes: f64) -> Option<f64> {
    let (n, mean) = (moments.n(), moments.mean(0));
    let second = moments.central(0, 0) / n;
    let third = cubes / n - 3.0 * mean * second - mean * mean * mean;
    let skewness = third / (second * libm::sqrt(second));
    skewness.is_finite().then_some(skewness)
}

/// Kohavi, Deng and Vermeer (2014) ask for 355 · skewness² units a variant before a mean is nearly normal.
fn too_skewed(
    context: &Context<'_>,
    planned: &PlannedMetric<'_>,
    variant: usize,
    weighed: &Weighed,
) -> Option<String> {
    let skewness = weighed.skewness?;
    let needed = context.thresholds.skewness_units * skewness * skewness;
    (weighed.moments.n() < needed).then(|| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of units, cut at the largest there is"
        )]
        let needed = wording::count(needed as u64);
        format!(
            "{} in {} has a skewness of {skewness:.1}: {needed} units are needed before its mean is nearly normal, and there are {}",
            planned.definition.id,
            wording::label(context.variant(variant)),
            wording::count(weighed.moments.units)
        )
    })
}
