//! Defines one experiment's part in a run: its plan, where its units' numbers stand, and what the passes find out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::as_of;
use super::assignments::has_column;
use super::days::Days;
use super::exact_lane::Lane;
use super::identity::Identities;
use super::levels::Levels;
use super::unit_row::{RowLayout, Slot, bytes_of};
use super::watch::Watching;
use super::{EngineError, Scan};
use crate::domain::definition::{ContractRule, SeveralVariants, Table, TableKind};
use crate::domain::evidence::AsOf;
use crate::plan::{Declaration, Plan};
use crate::source::{PhysicalType, Source};

/// Where a declaration's numbers stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct DeclaredSlots {
    /// Anchored on assignment, or without a window.
    pub(super) assigned: Slot,
    /// Anchored on the first valid exposure, where the window follows entry.
    pub(super) exposed: Option<Slot>,
}

/// One experiment of a run.
pub(super) struct Job<'a> {
    pub(super) plan: &'a Plan,
    pub(super) assignments: &'a Table,
    pub(super) days: Days,
    pub(super) as_of: AsOf,
    /// By position in the plan.
    pub(super) declared: Vec<DeclaredSlots>,
    /// By position in the plan.
    pub(super) levels: Vec<Levels>,
    /// The byte of a unit's level, by position in the plan.
    pub(super) level_at: Vec<usize>,
    /// The bytes of a unit's cluster, where units nest in clusters: the hash of its label, made odd; of a unit whose cluster is
    /// not known its own key, made even, for it is one by itself.
    pub(super) cluster_at: Option<usize>,
    /// The bytes of the hash of a unit's id, where units are drawn anew.
    pub(super) draw_at: Option<usize>,
    /// Two bits an attribute table, by name: the unit has a row there, and more than one.
    pub(super) attributes: BTreeMap<&'a str, usize>,
    /// The first bit of a unit's row, one a rule of the contract, by table of exposures or facts: a row of the unit was
    /// rejected by it.
    contract: BTreeMap<&'a str, usize>,
    pub(super) stride: usize,
    /// Ranks of variants by label.
    pub(super) rank: Vec<usize>,
    /// Which ids are the same person's.
    pub(super) identities: Option<Arc<Identities>>,
    /// Whether assignments carry times.
    pub(super) has_time: bool,
    /// Whether assignments carry versions of the experiment.
    pub(super) has_versions: bool,
    /// Whether every unit id of the assignment table is an integer.
    has_integer_ids: AtomicBool,
    /// Whether any set of conventions keeps units with several variants.
    pub(super) keeps_several: bool,
}

impl<'a> Job<'a> {
    /// Opens the plan's tables and finds as-of.
    pub(super) fn new(
        plan: &'a Plan,
        assignments: &'a Table,
        scan: &Scan<'_>,
    ) -> Result<Self, EngineError> {
        let days = Days::new(plan.time_zone.as_deref()).unwrap_or(Days::Utc);
        let as_of = as_of::find(plan, &days, scan)?;
        let identities = plan.identities.as_ref();
        let identities = identities.map(|table| scan.identities(table)).transpose()?;
        let mut layout = RowLayout::default();
        let mut order: Vec<usize> = (0..plan.declarations.len()).collect();
        order.sort_by_key(|position| bytes_of(plan.declarations[*position].aggregate));
        let mut declared = vec![None; plan.declarations.len()];
        for position in order {
            let slots = reserve(plan, &plan.declarations[position], &mut layout, scan)?;
            declared[position] = Some(slots);
        }
        let mut declared: Vec<DeclaredSlots> = declared.into_iter().flatten().collect();
        let is_attributes =
            |table: &&Table| !matches!(table.kind, TableKind::Events | TableKind::Summaries);
        let attributes = plan.others.iter().filter(is_attributes);
        let attributes = attributes
            .map(|table| (table.name.as_str(), layout.reserve_bits(2)))
            .collect();
        let contract = placed_tables(plan)
            .filter(|table| plan.rules_about(&table.name).next().is_some())
            .map(|table| {
                let rules = plan.rules_about(&table.name).count();
                (table.name.as_str(), layout.reserve_bits(rules))
            })
            .collect();
        let levels: Vec<usize> = plan
            .segments
            .iter()
            .map(|_| layout.reserve_level())
            .collect();
        let cluster = plan
            .cluster
            .as_ref()
            .map(|_| layout.reserve_bytes(size_of::<u128>()));
        let bootstrap = plan.experiment.analysis.bootstrap;
        let draw = bootstrap.map(|_| layout.reserve_bytes(size_of::<u64>()));
        for slots in &mut declared {
            slots.assigned = layout.place(slots.assigned);
            slots.exposed = slots.exposed.map(|slot| layout.place(slot));
        }
        Ok(Self {
            plan,
            assignments,
            days,
            as_of,
            declared,
            levels: levels.iter().map(|_| Levels::default()).collect(),
            level_at: levels.iter().map(|level| layout.level_at(*level)).collect(),
            cluster_at: cluster.map(|bytes| layout.byte_at(bytes)),
            draw_at: draw.map(|bytes| layout.byte_at(bytes)),
            attributes,
            identities,
            contract,
            stride: layout.stride(),
            rank: label_ranks(&plan.experiment.variants),
            has_time: needs_time(plan) || has_column(&*scan.open(assignments)?, "assigned_at"),
            has_versions: has_column(&*scan.open(assignments)?, "experiment_version"),
            has_integer_ids: AtomicBool::new(true),
            keeps_several: plan
                .conventions
                .iter()
                .any(|set| set.several_variants != SeveralVariants::Exclude),
        })
    }

