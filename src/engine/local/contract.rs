//! Holds the rows of a batch to the workspace's data contract, once for all experiments of a pass: what a row breaks does not
//! depend on who reads it.
//!
//! A cell that cannot be read breaks every rule that asks something of it, and makes a row none that a rule is about.

use super::filter::{CompiledFilter, FilterSet, kind_of};
use super::labels::{ByLabel, Labels};
use super::scope::{Requests, time};
use crate::domain::definition::{CellType, ContractRule, Filter, Requirement};
use crate::source::{Batch, ColumnKind, is_of_type};

/// The position of a rule among those of its table.
pub(super) type RuleNumber = u16;

/// The rules about one table, in the order of their declaration.
#[derive(Debug)]
pub(super) struct Contract<'a> {
    rules: Vec<CompiledRule<'a>>,
}

#[derive(Debug)]
struct CompiledRule<'a> {
    rule: &'a ContractRule,
    about: FilterSet,
    test: Test<'a>,
}

#[derive(Debug)]
enum Test<'a> {
    Holds(FilterSet),
    /// Columns of time: name and request.
    Order(Vec<(&'a str, usize)>),
    Type(usize, CellType),
}

impl<'a> Contract<'a> {
    /// The rules, compiled; the columns they are about join `requests`.
    pub(super) fn new(
        rules: impl Iterator<Item = &'a ContractRule>,
        requests: &mut Requests,
    ) -> Self {
        let rules = rules.map(|rule| CompiledRule {
            rule,
            about: compile(&rule.filters, requests),
            test: match &rule.requirement {
                Requirement::Holds(filters) => Test::Holds(compile(filters, requests)),
                Requirement::Order(columns) => {
                    let columns = columns.iter().map(|column| {
                        let request = requests.add(column, ColumnKind::Time, true);
                        (column.as_str(), request)
                    });
                    Test::Order(columns.collect())
                }
                // As text, whatever the file declares: what it says is judged alike in every format.
                Requirement::Type { column, is } => {
                    Test::Type(requests.add(column, ColumnKind::Label, true), *is)
                }
            },
        });
        Self {
            rules: rules.collect(),
        }
    }

    /// Judges the rows of a batch.
    pub(super) fn judge(&self, batch: &Batch, labels: &mut Labels) -> Breaches {
        let mut breaches = Breaches::default();
        for (number, rule) in (0..).zip(&self.rules) {
            let broken = rule.broken(batch, labels);
            if broken.contains(&true) {
                breaches.add(number, rule.rule.reject, &broken);
            }
        }
        breaches
    }

    /// The column to blame for a row that breaks a rule.
    pub(super) fn blamed(&self, number: RuleNumber, batch: &Batch, row: usize) -> Option<&'a str> {
        let rule = self.rules.get(usize::from(number))?;
        let is_faulty = |request| fault_in(batch, row, &[request]);
        match (&rule.test, &rule.rule.requirement) {
            (Test::Holds(set), Requirement::Holds(filters)) => {
                let broken =
                    |one: &CompiledFilter| is_faulty(one.request) || !one.holds(batch, row);
                let position = set.0.iter().position(broken)?;
                filters.get(position).map(|filter| filter.column.as_str())
            }
            (Test::Order(columns), _) => {
                let faulty = columns.iter().find(|(_, request)| is_faulty(*request));
                let name = faulty.map(|(name, _)| *name);
                name.or_else(|| out_of_order(columns, batch, row))
            }
            (_, Requirement::Type { column, .. }) => Some(column),
            _ => None,
        }
    }
}

fn compile(filters: &[Filter], requests: &mut Requests) -> FilterSet {
    let filters = filters.iter().map(|filter| CompiledFilter {
        request: requests.add(&filter.column, kind_of(filter), true),
        filter: filter.clone(),
    });
    FilterSet(filters.collect())
}

