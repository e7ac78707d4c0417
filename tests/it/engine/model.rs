//! A slow, obvious reading of a world, written from the definitions and not from the engine: rows in vectors, a unit at a
//! time, nothing merged and nothing shared. Whole numbers throughout, so that most comparisons are exact.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "worlds hold a handful of small whole numbers"
)]

use std::collections::{BTreeMap, BTreeSet};

use readout::domain::definition::{
    Aggregate, Anchor, Cap, CapForm, Covariate, Literal, Metric, Missing, SeveralVariants,
    UnitsRule, Value,
};
use readout::domain::evidence::Partition;

use super::contracts::Breaks;
use super::reading::{aggregated, keeps};
use super::worlds::{EventRow, Keys, MINUTE, Read, START, World};

/// What became of rows: (table, variant or "", outcome) → rows.
pub(super) type Ledger = BTreeMap<(&'static str, String, String), u64>;

/// What a cell should hold: units left out, units clipped, and the quantities of those that contribute.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub(super) open: u64,
    pub(super) missing: u64,
    pub(super) capped: u64,
    pub(super) units: Vec<Vec<f64>>,
    /// Of a quantile over rows: the values of those rows, of each unit.
    pub(super) rows: Vec<Vec<f64>>,
    /// The value in each part of the window, of those whose window has ended.
    pub(super) parts: Vec<Vec<f64>>,
}

/// A unit with a valid assignment.
#[derive(Debug, Default)]
struct Unit {
    /// Every assignment: when, and to what.
    assigned: BTreeSet<(i64, String)>,
    /// Valid exposures.
    valid: Vec<i64>,
    /// Exposures of the unit's own variant before its assignment.
    earlier: u64,
    /// Exposures to a variant it was never assigned to.
    foreign: u64,
    /// Any other exposure that does not count.
    invalid: u64,
    /// Rules of the contract that reject an exposure or event of it.
    rejected: BTreeSet<String>,
}

impl Unit {
    fn assigned_at(&self) -> i64 {
        self.assigned.iter().next().unwrap().0
    }

    /// Earliest assignment, ties to the smallest label: the order of the set.
    fn first_seen(&self) -> &str {
        &self.assigned.iter().next().unwrap().1
    }

    fn labels(&self) -> BTreeSet<&str> {
        self.assigned
            .iter()
            .map(|(_, label)| label.as_str())
            .collect()
    }

    fn only_invalid(&self) -> bool {
        self.valid.is_empty() && self.earlier + self.foreign + self.invalid > 0
    }
}

/// The reading.
pub(super) struct Model<'w> {
    world: &'w World,
    units: BTreeMap<&'static str, Unit>,
    /// Whoever was assigned without being eligible: when first, and which variant, by its position.
    ineligible: BTreeMap<&'static str, (i64, usize)>,
    pub(super) ledger: Ledger,
    pub(super) used_assignments: u64,
    pub(super) duplicate_assignments: u64,
    pub(super) exposure_rows: u64,
    pub(super) orphan_exposures: u64,
}

/// A window: where it starts counting, its first minute and the first after it.
type Offsets = (Anchor, i64, i64);

/// Units by variant, in the experiment's order.
pub(super) type ByVariant = Vec<u64>;

impl<'w> Model<'w> {
    pub(super) fn of(world: &'w World) -> Self {
        let mut model = Self {
            world,
            units: BTreeMap::new(),
            ineligible: BTreeMap::new(),
            ledger: Ledger::new(),
            used_assignments: 0,
            duplicate_assignments: 0,
            exposure_rows: 0,
            orphan_exposures: 0,
        };
        model.read_assignments();
        model.read_exposures();
        model.read_events();
        model
    }

    fn enter(&mut self, table: &'static str, variant: &str, outcome: &str) {
        let key = (table, variant.to_owned(), outcome.to_owned());
        *self.ledger.entry(key).or_default() += 1;
    }

