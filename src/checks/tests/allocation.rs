//! Facts about how units were split: at every look, over days, by segment, over epochs; and of whom exposure tells otherwise.

use super::assert_status;
use crate::checks::support::{Scene, cell, instant, zeros_and_ones};
use crate::domain::definition::{Epoch, ExperimentStatus, Role};
use crate::domain::evidence::{DayCounts, Partition, Slice};
use crate::domain::result::{CheckId, CheckStatus, Invalidates};

fn running(units: [u64; 2]) -> Scene {
    Scene::new(&["old", "new"])
        .units(&units)
        .experiment(|experiment| experiment.status = ExperimentStatus::Running)
}

fn days(scene: Scene, units: &[[u64; 2]]) -> Scene {
    let counts = units.iter().enumerate();
    let by_day = counts.map(|(day, units)| DayCounts {
        day: format!("2026-03-{:02}", day + 1),
        units: units.to_vec(),
    });
    let by_day = by_day.collect();
    scene.assignment(|assignment| assignment.by_day = by_day)
}

/// Kohavi's 821,588 and 815,482: p = 1.8e-6 at one look, 1.6e-4 at every look.
#[test]
fn while_units_come_the_test_that_holds_at_every_look_decides() {
    let scene = running([821_588, 815_482]);
    let once = scene.check(CheckId::SampleRatio);
    assert_status(&once, CheckStatus::Warn);
    assert!(
        once.finding.contains("every look decides"),
        "{}",
        once.finding
    );
    let always = scene.check(CheckId::SampleRatioSequential);
    assert_status(&always, CheckStatus::Fail);
    let expected = (-8.765_972_292_410_426_f64).exp();
    assert!((always.observed.unwrap() / expected - 1.0).abs() < 1e-7);
    assert_eq!(always.invalidates, [Invalidates::All]);
    let over = Scene::new(&["old", "new"]).units(&[821_588, 815_482]);
    assert_status(&over.check(CheckId::SampleRatio), CheckStatus::Fail);
    assert_status(
        &over.check(CheckId::SampleRatioSequential),
        CheckStatus::Warn,
    );
}

#[test]
fn a_split_far_off_on_few_units_fails_at_once_however_often_one_looks() {
    let scene = running([2_000, 2_400]);
    assert_status(&scene.check(CheckId::SampleRatio), CheckStatus::Fail);
}

#[test]
fn a_split_that_was_off_on_an_earlier_day_is_remembered() {
    let mended = days(
        running([40_000, 40_000]),
        &[[22_000, 18_000], [18_000, 22_000]],
    );
    assert_status(&mended.check(CheckId::SampleRatio), CheckStatus::Pass);
    let always = mended.check(CheckId::SampleRatioSequential);
    assert_status(&always, CheckStatus::Fail);
}

#[test]
fn a_share_that_drifts_warns_and_fails_with_the_whole() {
    let drifting = [
        [1_200, 800],
        [1_100, 900],
        [1_000, 1_000],
        [900, 1_100],
        [800, 1_200],
    ];
    let id = CheckId::SampleRatioOverTime;
    let even = days(
        Scene::new(&["old", "new"]).units(&[5_000, 5_000]),
        &drifting,
    );
    assert_status(&even.check(id), CheckStatus::Warn);
    let uneven = days(
        Scene::new(&["old", "new"]).units(&[5_500, 5_000]),
        &drifting,
    );
    let found = uneven.check(id);
    assert_status(&found, CheckStatus::Fail);
    assert_eq!(found.invalidates, [Invalidates::All]);
    let steady = days(
        Scene::new(&["old", "new"]),
        &[[500, 498], [497, 505], [503, 497]],
    );
    assert_status(&steady.check(id), CheckStatus::Pass);
    let short = days(Scene::new(&["old", "new"]), &[[500, 498], [497, 505]]);
    assert_status(&short.check(id), CheckStatus::NotRun);
}

/// Two levels of a thousand units and one of nobody that anybody would test.
fn segmented(units: [[u64; 2]; 3]) -> Scene {
    let mut scene =
        Scene::new(&["old", "new"]).proportion("conversion", Role::Primary, &[(1_000, 100); 2]);
    for (level, units) in ["DE", "ES", "LU"].into_iter().zip(units) {
        for (variant, units) in units.into_iter().enumerate() {
            let slice = Slice::Segment {
                column: "country".to_owned(),
                level: Some(level.to_owned()),
            };
            scene.put(
                0,
                Partition::Itt,
                slice,
                variant,
                cell(zeros_and_ones(units, units / 10)),
            );
        }
    }
    scene
}

#[test]
fn one_level_that_is_split_otherwise_warns_and_invalidates_itself_with_the_whole() {
    let id = CheckId::SampleRatioBySegment;
    let off = segmented([[620, 480], [500, 510], [30, 2]]);
    let found = off.check(id);
    assert_status(&found, CheckStatus::Warn);
    assert!(found.finding.contains("country=DE"), "{}", found.finding);
    assert!(
        !found.finding.contains("LU"),
        "too few to be tested: {}",
        found.finding
    );
    // One variant has two units in a level that is far off: its name may be told, a number may not.
    let few = segmented([[620, 480], [500, 510], [300, 2]]).check(id);
    assert!(few.finding.contains("country=LU"), "{}", few.finding);
    assert!(!few.finding.contains("300"), "{}", few.finding);
    assert_eq!(few.evaluated, None);
    let whole = off.units(&[1_150, 900]).check(id);
    assert_status(&whole, CheckStatus::Fail);
    assert_eq!(
        whole.invalidates,
        [Invalidates::Slice("country=DE".to_owned())]
    );
    assert_status(
        &segmented([[505, 498], [500, 510], [30, 2]]).check(id),
        CheckStatus::Pass,
    );
    assert_status(
        &segmented([[5, 4], [5, 5], [3, 2]]).check(id),
        CheckStatus::NotRun,
    );
}

