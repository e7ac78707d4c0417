//! Defines one metric in one population as its cells: by slice and variant, small ones hidden.
//!
//! It refuses to compare them.

use super::suppression::{self, Suppressed};
use super::{Extent, Request};
use crate::domain::definition::{Experiment, Population};
use crate::domain::evidence::{
    Cell, Evidence, JointSums, Layout, Moments, Partition, Slice, Summary,
};
use crate::domain::result::Absence;
use crate::stats::{Beside, Side};

/// The slice that every view has, made or not.
static WHOLE: Slice = Slice::All;

/// One metric in one population.
pub(super) struct View<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) summary: &'a Summary,
    pub(super) metric: usize,
    pub(super) population: Population,
    extent: Extent,
    /// Why there is nothing at all, where there is nothing.
    nothing: Option<Absence>,
    pub(super) layout: Layout,
    pub(super) slices: Vec<SliceView<'a>>,
}

/// The cells of one slice, a variant each.
pub(super) struct SliceView<'a> {
    pub(super) slice: &'a Slice,
    suppressed: bool,
    pub(super) variants: Vec<VariantCell<'a>>,
}

/// The cell of one variant.
pub(super) struct VariantCell<'a> {
    pub(super) cell: Option<&'a Cell>,
    pub(super) moments: Moments,
    /// Over clusters, where units nest in them.
    clusters: Option<Moments>,
}

impl<'a> VariantCell<'a> {
    /// A cell that was never made is an empty one.
    fn new(cell: Option<&'a Cell>, layout: Layout) -> Self {
        Self {
            cell,
            moments: cell.map_or_else(|| Cell::empty(layout).moments(), Cell::moments),
            clusters: cell
                .and_then(|cell| cell.further.clusters.as_ref())
                .map(JointSums::moments),
        }
    }

    /// What is compared.
    pub(super) fn side(&self) -> Side<'_> {
        Side {
            moments: &self.moments,
            order: self.cell.and_then(|cell| cell.order.as_ref()),
            clusters: self.clusters.as_ref(),
        }
    }

    /// Whether there are units, and no clusters of them.
    pub(super) const fn clusters_are_unknown(&self) -> bool {
        self.cell.is_some() && self.clusters.is_none()
    }

    /// Units that contribute.
    pub(super) fn units(&self) -> u64 {
        self.cell.map_or(0, Cell::units)
    }

    /// Why there is no unit here, where there is none.
    pub(super) fn without_units(&self) -> Absence {
        match self.cell {
            Some(cell) if cell.missing > 0 => Absence::AllMissing,
            Some(cell) if cell.open > 0 => Absence::NoneMatured,
            Some(_) | None => Absence::NoUnits,
        }
    }
}

impl<'a> View<'a> {
    pub(super) fn new(
        request: &'a Request<'a>,
        summary: &'a Summary,
        metric: usize,
        population: Population,
        extent: Extent,
    ) -> Self {
        let partition = Partition::from(population);
        let layout = layout(request.experiment, summary, metric, partition);
        let nothing = (population == Population::Exposed && summary.exposure.is_none())
            .then_some(Absence::NoExposures);
        let variants = request.experiment.variants.len();
        let mut cells = vec![(&WHOLE, vec![None; variants])];
        for (key, cell) in summary.cells_of(metric, partition) {
            let is_read = match (&key.slice, extent) {
                (Slice::All, _) => true,
                (_, Extent::Headlines) => break,
                (Slice::Segment { .. } | Slice::EntryDay(_), _) => true,
                // Epochs are evidence for the whole, which is stratified by them; they are no slices to be read.
                (Slice::Epoch(_), _) => false,
            };
            if !is_read {
                continue;
            }
            // Variants of one slice stand together.
            if cells.last().is_none_or(|(slice, _)| **slice != key.slice) {
                cells.push((&key.slice, vec![None; variants]));
            }
            if let Some((_, of_variants)) = cells.last_mut()
                && let Some(place) = of_variants.get_mut(key.variant)
            {
                *place = Some(cell);
            }
        }
        let told = match population {
            Population::Itt => None,
            Population::Exposed => Some((summary, metric)),
        };
        let suppressed = suppressed(&cells, told, request.privacy.min_cell);
        let slices = cells
            .into_iter()
            .map(|(slice, cells)| SliceView {
                suppressed: suppressed.contains(slice),
                slice,
                variants: cells
                    .into_iter()
                    .map(|cell| VariantCell::new(cell, layout))
                    .collect(),
            })
            .collect();
        Self {
            request,
            summary,
            metric,

            population,
            extent,
            nothing,
            layout,
            slices,
        }
    }

