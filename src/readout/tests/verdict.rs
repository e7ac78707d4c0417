//! Facts about the verdict, a clause a test, and which clause goes before which.

use super::read;
use crate::checks::support::{Scene, instant};
use crate::domain::definition::{Direction, ExperimentStatus, Magnitude, Role};
use crate::domain::evidence::OutcomeCounts;
use crate::domain::result::{Verdict, VerdictClause, VerdictWord};

/// 20 % against 25 % of 2,000: χ² = 14.3, p = 0.0002.
const BETTER: [(u64, u64); 2] = [(2_000, 400), (2_000, 500)];
const WORSE: [(u64, u64); 2] = [(2_000, 500), (2_000, 400)];
const SAME: [(u64, u64); 2] = [(2_000, 400), (2_000, 402)];

fn scene() -> Scene {
    Scene::new(&["old", "new"]).units(&[2_000, 2_000])
}

fn winning() -> Scene {
    scene().proportion("conversion", Role::Primary, &BETTER)
}

/// A guardrail of 2,000 units with a relative margin of 2 %: means in control and treatment, spread 10 around them.
fn guarded(scene: Scene, treatment: f64) -> Scene {
    scene
        .mean(
            "revenue",
            Role::Guardrail,
            2_000,
            &[(100.0, 10.0), (treatment, 10.0)],
        )
        .margin(Magnitude::Relative(0.02))
}

fn before_planned_end(scene: Scene) -> Scene {
    scene.experiment(|experiment| {
        experiment.status = ExperimentStatus::Running;
        experiment.plan.end = Some(instant("2026-05-01T00:00:00Z"));
    })
}

fn mismatched(scene: Scene) -> Scene {
    scene.units(&[2_000, 2_400])
}

#[track_caller]
fn verdict(scene: &Scene, word: VerdictWord, clause: VerdictClause) -> Verdict {
    let found = read(scene).verdicts.remove(0);
    assert_eq!((found.word, found.clause), (word, clause), "{found:?}");
    found
}

#[test]
fn a_primary_that_improves_with_no_guardrail_ships() {
    let found = verdict(
        &winning(),
        VerdictWord::Ship,
        VerdictClause::PrimaryImproves,
    );
    assert!(
        found.reason.starts_with("conversion improves: +25.00 % ["),
        "{}",
        found.reason
    );
    assert!(found.notes.is_empty(), "{:?}", found.notes);
}

#[test]
fn a_primary_that_improves_with_every_guardrail_passing_ships() {
    let found = verdict(
        &guarded(winning(), 100.0),
        VerdictWord::Ship,
        VerdictClause::PrimaryImproves,
    );
    assert!(found.reason.ends_with("its guardrail passes"));
}

#[test]
fn a_decrease_is_an_improvement_where_a_decrease_is_good() {
    let scene = scene()
        .proportion("refund", Role::Primary, &WORSE)
        .last(|metric| metric.direction = Direction::Decrease);
    let found = verdict(&scene, VerdictWord::Ship, VerdictClause::PrimaryImproves);
    assert!(found.reason.contains("\u{2212}20.00 %"), "{}", found.reason);
}

#[test]
fn a_check_that_invalidates_everything_makes_it_invalid() {
    let found = verdict(
        &mismatched(winning()),
        VerdictWord::Invalid,
        VerdictClause::CheckFailed,
    );
    assert!(
        found
            .reason
            .starts_with("the check \"Sample ratio\" failed: 'old' 2,000")
    );
}

#[test]
fn a_check_that_invalidates_a_primary_makes_it_invalid_but_a_secondary_does_not() {
    let broken = |role| {
        let mut scene = winning()
            .proportion("refund", role, &WORSE)
            .last(|metric| metric.value.table = "refunds".to_owned());
        scene.summary.outcomes = vec![OutcomeCounts {
            table: "refunds".to_owned(),
            rows: 10,
            orphan_rows: 10,
            future_rows: None,
            ..OutcomeCounts::default()
        }];
        scene
    };
    verdict(
        &broken(Role::Primary),
        VerdictWord::Invalid,
        VerdictClause::CheckFailed,
    );
    // Its deterioration cannot be believed either.
    let found = verdict(
        &broken(Role::Secondary),
        VerdictWord::Ship,
        VerdictClause::PrimaryImproves,
    );
    assert!(found.notes[0].contains("stands against metric refund"));
}

