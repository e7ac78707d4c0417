//! Checks of the tables themselves: variant labels (9), unit ids (10), duplicate rows (12), join integrity (14).

mod join;

use std::collections::BTreeMap;

use super::finding::{Finding, above, share_thresholds, worse};
use super::share::{Differing, differing, holm};
use super::{Context, share, wording};
use crate::domain::evidence::{AssignmentCounts, ExposureCounts, RejectionRule};
use crate::domain::result::{Check, CheckId, CheckStatus, Invalidates};

pub(super) use join::join_integrity;

/// At most this many labels are named in a sentence.
const NAMED_LABELS: usize = 5;

/// 9: labels that the experiment does not know, twins of known labels, variants without units.
pub(super) fn variant_vocabulary(context: &Context<'_>) -> Check {
    let unknown = unknown_labels(context);
    let rows: u64 = unknown.iter().map(|(_, rows)| rows).sum();
    let mut faults: Vec<String> = Vec::new();
    if rows > 0 {
        faults.push(unknown_sentence(context, &unknown, rows));
    }
    faults.extend(declared_twins(context));
    faults.extend(empty_variants(context));
    let nameless = rejected(context, RejectionRule::NullVariant);
    let mut finding = if faults.is_empty() && nameless == 0 {
        Finding::new(
            CheckStatus::Pass,
            format!(
                "every label is one of {}, and each has units",
                wording::list(context.variants())
            ),
        )
    } else if faults.is_empty() {
        let rows = wording::counted(nameless, "row");
        Finding::new(CheckStatus::Warn, format!("{rows} without any variant"))
    } else {
        Finding::new(CheckStatus::Fail, faults.join("; "))
    };
    finding.observed = Some((as_double(rows), "rows with an unknown label"));
    finding.thresholds = (
        Some("any row without a variant".to_owned()),
        Some("any unknown label or empty variant".to_owned()),
    );
    finding.failing = Some(rows + nameless);
    finding.invalidates = vec![Invalidates::All];
    finding.into_check(context, CheckId::VariantVocabulary)
}

/// Labels the experiment does not know with their rows; where only ledgers count them, under an empty label.
fn unknown_labels(context: &Context<'_>) -> Vec<(String, u64)> {
    match &context.summary.assignment {
        Some(assignment) => assignment.unknown_labels.clone(),
        None => match rejected(context, RejectionRule::UnknownVariant) {
            0 => Vec::new(),
            rows => vec![(String::new(), rows)],
        },
    }
}

fn unknown_sentence(context: &Context<'_>, unknown: &[(String, u64)], rows: u64) -> String {
    let mut named: Vec<String> = unknown
        .iter()
        .filter(|(name, _)| !name.is_empty())
        .take(NAMED_LABELS)
        .map(|(name, _)| described_label(context, name))
        .collect();
    if unknown.len() > NAMED_LABELS {
        named.push(format!("{} more", unknown.len() - NAMED_LABELS));
    }
    let rows = wording::counted(rows, "row");
    if named.is_empty() {
        format!("{rows} with a label that the experiment does not know")
    } else {
        let labels = wording::list(&named);
        format!("{rows} with a label that the experiment does not know: {labels}")
    }
}

/// A label, and which known one it differs from only by case or space.
fn described_label(context: &Context<'_>, name: &str) -> String {
    let twin = context
        .variants()
        .iter()
        .find(|known| folded(known) == folded(name));
    match twin {
        Some(known) => format!(
            "{} (a case or space twin of {})",
            wording::label(name),
            wording::label(known)
        ),
        None => wording::label(name),
    }
}

/// Declared variants that differ only by case or space: readers, and tables, will confuse them.
fn declared_twins(context: &Context<'_>) -> Option<String> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for variant in context.variants() {
        if let Some(first) = seen.insert(folded(variant), variant) {
            return Some(format!(
                "the variants {} and {} differ only by case or space",
                wording::label(first),
                wording::label(variant)
            ));
        }
    }
    None
}

/// Variants without a unit, though some epoch gives them weight.
fn empty_variants(context: &Context<'_>) -> Option<String> {
    let weighted = |variant: usize| {
        let epochs = &context.experiment.epochs;
        epochs.is_empty()
            || epochs.iter().any(|epoch| {
                epoch
                    .weights
                    .get(variant)
                    .is_some_and(|weight| *weight > 0.0)
            })
    };
    let empty: Vec<String> = context
        .units()
        .iter()
        .enumerate()
        .filter(|(variant, units)| **units == 0 && weighted(*variant))
        .map(|(variant, _)| wording::label(context.variant(variant)))
        .collect();
    (!empty.is_empty()).then(|| format!("no unit in {}", wording::list(&empty)))
}