    /// The cell of a variant over the whole of a partition, which may be another population's.
    pub(super) fn whole(&self, partition: Partition, variant: usize) -> Option<&'a Cell> {
        let summary = self.summary;
        summary.cell(self.metric, partition, &Slice::All, variant)
    }

    /// What is said beside an effect: of slices its parts alone are enough, and a readout of many stays small.
    pub(super) fn beside(&self, slice: &Slice) -> Beside {
        match (self.extent, slice) {
            (Extent::Headlines, _) => Beside::Nothing,
            (Extent::Everything, Slice::All) => Beside::Everything,
            (Extent::Everything, _) => Beside::Parts,
        }
    }

    /// Whether a slice is the whole of the population, and is shown.
    pub(super) fn shows_whole(&self, slice: &SliceView<'_>) -> bool {
        *slice.slice == Slice::All && self.hidden(slice).is_none()
    }

    /// Why a slice shows nothing, whatever its cells hold.
    pub(super) fn hidden(&self, slice: &SliceView<'_>) -> Option<Absence> {
        self.nothing
            .or_else(|| slice.suppressed.then_some(Absence::Suppressed))
    }
}

/// The metric's layout. Published moments are plain: they carry no covariate.
fn layout(
    experiment: &Experiment,
    summary: &Summary,
    metric: usize,
    partition: Partition,
) -> Layout {
    let layout = summary.layouts.get(metric).copied().unwrap_or_default();
    let published = (0..experiment.variants.len()).any(|variant| {
        summary
            .cell(metric, partition, &Slice::All, variant)
            .is_some_and(|cell| matches!(cell.evidence, Evidence::Published(_)))
    });
    Layout {
        covariates: if published { 0 } else { layout.covariates },
        ..layout
    }
}

/// The slices to withhold, by the units of their cells. Of the exposed, `beside` is where itt stands, from which they could be
/// subtracted: a cell that lacks only a few of itt's units tells those. Where the whole does, nothing of the exposed is shown.
fn suppressed(
    cells: &[(&Slice, Vec<Option<&Cell>>)],
    beside: Option<(&Summary, usize)>,
    min_cell: u64,
) -> Suppressed {
    let told = |slice: &Slice, variant: usize, cell: Option<&Cell>| {
        let units = cell.map_or(0, Cell::units);
        let itt = beside
            .and_then(|(summary, metric)| summary.cell(metric, Partition::Itt, slice, variant));
        match itt.map(|itt| itt.units().abs_diff(units)) {
            Some(others @ 1..) => units.min(others),
            Some(0) | None => units,
        }
    };
    let counts: Vec<(&Slice, Vec<u64>)> = cells
        .iter()
        .map(|(slice, cells)| {
            let cells = cells.iter().enumerate();
            let units = cells.map(|(variant, cell)| told(slice, variant, *cell));
            (*slice, units.collect())
        })
        .collect();
    if !counts
        .iter()
        .any(|(_, units)| units.iter().any(|units| *units < min_cell))
    {
        return Suppressed::new();
    }
    let is_few = |units: &u64| (1..min_cell).contains(units);
    let tells_few =
        |(slice, units): &&(&Slice, Vec<u64>)| **slice == Slice::All && units.iter().any(is_few);
    if beside.is_some() && counts.iter().any(|counts| tells_few(&counts)) {
        return cells.iter().map(|(slice, _)| (*slice).clone()).collect();
    }
    suppression::of(counts.into_iter(), min_cell)
}
