//! Finds the limits that large values are clipped to: on matured itt units, once a metric for all variants together, or for
//! each by itself where the conventions say so.

use super::job::Job;
use super::unit_values::{From, Recipe, UnitValues};
use crate::domain::definition::{Cap, CapForm, Conventions};

/// What value (or numerator) and denominator are clipped at. A metric has one for all variants, or one of each.
pub(super) type Limits = (Option<f64>, Option<f64>);

/// Looks for the limits of every metric under one set of conventions.
#[derive(Debug)]
pub(super) struct CapSearch {
    /// A side of a metric whose limit is a quantile, with the values it is found on.
    sides: Vec<Side>,
    form: CapForm,
}

#[derive(Debug)]
struct Side {
    metric: usize,
    /// 0 for the value or numerator, 1 for the denominator.
    position: usize,
    recipe: Recipe,
    quantile: f64,
    /// Once for all variants, or of each.
    values: Vec<Vec<f64>>,
}

impl CapSearch {
    pub(super) fn new(job: &Job<'_>, conventions: &Conventions) -> Self {
        let mut sides = Vec::new();
        let form = conventions.cap;
        if form != CapForm::Ignored {
            for (metric, planned) in job.plan.metrics.iter().enumerate() {
                let Some(Cap::Quantile(quantile)) = planned.metric.cap else {
                    continue;
                };
                // A quantile is found for each part of a ratio by itself.
                let parts = planned.value.into_iter().chain(planned.denominator);
                sides.extend(parts.enumerate().map(|(position, _)| Side {
                    metric,
                    position,
                    recipe: Recipe::new(job, conventions, metric, From::Assignment, (None, None)),
                    quantile,
                    values: vec![Vec::new(); sets(job, form)],
                }));
            }
        }
        Self { sides, form }
    }

    /// Whether no metric needs to be looked at.
    pub(super) fn is_idle(&self) -> bool {
        self.sides.is_empty()
    }

    /// Adds the units of a shard.
    pub(super) fn add(&mut self, units: UnitValues<'_>) {
        for side in &mut self.sides {
            let recipe = &side.recipe;
            let matured = units
                .units
                .all()
                .filter(|unit| units.counts(*unit) && recipe.is_matured(units, *unit));
            for unit in matured {
                let value = recipe.side(units, unit, side.position);
                let wanted = |value: &f64| !self.form.is_of_non_zero() || *value != 0.0;
                let Some(value) = value.filter(wanted) else {
                    continue;
                };
                match side.values.as_mut_slice() {
                    [all] => all.push(value),
                    of_variants => {
                        for variant in units.variants(unit) {
                            of_variants[usize::from(variant)].push(value);
                        }
                    }
                }
            }
        }
    }

    /// Adds what another thread looked at.
    pub(super) fn merge(&mut self, other: Self) {
        for (ours, theirs) in self.sides.iter_mut().zip(other.sides) {
            for (ours, theirs) in ours.values.iter_mut().zip(theirs.values) {
                ours.extend(theirs);
            }
        }
    }

    /// The limits of each metric.
    pub(super) fn limits(mut self, job: &Job<'_>) -> Vec<Vec<Limits>> {
        let applies = self.form != CapForm::Ignored;
        let fixed = |cap: Option<Cap>| match cap {
            // A fixed limit is in the unit of the numerator.
            Some(Cap::Value(limit)) if applies => (Some(limit), None),
            _ => (None, None),
        };
        let metrics = job.plan.metrics.iter();
        let mut limits: Vec<Vec<Limits>> = metrics
            .map(|planned| {
                let value = planned.value;
                let limit = value.map_or((None, None), |_| fixed(planned.metric.cap));
                vec![limit; sets(job, self.form)]
            })
            .collect();
        for side in &mut self.sides {
            for (limits, values) in limits[side.metric].iter_mut().zip(&mut side.values) {
                let found = quantile(side.quantile, values);
                if side.position == 1 {
                    limits.1 = found;
                } else {
                    limits.0 = found;
                }
            }
        }
        limits
    }
}

/// How many limits a metric has: one for all variants, or one of each.
fn sets(job: &Job<'_>, form: CapForm) -> usize {
    if form.is_per_variant() {
        job.plan.experiment.variants.len()
    } else {
        1
    }
}

/// A quantile of values, which are shuffled in place; `None` where there is no value.
///
/// Hyndman and Fan's type 7 (The American Statistician 50, 1996): linear between order statistics at (n − 1)q.
fn quantile(quantile: f64, values: &mut [f64]) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
    let position = last as f64 * quantile;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last index"
    )]
    let below = (position.floor() as usize).min(last);
    let fraction = position - position.floor();
    let (_, low, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let low = *low;
    let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
    Some(low + fraction * (high - low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_is_type_7() {
        // R 4: quantile(c(1, 2, 4, 8, 16), 0.9, type = 7) is 12.8.
        let mut values = [16.0, 1.0, 4.0, 2.0, 8.0];
        let found = quantile(0.9, &mut values).unwrap();
        assert!((found - 12.8).abs() < 1e-12, "{found}");
        assert_eq!(quantile(1.0, &mut values), Some(16.0));
        assert_eq!(quantile(0.9, &mut []), None);
    }
}
