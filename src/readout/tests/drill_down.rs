//! Facts about the counts behind checks and the diagnosis of a sample ratio mismatch: faults whose cause is known by making.

use proptest::prelude::*;

use super::{read, read_asking};
use crate::checks::support::{Scene, cell, zeros_and_ones};
use crate::domain::definition::{Aggregate, Cap, Direction, MetricKind, Population, Role};
use crate::domain::evidence::{DayCounts, Partition, Slice};
use crate::domain::result::{
    Absence, BreakdownLine, CauseKind, CheckId, Diagnosis, DiagnosisRule, Known, Likelihood,
    Readout, RuleReading, SplitStage,
};

/// Units of old and new, a tenth of each converting.
fn scene(units: [u64; 2]) -> Scene {
    Scene::new(&["old", "new"]).units(&units).proportion(
        "conversion",
        Role::Primary,
        &[(units[0], units[0] / 10), (units[1], units[1] / 10)],
    )
}

fn level(column: &str, name: &str) -> Slice {
    Slice::Segment {
        column: column.to_owned(),
        level: Some(name.to_owned()),
    }
}

fn with_levels(mut scene: Scene, column: &str, levels: &[(&str, [u64; 2])]) -> Scene {
    for (name, units) in levels {
        for (variant, units) in units.iter().enumerate() {
            let cell = cell(zeros_and_ones(*units, units / 10));
            scene.put(0, Partition::Itt, level(column, name), variant, cell);
        }
    }
    scene
}

fn with_days(scene: Scene, days: &[[u64; 2]]) -> Scene {
    let days = days.iter().enumerate().map(|(day, units)| DayCounts {
        day: format!("2026-03-{:02}", day + 1),
        units: units.to_vec(),
    });
    let days = days.collect();
    scene.assignment(|assignment| assignment.by_day = days)
}

/// 5,500 and 4,500 units, in every level and on every day alike.
fn everywhere() -> Scene {
    let scene = with_levels(
        scene([5_500, 4_500]),
        "country",
        &[("DE", [3_300, 2_700]), ("FR", [2_200, 1_800])],
    );
    with_days(scene, &[[550, 450]; 10])
}

#[track_caller]
fn diagnosed(scene: &Scene) -> Diagnosis {
    read(scene).diagnosis.unwrap()
}

#[track_caller]
fn assert_reads(diagnosis: &Diagnosis, rule: DiagnosisRule, reading: RuleReading) {
    let found = diagnosis
        .rules
        .iter()
        .find(|found| found.rule == rule)
        .unwrap();
    assert_eq!(found.reading, reading, "{}", found.evidence);
}

#[track_caller]
fn assert_first(diagnosis: &Diagnosis, kind: CauseKind) {
    let first = diagnosis.causes.first().unwrap();
    assert_eq!(first.kind, kind, "{:?}", diagnosis.causes);
    assert_eq!(first.likelihood, Likelihood::Likely);
    assert!(!first.evidence.is_empty() && first.next.ends_with('.'));
}

#[test]
fn a_sound_split_has_no_diagnosis_unless_it_is_asked_for() {
    let sound = scene([5_000, 5_000]);
    assert_eq!(read(&sound).diagnosis, None);
    let asked = read_asking(&sound, true).diagnosis.unwrap();
    assert_eq!((asked.begins, asked.shown_by.as_slice()), (None, &[][..]));
    assert_eq!(asked.causes, []);
}

#[test]
fn the_ten_rules_are_read_in_order_and_each_says_why() {
    let diagnosis = diagnosed(&everywhere());
    let rules: Vec<DiagnosisRule> = diagnosis.rules.iter().map(|found| found.rule).collect();
    assert_eq!(rules, DiagnosisRule::ALL);
    let numbers: Vec<usize> = rules.iter().map(|rule| rule.number()).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    assert!(
        diagnosis
            .rules
            .iter()
            .all(|found| found.evidence.len() > 10)
    );
    // One readout knows no other experiment, and says so.
    assert_reads(
        &diagnosis,
        DiagnosisRule::Frequency,
        RuleReading::CannotTell,
    );
    assert_reads(&diagnosis, DiagnosisRule::AaTest, RuleReading::CannotTell);
}