#[test]
fn a_guardrail_beyond_its_margin_is_not_shipped_even_under_a_winning_primary() {
    let found = verdict(
        &guarded(winning(), 95.0),
        VerdictWord::DoNotShip,
        VerdictClause::GuardrailBreached,
    );
    assert!(
        found
            .reason
            .starts_with("revenue is beyond its margin of \u{2212}2 %: \u{2212}5.00 % ["),
        "{}",
        found.reason
    );
}

#[test]
fn a_primary_or_secondary_that_is_significantly_worse_is_not_shipped() {
    let clause = VerdictClause::SignificantlyWorse;
    let primary = scene().proportion("conversion", Role::Primary, &WORSE);
    verdict(&primary, VerdictWord::DoNotShip, clause);
    let secondary = winning().proportion("retention", Role::Secondary, &WORSE);
    let found = verdict(&secondary, VerdictWord::DoNotShip, clause);
    assert!(found.reason.contains("Bonferroni over 2 metrics"));
    let diagnostic = winning().proportion("retention", Role::Diagnostic, &WORSE);
    verdict(
        &diagnostic,
        VerdictWord::Ship,
        VerdictClause::PrimaryImproves,
    );
}

/// 500 against 448 of 2,000: p = 0.053 doubled is not significant, 440: p = 0.026 alone is, of two it is not.
#[test]
fn deterioration_is_corrected_for_the_metrics_tested() {
    let slightly = [(2_000, 500), (2_000, 440)];
    let alone = scene().proportion("conversion", Role::Primary, &slightly);
    verdict(
        &alone,
        VerdictWord::DoNotShip,
        VerdictClause::SignificantlyWorse,
    );
    let one_of_two = alone.proportion("retention", Role::Secondary, &SAME);
    verdict(
        &one_of_two,
        VerdictWord::Inconclusive,
        VerdictClause::NothingSignificant,
    );
}

#[test]
fn before_the_planned_end_it_keeps_running() {
    let found = verdict(
        &before_planned_end(winning()),
        VerdictWord::KeepRunning,
        VerdictClause::BeforePlannedEnd,
    );
    assert_eq!(
        found.reason,
        "the planned end 2026-05-01T00:00:00Z is not reached at 2026-04-01T00:00:00Z"
    );
}

#[test]
fn the_planned_end_itself_is_past() {
    let scene = winning().experiment(|experiment| {
        experiment.plan.end = Some(instant("2026-04-01T00:00:00Z"));
    });
    verdict(&scene, VerdictWord::Ship, VerdictClause::PrimaryImproves);
}

#[test]
fn a_concluded_experiment_without_a_planned_end_is_past_it() {
    let end = Some(instant("2026-05-01T00:00:00Z"));
    let concluded = winning().experiment(|experiment| experiment.end = end);
    verdict(
        &concluded,
        VerdictWord::Ship,
        VerdictClause::PrimaryImproves,
    );
    let running = concluded.experiment(|experiment| experiment.status = ExperimentStatus::Running);
    verdict(
        &running,
        VerdictWord::KeepRunning,
        VerdictClause::BeforePlannedEnd,
    );
}

#[test]
fn a_running_experiment_without_any_end_is_told_about_peeking() {
    let scene = winning().experiment(|experiment| {
        experiment.status = ExperimentStatus::Running;
    });
    let found = verdict(&scene, VerdictWord::Ship, VerdictClause::PrimaryImproves);
    assert!(found.notes[0].starts_with("no planned end is declared"));
}

#[test]
fn an_improvement_with_a_guardrail_not_shown_is_inconclusive() {
    // 99 ± 0.6 around a margin of 98 would pass; 98.2 is neither shown.
    let found = verdict(
        &guarded(winning(), 98.2),
        VerdictWord::Inconclusive,
        VerdictClause::GuardrailNotShown,
    );
    assert!(
        found
            .reason
            .contains("; but guardrail revenue is inconclusive")
    );
}