    /// Counts a row for the rules that only count it, and names the first that rejects it.
    fn hold(
        &mut self,
        table: &'static str,
        line: &str,
        breaks: impl Fn(Breaks) -> bool,
    ) -> Option<&'w str> {
        let world = self.world;
        let mut first = None;
        for held in &world.contract {
            if !breaks(held.breaks) {
                continue;
            }
            let id = held.rule.id.as_str();
            if held.rule.reject {
                first = first.or(Some(id));
            } else {
                let key = (table, line.to_owned(), format!("counted {id}"));
                *self.ledger.entry(key).or_default() += 1;
            }
        }
        first
    }

    /// Units in itt with a rejected exposure or event, by rule and epoch.
    pub(super) fn units_rejected(&self) -> Vec<(String, Vec<ByVariant>)> {
        let rules = self.world.contract.iter().map(|held| &held.rule);
        rules
            .filter(|rule| rule.reject && rule.table != "assignments")
            .map(|rule| {
                let units = self.by_epoch(|unit| unit.rejected.contains(rule.id.as_str()));
                (rule.id.to_string(), units)
            })
            .collect()
    }

    /// Minutes since the start of the world at which nothing is known any more.
    fn as_of(&self) -> i64 {
        (self.world.as_of.0 - START) / MINUTE
    }

    fn is_known(&self, variant: &str) -> bool {
        self.world
            .experiment
            .variants
            .iter()
            .any(|id| id == variant)
    }

    /// Why a keyed row is not this experiment's, or cannot be read: its variant's line, and the outcome.
    fn key_problem(&self, keys: &Keys) -> Option<(&'static str, &'static str)> {
        let line = if self.is_known(keys.variant) {
            keys.variant
        } else {
            ""
        };
        match keys.experiment {
            "" => return Some(("", "null-experiment")),
            "other" => return Some(("", "other-experiment")),
            _ => {}
        }
        match (keys.version, keys.unit, keys.variant) {
            ("2", _, _) => Some(("", "other-version")),
            (_, "", _) => Some((line, "null-unit-id")),
            (_, "null" | "0" | "n/a", _) => Some((line, "placeholder-unit-id")),
            (_, _, "") => Some(("", "null-variant")),
            _ if line.is_empty() => Some(("", "unknown-variant")),
            _ => None,
        }
    }

    fn read_assignments(&mut self) {
        let experiment = &self.world.experiment;
        let minutes = |at: readout::domain::definition::Timestamp| (at.0 - START) / MINUTE;
        let mut rows = BTreeSet::new();
        for row in &self.world.assignments {
            let variant = row.keys.variant;
            let problem = self.key_problem(&row.keys);
            let broken = match problem {
                Some(_) => None,
                None => self.hold(
                    "assignments",
                    variant,
                    |breaks| matches!(breaks, Breaks::Assignment(breaks) if breaks(row)),
                ),
            };
            let problem = problem.or(broken.map(|rule| (variant, rule)));
            let (line, outcome) = match (problem, row.at) {
                (Some(problem), _) => problem,
                (None, Read::Bad) => (variant, "bad-timestamp"),
                (None, Read::Null) => (variant, "null-timestamp"),
                (None, Read::Good(at)) => {
                    let before = experiment.start.is_some_and(|start| at < minutes(start));
                    let after = |stop: Option<_>| stop.is_some_and(|stop| at >= minutes(stop));
                    if before || after(experiment.end) || after(experiment.enrol_stop) {
                        (variant, "outside-dates")
                    } else if at >= self.as_of() {
                        (variant, "after-as-of")
                    } else if !experiment.eligibility.filters.is_empty() && row.platform != "web" {
                        let variants = &experiment.variants;
                        let position = variants.iter().position(|known| known == variant);
                        let entry = (at, position.unwrap());
                        let first = self.ineligible.entry(row.keys.unit).or_insert(entry);
                        *first = entry.min(*first);
                        (variant, "not-eligible")
                    } else {
                        let unit = self.units.entry(row.keys.unit).or_default();
                        unit.assigned.insert((at, variant.to_owned()));
                        self.used_assignments += 1;
                        if !rows.insert((row.keys.unit, at, variant)) {
                            self.duplicate_assignments += 1;
                        }
                        (variant, "used")
                    }
                }
            };
            self.enter("assignments", line, outcome);
        }
    }

    /// Units that were assigned without being eligible, where anybody has to be.
    pub(super) fn ineligible(&self) -> Option<ByVariant> {
        let experiment = &self.world.experiment;
        let mut units = vec![0; experiment.variants.len()];
        for (_, variant) in self.ineligible.values() {
            units[*variant] += 1;
        }
        (!experiment.eligibility.filters.is_empty()).then_some(units)
    }

    fn leaves_out(&self, unit: &Unit) -> bool {
        self.world.conventions.several_variants == SeveralVariants::Exclude
            && unit.labels().len() > 1
    }

    fn read_exposures(&mut self) {
        for row in &self.world.exposures {
            let problem = self.key_problem(&row.keys);
            let broken = match problem {
                Some(_) => None,
                None => self.hold(
                    "exposures",
                    row.keys.variant,
                    |breaks| matches!(breaks, Breaks::Exposure(breaks) if breaks(row)),
                ),
            };
            if let (Some(rule), Some(unit)) = (broken, self.units.get_mut(row.keys.unit)) {
                unit.rejected.insert(rule.to_owned());
            }
            let problem = problem.or(broken.map(|rule| (row.keys.variant, rule)));
            let (line, outcome) = match (problem, row.at) {
                (Some(problem), _) => problem,
                (None, Read::Bad) => (row.keys.variant, "bad-timestamp"),
                (None, Read::Null) => (row.keys.variant, "null-timestamp"),
                (None, Read::Good(at)) => (
                    row.keys.variant,
                    self.judge_exposure(&row.keys, at, row.kind),
                ),
            };
            self.enter("exposures", line, outcome);
        }
    }

    fn judge_exposure(&mut self, keys: &Keys, at: i64, kind: &str) -> &'static str {
        let experiment = &self.world.experiment;
        let types = &experiment.exposure.types;
        if at >= self.as_of() {
            return "after-as-of";
        }
        if experiment
            .end
            .is_some_and(|end| at * MINUTE + START >= end.0)
        {
            return "outside-dates";
        }
        if !types.is_empty() && !types.iter().any(|known| known == kind) {
            return "other-type";
        }
        self.exposure_rows += 1;
        let leaves_out = self
            .units
            .get(keys.unit)
            .is_some_and(|unit| self.leaves_out(unit));
        let Some(unit) = self.units.get_mut(keys.unit) else {
            if self.ineligible.contains_key(keys.unit) {
                return "not-eligible";
            }
            self.orphan_exposures += 1;
            return "other-unit";
        };
        if leaves_out {
            return "several-variants";
        }
        if !unit.labels().contains(keys.variant) {
            unit.foreign += 1;
            return "other-variant";
        }
        if unit.first_seen() != keys.variant {
            unit.invalid += 1;
            return "other-variant";
        }
        if at < unit.assigned_at() - 5 {
            unit.earlier += 1;
            return "before-assignment";
        }
        if experiment
            .exposure
            .within
            .is_some_and(|within| at >= unit.assigned_at() + within.0 / MINUTE)
        {
            unit.invalid += 1;
            return "too-late";
        }
        unit.valid.push(at);
        "used"
    }

    /// Every value that some metric takes of events, with its windows relative to (assignment, entry).
    fn wanted(&self) -> Vec<(&Value, Vec<Offsets>)> {
        let mut wanted = Vec::new();
        for metric in &self.world.metrics {
            let window = metric.window.as_ref().unwrap();
            let (start, end) = (window.start.0 / MINUTE, window.end.0 / MINUTE);
            let mut windows = vec![(Anchor::Assignment, start, end)];
            if window.anchor == Anchor::Entry {
                windows.push((Anchor::Entry, start, end));
            }
            let values = std::iter::once(&metric.value).chain(&metric.denominator);
            for value in values.chain(&metric.steps) {
                wanted.push((value, windows.clone()));
            }
            for covariate in &metric.covariates {
                let (value, window) = earlier(metric, covariate);
                wanted.push((value, vec![(Anchor::Assignment, -window, 0)]));
            }
        }
        wanted
    }

    /// Whether anybody wants the value column as a number: then what is no number is an error.
    fn reads_numbers(&self) -> bool {
        self.wanted().iter().any(|(value, _)| {
            let of_number = value.column.is_some() && value.aggregate != Aggregate::CountDistinct;
            of_number
                || value.filters.iter().any(|filter| {
                    matches!(
                        filter.values.first(),
                        Some(Literal::Integer(_) | Literal::Float(_))
                    )
                })
        })
    }

    fn read_events(&mut self) {
        for row in &self.world.events {
            let (line, mut outcome) = self.judge_event(row);
            if !matches!(outcome, "null-unit-id" | "placeholder-unit-id") {
                let broken = self.hold("events", &line, |breaks| breaks_as_event(breaks, row));
                if let (Some(rule), Some(unit)) = (broken, self.units.get_mut(row.unit)) {
                    unit.rejected.insert(rule.to_owned());
                }
                outcome = broken.unwrap_or(outcome);
            }
            self.enter("events", &line, outcome);
        }
    }

    fn judge_event(&self, row: &EventRow) -> (String, &'static str) {
        match row.unit {
            "" => return (String::new(), "null-unit-id"),
            "n/a" => return (String::new(), "placeholder-unit-id"),
            _ => {}
        }
        let unit = self.units.get(row.unit);
        let line = unit.map_or_else(String::new, |unit| unit.first_seen().to_owned());
        (line, self.event_outcome(row, unit))
    }

    fn event_outcome(&self, row: &EventRow, unit: Option<&Unit>) -> &'static str {
        let at = match row.at {
            Read::Bad => return "bad-timestamp",
            _ if row.value == Read::Bad && self.reads_numbers() => return "bad-number",
            Read::Null => return "null-timestamp",
            Read::Good(at) => at,
        };
        let wanted = self.wanted();
        let asking: Vec<_> = wanted
            .iter()
            .filter(|(value, _)| keeps(&value.filters, row))
            .collect();
        if asking.is_empty() {
            return "not-asked";
        }
        let Some(unit) = unit else {
            return "other-unit";
        };
        if at >= self.as_of() || row.ingested.is_some_and(|known| known >= self.as_of()) {
            return "after-as-of";
        }
        if self.leaves_out(unit) {
            return "several-variants";
        }
        let used = asking.iter().any(|(value, windows)| {
            let is_null = value.column.is_some() && row.value == Read::Null;
            is_null
                || windows.iter().any(|(anchor, start, end)| {
                    let anchor = match anchor {
                        Anchor::Assignment => Some(unit.assigned_at()),
                        Anchor::Entry => unit.valid.iter().min().copied(),
                    };
                    anchor.is_some_and(|anchor| anchor + start <= at && at < anchor + end)
                })
        });
        if used { "used" } else { "outside-windows" }
    }

    /// The variants a unit counts in.
    fn members(&self, unit: &Unit) -> Vec<usize> {
        let position = |label: &str| {
            let variants = &self.world.experiment.variants;
            variants.iter().position(|id| id == label).unwrap()
        };
        match self.world.conventions.several_variants {
            SeveralVariants::Exclude if unit.labels().len() > 1 => Vec::new(),
            SeveralVariants::Exclude | SeveralVariants::FirstSeen => {
                vec![position(unit.first_seen())]
            }
            SeveralVariants::KeepInBoth => unit.labels().into_iter().map(position).collect(),
        }
    }

    /// Counts units, each in every variant it counts in.
    fn count(&self, holds: impl Fn(&Unit) -> bool) -> ByVariant {
        let mut counts = vec![0; self.world.experiment.variants.len()];
        for unit in self.units.values().filter(|unit| holds(unit)) {
            for variant in self.members(unit) {
                counts[variant] += 1;
            }
        }
        counts
    }

    pub(super) fn units(&self) -> u64 {
        self.units.len() as u64
    }

    /// Units of itt by the epoch of their assignment.
    pub(super) fn in_itt(&self) -> Vec<ByVariant> {
        self.by_epoch(|_| true)
    }

    fn by_epoch(&self, holds: impl Fn(&Unit) -> bool) -> Vec<ByVariant> {
        let epochs = &self.world.experiment.epochs;
        let begun = |unit: &Unit| {
            let at = unit.assigned_at() * MINUTE + START;
            let begun = epochs.iter().filter(|epoch| epoch.from.0 <= at).count();
            begun.max(1)
        };
        let all = 1..=epochs.len().max(1);
        all.map(|epoch| self.count(|unit| begun(unit) == epoch && holds(unit)))
            .collect()
    }

    pub(super) fn exposed(&self) -> ByVariant {
        self.count(|unit| !unit.valid.is_empty())
    }

    pub(super) fn only_invalid(&self) -> ByVariant {
        self.count(Unit::only_invalid)
    }

    pub(super) fn only_earlier(&self) -> ByVariant {
        self.count(|unit| {
            unit.earlier > 0 && unit.valid.is_empty() && unit.foreign + unit.invalid == 0
        })
    }

    pub(super) fn contradicting(&self) -> ByVariant {
        self.count(|unit| unit.foreign > 0)
    }

    pub(super) fn several(&self) -> u64 {
        self.units
            .values()
            .filter(|unit| unit.labels().len() > 1)
            .count() as u64
    }

    /// Units whose first instant holds two labels.
    pub(super) fn tied(&self) -> u64 {
        let tied = |unit: &&Unit| {
            let first = unit.assigned_at();
            unit.assigned.iter().filter(|(at, _)| *at == first).count() > 1
        };
        self.units.values().filter(tied).count() as u64
    }

    pub(super) fn memberships(&self) -> u64 {
        self.units
            .values()
            .map(|unit| unit.labels().len() as u64)
            .sum()
    }

    fn is_matured(&self, metric: &Metric, anchor: i64) -> bool {
        let window = metric.window.as_ref().unwrap();
        self.world.conventions.units.unwrap_or(window.units) == UnitsRule::All
            || anchor + window.end.0 / MINUTE <= self.as_of()
    }

    /// When a unit first took a step between two instants.
    fn first(&self, id: &str, step: &Value, from: i64, to: i64) -> Option<i64> {
        let rows = self.rows(id, step, from, to);
        rows.iter().filter_map(|row| row.at.good()).min()
    }

    /// A unit's number between two instants.
    fn number(&self, id: &str, value: &Value, from: i64, to: i64) -> Option<f64> {
        let rows = self.rows(id, value, from, to);
        aggregated(value, &rows).or((value.missing == Missing::Zero).then_some(0.0))
    }

    fn rows(&self, id: &str, value: &Value, from: i64, to: i64) -> Vec<&EventRow> {
        let known = |row: &&EventRow| {
            let read = row.unit == id
                && row
                    .at
                    .good()
                    .is_some_and(|at| from <= at && at < to && at < self.as_of())
                && row.ingested.is_none_or(|at| at < self.as_of());
            let rules = self.world.contract.iter();
            let mut broken = rules
                .filter(|held| held.rule.reject)
                .map(|held| breaks_as_event(held.breaks, row));
            let sound =
                !broken.any(|breaks| breaks) && (row.value != Read::Bad || !self.reads_numbers());
            read && sound && keeps(&value.filters, row)
        };
        self.world.events.iter().filter(known).collect()
    }

    /// Where numerator and denominator are clipped: once for all variants, or of each.
    pub(super) fn limits(&self, metric: &Metric) -> Vec<(Option<f64>, Option<f64>)> {
        let form = self.world.conventions.cap;
        if matches!(form, CapForm::PerVariant | CapForm::PerVariantNonZero) {
            let variants = 0..self.world.experiment.variants.len();
            variants
                .map(|variant| self.limits_on(metric, Some(variant)))
                .collect()
        } else {
            vec![self.limits_on(metric, None)]
        }
    }

    fn limits_on(&self, metric: &Metric, variant: Option<usize>) -> (Option<f64>, Option<f64>) {
        if self.world.conventions.cap == CapForm::Ignored {
            return (None, None);
        }
        match metric.cap {
            None => (None, None),
            Some(Cap::Value(limit)) => (Some(limit), None),
            Some(Cap::Quantile(quantile)) => (
                self.quantile(metric, &metric.value, quantile, variant),
                metric
                    .denominator
                    .as_ref()
                    .and_then(|value| self.quantile(metric, value, quantile, variant)),
            ),
        }
    }

    fn quantile(
        &self,
        metric: &Metric,
        value: &Value,
        quantile: f64,
        variant: Option<usize>,
    ) -> Option<f64> {
        let form = self.world.conventions.cap;
        let counts_zeros = !matches!(form, CapForm::NonZero | CapForm::PerVariantNonZero);
        let window = metric.window.as_ref().unwrap();
        let mut found = Vec::new();
        for (id, unit) in &self.units {
            let anchor = unit.assigned_at();
            let members = self.members(unit);
            let is_in = variant.map_or(!members.is_empty(), |variant| members.contains(&variant));
            if is_in && self.is_matured(metric, anchor) {
                let (from, to) = (window.start.0 / MINUTE, window.end.0 / MINUTE);
                let number = self.number(id, value, anchor + from, anchor + to);
                found.extend(number.filter(|number| counts_zeros || *number != 0.0));
            }
        }
        found.sort_by(f64::total_cmp);
        // Hyndman and Fan 7: at (n − 1)q, linear in between.
        let rank = quantile * (found.len().checked_sub(1)? as f64);
        let (low, high) = (rank.floor() as usize, rank.ceil() as usize);
        Some(found[low] + (rank - rank.floor()) * (found[high] - found[low]))
    }

    /// What the cells of a metric should hold, by variant.
    pub(super) fn cells(&self, metric: &Metric, partition: Partition) -> Vec<Expected> {
        let variants = self.world.experiment.variants.len();
        let mut cells: Vec<Expected> = (0..variants).map(|_| Expected::default()).collect();
        let limits = self.limits(metric);
        for (id, unit) in &self.units {
            let is_in = match partition {
                Partition::Itt => true,
                Partition::Exposed | Partition::ExposedFromAssignment => !unit.valid.is_empty(),
                Partition::Unexposed => unit.valid.is_empty() && !unit.only_invalid(),
                Partition::Unplaced => unit.only_invalid(),
            };
            if !is_in {
                continue;
            }
            for variant in self.members(unit) {
                let limits = *limits.get(variant).unwrap_or(&limits[0]);
                self.bring(metric, id, unit, partition, limits, &mut cells[variant]);
            }
        }
        cells
    }

    fn bring(
        &self,
        metric: &Metric,
        id: &str,
        unit: &Unit,
        partition: Partition,
        limits: (Option<f64>, Option<f64>),
        cell: &mut Expected,
    ) {
        let window = metric.window.as_ref().unwrap();
        let anchor = if partition == Partition::Exposed && window.anchor == Anchor::Entry {
            *unit.valid.iter().min().unwrap()
        } else {
            unit.assigned_at()
        };
        if !self.is_matured(metric, anchor) {
            cell.open += 1;
            return;
        }
        let (from, to) = (window.start.0 / MINUTE, window.end.0 / MINUTE);
        if !metric.steps.is_empty() {
            cell.units
                .push(self.steps(metric, id, anchor + from, anchor + to));
            return;
        }
        if self.world.experiment.analysis.novelty {
            let parts = window.parts().into_iter().map(|(start, end)| {
                let (from, to) = (anchor + start.0 / MINUTE, anchor + end.0 / MINUTE);
                self.number(id, &metric.value, from, to).unwrap_or(0.0)
            });
            cell.parts.push(parts.collect());
        }
        let sides = [
            (Some(&metric.value), limits.0),
            (metric.denominator.as_ref(), limits.1),
        ];
        let mut quantities = Vec::new();
        let mut is_clipped = false;
        for (value, limit) in sides {
            let Some(value) = value else { continue };
            let Some(number) = self.number(id, value, anchor + from, anchor + to) else {
                cell.missing += 1;
                return;
            };
            let limit = limit.unwrap_or(f64::INFINITY);
            is_clipped |= number > limit;
            quantities.push(number.min(limit));
        }
        for covariate in &metric.covariates {
            let assigned = unit.assigned_at();
            let (value, window) = earlier(metric, covariate);
            let before = self.number(id, value, assigned - window, assigned);
            let is_own = matches!(covariate, Covariate::PrePeriod { value: None, .. });
            let limit = limits.0.filter(|_| is_own).unwrap_or(f64::INFINITY);
            quantities.push(before.map_or(0.0, |number| number.min(limit)));
            quantities.push(f64::from(u8::from(before.is_none())));
        }
        cell.capped += u64::from(is_clipped);
        cell.units.push(quantities);
        if metric.value.aggregate == Aggregate::Each {
            let rows = self.rows(id, &metric.value, anchor + from, anchor + to);
            let numbers = rows.iter().filter_map(|row| match row.value {
                Read::Good(number) => Some(number as f64),
                _ => None,
            });
            cell.rows.push(numbers.collect());
        }
    }

    /// Whether a unit took every step of a funnel in order, and then how far it came: each step's first time is not before
    /// the first time of the step before.
    fn steps(&self, metric: &Metric, id: &str, from: i64, to: i64) -> Vec<f64> {
        let steps = metric.steps.iter().chain(std::iter::once(&metric.value));
        let times: Vec<Option<i64>> = steps.map(|step| self.first(id, step, from, to)).collect();
        let mut reached: Vec<f64> = (1..=times.len())
            .map(|count| {
                let times: Option<Vec<i64>> = times[..count].iter().copied().collect();
                f64::from(u8::from(times.is_some_and(|times| times.is_sorted())))
            })
            .collect();
        let last = reached.pop().unwrap();
        reached.insert(0, last);
        reached
    }
}

/// Whether an event breaks a rule.
fn breaks_as_event(breaks: Breaks, row: &EventRow) -> bool {
    matches!(breaks, Breaks::Event(breaks) if breaks(row))
}

/// What a covariate is of, and how many minutes before assignment.
fn earlier<'m>(metric: &'m Metric, covariate: &'m Covariate) -> (&'m Value, i64) {
    match covariate {
        Covariate::PrePeriod { window, value } => {
            (value.as_ref().unwrap_or(&metric.value), window.0 / MINUTE)
        }
        Covariate::Column { .. } => unreachable!("worlds have no table of units"),
    }
}
