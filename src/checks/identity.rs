//! The check of who ids belong to (11), where an identity map is given.

use super::finding::{Finding, worse};
use super::share::{all_differing, holm_p};
use super::{Context, share, wording};
use crate::domain::definition::Conventions;
use crate::domain::evidence::{IdentityCounts, JointSums};
use crate::domain::result::{Check, CheckId, CheckStatus, Invalidates, PValue};
use crate::stats::{Comparison, SampleMean, difference};

/// One comparison of a variant with control.
struct Test {
    what: String,
    /// Relative difference.
    relative: f64,
    p: PValue,
}

/// 11: ids a person, and the share of ids that have one, in every variant against control.
pub(super) fn identity(context: &Context<'_>) -> Check {
    let id = CheckId::Identity;
    let Some(counts) = &context.summary.identity else {
        return Finding::not_run("because no identity map is given").into_check(context, id);
    };
    let stitched: u64 = counts.stitched.iter().sum();
    let ids: u64 = counts.ids.iter().sum();
    let Some(rate) = share(stitched, ids) else {
        return Finding::could_not_run("no id was assigned").into_check(context, id);
    };
    let mut tests = stitching(context, counts);
    tests.extend(fragmentation(context, counts));
    let raw: Vec<PValue> = tests.iter().map(|test| test.p).collect();
    for (test, p) in tests.iter_mut().zip(holm_p(&raw)) {
        test.p = p;
    }
    let threshold = context.thresholds.identity_difference;
    let mut status = CheckStatus::Pass;
    let mut sentences = vec![told(counts, rate)];
    for test in tests.iter().filter(|test| test.relative.abs() > threshold) {
        let sure = test.p.p < context.fail_p();
        status = worse(
            status,
            if sure {
                CheckStatus::Fail
            } else {
                CheckStatus::Warn
            },
        );
        sentences.push(format!("{} (p = {})", test.what, wording::p_value(&test.p)));
    }
    let mut finding = Finding::new(status, sentences.join("; "));
    let largest = tests.iter().map(|test| test.relative.abs());
    finding.observed = largest
        .reduce(f64::max)
        .map(|largest| (largest, "largest relative difference from control"));
    let beyond = format!("{} between variants", wording::threshold(threshold));
    finding.thresholds = (
        Some(beyond.clone()),
        Some(format!("{beyond} and p below {}", context.fail_p())),
    );
    finding.evaluated = Some(ids);
    finding.failing = Some(counts.crossing);
    finding.invalidates = vec![Invalidates::All];
    finding.into_check(context, id)
}

/// What the map says, in one sentence.
fn told(counts: &IdentityCounts, rate: f64) -> String {
    let crossing = match (counts.crossing, counts.by_person) {
        (0, _) => String::new(),
        (persons, true) => format!(
            ", {} with ids in several variants",
            wording::counted(persons, "person")
        ),
        (persons, false) => format!(
            ", {} counted in several variants by their ids",
            wording::counted(persons, "person")
        ),
    };
    let shared = match counts.shared {
        0 => String::new(),
        ids => format!(
            ", {} of several persons left as they are",
            wording::counted(ids, "id")
        ),
    };
    format!(
        "{} of assigned ids have a person{crossing}{shared}",
        wording::percent(rate)
    )
}

/// The share of ids with a person.
fn stitching(context: &Context<'_>, counts: &IdentityCounts) -> Vec<Test> {
    let found = all_differing(&counts.stitched, &counts.ids).into_iter();
    found
        .map(|test| Test {
            what: format!("with a person {}", test.sentence(context)),
            relative: test.relative(),
            p: test.p,
        })
        .filter(|test| test.relative.is_finite())
        .collect()
}

/// Ids a person, over persons: Welch's test of the means.
fn fragmentation(context: &Context<'_>, counts: &IdentityCounts) -> Vec<Test> {
    let Some(control) = ids_a_person(counts, 0) else {
        return Vec::new();
    };
    let tests = (1..context.variants().len()).filter_map(|variant| {
        let treatment = ids_a_person(counts, variant)?;
        let comparison = Comparison::new(&control, &treatment, &Conventions::DEFAULT).ok()?;
        let p = difference(&comparison).ok()?.p_value;
        Some(Test {
            what: format!(
                "{:.3} ids a person in {} against {:.3} in {}",
                treatment.mean,
                wording::label(context.variant(variant)),
                control.mean,
                wording::label(context.variant(0))
            ),
            relative: treatment.mean / control.mean - 1.0,
            p,
        })
    });
    tests.collect()
}

fn ids_a_person(counts: &IdentityCounts, variant: usize) -> Option<SampleMean> {
    let of = |by_variant: &[u64]| by_variant.get(variant).copied();
    let (persons, ids) = (of(&counts.persons)?, of(&counts.stitched)?);
    let mut sums = JointSums::new(1);
    sums.add_whole(persons, i128::from(ids), i128::from(of(&counts.squares)?));
    SampleMean::of_quantity(&sums.moments(), 0).ok()
}