#[test]
fn a_mismatch_that_is_everywhere_points_to_assignment() {
    let diagnosis = diagnosed(&everywhere());
    assert_eq!(diagnosis.begins, Some(SplitStage::Assigned));
    assert_reads(&diagnosis, DiagnosisRule::Segments, RuleReading::Silent);
    assert_reads(&diagnosis, DiagnosisRule::Days, RuleReading::Silent);
    assert_first(&diagnosis, CauseKind::Assignment);
    assert!(diagnosis.shown_by.contains(&CheckId::SampleRatio));
}

#[test]
fn a_mismatch_of_one_level_points_to_what_is_particular_to_it() {
    let scene = with_levels(
        scene([5_000, 4_200]),
        "browser",
        &[("new", [3_000, 3_010]), ("old", [2_000, 1_190])],
    );
    let diagnosis = diagnosed(&scene);
    assert_first(&diagnosis, CauseKind::Segment);
    let evidence = &diagnosis.causes[0].evidence[0];
    assert!(evidence.contains("'browser=old'"), "{evidence}");
    assert!(!evidence.contains("'browser=new'"), "{evidence}");
}

#[test]
fn a_mismatch_of_the_first_day_points_to_a_start_that_was_not_together() {
    let mut days = vec![[500, 500]; 9];
    days.insert(0, [900, 300]);
    let diagnosis = diagnosed(&with_days(scene([5_400, 4_800]), &days));
    assert_first(&diagnosis, CauseKind::Timing);
}

#[test]
fn units_lost_by_exclusion_are_found_where_exclusion_happens() {
    let scene = scene([5_000, 4_500]).assignment(|assignment| {
        assignment.by_epoch_before_exclusions = vec![vec![5_010, 4_990]];
        assignment.several_variants = 500;
        assignment.several_by_first_seen = vec![10, 490];
    });
    let diagnosis = diagnosed(&scene);
    assert_eq!(diagnosis.begins, Some(SplitStage::Itt));
    assert_first(&diagnosis, CauseKind::Exclusion);
    let checks = &diagnosis.causes[0].checks;
    assert!(checks.contains(&CheckId::AsymmetricExclusion), "{checks:?}");
}

#[test]
fn a_mismatch_of_the_exposed_alone_points_to_the_trigger() {
    let diagnosis = diagnosed(&scene([5_000, 5_000]).exposed(&[4_000, 3_500]));
    assert_eq!(diagnosis.begins, Some(SplitStage::Exposed));
    assert_eq!(diagnosis.population, Population::Exposed);
    assert_reads(&diagnosis, DiagnosisRule::Populations, RuleReading::Points);
    assert_first(&diagnosis, CauseKind::Trigger);
}

#[test]
fn what_acts_after_the_mismatch_begins_is_never_its_first_cause() {
    // The exposure rate differs too, and fails its check; the units were off before anyone was exposed.
    let diagnosis = diagnosed(&everywhere().exposed(&[5_000, 3_000]));
    let trigger = diagnosis
        .causes
        .iter()
        .find(|cause| cause.kind == CauseKind::Trigger)
        .unwrap();
    assert_eq!(trigger.likelihood, Likelihood::Unlikely);
    assert_first(&diagnosis, CauseKind::Assignment);
    assert_eq!(diagnosis.causes.last(), Some(trigger));
}

#[test]
fn a_variant_that_is_hardly_there_is_hardly_recorded() {
    let diagnosis = diagnosed(&scene([5_000, 1_000]));
    assert_reads(&diagnosis, DiagnosisRule::Severity, RuleReading::Points);
    let kinds: Vec<CauseKind> = diagnosis.causes.iter().map(|cause| cause.kind).collect();
    assert!(kinds.contains(&CauseKind::Recording), "{kinds:?}");
}

#[test]
fn a_guardrail_that_should_not_rise_and_does_points_to_performance() {
    let slow = |latency: f64| {
        let scene = scene([5_500, 4_500]).mean(
            "latency",
            Role::Guardrail,
            4_000,
            &[(800.0, 50.0), (latency, 50.0)],
        );
        diagnosed(&scene.last(|metric| metric.direction = Direction::Decrease))
    };
    let worse = slow(900.0);
    assert_reads(&worse, DiagnosisRule::Performance, RuleReading::Points);
    let same = slow(800.0);
    assert_reads(&same, DiagnosisRule::Performance, RuleReading::Silent);
    let none = diagnosed(&everywhere());
    assert_reads(&none, DiagnosisRule::Performance, RuleReading::CannotTell);
}

