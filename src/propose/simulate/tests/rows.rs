//! Counts match the rows, and knobs do what they say.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn counts(world: &World) -> &Counts {
    &world.truth.experiments[0].counts
}

/// Whether `count` of `total` is within four standard deviations of `share`.
fn is_share(count: u64, total: u64, share: f64) -> bool {
    let (count, total) = (real(count), real(total));
    (count - total * share).abs() <= 4.0 * (total * share * (1.0 - share)).sqrt()
}

fn real(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

#[test]
fn a_knob_of_one_experiment_shifts_no_row_of_another() {
    let mut scenario = small(|_| {});
    let mut second = scenario.experiments[0].clone();
    second.id = "second".to_owned();
    scenario.experiments.push(second);
    let before = world(&scenario);
    scenario.experiments[0].faults.several_variants = 0.2;
    scenario.experiments[0].behaviours[0].weekly_rate = 2.0;
    let after = world(&scenario);
    let of_second = |world: &World| {
        let rows = world.tables.assignments.iter();
        rows.filter(|row| &*row.experiment == "second")
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(of_second(&before), of_second(&after));
    assert_ne!(before.tables.events, after.tables.events);
}

#[test]
fn a_fault_leaves_every_other_row_as_it_is() {
    let healthy = world(&small(|_| {}));
    let faulty = world(&small(|each| {
        each.faults.several_variants = 0.1;
        each.faults.duplicate_exposures = 0.1;
        each.faults.orphan_events = 5;
    }));
    assert_eq!(healthy.tables.units, faulty.tables.units);
    let first = |world: &World| {
        let mut seen = BTreeMap::new();
        for row in &world.tables.assignments {
            seen.entry(row.unit).or_insert_with(|| row.clone());
        }
        seen
    };
    assert_eq!(first(&healthy), first(&faulty));
    assert_eq!(healthy.tables.events.len() + 5, faulty.tables.events.len());
}

#[test]
fn an_effect_before_it_starts_changes_nothing() {
    let effect = Effect {
        rate: 3.0,
        value: 1.0,
    };
    let with = |rate: f64| {
        small(|each| {
            each.variants[1].exposure_rate = rate;
            each.variants[1]
                .effects
                .insert("purchase".to_owned(), effect);
        })
    };
    // Nobody is exposed, so nobody is changed.
    assert_eq!(
        world(&with(0.0)).tables.events,
        world(&small(|_| {})).tables.events
    );
    assert!(world(&with(1.0)).tables.events.len() > world(&small(|_| {})).tables.events.len());
}

#[test]
fn every_fault_is_counted_to_the_row() {
    let world = world(&small(|each| {
        each.variants[1].lost_share = 0.3;
        each.faults = Faults {
            several_variants: 0.05,
            duplicate_assignments: 0.04,
            duplicate_exposures: 0.03,
            duplicate_events: 0.02,
            early_exposures: 0.05,
            contradictory_exposures: 0.05,
            late_events: 0.1,
            bots: 0.01,
            orphan_exposures: 7,
            orphan_events: 6,
            unknown_variants: 5,
            missing_unit_ids: 4,
            ..Faults::default()
        };
    }));
    let (counts, tables) = (counts(&world), &world.tables);
    let mut variants: BTreeMap<UnitNumber, BTreeSet<&str>> = BTreeMap::new();
    let known = ["control", "treatment"];
    for row in &tables.assignments {
        if let Some(unit) = row.unit.filter(|_| known.contains(&&*row.variant)) {
            variants.entry(unit).or_default().insert(&row.variant);
        }
    }
    let several = variants.values().filter(|each| each.len() > 1).count() as u64;
    assert_eq!(several, counts.units_in_several_variants);
    let assigned: u64 = counts.units_assigned.values().sum();
    let lost: u64 = counts.units_lost.values().sum();
    assert_eq!(variants.len() as u64, assigned);
    assert_eq!(assigned + lost, counts.units_randomised);
    assert_eq!(tables.units.len() as u64, assigned);
    let strays = counts.unknown_variant_rows + counts.missing_unit_id_rows;
    assert_eq!(
        tables.assignments.len() as u64,
        assigned + several + counts.duplicate_assignment_rows + strays
    );
    let missing = tables
        .assignments
        .iter()
        .filter(|row| row.unit.is_none())
        .count() as u64;
    assert_eq!((missing, counts.missing_unit_id_rows), (4, 4));
    let orphans = tables
        .exposures
        .iter()
        .filter(|row| !variants.contains_key(&row.unit))
        .count();
    assert_eq!((orphans as u64, counts.orphan_exposure_rows), (7, 7));
    let unknown = tables
        .events
        .iter()
        .filter(|row| !variants.contains_key(&row.unit))
        .count();
    assert_eq!((unknown as u64, counts.orphan_event_rows), (6, 6));
    assert_eq!(
        copies(&tables.assignments),
        counts.duplicate_assignment_rows
    );
    assert_eq!(copies(&tables.exposures), counts.duplicate_exposure_rows);
    let pairs = tables
        .events
        .windows(2)
        .filter(|pair| pair[0] == pair[1])
        .count() as u64;
    assert_eq!(pairs, counts.duplicate_event_rows);
    // On-time rows arrive within ten minutes and the next load.
    let late_by = |row: &EventRow| row.ingested_at.0 - row.occurred_at.0 > 900_000_000;
    let slow = tables.events.iter().filter(|row| late_by(row)).count() as u64;
    assert!(slow > 0 && slow <= counts.late_event_rows + counts.duplicate_event_rows);
    for count in [
        counts.units_bots,
        counts.units_with_early_exposure,
        counts.units_with_contradictory_exposure,
    ] {
        assert!(count > 0);
    }
}

fn copies<T: PartialEq>(rows: &[T]) -> u64 {
    rows.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64
}

#[test]
fn shares_are_the_knobs_within_chance() {
    let world = world(&small(|each| {
        each.units = 20_000;
        each.variants[1].exposure_rate = 0.4;
        each.variants[1].exposure_selection = 1.0;
        each.faults.several_variants = 0.03;
    }));
    let counts = counts(&world);
    assert!(is_share(counts.units_in_several_variants, 20_000, 0.03));
    assert!(is_share(counts.units_assigned["treatment"], 20_000, 0.5));
    let exposed = counts.units_with_exposure["treatment"];
    assert!(is_share(exposed, counts.units_assigned["treatment"], 0.4));
    assert_eq!(
        counts.units_with_exposure["control"],
        counts.units_assigned["control"]
    );
}

#[test]
fn a_selective_loss_takes_its_share() {
    let world = world(&small(|each| {
        each.units = 20_000;
        each.variants[1].lost_share = 0.2;
        each.variants[1].loss_selection = 1.0;
    }));
    let counts = counts(&world);
    let lost = counts.units_lost["treatment"];
    assert!(is_share(
        lost,
        lost + counts.units_assigned["treatment"],
        0.2
    ));
}

#[test]
fn weights_hold_in_their_epoch() {
    let world = world(&small(|each| {
        each.units = 20_000;
        each.epochs = vec![
            EpochScenario {
                from_day: 0,
                weights: vec![9.0, 1.0],
            },
            EpochScenario {
                from_day: 7,
                weights: vec![1.0, 1.0],
            },
        ];
    }));
    let middle = world.scenario.experiments[0].start.0 + 7 * 86_400_000_000;
    let treated = |early: bool| {
        let rows = world.tables.assignments.iter();
        let rows = rows.filter(|row| (row.assigned_at.0 < middle) == early);
        let (all, treated) = rows.fold((0, 0), |(all, treated), row| {
            (all + 1, treated + u64::from(&*row.variant == "treatment"))
        });
        (treated, all)
    };
    let ((early, all_early), (late, all_late)) = (treated(true), treated(false));
    assert!(is_share(early, all_early, 0.1) && is_share(late, all_late, 0.5));
}

#[test]
fn nothing_happens_after_the_data_end() {
    let mut scenario = small(|_| {});
    let end = scenario.experiments[0].start.0 + 10 * 86_400_000_000;
    scenario.complete_through = crate::domain::definition::Timestamp(end);
    let world = world(&scenario);
    let (tables, counts) = (&world.tables, counts(&world));
    assert!(tables.assignments.iter().all(|row| row.assigned_at.0 < end));
    assert!(tables.exposures.iter().all(|row| row.exposed_at.0 < end));
    assert!(
        tables
            .events
            .iter()
            .all(|row| row.occurred_at < row.ingested_at && row.ingested_at.0 < end)
    );
    assert!(counts.units_randomised < 2_000);
}

#[test]
fn the_covariate_is_what_the_unit_spent_before_assignment() {
    let mut scenario = small(|_| {});
    scenario.covariate = Some(CovariateScenario {
        column: "pre_revenue".to_owned(),
        event: "purchase".to_owned(),
        days: 14,
    });
    let world = world(&scenario);
    let assigned: BTreeMap<_, _> = world
        .tables
        .assignments
        .iter()
        .map(|row| (row.unit.unwrap(), row.assigned_at))
        .collect();
    let mut spent: BTreeMap<UnitNumber, f64> = BTreeMap::new();
    for row in world
        .tables
        .events
        .iter()
        .filter(|row| row.occurred_at < assigned[&row.unit])
    {
        *spent.entry(row.unit).or_default() += row.value.unwrap();
    }
    for row in &world.tables.units {
        let expected = spent.get(&row.unit).copied().unwrap_or(0.0);
        assert!((row.covariate.unwrap() - expected).abs() < 0.006);
    }
}
