//! Defines what one unit brings to a metric's cells: its numbers, clipped, or why it brings none.

use super::cap::Limits;
use super::job::Job;
use super::units::Units;
use crate::domain::definition::{
    Anchor, Conventions, Covariate, Missing, SeveralVariants, UnitsRule,
};

/// The most quantities a metric has: value, denominator, covariate and the indicator that it is unknown.
const WIDTH: usize = 4;

/// What a unit brings to a cell.
#[derive(Debug, Clone, Copy)]
pub(super) enum Brought {
    /// Nothing yet: its window is open.
    Open,
    /// Nothing: it has no value, and missing values are left out.
    Missing,
    /// Its quantities, the first `width` of them.
    Values {
        values: [f64; WIDTH],
        width: usize,
        capped: bool,
    },
}

/// Which anchor a unit's numbers are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    Assignment,
    Exposure,
}

/// The numbers of a shard's units under one set of conventions.
#[derive(Clone, Copy)]
pub(super) struct UnitValues<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) conventions: &'a Conventions,
    pub(super) units: &'a Units,
}

impl UnitValues<'_> {
    /// The variants a unit counts in.
    #[inline]
    pub(super) fn variants(&self, unit: u32) -> impl Iterator<Item = u8> + use<> {
        let rule = self.conventions.several_variants;
        let first = 1_u64 << self.units.variant(unit);
        let mut counted = match rule {
            SeveralVariants::Exclude if self.units.is_in_several(unit) => 0,
            SeveralVariants::Exclude | SeveralVariants::FirstSeen => first,
            SeveralVariants::KeepInBoth => self.units.variants(unit),
        };
        std::iter::from_fn(move || {
            let next = u8::try_from(counted.trailing_zeros()).ok();
            let next = next.filter(|_| counted != 0);
            counted &= counted.wrapping_sub(1);
            next
        })
    }

    /// Whether a unit counts in any variant.
    #[inline]
    pub(super) fn counts(&self, unit: u32) -> bool {
        self.conventions.several_variants != SeveralVariants::Exclude
            || !self.units.is_in_several(unit)
    }

    /// When a unit entered a population, if it did.
    #[inline]
    pub(super) fn entry(&self, unit: u32, from: From) -> Option<i64> {
        match from {
            From::Assignment => Some(self.units.assigned_at(unit)),
            From::Exposure => self.units.exposed_at(unit),
        }
    }

    /// The anchor of a unit's window.
    fn anchor(&self, metric: usize, unit: u32, from: From) -> Option<i64> {
        let window = self.job.plan.metrics[metric].metric.window.as_ref();
        let follows_entry = window.is_none_or(|window| window.anchor == Anchor::Entry);
        self.entry(
            unit,
            if follows_entry {
                from
            } else {
                From::Assignment
            },
        )
    }

    pub(super) fn is_matured(&self, metric: usize, unit: u32, from: From) -> bool {
        let plan = self.job.plan;
        if plan.units_rule(metric, self.conventions) == UnitsRule::All {
            return true;
        }
        let Some(window) = &plan.metrics[metric].metric.window else {
            return true;
        };
        let (Some(anchor), Some(as_of)) = (self.anchor(metric, unit, from), self.job.instant())
        else {
            return true;
        };
        anchor.saturating_add(window.end.0) <= as_of
    }

    /// A unit's number for a declaration, its missing rule applied.
    #[inline]
    pub(super) fn value(&self, declaration: usize, unit: u32, from: From) -> Option<f64> {
        let slots = &self.job.declared[declaration];
        let slot = match (from, &slots.exposed) {
            (From::Exposure, Some(exposed)) => exposed,
            _ => &slots.assigned,
        };
        let value = self.units.value(unit, slot);
        match value.filter(|value| value.is_finite()) {
            Some(value) => Some(value),
            None if self.job.plan.declarations[declaration].missing == Missing::Zero => Some(0.0),
            None => None,
        }
    }

    /// What a unit brings to the cells of a metric.
    pub(super) fn brought(&self, metric: usize, unit: u32, from: From, limits: Limits) -> Brought {
        if !self.is_matured(metric, unit, from) {
            return Brought::Open;
        }
        let planned = &self.job.plan.metrics[metric];
        let (mut values, mut width, mut capped) = ([0.0; WIDTH], 0, false);
        for (declaration, limit) in [(planned.value, limits.0), (planned.denominator, limits.1)] {
            let Some(declaration) = declaration else {
                continue;
            };
            let Some(value) = self.value(declaration, unit, from) else {
                return Brought::Missing;
            };
            let clipped = limit.map_or(value, |limit| value.min(limit));
            capped |= clipped < value;
            values[width] = clipped;
            width += 1;
        }
        if let Some(declaration) = planned.covariate {
            // The same quantity before assignment is clipped where the value is; an attribute is another quantity.
            let is_same = matches!(planned.metric.covariate, Some(Covariate::PrePeriod { .. }));
            let limit = limits.0.filter(|_| is_same);
            let covariate = self.value(declaration, unit, From::Assignment);
            values[width] =
                covariate.map_or(0.0, |value| limit.map_or(value, |limit| value.min(limit)));
            values[width + 1] = f64::from(u8::from(covariate.is_none()));
            width += 2;
        }
        Brought::Values {
            values,
            width,
            capped,
        }
    }
}
