//! Defines what one unit brings to a metric's cells: its numbers, clipped, or why it brings none.

use std::collections::HashMap;

use super::cap;
use super::read::{From, Members, Read};
use super::rows::Declared;
use crate::domain::definition::{
    Anchor, Application, Cap, Conventions, Covariate, Missing, UnitsRule,
};
use crate::plan::Plan;

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

/// What value (or numerator) and denominator are clipped at.
pub(super) type Limits = (Option<f64>, Option<f64>);

/// The numbers of units under one set of conventions.
pub(super) struct UnitValues<'a> {
    plan: &'a Plan,
    read: &'a Read,
    conventions: &'a Conventions,
    /// By position in the plan.
    declared: HashMap<usize, &'a Declared>,
}

impl<'a> UnitValues<'a> {
    pub(super) fn new(plan: &'a Plan, read: &'a Read, conventions: &'a Conventions) -> Self {
        let declared = read
            .readers()
            .flat_map(|reader| &reader.declared)
            .map(|declared| (declared.position, declared))
            .collect();
        Self {
            plan,
            read,
            conventions,
            declared,
        }
    }

    /// The limits of value and denominator.
    pub(super) fn limits(&self, metric: usize, members: &Members<'_>) -> Limits {
        let planned = &self.plan.metrics[metric];
        let applies = self.conventions.cap == Application::AsDefined;
        let Some(cap) = planned.metric.cap.filter(|_| applies) else {
            return (None, None);
        };
        let values = |declaration: Option<usize>| -> Option<f64> {
            let declaration = declaration?;
            if let Cap::Value(_) = cap {
                return cap::limit(cap, &mut []);
            }
            let mut values: Vec<f64> = self
                .read
                .units()
                .filter(|unit| members.counts(*unit))
                .filter(|unit| self.is_matured(metric, *unit, From::Assignment))
                .filter_map(|unit| self.value(declaration, unit, From::Assignment))
                .collect();
            cap::limit(cap, &mut values)
        };
        // A fixed limit is in the unit of the numerator; a quantile is found for each part by itself.
        let denominator = if matches!(cap, Cap::Quantile(_)) {
            values(planned.denominator)
        } else {
            None
        };
        (values(planned.value), denominator)
    }

    /// The anchor of a unit's window.
    fn anchor(&self, metric: usize, unit: u32, from: From) -> Option<i64> {
        let units = &self.read.assigned.units;
        let entry = self.plan.metrics[metric]
            .metric
            .window
            .as_ref()
            .is_none_or(|window| window.anchor == Anchor::Entry);
        match from {
            From::Exposure if entry => units
                .exposures
                .get(unit as usize)
                .and_then(|exposure| exposure.first),
            From::Exposure | From::Assignment => Some(units.assigned_at[unit as usize]),
        }
    }

    fn is_matured(&self, metric: usize, unit: u32, from: From) -> bool {
        if self.plan.units_rule(metric, self.conventions) == UnitsRule::All {
            return true;
        }
        let Some(window) = &self.plan.metrics[metric].metric.window else {
            return true;
        };
        let (Some(anchor), Some(as_of)) =
            (self.anchor(metric, unit, from), self.read.as_of.instant)
        else {
            return true;
        };
        anchor.saturating_add(window.end.0) <= as_of.0
    }

    /// A unit's number for a declaration, its missing rule applied.
    fn value(&self, declaration: usize, unit: u32, from: From) -> Option<f64> {
        let declared = self.declared.get(&declaration)?;
        let accumulator = match (from, &declared.exposed) {
            (From::Exposure, Some(exposed)) => exposed,
            _ => &declared.assigned,
        };
        let missing = self.plan.declarations[declaration].missing;
        match accumulator.value(unit).filter(|value| value.is_finite()) {
            Some(value) => Some(value),
            None if missing == Missing::Zero => Some(0.0),
            None => None,
        }
    }

    /// What a unit brings to the cells of a metric.
    pub(super) fn brought(&self, metric: usize, unit: u32, from: From, limits: Limits) -> Brought {
        if !self.is_matured(metric, unit, from) {
            return Brought::Open;
        }
        let planned = &self.plan.metrics[metric];
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