fn ramp(late: u64) -> Scene {
    let epoch = |from: &str, weights: [f64; 2]| Epoch {
        from: instant(from),
        weights: weights.to_vec(),
    };
    let mut scene = Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(2_000, 340), (2_000, 460)])
        .experiment(|experiment| {
            experiment.epochs = vec![
                epoch("2026-03-01T00:00:00Z", [3.0, 1.0]),
                epoch("2026-03-08T00:00:00Z", [1.0, 3.0]),
            ];
        });
    let cells = [[(1_500, 150), (500, 50)], [(500, late), (1_500, 3 * late)]];
    for (epoch, variants) in cells.into_iter().enumerate() {
        for (variant, (units, ones)) in variants.into_iter().enumerate() {
            let cell = cell(zeros_and_ones(units, ones));
            scene.put(0, Partition::Itt, Slice::Epoch(epoch), variant, cell);
        }
    }
    scene
}

#[test]
fn weights_that_changed_warn_and_fail_where_pooling_moves_an_effect() {
    let id = CheckId::AllocationChange;
    let moved = ramp(150).check(id);
    assert_status(&moved, CheckStatus::Fail);
    assert_eq!(moved.invalidates, [Invalidates::PooledEstimate]);
    let unmoved = ramp(50).check(id);
    assert_status(&unmoved, CheckStatus::Warn);
    assert!(
        unmoved.finding.contains("does not visibly move"),
        "{}",
        unmoved.finding
    );
    assert_status(&Scene::new(&["old", "new"]).check(id), CheckStatus::NotRun);
}

#[test]
fn units_lost_from_one_variant_fail_only_where_they_are_many() {
    let id = CheckId::AsymmetricExclusion;
    let lost = |several: [u64; 2]| {
        Scene::new(&["old", "new"])
            .units(&[10_000, 10_000])
            .assignment(|counts| {
                counts.several_variants = several.iter().sum();
                counts.several_by_first_seen = several.to_vec();
            })
    };
    assert_status(&lost([40, 120]).check(id), CheckStatus::Fail);
    assert_status(&lost([5, 40]).check(id), CheckStatus::Warn);
    assert_status(&lost([80, 85]).check(id), CheckStatus::Pass);
    assert_status(&lost([0, 0]).check(id), CheckStatus::NotRun);
}

#[test]
fn any_unit_exposed_to_another_variant_warns_and_one_in_a_thousand_fails() {
    let id = CheckId::ContradictingVariant;
    let with = |contradicting: u64| {
        let scene = Scene::new(&["old", "new"]).exposed(&[5_000, 5_000]);
        scene.exposure(|counts| counts.contradicting = vec![contradicting, 0])
    };
    assert_status(&with(0).check(id), CheckStatus::Pass);
    assert_status(&with(1).check(id), CheckStatus::Warn);
    let many = with(200).check(id);
    assert_status(&many, CheckStatus::Fail);
    assert_eq!(many.invalidates, [Invalidates::Exposed]);
    assert_status(&Scene::new(&["old", "new"]).check(id), CheckStatus::NotRun);
}

#[test]
fn who_was_in_which_variant_first_is_not_asked_where_times_do_not_tell() {
    let several = |tied| {
        Scene::new(&["old", "new"])
            .assignment(|counts| {
                counts.several_variants = 100;
                counts.several_by_first_seen = vec![0, 100];
                counts.tied_units = tied;
            })
            .check(CheckId::AsymmetricExclusion)
            .status
    };
    assert_eq!(several(51), CheckStatus::NotRun);
    assert_eq!(several(50), CheckStatus::Fail);
}

#[test]
fn without_weights_nothing_is_said_of_weights_that_changed() {
    let scene = Scene::new(&["old", "new"]).experiment(|experiment| experiment.epochs.clear());
    for id in [CheckId::SampleRatioOverTime, CheckId::SampleRatioBySegment] {
        assert_eq!(scene.check(id).finding, "because no weights are declared");
    }
}

#[test]
fn no_q_is_told_of_a_column_that_has_a_withheld_level() {
    let of = |small: u64| {
        let mut scene = Scene::new(&["old", "new"]).proportion(
            "conversion",
            Role::Primary,
            &[(2_000, 100), (2_000, 120)],
        );
        for (level, units) in [("DE", [1_300, 900]), ("LU", [130, small])] {
            for (variant, units) in units.into_iter().enumerate() {
                let slice = Slice::Segment {
                    column: "country".to_owned(),
                    level: Some(level.to_owned()),
                };
                let sums = cell(zeros_and_ones(units, 0));
                scene.put(0, Partition::Itt, slice, variant, sums);
            }
        }
        scene.check(CheckId::SampleRatioBySegment)
    };
    let told = of(12);
    assert!(told.finding.contains("(q = "), "{}", told.finding);
    let withheld = of(3);
    assert_status(&withheld, CheckStatus::Warn);
    assert!(!withheld.finding.contains("q ="), "{}", withheld.finding);
    assert_eq!(withheld.observed, None);
}
