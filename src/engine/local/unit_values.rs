//! Defines what one unit brings to a metric's cells: its numbers, clipped, or why it brings none.

use super::cap::Limits;
use super::job::Job;
use super::unit_row::Slot;
use super::units::Units;
use crate::domain::definition::{
    Aggregate, Anchor, Conventions, Covariate, Metric, Missing, SeveralVariants, UnitsRule,
};

/// The most quantities a metric has: value, denominator, and either covariates, each with the indicator that it is unknown,
/// or the earlier steps of a funnel.
const WIDTH: usize = 2 + 2 * Metric::COVARIATES;
const _: () = assert!(Metric::STEPS <= WIDTH, "a funnel's steps fit");

/// What a unit brings to a cell.
#[derive(Debug, Clone, Copy)]
pub(super) enum Brought {
    /// Nothing yet: its window is open.
    Open,
    /// Nothing: it has no value, and missing values are left out.
    Missing,
    /// The value of each of its rows, of which there is one at least: [`Recipe::rows`] has them.
    Rows,
    /// Its only quantity. Most metrics have no other, and one number is handed on without being written down.
    One { value: f64, capped: bool },
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

    /// A unit's number in a slot, its missing rule applied.
    #[inline]
    fn number(&self, unit: u32, quantity: &Quantity) -> Option<f64> {
        let value = self.units.value(unit, &quantity.slot);
        match value.filter(|value| value.is_finite()) {
            Some(value) => Some(value),
            None if quantity.missing_is_zero => Some(0.0),
            None => None,
        }
    }
}

/// A number of a unit and what becomes of one that has none.
#[derive(Debug, Clone, Copy)]
struct Quantity {
    slot: Slot,
    missing_is_zero: bool,
}

/// How a metric's quantities are had of a unit in one population, under one set of conventions: everything about it that
/// does not depend on the unit.
#[derive(Debug)]
pub(super) struct Recipe {
    /// Where the window's anchor is and how long after it a unit counts; absent where all units count.
    matures: Option<(From, i64)>,
    as_of: i64,
    /// Value (or numerator) and denominator, each with the limit it is clipped at.
    sides: Vec<(Quantity, Option<f64>)>,
    covariates: Vec<(Quantity, Option<f64>)>,
    /// Of a funnel: the steps before the last. Its value is whether every step was first taken no earlier than the one before.
    steps: Vec<Quantity>,
    /// The value in each part of the window since entry.
    parts: Vec<Quantity>,
}

/// The recipes of every metric in one population.
#[derive(Debug)]
pub(super) struct Recipes(Vec<OfVariants>);

/// The recipe of one metric: one for all variants, or one of each where they are clipped at limits of their own.
#[derive(Debug)]
pub(super) struct OfVariants(Vec<Recipe>);

impl Recipes {
    /// By the limits of each metric, once for all variants or of each.
    pub(super) fn new(
        job: &Job<'_>,
        conventions: &Conventions,
        from: From,
        limits: &[Vec<Limits>],
    ) -> Self {
        let metrics = limits.iter().enumerate();
        Self(
            metrics
                .map(|(metric, limits)| {
                    let limits = limits.iter();
                    OfVariants(
                        limits
                            .map(|limits| Recipe::new(job, conventions, metric, from, *limits))
                            .collect(),
                    )
                })
                .collect(),
        )
    }

    /// Of each metric.
    pub(super) fn all(&self) -> impl Iterator<Item = &OfVariants> {
        self.0.iter()
    }
}

impl OfVariants {
    /// The number of parts of the window that are followed.
    pub(super) fn parts(&self) -> usize {
        self.0.first().map_or(0, Recipe::parts)
    }

    /// That of a variant.
    #[inline]
    pub(super) fn of(&self, variant: u8) -> &Recipe {
        match self.0.as_slice() {
            [all] => all,
            of_variants => &of_variants[usize::from(variant)],
        }
    }
}