#[test]
fn a_guardrail_without_a_margin_can_never_pass() {
    let scene = winning().mean(
        "revenue",
        Role::Guardrail,
        2_000,
        &[(100.0, 10.0), (120.0, 10.0)],
    );
    let found = verdict(
        &scene,
        VerdictWord::Inconclusive,
        VerdictClause::GuardrailNotShown,
    );
    assert!(
        found
            .reason
            .ends_with("guardrail revenue could not be judged: it has no margin to be judged by"),
        "{}",
        found.reason
    );
}

#[test]
fn an_improvement_on_too_little_data_is_inconclusive() {
    let scene = scene().proportion("conversion", Role::Primary, &[(40, 5), (40, 30)]);
    let found = verdict(
        &scene,
        VerdictWord::Inconclusive,
        VerdictClause::InsufficientData,
    );
    assert!(found.reason.contains("40 units in 'old', fewer than 50"));
}

#[test]
fn too_little_data_blocks_shipping_only() {
    let scene = scene().proportion("conversion", Role::Primary, &[(40, 30), (40, 5)]);
    verdict(
        &scene,
        VerdictWord::DoNotShip,
        VerdictClause::SignificantlyWorse,
    );
}

/// 100 against 100.05, se 0.32: the lift lies within ± 1 %, not within ± 0.5 %.
#[test]
fn an_interval_inside_the_minimum_effect_is_no_meaningful_effect() {
    let small = |size: f64| {
        scene()
            .mean(
                "revenue",
                Role::Primary,
                2_000,
                &[(100.0, 10.0), (100.05, 10.0)],
            )
            .last(|metric| metric.minimum_effect = Some(Magnitude::Relative(size)))
    };
    let found = verdict(
        &small(0.01),
        VerdictWord::NoMeaningfulEffect,
        VerdictClause::InsideMinimumEffect,
    );
    assert!(
        found.reason.contains("lies inside ±1 %"),
        "{}",
        found.reason
    );
    verdict(
        &small(0.005),
        VerdictWord::Inconclusive,
        VerdictClause::NothingSignificant,
    );
    let two = small(0.01).proportion("conversion", Role::Primary, &SAME);
    verdict(
        &two,
        VerdictWord::Inconclusive,
        VerdictClause::NothingSignificant,
    );
}

/// 20 % against 20.1 %: the difference of 0.001 is held against 0.05, so it is shown as a difference.
#[test]
fn an_absolute_minimum_effect_is_shown_beside_the_absolute_interval() {
    let scene = scene()
        .proportion("conversion", Role::Primary, &SAME)
        .last(|metric| metric.minimum_effect = Some(Magnitude::Absolute(0.05)));
    let found = verdict(
        &scene,
        VerdictWord::NoMeaningfulEffect,
        VerdictClause::InsideMinimumEffect,
    );
    assert!(
        found
            .reason
            .starts_with("conversion: +0.001000 [\u{2212}0.0238"),
        "{}",
        found.reason
    );
}

/// 100 against 101, se 0.32: sure, and smaller than 3 %.
#[test]
fn a_significant_effect_smaller_than_what_matters_ships_with_a_note() {
    let scene = scene()
        .mean(
            "revenue",
            Role::Primary,
            2_000,
            &[(100.0, 10.0), (101.0, 10.0)],
        )
        .last(|metric| metric.minimum_effect = Some(Magnitude::Relative(0.03)));
    let found = verdict(&scene, VerdictWord::Ship, VerdictClause::PrimaryImproves);
    assert!(
        found.notes[0].contains("but by less than 3 %"),
        "{:?}",
        found.notes
    );
}

#[test]
fn nothing_significant_is_inconclusive_with_its_numbers() {
    let scene = scene().proportion("conversion", Role::Primary, &SAME);
    let found = verdict(
        &scene,
        VerdictWord::Inconclusive,
        VerdictClause::NothingSignificant,
    );
    assert!(
        found.reason.contains("conversion: +0.50 % ["),
        "{}",
        found.reason
    );
}