#[test]
fn the_engagement_of_those_that_remain_tells_which_kind_was_lost() {
    let kind = |old: u64, new: u64, units: [u64; 2]| {
        let scene = Scene::new(&["old", "new"]).units(&units).proportion(
            "conversion",
            Role::Primary,
            &[(units[0], old), (units[1], new)],
        );
        let diagnosis = diagnosed(&scene);
        let rules = diagnosis.rules.into_iter();
        let found = rules.filter(|found| found.rule == DiagnosisRule::Engagement);
        found.map(|found| found.evidence).collect::<String>()
    };
    let less = kind(550, 900, [5_500, 4_500]);
    assert!(
        less.contains("'new' lacks seem to be its less engaged"),
        "{less}"
    );
    let more = kind(1_100, 450, [5_500, 4_500]);
    assert!(
        more.contains("'new' lacks seem to be its more engaged"),
        "{more}"
    );
    let of_control = kind(900, 550, [4_500, 5_500]);
    assert!(
        of_control.contains("'old' lacks seem to be its less engaged"),
        "{of_control}"
    );
}

#[test]
fn bounds_are_those_of_units_that_all_or_none_convert() {
    // 1,000 units are missing in new: 45 to 1,045 more conversions of 5,500.
    let bounds = &diagnosed(&scene([5_500, 4_500])).bounds[0];
    let relative = bounds.relative.value().unwrap();
    super::assert_close(relative.lower, (450.0 / 5_500.0) / 0.1 - 1.0);
    super::assert_close(relative.upper, (1_450.0 / 5_500.0) / 0.1 - 1.0);
    assert_eq!(bounds.missing.value().unwrap().treatment, 1_000);
    assert!(
        bounds.reason.contains("1,000 units in 'new'"),
        "{}",
        bounds.reason
    );
}

#[test]
fn a_mean_has_bounds_only_where_its_values_have() {
    let of = |aggregate, cap| {
        let scene = Scene::new(&["old", "new"]).units(&[5_500, 4_500]).mean(
            "orders",
            Role::Primary,
            4_000,
            &[(3.0, 1.0), (3.0, 1.0)],
        );
        let scene = scene.last(|metric| {
            metric.value.aggregate = aggregate;
            metric.cap = cap;
        });
        diagnosed(&scene).bounds.remove(0)
    };
    let counted = of(Aggregate::Count, Some(Cap::Value(20.0)));
    assert!(counted.absolute.value().is_some(), "{counted:?}");
    let unbounded = [
        (Aggregate::Count, None),
        // A quantile of the data declares nothing.
        (Aggregate::Count, Some(Cap::Quantile(0.99))),
        // Refunds may take a sum below zero, and nobody says how far.
        (Aggregate::Sum, Some(Cap::Value(20.0))),
    ];
    for (aggregate, cap) in unbounded {
        let found = of(aggregate, cap);
        let absent = Some(Absence::NoDeclaredBound);
        assert_eq!(found.absolute.absence(), absent, "{aggregate} {cap:?}");
        assert_eq!(found.relative.absence(), absent);
        assert!(
            found.reason.contains("nothing declares"),
            "{}",
            found.reason
        );
    }
}

#[test]
fn a_ratio_says_that_it_has_no_bounds() {
    let scene = scene([5_500, 4_500]).last(|metric| metric.kind = MetricKind::Quantile);
    let bounds = diagnosed(&scene).bounds.remove(0);
    assert_eq!(bounds.absolute.absence(), Some(Absence::NotApplicable));
}

#[test]
fn counts_stand_behind_the_checks_that_count_by_part() {
    let readout = read(&everywhere().exposed(&[5_000, 3_000]));
    let with: Vec<CheckId> = readout
        .checks
        .iter()
        .filter(|check| check.breakdown.is_some())
        .map(|check| check.id)
        .collect();
    for id in [
        CheckId::SampleRatio,
        CheckId::SampleRatioOverTime,
        CheckId::SampleRatioBySegment,
        CheckId::ExposureRate,
        CheckId::DifferentialMissingness,
    ] {
        assert!(with.contains(&id), "{id}: {with:?}");
    }
    for check in &readout.checks {
        let Some(breakdown) = &check.breakdown else {
            continue;
        };
        assert!(!breakdown.lines.is_empty());
        for line in &breakdown.lines {
            let found = line.found.value().unwrap();
            assert_eq!(found.counts.len(), breakdown.columns.len(), "{}", line.name);
            for (part, whole) in found.counts.iter().zip(found.of.iter().flatten()) {
                assert!(part <= whole, "{}", line.name);
            }
        }
    }
}

