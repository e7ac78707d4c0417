//! Defines the counts behind checks: units by stage, segment and day against the plan, and faults by variant, metric and table.
//!
//! It refuses to decide what may be shown: which slices describe too few people is told to it, and they are withheld.

mod faults;

use std::collections::BTreeSet;

use super::allocation::{UNITS_OF_A_LEVEL, single_weights};
use super::share::holm_p;
use super::{Context, total};
use crate::domain::definition::{Correction, Epoch, Population};
use crate::domain::evidence::{ByVariant, Partition, Slice};
use crate::domain::result::{
    Absence, Breakdown, BreakdownBy, BreakdownCounts, BreakdownLine, Check, CheckId, CheckStatus,
    Known, PValue,
};
use crate::stats::{EpochCounts, adjusted_p_values, sample_ratio};

/// How the units of one population were split, level by level and day by day.
#[derive(Debug, Clone)]
pub struct SplitLines {
    /// The population.
    pub population: Population,
    /// Its units by level of each segment.
    pub segments: Vec<BreakdownLine>,
    /// Its units by local day of entry.
    pub days: Vec<BreakdownLine>,
}

/// Units a variant of every level and day of a population: what is withheld is decided on these.
#[must_use]
pub fn units_by_slice(context: &Context<'_>, population: Population) -> Vec<(Slice, ByVariant)> {
    let partition = Partition::from(population);
    let assignment = context.summary.assignment.as_ref();
    let by_day = assignment.filter(|_| population == Population::Itt);
    let mut counts: Vec<(Slice, ByVariant)> = context
        .summary
        .slices(0, partition)
        .into_iter()
        .filter(|slice| match slice {
            Slice::Segment { .. } => true,
            // Of intention to treat the assignments count every day, whatever metric has a cell there.
            Slice::EntryDay(_) => by_day.is_none(),
            Slice::All | Slice::Epoch(_) => false,
        })
        .map(|slice| {
            let units = units_of(context, partition, &slice);
            (slice, units)
        })
        .collect();
    let days = by_day.map_or(&[][..], |assignment| assignment.by_day.as_slice());
    counts.extend(
        days.iter()
            .map(|day| (Slice::EntryDay(day.day.clone()), day.units.clone())),
    );
    counts
}

fn units_of(context: &Context<'_>, partition: Partition, slice: &Slice) -> ByVariant {
    (0..context.variants().len())
        .map(|variant| {
            let cell = context.summary.cell(0, partition, slice, variant);
            cell.map_or(0, |cell| cell.units() + cell.open + cell.missing)
        })
        .collect()
}

/// The same as lines, held against the plan where one set of weights was in force; those of `withheld` without a number.
#[must_use]
pub fn split_lines(
    context: &Context<'_>,
    population: Population,
    counts: &[(Slice, ByVariant)],
    withheld: &BTreeSet<Slice>,
) -> SplitLines {
    let line = |slice: &Slice, units: &ByVariant| {
        let (by, name) = named(slice)?;
        let found = if withheld.contains(slice) {
            Known::Absent(Absence::Suppressed)
        } else {
            let is_level = !matches!(slice, Slice::Segment { level: None, .. });
            Known::Value(against_plan(context, units, is_level))
        };
        Some(BreakdownLine { by, name, found })
    };
    let all = counts
        .iter()
        .filter_map(|(slice, units)| line(slice, units));
    let (mut segments, mut days): (Vec<_>, Vec<_>) =
        all.partition(|line: &BreakdownLine| line.by == BreakdownBy::Segment);
    let warn = context.thresholds.warn_p;
    correct(&mut segments, warn, |raw| {
        adjusted_p_values(Correction::BenjaminiHochberg, raw)
    });
    correct(&mut days, warn, holm_p);
    SplitLines {
        population,
        segments,
        days,
    }
}

fn named(slice: &Slice) -> Option<(BreakdownBy, String)> {
    match slice {
        Slice::Segment { column, level } => {
            let name = match level {
                Some(level) => format!("{column}={level}"),
                None => format!("{column} unknown"),
            };
            Some((BreakdownBy::Segment, name))
        }
        Slice::EntryDay(day) => Some((BreakdownBy::Day, day.clone())),
        Slice::All | Slice::Epoch(_) => None,
    }
}

/// Units of one slice with the plan's, where they are enough and one set of weights says it.
fn against_plan(context: &Context<'_>, units: &ByVariant, is_level: bool) -> BreakdownCounts {
    let plain = BreakdownCounts::plain(units.clone(), None);
    let enough = units.iter().sum::<u64>() >= UNITS_OF_A_LEVEL;
    match single_weights(context) {
        Some(weights) if enough && is_level => {
            let epoch = EpochCounts { units, weights };
            held_against(&[epoch], context.thresholds.warn_p).unwrap_or(plain)
        }
        _ => plain,
    }
}

