//! Checks of what follows from the data: bookkeeping (27).

use super::finding::Finding;
use super::{Context, wording};
use crate::domain::evidence::{Cell, Evidence, ExactSum, Layout, Partition, Slice};
use crate::domain::result::{Check, CheckId, CheckStatus, Invalidates};

/// The parts that itt splits into, all anchored on assignment as itt is.
const PARTS: [Partition; 3] = [
    Partition::ExposedFromAssignment,
    Partition::Unexposed,
    Partition::Unplaced,
];

/// At most this many broken identities are spelled out.
const SPELLED_OUT: usize = 3;

/// 27: itt = exposed + unexposed + unplaced, for units and for every exact sum, and rows read = used + rejected + out of
/// scope. Identities of integers: no tolerance.
pub(super) fn bookkeeping(context: &Context<'_>) -> Check {
    let mut compared = 0_u64;
    let mut broken: Vec<String> = Vec::new();
    for metric in 0..context.metrics.len() {
        if !has_parts(context, metric) {
            continue;
        }
        for variant in 0..context.variants().len() {
            compared += 1;
            broken.extend(difference(context, metric, variant));
        }
    }
    for ledger in &context.summary.ledgers {
        if !ledger.adds_up() {
            broken.push(format!(
                "table {}: rows read are not the rows used, rejected and out of scope",
                wording::label(&ledger.table)
            ));
        }
    }
    let failing = u64::try_from(broken.len()).unwrap_or(u64::MAX);
    let mut finding = if broken.is_empty() && compared == 0 {
        Finding::not_run("because itt was not split into exposed and unexposed units")
    } else if broken.is_empty() {
        Finding::new(
            CheckStatus::Pass,
            format!(
                "units and sums of {} add up exactly",
                wording::counted(compared, "cell")
            ),
        )
    } else {
        broken.truncate(SPELLED_OUT);
        Finding::new(CheckStatus::Fail, broken.join("; "))
    };
    finding.observed = (compared > 0).then_some((as_double(failing), "identities broken"));
    finding.thresholds = (None, Some("any difference".to_owned()));
    finding.evaluated = (compared > 0).then_some(compared);
    finding.failing = (compared > 0 || failing > 0).then_some(failing);
    finding.invalidates = vec![Invalidates::All];
    finding.into_check(context, CheckId::Bookkeeping)
}

/// Whether the engine split this metric. Published moments have no parts.
fn has_parts(context: &Context<'_>, metric: usize) -> bool {
    (0..context.variants().len()).any(|variant| {
        PARTS
            .iter()
            .any(|part| cell(context, metric, *part, variant).is_some())
    })
}

fn cell<'a>(
    context: &Context<'a>,
    metric: usize,
    partition: Partition,
    variant: usize,
) -> Option<&'a Cell> {
    context
        .summary
        .cell(metric, partition, &Slice::All, variant)
}

/// The first identity that a metric and variant break, in words.
fn difference(context: &Context<'_>, metric: usize, variant: usize) -> Option<String> {
    let layout = context.layout(metric);
    let whole = Tally::of(layout, cell(context, metric, Partition::Itt, variant));
    let mut parts = Tally::of(layout, None);
    for part in PARTS {
        parts.merge(&Tally::of(layout, cell(context, metric, part, variant)));
    }
    let subject = format!(
        "{} in {}",
        context
            .metrics
            .get(metric)
            .map_or("", |planned| planned.definition.id.as_str()),
        wording::label(context.variant(variant))
    );
    if whole.counts != parts.counts {
        return Some(format!(
            "{subject}: itt has {}, its parts {}",
            wording::counted(whole.counts.iter().sum(), "unit"),
            wording::count(parts.counts.iter().sum())
        ));
    }
    (whole.sums != parts.sums)
        .then(|| format!("{subject}: the sum of itt is not that of its parts"))
}

/// What must add up.
struct Tally {
    /// Units that contributed, had an open window, or no value.
    counts: [u64; 3],
    /// An exact sum a quantity.
    sums: Vec<ExactSum>,
}

impl Tally {
    fn of(layout: Layout, cell: Option<&Cell>) -> Self {
        let nothing = Self {
            counts: [0; 3],
            sums: vec![ExactSum::default(); layout.width()],
        };
        let Some(cell) = cell else {
            return nothing;
        };
        let counts = [cell.units(), cell.open, cell.missing];
        match &cell.evidence {
            Evidence::Exact(sums) => Self {
                counts,
                // The moments say how many quantities there are, should a cell not match its layout.
                sums: (0..sums.moments().width())
                    .map(|quantity| sums.sum(quantity).clone())
                    .collect(),
            },
            Evidence::Published(_) => Self { counts, ..nothing },
        }
    }

    fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.counts.iter_mut().zip(other.counts) {
            *ours += theirs;
        }
        for (ours, theirs) in self.sums.iter_mut().zip(&other.sums) {
            ours.merge(theirs);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of cells")]
const fn as_double(count: u64) -> f64 {
    count as f64
}
