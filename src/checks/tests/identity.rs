//! Ids and the persons they belong to.

use super::assert_status;
use crate::checks::support::Scene;
use crate::domain::evidence::IdentityCounts;
use crate::domain::result::{Check, CheckId, CheckStatus};

/// `pairs` of a thousand ids a variant are two of one person; `unknown` have none.
fn check(pairs: [u64; 2], unknown: [u64; 2]) -> Check {
    let each = |of: &dyn Fn(usize) -> u64| vec![of(0), of(1)];
    let mut scene = Scene::new(&["old", "new"]);
    scene.summary.identity = Some(IdentityCounts {
        rows: 20_000,
        ids: vec![10_000, 10_000],
        stitched: each(&|variant| 10_000 - unknown[variant]),
        persons: each(&|variant| 10_000 - unknown[variant] - pairs[variant]),
        squares: each(&|variant| 10_000 - unknown[variant] + 2 * pairs[variant]),
        ..IdentityCounts::default()
    });
    scene.check(CheckId::Identity)
}

#[test]
fn persons_with_as_many_ids_in_every_variant_pass() {
    assert_status(&check([500, 510], [1_000, 1_010]), CheckStatus::Pass);
    assert_status(
        &Scene::new(&["old", "new"]).check(CheckId::Identity),
        CheckStatus::NotRun,
    );
}

#[test]
fn more_ids_a_person_in_one_variant_fail() {
    let check = check([100, 500], [0, 0]);
    assert_status(&check, CheckStatus::Fail);
    assert!(
        check
            .finding
            .contains("1.053 ids a person in 'new' against 1.010 in 'old'"),
        "{}",
        check.finding
    );
}

#[test]
fn ids_that_are_known_more_rarely_in_one_variant_fail() {
    let check = check([0, 0], [1_000, 2_000]);
    assert_status(&check, CheckStatus::Fail);
    assert!(
        check.finding.contains("with a person 80.00 %"),
        "{}",
        check.finding
    );
}

#[test]
fn a_sure_difference_that_is_small_passes() {
    assert_status(&check([0, 150], [0, 0]), CheckStatus::Pass);
}
