//! Join integrity (14): does every row find its unit, and every unit one row of attributes?

use std::collections::BTreeSet;

use crate::checks::finding::{Finding, above, share_thresholds, worse};
use crate::checks::share::differing;
use crate::checks::{Context, share, total, wording};
use crate::domain::definition::SeveralVariants;
use crate::domain::evidence::{AttributeCounts, ExposureCounts, OutcomeCounts};
use crate::domain::result::{Check, CheckId, CheckStatus, Invalidates};

/// 14: exposures without assignment, event tables that share no unit with assignments, attribute tables that fan out.
///
/// Rows of an event table whose unit is in no variant are a fault only when no row finds its unit: event tables hold the
/// units of other experiments too, and do not say whose row is whose.
pub(in crate::checks) fn join_integrity(context: &Context<'_>) -> Check {
    if context.summary.assignment.is_none() {
        return Finding::not_run("because there is no assignment table to join")
            .into_check(context, CheckId::JoinIntegrity);
    }
    let mut join = Join::default();
    if let Some(exposure) = &context.summary.exposure {
        join.exposures(context, exposure);
    }
    for outcome in &context.summary.outcomes {
        join.outcomes(context, outcome);
    }
    join.attributes(context);
    if join.evaluated == 0 {
        return Finding::not_run("because there is nothing to join to the assignments")
            .into_check(context, CheckId::JoinIntegrity);
    }
    let sentence = if join.sentences.is_empty() {
        "every row finds its unit".to_owned()
    } else {
        join.sentences.join("; ")
    };
    let mut finding = Finding::new(join.status, sentence);
    finding.observed = join.orphans.map(|share| (share, "share of exposure rows"));
    let (warn, fail) = share_thresholds(
        context.thresholds.orphans_warn,
        context.thresholds.orphans_fail,
    );
    finding.thresholds = (
        warn,
        fail.map(|fail| format!("{fail} of exposures, no event that joins, or any fan-out")),
    );
    finding.evaluated = Some(join.evaluated);
    finding.failing = Some(join.failing);
    finding.invalidates = join.invalidates.into_iter().collect();
    finding.into_check(context, CheckId::JoinIntegrity)
}

struct Join {
    status: CheckStatus,
    sentences: Vec<String>,
    orphans: Option<f64>,
    evaluated: u64,
    failing: u64,
    invalidates: BTreeSet<Invalidates>,
}

impl Default for Join {
    fn default() -> Self {
        Self {
            status: CheckStatus::Pass,
            sentences: Vec::new(),
            orphans: None,
            evaluated: 0,
            failing: 0,
            invalidates: BTreeSet::new(),
        }
    }
}

impl Join {
    fn exposures(&mut self, context: &Context<'_>, exposure: &ExposureCounts) {
        let Some(orphans) = share(exposure.orphan_rows, exposure.rows) else {
            return;
        };
        let thresholds = context.thresholds;
        let status = above(orphans, thresholds.orphans_warn, thresholds.orphans_fail);
        self.orphans = Some(orphans);
        self.evaluated += exposure.rows;
        self.failing += exposure.orphan_rows;
        if orphans == 0.0 {
            return;
        }
        self.sentences.push(format!(
            "{} of {} are of units without an assignment ({})",
            wording::count(exposure.orphan_rows),
            wording::counted(exposure.rows, "exposure row"),
            wording::percent(orphans)
        ));
        self.judge(status, [Invalidates::Exposed]);
    }

    fn outcomes(&mut self, context: &Context<'_>, outcome: &OutcomeCounts) {
        if outcome.rows == 0 {
            return;
        }
        self.evaluated += outcome.rows;
        if outcome.orphan_rows >= outcome.rows {
            self.failing += outcome.orphan_rows;
            self.sentences.push(format!(
                "not one of {} of table {} finds its unit among the assignments",
                wording::counted(outcome.rows, "row"),
                wording::label(&outcome.table)
            ));
            self.judge(CheckStatus::Fail, context.metrics_reading(&outcome.table));
        } else if outcome.orphan_rows > 0 {
            self.sentences.push(format!(
                "{} of table {} are of units in no variant, as expected where other units do the same things",
                wording::counted(outcome.orphan_rows, "row"),
                wording::label(&outcome.table)
            ));
        }
    }

    fn attributes(&mut self, context: &Context<'_>) {
        for table in &context.summary.attributes {
            self.evaluated += table.rows;
            self.unmatched(context, table);
            let by_person = context.summary.identity.as_ref();
            let by_person = by_person.is_some_and(|identity| identity.by_person);
            if table.repeated_units == 0 || by_person {
                // A person with two ids has a row of each; the smallest values count.
                continue;
            }
            self.failing += table.repeated_units;
            self.sentences.push(format!(
                "{} of table {} have more than one row, so joining would fan out",
                wording::counted(table.repeated_units, "unit"),
                wording::label(&table.table)
            ));
            let mut affected = context.metrics_reading(&table.table);
            if affected.is_empty() {
                // No metric reads it, so it is there for its segment columns.
                let segments = context.experiment.segments.iter().cloned();
                affected.extend(segments.map(Invalidates::Slice));
            }
            self.judge(CheckStatus::Fail, affected);
        }
    }

    /// Assigned units that the table has no row of: said where they are many, wrong where they are so in one variant.
    fn unmatched(&mut self, context: &Context<'_>, table: &AttributeCounts) {
        // The table counts units where they were first: those in several variants are in it, or left out.
        let units = match (
            context.conventions.several_variants,
            &context.summary.assignment,
        ) {
            (SeveralVariants::Exclude, _) | (_, None) => context.units(),
            (_, Some(assignment)) => total(
                &assignment.by_epoch_before_exclusions,
                context.variants().len(),
            ),
        };
        let without: Vec<u64> = units
            .iter()
            .zip(&table.matched)
            .map(|(units, matched)| units.saturating_sub(*matched))
            .collect();
        let (lacking, all) = (without.iter().sum::<u64>(), units.iter().sum::<u64>());
        let thresholds = context.thresholds;
        let Some(observed) = share(lacking, all).filter(|it| *it > thresholds.orphans_warn) else {
            return;
        };
        let differing = differing(&without, &units).filter(|found| {
            found.p.p < context.fail_p()
                && (found.rate - found.control).abs() >= thresholds.missing_difference_fail
        });
        self.failing += lacking;
        let how = differing.map_or_else(String::new, |found| {
            format!("; {}", found.sentence(context))
        });
        self.sentences.push(format!(
            "{} of {} ({}) have no row in table {}{how}",
            wording::count(lacking),
            wording::counted(all, "unit"),
            wording::percent(observed),
            wording::label(&table.table)
        ));
        let status = if differing.is_some() {
            CheckStatus::Fail
        } else {
            CheckStatus::Warn
        };
        self.judge(status, context.metrics_reading(&table.table));
    }

    fn judge(&mut self, status: CheckStatus, affected: impl IntoIterator<Item = Invalidates>) {
        self.status = worse(self.status, status);
        if status == CheckStatus::Fail {
            self.invalidates.extend(affected);
        }
    }
}
