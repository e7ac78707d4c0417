//! Defines the stages of the data's way at which units are held against the plan, and where a mismatch begins.

use crate::checks::Context;
use crate::checks::allocation::single_weights;
use crate::checks::breakdown::{CountedStage, by_epoch, epochs_against};
use crate::domain::definition::{Epoch, Role};
use crate::domain::evidence::{ByVariant, Cell, Partition, Slice};
use crate::domain::result::{Absence, BreakdownCounts, Known, SplitStage, StageSplit};

/// Units at every stage, in order.
pub(super) fn of(context: &Context<'_>) -> Vec<StageSplit> {
    SplitStage::ALL
        .iter()
        .map(|stage| StageSplit {
            stage: *stage,
            found: Known::from(at(context, *stage)),
        })
        .collect()
}

/// The first stage whose units depart from the plan.
pub(super) fn begins(stages: &[StageSplit]) -> Option<SplitStage> {
    let departing = stages.iter().find(|stage| {
        let found = stage.found.value();
        found.is_some_and(|found| found.departs)
    });
    departing.map(|stage| stage.stage)
}

fn at(context: &Context<'_>, stage: SplitStage) -> Result<BreakdownCounts, Absence> {
    let epochs = &context.experiment.epochs;
    if epochs.is_empty() {
        return Err(Absence::NotPlanned);
    }
    let warn = context.thresholds.warn_p;
    let counted = |stage| {
        let counts = by_epoch(context, stage).ok_or(Absence::NoUnits)?;
        epochs_against(epochs, counts, warn)
    };
    match stage {
        SplitStage::Assigned => counted(CountedStage::Assigned),
        SplitStage::Itt if context.summary.assignment.is_none() => {
            epochs_against(epochs, &[context.units()], warn)
        }
        SplitStage::Itt => counted(CountedStage::Itt),
        SplitStage::Exposed if context.summary.exposure.is_none() => Err(Absence::NoExposures),
        SplitStage::Exposed if !context.experiment.exposure.control_can_be_exposed => {
            Err(Absence::NotApplicable)
        }
        SplitStage::Exposed => counted(CountedStage::Exposed),
        SplitStage::WithValue => {
            let primary = context
                .metrics
                .iter()
                .position(|planned| planned.role == Role::Primary)
                .ok_or(Absence::NotApplicable)?;
            let (plan, counts) = units_with_value(context, primary, Partition::Itt);
            epochs_against(&plan, &counts, warn)
        }
    }
}

/// Units with a value of a metric by epoch of weights, and the epochs; one of each where the weights never changed.
pub(super) fn units_with_value(
    context: &Context<'_>,
    metric: usize,
    partition: Partition,
) -> (Vec<Epoch>, Vec<ByVariant>) {
    let units = |slice: &Slice| -> ByVariant {
        (0..context.variants().len())
            .map(|variant| {
                let cell = context.summary.cell(metric, partition, slice, variant);
                cell.map_or(0, Cell::units)
            })
            .collect()
    };
    let epochs = &context.experiment.epochs;
    if single_weights(context).is_some() {
        return (epochs[..1].to_vec(), vec![units(&Slice::All)]);
    }
    let counts = (0..epochs.len()).map(|epoch| units(&Slice::Epoch(epoch)));
    (epochs.clone(), counts.collect())
}