#[test]
fn a_check_that_did_not_run_has_no_counts() {
    let scene = everywhere().experiment(|experiment| experiment.epochs.clear());
    let readout = read(&scene);
    let check = readout
        .checks
        .iter()
        .find(|check| check.id == CheckId::SampleRatio)
        .unwrap();
    assert_eq!(check.breakdown, None, "{:?}", check.status);
}

/// Every line of levels and days that a readout shows anywhere.
fn lines(readout: &Readout) -> Vec<&BreakdownLine> {
    let breakdowns = readout
        .checks
        .iter()
        .filter_map(|check| check.breakdown.as_ref());
    let diagnosis = readout.diagnosis.iter();
    breakdowns
        .flat_map(|breakdown| &breakdown.lines)
        .chain(diagnosis.flat_map(|found| found.segments.iter().chain(&found.days)))
        .collect()
}

#[test]
fn a_level_of_few_people_is_withheld_with_a_sibling_and_named_by_no_evidence() {
    let scene = with_levels(
        scene([5_500, 4_500]),
        "country",
        &[
            ("DE", [3_000, 2_400]),
            ("FR", [2_495, 2_098]),
            ("LI", [5, 2]),
        ],
    );
    let readout = read(&scene);
    let withheld: Vec<&str> = lines(&readout)
        .into_iter()
        .filter(|line| line.found == Known::Absent(Absence::Suppressed))
        .map(|line| line.name.as_str())
        .collect();
    assert!(withheld.contains(&"country=LI") && withheld.contains(&"country=FR"));
    assert!(!withheld.contains(&"country=DE"));
    let diagnosis = readout.diagnosis.unwrap();
    let said: Vec<&String> = diagnosis
        .rules
        .iter()
        .map(|found| &found.evidence)
        .chain(diagnosis.causes.iter().flat_map(|cause| &cause.evidence))
        .collect();
    assert!(
        said.iter().any(|words| words.contains("2 levels withheld")),
        "{said:?}"
    );
    assert!(
        !said.iter().any(|words| words.contains("country=LI")),
        "{said:?}"
    );
}

#[test]
fn days_of_few_people_are_withheld_too() {
    let mut days = vec![[600, 500]; 9];
    days.push([4, 0]);
    let readout = read(&with_days(scene([5_404, 4_500]), &days));
    let hidden = |line: &&BreakdownLine| line.found.value().is_none();
    let names: Vec<&str> = lines(&readout)
        .into_iter()
        .filter(hidden)
        .map(|line| line.name.as_str())
        .collect();
    assert!(
        names.contains(&"2026-03-10") && names.contains(&"2026-03-01"),
        "{names:?}"
    );
}

proptest! {
    /// The whole less what is shown is nobody, or enough people in every variant, in two levels at least.
    #[test]
    fn subtraction_brings_no_level_back(
        levels in prop::collection::vec((0_u64..60, 0_u64..60), 2..8),
    ) {
        let named: Vec<(String, [u64; 2])> = levels
            .iter()
            .enumerate()
            .map(|(index, (old, new))| (format!("level-{index}"), [*old, *new]))
            .collect();
        let named: Vec<(&str, [u64; 2])> =
            named.iter().map(|(name, units)| (name.as_str(), *units)).collect();
        let total = |of: fn(&(u64, u64)) -> u64| levels.iter().map(of).sum::<u64>();
        let (old, new) = (total(|level| level.0), total(|level| level.1));
        // Far off the plan, with units in both variants, so that there is a diagnosis to look at.
        let split = [old + 5_000, new + 100];
        let readout = read(&with_levels(scene(split), "country", &named));
        let diagnosis = readout.diagnosis.as_ref().unwrap();
        let hidden: Vec<&BreakdownLine> = diagnosis
            .segments
            .iter()
            .filter(|line| line.found.value().is_none())
            .collect();
        let shown = |variant: usize| -> u64 {
            let found = diagnosis.segments.iter().filter_map(|line| line.found.value());
            found.map(|found| found.counts[variant]).sum()
        };
        let all_hidden = hidden.len() == diagnosis.segments.len();
        for (variant, all) in [(0, old), (1, new)] {
            let left = all - shown(variant);
            prop_assert!(
                hidden.is_empty() || all_hidden || (hidden.len() > 1 && left >= 10),
                "{left} of {levels:?}"
            );
        }
    }
}