impl CompiledRule<'_> {
    /// Whether each row breaks it.
    fn broken(&self, batch: &Batch, labels: &mut Labels) -> Vec<bool> {
        let mut about = self.about.rows(batch, labels);
        let of_about: Vec<usize> = self.about.0.iter().map(|one| one.request).collect();
        for fault in &batch.faults {
            if of_about.contains(&fault.request) {
                about[fault.row] = false;
            }
        }
        let mut kept = self.kept(batch, labels, &about);
        let asked: Vec<usize> = match &self.test {
            Test::Holds(set) => set.0.iter().map(|one| one.request).collect(),
            Test::Order(columns) => columns.iter().map(|(_, request)| *request).collect(),
            Test::Type(request, _) => vec![*request],
        };
        for fault in &batch.faults {
            if asked.contains(&fault.request) {
                kept[fault.row] = false;
            }
        }
        let rows = about.iter().zip(&kept);
        rows.map(|(about, kept)| *about && !kept).collect()
    }

    /// Whether each row is what it has to be, of those that the rule is about.
    fn kept(&self, batch: &Batch, labels: &mut Labels, about: &[bool]) -> Vec<bool> {
        match &self.test {
            Test::Holds(set) => set.rows(batch, labels),
            Test::Order(columns) => (0..batch.rows)
                .map(|row| !about[row] || out_of_order(columns, batch, row).is_none())
                .collect(),
            Test::Type(request, is) => {
                let judged = ByLabel::of_texts(batch, *request, labels, |text| {
                    text.is_none_or(|text| is_of_type(text, *is))
                });
                match judged {
                    Some(judged) => (0..batch.rows).map(|row| *judged.of_row(row)).collect(),
                    // A file without the column has nothing but nulls there.
                    None => vec![true; batch.rows],
                }
            }
        }
    }
}

/// The first column whose instant is before that of a column named earlier; nulls are passed over.
fn out_of_order<'a>(columns: &[(&'a str, usize)], batch: &Batch, row: usize) -> Option<&'a str> {
    let mut latest = None;
    for (name, request) in columns {
        let Some(at) = time(batch, *request, row) else {
            continue;
        };
        if latest.is_some_and(|latest| at < latest) {
            return Some(name);
        }
        latest = Some(at);
    }
    None
}

fn fault_in(batch: &Batch, row: usize, requests: &[usize]) -> bool {
    // Faults are by row.
    let first = batch.faults.partition_point(|fault| fault.row < row);
    let mut of_row = batch.faults[first..]
        .iter()
        .take_while(|fault| fault.row == row);
    of_row.any(|fault| requests.contains(&fault.request))
}

/// Which rules the rows of a batch break. Few combinations occur.
#[derive(Debug, Default)]
pub(super) struct Breaches {
    /// The combination of each row; empty where no row breaks any rule.
    of_row: Vec<u32>,
    /// The first is that of rows which break none.
    kinds: Vec<Breach>,
}

/// The rules that a row breaks.
#[derive(Debug, Clone, Default)]
pub(super) struct Breach {
    /// The first that rejects it.
    pub(super) rejects: Option<RuleNumber>,
    /// Those that only count it.
    pub(super) counts: Vec<RuleNumber>,
}

impl Breaches {
    /// Whether no row breaks any rule.
    pub(super) const fn is_empty(&self) -> bool {
        self.of_row.is_empty()
    }

    /// What a row breaks, if it breaks anything.
    #[inline]
    pub(super) fn of(&self, row: usize) -> Option<&Breach> {
        match self.of_row.get(row) {
            None | Some(0) => None,
            Some(kind) => self.kinds.get(*kind as usize),
        }
    }

    /// The rule that rejects a row.
    #[inline]
    pub(super) fn rejects(&self, row: usize) -> Option<RuleNumber> {
        self.of(row)?.rejects
    }

    /// Adds the rows that break one more rule.
    fn add(&mut self, number: RuleNumber, rejects: bool, broken: &[bool]) {
        if self.of_row.is_empty() {
            self.of_row = vec![0; broken.len()];
            self.kinds = vec![Breach::default()];
        }
        let mut next: Vec<Option<u32>> = vec![None; self.kinds.len()];
        for (kind, _) in self
            .of_row
            .iter_mut()
            .zip(broken)
            .filter(|(_, broken)| **broken)
        {
            let known = &mut next[*kind as usize];
            *kind = *known.get_or_insert_with(|| {
                let mut breach = self.kinds[*kind as usize].clone();
                if rejects {
                    breach.rejects.get_or_insert(number);
                } else {
                    breach.counts.push(number);
                }
                self.kinds.push(breach);
                u32::try_from(self.kinds.len() - 1).unwrap_or(0)
            });
        }
    }
}