/// Units over epochs with those the plan expects, and the p-value of their difference.
pub(super) fn held_against(
    epochs: &[EpochCounts<'_>],
    warn: f64,
) -> Result<BreakdownCounts, Absence> {
    let test = sample_ratio(epochs)?;
    Ok(BreakdownCounts {
        counts: test.observed,
        of: None,
        expected: Some(test.expected),
        p: Some(test.p_value.p),
        departs: test.p_value.p < warn,
    })
}

/// The same for counts by epoch of weights.
pub(super) fn epochs_against(
    plan: &[Epoch],
    by_epoch: &[ByVariant],
    warn: f64,
) -> Result<BreakdownCounts, Absence> {
    if plan.len() != by_epoch.len() {
        return Err(Absence::NotApplicable);
    }
    let epochs: Vec<EpochCounts<'_>> = plan
        .iter()
        .zip(by_epoch)
        .map(|(epoch, units)| EpochCounts {
            units,
            weights: &epoch.weights,
        })
        .collect();
    held_against(&epochs, warn)
}

/// Corrects the p-values of the lines that are shown for their number. Those withheld are no part of it: what is shown must not
/// tell of them.
fn correct(lines: &mut [BreakdownLine], warn: f64, method: impl Fn(&[PValue]) -> Vec<PValue>) {
    let mut tested: Vec<&mut BreakdownCounts> = lines
        .iter_mut()
        .filter_map(|line| match &mut line.found {
            Known::Value(found) if found.p.is_some() => Some(found),
            _ => None,
        })
        .collect();
    let raw: Vec<PValue> = tested
        .iter()
        .filter_map(|found| found.p)
        .map(|p| PValue {
            p,
            log10_p: libm::log10(p.max(f64::MIN_POSITIVE)),
        })
        .collect();
    for (found, corrected) in tested.iter_mut().zip(method(&raw)) {
        found.p = Some(corrected.p);
        found.departs = corrected.p < warn;
    }
}

/// The counts behind one check, where it ran and counts by part; `itt` are the levels and days of intention to treat.
#[must_use]
pub fn breakdown(context: &Context<'_>, check: &Check, itt: &SplitLines) -> Option<Breakdown> {
    if matches!(check.status, CheckStatus::NotRun | CheckStatus::CouldNotRun) {
        return None;
    }
    let lines = match check.id {
        CheckId::SampleRatio => {
            let mut lines = stage_lines(context, &[CountedStage::Assigned, CountedStage::Itt]);
            lines.extend(itt.segments.iter().chain(&itt.days).cloned());
            lines
        }
        CheckId::SampleRatioExposed => {
            stage_lines(context, &[CountedStage::Itt, CountedStage::Exposed])
        }
        CheckId::SampleRatioBySegment => itt.segments.clone(),
        CheckId::SampleRatioOverTime | CheckId::SampleRatioSequential => itt.days.clone(),
        CheckId::SeveralVariants | CheckId::AsymmetricExclusion => {
            faults::several_variants(context)
        }
        CheckId::Duplicates => faults::duplicates(context),
        CheckId::ExposureRate | CheckId::ContradictingVariant | CheckId::TimeOrder => {
            faults::exposures(context, check.id)
        }
        CheckId::DifferentialMissingness => faults::missing(context),
        CheckId::JoinIntegrity => return faults::joined(context),
        _ => Vec::new(),
    };
    (!lines.is_empty()).then(|| Breakdown {
        counts: "units".to_owned(),
        columns: context.variants().to_vec(),
        lines,
    })
}

/// A stage that assignments or exposures count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CountedStage {
    Assigned,
    Itt,
    Exposed,
}

/// Units at a stage by epoch of weights; `None` where nobody counts them.
pub(super) fn by_epoch<'a>(
    context: &Context<'a>,
    stage: CountedStage,
) -> Option<&'a Vec<ByVariant>> {
    let assignment = context.summary.assignment.as_ref();
    let found = match stage {
        CountedStage::Assigned => &assignment?.by_epoch_before_exclusions,
        CountedStage::Itt => &assignment?.by_epoch,
        CountedStage::Exposed => &context.summary.exposure.as_ref()?.by_epoch,
    };
    found
        .iter()
        .flatten()
        .any(|units| *units > 0)
        .then_some(found)
}

fn stage_lines(context: &Context<'_>, stages: &[CountedStage]) -> Vec<BreakdownLine> {
    stages
        .iter()
        .filter_map(|stage| {
            let counts = by_epoch(context, *stage)?;
            let name = match stage {
                CountedStage::Assigned => "assigned, before exclusions",
                CountedStage::Itt => "intention to treat",
                CountedStage::Exposed => "exposed",
            };
            let warn = context.thresholds.warn_p;
            let found = epochs_against(&context.experiment.epochs, counts, warn);
            let found = found.unwrap_or_else(|_| {
                BreakdownCounts::plain(total(counts, context.variants().len()), None)
            });
            Some(line(BreakdownBy::Stage, name, found))
        })
        .collect()
}

fn line(by: BreakdownBy, name: &str, found: BreakdownCounts) -> BreakdownLine {
    BreakdownLine {
        by,
        name: name.to_owned(),
        found: Known::Value(found),
    }
}