    /// What is watched of an event table.
    pub(super) fn watching(&self, table: &Table) -> Watching {
        let events = self.facts().filter(|known| known.kind == TableKind::Events);
        let position = events.take_while(|known| *known != table).count();
        let experiment = &self.plan.experiment;
        Watching::new(
            position,
            &self.days,
            (experiment.start, self.instant()),
            table.lateness.map(|lateness| lateness.0),
            experiment.variants.len(),
        )
    }

    /// As-of in microseconds.
    pub(super) fn instant(&self) -> Option<i64> {
        self.as_of.instant.map(|instant| instant.0)
    }

    /// The first of a unit's bits that tell of the contract rules about a table, where there are any.
    pub(super) fn contract_bits(&self, table: &str) -> Option<usize> {
        self.contract.get(table).copied()
    }

    /// The rejecting rules of the contract that units are told by, each with the table and its bit of a unit's row, in the
    /// order of their declaration.
    pub(super) fn marking_rules(&self) -> Vec<(&'a ContractRule, usize)> {
        let mut next = self.contract.clone();
        let mut rules = Vec::new();
        for rule in &self.plan.contract {
            if let Some(bit) = next.get_mut(rule.table.as_str()) {
                if rule.reject {
                    rules.push((rule, *bit));
                }
                *bit += 1;
            }
        }
        rules
    }

    /// Tables of facts that the plan needs.
    pub(super) fn facts(&self) -> impl Iterator<Item = &'a Table> + use<'a> {
        let tables = self.plan.others.iter();
        tables.filter(|table| table.kind != TableKind::Summaries)
    }

    /// Notes that a batch of the assignment table has ids that are no integers.
    pub(super) fn note_text_ids(&self) {
        self.has_integer_ids.store(false, Ordering::Relaxed);
    }

    /// Whether every id of the assignment table is an integer; known once it has been read.
    pub(super) fn has_integer_ids(&self) -> bool {
        self.has_integer_ids.load(Ordering::Relaxed)
    }
}

/// Tables whose rows are about units that are known by then.
fn placed_tables(plan: &Plan) -> impl Iterator<Item = &Table> {
    let others = plan.others.iter();
    let facts = others.filter(|table| table.kind != TableKind::Summaries);
    plan.exposures.iter().chain(facts)
}

/// Whether assignments must carry a time.
pub(super) fn needs_time(plan: &Plan) -> bool {
    plan.exposures.is_some()
        || plan
            .declarations
            .iter()
            .any(|declared| declared.window.is_some())
}

/// Ranks of variants by label, bytewise: what ties are settled by.
fn label_ranks(variants: &[String]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..variants.len()).collect();
    order.sort_unstable_by_key(|position| &variants[*position]);
    let mut ranks = vec![0; variants.len()];
    for (rank, position) in order.into_iter().enumerate() {
        ranks[position] = rank;
    }
    ranks
}

fn reserve(
    plan: &Plan,
    declaration: &Declaration,
    layout: &mut RowLayout,
    scan: &Scan<'_>,
) -> Result<DeclaredSlots, EngineError> {
    let tables = plan.assignments.iter().chain(&plan.exposures);
    let table = tables
        .chain(&plan.others)
        .find(|table| table.name == declaration.table);
    let lane = match (table, &declaration.column) {
        (Some(table), Some(column)) => lane_of(&*scan.open(table)?, column),
        _ => Lane::Binary,
    };
    let follows = declaration.follows_entry() && plan.exposures.is_some() && plan.reads_exposed();
    Ok(DeclaredSlots {
        assigned: layout.reserve(declaration.aggregate, lane),
        exposed: follows.then(|| layout.reserve(declaration.aggregate, lane)),
    })
}

/// The lane of a column: by its declared types alone.
fn lane_of(source: &Source, column: &str) -> Lane {
    let found = source.columns().iter().find(|known| known.name == column);
    let digits = |kind: &PhysicalType| match kind {
        PhysicalType::Decimal(scale) => Some(*scale),
        _ => None,
    };
    found
        .and_then(|column| {
            let all: Option<Vec<u32>> = column.types.iter().map(digits).collect();
            all?.into_iter().max()
        })
        .map_or(Lane::Binary, Lane::Decimal)
}