impl Recipe {
    /// The recipe of a metric in the population that is entered at `from`.
    pub(super) fn new(
        job: &Job<'_>,
        conventions: &Conventions,
        metric: usize,
        from: From,
        limits: Limits,
    ) -> Self {
        let plan = job.plan;
        let planned = &plan.metrics[metric];
        let window = planned.metric.window.as_ref();
        let matures = window
            .filter(|_| plan.units_rule(metric, conventions) != UnitsRule::All)
            .map(|window| match window.anchor {
                Anchor::Entry => (from, window.end.0),
                Anchor::Assignment => (From::Assignment, window.end.0),
            });
        let quantity = |declaration: usize, from: From| {
            let slots = &job.declared[declaration];
            Quantity {
                slot: match (from, slots.exposed) {
                    (From::Exposure, Some(exposed)) => exposed,
                    _ => slots.assigned,
                },
                missing_is_zero: plan.declarations[declaration].missing == Missing::Zero,
            }
        };
        let sides = [(planned.value, limits.0), (planned.denominator, limits.1)];
        let sides = sides.into_iter().filter_map(|(declaration, limit)| {
            declaration.map(|declaration| (quantity(declaration, from), limit))
        });
        // The same quantity before assignment is clipped where the value is; anything else is another quantity.
        let is_same =
            |covariate: &Covariate| matches!(covariate, Covariate::PrePeriod { value: None, .. });
        let covariates = planned.covariates.iter().zip(&planned.metric.covariates);
        let each = |declarations: &[usize]| {
            let declarations = declarations.iter();
            declarations
                .map(|declaration| quantity(*declaration, from))
                .collect()
        };
        Self {
            matures: matures.filter(|_| job.instant().is_some()),
            as_of: job.instant().unwrap_or(i64::MAX),
            sides: sides.collect(),
            covariates: covariates
                .map(|(declaration, covariate)| {
                    let limit = limits.0.filter(|_| is_same(covariate));
                    (quantity(*declaration, From::Assignment), limit)
                })
                .collect(),
            steps: each(&planned.steps),
            parts: each(&planned.parts),
        }
    }

    /// Whether a unit's window has ended.
    #[inline]
    pub(super) fn is_matured(&self, values: UnitValues<'_>, unit: u32) -> bool {
        self.matures.is_none_or(|(from, end)| {
            let anchor = values.entry(unit, from);
            anchor.is_none_or(|anchor| anchor.saturating_add(end) <= self.as_of)
        })
    }

    /// A unit's numerator, or denominator, before it is clipped.
    pub(super) fn side(&self, values: UnitValues<'_>, unit: u32, side: usize) -> Option<f64> {
        let (quantity, _) = self.sides.get(side)?;
        values.number(unit, quantity)
    }

    /// What a unit brings to the cells of the metric.
    #[inline]
    pub(super) fn brought(&self, values_of: UnitValues<'_>, unit: u32) -> Brought {
        if !self.is_matured(values_of, unit) {
            return Brought::Open;
        }
        if !self.steps.is_empty() {
            return self.funnel(values_of, unit);
        }
        if let ([(quantity, limit)], []) = (self.sides.as_slice(), self.covariates.as_slice()) {
            if quantity.slot.aggregate == Aggregate::Each {
                return if self.rows(values_of, unit).is_empty() {
                    Brought::Missing
                } else {
                    Brought::Rows
                };
            }
            return match values_of.number(unit, quantity) {
                None => Brought::Missing,
                Some(value) => {
                    let clipped = limit.map_or(value, |limit| value.min(limit));
                    Brought::One {
                        value: clipped,
                        capped: clipped < value,
                    }
                }
            };
        }
        let (mut values, mut width, mut capped) = ([0.0; WIDTH], 0, false);
        for (quantity, limit) in &self.sides {
            let Some(value) = values_of.number(unit, quantity) else {
                return Brought::Missing;
            };
            let clipped = limit.map_or(value, |limit| value.min(limit));
            capped |= clipped < value;
            values[width] = clipped;
            width += 1;
        }
        for (quantity, limit) in &self.covariates {
            let covariate = values_of.number(unit, quantity);
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

    /// The value of each of a unit's rows, where the metric is over rows.
    pub(super) fn rows<'a>(&self, values_of: UnitValues<'a>, unit: u32) -> &'a [f64] {
        let slot = self.sides.first().map(|(quantity, _)| &quantity.slot);
        slot.map_or(&[], |slot| values_of.units.each(unit, slot))
    }

    /// How far a unit came: the value is 1 where it took every step, and so is each earlier step that it reached, its first
    /// time no earlier than the first time of the step before.
    fn funnel(&self, values_of: UnitValues<'_>, unit: u32) -> Brought {
        let (mut values, mut reached) = ([0.0; WIDTH], true);
        let mut before = i64::MIN;
        let last = self.sides.first().map(|(quantity, _)| quantity);
        for (position, quantity) in self.steps.iter().chain(last).enumerate() {
            let first = values_of.units.instant(unit, &quantity.slot);
            reached &= first.is_some_and(|first| first >= before);
            before = first.unwrap_or(i64::MAX);
            let place = if position == self.steps.len() {
                0
            } else {
                position + 1
            };
            values[place] = f64::from(u8::from(reached));
        }
        Brought::Values {
            values,
            width: 1 + self.steps.len(),
            capped: false,
        }
    }

    fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The value of a unit in each part of the window, into `values`; nothing where its window is open.
    pub(super) fn in_parts(
        &self,
        values_of: UnitValues<'_>,
        unit: u32,
        values: &mut Vec<f64>,
    ) -> bool {
        values.clear();
        if !self.is_matured(values_of, unit) {
            return false;
        }
        let parts = self.parts.iter();
        values.extend(parts.map(|quantity| values_of.number(unit, quantity).unwrap_or(0.0)));
        true
    }
}