#[test]
fn a_primary_without_an_effect_says_why() {
    let scene = scene()
        .proportion("conversion", Role::Primary, &[(0, 0), (0, 0)])
        .cell(0, 0, |cell| cell.open = 2_000)
        .cell(0, 1, |cell| cell.open = 2_000);
    let found = verdict(
        &scene,
        VerdictWord::Inconclusive,
        VerdictClause::NothingSignificant,
    );
    assert!(found.reason.contains("no window has ended yet"));
}

#[test]
fn without_a_primary_there_is_nothing_to_decide_by() {
    let scene = scene().proportion("conversion", Role::Secondary, &BETTER);
    verdict(&scene, VerdictWord::Inconclusive, VerdictClause::NoPrimary);
}

#[test]
fn an_exploratory_readout_has_no_verdict_whatever_it_shows() {
    for mut scene in [
        winning(),
        mismatched(winning()),
        before_planned_end(winning()),
    ] {
        scene.exploratory = Some("--level 0.9".to_owned());
        let found = verdict(&scene, VerdictWord::None, VerdictClause::Exploratory);
        assert!(found.reason.contains("--level 0.9"));
    }
}

#[test]
fn each_clause_goes_before_the_next() {
    let breached_and_worse =
        guarded(winning(), 95.0).proportion("retention", Role::Secondary, &WORSE);
    verdict(
        &mismatched(before_planned_end(breached_and_worse.clone())),
        VerdictWord::Invalid,
        VerdictClause::CheckFailed,
    );
    verdict(
        &before_planned_end(breached_and_worse),
        VerdictWord::DoNotShip,
        VerdictClause::GuardrailBreached,
    );
    verdict(
        &before_planned_end(winning().proportion("retention", Role::Secondary, &WORSE)),
        VerdictWord::DoNotShip,
        VerdictClause::SignificantlyWorse,
    );
    verdict(
        &before_planned_end(scene().proportion("conversion", Role::Secondary, &BETTER)),
        VerdictWord::KeepRunning,
        VerdictClause::BeforePlannedEnd,
    );
}

/// The improvement of 440 to 500 has p = 0.026 alone; of two variants Holm makes it 0.052.
#[test]
fn the_same_improvement_ships_alone_and_not_as_one_of_two_variants() {
    let alone = scene().proportion("conversion", Role::Primary, &[(2_000, 440), (2_000, 500)]);
    let found = verdict(&alone, VerdictWord::Ship, VerdictClause::PrimaryImproves);
    assert!(!found.reason.contains("corrected"), "{}", found.reason);
    let of_two = Scene::new(&["old", "new", "newer"])
        .units(&[2_000; 3])
        .proportion(
            "conversion",
            Role::Primary,
            &[(2_000, 440), (2_000, 500), (2_000, 441)],
        );
    verdict(
        &of_two,
        VerdictWord::Inconclusive,
        VerdictClause::NothingSignificant,
    );
}

#[test]
fn each_variant_has_its_own_verdict() {
    let scene = Scene::new(&["old", "bad", "good"])
        .units(&[2_000; 3])
        .proportion(
            "conversion",
            Role::Primary,
            &[(2_000, 400), (2_000, 250), (2_000, 550)],
        );
    let words: Vec<_> = read(&scene)
        .verdicts
        .into_iter()
        .map(|verdict| (verdict.variant, verdict.word))
        .collect();
    assert_eq!(
        words,
        [
            ("bad".to_owned(), VerdictWord::DoNotShip),
            ("good".to_owned(), VerdictWord::Ship)
        ]
    );
}

#[test]
fn warnings_are_noted() {
    let scene = winning()
        .cell(0, 1, |cell| cell.open = 300)
        .assignment(|counts| counts.several_variants = 30);
    let found = verdict(&scene, VerdictWord::Ship, VerdictClause::PrimaryImproves);
    let holds = |text: &str| found.notes.iter().any(|note| note.contains(text));
    assert!(
        holds("check \"Units in several variants\" warns"),
        "{:?}",
        found.notes
    );
    assert!(
        holds("6.98 % of units are not in conversion yet"),
        "{:?}",
        found.notes
    );
}