/// A label without what people and tools change by accident: case and white space.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|character| !character.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// 10: null, empty, placeholder and zero-padded unit ids, as a share of rows.
pub(super) fn unit_ids(context: &Context<'_>) -> Check {
    let counts = &context.summary.identifiers;
    let bad = counts.null + counts.placeholder + counts.zero_padded;
    let Some(observed) = share(bad, counts.rows) else {
        return Finding::not_run("because no table carries unit ids")
            .into_check(context, CheckId::UnitIds);
    };
    let kinds = [
        (counts.null, "null or empty"),
        (counts.placeholder, "a placeholder such as \"null\" or zero"),
        (
            counts.zero_padded,
            "zero-padded where assignments have integers, so that it can never match",
        ),
    ];
    let parts: Vec<String> = kinds
        .iter()
        .filter(|(rows, _)| *rows > 0)
        .map(|(rows, kind)| format!("{} {kind}", wording::count(*rows)))
        .collect();
    let sentence = if parts.is_empty() {
        format!(
            "all {} carry a usable id",
            wording::counted(counts.rows, "row")
        )
    } else {
        format!(
            "{} of rows: {}",
            wording::percent(observed),
            wording::list(&parts)
        )
    };
    // One row is no pile-up: where ids count from 0, that one is a unit like any other, and lost.
    let fail_above = if bad > 1 {
        context.thresholds.bad_ids_fail
    } else {
        1.0
    };
    let mut finding = Finding::new(above(observed, 0.0, fail_above), sentence);
    finding.observed = Some((observed, "share of rows"));
    finding.thresholds = (
        Some("any".to_owned()),
        share_thresholds(0.0, context.thresholds.bad_ids_fail).1,
    );
    finding.evaluated = Some(counts.rows);
    finding.failing = Some(bad);
    finding.invalidates = vec![Invalidates::All];
    finding.into_check(context, CheckId::UnitIds)
}

/// 12: units whose assignment or exposure was logged more than once, and whether that differs between variants.
pub(super) fn duplicates(context: &Context<'_>) -> Check {
    let Some(assignment) = &context.summary.assignment else {
        return Finding::not_run("because there is no assignment table")
            .into_check(context, CheckId::Duplicates);
    };
    let tables = duplicate_tables(context, assignment);
    let thresholds = context.thresholds;
    let mut finding = Finding::new(CheckStatus::Pass, "");
    let mut sentences = Vec::new();
    // Holm over the tables, within which Holm over the variants has been applied already.
    let tests = holm(tables.iter().map(|table| &table.differing));
    for (table, differing) in tables.iter().zip(&tests) {
        let status = table.status(context);
        finding.status = worse(finding.status, status);
        sentences.push(table.sentence());
        // A sure difference among very few units is too little to matter.
        if let Some(differing) = differing
            && status != CheckStatus::Pass
            && differing.p.p < context.fail_p()
        {
            finding.status = CheckStatus::Fail;
            finding.invalidates = vec![Invalidates::All];
            sentences.push(differing.sentence(context));
        }
    }
    finding.sentence = sentences.join("; ");
    let largest = tables.iter().map(|table| table.share).fold(0.0, f64::max);
    finding.observed = Some((largest, "share of units"));
    let (warn, fail) = share_thresholds(thresholds.duplicates_warn, thresholds.duplicates_fail);
    let differential = format!(
        "or above {} and p below {} between variants",
        wording::threshold(thresholds.duplicates_warn),
        context.fail_p()
    );
    finding.thresholds = (warn, fail.map(|fail| format!("{fail}, {differential}")));
    finding.evaluated = Some(assignment.units);
    finding.failing = tables.iter().map(|table| table.affected).max();
    finding.into_check(context, CheckId::Duplicates)
}

struct DuplicateTable {
    name: &'static str,
    affected: u64,
    units: u64,
    share: f64,
    differing: Option<Differing>,
}

impl DuplicateTable {
    fn status(&self, context: &Context<'_>) -> CheckStatus {
        let thresholds = context.thresholds;
        above(
            self.share,
            thresholds.duplicates_warn,
            thresholds.duplicates_fail,
        )
    }

    fn sentence(&self) -> String {
        if self.affected == 0 {
            return format!("no unit has duplicate {} rows", self.name);
        }
        format!(
            "{} of {} ({}) have duplicate {} rows",
            wording::count(self.affected),
            wording::counted(self.units, "unit"),
            wording::percent(self.share),
            self.name
        )
    }
}

fn duplicate_tables(context: &Context<'_>, assignment: &AssignmentCounts) -> Vec<DuplicateTable> {
    let before = super::total(
        &assignment.by_epoch_before_exclusions,
        context.variants().len(),
    );
    let assigned = if before.iter().sum::<u64>() > 0 {
        before
    } else {
        context.units()
    };
    let mut tables = vec![duplicate_table(
        "assignment",
        &assignment.duplicate_units,
        &assigned,
    )];
    if let Some(exposure) = &context.summary.exposure {
        let met = met(exposure, context.variants().len());
        tables.push(duplicate_table("exposure", &exposure.duplicate_units, &met));
    }
    if context.weights_changed() {
        // They are not counted by epoch, and a bad day would look like a bad variant.
        for table in &mut tables {
            table.differing = None;
        }
    }
    tables
}

fn duplicate_table(name: &'static str, affected: &[u64], units: &[u64]) -> DuplicateTable {
    let (failing, whole) = (affected.iter().sum(), units.iter().sum());
    DuplicateTable {
        name,
        affected: failing,
        units: whole,
        share: share(failing, whole).unwrap_or(0.0),
        differing: differing(affected, units),
    }
}

/// Assigned units with any exposure row, by variant.
pub(super) fn met(exposure: &ExposureCounts, width: usize) -> Vec<u64> {
    let at = |counts: &[u64], variant: usize| counts.get(variant).copied().unwrap_or(0);
    (0..width)
        .map(|variant| at(&exposure.exposed, variant) + at(&exposure.only_invalid, variant))
        .collect()
}

/// Rows rejected by a rule over all tables.
fn rejected(context: &Context<'_>, rule: RejectionRule) -> u64 {
    context
        .summary
        .ledgers
        .iter()
        .filter_map(|ledger| ledger.rejected().get(&rule.into()).copied())
        .sum()
}

#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
const fn as_double(rows: u64) -> f64 {
    rows as f64
}
