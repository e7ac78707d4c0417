//! Plans an experiment with the same functions as its readout: from numbers, from a column of a file, or from a metric of an
//! experiment that was read out.

use std::path::Path;

use super::quick::about_file;
use super::{Progress, Settings, Workspace, WorkspaceError};
use crate::domain::definition::{
    Magnitude, MetricKind, Population, SequentialFamily, Table, TableKind,
};
use crate::domain::result::{
    Absence, Known, PowerBaseline, PowerDemand, PowerNeed, PowerPlan, PowerReach,
};
use crate::propose::quick::numbers_of;
use crate::source::Source;
use crate::stats::Monitoring;
use crate::stats::power::{Baseline, Demand, days_left};
use crate::stats::sequential::Look;

/// Days that are shown where a rate is known and neither effect nor units were given.
const DAYS: [f64; 4] = [7.0, 14.0, 21.0, 28.0];

/// What is planned.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerRequest {
    /// What is known.
    pub baseline: PowerBaseline,
    /// What is asked for.
    pub demand: PowerDemand,
    /// The effect to detect.
    pub effect: Option<Magnitude>,
    /// Units over all variants.
    pub units: Option<u64>,
}

/// Plans an experiment.
#[must_use]
pub fn plan_power(request: &PowerRequest) -> PowerPlan {
    let planner = Planner { request };
    let need = request.effect.map(|effect| planner.need(effect));
    let mut horizons: Vec<(f64, Option<f64>)> = Vec::new();
    if let Some(units) = request.units {
        let days = request.demand.a_day.map(|a_day| as_double(units) / a_day);
        horizons.push((as_double(units), days));
    } else if let Some(a_day) = request.demand.a_day {
        horizons.extend(DAYS.map(|days| (days * a_day, Some(days))));
    }
    PowerPlan {
        baseline: request.baseline.clone(),
        demand: request.demand.clone(),
        need: need.map(Known::from),
        reaches: horizons
            .into_iter()
            .map(|(units, days)| planner.reach(units, days))
            .collect(),
    }
}

/// A baseline from the numbers of a column, a row a unit, read as `quick` reads them; empty cells are left out.
///
/// # Errors
/// [`WorkspaceError`] when the file cannot be read, or the column is not there or holds something else.
pub fn baseline_of_file(file: &Path, column: &str) -> Result<PowerBaseline, WorkspaceError> {
    let shown = file.to_string_lossy().into_owned();
    if !file.exists() {
        return Err(WorkspaceError::NoFile(shown));
    }
    let read = || -> Result<PowerBaseline, WorkspaceError> {
        let (root, name) = super::quick::split(file)?;
        let table = Table {
            name: "file".to_owned(),
            kind: TableKind::Units,
            path: name.clone(),
            columns: std::collections::BTreeMap::new(),
            variants: std::collections::BTreeMap::new(),
            lateness: None,
            complete_through: None,
        };
        let source = Source::open(&table, &root, None)?;
        let (sums, is_binary) = numbers_of(&source, column)?;
        let moments = sums.moments();
        Ok(PowerBaseline {
            source: format!("column {column} of {name}, a row a unit"),
            kind: if is_binary {
                MetricKind::Proportion
            } else {
                MetricKind::Mean
            },
            mean: moments.mean(0),
            standard_deviation: moments.variance(0).unwrap_or(0.0).sqrt(),
            units: Some(moments.units),
            variance_reduction: None,
        })
    };
    read().map_err(|error| about_file(shown, error))
}

/// What a metric of an experiment is known by: its control in itt, less what its covariates remove; with the smallest effect
/// that matters to it and the shares of the variants.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricBaseline {
    /// What is known.
    pub baseline: PowerBaseline,
    /// The smallest effect that matters.
    pub minimum_effect: Option<Magnitude>,
    /// The shares of the variants, control first; absent where no weights are declared.
    pub weights: Option<Vec<f64>>,
}

impl Workspace {
    /// A baseline from a metric of an experiment, which is read out for it.
    ///
    /// # Errors
    /// As [`Workspace::readout`]; [`WorkspaceError::NoBaseline`] when the experiment has no such metric, or it has no standard
    /// deviation to plan by.
    pub fn baseline(
        &self,
        id: &str,
        metric: &str,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<MetricBaseline, WorkspaceError> {
        let readout = self.readout(id, settings, progress)?;
        let refused = |reason: String| WorkspaceError::NoBaseline {
            experiment: id.to_owned(),
            metric: metric.to_owned(),
            reason,
        };
        let found = readout
            .metrics
            .iter()
            .find(|known| known.id.as_str() == metric);
        let Some(found) = found else {
            let known: Vec<&str> = readout
                .metrics
                .iter()
                .map(|known| known.id.as_str())
                .collect();
            return Err(refused(format!("it has {}", known.join(", "))));
        };
        if found.kind == MetricKind::Quantile {
            return Err(refused(
                "the error of a quantile does not follow from a standard deviation; plan by a mean or a share".to_owned(),
            ));
        }
        let entry = self.catalog().experiment(id)?;
        let control = &entry.experiment.control;
        let statistics = found.overall_statistics(Population::Itt, control);
        let numbers = statistics.and_then(|row| {
            let (mean, deviation) = (row.mean.value()?, row.standard_deviation.value()?);
            Some((*mean, *deviation, row.units.value().copied()))
        });
        let Some((mean, deviation, units)) = numbers else {
            return Err(refused(
                "its control has no mean and standard deviation yet".to_owned(),
            ));
        };
        let effects = found.effects.iter();
        let overall = effects.filter(|effect| {
            effect.population == Population::Itt
                && effect.slice == crate::domain::evidence::Slice::All
        });
        let removed = overall.filter_map(|effect| effect.variance_reduction);
        // Of several variants, the one whose covariate removed least.
        let removed = removed.reduce(f64::min);
        Ok(MetricBaseline {
            baseline: PowerBaseline {
                source: format!("metric {metric} of experiment {id}, control"),
                kind: found.kind,
                mean,
                standard_deviation: deviation * (1.0 - removed.unwrap_or(0.0)).max(0.0).sqrt(),
                units,
                variance_reduction: removed,
            },
            minimum_effect: found.minimum_effect,
            weights: entry
                .experiment
                .epochs
                .last()
                .map(|epoch| epoch.weights.clone()),
        })
    }
}

struct Planner<'a> {
    request: &'a PowerRequest,
}

impl Planner<'_> {
    /// A unit's variances at an effect: of a share, p(1 − p) at the share it would be.
    fn baseline(&self, effect: Option<Magnitude>) -> Result<Baseline, Absence> {
        let known = &self.request.baseline;
        let variance = known.standard_deviation * known.standard_deviation;
        let mut treated = variance;
        if let (true, Some(effect)) = (known.kind.is_share(), effect) {
            let share = known.mean + absolute(effect, known.mean);
            if !(0.0..=1.0).contains(&share) {
                return Err(Absence::OutOfRange);
            }
            // What covariates remove of one share they remove of another like it.
            treated = share * (1.0 - share) * (1.0 - known.variance_reduction.unwrap_or(0.0));
        }
        Ok(Baseline {
            mean: known.mean,
            control_variance: variance,
            treatment_variance: treated,
        })
    }

    /// The demand when control and variant are planned to have this many units together.
    fn demand(&self, planned_units: f64) -> Result<Demand, Absence> {
        let demand = &self.request.demand;
        let monitoring = match demand.sequential {
            SequentialFamily::Fixed => Monitoring::Fixed,
            SequentialFamily::ConfidenceSequence => {
                Monitoring::ConfidenceSequence { planned_units }
            }
            SequentialFamily::MixtureSprt => Monitoring::MixtureSprt {
                deviation: self.request.effect.ok_or(Absence::NotPlanned)?,
            },
            SequentialFamily::GroupSequential => {
                let spending = demand.spending.ok_or(Absence::NotPlanned)?;
                Monitoring::GroupSequential(Look::new(spending, &demand.looks)?)
            }
        };
        Ok(Demand {
            alpha: 1.0 - demand.level,
            power: demand.power,
            monitoring,
        })
    }

    /// Shares of the variants other than control.
    fn variants(&self) -> impl Iterator<Item = (f64, f64)> {
        let shares = &self.request.demand.shares;
        let control = shares.first().copied().unwrap_or(0.0);
        let others = shares.iter().skip(1).copied();
        others.map(move |share| (control, share))
    }

    fn need(&self, effect: Magnitude) -> Result<PowerNeed, Absence> {
        let mut total = 0.0_f64;
        for (control, variant) in self.variants() {
            let together = self.units_needed(effect, (control, variant))?;
            total = total.max(together / (control + variant));
        }
        let shares = &self.request.demand.shares;
        // What rounding put above a whole number is not one more.
        let whole = |share: f64| whole((total * share * (1.0 - 1e-10)).ceil());
        let units: Vec<u64> = shares.iter().map(|share| whole(*share)).collect();
        let total = units.iter().sum();
        let a_day = self.request.demand.a_day;
        let days = a_day.map(|a_day| days_left(as_double(total), 0.0, a_day));
        Ok(PowerNeed {
            effect,
            absolute: absolute(effect, self.request.baseline.mean),
            units,
            total,
            days: days.transpose()?,
        })
    }

    /// Units of control and one variant together; a confidence sequence is tuned to the very number.
    fn units_needed(&self, effect: Magnitude, weights: (f64, f64)) -> Result<f64, Absence> {
        const MOST_ROUNDS: u32 = 100;
        let baseline = self.baseline(Some(effect))?;
        let at = |planned: f64| -> Result<f64, Absence> {
            let (control, variant) =
                baseline.units_needed(effect, weights, &self.demand(planned)?)?;
            Ok((control / weights.0).max(variant / weights.1) * (weights.0 + weights.1))
        };
        let mut units = at(1_000.0)?;
        for _ in 0..MOST_ROUNDS {
            let next = at(units)?;
            if (next - units).abs() < 1.0 {
                return Ok(next.max(units));
            }
            units = next;
        }
        Ok(units)
    }

    fn reach(&self, units: f64, days: Option<f64>) -> PowerReach {
        let smallest = self
            .variants()
            .min_by(|left, right| left.1.total_cmp(&right.1))
            .unwrap_or((0.0, 0.0));
        let (control, variant) = (units * smallest.0, units * smallest.1);
        let demand = self.demand(control + variant);
        let detected = |relative: bool| -> Known<f64> {
            let found = demand.and_then(|demand| {
                let baseline = self.baseline(None)?;
                baseline.smallest_detectable(relative, control, variant, &demand)
            });
            found.into()
        };
        let power = self.request.effect.map(|effect| -> Known<f64> {
            let found = demand.and_then(|demand| {
                self.baseline(Some(effect))?
                    .power(effect, control, variant, &demand)
            });
            found.into()
        });
        PowerReach {
            units,
            days,
            absolute: detected(false),
            relative: detected(true),
            power,
        }
    }
}

fn absolute(effect: Magnitude, mean: f64) -> f64 {
    match effect {
        Magnitude::Absolute(size) => size,
        Magnitude::Relative(size) => size * mean.abs(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
const fn as_double(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of units that is whole, not negative and at most 1e18"
)]
const fn whole(units: f64) -> u64 {
    units as u64
}
